//! Analyses into the library.

use rusqlite::{Transaction, named_params};
use undersong_core::delivery::Delivery;
use undersong_core::timeline::{Reading, Timeline, Window};

use super::error::Result;
use super::files::{Placed, ReadFile, place_file};
use super::hashing::Hash;
use super::packed::pack;
use super::settings::{REVISION, Settings, emotion_ids};
use super::store::{Library, now_ms};

/// A file that was read, and what is in it.
#[derive(Debug)]
pub(super) struct Kept<'a> {
    pub(super) file: ReadFile,
    /// `None`: it could not be decoded.
    pub(super) sound: Option<Hash>,
    /// The sound's analysis, if it was just made.
    pub(super) analysed: Option<&'a Timeline>,
    /// Why there is no analysis.
    pub(super) error: Option<String>,
}

impl Library {
    /// Keeps files and analyses, all in one step; gives where each file found its place.
    pub(super) fn keep(
        &mut self,
        settings: &Settings,
        setting: i64,
        engine: &str,
        kept: &[Kept<'_>],
    ) -> Result<Vec<Placed>> {
        if kept.is_empty() {
            return Ok(Vec::new());
        }
        self.write(|transaction| {
            let emotions = emotion_ids(transaction, &settings.emotions)?;
            kept.iter()
                .map(|kept| {
                    let sound = kept
                        .sound
                        .map(|hash| keep_sound(transaction, &hash))
                        .transpose()?;
                    if let (Some(sound), Some(take)) = (sound, kept.analysed) {
                        keep_analysis(transaction, sound, setting, engine, &emotions, take)?;
                    }
                    place_file(transaction, &kept.file, sound, kept.error.as_deref())
                })
                .collect()
        })
    }
}

fn keep_sound(transaction: &Transaction<'_>, hash: &Hash) -> rusqlite::Result<i64> {
    transaction.query_row(
        // Setting the hash to itself has the row's number told also where it is there already.
        "INSERT INTO sounds (hash) VALUES (?1) ON CONFLICT (hash) DO UPDATE SET hash = excluded.hash RETURNING id",
        [hash],
        |row| row.get(0),
    )
}

fn keep_analysis(
    transaction: &Transaction<'_>,
    sound: i64,
    setting: i64,
    engine: &str,
    emotions: &[i64],
    take: &Timeline,
) -> rusqlite::Result<()> {
    let reading = take.summary.reading.as_ref();
    let leading = reading.and_then(|reading| reading.scores.leading());
    let number = |of: fn(&Reading) -> f32| reading.map(of).map(f64::from);
    let (confidence_least, confidence_most) = extremes(take, |reading| reading.confidence);
    let (valence_least, valence_most) = extremes(take, |reading| reading.valence);
    let (arousal_least, arousal_most) = extremes(take, |reading| reading.arousal);
    let whole = |of: fn(&Delivery) -> Option<f64>| of(&take.summary.delivery.as_ref()?.voice);
    let loudness = delivered_extremes(take, |delivery| delivery.loudness_lufs);
    let pitch = delivered_extremes(take, |delivery| delivery.pitch_hz);
    let rate = delivered_extremes(take, |delivery| delivery.syllables_per_second);
    if take.summary.delivery.is_none() && has_delivery(transaction, sound, setting)? {
        return Ok(());
    }
    // With what belonged to an analysis that it takes the place of.
    transaction.execute(
        "DELETE FROM analyses WHERE sound = ?1 AND setting = ?2",
        (sound, setting),
    )?;
    let analysis: i64 = transaction.query_row(
        "INSERT INTO analyses (sound, setting, seconds, voiced_seconds, emotion, confidence, valence, arousal, unsure,
           confidence_least, confidence_most, valence_least, valence_most, arousal_least, arousal_most, engine, revision, analysed_ms,
           delivered, loudness, loudness_least, loudness_most, pitch, pitch_least, pitch_most, rate, rate_least, rate_most)
         VALUES (:sound, :setting, :seconds, :voiced_seconds, :emotion, :confidence, :valence, :arousal, :unsure,
           :confidence_least, :confidence_most, :valence_least, :valence_most, :arousal_least, :arousal_most, :engine, :revision, :analysed_ms,
           :delivered, :loudness, :loudness_least, :loudness_most, :pitch, :pitch_least, :pitch_most, :rate, :rate_least, :rate_most)
         RETURNING id",
        named_params! {
            ":sound": sound,
            ":setting": setting,
            ":seconds": take.seconds,
            ":voiced_seconds": take.summary.voiced_seconds,
            ":emotion": leading.and_then(|index| emotions.get(index)),
            ":confidence": number(|reading| reading.confidence),
            ":valence": number(|reading| reading.valence),
            ":arousal": number(|reading| reading.arousal),
            ":unsure": reading.is_none_or(|reading| reading.unsure),
            ":confidence_least": confidence_least,
            ":confidence_most": confidence_most,
            ":valence_least": valence_least,
            ":valence_most": valence_most,
            ":arousal_least": arousal_least,
            ":arousal_most": arousal_most,
            ":engine": engine,
            ":revision": REVISION,
            ":analysed_ms": now_ms(),
            ":delivered": take.summary.delivery.is_some(),
            ":loudness": whole(|delivery| delivery.loudness_lufs),
            ":loudness_least": loudness.0,
            ":loudness_most": loudness.1,
            ":pitch": whole(|delivery| delivery.pitch_hz),
            ":pitch_least": pitch.0,
            ":pitch_most": pitch.1,
            ":rate": whole(|delivery| delivery.syllables_per_second),
            ":rate_least": rate.0,
            ":rate_most": rate.1,
        },
        |row| row.get(0),
    )?;
    if take.windows.iter().any(Window::voiced) {
        let mut statement = transaction.prepare(
            "INSERT INTO scores (analysis, emotion, mean, peak, share) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?;
        for (index, emotion) in emotions.iter().enumerate() {
            let mean = reading.and_then(|reading| reading.scores.0.get(index).copied());
            let peak = take
                .windows
                .iter()
                .filter_map(|window| window.reading.as_ref()?.scores.0.get(index).copied())
                .fold(0.0, f32::max);
            let share = take.summary.shares.get(index).copied().unwrap_or(0.0);
            statement.execute((
                analysis,
                emotion,
                mean.map_or(0.0, f64::from),
                f64::from(peak),
                share,
            ))?;
        }
    }
    transaction.execute(
        "INSERT INTO timelines (analysis, packed) VALUES (?1, ?2)",
        (analysis, pack(take)),
    )?;
    Ok(())
}

/// Whether there is an analysis by this program that tells of the delivery, too: one without tells nothing new.
fn has_delivery(transaction: &Transaction<'_>, sound: i64, setting: i64) -> rusqlite::Result<bool> {
    transaction
        .prepare("SELECT 1 FROM analyses WHERE sound = ?1 AND setting = ?2 AND revision = ?3 AND delivered")?
        .exists((sound, setting, REVISION))
}

/// Least and most over the windows with voice.
fn extremes(take: &Timeline, of: fn(&Reading) -> f32) -> (Option<f64>, Option<f64>) {
    let values = || {
        take.windows
            .iter()
            .filter_map(|window| window.reading.as_ref().map(of))
    };
    (
        values().reduce(f32::min).map(f64::from),
        values().reduce(f32::max).map(f64::from),
    )
}

/// Least and most over the windows that have such a measure.
fn delivered_extremes(
    take: &Timeline,
    of: fn(&Delivery) -> Option<f64>,
) -> (Option<f64>, Option<f64>) {
    let values = || {
        take.windows
            .iter()
            .filter_map(|window| of(window.delivery.as_ref()?))
    };
    (values().reduce(f64::min), values().reduce(f64::max))
}

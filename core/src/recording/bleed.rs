//! Crosstalk: another speaker's voice in a microphone does not make a speaker.
//!
//! Each microphone hears its own speaker loudest. While somebody else's track has voice that is louder by more than
//! [`DEFAULT_BLEED_DB`], the voice in this track is taken for theirs. Levels are the mean power over about a quarter of a second, so that the
//! syllables' ups and downs and the milliseconds that sound takes from one microphone to the other do not matter.
//!
//! The default comes from the *3-to-1 rule* of setting up microphones: a microphone three times as far from the other voice as from its own
//! hears it 20·log10(3) = 9.5 dB lower. The rule compares levels as they are in the files: set the gains so that each speaker is about equally
//! loud, as one does for a mix. People who talk at once both count, unless one is louder by that much. Normalising levels by each
//! microphone's noise, or following correlations (Pfau, Ellis & Stolcke, "Multispeaker speech activity detection for the ICSI meeting
//! recorder", ASRU 2001), would do without equal gains; a microphone nobody talks into would then look like one that is merely set low.

use super::activity::{Activity, smoothed};
use crate::voice::VoiceDetector;

/// Another track must be so much louder for a voice to be its bleed, in dB.
pub const DEFAULT_BLEED_DB: f64 = 9.5;

/// Steps to either side over which levels are taken: 17 steps are 0.27 s.
const AROUND_STEPS: usize = 8;

/// A voice that has just ended, or is about to begin, may still be heard elsewhere: so many steps, 0.26 s.
const LINGER_STEPS: usize = 16;

/// A voice between two stretches of bleed that is shorter than this is bleed too, in steps: 0.1 s.
const FLICKER_STEPS: usize = 6;

/// Per track, and step of the [`VoiceDetector`], whether its voice is another track's, `[tracks][steps]`; the module says how.
///
/// `louder_db` infinite finds no bleed.
pub fn bleed(tracks: &[&Activity], louder_db: f64) -> Vec<Vec<bool>> {
    if tracks.len() < 2 || louder_db == f64::INFINITY {
        return tracks
            .iter()
            .map(|it| vec![false; it.voiced.len()])
            .collect();
    }
    let levels: Vec<Vec<f32>> = tracks
        .iter()
        .map(|it| smoothed(&it.level_db, AROUND_STEPS))
        .collect();
    let speaking: Vec<Vec<bool>> = tracks.iter().map(|it| lingering(&it.voiced)).collect();
    (0..tracks.len())
        .map(|own| {
            let mut elsewhere: Vec<bool> = (0..tracks[own].voiced.len())
                .map(|step| {
                    let level = levels[own].get(step).copied().unwrap_or(f32::MAX);
                    let others = (0..tracks.len()).filter(|&other| other != own);
                    tracks[own].voiced[step]
                        && others
                            .filter(|&other| speaking[other].get(step) == Some(&true))
                            .filter_map(|other| levels[other].get(step))
                            .any(|other| f64::from(other - level) > louder_db)
                })
                .collect();
            settle(&mut elsewhere, &tracks[own].voiced);
            elsewhere
        })
        .collect()
}

/// Steps less than [`LINGER_STEPS`] from voice.
fn lingering(voiced: &[bool]) -> Vec<bool> {
    let mut lingering = vec![false; voiced.len()];
    for (start, end) in runs(voiced) {
        let end = (end + LINGER_STEPS).min(voiced.len());
        if let Some(run) = lingering.get_mut(start.saturating_sub(LINGER_STEPS)..end) {
            run.fill(true);
        }
    }
    lingering
}

/// A voice too short to be one, at the edge of bleed, is bleed.
fn settle(elsewhere: &mut [bool], voiced: &[bool]) {
    let own: Vec<bool> = voiced
        .iter()
        .zip(elsewhere.iter())
        .map(|(&voiced, &elsewhere)| voiced && !elsewhere)
        .collect();
    for (start, end) in runs(&own) {
        let beside = start > 0 && elsewhere.get(start - 1) == Some(&true)
            || elsewhere.get(end) == Some(&true);
        if end - start < FLICKER_STEPS
            && beside
            && let Some(run) = elsewhere.get_mut(start..end)
        {
            run.fill(true);
        }
    }
}

/// Seconds of a count of steps.
pub(super) fn seconds(steps: usize) -> f64 {
    steps as f64 * VoiceDetector::STEP_SECONDS
}

/// Runs of `true` as `(start, end)`, the end not included.
pub(super) fn runs(flags: &[bool]) -> Vec<(usize, usize)> {
    let mut runs = Vec::new();
    let mut start = None;
    for (index, &flag) in flags.iter().chain([&false]).enumerate() {
        match (flag, start) {
            (true, None) => start = Some(index),
            (false, Some(from)) => {
                runs.push((from, index));
                start = None;
            }
            _ => {}
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A track of `(steps, level in dB, voiced)`.
    fn track(parts: &[(usize, f32, bool)]) -> Activity {
        let mut activity = Activity::default();
        for &(steps, db, voiced) in parts {
            activity.level_db.extend(vec![db; steps]);
            activity.voiced.extend(vec![voiced; steps]);
        }
        activity.seconds = seconds(activity.voiced.len());
        activity
    }

    fn share(flags: &[bool]) -> f64 {
        flags.iter().filter(|it| **it).count() as f64 / flags.len() as f64
    }

    #[test]
    fn a_voice_that_is_heard_from_afar_is_bleed_and_ones_own_is_not() {
        let ann = track(&[(200, -20.0, true), (200, -38.0, true)]);
        let ben = track(&[(200, -38.0, true), (200, -20.0, true)]);
        let found = bleed(&[&ann, &ben], DEFAULT_BLEED_DB);
        assert!(share(&found[0][..190]) < 0.01 && share(&found[0][210..]) > 0.99);
        assert!(share(&found[1][..190]) > 0.99 && share(&found[1][210..]) < 0.01);
    }

    #[test]
    fn two_who_talk_at_once_both_speak() {
        let (ann, ben) = (track(&[(300, -20.0, true)]), track(&[(300, -27.0, true)]));
        assert!(
            bleed(&[&ann, &ben], DEFAULT_BLEED_DB)
                .iter()
                .all(|it| share(it) == 0.0)
        );
    }

    #[test]
    fn a_loud_noise_elsewhere_that_is_no_voice_takes_no_voice_away() {
        let (ann, noise) = (track(&[(300, -30.0, true)]), track(&[(300, -5.0, false)]));
        assert!(share(&bleed(&[&ann, &noise], DEFAULT_BLEED_DB)[0]) == 0.0);
        let ben = track(&[(300, -5.0, true)]);
        assert!(share(&bleed(&[&ann, &ben], DEFAULT_BLEED_DB)[0]) == 1.0);
        assert!(share(&bleed(&[&ann, &ben], f64::INFINITY)[0]) == 0.0);
    }

    #[test]
    fn after_the_end_of_a_shorter_track_the_others_are_on_their_own() {
        let (long, short) = (track(&[(400, -40.0, true)]), track(&[(100, -20.0, true)]));
        let found = bleed(&[&long, &short], DEFAULT_BLEED_DB);
        assert!(share(&found[0][..90]) > 0.99 && share(&found[0][130..]) == 0.0);
    }
}

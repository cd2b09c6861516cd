//! A model and how it was asked: what two analyses must share to be compared.

use rusqlite::{Connection, OptionalExtension, Row, named_params};
use sha2::{Digest, Sha256};
use undersong_core::analyzer::Hop;
use undersong_core::model::{EmotionSet, Model, Priors};

use super::error::Result;
use super::store::{Library, now_ms};

/// What a scan measures, counted up by hand when a scan of the same sound with the same model gives something else or more than before.
/// Takes analysed at another revision are analysed again.
pub(super) const REVISION: i64 = 2;

/// A model and how it was asked.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Settings {
    /// Which, in the database; `None` if it isn't there yet.
    pub(super) id: Option<i64>,
    key: String,
    /// The model's id.
    pub(crate) model_id: String,
    /// The model's name.
    pub(crate) model_name: String,
    /// Distance from one window to the next.
    pub(crate) hop_seconds: f64,
    /// Shares that the user expects, as JSON.
    pub(crate) priors: Option<String>,
    /// Whose voice is the measure, in words.
    pub(crate) profile: Option<String>,
    /// The model's emotions.
    pub(crate) emotions: EmotionSet,
    /// Below this a reading is unsure.
    pub(crate) unsure_below: f32,
}

impl Settings {
    /// Those of a scan.
    pub(crate) fn of(model: &Model, hop: Hop, priors: Option<&Priors>) -> Self {
        let priors = priors.map(|priors| serde_json::json!(priors.shares()).to_string());
        let profile = model.speaker();
        let metadata = model.metadata();
        // Every part with its length or a fixed form, so that no two settings read alike.
        let parts = serde_json::json!([
            model.id(),
            hop.seconds(),
            priors,
            profile.map(|(profile, name)| serde_json::json!([profile, name])),
        ]);
        Self {
            id: None,
            key: hex(&Sha256::digest(parts.to_string().as_bytes())),
            model_id: model.id().to_owned(),
            model_name: metadata.name.clone(),
            hop_seconds: hop.seconds(),
            priors,
            profile: profile.map(|(profile, name)| {
                format!("{name} ({:.0} s of voice)", profile.sounding_seconds)
            }),
            emotions: metadata.emotions.clone(),
            unsure_below: metadata.calibration.unsure_below,
        }
    }

    /// Its number in the database; `None` if it isn't there.
    pub(crate) fn id(&self) -> Option<i64> {
        self.id
    }

    /// Whether these are the same settings.
    pub(crate) fn is(&self, other: &Self) -> bool {
        self.key == other.key
    }

    /// In words, for remarks and `stats`.
    pub(crate) fn in_words(&self) -> String {
        let mut words = format!(
            "{} ({}), hop {} s",
            self.model_name, self.model_id, self.hop_seconds
        );
        if let Some(priors) = &self.priors {
            words.push_str(&format!(", priors {priors}"));
        }
        if let Some(profile) = &self.profile {
            words.push_str(&format!(", profile {profile}"));
        }
        words
    }

    const COLUMNS: &str =
        "id, key, model_id, model_name, hop_seconds, priors, profile, emotions, unsure_below";

    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let emotions: String = row.get("emotions")?;
        Ok(Self {
            id: Some(row.get("id")?),
            key: row.get("key")?,
            model_id: row.get("model_id")?,
            model_name: row.get("model_name")?,
            hop_seconds: row.get("hop_seconds")?,
            priors: row.get("priors")?,
            profile: row.get("profile")?,
            emotions: serde_json::from_str(&emotions).map_err(|error| {
                rusqlite::Error::FromSqlConversionFailure(
                    7,
                    rusqlite::types::Type::Text,
                    Box::new(error),
                )
            })?,
            unsure_below: row.get("unsure_below")?,
        })
    }
}

impl Library {
    /// All settings that takes were analysed with, the last used first.
    pub(crate) fn settings(&self) -> Result<Vec<Settings>> {
        let sql = format!(
            "SELECT {} FROM settings ORDER BY used_ms DESC, id DESC",
            Settings::COLUMNS
        );
        self.read(|connection| {
            connection
                .prepare(&sql)?
                .query_map([], Settings::from_row)?
                .collect()
        })
    }

    /// The settings as they stand in the library: with their [`id`](Settings::id) if they are there.
    pub(crate) fn look_up_settings(&self, settings: &Settings) -> Result<Settings> {
        let mut settings = settings.clone();
        settings.id = self
            .connection
            .query_row(
                "SELECT id FROM settings WHERE key = ?1",
                [&settings.key],
                |row| row.get(0),
            )
            .optional()
            .map_err(|error| self.named(error))?;
        Ok(settings)
    }

    /// Sees to it that these are there, and if they are `current`, that they are what `find` searches; gives their id.
    pub(crate) fn use_settings(&mut self, settings: &Settings, current: bool) -> Result<i64> {
        let emotions = serde_json::to_string(&settings.emotions)
            .map_err(|error| self.damaged(error.to_string()))?;
        // Most often nothing changes, and then nothing is written: waiting for the disk would be most of an update's time.
        let known = self.settings()?;
        let mut newest_first = known.iter();
        let there = if current {
            newest_first.next().filter(|it| it.key == settings.key)
        } else {
            newest_first.find(|it| it.key == settings.key)
        };
        if let Some(id) = there.and_then(|it| it.id) {
            return Ok(id);
        }
        self.write(|transaction| {
            for name in settings.emotions.names() {
                transaction.execute(
                    "INSERT INTO emotions (name) VALUES (?1) ON CONFLICT DO NOTHING",
                    [name],
                )?;
            }
            transaction.query_row(
                "INSERT INTO settings (key, model_id, model_name, hop_seconds, priors, profile, emotions, unsure_below, used_ms)
                 VALUES (:key, :model_id, :model_name, :hop_seconds, :priors, :profile, :emotions, :unsure_below, :used_ms)
                 ON CONFLICT (key) DO UPDATE SET used_ms = max(used_ms, excluded.used_ms)
                 RETURNING id",
                named_params! {
                    ":key": settings.key,
                    ":model_id": settings.model_id,
                    ":model_name": settings.model_name,
                    ":hop_seconds": settings.hop_seconds,
                    ":priors": settings.priors,
                    ":profile": settings.profile,
                    ":emotions": emotions,
                    ":unsure_below": settings.unsure_below,
                    ":used_ms": if current { now_ms() } else { 0 },
                },
                |row| row.get(0),
            )
        })
    }
}

/// The database's numbers of a model's emotions, in the order of its scores.
pub(super) fn emotion_ids(
    connection: &Connection,
    emotions: &EmotionSet,
) -> rusqlite::Result<Vec<i64>> {
    let mut statement = connection.prepare("SELECT id FROM emotions WHERE name = ?1")?;
    emotions
        .names()
        .map(|name| statement.query_row([name], |row| row.get(0)))
        .collect()
}

/// Bytes as hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

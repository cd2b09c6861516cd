//! What is technically wrong with a take, each with its threshold and its reason in plain words.
//!
//! A flag asks for an ear, it does not say that a take is bad. They follow from the numbers of a [`TakeDelivery`] alone, so that whoever keeps those
//! can ask again with another target.

use serde::{Deserialize, Serialize};

use super::take::TakeDelivery;

/// Voice that a take has at least, in seconds; below it, it is silent. As much as a window needs for an emotion.
pub const VOICE_AT_LEAST_SECONDS: f64 = 0.25;
/// A voice that begins or ends within this of the take's edge may be cut off, in seconds: six steps of the voice detector, which tells an onset a
/// step or two late.
pub const EDGE_SECONDS: f64 = 0.1;
/// It is cut off if the sound's first or last 20 ms lie no more than this below the voice's level, in dB: words fade in and out by more.
pub const EDGE_BELOW_VOICE_DB: f64 = 15.0;
/// And if they stand out from the quietest of the take by at least this, in dB: else it is the background that runs into the edge.
pub const EDGE_ABOVE_QUIETEST_DB: f64 = 10.0;
/// A voice that stands out from the gaps by less than this is noisy, in dB. (Audiobook publishers ask for some 37 dB: ACX, a noise floor of −60 dB
/// under a voice of −23 dB or more.)
pub const NOISY_BELOW_DB: f64 = 20.0;
/// A take whose integrated loudness lies further than this below the target is too quiet, in LU: so much gain brings up the room and the preamplifier.
pub const TOO_QUIET_BELOW_TARGET_LU: f64 = 20.0;

/// What can be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FlagKind {
    /// There is no voice in it.
    Silent,
    /// Tops of the waveform are cut off.
    Clipped,
    /// The voice runs into the start or the end of the file.
    CutOff,
    /// The background is loud beside the voice.
    Noisy,
    /// Far below the loudness it is meant to have.
    TooQuiet,
}

impl FlagKind {
    /// All of them, in the order in which they are told.
    pub const ALL: [Self; 5] = [
        Self::Silent,
        Self::Clipped,
        Self::CutOff,
        Self::Noisy,
        Self::TooQuiet,
    ];

    /// Its name in JSON, such as `cut_off`.
    pub fn id(self) -> &'static str {
        match self {
            Self::Silent => "silent",
            Self::Clipped => "clipped",
            Self::CutOff => "cut_off",
            Self::Noisy => "noisy",
            Self::TooQuiet => "too_quiet",
        }
    }

    /// Its name for a person, such as `cut off`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Silent => "no voice",
            Self::Clipped => "clipped",
            Self::CutOff => "cut off",
            Self::Noisy => "noisy",
            Self::TooQuiet => "too quiet",
        }
    }
}

/// Something that is wrong with a take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flag {
    /// What.
    pub kind: FlagKind,
    /// In plain words, with the numbers.
    pub reason: String,
}

impl TakeDelivery {
    /// What is technically wrong, in the order of [`FlagKind::ALL`]. A take without voice is told for that, and for clipping, alone.
    pub fn flags(&self) -> Vec<Flag> {
        let silent = self.voice.voiced_seconds < VOICE_AT_LEAST_SECONDS;
        let mut flags = Vec::new();
        let mut flag = |kind: FlagKind, reason: Option<String>| {
            flags.extend(reason.map(|reason| Flag { kind, reason }));
        };
        flag(
            FlagKind::Silent,
            silent.then(|| match self.loudness.integrated_lufs {
                Some(lufs) => format!(
                    "no voice was found, though there is sound ({} LUFS); a shout or a cry can be missed: listen",
                    minus(lufs, 1)
                ),
                None => "no voice was found".to_owned(),
            }),
        );
        flag(FlagKind::Clipped, self.clipped());
        if !silent {
            flag(FlagKind::CutOff, self.cut_off());
            flag(FlagKind::Noisy, self.noisy());
            flag(FlagKind::TooQuiet, self.too_quiet());
        }
        flags
    }

    fn clipped(&self) -> Option<String> {
        let clipping = &self.technical.clipping;
        let (first, at) = (clipping.first_seconds?, clipping.at_dbfs?);
        let places = match clipping.places {
            1 => "in one place".to_owned(),
            places => format!("in {places} places"),
        };
        let height = if at > -0.01 {
            "at full scale".to_owned()
        } else {
            format!("at {} dB", minus(at, 1))
        };
        let samples = clipping.samples;
        Some(format!(
            "{samples} samples stand {height} in flat tops, {places}, the first at {first:.2} s"
        ))
    }

    fn cut_off(&self) -> Option<String> {
        let technical = &self.technical;
        let edge = |away_seconds: Option<f64>, below_db: Option<f64>, which: &str| {
            let below_db = below_db?;
            let near = away_seconds? <= EDGE_SECONDS && below_db <= EDGE_BELOW_VOICE_DB;
            let above_db = self.voice.level_db? - below_db - technical.quietest_db?;
            (near && above_db >= EDGE_ABOVE_QUIETEST_DB).then(|| which.to_owned())
        };
        let start = edge(
            technical.lead_in_seconds,
            technical.start_below_voice_db,
            "starts in the middle of the voice",
        );
        let end = edge(
            technical.tail_seconds,
            technical.end_below_voice_db,
            "ends in the middle of the voice",
        );
        let what = [start, end].into_iter().flatten().collect::<Vec<_>>();
        (!what.is_empty()).then(|| format!("the file {}", what.join(" and ")))
    }

    fn noisy(&self) -> Option<String> {
        let (floor, away) = (self.technical.noise_floor_db?, self.technical.snr_db?);
        (away < NOISY_BELOW_DB).then(|| {
            format!(
                "the voice stands only {away:.0} dB above what lies between the words ({} dB)",
                minus(floor, 0)
            )
        })
    }

    fn too_quiet(&self) -> Option<String> {
        let away = self.loudness.from_target_lu()?;
        (away < -TOO_QUIET_BELOW_TARGET_LU).then(|| {
            format!(
                "{} LUFS, {:.0} LU below the target of {} LUFS",
                minus(self.loudness.target_lufs + away, 1),
                -away,
                minus(self.loudness.target_lufs, 0)
            )
        })
    }
}

/// A number with a true minus sign.
fn minus(value: f64, decimals: usize) -> String {
    format!("{value:.decimals$}").replace('-', "−")
}

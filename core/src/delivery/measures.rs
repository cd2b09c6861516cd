//! What is measured of a stretch of voice.

use serde::{Deserialize, Serialize};

/// How a stretch of voice is delivered; a measure is `None` where there is too little voice for it.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Delivery {
    /// Seconds of voice.
    pub voiced_seconds: f64,
    /// Root mean square of the voiced part, in dB below full scale.
    pub level_db: Option<f64>,
    /// Median pitch, in Hz.
    pub pitch_hz: Option<f64>,
    /// How far the pitch moves, from its 10th to its 90th percentile, in semitones.
    pub melody_semitones: Option<f64>,
    /// Syllable nuclei per second of voice.
    pub syllables_per_second: Option<f64>,
    /// Energy in 1–5 kHz over that in 50–1000 Hz, over pitched frames, in dB.
    pub brightness_db: Option<f64>,
    /// Loudness after EBU R128 (K-weighted, at the file's own rate and channels), in LUFS: of a window the mean over it, of a whole take the
    /// integrated loudness. `None` also where only the voice's samples were measured and not the file's channels.
    pub loudness_lufs: Option<f64>,
}

/// One of the measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// How loud.
    Level,
    /// How high.
    Pitch,
    /// How far the pitch moves.
    Melody,
    /// How fast.
    Rate,
    /// How bright.
    Brightness,
}

impl Measure {
    /// All of them, in the order in which they are told.
    pub const ALL: [Self; 5] = [
        Self::Level,
        Self::Pitch,
        Self::Melody,
        Self::Rate,
        Self::Brightness,
    ];

    /// Its name for a person.
    pub fn name(self) -> &'static str {
        match self {
            Self::Level => "loudness",
            Self::Pitch => "pitch",
            Self::Melody => "melody",
            Self::Rate => "pace",
            Self::Brightness => "brightness",
        }
    }

    /// The unit of a difference.
    pub fn unit(self) -> &'static str {
        match self {
            Self::Level | Self::Brightness => "dB",
            Self::Pitch | Self::Melody => "semitones",
            Self::Rate => "syllables/s",
        }
    }

    /// What a stretch that has more of it is called.
    pub fn more(self) -> &'static str {
        match self {
            Self::Level => "louder",
            Self::Pitch => "higher",
            Self::Melody => "wider in melody",
            Self::Rate => "faster",
            Self::Brightness => "brighter",
        }
    }

    /// What a stretch that has less of it is called.
    pub fn less(self) -> &'static str {
        match self {
            Self::Level => "quieter",
            Self::Pitch => "lower",
            Self::Melody => "flatter in melody",
            Self::Rate => "slower",
            Self::Brightness => "darker",
        }
    }

    /// The smallest difference that is worth a word, in its unit: what listeners just notice in speech, rounded up.
    ///
    /// Level: 1 dB, about the smallest step that is heard. Pitch: 1.5 semitones, and melody: 3 semitones ('t Hart, "Differential sensitivity to pitch
    /// distance, particularly in speech", JASA 69, 1981, 811–821). Rate: 0.5 a second, twice the 5 % of five syllables a second that Quené, "On the
    /// just noticeable difference for tempo in speech", Journal of Phonetics 35, 2007, 353–362, found, since a window holds few syllables.
    /// Brightness: 2 dB, twice that of level, since it is a difference of two levels.
    pub fn noticeable(self) -> f64 {
        match self {
            Self::Level => 1.0,
            Self::Pitch => 1.5,
            Self::Melody => 3.0,
            Self::Rate => 0.5,
            Self::Brightness => 2.0,
        }
    }

    /// The measure of a delivery on a scale on which differences are in [`unit`](Self::unit): pitch in semitones above 1 Hz, the rest as they are.
    pub fn of(self, delivery: &Delivery) -> Option<f64> {
        match self {
            Self::Level => delivery.level_db,
            Self::Pitch => delivery.pitch_hz.map(|hz| 12.0 * hz.log2()),
            Self::Melody => delivery.melody_semitones,
            Self::Rate => delivery.syllables_per_second,
            Self::Brightness => delivery.brightness_db,
        }
    }
}

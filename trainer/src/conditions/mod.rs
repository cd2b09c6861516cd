//! Live is not a clip: a model measured on test clips as a plugin on a track, a stream or a scan hears them.
//!
//! A condition says what is done to a clip's sound before a window is cut from it: how much of it lies in the window, how loud, under which
//! noise, in which room, through which channel. Everything is drawn from a seed and the clip's name, so the same command gives the same
//! figures, and rows of one family (white noise at 20, 10 and 5 dB) differ in the level alone. No recording other than the clips is used.
//!
//! ```text
//! clip ── Stage::sound(condition) ── Hearer::hear ── engine ── Answers ── Conditions::new ── JSON, text, table, card
//!          augment, room, channel, mp3   core's windows            figures    rows against `clean`
//! ```

mod channel;
mod codec;
mod hear;
mod measure;
mod mend;
mod results;
mod room;
mod stage;
mod table;

pub use codec::Encoder;
pub use hear::{Hearer, Window};
pub use measure::{Answer, Answers, Job, MeasureError, measure};
pub use mend::{Mended, VoiceTemperatures};
pub use results::{ConditionRow, Conditions, ConditionsAbout, Figures, Loss, Measured, Person};
pub use stage::{Sound, Stage, StageError};
pub use table::Table;

/// What is done to a clip before it is heard.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Condition {
    /// Its name for `--only` and in JSON.
    pub name: &'static str,
    /// Its name for a table.
    pub title: &'static str,
    /// What it does.
    pub kind: Kind,
}

/// The kinds of conditions. "The utterance" is the clip without the silence at its ends, as the recipe's preparation finds it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// The window with the utterance in its middle: what the figures of a run's test part are made of.
    Clean,
    /// The window's middle lies anywhere in the utterance; the clip lies in digital silence.
    Anywhere,
    /// Only so many seconds of the speech, from anywhere in it, and nothing else: speech that has just begun in a live stream.
    Heard {
        /// How much is heard, in seconds; all of it where the clip has less.
        seconds: f64,
    },
    /// The window holds a quarter to three quarters of the utterance, its start or its end; the rest is what lies around it.
    PartlySilent,
    /// Another level, rounded to 16 bits as an interface delivers it; what is too loud for 16 bits is kept, as a host's floats do.
    Level {
        /// The gain, in dB.
        gain_db: f32,
    },
    /// Steady noise over the whole window.
    Noise {
        /// Its power falls as f^−colour: 0 is white, 1 pink.
        colour: f32,
        /// Mean power of the utterance over that of the noise, in dB.
        snr_db: f32,
    },
    /// Four other speakers of the same test part at once, never the clip's own.
    Babble {
        /// As for noise.
        snr_db: f32,
    },
    /// A made-up song, another for every clip.
    Music {
        /// As for noise.
        snr_db: f32,
    },
    /// The reverberation that training knows: decaying noise, direct sound over reverberation 0 to 15 dB.
    Reverb {
        /// Reverberation time, in seconds.
        rt60_seconds: f32,
    },
    /// A box-shaped room by the image-source method, voice and microphone 0.5 m apart and more: another sound than training's.
    Shoebox {
        /// Reverberation time, in seconds.
        rt60_seconds: f32,
    },
    /// A telephone: 300–3400 Hz at 8 kHz, −26 dB, G.711 μ-law.
    Phone,
    /// MP3 at 64 kbit/s, 44.1 kHz mono, and back.
    Mp3,
    /// The loudest sample 6 dB over full scale, cut off there.
    Clipping,
}

const fn condition(name: &'static str, title: &'static str, kind: Kind) -> Condition {
    Condition { name, title, kind }
}

const fn noise(name: &'static str, title: &'static str, colour: f32, snr_db: f32) -> Condition {
    condition(name, title, Kind::Noise { colour, snr_db })
}

/// Every condition, in the order of the table; the first is what the others are held against.
pub const ALL: [Condition; 27] = [
    condition(
        "clean",
        "clean, the utterance in the window's middle",
        Kind::Clean,
    ),
    condition(
        "anywhere",
        "window anywhere over the utterance",
        Kind::Anywhere,
    ),
    condition(
        "heard-2s",
        "only 2 s of the speech heard",
        Kind::Heard { seconds: 2.0 },
    ),
    condition(
        "heard-1s",
        "only 1 s of the speech heard",
        Kind::Heard { seconds: 1.0 },
    ),
    condition(
        "heard-0.5s",
        "only 0.5 s of the speech heard",
        Kind::Heard { seconds: 0.5 },
    ),
    condition(
        "partly-silent",
        "a quarter to three quarters of the utterance in the window",
        Kind::PartlySilent,
    ),
    condition("level+20", "20 dB louder", Kind::Level { gain_db: 20.0 }),
    condition("level-20", "20 dB quieter", Kind::Level { gain_db: -20.0 }),
    noise("white-20", "white noise, 20 dB SNR", 0.0, 20.0),
    noise("white-10", "white noise, 10 dB SNR", 0.0, 10.0),
    noise("white-5", "white noise, 5 dB SNR", 0.0, 5.0),
    noise("pink-20", "pink noise, 20 dB SNR", 1.0, 20.0),
    noise("pink-10", "pink noise, 10 dB SNR", 1.0, 10.0),
    noise("pink-5", "pink noise, 5 dB SNR", 1.0, 5.0),
    condition(
        "babble-20",
        "four other voices, 20 dB SNR",
        Kind::Babble { snr_db: 20.0 },
    ),
    condition(
        "babble-10",
        "four other voices, 10 dB SNR",
        Kind::Babble { snr_db: 10.0 },
    ),
    condition(
        "babble-5",
        "four other voices, 5 dB SNR",
        Kind::Babble { snr_db: 5.0 },
    ),
    condition(
        "music-20",
        "music bed, 20 dB SNR",
        Kind::Music { snr_db: 20.0 },
    ),
    condition(
        "music-10",
        "music bed, 10 dB SNR",
        Kind::Music { snr_db: 10.0 },
    ),
    condition(
        "music-5",
        "music bed, 5 dB SNR",
        Kind::Music { snr_db: 5.0 },
    ),
    condition(
        "reverb-0.3",
        "reverberation as in training, 0.3 s",
        Kind::Reverb { rt60_seconds: 0.3 },
    ),
    condition(
        "reverb-0.6",
        "reverberation as in training, 0.6 s",
        Kind::Reverb { rt60_seconds: 0.6 },
    ),
    condition(
        "shoebox-0.3",
        "box-shaped room (image sources), 0.3 s",
        Kind::Shoebox { rt60_seconds: 0.3 },
    ),
    condition(
        "shoebox-0.6",
        "box-shaped room (image sources), 0.6 s",
        Kind::Shoebox { rt60_seconds: 0.6 },
    ),
    condition("phone", "telephone: 300–3400 Hz, G.711 μ-law", Kind::Phone),
    condition("mp3-64", "MP3 at 64 kbit/s", Kind::Mp3),
    condition("clipping", "clipped, 6 dB over full scale", Kind::Clipping),
];

impl Condition {
    /// The conditions of these names, in the order of [`ALL`], with `clean` first whether asked for or not; all for none.
    ///
    /// # Errors
    /// An unknown name, with the nearest known one.
    pub fn named(names: &[String]) -> Result<Vec<Self>, UnknownCondition> {
        for name in names {
            if !ALL.iter().any(|condition| condition.name == name) {
                return Err(UnknownCondition::new(name));
            }
        }
        Ok(ALL
            .into_iter()
            .filter(|condition| {
                names.is_empty()
                    || condition.kind == Kind::Clean
                    || names.iter().any(|name| name == condition.name)
            })
            .collect())
    }

    /// What the random draws of this condition are called: one name for conditions that differ in a level only.
    fn family(&self) -> &'static str {
        match self.kind {
            Kind::Noise { .. } | Kind::Babble { .. } | Kind::Music { .. } => {
                self.name.split('-').next().unwrap_or(self.name)
            }
            _ => self.name,
        }
    }

    /// Whether its windows tell how sure a model may be of little speech: nothing is done to the sound but cutting.
    pub(crate) fn cuts_only(&self) -> bool {
        matches!(
            self.kind,
            Kind::Clean | Kind::Anywhere | Kind::Heard { .. } | Kind::PartlySilent
        )
    }
}

/// A condition that there is not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no condition {name:?}; did you mean {nearest:?}? There are: {}", ALL.map(|condition| condition.name).join(", "))]
pub struct UnknownCondition {
    /// What was asked for.
    pub name: String,
    /// The name nearest to it.
    pub nearest: &'static str,
}

impl UnknownCondition {
    fn new(name: &str) -> Self {
        let distance = |condition: &&Condition| strsim::damerau_levenshtein(condition.name, name);
        Self {
            name: name.to_owned(),
            nearest: ALL
                .iter()
                .min_by_key(distance)
                .map_or("clean", |condition| condition.name),
        }
    }
}

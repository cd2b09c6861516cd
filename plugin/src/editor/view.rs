//! `View`: everything that the window shows, as plain data. The bridge fills it once a frame; the painting reads it and knows no host.

use super::History;

/// Everything that the window shows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct View {
    /// The model's emotions, in the order of its outputs.
    pub emotions: Vec<Emotion>,
    /// What the plugin is doing.
    pub state: State,
    /// What was heard last; held or falling while nobody speaks. `None` before the first voice.
    pub reading: Option<Reading>,
    /// The last half minute.
    pub history: History,
    /// RMS level of what is listened to, in dB below full scale.
    pub level_db: f32,
    /// The model in use.
    pub model: Model,
    /// The engine in use.
    pub engine: Engine,
    /// How far the last scores lay behind the newest sound when they were told, in ms. `None` before the first.
    pub lag_ms: Option<f32>,
    /// Sound that was dropped because the workers could not keep up, in seconds.
    pub dropped_seconds: f64,
    /// What is wrong, worst first.
    pub problems: Vec<Problem>,
    /// Everything that is set.
    pub settings: Settings,
    /// Which controller carries what, a row for each thing that is heard.
    pub midi_map: Vec<MidiRow>,
    /// Where OSC goes.
    pub osc: OscTarget,
    /// Whether the host has asked for automation values yet. A VST3 host does so once this window was open; CLAP always.
    pub host_takes_automation: bool,
}

/// An emotion of the model.
#[derive(Debug, Clone, PartialEq)]
pub struct Emotion {
    /// Its name.
    pub name: String,
    /// Its colour: red, green, blue, from the palette that every picture of emotions has.
    pub colour: [u8; 3],
    /// −1 unpleasant … 1 pleasant.
    pub valence: f32,
    /// −1 calm … 1 excited.
    pub arousal: f32,
    /// Whether it has an output parameter of its own; the host cannot see one that has not.
    pub has_lane: bool,
}

/// What the plugin is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum State {
    /// A model is being loaded.
    #[default]
    Loading,
    /// There is no model, or no engine runs it.
    Failed,
    /// Bypassed by the user or the host.
    Bypassed,
    /// Listening is switched off.
    Off,
    /// The host sends no sound: it is stopped, or the plugin is not active.
    Idle,
    /// No voice has been heard yet.
    Waiting,
    /// Somebody spoke, and stopped.
    Silent,
    /// Somebody speaks.
    Speaking,
}

/// What was heard last.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Reading {
    /// Scores in the order of the emotions, 0 … 1.
    pub scores: Vec<f32>,
    /// −1 unpleasant … 1 pleasant.
    pub valence: f32,
    /// −1 calm … 1 excited.
    pub arousal: f32,
    /// The leading score.
    pub confidence: f32,
    /// Whether the confidence is below the model's threshold.
    pub unsure: bool,
    /// The leading emotion.
    pub leading: Option<usize>,
}

/// The model in use.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Model {
    /// Its name; empty while there is none.
    pub name: String,
    /// What it is, in a sentence.
    pub description: String,
    /// Licence of its weights.
    pub licence: String,
    /// What it learned from, in a line.
    pub learned_from: String,
    /// How well it does on speakers it has not heard, in a sentence; empty if its file does not say.
    pub quality: String,
    /// How much sound it looks at, in seconds.
    pub window_seconds: f64,
    /// The file that is used when the choice is a file.
    pub file: String,
    /// The file of the speaker's profile that is asked for; empty for none.
    pub profile_file: String,
    /// The profile in use: its file's name; empty if there is none.
    pub profile: String,
    /// Names of model files that lie beside the plugin.
    pub beside: Vec<String>,
    /// Another model is about to take over.
    pub changing: bool,
}

/// The engine in use.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Engine {
    /// Its description, such as `ONNX Runtime 1.31.1, CPU`; empty while there is none.
    pub name: String,
    /// Why it, and why not a better one: a line a fact.
    pub why: Vec<String>,
    /// Set if the user asked for something and got something else.
    pub warning: Option<String>,
}

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What.
    pub what: String,
    /// What to do about it.
    pub remedy: String,
}

/// A number that can be set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Number {
    /// Its value.
    pub value: f64,
    /// The least it can be.
    pub least: f64,
    /// The most it can be.
    pub most: f64,
    /// What it is unless set.
    pub default: f64,
}

impl Number {
    /// A number within a range, at its default.
    pub const fn new(value: f64, least: f64, most: f64) -> Self {
        Self {
            value,
            least,
            most,
            default: value,
        }
    }
}

impl Default for Number {
    fn default() -> Self {
        Self::new(0.0, 0.0, 1.0)
    }
}

/// Everything that is set.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Settings {
    /// Nothing listens and nothing is sent.
    pub bypass: bool,
    /// Whether it listens.
    pub listen: bool,
    /// Distance from one window to the next, in ms.
    pub hop_ms: Number,
    /// Time over which scores are smoothed, in seconds.
    pub smoothing_seconds: Number,
    /// How decidedly scores differ; 1 is calibrated.
    pub sensitivity: Number,
    /// Whether scores fall in silence, instead of staying.
    pub decays: bool,
    /// How fast they fall, in seconds.
    pub decay_seconds: Number,
    /// How likely each emotion is taken to be, as a factor; those of the model that have a parameter.
    pub priors: Vec<Prior>,
    /// Whether automation is written.
    pub write: bool,
    /// Whether controllers are sent.
    pub midi: bool,
    /// Channel, 1 to 16.
    pub channel: Number,
    /// Controller of the first score.
    pub first_controller: Number,
    /// Whether controllers are sent as pairs of 14 bit.
    pub fourteen_bit: bool,
    /// Change below which nothing is sent, as a share of the range.
    pub dead_band: Number,
    /// Whether a note is held while an emotion leads.
    pub notes: bool,
    /// Key of the first emotion's note.
    pub first_note: Number,
    /// Whether OSC is sent.
    pub osc: bool,
    /// The model choice, an index into [`MODEL_CHOICES`].
    pub model: usize,
    /// The engine choice, an index into [`ENGINE_CHOICES`].
    pub engine: usize,
    /// Size of everything in the window; 1 is normal.
    pub scale: f32,
}

/// How likely an emotion is taken to be.
#[derive(Debug, Clone, PartialEq)]
pub struct Prior {
    /// Place of its parameter among the plugin's emotions.
    pub lane: usize,
    /// Its name.
    pub name: String,
    /// The factor.
    pub factor: Number,
}

/// What the model can be, in the order of its parameter.
pub const MODEL_CHOICES: [&str; 2] = ["Built in", "File"];

/// What the engine can be, in the order of its parameter.
pub const ENGINE_CHOICES: [&str; 4] = ["Auto", "CUDA", "CPU", "Built in"];

/// How a thing that is heard is sent by MIDI.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MidiRow {
    /// Its name.
    pub name: String,
    /// Its colour if it is an emotion of the model.
    pub colour: Option<[u8; 3]>,
    /// The controller that carries it; `None` if it is off.
    pub controller: Option<u8>,
    /// Whether the controller was chosen for it, instead of following the first one.
    pub chosen: bool,
    /// The note that is held while it leads.
    pub note: Option<u8>,
}

/// Where OSC goes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OscTarget {
    /// Name or address of the machine.
    pub host: String,
    /// UDP port.
    pub port: u16,
    /// One message with all floats, as Wekinator expects.
    pub wekinator: bool,
}

impl View {
    /// The leading emotion with its score, of what was heard last.
    pub fn leading(&self) -> Option<(usize, &Emotion, f32)> {
        let reading = self.reading.as_ref()?;
        let index = reading.leading?;
        let score = reading.scores.get(index).copied().unwrap_or_default();
        Some((index, self.emotions.get(index)?, score))
    }

    /// Whether what is shown is of the voice that speaks now, and not of one that has stopped.
    pub fn is_live(&self) -> bool {
        self.state == State::Speaking
    }

    /// Another row on the same controller, if there is one: both would be sent, one after the other.
    pub fn shares_controller(&self, row: usize) -> Option<&MidiRow> {
        let own = self.midi_map.get(row)?.controller?;
        self.midi_map
            .iter()
            .enumerate()
            .find(|(index, other)| *index != row && other.controller == Some(own))
            .map(|(_, other)| other)
    }
}

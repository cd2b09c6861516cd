//! Input parameters.

use super::text::{digits, on_off, percent, read_on_off, read_percent, read_unit};
use nice_plug::prelude::{
    BoolParam, Enum, EnumParam, FloatParam, FloatRange, IntParam, IntRange, Params,
};

/// Which model is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum ModelParam {
    /// The one compiled in.
    #[id = "builtin"]
    #[name = "Built in"]
    BuiltIn,
    /// The file that is saved with the project.
    #[id = "file"]
    #[name = "File"]
    File,
}

/// Which engine runs the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum EngineParam {
    /// ONNX Runtime on the CPU if it is found, else the built-in engine.
    #[id = "auto"]
    #[name = "Auto"]
    Auto,
    /// ONNX Runtime on an NVIDIA GPU.
    #[id = "cuda"]
    #[name = "CUDA"]
    Cuda,
    /// ONNX Runtime on the CPU.
    #[id = "cpu"]
    #[name = "CPU"]
    Cpu,
    /// The built-in engine.
    #[id = "builtin"]
    #[name = "Built in"]
    BuiltIn,
}

/// What scores do while nobody speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum SilenceParam {
    /// They stay.
    #[id = "hold"]
    #[name = "Hold"]
    Hold,
    /// They fall to zero.
    #[id = "decay"]
    #[name = "Decay"]
    Decay,
}

/// How finely controllers are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum MidiResolution {
    /// One message, 128 steps.
    #[id = "7"]
    #[name = "7 bit"]
    Seven,
    /// A pair of messages, 16,384 steps; controllers 0 to 31 only.
    #[id = "14"]
    #[name = "14 bit"]
    Fourteen,
}

/// Everything that is set.
#[derive(Debug, Params)]
pub struct Input {
    /// Nothing listens and nothing is sent; the sound is the same either way.
    #[id = "bypass"]
    pub bypass: BoolParam,
    /// How it listens.
    #[nested(group = "Listen")]
    pub listening: Listening,
    /// How likely each emotion is taken to be.
    #[nested(group = "Priors")]
    pub priors: Priors,
    /// Whether automation is written.
    #[id = "write"]
    pub write: BoolParam,
    /// How MIDI is sent.
    #[nested(group = "MIDI")]
    pub midi: MidiOut,
    /// Whether OSC is sent.
    #[id = "osc"]
    pub osc: BoolParam,
    /// Which model is used.
    #[id = "model"]
    pub model: EnumParam<ModelParam>,
    /// Which engine runs it.
    #[id = "engine"]
    pub engine: EnumParam<EngineParam>,
}

/// How it listens.
#[derive(Debug, Params)]
pub struct Listening {
    /// Whether it listens.
    #[id = "listen"]
    pub listen: BoolParam,
    /// Distance from one window to the next, in milliseconds.
    #[id = "hop"]
    pub hop: FloatParam,
    /// Time over which scores are smoothed, in seconds.
    #[id = "smooth"]
    pub smoothing: FloatParam,
    /// How decidedly scores differ: 1 as calibrated, more is sharper.
    #[id = "sens"]
    pub sensitivity: FloatParam,
    /// What scores do while nobody speaks.
    #[id = "silence"]
    pub silence: EnumParam<SilenceParam>,
    /// How fast they fall, in seconds.
    #[id = "decay"]
    pub decay: FloatParam,
}

/// How likely each emotion is taken to be, as a factor on the model's own expectation.
#[derive(Debug, Params)]
pub struct Priors {
    /// Neutral.
    #[id = "prior_neutral"]
    pub neutral: FloatParam,
    /// Calm.
    #[id = "prior_calm"]
    pub calm: FloatParam,
    /// Happy.
    #[id = "prior_happy"]
    pub happy: FloatParam,
    /// Sad.
    #[id = "prior_sad"]
    pub sad: FloatParam,
    /// Angry.
    #[id = "prior_angry"]
    pub angry: FloatParam,
    /// Fearful.
    #[id = "prior_fearful"]
    pub fearful: FloatParam,
    /// Disgust.
    #[id = "prior_disgust"]
    pub disgust: FloatParam,
    /// Surprised.
    #[id = "prior_surprised"]
    pub surprised: FloatParam,
}

impl Priors {
    /// The factors in the order of the lanes.
    pub fn factors(&self) -> [f32; super::SCORES] {
        [
            self.neutral.value(),
            self.calm.value(),
            self.happy.value(),
            self.sad.value(),
            self.angry.value(),
            self.fearful.value(),
            self.disgust.value(),
            self.surprised.value(),
        ]
    }
}

/// How MIDI is sent.
#[derive(Debug, Params)]
pub struct MidiOut {
    /// Whether controllers are sent.
    #[id = "midi"]
    pub on: BoolParam,
    /// Channel, 1 to 16.
    #[id = "channel"]
    pub channel: IntParam,
    /// Controller of the first score; the others follow.
    #[id = "first_cc"]
    pub first_cc: IntParam,
    /// 7 or 14 bit.
    #[id = "bits"]
    pub resolution: EnumParam<MidiResolution>,
    /// Change below which nothing is sent, as a share of the range.
    #[id = "deadband"]
    pub dead_band: FloatParam,
    /// Whether a note is held while an emotion leads.
    #[id = "notes"]
    pub notes: BoolParam,
    /// Key of the first emotion's note.
    #[id = "first_note"]
    pub first_note: IntParam,
}

fn switch(name: &str, on: bool) -> BoolParam {
    BoolParam::new(name, on)
        .with_value_to_string(on_off())
        .with_string_to_value(read_on_off())
}

fn prior(name: &str) -> FloatParam {
    FloatParam::new(name, 1.0, FloatRange::Linear { min: 0.0, max: 4.0 })
        .with_unit(" ×")
        .with_value_to_string(digits(2))
        .with_string_to_value(read_unit("×"))
}

impl Default for Input {
    fn default() -> Self {
        Self {
            bypass: switch("Bypass", false).make_bypass(),
            listening: Listening::default(),
            priors: Priors::default(),
            write: switch("Write Auto", false).non_automatable(),
            midi: MidiOut::default(),
            osc: switch("OSC", false).non_automatable(),
            model: EnumParam::new("Model", ModelParam::BuiltIn).non_automatable(),
            engine: EnumParam::new("Engine", EngineParam::Auto).non_automatable(),
        }
    }
}

impl Default for Listening {
    fn default() -> Self {
        let logarithmic = FloatRange::skew_factor(-1.0);
        Self {
            listen: switch("Listen", true),
            hop: FloatParam::new(
                "Hop",
                250.0,
                FloatRange::Linear {
                    min: 50.0,
                    max: 1000.0,
                },
            )
            .with_step_size(1.0)
            .with_unit(" ms")
            .with_value_to_string(digits(0))
            .with_string_to_value(read_unit("ms")),
            smoothing: FloatParam::new("Smoothing", 0.0, FloatRange::Linear { min: 0.0, max: 2.0 })
                .with_step_size(0.01)
                .with_unit(" s")
                .with_value_to_string(digits(2))
                .with_string_to_value(read_unit("s")),
            sensitivity: FloatParam::new(
                "Sensitivity",
                1.0,
                FloatRange::Skewed {
                    min: 0.25,
                    max: 4.0,
                    factor: logarithmic,
                },
            )
            .with_unit(" ×")
            .with_value_to_string(digits(2))
            .with_string_to_value(read_unit("×")),
            silence: EnumParam::new("In Silence", SilenceParam::Hold),
            decay: FloatParam::new(
                "Decay",
                1.0,
                FloatRange::Skewed {
                    min: 0.1,
                    max: 10.0,
                    factor: logarithmic,
                },
            )
            .with_unit(" s")
            .with_value_to_string(digits(2))
            .with_string_to_value(read_unit("s")),
        }
    }
}

impl Default for Priors {
    fn default() -> Self {
        Self {
            neutral: prior("P Neutral"),
            calm: prior("P Calm"),
            happy: prior("P Happy"),
            sad: prior("P Sad"),
            angry: prior("P Angry"),
            fearful: prior("P Fearful"),
            disgust: prior("P Disgust"),
            surprised: prior("P Surprised"),
        }
    }
}

impl Default for MidiOut {
    fn default() -> Self {
        Self {
            on: switch("MIDI", false).non_automatable(),
            channel: IntParam::new("MIDI Chan", 1, IntRange::Linear { min: 1, max: 16 })
                .non_automatable(),
            first_cc: IntParam::new("First CC", 20, IntRange::Linear { min: 0, max: 119 })
                .non_automatable(),
            resolution: EnumParam::new("MIDI Bits", MidiResolution::Seven).non_automatable(),
            dead_band: FloatParam::new(
                "Dead Band",
                0.01,
                FloatRange::Linear { min: 0.0, max: 0.1 },
            )
            .with_unit(" %")
            .with_value_to_string(percent())
            .with_string_to_value(read_percent())
            .non_automatable(),
            notes: switch("Notes", false).non_automatable(),
            first_note: IntParam::new("First Note", 36, IntRange::Linear { min: 0, max: 120 })
                .non_automatable(),
        }
    }
}

//! Output parameters: what is heard, one lane each.

use super::text::{digits, on_off, percent, read_on_off, read_percent, read_unit};
use nice_plug::prelude::{BoolParam, Enum, EnumParam, FloatParam, FloatRange, ParamPtr, Params};

pub use undersong_core::lanes::{LANE_COUNT, LANES, Lane, SCORES};

/// The emotion that leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[allow(missing_docs)] // the names say it
pub enum LeadingParam {
    #[id = "none"]
    None,
    #[id = "neutral"]
    Neutral,
    #[id = "calm"]
    Calm,
    #[id = "happy"]
    Happy,
    #[id = "sad"]
    Sad,
    #[id = "angry"]
    Angry,
    #[id = "fearful"]
    Fearful,
    #[id = "disgust"]
    Disgust,
    #[id = "surprised"]
    Surprised,
}

/// Everything that is heard.
#[derive(Debug, Params)]
#[allow(missing_docs)] // the names say it
pub struct Output {
    #[id = "neutral"]
    pub neutral: FloatParam,
    #[id = "calm"]
    pub calm: FloatParam,
    #[id = "happy"]
    pub happy: FloatParam,
    #[id = "sad"]
    pub sad: FloatParam,
    #[id = "angry"]
    pub angry: FloatParam,
    #[id = "fearful"]
    pub fearful: FloatParam,
    #[id = "disgust"]
    pub disgust: FloatParam,
    #[id = "surprised"]
    pub surprised: FloatParam,
    #[id = "valence"]
    pub valence: FloatParam,
    #[id = "arousal"]
    pub arousal: FloatParam,
    #[id = "confidence"]
    pub confidence: FloatParam,
    #[id = "speech"]
    pub speech: BoolParam,
    #[id = "leading"]
    pub leading: EnumParam<LeadingParam>,
}

impl Output {
    /// The parameter of a lane. It lives as long as `self`.
    pub fn ptr(&self, lane: Lane) -> ParamPtr {
        use nice_plug::prelude::Param;
        match lane {
            Lane::Neutral => self.neutral.as_ptr(),
            Lane::Calm => self.calm.as_ptr(),
            Lane::Happy => self.happy.as_ptr(),
            Lane::Sad => self.sad.as_ptr(),
            Lane::Angry => self.angry.as_ptr(),
            Lane::Fearful => self.fearful.as_ptr(),
            Lane::Disgust => self.disgust.as_ptr(),
            Lane::Surprised => self.surprised.as_ptr(),
            Lane::Valence => self.valence.as_ptr(),
            Lane::Arousal => self.arousal.as_ptr(),
            Lane::Confidence => self.confidence.as_ptr(),
            Lane::Speech => self.speech.as_ptr(),
            Lane::Leading => self.leading.as_ptr(),
        }
    }
}

fn share(name: &str) -> FloatParam {
    FloatParam::new(name, 0.0, FloatRange::Linear { min: 0.0, max: 1.0 })
        .with_unit(" %")
        .with_value_to_string(percent())
        .with_string_to_value(read_percent())
}

fn coordinate(name: &str) -> FloatParam {
    FloatParam::new(
        name,
        0.0,
        FloatRange::Linear {
            min: -1.0,
            max: 1.0,
        },
    )
    .with_value_to_string(digits(2))
    .with_string_to_value(read_unit(""))
}

impl Default for Output {
    fn default() -> Self {
        Self {
            neutral: share("Neutral"),
            calm: share("Calm"),
            happy: share("Happy"),
            sad: share("Sad"),
            angry: share("Angry"),
            fearful: share("Fearful"),
            disgust: share("Disgust"),
            surprised: share("Surprised"),
            valence: coordinate("Valence"),
            arousal: coordinate("Arousal"),
            confidence: share("Confidence"),
            speech: BoolParam::new("Speech", false)
                .with_value_to_string(on_off())
                .with_string_to_value(read_on_off()),
            leading: EnumParam::new("Leading", LeadingParam::None),
        }
    }
}

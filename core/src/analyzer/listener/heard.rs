//! What a listener gives: windows, and the steps of the voice detector.

use crate::features::WindowFrames;

/// A window as it was heard.
#[derive(Debug, Clone, Copy)]
pub struct Heard<'a> {
    /// Start, in seconds from the first sample.
    pub start_seconds: f64,
    /// End, in seconds.
    pub end_seconds: f64,
    /// Seconds of voice within.
    pub voiced_seconds: f64,
    /// `[frames, coefficients]`, what the model sees; `None` where there is too little voice: silence has no emotion.
    pub features: Option<&'a [f32]>,
    /// The frames that the features were made of, for whoever wants to take them apart; `None` where there are no features.
    pub frames: Option<WindowFrames<'a>>,
}

/// How likely it is that somebody speaks, in one step of the detector.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SpeechStep {
    /// End of the step, in seconds from the first sample; it lasts [`VoiceDetector::STEP_SECONDS`](crate::voice::VoiceDetector::STEP_SECONDS).
    pub end_seconds: f64,
    /// Probability of speech, 0 to 1.
    pub probability: f32,
}

/// What the voice detector heard, and what it said of it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct HeardVoice {
    /// Mono sound at [`VoiceDetector::RATE_HZ`](crate::voice::VoiceDetector::RATE_HZ), after the model's noise reduction.
    pub sound: Vec<f32>,
    /// Probability of speech in each of the detector's steps that were completed.
    pub probabilities: Vec<f32>,
}

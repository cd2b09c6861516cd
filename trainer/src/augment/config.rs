//! What a recipe can ask of augmentation.

use serde::{Deserialize, Serialize};

use super::noise;

/// A setting outside the range in which it means something.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("augmentation: {setting} = {value}: {expected}")]
pub struct AugmentError {
    /// The setting's name as in the recipe.
    pub setting: &'static str,
    /// What was found.
    pub value: String,
    /// What was expected.
    pub expected: &'static str,
}

/// Changes to a clip's samples. Every one is off by default; those set are applied in the order of the fields.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WaveAugment {
    /// Playing speed, drawn evenly from this range: above 1 is faster, shorter and higher, as a tape is (0.5 to 2).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub speed: Option<[f32; 2]>,
    /// The clip moves by up to this long either way; what leaves at one end is lost, the other is silent (0 to 10).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_shift_seconds: Option<f32>,
    /// A room.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reverb: Option<Reverb>,
    /// A microphone: an equaliser's curve and a limited band.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eq: Option<Equaliser>,
    /// Steady noise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub noise: Option<Noise>,
    /// Other people talking; laid under a window by [`Beds`](super::Beds).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub babble: Option<Bed>,
    /// Music; laid under a window by [`Beds`](super::Beds).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub music: Option<Bed>,
    /// What the signal's power is in the signal-to-noise ratios of the three sounds above.
    #[serde(skip_serializing_if = "Loudness::is_window")]
    pub snr_of: Loudness,
    /// A telephone line, over which voice and noise go together; applied by [`telephone`](super::telephone()).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub telephone: Option<Telephone>,
    /// Gain, drawn evenly from this range of decibels (−60 to 60). Without effect where features set the level.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gain_db: Option<[f32; 2]>,
}

/// What counts as the signal in a signal-to-noise ratio.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Loudness {
    /// The window's mean power, with the silence beside a short utterance: the noise is weaker than its number says.
    #[default]
    Window,
    /// The mean power of the window's 10 ms blocks that are at most 35 dB below its loudest.
    Speech,
}

impl Loudness {
    fn is_window(&self) -> bool {
        *self == Self::Window
    }

    /// Mean power of `samples` in this sense.
    pub(super) fn power(self, samples: &[f32], rate_hz: u32) -> f64 {
        match self {
            Self::Window => noise::power(samples),
            Self::Speech => noise::speech_power(samples, rate_hz),
        }
    }
}

/// A telephone line: a band with steep edges, and G.711's eight bits a sample.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Telephone {
    /// How often a window goes over it, 0 to 1.
    pub probability: f32,
    /// The band starts here, drawn evenly; 100 Hz lower there is nothing (100 to 1000).
    #[serde(default = "Telephone::low_ends")]
    pub low_hz: [f32; 2],
    /// The band ends here, drawn evenly; 200 Hz higher there is nothing (1000 to 4000).
    #[serde(default = "Telephone::high_ends")]
    pub high_hz: [f32; 2],
    /// Level of the voice on the line in dB of full scale, drawn evenly; the window's own comes back behind it (−60 to 0).
    #[serde(default = "Telephone::levels")]
    pub level_db: [f32; 2],
}

impl Telephone {
    fn low_ends() -> [f32; 2] {
        [150.0, 400.0]
    }

    fn high_ends() -> [f32; 2] {
        [2800.0, 3800.0]
    }

    fn levels() -> [f32; 2] {
        [-40.0, -15.0]
    }
}

/// Steady noise of a random colour at a random signal-to-noise ratio.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Noise {
    /// How often a clip gets it, 0 to 1.
    pub probability: f32,
    /// Signal-to-noise ratio (power of the signal, see `snr_of`, over that of the noise), drawn evenly from this range (−20 to 80).
    pub snr_db: [f32; 2],
    /// The noise's power falls as f^−colour, drawn evenly from this range: 0 is white, 1 pink, 2 brown (0 to 2).
    #[serde(default = "Noise::every_colour")]
    pub colour: [f32; 2],
}

impl Noise {
    fn every_colour() -> [f32; 2] {
        [0.0, 2.0]
    }
}

/// A sound that lies under the voice at a random signal-to-noise ratio.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bed {
    /// How often a window gets it, 0 to 1.
    pub probability: f32,
    /// Signal-to-noise ratio (power of the signal, see `snr_of`, over that of the bed), drawn evenly from this range (−20 to 80).
    pub snr_db: [f32; 2],
}

/// A room as noise that decays exponentially after the direct sound.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reverb {
    /// How often a clip gets it, 0 to 1.
    pub probability: f32,
    /// Reverberation time RT60 in seconds, drawn evenly from this range (0.02 to 2).
    #[serde(default = "Reverb::small_rooms")]
    pub rt60_seconds: [f32; 2],
    /// Energy of the direct sound over that of the reverberation, drawn evenly from this range (−10 to 40).
    #[serde(default = "Reverb::near_to_middle")]
    pub direct_to_reverb_db: [f32; 2],
}

impl Reverb {
    fn small_rooms() -> [f32; 2] {
        [0.1, 0.6]
    }

    fn near_to_middle() -> [f32; 2] {
        [0.0, 15.0]
    }
}

/// A gain curve through random points over log frequency, a low cut and a high cut.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Equaliser {
    /// How often a clip gets it, 0 to 1.
    pub probability: f32,
    /// Points of the curve, evenly spaced in log frequency from 50 Hz to half the sampling rate (2 to 32).
    #[serde(default = "Equaliser::eight")]
    pub points: usize,
    /// Each point's gain is drawn evenly from −this to +this (0 to 24).
    #[serde(default = "Equaliser::six_db")]
    pub gain_db: f32,
    /// Below this frequency, drawn evenly from this range, the level falls by 12 dB an octave (0 to 2000).
    #[serde(default = "Equaliser::low_cuts")]
    pub low_cut_hz: [f32; 2],
    /// Above this frequency, drawn evenly from this range, the level falls by 24 dB an octave (1000 to 100,000; above
    /// half the sampling rate it does nothing).
    #[serde(default = "Equaliser::high_cuts")]
    pub high_cut_hz: [f32; 2],
}

impl Equaliser {
    fn eight() -> usize {
        8
    }

    fn six_db() -> f32 {
        6.0
    }

    fn low_cuts() -> [f32; 2] {
        [20.0, 250.0]
    }

    fn high_cuts() -> [f32; 2] {
        [3200.0, 9000.0]
    }
}

/// Changes to normalised features. Every one is off by default; warps come before masks.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FeatureAugment {
    /// Tempo without change of pitch: time runs this much faster about the window's middle, drawn evenly (0.5 to 2).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tempo: Option<[f32; 2]>,
    /// Bands move to this multiple of their number, drawn evenly: another length of vocal tract (0.5 to 2). Makes sense
    /// for mel bands, not for cepstral coefficients.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mel_warp: Option<[f32; 2]>,
    /// How many masks lie over bands (SpecAugment, Park et al. 2019), each set to the mean, 0.
    pub band_masks: usize,
    /// A band mask's width in coefficients is drawn from 0 to this.
    pub band_mask_width: usize,
    /// How many masks lie over time, each set to the mean, 0.
    pub time_masks: usize,
    /// A time mask's length in frames is drawn from 0 to this.
    pub time_mask_frames: usize,
}

/// Mixing of pairs of clips and of their targets (Zhang et al. 2018).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mixup {
    /// How often a clip of a batch is mixed with another of it, 0 to 1.
    pub probability: f32,
    /// The share is drawn from Beta(alpha, alpha), and the clip's own share is the larger part (above 0, to 4).
    pub alpha: f32,
}

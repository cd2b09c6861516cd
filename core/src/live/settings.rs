//! What a user can set while sound runs; all of it is plain numbers, so that the audio thread can pass it on.

use super::LiveError;
use crate::analyzer::Hop;
use crate::model::{EmotionSet, Priors};

/// Most emotions that a live stream tells of.
pub const MAX_EMOTIONS: usize = 16;

/// Longest smoothing, in seconds.
pub const MAX_SMOOTHING_SECONDS: f64 = 2.0;

/// What [`LiveSettings::sensitivity`] may be.
pub const SENSITIVITY: std::ops::RangeInclusive<f32> = 0.1..=10.0;

/// Longest decay in silence, in seconds.
const MAX_DECAY_SECONDS: f64 = 60.0;

/// What a user can set while sound runs.
///
/// `Copy`, so that it can be set from the audio thread too ([`LiveInput::set_settings`](super::LiveInput::set_settings)), in order
/// with the sound: a bounce with automated settings is then repeatable.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LiveSettings {
    /// Distance from one update to the next; a live stream takes [`Hop::SHORTEST`] to [`Hop::LONGEST`].
    pub hop: Hop,
    /// Time constant of the smoothing in seconds, 0 to [`MAX_SMOOTHING_SECONDS`]; 0 gives each window's own scores.
    pub smoothing_seconds: f64,
    /// How decided the scores are, within [`SENSITIVITY`]: the calibrated temperature is divided by it. 1 is calibrated; above, small
    /// differences grow, and `confidence` no longer says how often an answer is right.
    pub sensitivity: f32,
    /// What the user expects of the voice; `None` is the training's priors.
    pub priors: Option<PriorShares>,
    /// What the scores do while nobody speaks.
    pub silence: Silence,
    /// Whether sound is listened to at all. While not, nothing is analysed, and what comes is forgotten.
    pub listening: bool,
}

impl Default for LiveSettings {
    /// A hop of 0.25 s, no smoothing, calibrated, the training's priors, scores held in silence, listening.
    fn default() -> Self {
        Self {
            hop: Hop::default(),
            smoothing_seconds: 0.0,
            sensitivity: 1.0,
            priors: None,
            silence: Silence::Hold,
            listening: true,
        }
    }
}

impl LiveSettings {
    /// Whether all is in range, with priors for `emotions` emotions. Real-time safe: yes.
    ///
    /// # Errors
    /// Names the value that is not.
    pub fn check(&self, emotions: usize) -> Result<(), LiveError> {
        if !(0.0..=MAX_SMOOTHING_SECONDS).contains(&self.smoothing_seconds) {
            return Err(LiveError::Smoothing {
                given: self.smoothing_seconds,
            });
        }
        if !SENSITIVITY.contains(&self.sensitivity) {
            return Err(LiveError::Sensitivity {
                given: self.sensitivity,
            });
        }
        if let Silence::Decay { seconds } = self.silence
            && !(seconds > 0.0 && seconds <= MAX_DECAY_SECONDS)
        {
            return Err(LiveError::Decay { given: seconds });
        }
        match self.priors {
            Some(priors) if priors.as_slice().len() != emotions => Err(LiveError::Priors {
                given: priors.as_slice().len(),
                expected: emotions,
            }),
            _ => Ok(()),
        }
    }
}

/// What the scores do while nobody speaks: silence has no emotion.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Silence {
    /// They stay as the last voice left them.
    #[default]
    Hold,
    /// They fall towards 0, and valence, arousal and confidence with them.
    Decay {
        /// Time in which they fall to 1/e, in seconds; above 0, at most 60.
        seconds: f64,
    },
}

/// Whether sound is taken as it comes, or waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pace {
    /// Never waits. Too much sound at once is dropped and counted.
    #[default]
    Live,
    /// For a bounce: nothing is dropped; [`push`](super::LiveInput::push) waits for room, [`wait`](super::LiveInput::wait) for results.
    Offline,
}

/// [`Priors`] as plain numbers: a share for each emotion, in the order of the model's outputs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PriorShares {
    shares: [f32; MAX_EMOTIONS],
    len: usize,
}

impl PriorShares {
    /// Shares, or factors, of any sum; they are brought to the sum of 1 later. Real-time safe: yes.
    ///
    /// # Errors
    /// [`LiveError::PriorShares`] if there is none or more than [`MAX_EMOTIONS`], one is negative or not a number, or all are 0.
    pub fn new(shares: &[f32]) -> Result<Self, LiveError> {
        let sound = shares
            .iter()
            .all(|share| share.is_finite() && *share >= 0.0);
        if !sound || !shares.iter().any(|&share| share > 0.0) {
            return Err(LiveError::PriorShares);
        }
        let mut own = [0.0; MAX_EMOTIONS];
        own.get_mut(..shares.len())
            .ok_or(LiveError::PriorShares)?
            .copy_from_slice(shares);
        Ok(Self {
            shares: own,
            len: shares.len(),
        })
    }

    /// The shares of a user's priors.
    ///
    /// # Errors
    /// [`LiveError::PriorShares`] if there are more than [`MAX_EMOTIONS`].
    pub fn from_priors(priors: &Priors) -> Result<Self, LiveError> {
        let shares = priors
            .shares()
            .iter()
            .map(|&share| share as f32)
            .collect::<Vec<_>>();
        Self::new(&shares)
    }

    /// The shares as given.
    pub fn as_slice(&self) -> &[f32] {
        self.shares.get(..self.len).unwrap_or_default()
    }

    /// As a scorer takes them; `None` if they are another model's.
    pub(super) fn priors(&self, emotions: &EmotionSet) -> Option<Priors> {
        Priors::from_shares(self.as_slice(), emotions).ok()
    }
}

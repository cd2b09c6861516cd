//! From recordings of one speaker to a profile.

use std::path::PathBuf;

use super::{ProfileError, SpeakerMeter, SpeakerProfile, measure_answer};
use crate::audio::load_mono;
use crate::delivery::{Delivery, DeliveryTracker, Usual};
use crate::engine::InferenceEngine;
use crate::model::Model;

/// Voice that a profile needs at least, in seconds.
pub const LEAST_VOICE_SECONDS: f64 = 10.0;
/// Voice from which on a profile is a good one, in seconds.
pub const GOOD_VOICE_SECONDS: f64 = 60.0;

/// A stretch for the delivery needs so much voice, in seconds.
const PIECE_VOICE_SECONDS: f64 = 1.0;

/// Measures a speaker's ordinary voice: what `model` answers to it, the mean of each coefficient for models with the same features, and how the
/// speaker usually talks, in stretches as long as such a model's window.
///
/// `engine` runs the model, which must not be calibrated to a speaker. Gives the profile and how many seconds of voice were found. Holds one
/// recording at a time in memory, 4 bytes a sample at the model's rate.
///
/// # Errors
/// [`ProfileError::Sound`] names a recording that cannot be read; none is passed over. [`ProfileError::TooLittleVoice`] if all together hold
/// less than [`LEAST_VOICE_SECONDS`] of voice. [`ProfileError::NotStandardised`] if a profile would be of no use to such a model.
/// [`ProfileError::Model`] if the engine fails.
pub fn measure_voice(
    recordings: &[PathBuf],
    model: &Model,
    engine: &mut dyn InferenceEngine,
) -> Result<(SpeakerProfile, f64), ProfileError> {
    let config = model.features();
    if config.statistics.is_none() {
        return Err(ProfileError::NotStandardised);
    }
    let mut meter = SpeakerMeter::new(config)?;
    let mut pieces: Vec<Delivery> = Vec::new();
    let mut voiced_seconds = 0.0;
    let span_seconds = config.span_seconds();
    for path in recordings {
        let sound = load_mono(path, config.sample_rate_hz, config.noise_reduction)?;
        meter.add(&sound)?;
        let mut tracker = DeliveryTracker::new(config.sample_rate_hz)?;
        tracker.push(&sound);
        let track = tracker.finish();
        voiced_seconds += track.voiced_seconds();
        let seconds = sound.len() as f64 / f64::from(config.sample_rate_hz);
        let count = (seconds / span_seconds).ceil() as usize;
        let stretches = (0..count).map(|index| index as f64 * span_seconds);
        pieces.extend(
            stretches
                .map(|start| track.measure(start, start + span_seconds))
                .filter(|piece| piece.voiced_seconds >= PIECE_VOICE_SECONDS),
        );
    }
    if voiced_seconds < LEAST_VOICE_SECONDS {
        return Err(ProfileError::TooLittleVoice {
            found_seconds: voiced_seconds,
            files: recordings.len(),
        });
    }
    let answer = measure_answer(recordings, model, engine)?;
    let profile = SpeakerProfile {
        delivery: Usual::of(&pieces),
        answers: answer.into_iter().collect(),
        ..meter.profile()?
    };
    Ok((profile, voiced_seconds))
}

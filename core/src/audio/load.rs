//! A whole file at once, for those who need all of it: the trainer's clips, tests.

use std::path::Path;

use super::{Conditioner, DecodeError, Decoder, NoiseReduction};

/// All of `path`, mono, at `rate_hz`, through the same decoder and the same [`Conditioner`] as a scan.
///
/// Holds the whole sound in memory: 5 MB a minute at 22 050 Hz. For long takes drive [`Decoder`] and [`Conditioner`].
///
/// # Errors
/// See [`DecodeError`]: also for a file that is cut off, so no part of a sound passes for the whole.
pub fn load_mono(
    path: &Path,
    rate_hz: u32,
    noise_reduction: NoiseReduction,
) -> Result<Vec<f32>, DecodeError> {
    let mut decoder = Decoder::open(path)?;
    let mut conditioner = Conditioner::new(decoder.sample_rate_hz(), rate_hz, noise_reduction)
        .map_err(|source| DecodeError::Condition {
            path: path.to_owned(),
            source,
        })?;
    let (mut block, mut sound) = (Vec::new(), Vec::new());
    while decoder.next_block(&mut block)? {
        conditioner.push(&block, &mut sound);
        block.clear();
    }
    conditioner.finish(&mut sound);
    Ok(sound)
}

//! Changes that make a clip sound as if spoken in another room, at another speed, into another microphone, while its
//! emotion stays: what training hears instead of the clip itself.
//!
//! Everything is a setting of a recipe and off unless set; everything is drawn from the generator it is given, so the
//! same seed makes the same sound ([`clip_rng`] gives each clip of each epoch its own, whatever the number of threads).
//! [`augment_wave`] works on samples, [`augment_features`] on normalised features, [`mixup()`] on a batch. Only ever call
//! them on clips of the training part.
//!
//! ```toml
//! [wave]
//! speed = [0.9, 1.1]
//! noise = { probability = 0.5, snr_db = [5.0, 35.0] }
//!
//! [features]
//! band_masks = 2
//! band_mask_width = 10
//! time_masks = 2
//! time_mask_frames = 19
//! ```

mod config;
mod features;
mod fourier;
mod mixup;
mod noise;
mod spectrum;
mod speed;
mod wave;

pub use config::{AugmentError, Equaliser, FeatureAugment, Mixup, Noise, Reverb, WaveAugment};
pub use features::augment_features;
pub use mixup::mixup;
pub use speed::change_speed;
pub use wave::augment_wave;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// The generator of one clip in one epoch: depends on nothing else, so threads and order change nothing.
#[must_use]
pub fn clip_rng(seed: u64, epoch: u64, clip: u64) -> ChaCha8Rng {
    let mut key = [0_u8; 32];
    for (eight, number) in key.chunks_exact_mut(8).zip([seed, epoch, clip, 0]) {
        eight.copy_from_slice(&number.to_le_bytes());
    }
    ChaCha8Rng::from_seed(key)
}

/// Uniform in `low..=high`; `low` where both are one.
fn draw(rng: &mut ChaCha8Rng, [low, high]: [f32; 2]) -> f32 {
    low + (high - low) * rng.random::<f32>()
}

/// True with this probability. Always draws, so that a change of one probability leaves the other draws as they were.
fn happens(rng: &mut ChaCha8Rng, probability: f32) -> bool {
    rng.random::<f32>() < probability
}

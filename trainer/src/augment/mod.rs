//! Changes that make a clip sound as if spoken in another room, at another speed, into another microphone, while its
//! emotion stays: what training hears instead of the clip itself.
//!
//! Everything is a setting of a recipe and off unless set; everything is drawn from the generator it is given, so the
//! same seed makes the same sound ([`stream`] gives each clip of each epoch its own, whatever the number of threads).
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

mod beds;
mod config;
mod features;
pub(crate) mod fourier;
mod mixup;
pub(crate) mod music;
pub(crate) mod noise;
mod spectrum;
mod speed;
pub(crate) mod telephone;
mod validate;
mod wave;

pub use beds::Beds;
pub use config::{
    AugmentError, Bed, Equaliser, FeatureAugment, Loudness, Mixup, Noise, Reverb, Telephone,
    WaveAugment,
};
pub use features::augment_features;
pub use mixup::mixup;
pub use speed::change_speed;
pub use telephone::telephone;
pub use wave::augment_wave;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// The random stream of one place in one epoch (SplitMix64 spreads the three numbers).
///
/// It depends on nothing else, so threads and order change nothing, and a run that was broken off draws what it would have drawn.
/// Networks were trained with these numbers: other ones make other networks of the same recipe and seed.
#[must_use]
pub fn stream(seed: u64, epoch: u32, place: u64) -> ChaCha8Rng {
    let mut state = seed;
    for value in [u64::from(epoch), place] {
        state = splitmix(state ^ splitmix(value));
    }
    ChaCha8Rng::seed_from_u64(state)
}

fn splitmix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Uniform in `low..=high`; `low` where both are one.
fn draw(rng: &mut ChaCha8Rng, [low, high]: [f32; 2]) -> f32 {
    low + (high - low) * rng.random::<f32>()
}

/// True with this probability. Always draws, so that a change of one probability leaves the other draws as they were.
fn happens(rng: &mut ChaCha8Rng, probability: f32) -> bool {
    rng.random::<f32>() < probability
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_streams_of_the_shipped_models_are_the_same_for_ever() {
        let first = |seed, epoch, place| stream(seed, epoch, place).random::<u64>();
        assert_eq!(
            [first(0, 1, 0), first(0, 1, u64::MAX), first(7, 30, 1 << 40)],
            [
                14_646_337_709_884_424_349,
                11_429_770_183_674_552_509,
                17_458_769_936_793_816_455
            ]
        );
    }
}

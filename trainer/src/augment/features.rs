//! Changes to features that are already computed and normalised: cheap, and nothing a sample could do as cheaply.

use std::cell::RefCell;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::config::FeatureAugment;
use super::draw;

thread_local! {
    /// A copy of the features while they are warped.
    static BEFORE: RefCell<Vec<f32>> = RefCell::default();
}

/// Warps and masks `features` (`[frames, coefficients]`, normalised so that 0 is the mean) in place.
///
/// Does nothing where `features` is not `frames × coefficients` long.
pub fn augment_features(
    config: &FeatureAugment,
    features: &mut [f32],
    frames: usize,
    coefficients: usize,
    rng: &mut ChaCha8Rng,
) {
    if features.len() != frames * coefficients || features.is_empty() {
        return;
    }
    let tempo = config.tempo.map_or(1.0, |range| draw(rng, range));
    let warp = config.mel_warp.map_or(1.0, |range| draw(rng, range));
    if (tempo - 1.0).abs() > 1e-4 || (warp - 1.0).abs() > 1e-4 {
        BEFORE.with_borrow_mut(|before| {
            before.clear();
            before.extend_from_slice(features);
            stretch(before, features, coefficients, tempo, warp);
        });
    }
    for _ in 0..config.band_masks {
        let mask = draw_mask(rng, config.band_mask_width, coefficients);
        for frame in features.chunks_exact_mut(coefficients) {
            frame.get_mut(mask.clone()).unwrap_or_default().fill(0.0);
        }
    }
    for _ in 0..config.time_masks {
        let mask = draw_mask(rng, config.time_mask_frames, frames);
        let values = mask.start * coefficients..mask.end * coefficients;
        features.get_mut(values).unwrap_or_default().fill(0.0);
    }
}

/// A mask of 0 to `widest` places, anywhere within `length`.
fn draw_mask(rng: &mut ChaCha8Rng, widest: usize, length: usize) -> std::ops::Range<usize> {
    let width = rng.random_range(0..=widest.min(length));
    let start = rng.random_range(0..=length - width);
    start..start + width
}

/// A place between two rows or columns: the lower one, the upper one, and the upper one's share.
fn between(position: f32, length: usize) -> (usize, usize, f32) {
    let last = length - 1;
    let position = position.clamp(0.0, last as f32);
    let lower = position as usize;
    (lower, (lower + 1).min(last), position - lower as f32)
}

/// Bilinear: time about the middle by `tempo`, bands from the lowest by `warp`; edges repeat.
fn stretch(before: &[f32], after: &mut [f32], coefficients: usize, tempo: f32, warp: f32) {
    let frames = before.len() / coefficients;
    let middle = (frames - 1) as f32 / 2.0;
    let bands: Vec<_> = (0..coefficients)
        .map(|band| between(band as f32 / warp, coefficients))
        .collect();
    let row = |frame: usize| {
        before
            .get(frame * coefficients..(frame + 1) * coefficients)
            .unwrap_or_default()
    };
    let mut mixed = vec![0.0_f32; coefficients];
    for (frame, out) in after.chunks_exact_mut(coefficients).enumerate() {
        let (lower, upper, share) = between(middle + (frame as f32 - middle) * tempo, frames);
        for ((value, a), b) in mixed.iter_mut().zip(row(lower)).zip(row(upper)) {
            *value = a + (b - a) * share;
        }
        for (value, &(lower, upper, share)) in out.iter_mut().zip(&bands) {
            if let (Some(a), Some(b)) = (mixed.get(lower), mixed.get(upper)) {
                *value = a + (b - a) * share;
            }
        }
    }
}

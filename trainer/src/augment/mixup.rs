//! Mixup: a clip and a little of another, with a target that says so (Zhang et al. 2018, arXiv:1710.09412).

use rand::RngExt;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::config::Mixup;
use super::happens;

/// Mixes clips of a batch with others of it, in place, targets and features by the same share.
///
/// `features` is `[batch, …]` and `targets` `[batch, classes]`, soft, each row's sum kept. A clip keeps the larger share.
/// Does nothing where the lengths are no multiples of `batch` or there is nothing to mix with.
pub fn mixup(
    config: &Mixup,
    features: &mut [f32],
    targets: &mut [f32],
    batch: usize,
    rng: &mut ChaCha8Rng,
) {
    if batch < 2
        || !features.len().is_multiple_of(batch)
        || !targets.len().is_multiple_of(batch)
        || features.is_empty()
        || targets.is_empty()
    {
        return;
    }
    let (item, classes) = (features.len() / batch, targets.len() / batch);
    let mut partners: Vec<usize> = (0..batch).collect();
    partners.shuffle(rng);
    let (features_before, targets_before) = (features.to_vec(), targets.to_vec());
    for (index, partner) in partners.into_iter().enumerate() {
        let mixed = happens(rng, config.probability);
        let share = draw_share(config.alpha, rng);
        if !mixed || partner == index {
            continue;
        }
        for (values, before, width) in [
            (&mut *features, &features_before, item),
            (&mut *targets, &targets_before, classes),
        ] {
            let own = values.get_mut(index * width..(index + 1) * width);
            let other = before.get(partner * width..(partner + 1) * width);
            for (value, from) in own
                .unwrap_or_default()
                .iter_mut()
                .zip(other.unwrap_or_default())
            {
                *value = share * *value + (1.0 - share) * from;
            }
        }
    }
}

/// The larger of λ and 1 − λ with λ from Beta(`alpha`, `alpha`), by Jöhnk's method in logarithms (small shapes underflow).
fn draw_share(alpha: f32, rng: &mut ChaCha8Rng) -> f32 {
    // For shapes up to 4 a draw is accepted once in 70 at worst; the limit only keeps the loop finite.
    for _ in 0..10_000 {
        let (u, v) = (
            (1.0 - rng.random::<f64>()).ln() / f64::from(alpha),
            (1.0 - rng.random::<f64>()).ln() / f64::from(alpha),
        );
        let larger = u.max(v);
        let sum = larger + ((u - larger).exp() + (v - larger).exp()).ln();
        if sum <= 0.0 {
            return (larger - sum).exp() as f32;
        }
    }
    1.0
}

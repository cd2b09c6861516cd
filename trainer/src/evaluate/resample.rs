//! Intervals of any figure over speakers drawn anew: of a difference between groups, of what a condition costs.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::bootstrap::{self, Interval, RESAMPLES};

/// Fixed, so that the same predictions give the same interval.
const SEED: u64 = 0x7370_6561_6b65_7273;

/// Draws the speakers of each stratum anew with replacement, as many as it has, [`RESAMPLES`] times: `take` gets the numbers of those drawn,
/// `[stratum][draw]`.
pub(crate) fn draw(strata: &[usize], mut take: impl FnMut(&[Vec<usize>])) {
    let mut random = ChaCha8Rng::seed_from_u64(SEED);
    let mut drawn: Vec<Vec<usize>> = strata.iter().map(|&count| vec![0; count]).collect();
    for _ in 0..RESAMPLES {
        for (places, &speakers) in drawn.iter_mut().zip(strata) {
            for place in places {
                *place = random.random_range(0..speakers);
            }
        }
        take(&drawn);
    }
}

/// The 95 % interval of a figure's draws; none without draws.
pub(crate) fn interval(draws: Vec<f64>) -> Option<Interval> {
    (!draws.is_empty()).then(|| bootstrap::interval(draws))
}

//! Intervals of any figure over speakers drawn anew: of a difference between groups, of what a condition costs.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::bootstrap::{self, Interval, RESAMPLES};

/// Fixed, so that the same predictions give the same interval.
const SEED: u64 = 0x7370_6561_6b65_7273;

/// The 95 % interval of a figure when the speakers of each stratum are drawn anew with replacement, as many as it has.
///
/// `strata` holds the number of speakers of each; `figure` gets the numbers of those drawn, `[stratum][draw]`, and gives `None` where they
/// have none. No interval where every stratum has fewer than two speakers.
pub(crate) fn interval(
    strata: &[usize],
    mut figure: impl FnMut(&[Vec<usize>]) -> Option<f64>,
) -> Option<Interval> {
    if strata.iter().all(|&speakers| speakers < 2) {
        return None;
    }
    let mut random = ChaCha8Rng::seed_from_u64(SEED);
    let mut drawn: Vec<Vec<usize>> = strata.iter().map(|&count| vec![0; count]).collect();
    let mut figures = Vec::with_capacity(RESAMPLES);
    for _ in 0..RESAMPLES {
        for (places, &speakers) in drawn.iter_mut().zip(strata) {
            for place in places {
                *place = random.random_range(0..speakers);
            }
        }
        figures.extend(figure(&drawn));
    }
    (!figures.is_empty()).then(|| bootstrap::interval(figures))
}

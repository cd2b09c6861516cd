//! Where a series changes its mean: change points by penalised least squares.
//!
//! Given points `x_t` of several dimensions with weights `w_t`, the borders `0 = τ_0 < τ_1 < … < τ_K = n` are those that make
//!
//! ```text
//! Σ_k C(τ_{k−1}, τ_k) + K · β      with  C(a, b) = Σ_{a ≤ t < b} w_t Σ_d (x_{t,d} − mean_d)² / σ_d²
//! ```
//!
//! smallest, found exactly by optimal partitioning (Jackson et al., "An algorithm for optimal partitioning of data on an interval", IEEE
//! Signal Processing Letters 12, 2005) with the pruning of PELT (Killick, Fearnhead & Eckley, "Optimal detection of changepoints with a linear
//! computational cost", JASA 107, 2012). `β = change · (D + 1) · ln n`: at 1 Schwarz's criterion for `D` new means and a place.
//!
//! `σ_d²` is the long-run variance of a dimension's noise, which neighbouring points share: a first-order autoregression, whose coefficient and
//! variance come from mean squares of differences, in which the few changes themselves hardly count (von Neumann et al., "The mean square
//! successive difference", Annals of Mathematical Statistics 12, 1941; for an autoregression, with medians, Chakar, Lebarbier, Lévy-Leduc & Robin, "A robust
//! approach for estimating change-points in the mean of an AR(1) process", Bernoulli 23, 2017): with `d_k` the mean of `(x_{t+k} − x_t)²`,
//! `ρ = d_2 / d_1 − 1` and `σ² = d_1 / (2 (1 − ρ)) · (1 + ρ) / (1 − ρ)`. Means and not medians, because scores jump between a few emotions: most
//! differences of one score are next to nothing, and a median would call that all its noise.
//!
//! On eleven minutes put together from clips of two RAVDESS actors (known to the model), five moods, sections of 60 s at least, `undersong map` found
//! the four borders to a cell of 3 s and no others for `change` from 0.1 to 0.5, and two of them at 0.7 and 1. The same cells in a random order, sections
//! of 21 s allowed, gave 1.2 borders at 0.3, 0.2 at 0.4 and none at 0.5 (means of 40 and more orders). So 0.5 is the default.

/// Noise is never taken to be less than this, so that a dimension that hardly moves decides nothing.
const LEAST_DEVIATION: f64 = 0.03;
/// Neighbours are never taken to be more alike than this.
const LARGEST_CORRELATION: f64 = 0.8;

/// Borders inside `0..n`, ascending; no part is shorter than `min_points` (unless there are fewer points than two such parts, which gives none).
///
/// `points` are `[n]` of `[dimensions]` each, `weights` `[n]` from 0 (not known) to 1.
pub(super) fn changes(
    points: &[Vec<f64>],
    weights: &[f64],
    min_points: usize,
    change: f64,
) -> Vec<usize> {
    let n = points.len();
    let min_points = min_points.max(1);
    let dimensions = points.iter().map(Vec::len).max().unwrap_or(0);
    if n < 2 * min_points || dimensions == 0 {
        return Vec::new();
    }
    let deviation: Vec<f64> = (0..dimensions)
        .map(|dimension| noise(points, weights, dimension))
        .collect();
    let costs = Costs::new(points, weights, &deviation);
    let penalty = change * (dimensions + 1) as f64 * (n as f64).ln();

    let mut best = vec![f64::INFINITY; n + 1];
    let mut from = vec![0; n + 1];
    best[0] = -penalty;
    // Starts of the last part, each with the end from which on it is known to be beaten.
    let mut starts: Vec<(usize, usize)> = Vec::new();
    for end in min_points..=n {
        starts.push((end - min_points, usize::MAX));
        starts.retain(|&(_, beaten)| beaten > end);
        for &(start, _) in &starts {
            let total = best[start] + costs.of(start, end) + penalty;
            if total < best[end] {
                (best[end], from[end]) = (total, start);
            }
        }
        for (start, beaten) in &mut starts {
            // A border at `end` is as good for every later end that leaves room for a whole part.
            if *beaten == usize::MAX && best[*start] + costs.of(*start, end) > best[end] {
                *beaten = end + min_points;
            }
        }
    }
    let mut borders = Vec::new();
    let mut end = n;
    while end > 0 {
        end = from[end];
        if end > 0 {
            borders.push(end);
        }
    }
    borders.reverse();
    borders
}

/// Standard deviation of a dimension's noise in the long run.
fn noise(points: &[Vec<f64>], weights: &[f64], dimension: usize) -> f64 {
    let value = |index: usize| -> Option<f64> {
        let known = weights.get(index).is_some_and(|&weight| weight >= 0.3);
        points.get(index)?.get(dimension).copied().filter(|_| known)
    };
    let mean_square = |lag: usize| {
        let squares =
            (0..points.len()).filter_map(|at| Some((value(at + lag)? - value(at)?).powi(2)));
        let (sum, count) = squares.fold((0.0, 0_u32), |(sum, count), it| (sum + it, count + 1));
        (count > 0).then(|| sum / f64::from(count))
    };
    let (Some(one), Some(two)) = (mean_square(1), mean_square(2)) else {
        return LEAST_DEVIATION;
    };
    let correlation = if one > 0.0 {
        (two / one - 1.0).clamp(0.0, LARGEST_CORRELATION)
    } else {
        0.0
    };
    let variance = one / (2.0 * (1.0 - correlation));
    let long_run = variance * (1.0 + correlation) / (1.0 - correlation);
    long_run.sqrt().max(LEAST_DEVIATION)
}

/// Costs of parts, from sums.
struct Costs {
    weight: Vec<f64>,
    square: Vec<f64>,
    /// `[n + 1][dimensions]`.
    sums: Vec<Vec<f64>>,
}

impl Costs {
    fn new(points: &[Vec<f64>], weights: &[f64], deviation: &[f64]) -> Self {
        let mut costs = Self {
            weight: vec![0.0],
            square: vec![0.0],
            sums: vec![vec![0.0; deviation.len()]],
        };
        let (mut weight_sum, mut square, mut sums) = (0.0, 0.0, vec![0.0; deviation.len()]);
        for (point, &weight) in points.iter().zip(weights) {
            weight_sum += weight;
            for ((sum, value), deviation) in sums.iter_mut().zip(point).zip(deviation) {
                let value = value / deviation;
                *sum += weight * value;
                square += weight * value * value;
            }
            costs.weight.push(weight_sum);
            costs.square.push(square);
            costs.sums.push(sums.clone());
        }
        costs
    }

    fn of(&self, start: usize, end: usize) -> f64 {
        let weight = self.weight[end] - self.weight[start];
        if weight <= 0.0 {
            return 0.0;
        }
        let sums = self.sums[end].iter().zip(&self.sums[start]);
        let squares: f64 = sums.map(|(end, start)| (end - start).powi(2)).sum();
        (self.square[end] - self.square[start] - squares / weight).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    /// Noise of deviation about 0.1 around means, each for so many points; neighbours are alike by `rho`.
    fn series(parts: &[(usize, [f64; 3])], rho: f64, seed: u64) -> Vec<Vec<f64>> {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut state = [0.0; 3];
        let mut points = Vec::new();
        for &(count, mean) in parts {
            for _ in 0..count {
                let point = (0..3).map(|d| {
                    let noise: f64 = (0..12).map(|_| random.random::<f64>() - 0.5).sum();
                    state[d] = rho * state[d] + (1.0 - rho * rho).sqrt() * 0.1 * noise;
                    mean[d] + state[d]
                });
                points.push(point.collect());
            }
        }
        points
    }

    fn found(points: &[Vec<f64>], min_points: usize) -> Vec<usize> {
        changes(points, &vec![1.0; points.len()], min_points, 1.0)
    }

    #[test]
    fn changes_are_found_where_they_are() {
        for (seed, rho) in [(1, 0.0), (2, 0.3), (3, 0.5)] {
            let parts = [
                (120, [0.1, 0.0, 0.5]),
                (60, [0.5, 0.2, 0.1]),
                (200, [0.1, 0.4, 0.1]),
            ];
            let borders = found(&series(&parts, rho, seed), 20);
            assert_eq!(borders.len(), 2, "{rho}: {borders:?}");
            assert!(
                borders[0].abs_diff(120) <= 3 && borders[1].abs_diff(180) <= 3,
                "{borders:?}"
            );
        }
    }

    #[test]
    fn without_a_change_there_is_none_also_where_neighbours_are_alike() {
        let cut = (0..40).filter(|&seed| {
            let rho = [0.0, 0.3, 0.6, 0.3][seed as usize % 4];
            !found(&series(&[(600, [0.2, 0.1, 0.3])], rho, seed), 20).is_empty()
        });
        assert!(cut.count() <= 1);
    }

    #[test]
    fn no_part_is_shorter_than_asked_and_pruning_changes_nothing() {
        let parts = [
            (30, [0.1; 3]),
            (7, [0.9; 3]),
            (40, [0.1; 3]),
            (50, [0.6; 3]),
        ];
        let points = series(&parts, 0.2, 9);
        for min_points in [1, 5, 15, 30] {
            let borders = found(&points, min_points);
            let all: Vec<usize> = [0]
                .into_iter()
                .chain(borders.iter().copied())
                .chain([127])
                .collect();
            assert!(
                all.windows(2).all(|it| it[1] - it[0] >= min_points),
                "{all:?}"
            );
            assert_eq!(borders, slowly(&points, min_points), "{min_points}");
        }
    }

    /// The same without pruning.
    fn slowly(points: &[Vec<f64>], min_points: usize) -> Vec<usize> {
        let (n, weights) = (points.len(), vec![1.0; points.len()]);
        let deviation: Vec<f64> = (0..3).map(|d| noise(points, &weights, d)).collect();
        let costs = Costs::new(points, &weights, &deviation);
        let penalty = 4.0 * (n as f64).ln();
        let mut best = vec![(f64::INFINITY, Vec::new()); n + 1];
        best[0] = (-penalty, Vec::new());
        for end in min_points..=n {
            for start in 0..=end - min_points {
                let total = best[start].0 + costs.of(start, end) + penalty;
                if total < best[end].0 {
                    let mut borders = best[start].1.clone();
                    if start > 0 {
                        borders.push(start);
                    }
                    best[end] = (total, borders);
                }
            }
        }
        best[n].1.clone()
    }

    #[test]
    fn points_of_no_weight_decide_nothing() {
        let mut points = series(&[(60, [0.2; 3]), (60, [0.7; 3])], 0.0, 4);
        let mut weights = vec![1.0; 120];
        for index in 20..30 {
            points[index] = vec![9.0; 3];
            weights[index] = 0.0;
        }
        assert_eq!(changes(&points, &weights, 5, 1.0), [60]);
        assert!(changes(&[], &[], 5, 1.0).is_empty());
        assert!(changes(&points, &vec![0.0; 120], 5, 1.0).is_empty());
    }
}

//! Shapley values by sampling orders, each with its reverse.

use crate::timeline::Effect;

/// What each player added, pair of orders by pair of orders, `[pairs][players]`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Samples(Vec<Vec<f64>>);

/// Samples `pairs` pairs of orders of `players`.
///
/// `empty` and `full` are the values without any player and with all of them. `values` is given groups of players, `[groups][players]`, and gives the
/// value of each. Along an order the gains telescope, so each pair's sum is `full - empty`, whatever is drawn.
pub(super) fn sample<E>(
    players: usize,
    pairs: usize,
    seed: u64,
    empty: f64,
    full: f64,
    mut values: impl FnMut(&[Vec<bool>]) -> Result<Vec<f64>, E>,
) -> Result<Samples, E> {
    let mut random = SplitMix64(seed);
    let mut order: Vec<usize> = (0..players).collect();
    let mut samples = Vec::with_capacity(pairs);
    for _ in 0..pairs {
        random.shuffle(&mut order);
        let mut groups = growing(&order);
        order.reverse();
        groups.extend(growing(&order));
        let values = values(&groups)?;
        let (backward, forward) = (&values[groups.len() / 2..], &values[..groups.len() / 2]);
        let mut gains = vec![0.0; players];
        for between in [backward, forward] {
            let before = std::iter::once(empty).chain(between.iter().copied());
            let after = between.iter().copied().chain(std::iter::once(full));
            for (&player, (before, after)) in order.iter().zip(before.zip(after)) {
                gains[player] += (after - before) / 2.0;
            }
            order.reverse();
        }
        samples.push(gains);
    }
    Ok(Samples(samples))
}

/// The groups that an order passes through, without the empty and the full one.
fn growing(order: &[usize]) -> Vec<Vec<bool>> {
    let mut group = vec![false; order.len()];
    order
        .iter()
        .take(order.len().saturating_sub(1))
        .map(|&player| {
            group[player] = true;
            group.clone()
        })
        .collect()
}

impl Samples {
    /// The effect of some players together: mean over the pairs, and its standard error.
    pub(super) fn effect(&self, players: impl Iterator<Item = usize> + Clone) -> Effect {
        let count = self.0.len() as f64;
        let sums: Vec<f64> = self
            .0
            .iter()
            .map(|gains| players.clone().map(|player| gains[player]).sum())
            .collect();
        let mean = sums.iter().sum::<f64>() / count.max(1.0);
        let squares: f64 = sums.iter().map(|sum| (sum - mean).powi(2)).sum();
        Effect {
            value: mean,
            error: if sums.len() > 1 {
                (squares / (count - 1.0) / count).sqrt()
            } else {
                0.0
            },
        }
    }
}

/// Steele, Lea & Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014. Here so that a seed gives the same orders in every version.
struct SplitMix64(u64);

impl SplitMix64 {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Fisher & Yates. The product's upper half is even enough over at most some hundred places.
    fn shuffle(&mut self, order: &mut [usize]) {
        for last in (1..order.len()).rev() {
            let place = (u128::from(self.next()) * (last as u128 + 1)) >> 64;
            order.swap(last, place as usize);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sampled(players: usize, pairs: usize, value: impl Fn(&[bool]) -> f64) -> Samples {
        let (empty, full) = (value(&vec![false; players]), value(&vec![true; players]));
        let outcome: Result<_, ()> = sample(players, pairs, 1, empty, full, |groups| {
            Ok(groups.iter().map(|group| value(group)).collect())
        });
        outcome.unwrap()
    }

    #[test]
    fn a_sum_of_players_gives_each_its_own_worth_without_error() {
        let worth = [3.0, -1.0, 0.0, 0.5, 7.0];
        let samples = sampled(5, 2, |group| {
            let there = group.iter().zip(&worth);
            there
                .filter(|(there, _)| **there)
                .map(|(_, worth)| worth)
                .sum()
        });
        for (player, worth) in worth.iter().enumerate() {
            let effect = samples.effect(std::iter::once(player));
            assert!(
                (effect.value - worth).abs() < 1e-12 && effect.error < 1e-12,
                "{effect:?}"
            );
        }
    }

    #[test]
    fn a_pair_that_only_counts_together_shares_evenly() {
        // 1 for both of the first two, and nothing else matters. With an order and its reverse this is exact in one pair.
        let samples = sampled(6, 1, |group| f64::from(u8::from(group[0] && group[1])));
        for (player, wanted) in [0.5, 0.5, 0.0, 0.0, 0.0, 0.0].into_iter().enumerate() {
            assert_eq!(samples.effect(std::iter::once(player)).value, wanted);
        }
    }

    #[test]
    fn effects_sum_up_to_the_whole_for_any_function_and_any_number_of_orders() {
        let value = |group: &[bool]| {
            let bits = group
                .iter()
                .fold(17_u64, |bits, &there| bits * 31 + u64::from(there));
            SplitMix64(bits).next() as f64 / u64::MAX as f64
        };
        for pairs in [1, 3] {
            let samples = sampled(9, pairs, value);
            let whole = samples.effect(0..9);
            let wanted = value(&[true; 9]) - value(&[false; 9]);
            assert!((whole.value - wanted).abs() < 1e-12 && whole.error < 1e-12);
        }
    }

    #[test]
    fn the_sampled_value_of_a_glove_game_is_near_the_exact_one() {
        // One left glove, two right ones: 2/3, 1/6, 1/6.
        let samples = sampled(3, 400, |group| {
            f64::from(u8::from(group[0] && (group[1] || group[2])))
        });
        for (player, wanted) in [2.0 / 3.0, 1.0 / 6.0, 1.0 / 6.0].into_iter().enumerate() {
            let effect = samples.effect(std::iter::once(player));
            assert!(
                (effect.value - wanted).abs() < 4.0 * effect.error + 1e-12,
                "{effect:?}"
            );
            assert!(effect.error < 0.03);
        }
    }
}

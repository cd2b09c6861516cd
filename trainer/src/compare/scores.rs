//! From votes of pairs and neighbours to scores that can be compared, ranked and calibrated like a network's logits.

/// Scores `[classes]` of one clip from the decisions of every pair of classes: how many pairs a class won, and, between classes with
/// equal wins, how clearly (as scikit-learn's `decision_function_shape="ovr"` has it).
pub(super) fn of_pairs(
    classes: usize,
    decisions: impl IntoIterator<Item = ((usize, usize), f64)>,
) -> Vec<f32> {
    let mut wins = vec![0.0; classes];
    let mut margins = vec![0.0; classes];
    for ((first, second), decision) in decisions {
        // Above 0 the second won.
        let winner = if decision > 0.0 { second } else { first };
        if let Some(wins) = wins.get_mut(winner) {
            *wins += 1.0;
        }
        for (class, margin) in [(second, decision), (first, -decision)] {
            if let Some(sum) = margins.get_mut(class) {
                *sum += margin;
            }
        }
    }
    wins.iter()
        .zip(&margins)
        .map(|(wins, margin): (&f64, &f64)| (wins + margin / (3.0 * (margin.abs() + 1.0))) as f32)
        .collect()
}

/// Scores `[classes]` of one clip from its neighbours' classes: the logarithm of each class's share, with half a neighbour for every
/// class, so that none is impossible. The first neighbours count a little more, which decides between equal shares.
pub(super) fn of_neighbours(classes: usize, neighbours: &[usize]) -> Vec<f32> {
    let mut votes = vec![0.5; classes];
    for (place, &class) in neighbours.iter().enumerate() {
        if let Some(vote) = votes.get_mut(class) {
            *vote += 1.0 + 0.1 / (1.0 + place as f64);
        }
    }
    let all: f64 = votes.iter().sum();
    votes.iter().map(|vote| (vote / all).ln() as f32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wins_decide_and_margins_only_between_equals() {
        // 0 beats 1 by far; 2 beats both by a hair.
        let scores = of_pairs(3, [((0, 1), -9.0), ((0, 2), 0.01), ((1, 2), 0.01)]);
        assert!(scores[2] > scores[0] && scores[0] > scores[1], "{scores:?}");
        // A circle: each wins once, 0 most clearly.
        let scores = of_pairs(3, [((0, 1), -3.0), ((1, 2), -0.5), ((0, 2), 0.5)]);
        assert!(scores[0] > scores[2] && scores[2] > scores[1], "{scores:?}");
    }

    #[test]
    fn the_most_frequent_neighbour_wins_and_the_nearest_among_equals() {
        let best = |neighbours: &[usize]| {
            let scores = of_neighbours(3, neighbours);
            (0..3)
                .max_by(|&a, &b| scores[a].total_cmp(&scores[b]))
                .unwrap()
        };
        assert_eq!(best(&[0, 1, 1]), 1);
        assert_eq!(best(&[2, 1]), 2);
        assert!(of_neighbours(3, &[]).iter().all(|score| score.is_finite()));
    }
}

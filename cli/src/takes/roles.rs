//! Which take of a line is the closest, the safest and the most different one; those that cannot be told apart are all of them.

use super::compare::{Measured, Numbers};

/// What a take is among those of its line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Role {
    /// Comes closest to what is wanted.
    Closest,
    /// Close, sure, clean, and near to what the other takes do.
    Safest,
    /// Lies farthest from the other takes.
    MostDifferent,
}

impl Role {
    /// All of them, in the order in which they are told.
    pub(crate) const ALL: [Self; 3] = [Self::Closest, Self::Safest, Self::MostDifferent];

    /// For a person.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Closest => "closest",
            Self::Safest => "safest",
            Self::MostDifferent => "most different",
        }
    }
}

/// Who has a role.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Holders {
    /// The takes, best first: more than one is a tie.
    pub(crate) takes: Vec<usize>,
    /// The best of those that do not have it.
    pub(crate) next: Option<usize>,
    /// Candidates.
    pub(crate) of: usize,
}

/// What is known of each take, as far as roles go.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Candidate {
    /// `None` without voice.
    pub(crate) numbers: Option<Numbers>,
    /// Whether it sounds more like what is wanted than like anything else; always, where nothing is wanted.
    pub(crate) fits: bool,
    /// Whether nothing is wrong with its sound.
    pub(crate) clean: bool,
}

/// Who has a role among a line's takes; `None` if nobody does.
///
/// Closest is any take with voice, where something is wanted. Safest is one that sounds like it and whose sound is clean. Nobody is the most different
/// of fewer than three, nor where half of them or more tie: then none stands apart.
pub(crate) fn holders(role: Role, takes: &[Candidate]) -> Option<Holders> {
    let numbers = takes
        .iter()
        .enumerate()
        .filter_map(|(index, take)| Some((index, take, take.numbers?)));
    let mut candidates: Vec<(usize, Measured)> = numbers
        .filter_map(|(index, take, numbers)| {
            let value = match role {
                Role::Closest => numbers.closeness?,
                Role::Safest => (take.clean && take.fits).then_some(numbers.safety)?,
                Role::MostDifferent => numbers.difference?,
            };
            Some((index, value))
        })
        .collect();
    candidates.sort_by(|(_, a), (_, b)| b.value.total_cmp(&a.value));
    let &(_, best) = candidates.first()?;
    let ties = candidates
        .iter()
        .take_while(|(_, it)| best.ties(*it))
        .count()
        .max(1);
    if role == Role::MostDifferent && (candidates.len() < 3 || 2 * ties >= candidates.len()) {
        return None;
    }
    let order: Vec<usize> = candidates.iter().map(|(index, _)| *index).collect();
    let (takes, rest) = order.split_at(ties);
    Some(Holders {
        takes: takes.to_vec(),
        next: rest.first().copied(),
        of: order.len(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(closeness: f64, difference: f64, clean: bool) -> Candidate {
        let measured = |value| Measured { value, error: 0.02 };
        Candidate {
            numbers: Some(Numbers {
                closeness: Some(measured(closeness)),
                safety: measured(closeness - difference),
                difference: Some(measured(difference)),
            }),
            fits: closeness > 0.4,
            clean,
        }
    }

    const SILENT: Candidate = Candidate {
        numbers: None,
        fits: true,
        clean: false,
    };

    #[test]
    fn the_best_has_the_role_and_near_ones_share_it() {
        // 1.96 · √2 · 0.02 = 0.055 is a tie.
        let takes = [
            take(0.5, 0.1, true),
            SILENT,
            take(0.9, 0.1, true),
            take(0.86, 0.4, true),
        ];
        let closest = holders(Role::Closest, &takes).unwrap();
        assert_eq!(
            closest,
            Holders {
                takes: vec![2, 3],
                next: Some(0),
                of: 3
            }
        );
        let different = holders(Role::MostDifferent, &takes).unwrap();
        assert_eq!((different.takes, different.next), (vec![3], Some(0)));
    }

    #[test]
    fn what_is_not_clean_is_not_safe_but_may_be_closest() {
        let takes = [take(0.9, 0.1, false), take(0.5, 0.1, true)];
        assert_eq!(holders(Role::Closest, &takes).unwrap().takes, [0]);
        assert_eq!(holders(Role::Safest, &takes).unwrap().takes, [1]);
        assert_eq!(holders(Role::Safest, &[take(0.9, 0.1, false)]), None);
        assert_eq!(
            holders(Role::Safest, &[take(0.3, 0.1, true)]),
            None,
            "something else is heard"
        );
    }

    #[test]
    fn of_two_or_of_equals_none_is_the_most_different() {
        assert_eq!(
            holders(
                Role::MostDifferent,
                &[take(0.9, 0.3, true), take(0.5, 0.3, true)]
            ),
            None
        );
        let alike = [
            take(0.9, 0.31, true),
            take(0.5, 0.3, true),
            take(0.5, 0.3, true),
        ];
        assert_eq!(holders(Role::MostDifferent, &alike), None);
    }

    #[test]
    fn without_voice_nobody_has_a_role() {
        assert!(
            Role::ALL
                .iter()
                .all(|&role| holders(role, &[SILENT]).is_none())
        );
    }
}

//! Numbers, ranges and times, as people write them.

use super::query::{Comparison, Is};
use crate::trouble::Trouble;

/// `>0.5`, `<= -0.2`, or `-0.2..0.2`, which includes both.
pub(super) fn parse_comparisons(text: &str) -> Option<Vec<Comparison>> {
    let number = |text: &str| {
        text.trim()
            .parse::<f64>()
            .ok()
            .filter(|value| value.is_finite())
    };
    let text = text.trim();
    if let Some((least, most)) = text.split_once("..") {
        let (least, most) = (number(least)?, number(most)?);
        return (least <= most).then(|| {
            vec![
                Comparison {
                    is: Is::AtLeast,
                    value: least,
                },
                Comparison {
                    is: Is::AtMost,
                    value: most,
                },
            ]
        });
    }
    let signs = [
        (">=", Is::AtLeast),
        ("<=", Is::AtMost),
        (">", Is::Above),
        ("<", Is::Below),
    ];
    let (rest, is) = signs
        .into_iter()
        .find_map(|(sign, is)| Some((text.strip_prefix(sign)?, is)))?;
    Some(vec![Comparison {
        is,
        value: number(rest)?,
    }])
}

pub(super) fn parse_score(text: &str) -> Result<f64, Trouble> {
    text.trim()
        .parse::<f64>()
        .ok()
        .filter(|score| (0.0..=1.0).contains(score))
        .ok_or_else(|| {
            Trouble::Misused(format!(
                "--min {text}: expected a score from 0 to 1, such as 0.7"
            ))
        })
}

/// `2s`, `500ms`, `1.5min`, `2`.
pub(super) fn parse_time(option: &str, text: &str) -> Result<f64, Trouble> {
    let trimmed = text.trim();
    let units = [
        ("ms", 1e-3),
        ("min", 60.0),
        ("s", 1.0),
        ("h", 3600.0),
        ("", 1.0),
    ];
    let parsed = units.into_iter().find_map(|(unit, seconds)| {
        let number = trimmed.strip_suffix(unit)?.trim_end().parse::<f64>().ok()?;
        Some(number * seconds)
    });
    parsed
        .filter(|seconds| seconds.is_finite() && *seconds >= 0.0)
        .ok_or_else(|| {
            Trouble::Misused(format!(
                "{option} {text}: expected a time such as 2s, 500ms, 1.5min or 1h"
            ))
        })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use super::*;

    #[test]
    fn comparisons_are_read_as_people_write_them() {
        let one = |is, value| Some(vec![Comparison { is, value }]);
        assert_eq!(parse_comparisons(">0.5"), one(Is::Above, 0.5));
        assert_eq!(parse_comparisons(" >= 0.5 "), one(Is::AtLeast, 0.5));
        assert_eq!(parse_comparisons("<-0.25"), one(Is::Below, -0.25));
        assert_eq!(parse_comparisons("<=1"), one(Is::AtMost, 1.0));
        let range = parse_comparisons("-0.2..0.3").unwrap();
        assert!(range.iter().all(|comparison| comparison.holds(0.3)));
        assert!(!range.iter().all(|comparison| comparison.holds(0.31)));
        for wrong in [
            "",
            "0.5",
            ">",
            ">x",
            "=0.5",
            ">nan",
            ">inf",
            "1..0",
            "..",
            "> 0.5 0.6",
        ] {
            assert_eq!(parse_comparisons(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn times_have_units() {
        let time = |text| parse_time("--longer", text).ok();
        assert_eq!(time("2s"), Some(2.0));
        assert_eq!(time("2"), Some(2.0));
        assert_eq!(time("500ms"), Some(0.5));
        assert_eq!(time("1.5 min"), Some(90.0));
        assert_eq!(time("1h"), Some(3600.0));
        for wrong in ["", "s", "-1", "nan", "2 apples", "1:30"] {
            assert_eq!(time(wrong), None, "{wrong}");
        }
    }
}

//! Figures as the page writes them.

use super::measured::Spread;
use crate::evaluate::Interval;
pub(super) use crate::evaluate::report::format::{
    count, decimals, duration, percent, plural, trained_for,
};

/// What stands where nothing was measured.
pub(super) const NOT_MEASURED: &str = "not measured";

/// A share in per cent without the sign: `65.1`.
pub(super) fn points(share: f64) -> String {
    format!("{:.1}", share * 100.0)
}

/// A share in per cent with its sign before it: `+2.3`, `−0.4`.
pub(super) fn signed(share: f64) -> String {
    let points = (share * 1000.0).round() / 10.0;
    match points < 0.0 {
        true => format!("−{:.1}", -points),
        false => format!("+{points:.1}"),
    }
}

/// `65.1 ± 6.2`, in per cent without the sign.
pub(super) fn spread(spread: Spread) -> String {
    match spread.deviation {
        Some(deviation) => format!("{} ± {}", points(spread.mean), points(deviation)),
        None => points(spread.mean),
    }
}

/// `58.1–65.4`, or a dash.
pub(super) fn range(interval: Option<Interval>) -> String {
    crate::evaluate::report::interval(interval)
}

/// `+1.2 to +5.0`, or a dash.
pub(super) fn signed_range(interval: Option<Interval>) -> String {
    interval.map_or_else(
        || "–".to_owned(),
        |interval| format!("{} to {}", signed(interval.low), signed(interval.high)),
    )
}

/// `0, 1, 2 and 3`.
pub(super) fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [before @ .., last] => format!("{} and {last}", before.join(", ")),
    }
}

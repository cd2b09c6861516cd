//! Numbers as people read them, one way in text, HTML and model cards.

use crate::evaluate::Interval;
use crate::recipe::networks;

/// What stands where there is no figure.
const NONE: &str = "–";

/// A share as per cent with one decimal: `62.0 %`, with a no-break space.
pub(crate) fn percent(share: impl Into<Option<f64>>) -> String {
    match share.into() {
        Some(share) if share.is_finite() => format!("{:.1}\u{a0}%", share * 100.0),
        _ => NONE.to_owned(),
    }
}

/// A number with three decimals: `0.053`.
pub(crate) fn decimals(value: f64) -> String {
    if value.is_finite() {
        format!("{value:.3}")
    } else {
        NONE.to_owned()
    }
}

/// An interval of shares: `58.1–65.4`, in per cent without the sign.
pub(crate) fn interval(interval: Option<Interval>) -> String {
    interval.map_or_else(
        || NONE.to_owned(),
        |interval| format!("{:.1}–{:.1}", interval.low * 100.0, interval.high * 100.0),
    )
}

/// A whole number with thousands told apart: `7,404`.
pub(crate) fn count(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number of things: `1 clip`, `20 clips`.
pub(crate) fn plural(number: usize, thing: &str) -> String {
    format!(
        "{} {thing}{}",
        count(number),
        if number == 1 { "" } else { "s" }
    )
}

/// How long a recipe (its text) was trained: `200 epochs`, or `the mean of 2 networks, 350 epochs together`.
pub(crate) fn trained_for(recipe_toml: &str, epochs: usize) -> String {
    let epochs = plural(epochs, "epoch");
    match networks(recipe_toml) {
        1 => epochs,
        networks => format!("the mean of {networks} networks, {epochs} together"),
    }
}

/// A time as people say it: `45 s`, `12 min 5 s`, `1 h 20 min`.
pub(crate) fn duration(seconds: f64) -> String {
    // A wrong clock must not spoil a report; a year is longer than any training.
    let whole = seconds.clamp(0.0, 3.2e7).round() as u64;
    match (whole / 3600, whole / 60 % 60, whole % 60) {
        (0, 0, _) if seconds < 10.0 => format!("{seconds:.1} s"),
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

/// Text made safe inside HTML, in content and in quoted attributes.
pub(crate) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_networks_are_counted_in_words() {
        assert_eq!(trained_for("name = \"a\"", 1), "1 epoch");
        assert_eq!(trained_for("no recipe", 30), "30 epochs");
        let pair = "[[also]]\nepochs = 150";
        assert_eq!(
            trained_for(pair, 350),
            "the mean of 2 networks, 350 epochs together"
        );
    }

    #[test]
    fn thousands_are_told_apart() {
        assert_eq!(
            [0, 999, 1000, 7404, 1_234_567].map(count),
            ["0", "999", "1,000", "7,404", "1,234,567"]
        );
    }

    #[test]
    fn times_read_as_people_say_them() {
        assert_eq!(
            [3.21, 45.0, 725.0, 4800.0].map(duration),
            ["3.2 s", "45 s", "12 min 5 s", "1 h 20 min"]
        );
        assert_eq!(duration(f64::NAN), "0 s");
    }

    #[test]
    fn text_cannot_become_markup() {
        assert_eq!(
            escape("<a b=\"c\">'&"),
            "&lt;a b=&quot;c&quot;&gt;&#39;&amp;"
        );
    }
}

//! How values are written and read back.

use std::sync::Arc;

type Show<T> = Arc<dyn Fn(T) -> String + Send + Sync>;
type Read<T> = Arc<dyn Fn(&str) -> Option<T> + Send + Sync>;

/// A share as per cent, one digit: `42.0`, with ` %` as the unit.
pub(super) fn percent() -> Show<f32> {
    Arc::new(|value| format!("{:.1}", value * 100.0))
}

/// Reads `42`, `42 %`, `42.0%`.
pub(super) fn read_percent() -> Read<f32> {
    Arc::new(|text| number(text, "%").map(|value| value / 100.0))
}

/// So many digits after the point.
pub(super) fn digits(digits: usize) -> Show<f32> {
    Arc::new(move |value| {
        let text = format!("{value:.digits$}");
        // No "-0.00".
        if text
            .trim_start_matches('-')
            .chars()
            .all(|c| c == '0' || c == '.')
        {
            text.trim_start_matches('-').to_owned()
        } else {
            text
        }
    })
}

/// Reads a number with or without its unit.
pub(super) fn read_unit(unit: &'static str) -> Read<f32> {
    Arc::new(move |text| number(text, unit))
}

fn number(text: &str, unit: &str) -> Option<f32> {
    text.trim()
        .trim_end_matches(unit.trim())
        .trim()
        .parse::<f32>()
        .ok()
        .filter(|value| value.is_finite())
}

/// `On` and `Off`.
pub(super) fn on_off() -> Show<bool> {
    Arc::new(|on| if on { "On" } else { "Off" }.to_owned())
}

/// Reads `on`, `off`, `yes`, `no`, `true`, `false`, `1`, `0`.
pub(super) fn read_on_off() -> Read<bool> {
    Arc::new(|text| match text.trim().to_lowercase().as_str() {
        "on" | "yes" | "true" | "1" => Some(true),
        "off" | "no" | "false" | "0" => Some(false),
        _ => None,
    })
}

//! Names as people count them: take 2 before take 10, and line `7` of a spreadsheet is line `007` of the files.

use std::cmp::Ordering;

use unicode_normalization::UnicodeNormalization;

/// A run of digits or of anything else.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part<'a> {
    /// Digits without leading zeros; longer is larger.
    Number(usize, &'a str),
    Text(String),
}

/// Compares names by their runs of digits and of other characters, upper and lower case alike; equal ones by their bytes.
pub(crate) fn compare(a: &str, b: &str) -> Ordering {
    parts(a).cmp(&parts(b)).then_with(|| a.cmp(b))
}

/// What two spellings of one name have in common: lower case, letters and their marks in one (macOS may write them apart), no spaces around it, no
/// zeros before a number.
pub(crate) fn key(name: &str) -> String {
    parts(name.trim())
        .iter()
        .map(|part| match part {
            Part::Number(_, digits) => (*digits).to_owned(),
            Part::Text(text) => text.clone(),
        })
        .collect()
}

fn parts(name: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = name;
    while let Some(first) = rest.chars().next() {
        let digits = first.is_ascii_digit();
        let end = rest
            .find(|c: char| c.is_ascii_digit() != digits)
            .unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        rest = after;
        parts.push(if digits {
            let number = run.trim_start_matches('0');
            let number = if number.is_empty() { "0" } else { number };
            Part::Number(number.len(), number)
        } else {
            Part::Text(run.nfc().collect::<String>().to_lowercase())
        });
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_counted_and_cases_are_alike() {
        let mut names = ["take10", "Take2", "take1", "10", "9", "take"];
        names.sort_by(|a, b| compare(a, b));
        assert_eq!(names, ["9", "10", "take", "take1", "Take2", "take10"]);
    }

    #[test]
    fn a_spreadsheet_that_dropped_the_zeros_means_the_same_line() {
        assert_eq!(key("007"), key("7"));
        assert_eq!(key(" S02_L010 "), key("s2_l10"));
        assert_eq!(key("0"), key("000"));
        assert_eq!(key("Tu\u{308}re"), key("t\u{fc}re"));
        assert_ne!(key("10"), key("1"));
        assert_ne!(key("a10"), key("a1"));
    }
}

//! A mistyped key of a recipe, named with the one that was probably meant.

use super::{BUILT_IN, Recipe};
use crate::nearest::nearest;

/// The parser's message; where it is about an unknown name, with the nearest right one.
pub(super) fn with_hint(error: &toml::de::Error) -> String {
    let text = error.to_string();
    match suggestion(error.message()) {
        Some(hint) => format!("{}; {hint}", text.trim_end()),
        None => text,
    }
}

/// From ``unknown field `pateince`, expected `patience` `` to ``did you mean `patience`?``.
fn suggestion(message: &str) -> Option<String> {
    let (what, rest) = message.split_once('`')?;
    let is_key = match what.trim() {
        "unknown field" => true,
        "unknown variant" => false,
        _ => return None,
    };
    let (wrong, expected) = rest.split_once('`')?;
    // The names stand in backticks: every second piece.
    let names = expected.split('`').skip(1).step_by(2);
    if let Some(near) = nearest(wrong, names) {
        return Some(format!("did you mean `{near}`?"));
    }
    if !is_key {
        return None;
    }
    // Perhaps it stands in the wrong table.
    let all = known_keys();
    let find = |name: &str| all.iter().find(|(_, key)| key == name);
    let (table, key) =
        find(wrong).or_else(|| find(nearest(wrong, all.iter().map(|(_, key)| key.as_str()))?))?;
    Some(match table.as_str() {
        "" => format!("did you mean `{key}` at the recipe's top?"),
        table => format!("did you mean `{key}` in [{table}]?"),
    })
}

/// Tables and keys of the recipes that come with the trainer, as they stand and with what they leave to the defaults.
fn known_keys() -> Vec<(String, String)> {
    let mut keys = Vec::new();
    for (name, text) in BUILT_IN {
        // Parsing what comes along cannot end here again: it has no unknown keys.
        let whole = Recipe::load(name)
            .ok()
            .and_then(|recipe| recipe.to_toml().ok());
        for text in [Some((*text).to_owned()), whole].into_iter().flatten() {
            if let Ok(table) = text.parse::<toml::Table>() {
                gather(&table, "", &mut keys);
            }
        }
    }
    keys
}

fn gather(table: &toml::Table, path: &str, keys: &mut Vec<(String, String)>) {
    for (key, value) in table {
        keys.push((path.to_owned(), key.clone()));
        let below = match path {
            "" => key.clone(),
            path => format!("{path}.{key}"),
        };
        match value {
            toml::Value::Table(table) => gather(table, &below, keys),
            toml::Value::Array(items) => {
                for table in items.iter().filter_map(toml::Value::as_table) {
                    gather(table, &below, keys);
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(from: &str, to: &str) -> String {
        let paper = include_str!("../../recipes/paper.toml");
        assert!(paper.contains(from), "{from}");
        Recipe::parse(&paper.replacen(from, to, 1), "typo.toml")
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn a_mistyped_key_or_value_comes_with_the_nearest_right_one() {
        for (from, to, hint) in [
            ("patience", "pateince", "did you mean `patience`?"),
            (
                "learning_rate",
                "learn_rate",
                "did you mean `learning_rate`?",
            ),
            (
                "class_weights",
                "clas_weight",
                "did you mean `class_weights`?",
            ),
            ("hop_samples", "hop_sample", "did you mean `hop_samples`?"),
            (
                "[[network.conv]]",
                "[[network.convs]]",
                "did you mean `conv`?",
            ),
            ("\"mfcc\"", "\"mffc\"", "did you mean `mfcc`?"),
            (
                "\"best_validation_accuracy\"",
                "\"best_accuracy\"",
                "did you mean `best_validation_accuracy`?",
            ),
            // Right, but in the wrong table.
            (
                "standardise = true",
                "learning_rate = 3",
                "did you mean `learning_rate` in [training]?",
            ),
            (
                "dense = [64]",
                "hop_samples = 4",
                "did you mean `hop_samples` in [features]?",
            ),
        ] {
            let message = message(from, to);
            assert!(message.contains(hint), "{to}: {message}");
            assert!(message.contains("typo.toml"), "{message}");
        }
    }

    #[test]
    fn what_is_like_nothing_gets_no_hint() {
        let message = message("patience", "qqqq");
        assert!(
            message.contains("qqqq") && !message.contains("did you mean"),
            "{message}"
        );
    }
}

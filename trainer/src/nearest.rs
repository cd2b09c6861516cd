//! What somebody probably meant: the nearest of the names there are.

/// The nearest name, if one is near enough to be meant.
pub(crate) fn nearest<'a>(
    wrong: &str,
    names: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    names
        .into_iter()
        .map(|name| (name, strsim::jaro_winkler(wrong, name)))
        .filter(|(_, likeness)| *likeness > 0.75)
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .map(|(name, _)| name)
}

/// `; did you mean 'patience'?`, or nothing.
pub(crate) fn hint<'a>(wrong: &str, names: impl IntoIterator<Item = &'a str>) -> String {
    nearest(wrong, names).map_or_else(String::new, |name| format!("; did you mean '{name}'?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_its_name_and_nonsense_finds_none() {
        let names = ["patience", "epochs", "batch", "learning_rate"];
        assert_eq!(nearest("pateince", names), Some("patience"));
        assert_eq!(nearest("epoch", names), Some("epochs"));
        assert_eq!(nearest("learningrate", names), Some("learning_rate"));
        assert_eq!(nearest("zzz", names), None);
    }
}

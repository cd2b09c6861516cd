//! Names for files that stand for one take each.

use std::collections::BTreeSet;

use super::Timeline;

/// A file name per take, in their order: `take.wav` gives `take.labels.txt` for the ending `labels.txt`.
///
/// No two are the same, also where the file system doesn't tell upper from lower case: of two takes with the same name, the
/// later one keeps its ending (`take.flac.labels.txt`), or else gets a number (`take-2.labels.txt`). A name that isn't
/// UTF-8 has its odd bytes replaced.
pub fn file_names(takes: &[Timeline], ending: &str) -> Vec<String> {
    let mut used = BTreeSet::new();
    takes
        .iter()
        .map(|take| {
            let lossy = |part: Option<&std::ffi::OsStr>| {
                part.map_or_else(
                    || "take".to_owned(),
                    |part| part.to_string_lossy().into_owned(),
                )
            };
            let stem = lossy(take.path.file_stem());
            let whole = lossy(take.path.file_name());
            let numbered = (2_u32..).map(|number| format!("{stem}-{number}"));
            [stem.clone(), whole]
                .into_iter()
                .chain(numbered)
                .map(|name| format!("{name}.{ending}"))
                .find(|name| used.insert(name.to_lowercase()))
                .unwrap_or_default()
        })
        .collect()
}

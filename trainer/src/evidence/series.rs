//! Runs that belong together: one recipe, one protocol, its folds and seeds.

use std::collections::BTreeMap;

use crate::recipe::Recipe;
use crate::results::{AS_SCANNED, Folder, Protocol, RunResult, WITH_PROFILE};

/// A protocol without its fold.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Family {
    /// Random, speakers shared.
    Paper,
    /// Folds of actors, of this table.
    Speakers(String),
    /// From one corpus to the other.
    Cross,
}

/// What an answer is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// One window, or one summary.
    Plain,
    /// A user's scan.
    Scanned,
    /// One window, its features shifted to the speaker's ordinary voice.
    Shifted,
}

/// Runs of one recipe under one protocol.
#[derive(Debug, Clone)]
pub(super) struct Series<'a> {
    /// The recipe's name, with what tells it from another of the same name.
    pub(super) name: String,
    pub(super) family: Family,
    /// The runs, by seed and protocol.
    pub(super) runs: Vec<&'a RunResult>,
    /// Whether this is the recipe as it comes with the trainer, or one that does not come with it; `false`: another version of it.
    pub(super) current: bool,
}

impl Family {
    fn of(protocol: &Protocol) -> Option<Self> {
        match protocol {
            Protocol::Paper => Some(Self::Paper),
            Protocol::Speakers { folds, .. } => Some(Self::Speakers(folds.clone())),
            Protocol::Cross { .. } => Some(Self::Cross),
            Protocol::All => None,
        }
    }
}

/// Puts runs together; a run on clips that it learned from (`all`) is in none.
pub(super) fn series(folder: &Folder) -> Vec<Series<'_>> {
    type Key<'a> = (&'a str, String, Vec<String>, &'a str, Family);
    let mut groups: BTreeMap<Key<'_>, Vec<&RunResult>> = BTreeMap::new();
    for (_, run) in &folder.runs {
        let Some(family) = Family::of(&run.protocol) else {
            continue;
        };
        // On the shared classes of two corpora, every recipe has the same labels.
        let key = (
            run.recipe.as_str(),
            normal(run),
            run.test.labels.clone(),
            run.measured_on.as_str(),
            family,
        );
        groups.entry(key).or_default().push(run);
    }
    let mut all: Vec<Series<'_>> = groups
        .into_iter()
        .map(|((recipe, settings, _, _, family), mut runs)| {
            runs.sort_by(|a, b| (a.seed, &a.protocol).cmp(&(b.seed, &b.protocol)));
            let current = Recipe::load(recipe)
                .ok()
                .and_then(|recipe| recipe.to_toml().ok())
                .is_none_or(|built_in| built_in == settings);
            Series {
                name: recipe.to_owned(),
                family,
                runs,
                current,
            }
        })
        .collect();
    name_apart(&mut all);
    all
}

/// The settings with every default written out, so that a file by an older trainer, which knew fewer keys, is the same recipe still.
fn normal(run: &RunResult) -> String {
    Recipe::parse(&run.settings, &run.recipe)
        .ok()
        .and_then(|recipe| recipe.to_toml().ok())
        .unwrap_or_else(|| run.settings.clone())
}

/// Series of one name and family get what tells them apart.
fn name_apart(all: &mut [Series<'_>]) {
    let names: Vec<String> = all
        .iter()
        .enumerate()
        .map(|(place, series)| {
            let twins: Vec<&Series<'_>> = all
                .iter()
                .enumerate()
                .filter(|(other, twin)| {
                    *other != place && twin.name == series.name && twin.family == series.family
                })
                .map(|(_, twin)| twin)
                .collect();
            let mut parts = Vec::new();
            if twins.iter().any(|twin| twin.labels() != series.labels()) {
                parts.push(format!("{} emotions", series.labels().len()));
            }
            if twins.iter().any(|twin| twin.epochs() != series.epochs()) {
                parts.push(format!("{} epochs", series.epochs()));
            }
            match series.how() {
                How::Plain => {}
                How::Scanned => parts.push("as scanned".to_owned()),
                How::Shifted => parts.push("shifted to the speaker".to_owned()),
            }
            if !series.current {
                parts.push("not as it stands now".to_owned());
            }
            match parts.is_empty() {
                true => series.name.clone(),
                false => format!("{} ({})", series.name, parts.join(", ")),
            }
        })
        .collect();
    for (series, name) in all.iter_mut().zip(names) {
        series.name = name;
    }
}

impl Series<'_> {
    /// The recipe's bare name.
    pub(super) fn recipe(&self) -> &str {
        self.first().map_or("", |run| run.recipe.as_str())
    }

    pub(super) fn first(&self) -> Option<&RunResult> {
        self.runs.first().copied()
    }

    pub(super) fn labels(&self) -> &[String] {
        self.first().map_or(&[], |run| run.test.labels.as_slice())
    }

    /// Most epochs of its runs.
    pub(super) fn epochs(&self) -> u32 {
        self.runs.iter().map(|run| run.epochs).max().unwrap_or(0)
    }

    /// What its answers are made of.
    pub(super) fn how(&self) -> How {
        match self.first().map(|run| run.measured_on.as_str()) {
            Some(AS_SCANNED) => How::Scanned,
            Some(WITH_PROFILE) => How::Shifted,
            _ => How::Plain,
        }
    }

    /// Different seeds.
    pub(super) fn seeds(&self) -> usize {
        let mut seeds: Vec<u64> = self.runs.iter().map(|run| run.seed).collect();
        seeds.dedup();
        seeds.len()
    }

    /// Folds that have a run, ascending.
    pub(super) fn folds(&self) -> Vec<usize> {
        let mut folds: Vec<usize> = self.runs.iter().filter_map(|run| fold(run)).collect();
        folds.sort_unstable();
        folds.dedup();
        folds
    }

    /// The commands that make it again: one line for runs that differ in their fold only.
    pub(super) fn commands(&self) -> Vec<String> {
        let mut lines: Vec<(String, Vec<String>)> = Vec::new();
        for run in &self.runs {
            let (line, fold) = match fold(run) {
                Some(fold) => (
                    run.command
                        .replace(&format!("--fold {fold} "), "--fold $K ")
                        .replace(&format!("fold{fold}-"), "fold$K-"),
                    Some(fold.to_string()),
                ),
                None => (run.command.clone(), None),
            };
            match lines.iter_mut().find(|(known, _)| *known == line) {
                Some((_, folds)) => folds.extend(fold),
                None => lines.push((line, fold.into_iter().collect())),
            }
        }
        lines
            .into_iter()
            .map(|(line, folds)| {
                // What a network's training leaves is put beside the other results.
                let collected = line
                    .rsplit_once(" --out ")
                    .map(|(_, out)| format!(" && undersong-trainer collect --run {out}"));
                (line + collected.as_deref().unwrap_or_default(), folds)
            })
            .map(|(line, folds)| match folds.as_slice() {
                [] => line,
                [fold] => line.replace("$K", fold),
                folds if line.contains("$K") => {
                    format!("for K in {}; do {line}; done", folds.join(" "))
                }
                _ => line,
            })
            .collect()
    }
}

/// The fold that a run tested.
pub(super) fn fold(run: &RunResult) -> Option<usize> {
    match run.protocol {
        Protocol::Speakers { fold, .. } => Some(fold),
        _ => None,
    }
}

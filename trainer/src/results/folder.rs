//! A folder of results, read as far as it can be read: what is wrong is named, the rest counts.

use std::collections::HashMap;
use std::path::Path;

use super::error::ResultsError;
use super::file::RunResult;
use super::protocol::Protocol;
use super::table::TableFile;

/// A file that was left out, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file's name in the folder.
    pub file: String,
    /// What is wrong with it.
    pub problem: String,
}

/// What a folder of results holds.
#[derive(Debug, Default)]
pub struct Folder {
    /// Runs with their files' names, by name.
    pub runs: Vec<(String, RunResult)>,
    /// Tables with their files' names, by name.
    pub tables: Vec<(String, TableFile)>,
    /// Files that were left out.
    pub problems: Vec<Problem>,
}

/// Reads every `.json` in a folder and in the folders within it, by name.
///
/// # Errors
/// [`ResultsError`] if the folder cannot be read or holds no such file. A single file that is broken, of another kind or version, or
/// that contradicts one before it is no error: it is in [`Folder::problems`].
pub fn read_folder(path: &Path) -> Result<Folder, ResultsError> {
    let mut files = Vec::new();
    for entry in walkdir::WalkDir::new(path).max_depth(3).sort_by_file_name() {
        let entry = entry.map_err(|error| ResultsError::Read {
            path: path.to_owned(),
            source: error.into(),
            expected: "a folder of results, as `undersong-trainer collect` and `compare` fill it",
        })?;
        let is_json = entry
            .path()
            .extension()
            .is_some_and(|ending| ending == "json");
        if entry.file_type().is_file() && is_json {
            let name = entry.path().strip_prefix(path).unwrap_or(entry.path());
            files.push((name.display().to_string(), entry.path().to_owned()));
        }
    }
    if files.is_empty() {
        return Err(ResultsError::Empty {
            path: path.to_owned(),
        });
    }
    let mut folder = Folder::default();
    for (name, path) in files {
        match read(&path) {
            Ok(Read::Run(run)) => folder.runs.push((name, *run)),
            Ok(Read::Table(table)) => folder.tables.push((name, table)),
            Err(error) => folder.problems.push(Problem {
                file: name,
                problem: error.to_string(),
            }),
        }
    }
    folder.leave_out_contradictions();
    Ok(folder)
}

enum Read {
    Run(Box<RunResult>),
    Table(TableFile),
}

fn read(path: &Path) -> Result<Read, ResultsError> {
    let malformed = |problem: String| ResultsError::Malformed(problem);
    let bytes = std::fs::read(path).map_err(|error| malformed(error.to_string()))?;
    let value: serde_json::Value = serde_json::from_slice(&bytes)
        .map_err(|error| malformed(format!("not JSON, or cut off: {error}")))?;
    match value.get("kind").and_then(serde_json::Value::as_str) {
        Some("run") => Ok(Read::Run(Box::new(RunResult::from_value(value)?))),
        Some("table") => Ok(Read::Table(TableFile::from_value(value)?)),
        Some(other) => Err(malformed(format!(
            "its \"kind\" is '{other}', expected 'run' or 'table'{}",
            crate::nearest::hint(other, ["run", "table"])
        ))),
        None => Err(malformed(
            "no file of results: it has no \"kind\" (expected 'run' or 'table')".to_owned(),
        )),
    }
}

/// What makes a run the same run.
type Key = (String, String, Vec<String>, Protocol, u64, String);

impl Folder {
    /// Leaves out runs that are there twice, that call a clip otherwise than a file before them, or that test a clip or a speaker in two
    /// folds: figures over such runs would be wrong.
    fn leave_out_contradictions(&mut self) {
        let mut seen: HashMap<Key, String> = HashMap::new();
        let mut truths: HashMap<String, (String, String)> = HashMap::new();
        let mut folds: HashMap<(Key, String), (usize, String)> = HashMap::new();
        let mut kept = Vec::new();
        for (name, run) in std::mem::take(&mut self.runs) {
            match contradiction(&name, &run, &mut seen, &mut truths, &mut folds) {
                Some(problem) => self.problems.push(Problem {
                    file: name,
                    problem,
                }),
                None => kept.push((name, run)),
            }
        }
        self.runs = kept;
    }
}

fn contradiction(
    file: &str,
    run: &RunResult,
    seen: &mut HashMap<Key, String>,
    truths: &mut HashMap<String, (String, String)>,
    folds: &mut HashMap<(Key, String), (usize, String)>,
) -> Option<String> {
    let key: Key = (
        run.recipe.clone(),
        run.settings.clone(),
        run.test.labels.clone(),
        run.protocol.clone(),
        run.seed,
        run.measured_on.clone(),
    );
    if let Some(first) = seen.get(&key) {
        return Some(format!(
            "the same run as {first} (recipe {}, {}, seed {}): remove one of them",
            run.recipe,
            run.protocol.describe(),
            run.seed
        ));
    }
    let emotion = |truth: usize| run.test.labels.get(truth).map_or("?", String::as_str);
    let mut names = std::collections::HashSet::new();
    for row in &run.test.rows {
        if !names.insert(row.name.as_str()) {
            return Some(format!("clip {} is in it twice", row.name));
        }
        let truth = emotion(row.truth);
        if let Some((other, first)) = truths.get(&row.name)
            && other != truth
        {
            return Some(format!(
                "clip {} is {truth} here and {other} in {first}: the labels contradict",
                row.name
            ));
        }
    }
    if let Protocol::Speakers { folds: table, fold } = &run.protocol {
        let mut whole = key.clone();
        whole.3 = Protocol::Speakers {
            folds: table.clone(),
            fold: 0,
        };
        for row in &run.test.rows {
            let (known, first) = folds
                .entry((whole.clone(), row.speaker.clone()))
                .or_insert_with(|| (*fold, file.to_owned()));
            if known != fold {
                return Some(format!(
                    "speaker {} is tested in fold {fold} here and in fold {known} in {first}: the folds overlap, or are of two tables",
                    row.speaker
                ));
            }
        }
    }
    for row in &run.test.rows {
        truths
            .entry(row.name.clone())
            .or_insert_with(|| (emotion(row.truth).to_owned(), file.to_owned()));
    }
    seen.insert(key, file.to_owned());
    None
}

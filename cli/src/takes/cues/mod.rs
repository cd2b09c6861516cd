//! The cue sheet: a row a line, with what the line is to sound like.
//!
//! Columns are known by their names, in any order and case: *line*, *text*, *wanted emotion*, *intensity*; others are kept, since a pattern's further
//! fields (such as a character) may tell lines of one name apart. What is wrong in a row is named with the row's number as a spreadsheet counts it,
//! and the rest of the sheet holds.

mod text;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::path::{Path, PathBuf};

use undersong_core::model::EmotionSet;
use undersong_core::timeline::Failure;

use super::natural;
use super::wanted::{self, Wanted};
use crate::terminal::shown;
use crate::trouble::Trouble;

/// Largest cue sheet that is read, in bytes: more is no cue sheet.
const MOST_BYTES: u64 = 64 * 1024 * 1024;

/// Names of the columns, the best first.
const LINE: &[&str] = &[
    "line",
    "line id",
    "id",
    "cue",
    "line number",
    "line no",
    "no",
];
const TEXT: &[&str] = &["text", "dialogue", "dialog", "script", "words"];
const EMOTION: &[&str] = &["wanted emotion", "emotion", "wanted", "mood"];
const INTENSITY: &[&str] = &["intensity", "wanted intensity", "strength", "level"];

/// A cue sheet.
#[derive(Debug)]
pub(crate) struct Sheet {
    /// The file.
    pub(crate) path: PathBuf,
    /// Its rows, in their order.
    pub(crate) cues: Vec<Cue>,
    /// What is wrong in it.
    pub(crate) failed: Vec<Failure>,
}

/// A row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Cue {
    /// Its number, as a spreadsheet counts it.
    pub(crate) row: usize,
    /// The line's name.
    pub(crate) line: String,
    /// What is said.
    pub(crate) text: Option<String>,
    /// What it is to sound like; `None` where the sheet does not say, or not in words that are understood.
    pub(crate) wanted: Option<Wanted>,
    /// How strongly, where the sheet says that alone.
    pub(crate) intensity: Option<f64>,
    /// The line's name as it is compared.
    pub(crate) key: String,
    /// The other columns that are not empty: name in lower case, value.
    pub(crate) others: Vec<(String, String)>,
}

/// Where the columns stand.
struct Columns {
    line: usize,
    text: Option<usize>,
    emotion: Option<usize>,
    intensity: Option<usize>,
    others: Vec<(usize, String)>,
}

impl Sheet {
    /// Reads a cue sheet for a model with these emotions. `wanted_else`: of lines whose emotion it does not tell one is wanted all the same.
    ///
    /// # Errors
    /// If the file cannot be read at all. What is wrong inside it stands in [`Sheet::failed`].
    pub(crate) fn read(
        path: &Path,
        emotions: &EmotionSet,
        wanted_else: bool,
    ) -> Result<Self, Trouble> {
        let refuse = |reason: String| Trouble::Misused(format!("--cues {}: {reason}", shown(path)));
        let length = std::fs::metadata(path).map(|it| it.len()).unwrap_or(0);
        if length > MOST_BYTES {
            return Err(refuse(format!(
                "{length} bytes are no cue sheet; expected a CSV file with a row a line"
            )));
        }
        let bytes = std::fs::read(path).map_err(|error| {
            refuse(format!(
                "this cue sheet cannot be read ({error}); check the name and its permissions"
            ))
        })?;
        let marked = bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]);
        if bytes.starts_with(b"PK\x03\x04") || (!marked && bytes.contains(&0)) {
            return Err(refuse(
                "this is a workbook, or text in a coding that does not say which; save it from the spreadsheet as CSV UTF-8"
                    .to_owned(),
            ));
        }
        let mut sheet = Self {
            path: path.to_path_buf(),
            cues: Vec::new(),
            failed: Vec::new(),
        };
        sheet.take_in(&text::decode(&bytes), emotions, wanted_else);
        Ok(sheet)
    }

    fn take_in(&mut self, text: &str, emotions: &EmotionSet, wanted_else: bool) {
        let (separator, text) = text::separator(text);
        let mut rows = csv::ReaderBuilder::new()
            .delimiter(separator)
            .has_headers(false)
            .flexible(true)
            .from_reader(text.as_bytes());
        let mut columns: Option<Columns> = None;
        // Lines of the file that are inside cells, which a spreadsheet does not count as rows.
        let mut inside = 0;
        let mut unclosed = None;
        let mut record = csv::StringRecord::new();
        loop {
            match rows.read_record(&mut record) {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    let reason = format!(
                        "it is no CSV from here on ({error}); save it from the spreadsheet again"
                    );
                    return self.fail(None, reason);
                }
            }
            // The text ends with the end of a line, which is inside a cell only where that goes on to the end.
            let last = record.iter().next_back().unwrap_or_default();
            if last.ends_with('\n') && !text.trim_end().ends_with('"') {
                let before = rows.position().line() as usize - last.matches('\n').count();
                unclosed = Some(before.saturating_sub(inside));
            }
            inside += record
                .iter()
                .map(|cell| cell.matches('\n').count())
                .sum::<usize>();
            // The reader stands at the start of the next line.
            let row = (rows.position().line() as usize).saturating_sub(1 + inside);
            if record.iter().all(|cell| cell.trim().is_empty()) {
                continue;
            }
            match &columns {
                None => match self.columns(&record, wanted_else) {
                    Some(found) => columns = Some(found),
                    None => return,
                },
                Some(columns) => self.cue(row, &record, columns, emotions, wanted_else),
            }
        }
        if unclosed.is_some() {
            let reason = "a quotation mark is opened here and never closed, so that what follows is taken for its text; close it";
            self.fail(unclosed, reason.to_owned());
        }
        if columns.is_none() {
            self.fail(None, format!("the cue sheet is empty; {EXPECTED}"));
        }
    }

    /// Reads the header; `None`, and it is said, if there is no column for the line.
    fn columns(&mut self, header: &csv::StringRecord, wanted_else: bool) -> Option<Columns> {
        let names: Vec<String> = header.iter().map(column_name).collect();
        let find = |known: &[&str]| {
            known
                .iter()
                .find_map(|known| names.iter().position(|name| name == known))
        };
        let has = || {
            let names: Vec<&str> = names
                .iter()
                .map(String::as_str)
                .filter(|it| !it.is_empty())
                .collect();
            names.join(", ")
        };
        let Some(line) = find(LINE) else {
            self.fail(
                None,
                format!(
                    "there is no column `line` (there are: {}), so no row can be used; {EXPECTED}",
                    has()
                ),
            );
            return None;
        };
        let (text, emotion, intensity) = (find(TEXT), find(EMOTION), find(INTENSITY));
        if emotion.is_none() && !wanted_else {
            self.fail(None, format!("there is no column `wanted emotion` (there are: {}), so nothing is wanted of any line; {EXPECTED}", has()));
        }
        let known = [Some(line), text, emotion, intensity];
        let others = names.iter().enumerate();
        let others =
            others.filter(|(index, name)| !known.contains(&Some(*index)) && !name.is_empty());
        Some(Columns {
            line,
            text,
            emotion,
            intensity,
            others: others.map(|(index, name)| (index, name.clone())).collect(),
        })
    }

    fn cue(
        &mut self,
        row: usize,
        record: &csv::StringRecord,
        columns: &Columns,
        emotions: &EmotionSet,
        wanted_else: bool,
    ) {
        let cell = |index: Option<usize>| {
            let cell = record.get(index?)?.trim();
            (!cell.is_empty()).then(|| cell.to_owned())
        };
        let Some(line) = cell(Some(columns.line)) else {
            return self.fail(
                Some(row),
                "it names no line; fill the column `line`, or delete the row".to_owned(),
            );
        };
        let emotion = cell(columns.emotion).and_then(|word| {
            let emotion = emotions.meant_by(&word);
            if emotion.is_none() {
                self.fail(Some(row), format!(
                    "the model knows no emotion {word:?}, so nothing is wanted of line {line}; expected one of {}",
                    emotions.names().collect::<Vec<_>>().join(", ")
                ));
            }
            emotion
        });
        let intensity = cell(columns.intensity).and_then(|word| {
            let intensity = wanted::intensity(&word);
            if intensity.is_none() {
                self.fail(Some(row), format!(
                    "the intensity {word:?} of line {line} is not understood and left out; expected {}",
                    wanted::INTENSITIES
                ));
            }
            intensity
        });
        if columns.emotion.is_some()
            && cell(columns.emotion).is_none()
            && intensity.is_some()
            && !wanted_else
        {
            self.fail(
                Some(row),
                format!("the intensity of line {line} stands without an emotion and is left out; fill the column of the emotion"),
            );
        }
        self.cues.push(Cue {
            row,
            key: natural::key(&line),
            line,
            text: cell(columns.text),
            wanted: emotion.map(|emotion| Wanted { emotion, intensity }),
            intensity,
            others: columns
                .others
                .iter()
                .filter_map(|(index, name)| Some((name.clone(), cell(Some(*index))?)))
                .collect(),
        });
    }

    /// Leaves out rows that stand for a line which an earlier row stands for; `fields` are those that tell lines of one name apart.
    pub(crate) fn drop_doubles(&mut self, fields: &[&str]) {
        let mut kept: Vec<Cue> = Vec::with_capacity(self.cues.len());
        let mut rows: HashMap<Vec<String>, usize> = HashMap::new();
        for cue in std::mem::take(&mut self.cues) {
            match rows.entry(cue.identity(fields)) {
                Entry::Occupied(first) => {
                    let reason = format!(
                        "line {} stands in row {} already, which is used; keep one of the two",
                        cue.line,
                        first.get()
                    );
                    self.fail(Some(cue.row), reason);
                }
                Entry::Vacant(free) => {
                    free.insert(cue.row);
                    kept.push(cue);
                }
            }
        }
        self.cues = kept;
    }

    /// Notes what is wrong; `row` as a spreadsheet counts it.
    pub(crate) fn fail(&mut self, row: Option<usize>, reason: String) {
        let place = match row {
            Some(row) => format!("{}, row {row}", shown(&self.path)),
            None => shown(&self.path),
        };
        self.failed.push(Failure {
            path: self.path.clone(),
            error: format!("{place}: {reason}"),
        });
    }
}

/// What a cue sheet is, for those who have another.
const EXPECTED: &str = "expected a header such as line,text,wanted emotion,intensity";

impl Cue {
    /// A column beside the four, by its name.
    pub(crate) fn other(&self, name: &str) -> Option<&str> {
        let found = self.others.iter().find(|(other, _)| other == name);
        found.map(|(_, value)| value.as_str())
    }

    /// What tells it from other rows.
    fn identity(&self, fields: &[&str]) -> Vec<String> {
        let others = fields
            .iter()
            .map(|name| natural::key(self.other(name).unwrap_or_default()));
        std::iter::once(self.key.clone()).chain(others).collect()
    }
}

/// A column's name as it is compared: lower case, words apart by one space.
fn column_name(name: &str) -> String {
    let words: Vec<String> = name
        .split(|c: char| c.is_whitespace() || matches!(c, '_' | '-' | '\u{FEFF}'))
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    words.join(" ")
}

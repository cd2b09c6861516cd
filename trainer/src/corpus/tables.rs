//! CREMA-D's own tables: who the actors are, and what listeners heard.

use std::collections::HashMap;
use std::fs::File;
use std::path::Path;

use super::clip::{Sex, Votes};
use super::error::CorpusError;

/// File name of the actors' table.
pub(super) const DEMOGRAPHICS: &str = "VideoDemographics.csv";
/// File name of the crowd's votes.
pub(super) const VOTES: &str = "tabulatedVotes.csv";

/// One actor of `VideoDemographics.csv`.
#[derive(Debug, Clone)]
pub(super) struct Actor {
    pub(super) age_years: Option<u32>,
    pub(super) sex: Option<Sex>,
    pub(super) race: Option<String>,
    pub(super) ethnicity: Option<String>,
}

/// Reads `VideoDemographics.csv`: actor's number as text → the actor.
pub(super) fn read_actors(path: &Path) -> Result<HashMap<String, Actor>, CorpusError> {
    let mut table = Table::open(path)?;
    let id = table.column("ActorID")?;
    let [age, sex, race, ethnicity] = [
        table.column("Age")?,
        table.column("Sex")?,
        table.column("Race")?,
        table.column("Ethnicity")?,
    ];
    let mut actors = HashMap::new();
    while let Some(row) = table.next_row()? {
        let text = |column: usize| {
            let field = row.get(column).unwrap_or_default().trim();
            (!field.is_empty()).then(|| field.to_owned())
        };
        let Some(number) = text(id) else { continue };
        let sex = match text(sex).as_deref() {
            Some("Male") => Some(Sex::Male),
            Some("Female") => Some(Sex::Female),
            None => None,
            Some(other) => {
                return Err(table.problem(format!(
                    "actor {number}: sex '{other}' is neither Male nor Female"
                )));
            }
        };
        let age_years = match text(age) {
            None => None,
            Some(field) => Some(field.parse().map_err(|_| {
                table.problem(format!(
                    "actor {number}: age '{field}' is not a number of years"
                ))
            })?),
        };
        let actor = Actor {
            age_years,
            sex,
            race: text(race),
            ethnicity: text(ethnicity),
        };
        actors.insert(number, actor);
    }
    Ok(actors)
}

/// Reads the voice-only rows of `tabulatedVotes.csv` (ids 100000 to 199999): clip's name → votes.
pub(super) fn read_votes(path: &Path) -> Result<HashMap<String, Votes>, CorpusError> {
    let mut table = Table::open(path)?;
    let name = table.column("fileName")?;
    let columns = [
        table.column("A")?,
        table.column("D")?,
        table.column("F")?,
        table.column("H")?,
        table.column("N")?,
        table.column("S")?,
    ];
    let mut all = HashMap::new();
    while let Some(row) = table.next_row()? {
        let id = row.get(0).unwrap_or_default().trim();
        let Ok(number) = id.parse::<u32>() else {
            return Err(table.problem(format!("row id '{id}' is not a number")));
        };
        if !(100_000..200_000).contains(&number) {
            continue;
        }
        let mut votes = Votes::default();
        for (count, column) in votes.counts.iter_mut().zip(columns) {
            let field = row.get(column).unwrap_or_default().trim();
            *count = field.parse().map_err(|_| {
                table.problem(format!("row {number}: '{field}' is not a count of votes"))
            })?;
        }
        all.insert(row.get(name).unwrap_or_default().trim().to_owned(), votes);
    }
    Ok(all)
}

/// A CSV file whose errors name it.
struct Table<'a> {
    path: &'a Path,
    headers: csv::StringRecord,
    rows: csv::StringRecordsIntoIter<File>,
}

impl<'a> Table<'a> {
    fn open(path: &'a Path) -> Result<Self, CorpusError> {
        let failed = |error: csv::Error| CorpusError::Table {
            path: path.to_owned(),
            problem: error.to_string(),
        };
        let mut reader = csv::Reader::from_path(path).map_err(failed)?;
        let headers = reader.headers().map_err(failed)?.clone();
        if headers
            .get(0)
            .is_some_and(|first| first.starts_with("version https://git-lfs"))
        {
            return Err(CorpusError::Table {
                path: path.to_owned(),
                problem:
                    "a Git LFS pointer, not the table itself: run `git lfs pull` in the corpus"
                        .into(),
            });
        }
        Ok(Self {
            path,
            headers,
            rows: reader.into_records(),
        })
    }

    fn column(&self, name: &str) -> Result<usize, CorpusError> {
        self.headers
            .iter()
            .position(|header| header.trim() == name)
            .ok_or_else(|| {
                self.problem(format!(
                    "no column '{name}' (found: {})",
                    self.headers.iter().take(12).collect::<Vec<_>>().join(", ")
                ))
            })
    }

    fn next_row(&mut self) -> Result<Option<csv::StringRecord>, CorpusError> {
        match self.rows.next() {
            None => Ok(None),
            Some(Ok(row)) => Ok(Some(row)),
            Some(Err(error)) => Err(self.problem(error.to_string())),
        }
    }

    fn problem(&self, problem: String) -> CorpusError {
        CorpusError::Table {
            path: self.path.to_owned(),
            problem,
        }
    }
}

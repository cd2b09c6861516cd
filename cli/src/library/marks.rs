//! What a person thinks of a take: a mark, stars, a note. They are the sound's, so they stay when its files move.

use rusqlite::OptionalExtension;

use super::error::Result;
use super::store::{Library, now_ms};

/// Longest note, in characters.
pub(crate) const LONGEST_NOTE: usize = 10_000;

/// Most stars.
pub(crate) const MOST_STARS: u8 = 5;

/// A choice about a take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Mark {
    /// The one to use
    Chosen,
    /// Not to be used
    Rejected,
}

impl Mark {
    /// As it stands in the database and in exports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Chosen => "chosen",
            Self::Rejected => "rejected",
        }
    }

    /// The mark of this name.
    pub(crate) fn of_name(name: &str) -> Option<Self> {
        [Self::Chosen, Self::Rejected]
            .into_iter()
            .find(|mark| mark.name() == name)
    }
}

/// What changes about a take; what is `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Opinion {
    /// A mark, or `Some(None)` to take it away.
    pub(crate) mark: Option<Option<Mark>>,
    /// 0 (none) to [`MOST_STARS`].
    pub(crate) stars: Option<u8>,
    /// A note, at most [`LONGEST_NOTE`] characters; an empty one takes it away.
    pub(crate) note: Option<String>,
}

impl Opinion {
    /// Why it can't be kept, if it can't.
    pub(crate) fn problem(&self) -> Option<String> {
        if let Some(stars) = self.stars.filter(|&stars| stars > MOST_STARS) {
            return Some(format!("{stars} stars; expected 0 to {MOST_STARS}"));
        }
        let characters = self.note.as_ref().map_or(0, |note| note.chars().count());
        (characters > LONGEST_NOTE)
            .then(|| format!("a note of {characters} characters; expected at most {LONGEST_NOTE}"))
    }
}

impl Library {
    /// Changes what is thought of the take with this sound. `false`: there is none. An opinion with a [`problem`](Opinion::problem) is an error.
    ///
    /// It is the hash that names it: a row's number is given anew once its take was forgotten.
    pub(crate) fn mark(&mut self, hash: &[u8], opinion: &Opinion) -> Result<bool> {
        let changed = self.write(|transaction| {
            transaction.execute(
                "UPDATE sounds SET
                   mark = CASE WHEN ?2 THEN ?3 ELSE mark END,
                   stars = coalesce(?4, stars),
                   note = coalesce(?5, note),
                   marked_ms = ?6
                 WHERE hash = ?1",
                (
                    hash,
                    opinion.mark.is_some(),
                    opinion.mark.flatten().map(Mark::name),
                    opinion.stars,
                    &opinion.note,
                    now_ms(),
                ),
            )
        })?;
        Ok(changed > 0)
    }

    /// The hash of a file's sound, by its absolute path: of the one that is there, else of the one last missed.
    pub(crate) fn sound_of(&self, path: &std::path::Path) -> Result<Option<Vec<u8>>> {
        self.connection
            .query_row(
                "SELECT s.hash FROM files f JOIN sounds s ON s.id = f.sound WHERE f.path = ?1
                 ORDER BY f.missing_ms IS NOT NULL, f.missing_ms DESC LIMIT 1",
                [super::place::path_to_sql(path).map_err(|error| self.named(error))?],
                |row| row.get(0),
            )
            .optional()
            .map_err(|error| self.named(error))
    }

    /// Why the file of this name, which is there, could not be read; `None` if it could, or is not known.
    pub(crate) fn error_of(&self, path: &std::path::Path) -> Result<Option<String>> {
        self.connection
            .query_row(
                "SELECT error FROM files WHERE path = ?1 AND sound IS NULL AND missing_ms IS NULL",
                [super::place::path_to_sql(path).map_err(|error| self.named(error))?],
                |row| row.get(0),
            )
            .optional()
            .map_err(|error| self.named(error))
    }
}

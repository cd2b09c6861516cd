//! `library forget`: takes out of the library for good. Sound files are never touched.

use std::path::{Path, PathBuf};

use rusqlite::{Transaction, params};

use super::commands::unknown_file;
use super::error::Result;
use super::files::stored_place;
use super::find::choose;
use super::place::StoredPath;
use super::store::Library;
use super::under::{Places, Within};
use crate::terminal::{complain, print, remark};
use crate::trouble::{Outcome, Trouble};

/// Arguments of `undersong library forget`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Files, or folders with all below them, whether they are there or not
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// What is missing (only of PATH, if there is one)
    #[arg(long)]
    missing: bool,
    /// All that this model heard: its id or name, as `stats` tells them; takes, marks and notes stay
    #[arg(long, value_name = "MODEL", conflicts_with_all = ["missing", "paths"])]
    model: Option<String>,
    /// Also takes with a mark, stars or a note, which are kept else
    #[arg(long)]
    marked_too: bool,
}

/// What was taken out.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Forgotten {
    /// Files.
    files: usize,
    /// Sounds, of which no file was left.
    takes: usize,
    /// Files that were kept, since their take is marked.
    marked: usize,
    /// Folders that updates looked through.
    folders: usize,
}

/// Runs the command.
pub(crate) fn run(library: &mut Library, args: &Args) -> std::result::Result<Outcome, Trouble> {
    if args.paths.is_empty() && !args.missing && args.model.is_none() {
        return Err(Trouble::Misused(
            "nothing to forget; give files or folders, --missing or --model".to_owned(),
        ));
    }
    if let Some(model) = &args.model {
        let mut analyses = 0;
        // The same model may have been asked in several ways.
        while let Ok(settings) = choose(library, Some(model)) {
            analyses += library.forget_settings(settings.id)?;
            if settings.id.is_none() {
                break;
            }
        }
        if analyses == 0 {
            // Says what models there are.
            choose(library, Some(model))?;
        }
        library.shrink();
        print(|out| writeln!(out, "analyses forgotten: {analyses}"))?;
        return Ok(Outcome::Complete);
    }
    let places: Vec<PathBuf> = args.paths.iter().map(|path| stored_place(path)).collect();
    let mut outcome = Outcome::Complete;
    let known = library.all_places()?;
    for (path, place) in args.paths.iter().zip(&places) {
        if !known.holds(place) {
            complain(&unknown_file(path));
            outcome = Outcome::Incomplete;
        }
    }
    let forgotten = library.forget(&places, args.missing, args.marked_too)?;
    library.shrink();
    print(|out| {
        write!(
            out,
            "files forgotten: {}, takes with them: {}",
            forgotten.files, forgotten.takes
        )?;
        if forgotten.folders > 0 {
            write!(
                out,
                ", folders no longer looked through: {}",
                forgotten.folders
            )?;
        }
        writeln!(out)
    })?;
    if forgotten.marked > 0 {
        remark(&format!(
            "files kept, since their takes have a mark, stars or a note: {}; --marked-too forgets them as well",
            forgotten.marked
        ));
    }
    if let Some(root) = library.roots()?.iter().find(|root| {
        places
            .iter()
            .any(|place| place.starts_with(root) && place.exists())
    }) {
        remark(&format!(
            "{} is still looked through by updates, which will find again what is there",
            crate::terminal::shown(root)
        ));
    }
    Ok(outcome)
}

impl Library {
    /// Where anything is known.
    fn all_places(&self) -> Result<Within> {
        let files = self.known_files(None)?;
        let roots = self.roots()?;
        let files = files.iter().map(|file| &file.path);
        Ok(Within::new(files.chain(&roots).map(PathBuf::as_path)))
    }

    /// Forgets files of these places, or all if there is none, and takes of which no file is left.
    fn forget(
        &mut self,
        places: &[PathBuf],
        missing_only: bool,
        marked_too: bool,
    ) -> Result<Forgotten> {
        self.write(|transaction| {
            let mut forgotten = Forgotten::default();
            let asked = Places::new(places);
            let within = |path: &Path| places.is_empty() || asked.hold(path);
            let mut statement = transaction.prepare(
                "SELECT f.id, f.path, s.id IS NOT NULL AND (s.mark IS NOT NULL OR s.stars > 0 OR s.note <> '')
                 FROM files f LEFT JOIN sounds s ON s.id = f.sound WHERE ?1 = 0 OR f.missing_ms IS NOT NULL",
            )?;
            let mut rows = statement.query([missing_only])?;
            let mut files: Vec<i64> = Vec::new();
            while let Some(row) = rows.next()? {
                let StoredPath(path) = row.get(1)?;
                if !within(&path) {
                    continue;
                }
                if row.get(2)? && !marked_too {
                    forgotten.marked += 1;
                } else {
                    files.push(row.get(0)?);
                }
            }
            let mut delete = transaction.prepare("DELETE FROM files WHERE id = ?1")?;
            for file in files {
                forgotten.files += delete.execute([file])?;
            }
            forgotten.takes = without_files(transaction)?;
            if !missing_only {
                forgotten.folders = forget_roots(transaction, places)?;
            }
            Ok(forgotten)
        })
    }

    /// Forgets what was heard with these settings.
    fn forget_settings(&mut self, setting: Option<i64>) -> Result<usize> {
        self.write(|transaction| {
            let analyses =
                transaction.execute("DELETE FROM analyses WHERE setting = ?1", params![setting])?;
            transaction.execute("DELETE FROM settings WHERE id = ?1", params![setting])?;
            Ok(analyses)
        })
    }

    /// Gives room back to the disk, where much was forgotten.
    fn shrink(&self) {
        let pages = |name: &str| {
            self.connection
                .query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, i64>(0))
                .unwrap_or(0)
        };
        if 4 * pages("freelist_count") > pages("page_count") {
            // Needs room and nobody else at work; without it the room is used by what comes next.
            let _ = self.connection.execute_batch("VACUUM;");
        }
    }
}

/// Forgets takes of which no file is left.
fn without_files(transaction: &Transaction<'_>) -> rusqlite::Result<usize> {
    transaction.execute(
        "DELETE FROM sounds WHERE NOT EXISTS (SELECT 1 FROM files f WHERE f.sound = sounds.id)",
        [],
    )
}

fn forget_roots(transaction: &Transaction<'_>, places: &[PathBuf]) -> rusqlite::Result<usize> {
    let roots: Vec<(i64, StoredPath)> = transaction
        .prepare("SELECT id, path FROM roots")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let mut forgotten = 0;
    for (id, StoredPath(path)) in roots {
        if places.iter().any(|place| path.starts_with(place)) {
            forgotten += transaction.execute("DELETE FROM roots WHERE id = ?1", [id])?;
        }
    }
    Ok(forgotten)
}

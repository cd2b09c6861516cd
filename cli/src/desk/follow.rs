//! What other programs do to the library while the desk is open, and what of it the desk does not show.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::board::Trouble;
use super::keeper::heard;
use super::shelf::{Row, State};
use super::state::Desk;
use super::work;
use crate::library::{Library, LibraryError, OnShelf};

/// How often it is asked whether the library was changed.
const ASKED: Duration = Duration::from_millis(500);

/// And how long it is not read again, in times that reading it takes, so that a large one is not read all the time while something is scanned.
const READS_APART: u32 = 10;

/// Follows what other programs do to the library, until the desk ends.
pub(super) fn follow(desk: &Arc<Desk>) {
    // A connection of its own, which is told of what all others have done; the scans' work is among it, and is on the shelf already.
    let library = match desk.keeper.connect() {
        Ok(library) => library,
        Err(error) => {
            desk.set_trouble(Trouble::Library, Some(error.to_string()));
            return;
        }
    };
    let (mut read, mut next) = (None, Instant::now());
    while !desk.ending() {
        std::thread::sleep(ASKED);
        if Instant::now() < next {
            continue;
        }
        // Asked before all is read: what is changed meanwhile is another version. What fails now is asked again.
        let Ok(version) = library.version() else {
            continue;
        };
        if read == Some(version) {
            continue;
        }
        let start = Instant::now();
        let Ok(forgotten) = desk.follow(&library) else {
            continue;
        };
        read = Some(version);
        next = Instant::now() + READS_APART * start.elapsed();
        // They are in the folder all the same, and so on the desk.
        for path in forgotten {
            work::whole(desk, &path, true);
        }
    }
}

impl Desk {
    /// Takes over what other programs have done to the library, read through `library`: marks, new takes, forgotten ones. What is being scanned here is
    /// left alone, and what comes and goes in a folder is the watch's to tell. Gives the files of a folder whose takes were forgotten.
    pub(super) fn follow(&self, library: &Library) -> Result<Vec<PathBuf>, LibraryError> {
        let known = self.keeper.known_to(library, self.folder.as_deref())?;
        let mut known: HashMap<PathBuf, OnShelf> = known
            .into_iter()
            .map(|file| (file.path().to_path_buf(), file))
            .collect();
        let (mut changed, mut gone) = (Vec::new(), Vec::new());
        for row in self.shelf().rows() {
            let file = known.remove(&row.path);
            match (&row.heard, file) {
                (Some(mine), Some(file)) if row.state == State::Ready => {
                    let theirs = heard(file.clone());
                    let same = (mine.take, mine.analysis, &mine.hash, &mine.thought)
                        == (theirs.take, theirs.analysis, &theirs.hash, &theirs.thought);
                    if !same {
                        changed.push(file);
                    }
                }
                (Some(mine), None) if row.state == State::Ready && mine.take.is_some() => {
                    gone.push((row.path.clone(), mine.hash.clone()));
                }
                // Could not be read when the library was opened, or was forgotten, and is known now.
                (None, Some(file)) if self.folder.is_none() => changed.push(file),
                _ => {}
            }
        }
        if self.folder.is_none() {
            changed.extend(known.into_values());
        }
        for file in changed {
            let path = file.path().to_path_buf();
            let missing = !path.is_file();
            let take_over = |row: &mut Row| {
                row.modified_ms = file.modified_ms();
                row.heard = Some(heard(file));
                row.state = State::Ready;
            };
            match self.folder {
                Some(_) => self.change_known(&path, take_over),
                None => self.change(&path, State::Ready, |row| {
                    take_over(row);
                    row.missing = missing;
                }),
            }
        }
        let mut forgotten = Vec::new();
        for (path, hash) in gone {
            let there = path.is_file();
            // Known under another name, or kept since all was read.
            let held = !matches!(self.keeper.holds(&hash), Ok(false));
            if !held && there && self.folder.is_some() {
                forgotten.push(path);
                continue;
            }
            self.change_known(&path, |row| {
                row.missing = !there;
                if !held {
                    row.heard = None;
                    row.state = State::Failed("the library does not hold it any more".to_owned());
                }
            });
        }
        Ok(forgotten)
    }

    /// Tells of takes of the library that are not shown, since another model heard them or in other steps.
    pub(super) fn tell_of_others(&self) -> Result<(), LibraryError> {
        let line = match self.keeper.analysed_otherwise()? {
            0 => return Ok(()),
            1 => "1 more file was".to_owned(),
            files => format!("{files} more files were"),
        };
        self.set_trouble(
            Trouble::Otherwise,
            Some(format!(
                "{line} analysed with another model, --hop or --priors, and not shown; the desk shows them if it is given the same"
            )),
        );
        Ok(())
    }

    /// Looks whether the library's files are there.
    pub(super) fn look_for_files(&self) {
        let paths: Vec<PathBuf> = self
            .shelf()
            .rows()
            .iter()
            .map(|row| row.path.clone())
            .collect();
        for path in paths {
            if self.ending() {
                return;
            }
            let there = path.is_file();
            self.change_known(&path, |row| row.missing = !there);
        }
    }
}

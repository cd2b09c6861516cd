//! What the desk does behind the page: it follows the folder, scans what is new, and gathers waveforms.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::Sender;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use undersong_core::scan::Sound;
use undersong_core::timeline::Timeline;

use super::board::Trouble;
use super::figures::Figures;
use super::keeper::heard;
use super::peaks::Gatherer;
use super::shelf::{Heard, State, Thought};
use super::state::{Desk, plain};
use super::watch::Told;
use crate::library::{Library, Met};
use crate::terminal::shown;

/// A file that cannot be read may be one that somebody still writes, so long after it was last changed.
const YOUNG: Duration = Duration::from_secs(15);

/// Takes note of what is told of the folder.
pub(super) fn note(desk: &Desk, told: Told) {
    match told {
        Told::Grows(path) => {
            // Young, but read already: it is not known whether somebody goes on writing it, and if so that shows.
            if desk.known_seems_still(&path) {
                return desk.change_known(&path, |row| (row.missing, row.seen) = (false, true));
            }
            desk.queue.forget(&path);
            desk.change(&path, State::Growing, |row| {
                row.state = State::Growing;
                (row.missing, row.seen) = (false, true);
            });
        }
        Told::Whole { path, old } => whole(desk, &path, old),
        Told::Gone(path) => {
            desk.queue.forget(&path);
            // What was never scanned is no take that could be missed; it stays, greyed, until the page is loaded again.
            desk.change_known(&path, |row| row.missing = true);
        }
        Told::LeftOut { path, why } => {
            if desk
                .board
                .add(Trouble::LeftOut, format!("{}: {why}", shown(&path)))
            {
                desk.tell_notices();
            }
        }
        Told::Looked => {
            desk.looked();
            desk.tell_progress();
            desk.set_trouble(Trouble::Folder, None);
        }
        Told::FolderGone => desk.set_trouble(
            Trouble::Folder,
            Some(format!(
                "{}: the folder is gone; it is taken up again once it is back",
                desk.opened
            )),
        ),
        Told::Way { polled } => desk.set_trouble(
            Trouble::Polled,
            polled.map(|why| format!("New takes are looked for every now and then: {why}.")),
        ),
    }
}

/// A file is whole: known as it is, or to be scanned.
pub(super) fn whole(desk: &Desk, path: &Path, old: bool) {
    // On the shelf from the start: nothing is read where nothing has changed.
    if desk.known_still(path) {
        return desk.change_known(path, |row| (row.missing, row.seen) = (false, true));
    }
    // Back, or touched and left as it was.
    if let Ok(Some(file)) = desk.keeper.at(path)
        && desk.keeper.is_still(&file)
    {
        desk.change(path, State::Ready, |row| {
            row.modified_ms = file.modified_ms();
            row.heard = Some(heard(file));
            row.state = State::Ready;
            (row.missing, row.seen) = (false, true);
        });
        return;
    }
    desk.change(path, State::Waiting, |row| {
        row.state = State::Waiting;
        (row.missing, row.seen) = (false, true);
        row.modified_ms = modified_ms(path);
    });
    desk.queue.put(path.to_path_buf(), !old);
    if !old {
        desk.tell_progress();
    }
}

fn modified_ms(path: &Path) -> i64 {
    let modified = path.metadata().and_then(|metadata| metadata.modified());
    modified
        .ok()
        .and_then(|modified| modified.duration_since(UNIX_EPOCH).ok())
        .map_or(0, |since| {
            i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
        })
}

/// Scans what waits, until the desk ends. `again` has a file handed on once more.
pub(super) fn scan(desk: &Arc<Desk>, arrivals_only: bool, again: &Sender<PathBuf>) {
    let mut library = match desk.keeper.connect() {
        Ok(library) => library,
        Err(error) => {
            desk.set_trouble(Trouble::Library, Some(error.to_string()));
            return;
        }
    };
    loop {
        let group = desk.queue.next(arrivals_only);
        if group.is_empty() {
            return;
        }
        let count = group.len();
        scan_group(desk, &mut library, group, again);
        desk.queue.done(count);
        desk.tell_progress();
    }
}

fn scan_group(
    desk: &Arc<Desk>,
    library: &mut Library,
    group: Vec<PathBuf>,
    again: &Sender<PathBuf>,
) {
    let mut met = Vec::new();
    for path in group {
        if desk.ending() {
            return;
        }
        match meet(desk, library, &path) {
            Ok(it) => met.push((path, it)),
            Err(error) => fail(desk, &path, error, again),
        }
    }
    let new: Vec<&PathBuf> = met
        .iter()
        .filter(|(path, met)| !met.current() || !desk.keeper.holds_or_can(path, met))
        .map(|(path, _)| path)
        .collect();
    let sounds: Vec<Sound<'_>> = new.iter().map(|path| Sound::File(path)).collect();
    let mut takes: Vec<Timeline> = Vec::new();
    let mut engine = String::new();
    let mut failed = Vec::new();
    if !sounds.is_empty() {
        let scanner = match desk.scanner() {
            Ok(scanner) => scanner,
            Err(error) => return give_up(desk, &met, &error),
        };
        match scanner.scan_sounds(&sounds, &desk.stop, &|_| {}) {
            Ok(scan) => {
                (takes, engine) = (scan.takes, scan.engine);
                failed = scan.failed;
            }
            Err(_) if desk.stop.load(Ordering::Relaxed) => return,
            Err(error) => return give_up(desk, &met, &error.to_string()),
        }
    }
    for failure in failed {
        fail(desk, &failure.path, failure.error, again);
        met.retain(|(path, _)| *path != failure.path);
    }
    for (path, met) in met {
        // Replaced or written to while it was scanned: the watch hands it on again, and what was heard was of another sound.
        if !met.is_still() {
            let _ = again.send(path);
            continue;
        }
        let take = takes
            .iter()
            .position(|take| take.path == path)
            .map(|at| takes.swap_remove(at));
        finish(desk, library, &path, &met, &engine, take);
    }
}

/// Reads a file and gathers its waveform in the same pass; the page shows it before a model has listened.
fn meet(desk: &Desk, library: &Library, path: &Path) -> Result<Met, String> {
    let mut gatherer: Option<Gatherer> = None;
    let met = desk.keeper.meet(library, path, &mut |rate_hz, sound| {
        gatherer
            .get_or_insert_with(|| Gatherer::new(rate_hz))
            .push(sound);
    })?;
    let peaks = match gatherer {
        Some(gatherer) => desk.waves.put(met.hash(), gatherer.finish()),
        None => desk.waveform(path, met.hash())?,
    };
    if !met.current() {
        desk.change(path, State::Waiting, |row| {
            row.heard = Some(Heard {
                take: None,
                analysis: None,
                hash: met.hash().to_vec(),
                seconds: peaks.seconds(),
                voiced_seconds: 0.0,
                reading: None,
                figures: Figures::default(),
                timeline: None,
                thought: Thought::default(),
            });
        });
    }
    Ok(met)
}

fn finish(
    desk: &Desk,
    library: &mut Library,
    path: &Path,
    met: &Met,
    engine: &str,
    take: Option<Timeline>,
) {
    let kept = desk.keeper.keep(library, engine, met, take.as_ref());
    // Also where nothing can be kept now, it may have been before.
    let stored = desk.keeper.at(path);
    let trouble = kept.err().map(|error| error.to_string());
    let trouble = trouble.or_else(|| stored.as_ref().err().map(ToString::to_string));
    let trouble = trouble.map(|error| format!("{error} (takes are shown, but not kept)"));
    desk.set_trouble(Trouble::Library, trouble);
    let known = stored
        .ok()
        .flatten()
        .filter(|known| known.hash == met.hash())
        .map(heard);
    // What cannot be kept is on the desk until it ends.
    let heard = known.or_else(|| {
        take.map(|take| Heard {
            take: None,
            analysis: None,
            hash: met.hash().to_vec(),
            seconds: take.seconds,
            voiced_seconds: take.summary.voiced_seconds,
            reading: take.summary.reading.clone(),
            figures: Figures::of(&take),
            timeline: Some(Arc::new(take)),
            thought: Thought::default(),
        })
    });
    desk.change(path, State::Ready, |row| {
        row.modified_ms = met.modified_ms();
        row.state = match heard {
            Some(_) => State::Ready,
            None => {
                State::Failed("nothing is known of it; see what the desk says above".to_owned())
            }
        };
        row.heard = heard;
    });
}

/// A file cannot be scanned: it may not be whole yet, or something is wrong with it.
fn fail(desk: &Desk, path: &Path, error: String, again: &Sender<PathBuf>) {
    let young = path
        .metadata()
        .and_then(|metadata| metadata.modified())
        .is_ok_and(|modified| {
            SystemTime::now()
                .duration_since(modified)
                .is_ok_and(|age| age < YOUNG)
        });
    let state = if young {
        let _ = again.send(path.to_path_buf());
        State::Growing
    } else {
        State::Failed(plain(path, &error))
    };
    desk.change(path, state.clone(), |row| {
        row.state = state;
        row.heard = None;
    });
}

/// The engine failed: that is no take's fault.
fn give_up(desk: &Desk, met: &[(PathBuf, Met)], error: &str) {
    desk.set_trouble(Trouble::Engine, Some(error.to_owned()));
    for (path, _) in met {
        let state = State::Failed("it was not scanned, since the engine failed".to_owned());
        desk.change(path, state.clone(), |row| row.state = state);
    }
}

/// Gathers waveforms that the page asked for and nobody has gathered yet, the last asked for first.
pub(super) fn gather_wanted(desk: &Arc<Desk>) {
    while let Some(id) = desk.wanted.next() {
        let take = {
            let shelf = desk.shelf();
            let row = shelf.get(id).filter(|row| !row.missing);
            row.and_then(|row| Some((row.path.clone(), row.heard.as_ref()?.hash.clone())))
        };
        let Some((path, hash)) = take else { continue };
        // One that cannot be gathered says why once it is looked at.
        if desk.waveform(&path, &hash).is_ok() {
            desk.tell_wave(id);
        }
    }
}

//! `scan --library`: a scan that computes only what the library doesn't remember, and gives what a scan gives, to the byte.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use undersong_core::delivery::LoudnessTarget;
use undersong_core::scan::{Progress, Scanner};
use undersong_core::timeline::{Scan, Timeline};

use super::bring::{Tell, in_parallel};
use super::files::{KnownAnalysis, ReadFile, stored_path};
use super::hashing::{Hash, hash_content, hash_sound};
use super::keep::Kept;
use super::look::Look;
use super::settings::Settings;
use super::store::{Access, Library};
use crate::terminal::shown;
use crate::trouble::Trouble;

/// Files of a group; what was scanned of it is kept in one step.
const GROUP: usize = 32;

/// A scan, and what couldn't be remembered of it.
pub(crate) struct Remembered {
    pub(crate) scan: Scan,
    /// Each with what to do.
    pub(crate) complaints: Vec<String>,
}

/// Scans takes, those that `place` doesn't remember; the result has all of them in the order of `paths`.
///
/// `delivery` is what the scanner measures: how loud takes are meant to be, or nothing. An analysis counts as remembered if it was made with the same model, settings and engine. What goes wrong with the library on the way costs
/// remembering, not the scan.
///
/// # Errors
/// If the library can't be opened, or a scan fails.
pub(crate) fn scan_remembered(
    place: &Path,
    scanner: &Scanner,
    settings: &Settings,
    delivery: Option<LoudnessTarget>,
    jobs: usize,
    paths: &[PathBuf],
    tell: Tell<'_>,
) -> Result<Remembered, Trouble> {
    let mut library = Library::open(place, Access::Create)?;
    let setting = library.use_settings(settings, false)?;
    let mut cache = Cache {
        library: &mut library,
        setting,
        settings,
        scanner,
        delivery,
        jobs,
        tell,
        scanned: false,
        complaints: Vec::new(),
    };
    // What a scan tells beside takes: the model, the engine.
    let mut whole = scanner.scan(&[], &|_| {}).map_err(Trouble::failed)?;
    for group in paths.chunks(GROUP) {
        cache.group(group, &mut whole)?;
    }
    let (complaints, scanned) = (cache.complaints, cache.scanned);
    if scanned {
        library.settle();
    }
    Ok(Remembered {
        scan: whole,
        complaints,
    })
}

struct Cache<'a> {
    library: &'a mut Library,
    setting: i64,
    settings: &'a Settings,
    scanner: &'a Scanner,
    /// How loud takes are meant to be, if delivery is measured.
    delivery: Option<LoudnessTarget>,
    jobs: usize,
    tell: Tell<'a>,
    /// Whether there was something to compute.
    scanned: bool,
    complaints: Vec<String>,
}

/// A file that isn't known at a glance.
struct Reading<'a> {
    /// Where it stands in the group.
    index: usize,
    path: &'a Path,
    /// `None` for what can't be read: the scan says why.
    file: Option<ReadFile>,
    sound: Option<Hash>,
    /// Its take is the library's own, which needs no keeping.
    remembered: bool,
}

impl Cache<'_> {
    fn group(&mut self, paths: &[PathBuf], whole: &mut Scan) -> Result<(), Trouble> {
        let mut takes: Vec<Option<Timeline>> = vec![None; paths.len()];
        let mut readings = self.glance(paths, &mut takes)?;
        self.read(&mut readings, paths, &mut takes)?;
        let missing: Vec<PathBuf> = readings
            .iter()
            .filter(|reading| takes.get(reading.index).is_some_and(Option::is_none))
            .map(|reading| reading.path.to_path_buf())
            .collect();
        if !missing.is_empty() {
            self.scanned = true;
            let scan = self
                .scanner
                .scan(&missing, self.tell)
                .map_err(Trouble::failed)?;
            let mut scanned = scan.takes.into_iter().peekable();
            for (path, take) in paths.iter().zip(&mut takes) {
                // Both stand in the group's order, without those that failed.
                if take.is_none() {
                    *take = scanned.next_if(|scanned| scanned.path == *path);
                }
            }
            whole.failed.extend(scan.failed);
        }
        self.keep(readings, &takes);
        whole.takes.extend(takes.into_iter().flatten());
        Ok(())
    }

    /// Takes of the files that are as they were; gives those that aren't.
    fn glance<'p>(
        &self,
        paths: &'p [PathBuf],
        takes: &mut [Option<Timeline>],
    ) -> Result<Vec<Reading<'p>>, Trouble> {
        let stored: Vec<PathBuf> = paths.iter().map(|path| stored_path(path)).collect();
        let known = self.library.known_at(Some(self.setting), &stored)?;
        let mut readings = Vec::new();
        for (index, ((path, stored), known)) in paths.iter().zip(stored).zip(known).enumerate() {
            let now = SystemTime::now();
            let look = Look::at(path).ok();
            if let (Some(look), Some(known)) = (look, &known)
                && !known.missing
                && known.is_still(look)
                && let Some(take) = self.remembered(known.analysis.as_ref(), path)?
            {
                if let Some(place) = takes.get_mut(index) {
                    *place = Some(take);
                }
                continue;
            }
            readings.push(Reading {
                index,
                path,
                file: look.map(|look| ReadFile {
                    path: stored,
                    look,
                    settled: look.settled(now),
                    content: Hash::default(),
                    known: known.is_some(),
                }),
                sound: None,
                remembered: false,
            });
        }
        Ok(readings)
    }

    /// Reads files; takes of those whose sound is remembered.
    fn read(
        &self,
        readings: &mut [Reading<'_>],
        paths: &[PathBuf],
        takes: &mut [Option<Timeline>],
    ) -> Result<(), Trouble> {
        let contents = in_parallel(self.jobs, readings, |reading| {
            // A pipe is read once, by the scan.
            let file = reading.file.as_ref();
            file.and_then(|_| hash_content(reading.path).ok())
        });
        for (reading, content) in readings.iter_mut().zip(contents) {
            reading.file = reading
                .file
                .take()
                .zip(content)
                .map(|(file, content)| ReadFile { content, ..file });
        }
        let contents: Vec<Hash> = readings
            .iter()
            .map(|reading| {
                reading
                    .file
                    .as_ref()
                    .map_or(Hash::default(), |file| file.content)
            })
            .collect();
        let known = self.library.sounds_of_contents(&contents)?;
        for (reading, known) in readings.iter_mut().zip(known) {
            reading.sound = known.filter(|_| reading.file.is_some());
        }
        let sounds = in_parallel(self.jobs, readings, |reading| {
            reading.sound.or_else(|| {
                reading
                    .file
                    .as_ref()
                    .and_then(|_| hash_sound(reading.path).ok())
            })
        });
        let hashes: Vec<Hash> = sounds
            .iter()
            .map(|sound| sound.unwrap_or_default())
            .collect();
        let analyses = self.library.analyses_of(self.setting, &hashes)?;
        for ((reading, sound), analysis) in readings.iter_mut().zip(sounds).zip(analyses) {
            reading.sound = sound;
            if sound.is_none() {
                continue;
            }
            if let (Some(path), Some(take)) =
                (paths.get(reading.index), takes.get_mut(reading.index))
            {
                *take = self.remembered(analysis.as_ref(), path)?;
                reading.remembered = take.is_some();
            }
        }
        Ok(())
    }

    /// The take of an analysis, if a scan would give the same.
    fn remembered(
        &self,
        analysis: Option<&KnownAnalysis>,
        path: &Path,
    ) -> Result<Option<Timeline>, Trouble> {
        let engine = &self.scanner.engine_report().description;
        let Some(analysis) =
            analysis.filter(|it| it.serves(self.delivery.is_some()) && it.engine == *engine)
        else {
            return Ok(None);
        };
        // A damaged one costs remembering, not the scan; what is computed takes its place.
        let mut take = self
            .library
            .timeline(self.settings, analysis.id, path.to_path_buf())
            .unwrap_or_default();
        if let Some(take) = &mut take {
            measured_as_asked(take, self.delivery);
        }
        if take.is_some() {
            (self.tell)(Progress::Done {
                path,
                failed: false,
            });
        }
        Ok(take)
    }

    /// Remembers what was read; what can't be is complained of.
    fn keep(&mut self, readings: Vec<Reading<'_>>, takes: &[Option<Timeline>]) {
        let mut kept = Vec::new();
        for reading in readings {
            let (Some(file), Some(sound)) = (reading.file, reading.sound) else {
                continue;
            };
            let Some(take) = takes.get(reading.index).and_then(Option::as_ref) else {
                continue;
            };
            if Look::at(reading.path).ok() != Some(file.look) {
                self.complaints.push(format!(
                    "{}: it was changed or replaced while it was scanned; its scores are of neither, and are not remembered; scan it again",
                    shown(reading.path)
                ));
                continue;
            }
            kept.push(Kept {
                file,
                sound: Some(sound),
                analysed: (!reading.remembered).then_some(take),
                error: None,
            });
        }
        let engine = &self.scanner.engine_report().description;
        if let Err(error) = self
            .library
            .keep(self.settings, self.setting, engine, &kept)
        {
            let error = format!("{error} (the scan itself is whole)");
            if !self.complaints.contains(&error) {
                self.complaints.push(error);
            }
        }
    }
}

/// The target is no measure, so it isn't a reason to listen again.
fn measured_as_asked(take: &mut Timeline, delivery: Option<LoudnessTarget>) {
    match (delivery, &mut take.summary.delivery) {
        (Some(target), Some(delivery)) => delivery.loudness.target_lufs = target.lufs(),
        _ => {
            take.summary.delivery = None;
            for window in &mut take.windows {
                window.delivery = None;
            }
        }
    }
}

//! What a map leaves behind, for which programs; where it goes is settled before the recording is listened to.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use undersong_core::recording::{RecordingMap, SpeakerTrack, csv, html, json};
use undersong_core::timeline::exports::rpp::ProjectTrack;
use undersong_core::timeline::exports::wav::MarkedWav;
use undersong_core::timeline::exports::{Cue, chapters, rpp, srt, textgrid, vtt};
use undersong_core::timeline::html::HtmlOptions;
use undersong_core::timeline::{labels, markers};

use crate::interrupt::write_undisturbed;
use crate::places::{Places, folder_of};
use crate::scan::{Place, place};
use crate::terminal::shown;
use crate::trouble::Trouble;

/// Arguments that ask for files.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Files")]
pub(crate) struct Args {
    /// Everything, for other programs; `-` is standard output, which then carries nothing else
    #[arg(long, value_name = "FILE|-")]
    json: Option<PathBuf>,
    /// A row per section, highlight, turn and minute, for spreadsheets, R and pandas
    #[arg(long, value_name = "FILE|-")]
    csv: Option<PathBuf>,
    /// A page to open in a browser: a lane a speaker, sections, highlights, sound at a click
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// A REAPER project: a track a speaker, sections and highlights as regions
    #[arg(long, value_name = "FILE.rpp")]
    reaper: Option<PathBuf>,
    /// Regions to import into REAPER (times in seconds): sections and highlights
    #[arg(long, value_name = "FILE")]
    markers: Option<PathBuf>,
    /// Audacity label tracks: a file with sections, highlights and turns, or a folder with a file for each and for each speaker
    #[arg(long, value_name = "FILE|DIR")]
    labels: Option<PathBuf>,
    /// A copy of the WAV file with sections and highlights as markers, its samples untouched: a file, or a folder for several
    #[arg(long, value_name = "FILE|DIR")]
    cues: Option<PathBuf>,
    /// SubRip captions: who speaks and feels how
    #[arg(long, value_name = "FILE")]
    srt: Option<PathBuf>,
    /// WebVTT captions: who speaks and feels how
    #[arg(long, value_name = "FILE")]
    vtt: Option<PathBuf>,
    /// Praat TextGrid: a tier a speaker, sections, highlights
    #[arg(long, value_name = "FILE")]
    textgrid: Option<PathBuf>,
    /// Podcasting 2.0 chapters: the sections
    #[arg(long, value_name = "FILE")]
    chapters: Option<PathBuf>,
}

/// One file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Json,
    Csv,
    Html,
    Reaper,
    Markers,
    Labels,
    Srt,
    Vtt,
    TextGrid,
    Chapters,
}

/// So much of a speaker's name stands in a file's: four bytes each, and no file's name is longer than 255.
const NAME_CHARS: usize = 50;

/// Files of which is known where they go.
#[derive(Debug)]
pub(crate) struct Outputs {
    files: Vec<(Kind, PathBuf)>,
    stdout: Option<Kind>,
    label_folder: Option<PathBuf>,
    /// WAV files, each with where its marked copy goes.
    cues: Vec<(PathBuf, PathBuf)>,
    cue_folder: Option<PathBuf>,
}

impl Args {
    /// Settles where the files go. Refuses what would fail after a long scan, or destroy something.
    ///
    /// `given` are all files that were to be mapped: one that cannot be read today is still somebody's recording.
    pub(crate) fn plan(
        &self,
        given: &[PathBuf],
        tracks: &[SpeakerTrack],
    ) -> Result<Outputs, Trouble> {
        let mut sounds: Vec<PathBuf> = tracks.iter().map(|track| track.path.clone()).collect();
        sounds.dedup();
        let mut places = Places::new(given);
        let mut outputs = Outputs {
            files: Vec::new(),
            stdout: None,
            label_folder: None,
            cues: Vec::new(),
            cue_folder: None,
        };
        for (option, kind, path) in [
            ("--json", Kind::Json, &self.json),
            ("--csv", Kind::Csv, &self.csv),
            ("--html", Kind::Html, &self.html),
            ("--reaper", Kind::Reaper, &self.reaper),
            ("--markers", Kind::Markers, &self.markers),
            ("--srt", Kind::Srt, &self.srt),
            ("--vtt", Kind::Vtt, &self.vtt),
            ("--textgrid", Kind::TextGrid, &self.textgrid),
            ("--chapters", Kind::Chapters, &self.chapters),
        ] {
            let Some(path) = path else { continue };
            if path.as_os_str() == "-" && matches!(kind, Kind::Json | Kind::Csv) {
                if outputs.stdout.replace(kind).is_some() {
                    return Err(Trouble::Misused(format!(
                        "{option} -: standard output carries one of them only; give the other a file name"
                    )));
                }
                continue;
            }
            if path.as_os_str() == "-" {
                return Err(Trouble::Misused(format!(
                    "{option} -: this goes to a file; give its name (--json and --csv can go to standard output)"
                )));
            }
            places.claim(option, path)?;
            outputs.files.push((kind, path.clone()));
        }
        if let Some(path) = &self.labels {
            if path.as_os_str() == "-" {
                return Err(Trouble::Misused(
                    "--labels -: these go to a file or a folder; give its name".to_owned(),
                ));
            }
            match place("--labels", path, 1)? {
                Place::File(file) => {
                    places.claim("--labels", &file)?;
                    outputs.files.push((Kind::Labels, file));
                }
                Place::Folder(folder) => {
                    if folder.is_dir() {
                        let names = tracks.iter().map(|track| track.name.as_str());
                        for name in label_names(names) {
                            places.claim("--labels", &folder.join(name))?;
                        }
                    }
                    outputs.label_folder = Some(folder);
                }
            }
        }
        if let Some(path) = &self.cues {
            self.plan_cues(path, &sounds, &mut places, &mut outputs)?;
        }
        Ok(outputs)
    }

    fn plan_cues(
        &self,
        path: &Path,
        sounds: &[PathBuf],
        places: &mut Places,
        outputs: &mut Outputs,
    ) -> Result<(), Trouble> {
        match place("--cues", path, sounds.len())? {
            Place::File(file) => {
                places.claim("--cues", &file)?;
                outputs
                    .cues
                    .extend(sounds.iter().map(|sound| (sound.clone(), file.clone())));
            }
            Place::Folder(folder) => {
                for sound in sounds {
                    let copy = folder.join(sound.file_name().unwrap_or_default());
                    // A folder that is not there yet holds nothing that could be replaced.
                    if folder.is_dir() {
                        places.claim("--cues", &copy)?;
                    } else if outputs.cues.iter().any(|(_, other)| *other == copy) {
                        return Err(Trouble::Misused(format!(
                            "--cues {}: two tracks are called {}; map them into folders of their own",
                            shown(&folder),
                            shown(Path::new(sound.file_name().unwrap_or_default()))
                        )));
                    }
                    outputs.cues.push((sound.clone(), copy));
                }
                outputs.cue_folder = Some(folder);
            }
        }
        // Where no track can be marked, that is said before they are listened to.
        let mut unmarkable = None;
        for (sound, _) in &outputs.cues {
            match MarkedWav::new(sound, &[]) {
                Ok(_) => return Ok(()),
                Err(error) => unmarkable = unmarkable.or(Some(error)),
            }
        }
        match unmarkable {
            Some(error) => Err(Trouble::Misused(format!("--cues: {error}"))),
            None => Ok(()),
        }
    }
}

impl Outputs {
    /// Whether something goes to standard output, so that no table may.
    pub(crate) fn use_stdout(&self) -> bool {
        self.stdout.is_some()
    }

    /// Writes what goes to standard output.
    pub(crate) fn write_stdout(&self, map: &RecordingMap, out: &mut dyn Write) -> io::Result<()> {
        match self.stdout {
            Some(kind) => kind.write(map, Path::new("-"), out),
            None => Ok(()),
        }
    }

    /// Writes all that go to files; gives what went wrong, each with what to do.
    pub(crate) fn write_files(&self, map: &RecordingMap) -> Vec<String> {
        let mut errors = Vec::new();
        let mut write = |path: &Path, content: &dyn Fn(&mut dyn Write) -> io::Result<()>| {
            if let Err(error) = write_undisturbed(path, content) {
                errors.push(error.to_string());
            }
        };
        for (kind, path) in &self.files {
            write(path, &|out| kind.write(map, path, out));
        }
        if let Some(folder) = &self.label_folder {
            match std::fs::create_dir_all(folder) {
                Ok(()) => {
                    for (name, cues) in label_files(map) {
                        write(&folder.join(name), &|out| labels::write_cues(&cues, out));
                    }
                }
                Err(error) => errors.push(unmade(folder, &error)),
            }
        }
        errors.extend(self.write_cues(map));
        errors
    }

    /// Writes the marked copies of WAV files; one that cannot be marked is named, the rest goes on.
    fn write_cues(&self, map: &RecordingMap) -> Vec<String> {
        if let Some(folder) = &self.cue_folder
            && let Err(error) = std::fs::create_dir_all(folder)
        {
            return vec![unmade(folder, &error)];
        }
        let mut errors = Vec::new();
        for (sound, copy) in &self.cues {
            // A track that failed has nothing to mark.
            if !map.speakers.iter().any(|speaker| speaker.path == *sound) {
                continue;
            }
            match MarkedWav::new(sound, &map.region_cues()) {
                Ok(marked) => {
                    if let Err(error) = write_undisturbed(copy, |out| marked.write(out)) {
                        errors.push(error.to_string());
                    }
                }
                Err(error) => errors.push(format!("--cues: {error}")),
            }
        }
        errors
    }
}

fn unmade(folder: &Path, error: &io::Error) -> String {
    format!(
        "{}: this folder could not be made ({error}); choose another place",
        shown(folder)
    )
}

/// A label file for the sections, for the highlights, and for each speaker's turns.
fn label_files(map: &RecordingMap) -> Vec<(String, Vec<Cue>)> {
    let mut cues = vec![map.section_cues(), map.highlight_cues()];
    cues.extend((0..map.speakers.len()).map(|speaker| map.turn_cues(Some(speaker))));
    let names = map.speakers.iter().map(|it| it.name.as_str());
    label_names(names).into_iter().zip(cues).collect()
}

/// What those files are called.
fn label_names<'a>(speakers: impl Iterator<Item = &'a str>) -> Vec<String> {
    let own = speakers.enumerate().map(|(speaker, name)| {
        // A name may hold what a file's cannot, or be longer than one; its number keeps two apart.
        let plain = |c: char| {
            if c.is_alphanumeric() || " -_.".contains(c) {
                c
            } else {
                '_'
            }
        };
        let name: String = name.chars().take(NAME_CHARS).map(plain).collect();
        format!("{}-{name}.labels.txt", speaker + 1)
    });
    ["sections.labels.txt", "highlights.labels.txt"]
        .map(str::to_owned)
        .into_iter()
        .chain(own)
        .collect()
}

impl Kind {
    fn write(self, map: &RecordingMap, path: &Path, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::Json => json::write(map, out),
            Self::Csv => csv::write(map, out),
            Self::Html => {
                let options = HtmlOptions {
                    folder: Some(folder_of(path).to_path_buf()),
                    ..HtmlOptions::default()
                };
                html::write(map, &options, out)
            }
            Self::Reaper => rpp::write(&project_tracks(map, path), &map.region_cues(), out),
            Self::Markers => markers::write_cues(&map.region_cues(), out),
            Self::Labels => {
                let mut cues = map.region_cues();
                cues.extend(map.turn_cues(None));
                cues.sort_by(|a, b| a.start_seconds.total_cmp(&b.start_seconds));
                labels::write_cues(&cues, out)
            }
            Self::Srt => srt::write(&map.turn_cues(None), out),
            Self::Vtt => vtt::write(&map.turn_cues(None), out),
            Self::TextGrid => textgrid::write(&map.tiers(), map.seconds, out),
            Self::Chapters => {
                let file = map.speakers.first().and_then(|it| it.path.file_name());
                let one = map
                    .speakers
                    .iter()
                    .all(|it| it.path == map.speakers[0].path);
                let file = file.filter(|_| one).map(|it| it.to_string_lossy());
                chapters::write(&map.section_cues(), file.as_deref(), out)
            }
        }
    }
}

/// The project's tracks: files beside the project, or below its folder, are named from there, so that the folder can be moved.
fn project_tracks(map: &RecordingMap, project: &Path) -> Vec<ProjectTrack> {
    let folder = folder_of(project).canonicalize().ok();
    map.speakers
        .iter()
        .map(|speaker| {
            let file = speaker.path.canonicalize().unwrap_or(speaker.path.clone());
            let near = folder
                .as_ref()
                .and_then(|folder| file.strip_prefix(folder).ok());
            ProjectTrack {
                name: speaker.name.clone(),
                file: near.unwrap_or(&file).to_string_lossy().into_owned(),
                channel: speaker.channel,
                seconds: speaker.seconds,
            }
        })
        .collect()
}

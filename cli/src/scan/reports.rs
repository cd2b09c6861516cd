//! What a scan leaves behind: JSON, CSV, the HTML report, label and marker files; where they go is settled before the scan starts.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use undersong_core::timeline::html::HtmlOptions;
use undersong_core::timeline::{
    Scan, TakeExplanation, Timeline, csv, file_names, html, json, labels, markers,
};

use crate::interrupt::write_undisturbed;
use crate::places::{Places, folder_of};
use crate::terminal::shown;
use crate::trouble::Trouble;

/// Largest take that `--embed` puts into a report, in bytes.
pub(crate) const EMBED_MAX_BYTES: u64 = 64 * 1024 * 1024;

/// Arguments that ask for reports.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Reports")]
pub(crate) struct Args {
    /// Everything, for other programs; `-` is standard output, which then carries nothing else
    #[arg(long, value_name = "FILE|-")]
    json: Option<PathBuf>,
    /// A row per window, for spreadsheets, R and pandas
    #[arg(long, value_name = "FILE|-")]
    csv: Option<PathBuf>,
    /// A report to open in a browser, with curves over time and sound at a click
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Put the sound into the report, so that it can be sent on its own (takes up to 64 MB each)
    #[arg(long, requires = "html")]
    embed: bool,
    /// Show in the report what moved the scores, for a window a second (60 a take at most): about half a second of work for each
    #[arg(long, requires = "html")]
    pub(crate) explain: bool,
    /// Audacity label track: a file, or for several takes a folder with one each
    #[arg(long, value_name = "FILE|DIR")]
    labels: Option<PathBuf>,
    /// REAPER regions (times in seconds): a file, or for several takes a folder with one each
    #[arg(long, value_name = "FILE|DIR")]
    markers: Option<PathBuf>,
}

/// Reports of which is known where they go.
#[derive(Debug)]
pub(crate) struct Reports {
    whole: Vec<(Whole, PathBuf)>,
    stdout: Option<Whole>,
    per_take: Vec<(PerTake, Place)>,
}

/// A report about the whole scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whole {
    Json,
    Csv,
    Html { embed: bool },
}

/// A report about one take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PerTake {
    Labels,
    Markers,
}

/// Where reports about single takes go.
#[derive(Debug)]
pub(crate) enum Place {
    File(PathBuf),
    Folder(PathBuf),
}

impl Args {
    /// Settles where the reports go.
    ///
    /// Refuses what would fail after a long scan, or destroy something: a folder that isn't there, a report in the place of a take, of the
    /// library or of another report, two on standard output.
    pub(crate) fn plan(
        &self,
        takes: &[PathBuf],
        library: Option<&Path>,
    ) -> Result<Reports, Trouble> {
        let mut reports = Reports {
            whole: Vec::new(),
            stdout: None,
            per_take: Vec::new(),
        };
        let mut places = Places::with_library(takes, library);
        let mut claim = |option: &str, path: &Path| places.claim(option, path);

        let html = Whole::Html { embed: self.embed };
        let whole = [
            ("--json", Whole::Json, &self.json),
            ("--csv", Whole::Csv, &self.csv),
            ("--html", html, &self.html),
        ];
        for (option, report, path) in whole {
            match path {
                None => {}
                Some(path) if path.as_os_str() == "-" => {
                    let earlier = reports.stdout.replace(report);
                    if earlier.is_some() {
                        return Err(Trouble::Misused(format!(
                            "{option} -: standard output carries one report only; give the other a file name"
                        )));
                    }
                }
                Some(path) => {
                    claim(option, path)?;
                    reports.whole.push((report, path.clone()));
                }
            }
        }
        let per_take = [
            ("--labels", PerTake::Labels, &self.labels),
            ("--markers", PerTake::Markers, &self.markers),
        ];
        for (option, report, path) in per_take {
            let Some(path) = path else { continue };
            let place = place(option, path, takes.len())?;
            if let Place::File(file) = &place {
                claim(option, file)?;
            }
            reports.per_take.push((report, place));
        }
        Ok(reports)
    }
}

impl Reports {
    /// Whether a report goes to standard output, so that no table may.
    pub(crate) fn use_stdout(&self) -> bool {
        self.stdout.is_some()
    }

    /// Writes the report that goes to standard output.
    pub(crate) fn write_stdout(&self, scan: &Scan, out: &mut dyn Write) -> io::Result<()> {
        match self.stdout {
            Some(report) => report.write(scan, &[], None, out),
            None => Ok(()),
        }
    }

    /// Writes all that go to files; gives what went wrong, each with what to do. `explanations` are those of the takes, in their order, or none.
    pub(crate) fn write_files(
        &self,
        scan: &Scan,
        explanations: &[Option<TakeExplanation>],
    ) -> Vec<String> {
        let mut written = Vec::new();
        for (report, path) in &self.whole {
            written.push(write_undisturbed(path, |out| {
                report.write(scan, explanations, Some(folder_of(path)), out)
            }));
        }
        let mut errors = Vec::new();
        for (report, place) in &self.per_take {
            match place {
                Place::File(path) => {
                    for take in &scan.takes {
                        written.push(write_undisturbed(path, |out| report.write(take, out)));
                    }
                }
                Place::Folder(folder) => {
                    if let Err(error) = fs::create_dir_all(folder) {
                        errors.push(format!(
                            "{}: this folder could not be made ({error}); choose another place",
                            shown(folder)
                        ));
                        continue;
                    }
                    for (take, name) in scan
                        .takes
                        .iter()
                        .zip(file_names(&scan.takes, report.ending()))
                    {
                        written.push(write_undisturbed(&folder.join(name), |out| {
                            report.write(take, out)
                        }));
                    }
                }
            }
        }
        errors.extend(
            written
                .into_iter()
                .filter_map(Result::err)
                .map(|error| error.to_string()),
        );
        errors
    }
}

impl Whole {
    fn write(
        self,
        scan: &Scan,
        explanations: &[Option<TakeExplanation>],
        folder: Option<&Path>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        match self {
            Self::Json => json::write(scan, out),
            Self::Csv => csv::write(scan, out),
            Self::Html { embed } => {
                let options = HtmlOptions {
                    folder: folder.map(Path::to_path_buf),
                    embed_audio_max_bytes: if embed { EMBED_MAX_BYTES } else { 0 },
                };
                html::write_explained(scan, explanations, &options, out)
            }
        }
    }
}

impl PerTake {
    fn write(self, take: &Timeline, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::Labels => labels::write(take, out),
            Self::Markers => markers::write(take, out),
        }
    }

    fn ending(self) -> &'static str {
        match self {
            Self::Labels => labels::ENDING,
            Self::Markers => markers::ENDING,
        }
    }
}

/// A name with an ending is a file, for one take; any other is a folder.
pub(crate) fn place(option: &str, path: &Path, takes: usize) -> Result<Place, Trouble> {
    let slash = path.as_os_str().as_encoded_bytes().ends_with(b"/");
    if path.is_dir() || slash || (path.extension().is_none() && !path.exists()) {
        return Ok(Place::Folder(path.to_path_buf()));
    }
    if takes == 1 {
        return Ok(Place::File(path.to_path_buf()));
    }
    Err(Trouble::Misused(format!(
        "{option} {}: {takes} takes need a file each; name a folder, such as {}/",
        shown(path),
        shown(&path.with_extension(""))
    )))
}

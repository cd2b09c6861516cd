//! The progress bar, on standard error and only on a terminal.

use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use undersong_core::audio::Decoder;
use undersong_core::scan::Progress;
use undersong_core::timeline::Timeline;

/// A progress bar, or nothing where there is no terminal.
pub(crate) struct Bar {
    bar: ProgressBar,
    takes: usize,
    /// It moves with the takes that are done; else with the seconds that were heard.
    by_takes: bool,
    what: &'static str,
    done: AtomicUsize,
    heard_seconds: Mutex<f64>,
}

impl Bar {
    /// Shows the bar. Its length is that of the takes as their headers tell it.
    pub(crate) fn start(takes: &[PathBuf], quiet: bool) -> Self {
        let bar = if quiet || !io::stderr().is_terminal() {
            ProgressBar::hidden()
        } else {
            visible(takes)
        };
        let bar = Self {
            bar,
            takes: takes.len(),
            by_takes: false,
            what: "takes",
            done: AtomicUsize::new(0),
            heard_seconds: Mutex::new(0.0),
        };
        bar.count(0);
        bar
    }

    /// Shows the bar for so many takes, of which most are done at a glance.
    pub(crate) fn of_takes(takes: usize, quiet: bool) -> Self {
        let bar = if quiet || !io::stderr().is_terminal() {
            ProgressBar::hidden()
        } else {
            with_length(takes as u64)
        };
        let bar = Self {
            bar,
            takes,
            by_takes: true,
            what: "takes",
            done: AtomicUsize::new(0),
            heard_seconds: Mutex::new(0.0),
        };
        bar.count(0);
        bar
    }

    /// Shows the bar for takes that are being explained.
    pub(crate) fn explain(takes: &[Timeline], quiet: bool) -> Self {
        let paths: Vec<PathBuf> = takes.iter().map(|take| take.path.clone()).collect();
        Self {
            what: "takes explained",
            ..Self::start(&paths, quiet)
        }
    }

    /// Shows the bar for the tracks of a recording, each of which is heard twice.
    pub(crate) fn map(tracks: &[PathBuf], quiet: bool) -> Self {
        let twice: Vec<PathBuf> = tracks.iter().chain(tracks).cloned().collect();
        let bar = Self {
            takes: tracks.len(),
            what: "tracks",
            ..Self::start(&twice, quiet)
        };
        bar.count(0);
        bar
    }

    /// Moves the bar on.
    pub(crate) fn update(&self, event: Progress<'_>) {
        match event {
            Progress::Advanced { .. } if self.by_takes => {}
            Progress::Advanced { seconds } => {
                // A thread that ended badly leaves a number that is good enough for a bar.
                let mut heard = self
                    .heard_seconds
                    .lock()
                    .unwrap_or_else(std::sync::PoisonError::into_inner);
                *heard += seconds;
                self.bar.set_position((*heard * 1e3) as u64);
            }
            Progress::Done { .. } => self.count(self.done.fetch_add(1, Ordering::Relaxed) + 1),
        }
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn count(&self, done: usize) {
        if self.by_takes {
            self.bar.set_position(done as u64);
        }
        self.bar
            .set_message(format!("{done} of {} {}", self.takes, self.what));
    }
}

fn visible(takes: &[PathBuf]) -> ProgressBar {
    // A take that cannot be opened is named later; here it has no length.
    let seconds: f64 = takes
        .iter()
        .filter_map(|take| Decoder::open(take).ok()?.duration_seconds())
        .sum();
    with_length((seconds * 1e3) as u64)
}

fn with_length(length: u64) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{bar:32} {percent:>3} %  {msg}, {eta} left") {
        bar.set_style(style.progress_chars("━╸─"));
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

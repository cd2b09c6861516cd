//! What the tests of the plugins in hosts share: the library as cargo has built it, sound, and an X server without a screen.

#![allow(clippy::print_stdout)] // a test that is skipped says so

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use undersong_bundler::hosts::{
    ClapLibrary, HostError, Playhead, PluginHost, Sent, Vst3Module, What,
};
use undersong_bundler::layout::BUILT_LIBRARY;
use undersong_core::audio::Decoder;

/// The folder of the workspace.
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The plugin's library that cargo has built with the tests.
///
/// # Panics
/// If it is not there.
pub fn library() -> PathBuf {
    let program = std::env::current_exe().unwrap_or_default();
    let folder = program.parent().unwrap_or(Path::new(""));
    let path = folder.join(BUILT_LIBRARY);
    assert!(path.is_file(), "{} was not built", path.display());
    path
}

/// An instance in a host, as hosts of both formats make it.
pub type Host = Box<dyn PluginHost>;

/// Both formats of the plugin, loaded.
#[derive(Debug)]
pub struct Formats {
    /// As CLAP.
    pub clap: ClapLibrary,
    /// As VST3.
    pub vst3: Vst3Module,
}

impl Formats {
    /// Loads both.
    ///
    /// # Errors
    /// If one does not load.
    pub fn open() -> Result<Self, HostError> {
        let library = library();
        Ok(Self {
            clap: ClapLibrary::open(&library)?,
            vst3: Vst3Module::open(&library)?,
        })
    }

    /// An instance of each.
    ///
    /// # Errors
    /// If one cannot be made.
    pub fn each(&self) -> Result<[Host; 2], HostError> {
        Ok([
            Box::new(self.clap.instance()?),
            Box::new(self.vst3.instance()?),
        ])
    }
}

/// Where the sample take lies.
pub fn take_path() -> PathBuf {
    workspace().join("cli/samples/take.flac")
}

/// The sample take: samples of one channel, and how many of them a second has.
///
/// # Panics
/// If it cannot be read.
#[allow(clippy::unwrap_used)] // for tests only
pub fn take() -> (Vec<f32>, u32) {
    let mut decoder = Decoder::open(&take_path()).unwrap();
    let mut sound = Vec::new();
    while decoder.next_block(&mut sound).unwrap() {}
    let rate_hz = decoder.sample_rate_hz();
    (sound, rate_hz)
}

/// Faults that a host's judge has found; a test wants none.
///
/// # Panics
/// If there are any.
pub fn no_faults(host: &dyn PluginHost) {
    let faults: Vec<_> = host
        .judge()
        .faults()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert!(faults.is_empty(), "{}: {faults:#?}", host.format());
}

/// Whether two sounds are the same to the bit.
pub fn same_bits(a: &[f32], b: &[f32]) -> bool {
    a.iter()
        .map(|sample| sample.to_bits())
        .eq(b.iter().map(|sample| sample.to_bits()))
}

/// What was sent at a sample of the whole sound.
pub type SentAt = (u64, What);

/// Moves what a block sent from the block's samples to the sound's.
pub fn sent_at(start: u64, sent: &[Sent]) -> impl Iterator<Item = SentAt> {
    sent.iter()
        .map(move |sent| (start + u64::from(sent.at), sent.what))
}

/// Plays a sound in blocks of these sizes, over and over, with the playhead on it. Gives all that was sent.
///
/// # Panics
/// If the host fails.
#[allow(clippy::unwrap_used)] // for tests only
pub fn play(host: &mut dyn PluginHost, sound: &[f32], sizes: &[usize], from: u64) -> Vec<SentAt> {
    let mut all = Vec::new();
    let mut at = 0;
    for &size in sizes.iter().cycle() {
        if at == sound.len() {
            break;
        }
        let block = &sound[at..(at + size).min(sound.len())];
        let playhead = Playhead {
            playing: true,
            position: from + at as u64,
        };
        let sent = host.block(&[block], &[], Some(playhead)).unwrap();
        all.extend(sent_at(at as u64, sent));
        at += block.len();
    }
    all
}

/// An X server without a screen.
#[derive(Debug)]
pub struct Xvfb {
    process: Child,
    /// What `DISPLAY` is to be.
    pub display: String,
}

impl Xvfb {
    /// Starts one; `None` if it is not installed.
    ///
    /// # Panics
    /// If it is installed and does not start.
    #[allow(clippy::unwrap_used)] // for tests only
    pub fn start() -> Option<Self> {
        let process = Command::new("Xvfb")
            .args([
                "-displayfd",
                "1",
                "-screen",
                "0",
                "2000x1400x24",
                "-nolisten",
                "tcp",
            ])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let Ok(mut process) = process else {
            println!("skipped: Xvfb is not installed");
            return None;
        };
        let mut number = String::new();
        BufReader::new(process.stdout.take().unwrap())
            .read_line(&mut number)
            .unwrap();
        assert!(!number.trim().is_empty(), "Xvfb did not start");
        Some(Self {
            process,
            display: format!(":{}", number.trim()),
        })
    }
}

impl Drop for Xvfb {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Runs a test's body in a process of its own that has a display, or skips it by name where there can be none. An editor's thread may
/// still run when its test is over, so that process ends at once.
///
/// # Panics
/// If the body does, or the process cannot be started.
#[cfg(target_os = "linux")]
#[allow(clippy::unwrap_used)] // for tests only
pub fn with_display(test: &str, body: impl FnOnce()) {
    const INSIDE: &str = "UNDERSONG_TEST_HAS_DISPLAY";
    if std::env::var_os(INSIDE).is_some() {
        body();
        undersong_bundler::hosts::display::leave(0);
    }
    let Some(server) = Xvfb::start() else {
        return;
    };
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(INSIDE, "1")
        .env("DISPLAY", &server.display)
        .status()
        .unwrap();
    assert!(status.success(), "{test}: {status}");
}

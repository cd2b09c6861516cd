//! MP3, by an encoder that the machine has: `lame` or `ffmpeg` on the path.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};

use undersong_core::audio::{NoiseReduction, load_mono};

/// What encodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Program {
    Lame,
    Ffmpeg,
}

/// An MP3 encoder found on the path, and a folder for its files, which goes when this goes.
#[derive(Debug)]
pub struct Encoder {
    program: Program,
    path: PathBuf,
    version: String,
    folder: PathBuf,
    files: AtomicU64,
}

/// Why sound cannot be made an MP3.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CodecError {
    /// There is no encoder.
    #[error("neither lame nor ffmpeg was found on the PATH")]
    NotFound,
    /// The encoder failed.
    #[error("{program} failed: {message}")]
    Failed {
        /// Which.
        program: String,
        /// What it said.
        message: String,
    },
    /// What it wrote cannot be read.
    #[error("what the encoder wrote cannot be read: {0}")]
    Decode(#[from] undersong_core::audio::DecodeError),
}

impl Encoder {
    /// The encoder on the path, `lame` before `ffmpeg`; `None` if there is neither, or no folder for its files.
    pub fn find() -> Option<Self> {
        let folders: Vec<PathBuf> = std::env::split_paths(&std::env::var_os("PATH")?).collect();
        let (program, path) = [(Program::Lame, "lame"), (Program::Ffmpeg, "ffmpeg")]
            .into_iter()
            .find_map(|(program, name)| {
                let found = folders
                    .iter()
                    .map(|folder| folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX)))
                    .find(|path| path.is_file())?;
                Some((program, found))
            })?;
        let asked = match program {
            Program::Lame => "--version",
            Program::Ffmpeg => "-version",
        };
        let said = Command::new(&path).arg(asked).output().ok()?;
        let version = String::from_utf8_lossy(&said.stdout)
            .lines()
            .next()
            .unwrap_or_default()
            .split(" (")
            .next()
            .unwrap_or_default()
            .trim()
            .to_owned();
        let folder = std::env::temp_dir().join(format!("undersong-mp3-{}", std::process::id()));
        std::fs::create_dir_all(&folder).ok()?;
        Some(Self {
            program,
            path,
            version,
            folder,
            files: AtomicU64::new(0),
        })
    }

    /// Which program it is, as it names itself.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Sound as it comes back from an MP3 at 64 kbit/s, 44.1 kHz mono, as podcasts have it: of the same length, decoded as a scan decodes.
    ///
    /// # Errors
    /// The error says whose fault it is.
    pub fn there_and_back(&self, samples: &[f32], rate_hz: u32) -> Result<Vec<f32>, CodecError> {
        let number = self.files.fetch_add(1, Ordering::Relaxed);
        let file = self.folder.join(format!("{number}.mp3"));
        let result = self
            .encode(samples, rate_hz, &file)
            .and_then(|()| Ok(load_mono(&file, rate_hz, NoiseReduction::Off)?));
        // A file that stays goes with its folder.
        let _ = std::fs::remove_file(&file);
        let mut back = result?;
        back.resize(samples.len(), 0.0);
        Ok(back)
    }

    fn encode(&self, samples: &[f32], rate_hz: u32, file: &Path) -> Result<(), CodecError> {
        let failed = |message: String| CodecError::Failed {
            program: self.path.display().to_string(),
            message,
        };
        let io = |error: std::io::Error| failed(error.to_string());
        let mut command = Command::new(&self.path);
        match self.program {
            Program::Lame => command
                .args([
                    "--quiet",
                    "-r",
                    "-s",
                    &format!("{}", f64::from(rate_hz) / 1000.0),
                ])
                .args(["--bitwidth", "16", "--signed", "--little-endian", "-m", "m"])
                .args(["-b", "64", "--cbr", "--resample", "44.1", "-"])
                .arg(file),
            Program::Ffmpeg => command
                .args([
                    "-loglevel",
                    "error",
                    "-y",
                    "-f",
                    "s16le",
                    "-ar",
                    &rate_hz.to_string(),
                ])
                .args([
                    "-ac",
                    "1",
                    "-i",
                    "-",
                    "-codec:a",
                    "libmp3lame",
                    "-b:a",
                    "64k",
                ])
                .args(["-ar", "44100"])
                .arg(file),
        };
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(io)?;
        let bytes: Vec<u8> = samples
            .iter()
            .flat_map(|sample| {
                ((sample * 32_768.0).clamp(-32_768.0, 32_767.0) as i16).to_le_bytes()
            })
            .collect();
        // An encoder that stops early closes its end; what it says of it counts, not the broken pipe.
        let written = child.stdin.take().map(|mut stdin| stdin.write_all(&bytes));
        let output = child.wait_with_output().map_err(io)?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            return Err(failed(if said.is_empty() {
                output.status.to_string()
            } else {
                said
            }));
        }
        written.transpose().map_err(io)?;
        Ok(())
    }
}

impl Drop for Encoder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

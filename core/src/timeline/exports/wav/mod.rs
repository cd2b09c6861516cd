//! Markers inside a WAV file: a copy with `cue ` points and their `adtl` labels, its samples the same to the bit.
//!
//! Read block by block, whatever the file's length. Markers that are there already stay, and new ones get numbers after theirs; every other
//! chunk is copied as it is. RIFF, RF64 and BW64 (EBU Tech 3306, ITU-R BS.2088) are read and kept; a RIFF file that would grow beyond 4 GiB becomes RF64.

mod chunks;

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use self::chunks::{Chunk, Layout};
use super::{Cue, one_line};

/// A marked WAV file that can be written.
#[derive(Debug)]
pub struct MarkedWav {
    path: PathBuf,
    layout: Layout,
    /// The new `cue ` chunk's points.
    points: Vec<u8>,
    /// The new `LIST` chunk's labels, after `adtl`.
    labels: Vec<u8>,
    before: usize,
}

/// Why a file cannot be marked.
#[derive(Debug, thiserror::Error)]
#[error("{}: {reason}", path.display())]
pub struct MarkError {
    path: PathBuf,
    reason: String,
}

/// Bytes of a cue point.
const POINT_BYTES: usize = 24;
/// Most bytes that the markers already in a file may take.
const MOST_MARKER_BYTES: u64 = 64 * 1024 * 1024;

impl MarkedWav {
    /// Reads where the chunks of `path` lie, and lays out its markers with `cues` added: a point at each start, with a label and, where
    /// the cue lasts, its length.
    ///
    /// # Errors
    /// If the file cannot be read, is no WAV file, is damaged or cut off, or if a cue lies beyond what a marker can tell (2³² samples).
    pub fn new(path: &Path, cues: &[Cue]) -> Result<Self, MarkError> {
        let named = |reason: String| MarkError {
            path: path.to_owned(),
            reason,
        };
        let file = File::open(path).map_err(|error| {
            named(format!(
                "it could not be opened ({error}); check the name and its permissions"
            ))
        })?;
        let mut file = BufReader::new(file);
        let layout = Layout::read(&mut file).map_err(named)?;
        let mut marked = Self {
            path: path.to_owned(),
            layout,
            points: Vec::new(),
            labels: Vec::new(),
            before: 0,
        };
        marked.take_over(&mut file).map_err(named)?;
        marked.add(cues).map_err(named)?;
        Ok(marked)
    }

    /// Markers that were in the file already.
    pub fn markers_before(&self) -> usize {
        self.before
    }

    /// Writes the marked copy, block by block.
    ///
    /// # Errors
    /// Those of `out` and of reading the file.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut file = BufReader::new(File::open(&self.path)?);
        let cue_bytes = 4 + self.points.len() as u64;
        let list_bytes = 4 + self.labels.len() as u64;
        let kept = self.kept();
        let body: u64 = kept.clone().map(|chunk| 8 + even(chunk.bytes)).sum();
        let mut total = 4 + body + 8 + even(cue_bytes) + 8 + even(list_bytes);
        let old = self.layout.ds64.as_ref();
        let long = old.is_some() || total > u64::from(u32::MAX);
        let form = if old.is_none() && long {
            *b"RF64"
        } else {
            self.layout.form
        };
        if long {
            total += 8 + even(old.map_or(28, |ds64| ds64.len() as u64));
        }
        out.write_all(&form)?;
        out.write_all(&size_field(if long { u64::MAX } else { total }))?;
        out.write_all(b"WAVE")?;
        if long {
            let ds64 = self.layout.ds64_for(total);
            chunk_header(out, *b"ds64", ds64.len() as u64)?;
            out.write_all(&ds64)?;
            pad(out, ds64.len() as u64)?;
        }
        for chunk in kept {
            // In RF64 the length of `data` always stands in `ds64`.
            let told = if long && &chunk.id == b"data" {
                u64::MAX
            } else {
                chunk.bytes
            };
            chunk_header(out, chunk.id, told)?;
            copy(&mut file, chunk.offset, chunk.bytes, out)?;
            pad(out, chunk.bytes)?;
        }
        chunk_header(out, *b"cue ", cue_bytes)?;
        out.write_all(&((self.points.len() / POINT_BYTES) as u32).to_le_bytes())?;
        out.write_all(&self.points)?;
        chunk_header(out, *b"LIST", list_bytes)?;
        out.write_all(b"adtl")?;
        out.write_all(&self.labels)?;
        let (offset, bytes) = self.layout.after;
        copy(&mut file, offset, bytes, out)
    }

    /// Chunks that are copied as they are.
    fn kept(&self) -> impl Iterator<Item = &Chunk> + Clone {
        self.layout
            .chunks
            .iter()
            .filter(|chunk| !chunk.is_markers())
    }

    /// Takes over the markers that are there.
    fn take_over(&mut self, file: &mut (impl Read + Seek)) -> Result<(), String> {
        for chunk in self.layout.chunks.iter().filter(|it| it.is_markers()) {
            if chunk.bytes > MOST_MARKER_BYTES {
                return Err("the markers in it are longer than 64 MiB: is it damaged?".to_owned());
            }
            let mut body = Vec::new();
            file.seek(SeekFrom::Start(chunk.offset))
                .and_then(|_| file.take(chunk.bytes).read_to_end(&mut body))
                .map_err(|error| format!("reading failed ({error}); check the disk"))?;
            // After the number of points, or after `adtl`.
            let rest = body.get(4..).unwrap_or_default();
            if &chunk.id == b"cue " {
                // Some programs keep room for more than there are.
                let count = body.first_chunk().map_or(0, |it| u32::from_le_bytes(*it));
                let whole = (rest.len() / POINT_BYTES).min(count as usize) * POINT_BYTES;
                self.points.extend(rest.get(..whole).unwrap_or_default());
            } else {
                self.labels.extend(rest);
                if self.labels.len() % 2 == 1 {
                    self.labels.push(0);
                }
            }
        }
        self.before = self.points.len() / POINT_BYTES;
        Ok(())
    }

    fn add(&mut self, cues: &[Cue]) -> Result<(), String> {
        let used = self
            .points
            .chunks_exact(POINT_BYTES)
            .filter_map(|point| Some(u32::from_le_bytes(*point.first_chunk()?)));
        let mut id = used.max().unwrap_or(0);
        for cue in cues {
            // Where this track has ended the recording goes on; there is nothing to mark.
            if cue.start_seconds * f64::from(self.layout.rate_hz) >= self.layout.frames as f64 {
                continue;
            }
            id = id
                .checked_add(1)
                .ok_or("its markers have used up all numbers; take some out")?;
            let sample = |seconds: f64| {
                let sample = (seconds * f64::from(self.layout.rate_hz)).round() as u64;
                let sample = sample.min(self.layout.frames);
                u32::try_from(sample).map_err(|_| {
                    format!(
                        "a marker at {seconds:.0} s lies beyond 2³² samples, which WAV markers cannot tell; split the file"
                    )
                })
            };
            let (start, end) = (sample(cue.start_seconds)?, sample(cue.end_seconds)?);
            for field in [id, start] {
                self.points.extend(field.to_le_bytes());
            }
            self.points.extend(b"data");
            for field in [0, 0, start] {
                self.points.extend(field.to_le_bytes());
            }
            // Many readers take these for Latin-1: what can be plain is plain.
            let text = one_line(&cue.line()).replace('–', "-");
            self.label(*b"labl", id, text.as_bytes(), true);
            if end > start {
                let mut length = (end - start).to_le_bytes().to_vec();
                length.extend(b"rgn ");
                length.extend([0; 8]);
                self.label(*b"ltxt", id, &length, false);
            }
        }
        Ok(())
    }

    fn label(&mut self, kind: [u8; 4], id: u32, body: &[u8], text: bool) {
        let bytes = 4 + body.len() + usize::from(text);
        self.labels.extend(kind);
        self.labels.extend((bytes as u32).to_le_bytes());
        self.labels.extend(id.to_le_bytes());
        self.labels.extend(body);
        if text {
            self.labels.push(0);
        }
        if bytes % 2 == 1 {
            self.labels.push(0);
        }
    }
}

/// A chunk's length with its pad byte.
fn even(bytes: u64) -> u64 {
    bytes + bytes % 2
}

fn size_field(bytes: u64) -> [u8; 4] {
    u32::try_from(bytes).unwrap_or(u32::MAX).to_le_bytes()
}

fn chunk_header(out: &mut dyn Write, id: [u8; 4], bytes: u64) -> io::Result<()> {
    out.write_all(&id)?;
    out.write_all(&size_field(bytes))
}

fn pad(out: &mut dyn Write, bytes: u64) -> io::Result<()> {
    out.write_all(if bytes % 2 == 1 { &[0] } else { &[] })
}

fn copy(
    file: &mut (impl Read + Seek),
    offset: u64,
    bytes: u64,
    out: &mut dyn Write,
) -> io::Result<()> {
    file.seek(SeekFrom::Start(offset))?;
    let copied = io::copy(&mut file.take(bytes), out)?;
    if copied == bytes {
        Ok(())
    } else {
        Err(io::Error::new(
            io::ErrorKind::UnexpectedEof,
            "the WAV file became shorter while it was copied",
        ))
    }
}

//! Where the chunks of a WAV file lie.

use std::io::{Read, Seek, SeekFrom};

/// A chunk's body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chunk {
    pub(super) id: [u8; 4],
    /// Where the body begins.
    pub(super) offset: u64,
    /// Bytes of the body, without a pad byte.
    pub(super) bytes: u64,
    /// The first four bytes of the body: what a `LIST` is of.
    kind: [u8; 4],
}

impl Chunk {
    /// Whether it holds markers or their labels.
    pub(super) fn is_markers(&self) -> bool {
        &self.id == b"cue " || (&self.id == b"LIST" && &self.kind == b"adtl")
    }
}

/// A WAV file's structure.
#[derive(Debug)]
pub(super) struct Layout {
    /// `RIFF`, `RF64` or `BW64`.
    pub(super) form: [u8; 4],
    /// All chunks but `ds64`, in the file's order.
    pub(super) chunks: Vec<Chunk>,
    /// The body of `ds64`, of files that have one.
    pub(super) ds64: Option<Vec<u8>>,
    pub(super) rate_hz: u32,
    /// Samples per channel.
    pub(super) frames: u64,
    /// Offset and length of what stands after the last chunk and is none.
    pub(super) after: (u64, u64),
}

impl Layout {
    /// Reads the chunks' headers, not their bodies.
    pub(super) fn read(file: &mut (impl Read + Seek)) -> Result<Self, String> {
        let failed = |error: std::io::Error| format!("reading failed ({error}); check the disk");
        let length = file.seek(SeekFrom::End(0)).map_err(failed)?;
        file.rewind().map_err(failed)?;
        let mut head = Vec::new();
        Read::by_ref(file)
            .take(12)
            .read_to_end(&mut head)
            .map_err(failed)?;
        let form = match (head.first_chunk::<4>(), head.get(8..12)) {
            (Some(form @ (b"RIFF" | b"RF64" | b"BW64")), Some(b"WAVE")) => *form,
            _ => {
                return Err(
                    "markers can be put into WAV files only, and this is none; export the track as WAV"
                        .to_owned(),
                );
            }
        };
        let told = number(&head, 4).unwrap_or(0);
        let mut layout = Self {
            form,
            chunks: Vec::new(),
            ds64: None,
            rate_hz: 0,
            frames: 0,
            after: (length, 0),
        };
        let (mut block_bytes, mut block_frames, mut at) = (0_u64, 1, 12);
        while at + 8 <= length {
            file.seek(SeekFrom::Start(at)).map_err(failed)?;
            let mut body = Vec::new();
            Read::by_ref(file)
                .take(8 + 64)
                .read_to_end(&mut body)
                .map_err(failed)?;
            let body_rest = body.split_off(8.min(body.len()));
            let (Some(id), Some(size)) = (body.first_chunk::<4>(), number(&body, 4)) else {
                break;
            };
            if !id.iter().all(|it| (b' '..=b'~').contains(it)) {
                break;
            }
            let name = String::from_utf8_lossy(id).into_owned();
            let offset = at + 8;
            let mut bytes = layout.real_size(*id, size);
            let untold = layout.ds64.is_none() || bytes == 0 || bytes > i64::MAX as u64;
            if id == b"data" && size == u32::MAX && untold {
                // A program that wrote while it recorded, and could not come back to say how much.
                bytes = length - offset;
            }
            if bytes > length - offset {
                // What follows the end that the file tells is none of its chunks: a tag that somebody hung on.
                if layout.frames > 0 && at >= layout.end(told) {
                    break;
                }
                return Err(format!(
                    "it is cut off or damaged: its chunk `{name}` is to have {bytes} bytes and {} are there; copy or export it again",
                    length - offset
                ));
            }
            match id {
                b"ds64" => {
                    let mut whole = Vec::new();
                    file.seek(SeekFrom::Start(offset)).map_err(failed)?;
                    Read::by_ref(file)
                        .take(bytes.min(1 << 20))
                        .read_to_end(&mut whole)
                        .map_err(failed)?;
                    if whole.len() < 28 {
                        return Err("it is damaged: its chunk `ds64` is too short".to_owned());
                    }
                    layout.ds64 = Some(whole);
                }
                b"fmt " => {
                    layout.rate_hz = number(&body_rest, 4).unwrap_or(0);
                    block_bytes = number(&body_rest, 10).map_or(0, |it| u64::from(it >> 16));
                    block_frames = block_frames_of(&body_rest);
                }
                b"data" if block_bytes > 0 => layout.frames = bytes / block_bytes * block_frames,
                _ => {}
            }
            if id != b"ds64" {
                layout.chunks.push(Chunk {
                    id: *id,
                    offset,
                    bytes,
                    kind: body_rest.first_chunk().copied().unwrap_or_default(),
                });
            }
            at = offset + bytes + bytes % 2;
        }
        layout.after = (at.min(length), length.saturating_sub(at));
        if layout.rate_hz == 0 || layout.frames == 0 {
            return Err(
                "it is damaged: its chunks `fmt ` and `data` do not say what sound there is; export it again"
                    .to_owned(),
            );
        }
        Ok(layout)
    }

    /// Where the last chunk ends, by the file's own word.
    fn end(&self, told: u32) -> u64 {
        let long = self.ds64.as_ref().and_then(|ds64| ds64.first_chunk());
        let bytes = long.map_or(u64::from(told), |bytes| u64::from_le_bytes(*bytes));
        bytes.saturating_add(8)
    }

    /// A chunk's size where the 32 bits before it do not hold it.
    fn real_size(&self, id: [u8; 4], size: u32) -> u64 {
        let Some(ds64) = self.ds64.as_ref().filter(|_| size == u32::MAX) else {
            return size.into();
        };
        let long = |at: usize| {
            let bytes = ds64.get(at..at + 8).and_then(<[u8]>::first_chunk);
            bytes.map(|bytes| u64::from_le_bytes(*bytes))
        };
        if &id == b"data" {
            return long(8).unwrap_or(size.into());
        }
        let entries = number(ds64, 24).unwrap_or(0) as usize;
        (0..entries.min(ds64.len() / 12))
            .map(|entry| 28 + 12 * entry)
            .find(|&at| ds64.get(at..at + 4) == Some(id.as_slice()))
            .and_then(|at| long(at + 4))
            .unwrap_or(size.into())
    }

    /// The body of `ds64` for a file of `riff_bytes`.
    pub(super) fn ds64_for(&self, riff_bytes: u64) -> Vec<u8> {
        let mut ds64 = self.ds64.clone().unwrap_or_else(|| vec![0; 28]);
        let data = self.chunks.iter().find(|chunk| &chunk.id == b"data");
        let fields = [riff_bytes, data.map_or(0, |it| it.bytes), self.frames];
        let fields: Vec<u8> = fields
            .iter()
            .flat_map(|field| field.to_le_bytes())
            .collect();
        // What a file says of its number of samples stays.
        let own = if self.ds64.is_some() { 16 } else { 24 };
        if let (Some(to), Some(from)) = (ds64.get_mut(..own), fields.get(..own)) {
            to.copy_from_slice(from);
        }
        ds64
    }
}

/// Samples per channel in a block, by the body of `fmt `: ADPCM (codings 2 and 17) packs many, and says how many.
fn block_frames_of(format: &[u8]) -> u64 {
    let half = |at: usize| {
        let bytes = format.get(at..).and_then(<[u8]>::first_chunk);
        bytes.map_or(0, |bytes| u16::from_le_bytes(*bytes))
    };
    match half(0) {
        2 | 17 => half(18).max(1).into(),
        _ => 1,
    }
}

/// Four bytes, little-endian.
fn number(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..at + 4)?.first_chunk()?;
    Some(u32::from_le_bytes(*bytes))
}

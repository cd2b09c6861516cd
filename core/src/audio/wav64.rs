//! RF64 and BW64, which WAV files of more than 4 GiB are (EBU Tech 3306, ITU-R BS.2088), for a decoder that knows RIFF alone.
//!
//! Such a file has the chunks of a RIFF file; lengths that 32 bits cannot hold stand in a chunk `ds64`, the first of all. The decoder is shown the same
//! bytes with RIFF's name and lengths, and nothing of what follows the samples, which it would take for more of them.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use symphonia::core::io::MediaSource;

/// In a header of RIFF: no length is told.
const UNTOLD: [u8; 4] = [0xFF; 4];

/// Offset of the samples' length in the body of `ds64`, after the file's.
const DATA_BYTES_AT: usize = 8;

/// An RF64 or BW64 file, as RIFF.
#[derive(Debug)]
pub(super) struct Wav64 {
    file: File,
    /// Where the samples end: so does what is shown.
    end: u64,
    at: u64,
    /// Bytes that are shown in place of those that are there, and where.
    shown: [(u64, [u8; 4]); 3],
    seconds: Option<f64>,
}

/// Whether a file that begins so is one of these.
pub(super) fn is_wav64(head: &[u8]) -> bool {
    (head.starts_with(b"RF64") || head.starts_with(b"BW64")) && head.get(8..12) == Some(b"WAVE")
}

impl Wav64 {
    /// Finds the samples in a file of which [`is_wav64`] is true.
    ///
    /// # Errors
    /// If it cannot be read. One without samples is no error here: the decoder will say what it lacks.
    pub(super) fn new(mut file: File) -> io::Result<Self> {
        let length = file.metadata()?.len();
        let (mut data_bytes, mut bytes_per_second) = (None, 0.0);
        let mut shown = [
            (0, *b"RIFF"),
            (4, UNTOLD),
            // Nothing else, unless there are samples.
            (4, UNTOLD),
        ];
        let mut end = length;
        let mut at = 12;
        while at + 8 <= length {
            file.seek(SeekFrom::Start(at))?;
            let mut chunk = Vec::with_capacity(32);
            Read::by_ref(&mut file).take(32).read_to_end(&mut chunk)?;
            let Some((id, size)) = chunk.first_chunk::<4>().zip(number(&chunk, 4)) else {
                break;
            };
            let body = at + 8;
            match id {
                b"ds64" => data_bytes = long(&chunk, 8 + DATA_BYTES_AT),
                // The product, since many writers get the field for it wrong.
                b"fmt " => {
                    let block_bytes = number(&chunk, 8 + 10).map_or(0, |it| it >> 16);
                    let rate_hz = number(&chunk, 8 + 4).unwrap_or(0);
                    bytes_per_second = f64::from(block_bytes) * f64::from(rate_hz);
                }
                b"data" => {
                    let told = if size == u32::MAX {
                        // 0, or as much as there can be: written while it was recorded, and nobody came back to say how much.
                        data_bytes.filter(|bytes| (1..1 << 63).contains(bytes))
                    } else {
                        Some(size.into())
                    };
                    if let Some(bytes) = told {
                        end = body.saturating_add(bytes).min(length);
                        shown[2] = (
                            at + 4,
                            u32::try_from(bytes).unwrap_or(u32::MAX).to_le_bytes(),
                        );
                    }
                    let seconds = told.map(|bytes| bytes as f64 / bytes_per_second);
                    file.rewind()?;
                    return Ok(Self {
                        file,
                        end,
                        at: 0,
                        shown,
                        seconds: seconds.filter(|seconds| seconds.is_finite()),
                    });
                }
                _ => {}
            }
            at = body + u64::from(size) + u64::from(size % 2);
        }
        file.rewind()?;
        Ok(Self {
            file,
            end,
            at: 0,
            shown,
            seconds: None,
        })
    }

    /// The length that the file announces, in seconds.
    pub(super) fn seconds(&self) -> Option<f64> {
        self.seconds
    }
}

impl Read for Wav64 {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end.saturating_sub(self.at)).unwrap_or(usize::MAX);
        let most = buffer.len().min(left);
        let Some(wanted) = buffer.get_mut(..most) else {
            return Ok(0);
        };
        let count = self.file.read(wanted)?;
        let read = self.at..self.at + count as u64;
        for (start, bytes) in &self.shown {
            for (at, byte) in (*start..).zip(bytes) {
                if read.contains(&at)
                    && let Some(there) = buffer.get_mut((at - read.start) as usize)
                {
                    *there = *byte;
                }
            }
        }
        self.at = read.end;
        Ok(count)
    }
}

impl Seek for Wav64 {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let to = match to {
            SeekFrom::End(by) => SeekFrom::Start(
                self.end
                    .checked_add_signed(by)
                    .ok_or(io::ErrorKind::InvalidInput)?,
            ),
            other => other,
        };
        self.at = self.file.seek(to)?;
        Ok(self.at)
    }
}

impl MediaSource for Wav64 {
    fn is_seekable(&self) -> bool {
        true
    }

    fn byte_len(&self) -> Option<u64> {
        Some(self.end)
    }
}

/// Four bytes, little-endian.
fn number(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..)?.first_chunk()?;
    Some(u32::from_le_bytes(*bytes))
}

/// Eight bytes, little-endian.
fn long(bytes: &[u8], at: usize) -> Option<u64> {
    let bytes = bytes.get(at..)?.first_chunk()?;
    Some(u64::from_le_bytes(*bytes))
}

//! `Head`: a look at a stream's first bytes. Raw samples have no header, but what other programs write into a pipe often has.
//!
//! `arecord` and `sox`, for example, write a WAV header unless told not to, with a length that they do not know yet. The header then says what
//! the samples are. (Microsoft, "Multiple channel audio data and WAVE files"; the chunk `ds64` and the name `RF64`: EBU Tech 3306.)

use super::{MAX_CHANNELS, SampleFormat, StreamError};

/// So many bytes tell what a stream is.
const TELLING_BYTES: usize = 12;

/// A header that has not ended by then is none.
const MOST_BYTES: usize = 65_536;

/// What can be told raw samples by nothing else: the chance that samples begin so is one in four thousand million.
const FILES: [(&[u8], usize, &str); 7] = [
    (b"OggS", 0, "an Ogg file"),
    (b"fLaC", 0, "a FLAC file"),
    (b"ID3", 0, "an MP3 file"),
    (b"FORM", 0, "an AIFF file"),
    (b"ftyp", 4, "an MP4 file"),
    (b"\x1a\x45\xdf\xa3", 0, "a Matroska or WebM file"),
    (b"caff", 0, "a CAF file"),
];

/// What a WAV header says of the samples after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WavFormat {
    /// Samples per second.
    pub rate_hz: u32,
    /// Channels, interleaved.
    pub channels: u16,
    /// What a sample is.
    pub format: SampleFormat,
    /// Bytes of sound; `None` if the writer did not know.
    pub sound_bytes: Option<u64>,
}

/// What a stream begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start {
    /// Not known yet: more bytes are needed.
    Unknown,
    /// Samples; the bytes pushed so far are the first of them.
    Raw(Vec<u8>),
    /// A WAV header, and the bytes pushed after it.
    Wav(WavFormat, Vec<u8>),
}

/// Collects a stream's first bytes until it is known what they are.
#[derive(Debug, Default)]
pub struct Head {
    bytes: Vec<u8>,
}

impl Head {
    /// Takes bytes. Once the answer is not [`Start::Unknown`], it is given once, and the head is empty again.
    ///
    /// # Errors
    /// If they are those of a file that has to be decoded, or a WAV header says what cannot be taken.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Start, StreamError> {
        self.bytes.extend_from_slice(bytes);
        if self.bytes.len() < TELLING_BYTES {
            return Ok(Start::Unknown);
        }
        let file = FILES
            .iter()
            .find(|(mark, at, _)| self.bytes.get(*at..).is_some_and(|it| it.starts_with(mark)));
        if let Some(&(_, _, kind)) = file {
            return Err(StreamError::NotSamples { kind });
        }
        if !is_wav(&self.bytes) {
            return Ok(Start::Raw(std::mem::take(&mut self.bytes)));
        }
        match parse(&self.bytes)? {
            Some((format, at)) => {
                let sound = self.bytes.split_off(at.min(self.bytes.len()));
                self.bytes.clear();
                Ok(Start::Wav(format, sound))
            }
            None if self.bytes.len() > MOST_BYTES => Err(wav(
                "nothing of its samples in its first 64 KiB".to_owned(),
                "a chunk `data`",
            )),
            None => Ok(Start::Unknown),
        }
    }

    /// The stream has ended: bytes that could have become a header, but did not, are samples.
    pub fn finish(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }
}

fn wav(what: String, expected: &'static str) -> StreamError {
    StreamError::Wav { what, expected }
}

fn is_wav(bytes: &[u8]) -> bool {
    let names = [b"RIFF", b"RF64", b"BW64"];
    names.iter().any(|name| bytes.starts_with(*name))
        && bytes.get(8..TELLING_BYTES) == Some(b"WAVE")
}

fn number(bytes: &[u8], at: usize, count: usize) -> Option<u32> {
    let bytes = bytes.get(at..at + count)?;
    Some(
        bytes
            .iter()
            .rev()
            .fold(0, |sum, &byte| sum << 8 | u32::from(byte)),
    )
}

/// The format and where the samples begin; `None` if that is still to come.
fn parse(bytes: &[u8]) -> Result<Option<(WavFormat, usize)>, StreamError> {
    let mut at = 12;
    let mut format = None;
    while let (Some(name), Some(length)) = (bytes.get(at..at + 4), number(bytes, at + 4, 4)) {
        let body = at + 8;
        if name == b"data" {
            let Some((rate_hz, channels, format)) = format else {
                return Err(wav(
                    "nothing of the samples' format".to_owned(),
                    "a chunk `fmt ` before the samples",
                ));
            };
            // Whoever writes into a pipe cannot go back to fill in the length: it is 0, or as great as it gets (2 or 4 GB).
            let known = 1..0x7FFF_0000;
            let sound_bytes = known.contains(&length).then_some(u64::from(length));
            let format = WavFormat {
                rate_hz,
                channels,
                format,
                sound_bytes,
            };
            return Ok(Some((format, body)));
        }
        let next = body
            .saturating_add(length as usize)
            .saturating_add(length as usize % 2);
        if name == b"fmt " {
            let Some(chunk) = bytes.get(body..body.saturating_add(length as usize)) else {
                return Ok(None);
            };
            format = Some(read_format(chunk)?);
        }
        at = next;
        if at > MOST_BYTES {
            return Err(wav(
                format!("{length} bytes of something else before the samples"),
                "the chunk `data` within 64 KiB",
            ));
        }
    }
    Ok(None)
}

/// Rate, channels and what a sample is, of a chunk `fmt `.
fn read_format(chunk: &[u8]) -> Result<(u32, u16, SampleFormat), StreamError> {
    let field = |at, count| {
        number(chunk, at, count)
            .ok_or_else(|| wav(format!("its format in {} bytes", chunk.len()), "16 or more"))
    };
    let (channels, rate_hz) = (field(2, 2)?, field(4, 4)?);
    let (frame_bytes, bits) = (field(12, 2)?, field(14, 2)?);
    // "Extensible": the coding stands further back.
    let coding = match field(0, 2)? {
        0xFFFE => field(24, 2)?,
        coding => coding,
    };
    let format = match (coding, bits) {
        (1, 8) => SampleFormat::U8,
        (1, 16) => SampleFormat::S16Le,
        (1, 24) => SampleFormat::S24Le,
        (1, 32) => SampleFormat::S32Le,
        (3, 32) => SampleFormat::F32Le,
        (3, 64) => SampleFormat::F64Le,
        (6, 8) => SampleFormat::ALaw,
        (7, 8) => SampleFormat::MuLaw,
        _ => {
            return Err(wav(
                format!("coding {coding} of {bits} bits"),
                "PCM of 8, 16, 24 or 32 bits, floating point of 32 or 64, A-law or µ-law",
            ));
        }
    };
    if !(1..=u32::from(MAX_CHANNELS)).contains(&channels) {
        return Err(StreamError::Channels { given: channels });
    }
    let expected = format.bytes() as u32 * channels;
    if frame_bytes != expected {
        return Err(wav(
            format!("{frame_bytes} bytes a frame for {channels} channels of {bits} bits"),
            "a frame of its samples and nothing else",
        ));
    }
    Ok((rate_hz, channels as u16, format))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A header as hound writes it, with its sound.
    fn file(spec: hound::WavSpec, samples: &[f32]) -> Vec<u8> {
        let mut bytes = std::io::Cursor::new(Vec::new());
        let mut writer = hound::WavWriter::new(&mut bytes, spec).unwrap();
        for &sample in samples {
            match spec.sample_format {
                hound::SampleFormat::Float => writer.write_sample(sample).unwrap(),
                hound::SampleFormat::Int => writer
                    .write_sample((sample * (1_i64 << (spec.bits_per_sample - 1)) as f32) as i32)
                    .unwrap(),
            }
        }
        writer.finalize().unwrap();
        bytes.into_inner()
    }

    fn spec(channels: u16, bits_per_sample: u16, float: bool) -> hound::WavSpec {
        hound::WavSpec {
            channels,
            sample_rate: 44_100,
            bits_per_sample,
            sample_format: if float {
                hound::SampleFormat::Float
            } else {
                hound::SampleFormat::Int
            },
        }
    }

    /// The answer to the bytes one by one, with all that came after it.
    fn start(bytes: &[u8]) -> Result<Start, StreamError> {
        let mut head = Head::default();
        for (at, &byte) in bytes.iter().enumerate() {
            match head.push(&[byte])? {
                Start::Unknown => {}
                Start::Raw(mut sound) => {
                    sound.extend_from_slice(&bytes[at + 1..]);
                    return Ok(Start::Raw(sound));
                }
                Start::Wav(format, mut sound) => {
                    sound.extend_from_slice(&bytes[at + 1..]);
                    return Ok(Start::Wav(format, sound));
                }
            }
        }
        Ok(Start::Raw(head.finish()))
    }

    #[test]
    fn a_header_says_what_the_samples_are() {
        for (channels, bits, float, format) in [
            (1, 16, false, SampleFormat::S16Le),
            (2, 24, false, SampleFormat::S24Le),
            (8, 8, false, SampleFormat::U8),
            (2, 32, true, SampleFormat::F32Le),
        ] {
            let samples = [0.0, 0.5, -0.5, 0.25].repeat(4);
            let bytes = file(spec(channels, bits, float), &samples);
            let Start::Wav(found, sound) = start(&bytes).unwrap() else {
                panic!("{bits} bits: no header");
            };
            let length = samples.len() * format.bytes();
            assert_eq!(
                found,
                WavFormat {
                    rate_hz: 44_100,
                    channels,
                    format,
                    sound_bytes: Some(length as u64)
                }
            );
            assert_eq!(sound.len(), length);
            assert_eq!(sound, bytes[bytes.len() - length..]);
        }
    }

    #[test]
    fn a_length_that_the_writer_did_not_know_is_none() {
        let mut bytes = file(spec(1, 16, false), &[0.5; 8]);
        let at = bytes.len() - 16 - 4;
        for unknown in [0, u32::MAX, 0x7FFF_FFD8] {
            bytes[at..at + 4].copy_from_slice(&unknown.to_le_bytes());
            let Start::Wav(found, sound) = start(&bytes).unwrap() else {
                panic!("no header");
            };
            assert_eq!(found.sound_bytes, None, "{unknown}");
            assert_eq!(sound.len(), 16);
        }
    }

    #[test]
    fn samples_are_samples_even_where_they_begin_like_a_header() {
        for bytes in [
            b"RIFFabcdWAVX and so on".as_slice(),
            b"RI",
            b"RX",
            &[0; 40],
            b"",
        ] {
            assert_eq!(start(bytes).unwrap(), Start::Raw(bytes.to_vec()));
        }
    }

    #[test]
    fn what_cannot_be_taken_is_named() {
        let error = |bytes: &[u8]| start(bytes).unwrap_err().to_string();
        assert!(error(b"fLaC and so on").contains("a FLAC file"));
        assert!(error(b"\0\0\0 ftypM4A ").contains("an MP4 file"));

        let good = file(spec(1, 16, false), &[0.5; 8]);
        let mut adpcm = good.clone();
        adpcm[20] = 2;
        assert!(error(&adpcm).contains("coding 2 of 16 bits"));
        let mut nine = good.clone();
        nine[22] = 9;
        assert!(error(&nine).contains("9 channels"));
        let mut frame = good.clone();
        frame[32] = 3;
        assert!(error(&frame).contains("3 bytes a frame"));
        let mut other = good;
        other[12..16].copy_from_slice(b"junk");
        assert!(error(&other).contains("nothing of the samples' format"));
        let mut endless = b"RIFF\0\0\0\0WAVELIST".to_vec();
        endless.extend(70_000_u32.to_le_bytes());
        assert!(error(&endless).contains("70000 bytes of something else"));
    }
}

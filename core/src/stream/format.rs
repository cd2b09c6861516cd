//! `SampleFormat`: what a sample is as bytes.

use std::fmt;
use std::str::FromStr;

use super::StreamError;

/// What a sample is as bytes; several bytes are in little-endian order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum SampleFormat {
    /// 8 bits, 128 is silence.
    U8,
    /// 16 bits, signed: what voice pipelines and telephony have.
    #[default]
    S16Le,
    /// 24 bits in three bytes, signed.
    S24Le,
    /// 32 bits, signed.
    S32Le,
    /// 32-bit floating point, full scale is 1.
    F32Le,
    /// 64-bit floating point, full scale is 1.
    F64Le,
    /// µ-law of ITU-T G.711, one byte: telephony in North America and Japan.
    MuLaw,
    /// A-law of ITU-T G.711, one byte: telephony elsewhere.
    ALaw,
}

/// All formats with their names, in the order in which they are listed.
const NAMES: [(SampleFormat, &str); 8] = [
    (SampleFormat::S16Le, "s16le"),
    (SampleFormat::U8, "u8"),
    (SampleFormat::S24Le, "s24le"),
    (SampleFormat::S32Le, "s32le"),
    (SampleFormat::F32Le, "f32le"),
    (SampleFormat::F64Le, "f64le"),
    (SampleFormat::MuLaw, "mulaw"),
    (SampleFormat::ALaw, "alaw"),
];

impl SampleFormat {
    /// All formats, the usual one first.
    pub fn all() -> impl Iterator<Item = Self> {
        NAMES.iter().map(|&(format, _)| format)
    }

    /// Bytes of a sample.
    pub const fn bytes(self) -> usize {
        match self {
            Self::U8 | Self::MuLaw | Self::ALaw => 1,
            Self::S16Le => 2,
            Self::S24Le => 3,
            Self::S32Le | Self::F32Le => 4,
            Self::F64Le => 8,
        }
    }

    /// Its name, as FFmpeg calls raw formats: `s16le`.
    pub fn name(self) -> &'static str {
        NAMES
            .iter()
            .find(|&&(format, _)| format == self)
            .map_or("", |&(_, name)| name)
    }

    /// The names of all formats, for a message.
    pub fn names() -> String {
        NAMES.map(|(_, name)| name).join(", ")
    }

    /// Appends the samples that `bytes` hold, full scale being 1. Bytes after the last whole sample are passed over.
    pub(super) fn decode(self, bytes: &[u8], out: &mut Vec<f32>) {
        fn each<const N: usize>(bytes: &[u8], out: &mut Vec<f32>, sample: impl Fn([u8; N]) -> f32) {
            out.extend(bytes.as_chunks::<N>().0.iter().map(|&bytes| sample(bytes)));
        }
        match self {
            Self::U8 => each(bytes, out, |[byte]| (f32::from(byte) - 128.0) / 128.0),
            Self::S16Le => each(bytes, out, |it| {
                f32::from(i16::from_le_bytes(it)) / 32_768.0
            }),
            Self::S24Le => each(bytes, out, |[low, middle, high]| {
                // The top three bytes of 32 bits, so that the sign is in its place.
                i32::from_le_bytes([0, low, middle, high]) as f32 / 2_147_483_648.0
            }),
            Self::S32Le => each(bytes, out, |it| {
                i32::from_le_bytes(it) as f32 / 2_147_483_648.0
            }),
            Self::F32Le => each(bytes, out, f32::from_le_bytes),
            Self::F64Le => each(bytes, out, |it| f64::from_le_bytes(it) as f32),
            Self::MuLaw => each(bytes, out, |[byte]| f32::from(mu_law(byte)) / 32_768.0),
            Self::ALaw => each(bytes, out, |[byte]| f32::from(a_law(byte)) / 32_768.0),
        }
    }
}

/// A µ-law byte as 16 bits: ITU-T G.711, table 2, its 14 bits shifted up by two.
fn mu_law(byte: u8) -> i16 {
    let byte = !byte;
    let (exponent, mantissa) = (i16::from(byte >> 4 & 7), i16::from(byte & 15));
    let magnitude = (((mantissa << 3) + 0x84) << exponent) - 0x84;
    if byte & 0x80 == 0 {
        magnitude
    } else {
        -magnitude
    }
}

/// An A-law byte as 16 bits: ITU-T G.711, table 1, its 13 bits shifted up by three.
fn a_law(byte: u8) -> i16 {
    // Even bits are inverted on the line.
    let byte = byte ^ 0x55;
    let (exponent, mantissa) = (i16::from(byte >> 4 & 7), i16::from(byte & 15));
    let magnitude = match exponent {
        0 => (mantissa << 4) + 8,
        _ => ((mantissa << 4) + 0x108) << (exponent - 1),
    };
    if byte & 0x80 == 0 {
        -magnitude
    } else {
        magnitude
    }
}

impl fmt::Display for SampleFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for SampleFormat {
    type Err = StreamError;

    fn from_str(text: &str) -> Result<Self, StreamError> {
        NAMES
            .iter()
            .find(|(_, name)| *name == text)
            .map(|&(format, _)| format)
            .ok_or_else(|| StreamError::Format {
                given: text.to_owned(),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(format: SampleFormat, bytes: &[u8]) -> Vec<f32> {
        let mut out = Vec::new();
        format.decode(bytes, &mut out);
        out
    }

    #[test]
    fn full_scale_and_silence_are_the_same_in_every_linear_format() {
        use SampleFormat::{F32Le, F64Le, S16Le, S24Le, S32Le, U8};
        assert_eq!(decoded(U8, &[0, 128, 192]), [-1.0, 0.0, 0.5]);
        assert_eq!(decoded(S16Le, &[0, 0x80, 0, 0, 0, 0x40]), [-1.0, 0.0, 0.5]);
        assert_eq!(
            decoded(S24Le, &[0, 0, 0x80, 0, 0, 0, 0, 0, 0x40]),
            [-1.0, 0.0, 0.5]
        );
        assert_eq!(
            decoded(S32Le, &[0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0x40]),
            [-1.0, 0.0, 0.5]
        );
        let floats = [-1.0_f32, 0.0, 0.5];
        assert_eq!(
            decoded(F32Le, &floats.map(f32::to_le_bytes).concat()),
            floats
        );
        let doubles = floats.map(f64::from).map(f64::to_le_bytes).concat();
        assert_eq!(decoded(F64Le, &doubles), floats);
    }

    #[test]
    fn the_laws_of_telephony_are_g_711s() {
        // The ends, the values nearest to 0 and one between of ITU-T G.711's tables, as 16 bits.
        for (byte, value) in [
            (0x00, -32_124),
            (0x80, 32_124),
            (0x7F, 0),
            (0xFF, 0),
            (0xFE, 8),
            (0x7E, -8),
            (0xA0, 7_932),
        ] {
            assert_eq!(mu_law(byte), value, "{byte:#x}");
        }
        for (byte, value) in [
            (0xAA, 32_256),
            (0x2A, -32_256),
            (0xD5, 8),
            (0x55, -8),
            (0xD4, 24),
            (0x80, 5_504),
        ] {
            assert_eq!(a_law(byte), value, "{byte:#x}");
        }
    }

    #[test]
    fn a_name_is_read_back_and_a_wrong_one_is_answered_with_all() {
        for format in SampleFormat::all() {
            assert_eq!(format.to_string().parse::<SampleFormat>().unwrap(), format);
        }
        let error = "s16be".parse::<SampleFormat>().unwrap_err().to_string();
        for part in ["s16be", "s16le", "f32le", "mulaw", "alaw"] {
            assert!(error.contains(part), "{error}");
        }
    }
}

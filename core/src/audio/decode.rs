//! Sound files to mono samples at the file's own rate, block by block, with a clear error for everything that is wrong.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use symphonia::core::codecs::CodecParameters;
use symphonia::core::codecs::audio::well_known::{CODEC_ID_AAC, CODEC_ID_MP3};
use symphonia::core::codecs::audio::{AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error;
use symphonia::core::formats::{FormatOptions, FormatReader, TrackType, probe::Hint};
use symphonia::core::io::MediaSourceStream;
use symphonia::core::meta::MetadataOptions;
use symphonia::core::packet::Packet;

use super::DecodeError;
use super::condition::LARGEST_SAMPLE;
use super::open::{Opened, open_error, open_file, track_seconds};
use super::places::{ChannelPlace, places};
use super::sniff::codec_name;

/// Sample rates that a file may have, in Hz.
const RATES_HZ: std::ops::RangeInclusive<u32> = 8_000..=192_000;

/// A file may miss this much of the length that it announces (encoders round): less is not "cut off".
const MISSING_SECONDS: f64 = 0.01;

/// Packets that may fail to decode anywhere before the file counts as damaged; beyond it, one in [`FAILED_SHARE`].
const FAILED_PACKETS: u64 = 5;
/// See [`FAILED_PACKETS`].
const FAILED_SHARE: u64 = 50;

/// Decodes one sound file, block by block, downmixed to mono, at the file's own rate.
///
/// - **Formats** by content, whatever the name's ending says: WAV (8, 16, 24, 32 bit, float, ADPCM, A-law, µ-law; RF64 and BW64, too),
///   AIFF, FLAC, MP3, Ogg Vorbis, AAC (ADTS, M4A), ALAC.
/// - **Downmix** is the mean of all channels (WAV: up to 18 of them). Full scale is ±1; float files may exceed it and are not clipped.
/// - **Delay and padding** that an encoder adds are cut off where the file tells of them (MP3 with LAME's tag, Ogg). AAC
///   in M4A keeps its first 1024 to 2112 samples of priming: the decoder library does not read edit lists.
/// - **Memory** does not depend on the file's length.
/// - **A few broken packets** (at most 5, or 2 %) become silence of their length, so that later times stay right;
///   [`Decoder::skipped_packets`] counts them.
pub struct Decoder {
    path: PathBuf,
    format: Box<dyn FormatReader>,
    decoder: Box<dyn AudioDecoder>,
    track_id: u32,
    sample_rate_hz: u32,
    channels: usize,
    places: Vec<ChannelPlace>,
    /// The one channel to give, or none for the mean of all.
    only: Option<usize>,
    duration_seconds: Option<f64>,
    /// Samples per channel so far.
    decoded: u64,
    packets: u64,
    skipped: u64,
    planes: Vec<Vec<f32>>,
    /// Decoded when opening, to learn what the file really holds.
    first_block: Vec<f32>,
    /// An Ogg file without its closing page: Ogg announces no length that could be compared.
    lacks_end: bool,
    ended: bool,
}

impl Decoder {
    /// Opens `path` and decodes its first block.
    ///
    /// # Errors
    /// Whatever is wrong with the file or its first block: see [`DecodeError`].
    pub fn open(path: &Path) -> Result<Self, DecodeError> {
        Self::open_as(path, None)
    }

    /// As [`open`](Self::open), but gives one channel alone instead of the mean of all; `channel` counts from 0.
    ///
    /// The whole file is decoded on the way, block by block, as for the mean.
    ///
    /// # Errors
    /// As [`open`](Self::open), and [`DecodeError::NoChannel`].
    pub fn open_channel(path: &Path, channel: usize) -> Result<Self, DecodeError> {
        Self::open_as(path, Some(channel))
    }

    fn open_as(path: &Path, only: Option<usize>) -> Result<Self, DecodeError> {
        let Opened {
            source,
            content,
            lacks_end,
            seconds,
        } = open_file(path)?;
        let broken = |error: Error| open_error(path, error, content);

        let stream = MediaSourceStream::new(source, Default::default());
        let mut hint = Hint::new();
        if let Some(extension) = path.extension().and_then(|extension| extension.to_str()) {
            hint.with_extension(extension);
        }
        let format = symphonia::default::get_probe()
            .probe(
                &hint,
                stream,
                FormatOptions::default(),
                MetadataOptions::default(),
            )
            .map_err(broken)?;

        let no_sound = || DecodeError::NotAudio {
            path: path.to_owned(),
            content,
        };
        let track = format
            .default_track(TrackType::Audio)
            .ok_or_else(no_sound)?;
        let Some(CodecParameters::Audio(parameters)) = &track.codec_params else {
            return Err(no_sound());
        };
        // Without an encoder's tag the length of these is a guess from the bit rate: neither cut nor judge by it.
        let guessed = matches!(parameters.codec, CODEC_ID_MP3 | CODEC_ID_AAC)
            && track.delay.is_none()
            && !matches!(content, Some("an MP4 container"));
        let options = AudioDecoderOptions::default().gapless(!guessed);
        let decoder = symphonia::default::get_codecs()
            .make_audio_decoder(parameters, &options)
            .map_err(|error| DecodeError::UnsupportedCodec {
                path: path.to_owned(),
                codec: codec_name(parameters.codec).map_or_else(|| error.to_string(), Into::into),
            })?;
        let declared_rate_hz = parameters.sample_rate;
        let mut opened = Self {
            path: path.to_owned(),
            track_id: track.id,
            duration_seconds: match guessed {
                true => None,
                false => track_seconds(track).or(seconds),
            },
            format,
            decoder,
            sample_rate_hz: 0,
            channels: 0,
            places: Vec::new(),
            only,
            decoded: 0,
            packets: 0,
            skipped: 0,
            planes: Vec::new(),
            first_block: Vec::new(),
            lacks_end,
            ended: false,
        };
        if let Some(rate_hz) = declared_rate_hz {
            opened.check_rate(rate_hz)?;
        }
        let mut first_block = Vec::new();
        opened.decode_block(&mut first_block)?;
        opened.first_block = first_block;
        Ok(opened)
    }

    /// Samples per second of the file, and of what [`Decoder::next_block`] gives, in Hz.
    pub fn sample_rate_hz(&self) -> u32 {
        self.sample_rate_hz
    }

    /// Channels in the file; what comes out is always mono: their mean, or the one asked for.
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// Where each channel stands.
    pub fn channel_places(&self) -> &[ChannelPlace] {
        &self.places
    }

    /// The channels of the block that [`Decoder::next_block`] gave last, `[channels][frames]`, before they were mixed.
    pub fn planes(&self) -> &[Vec<f32>] {
        match self.only {
            Some(only) => self.planes.get(only..only + 1).unwrap_or_default(),
            None => &self.planes,
        }
    }

    /// The length that the file announces, if it does so reliably.
    pub fn duration_seconds(&self) -> Option<f64> {
        self.duration_seconds
    }

    /// Packets so far that could not be decoded and became silence.
    pub fn skipped_packets(&self) -> u64 {
        self.skipped
    }

    /// Appends the next block to `mono`, at the file's own rate; `false` once the file has ended well.
    ///
    /// # Errors
    /// [`DecodeError::CutOff`] at the end of a file that announced more, and whatever else turns out on the way. After an
    /// error only `Ok(false)` follows.
    pub fn next_block(&mut self, mono: &mut Vec<f32>) -> Result<bool, DecodeError> {
        if !self.first_block.is_empty() {
            mono.append(&mut self.first_block);
            self.first_block = Vec::new();
            return Ok(true);
        }
        let result = self.decode_block(mono);
        if result.is_err() {
            self.ended = true;
        }
        result
    }

    /// Decodes packets until one gives samples.
    fn decode_block(&mut self, mono: &mut Vec<f32>) -> Result<bool, DecodeError> {
        let start = mono.len();
        while !self.ended && mono.len() == start {
            match self.format.next_packet() {
                Ok(Some(packet)) if packet.track_id == self.track_id => {
                    self.packets += 1;
                    self.decode_packet(&packet, mono)?;
                }
                Ok(Some(_)) => {}
                Ok(None) => self.end()?,
                Err(Error::IoError(error)) if error.kind() == ErrorKind::UnexpectedEof => {
                    self.end()?;
                }
                Err(Error::ResetRequired) => return Err(self.format_change()),
                Err(Error::IoError(source)) => {
                    return Err(DecodeError::Read {
                        path: self.path.clone(),
                        source,
                    });
                }
                Err(error) => {
                    return Err(DecodeError::Malformed {
                        path: self.path.clone(),
                        reason: error.to_string(),
                    });
                }
            }
        }
        Ok(mono.len() > start)
    }

    fn decode_packet(&mut self, packet: &Packet, mono: &mut Vec<f32>) -> Result<(), DecodeError> {
        match self.decoder.decode(packet) {
            Ok(buffer) => {
                let (rate_hz, channels) = (buffer.spec().rate(), buffer.num_planes());
                if buffer.frames() == 0 || channels == 0 {
                    return Ok(());
                }
                buffer.copy_to_vecs_planar(&mut self.planes);
                if self.sample_rate_hz == 0 {
                    // A channel on its own lies in the middle.
                    self.places = match self.only {
                        Some(_) => vec![ChannelPlace::Front],
                        None => places(buffer.spec().channels(), channels),
                    };
                }
                if self.sample_rate_hz == 0 {
                    self.check_rate(rate_hz)?;
                    (self.sample_rate_hz, self.channels) = (rate_hz, channels);
                    if let Some(only) = self.only.filter(|&only| only >= channels) {
                        return Err(DecodeError::NoChannel {
                            path: self.path.clone(),
                            wanted: only + 1,
                            channels,
                        });
                    }
                } else if (rate_hz, channels) != (self.sample_rate_hz, self.channels) {
                    return Err(self.format_change());
                }
                self.downmix(mono)
            }
            Err(Error::ResetRequired) => Err(self.format_change()),
            Err(error) => self.skip_packet(packet, &error, mono),
        }
    }

    /// Silence in place of a packet that does not decode, as long as these are few.
    fn skip_packet(
        &mut self,
        packet: &Packet,
        error: &Error,
        mono: &mut Vec<f32>,
    ) -> Result<(), DecodeError> {
        self.skipped += 1;
        if self.skipped > FAILED_PACKETS.max(self.packets / FAILED_SHARE) {
            return Err(DecodeError::Damaged {
                path: self.path.clone(),
                skipped: self.skipped,
                packets: self.packets,
                reason: error.to_string(),
            });
        }
        if self.sample_rate_hz != 0 {
            // A damaged packet may claim any length: no more than a second is believed.
            let frames = packet.dur.get().min(u64::from(self.sample_rate_hz));
            mono.resize(mono.len() + frames as usize, 0.0);
            for plane in &mut self.planes {
                plane.clear();
                plane.resize(frames as usize, 0.0);
            }
            self.decoded += frames;
        }
        Ok(())
    }

    /// Appends the mean of `planes`, or the one that is wanted.
    fn downmix(&mut self, mono: &mut Vec<f32>) -> Result<(), DecodeError> {
        let start = mono.len();
        let planes = self.planes();
        let (count, mut planes) = (planes.len(), planes.iter());
        let share = 1.0 / count.max(1) as f32;
        if let Some(plane) = planes.next() {
            mono.extend_from_slice(plane);
        }
        let block = mono.get_mut(start..).unwrap_or_default();
        for plane in planes {
            for (sum, sample) in block.iter_mut().zip(plane) {
                *sum += sample;
            }
        }
        if count > 1 {
            block.iter_mut().for_each(|sum| *sum *= share);
        }
        // One channel's NaN or infinity makes the sum one, too.
        let sound = |sample: &f32| sample.abs() <= LARGEST_SAMPLE;
        if let Some(at) = block.iter().position(|sample| !sound(sample)) {
            let seconds = (self.decoded + at as u64) as f64 / f64::from(self.sample_rate_hz);
            mono.truncate(start);
            return Err(DecodeError::NotFinite {
                path: self.path.clone(),
                seconds,
            });
        }
        self.decoded += block.len() as u64;
        Ok(())
    }

    /// The end of the data: is it also the end of the take?
    fn end(&mut self) -> Result<(), DecodeError> {
        self.ended = true;
        let path = || self.path.clone();
        if self.decoded == 0 {
            return Err(match self.duration_seconds {
                Some(expected_seconds) if expected_seconds > 0.0 => DecodeError::CutOff {
                    path: path(),
                    read_seconds: 0.0,
                    expected_seconds,
                },
                _ => DecodeError::NoSamples { path: path() },
            });
        }
        let read_seconds = self.decoded as f64 / f64::from(self.sample_rate_hz);
        if self.lacks_end {
            let reason = format!("its closing page is missing; {read_seconds:.2} s could be read");
            return Err(DecodeError::Malformed {
                path: path(),
                reason,
            });
        }
        match self.duration_seconds {
            Some(expected_seconds) if read_seconds + MISSING_SECONDS < expected_seconds => {
                Err(DecodeError::CutOff {
                    path: path(),
                    read_seconds,
                    expected_seconds,
                })
            }
            _ => Ok(()),
        }
    }

    fn check_rate(&self, rate_hz: u32) -> Result<(), DecodeError> {
        if RATES_HZ.contains(&rate_hz) {
            Ok(())
        } else {
            Err(DecodeError::SampleRate {
                path: self.path.clone(),
                rate_hz,
            })
        }
    }

    fn format_change(&self) -> DecodeError {
        DecodeError::FormatChange {
            path: self.path.clone(),
            seconds: self.decoded as f64 / f64::from(self.sample_rate_hz.max(1)),
        }
    }
}

impl std::fmt::Debug for Decoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Decoder")
            .field("path", &self.path)
            .field("sample_rate_hz", &self.sample_rate_hz)
            .field("channels", &self.channels)
            .field("duration_seconds", &self.duration_seconds)
            .field("decoded", &self.decoded)
            .finish_non_exhaustive()
    }
}

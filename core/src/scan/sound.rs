//! `Sound`: where a take's samples come from, a file or memory.

use std::path::Path;

use crate::audio::{
    ChannelPlace, ConditionError, Conditioner, DecodeError, Decoder, NoiseReduction, RATES_HZ,
};
use crate::features::is_sound;

/// Most channels of a sound in memory: more are a mistake, mostly channels and samples confused.
pub const MAX_SOUND_CHANNELS: usize = 8;

/// Frames of a sound in memory that are handed on at once.
const BLOCK_FRAMES: usize = 4096;

/// A take to scan.
#[derive(Debug, Clone, Copy)]
pub enum Sound<'a> {
    /// A file, decoded while it is scanned.
    File(&'a Path),
    /// Samples in memory.
    Samples(Samples<'a>),
    /// One speaker's track of a recording.
    Track(Track<'a>),
}

/// One speaker's track: a file or one channel of it, decoded while it is scanned, in which some of the voice is somebody else's.
#[derive(Debug, Clone, Copy)]
pub struct Track<'a> {
    /// What stands for the file in results and errors.
    pub name: &'a Path,
    /// The file.
    pub path: &'a Path,
    /// The channel, counted from 0; `None` for the mean of all.
    pub channel: Option<usize>,
    /// Per step of the voice detector, whether the voice in it is somebody else's and does not count; steps beyond count.
    pub elsewhere: &'a [bool],
}

impl<'a> Sound<'a> {
    /// The file's path, or what the samples are called.
    pub fn name(&self) -> &'a Path {
        match self {
            Self::File(path) => path,
            Self::Samples(samples) => samples.name,
            Self::Track(track) => track.name,
        }
    }

    /// Steps of the voice detector in which somebody else is heard; see [`Track::elsewhere`].
    pub(super) fn elsewhere(&self) -> &'a [bool] {
        match self {
            Self::File(_) | Self::Samples(_) => &[],
            Self::Track(track) => track.elsewhere,
        }
    }

    /// Ready to be read from the start.
    pub(super) fn open(&self) -> Result<Reader<'a>, String> {
        Ok(match self {
            Self::File(path) => {
                Reader::File(Decoder::open(path).map_err(|error| error.to_string())?)
            }
            Self::Samples(samples) => Reader::Samples {
                samples: *samples,
                frame: 0,
                planes: vec![Vec::new(); samples.channels],
            },
            Self::Track(track) => Reader::File(track.decoder().map_err(|error| error.to_string())?),
        })
    }
}

impl Track<'_> {
    /// Ready to be decoded from the start.
    pub(crate) fn decoder(&self) -> Result<Decoder, DecodeError> {
        match self.channel {
            Some(channel) => Decoder::open_channel(self.path, channel),
            None => Decoder::open(self.path),
        }
    }
}

/// A sound in memory; the mean of its channels is listened to, as of a file's.
#[derive(Debug, Clone, Copy)]
pub struct Samples<'a> {
    name: &'a Path,
    rate_hz: u32,
    channels: usize,
    interleaved: &'a [f32],
}

/// Why samples cannot be a sound.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SamplesError {
    /// A rate that no voice is recorded at.
    #[error("the sample rate is {given} Hz; expected {} to {} Hz", RATES_HZ.start(), RATES_HZ.end())]
    Rate {
        /// What was given.
        given: u32,
    },
    /// So many channels are a mistake.
    #[error("{given} channels; expected 1 to {MAX_SOUND_CHANNELS} (their mean is listened to)")]
    Channels {
        /// What was given.
        given: usize,
    },
    /// Samples that are no whole number of frames.
    #[error("{given} samples are no whole number of frames of {channels} channels")]
    Frames {
        /// Samples given.
        given: usize,
        /// Channels.
        channels: usize,
    },
    /// A sample that is not a number, infinite or a million times full scale.
    #[error(
        "the sample at {seconds:.3} s is {value}; expected finite numbers with full scale at 1; mend the sound before"
    )]
    NotSound {
        /// Position of the first such sample, in seconds.
        seconds: f64,
        /// What it is.
        value: f32,
    },
}

impl<'a> Samples<'a> {
    /// Samples `interleaved`, full scale being 1, of 1 to [`MAX_SOUND_CHANNELS`] channels at `rate_hz`; `name` stands for a file in results and errors.
    ///
    /// # Errors
    /// If a number is out of range, a frame is not whole, or a sample is none. A sound may be empty: the scan then says that it is too short.
    pub fn new(
        name: &'a Path,
        rate_hz: u32,
        channels: usize,
        interleaved: &'a [f32],
    ) -> Result<Self, SamplesError> {
        if !RATES_HZ.contains(&rate_hz) {
            return Err(SamplesError::Rate { given: rate_hz });
        }
        if !(1..=MAX_SOUND_CHANNELS).contains(&channels) {
            return Err(SamplesError::Channels { given: channels });
        }
        if !interleaved.len().is_multiple_of(channels) {
            return Err(SamplesError::Frames {
                given: interleaved.len(),
                channels,
            });
        }
        if let Some(at) = interleaved.iter().position(|sample| !is_sound(*sample)) {
            return Err(SamplesError::NotSound {
                seconds: (at / channels) as f64 / f64::from(rate_hz),
                value: interleaved.get(at).copied().unwrap_or(f32::NAN),
            });
        }
        Ok(Self {
            name,
            rate_hz,
            channels,
            interleaved,
        })
    }

    /// All of it, mono, at `rate_hz`, as [`load_mono`](crate::audio::load_mono) gives a file.
    ///
    /// # Errors
    /// If `rate_hz` is out of range.
    pub fn load_mono(
        &self,
        rate_hz: u32,
        noise_reduction: NoiseReduction,
    ) -> Result<Vec<f32>, ConditionError> {
        let mut conditioner = Conditioner::new(self.rate_hz, rate_hz, noise_reduction)?;
        let (mut block, mut sound) = (Vec::new(), Vec::new());
        let mut frame = 0;
        while self.block(&mut frame, &mut block) {
            conditioner.push(&block, &mut sound);
            block.clear();
        }
        conditioner.finish(&mut sound);
        Ok(sound)
    }

    /// What they are called.
    pub fn name(&self) -> &'a Path {
        self.name
    }

    /// The samples, if they are one channel's at `rate_hz` as they are.
    pub fn as_mono(&self, rate_hz: u32) -> Option<&'a [f32]> {
        (self.channels == 1 && self.rate_hz == rate_hz).then_some(self.interleaved)
    }

    /// The channels from `frame` on, a block of them, `[channels][frames]`.
    fn take_apart(&self, frame: usize, planes: &mut [Vec<f32>]) {
        let rest = self.interleaved.get(frame * self.channels..);
        for (channel, plane) in planes.iter_mut().enumerate() {
            let samples = rest.unwrap_or_default().iter().skip(channel);
            plane.clear();
            plane.extend(samples.step_by(self.channels).take(BLOCK_FRAMES));
        }
    }

    /// Appends the mean of the channels from `frame` on, a block of it, and moves `frame` on; `false` at the end.
    fn block(&self, frame: &mut usize, mono: &mut Vec<f32>) -> bool {
        let start = mono.len();
        let rest = self.interleaved.get(*frame * self.channels..);
        let frames = rest.unwrap_or_default().chunks_exact(self.channels);
        if self.channels == 1 {
            mono.extend(frames.take(BLOCK_FRAMES).flatten());
        } else {
            let share = 1.0 / self.channels as f32;
            mono.extend(
                frames
                    .take(BLOCK_FRAMES)
                    .map(|frame| frame.iter().sum::<f32>() * share),
            );
        }
        *frame += mono.len() - start;
        mono.len() > start
    }
}

/// A sound on its way.
pub(super) enum Reader<'a> {
    File(Decoder),
    Samples {
        samples: Samples<'a>,
        /// The next.
        frame: usize,
        /// The channels of the last block.
        planes: Vec<Vec<f32>>,
    },
}

impl Reader<'_> {
    pub(super) fn rate_hz(&self) -> u32 {
        match self {
            Self::File(decoder) => decoder.sample_rate_hz(),
            Self::Samples { samples, .. } => samples.rate_hz,
        }
    }

    /// Where each channel stands. Of samples in memory nobody said it: all count as in front.
    pub(super) fn channel_places(&self) -> Vec<ChannelPlace> {
        match self {
            Self::File(decoder) => decoder.channel_places().to_vec(),
            Self::Samples { samples, .. } => vec![ChannelPlace::Front; samples.channels],
        }
    }

    /// Appends the next block, mono; `false` at the end.
    pub(super) fn next_block(&mut self, mono: &mut Vec<f32>) -> Result<bool, String> {
        match self {
            Self::File(decoder) => decoder.next_block(mono).map_err(|error| error.to_string()),
            Self::Samples {
                samples,
                frame,
                planes,
            } => {
                samples.take_apart(*frame, planes);
                Ok(samples.block(frame, mono))
            }
        }
    }

    /// The channels of the block that was read last, `[channels][frames]`.
    pub(super) fn planes(&self) -> &[Vec<f32>] {
        match self {
            Self::File(decoder) => decoder.planes(),
            Self::Samples { planes, .. } => planes,
        }
    }
}

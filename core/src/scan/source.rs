//! Where a take's sound comes from: a file, or memory.

use std::path::Path;

use crate::audio::Decoder;
use crate::features::LOUDEST_SAMPLE;

/// Frames of sound in memory that are taken at once.
const BLOCK_FRAMES: usize = 4096;

/// Sound in memory.
#[derive(Debug, Clone, Copy)]
pub struct Sound<'a> {
    /// What it is called, in results and in errors.
    pub name: &'a Path,
    /// Its rate in Hz.
    pub sample_rate_hz: u32,
    /// Channels, 1 or more; their mean is listened to.
    pub channels: usize,
    /// Samples, channel by channel within each frame, full scale being 1. An incomplete last frame is left out.
    pub samples: &'a [f32],
}

/// A take to scan.
#[derive(Debug, Clone, Copy)]
pub(super) enum Source<'a> {
    File(&'a Path),
    Memory(Sound<'a>),
}

impl<'a> Source<'a> {
    /// The file, or what the sound is called.
    pub(super) fn path(&self) -> &'a Path {
        match self {
            Self::File(path) => path,
            Self::Memory(sound) => sound.name,
        }
    }

    /// Opens it.
    ///
    /// # Errors
    /// Names the take and what is wrong with it.
    pub(super) fn open(&self) -> Result<Blocks<'a>, String> {
        Ok(match *self {
            Self::File(path) => Blocks::File(Box::new(
                Decoder::open(path).map_err(|error| error.to_string())?,
            )),
            Self::Memory(sound) => Blocks::Memory { sound, next: 0 },
        })
    }
}

/// A take's sound, mono, block by block.
pub(super) enum Blocks<'a> {
    File(Box<Decoder>),
    Memory {
        sound: Sound<'a>,
        /// The next frame.
        next: usize,
    },
}

impl Blocks<'_> {
    /// Rate of the sound in Hz.
    pub(super) fn sample_rate_hz(&self) -> u32 {
        match self {
            Self::File(decoder) => decoder.sample_rate_hz(),
            Self::Memory { sound, .. } => sound.sample_rate_hz,
        }
    }

    /// Appends the next block; false at the end.
    ///
    /// # Errors
    /// Names the take and what is wrong with it.
    pub(super) fn next_block(&mut self, mono: &mut Vec<f32>) -> Result<bool, String> {
        match self {
            Self::File(decoder) => decoder.next_block(mono).map_err(|error| error.to_string()),
            Self::Memory { sound, next } => {
                let channels = sound.channels.max(1);
                let rest = sound.samples.get(*next * channels..).unwrap_or_default();
                let block = rest.get(..BLOCK_FRAMES * channels).unwrap_or(rest);
                let share = 1.0 / channels as f32;
                for frame in block.chunks_exact(channels) {
                    if let Some(value) = frame.iter().find(|sample| !is_sound(**sample)) {
                        return Err(format!(
                            "{}: frame {next} holds a sample of {value}; expected numbers within ±1, and never beyond ±{LOUDEST_SAMPLE}",
                            sound.name.display()
                        ));
                    }
                    mono.push(frame.iter().sum::<f32>() * share);
                    *next += 1;
                }
                Ok(block.len() >= channels)
            }
        }
    }
}

fn is_sound(sample: f32) -> bool {
    sample.abs() <= LOUDEST_SAMPLE
}

//! The sound that a host of either format gives and gets.

use super::HostError;
use std::ptr::null_mut;

/// A value that no plugin leaves in its output by chance.
const UNTOUCHED: f32 = f32::from_bits(0x7FC0_DEAD);

/// The host's buffers, a `Vec` a channel.
#[derive(Debug, Default)]
pub(super) struct Sound {
    pub(super) input: Vec<Vec<f32>>,
    pub(super) output: Vec<Vec<f32>>,
    /// Samples of the present block.
    pub(super) frames: usize,
}

impl Sound {
    pub(super) fn new(channels: usize, max_frames: usize) -> Self {
        Self {
            input: vec![vec![0.0; max_frames]; channels],
            output: vec![vec![0.0; max_frames]; channels],
            frames: 0,
        }
    }

    /// Lays the sound into the buffers, and [`UNTOUCHED`] into the output.
    pub(super) fn take(&mut self, input: &[&[f32]]) -> Result<(), HostError> {
        const SHAPE: HostError = HostError::Missing {
            what: "buffers of this shape: activate with as many channels and samples",
        };
        let frames = input.first().map_or(0, |channel| channel.len());
        if input.len() != self.input.len() {
            return Err(SHAPE);
        }
        for ((own, output), given) in self.input.iter_mut().zip(&mut self.output).zip(input) {
            let (Some(own), Some(output)) = (own.get_mut(..frames), output.get_mut(..frames))
            else {
                return Err(SHAPE);
            };
            if given.len() != frames {
                return Err(SHAPE);
            }
            own.copy_from_slice(given);
            output.fill(UNTOUCHED);
        }
        self.frames = frames;
        Ok(())
    }
}

/// Where the channels of a careless host's block lie, null for one that is missing; `None` if one is shorter than said.
pub(super) fn careless_pointers(
    channels: &mut [Option<&mut [f32]>],
    frames: usize,
) -> Option<Vec<*mut f32>> {
    channels
        .iter_mut()
        .map(|channel| match channel {
            Some(channel) => (channel.len() >= frames).then_some(channel.as_mut_ptr()),
            None => Some(null_mut()),
        })
        .collect()
}

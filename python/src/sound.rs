//! Sounds as Python passes them: files by path, samples as arrays, which are read where they lie.

use std::path::{Path, PathBuf};

use numpy::{PyReadonlyArrayDyn, PyUntypedArrayMethods};
use undersong_core::scan::{Samples, SamplesError, Sound};

use crate::trouble::Trouble;

/// What a sound is called, and its samples, `[frames]` or `[frames, channels]` in C order, with their rate in Hz; without samples it is a file.
pub(crate) type Given<'py> = (PathBuf, Option<(PyReadonlyArrayDyn<'py, f32>, u32)>);

/// The same without Python.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Taken<'a> {
    name: &'a Path,
    samples: Option<(&'a [f32], usize, u32)>,
}

impl<'a> Taken<'a> {
    /// Where the samples lie; nothing is copied.
    pub(crate) fn of(given: &'a Given<'_>) -> Result<Self, Trouble> {
        let (name, samples) = given;
        let samples = match samples {
            None => None,
            Some((array, rate_hz)) => Some((interleaved(array)?, channels(array), *rate_hz)),
        };
        Ok(Self { name, samples })
    }

    /// What it is called.
    pub(crate) fn name(&self) -> &'a Path {
        self.name
    }

    /// As `core` takes it, checked.
    pub(crate) fn sound(self) -> Result<Sound<'a>, Trouble> {
        Ok(match self.samples {
            None => Sound::File(self.name),
            Some((interleaved, channels, rate_hz)) => Sound::Samples(
                Samples::new(self.name, rate_hz, channels, interleaved)
                    .map_err(|error| Trouble::from(error).of(&self.name.to_string_lossy()))?,
            ),
        })
    }
}

/// The samples, frame by frame. The package's Python half passes arrays in C order alone.
pub(crate) fn interleaved<'a>(
    array: &'a PyReadonlyArrayDyn<'_, f32>,
) -> Result<&'a [f32], Trouble> {
    array.as_slice().map_err(|_| {
        Trouble::from(SamplesError::Frames {
            given: array.len(),
            channels: channels(array),
        })
    })
}

/// Channels of an array; those of one without a second dimension are 1.
pub(crate) fn channels(array: &PyReadonlyArrayDyn<'_, f32>) -> usize {
    array.shape().get(1).copied().unwrap_or(1)
}

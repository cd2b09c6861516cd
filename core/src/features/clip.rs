//! Features of a sound in memory: a window anywhere over a clip (training), or the whole sound (research, parity).

use std::ops::Range;

use super::buffer::{FrameBuffer, FrameSlice, WindowFrames};
use super::config::FeatureConfig;
use super::error::FeatureError;
use super::extractor::FrameExtractor;
use super::matrix::FeatureMatrix;
use super::spectrum::{Spectrum, copy_clean, energy_and_peak};
use super::window::{WindowCutter, least_sounding};

/// Cuts windows out of clips: what a stream of the clip, padded with zeros, gives to the bit. Holds all scratch, so keep one per thread.
#[derive(Debug, Clone)]
pub struct ClipFeatures {
    spectrum: Spectrum,
    cutter: WindowCutter,
    /// The window's samples and what its edge frames see beside it, zeros outside the clip.
    samples: Vec<f32>,
    log_mel_db: Vec<f32>,
    energy: Vec<f32>,
    peak: Vec<f32>,
    /// Frames of the window cut last that have sound of the clip.
    filled: Range<usize>,
}

impl ClipFeatures {
    /// Plans everything; later calls allocate nothing.
    ///
    /// # Errors
    /// [`FeatureError::Setting`] when the configuration cannot work.
    pub fn new(config: &FeatureConfig) -> Result<Self, FeatureError> {
        let spectrum = Spectrum::new(config)?;
        let cutter = WindowCutter::new(config)?;
        let geometry = spectrum.geometry;
        let frames = cutter.frames();
        Ok(Self {
            samples: vec![0.0; (frames - 1) * geometry.hop + geometry.left + geometry.right()],
            log_mel_db: vec![0.0; frames * config.mel.bands],
            energy: vec![0.0; frames],
            peak: vec![0.0; frames],
            spectrum,
            cutter,
            filled: 0..0,
        })
    }

    /// Frames per window.
    pub fn frames(&self) -> usize {
        self.cutter.frames()
    }

    /// Numbers per frame, deltas included.
    pub fn coefficients(&self) -> usize {
        self.cutter.coefficients()
    }

    /// Writes the window `[frames, coefficients]` whose first frame is centred at sample `start` of the clip into `out`.
    ///
    /// `start` may be negative and the window may reach beyond the clip's end: there is silence. Frames at the window's edges see the clip's samples beside
    /// it. A clip of length `n` stands in the middle of the window at `start = (n - span_samples) / 2`.
    ///
    /// # Errors
    /// [`FeatureError::OutputLength`] when `out` does not hold `frames * coefficients` numbers.
    pub fn window(
        &mut self,
        clip: &[f32],
        start: i64,
        out: &mut [f32],
    ) -> Result<(), FeatureError> {
        let frames = self.frames();
        let geometry = self.spectrum.geometry;
        let bands = self.log_mel_db.len() / frames;
        // The part of `samples` that lies inside the clip; clamped first, so that no start overflows.
        let reach = self.samples.len() as i64;
        let from = start.saturating_sub(geometry.left as i64);
        let first = from.saturating_neg().clamp(0, reach);
        let last = (clip.len() as i64).saturating_sub(from).clamp(first, reach);
        let (first, last) = (first as usize, last as usize);
        self.samples.fill(0.0);
        if first < last {
            let offset = (first as i64 + from) as usize;
            copy_clean(
                &clip[offset..offset + (last - first)],
                &mut self.samples[first..last],
            );
        }
        let seen_samples = geometry.left + geometry.right();
        let sounds = |frame: usize| {
            let begin = frame * geometry.hop;
            begin < last && begin + seen_samples > first
        };
        let silent_before = (0..frames).take_while(|&frame| !sounds(frame)).count();
        let sounding = (silent_before..frames)
            .take_while(|&frame| sounds(frame))
            .count();
        for (i, bands_db) in self.log_mel_db.chunks_exact_mut(bands).enumerate() {
            if i >= sounding {
                break;
            }
            let begin = (silent_before + i) * geometry.hop;
            let seen = &self.samples[begin..begin + seen_samples];
            self.spectrum.log_mel(&seen[..geometry.window], bands_db);
            (self.energy[i], self.peak[i]) =
                energy_and_peak(&seen[geometry.left..geometry.left + geometry.hop]);
        }
        let window = WindowFrames {
            silent_before,
            frames: FrameSlice {
                log_mel_db: &self.log_mel_db[..sounding * bands],
                energy: &self.energy[..sounding],
                peak: &self.peak[..sounding],
            },
            silent_after: frames - silent_before - sounding,
        };
        self.filled = silent_before..silent_before + sounding;
        self.cutter.cut(&window, out)
    }

    /// Energy of the loudest hop (sum of squares) in the window cut last; 0 in silence.
    pub fn loudest_hop(&self) -> f32 {
        let energy = &self.energy[..self.filled.len()];
        energy.iter().copied().fold(0.0, f32::max)
    }

    /// The frames of the window cut last that are not silence or a pause: those whose hop is within 40 dB of the window's loudest, the same on
    /// which [`LevelNormalisation::Rms`](super::LevelNormalisation::Rms) measures. None in a window of silence.
    pub fn sounding_frames(&self) -> impl Iterator<Item = usize> {
        let least = least_sounding(f64::from(self.loudest_hop()), self.cutter.hop());
        self.filled
            .clone()
            .zip(&self.energy)
            .filter(move |&(_, &energy)| least.is_some_and(|least| f64::from(energy) >= least))
            .map(|(frame, _)| frame)
    }
}

/// Makes the features of whole sounds, one after another; what [`features_of`] plans anew each time is planned once.
#[derive(Debug, Clone)]
pub struct SoundFeatures {
    extractor: FrameExtractor,
    cutter: WindowCutter,
    buffer: FrameBuffer,
}

impl SoundFeatures {
    /// Plans everything.
    ///
    /// # Errors
    /// [`FeatureError::Setting`] when the configuration cannot work.
    pub fn new(config: &FeatureConfig) -> Result<Self, FeatureError> {
        Ok(Self {
            extractor: FrameExtractor::new(config)?,
            cutter: WindowCutter::new(config)?,
            buffer: FrameBuffer::new(config),
        })
    }

    /// As [`features_of`].
    ///
    /// # Errors
    /// [`FeatureError::EmptySound`] for no samples.
    pub fn of(&mut self, samples: &[f32]) -> Result<FeatureMatrix, FeatureError> {
        if samples.is_empty() {
            return Err(FeatureError::EmptySound);
        }
        let Self {
            extractor,
            cutter,
            buffer,
        } = self;
        buffer.clear();
        let frames = extractor.frames_in(samples.len() as u64) as usize;
        extractor.push(samples, &mut |frame| buffer.push(frame));
        extractor.finish(&mut |frame| buffer.push(frame));
        let mut data = Vec::new();
        let within = buffer.window(0, frames).unwrap_or_default();
        cutter.whole(&within.frames, &mut data)?;
        Ok(FeatureMatrix {
            frames: within.frames.len(),
            coefficients: cutter.coefficients(),
            data,
        })
    }
}

/// The features of a whole sound exactly as a model sees them before windows and normalisation: `1 + samples / hop` frames as
/// one window, without level, CMVN and statistics; librosa's numbers. For many sounds, [`SoundFeatures`] is quicker.
///
/// # Errors
/// [`FeatureError::Setting`] when the configuration cannot work, [`FeatureError::EmptySound`] for no samples.
pub fn features_of(samples: &[f32], config: &FeatureConfig) -> Result<FeatureMatrix, FeatureError> {
    SoundFeatures::new(config)?.of(samples)
}

//! `WindowCutter`: a run of frames to what a model sees. All that depends on the window happens here and costs little.

use super::buffer::{FrameSlice, WindowFrames};
use super::config::{Cmvn, FeatureConfig, FeatureKind, LevelNormalisation, LogConfig, Statistics};
use super::dct::Dct;
use super::error::FeatureError;
use super::{decibel, delta, validate};

/// Hops this far below a window's loudest hop are no part of what its RMS is measured on, in dB.
const SOUNDING_RANGE_DB: f64 = 40.0;

/// Mean square below which a window's loudest hop is silence and gets no gain: -120 dB, far below 16-bit dither.
const SILENCE_MEAN_SQUARE: f64 = 1e-12;

/// Smallest standard deviation that CMVN divides by: a coefficient that does not move stays zero instead of becoming noise.
const SMALLEST_DEVIATION: f64 = 1e-3;

/// Makes windows `[frames, coefficients]` of frames.
///
/// In this order: the level's gain (a constant in dB), the floor, the range below the window's loudest band, the DCT with its lifter
/// (MFCC), deltas, CMVN, and the fixed statistics. All of it looks at the window alone.
///
/// **Level.** `Peak` brings the loudest sample of the window to 1. `Rms` measures the root mean square over the *sounding part*: the hops whose
/// energy lies within 40 dB of the loudest hop's, so neither the silence around a short sound nor its pauses count.
/// A window whose loudest hop (for `Peak`: sample) is below -120 dB is silence and gets no gain. A whisper and a shout
/// thus come out equally loud: what tells them apart is their spectrum.
#[derive(Debug, Clone)]
pub struct WindowCutter {
    frames: usize,
    hop: usize,
    bands: usize,
    base: usize,
    coefficients: usize,
    deltas: u8,
    log: LogConfig,
    level: LevelNormalisation,
    cmvn: Cmvn,
    statistics: Option<Statistics>,
    dct: Option<Dct>,
    /// Levels of the window at work, `[frames, bands]`.
    levels_db: Vec<f32>,
}

impl WindowCutter {
    /// Plans everything for windows of `config.frames()` frames.
    ///
    /// # Errors
    /// [`FeatureError::Setting`] when the configuration cannot work.
    pub fn new(config: &FeatureConfig) -> Result<Self, FeatureError> {
        validate::checked_mel_bank(config)?;
        let bands = config.mel.bands;
        let (base, dct) = match config.kind {
            FeatureKind::LogMel => (bands, None),
            FeatureKind::Mfcc {
                coefficients,
                lifter,
            } => (coefficients, Some(Dct::new(bands, coefficients, lifter))),
        };
        Ok(Self {
            frames: config.frames(),
            hop: config.hop_samples,
            bands,
            base,
            coefficients: config.coefficients(),
            deltas: config.deltas,
            log: config.log,
            level: config.level,
            cmvn: config.cmvn,
            statistics: config.statistics.clone(),
            dct,
            levels_db: Vec::with_capacity(config.frames() * bands),
        })
    }

    /// Frames per window.
    pub fn frames(&self) -> usize {
        self.frames
    }

    /// Numbers per frame, deltas included.
    pub fn coefficients(&self) -> usize {
        self.coefficients
    }

    /// Samples from one frame to the next.
    pub(super) fn hop(&self) -> usize {
        self.hop
    }

    /// Writes the window `[frames, coefficients]`, row by row, into `out`. Real-time safe: yes.
    ///
    /// # Errors
    /// [`FeatureError::WindowFrames`], [`Bands`](FeatureError::Bands) or [`OutputLength`](FeatureError::OutputLength) when what is given does not fit this configuration.
    pub fn cut(&mut self, window: &WindowFrames<'_>, out: &mut [f32]) -> Result<(), FeatureError> {
        if window.len() != self.frames {
            return Err(FeatureError::WindowFrames {
                given: window.len(),
                expected: self.frames,
            });
        }
        let expected = self.frames * self.coefficients;
        if out.len() != expected {
            return Err(FeatureError::OutputLength {
                given: out.len(),
                expected,
            });
        }
        let gain_db = self.gain_db(&window.frames);
        self.set_levels(window, gain_db)?;
        self.coefficients_of_levels(out);
        self.standardise(out);
        Ok(())
    }

    /// The band levels of a window in dB after gain, floor and range, `[frames, bands]`: what [`cut`](Self::cut) makes its coefficients of.
    ///
    /// # Errors
    /// As [`cut`](Self::cut).
    pub fn levels(
        &mut self,
        window: &WindowFrames<'_>,
        levels_db: &mut Vec<f32>,
    ) -> Result<(), FeatureError> {
        if window.len() != self.frames {
            return Err(FeatureError::WindowFrames {
                given: window.len(),
                expected: self.frames,
            });
        }
        let gain_db = self.gain_db(&window.frames);
        self.set_levels(window, gain_db)?;
        levels_db.clear();
        levels_db.extend_from_slice(&self.levels_db);
        Ok(())
    }

    /// The rest of the way from [`levels`](Self::levels) `[frames, bands]` to what a model sees, `[frames, coefficients]`: to the bit what
    /// [`cut`](Self::cut) gives if the levels are as they came.
    ///
    /// # Errors
    /// [`FeatureError::Bands`] or [`OutputLength`](FeatureError::OutputLength) when what is given does not fit this configuration.
    pub fn finish(&mut self, levels_db: &[f32], out: &mut [f32]) -> Result<(), FeatureError> {
        let expected = self.frames * self.coefficients;
        if out.len() != expected {
            return Err(FeatureError::OutputLength {
                given: out.len(),
                expected,
            });
        }
        if levels_db.len() != self.frames * self.bands {
            return Err(FeatureError::Bands {
                given: levels_db.len() / self.frames.max(1),
                expected: self.bands,
            });
        }
        self.levels_db.clear();
        self.levels_db.extend_from_slice(levels_db);
        self.coefficients_of_levels(out);
        self.standardise(out);
        Ok(())
    }

    /// The band levels in dB, `[bands]`, of the mean that the statistics take off: the spectrum of which a model sees zeros.
    ///
    /// For MFCC it is the smooth spectrum that has the mean coefficients. `None` without statistics, or where CMVN takes a window's own mean off before.
    pub fn mean_levels_db(&self) -> Option<Vec<f32>> {
        let statistics = self
            .statistics
            .as_ref()
            .filter(|_| self.cmvn == Cmvn::Off)?;
        let mean = statistics.mean.get(..self.base)?;
        Some(match &self.dct {
            Some(dct) => dct.inverse(mean),
            None => mean.to_vec(),
        })
    }

    /// CMVN and the fixed statistics.
    fn standardise(&self, out: &mut [f32]) {
        normalise(out, self.coefficients, self.cmvn);
        if let Some(statistics) = &self.statistics {
            for row in out.chunks_exact_mut(self.coefficients) {
                let fixed = statistics.mean.iter().zip(&statistics.deviation);
                for (x, (mean, deviation)) in row.iter_mut().zip(fixed) {
                    *x = (*x - mean) / deviation;
                }
            }
        }
    }

    /// The features of any number of frames as one window, without level, CMVN and statistics: what librosa computes for a whole sound.
    ///
    /// `out` becomes `[frames, coefficients]`.
    ///
    /// # Errors
    /// [`FeatureError::Bands`] when the frames have another number of bands.
    pub fn whole(
        &mut self,
        frames: &FrameSlice<'_>,
        out: &mut Vec<f32>,
    ) -> Result<(), FeatureError> {
        out.clear();
        out.resize(frames.len() * self.coefficients, 0.0);
        let window = WindowFrames {
            frames: *frames,
            ..WindowFrames::default()
        };
        self.set_levels(&window, 0.0)?;
        self.coefficients_of_levels(out);
        Ok(())
    }

    /// Gain in dB that level normalisation gives these frames.
    fn gain_db(&self, frames: &FrameSlice<'_>) -> f32 {
        let gain = match self.level {
            LevelNormalisation::Off => return 0.0,
            LevelNormalisation::Peak => {
                let peak = f64::from(frames.peak.iter().copied().fold(0.0, f32::max));
                if peak * peak < SILENCE_MEAN_SQUARE {
                    return 0.0;
                }
                1.0 / peak
            }
            LevelNormalisation::Rms { target } => {
                let hop = self.hop as f64;
                let loudest = f64::from(frames.energy.iter().copied().fold(0.0, f32::max));
                let Some(least) = least_sounding(loudest, self.hop) else {
                    return 0.0;
                };
                let energies = frames.energy.iter().map(|&energy| f64::from(energy));
                let (sum, hops) = energies
                    .filter(|&energy| energy >= least)
                    .fold((0.0, 0.0), |(sum, hops), energy| (sum + energy, hops + 1.0));
                f64::from(target) / (sum / (hops * hop)).sqrt()
            }
        };
        (20.0 * gain.log10()) as f32
    }

    /// Gain, floor and range.
    fn set_levels(&mut self, window: &WindowFrames<'_>, gain_db: f32) -> Result<(), FeatureError> {
        let frames = &window.frames;
        if frames.log_mel_db.len() != frames.len() * self.bands {
            return Err(FeatureError::Bands {
                given: frames.log_mel_db.len() / frames.len().max(1),
                expected: self.bands,
            });
        }
        let floor_db = (10.0 * f64::from(self.log.floor).log10()) as f32;
        let above_floor = |db: f32| {
            let db = db + gain_db;
            if db > floor_db { db } else { floor_db }
        };
        let silent = above_floor(decibel::silent_db());
        self.levels_db.clear();
        self.levels_db
            .resize(window.silent_before * self.bands, silent);
        self.levels_db
            .extend(frames.log_mel_db.iter().map(|&db| above_floor(db)));
        self.levels_db.resize(window.len() * self.bands, silent);
        if let Some(range_db) = self.log.range_db {
            let least = loudest(&self.levels_db) - range_db;
            for db in &mut self.levels_db {
                *db = if *db > least { *db } else { least };
            }
        }
        Ok(())
    }

    /// DCT and deltas of the levels at work.
    fn coefficients_of_levels(&mut self, out: &mut [f32]) {
        match &mut self.dct {
            Some(dct) => dct.transform(&self.levels_db, out, self.coefficients),
            None => {
                let rows = out.chunks_exact_mut(self.coefficients);
                for (row, levels) in rows.zip(self.levels_db.chunks_exact(self.bands)) {
                    row[..self.bands].copy_from_slice(levels);
                }
            }
        }
        delta::append(out, self.coefficients, self.base, self.deltas);
    }
}

/// Least energy of a hop that is part of a window's sounding part, by the energy of its loudest hop; `None` in a window of silence.
pub(super) fn least_sounding(loudest: f64, hop_samples: usize) -> Option<f64> {
    (loudest >= SILENCE_MEAN_SQUARE * hop_samples as f64)
        .then(|| loudest * 10f64.powf(-SOUNDING_RANGE_DB / 10.0))
}

/// Greatest of the levels, several at a time.
fn loudest(levels_db: &[f32]) -> f32 {
    let mut lanes = [f32::MIN; 16];
    let chunks = levels_db.chunks_exact(lanes.len());
    let rest = chunks.remainder();
    for chunk in chunks {
        for (most, &db) in lanes.iter_mut().zip(chunk) {
            *most = if db > *most { db } else { *most };
        }
    }
    lanes.iter().chain(rest).copied().fold(f32::MIN, f32::max)
}

/// CMVN: per coefficient, mean off and, if asked for, standard deviation (over `frames`, not `frames - 1`) to one.
fn normalise(matrix: &mut [f32], coefficients: usize, cmvn: Cmvn) {
    if cmvn == Cmvn::Off {
        return;
    }
    let frames = (matrix.len() / coefficients).max(1) as f64;
    for column in 0..coefficients {
        let values = || matrix.iter().skip(column).step_by(coefficients);
        let mean = values().map(|&x| f64::from(x)).sum::<f64>() / frames;
        let scale = match cmvn {
            Cmvn::MeanVariance => {
                let square = |&x: &f32| (f64::from(x) - mean).powi(2);
                let variance = values().map(square).sum::<f64>() / frames;
                1.0 / variance.sqrt().max(SMALLEST_DEVIATION)
            }
            Cmvn::Mean | Cmvn::Off => 1.0,
        };
        for x in matrix.iter_mut().skip(column).step_by(coefficients) {
            *x = ((f64::from(*x) - mean) * scale) as f32;
        }
    }
}

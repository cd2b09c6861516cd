//! One frame: samples to band levels. Window, transform, power, mel, decibels; planned once, nothing allocated per frame.

use super::config::{FeatureConfig, WindowShape};
use super::decibel;
use super::error::FeatureError;
use super::mel::MelBank;
use super::transform::PowerTransform;
use super::validate;

/// Loudest magnitude taken for sound (full scale is 1); beyond it, and for NaN and infinity, a sample counts as zero.
pub const LOUDEST_SAMPLE: f32 = 1e6;

/// Whether a sample is sound: a number, and not beyond [`LOUDEST_SAMPLE`].
///
/// Real-time safe: yes.
#[inline]
pub fn is_sound(sample: f32) -> bool {
    // A comparison is false for what is no number, too.
    sample.abs() <= LOUDEST_SAMPLE
}

/// Copies samples, with what is [no sound](is_sound) as zeros; as many as the shorter of the two holds.
///
/// Real-time safe: yes.
#[inline]
pub fn copy_clean(from: &[f32], to: &mut [f32]) {
    for (to, &from) in to.iter_mut().zip(from) {
        *to = if is_sound(from) { from } else { 0.0 };
    }
}

/// Computes single frames. Holds the plan and all scratch.
#[derive(Clone)]
pub(super) struct Spectrum {
    pub(super) geometry: Geometry,
    window: Vec<f32>,
    /// Zeros before the window inside the transform.
    pad: usize,
    transform: PowerTransform,
    /// What is transformed, `[fft_samples]`; what lies beside the window stays zero.
    input: Vec<f32>,
    power: Vec<f32>,
    mel: MelBank,
}

impl std::fmt::Debug for Spectrum {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Spectrum")
            .field("geometry", &self.geometry)
            .finish_non_exhaustive()
    }
}

/// Which samples a frame sees, relative to its centre.
#[derive(Debug, Clone, Copy)]
pub(super) struct Geometry {
    pub(super) hop: usize,
    /// Length of the analysis window.
    pub(super) window: usize,
    /// Samples of the window before the centre.
    pub(super) left: usize,
}

impl Geometry {
    pub(super) fn of(config: &FeatureConfig) -> Self {
        let pad = (config.fft_samples - config.window_samples) / 2;
        Self {
            hop: config.hop_samples,
            window: config.window_samples,
            left: config.fft_samples / 2 - pad,
        }
    }

    /// Samples from the centre on that a frame needs: the window's right part, and the hop whose energy it carries.
    pub(super) fn right(&self) -> usize {
        (self.window - self.left).max(self.hop)
    }

    /// Frames centred before the first sample that still see it.
    pub(super) fn lead(&self) -> usize {
        (self.window - self.left).saturating_sub(1) / self.hop
    }

    /// Frames centred at or after sample `samples` that still see the one before it.
    pub(super) fn end_frame(&self, samples: u64) -> i64 {
        // Centred at k * hop with k * hop - left < samples, and every frame centred at or before `samples` (librosa's count).
        let hop = self.hop as u64;
        let seeing = (samples + self.left as u64).div_ceil(hop);
        seeing.max(samples / hop + 1) as i64
    }
}

impl Spectrum {
    pub(super) fn new(config: &FeatureConfig) -> Result<Self, FeatureError> {
        let mel = validate::checked_mel_bank(config)?;
        let (alpha, length) = (
            match config.window {
                WindowShape::Hann => 0.5,
                WindowShape::Hamming => 0.54,
            },
            config.window_samples as f64,
        );
        let window = (0..config.window_samples)
            .map(|n| {
                let angle = 2.0 * std::f64::consts::PI * n as f64 / length;
                (alpha - (1.0 - alpha) * angle.cos()) as f32
            })
            .collect();
        Ok(Self {
            geometry: Geometry::of(config),
            window,
            pad: (config.fft_samples - config.window_samples) / 2,
            transform: PowerTransform::new(config.fft_samples),
            input: vec![0.0; config.fft_samples],
            power: vec![0.0; mel.padded_bins()],
            mel,
        })
    }

    /// Band levels `[bands]`, in dB, of one window of samples `[window_samples]`. Real-time safe: yes.
    pub(super) fn log_mel(&mut self, samples: &[f32], bands_db: &mut [f32]) {
        let windowed = &mut self.input[self.pad..self.pad + self.window.len()];
        for ((to, &sample), &weight) in windowed.iter_mut().zip(samples).zip(&self.window) {
            *to = sample * weight;
        }
        self.transform.power(&self.input, &mut self.power);
        self.mel.apply(&self.power, bands_db);
        decibel::powers_to_db(bands_db);
    }
}

/// Sum of squares and greatest magnitude of samples, in an order that does not depend on where they lie in memory.
pub(super) fn energy_and_peak(samples: &[f32]) -> (f32, f32) {
    const LANES: usize = 8;
    let mut sums = [0.0f32; LANES];
    let mut peaks = [0.0f32; LANES];
    let chunks = samples.chunks_exact(LANES);
    let rest = chunks.remainder();
    for chunk in chunks {
        for ((sum, peak), &x) in sums.iter_mut().zip(&mut peaks).zip(chunk) {
            *sum += x * x;
            *peak = if x.abs() > *peak { x.abs() } else { *peak };
        }
    }
    for ((sum, peak), &x) in sums.iter_mut().zip(&mut peaks).zip(rest) {
        *sum += x * x;
        *peak = peak.max(x.abs());
    }
    (sums.iter().sum(), peaks.iter().copied().fold(0.0, f32::max))
}

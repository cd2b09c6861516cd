//! The one chain that sound goes through before features, whoever brings it: training, a scan, a live voice.

use serde::{Deserialize, Serialize};

use super::denoise::{DENOISE_RATE_HZ, Denoiser};
use super::resample::Resampler;

/// Input is cut into pieces of this many samples, so that the buffers between the stages have a known, small size.
const PIECE: usize = 512;

/// Rates that the chain takes, in Hz. Files are held to 8–192 kHz; a live host may run at up to 384 kHz.
pub const RATES_HZ: std::ops::RangeInclusive<u32> = 8_000..=384_000;

/// Greater magnitudes are no sound, and sums of them would overflow.
pub(super) const LARGEST_SAMPLE: f32 = 1e6;

/// What is done about steady background noise. A model file asks for it, and then gets it in training, scan and live
/// alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoiseReduction {
    /// Nothing: the sound as it is.
    #[default]
    Off,
    /// RNNoise (Valin 2018, <https://arxiv.org/abs/1709.08243>), by the `nnnoiseless` library, at 48 kHz.
    Rnnoise,
}

/// Why sound cannot be brought from one rate to another.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConditionError {
    /// A rate that no sound card, file or model has.
    #[error("the {side} sample rate is {rate_hz} Hz; expected 8000 to 384000 Hz")]
    Rate {
        /// `input` or `output`.
        side: &'static str,
        /// The rate in Hz.
        rate_hz: u32,
    },
    /// The resampling library refused the pair of rates.
    #[error("cannot resample from {input_rate_hz} Hz to {output_rate_hz} Hz: {reason}")]
    Resample {
        /// Rate of the incoming sound in Hz.
        input_rate_hz: u32,
        /// Wanted rate in Hz.
        output_rate_hz: u32,
        /// What the library said.
        reason: String,
    },
}

/// Mono sound at any rate in, sound at the model's rate out, optionally with less noise.
///
/// - The output is the same to the bit for every way of cutting the input into blocks.
/// - It is aligned in time: output sample `n` is the sound at `n / output_rate` seconds (to half a sample), and the whole
///   has `round(input_samples · output_rate / input_rate)` samples once [`Conditioner::finish`] was called.
/// - Equal rates without noise reduction copy.
/// - A sample that is no sound, not finite or a million times full scale, counts as 0, so that one bad sample from a live host does not
///   poison what follows. ([`Decoder`](super::Decoder) refuses files whose samples are not finite.)
#[derive(Debug)]
pub struct Conditioner {
    input_rate_hz: u32,
    output_rate_hz: u32,
    /// From the input's rate to RNNoise's, or to the output's where nothing is denoised.
    first: Option<Resampler>,
    denoiser: Option<Denoiser>,
    /// From RNNoise's rate to the output's.
    last: Option<Resampler>,
    received: u64,
    piece: Vec<f32>,
    resampled: Vec<f32>,
    denoised: Vec<f32>,
}

impl Conditioner {
    /// A chain from `input_rate_hz` to `output_rate_hz`.
    ///
    /// # Errors
    /// A rate outside 8–384 kHz.
    pub fn new(
        input_rate_hz: u32,
        output_rate_hz: u32,
        noise_reduction: NoiseReduction,
    ) -> Result<Self, ConditionError> {
        Self::make(input_rate_hz, output_rate_hz, noise_reduction, false)
    }

    /// As [`new`](Self::new), for a caller who cannot wait for blocks to fill: it can [`deliver`](Self::deliver).
    ///
    /// # Errors
    /// A rate outside 8–384 kHz.
    pub fn live(
        input_rate_hz: u32,
        output_rate_hz: u32,
        noise_reduction: NoiseReduction,
    ) -> Result<Self, ConditionError> {
        Self::make(input_rate_hz, output_rate_hz, noise_reduction, true)
    }

    fn make(
        input_rate_hz: u32,
        output_rate_hz: u32,
        noise_reduction: NoiseReduction,
        early: bool,
    ) -> Result<Self, ConditionError> {
        for (side, rate_hz) in [("input", input_rate_hz), ("output", output_rate_hz)] {
            if !RATES_HZ.contains(&rate_hz) {
                return Err(ConditionError::Rate { side, rate_hz });
            }
        }
        let resampler = |input_rate_hz: u32, output_rate_hz: u32| {
            (input_rate_hz != output_rate_hz)
                .then(|| Resampler::new(input_rate_hz, output_rate_hz, early))
                .transpose()
                .map_err(|error| ConditionError::Resample {
                    input_rate_hz,
                    output_rate_hz,
                    reason: error.to_string(),
                })
        };
        let (first, denoiser, last) = match noise_reduction {
            NoiseReduction::Off => (resampler(input_rate_hz, output_rate_hz)?, None, None),
            NoiseReduction::Rnnoise => (
                resampler(input_rate_hz, DENOISE_RATE_HZ)?,
                Some(Denoiser::new()),
                resampler(DENOISE_RATE_HZ, output_rate_hz)?,
            ),
        };
        // What one piece, and the block it completes, can become at most.
        let between = if denoiser.is_some() {
            let grown = scale(PIECE as u64, input_rate_hz, DENOISE_RATE_HZ) as usize;
            2 * grown + first.as_ref().map_or(0, Resampler::delay_samples) + Denoiser::DELAY_SAMPLES
        } else {
            0
        };
        Ok(Self {
            input_rate_hz,
            output_rate_hz,
            first,
            denoiser,
            last,
            received: 0,
            piece: Vec::with_capacity(PIECE),
            resampled: Vec::with_capacity(between),
            denoised: Vec::with_capacity(between),
        })
    }

    /// Rate of the sound that goes in, in Hz.
    pub fn input_rate_hz(&self) -> u32 {
        self.input_rate_hz
    }

    /// Rate of the sound that comes out, in Hz.
    pub fn output_rate_hz(&self) -> u32 {
        self.output_rate_hz
    }

    /// Takes `mono` and appends to `out` what is complete.
    ///
    /// Real-time safe: yes, once `out` has capacity: no allocation, no lock.
    pub fn push(&mut self, mono: &[f32], out: &mut Vec<f32>) {
        self.received += mono.len() as u64;
        for cut in mono.chunks(PIECE) {
            self.piece.clear();
            self.piece.extend(
                cut.iter()
                    .map(|&s| if s.abs() <= LARGEST_SAMPLE { s } else { 0.0 }),
            );
            let Some(denoiser) = &mut self.denoiser else {
                match &mut self.first {
                    Some(first) => first.push(&self.piece, out),
                    None => out.extend_from_slice(&self.piece),
                }
                continue;
            };
            let at_48_khz = match &mut self.first {
                Some(first) => {
                    self.resampled.clear();
                    first.push(&self.piece, &mut self.resampled);
                    &self.resampled
                }
                None => &self.piece,
            };
            match &mut self.last {
                Some(last) => {
                    self.denoised.clear();
                    denoiser.push(at_48_khz, &mut self.denoised);
                    last.push(&self.denoised, out);
                }
                None => denoiser.push(at_48_khz, out),
            }
        }
    }

    /// Appends what the sound so far decides, without waiting for blocks to fill. At the same places of the sound it gives the same samples,
    /// to the bit; they differ from those of a chain that waits by rounding alone. Only a [live](Self::live) chain has any.
    ///
    /// Real-time safe: yes, once `out` has capacity.
    pub fn deliver(&mut self, out: &mut Vec<f32>) {
        let Some(denoiser) = &mut self.denoiser else {
            if let Some(first) = &mut self.first {
                first.deliver(out);
            }
            return;
        };
        self.resampled.clear();
        if let Some(first) = &mut self.first {
            first.deliver(&mut self.resampled);
        }
        match &mut self.last {
            Some(last) => {
                self.denoised.clear();
                denoiser.push(&self.resampled, &mut self.denoised);
                last.push(&self.denoised, out);
                last.deliver(out);
            }
            None => denoiser.push(&self.resampled, out),
        }
    }

    /// Input samples since the start after which so many output samples have come, if [`deliver`](Self::deliver) is called then.
    pub fn ready_after(&self, outputs: u64) -> u64 {
        let before = |resampler: &Option<Resampler>, samples| match resampler {
            Some(resampler) => resampler.ready_after(samples),
            None => samples,
        };
        let Some(denoiser) = &self.denoiser else {
            return before(&self.first, outputs);
        };
        let at_48_khz = denoiser.ready_after(before(&self.last, outputs));
        before(&self.first, at_48_khz)
    }

    /// Appends what is still inside, so that the whole has its full length, and starts anew.
    ///
    /// Real-time safe: no.
    pub fn finish(&mut self, out: &mut Vec<f32>) {
        let total = scale(self.received, self.input_rate_hz, self.output_rate_hz);
        let Some(denoiser) = &mut self.denoiser else {
            if let Some(first) = &mut self.first {
                first.finish(total, out);
            }
            self.reset();
            return;
        };
        let total_at_48_khz = scale(self.received, self.input_rate_hz, DENOISE_RATE_HZ);
        self.resampled.clear();
        if let Some(first) = &mut self.first {
            first.finish(total_at_48_khz, &mut self.resampled);
        }
        match &mut self.last {
            Some(last) => {
                self.denoised.clear();
                denoiser.push(&self.resampled, &mut self.denoised);
                denoiser.finish(total_at_48_khz, &mut self.denoised);
                last.push(&self.denoised, out);
                last.finish(total, out);
            }
            None => {
                denoiser.push(&self.resampled, out);
                denoiser.finish(total, out);
            }
        }
        self.reset();
    }

    /// Forgets everything pushed.
    ///
    /// Real-time safe: without noise reduction; RNNoise is made anew.
    pub fn reset(&mut self) {
        self.received = 0;
        if let Some(first) = &mut self.first {
            first.reset();
        }
        if let Some(denoiser) = &mut self.denoiser {
            denoiser.reset();
        }
        if let Some(last) = &mut self.last {
            last.reset();
        }
    }

    /// How far the output can lie behind the input while sound still comes in, in samples at the output's rate.
    pub fn delay_samples(&self) -> usize {
        self.delay(Resampler::delay_samples)
    }

    /// The same, for a caller who asks to [`deliver`](Self::deliver) once the samples are [ready](Self::ready_after).
    pub fn early_delay_samples(&self) -> usize {
        self.delay(Resampler::early_delay_samples)
    }

    fn delay(&self, of: impl Fn(&Resampler) -> usize) -> usize {
        let first = self.first.as_ref().map_or(0, &of);
        let last = self.last.as_ref().map_or(0, &of);
        if self.denoiser.is_some() {
            let before = scale(
                (first + Denoiser::DELAY_SAMPLES) as u64,
                DENOISE_RATE_HZ,
                self.output_rate_hz,
            );
            // One more for the rounding.
            before as usize + last + 1
        } else {
            first
        }
    }
}

/// `samples` at `from_hz`, counted at `to_hz`, rounded to the nearest.
fn scale(samples: u64, from_hz: u32, to_hz: u32) -> u64 {
    let (from, to) = (u128::from(from_hz), u128::from(to_hz));
    let scaled = (u128::from(samples) * to + from / 2) / from;
    u64::try_from(scaled).unwrap_or(u64::MAX)
}

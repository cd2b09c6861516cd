//! One sample rate into another, in pieces of any size, aligned in time: the result does not depend on the pieces.

use rubato::audioadapter_buffers::direct::SequentialSliceOfSlices;
use rubato::{
    Async, Fft, FixedAsync, FixedSync, ResamplerConstructionError, SincInterpolationParameters,
    SincInterpolationType, WindowFunction,
};

/// Wanted length of one block and of the anti-aliasing filter. Longer keeps more of the top of the band and costs less,
/// but a live caller waits one and a half blocks.
const BLOCK_SECONDS: f64 = 0.0133;

/// Rates whose greatest common divisor is below this cannot share a block shorter than 1/40 s: those few (say 44 056 Hz)
/// take the slower, interpolating resampler.
const MIN_COMMON_RATE_HZ: u32 = 40;

/// A mono stream from one rate to another.
///
/// Sample `n` of the output is the sound at `n / output_rate` seconds, exact to half an output sample: the filter's delay
/// is cut off at the start and made up for at [`Resampler::finish`].
pub(crate) struct Resampler {
    inner: Box<dyn rubato::Resampler<f32>>,
    /// Input waiting for a whole block.
    pending: Vec<f32>,
    block: Vec<f32>,
    block_in: usize,
    /// The filter's delay in output samples.
    filter_delay: usize,
    /// Output samples still to drop: what is left of the filter's delay.
    skip: usize,
    delivered: u64,
}

impl Resampler {
    pub(crate) fn new(
        input_rate_hz: u32,
        output_rate_hz: u32,
    ) -> Result<Self, ResamplerConstructionError> {
        let common_rate_hz = gcd(input_rate_hz, output_rate_hz).max(1);
        let (inner, filter_delay): (Box<dyn rubato::Resampler<f32>>, usize) = if common_rate_hz
            >= MIN_COMMON_RATE_HZ
        {
            // The shortest block that both rates share lasts 1/common_rate seconds.
            let exact = f64::from(common_rate_hz) * BLOCK_SECONDS;
            // An even number of them makes the filter's delay a whole number of samples on both sides.
            let units = if exact < 1.9 {
                1
            } else {
                2 * (exact / 2.0).round() as usize
            };
            let block_in = units * (input_rate_hz / common_rate_hz) as usize;
            let fft = Fft::new_custom(
                input_rate_hz as usize,
                output_rate_hz as usize,
                block_in,
                1,
                1,
                WindowFunction::BlackmanHarris,
                FixedSync::Both,
            )?;
            // The filter is as long as the block, and its middle, on a whole input sample, is the present.
            let ratio = fft.fft_size_out() as f64 / fft.fft_size_in() as f64;
            let filter_delay = ((fft.fft_size_in() / 2) as f64 * ratio).round() as usize;
            (Box::new(fft), filter_delay)
        } else {
            let ratio = f64::from(output_rate_hz) / f64::from(input_rate_hz);
            // The filter is laid out at the input rate: going down it must reach over as many output samples.
            let sinc_len = ((160.0 / ratio.min(1.0)).ceil() as usize).next_multiple_of(8);
            let parameters = SincInterpolationParameters {
                sinc_len,
                f_cutoff: None,
                oversampling_factor: 128,
                interpolation: SincInterpolationType::Cubic,
                window: WindowFunction::BlackmanHarris,
            };
            let block_in = (f64::from(input_rate_hz) * BLOCK_SECONDS).round().max(1.0) as usize;
            let sinc = Async::new_sinc(ratio, 1.0, &parameters, block_in, 1, FixedAsync::Input)?;
            // rubato steps before it interpolates: its first output lies one step after the start.
            let filter_delay = (sinc_len as f64 / 2.0 * ratio - 1.0).round().max(0.0) as usize;
            (Box::new(sinc), filter_delay)
        };
        let block_in = inner.input_frames_max();
        Ok(Self {
            pending: Vec::with_capacity(block_in),
            block: vec![0.0; inner.output_frames_max()],
            block_in,
            filter_delay,
            skip: filter_delay,
            delivered: 0,
            inner,
        })
    }

    /// Output samples that a live caller waits at most: a whole block, and half the filter.
    pub(crate) fn delay_samples(&self) -> usize {
        self.block.len() + self.filter_delay
    }

    /// Takes `mono`, appends what is complete. Real-time safe: yes, once `out` has capacity.
    pub(crate) fn push(&mut self, mut mono: &[f32], out: &mut Vec<f32>) {
        while !mono.is_empty() {
            let take = mono.len().min(self.block_in - self.pending.len());
            let (now, later) = mono.split_at(take);
            self.pending.extend_from_slice(now);
            mono = later;
            if self.pending.len() == self.block_in {
                self.process(u64::MAX, out);
            }
        }
    }

    /// Appends the rest, so that `total` samples have been delivered since the start, and starts anew.
    pub(crate) fn finish(&mut self, total: u64, out: &mut Vec<f32>) {
        while self.delivered < total {
            self.pending.resize(self.block_in, 0.0);
            self.process(total, out);
        }
        self.reset();
    }

    /// Forgets everything pushed.
    pub(crate) fn reset(&mut self) {
        self.inner.reset();
        self.pending.clear();
        self.skip = self.filter_delay;
        self.delivered = 0;
    }

    /// Resamples the one block in `pending`.
    fn process(&mut self, limit: u64, out: &mut Vec<f32>) {
        let expected = self.inner.output_frames_next();
        let produced = self.run_block().unwrap_or_else(|| {
            // The sizes are ours and fixed, so this is not reached; should it be, time must not slip.
            debug_assert!(false, "rubato refused a block of its own size");
            self.block.fill(0.0);
            expected
        });
        self.pending.clear();
        let skipped = self.skip.min(produced);
        self.skip -= skipped;
        let room = usize::try_from(limit - self.delivered).unwrap_or(usize::MAX);
        let fresh = self.block.get(skipped..produced).unwrap_or_default();
        let fresh = &fresh[..fresh.len().min(room)];
        out.extend_from_slice(fresh);
        self.delivered += fresh.len() as u64;
    }

    /// Frames written to `block`.
    fn run_block(&mut self) -> Option<usize> {
        let frames_out = self.block.len();
        let channels_in = [self.pending.as_slice()];
        let input = SequentialSliceOfSlices::new(&channels_in, 1, self.block_in).ok()?;
        let mut channels_out = [self.block.as_mut_slice()];
        let mut output = SequentialSliceOfSlices::new_mut(&mut channels_out, 1, frames_out).ok()?;
        let (_, produced) = self
            .inner
            .process_into_buffer(&input, &mut output, None)
            .ok()?;
        Some(produced)
    }
}

impl std::fmt::Debug for Resampler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Resampler")
            .field("block_in", &self.block_in)
            .field("block_out", &self.block.len())
            .field("delivered", &self.delivered)
            .finish_non_exhaustive()
    }
}

fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}

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

type Inner = Box<dyn rubato::Resampler<f32>>;

/// A mono stream from one rate to another.
///
/// Sample `n` of the output is the sound at `n / output_rate` seconds, exact to half an output sample: the filter's delay
/// is cut off at the start and made up for at [`Resampler::finish`].
pub(crate) struct Resampler {
    input_rate_hz: u32,
    output_rate_hz: u32,
    inner: Inner,
    /// The same filter once more, for what a block that is not full decides already: see [`deliver`](Self::deliver).
    early: Option<Inner>,
    /// Input waiting for a whole block.
    pending: Vec<f32>,
    /// The block before it; empty at the start.
    before: Vec<f32>,
    block: Vec<f32>,
    block_in: usize,
    /// Samples of the present block that went out before it was full.
    told: usize,
    /// The filter's delay in output samples.
    filter_delay: usize,
    /// Output samples still to drop: what is left of the filter's delay.
    skip: usize,
    delivered: u64,
}

impl Resampler {
    /// A resampler; with `early`, one that can [`deliver`](Self::deliver).
    pub(crate) fn new(
        input_rate_hz: u32,
        output_rate_hz: u32,
        early: bool,
    ) -> Result<Self, ResamplerConstructionError> {
        let common_rate_hz = gcd(input_rate_hz, output_rate_hz).max(1);
        let (inner, second, filter_delay): (Inner, Option<Inner>, usize) = if common_rate_hz
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
            let make = || {
                Fft::new_custom(
                    input_rate_hz as usize,
                    output_rate_hz as usize,
                    block_in,
                    1,
                    1,
                    WindowFunction::BlackmanHarris,
                    FixedSync::Both,
                )
            };
            let fft = make()?;
            let second = early.then(make).transpose()?;
            // The filter is as long as the block, and its middle, on a whole input sample, is the present.
            let ratio = fft.fft_size_out() as f64 / fft.fft_size_in() as f64;
            let filter_delay = ((fft.fft_size_in() / 2) as f64 * ratio).round() as usize;
            (
                Box::new(fft),
                second.map(|fft| Box::new(fft) as Inner),
                filter_delay,
            )
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
            (Box::new(sinc), None, filter_delay)
        };
        let block_in = inner.input_frames_max();
        Ok(Self {
            input_rate_hz,
            output_rate_hz,
            early: second,
            pending: Vec::with_capacity(block_in),
            before: Vec::with_capacity(block_in),
            told: 0,
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

    /// The same, for a caller who asks to [`deliver`](Self::deliver) at the right moment.
    pub(crate) fn early_delay_samples(&self) -> usize {
        match &self.early {
            Some(_) => self.filter_delay + 1,
            None => self.delay_samples(),
        }
    }

    /// Input samples since the start after which so many output samples can be had by [`deliver`](Self::deliver).
    pub(crate) fn ready_after(&self, outputs: u64) -> u64 {
        let (input, output) = (
            u128::from(self.input_rate_hz),
            u128::from(self.output_rate_hz),
        );
        let passed = u128::from(outputs) + self.filter_delay as u128;
        let inputs = u64::try_from((passed * input).div_ceil(output)).unwrap_or(u64::MAX);
        match &self.early {
            Some(_) => inputs,
            None => inputs.saturating_add(self.block_in as u64),
        }
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

    /// Appends what the sound so far decides of a block that is not full; the rest comes when it is. What came early differs from what the
    /// full block would have given by rounding alone. Does nothing for rates that take the interpolating resampler.
    ///
    /// Real-time safe: yes, once `out` has capacity.
    pub(crate) fn deliver(&mut self, out: &mut Vec<f32>) {
        let Some(early) = &mut self.early else {
            return;
        };
        // A full block is as many samples long on both sides as the rates say.
        let ready = self.pending.len() * self.block.len() / self.block_in;
        if ready <= self.told {
            return;
        }
        // The filter is one block long: what was before the last block has no say any more.
        early.reset();
        let filled = self.pending.len();
        self.pending.resize(self.block_in, 0.0);
        let known = (self.before.is_empty()
            || run(&mut **early, &self.before, &mut self.block).is_some())
            && run(&mut **early, &self.pending, &mut self.block).is_some();
        self.pending.truncate(filled);
        if known {
            self.hand_out(ready, u64::MAX, out);
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
        self.before.clear();
        self.told = 0;
        self.skip = self.filter_delay;
        self.delivered = 0;
    }

    /// Resamples the one block in `pending`.
    fn process(&mut self, limit: u64, out: &mut Vec<f32>) {
        let expected = self.inner.output_frames_next();
        let produced = run(&mut *self.inner, &self.pending, &mut self.block).unwrap_or_else(|| {
            // The sizes are ours and fixed, so this is not reached; should it be, time must not slip.
            debug_assert!(false, "rubato refused a block of its own size");
            self.block.fill(0.0);
            expected
        });
        self.hand_out(produced, limit, out);
        self.told = 0;
        std::mem::swap(&mut self.pending, &mut self.before);
        self.pending.clear();
    }

    /// Appends what of the first `to` samples of `block` has not gone out, less the filter's delay at the start.
    fn hand_out(&mut self, to: usize, limit: u64, out: &mut Vec<f32>) {
        let skipped = self.skip.min(to.saturating_sub(self.told));
        self.skip -= skipped;
        let room = usize::try_from(limit - self.delivered).unwrap_or(usize::MAX);
        let fresh = self.block.get(self.told + skipped..to).unwrap_or_default();
        let fresh = &fresh[..fresh.len().min(room)];
        out.extend_from_slice(fresh);
        self.delivered += fresh.len() as u64;
        self.told = to;
    }
}

/// One block; how many samples were written to `out`.
fn run(inner: &mut dyn rubato::Resampler<f32>, block: &[f32], out: &mut [f32]) -> Option<usize> {
    let frames_out = out.len();
    let channels_in = [block];
    let input = SequentialSliceOfSlices::new(&channels_in, 1, block.len()).ok()?;
    let mut channels_out = [out];
    let mut output = SequentialSliceOfSlices::new_mut(&mut channels_out, 1, frames_out).ok()?;
    let (_, produced) = inner.process_into_buffer(&input, &mut output, None).ok()?;
    Some(produced)
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

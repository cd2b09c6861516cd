//! Reduction of steady background noise with RNNoise (nnnoiseless), at its own 48 kHz, aligned in time.

use nnnoiseless::DenoiseState;

/// RNNoise's only rate.
pub(crate) const DENOISE_RATE_HZ: u32 = 48_000;

/// 10 ms; also its delay, since neighbouring frames overlap by one.
const FRAME: usize = DenoiseState::FRAME_SIZE;

/// RNNoise expects samples in the range of 16-bit integers.
const FULL_SCALE: f32 = 32_768.0;

/// A mono stream at 48 kHz, with less noise.
pub(crate) struct Denoiser {
    state: Box<DenoiseState<'static>>,
    pending: Vec<f32>,
    frame: [f32; FRAME],
    /// The first frame that comes out is the fade-in before the sound: dropped.
    first: bool,
    delivered: u64,
}

impl Denoiser {
    /// Samples at 48 kHz that a live caller waits at most.
    pub(crate) const DELAY_SAMPLES: usize = 2 * FRAME;

    pub(crate) fn new() -> Self {
        Self {
            state: DenoiseState::new(),
            pending: Vec::with_capacity(FRAME),
            frame: [0.0; FRAME],
            first: true,
            delivered: 0,
        }
    }

    /// Takes `mono` at 48 kHz, appends what is complete. Real-time safe: yes, once `out` has capacity.
    pub(crate) fn push(&mut self, mut mono: &[f32], out: &mut Vec<f32>) {
        while !mono.is_empty() {
            let take = mono.len().min(FRAME - self.pending.len());
            let (now, later) = mono.split_at(take);
            self.pending
                .extend(now.iter().map(|sample| sample * FULL_SCALE));
            mono = later;
            if self.pending.len() == FRAME {
                self.process(u64::MAX, out);
            }
        }
    }

    /// Samples at 48 kHz after which so many have come out: whole frames, one frame late.
    pub(crate) fn ready_after(&self, outputs: u64) -> u64 {
        (outputs.div_ceil(FRAME as u64) + 1) * FRAME as u64
    }

    /// Appends the rest, so that `total` samples have been delivered since the start, and starts anew.
    pub(crate) fn finish(&mut self, total: u64, out: &mut Vec<f32>) {
        while self.delivered < total {
            self.pending.resize(FRAME, 0.0);
            self.process(total, out);
        }
        self.reset();
    }

    /// Forgets everything pushed. Allocates: RNNoise has no reset of its own.
    pub(crate) fn reset(&mut self) {
        *self = Self::new();
    }

    fn process(&mut self, limit: u64, out: &mut Vec<f32>) {
        self.state.process_frame(&mut self.frame, &self.pending);
        self.pending.clear();
        if std::mem::take(&mut self.first) {
            return;
        }
        let room = usize::try_from(limit - self.delivered).unwrap_or(usize::MAX);
        let fresh = &self.frame[..FRAME.min(room)];
        out.extend(fresh.iter().map(|sample| sample / FULL_SCALE));
        self.delivered += fresh.len() as u64;
    }
}

impl std::fmt::Debug for Denoiser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Denoiser")
            .field("delivered", &self.delivered)
            .finish_non_exhaustive()
    }
}

//! The mel filter bank: triangles over the spectrum's bins, as librosa 0.11's `filters.mel` makes them, kept sparse.

use super::config::{FeatureConfig, MelConfig, MelNorm, MelScale};

/// Numbers multiplied side by side; filters are padded to whole groups, so that the inner loop has a fixed width.
const LANES: usize = 4;

/// A bank of triangular filters, each the contiguous bins where it is not zero.
#[derive(Debug, Clone)]
pub(super) struct MelBank {
    spans: Vec<Span>,
    /// Weights of all filters, one after the other, each padded with zeros to whole groups of `LANES`.
    weights: Vec<f32>,
    /// Each band's sum, lane by lane.
    sums: Vec<[f32; LANES]>,
    bins: usize,
}

#[derive(Debug, Clone, Copy)]
struct Span {
    first_bin: usize,
    offset: usize,
    len: usize,
}

impl MelBank {
    /// Builds the bank, or names the first band (from 0) and its edges in Hz that no bin of the spectrum falls into.
    pub(super) fn new(config: &FeatureConfig) -> Result<Self, (usize, f64, f64)> {
        let bins = config.fft_samples / 2 + 1;
        let hz_per_bin = f64::from(config.sample_rate_hz) / config.fft_samples as f64;
        let edges = band_edges_hz(&config.mel);
        let mut spans = Vec::with_capacity(config.mel.bands);
        let mut weights = Vec::new();
        for (band, edge) in edges.windows(3).enumerate() {
            let (low, centre, high) = (edge[0], edge[1], edge[2]);
            let height = match config.mel.norm {
                MelNorm::Slaney => 2.0 / (high - low),
                MelNorm::Peak => 1.0,
            };
            // Rounded to f32 before the normalisation and after it, as librosa does.
            let weight = |bin: usize| {
                let hz = bin as f64 * hz_per_bin;
                let rising = (hz - low) / (centre - low);
                let falling = (high - hz) / (high - centre);
                let triangle = rising.min(falling).max(0.0) as f32;
                (f64::from(triangle) * height) as f32
            };
            let first_bin = (0..bins)
                .find(|&bin| weight(bin) > 0.0)
                .ok_or((band, low, high))?;
            let offset = weights.len();
            weights.extend((first_bin..bins).map(weight).take_while(|&w| w > 0.0));
            let len = (weights.len() - offset).next_multiple_of(LANES);
            weights.resize(offset + len, 0.0);
            spans.push(Span {
                first_bin,
                offset,
                len,
            });
        }
        Ok(Self {
            sums: vec![[0.0; LANES]; spans.len()],
            spans,
            weights,
            bins,
        })
    }

    /// Length of the power spectrum that [`apply`](Self::apply) reads: the bins, then zeros for the filters' padding.
    pub(super) fn padded_bins(&self) -> usize {
        self.bins + LANES
    }

    /// Band powers `[bands]` of a power spectrum `[padded_bins]`. Real-time safe: yes.
    pub(super) fn apply(&mut self, power: &[f32], bands: &mut [f32]) {
        for (sums, span) in self.sums.iter_mut().zip(&self.spans) {
            let weights = &self.weights[span.offset..span.offset + span.len];
            let power = &power[span.first_bin..span.first_bin + span.len];
            let mut lanes = [0.0f32; LANES];
            for (w, p) in weights.chunks_exact(LANES).zip(power.chunks_exact(LANES)) {
                for ((lane, w), p) in lanes.iter_mut().zip(w).zip(p) {
                    *lane += w * p;
                }
            }
            *sums = lanes;
        }
        // Apart from the products, or the compiler gives up their lanes for these few additions.
        for (band, [a, b, c, d]) in bands.iter_mut().zip(&self.sums) {
            *band = (a + c) + (b + d);
        }
    }
}

impl MelConfig {
    /// Where each filter peaks, in Hz, `[bands]`.
    pub fn centres_hz(&self) -> Vec<f64> {
        let edges = band_edges_hz(self);
        edges.iter().skip(1).take(self.bands).copied().collect()
    }
}

/// Edges of the triangles, `bands + 2` frequencies evenly spaced on the mel scale: band `b` spans edges `b` to `b + 2`.
fn band_edges_hz(mel: &MelConfig) -> Vec<f64> {
    let low = hz_to_mel(f64::from(mel.low_hz), mel.scale);
    let high = hz_to_mel(f64::from(mel.high_hz), mel.scale);
    let step = (high - low) / (mel.bands + 1) as f64;
    let last = mel.bands + 1;
    (0..=last)
        .map(|i| {
            let at = if i == last {
                high
            } else {
                low + i as f64 * step
            };
            mel_to_hz(at, mel.scale)
        })
        .collect()
}

/// Slaney's scale: 200/3 Hz a mel below 1 kHz, then 27 mel for a factor of 6.4 (Auditory Toolbox, 1998).
const SLANEY_HZ_PER_MEL: f64 = 200.0 / 3.0;
const SLANEY_BREAK_HZ: f64 = 1000.0;
const SLANEY_BREAK_MEL: f64 = SLANEY_BREAK_HZ / SLANEY_HZ_PER_MEL;

fn slaney_log_step() -> f64 {
    6.4f64.ln() / 27.0
}

fn hz_to_mel(hz: f64, scale: MelScale) -> f64 {
    match scale {
        MelScale::Htk => 2595.0 * (1.0 + hz / 700.0).log10(),
        MelScale::Slaney if hz >= SLANEY_BREAK_HZ => {
            SLANEY_BREAK_MEL + (hz / SLANEY_BREAK_HZ).ln() / slaney_log_step()
        }
        MelScale::Slaney => hz / SLANEY_HZ_PER_MEL,
    }
}

fn mel_to_hz(mel: f64, scale: MelScale) -> f64 {
    match scale {
        MelScale::Htk => 700.0 * (10f64.powf(mel / 2595.0) - 1.0),
        MelScale::Slaney if mel >= SLANEY_BREAK_MEL => {
            SLANEY_BREAK_HZ * (slaney_log_step() * (mel - SLANEY_BREAK_MEL)).exp()
        }
        MelScale::Slaney => mel * SLANEY_HZ_PER_MEL,
    }
}

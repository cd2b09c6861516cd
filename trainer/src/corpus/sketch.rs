//! Whether two clips hold one and the same recording, even where one went through a converter that dithered it.
//!
//! A hash of samples would say no to a difference of one bit. A few random projections of the waveform keep relative
//! distances between recordings (Johnson & Lindenstrauss 1984): copies lie within some thousandths of each other, any
//! two recordings of a sentence, however alike to the ear, about 1.4.

use std::sync::OnceLock;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

/// Projections per sketch.
const PROJECTIONS: usize = 32;
/// Random signs before they come again.
const SIGNS: usize = 1 << 16;
/// Sketches nearer than this, relative to their length, are one recording (−26 dB: far above any converter's noise).
const SAME_RECORDING: f64 = 0.05;

/// The length of a sound and some random projections of its waveform.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sketch {
    pub(super) samples: u64,
    projections: Vec<f32>,
}

impl Sketch {
    /// Sketches decoded samples.
    #[must_use]
    pub fn of(samples: &[f32]) -> Self {
        let mut sums = [0.0_f32; PROJECTIONS];
        for block in samples.chunks(SIGNS) {
            let rows = block.chunks(PROJECTIONS).zip(signs().chunks(PROJECTIONS));
            for (row, signs) in rows {
                for ((sum, sample), sign) in sums.iter_mut().zip(row).zip(signs) {
                    *sum += sample * sign;
                }
            }
        }
        Self {
            samples: samples.len() as u64,
            projections: sums.to_vec(),
        }
    }

    /// Whether both are copies of one recording: of equal length, and apart by no more than a converter's noise.
    #[must_use]
    pub fn same_recording(&self, other: &Self) -> bool {
        if self.samples != other.samples || self.projections.len() != other.projections.len() {
            return false;
        }
        let square = |value: f32| f64::from(value) * f64::from(value);
        let (mut apart, mut length) = (0.0, 0.0);
        for (a, b) in self.projections.iter().zip(&other.projections) {
            apart += square(a - b);
            length += square(*a).max(square(*b));
        }
        apart <= length * SAME_RECORDING * SAME_RECORDING
    }
}

/// +1 and −1 at random, always the same.
fn signs() -> &'static [f32] {
    static TABLE: OnceLock<Vec<f32>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut rng = ChaCha8Rng::seed_from_u64(0);
        (0..SIGNS)
            .map(|_| if rng.random::<bool>() { 1.0 } else { -1.0 })
            .collect()
    })
}

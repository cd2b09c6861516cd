//! Where a frame's energy lies: below and above 1 kHz.

use std::f64::consts::TAU;

use super::RATE_HZ;
use crate::features::PowerTransform;

/// Samples of the window: 32 ms.
pub(super) const WINDOW: usize = 512;
/// Edges of the two bands, in Hz, as eGeMAPS has them for its alpha ratio.
const EDGES_HZ: [f32; 3] = [50.0, 1000.0, 5000.0];

/// Energy in two bands of a frame.
pub(super) struct BandEnergies {
    transform: PowerTransform,
    window: Vec<f32>,
    frame: Vec<f32>,
    power: Vec<f32>,
}

impl std::fmt::Debug for BandEnergies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BandEnergies").finish_non_exhaustive()
    }
}

impl BandEnergies {
    pub(super) fn new() -> Self {
        Self {
            transform: PowerTransform::new(WINDOW),
            window: (0..WINDOW)
                .map(|i| (0.5 - 0.5 * (TAU * i as f64 / WINDOW as f64).cos()) as f32)
                .collect(),
            frame: vec![0.0; WINDOW],
            power: vec![0.0; WINDOW / 2 + 1],
        }
    }

    /// Energy of `samples` (`[WINDOW]`) in 50–1000 Hz and in 1–5 kHz.
    pub(super) fn of(&mut self, samples: &[f32]) -> (f32, f32) {
        let weighted = samples.iter().zip(&self.window);
        for (x, (sample, weight)) in self.frame.iter_mut().zip(weighted) {
            *x = sample * weight;
        }
        self.transform.power(&self.frame, &mut self.power);
        let bin = |hz: f32| (hz * WINDOW as f32 / RATE_HZ as f32).ceil() as usize;
        let [low, middle, high] = EDGES_HZ.map(bin);
        let sum = |bins: &[f32]| bins.iter().sum::<f32>();
        (
            sum(&self.power[low..middle]),
            sum(&self.power[middle..high]),
        )
    }
}

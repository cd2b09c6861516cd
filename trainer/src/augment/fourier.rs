//! Fast Fourier transforms of whole clips, planned once per length and thread.

use std::sync::Arc;

use realfft::num_complex::Complex;
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};

/// Plans and buffers for transforms of any even length.
#[derive(Default)]
pub(crate) struct Fourier {
    planner: Option<RealFftPlanner<f32>>,
    scratch: Vec<Complex<f32>>,
}

/// One length's plans.
pub(crate) struct Plan {
    forward: Arc<dyn RealToComplex<f32>>,
    inverse: Arc<dyn ComplexToReal<f32>>,
}

impl Fourier {
    /// The plans for a length that is at least `least` and quick to transform.
    pub(crate) fn plan(&mut self, least: usize) -> Plan {
        let length = quick_length(least);
        let planner = self.planner.get_or_insert_with(RealFftPlanner::new);
        Plan {
            forward: planner.plan_fft_forward(length),
            inverse: planner.plan_fft_inverse(length),
        }
    }

    /// The spectrum of `samples` followed by silence. `padded` and `spectrum` are overwritten.
    pub(crate) fn forward(
        &mut self,
        plan: &Plan,
        samples: &[f32],
        padded: &mut Vec<f32>,
        spectrum: &mut Vec<Complex<f32>>,
    ) {
        padded.clear();
        padded.extend(samples.iter().take(plan.forward.len()));
        padded.resize(plan.forward.len(), 0.0);
        spectrum.resize(plan.forward.complex_len(), Complex::default());
        self.scratch
            .resize(plan.forward.get_scratch_len(), Complex::default());
        let done = plan
            .forward
            .process_with_scratch(padded, spectrum, &mut self.scratch);
        debug_assert!(done.is_ok(), "lengths come from the plan");
    }

    /// The samples of a spectrum, scaled so that it undoes [`Self::forward`]. `spectrum` is destroyed.
    pub(crate) fn inverse(
        &mut self,
        plan: &Plan,
        spectrum: &mut [Complex<f32>],
        samples: &mut Vec<f32>,
    ) {
        samples.resize(plan.inverse.len(), 0.0);
        self.scratch
            .resize(plan.inverse.get_scratch_len(), Complex::default());
        // The first and last bins of a real signal are real.
        if let Some(first) = spectrum.first_mut() {
            first.im = 0.0;
        }
        if let Some(last) = spectrum.last_mut() {
            last.im = 0.0;
        }
        let done = plan
            .inverse
            .process_with_scratch(spectrum, samples, &mut self.scratch);
        debug_assert!(
            done.is_ok(),
            "lengths come from the plan, the edges are real"
        );
        let scale = (plan.inverse.len() as f32).recip();
        for sample in samples {
            *sample *= scale;
        }
    }

    /// A periodic signal of `length` samples (even) from its bins 1, 2, …: real and imaginary parts; the mean is 0.
    pub(crate) fn synthesise(
        &mut self,
        length: usize,
        mut bin: impl FnMut(usize) -> (f32, f32),
    ) -> Vec<f32> {
        let plan = self.plan(length);
        let mut spectrum: Vec<_> = (0..length / 2 + 1)
            .map(|index| {
                if index == 0 {
                    Complex::default()
                } else {
                    let (re, im) = bin(index);
                    Complex::new(re, im)
                }
            })
            .collect();
        let mut samples = Vec::new();
        self.inverse(&plan, &mut spectrum, &mut samples);
        samples
    }
}

/// The next of 2^k, 5·2^k/4 and 3·2^k/2: at most a quarter longer than needed, and few lengths to plan.
fn quick_length(least: usize) -> usize {
    let power = least.max(64).next_power_of_two();
    [power / 8 * 5, power / 4 * 3, power]
        .into_iter()
        .find(|length| *length >= least)
        .unwrap_or(power)
}

//! Power spectrum of a real frame: a complex transform of half the length (rustfft, which chooses SIMD at run time), then the step
//! that takes it apart.
//!
//! `realfft` does the same, but its second step is scalar and took longer than the transform itself. Here that step works on real
//! and imaginary parts lying apart, so that it vectorises, and gives powers at once.

use std::sync::Arc;

use rustfft::num_complex::Complex;
use rustfft::{Fft, FftPlanner};

/// Real samples `[length]` to powers `[length / 2 + 1]`; planned once.
#[derive(Clone)]
pub(crate) struct PowerTransform {
    half: usize,
    fft: Arc<dyn Fft<f32>>,
    packed: Vec<Complex<f32>>,
    spectrum: Vec<Complex<f32>>,
    scratch: Vec<Complex<f32>>,
    real: Vec<f32>,
    imaginary: Vec<f32>,
    /// `exp(-2 pi i k / length)` for `k` from 1 to below `half / 2`.
    twiddle_real: Vec<f32>,
    twiddle_imaginary: Vec<f32>,
}

impl PowerTransform {
    /// For an even length of at least 2.
    pub(crate) fn new(length: usize) -> Self {
        let half = length / 2;
        let fft = FftPlanner::new().plan_fft_forward(half);
        let pairs = (half - 1) / 2;
        let angle = |k: usize| -2.0 * std::f64::consts::PI * k as f64 / length as f64;
        Self {
            half,
            packed: vec![Complex::default(); half],
            spectrum: vec![Complex::default(); half],
            scratch: vec![Complex::default(); fft.get_outofplace_scratch_len()],
            real: vec![0.0; half],
            imaginary: vec![0.0; half],
            twiddle_real: (1..=pairs).map(|k| angle(k).cos() as f32).collect(),
            twiddle_imaginary: (1..=pairs).map(|k| angle(k).sin() as f32).collect(),
            fft,
        }
    }

    /// Writes `|X[k]|²` for `k` from 0 to `length / 2` into the front of `power`. Real-time safe: yes.
    pub(crate) fn power(&mut self, samples: &[f32], power: &mut [f32]) {
        // Even samples become real parts, odd ones imaginary parts.
        for (packed, pair) in self.packed.iter_mut().zip(samples.chunks_exact(2)) {
            *packed = Complex::new(pair[0], pair[1]);
        }
        self.fft.process_outofplace_with_scratch(
            &mut self.packed,
            &mut self.spectrum,
            &mut self.scratch,
        );
        let parts = self.real.iter_mut().zip(&mut self.imaginary);
        for ((re, im), bin) in parts.zip(&self.spectrum) {
            (*re, *im) = (bin.re, bin.im);
        }
        let half = self.half;
        let (re, im) = (self.real[0], self.imaginary[0]);
        power[0] = (re + im) * (re + im);
        power[half] = (re - im) * (re - im);
        if half.is_multiple_of(2) {
            let (re, im) = (self.real[half / 2], self.imaginary[half / 2]);
            power[half / 2] = re * re + im * im;
        }
        let (low, high) = power[1..half].split_at_mut(half / 2);
        self.take_apart(low, high);
    }

    /// Powers of bins `k` into `low[k - 1]` and of bins `half - k`, counted from the end of `high`.
    ///
    /// With `Z` the packed spectrum, `E = Z[k] + conj Z[half-k]` and `O = -i (Z[k] - conj Z[half-k])` are twice the spectra of the even and of
    /// the odd samples; then `2 X[k] = E + w O` and `2 conj X[half-k] = E - w O`.
    fn take_apart(&self, low: &mut [f32], high: &mut [f32]) {
        let pairs = self.twiddle_real.len();
        let (a, b) = (&self.real[1..=pairs], &self.imaginary[1..=pairs]);
        let mirrored = self.half - pairs..self.half;
        let (c, d) = (&self.real[mirrored.clone()], &self.imaginary[mirrored]);
        let (wr, wi) = (
            &self.twiddle_real[..pairs],
            &self.twiddle_imaginary[..pairs],
        );
        let low = &mut low[..pairs];
        let start = high.len() - pairs;
        let high = &mut high[start..];
        for i in 0..pairs {
            let mirror = pairs - 1 - i;
            let (even_re, even_im) = (a[i] + c[mirror], b[i] - d[mirror]);
            let (odd_re, odd_im) = (b[i] + d[mirror], c[mirror] - a[i]);
            let turned_re = wr[i] * odd_re - wi[i] * odd_im;
            let turned_im = wr[i] * odd_im + wi[i] * odd_re;
            let (plus_re, plus_im) = (even_re + turned_re, even_im + turned_im);
            let (minus_re, minus_im) = (even_re - turned_re, even_im - turned_im);
            low[i] = 0.25 * (plus_re * plus_re + plus_im * plus_im);
            high[mirror] = 0.25 * (minus_re * minus_re + minus_im * minus_im);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equals_the_defining_sum_for_every_kind_of_even_length() {
        for length in [2, 4, 6, 8, 10, 12, 30, 64, 98] {
            let samples: Vec<f32> = (0..length)
                .map(|i| ((i * i * 31 + 7 * i) % 23) as f32 / 11.0 - 1.0)
                .collect();
            let mut power = vec![0.0; length / 2 + 1];
            PowerTransform::new(length).power(&samples, &mut power);
            for (k, &got) in power.iter().enumerate() {
                let (mut re, mut im) = (0.0, 0.0);
                for (n, &x) in samples.iter().enumerate() {
                    let angle = 2.0 * std::f64::consts::PI * (k * n) as f64 / length as f64;
                    re += f64::from(x) * angle.cos();
                    im -= f64::from(x) * angle.sin();
                }
                let exact = re * re + im * im;
                let error = (f64::from(got) - exact).abs();
                assert!(
                    error < 1e-4 * exact.max(0.1),
                    "{length}, bin {k}: {got} against {exact}"
                );
            }
        }
    }
}

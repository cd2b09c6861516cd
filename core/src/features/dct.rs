//! Log-mel bands to cepstral coefficients: orthonormal DCT-II as a small matrix product, halved by the cosines' symmetry.
//!
//! `cos(pi (2n+1) k / 2N)` is even about the middle band for even `k` and odd for odd `k`, so even coefficients need only the sums of
//! mirrored bands and odd ones their differences. Rows are taken four at a time and coefficients eight, which fills the
//! registers of any x86-64; each row's numbers do not depend on which rows stand beside it.

/// Rows and coefficients multiplied together.
const ROWS: usize = 4;
const LANES: usize = 8;

/// A lifter's weight below this cannot be undone.
const SMALLEST_LIFT: f64 = 1e-3;

#[derive(Debug, Clone)]
pub(super) struct Dct {
    bands: usize,
    coefficients: usize,
    lifter: usize,
    /// Cosines of even and of odd coefficients, `[group of LANES][half the bands][LANES]`.
    even: Vec<f32>,
    odd: Vec<f32>,
    /// Sums and differences of mirrored bands of the rows at work, `[half the bands][ROWS]`.
    sums: Vec<f32>,
    differences: Vec<f32>,
}

impl Dct {
    /// For `[bands]` to `[coefficients]`, with a sinusoidal lifter: `1 + lifter/2 sin(pi (k+1) / lifter)`, 0 for none (librosa's).
    pub(super) fn new(bands: usize, coefficients: usize, lifter: usize) -> Self {
        let half = bands.div_ceil(2);
        let weight = |k: usize, n: usize| (lift(k, lifter) * basis(k, n, bands)) as f32;
        let matrix = |parity: usize| -> Vec<f32> {
            let of_parity: Vec<usize> = (parity..coefficients).step_by(2).collect();
            let mut matrix = Vec::new();
            for group in of_parity.chunks(LANES) {
                for n in 0..half {
                    for lane in 0..LANES {
                        matrix.push(group.get(lane).map_or(0.0, |&k| weight(k, n)));
                    }
                }
            }
            matrix
        };
        Self {
            bands,
            coefficients,
            lifter,
            even: matrix(0),
            odd: matrix(1),
            sums: vec![0.0; half * ROWS],
            differences: vec![0.0; half * ROWS],
        }
    }

    /// Transforms rows `[rows, bands]` into the first `coefficients` columns of `out`, whose rows are `stride` apart. Real-time safe: yes.
    pub(super) fn transform(&mut self, rows: &[f32], out: &mut [f32], stride: usize) {
        let inputs = rows.chunks(self.bands * ROWS);
        for (input, output) in inputs.zip(out.chunks_mut(stride * ROWS)) {
            let rows = input.len() / self.bands;
            for (row, bands) in input.chunks_exact(self.bands).enumerate() {
                self.fold(row, bands);
            }
            multiply(&self.even, &self.sums, |row, lane, value| {
                let k = 2 * lane;
                if row < rows && k < self.coefficients {
                    output[row * stride + k] = value;
                }
            });
            multiply(&self.odd, &self.differences, |row, lane, value| {
                let k = 2 * lane + 1;
                if row < rows && k < self.coefficients {
                    output[row * stride + k] = value;
                }
            });
        }
    }

    /// The bands `[bands]` whose transform is these coefficients `[coefficients]` and 0 in those left out. A coefficient that the lifter all but
    /// removes counts as 0.
    pub(super) fn inverse(&self, coefficients: &[f32]) -> Vec<f32> {
        let plain: Vec<f64> = coefficients
            .iter()
            .enumerate()
            .map(|(k, &value)| match lift(k, self.lifter) {
                lift if lift.abs() < SMALLEST_LIFT => 0.0,
                lift => f64::from(value) / lift,
            })
            .collect();
        (0..self.bands)
            .map(|n| {
                let terms = plain.iter().enumerate();
                terms
                    .map(|(k, value)| value * basis(k, n, self.bands))
                    .sum::<f64>() as f32
            })
            .collect()
    }

    /// Writes sums and differences of one row's mirrored bands; a middle band without a mirror stands in the sums alone.
    fn fold(&mut self, row: usize, bands: &[f32]) {
        let pairs = self.bands / 2;
        let mirrored = bands.iter().rev();
        for (n, (&a, &b)) in bands.iter().zip(mirrored).take(pairs).enumerate() {
            self.sums[n * ROWS + row] = a + b;
            self.differences[n * ROWS + row] = a - b;
        }
        if self.bands % 2 == 1 {
            self.sums[pairs * ROWS + row] = bands[pairs];
            self.differences[pairs * ROWS + row] = 0.0;
        }
    }
}

/// Orthonormal DCT-II: coefficient `k` of band `n`.
fn basis(k: usize, n: usize, bands: usize) -> f64 {
    let scale = if k == 0 { 1.0 } else { 2.0 } / bands as f64;
    let angle = std::f64::consts::PI * ((2 * n + 1) * k) as f64 / (2 * bands) as f64;
    scale.sqrt() * angle.cos()
}

fn lift(k: usize, lifter: usize) -> f64 {
    if lifter == 0 {
        return 1.0;
    }
    let lifter = lifter as f64;
    1.0 + lifter / 2.0 * (std::f64::consts::PI * (k + 1) as f64 / lifter).sin()
}

/// Product of one parity's cosines with the folded rows; hands each number to `store(row, index among the parity's, value)`.
#[inline(always)]
fn multiply(matrix: &[f32], folded: &[f32], mut store: impl FnMut(usize, usize, f32)) {
    let half = folded.len() / ROWS;
    for (group, cosines) in matrix.chunks_exact(half * LANES).enumerate() {
        let mut totals = [[0.0f32; LANES]; ROWS];
        for (cosine, row) in cosines.chunks_exact(LANES).zip(folded.chunks_exact(ROWS)) {
            for (total, &value) in totals.iter_mut().zip(row) {
                for (sum, &c) in total.iter_mut().zip(cosine) {
                    *sum += value * c;
                }
            }
        }
        for (row, total) in totals.iter().enumerate() {
            for (lane, &value) in total.iter().enumerate() {
                store(row, group * LANES + lane, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equals_the_plain_sum_for_even_and_odd_sizes() {
        for (bands, coefficients, rows) in [(128, 40, 7), (13, 13, 4), (40, 1, 1), (7, 6, 9)] {
            let input: Vec<f32> = (0..rows * bands)
                .map(|i| ((i * 37 % 101) as f32 - 50.0) / 7.0)
                .collect();
            let mut out = vec![0.0; rows * coefficients];
            Dct::new(bands, coefficients, 0).transform(&input, &mut out, coefficients);
            for row in 0..rows {
                for k in 0..coefficients {
                    let scale = (if k == 0 { 1.0 } else { 2.0 } / bands as f64).sqrt();
                    let exact: f64 = (0..bands)
                        .map(|n| {
                            let angle = std::f64::consts::PI * (2 * n + 1) as f64 * k as f64
                                / (2 * bands) as f64;
                            f64::from(input[row * bands + n]) * angle.cos()
                        })
                        .sum::<f64>()
                        * scale;
                    let got = f64::from(out[row * coefficients + k]);
                    assert!((got - exact).abs() < 1e-4, "{got} against {exact}");
                }
            }
        }
    }

    #[test]
    fn the_inverse_has_the_coefficients_it_was_made_of() {
        for lifter in [0, 22] {
            let mut dct = Dct::new(40, 13, lifter);
            let wanted: Vec<f32> = (0..13).map(|k| 20.0 - 3.0 * k as f32).collect();
            let bands = dct.inverse(&wanted);
            let mut out = vec![0.0; 13];
            dct.transform(&bands, &mut out, 13);
            for (got, wanted) in out.iter().zip(&wanted) {
                assert!((got - wanted).abs() < 1e-3, "{got} against {wanted}");
            }
        }
    }
}

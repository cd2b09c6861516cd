//! The one door to products of matrices: bounds-checked, of strided matrices in slices, by the `gemm` library or in [`tiles`].

use std::cell::Cell;

use gemm::Parallelism;
use serde::{Deserialize, Serialize};

use super::tiles;

/// How exact the products of a training are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// 32 bits.
    #[default]
    F32,
    /// Factors of bfloat16 (8 bits of precision), sums of 32 bits, where the processor has tiles for it and a product fills them; else 32 bits.
    Bf16,
}

thread_local! {
    static PRECISION: Cell<Precision> = const { Cell::new(Precision::F32) };
}

/// Runs `work` with products on this thread as exact as that.
pub(super) fn at<T>(precision: Precision, work: impl FnOnce() -> T) -> T {
    let before = PRECISION.replace(precision);
    let result = work();
    PRECISION.set(before);
    result
}

/// A matrix inside a slice: element `(row, column)` lies at `row · row_stride + column · column_stride`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Matrix<'a> {
    pub(super) data: &'a [f32],
    pub(super) row_stride: usize,
    pub(super) column_stride: usize,
}

impl<'a> Matrix<'a> {
    /// Rows one after the other.
    pub(super) fn rows(data: &'a [f32], columns: usize) -> Self {
        Self::strided(data, columns)
    }

    /// Rows that start `row_stride` apart; they may overlap.
    pub(super) fn strided(data: &'a [f32], row_stride: usize) -> Self {
        Self {
            data,
            row_stride,
            column_stride: 1,
        }
    }

    /// Rows and columns change places.
    pub(super) fn transposed(self) -> Self {
        Self {
            data: self.data,
            row_stride: self.column_stride,
            column_stride: self.row_stride,
        }
    }

    fn fits(&self, rows: usize, columns: usize) -> bool {
        rows == 0
            || columns == 0
            || (rows - 1) * self.row_stride + (columns - 1) * self.column_stride < self.data.len()
    }
}

/// What becomes of the output's old values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Output {
    /// They are replaced.
    Set,
    /// The product is added to them.
    Add,
}

/// `out[m, n] = a[m, k] · b[k, n]`, or added to it; `out` has rows of `out_stride` numbers.
///
/// # Panics
/// If a matrix does not lie within its slice: a mistake of this module's callers, never of a user.
#[allow(clippy::too_many_arguments)]
pub(super) fn matmul(
    out: &mut [f32],
    out_stride: usize,
    (m, n, k): (usize, usize, usize),
    a: Matrix<'_>,
    b: Matrix<'_>,
    output: Output,
) {
    if m == 0 || n == 0 {
        return;
    }
    assert!(
        a.fits(m, k) && b.fits(k, n) && (m - 1) * out_stride + n <= out.len() && n <= out_stride,
        "a product of [{m}, {k}] and [{k}, {n}] does not lie within its slices"
    );
    if PRECISION.get() == Precision::Bf16
        && tiles::product(out, out_stride, (m, n, k), a, b, output)
    {
        return;
    }
    #[allow(unsafe_code)]
    // SAFETY: every element that `gemm` reads or writes lies within the slices, as asserted above; strides are below
    // isize::MAX since the slices hold them; `out` is borrowed mutably, so nothing else is written to or read from it, and
    // its rows do not overlap (`n <= out_stride`). Rows of `a` and `b` that overlap are only read.
    unsafe {
        gemm::gemm(
            m,
            n,
            k,
            out.as_mut_ptr(),
            1,
            out_stride as isize,
            output == Output::Add,
            a.data.as_ptr(),
            a.column_stride as isize,
            a.row_stride as isize,
            b.data.as_ptr(),
            b.column_stride as isize,
            b.row_stride as isize,
            1.0,
            1.0,
            false,
            false,
            false,
            Parallelism::None,
        );
    }
}

/// Squared distances `[count, count]` of vectors `[count, length]` from each other.
pub(crate) fn squared_distances(vectors: &[f32], length: usize) -> Vec<f32> {
    let count = vectors.len().checked_div(length).unwrap_or(0);
    let all = Matrix::rows(vectors, length);
    let mut products = vec![0.0; count * count];
    matmul(
        &mut products,
        count,
        (count, count, length),
        all,
        all.transposed(),
        Output::Set,
    );
    let norms: Vec<f32> = (0..count).map(|at| products[at * count + at]).collect();
    for (row, norm) in products.chunks_exact_mut(count.max(1)).zip(&norms) {
        for (product, other) in row.iter_mut().zip(&norms) {
            *product = (norm + other - 2.0 * *product).max(0.0);
        }
    }
    products
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_those_of_the_plane() {
        let found = squared_distances(&[0.0, 0.0, 3.0, 4.0, -3.0, 4.0], 2);
        assert_eq!(found, [0.0, 25.0, 25.0, 25.0, 0.0, 36.0, 25.0, 36.0, 0.0]);
        assert!(squared_distances(&[], 0).is_empty());
    }
}

//! Differences over time: the slope and curvature of a polynomial fitted over nine frames (Savitzky–Golay), as librosa's
//! `feature.delta` with `mode="interp"`.
//!
//! At a window's first and last four frames the polynomial is the one fitted to the nine outermost frames; its derivative of the order fitted
//! is the same at all its points, so those frames repeat the value of the fifth from the edge.

/// Frames that a difference is fitted over.
pub(super) const WIDTH: usize = 9;

/// Writes differences of order 1 (or 1 and 2) of columns `0..base` beside them: order `o` into columns `o*base..(o+1)*base` of `[frames, stride]`.
///
/// A sound of fewer than nine frames is fitted over the greatest odd number of frames it has; fewer than three give zeros.
/// Real-time safe: yes.
pub(super) fn append(matrix: &mut [f32], stride: usize, base: usize, orders: u8) {
    let frames = matrix.len() / stride;
    let half = (WIDTH.min(frames).saturating_sub(1)) / 2;
    for order in 1..=usize::from(orders) {
        let weights = weights(half, order);
        for frame in 0..frames {
            let centre = frame.clamp(half, (frames - 1).max(half) - half);
            for column in 0..base {
                let mut sum = 0.0f32;
                if half > 0 {
                    for (at, weight) in (centre - half..=centre + half).zip(weights) {
                        sum += matrix[at * stride + column] * weight;
                    }
                }
                matrix[frame * stride + order * base + column] = sum;
            }
        }
    }
}

/// Least-squares weights over `2 * half + 1` frames: of the slope of a line (order 1) or the second derivative of a parabola (order 2).
fn weights(half: usize, order: usize) -> [f32; WIDTH] {
    let width = 2 * half + 1;
    let basis = |i: usize| -> f64 {
        let x = i as f64 - half as f64;
        if order == 1 {
            x
        } else {
            let mean = (half * (half + 1)) as f64 / 3.0;
            x * x - mean
        }
    };
    let norm: f64 = (0..width).map(|i| basis(i) * basis(i)).sum();
    let mut weights = [0.0; WIDTH];
    if norm > 0.0 {
        for (i, weight) in weights.iter_mut().enumerate().take(width) {
            *weight = (order as f64 * basis(i) / norm) as f32;
        }
    }
    weights
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parabola_has_its_own_derivatives() {
        for frames in [3, 5, 9, 20] {
            // x^2 + 3x in one column, then room for two orders.
            let mut matrix: Vec<f32> = (0..frames)
                .flat_map(|i| [(i * i + 3 * i) as f32, 0.0, 0.0])
                .collect();
            append(&mut matrix, 3, 1, 2);
            let half = (WIDTH.min(frames) - 1) / 2;
            for (i, row) in matrix.chunks_exact(3).enumerate() {
                let centre = i.clamp(half, frames - 1 - half);
                assert!((row[1] - (2 * centre + 3) as f32).abs() < 1e-3, "{row:?}");
                assert!((row[2] - 2.0).abs() < 1e-3, "{row:?}");
            }
        }
    }

    #[test]
    fn one_or_two_frames_have_no_differences() {
        for frames in [1, 2] {
            let mut matrix = [5.0, 9.0, 9.0].repeat(frames);
            append(&mut matrix, 3, 1, 2);
            assert!(matrix.chunks_exact(3).all(|row| row == [5.0, 0.0, 0.0]));
        }
    }
}

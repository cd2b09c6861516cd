//! Functions over arrays that a compiler can vectorise, and random masks that depend on a place, not on a thread.

/// `e^x`, to about 2e-7 relative, without a library call (Cephes' reduction and polynomial).
#[inline(always)]
pub(super) fn exp(x: f32) -> f32 {
    const LOG2_E: f32 = std::f32::consts::LOG2_E;
    const LN2_HIGH: f32 = 0.693_359_4;
    const LN2_LOW: f32 = -2.121_944_4e-4;
    // Adding and taking off 1.5 · 2^23 rounds to a whole number.
    const ROUND: f32 = 12_582_912.0;
    let x = x.clamp(-87.0, 88.0);
    let n = x * LOG2_E + ROUND - ROUND;
    let r = x - n * LN2_HIGH - n * LN2_LOW;
    let mut p = 1.987_569_1e-4;
    p = p * r + 1.398_199_9e-3;
    p = p * r + 8.333_452e-3;
    p = p * r + 4.166_579_6e-2;
    p = p * r + 1.666_666_5e-1;
    p = p * r + 0.5;
    let value = p * r * r + r + 1.0;
    value * f32::from_bits(((n as i32 + 127) as u32) << 23)
}

/// `1 / (1 + e^-x)`.
#[inline(always)]
pub(super) fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

/// Hyperbolic tangent.
#[inline(always)]
pub(super) fn tanh(x: f32) -> f32 {
    2.0 * sigmoid(2.0 * x) - 1.0
}

/// What a value is multiplied by under dropout of share `1 - keep`: 0, or `1 / keep`. Drawn from `seed` and the place alone.
#[inline(always)]
pub(super) fn dropout_factor(seed: u32, place: u32, threshold: u32, scale: f32) -> f32 {
    // Two rounds of multiply and shift ("lowbias32", C. Wellons).
    let mut x = place ^ seed;
    x ^= x >> 16;
    x = x.wrapping_mul(0x7feb_352d);
    x ^= x >> 15;
    x = x.wrapping_mul(0x846c_a68b);
    x ^= x >> 16;
    if x >= threshold { scale } else { 0.0 }
}

/// Dropout of one layer in one step.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dropout {
    pub seed: u32,
    pub threshold: u32,
    pub scale: f32,
}

impl Dropout {
    /// Drops `share` of the values; `None` drops nothing.
    pub(super) fn new(share: f32, seed: u64, layer: u64) -> Option<Self> {
        (share > 0.0).then(|| Self {
            seed: (seed
                .wrapping_add(layer.wrapping_mul(0x9e37_79b9_7f4a_7c15))
                .wrapping_mul(0xbf58_476d_1ce4_e5b9)
                >> 32) as u32,
            threshold: (f64::from(share) * 4_294_967_296.0) as u32,
            scale: 1.0 / (1.0 - share),
        })
    }

    /// The factor of a value at a place.
    #[inline(always)]
    pub(super) fn factor(self, place: u32) -> f32 {
        dropout_factor(self.seed, place, self.threshold, self.scale)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_agree_with_the_standard_library() {
        for step in -2000..=2000 {
            let x = step as f32 / 100.0;
            assert!((exp(x) / x.exp() - 1.0).abs() < 5e-7, "exp({x})");
            assert!((tanh(x) - x.tanh()).abs() < 3e-7, "tanh({x})");
        }
        assert!(sigmoid(-1e30) >= 0.0 && sigmoid(1e30) <= 1.0);
    }

    #[test]
    fn dropout_keeps_its_share_and_the_mean() {
        let dropout = Dropout::new(0.3, 12345, 2).unwrap();
        let count = 100_000;
        let sum: f32 = (0..count).map(|place| dropout.factor(place)).sum();
        assert!((sum / count as f32 - 1.0).abs() < 0.01);
    }
}

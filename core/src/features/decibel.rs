//! Power to decibels, fast enough to stand in the frame loop: `10 log10(p)` by polynomial, in a form that compilers vectorise.

/// Smallest power told apart before a configuration's own floor is applied; digital silence stands here.
const SMALLEST_POWER: f32 = f32::MIN_POSITIVE;

/// Level of digital silence, in dB, to the bit what [`to_db`] makes of zero power.
pub(super) fn silent_db() -> f32 {
    to_db(0.0)
}

/// Replaces powers by `10 log10(max(power, smallest normal float))`. Real-time safe: yes.
pub(super) fn powers_to_db(values: &mut [f32]) {
    for value in values {
        *value = to_db(*value);
    }
}

/// `10 log10(max(power, smallest normal float))`; NaN counts as silence.
///
/// Polynomial for ln(1 + x) on [sqrt(1/2) - 1, sqrt(2) - 1] from Cephes' `logf` (Moshier); within 4e-5 dB over all floats.
#[inline(always)]
fn to_db(power: f32) -> f32 {
    const DB_PER_OCTAVE: f32 = 3.010_3;
    const DB_PER_NEPER: f32 = 4.342_944_8;
    const SQRT_HALF_BITS: i32 = 0x3f35_04f3;
    let power = if power > SMALLEST_POWER {
        power
    } else {
        SMALLEST_POWER
    };
    let power = if power < f32::MAX { power } else { f32::MAX };
    let bits = power.to_bits() as i32;
    let exponent = (bits - SQRT_HALF_BITS) >> 23;
    let x = f32::from_bits((bits - (exponent << 23)) as u32) - 1.0;
    let mut y = 7.037_683_6e-2;
    y = y * x - 1.151_461e-1;
    y = y * x + 1.167_699_9e-1;
    y = y * x - 1.242_014_1e-1;
    y = y * x + 1.424_932_3e-1;
    y = y * x - 1.666_805_8e-1;
    y = y * x + 2.000_071_5e-1;
    y = y * x - 2.499_999_4e-1;
    y = y * x + 3.333_333e-1;
    let square = x * x;
    let ln = x + (y * x * square - 0.5 * square);
    ln * DB_PER_NEPER + exponent as f32 * DB_PER_OCTAVE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stays_within_4e_5_db_of_the_logarithm_over_all_floats() {
        let mut worst = 0.0f64;
        for bits in (f32::MIN_POSITIVE.to_bits()..f32::MAX.to_bits()).step_by(9_973) {
            let power = f32::from_bits(bits);
            let exact = 10.0 * f64::from(power).log10();
            worst = worst.max((f64::from(to_db(power)) - exact).abs());
        }
        assert!(worst < 4e-5, "worst error {worst} dB");
    }

    #[test]
    fn silence_overflow_and_nan_stay_finite() {
        for power in [0.0, -1.0, 1e-45, f32::NAN, f32::INFINITY] {
            assert!(to_db(power).is_finite(), "{power}");
        }
        assert_eq!(to_db(f32::NAN), silent_db());
    }
}

//! The lowest place of a function with one valley.

/// Where `height` is lowest between the two numbers of `range`, to within `tolerance`: golden-section search (Kiefer 1953), which needs no slope.
pub(crate) fn lowest(range: (f64, f64), tolerance: f64, mut height: impl FnMut(f64) -> f64) -> f64 {
    let golden = (5.0_f64.sqrt() - 1.0) / 2.0;
    let (mut low, mut high) = range;
    let mut left = high - golden * (high - low);
    let mut right = low + golden * (high - low);
    let (mut at_left, mut at_right) = (height(left), height(right));
    while high - low > tolerance {
        if at_left <= at_right {
            (high, right, at_right) = (right, left, at_left);
            left = high - golden * (high - low);
            at_left = height(left);
        } else {
            (low, left, at_left) = (left, right, at_right);
            right = low + golden * (high - low);
            at_right = height(right);
        }
    }
    f64::midpoint(low, high)
}

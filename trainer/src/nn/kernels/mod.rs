//! The element-wise inner loops, compiled three times (AVX-512, AVX2 with FMA, portable) and chosen at run time.
//!
//! Bodies are plain code over arrays of [`LANES`] numbers, which the compiler turns into vector instructions. `FMA` says whether a
//! product and a sum may be one instruction; without it they are two, so the portable version's last bits differ.

/// Numbers handled together.
const LANES: usize = 16;
type Lane = [f32; LANES];

macro_rules! dispatch {
    ($(#[$doc:meta])* $name:ident = $body:ident($($arg:ident: $ty:ty),* $(,)?)) => {
        $(#[$doc])*
        #[allow(clippy::too_many_arguments)] // a kernel's operands
        pub(in crate::nn) fn $name($($arg: $ty),*) {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")]
                #[allow(clippy::too_many_arguments)]
                fn v4($($arg: $ty),*) {
                    $body::<true>($($arg),*)
                }
                #[target_feature(enable = "avx2,fma")]
                #[allow(clippy::too_many_arguments)]
                fn v3($($arg: $ty),*) {
                    $body::<true>($($arg),*)
                }
                let fma = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
                if fma
                    && is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512bw")
                    && is_x86_feature_detected!("avx512dq")
                    && is_x86_feature_detected!("avx512vl")
                {
                    // SAFETY: the processor has every feature `v4` was compiled for, checked just above.
                    return unsafe { v4($($arg),*) };
                }
                if fma {
                    // SAFETY: the processor has AVX2 and FMA, checked just above.
                    return unsafe { v3($($arg),*) };
                }
            }
            // AArch64 has fused multiply-add in its base set.
            $body::<{ cfg!(target_arch = "aarch64") }>($($arg),*)
        }
    };
}

mod convolution;
mod halves;
mod recurrent;

pub(super) use convolution::{
    Drop, Rows, conv1_backward, conv1_forward, pool_backward, pool_forward,
};
pub(super) use halves::{TILE_COLUMNS, TILE_PRODUCTS, convert, pairs, turn};
pub(super) use recurrent::{lstm_backward, lstm_forward};

#[inline(always)]
fn mul_add<const FMA: bool>(a: f32, b: f32, c: f32) -> f32 {
    if FMA { a.mul_add(b, c) } else { a * b + c }
}

/// Up to [`LANES`] values from `at`, the rest zero.
#[inline(always)]
fn load(from: &[f32], at: usize, count: usize) -> Lane {
    let mut lane = [0.0; LANES];
    if count == LANES {
        lane.copy_from_slice(&from[at..at + LANES]);
    } else {
        lane[..count].copy_from_slice(&from[at..at + count]);
    }
    lane
}

#[inline(always)]
fn store(into: &mut [f32], at: usize, count: usize, lane: &Lane) {
    if count == LANES {
        into[at..at + LANES].copy_from_slice(lane);
    } else {
        into[at..at + count].copy_from_slice(&lane[..count]);
    }
}

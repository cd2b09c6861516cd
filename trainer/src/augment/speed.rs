//! Playing a clip faster or slower, by band-limited interpolation.

use std::cell::RefCell;
use std::sync::OnceLock;

/// Taps of the interpolation kernel.
const TAPS: usize = 16;
/// Positions between two samples at which the kernel is tabulated; the rest is the nearest of them (an error of
/// about −55 dB at a quarter of the sampling rate).
const PHASES: u64 = 256;
/// Parts of a sample in which positions are counted.
const FRACTION: u64 = 1 << 32;
/// Steps of the kernel's prototype between two zero crossings.
const STEPS: usize = 256;

thread_local! {
    /// The samples between two stretches of silence, so that no tap falls off an end.
    static PADDED: RefCell<Vec<f32>> = RefCell::default();
}

/// Writes `samples` played at `speed` to `out`: `samples.len() / speed` samples, pitch and tempo both multiplied by
/// `speed`. Above 1, what would lie above half the sampling rate is filtered out first.
///
/// `speed` is held to 0.1 to 10.
pub fn change_speed(samples: &[f32], speed: f32, out: &mut Vec<f32>) {
    out.clear();
    let speed = f64::from(speed.clamp(0.1, 10.0));
    if (speed - 1.0).abs() < 1e-6 || samples.is_empty() {
        out.extend_from_slice(samples);
        return;
    }
    let table = phase_table((1.0 / speed).min(1.0) as f32);
    let count = ((samples.len() as f64 / speed).round() as usize).max(1);
    PADDED.with_borrow_mut(|padded| {
        padded.clear();
        // Tap `TAPS / 2 - 1` lies on the sample before the position.
        padded.resize(TAPS / 2 - 1, 0.0);
        padded.extend_from_slice(samples);
        padded.resize(padded.len() + TAPS, 0.0);
        // Positions as integers of 2^-32 samples: rounding floats costs more than the interpolation itself.
        let step = (speed * FRACTION as f64) as u64;
        let positions = (0..count as u64).map(|index| index * step);
        out.extend(positions.map(|position| {
            let whole = (position / FRACTION) as usize;
            let phase = (position % FRACTION + FRACTION / PHASES / 2) / (FRACTION / PHASES);
            let window = padded.get(whole..).and_then(<[f32]>::first_chunk);
            match (window, table.get(phase as usize)) {
                (Some(window), Some(kernel)) => dot(window, kernel),
                _ => 0.0,
            }
        }));
    });
}

/// In four sums, which the compiler keeps in one register.
fn dot(window: &[f32; TAPS], kernel: &[f32; TAPS]) -> f32 {
    let mut sums = [0.0_f32; 4];
    for tap in (0..TAPS).step_by(4) {
        for lane in 0..4 {
            sums[lane] += window[tap + lane] * kernel[tap + lane];
        }
    }
    (sums[0] + sums[1]) + (sums[2] + sums[3])
}

/// The kernel at every phase from 0 to 1 inclusive, for a low-pass at `cutoff` of half the sampling rate.
fn phase_table(cutoff: f32) -> Vec<[f32; TAPS]> {
    let prototype = prototype();
    (0..=PHASES)
        .map(|phase| {
            let fraction = phase as f32 / PHASES as f32;
            let mut kernel = [0.0; TAPS];
            let mut sum = 0.0;
            for (tap, weight) in kernel.iter_mut().enumerate() {
                let distance = (tap as f32 - (TAPS as f32 / 2.0 - 1.0) - fraction).abs();
                *weight =
                    interpolate(prototype, distance * cutoff * STEPS as f32) * window(distance);
                sum += *weight;
            }
            // Unit gain at 0 Hz for every phase: no ripple on a steady level.
            for weight in &mut kernel {
                *weight /= sum;
            }
            kernel
        })
        .collect()
}

/// sin(πx)/(πx), `STEPS` values from one zero crossing to the next.
fn prototype() -> &'static [f32] {
    static TABLE: OnceLock<Vec<f32>> = OnceLock::new();
    TABLE.get_or_init(|| {
        (0..=(TAPS / 2 + 1) * STEPS)
            .map(|step| {
                let x = std::f64::consts::PI * step as f64 / STEPS as f64;
                if step == 0 { 1.0 } else { (x.sin() / x) as f32 }
            })
            .collect()
    })
}

/// Hann window over the taps: a parabola would ring, a Kaiser window costs more than it brings here.
fn window(distance: f32) -> f32 {
    let x = distance / (TAPS as f32 / 2.0);
    if x >= 1.0 {
        0.0
    } else {
        0.5 + 0.5 * (std::f32::consts::PI * x).cos()
    }
}

fn interpolate(table: &[f32], position: f32) -> f32 {
    let index = position as usize;
    let fraction = position - index as f32;
    match (table.get(index), table.get(index + 1)) {
        (Some(a), Some(b)) => a + (b - a) * fraction,
        _ => 0.0,
    }
}

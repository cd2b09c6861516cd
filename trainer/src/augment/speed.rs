//! Playing a clip faster or slower, by band-limited interpolation.

use std::sync::OnceLock;

/// Taps of the interpolation kernel.
const TAPS: usize = 16;
/// Positions between two samples at which the kernel is tabulated; the rest is the nearest of them (an error of
/// about −55 dB at a quarter of the sampling rate).
const PHASES: usize = 256;
/// Steps of the kernel's prototype between two zero crossings.
const STEPS: usize = 256;

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
    out.reserve(count);
    let mut edge = [0.0_f32; TAPS];
    for index in 0..count {
        let position = index as f64 * speed;
        let whole = position.floor();
        let phase = ((position - whole) * PHASES as f64).round() as usize;
        // Tap `TAPS / 2 - 1` lies on the sample before the position.
        let start = whole as i64 - (TAPS as i64 / 2 - 1);
        let window: &[f32; TAPS] = match usize::try_from(start)
            .ok()
            .and_then(|start| samples.get(start..)?.first_chunk())
        {
            Some(window) => window,
            None => {
                for (tap, sample) in edge.iter_mut().enumerate() {
                    *sample = usize::try_from(start + tap as i64)
                        .ok()
                        .and_then(|at| samples.get(at).copied())
                        .unwrap_or(0.0);
                }
                &edge
            }
        };
        let Some(kernel) = table.get(phase) else {
            continue;
        };
        let mut sums = [0.0_f32; 4];
        for (four, weights) in window.chunks_exact(4).zip(kernel.chunks_exact(4)) {
            for ((sum, sample), weight) in sums.iter_mut().zip(four).zip(weights) {
                *sum += sample * weight;
            }
        }
        out.push((sums[0] + sums[1]) + (sums[2] + sums[3]));
    }
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

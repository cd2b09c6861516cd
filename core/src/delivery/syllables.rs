//! Syllable nuclei: loud, pitched peaks with dips beside them.
//!
//! After De Jong & Wempe, "Praat script to detect syllable nuclei and measure speech rate automatically", Behavior Research Methods 41 (2009),
//! 385–390, with the settings of the script's second version: threshold 25 dB below the 99th percentile of the intensity, dips of 2 dB. One thing
//! differs: the script never counts the last peak; here it counts if the intensity falls by 2 dB after it.

use super::track::Frame;

/// How far below the 99th percentile of the intensity a nucleus may lie, in dB.
const RANGE_DB: f32 = 25.0;
/// How far the intensity falls between two nuclei, in dB.
const DIP_DB: f32 = 2.0;

/// Intensity is the power under a window as Praat's `To Intensity` has it for a lowest pitch of 50 Hz: 128 ms long, of which 64 ms count.
pub(super) const WINDOW: usize = 2048;

/// Praat's window: Kaiser with β = 2π² + 0.5, over its sum.
pub(super) fn intensity_window() -> Vec<f32> {
    let beta = 2.0 * std::f64::consts::PI.powi(2) + 0.5;
    let weights: Vec<f64> = (0..WINDOW)
        .map(|i| {
            let x = (i as f64 + 0.5) / WINDOW as f64 * 2.0 - 1.0;
            bessel_i0(beta * (1.0 - x * x).sqrt())
        })
        .collect();
    let sum: f64 = weights.iter().sum();
    weights.iter().map(|weight| (weight / sum) as f32).collect()
}

/// Modified Bessel function of the first kind and order 0, by its series.
fn bessel_i0(x: f64) -> f64 {
    let quarter = x * x / 4.0;
    let (mut term, mut sum) = (1.0, 1.0);
    for k in 1..200 {
        term *= quarter / f64::from(k * k);
        sum += term;
        if term < 1e-12 * sum {
            break;
        }
    }
    sum
}

/// Indices of the frames in which nuclei lie.
pub(super) fn nuclei(frames: &[Frame]) -> Vec<usize> {
    let mut levels: Vec<f32> = frames.iter().map(|frame| frame.intensity_db).collect();
    if levels.len() < 3 {
        return Vec::new();
    }
    let rank = ((levels.len() - 1) as f64 * 0.99).round() as usize;
    let (_, loud, _) = levels.select_nth_unstable_by(rank, f32::total_cmp);
    let threshold = *loud - RANGE_DB;

    let level = |index: usize| frames[index].intensity_db;
    let peaks: Vec<usize> = (1..frames.len() - 1)
        .filter(|&i| level(i) > threshold && level(i) > level(i - 1) && level(i) >= level(i + 1))
        .collect();
    let lowest = |from: usize, to: usize| {
        frames[from..to]
            .iter()
            .map(|frame| frame.intensity_db)
            .fold(f32::INFINITY, f32::min)
    };
    peaks
        .iter()
        .enumerate()
        .filter(|&(order, &peak)| {
            let next = peaks.get(order + 1).copied().unwrap_or(frames.len());
            level(peak) - lowest(peak, next) > DIP_DB
        })
        .map(|(_, &peak)| peak)
        .filter(|&peak| frames[peak].voiced && frames[peak].pitch_hz > 0.0)
        .collect()
}

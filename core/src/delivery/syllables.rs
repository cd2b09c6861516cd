//! Syllable nuclei: loud, pitched peaks with dips beside them.
//!
//! After De Jong & Wempe, "Praat script to detect syllable nuclei and measure speech rate automatically", Behavior Research Methods 41 (2009),
//! 385–390, with the settings of the script's second version: threshold 25 dB below the 99th percentile of the intensity, dips of 2 dB. One thing
//! differs: the script never counts the last peak; here it counts if the intensity falls by 2 dB after it.

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

/// Indices of the frames in which nuclei lie: `levels_db` is the intensity of all frames, `eligible` says where a voice has a pitch.
pub(super) fn nuclei(levels_db: &[f32], eligible: impl Fn(usize) -> bool) -> Vec<usize> {
    if levels_db.len() < 3 {
        return Vec::new();
    }
    let mut sorted = levels_db.to_vec();
    let rank = ((sorted.len() - 1) as f64 * 0.99).round() as usize;
    let (_, loud, _) = sorted.select_nth_unstable_by(rank, f32::total_cmp);
    let threshold = *loud - RANGE_DB;
    drop(sorted);

    let mut nuclei = Vec::new();
    // The peak whose dip is still looked for, its level, and the lowest level since.
    let mut open: Option<(usize, f32, f32)> = None;
    let mut close = |open: Option<(usize, f32, f32)>| {
        if let Some((peak, level, lowest)) = open
            && level - lowest > DIP_DB
            && eligible(peak)
        {
            nuclei.push(peak);
        }
    };
    for (index, &level) in levels_db.iter().enumerate() {
        let before = index
            .checked_sub(1)
            .and_then(|before| levels_db.get(before));
        let peak = match (before, levels_db.get(index + 1)) {
            (Some(&before), Some(&after)) => level > threshold && level > before && level >= after,
            _ => false,
        };
        if peak {
            close(open.replace((index, level, level)));
        } else if let Some((_, _, lowest)) = &mut open {
            *lowest = lowest.min(level);
        }
    }
    close(open);
    nuclei
}

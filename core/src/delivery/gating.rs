//! From the energies of 100 ms blocks to the measures of EBU R 128: windows, gates, range.
//!
//! Momentary loudness is that of four blocks, short-term loudness that of thirty, both told every 100 ms (EBU Tech 3341). Integrated loudness is
//! the mean over the momentary ones that pass an absolute gate at −70 LUFS and then a relative one, 10 LU below the mean of those (ITU-R BS.1770).
//! The range is that from the 10th to the 95th percentile of the short-term ones above −70 LUFS and above 20 LU below their mean (EBU Tech 3342).

/// Length of a block, in seconds.
pub(super) const BLOCK_SECONDS: f64 = 0.1;
/// Blocks of momentary loudness.
pub(super) const MOMENTARY_BLOCKS: usize = 4;
/// Blocks of short-term loudness.
pub(super) const SHORT_TERM_BLOCKS: usize = 30;
/// What the loudness of a stereo tone at 997 Hz is corrected by (BS.1770), in LU.
const OFFSET_LU: f64 = -0.691;
/// Absolute gate, in LUFS.
const ABSOLUTE_GATE_LUFS: f64 = -70.0;
/// The relative gate below the mean, in LU.
const RELATIVE_GATE_LU: f64 = -10.0;
/// The same for the range.
const RANGE_GATE_LU: f64 = -20.0;
/// Short-term values that a range needs: those of 4 s.
const VALUES_FOR_RANGE: usize = 11;

/// Energy to loudness in LUFS.
fn lufs(energy: f64) -> f64 {
    10.0 * energy.log10() + OFFSET_LU
}

/// Loudness in LUFS to energy.
pub(super) fn energy(lufs: f64) -> f64 {
    10f64.powf((lufs - OFFSET_LU) / 10.0)
}

/// The mean energy of each `length` blocks that follow each other.
fn means(blocks: &[f32], length: usize) -> impl Iterator<Item = f64> + Clone + '_ {
    blocks
        .windows(length)
        .map(move |it| it.iter().map(|&block| f64::from(block)).sum::<f64>() / length as f64)
}

/// The mean of the energies that are at least `least`; `None` if there are none.
fn gated(energies: impl Iterator<Item = f64>, least: f64) -> Option<f64> {
    let (mut sum, mut count) = (0.0, 0_u64);
    for energy in energies.filter(|&energy| energy >= least) {
        sum += energy;
        count += 1;
    }
    (count > 0).then(|| sum / count as f64)
}

/// Loudness of the blocks without a gate; `None` if there are none, or all are silent.
pub(super) fn mean_lufs(blocks: &[f32]) -> Option<f64> {
    let sum: f64 = blocks.iter().map(|&block| f64::from(block)).sum();
    (sum > 0.0).then(|| lufs(sum / blocks.len() as f64))
}

/// Integrated loudness.
pub(super) fn integrated_lufs(blocks: &[f32]) -> Option<f64> {
    let momentary = means(blocks, MOMENTARY_BLOCKS);
    let absolute = energy(ABSOLUTE_GATE_LUFS);
    let mean = gated(momentary.clone(), absolute)?;
    let relative = mean * 10f64.powf(RELATIVE_GATE_LU / 10.0);
    gated(momentary, relative.max(absolute)).map(lufs)
}

/// Loudness range.
pub(super) fn range_lu(blocks: &[f32]) -> Option<f64> {
    let absolute = energy(ABSOLUTE_GATE_LUFS);
    let short_term = means(blocks, SHORT_TERM_BLOCKS);
    let mean = gated(short_term.clone(), absolute)?;
    let least = absolute.max(mean * 10f64.powf(RANGE_GATE_LU / 10.0));
    let mut values: Vec<f64> = short_term.filter(|&energy| energy >= least).collect();
    if values.len() < VALUES_FOR_RANGE {
        return None;
    }
    values.sort_unstable_by(f64::total_cmp);
    let percentile = |share: f64| {
        let rank = ((values.len() - 1) as f64 * share).round() as usize;
        values.get(rank).copied().map(lufs)
    };
    Some(percentile(0.95)? - percentile(0.1)?)
}

/// The greatest loudness of so many blocks that follow each other; `None` if there are fewer, or all are silent.
pub(super) fn greatest_lufs(blocks: &[f32], length: usize) -> Option<f64> {
    let greatest = means(blocks, length).fold(0.0, f64::max);
    (greatest > 0.0).then(|| lufs(greatest))
}

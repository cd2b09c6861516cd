//! How a window is cut into patches: cells in time, regions of the spectrum.

use crate::features::{FeatureConfig, WindowFrames};
use crate::timeline::Region;

/// Length of a cell that is aimed at, in seconds: about a syllable and a half.
const CELL_SECONDS: f64 = 0.3;
/// Cells at most; each one more costs ten runs of the network for each pair of orders.
const MOST_CELLS: usize = 10;

/// Regions as `(name, lower edge in Hz)`; each reaches to the next.
const REGIONS: [(&str, f64); 5] = [
    ("ground tone and lower harmonics", 0.0),
    ("body", 400.0),
    ("vowel colour", 1000.0),
    ("presence", 2400.0),
    ("air and sibilance", 5000.0),
];

/// The regions that a configuration's bands lie in.
#[derive(Debug, Clone)]
pub(super) struct Bands {
    pub(super) regions: Vec<Region>,
    /// Region of each band, `[bands]`.
    pub(super) region_of: Vec<usize>,
}

impl Bands {
    pub(super) fn new(config: &FeatureConfig) -> Self {
        let mut bands = Self {
            regions: Vec::new(),
            region_of: Vec::new(),
        };
        let mut last = None;
        for centre_hz in config.mel.centres_hz() {
            let index = REGIONS.partition_point(|&(_, low_hz)| low_hz <= centre_hz) - 1;
            if last != Some(index) {
                let upper = REGIONS.get(index + 1);
                bands.regions.push(Region {
                    name: REGIONS[index].0,
                    low_hz: REGIONS[index].1.max(config.mel.low_hz.into()),
                    high_hz: upper
                        .map_or(f64::INFINITY, |&(_, low_hz)| low_hz)
                        .min(config.mel.high_hz.into()),
                });
                last = Some(index);
            }
            bands.region_of.push(bands.regions.len() - 1);
        }
        bands
    }
}

/// A window's levels and where its patches lie.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Patches {
    /// `[frames, bands]`, in dB.
    pub(super) levels_db: Vec<f32>,
    /// First frame of the sound; before it and after the last cell there is silence that was laid around.
    first: usize,
    /// First frame of each cell from `first` on, and the frame after the last, `[cells + 1]`.
    borders: Vec<usize>,
    bands: usize,
}

impl Patches {
    /// `levels_db` are those of `window`, `[frames, bands]`.
    pub(super) fn new(
        levels_db: Vec<f32>,
        window: &WindowFrames<'_>,
        config: &FeatureConfig,
    ) -> Self {
        let sounding = window.frames.len();
        let seconds =
            sounding as f64 * config.hop_samples as f64 / f64::from(config.sample_rate_hz);
        let cells = ((seconds / CELL_SECONDS).round() as usize)
            .clamp(1, MOST_CELLS)
            .min(sounding.max(1));
        Self {
            levels_db,
            first: window.silent_before,
            borders: (0..=cells).map(|cell| cell * sounding / cells).collect(),
            bands: config.mel.bands,
        }
    }

    pub(super) fn cells(&self) -> usize {
        self.borders.len() - 1
    }

    /// Borders of the cells in seconds, for a window whose sound starts at `start_seconds`.
    pub(super) fn borders_seconds(
        &self,
        start_seconds: f64,
        end_seconds: f64,
        config: &FeatureConfig,
    ) -> Vec<f64> {
        let hop_seconds = config.hop_samples as f64 / f64::from(config.sample_rate_hz);
        let mut borders: Vec<f64> = self
            .borders
            .iter()
            .map(|&frame| (start_seconds + frame as f64 * hop_seconds).min(end_seconds))
            .collect();
        if let Some(last) = borders.last_mut() {
            *last = end_seconds;
        }
        borders
    }

    /// The window with only the patches that are `present`, `[cells, regions]`; the others are `baseline_db`, `[bands]`.
    pub(super) fn mix(
        &self,
        present: &[bool],
        bands: &Bands,
        baseline_db: &[f32],
        mixed_db: &mut Vec<f32>,
    ) {
        mixed_db.clear();
        mixed_db.extend_from_slice(&self.levels_db);
        let regions = bands.regions.len();
        for (cell, border) in self.borders.windows(2).enumerate() {
            let present = &present[cell * regions..(cell + 1) * regions];
            if present.iter().all(|&present| present) {
                continue;
            }
            let (from, to) = (self.first + border[0], self.first + border[1]);
            for row in mixed_db[from * self.bands..to * self.bands].chunks_exact_mut(self.bands) {
                for ((level, baseline), &region) in
                    row.iter_mut().zip(baseline_db).zip(&bands.region_of)
                {
                    if !present[region] {
                        *level = *baseline;
                    }
                }
            }
        }
    }

    /// Mean level of each band over the sound, `[bands]`.
    pub(super) fn mean_db(&self) -> Vec<f32> {
        let (from, to) = (
            self.first,
            self.first + self.borders.last().copied().unwrap_or(0),
        );
        let mut sums = vec![0.0_f64; self.bands];
        for row in self.levels_db[from * self.bands..to * self.bands].chunks_exact(self.bands) {
            for (sum, &level) in sums.iter_mut().zip(row) {
                *sum += f64::from(level);
            }
        }
        let count = (to - from).max(1) as f64;
        sums.iter().map(|sum| (sum / count) as f32).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::{FrameSlice, MelConfig};

    fn config(low_hz: f32, high_hz: f32, bands: usize) -> FeatureConfig {
        let paper = FeatureConfig::paper();
        FeatureConfig {
            mel: MelConfig {
                bands,
                low_hz,
                high_hz,
                ..paper.mel.clone()
            },
            ..paper
        }
    }

    #[test]
    fn every_band_has_a_region_and_the_regions_ascend_without_gaps() {
        for (low, high, bands, regions) in [
            (0.0, 11_025.0, 128, 5),
            (50.0, 7600.0, 40, 5),
            (300.0, 3400.0, 20, 4),
            (6000.0, 8000.0, 4, 1),
        ] {
            let bands = Bands::new(&config(low, high, bands));
            assert_eq!(bands.regions.len(), regions);
            assert!(
                bands
                    .region_of
                    .windows(2)
                    .all(|pair| pair[1] == pair[0] || pair[1] == pair[0] + 1)
            );
            assert!(
                bands
                    .regions
                    .windows(2)
                    .all(|pair| pair[0].high_hz == pair[1].low_hz)
            );
            assert_eq!(bands.regions.last().unwrap().high_hz, f64::from(high));
        }
    }

    #[test]
    fn silence_laid_around_a_short_sound_is_no_patch() {
        let config = config(50.0, 7600.0, 40);
        let (energy, levels) = (vec![1.0; 20], vec![-30.0; 20 * 40]);
        let window = WindowFrames {
            silent_before: 55,
            frames: FrameSlice {
                log_mel_db: &levels,
                energy: &energy,
                peak: &energy,
            },
            silent_after: 55,
        };
        let mut whole = vec![-100.0; 130 * 40];
        whole[55 * 40..75 * 40].fill(-30.0);
        let patches = Patches::new(whole.clone(), &window, &config);
        let bands = Bands::new(&config);
        assert_eq!(patches.cells(), 2);
        let mut mixed = Vec::new();
        let mut present = vec![false; 2 * 5];
        patches.mix(&present, &bands, &[7.0; 40], &mut mixed);
        assert!(
            mixed[..55 * 40]
                .iter()
                .chain(&mixed[75 * 40..])
                .all(|&db| db == -100.0)
        );
        assert!(mixed[55 * 40..75 * 40].iter().all(|&db| db == 7.0));
        present[5..].fill(true);
        patches.mix(&present, &bands, &[7.0; 40], &mut mixed);
        assert!(mixed[55 * 40..65 * 40].iter().all(|&db| db == 7.0));
        assert_eq!(mixed[65 * 40..], whole[65 * 40..]);
        assert_eq!(patches.mean_db(), vec![-30.0; 40]);
    }
}

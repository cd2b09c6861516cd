//! What the report's script needs to show why: a few hundred bytes per explained window.

use serde::Serialize;

use super::data::{milliseconds, thousandths};
use crate::timeline::{Explanation, TakeExplanation};

/// A take's explained windows.
#[derive(Serialize)]
pub(super) struct WhyData {
    /// What the sound is compared with, in words.
    against: &'static str,
    /// What stands for an absent patch, in words.
    baseline: &'static str,
    /// Name, lower and upper edge in Hz, lowest first.
    regions: Vec<(&'static str, u32, u32)>,
    windows: Vec<WindowData>,
}

#[derive(Serialize)]
struct WindowData {
    emotion: usize,
    /// In thousandths.
    score: u16,
    /// The score of the baseline alone, in thousandths.
    without: u16,
    /// Borders of the cells, in milliseconds.
    borders: Vec<u64>,
    /// Effects in thousandths, `[cells, regions]`.
    patches: Vec<i32>,
    /// Greatest standard error, in thousandths.
    error: u16,
    /// Where the sound departs from the usual.
    words: Vec<String>,
    /// What is as usual.
    usual: Vec<&'static str>,
}

impl WhyData {
    /// Packs an explanation; `None` if no window is explained.
    pub(super) fn pack(explanation: &TakeExplanation) -> Option<Self> {
        let first = explanation.explanations.first()?;
        let hertz = |hz: f64| hz.round() as u32;
        Some(Self {
            against: explanation.against.words(),
            baseline: first.baseline.words(),
            regions: first
                .regions
                .iter()
                .map(|region| (region.name, hertz(region.low_hz), hertz(region.high_hz)))
                .collect(),
            windows: explanation
                .explanations
                .iter()
                .map(|it| WindowData::pack(it, explanation))
                .collect(),
        })
    }
}

impl WindowData {
    fn pack(it: &Explanation, explanation: &TakeExplanation) -> Self {
        let (words, usual) = explanation.words(it.window);
        Self {
            emotion: it.emotion,
            score: thousandths(it.score),
            without: thousandths(it.baseline_score),
            borders: it
                .borders_seconds
                .iter()
                .map(|&at| milliseconds(at))
                .collect(),
            patches: it
                .patches
                .iter()
                .map(|patch| (patch.value * 1e3).round() as i32)
                .collect(),
            error: thousandths(it.largest_error()),
            words,
            usual,
        }
    }
}

//! Why a window got its score, and how it is delivered: what [`explain`](crate::explain) gives.

use crate::delivery::{Delivery, Difference};

/// A part of the spectrum under a producer's name.
#[derive(Debug, Clone, PartialEq)]
pub struct Region {
    /// Its name, such as `presence`.
    pub name: &'static str,
    /// Lower edge, in Hz.
    pub low_hz: f64,
    /// Upper edge, in Hz.
    pub high_hz: f64,
}

/// What a part of a window did to the score.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Effect {
    /// By how much it raised the score (lowered it, below 0), on the scale of the score: 0.1 is ten points of a hundred.
    pub value: f64,
    /// Standard error of that from sampling.
    pub error: f64,
}

/// What stands in a patch's place while the model is asked what it would say without it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Baseline {
    /// The mean spectrum of the voices that the model learned from, all along.
    MeanVoice,
    /// The mean spectrum of the speaker whose profile is in use, all along.
    Speaker,
    /// The window's own mean spectrum, all along: for models that carry no mean.
    WindowMean,
}

impl Baseline {
    /// In words, as in "… alone would get 4 %".
    pub fn words(self) -> &'static str {
        match self {
            Self::MeanVoice => "the mean spectrum of the training’s voices",
            Self::Speaker => "this speaker’s mean spectrum",
            Self::WindowMean => "its own mean spectrum",
        }
    }
}

/// What in time and frequency moved the score of one window.
///
/// The effects of all patches sum up to `score - baseline_score`, and so do those of `cells` and those of `regions`.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// Which of the take's windows, from 0.
    pub window: usize,
    /// Output of the emotion whose score is explained.
    pub emotion: usize,
    /// Its score.
    pub score: f64,
    /// What stands for an absent patch.
    pub baseline: Baseline,
    /// The score of a window that is the baseline all over.
    pub baseline_score: f64,
    /// Borders of the cells in time, in seconds from the start of the take, `[cells + 1]`.
    pub borders_seconds: Vec<f64>,
    /// The parts of the spectrum, lowest first.
    pub regions: Vec<Region>,
    /// Effect of each patch, `[cells, regions]`.
    pub patches: Vec<Effect>,
    /// Effect of each cell in time over all regions, `[cells]`.
    pub by_cell: Vec<Effect>,
    /// Effect of each region over all cells, `[regions]`.
    pub by_region: Vec<Effect>,
    /// How often the network was run for it.
    pub runs: usize,
}

impl Explanation {
    /// What the patches sum up to.
    pub fn difference(&self) -> f64 {
        self.score - self.baseline_score
    }

    /// Cells in time.
    pub fn cells(&self) -> usize {
        self.by_cell.len()
    }

    /// Greatest standard error of a patch.
    pub fn largest_error(&self) -> f64 {
        self.patches.iter().map(|it| it.error).fold(0.0, f64::max)
    }

    /// Patches as `(cell, region, effect)`, those that moved the score most first.
    pub fn strongest(&self) -> Vec<(usize, usize, Effect)> {
        let regions = self.regions.len().max(1);
        let mut patches: Vec<_> = self
            .patches
            .iter()
            .enumerate()
            .map(|(index, &effect)| (index / regions, index % regions, effect))
            .collect();
        patches.sort_by(|a, b| b.2.value.abs().total_cmp(&a.2.value.abs()));
        patches
    }
}

/// What a window's delivery is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Against {
    /// The take's other windows, those that do not overlap with it.
    RestOfTake,
    /// What a speaker's profile says is usual.
    Profile,
}

impl Against {
    /// In words, as in "the sound, against …".
    pub fn words(self) -> &'static str {
        match self {
            Self::RestOfTake => "the rest of the take",
            Self::Profile => "this voice’s profile",
        }
    }
}

/// How a window is delivered, and where that departs from this voice's usual.
#[derive(Debug, Clone, PartialEq)]
pub struct WindowDelivery {
    /// The measures.
    pub delivery: Delivery,
    /// Differences from the usual, in the order of [`Measure::ALL`](crate::delivery::Measure::ALL); empty where there is nothing to compare with.
    pub differences: Vec<Difference>,
}

/// A take, explained.
#[derive(Debug, Clone, PartialEq)]
pub struct TakeExplanation {
    /// The explained windows, in time order.
    pub explanations: Vec<Explanation>,
    /// Delivery of every window of the take.
    pub windows: Vec<WindowDelivery>,
    /// What it is compared with.
    pub against: Against,
}

impl TakeExplanation {
    /// Adds an explanation in its place in time; one of the same window gives way.
    pub fn put(&mut self, explanation: Explanation) {
        let window = explanation.window;
        match self
            .explanations
            .binary_search_by_key(&window, |it| it.window)
        {
            Ok(place) => self.explanations[place] = explanation,
            Err(place) => self.explanations.insert(place, explanation),
        }
    }

    /// A window's differences that have a word, such as `louder (+3.1 dB)`, and the names of the measures that are as usual.
    pub fn words(&self, window: usize) -> (Vec<String>, Vec<&'static str>) {
        let (mut words, mut usual) = (Vec::new(), Vec::new());
        let differences = self.windows.get(window).map(|it| it.differences.as_slice());
        for difference in differences.unwrap_or_default() {
            match difference.word() {
                Some(word) => words.push(format!("{word} ({})", difference.amount())),
                None => usual.push(difference.measure.name()),
            }
        }
        (words, usual)
    }
}

//! Accuracy, precision, recall, F1, UAR and the confusion matrix of a set of answers.
//!
//! The definitions are scikit-learn's (`precision_recall_fscore_support`, `confusion_matrix`), checked against it in
//! `tests/evaluate_golden.rs`. UAR is the mean recall, also called balanced accuracy.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::bootstrap::{self, Intervals};
use super::predictions::Row;

/// How often which emotion was answered to which: `counts[truth][answer]`, `[labels, labels]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Confusion {
    counts: Vec<Vec<usize>>,
}

impl Confusion {
    /// An empty matrix for this many labels.
    pub fn new(labels: usize) -> Self {
        Self {
            counts: vec![vec![0; labels]; labels],
        }
    }

    /// Counts the answers of these rows; a row that does not fit the labels is not counted (see
    /// [`Predictions::check`](super::Predictions::check)).
    pub fn of<'a>(labels: usize, rows: impl IntoIterator<Item = &'a Row>) -> Self {
        let mut confusion = Self::new(labels);
        for row in rows {
            confusion.count(row.truth, row.answer());
        }
        confusion
    }

    pub(crate) fn count(&mut self, truth: usize, answer: usize) {
        if let Some(cell) = self
            .counts
            .get_mut(truth)
            .and_then(|line| line.get_mut(answer))
        {
            *cell += 1;
        }
    }

    /// Adds another matrix of the same labels.
    pub(crate) fn add(&mut self, other: &Self) {
        for (line, more) in self.counts.iter_mut().zip(&other.counts) {
            for (cell, count) in line.iter_mut().zip(more) {
                *cell += count;
            }
        }
    }

    /// The counts, one line a true emotion: `[truth][answer]`.
    pub fn lines(&self) -> &[Vec<usize>] {
        &self.counts
    }

    /// Clips counted.
    pub fn clips(&self) -> usize {
        self.counts.iter().flatten().sum()
    }

    /// Clips of each true emotion, `[labels]`.
    pub fn support(&self) -> Vec<usize> {
        self.counts.iter().map(|line| line.iter().sum()).collect()
    }

    /// Answers of each emotion, `[labels]`.
    pub fn answered(&self) -> Vec<usize> {
        (0..self.counts.len())
            .map(|answer| self.counts.iter().filter_map(|line| line.get(answer)).sum())
            .collect()
    }

    /// Right answers of each emotion, `[labels]`.
    pub fn right(&self) -> Vec<usize> {
        self.counts
            .iter()
            .enumerate()
            .filter_map(|(index, line)| line.get(index).copied())
            .collect()
    }

    /// Share of clips named right; 0 without clips.
    pub fn accuracy(&self) -> f64 {
        ratio(self.right().iter().sum(), self.clips()).unwrap_or(0.0)
    }

    /// Unweighted average recall over the emotions that have clips; 0 without clips.
    pub fn uar(&self) -> f64 {
        mean(self.classes().map(|class| class.recall()))
    }

    /// F1 averaged over the emotions that have clips; 0 without clips.
    pub fn macro_f1(&self) -> f64 {
        mean(self.classes().map(|class| class.f1()))
    }

    /// The emotions that have clips.
    fn classes(&self) -> impl Iterator<Item = ClassCounts> {
        self.all_classes().filter(|class| class.support > 0)
    }

    fn all_classes(&self) -> impl Iterator<Item = ClassCounts> {
        self.support()
            .into_iter()
            .zip(self.answered())
            .zip(self.right())
            .map(|((support, answered), right)| ClassCounts {
                support,
                answered,
                right,
            })
    }
}

/// What the figures of one class are made of.
#[derive(Debug, Clone, Copy)]
struct ClassCounts {
    support: usize,
    answered: usize,
    right: usize,
}

impl ClassCounts {
    fn recall(self) -> f64 {
        ratio(self.right, self.support).unwrap_or(0.0)
    }

    fn precision(self) -> f64 {
        ratio(self.right, self.answered).unwrap_or(0.0)
    }

    fn f1(self) -> f64 {
        ratio(2 * self.right, self.support + self.answered).unwrap_or(0.0)
    }
}

/// Figures of one emotion.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassMetrics {
    /// The emotion.
    pub emotion: String,
    /// Clips that truly have it.
    pub clips: usize,
    /// Clips to which it was answered.
    pub answered: usize,
    /// Share of its answers that are right; `None` if it was never answered.
    pub precision: Option<f64>,
    /// Share of its clips named right; `None` without clips.
    pub recall: Option<f64>,
    /// Harmonic mean of precision and recall; `None` without clips.
    pub f1: Option<f64>,
}

/// Figures of a set of clips. Shares are 0–1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metrics {
    /// Clips evaluated.
    pub clips: usize,
    /// Different speakers among them.
    pub speakers: usize,
    /// Share of clips named right.
    pub accuracy: f64,
    /// Unweighted average recall: the mean over the emotions that have clips.
    pub uar: f64,
    /// Precision, averaged over the emotions that have clips.
    pub macro_precision: f64,
    /// F1, averaged over the emotions that have clips.
    pub macro_f1: f64,
    /// Precision, averaged with the number of clips as weight.
    pub weighted_precision: f64,
    /// F1, averaged with the number of clips as weight. (Recall so averaged is the accuracy.)
    pub weighted_f1: f64,
    /// 95 % intervals by bootstrap over speakers; `None` with fewer than two speakers.
    pub intervals: Option<Intervals>,
    /// One entry a label, in the order of the outputs.
    pub per_class: Vec<ClassMetrics>,
    /// Who was taken for whom, `[truth][answer]`, in the order of the outputs.
    pub confusion: Confusion,
}

impl Metrics {
    /// Measures the answers of these rows, which fit `labels` (see [`Predictions::check`](super::Predictions::check)).
    pub fn of(labels: &[String], rows: &[&Row]) -> Self {
        let confusion = Confusion::of(labels.len(), rows.iter().copied());
        let speakers: BTreeSet<&str> = rows.iter().map(|row| row.speaker.as_str()).collect();
        let weighted = |figure: fn(ClassCounts) -> f64| {
            let sum: f64 = confusion
                .classes()
                .map(|class| figure(class) * class.support as f64)
                .sum();
            if rows.is_empty() {
                0.0
            } else {
                sum / rows.len() as f64
            }
        };
        let per_class = labels
            .iter()
            .zip(confusion.all_classes())
            .map(|(emotion, class)| ClassMetrics {
                emotion: emotion.clone(),
                clips: class.support,
                answered: class.answered,
                precision: ratio(class.right, class.answered),
                recall: ratio(class.right, class.support),
                f1: (class.support > 0).then(|| class.f1()),
            })
            .collect();
        Self {
            clips: rows.len(),
            speakers: speakers.len(),
            accuracy: confusion.accuracy(),
            uar: confusion.uar(),
            macro_precision: mean(confusion.classes().map(ClassCounts::precision)),
            macro_f1: confusion.macro_f1(),
            weighted_precision: weighted(ClassCounts::precision),
            weighted_f1: weighted(ClassCounts::f1),
            intervals: bootstrap::intervals(labels.len(), rows),
            per_class,
            confusion,
        }
    }
}

fn ratio(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0_usize), |(sum, count), value| {
        (sum + value, count + 1)
    });
    if count == 0 { 0.0 } else { sum / count as f64 }
}

//! A classic method on one split: settings chosen on training clips, then fitted, then tested.

use std::sync::Arc;

use super::knn;
use super::plan::Classifier;
use super::svm;
use crate::evaluate::Confusion;
use crate::nn::squared_distances;

/// Why a classic method gave nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClassicError {
    /// The library refused.
    #[error("the library refused the clips: {0}")]
    Library(String),
    /// A class without training clips.
    #[error(
        "no training clip is {label}: the method could never learn it; check that the corpus is whole"
    )]
    MissingClass {
        /// The class.
        label: String,
    },
    /// There is nothing to choose settings on.
    #[error(
        "no training clip is left to choose settings on: at least three folds of speakers are needed"
    )]
    NothingToChooseOn,
}

/// Squared distances of all clips from each other, `[clips, clips]`.
#[derive(Debug, Clone)]
pub(super) struct Distances {
    squared: Arc<Vec<f32>>,
    clips: usize,
}

impl Distances {
    pub(super) fn squared(&self, a: usize, b: usize) -> f32 {
        self.squared.get(a * self.clips + b).copied().unwrap_or(0.0)
    }
}

/// What a classic method needs to know of a run.
#[derive(Debug)]
pub struct ClassicRun<'a> {
    /// The method.
    pub classifier: Classifier,
    /// A vector for each clip, all of one length, `[clips, numbers]`.
    pub vectors: &'a [f32],
    /// Class of each clip; `None` where its emotion is not among the labels.
    pub classes: &'a [Option<usize>],
    /// The labels.
    pub labels: &'a [String],
    /// Clips to learn from in the end.
    pub train: &'a [usize],
    /// Training clips that settings are chosen on; nobody in the test part is among them.
    pub choose_on: &'a [usize],
    /// Clips to test on.
    pub test: &'a [usize],
    /// Threads (0: as many as there are cores).
    pub jobs: usize,
}

/// What came of it.
#[derive(Debug)]
pub struct Classic {
    /// `[test, labels]`
    pub scores: Vec<f32>,
    /// The settings that were chosen, in words.
    pub chosen: String,
}

/// Numbers of neighbours tried.
const NEIGHBOURS: [usize; 6] = [1, 5, 11, 21, 41, 81];
/// What a clip on the wrong side costs, as tried.
const COSTS: [f64; 2] = [1.0, 5.0];
/// Widths of the radial basis functions tried, in units of one over the vectors' length.
const GAMMAS: [f64; 3] = [0.3, 1.0, 3.0];
/// Every so many-th clip is learned from while settings of a machine are tried: the time grows with the square of the clips and more.
const THINNED: usize = 3;

/// Chooses settings, fits and tests.
///
/// The vectors are standardised by the mean and deviation of the training clips. Settings are chosen by the mean recall on `choose_on`,
/// by machines that learned from the rest of `train`.
///
/// # Errors
/// A class without training clips; nothing to choose settings on; the library's own.
pub fn run_classic(run: &ClassicRun<'_>) -> Result<Classic, ClassicError> {
    let labelled = |clips: &mut dyn Iterator<Item = usize>| -> Vec<(usize, usize)> {
        clips
            .filter_map(|clip| Some((clip, run.classes.get(clip).copied().flatten()?)))
            .collect()
    };
    let train = labelled(&mut run.train.iter().copied());
    for (class, label) in run.labels.iter().enumerate() {
        if train.iter().all(|(_, known)| *known != class) {
            return Err(ClassicError::MissingClass {
                label: label.clone(),
            });
        }
    }
    let choose_on = labelled(&mut run.choose_on.iter().copied());
    let rest = labelled(
        &mut run
            .train
            .iter()
            .copied()
            .filter(|clip| run.choose_on.binary_search(clip).is_err()),
    );
    if choose_on.is_empty() || rest.is_empty() {
        return Err(ClassicError::NothingToChooseOn);
    }
    let numbers = run.vectors.len() / run.classes.len().max(1);
    let distances = distances(run.vectors, numbers, &train);
    let classes = run.labels.len();
    let asked: Vec<usize> = choose_on.iter().map(|(clip, _)| *clip).collect();
    let uar = |scores: &[f32]| {
        let mut confusion = Confusion::new(classes);
        for ((_, truth), scores) in choose_on.iter().zip(scores.chunks_exact(classes)) {
            confusion.count(*truth, largest(scores));
        }
        confusion.uar()
    };
    match run.classifier {
        Classifier::Knn => {
            let most = NEIGHBOURS.iter().copied().max().unwrap_or(1);
            let found = knn::neighbours(&distances, &rest, &asked, most)?;
            let tried = NEIGHBOURS.map(|k| (k, uar(&knn::scores(&found, k, classes))));
            let (k, reached) = best(&tried);
            let found = knn::neighbours(&distances, &train, run.test, most)?;
            Ok(Classic {
                scores: knn::scores(&found, k, classes),
                chosen: format!("k = {k} (UAR {reached:.3} where it was chosen)"),
            })
        }
        Classifier::Svm => {
            let thin: Vec<(usize, usize)> = (0..classes)
                .flat_map(|class| {
                    let own = rest.iter().filter(move |(_, known)| *known == class);
                    // A rare class is kept whole.
                    let step = if own.clone().count() > 300 {
                        THINNED
                    } else {
                        1
                    };
                    own.step_by(step).copied()
                })
                .collect();
            let mut tried = Vec::new();
            for c in COSTS {
                for factor in GAMMAS {
                    let settings = svm::Settings {
                        c,
                        gamma: factor / numbers.max(1) as f64,
                    };
                    let scores =
                        svm::scores(&distances, &thin, &asked, classes, settings, run.jobs)?;
                    tried.push((settings, uar(&scores)));
                }
            }
            let (settings, reached) = best(&tried);
            Ok(Classic {
                scores: svm::scores(&distances, &train, run.test, classes, settings, run.jobs)?,
                chosen: format!(
                    "C = {}, gamma = {:.5} (UAR {reached:.3} where they were chosen)",
                    settings.c, settings.gamma
                ),
            })
        }
    }
}

/// The settings with the highest figure, the first of equals.
fn best<S: Copy>(tried: &[(S, f64)]) -> (S, f64) {
    let mut best = tried[0];
    for &(settings, figure) in tried {
        if figure > best.1 {
            best = (settings, figure);
        }
    }
    best
}

fn largest(scores: &[f32]) -> usize {
    let mut best = 0;
    for (place, score) in scores.iter().enumerate() {
        if scores.get(best).is_none_or(|most| score > most) {
            best = place;
        }
    }
    best
}

/// Squared distances of the vectors, each number shifted and scaled by its mean and deviation over the training clips.
fn distances(vectors: &[f32], numbers: usize, train: &[(usize, usize)]) -> Distances {
    let count = train.len().max(1) as f64;
    let mut standardised = vectors.to_vec();
    for number in 0..numbers {
        let value = |clip: usize| f64::from(vectors[clip * numbers + number]);
        let mean = train.iter().map(|(clip, _)| value(*clip)).sum::<f64>() / count;
        let variance = train
            .iter()
            .map(|(clip, _)| (value(*clip) - mean).powi(2))
            .sum::<f64>()
            / count;
        // What never changes tells nothing.
        let scale = if variance > 1e-12 {
            1.0 / variance.sqrt()
        } else {
            0.0
        };
        for vector in standardised.chunks_exact_mut(numbers) {
            vector[number] = ((f64::from(vector[number]) - mean) * scale) as f32;
        }
    }
    Distances {
        clips: vectors.len() / numbers.max(1),
        squared: Arc::new(squared_distances(&standardised, numbers)),
    }
}

//! A series' figures: for each run, as mean and deviation over runs, and over all clips together.

use super::calibrated::{Calibrated, calibrate, deciding};
use super::series::{Family, How, Series, fold};
use crate::corpus::CorpusKind;
use crate::evaluate::{Confusion, Metrics, Row, fit_ordinary, with_profiles};

/// Mean and standard deviation over runs (folds and seeds).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Spread {
    pub(super) mean: f64,
    /// With one degree of freedom taken off; `None` for a single run.
    pub(super) deviation: Option<f64>,
}

impl Spread {
    /// `None` without values.
    pub(super) fn of(values: &[f64]) -> Option<Self> {
        let count = values.len() as f64;
        if values.is_empty() {
            return None;
        }
        let mean = values.iter().sum::<f64>() / count;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        Some(Self {
            mean,
            deviation: (values.len() > 1).then(|| (squares / (count - 1.0)).sqrt()),
        })
    }
}

/// One run's figures on a part of its clips.
#[derive(Debug, Clone)]
pub(super) struct RunFigures {
    pub(super) fold: Option<usize>,
    pub(super) uar: f64,
    pub(super) accuracy: f64,
}

/// A part of the clips: a corpus, or all of them.
#[derive(Debug, Clone)]
pub(super) struct Part {
    /// `RAVDESS`, `CREMA-D`, `both`.
    pub(super) name: String,
    pub(super) runs: Vec<RunFigures>,
    pub(super) uar: Spread,
    pub(super) accuracy: Spread,
    /// Over the clips of all runs together, with intervals over actors.
    pub(super) pooled: Metrics,
}

/// A series with its figures.
#[derive(Debug)]
pub(super) struct Measured<'a> {
    pub(super) series: Series<'a>,
    /// Each corpus that was tested, then both if there are two.
    pub(super) parts: Vec<Part>,
    /// The same, each clip read against its speaker's other neutral clips; networks on folds of actors alone.
    pub(super) profiled: Option<Vec<Part>>,
    /// Or why there is no calibration.
    pub(super) calibrated: Result<Calibrated, String>,
}

impl<'a> Measured<'a> {
    pub(super) fn of(series: Series<'a>) -> Self {
        let runs: Vec<_> = series
            .runs
            .iter()
            .map(|run| (fold(run), run.test.rows.as_slice()))
            .collect();
        let parts = parts(series.labels(), &runs);
        let profiled = profiled(&series);
        let calibrated = calibrate(&series);
        Self {
            series,
            parts,
            profiled,
            calibrated,
        }
    }

    /// A corpus's figures, if it was tested.
    pub(super) fn corpus(&self, corpus: CorpusKind) -> Option<&Part> {
        self.parts.iter().find(|part| part.name == corpus.title())
    }

    /// A corpus's figures with profiles of the speakers.
    pub(super) fn profiled_corpus(&self, corpus: CorpusKind) -> Option<&Part> {
        let mut parts = self.profiled.iter().flatten();
        parts.find(|part| part.name == corpus.title())
    }

    /// All clips' figures.
    pub(super) fn all(&self) -> Option<&Part> {
        self.parts.last()
    }

    /// Every test clip of every run.
    pub(super) fn rows(&self) -> impl Iterator<Item = &'a Row> + Clone {
        self.series
            .runs
            .clone()
            .into_iter()
            .flat_map(|run| run.test.rows.iter())
    }
}

/// With profiles: what ordinary voices get, and the share, come from the other folds, as the temperature does.
fn profiled(series: &Series<'_>) -> Option<Vec<Part>> {
    if !matches!(series.family, Family::Speakers(_)) || series.how() != How::Plain {
        return None;
    }
    let mut read = Vec::new();
    for run in &series.runs {
        if run.model_sha256.is_empty() {
            return None;
        }
        let others = deciding(series, run).ok()?;
        let ordinary = fit_ordinary(&others).ok()??;
        read.push((fold(run), with_profiles(&run.test, &ordinary).rows));
    }
    let runs: Vec<_> = read
        .iter()
        .map(|(fold, rows)| (*fold, rows.as_slice()))
        .collect();
    Some(parts(series.labels(), &runs))
}

/// The figures of runs, each its fold and its test clips.
fn parts(labels: &[String], all: &[(Option<usize>, &[Row])]) -> Vec<Part> {
    let part = |name: &str, belongs: &dyn Fn(&Row) -> bool| {
        let mut pooled = Vec::new();
        let mut runs = Vec::new();
        for (fold, rows) in all {
            let rows: Vec<&Row> = rows.iter().filter(|row| belongs(row)).collect();
            if rows.is_empty() {
                continue;
            }
            let confusion = Confusion::of(labels.len(), rows.iter().copied());
            runs.push(RunFigures {
                fold: *fold,
                uar: confusion.uar(),
                accuracy: confusion.accuracy(),
            });
            pooled.extend(rows);
        }
        let values =
            |value: fn(&RunFigures) -> f64| Spread::of(&runs.iter().map(value).collect::<Vec<_>>());
        Some(Part {
            name: name.to_owned(),
            uar: values(|run| run.uar)?,
            accuracy: values(|run| run.accuracy)?,
            pooled: Metrics::of(labels, &pooled),
            runs,
        })
    };
    let mut parts: Vec<Part> = CorpusKind::ALL
        .iter()
        .filter_map(|kind| part(kind.title(), &|row| row.corpus == kind.title()))
        .collect();
    if parts.len() != 1 {
        parts.extend(part("both", &|_| true));
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_is_the_samples_mean_and_deviation() {
        let spread = Spread::of(&[0.6, 0.7, 0.8]).unwrap();
        assert!((spread.mean - 0.7).abs() < 1e-12);
        assert!((spread.deviation.unwrap() - 0.1).abs() < 1e-12);
        assert_eq!(Spread::of(&[0.5]).unwrap().deviation, None);
        assert_eq!(Spread::of(&[]), None);
    }
}

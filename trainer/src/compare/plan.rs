//! What is compared, and how each is made.

use super::summary::FrameFeatures;

/// A classic method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Classifier {
    /// Support vector machine: radial basis functions, one against one.
    Svm,
    /// The k nearest neighbours.
    Knn,
}

/// How an entry is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// A classic method on summaries of a clip's frames.
    Classic(Classifier, FrameFeatures),
    /// A network, by the recipe of the entry's name.
    Network,
}

/// One method of the comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// Its name, and its recipe's.
    pub name: &'static str,
    /// What learns, for a table.
    pub method: &'static str,
    /// What it sees, for a table.
    pub features: &'static str,
    /// How it is made.
    pub what: What,
    /// About how long a fold of both corpora takes on two cores, in words; measured where it says so.
    pub time: &'static str,
}

impl Entry {
    const fn classic(
        name: &'static str,
        classifier: Classifier,
        features: FrameFeatures,
        time: &'static str,
    ) -> Self {
        Self {
            name,
            method: match classifier {
                Classifier::Svm => "SVM",
                Classifier::Knn => "KNN",
            },
            features: features.title(),
            what: What::Classic(classifier, features),
            time,
        }
    }

    const fn network(
        name: &'static str,
        method: &'static str,
        features: &'static str,
        time: &'static str,
    ) -> Self {
        Self {
            name,
            method,
            features,
            what: What::Network,
            time,
        }
    }

    /// The command that makes all its folds.
    pub fn command(&self) -> String {
        format!(
            "undersong-trainer compare --only {} --folds folds.csv --ravdess DIR --cremad DIR",
            self.name
        )
    }
}

/// Every method of the comparison, in the order of the tables.
pub fn plan() -> Vec<Entry> {
    use Classifier::{Knn, Svm};
    use FrameFeatures::{Chroma, Contrast, LogMel, Mfcc, Waveform};
    vec![
        Entry::network("undersong", "CNN + BiLSTM + attention", "log-mel", SHIPPED),
        Entry::network("paper", "CNN + BiLSTM", "MFCC", PAPER),
        Entry::network("paper-log-mel", "CNN + BiLSTM", "log-mel", PAPER),
        Entry::network("cnn", "CNN", "MFCC", CNN),
        Entry::network("lstm", "BiLSTM", "MFCC", LSTM),
        Entry::classic("svm-mfcc", Svm, Mfcc, CLASSIC),
        Entry::classic("svm-log-mel", Svm, LogMel, CLASSIC),
        Entry::classic("svm-contrast", Svm, Contrast, CLASSIC),
        Entry::classic("svm-chroma", Svm, Chroma, CLASSIC),
        Entry::classic("svm-waveform", Svm, Waveform, CLASSIC),
        Entry::classic("knn-mfcc", Knn, Mfcc, NEAREST),
        Entry::classic("knn-log-mel", Knn, LogMel, NEAREST),
        Entry::classic("knn-contrast", Knn, Contrast, NEAREST),
        Entry::classic("knn-chroma", Knn, Chroma, NEAREST),
        Entry::classic("knn-waveform", Knn, Waveform, NEAREST),
    ]
}

const SHIPPED: &str = "hours; see models/REPRODUCE.md";
const PAPER: &str = "about 6 min (BENCHMARKS.md)";
const CNN: &str = "minutes";
const LSTM: &str = "minutes";
const CLASSIC: &str = "about 1 min";
const NEAREST: &str = "about 10 s";

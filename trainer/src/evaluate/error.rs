//! What can be wrong with what is to be evaluated.

/// Why predictions cannot be evaluated.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum EvaluateError {
    /// No clip is left to evaluate.
    #[error(
        "no clips to evaluate{}: expected at least one clip whose emotion is among the model's ({labels}); check the corpus folders and the split",
        if *.left_out > 0 { format!(" ({} clips have an emotion the model does not tell)", .left_out) } else { String::new() }
    )]
    NoClips {
        /// The model's emotions, in words.
        labels: String,
        /// Clips with other emotions.
        left_out: usize,
    },
    /// A label list that cannot be evaluated.
    #[error(
        "the labels are {labels:?}: expected at least two, each once; the model file's list of emotions is damaged"
    )]
    Labels {
        /// The list as given.
        labels: Vec<String>,
    },
    /// A clip with the wrong number of logits.
    #[error(
        "clip {name}: {found} logits for {expected} labels; the predictions come from another model than the labels"
    )]
    LogitCount {
        /// The clip.
        name: String,
        /// Logits it has.
        found: usize,
        /// Labels there are.
        expected: usize,
    },
    /// A logit that is NaN or infinite.
    #[error(
        "clip {name}: the logit of {label} is {value}, expected a finite number; the network diverged or its input holds NaN: train again with a lower learning rate, or check the clip"
    )]
    NotFinite {
        /// The clip.
        name: String,
        /// The label whose logit it is.
        label: String,
        /// The logit.
        value: f32,
    },
    /// A true label outside the list.
    #[error("clip {name}: true label number {truth}, expected one below {labels}")]
    Truth {
        /// The clip.
        name: String,
        /// The index given.
        truth: usize,
        /// Labels there are.
        labels: usize,
    },
    /// Predictions of two models that do not belong together.
    #[error(
        "predictions for {left:?} cannot be joined with predictions for {right:?}: expected the same labels in the same order"
    )]
    DifferentLabels {
        /// Labels of the one.
        left: Vec<String>,
        /// Labels of the other.
        right: Vec<String>,
    },
    /// A setting out of range.
    #[error("{name} is {value}, expected {expected}")]
    Setting {
        /// Which setting.
        name: &'static str,
        /// Its value.
        value: f64,
        /// What it must be.
        expected: &'static str,
    },
    /// No threshold reaches the accuracy asked for.
    #[error(
        "no threshold makes the accuracy of answered clips reach {target}: the best with at least a tenth of the clips answered is {best:.3}; ask for less"
    )]
    Unreachable {
        /// Accuracy asked for.
        target: f64,
        /// Best accuracy found.
        best: f64,
    },
    /// A report that does not parse.
    #[error(
        "the report is not one this version reads: {0}; make it again with `undersong-trainer evaluate --json`"
    )]
    Json(String),
}

//! What `conditions` and `why` measure: models, each on the part of the clips that it did not learn from.

use std::path::{Path, PathBuf};

use undersong_core::model::Model;

use super::CommandError;
use crate::recipe::Recipe;
use crate::workbench::{SplitChoice, Workbench};

/// A model and the part it is measured on.
pub(super) struct Subject {
    pub(super) model: Model,
    pub(super) recipe: Recipe,
    /// How its part is dealt; `None` for all clips.
    pub(super) choice: Option<SplitChoice>,
    pub(super) split_seed: u64,
}

impl Subject {
    /// A model file, to be measured on a part.
    pub(super) fn open(
        path: &Path,
        choice: Option<SplitChoice>,
        split_seed: u64,
    ) -> Result<Self, CommandError> {
        let model = Model::open(path)?;
        let recipe = Recipe::parse(
            &model.metadata().training.recipe_toml,
            &format!("inside {}", path.display()),
        )?;
        Ok(Self {
            model,
            recipe,
            choice,
            split_seed,
        })
    }
}

/// The models of finished runs of one recipe, each with its own test part.
pub(super) fn of_runs(
    runs: &[PathBuf],
    folds: Option<&Path>,
) -> Result<Vec<Subject>, CommandError> {
    let mut subjects: Vec<Subject> = Vec::new();
    for run in runs {
        let path = run.join("model.onnx");
        let mut next = Subject::open(&path, None, 0)?;
        let training = &next.model.metadata().training;
        next.split_seed = training.seed;
        next.choice = Some(
            own_split(&training.split, folds.map(Path::to_path_buf))
                .map_err(|problem| format!("{}: {problem}", path.display()))?,
        );
        if let Some(first) = subjects.first() {
            let (a, b) = (first.model.metadata(), next.model.metadata());
            if a.training.recipe_toml != b.training.recipe_toml || a.emotions != b.emotions {
                return Err(format!(
                    "{} was trained by another recipe or on other emotions than {}: measure them one by one",
                    path.display(),
                    first.model.source()
                )
                .into());
            }
        }
        subjects.push(next);
    }
    Ok(subjects)
}

/// The split that a run's model file describes.
fn own_split(described: &str, folds: Option<PathBuf>) -> Result<SplitChoice, String> {
    if described == "paper" {
        return Ok(SplitChoice::Paper);
    }
    let fold = described
        .strip_prefix("speakers, fold ")
        .and_then(|rest| rest.split(' ').next()?.parse().ok())
        .ok_or_else(|| {
            format!("it was trained on {described:?}: it has no test part; measure it with --model and --protocol")
        })?;
    let choice = SplitChoice::Speakers { folds, fold };
    // The same words come from the same table of folds.
    if choice.describe() == described {
        Ok(choice)
    } else {
        Err(format!(
            "it was trained on {described:?}; give the same table of folds with --folds (now: {:?})",
            choice.describe()
        ))
    }
}

pub(super) fn part(workbench: &Workbench, subject: &Subject) -> Result<Vec<usize>, CommandError> {
    Ok(match &subject.choice {
        None | Some(SplitChoice::All) => (0..workbench.clips().len()).collect(),
        // Whether clips were held back to validate changes nothing of the test part.
        Some(choice) => workbench.split(choice, false, subject.split_seed)?.test,
    })
}

pub(super) fn measured_on(subjects: &[Subject]) -> String {
    let parts: Vec<String> = subjects
        .iter()
        .map(|subject| match &subject.choice {
            None | Some(SplitChoice::All) => "all clips of the given folders".to_owned(),
            Some(choice) => format!("test part of split {}", choice.describe()),
        })
        .collect();
    parts.join("; ")
}

/// Whether the model learned from the speakers it is measured on.
pub(super) fn heard_in_training(subject: &Subject) -> bool {
    match &subject.choice {
        Some(choice @ SplitChoice::Speakers { .. }) => {
            choice.describe() != subject.model.metadata().training.split
        }
        _ => true,
    }
}

/// The command as it was given, by its name.
pub(super) fn command_line() -> String {
    let arguments = std::env::args().skip(1).map(|argument| {
        if argument.contains(char::is_whitespace) {
            format!("'{argument}'")
        } else {
            argument
        }
    });
    std::iter::once("undersong-trainer".to_owned())
        .chain(arguments)
        .collect::<Vec<_>>()
        .join(" ")
}

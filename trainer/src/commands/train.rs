//! `undersong-trainer train`.
#![allow(
    clippy::print_stderr,
    reason = "progress is for a person at the terminal"
)]

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Args;

use undersong_core::model::onnx::set_metadata;
use undersong_core::model::{Calibration, Model};

use super::progress::Progress;
use super::{CommandError, CorpusArgs, SplitArgs, open, write, write_and_tell, write_report};
use crate::evaluate::{About, Predictions, Report, UnsureRule, calibrate};
use crate::export::{Member, halve, join, onnx_bytes};
use crate::recipe::{Keep, Recipe};
use crate::results::{ONE_WINDOW, WITH_PROFILE, assemble};
use crate::train::{RunData, RunKey, Trained, WindowMaker, history, predict, train_members};
use crate::workbench::{RunDescription, Workbench};

/// Arguments of `train`.
#[derive(Debug, Args)]
pub(super) struct TrainArgs {
    /// A recipe: `paper`, `undersong`, or the path of a recipe file.
    #[arg(long, value_name = "NAME|FILE")]
    recipe: String,
    #[command(flatten)]
    corpora: CorpusArgs,
    #[command(flatten)]
    split: SplitArgs,
    /// Train for this many epochs instead of the recipe's `training.epochs`; `[then]` and `[[also]]` keep theirs.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    epochs: Option<u32>,
    /// Seed of every random choice.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Folder for the checkpoint, the history, the predictions on the test part and the model.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// Trains, then tests.
pub(super) fn run(args: &TrainArgs) -> Result<(), CommandError> {
    let mut recipe = Recipe::load(&args.recipe)?;
    if let Some(epochs) = args.epochs {
        recipe.training.epochs = epochs;
    }
    std::fs::create_dir_all(&args.out)
        .map_err(|error| format!("--out {}: {error}", args.out.display()))?;
    let workbench = open(&args.corpora, &recipe.features)?;
    eprint!("{}", workbench.corpus.report());
    let choice = args
        .split
        .choice()?
        .unwrap_or_else(|| args.split.speakers());
    let labels = workbench.labels_of(&choice);
    let classes = workbench.classes(&labels);
    let repeats = workbench.repeats(recipe.training.repeat);
    let validates = recipe.training.early_stopping.is_some()
        || recipe.training.keep == Keep::BestValidationAccuracy;
    let split = workbench.split(&choice, validates, args.seed)?;
    eprintln!(
        "{} clips train, {} validate, {} test",
        split.train.len(),
        split.validation.len(),
        split.test.len()
    );
    let key = RunKey {
        recipe_toml: recipe.to_toml()?,
        seed: args.seed,
        split: choice.describe(),
        clips: workbench.split_hash(&split),
    };
    let votes = workbench.votes(&labels);
    let speakers = workbench.speakers();
    let neutral = workbench.neutral();
    let data = RunData {
        votes: &votes,
        speakers: &speakers,
        neutral: &neutral,
        store: &workbench.store,
        classes: &classes,
        repeats: &repeats,
        train: &split.train,
        validation: &split.validation,
        labels: &labels,
    };
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    ctrlc::set_handler(move || {
        if flag.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
    })?;
    let mut progress = Progress::new(recipe.members().len());
    let trained = train_members(
        &recipe,
        &data,
        &key,
        &args.out,
        &stop,
        |network, member, event| progress.tell(network, member, event),
    )?;
    let Some(first) = trained.first() else {
        return Err("the recipe has no network".into());
    };
    let history = history(&trained);
    let file = |name: &str| args.out.join(name);
    write(&file("history.json"), &serde_json::to_vec_pretty(&history)?)?;
    let answers = |clips: &[usize], with_profile: bool| {
        test(&recipe, &workbench, &labels, clips, &trained, with_profile)
    };
    let predictions = answers(&split.test, false)?;
    let validation = answers(&split.validation, false)?;
    let calibration = calibration(&validation, &predictions, first.priors.clone())?;
    let description = RunDescription {
        name: &format!("{}-{}", recipe.name, labels.len()),
        recipe: &recipe,
        key: &key,
        features: &first.features,
        epochs: history.epochs.len(),
        labels: &labels,
        train: &split.train,
        calibration: calibration.clone(),
    };
    let metadata = workbench
        .describe(&description)
        .ok_or("a label has no published valence and arousal")?;
    let bytes = set_metadata(&network(&trained)?, &metadata)?;
    // What cannot be opened is not written.
    let model = Model::from_bytes(bytes.clone(), &metadata.name)?;
    write_and_tell(&file("model.onnx"), &bytes)?;
    if !predictions.rows.is_empty() {
        write(
            &file("predictions.json"),
            &serde_json::to_vec(&predictions)?,
        )?;
        let seconds = history.seconds();
        let held_back = (!validation.rows.is_empty()).then_some(validation);
        let put = |name: &str, test: &Predictions, held_back, measured_on| {
            let clips = workbench.clips();
            let result = assemble(&model, seconds, test.clone(), held_back, measured_on, clips)?;
            write(&file(name), result.to_json()?.as_bytes())
        };
        put("result.json", &predictions, held_back, ONE_WINDOW)?;
        let about = About {
            model: metadata.name.clone(),
            recipe: recipe.name.clone(),
            seed: args.seed,
            split: choice.describe(),
            measured_on: "test part, one window a clip".to_owned(),
        };
        if first.voices.is_some() {
            let predictions = answers(&split.test, true)?;
            write(
                &file("predictions_profile.json"),
                &serde_json::to_vec(&predictions)?,
            )?;
            put("result_profile.json", &predictions, None, WITH_PROFILE)?;
            let about = About {
                measured_on:
                    "test part, one window a clip, with a profile of the speaker's other neutral clips"
                        .to_owned(),
                ..about.clone()
            };
            let report = Report::new(about, &predictions, calibration.clone(), None)?;
            write_report(&report, Some(&file("report_profile.json")), None)?;
            eprintln!("{}", report.to_text());
        }
        let report = Report::new(about, &predictions, calibration, Some(history))?;
        let (json, html) = (file("report.json"), file("report.html"));
        write_report(&report, Some(&json), Some(&html))?;
        eprintln!("{}", report.to_text());
    }
    Ok(())
}

/// From the validation clips; without any, from the test clips, and the file says so.
fn calibration(
    validation: &Predictions,
    test: &Predictions,
    priors: Vec<f32>,
) -> Result<Calibration, CommandError> {
    if !validation.rows.is_empty() {
        let on = "the run's validation clips";
        Ok(calibrate(validation, UnsureRule::default(), priors, on)?)
    } else if !test.rows.is_empty() {
        let on = "the run's test clips themselves: one temperature and one threshold";
        Ok(calibrate(test, UnsureRule::default(), priors, on)?)
    } else {
        Ok(Calibration {
            temperature: 1.0,
            by_voice: Vec::new(),
            unsure_below: 0.0,
            priors,
            ordinary: None,
            speaker_shift: Vec::new(),
            measured_on: "nothing: every clip trained; calibrate from another run with `export`"
                .to_owned(),
        })
    }
}

/// The networks' graph; of several, with the mean of their answers and their weights halved, so that the file stays small.
fn network(trained: &[Trained]) -> Result<Vec<u8>, CommandError> {
    let graphs = trained
        .iter()
        .map(|one| onnx_bytes(&one.network, one.features.frames(), &[]))
        .collect::<Result<Vec<_>, _>>()?;
    if let [only] = graphs.as_slice() {
        return Ok(only.clone());
    }
    let members: Vec<Member<'_>> = graphs
        .iter()
        .zip(trained)
        .map(|(bytes, one)| Member {
            bytes,
            statistics: one.features.statistics.as_ref(),
        })
        .collect();
    Ok(halve(&join(&members)?)?)
}

/// The mean of the networks' answers.
fn test(
    recipe: &Recipe,
    workbench: &Workbench,
    labels: &[String],
    clips: &[usize],
    trained: &[Trained],
    with_profile: bool,
) -> Result<Predictions, CommandError> {
    let mut sum: Vec<f32> = Vec::new();
    for one in trained {
        let mut maker = WindowMaker::new(recipe, &one.features)?;
        let voices = one.voices.as_deref().filter(|_| with_profile);
        let logits = predict(&one.network, &mut maker, &workbench.store, clips, voices)?;
        if sum.is_empty() {
            sum = logits;
        } else {
            for (sum, logit) in sum.iter_mut().zip(logits) {
                *sum += logit;
            }
        }
    }
    for logit in &mut sum {
        *logit /= trained.len() as f32;
    }
    Ok(workbench.predictions(labels, clips, &sum))
}

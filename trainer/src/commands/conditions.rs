//! `undersong-trainer conditions`: a model as live hears: short and noisy windows, rooms, channels.
#![allow(
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "the table is for a person at the terminal"
)]

use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use undersong_core::audio::NoiseReduction;
use undersong_core::engine::{self, EngineChoice, EngineOptions};
use undersong_core::model::{Calibration, Model};

use super::subject::{self, Subject, command_line, heard_in_training, measured_on, part};
use super::{CommandError, CorpusArgs, SplitArgs, open, write, write_and_tell};
use crate::conditions::{Answers, Condition, Conditions, ConditionsAbout, Encoder, Job, measure};

/// Arguments of `conditions`.
#[derive(Debug, Args)]
pub(super) struct ConditionsArgs {
    /// The model file.
    #[arg(long, value_name = "FILE", required_unless_present = "runs")]
    model: Option<PathBuf>,
    /// Folder of a finished run: its model, on its own test part, at its own split and seed. May be given more than once (the folds of
    /// one recipe): their answers are measured together.
    #[arg(long = "run", value_name = "DIR", conflicts_with = "model")]
    runs: Vec<PathBuf>,
    #[command(flatten)]
    corpora: CorpusArgs,
    #[command(flatten)]
    split: SplitArgs,
    /// Seed of the split, as in training (with --model), and of every draw.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Only these conditions, by name, with commas between; the clean one is always there.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    only: Vec<String>,
    /// Use the calibration of this model file (temperature, threshold) in place of each model's own.
    #[arg(long, value_name = "FILE")]
    calibration: Option<PathBuf>,
    /// Which engine runs the model: auto, cuda, cpu or builtin.
    #[arg(long, default_value = "auto")]
    engine: EngineChoice,
    /// Write every figure as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write the table as a section of the evidence page.
    #[arg(long, value_name = "FILE")]
    table: Option<PathBuf>,
}

/// Measures every condition and prints the table.
pub(super) fn run(args: &ConditionsArgs) -> Result<(), CommandError> {
    let conditions = Condition::named(&args.only)?;
    let subjects = subjects(args)?;
    let first = subjects.first().ok_or("no model was given")?;
    let metadata = first.model.metadata();
    let labels: Vec<String> = metadata.emotions.names().map(str::to_owned).collect();
    // What a room or a channel does comes before noise reduction: the clips are kept without it.
    let mut features = metadata.features.clone();
    features.noise_reduction = NoiseReduction::Off;
    let workbench = open(&args.corpora, &features)?;
    eprint!("{}", workbench.corpus.report());
    let encoder = Encoder::find();
    let calibration = calibration(args, &subjects)?;
    let mut pooled: Vec<Answers> = conditions
        .iter()
        .map(|_| Answers::Given(Vec::new()))
        .collect();
    let mut engine_name = String::new();
    let started = Instant::now();
    for subject in &subjects {
        let part = part(&workbench, subject)?;
        let opened = engine::open(
            &subject.model,
            args.engine,
            &EngineOptions {
                batch_sizes: vec![1, 16],
                ..EngineOptions::default()
            },
        )?;
        engine_name.clone_from(&opened.report.description);
        let job = Job {
            features: &subject.model.metadata().features,
            labels: &labels,
            preparation: subject.recipe.preparation.clone(),
            part: &part,
            seed: args.seed,
            threads: args.corpora.jobs,
        };
        let bar = indicatif::ProgressBar::new(conditions.len() as u64).with_style(
            indicatif::ProgressStyle::with_template("{pos} of {len} conditions, {msg}")?,
        );
        let mut engine = opened.engine;
        let answers = measure(
            &job,
            &workbench,
            engine.as_mut(),
            &conditions,
            encoder.as_ref(),
            &mut |number| {
                bar.set_position(number as u64);
                bar.set_message(
                    conditions
                        .get(number)
                        .map_or("", |condition| condition.title),
                );
            },
        )?;
        bar.finish_and_clear();
        for (sum, answers) in pooled.iter_mut().zip(answers) {
            match (&mut *sum, answers) {
                (Answers::Given(all), Answers::Given(more)) => all.extend(more),
                (Answers::Given(_), lacking) => *sum = lacking,
                (Answers::NotMeasured(_), _) => {}
            }
        }
    }
    let about = ConditionsAbout {
        model: metadata.name.clone(),
        recipe: metadata.training.recipe.clone(),
        models: subjects
            .iter()
            .map(|subject| subject.model.id().to_owned())
            .collect(),
        measured_on: measured_on(&subjects),
        heard_in_training: subjects.iter().any(heard_in_training),
        seed: args.seed,
        engine: engine_name,
        encoder: encoder.as_ref().map(|encoder| encoder.version().to_owned()),
        command: command_line(),
    };
    let results = Conditions::new(about, &calibration, labels.len(), &conditions, &pooled);
    println!("{}", results.to_text());
    eprintln!("measured in {:.0} s", started.elapsed().as_secs_f64());
    if let Some(path) = &args.json {
        write_and_tell(path, results.to_json()?.as_bytes())?;
    }
    if let Some(path) = &args.table {
        let mut json = serde_json::to_vec_pretty(&results.table())?;
        json.push(b'\n');
        write(path, &json)?;
    }
    Ok(())
}

/// The calibration that all are measured with: of the file asked for, or the only model's; of several runs the mean temperature and threshold.
fn calibration(args: &ConditionsArgs, subjects: &[Subject]) -> Result<Calibration, CommandError> {
    if let Some(path) = &args.calibration {
        return Ok(Model::open(path)?.metadata().calibration.clone());
    }
    let all: Vec<&Calibration> = subjects
        .iter()
        .map(|subject| &subject.model.metadata().calibration)
        .collect();
    let first = all.first().ok_or("no model was given")?;
    let mean = |of: fn(&Calibration) -> f32| {
        all.iter().map(|calibration| of(calibration)).sum::<f32>() / all.len() as f32
    };
    Ok(Calibration {
        temperature: mean(|calibration| calibration.temperature),
        unsure_below: mean(|calibration| calibration.unsure_below),
        measured_on: if all.len() > 1 {
            format!("the mean of {} runs' own", all.len())
        } else {
            first.measured_on.clone()
        },
        ..(*first).clone()
    })
}

fn subjects(args: &ConditionsArgs) -> Result<Vec<Subject>, CommandError> {
    if let Some(path) = &args.model {
        return Ok(vec![Subject::open(path, args.split.choice()?, args.seed)?]);
    }
    if args.split.choice()?.is_some() {
        return Err(
            "--run measures a run on its own test part; --protocol goes with --model".into(),
        );
    }
    subject::of_runs(&args.runs, args.split.folds.as_deref())
}

//! `undersong model`: what a model file says of itself. Also the one place where a command opens a model.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use undersong_core::features::FeatureKind;
use undersong_core::model::{Model, ModelMetadata, Quality, VoiceTemperature};
use undersong_core::profile::SpeakerProfile;

use crate::table_style::table_style;
use crate::terminal::{one_line, print, shown};
use crate::trouble::{Outcome, Trouble};

/// Arguments of `undersong model`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The model file; left out: the model built into this program
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// Print everything as JSON, the training recipe included
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  undersong model
  undersong model models/undersong-6.onnx
  undersong model --json | jq .metadata.quality";

/// The model of this file, or the built-in one.
pub(crate) fn open(file: Option<&Path>) -> Result<Model, Trouble> {
    match file {
        Some(file) => Model::open(file),
        None => Model::builtin(),
    }
    .map_err(Trouble::misused)
}

/// The model of this file, or the built-in one, calibrated to the speaker of a profile if there is one.
pub(crate) fn open_for(file: Option<&Path>, profile: Option<&Path>) -> Result<Model, Trouble> {
    let model = open(file)?;
    let Some(path) = profile else {
        return Ok(model);
    };
    let profile = SpeakerProfile::open(path).map_err(Trouble::misused)?;
    let name = shown(path);
    model
        .for_speaker(&profile, &name)
        .map_err(|error| Trouble::Misused(format!("--profile {name}: {error}")))
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<Outcome, Trouble> {
    let model = open(args.file.as_deref())?;
    print(|out| {
        if args.json {
            write_json(&model, out)
        } else {
            write_text(&model, out)
        }
    })?;
    Ok(Outcome::Complete)
}

fn write_json(model: &Model, mut out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut out, &model.description())?;
    writeln!(out)
}

fn write_text(model: &Model, out: &mut dyn Write) -> io::Result<()> {
    let metadata = model.metadata();
    let (training, features, calibration) = (
        &metadata.training,
        &metadata.features,
        &metadata.calibration,
    );
    let mut line = |name: &str, text: String| writeln!(out, "{name:<12} {}", one_line(&text));

    // The name of the built-in model's source says both.
    let source = model.source();
    if source.starts_with(&metadata.name) {
        line("model", source.to_owned())?;
    } else {
        line("model", format!("{} ({source})", metadata.name))?;
    }
    line("", metadata.description.clone())?;
    line(
        "id",
        format!("{}, format {}", model.id(), metadata.format_version),
    )?;
    line("emotions", names_and_priors(metadata))?;
    line(
        "window",
        format!(
            "{:.2} s at {} Hz",
            features.span_seconds(),
            features.sample_rate_hz
        ),
    )?;
    line(
        "features",
        format!(
            "{} of {} frames × {} coefficients, {} mel bands {}–{} Hz, FFT {}, hop {}",
            match features.kind {
                FeatureKind::LogMel => "log-mel",
                FeatureKind::Mfcc { .. } => "MFCC",
            },
            features.frames(),
            features.coefficients(),
            features.mel.bands,
            features.mel.low_hz,
            features.mel.high_hz,
            features.fft_samples,
            features.hop_samples,
        ),
    )?;
    line(
        "calibration",
        format!(
            "temperature {:.3}{}, unsure below {:.2}; measured on {}",
            calibration.temperature,
            by_voice(&calibration.by_voice),
            calibration.unsure_below,
            calibration.measured_on
        ),
    )?;
    line(
        "training",
        format!(
            "recipe {}, seed {}, split {}, {} epochs, trainer {}",
            training.recipe,
            training.seed,
            training.split,
            training.epochs,
            training.trainer_version
        ),
    )?;
    for data in &training.data {
        line(
            "data",
            format!(
                "{}: {} clips of {} speakers",
                data.corpus, data.clips, data.speakers
            ),
        )?;
    }
    line("licence", training.licence.clone())?;
    writeln!(out)?;
    write_quality(&metadata.quality, out)
}

/// The emotions, each with the share that training made the network expect.
fn names_and_priors(metadata: &ModelMetadata) -> String {
    metadata
        .emotions
        .names()
        .zip(&metadata.calibration.priors)
        .map(|(name, share)| format!("{name} {:.0} %", share * 100.0))
        .collect::<Vec<_>>()
        .join(", ")
}

fn write_quality(quality: &[Quality], out: &mut dyn Write) -> io::Result<()> {
    if quality.is_empty() {
        return writeln!(
            out,
            "The file carries no measured quality: how good it is, nobody has written down."
        );
    }
    let mut table = comfy_table::Table::new();
    table.force_no_tty().load_style(table_style()).set_header([
        "measured on",
        "corpus",
        "clips",
        "accuracy",
        "UAR",
        "macro F1",
        "ECE",
    ]);
    for index in 2..7 {
        if let Some(column) = table.column_mut(index) {
            column.set_cell_alignment(comfy_table::CellAlignment::Right);
        }
    }
    for row in quality {
        let percent = |value: f64| format!("{:.1} %", value * 100.0);
        table.add_row([
            one_line(&row.split),
            one_line(&row.corpus),
            row.clips.to_string(),
            percent(row.accuracy),
            percent(row.uar),
            percent(row.macro_f1),
            format!("{:.3}", row.ece),
        ]);
    }
    writeln!(out, "{}", table.trim_fmt())
}

/// How the temperature depends on the voice in a window, in brackets; nothing where it does not.
fn by_voice(entries: &[VoiceTemperature]) -> String {
    let parts: Vec<String> = entries
        .iter()
        .map(|entry| {
            format!(
                "× {:.2} with {:.1} s of voice in the window",
                entry.times, entry.voiced_seconds
            )
        })
        .collect();
    if parts.is_empty() {
        String::new()
    } else {
        format!(" ({})", parts.join(", "))
    }
}

//! JSON of an explanation: what `undersong explain --json` writes.
//!
//! `core/schema/explain.schema.json` is its definition, with the same promises as a scan's (see [`json`](super::json)).

use std::io::{self, Write};

use serde::Serialize;

use super::json::{LinePerElement, ModelJson, rounded};
use super::{
    Against, Baseline, Effect, Explanation, Scan, TakeExplanation, Timeline, Window, WindowDelivery,
};
use crate::delivery::{Delivery, Difference, Measure};

/// Version of the contract.
pub const VERSION: u32 = 1;

/// What the effects say, and what not.
pub const ABOUT_EFFECTS: &str = "Effects are Shapley values: by how much each patch of time and frequency moved this model's score. They describe the model, not a person.";
/// What the words say, and what not.
pub const ABOUT_WORDS: &str = "Words compare the sound of a window with this voice's usual. They describe the sound, not what somebody feels.";

/// Writes the explanation of a take as one JSON object and a newline; `scan` is the scan that `take` is of.
///
/// # Errors
/// Those of `out`, and [`io::ErrorKind::InvalidData`] for a value that isn't a number, which JSON can't hold.
pub fn write(
    scan: &Scan,
    take: &Timeline,
    explanation: &TakeExplanation,
    mut out: impl Write,
) -> io::Result<()> {
    let report = report(scan, take, explanation)?;
    let mut serializer = serde_json::Serializer::with_formatter(&mut out, LinePerElement);
    report.serialize(&mut serializer)?;
    out.write_all(b"\n")?;
    out.flush()
}

#[derive(Serialize)]
struct Report<'a> {
    version: u32,
    model: ModelJson<'a>,
    engine: &'a str,
    profile: Option<&'a str>,
    hop_seconds: f64,
    path: String,
    seconds: f64,
    about: About,
    against: &'static str,
    explanations: Vec<ExplanationJson<'a>>,
    windows: Vec<WindowJson<'a>>,
}

#[derive(Serialize)]
struct About {
    effects: &'static str,
    words: &'static str,
}

#[derive(Serialize)]
struct ExplanationJson<'a> {
    window: usize,
    start_seconds: f64,
    end_seconds: f64,
    emotion: &'a str,
    score: f64,
    baseline: &'static str,
    baseline_score: f64,
    difference: f64,
    runs: usize,
    regions: Vec<RegionJson>,
    cells: Vec<CellJson>,
}

#[derive(Serialize)]
struct RegionJson {
    name: &'static str,
    low_hz: f64,
    high_hz: f64,
    #[serde(flatten)]
    effect: EffectJson,
}

#[derive(Serialize)]
struct CellJson {
    start_seconds: f64,
    end_seconds: f64,
    #[serde(flatten)]
    effect: EffectJson,
    patches: Vec<EffectJson>,
}

#[derive(Serialize)]
struct EffectJson {
    effect: f64,
    error: f64,
}

#[derive(Serialize)]
struct WindowJson<'a> {
    window: usize,
    start_seconds: f64,
    end_seconds: f64,
    emotion: Option<&'a str>,
    confidence: Option<f64>,
    delivery: DeliveryJson,
    differences: Vec<DifferenceJson>,
}

#[derive(Serialize)]
struct DeliveryJson {
    voiced_seconds: f64,
    level_db: Option<f64>,
    pitch_hz: Option<f64>,
    melody_semitones: Option<f64>,
    syllables_per_second: Option<f64>,
    brightness_db: Option<f64>,
}

#[derive(Serialize)]
struct DifferenceJson {
    measure: Measure,
    by: f64,
    unit: &'static str,
    threshold: f64,
    word: Option<String>,
}

fn report<'a>(
    scan: &'a Scan,
    take: &'a Timeline,
    explanation: &'a TakeExplanation,
) -> io::Result<Report<'a>> {
    Ok(Report {
        version: VERSION,
        model: ModelJson(scan),
        engine: &scan.engine,
        profile: scan.profile.as_deref(),
        hop_seconds: rounded(scan.hop_seconds)?,
        path: take.path.to_string_lossy().into_owned(),
        seconds: rounded(take.seconds)?,
        about: About {
            effects: ABOUT_EFFECTS,
            words: ABOUT_WORDS,
        },
        against: match explanation.against {
            Against::RestOfTake => "rest_of_take",
            Against::Profile => "profile",
        },
        explanations: explanation
            .explanations
            .iter()
            .map(|it| explained(take, it))
            .collect::<io::Result<_>>()?,
        windows: take
            .windows
            .iter()
            .zip(&explanation.windows)
            .enumerate()
            .map(|(index, (window, delivery))| windowed(take, index, window, delivery))
            .collect::<io::Result<_>>()?,
    })
}

fn explained<'a>(take: &'a Timeline, it: &'a Explanation) -> io::Result<ExplanationJson<'a>> {
    let ends = it.borders_seconds.first().zip(it.borders_seconds.last());
    let (start, end) = ends.map_or((0.0, 0.0), |(start, end)| (*start, *end));
    let regions = it
        .regions
        .iter()
        .zip(&it.by_region)
        .map(|(region, &effect_)| {
            Ok(RegionJson {
                name: region.name,
                low_hz: rounded(region.low_hz)?,
                high_hz: rounded(region.high_hz)?,
                effect: effect(effect_)?,
            })
        });
    let rows = it.patches.chunks(it.regions.len().max(1));
    let cells = it
        .borders_seconds
        .windows(2)
        .zip(&it.by_cell)
        .zip(rows)
        .map(|((border, &whole), row)| {
            Ok(CellJson {
                start_seconds: rounded(border[0])?,
                end_seconds: rounded(border[1])?,
                effect: effect(whole)?,
                patches: row
                    .iter()
                    .map(|&patch| effect(patch))
                    .collect::<io::Result<_>>()?,
            })
        });
    Ok(ExplanationJson {
        window: it.window + 1,
        start_seconds: rounded(start)?,
        end_seconds: rounded(end)?,
        emotion: take.emotion_name(it.emotion),
        score: rounded(it.score)?,
        baseline: match it.baseline {
            Baseline::MeanVoice => "mean_voice",
            Baseline::Speaker => "speaker",
            Baseline::WindowMean => "window_mean",
        },
        baseline_score: rounded(it.baseline_score)?,
        difference: rounded(it.difference())?,
        runs: it.runs,
        regions: regions.collect::<io::Result<_>>()?,
        cells: cells.collect::<io::Result<_>>()?,
    })
}

fn effect(effect: Effect) -> io::Result<EffectJson> {
    Ok(EffectJson {
        effect: rounded(effect.value)?,
        error: rounded(effect.error)?,
    })
}

fn windowed<'a>(
    take: &'a Timeline,
    index: usize,
    window: &Window,
    it: &WindowDelivery,
) -> io::Result<WindowJson<'a>> {
    let reading = window.reading.as_ref();
    Ok(WindowJson {
        window: index + 1,
        start_seconds: rounded(window.start_seconds)?,
        end_seconds: rounded(window.end_seconds)?,
        emotion: window.leading().map(|leading| take.emotion_name(leading)),
        confidence: reading
            .map(|reading| rounded(reading.confidence.into()))
            .transpose()?,
        delivery: delivered(&it.delivery)?,
        differences: it
            .differences
            .iter()
            .map(differing)
            .collect::<io::Result<_>>()?,
    })
}

fn delivered(it: &Delivery) -> io::Result<DeliveryJson> {
    let optional = |value: Option<f64>| value.map(rounded).transpose();
    Ok(DeliveryJson {
        voiced_seconds: rounded(it.voiced_seconds)?,
        level_db: optional(it.level_db)?,
        pitch_hz: optional(it.pitch_hz)?,
        melody_semitones: optional(it.melody_semitones)?,
        syllables_per_second: optional(it.syllables_per_second)?,
        brightness_db: optional(it.brightness_db)?,
    })
}

fn differing(it: &Difference) -> io::Result<DifferenceJson> {
    Ok(DifferenceJson {
        measure: it.measure,
        by: rounded(it.by)?,
        unit: it.measure.unit(),
        threshold: rounded(it.threshold)?,
        word: it.word(),
    })
}

//! Sections by change, not by the clock.
//!
//! The recording is laid into cells of a window's length, so that neighbours share little sound. A cell is the mean of all speakers' scores in it,
//! weighed by their own voice, with the valence and arousal that follow; [`changes`] finds where that changes. Borders then move to the
//! nearest pause of everybody.

use super::changes::changes;
use super::pauses::Pauses;
use super::voices::{Sum, Voices};
use super::words::words;
use super::{MapSettings, Section};
use crate::model::EmotionSet;
use crate::timeline::{Reading, Scores};

/// A border moves to a pause at most this far away, in seconds, and a quarter of the shortest section.
const REACH_SECONDS: f64 = 6.0;

/// What sections are made of.
pub(super) struct Material<'a> {
    pub(super) speakers: &'a [Voices<'a>],
    pub(super) names: &'a [&'a str],
    pub(super) emotions: &'a EmotionSet,
    pub(super) pauses: &'a Pauses,
    pub(super) seconds: f64,
    /// Length of the model's window.
    pub(super) window_seconds: f64,
    pub(super) unsure_below: f32,
}

/// The sections of a recording; they tile it.
pub(super) fn sections(material: &Material<'_>, settings: &MapSettings) -> Vec<Section> {
    let Material {
        seconds, pauses, ..
    } = *material;
    // Where the shortest section is short, so are the cells.
    let cell_seconds = material
        .window_seconds
        .min(settings.min_section_seconds / 2.0);
    let count = (seconds / cell_seconds).floor().max(1.0) as usize;
    let (points, weights): (Vec<_>, Vec<_>) = (0..count)
        .map(|cell| {
            let start = cell as f64 * cell_seconds;
            cell_point(material, start, start + cell_seconds)
        })
        .unzip();
    let min_points = (settings.min_section_seconds / cell_seconds).ceil() as usize;
    let reach = REACH_SECONDS.min(settings.min_section_seconds / 4.0);
    let found: Vec<f64> = changes(&points, &weights, min_points, settings.change)
        .into_iter()
        .map(|border| border as f64 * cell_seconds)
        .collect();
    let least = settings.min_section_seconds;
    let mut last = 0.0;
    let mut borders = vec![last];
    for (index, &at) in found.iter().enumerate() {
        // No border moves so far that a section on either side became too short.
        let next = found.get(index + 1).copied().unwrap_or(seconds);
        let (from, to) = (
            (at - reach).max(last + least),
            (at + reach).min(next - least),
        );
        last = pauses.nearest(at, from, to).unwrap_or(at);
        borders.push(last);
    }
    borders.push(seconds);
    borders
        .iter()
        .zip(borders.iter().skip(1))
        .map(|(&start, &end)| section(material, start, end))
        .collect()
}

/// A cell's scores, valence and arousal, and how much of it is voice.
fn cell_point(material: &Material<'_>, start: f64, end: f64) -> (Vec<f64>, f64) {
    let sum = sum(material.speakers, start, end);
    let dimensions = material.emotions.len() + 2;
    let Some(mean) = sum.mean() else {
        return (vec![0.0; dimensions], 0.0);
    };
    let reading = Reading::from_scores(Scores(mean), material.emotions, 0.0);
    let mut point: Vec<f64> = reading.scores.0.iter().map(|&it| f64::from(it)).collect();
    point.extend([f64::from(reading.valence), f64::from(reading.arousal)]);
    (point, (sum.weight / (end - start)).min(1.0))
}

/// All speakers' scores between two times.
pub(super) fn sum(speakers: &[Voices<'_>], start: f64, end: f64) -> Sum {
    let mut sum = Sum::default();
    for voices in speakers {
        sum.join(&voices.sum(start, end));
    }
    sum
}

fn section(material: &Material<'_>, start_seconds: f64, end_seconds: f64) -> Section {
    let reading = sum(material.speakers, start_seconds, end_seconds)
        .reading(material.emotions, material.unsure_below);
    let voiced_seconds: Vec<f64> = material
        .speakers
        .iter()
        .map(|voices| voices.voiced_seconds(start_seconds, end_seconds))
        .collect();
    let mut title = words(reading.as_ref(), material.emotions);
    if material.speakers.len() > 1
        && let Some(who) = who(&voiced_seconds, material.names)
    {
        title = format!("{title} – {who}");
    }
    Section {
        start_seconds,
        end_seconds,
        title,
        reading,
        voiced_seconds,
    }
}

/// Who talks: one alone, mostly one, or several.
fn who(voiced_seconds: &[f64], names: &[&str]) -> Option<String> {
    let all: f64 = voiced_seconds.iter().sum();
    if all <= 0.0 {
        return None;
    }
    let mut shares: Vec<(f64, &str)> = voiced_seconds
        .iter()
        .zip(names)
        .map(|(seconds, &name)| (seconds / all, name))
        .filter(|&(share, _)| share >= 0.05)
        .collect();
    shares.sort_by(|a, b| b.0.total_cmp(&a.0));
    Some(match shares.as_slice() {
        [] => return None,
        [(_, only)] => (*only).to_owned(),
        [(share, first), ..] if *share >= 0.7 => format!("mostly {first}"),
        [(_, first), (_, second)] => format!("{first} and {second}"),
        [(_, first), (_, second), ..] => format!("{first}, {second} and others"),
    })
}

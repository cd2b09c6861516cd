//! What an instance has and has heard, in the values of a [`View`](super::View).

use super::history::Heard;
use super::view::{Emotion, MidiRow, Model, Problem, Reading};
use crate::midi;
use crate::params::{LANES, Lane, SCORES, UndersongParams};
use crate::process;
use undersong_core::live::LiveUpdate;
use undersong_core::model::{EmotionSet, ModelMetadata};
use undersong_core::timeline::colours::palette;

/// The emotions that have a lane, until a model says which ones it has.
pub(super) fn usual_emotions() -> Vec<Emotion> {
    let names = LANES
        .iter()
        .take(SCORES)
        .map(|lane| lane.id())
        .collect::<Vec<_>>();
    EmotionSet::from_names(&names)
        .map(|set| emotions(&set))
        .unwrap_or_default()
}

pub(super) fn emotions(set: &EmotionSet) -> Vec<Emotion> {
    set.iter()
        .zip(palette(set))
        .map(|(emotion, colour)| Emotion {
            name: emotion.name.clone(),
            colour: [colour.red, colour.green, colour.blue],
            valence: emotion.valence,
            arousal: emotion.arousal,
            has_lane: Lane::of_emotion(&emotion.name).is_some(),
        })
        .collect()
}

pub(super) fn model(metadata: &ModelMetadata, window_seconds: f64) -> Model {
    let corpora = metadata
        .training
        .data
        .iter()
        .map(|data| format!("{} ({} speakers)", data.corpus, data.speakers))
        .collect::<Vec<_>>();
    let unseen = metadata
        .quality
        .iter()
        .filter(|quality| quality.split.starts_with("speakers"))
        .max_by_key(|quality| quality.clips);
    Model {
        name: metadata.name.clone(),
        description: metadata.description.clone(),
        licence: metadata.training.licence.clone(),
        learned_from: if corpora.is_empty() {
            String::new()
        } else {
            format!("Learned from acted speech: {}.", corpora.join(", "))
        },
        quality: unseen.map_or_else(String::new, |quality| {
            let corpus = match quality.corpus.as_str() {
                "both" => "both corpora",
                corpus => corpus,
            };
            format!(
                "On speakers that it had not heard, it named {:.0} % of acted clips as the actors meant them ({corpus}).",
                quality.accuracy * 100.0,
            )
        }),
        window_seconds,
        ..Model::default()
    }
}

pub(super) fn reading(update: &LiveUpdate) -> Option<Reading> {
    let leading = usize::from(update.leading?);
    Some(Reading {
        scores: update.scores.as_slice().to_vec(),
        valence: update.valence,
        arousal: update.arousal,
        confidence: update.confidence,
        unsure: update.unsure,
        leading: Some(leading),
    })
}

/// A reading of the lanes, in the order of the model's emotions. The score of an emotion without a lane is known of the newest alone.
pub(super) fn heard(
    reading: &process::Reading,
    emotions: &[Emotion],
    newest: Option<&LiveUpdate>,
) -> Heard {
    let scores = emotions.iter().enumerate().map(|(output, emotion)| {
        let lane = Lane::of_emotion(&emotion.name);
        let known = lane.and_then(|lane| reading.scores.get(lane.index()).copied());
        known
            .or_else(|| newest?.scores.get(output).copied())
            .unwrap_or_default()
    });
    Heard {
        scores: scores.collect(),
        valence: reading.valence,
        arousal: reading.arousal,
        unsure: reading.unsure,
    }
}

pub(super) fn midi_map(params: &UndersongParams, emotions: &[Emotion]) -> Vec<MidiRow> {
    let midi = &params.input.midi;
    let small = |value: i32| u8::try_from(value).unwrap_or_default();
    let first = small(midi.first_cc.value());
    let first_note = small(midi.first_note.value());
    LANES
        .into_iter()
        .map(|lane| {
            let name = lane.id();
            let own = emotions.iter().find(|emotion| emotion.name == name);
            let note = u8::try_from(lane.index())
                .ok()
                .filter(|_| lane.index() < SCORES && midi.notes.value())
                .and_then(|index| first_note.checked_add(index))
                .filter(|key| *key <= 127);
            MidiRow {
                name: name.to_owned(),
                colour: own.map(|emotion| emotion.colour),
                controller: params.midi_map.controller(lane, first),
                chosen: matches!(params.midi_map.route(lane), midi::Route::Controller(_)),
                note,
            }
        })
        .collect()
}

/// What is wrong and what to do, from one sentence: they are parted by a semicolon.
pub(super) fn problem(text: &str) -> Problem {
    let (what, remedy) = text.split_once("; ").unwrap_or((text, ""));
    let mut first = remedy.chars();
    let remedy = match first.next() {
        Some(letter) => letter.to_uppercase().chain(first).collect(),
        None => "The sound passes untouched meanwhile; see Settings, Model.".to_owned(),
    };
    Problem {
        what: what.to_owned(),
        remedy,
    }
}

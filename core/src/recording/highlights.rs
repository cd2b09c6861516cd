//! Highlights: the strongest and the turning moments, each with where to cut.
//!
//! - **Strong**: a window's distance from the speaker's own mean on the plane of valence and arousal, times its confidence. So a moment is
//!   strong for this voice, whatever its usual is, and an unsure one is none.
//! - **Turning**: the part of the probability that moves from one emotion to another, ½ Σ |p − q| (the total variation distance), between the
//!   mean scores of 8 s before a moment and those of 8 s after; windows that hear both sides are left out, each side needs 2 s of
//!   voice, and the leading emotion must change.
//!
//! Of each kind the best are taken, at least 15 s apart and at most two of one speaker's emotion. A cut lies a margin before and after the moment, moved outwards or up to the moment to
//! the nearest pause of everybody, or else of the speaker.

use super::pauses::Pauses;
use super::voices::{Sum, Voices};
use super::words::emotion;
use super::{Cut, Highlight, HighlightKind, MapSettings};
use crate::model::EmotionSet;
use crate::timeline::Reading;

/// Highlights of one kind are at least so far apart, in seconds.
const APART_SECONDS: f64 = 15.0;
/// Highlights of one kind, speaker and emotion: more would be the same again.
const MOST_ALIKE: usize = 2;
/// A cut moves outwards to a pause by at most this, in seconds.
const REACH_SECONDS: f64 = 4.0;
/// A strong window is at least so much voice.
const LEAST_VOICED_SHARE: f64 = 0.3;
/// Less than this strength is no highlight, in units of the plane: a sure window this far from the speaker's mean has another name than it.
const LEAST_STRENGTH: f64 = 0.3;
/// What a turning moment is measured over, to either side, in seconds.
const SIDE_SECONDS: f64 = 8.0;
/// Voice that a side needs, in seconds.
const SIDE_VOICE_SECONDS: f64 = 2.0;
/// A turn moves at least so much of the probability.
const LEAST_TURN: f64 = 0.2;

/// What highlights are found in.
pub(super) struct Ground<'a> {
    pub(super) speakers: &'a [Voices<'a>],
    pub(super) names: &'a [&'a str],
    pub(super) emotions: &'a EmotionSet,
    /// Where nobody speaks.
    pub(super) silence: &'a Pauses,
    /// Where each speaker pauses, `[speakers]`.
    pub(super) pauses: &'a [Pauses],
    pub(super) seconds: f64,
    pub(super) window_seconds: f64,
}

/// A moment that may become a highlight.
struct Candidate {
    speaker: usize,
    start: f64,
    end: f64,
    reading: Reading,
    before: Option<Reading>,
    strength: f64,
}

/// The highlights of both kinds, by start.
pub(super) fn highlights(ground: &Ground<'_>, settings: &MapSettings) -> Vec<Highlight> {
    let mut found = Vec::new();
    for (kind, candidates) in [
        (HighlightKind::Strong, strong(ground)),
        (HighlightKind::Turning, turning(ground)),
    ] {
        found.extend(
            best(candidates, settings.highlights)
                .into_iter()
                .map(|candidate| highlight(ground, settings, kind, candidate)),
        );
    }
    found.sort_by(|a, b| a.start_seconds.total_cmp(&b.start_seconds));
    found
}

/// The strongest, far enough apart; of equals the first.
fn best(mut candidates: Vec<Candidate>, count: usize) -> Vec<Candidate> {
    candidates.sort_by(|a, b| {
        b.strength
            .total_cmp(&a.strength)
            .then(a.start.total_cmp(&b.start))
    });
    let mut chosen: Vec<Candidate> = Vec::new();
    for candidate in candidates {
        if chosen.len() >= count {
            break;
        }
        let near = |other: &Candidate| {
            candidate.start - other.end < APART_SECONDS
                && other.start - candidate.end < APART_SECONDS
        };
        let alike = |other: &&Candidate| {
            candidate.speaker == other.speaker
                && candidate.reading.scores.leading() == other.reading.scores.leading()
        };
        if !chosen.iter().any(near) && chosen.iter().filter(alike).count() < MOST_ALIKE {
            chosen.push(candidate);
        }
    }
    chosen
}

fn strong(ground: &Ground<'_>) -> Vec<Candidate> {
    let mut candidates = Vec::new();
    for (speaker, voices) in ground.speakers.iter().enumerate() {
        let Some(usual) = &voices.timeline().summary.reading else {
            continue;
        };
        for window in &voices.timeline().windows {
            let share = voices.voiced_seconds(window.start_seconds, window.end_seconds)
                / (window.end_seconds - window.start_seconds).max(f64::MIN_POSITIVE);
            let Some(reading) = window.reading.as_ref() else {
                continue;
            };
            let far = f64::from(reading.valence - usual.valence)
                .hypot(f64::from(reading.arousal - usual.arousal));
            let strength = far * f64::from(reading.confidence);
            if share >= LEAST_VOICED_SHARE && !reading.unsure && strength >= LEAST_STRENGTH {
                candidates.push(Candidate {
                    speaker,
                    start: window.start_seconds,
                    end: window.end_seconds,
                    reading: reading.clone(),
                    before: None,
                    strength,
                });
            }
        }
    }
    candidates
}

fn turning(ground: &Ground<'_>) -> Vec<Candidate> {
    let half = ground.window_seconds / 2.0;
    let mut candidates = Vec::new();
    for (speaker, voices) in ground.speakers.iter().enumerate() {
        let side = |from: f64, to: f64| -> Option<Sum> {
            let sum = voices.sum(from, to);
            (sum.weight >= SIDE_VOICE_SECONDS).then_some(sum)
        };
        for stretch in &voices.stretches {
            let at = stretch.end_seconds;
            let (Some(before), Some(after)) = (
                side(at - half - SIDE_SECONDS, at - half),
                side(at + half, at + half + SIDE_SECONDS),
            ) else {
                continue;
            };
            let reading = |sum: &Sum| sum.reading(ground.emotions, voices.unsure_below());
            let (Some(before), Some(after)) = (reading(&before), reading(&after)) else {
                continue;
            };
            let moved: f64 = before
                .scores
                .0
                .iter()
                .zip(&after.scores.0)
                .map(|(before, after)| f64::from((before - after).abs()))
                .sum::<f64>()
                / 2.0;
            if moved >= LEAST_TURN && before.scores.leading() != after.scores.leading() {
                candidates.push(Candidate {
                    speaker,
                    start: (at - half).max(0.0),
                    end: (at + half).min(voices.timeline().seconds),
                    reading: after,
                    before: Some(before),
                    strength: moved,
                });
            }
        }
    }
    candidates
}

fn highlight(
    ground: &Ground<'_>,
    settings: &MapSettings,
    kind: HighlightKind,
    candidate: Candidate,
) -> Highlight {
    let Candidate {
        speaker,
        start,
        end,
        reading,
        before,
        strength,
    } = candidate;
    let own = ground.pauses.get(speaker);
    let wanted = (
        (start - settings.margin_seconds).max(0.0),
        (end + settings.margin_seconds).min(ground.seconds),
    );
    let cut = |at: f64, from: f64, to: f64| -> (f64, Cut) {
        let (from, to) = (from.max(0.0), to.min(ground.seconds));
        if let Some(at) = ground.silence.nearest(at, from, to) {
            return (at, Cut::Silence);
        }
        match own.and_then(|pauses| pauses.nearest(at, from, to)) {
            Some(at) => (at, Cut::SpeakerPauses),
            // Before the start and after the end nobody speaks.
            None if at <= 0.0 || at >= ground.seconds => (at, Cut::Silence),
            None => (at, Cut::Words),
        }
    };
    let (cut_start_seconds, first) = cut(wanted.0, wanted.0 - REACH_SECONDS, start);
    let (cut_end_seconds, last) = cut(wanted.1, end, wanted.1 + REACH_SECONDS);
    let name = ground.names.get(speaker).copied().unwrap_or("?");
    let is = emotion(Some(&reading), ground.emotions);
    let text = match &before {
        Some(before) => format!(
            "{name}, from {} to {is}",
            emotion(Some(before), ground.emotions)
        ),
        None => format!("{name}, {is}"),
    };
    Highlight {
        kind,
        speaker,
        start_seconds: start,
        end_seconds: end,
        cut_start_seconds,
        cut_end_seconds,
        cut: first.max(last),
        reading,
        before,
        strength,
        text,
    }
}

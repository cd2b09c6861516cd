//! Who speaks when: turns, from each speaker's own voice.

use super::Turn;
use super::bleed::{runs, seconds};
use super::voices::Voices;

/// A pause this long ends a turn, in seconds.
const PAUSE_SECONDS: f64 = 0.7;
/// Voice that a turn needs, in seconds: less is a cough or a click.
const LEAST_SECONDS: f64 = 0.3;
/// The voice gate opens this much after a word begins at most, in seconds.
const ONSET_SECONDS: f64 = 0.05;

/// All speakers' turns, by start.
pub(super) fn turns(speakers: &[Voices<'_>]) -> Vec<Turn> {
    let mut turns: Vec<Turn> = Vec::new();
    for (speaker, voices) in speakers.iter().enumerate() {
        let mut open: Option<(f64, f64)> = None;
        let mut close = |(start, end): (f64, f64)| {
            if voices.voiced_seconds(start, end) >= LEAST_SECONDS {
                turns.push(Turn {
                    speaker,
                    start_seconds: start,
                    end_seconds: end,
                    reading: voices.reading(start, end),
                });
            }
        };
        for (from, to) in runs(&voices.own) {
            let start = (seconds(from) - ONSET_SECONDS).max(0.0);
            let end = seconds(to).min(voices.timeline().seconds);
            open = match open {
                Some((first, last)) if start - last < PAUSE_SECONDS => Some((first, end)),
                Some(turn) => {
                    close(turn);
                    Some((start, end))
                }
                None => Some((start, end)),
            };
        }
        if let Some(turn) = open {
            close(turn);
        }
    }
    turns.sort_by(|a, b| {
        a.start_seconds
            .total_cmp(&b.start_seconds)
            .then(a.speaker.cmp(&b.speaker))
    });
    turns
}

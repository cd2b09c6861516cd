//! Pauses: silence between words.

use crate::voice::{GateSettings, VoiceDetector};

/// Silence inside a phrase is a pause from this length on, in seconds: shorter ones are mostly closures of consonants (Goldman-Eisler,
/// "Psycholinguistics", 1968; De Jong & Bosker, "Choosing a threshold for silent pauses to measure second language fluency", DiSS 2013, find that
/// 0.25 s tells most of speakers).
const SHORTEST_SECONDS: f64 = 0.25;
/// Steps of speech without a pause between them that are a word, and not a click.
const STEPS_OF_A_WORD: u64 = 4;

/// The pauses of a take, between the first and the last word.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Pauses {
    /// How many: silences of 0.25 s and more.
    pub count: u64,
    /// The longest, in seconds; 0 without any.
    pub longest_seconds: f64,
    /// All together, in seconds.
    pub total_seconds: f64,
    /// From the start of the first word to the end of the last, in seconds.
    pub span_seconds: f64,
}

impl Pauses {
    /// Share of the span that is pauses, 0 to 1.
    pub fn share(&self) -> f64 {
        if self.span_seconds > 0.0 {
            (self.total_seconds / self.span_seconds).clamp(0.0, 1.0)
        } else {
            0.0
        }
    }
}

/// Speech without a pause in it, in steps of the detector.
#[derive(Debug, Clone, Copy)]
struct Phrase {
    start: u64,
    /// The step after its last.
    end: u64,
    /// Steps that speak.
    speaking: u64,
}

/// Finds pauses as the detector's steps come.
#[derive(Debug, Default)]
pub(super) struct PauseMeter {
    step: u64,
    phrase: Option<Phrase>,
    /// Start and end of the voice so far, in steps.
    voice: Option<(u64, u64)>,
    pauses: Pauses,
}

impl PauseMeter {
    pub(super) fn push(&mut self, probabilities: &[f32]) {
        for &probability in probabilities {
            // The gate's own hold of 0.2 s would take as much off every pause.
            if probability >= GateSettings::SCAN.threshold {
                self.speak();
            }
            self.step += 1;
        }
    }

    fn speak(&mut self) {
        let step = self.step;
        match &mut self.phrase {
            Some(phrase) if seconds(step - phrase.end) < SHORTEST_SECONDS => {
                phrase.end = step + 1;
                phrase.speaking += 1;
            }
            _ => {
                self.close();
                self.phrase = Some(Phrase {
                    start: step,
                    end: step + 1,
                    speaking: 1,
                });
            }
        }
    }

    /// Ends a phrase; one that is too short for a word is part of the silence.
    fn close(&mut self) {
        let Some(phrase) = self.phrase.take() else {
            return;
        };
        if phrase.speaking < STEPS_OF_A_WORD {
            return;
        }
        let start = match self.voice {
            Some((start, end)) => {
                let silent = seconds(phrase.start - end);
                self.pauses.count += 1;
                self.pauses.total_seconds += silent;
                self.pauses.longest_seconds = self.pauses.longest_seconds.max(silent);
                start
            }
            None => phrase.start,
        };
        self.voice = Some((start, phrase.end));
    }

    /// The pauses, with the first and the last moment of the voice in seconds; `None` without a word.
    pub(super) fn finish(mut self) -> Option<(Pauses, f64, f64)> {
        self.close();
        let (start, end) = self.voice?;
        let pauses = Pauses {
            span_seconds: seconds(end - start),
            ..self.pauses
        };
        Some((pauses, seconds(start), seconds(end)))
    }
}

fn seconds(steps: u64) -> f64 {
    steps as f64 * VoiceDetector::STEP_SECONDS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pauses(runs: &[(bool, usize)]) -> Option<(Pauses, f64, f64)> {
        let mut meter = PauseMeter::default();
        for &(speaks, steps) in runs {
            meter.push(&vec![if speaks { 0.9 } else { 0.1 }; steps]);
        }
        meter.finish()
    }

    #[test]
    fn a_pause_begins_at_a_quarter_of_a_second() {
        let (none, ..) = pauses(&[(true, 20), (false, 15), (true, 20)]).unwrap();
        assert_eq!((none.count, none.longest_seconds), (0, 0.0));
        let (one, start, end) = pauses(&[
            (false, 10),
            (true, 20),
            (false, 16),
            (true, 20),
            (false, 99),
        ])
        .unwrap();
        assert_eq!((one.count, one.longest_seconds), (1, 0.256));
        assert_eq!((start, end), (0.16, 1.056));
        assert!((one.share() - 16.0 / 56.0).abs() < 1e-9);
    }

    #[test]
    fn a_click_is_part_of_the_silence() {
        let (one, ..) =
            pauses(&[(true, 20), (false, 30), (true, 2), (false, 30), (true, 20)]).unwrap();
        assert_eq!(one.count, 1);
        assert!((one.longest_seconds - 62.0 * 0.016).abs() < 1e-9);
        assert_eq!(pauses(&[(false, 50), (true, 3), (false, 50)]), None);
    }
}

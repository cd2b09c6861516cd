//! Where windows lie, and when each is given.

use super::{Heard, Listener};
use crate::analyzer::AnalyzerError;
use crate::features::FeatureError;

/// Voice that a window needs before it says anything of emotion; a single speaking step holds the gate open for 0.2 s.
const VOICED_AT_LEAST_SECONDS: f64 = 0.25;

/// A remainder after the last whole window that gets no window of its own.
const REMAINDER_SECONDS: f64 = 0.01;

/// The window that comes next while the sound goes on.
pub(super) struct Next {
    /// Whether it holds all that was heard so far, and is not whole.
    early: bool,
    start_seconds: f64,
    end_seconds: f64,
    first_frame: i64,
    /// The frame after its last.
    end_frame: i64,
    /// Detector's steps that must have been judged.
    steps: u64,
    /// Samples of the sound, at the input's rate, that decide it.
    pub(super) needs_samples: u64,
}

/// The least count that reaches `wanted`, from a guess that may be off by the last bit.
fn at_least(guess: f64, reached: impl Fn(u64) -> bool) -> u64 {
    let mut count = (guess.ceil().max(0.0) as u64).saturating_sub(1);
    while !reached(count) {
        count += 1;
    }
    count
}

impl Listener {
    /// When the next whole window starts.
    fn next_start(&self) -> f64 {
        self.origin_seconds + self.given as f64 * self.hop.seconds()
    }

    /// The frame nearest to the next whole window's start.
    fn start_frame(&self) -> i64 {
        let rate = f64::from(self.config.sample_rate_hz);
        (self.next_start() * rate / self.config.hop_samples as f64).round() as i64
    }

    /// The middle of the step after so many: all voice before is known.
    fn judged_seconds(&self, steps: u64) -> f64 {
        (steps as f64 + 0.5) * self.detector.step_seconds()
    }

    /// The next window: of all that was heard so far, while that is less than a whole one and the sound has no end; else the next whole one.
    pub(super) fn next_window(&self) -> Next {
        let span = self.config.span_seconds();
        let frames_per_second =
            f64::from(self.config.sample_rate_hz) / self.config.hop_samples as f64;
        let early_end = self.early_end_seconds + self.hop.seconds();
        // One that is whole but for rounding is the first whole window.
        let early =
            self.live && early_end <= span - 1e-6 && self.given == 0 && self.reached_seconds <= 0.0;
        let (start_seconds, end_seconds, first_frame, end_frame) = if early {
            let first = ((early_end - span) / 2.0 * frames_per_second).round() as i64;
            let end = (early_end * frames_per_second).round() as i64;
            (0.0, early_end, first, end)
        } else {
            let (start, first) = (self.next_start(), self.start_frame());
            let end = first + self.cutter.frames() as i64;
            (start, start + span, first, end)
        };
        let steps = at_least(end_seconds / self.detector.step_seconds() - 0.5, |steps| {
            self.judged_seconds(steps) >= end_seconds
        });
        let last_frame = (end_frame - 1).max(0) as u64 * self.config.hop_samples as u64;
        let conditioned = last_frame + self.extractor.lookahead_samples() as u64;
        let conditioned = conditioned.max(self.detector.ready_after(steps));
        let rate = f64::from(self.input_rate_hz);
        let sound = at_least(end_seconds * rate, |samples| {
            samples as f64 / rate >= end_seconds
        });
        Next {
            early,
            start_seconds,
            end_seconds,
            first_frame,
            end_frame,
            steps,
            needs_samples: self.conditioner.ready_after(conditioned).max(sound),
        }
    }

    /// Windows that the sound heard so far decides.
    pub(super) fn give_windows(
        &mut self,
        sink: &mut dyn FnMut(Heard<'_>),
    ) -> Result<(), AnalyzerError> {
        loop {
            let next = self.next_window();
            // The last whole window of a sound may need its end: `finish` gives it then.
            if self.frames.end_index() < next.end_frame
                || self.first_step + (self.voiced.len() as u64) < next.steps
                || self.seconds() < next.end_seconds
            {
                return Ok(());
            }
            // An early window's later frames are there already, and count as silence.
            let until = if next.early { next.end_frame } else { i64::MAX };
            let Next {
                start_seconds,
                end_seconds,
                first_frame,
                ..
            } = next;
            self.give(start_seconds, end_seconds, first_frame, until, sink)?;
            if next.early {
                self.early_end_seconds = end_seconds;
            } else {
                self.given += 1;
                self.forget();
            }
        }
    }

    /// Windows up to the end of the sound, and one that ends with it.
    pub(super) fn give_last_windows(
        &mut self,
        sink: &mut dyn FnMut(Heard<'_>),
    ) -> Result<(), AnalyzerError> {
        let seconds = self.seconds();
        let span = self.config.span_seconds();
        while self.next_start() + span <= seconds {
            self.give(
                self.next_start(),
                self.next_start() + span,
                self.start_frame(),
                i64::MAX,
                sink,
            )?;
            self.given += 1;
        }
        let reached = match self.given {
            0 => self.reached_seconds,
            given => self.origin_seconds + (given - 1) as f64 * self.hop.seconds() + span,
        };
        if seconds - reached > REMAINDER_SECONDS {
            let hop = f64::from(self.config.sample_rate_hz) / self.config.hop_samples as f64;
            let (start_seconds, first) = if seconds < span {
                // In the middle: as much silence before as after.
                (0.0, ((seconds - span) / 2.0 * hop).round())
            } else {
                (seconds - span, ((seconds - span) * hop).round())
            };
            self.give(start_seconds, seconds, first as i64, i64::MAX, sink)?;
        }
        Ok(())
    }

    /// Lets go of what no later window needs. The sound's end may need a window of its own, which starts less than a hop before the next.
    fn forget(&mut self) {
        let keep_seconds = self.next_start() - self.hop.seconds();
        let per_frame = self.config.hop_samples as f64 / f64::from(self.config.sample_rate_hz);
        self.frames
            .discard_before((keep_seconds / per_frame).floor() as i64 - 1);
        let keep_step = (keep_seconds / self.detector.step_seconds()).floor() as u64;
        while self.first_step < keep_step && self.voiced.pop_front().is_some() {
            self.first_step += 1;
        }
    }

    /// A window from `first_frame` on; frames from `end_frame` on count as silence.
    fn give(
        &mut self,
        start_seconds: f64,
        end_seconds: f64,
        first_frame: i64,
        end_frame: i64,
        sink: &mut dyn FnMut(Heard<'_>),
    ) -> Result<(), AnalyzerError> {
        let voiced_seconds = self.voiced_within(start_seconds, end_seconds);
        let mut features = None;
        let mut seen = None;
        if voiced_seconds >= VOICED_AT_LEAST_SECONDS {
            let count = self.cutter.frames();
            // `forget` keeps what is still to come; if it did not, none of the window's frames would be there to cut.
            let frames = self
                .frames
                .window_until(first_frame, count, end_frame)
                .ok_or(FeatureError::WindowFrames {
                    given: 0,
                    expected: count,
                })?;
            self.cutter.cut(&frames, &mut self.window)?;
            features = Some(self.window.as_slice());
            seen = Some(frames);
        }
        sink(Heard {
            start_seconds,
            end_seconds,
            voiced_seconds,
            features,
            frames: seen,
        });
        Ok(())
    }

    /// Seconds of voice between two times: voiced steps whose middle lies there.
    fn voiced_within(&self, start_seconds: f64, end_seconds: f64) -> f64 {
        let step = self.detector.step_seconds();
        let voiced = self
            .voiced
            .iter()
            .enumerate()
            .filter(|(index, voiced)| {
                let middle = (self.first_step as f64 + *index as f64 + 0.5) * step;
                **voiced && (start_seconds..end_seconds).contains(&middle)
            })
            .count();
        (voiced as f64 * step).min(end_seconds - start_seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyzer::Hop;
    use crate::audio::{NoiseReduction, load_mono};
    use crate::features::{FeatureConfig, FeatureKind, WindowCutter};

    const RATE_HZ: u32 = 16_000;

    /// 3.5 s of speech.
    fn sentence() -> Vec<f32> {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/fixtures/audio/spoken.ogg");
        load_mono(&path, RATE_HZ, NoiseReduction::Off).unwrap()
    }

    fn listener() -> Listener {
        Listener::new(&FeatureConfig::paper(), RATE_HZ, Hop::default()).unwrap()
    }

    #[test]
    fn frames_that_the_cutter_cannot_take_are_an_error_and_not_silence() {
        let mut other = FeatureConfig::paper();
        other.kind = FeatureKind::LogMel;
        other.mel.bands = 64;
        let mut listener = listener();
        // No door leads here: both come from one configuration.
        listener.cutter = WindowCutter::new(&other).unwrap();
        listener.window = vec![0.0; other.frames() * other.coefficients()];
        let error = listener
            .push(&sentence(), &mut |_| panic!("a window that was not cut"))
            .unwrap_err();
        assert!(
            matches!(
                error,
                AnalyzerError::Features(FeatureError::Bands {
                    given: 128,
                    expected: 64
                })
            ),
            "{error}"
        );
    }

    #[test]
    fn frames_that_are_gone_are_an_error_and_not_silence() {
        let (mut listener, sound) = (listener(), sentence());
        let (start, rest) = sound.split_at(sound.len() / 2);
        listener.push(start, &mut |_| {}).unwrap();
        // No door leads here: what a window still needs is kept.
        listener.frames.discard_before(40);
        let error = listener
            .push(rest, &mut |_| panic!("a window that was not cut"))
            .unwrap_err();
        assert!(
            matches!(
                error,
                AnalyzerError::Features(FeatureError::WindowFrames { given: 0, .. })
            ),
            "{error}"
        );
        listener.reset();
        let mut windows = 0;
        listener.push(&sound, &mut |_| windows += 1).unwrap();
        assert!(windows > 0);
    }
}

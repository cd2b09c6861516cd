//! Sound to windows of features: resampling, frames, voice activity and the cutting of windows, each sample entering each once.

use std::collections::VecDeque;

use super::{AnalyzerError, Hop};
use crate::audio::Conditioner;
use crate::features::{FeatureConfig, FeatureError, FrameBuffer, FrameExtractor, WindowCutter};
use crate::voice::{GateSettings, VoiceDetector, VoiceGate};

/// Voice that a window needs before it says anything of emotion; a single speaking step holds the gate open for 0.2 s.
const VOICED_AT_LEAST_SECONDS: f64 = 0.25;

/// A remainder after the last whole window that gets no window of its own.
const REMAINDER_SECONDS: f64 = 0.01;

/// A window as it was heard.
#[derive(Debug, Clone, Copy)]
pub struct Heard<'a> {
    /// Start, in seconds from the first sample.
    pub start_seconds: f64,
    /// End, in seconds.
    pub end_seconds: f64,
    /// Seconds of voice within.
    pub voiced_seconds: f64,
    /// `[frames, coefficients]`, what the model sees; `None` where there is too little voice: silence has no emotion.
    pub features: Option<&'a [f32]>,
}

/// How likely it is that somebody speaks, in one step of the detector.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SpeechStep {
    /// End of the step, in seconds from the first sample; it lasts [`VoiceDetector::STEP_SECONDS`].
    pub end_seconds: f64,
    /// Probability of speech, 0 to 1.
    pub probability: f32,
}

/// Sound is taken in pieces of this many samples, so that frames do not pile up however much comes at once.
const PIECE_SAMPLES: usize = 4096;

/// Turns sound into windows of a model's span.
///
/// Windows start at 0, one hop, two hops, …, each at the frame nearest to that time. At the sound's end, what the last whole window
/// does not reach gets a window that ends with the sound. A sound shorter than a window is one window, with the sound in the middle of
/// digital silence.
///
/// A [live](Self::live) listener hears a sound that has no end: it gives windows from the start on, and the detector's steps.
///
/// After an error of [`push`](Self::push) or [`finish`](Self::finish), which would be a fault of Undersong's, the sound is lost:
/// [`reset`](Self::reset) and begin again.
#[derive(Debug)]
pub struct Listener {
    config: FeatureConfig,
    input_rate_hz: u32,
    hop: Hop,
    conditioner: Conditioner,
    extractor: FrameExtractor,
    frames: FrameBuffer,
    detector: VoiceDetector,
    gate: VoiceGate,
    cutter: WindowCutter,
    /// Samples pushed, at the input's rate.
    received: u64,
    /// Where the grid of whole windows begins: 0, unless the hop was changed.
    origin_seconds: f64,
    /// Whole windows given since then.
    given: u64,
    /// End of the last whole window before the grid.
    reached_seconds: f64,
    /// Whether the first windows come before they are whole, and where the last such one ended.
    early: bool,
    early_end_seconds: f64,
    /// The detector's steps, for whoever takes them.
    steps: Option<Vec<SpeechStep>>,
    conditioned: Vec<f32>,
    probabilities: Vec<f32>,
    /// Voiced or not, per step of the detector, from step `first_step` on.
    voiced: VecDeque<bool>,
    first_step: u64,
    voiced_steps: u64,
    window: Vec<f32>,
    /// Nothing may be pushed before all is forgotten.
    finished: bool,
}

impl Listener {
    /// A listener for mono sound at `input_rate_hz` (8–384 kHz).
    ///
    /// # Errors
    /// If the rate or the features are out of range.
    pub fn new(
        config: &FeatureConfig,
        input_rate_hz: u32,
        hop: Hop,
    ) -> Result<Self, AnalyzerError> {
        let cutter = WindowCutter::new(config)?;
        let detector = VoiceDetector::new(config.sample_rate_hz)?;
        Ok(Self {
            config: config.clone(),
            input_rate_hz,
            hop,
            conditioner: Conditioner::new(
                input_rate_hz,
                config.sample_rate_hz,
                config.noise_reduction,
            )?,
            extractor: FrameExtractor::new(config)?,
            frames: FrameBuffer::new(config),
            gate: VoiceGate::new(GateSettings::SCAN, detector.step_seconds()),
            detector,
            window: vec![0.0; cutter.frames() * cutter.coefficients()],
            cutter,
            received: 0,
            origin_seconds: 0.0,
            given: 0,
            reached_seconds: 0.0,
            early: false,
            early_end_seconds: 0.0,
            steps: None,
            conditioned: Vec::new(),
            probabilities: Vec::new(),
            voiced: VecDeque::new(),
            first_step: 0,
            voiced_steps: 0,
            finished: false,
        })
    }

    /// A listener to a sound without an end, as [`new`](Self::new), that gives two things more.
    ///
    /// - **Early windows.** One hop, two hops, … after the start, as long as that is less than a whole window, a window of all that was heard
    ///   so far, in the middle of digital silence: much as a shorter sound's only window. Its last frames, unlike a sound's at its end, see
    ///   the sound that follows. From then on, the whole windows.
    /// - **Steps** of the voice detector: [`take_steps`](Self::take_steps).
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn live(
        config: &FeatureConfig,
        input_rate_hz: u32,
        hop: Hop,
    ) -> Result<Self, AnalyzerError> {
        let mut listener = Self::new(config, input_rate_hz, hop)?;
        listener.early = true;
        listener.steps = Some(Vec::new());
        Ok(listener)
    }

    /// Moves the detector's steps since the last call to the end of `steps`. Only a [live](Self::live) listener has any.
    pub fn take_steps(&mut self, steps: &mut Vec<SpeechStep>) {
        if let Some(own) = &mut self.steps {
            steps.append(own);
        }
    }

    /// Changes the distance between windows, without forgetting any sound: the next window ends a whole number of new hops after the last one,
    /// and not before the sound heard so far.
    pub fn set_hop(&mut self, hop: Hop) {
        if self.given > 0 {
            self.reached_seconds = (self.given - 1) as f64 * self.hop.seconds()
                + self.origin_seconds
                + self.config.span_seconds();
        }
        if self.reached_seconds > 0.0 {
            let hops = ((self.seconds() - self.reached_seconds) / hop.seconds()).floor();
            self.origin_seconds = self.reached_seconds - self.config.span_seconds()
                + (hops.max(0.0) + 1.0) * hop.seconds();
            self.given = 0;
        }
        self.hop = hop;
    }

    /// Rate of the sound, in Hz.
    pub fn input_rate_hz(&self) -> u32 {
        self.input_rate_hz
    }

    /// Seconds of sound pushed so far.
    pub fn seconds(&self) -> f64 {
        self.received as f64 / f64::from(self.input_rate_hz)
    }

    /// Seconds of voice heard so far; right for the whole sound after `finish`.
    pub fn voiced_seconds(&self) -> f64 {
        (self.voiced_steps as f64 * self.detector.step_seconds()).min(self.seconds())
    }

    /// Takes mono samples; hands out the windows that they complete. After [`finish`](Self::finish) they are the first of a new sound.
    ///
    /// # Errors
    /// If a window cannot be cut; it is never passed off as one without voice.
    pub fn push(
        &mut self,
        mono: &[f32],
        sink: &mut dyn FnMut(Heard<'_>),
    ) -> Result<(), AnalyzerError> {
        if self.finished {
            self.reset();
        }
        for piece in mono.chunks(PIECE_SAMPLES) {
            self.received += piece.len() as u64;
            self.conditioned.clear();
            self.conditioner.push(piece, &mut self.conditioned);
            self.take_in();
            if self.early {
                self.give_early_windows(sink)?;
            }
            self.give_whole_windows(sink)?;
        }
        Ok(())
    }

    /// Ends the sound; hands out what windows are left. A second call hands out nothing.
    ///
    /// [`seconds`](Self::seconds) and [`voiced_seconds`](Self::voiced_seconds) speak of the ended sound until the next `push` or `reset`.
    ///
    /// # Errors
    /// As [`push`](Self::push).
    pub fn finish(&mut self, sink: &mut dyn FnMut(Heard<'_>)) -> Result<(), AnalyzerError> {
        if self.finished {
            return Ok(());
        }
        self.finished = true;
        self.conditioned.clear();
        self.conditioner.finish(&mut self.conditioned);
        self.take_in();
        self.extractor.finish(&mut |frame| self.frames.push(frame));
        self.probabilities.clear();
        self.detector.finish(&mut self.probabilities);
        self.judge();
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

    /// Forgets all sound; the next sample is the first of a new one.
    pub fn reset(&mut self) {
        self.conditioner.reset();
        self.extractor.reset();
        self.frames.clear();
        self.detector.reset();
        self.gate.reset();
        self.received = 0;
        self.origin_seconds = 0.0;
        self.given = 0;
        self.reached_seconds = 0.0;
        self.early_end_seconds = 0.0;
        if let Some(steps) = &mut self.steps {
            steps.clear();
        }
        self.finished = false;
        self.voiced.clear();
        self.first_step = 0;
        self.voiced_steps = 0;
    }

    /// Passes conditioned samples to frames and voice activity.
    fn take_in(&mut self) {
        let Self {
            extractor,
            frames,
            conditioned,
            probabilities,
            detector,
            ..
        } = self;
        extractor.push(conditioned, &mut |frame| frames.push(frame));
        probabilities.clear();
        detector.push(conditioned, probabilities);
        self.judge();
    }

    fn judge(&mut self) {
        for &probability in &self.probabilities {
            let voiced = self.gate.push(probability);
            self.voiced.push_back(voiced);
            self.voiced_steps += u64::from(voiced);
            if let Some(steps) = &mut self.steps {
                let count = self.first_step + self.voiced.len() as u64;
                steps.push(SpeechStep {
                    end_seconds: count as f64 * self.detector.step_seconds(),
                    probability,
                });
            }
        }
    }

    /// When the next whole window starts.
    fn next_start(&self) -> f64 {
        self.origin_seconds + self.given as f64 * self.hop.seconds()
    }

    /// The frame nearest to the next whole window's start.
    fn start_frame(&self) -> i64 {
        let rate = f64::from(self.config.sample_rate_hz);
        (self.next_start() * rate / self.config.hop_samples as f64).round() as i64
    }

    /// The middle of the next step to be judged: all voice before is known.
    fn judged_seconds(&self) -> f64 {
        let judged = self.first_step + self.voiced.len() as u64;
        (judged as f64 + 0.5) * self.detector.step_seconds()
    }

    /// Windows of all that was heard so far, while that is less than a whole one.
    fn give_early_windows(&mut self, sink: &mut dyn FnMut(Heard<'_>)) -> Result<(), AnalyzerError> {
        let span = self.config.span_seconds();
        let frames = f64::from(self.config.sample_rate_hz) / self.config.hop_samples as f64;
        loop {
            let end_seconds = self.early_end_seconds + self.hop.seconds();
            let end_frame = (end_seconds * frames).round() as i64;
            // One that is whole but for rounding is the first whole window.
            if end_seconds > span - 1e-6
                || self.given > 0
                || self.reached_seconds > 0.0
                || self.frames.end_index() < end_frame
                || self.judged_seconds() < end_seconds
                || self.seconds() < end_seconds
            {
                return Ok(());
            }
            let first_frame = ((end_seconds - span) / 2.0 * frames).round() as i64;
            self.give(0.0, end_seconds, first_frame, end_frame, sink)?;
            self.early_end_seconds = end_seconds;
        }
    }

    fn give_whole_windows(&mut self, sink: &mut dyn FnMut(Heard<'_>)) -> Result<(), AnalyzerError> {
        let span = self.config.span_seconds();
        loop {
            let end_seconds = self.next_start() + span;
            let end_frame = self.start_frame() + self.cutter.frames() as i64;
            // The last whole window of a sound may need its end: `finish` gives it then.
            if self.frames.end_index() < end_frame
                || self.judged_seconds() < end_seconds
                || self.seconds() < end_seconds
            {
                return Ok(());
            }
            self.give(
                self.next_start(),
                end_seconds,
                self.start_frame(),
                i64::MAX,
                sink,
            )?;
            self.given += 1;
            self.forget();
        }
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
        }
        sink(Heard {
            start_seconds,
            end_seconds,
            voiced_seconds,
            features,
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
    use crate::audio::{NoiseReduction, load_mono};
    use crate::features::FeatureKind;

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

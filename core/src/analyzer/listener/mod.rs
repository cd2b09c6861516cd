//! Sound to windows of features: resampling, frames, voice activity and the cutting of windows, each sample entering each once.

mod heard;
mod windows;

use std::collections::VecDeque;

pub use heard::{Heard, HeardVoice, SpeechStep};

use super::{AnalyzerError, Hop};
use crate::audio::Conditioner;
use crate::features::{FeatureConfig, FrameBuffer, FrameExtractor, WindowCutter};
use crate::voice::{GateSettings, VoiceDetector, VoiceGate};

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
    /// Whether the sound has no end: the first windows then come before they are whole, and none waits for a resampler's block to fill.
    live: bool,
    /// Where the last window ended that was not whole.
    early_end_seconds: f64,
    /// Steps whose voice is not the one that is listened to.
    left_out: Vec<bool>,
    /// The detector's steps, for whoever takes them.
    steps: Option<Vec<SpeechStep>>,
    /// What the detector heard and said, for whoever measures more of it.
    voice: Option<HeardVoice>,
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
        Self::make(config, input_rate_hz, hop, false)
    }

    fn make(
        config: &FeatureConfig,
        input_rate_hz: u32,
        hop: Hop,
        live: bool,
    ) -> Result<Self, AnalyzerError> {
        let cutter = WindowCutter::new(config)?;
        let (rate_hz, reduction) = (config.sample_rate_hz, config.noise_reduction);
        let (conditioner, detector) = if live {
            (
                Conditioner::live(input_rate_hz, rate_hz, reduction)?,
                VoiceDetector::live(rate_hz)?,
            )
        } else {
            (
                Conditioner::new(input_rate_hz, rate_hz, reduction)?,
                VoiceDetector::new(rate_hz)?,
            )
        };
        Ok(Self {
            config: config.clone(),
            input_rate_hz,
            hop,
            conditioner,
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
            live,
            early_end_seconds: 0.0,
            left_out: Vec::new(),
            steps: live.then(Vec::new),
            voice: None,
            conditioned: Vec::new(),
            probabilities: Vec::new(),
            voiced: VecDeque::new(),
            first_step: 0,
            voiced_steps: 0,
            finished: false,
        })
    }

    /// A listener to a sound without an end, as [`new`](Self::new), that gives three things more.
    ///
    /// - **Early windows.** One hop, two hops, … after the start, as long as that is less than a whole window, a window of all that was heard
    ///   so far, in the middle of digital silence: much as a shorter sound's only window. Its last frames, unlike a sound's at its end, see
    ///   the sound that follows. From then on, the whole windows.
    /// - **Windows at once.** A window comes with the sample that decides it, and does not wait for the resampler's block to fill. Its numbers
    ///   differ from those of a listener that waits by rounding alone.
    /// - **Steps** of the voice detector: [`take_steps`](Self::take_steps).
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn live(
        config: &FeatureConfig,
        input_rate_hz: u32,
        hop: Hop,
    ) -> Result<Self, AnalyzerError> {
        Self::make(config, input_rate_hz, hop, true)
    }

    /// How far behind the sound a [live](Self::live) listener's windows come at most, in seconds: half the resampler's filter, and what a
    /// window's last frame or the voice detector looks ahead. Real-time safe: yes.
    pub fn window_delay_seconds(&self) -> f64 {
        let (rate, hop) = (
            f64::from(self.config.sample_rate_hz),
            self.config.hop_samples as f64,
        );
        // A window starts at the frame nearest to its time; its last frame lies one hop before the frame after it.
        let frames = (self.cutter.frames() as f64 - 0.5) * hop - self.config.span_samples as f64
            + self.extractor.lookahead_samples() as f64;
        let voice = self.detector.step_seconds() / 2.0 + self.detector.early_delay_seconds();
        self.conditioner.early_delay_samples() as f64 / rate + (frames / rate).max(voice)
    }

    /// How far behind the sound the detector's steps come at most, in seconds. Real-time safe: yes.
    pub fn step_delay_seconds(&self) -> f64 {
        self.conditioner.delay_samples() as f64 / f64::from(self.config.sample_rate_hz)
            + self.detector.delay_seconds()
    }

    /// Has the voice in these steps of the detector, counted from the sound's start, not count: it is somebody else's, heard from afar.
    /// The sound itself stays as it is. Holds until [`reset`](Self::reset).
    pub fn leave_out(&mut self, steps: &[bool]) {
        self.left_out = steps.to_vec();
    }

    /// Moves the detector's steps since the last call to the end of `steps`. Only a [live](Self::live) listener has any.
    pub fn take_steps(&mut self, steps: &mut Vec<SpeechStep>) {
        if let Some(own) = &mut self.steps {
            steps.append(own);
        }
    }

    /// Keeps from now on what the voice detector hears and says, for [`take_voice`](Self::take_voice): whoever measures more of a voice than the
    /// model does need not resample and judge it again. For sound with an end only.
    pub fn keep_voice(&mut self) {
        self.voice = (!self.live).then(HeardVoice::default);
    }

    /// Moves what was kept since the last call into `voice`, in place of what is there.
    pub fn take_voice(&mut self, voice: &mut HeardVoice) {
        voice.sound.clear();
        voice.probabilities.clear();
        if let Some(own) = &mut self.voice {
            std::mem::swap(own, voice);
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
        for mut piece in mono.chunks(PIECE_SAMPLES) {
            while !piece.is_empty() {
                // A live listener stops at the sample that decides its next window, so that this depends on the sound alone.
                let until = self.live.then(|| self.next_window().needs_samples);
                let room = until.and_then(|until| until.checked_sub(self.received));
                let now = match room {
                    Some(room @ 1..) => usize::try_from(room).unwrap_or(usize::MAX),
                    _ => usize::MAX,
                };
                let (now, later) = piece.split_at(now.min(piece.len()));
                self.received += now.len() as u64;
                self.conditioned.clear();
                self.conditioner.push(now, &mut self.conditioned);
                let decided = until == Some(self.received);
                if decided {
                    self.conditioner.deliver(&mut self.conditioned);
                }
                self.take_in(decided);
                self.give_windows(sink)?;
                piece = later;
            }
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
        self.take_in(false);
        self.extractor.finish(&mut |frame| self.frames.push(frame));
        self.probabilities.clear();
        match &mut self.voice {
            Some(voice) => self
                .detector
                .finish_heard(&mut self.probabilities, |sound| {
                    voice.sound.extend_from_slice(sound);
                }),
            None => self.detector.finish(&mut self.probabilities),
        }
        self.judge();
        self.give_last_windows(sink)
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
        if let Some(voice) = &mut self.voice {
            *voice = HeardVoice::default();
        }
        self.finished = false;
        self.left_out.clear();
        self.voiced.clear();
        self.first_step = 0;
        self.voiced_steps = 0;
    }

    /// Passes conditioned samples to frames and voice activity; `at_once` if that is not to wait for more.
    fn take_in(&mut self, at_once: bool) {
        let Self {
            extractor,
            frames,
            conditioned,
            probabilities,
            detector,
            voice,
            ..
        } = self;
        extractor.push(conditioned, &mut |frame| frames.push(frame));
        probabilities.clear();
        match voice {
            Some(voice) => detector.push_heard(conditioned, probabilities, |sound| {
                voice.sound.extend_from_slice(sound);
            }),
            None => detector.push(conditioned, probabilities),
        }
        if at_once {
            detector.deliver(probabilities);
        }
        self.judge();
    }

    fn judge(&mut self) {
        if let Some(voice) = &mut self.voice {
            voice.probabilities.extend_from_slice(&self.probabilities);
        }
        for &probability in &self.probabilities {
            let step = self.first_step as usize + self.voiced.len();
            let left_out = self.left_out.get(step).copied().unwrap_or(false);
            let voiced = self.gate.push(probability) && !left_out;
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
}

//! `FrameMeter`: a voice at 16 kHz and the detector's word on it to [`Frame`]s, holding little of either.

use std::collections::VecDeque;

use super::HOP;
use super::path::PitchPath;
use super::pitch::{self, Candidate, PitchFinder};
use super::spectrum::{self, BandEnergies};
use super::sums::{sum, weighted_sum};
use super::syllables::{self, intensity_window};
use super::track::Frame;
use crate::voice::{GateSettings, VoiceDetector, VoiceGate};

/// Samples before and after a frame's centre that it sees: half the longest window.
const REACH: usize = syllables::WINDOW / 2;
/// Samples of one step of the voice detector.
const STEP: usize = VoiceDetector::STEP_SAMPLES;

/// A high-pass of the first order at 20 Hz, 0.2 dB at 80 Hz.
#[derive(Debug, Default)]
struct Blocker {
    before: f32,
    out: f32,
    begun: bool,
}

impl Blocker {
    /// exp(−2π · 20 Hz / 16 kHz).
    const POLE: f32 = 0.992_177;

    fn next(&mut self, x: f32) -> f32 {
        // A sound that begins with its offset has none to settle from.
        if !self.begun {
            (self.before, self.begun) = (x, true);
        }
        self.out = x - self.before + Self::POLE * self.out;
        self.before = x;
        self.out
    }
}

/// Makes a frame every 10 ms of sound.
#[derive(Debug)]
pub(super) struct FrameMeter {
    gate: VoiceGate,
    finder: PitchFinder,
    path: PitchPath,
    bands: BandEnergies,
    intensity_window: Vec<f32>,
    /// Whether pitch is looked for where nobody speaks, too.
    everywhere: bool,
    /// Sound that frames still need; its first sample is the first that the next frame sees.
    sound: Vec<f32>,
    /// Takes a constant offset off, which some converters add: it is no sound, and would be measured as noise.
    blocker: Blocker,
    /// Samples so far.
    length: usize,
    /// Frames measured so far.
    measured: usize,
    /// Voiced or not, per step of the detector, from step `first_step` on.
    voiced: VecDeque<bool>,
    first_step: usize,
    /// Frames whose pitch is not settled.
    waiting: VecDeque<Frame>,
    pitch_hz: Vec<f32>,
    candidates: Vec<Candidate>,
}

impl FrameMeter {
    /// A meter that looks for pitch where somebody speaks, or `everywhere`.
    pub(super) fn new(everywhere: bool) -> Self {
        Self {
            gate: VoiceGate::new(GateSettings::SCAN, VoiceDetector::STEP_SECONDS),
            finder: PitchFinder::new(),
            path: PitchPath::default(),
            bands: BandEnergies::new(),
            intensity_window: intensity_window(),
            everywhere,
            sound: vec![0.0; REACH],
            blocker: Blocker::default(),
            length: 0,
            measured: 0,
            voiced: VecDeque::new(),
            first_step: 0,
            waiting: VecDeque::new(),
            pitch_hz: Vec::new(),
            candidates: Vec::new(),
        }
    }

    /// Takes sound at 16 kHz and the detector's probabilities for all steps that it and what was before complete; appends the frames that are
    /// settled. With the last sound comes the probability of a step that is not full, too.
    pub(super) fn push(&mut self, sound: &[f32], probabilities: &[f32], frames: &mut Vec<Frame>) {
        for &probability in probabilities {
            self.voiced.push_back(self.gate.push(probability));
        }
        self.length += sound.len();
        let Self {
            sound: kept,
            blocker,
            ..
        } = self;
        kept.extend(sound.iter().map(|&x| blocker.next(x)));
        self.measure(usize::MAX);
        self.hand_out(frames);
    }

    /// Ends the sound; appends the frames that are left.
    pub(super) fn finish(&mut self, frames: &mut Vec<Frame>) {
        // The frames whose centres lie in the sound see silence after it.
        self.sound.resize(self.sound.len() + 2 * REACH, 0.0);
        self.measure(self.length.div_ceil(HOP));
        self.path.settle(&mut self.pitch_hz);
        self.hand_out(frames);
    }

    /// Measures the frames of which all is there, up to a number of frames.
    fn measure(&mut self, most: usize) {
        let mut done = 0;
        while let Some(seen) = self.sound.get(done..done + 2 * REACH)
            && self.measured < most
        {
            let around = |width: usize| &seen[REACH - width / 2..REACH + width / 2];
            let step = self.measured * HOP / STEP;
            while self.first_step < step && self.voiced.pop_front().is_some() {
                self.first_step += 1;
            }
            let voiced = self.voiced.front().copied().unwrap_or(false);
            self.candidates.clear();
            if voiced || self.everywhere {
                self.finder
                    .find(around(pitch::WINDOW), &mut self.candidates);
            }
            self.path.push(&self.candidates, &mut self.pitch_hz);
            let (low_energy, high_energy) = if self.candidates.is_empty() && !self.everywhere {
                (0.0, 0.0)
            } else {
                self.bands.of(around(spectrum::WINDOW))
            };
            let own = around(HOP);
            self.waiting.push_back(Frame {
                mean_square: sum(own, |x| x * x) / HOP as f32,
                intensity_db: intensity_db(seen, &self.intensity_window),
                pitch_hz: 0.0,
                low_energy,
                high_energy,
                voiced,
            });
            self.measured += 1;
            done += HOP;
        }
        self.sound.drain(..done);
    }

    /// Appends the frames whose pitch is settled.
    fn hand_out(&mut self, frames: &mut Vec<Frame>) {
        for (frame, pitch_hz) in self
            .waiting
            .drain(..self.pitch_hz.len())
            .zip(&self.pitch_hz)
        {
            frames.push(Frame {
                pitch_hz: *pitch_hz,
                ..frame
            });
        }
        self.pitch_hz.clear();
    }
}

/// Power about the mean under the window, in dB; −120 is digital silence.
fn intensity_db(samples: &[f32], window: &[f32]) -> f32 {
    let mean = weighted_sum(samples, window, |x| x);
    let power = weighted_sum(samples, window, |x| (x - mean) * (x - mean));
    10.0 * power.max(1e-12).log10()
}

//! `DeliveryTracker`: sound of any length and rate to a [`Track`], holding little of it.

use super::path::PitchPath;
use super::pitch::{self, Candidate, PitchFinder};
use super::spectrum::{self, BandEnergies};
use super::syllables::{self, intensity_window};
use super::track::{Frame, Track};
use super::{HOP, HOP_SECONDS, RATE_HZ};
use crate::audio::{ConditionError, Conditioner, NoiseReduction};
use crate::voice::{GateSettings, VoiceDetector, VoiceGate};

/// Samples before and after a frame's centre that it sees: half the longest window.
const REACH: usize = syllables::WINDOW / 2;

/// Turns mono sound into a [`Track`]. Not for the audio thread.
#[derive(Debug)]
pub struct DeliveryTracker {
    conditioner: Conditioner,
    detector: VoiceDetector,
    gate: VoiceGate,
    finder: PitchFinder,
    path: PitchPath,
    bands: BandEnergies,
    intensity_window: Vec<f32>,
    /// Sound at 16 kHz that frames still need; its first sample is the first that the next frame sees.
    sound: Vec<f32>,
    /// Samples at 16 kHz so far.
    length: usize,
    frames: Vec<Frame>,
    /// Pitches of the frames as far as they are settled.
    pitch_hz: Vec<f32>,
    /// Voiced or not, per step of the detector.
    voiced: Vec<bool>,
    candidates: Vec<Candidate>,
    probabilities: Vec<f32>,
    conditioned: Vec<f32>,
}

impl DeliveryTracker {
    /// A tracker for mono sound at `input_rate_hz`.
    ///
    /// # Errors
    /// A rate outside 8–384 kHz.
    pub fn new(input_rate_hz: u32) -> Result<Self, ConditionError> {
        let detector = VoiceDetector::new(RATE_HZ)?;
        Ok(Self {
            conditioner: Conditioner::new(input_rate_hz, RATE_HZ, NoiseReduction::Off)?,
            gate: VoiceGate::new(GateSettings::SCAN, detector.step_seconds()),
            detector,
            finder: PitchFinder::new(),
            path: PitchPath::default(),
            bands: BandEnergies::new(),
            intensity_window: intensity_window(),
            sound: vec![0.0; REACH],
            length: 0,
            frames: Vec::new(),
            pitch_hz: Vec::new(),
            voiced: Vec::new(),
            candidates: Vec::new(),
            probabilities: Vec::new(),
            conditioned: Vec::new(),
        })
    }

    /// Takes mono samples at the input's rate, in pieces of any size.
    pub fn push(&mut self, mono: &[f32]) {
        let mut conditioned = std::mem::take(&mut self.conditioned);
        conditioned.clear();
        self.conditioner.push(mono, &mut conditioned);
        self.take_in(&conditioned);
        self.conditioned = conditioned;
    }

    /// Ends the sound.
    pub fn finish(mut self) -> Track {
        let mut rest = std::mem::take(&mut self.conditioned);
        rest.clear();
        self.conditioner.finish(&mut rest);
        self.take_in(&rest);
        // The frames whose centres lie in the sound see silence after it.
        let count = self.length.div_ceil(HOP);
        self.sound.resize(self.sound.len() + 2 * REACH, 0.0);
        self.measure();
        self.frames.truncate(count);
        self.path.settle(&mut self.pitch_hz);
        self.probabilities.clear();
        self.detector.finish(&mut self.probabilities);
        self.judge();
        let step = self.detector.step_seconds();
        for (index, frame) in self.frames.iter_mut().enumerate() {
            frame.pitch_hz = self.pitch_hz.get(index).copied().unwrap_or(0.0);
            let at = (index as f64 * HOP_SECONDS / step) as usize;
            frame.voiced = self.voiced.get(at).copied().unwrap_or(false);
        }
        Track::new(self.frames)
    }

    fn take_in(&mut self, conditioned: &[f32]) {
        self.length += conditioned.len();
        self.probabilities.clear();
        self.detector.push(conditioned, &mut self.probabilities);
        self.judge();
        self.sound.extend_from_slice(conditioned);
        self.measure();
    }

    fn judge(&mut self) {
        for &probability in &self.probabilities {
            self.voiced.push(self.gate.push(probability));
        }
    }

    /// Measures the frames of which all is there.
    fn measure(&mut self) {
        let mut done = 0;
        while let Some(seen) = self.sound.get(done..done + 2 * REACH) {
            let around = |width: usize| &seen[REACH - width / 2..REACH + width / 2];
            self.finder
                .find(around(pitch::WINDOW), &mut self.candidates);
            self.path.push(&self.candidates, &mut self.pitch_hz);
            let (low_energy, high_energy) = self.bands.of(around(spectrum::WINDOW));
            let own = around(HOP);
            self.frames.push(Frame {
                mean_square: own.iter().map(|x| x * x).sum::<f32>() / HOP as f32,
                intensity_db: intensity_db(seen, &self.intensity_window),
                pitch_hz: 0.0,
                low_energy,
                high_energy,
                voiced: false,
            });
            done += HOP;
        }
        self.sound.drain(..done);
    }
}

/// Power about the mean under the window, in dB; −120 is digital silence.
fn intensity_db(samples: &[f32], window: &[f32]) -> f32 {
    let weighted = || samples.iter().zip(window);
    let mean: f32 = weighted().map(|(x, weight)| x * weight).sum();
    let power: f32 = weighted()
        .map(|(x, weight)| (x - mean).powi(2) * weight)
        .sum();
    10.0 * power.max(1e-12).log10()
}

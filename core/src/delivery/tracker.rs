//! `DeliveryTracker`: sound of any length and rate to a [`Track`].

use super::RATE_HZ;
use super::frames::FrameMeter;
use super::track::{Frame, Track};
use crate::audio::{ConditionError, Conditioner, NoiseReduction};
use crate::voice::VoiceDetector;

/// Turns mono sound into a [`Track`]. Not for the audio thread.
#[derive(Debug)]
pub struct DeliveryTracker {
    conditioner: Conditioner,
    detector: VoiceDetector,
    meter: FrameMeter,
    frames: Vec<Frame>,
    probabilities: Vec<f32>,
    conditioned: Vec<f32>,
}

impl DeliveryTracker {
    /// A tracker for mono sound at `input_rate_hz`; it looks for pitch where somebody speaks.
    ///
    /// # Errors
    /// A rate outside 8–384 kHz.
    pub fn new(input_rate_hz: u32) -> Result<Self, ConditionError> {
        Self::make(input_rate_hz, false)
    }

    /// A tracker that looks for pitch, and for the energies of its bands, in every frame: for sounds that are no voice, and to compare frames with
    /// those of other programs. The measures of a stretch are the same, but for the pitch beside a border of the voice.
    ///
    /// # Errors
    /// A rate outside 8–384 kHz.
    pub fn everywhere(input_rate_hz: u32) -> Result<Self, ConditionError> {
        Self::make(input_rate_hz, true)
    }

    fn make(input_rate_hz: u32, everywhere: bool) -> Result<Self, ConditionError> {
        Ok(Self {
            conditioner: Conditioner::new(input_rate_hz, RATE_HZ, NoiseReduction::Off)?,
            detector: VoiceDetector::new(RATE_HZ)?,
            meter: FrameMeter::new(everywhere),
            frames: Vec::new(),
            probabilities: Vec::new(),
            conditioned: Vec::new(),
        })
    }

    /// Takes mono samples at the input's rate, in pieces of any size.
    pub fn push(&mut self, mono: &[f32]) {
        self.conditioned.clear();
        self.conditioner.push(mono, &mut self.conditioned);
        self.take_in();
    }

    /// Ends the sound.
    pub fn finish(mut self) -> Track {
        self.conditioned.clear();
        self.conditioner.finish(&mut self.conditioned);
        self.take_in();
        self.probabilities.clear();
        self.detector.finish(&mut self.probabilities);
        self.meter.push(&[], &self.probabilities, &mut self.frames);
        self.meter.finish(&mut self.frames);
        Track::new(self.frames)
    }

    fn take_in(&mut self) {
        self.probabilities.clear();
        self.detector
            .push(&self.conditioned, &mut self.probabilities);
        self.meter
            .push(&self.conditioned, &self.probabilities, &mut self.frames);
    }
}

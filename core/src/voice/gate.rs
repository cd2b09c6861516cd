//! From probabilities to "speaking" and "silent".

/// When a [`VoiceGate`] opens and closes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GateSettings {
    /// A step speaks when its probability is at least this, 0 to 1.
    pub threshold: f32,
    /// The gate opens after this much speech without a break, in seconds; 0 opens at the first step.
    pub start_seconds: f64,
    /// The gate closes after this much silence without a break, in seconds.
    pub stop_seconds: f64,
}

impl GateSettings {
    /// For what a take's windows and summary call voiced: every speaking step counts at once, and a short gap between words
    /// does not cut the phrase. Misses 0.03 % of the corpora's clips; see [the module](super) for how that was measured.
    pub const SCAN: Self = Self {
        threshold: 0.5,
        start_seconds: 0.0,
        stop_seconds: 0.2,
    };

    /// For events while somebody is speaking, as voice pipelines have them: sure before it says "speech". Misses whispers
    /// and 2.4 % of the corpora's clips; see [the module](super).
    pub const LIVE: Self = Self {
        threshold: 0.7,
        start_seconds: 0.2,
        stop_seconds: 0.2,
    };
}

/// Opens when speech has begun, closes when it has ended; fed one probability at a time.
///
/// Causal: a step is answered from it and what came before.
#[derive(Debug, Clone)]
pub struct VoiceGate {
    threshold: f32,
    step_seconds: f64,
    start_steps: usize,
    stop_steps: usize,
    open: bool,
    /// Steps in a row that speak against the present state.
    against: usize,
}

impl VoiceGate {
    /// A closed gate for steps of `step_seconds` ([`VoiceDetector::step_seconds`](super::VoiceDetector::step_seconds)).
    pub fn new(settings: GateSettings, step_seconds: f64) -> Self {
        let steps = |seconds: f64| (seconds / step_seconds).round().max(1.0) as usize;
        Self {
            threshold: settings.threshold,
            step_seconds,
            start_steps: steps(settings.start_seconds),
            stop_steps: steps(settings.stop_seconds),
            open: false,
            against: 0,
        }
    }

    /// Takes the next step's probability; true while the gate is open. Real-time safe: yes.
    pub fn push(&mut self, probability: f32) -> bool {
        let speaks = probability >= self.threshold;
        if speaks == self.open {
            self.against = 0;
        } else {
            self.against += 1;
            let needed = if self.open {
                self.stop_steps
            } else {
                self.start_steps
            };
            if self.against >= needed {
                self.open = speaks;
                self.against = 0;
            }
        }
        self.open
    }

    /// How long speech lasts before the gate opens, in seconds: [`GateSettings::start_seconds`] in whole steps. Real-time safe: yes.
    pub fn opens_after_seconds(&self) -> f64 {
        self.start_steps as f64 * self.step_seconds
    }

    /// How long silence lasts before the gate closes, in seconds: [`GateSettings::stop_seconds`] in whole steps. Real-time safe: yes.
    pub fn closes_after_seconds(&self) -> f64 {
        self.stop_steps as f64 * self.step_seconds
    }

    /// Whether the gate is open.
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// Closes the gate and forgets what it was fed. Real-time safe: yes.
    pub fn reset(&mut self) {
        self.open = false;
        self.against = 0;
    }
}

//! `Teller`: what the live engine tells, as a stream's events.

use std::collections::VecDeque;
use std::sync::Arc;

use super::utterance::Utterance;
use super::{PRE_ROLL_MS, StreamEvent, StreamEventKind, StreamModel, WarningCode};
use crate::live::{LiveEvent, LiveUpdate};
use crate::model::Scorer;
use crate::timeline::Scores;
use crate::voice::{GateSettings, VoiceDetector, VoiceGate};

/// How much further than a window's end the sound is known once the window comes, at most, in seconds: what the end of speech takes to be
/// decided (0.2 s), what the voice detector looks ahead, and room.
const KNOWN_AFTER_SECONDS: f64 = 0.5;

/// How long an utterance that no window has heard waits for one, in seconds: longer than from one window to the next.
const PATIENCE_SECONDS: f64 = 1.0;

/// Every how many of the engine's windows there is an event.
#[derive(Debug)]
struct Every {
    windows: u64,
    whole: u64,
    early: u64,
}

impl Every {
    /// Whether there is one for this window.
    fn take(&mut self, update: &LiveUpdate) -> bool {
        let count = if update.whole {
            &mut self.whole
        } else {
            if self.whole > 0 {
                // After a gap the sound begins anew.
                (self.whole, self.early) = (0, 0);
            }
            // The first early window ends one hop after the start; the first whole one starts there.
            self.early += 1;
            &mut self.early
        };
        let told = count.is_multiple_of(self.windows);
        if update.whole {
            self.whole += 1;
        }
        told
    }
}

/// Turns the live engine's events into a stream's.
#[derive(Debug)]
pub(super) struct Teller {
    model: Arc<StreamModel>,
    scorer: Scorer,
    rate_hz: u32,
    every: Every,
    sequence: u64,
    /// How long before its decision speech began and ended, in samples.
    opens_after: u64,
    closes_after: u64,
    pre_roll: u64,
    sure_after: u64,
    patience: u64,
    /// The last windows: an utterance is known later than the first windows that hear it.
    recent: VecDeque<LiveUpdate>,
    speaking: Option<Utterance>,
    /// Has ended, and no window has heard it yet.
    unheard: Option<Utterance>,
    /// Where the last utterance ended.
    last_ended: u64,
    /// Where the sound ends, once it does: what follows is silence of our own.
    end: u64,
}

impl Teller {
    /// For sound at `rate_hz`, with an update for every `windows` windows.
    pub(super) fn new(model: Arc<StreamModel>, scorer: Scorer, rate_hz: u32, windows: u64) -> Self {
        let samples = |seconds: f64| (seconds * f64::from(rate_hz)).round() as u64;
        let gate = VoiceGate::new(GateSettings::LIVE, VoiceDetector::STEP_SECONDS);
        Self {
            model,
            scorer,
            rate_hz,
            every: Every {
                windows: windows.max(1),
                whole: 0,
                early: 0,
            },
            sequence: 0,
            opens_after: samples(gate.opens_after_seconds()),
            closes_after: samples(gate.closes_after_seconds()),
            pre_roll: samples(PRE_ROLL_MS as f64 / 1000.0),
            sure_after: samples(KNOWN_AFTER_SECONDS),
            patience: samples(PATIENCE_SECONDS),
            recent: VecDeque::new(),
            speaking: None,
            unheard: None,
            last_ended: 0,
            end: u64::MAX,
        }
    }

    /// The model.
    pub(super) fn model(&self) -> &Arc<StreamModel> {
        &self.model
    }

    /// Whether somebody is speaking.
    pub(super) fn speaking(&self) -> bool {
        self.speaking.is_some()
    }

    /// Whether an utterance is still to be told of.
    pub(super) fn waits(&self) -> bool {
        self.speaking.is_some() || self.unheard.is_some()
    }

    /// The sound ends there.
    pub(super) fn set_end(&mut self, sample: u64) {
        self.end = sample;
    }

    /// Something was heard.
    pub(super) fn hear(&mut self, event: LiveEvent, events: &mut Vec<StreamEvent>) {
        match event {
            LiveEvent::Speech {
                at_sample,
                speaking: true,
            } => self.start(at_sample, events),
            LiveEvent::Speech {
                at_sample,
                speaking: false,
            } => self.stop(at_sample, events),
            LiveEvent::Update(update) => self.update(update, events),
        }
    }

    /// A warning of the sound between two samples.
    pub(super) fn warn(
        &mut self,
        span: (u64, u64),
        code: WarningCode,
        count: u64,
        message: String,
        events: &mut Vec<StreamEvent>,
    ) {
        let kind = StreamEventKind::Warning {
            code,
            count,
            message,
        };
        self.tell(span.0, span.1, kind, events);
    }

    /// All is known that will ever be.
    pub(super) fn finish(&mut self, events: &mut Vec<StreamEvent>) {
        if let Some(mut utterance) = self.speaking.take() {
            utterance.end(self.end);
            self.give_up_unheard(events);
            self.unheard = Some(utterance);
        }
        self.give_up_unheard(events);
    }

    fn start(&mut self, at: u64, events: &mut Vec<StreamEvent>) {
        self.give_up_unheard(events);
        let began = at.saturating_sub(self.opens_after).max(self.last_ended);
        let event_start = began.saturating_sub(self.pre_roll).max(self.last_ended);
        let mut utterance = Utterance::new(event_start, began, self.sure_after);
        for update in &self.recent {
            utterance.hear(update);
        }
        self.speaking = Some(utterance);
        self.tell(event_start, at, StreamEventKind::SpeechStart, events);
    }

    fn stop(&mut self, at: u64, events: &mut Vec<StreamEvent>) {
        if let Some(mut utterance) = self.speaking.take() {
            utterance.end(at.saturating_sub(self.closes_after).min(self.end));
            self.last_ended = utterance.ended().unwrap_or(at);
            self.unheard = self.told(utterance, events);
        }
    }

    /// Tells of an utterance that has ended; gives it back if no window has heard it.
    fn told(
        &mut self,
        mut utterance: Utterance,
        events: &mut Vec<StreamEvent>,
    ) -> Option<Utterance> {
        let Some(mean) = utterance.mean() else {
            return Some(utterance);
        };
        let reading = Some(self.scorer.reading_of(Scores(mean)));
        self.tell_final(
            &utterance,
            StreamEventKind::EmotionFinal { reading },
            events,
        );
        None
    }

    /// An utterance that no window has heard is told of without a reading.
    fn give_up_unheard(&mut self, events: &mut Vec<StreamEvent>) {
        if let Some(utterance) = self.unheard.take()
            && let Some(utterance) = self.told(utterance, events)
        {
            let nothing = StreamEventKind::EmotionFinal { reading: None };
            self.tell_final(&utterance, nothing, events);
        }
    }

    fn tell_final(
        &mut self,
        utterance: &Utterance,
        kind: StreamEventKind,
        events: &mut Vec<StreamEvent>,
    ) {
        let ended = utterance.ended().unwrap_or(self.end);
        self.tell(utterance.event_start, ended, kind, events);
    }

    fn update(&mut self, update: LiveUpdate, events: &mut Vec<StreamEvent>) {
        self.recent.push_back(update);
        while let Some(first) = self.recent.front()
            && first.end_sample + self.sure_after < update.end_sample
        {
            self.recent.pop_front();
        }
        if let Some(utterance) = &mut self.speaking {
            utterance.hear(&update);
        }
        if let Some(mut utterance) = self.unheard.take() {
            utterance.hear(&update);
            self.unheard = self.told(utterance, events);
        }
        let out_of_patience = self.unheard.as_ref().is_some_and(|utterance| {
            let ended = utterance.ended().unwrap_or(0);
            ended + self.patience < update.end_sample
        });
        if out_of_patience {
            self.give_up_unheard(events);
        }
        if self.every.take(&update) && update.end_sample <= self.end {
            let kind = StreamEventKind::EmotionUpdate {
                update,
                speaking: self.speaking.is_some(),
            };
            self.tell(update.start_sample, update.end_sample, kind, events);
        }
    }

    fn tell(&mut self, start: u64, end: u64, kind: StreamEventKind, events: &mut Vec<StreamEvent>) {
        let ms = |sample: u64| {
            let sample = u128::from(sample.min(self.end));
            let rate = u128::from(self.rate_hz.max(1));
            ((sample * 1000 + rate / 2) / rate) as u64
        };
        events.push(StreamEvent {
            sequence: self.sequence,
            audio_start_ms: ms(start),
            audio_end_ms: ms(end.max(start)),
            model: Arc::clone(&self.model),
            kind,
        });
        self.sequence += 1;
    }
}

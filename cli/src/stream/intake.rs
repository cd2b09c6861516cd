//! `Intake`: bytes or samples into the stream, whatever a header says of them.

use std::sync::Arc;

use undersong_core::analyzer::Hop;
use undersong_core::live::{LiveModel, Meters, Pace, WorkerPool};
use undersong_core::model::Priors;
use undersong_core::stream::{
    Head, SampleFormat, Start, StreamError, StreamEvent, StreamOptions, StreamSession, WavFormat,
};

use crate::trouble::Trouble;

/// What was said of the sound, and what is wanted of it; `None` where nothing was said.
#[derive(Debug)]
pub(super) struct Given {
    pub(super) rate_hz: Option<u32>,
    pub(super) channels: Option<u16>,
    pub(super) format: Option<SampleFormat>,
    pub(super) hop: Hop,
    pub(super) smoothing_seconds: f64,
    pub(super) priors: Option<Priors>,
    pub(super) pace: Pace,
}

/// Sound on its way into the stream.
pub(super) struct Intake {
    model: Arc<LiveModel>,
    pool: WorkerPool,
    given: Given,
    session: StreamSession,
    /// The first bytes, until it is known what they are.
    head: Option<Head>,
    /// Bytes of sound that are still to come, if a header said how many.
    left: Option<u64>,
}

impl Intake {
    /// Opens the stream as it was said to be; what was not said is as voice pipelines have it, unless a header says otherwise.
    pub(super) fn open(model: Arc<LiveModel>, given: Given) -> Result<Self, Trouble> {
        let pool = WorkerPool::new(std::num::NonZeroUsize::MIN).map_err(Trouble::failed)?;
        let session = open(&pool, &model, &given, None)?;
        Ok(Self {
            model,
            pool,
            given,
            session,
            head: Some(Head::default()),
            left: None,
        })
    }

    /// Takes bytes; false if the sound is over.
    pub(super) fn push(
        &mut self,
        bytes: &[u8],
        events: &mut Vec<StreamEvent>,
    ) -> Result<bool, Trouble> {
        let Some(head) = &mut self.head else {
            return self.push_sound(bytes, events);
        };
        match head.push(bytes).map_err(input)? {
            Start::Unknown => Ok(true),
            Start::Raw(bytes) => {
                self.head = None;
                self.push_sound(&bytes, events)
            }
            Start::Wav(wav, bytes) => {
                self.head = None;
                self.left = wav.sound_bytes;
                self.session = open(&self.pool, &self.model, &self.given, Some(wav))?;
                self.push_sound(&bytes, events)
            }
        }
    }

    /// Takes interleaved samples, as a microphone gives them.
    #[cfg_attr(not(feature = "devices"), allow(dead_code, reason = "for microphones"))]
    pub(super) fn push_frames(
        &mut self,
        samples: &[f32],
        events: &mut Vec<StreamEvent>,
    ) -> Result<(), Trouble> {
        self.head = None;
        self.session
            .push_frames(samples, events)
            .map_err(Trouble::failed)
    }

    fn push_sound(&mut self, bytes: &[u8], events: &mut Vec<StreamEvent>) -> Result<bool, Trouble> {
        let mut bytes = bytes;
        if let Some(left) = &mut self.left {
            // What follows the sound in a WAV file is no sound.
            let now = usize::try_from(*left)
                .unwrap_or(usize::MAX)
                .min(bytes.len());
            bytes = bytes.get(..now).unwrap_or_default();
            *left -= now as u64;
        }
        self.session
            .push_bytes(bytes, events)
            .map_err(Trouble::failed)?;
        Ok(self.left != Some(0))
    }

    /// Ends the sound.
    pub(super) fn finish(&mut self, events: &mut Vec<StreamEvent>) -> Result<(), Trouble> {
        if let Some(mut head) = self.head.take() {
            let bytes = head.finish();
            self.push_sound(&bytes, events)?;
        }
        self.session.finish(events).map_err(Trouble::failed)
    }

    /// Samples taken so far, of each channel, as a time in ms.
    pub(super) fn position_ms(&self) -> u64 {
        self.session.position() * 1000 / u64::from(self.session.rate_hz().max(1))
    }

    /// Samples taken so far, of each channel.
    pub(super) fn position(&self) -> u64 {
        self.session.position()
    }

    /// Samples per second.
    pub(super) fn rate_hz(&self) -> u32 {
        self.session.rate_hz()
    }

    /// The engine that runs the model, in words.
    pub(super) fn engine(&self) -> &str {
        &self.model.report().description
    }

    /// Level, lag and what else the stream is doing.
    pub(super) fn meters(&self) -> Meters {
        self.session.control().meters()
    }
}

fn open(
    pool: &WorkerPool,
    model: &Arc<LiveModel>,
    given: &Given,
    wav: Option<WavFormat>,
) -> Result<StreamSession, Trouble> {
    let usual = StreamOptions::default();
    let rate_hz = agreed("--rate", given.rate_hz, wav.map(|wav| wav.rate_hz))?;
    let channels = agreed("--channels", given.channels, wav.map(|wav| wav.channels))?;
    let format = agreed("--format", given.format, wav.map(|wav| wav.format))?;
    let options = StreamOptions {
        rate_hz: rate_hz.unwrap_or(usual.rate_hz),
        channels: channels.unwrap_or(usual.channels),
        format: format.unwrap_or(usual.format),
        hop: given.hop,
        smoothing_seconds: given.smoothing_seconds,
        priors: given.priors.clone(),
        pace: given.pace,
    };
    StreamSession::open(pool, Arc::clone(model), &options).map_err(Trouble::misused)
}

/// What the user and a header say, if they do not contradict each other.
fn agreed<T: Copy + PartialEq + std::fmt::Display>(
    option: &str,
    given: Option<T>,
    header: Option<T>,
) -> Result<Option<T>, Trouble> {
    match (given, header) {
        (Some(given), Some(header)) if given != header => Err(Trouble::Misused(format!(
            "{option} {given}: the WAV header on standard input says {header}; leave {option} out, or send raw samples without a header"
        ))),
        (given, header) => Ok(header.or(given)),
    }
}

fn input(error: StreamError) -> Trouble {
    Trouble::Misused(format!("standard input: {error}"))
}

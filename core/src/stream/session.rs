//! `StreamSession`: one stream, from its first sample to its last.

use std::fmt;
use std::sync::Arc;

use super::teller::Teller;
use super::{MAX_CHANNELS, Pcm, SampleFormat, StreamError, StreamEvent, StreamModel, WarningCode};
use crate::analyzer::{AnalyzerError, Hop};
use crate::features::is_sound;
use crate::live::{
    self, LiveControl, LiveError, LiveInput, LiveModel, LiveSettings, Pace, PriorShares, WorkerPool,
};
use crate::model::{Priors, Scorer};

/// The engine's windows are no further apart than this, in seconds, however seldom updates are wanted: the end of an utterance needs them.
const WINDOWS_SECONDS: f64 = 0.25;

/// Sound is handed on in pieces of this length, in seconds: of so many no events are lost on their way.
const PIECE_SECONDS: f64 = 0.25;

/// Silence after the end of the sound, in seconds at most, until the last windows and the last end of speech have come.
const SILENCE_SECONDS: f64 = 2.0;

/// Bytes decoded at once.
const PIECE_BYTES: usize = 65_536;

/// A warning that could be given for every sample is given once in so much sound, in seconds.
const WARNING_SECONDS: f64 = 10.0;

/// What a stream is, and what is wanted of it.
#[derive(Debug, Clone)]
pub struct StreamOptions {
    /// Samples per second, 8–384 kHz.
    pub rate_hz: u32,
    /// Channels, interleaved, 1 to [`MAX_CHANNELS`]; their mean is listened to.
    pub channels: u16,
    /// What a sample is, in bytes.
    pub format: SampleFormat,
    /// Distance from one update to the next.
    pub hop: Hop,
    /// Time constant of the smoothing of updates in seconds, 0 to [`MAX_SMOOTHING_SECONDS`](live::MAX_SMOOTHING_SECONDS); 0 gives each window's own scores.
    pub smoothing_seconds: f64,
    /// What the user expects of the voice; `None` is the training's priors.
    pub priors: Option<Priors>,
    /// Whether pushing waits for the analysis, so that nothing is lost ([`Pace::Offline`]), or never waits, so that what cannot be analysed in
    /// time is dropped, and told of ([`Pace::Live`]).
    pub pace: Pace,
}

impl Default for StreamOptions {
    /// `s16le`, 16 kHz, mono: what voice pipelines and telephony have. The hop is 0.25 s, no smoothing, and pushing waits.
    fn default() -> Self {
        Self {
            rate_hz: 16_000,
            channels: 1,
            format: SampleFormat::default(),
            hop: Hop::default(),
            smoothing_seconds: 0.0,
            priors: None,
            pace: Pace::Offline,
        }
    }
}

/// One stream: sound in, [`StreamEvent`]s out. See [the module](super).
pub struct StreamSession {
    input: LiveInput,
    control: LiveControl,
    channels: usize,
    pcm: Pcm,
    teller: Teller,
    /// Interleaved samples on their way.
    frames: Vec<f32>,
    not_finite: Tally,
    dropped: Tally,
    dropped_samples: u64,
    error: Option<String>,
    finished: bool,
}

impl fmt::Debug for StreamSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamSession")
            .field("input", &self.input)
            .field("channels", &self.channels)
            .finish_non_exhaustive()
    }
}

impl StreamSession {
    /// Opens a stream whose sound the threads of `pool` analyse with `model`; both can be shared by any number of streams.
    ///
    /// # Errors
    /// If a number is out of range, the priors are another model's, or no engine can be made.
    pub fn open(
        pool: &WorkerPool,
        model: Arc<LiveModel>,
        options: &StreamOptions,
    ) -> Result<Self, StreamError> {
        if !(1..=MAX_CHANNELS).contains(&options.channels) {
            return Err(StreamError::Channels {
                given: options.channels.into(),
            });
        }
        let hop_seconds = options.hop.seconds();
        let windows = (hop_seconds / WINDOWS_SECONDS - 1e-9).ceil().max(1.0);
        let priors = options.priors.as_ref();
        let settings = LiveSettings {
            hop: Hop::from_seconds(hop_seconds / windows).unwrap_or(options.hop),
            smoothing_seconds: options.smoothing_seconds,
            priors: priors.map(PriorShares::from_priors).transpose()?,
            ..LiveSettings::default()
        };
        let scorer = Scorer::new(model.model(), priors)
            .map_err(AnalyzerError::from)
            .map_err(LiveError::from)?;
        let told_of = StreamModel::of(model.model());
        let (mut input, control) = live::open(pool, model, options.rate_hz, settings)?;
        input.set_pace(options.pace);
        let channels = usize::from(options.channels);
        Ok(Self {
            pcm: Pcm::new(options.format, channels),
            teller: Teller::new(told_of, scorer, options.rate_hz, windows as u64),
            input,
            control,
            channels,
            frames: Vec::new(),
            not_finite: Tally::default(),
            dropped: Tally::default(),
            dropped_samples: 0,
            error: None,
            finished: false,
        })
    }

    /// Takes bytes of any number, and appends what there is to tell by now.
    ///
    /// # Errors
    /// [`StreamError::Finished`] after [`finish`](Self::finish).
    pub fn push_bytes(
        &mut self,
        bytes: &[u8],
        events: &mut Vec<StreamEvent>,
    ) -> Result<(), StreamError> {
        self.check_open()?;
        for piece in bytes.chunks(PIECE_BYTES) {
            self.frames.clear();
            self.pcm.push(piece, &mut self.frames);
            self.take(events);
        }
        Ok(())
    }

    /// Takes interleaved samples, full scale being 1, instead of bytes, and appends what there is to tell by now.
    ///
    /// # Errors
    /// [`StreamError::Frames`] if a frame is not whole, and nothing is taken then; [`StreamError::Finished`] after [`finish`](Self::finish).
    pub fn push_frames(
        &mut self,
        samples: &[f32],
        events: &mut Vec<StreamEvent>,
    ) -> Result<(), StreamError> {
        self.check_open()?;
        if !samples.len().is_multiple_of(self.channels) {
            return Err(StreamError::Frames {
                given: samples.len(),
                channels: self.channels,
            });
        }
        for piece in samples.chunks(PIECE_BYTES / self.channels * self.channels) {
            self.frames.clear();
            self.frames.extend_from_slice(piece);
            self.take(events);
        }
        Ok(())
    }

    /// Appends what there is to tell by now: at [`Pace::Live`] more comes to be known after the push.
    pub fn poll(&mut self, events: &mut Vec<StreamEvent>) {
        while let Some(event) = self.input.poll() {
            self.teller.hear(event, events);
        }
        self.look_for_trouble(events);
    }

    /// Ends the sound and appends all that is left to tell: an utterance that goes on ends here. It waits for the analysis.
    ///
    /// # Errors
    /// [`StreamError::Finished`] the second time.
    pub fn finish(&mut self, events: &mut Vec<StreamEvent>) -> Result<(), StreamError> {
        self.check_open()?;
        self.finished = true;
        self.input.set_pace(Pace::Offline);
        self.input.wait();
        self.poll(events);
        let end = self.input.position();
        self.teller.set_end(end);
        let silence = vec![0.0; samples(self.rate_hz(), SILENCE_SECONDS / 20.0) as usize];
        let most = end + samples(self.rate_hz(), SILENCE_SECONDS);
        let decided = end + self.input.delay_samples();
        while end > 0
            && self.input.position() < most
            && (self.input.position() < decided || self.teller.waits())
        {
            self.input.push_mono(&silence);
            self.input.wait();
            self.poll(events);
        }
        self.teller.finish(events);
        let odd = self.pcm.finish() as u64;
        if odd > 0 {
            let message = format!(
                "the sound ended within a frame: {odd} bytes were left out; if that is not what was meant, check the format and the channels"
            );
            self.teller
                .warn((end, end), WarningCode::OddBytes, odd, message, events);
        }
        self.tell_tallies(u64::MAX, events);
        Ok(())
    }

    /// The model whose emotions the events tell of.
    pub fn model(&self) -> &Arc<StreamModel> {
        self.teller.model()
    }

    /// Whether somebody is speaking, as far as events have told.
    pub fn speaking(&self) -> bool {
        self.teller.speaking()
    }

    /// Level, lag and engine of the stream, for whoever shows them.
    pub fn control(&self) -> &LiveControl {
        &self.control
    }

    /// Samples per second.
    pub fn rate_hz(&self) -> u32 {
        self.control.sample_rate_hz()
    }

    /// Samples taken so far, of each channel.
    pub fn position(&self) -> u64 {
        self.input.position()
    }

    /// Samples of each channel that were taken and are not analysed yet, but for a last piece of less than 2.5 ms: none at [`Pace::Offline`]. Whoever
    /// cannot wait opens at [`Pace::Live`], pushes while this is below a quarter of a second of sound, so that none is dropped, and
    /// [`poll`](Self::poll)s until it is 0.
    pub fn unheard_samples(&self) -> u64 {
        self.input.unheard_samples()
    }

    fn check_open(&self) -> Result<(), StreamError> {
        if self.finished {
            return Err(StreamError::Finished);
        }
        Ok(())
    }

    /// The samples in `frames`, piece by piece through the engine.
    fn take(&mut self, events: &mut Vec<StreamEvent>) {
        let mut frames = std::mem::take(&mut self.frames);
        self.clean(&mut frames);
        let piece = samples(self.rate_hz(), PIECE_SECONDS).max(1) as usize * self.channels;
        for piece in frames.chunks(piece) {
            self.input.push_interleaved(piece, self.channels);
            self.input.wait();
            self.poll(events);
        }
        if frames.is_empty() {
            self.poll(events);
        }
        self.frames = frames;
    }

    /// What is no sound becomes silence, and is counted.
    fn clean(&mut self, frames: &mut [f32]) {
        let position = self.input.position();
        for (at, sample) in (0_u64..).zip(frames) {
            if !is_sound(*sample) {
                *sample = 0.0;
                let at = position + at / self.channels as u64;
                self.not_finite.count(1, at, at + 1);
            }
        }
    }

    fn look_for_trouble(&mut self, events: &mut Vec<StreamEvent>) {
        let position = self.input.position();
        let dropped = self.input.dropped_samples();
        let new = dropped.saturating_sub(self.dropped_samples);
        if new > 0 {
            self.dropped_samples = dropped;
            self.dropped
                .count(new, position.saturating_sub(new), position);
        }
        self.tell_tallies(position, events);
        let error = self.control.error();
        if error != self.error {
            if let Some(error) = &error {
                let code = WarningCode::AnalysisFailed;
                self.teller
                    .warn((position, position), code, 1, error.clone(), events);
            }
            self.error = error;
        }
    }

    /// Tells what was counted, if it is time to.
    fn tell_tallies(&mut self, position: u64, events: &mut Vec<StreamEvent>) {
        let every = samples(self.rate_hz(), WARNING_SECONDS);
        if let Some((count, span)) = self.not_finite.take(position, every) {
            let message = format!(
                "{count} samples were not numbers, infinite or a million times full scale, and taken for silence; check the format and whoever sends them"
            );
            self.teller
                .warn(span, WarningCode::NotFinite, count, message, events);
        }
        if let Some((count, span)) = self.dropped.take(position, every) {
            let message = format!(
                "{count} samples were not analysed: sound comes faster than this machine can analyse it; lengthen the hop or run fewer streams"
            );
            self.teller
                .warn(span, WarningCode::DroppedSound, count, message, events);
        }
    }
}

fn samples(rate_hz: u32, seconds: f64) -> u64 {
    (f64::from(rate_hz) * seconds).round() as u64
}

/// Counts what is not worth an event each.
#[derive(Debug, Default)]
struct Tally {
    count: u64,
    span: Option<(u64, u64)>,
    told_at: Option<u64>,
}

impl Tally {
    fn count(&mut self, count: u64, start: u64, end: u64) {
        self.count += count;
        let (first, last) = self.span.unwrap_or((start, end));
        self.span = Some((first.min(start), last.max(end)));
    }

    /// What was counted, unless it was told less than `every` samples before `position`.
    fn take(&mut self, position: u64, every: u64) -> Option<(u64, (u64, u64))> {
        let early = self
            .told_at
            .is_some_and(|at| position - at.min(position) < every);
        let span = self.span.filter(|_| !early)?;
        self.told_at = Some(position);
        self.span = None;
        Some((std::mem::take(&mut self.count), span))
    }
}

//! A whole take's delivery, and each window's, measured in one pass with little memory.

use std::collections::VecDeque;

use super::frames::FrameMeter;
use super::loudness::{Loudness, LoudnessMeter, LoudnessTarget};
use super::measures::Delivery;
use super::noise::Levels;
use super::pauses::{PauseMeter, Pauses};
use super::peaks::{Clipping, PeakMeter};
use super::sums::{Sums, decibels, rate};
use super::syllables;
use super::track::{Frame, frame_at};
use crate::audio::ChannelPlace;

/// Frames whose mean level is that of an edge: the second and third, and the last but one and but two, so that each lies whole in the sound.
const EDGE_FRAMES: usize = 2;

/// Share of all frames that are the quietest.
const QUIETEST_SHARE: f64 = 0.05;

/// How a take is delivered.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TakeDelivery {
    /// The voice, over the whole take; its loudness is the integrated one.
    pub voice: Delivery,
    /// Loudness of the file, with what it is meant to be.
    pub loudness: Loudness,
    /// Pauses between the first and the last word; `None` without voice.
    pub pauses: Option<Pauses>,
    /// What a sound engineer asks first.
    pub technical: Technical,
}

/// Measures of a recording, from which [flags](TakeDelivery::flags) follow.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Technical {
    /// Samples per second of the file, in Hz.
    pub sample_rate_hz: u32,
    /// Channels of the file.
    pub channels: usize,
    /// Greatest sample, in dB below full scale; `None` for digital silence.
    pub sample_peak_dbfs: Option<f64>,
    /// Tops that are cut off.
    pub clipping: Clipping,
    /// From the start of the take to the first word, in seconds; `None` without voice.
    pub lead_in_seconds: Option<f64>,
    /// From the last word to the end of the take, in seconds; `None` without voice.
    pub tail_seconds: Option<f64>,
    /// How far the first 20 ms lie below the voice's level, in dB; `None` without voice.
    pub start_below_voice_db: Option<f64>,
    /// How far the last 20 ms lie below the voice's level, in dB; `None` without voice.
    pub end_below_voice_db: Option<f64>,
    /// Level that the quietest twentieth of all 10 ms does not exceed, up to 8 kHz, in dB below full scale; −120 is digital silence. `None` under
    /// 0.2 s.
    pub quietest_db: Option<f64>,
    /// Level between the words, the median over frames without voice up to 8 kHz, in dB below full scale; −120 is digital silence. `None` where less
    /// than 0.2 s has no voice.
    pub noise_floor_db: Option<f64>,
    /// The voice's level above that, in dB; `None` without either.
    pub snr_db: Option<f64>,
}

/// Measures a take, as its sound comes. It is told of the file's channels, of the voice at 16 kHz with what the voice detector says of it, and of
/// the windows to measure.
///
/// Memory grows by 13 bytes with each frame of 10 ms (9 for syllables, 4 for a pitch), by some 100 with each window.
#[derive(Debug)]
pub struct TakeMeter {
    target: LoudnessTarget,
    rate_hz: u32,
    channels: usize,
    loudness: LoudnessMeter,
    peaks: PeakMeter,
    frames: FrameMeter,
    pauses: PauseMeter,
    /// Levels where nobody speaks, and everywhere.
    gaps: Levels,
    all: Levels,
    whole: Sums,
    /// Frames of the last windows, from frame `first` on.
    recent: VecDeque<Frame>,
    first: usize,
    /// Frames so far.
    count: usize,
    /// Of all frames: the intensity, and whether a nucleus may lie there.
    levels_db: Vec<f32>,
    eligible: Vec<bool>,
    /// Mean squares of the edges' frames: the first four, the last four.
    start: Vec<f32>,
    end: VecDeque<f32>,
    /// The windows' borders in frames, and what is measured of them so far.
    spans: Vec<(usize, usize)>,
    windows: Vec<Delivery>,
    sums: Sums,
    settled: Vec<Frame>,
}

impl TakeMeter {
    /// A meter for a file with such channels at `rate_hz`.
    pub fn new(rate_hz: u32, places: &[ChannelPlace], target: LoudnessTarget) -> Self {
        Self {
            target,
            rate_hz,
            channels: places.len(),
            loudness: LoudnessMeter::new(rate_hz, places),
            peaks: PeakMeter::new(rate_hz, places),
            frames: FrameMeter::new(false),
            pauses: PauseMeter::default(),
            gaps: Levels::new(),
            all: Levels::new(),
            whole: Sums::default(),
            recent: VecDeque::new(),
            first: 0,
            count: 0,
            levels_db: Vec::new(),
            eligible: Vec::new(),
            start: Vec::new(),
            end: VecDeque::new(),
            spans: Vec::new(),
            windows: Vec::new(),
            sums: Sums::default(),
            settled: Vec::new(),
        }
    }

    /// Takes the file's next samples, `[channels][frames]`, full scale = 1, in pieces of any size.
    pub fn push_channels(&mut self, planes: &[Vec<f32>]) {
        self.loudness.push(planes);
        self.peaks.push(planes);
    }

    /// Takes the next mono sound at 16 kHz, with the voice detector's probabilities for all steps that it and what was before complete; with the
    /// last sound also that of a step that is not full.
    pub fn push_voice(&mut self, sound: &[f32], probabilities: &[f32]) {
        self.pauses.push(probabilities);
        self.frames.push(sound, probabilities, &mut self.settled);
        self.take_in();
    }

    /// A window to measure, from and to a time in seconds. Windows come in the order of their starts.
    pub fn window(&mut self, start_seconds: f64, end_seconds: f64) {
        self.spans
            .push((frame_at(start_seconds), frame_at(end_seconds)));
    }

    /// Ends the sound, which is `seconds` long. Gives the whole take and the windows, in their order.
    pub fn finish(mut self, seconds: f64) -> (TakeDelivery, Vec<Delivery>) {
        self.frames.finish(&mut self.settled);
        self.take_in();
        while self.windows.len() < self.spans.len() {
            self.measure_window(self.count);
        }
        let eligible = |index: usize| self.eligible.get(index).copied().unwrap_or(false);
        let nuclei = syllables::nuclei(&self.levels_db, eligible);
        for (window, &(from, to)) in self.windows.iter_mut().zip(&self.spans) {
            let before = |frame: usize| nuclei.partition_point(|&nucleus| nucleus < frame);
            let within = before(to).saturating_sub(before(from));
            window.syllables_per_second = rate(within, window.voiced_seconds);
            let seconds = |frame: usize| frame as f64 * super::HOP_SECONDS;
            window.loudness_lufs = self.loudness.between(seconds(from), seconds(to));
        }
        let loudness = self.loudness.loudness(self.target, self.peaks.true_peak());
        let voice = self.whole.delivery();
        let voice = Delivery {
            syllables_per_second: rate(nuclei.len(), voice.voiced_seconds),
            loudness_lufs: loudness.integrated_lufs,
            ..voice
        };
        let pauses = std::mem::take(&mut self.pauses).finish();
        let technical = self.technical(seconds, &voice, pauses);
        let take = TakeDelivery {
            voice,
            loudness,
            pauses: pauses.map(|(pauses, ..)| pauses),
            technical,
        };
        (take, self.windows)
    }

    fn technical(
        &self,
        seconds: f64,
        voice: &Delivery,
        pauses: Option<(Pauses, f64, f64)>,
    ) -> Technical {
        let peak = self.peaks.sample_peak();
        let below_voice = |frames: &[f32]| {
            let mean = f64::from(frames.iter().sum::<f32>()) / frames.len().max(1) as f64;
            Some(voice.level_db? - decibels(mean.max(1e-12)))
        };
        let end: Vec<f32> = self.end.iter().copied().collect();
        let whole = |frames: &[f32]| frames.len() == EDGE_FRAMES + 1;
        let noise_floor_db = self.gaps.percentile_db(0.5);
        Technical {
            sample_rate_hz: self.rate_hz,
            channels: self.channels,
            sample_peak_dbfs: (peak > 0.0).then(|| 20.0 * peak.log10()),
            clipping: self.peaks.clipping(),
            lead_in_seconds: pauses.map(|(_, first, _)| first.min(seconds)),
            tail_seconds: pauses.map(|(.., last)| (seconds - last).max(0.0)),
            start_below_voice_db: whole(&self.start)
                .then(|| below_voice(&self.start[1..]))
                .flatten(),
            end_below_voice_db: whole(&end)
                .then(|| below_voice(&end[..EDGE_FRAMES]))
                .flatten(),
            quietest_db: self.all.percentile_db(QUIETEST_SHARE),
            noise_floor_db,
            snr_db: noise_floor_db
                .zip(voice.level_db)
                .map(|(floor, level)| level - floor),
        }
    }

    /// Sums up the frames that are settled, and measures the windows that they complete.
    fn take_in(&mut self) {
        for frame in &self.settled {
            self.whole.add(frame);
            if !frame.voiced {
                self.gaps.push(frame.mean_square);
            }
            self.all.push(frame.mean_square);
            self.levels_db.push(frame.intensity_db);
            self.eligible.push(frame.may_be_nucleus());
            if self.start.len() <= EDGE_FRAMES {
                self.start.push(frame.mean_square);
            }
            if self.end.len() > EDGE_FRAMES {
                self.end.pop_front();
            }
            self.end.push_back(frame.mean_square);
        }
        self.count += self.settled.len();
        self.recent.extend(self.settled.drain(..));
        while let Some(&(_, to)) = self.spans.get(self.windows.len())
            && to <= self.count
        {
            self.measure_window(to);
        }
        // Later windows start no earlier than the last that is known.
        let open = self.spans.get(self.windows.len()).or(self.spans.last());
        let keep = open.map_or(0, |&(from, _)| from).max(self.first);
        self.recent
            .drain(..(keep - self.first).min(self.recent.len()));
        self.first = keep.min(self.count).max(self.first);
    }

    /// Measures the next window, whose frames up to `to` are there.
    fn measure_window(&mut self, to: usize) {
        let Some(&(from, end)) = self.spans.get(self.windows.len()) else {
            return;
        };
        let index = |frame: usize| frame.saturating_sub(self.first).min(self.recent.len());
        let to = index(to.min(end));
        let from = index(from).min(to);
        self.sums.clear();
        for frame in self.recent.range(from..to) {
            self.sums.add(frame);
        }
        self.windows.push(self.sums.delivery());
    }
}

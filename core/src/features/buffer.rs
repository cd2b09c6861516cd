//! `FrameBuffer`: the frames of a stream that windows still need, and the view of a window onto them.

use super::config::FeatureConfig;
use super::extractor::Frame;

/// A run of consecutive frames of one stream, oldest first.
#[derive(Debug, Clone, Default)]
pub struct FrameBuffer {
    bands: usize,
    /// Frames at the front that were discarded and still lie in the vectors.
    discarded: usize,
    /// Index of the oldest frame in the vectors, discarded or not.
    start: i64,
    /// Index of the first frame since the buffer was empty; `None` before it.
    began: Option<i64>,
    log_mel_db: Vec<f32>,
    energy: Vec<f32>,
    peak: Vec<f32>,
}

/// Consecutive frames side by side.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct FrameSlice<'a> {
    /// Band levels in dB, `[frames, bands]`; see [`Frame::log_mel_db`].
    pub log_mel_db: &'a [f32],
    /// Energy of each frame's hop, `[frames]`.
    pub energy: &'a [f32],
    /// Greatest magnitude of each frame's hop, `[frames]`.
    pub peak: &'a [f32],
}

/// The frames of one window, with the digital silence that stands for frames before a stream's start and after its end.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct WindowFrames<'a> {
    /// Silent frames before the first.
    pub silent_before: usize,
    /// The frames that there are.
    pub frames: FrameSlice<'a>,
    /// Silent frames after the last.
    pub silent_after: usize,
}

impl FrameSlice<'_> {
    /// Number of frames.
    pub fn len(&self) -> usize {
        self.energy.len()
    }

    /// Whether there are no frames.
    pub fn is_empty(&self) -> bool {
        self.energy.is_empty()
    }
}

impl WindowFrames<'_> {
    /// Number of frames, silent ones included.
    pub fn len(&self) -> usize {
        self.silent_before + self.frames.len() + self.silent_after
    }

    /// Whether there are no frames.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl FrameBuffer {
    /// An empty buffer for frames of a configuration.
    pub fn new(config: &FeatureConfig) -> Self {
        Self {
            bands: config.mel.bands,
            ..Self::default()
        }
    }

    /// Appends a frame. One that does not follow the last starts the buffer anew, so that its frames are always consecutive.
    ///
    /// Grows as needed: not for an audio thread.
    pub fn push(&mut self, frame: &Frame<'_>) {
        if self.began.is_none() || frame.index != self.end_index() {
            self.clear();
            self.start = frame.index;
            self.began = Some(frame.index);
        }
        self.log_mel_db.extend_from_slice(frame.log_mel_db);
        self.energy.push(frame.energy);
        self.peak.push(frame.peak);
    }

    /// Forgets all frames.
    pub fn clear(&mut self) {
        self.discarded = 0;
        self.start = 0;
        self.began = None;
        self.log_mel_db.clear();
        self.energy.clear();
        self.peak.clear();
    }

    /// Number of frames held.
    pub fn len(&self) -> usize {
        self.energy.len() - self.discarded
    }

    /// Whether no frame is held.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Index of the oldest frame held.
    pub fn first_index(&self) -> i64 {
        self.start + self.discarded as i64
    }

    /// Index of the frame after the newest.
    pub fn end_index(&self) -> i64 {
        self.start + self.energy.len() as i64
    }

    /// Lets go of the frames before `index`. What memory they took is used again, so a buffer that discards stays small.
    pub fn discard_before(&mut self, index: i64) {
        let discard = (index - self.start).clamp(0, self.energy.len() as i64) as usize;
        self.discarded = self.discarded.max(discard);
        // Moving only when half is waste costs each frame one move at most.
        if self.discarded * 2 > self.energy.len() {
            self.log_mel_db.drain(..self.discarded * self.bands);
            self.energy.drain(..self.discarded);
            self.peak.drain(..self.discarded);
            self.start += self.discarded as i64;
            self.discarded = 0;
        }
    }

    /// All frames held.
    pub fn frames(&self) -> FrameSlice<'_> {
        self.slice(self.discarded, self.energy.len())
    }

    /// The window of `count` frames that starts at frame `first`.
    ///
    /// Frames missing before the oldest held or after the newest are silent: right at a stream's start and, after
    /// [`FrameExtractor::finish`](super::FrameExtractor::finish), at its end; so ask for a window only once
    /// [`end_index`](Self::end_index) has reached `first + count`, or after the end. `None` when frames that the window needs were discarded.
    pub fn window(&self, first: i64, count: usize) -> Option<WindowFrames<'_>> {
        self.window_until(first, count, i64::MAX)
    }

    /// As [`window`](Self::window), with silence in place of the frames from `until` on.
    pub fn window_until(&self, first: i64, count: usize, until: i64) -> Option<WindowFrames<'_>> {
        let oldest = self.first_index();
        if first < oldest && self.began.is_some_and(|began| began < oldest) {
            return None;
        }
        let held = self.energy.len() as i64;
        let end = first.saturating_add(count as i64).min(until);
        let from = first.saturating_sub(self.start).clamp(0, held);
        let to = end.saturating_sub(self.start).clamp(from, held);
        let before = self.start.saturating_sub(first).clamp(0, count as i64) as usize;
        let frames = self.slice(from as usize, to as usize);
        Some(WindowFrames {
            silent_before: before,
            frames,
            silent_after: count - before - frames.len(),
        })
    }

    fn slice(&self, from: usize, to: usize) -> FrameSlice<'_> {
        FrameSlice {
            log_mel_db: &self.log_mel_db[from * self.bands..to * self.bands],
            energy: &self.energy[from..to],
            peak: &self.peak[from..to],
        }
    }
}

//! `FrameExtractor`: frames as audio arrives, each computed once, the same to the bit however the audio was cut into blocks.

use super::config::FeatureConfig;
use super::error::FeatureError;
use super::spectrum::{Spectrum, copy_clean, energy_and_peak};

/// Samples taken in between two moves of the history.
const BLOCK_SAMPLES: usize = 8192;

/// One frame, before anything that depends on a window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Frame<'a> {
    /// Place on the stream's grid: the frame is centred at sample `index * hop_samples`.
    pub index: i64,
    /// Level of each mel band, `[bands]`, in dB: `10 log10(power)`, without the configuration's floor and range (a level gain
    /// comes first); digital silence stands near -379 dB.
    pub log_mel_db: &'a [f32],
    /// Sum of squares of the frame's own hop, the samples `[index * hop, (index + 1) * hop)`; the hops of a window tile it.
    pub energy: f32,
    /// Greatest magnitude among the same samples.
    pub peak: f32,
}

/// Turns a stream of mono samples at the configuration's rate into frames.
///
/// A stream of `n` samples has the frames centred at `k · hop ≤ n`, which are `1 + n / hop` (librosa's count, see
/// [`frames_in`](Self::frames_in)). Beside them come the few frames centred before the first sample or after the last whose window still
/// reaches into the sound (index below 0 or at least `1 + n / hop`): with them, every frame that does not come is digital silence, so a window
/// that stands over the edge of a sound gets the numbers of the sound padded with zeros.
///
/// Samples that are no sound (NaN, infinities, magnitudes above a million) count as zero. Noise reduction is not done here: it
/// belongs to the samples, before they come.
#[derive(Debug, Clone)]
pub struct FrameExtractor {
    spectrum: Spectrum,
    /// The last samples; its capacity never changes.
    history: Vec<f32>,
    /// Stream position of `history[0]`; negative within the zeros before the start.
    history_start: i64,
    /// Index of the frame that comes next.
    next: i64,
    received: u64,
    bands_db: Vec<f32>,
}

impl FrameExtractor {
    /// Plans everything; later calls allocate nothing.
    ///
    /// # Errors
    /// [`FeatureError::Setting`] when the configuration cannot work.
    pub fn new(config: &FeatureConfig) -> Result<Self, FeatureError> {
        let spectrum = Spectrum::new(config)?;
        let geometry = spectrum.geometry;
        let longest = geometry.lead() * geometry.hop + geometry.left + geometry.right();
        let mut extractor = Self {
            spectrum,
            history: Vec::with_capacity(longest + BLOCK_SAMPLES),
            history_start: 0,
            next: 0,
            received: 0,
            bands_db: vec![0.0; config.mel.bands],
        };
        extractor.reset();
        Ok(extractor)
    }

    /// Takes samples and hands each frame that they complete to `sink`, in order of index.
    ///
    /// Real-time safe: yes, if `sink` is.
    pub fn push(&mut self, samples: &[f32], sink: &mut impl FnMut(&Frame<'_>)) {
        let mut rest = samples;
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rest.len().min(self.room()));
            let at = self.history.len();
            self.history.resize(at + now.len(), 0.0);
            copy_clean(now, &mut self.history[at..]);
            self.received += now.len() as u64;
            self.emit(i64::MAX, sink);
            rest = later;
        }
    }

    /// Ends the stream: hands out its last frames, with zeros after the last sample, and [resets](Self::reset). A stream without samples has no frames.
    ///
    /// Real-time safe: yes, if `sink` is.
    pub fn finish(&mut self, sink: &mut impl FnMut(&Frame<'_>)) {
        if self.received > 0 {
            let end = self.spectrum.geometry.end_frame(self.received);
            while self.next < end {
                let zeros = self.room();
                self.history.resize(self.history.len() + zeros, 0.0);
                self.emit(end, sink);
            }
        }
        self.reset();
    }

    /// Forgets the stream; the next sample is the first of a new one. Real-time safe: yes.
    pub fn reset(&mut self) {
        let geometry = self.spectrum.geometry;
        let lead = geometry.lead();
        let zeros = lead * geometry.hop + geometry.left;
        self.history.clear();
        self.history.resize(zeros, 0.0);
        self.history_start = -(zeros as i64);
        self.next = -(lead as i64);
        self.received = 0;
    }

    /// Index of the frame that comes next; every frame before it has been handed out.
    pub fn next_index(&self) -> i64 {
        self.next
    }

    /// Samples after a frame's centre that must have arrived before the frame comes: the right part of its window, and at least its hop.
    pub fn lookahead_samples(&self) -> usize {
        self.spectrum.geometry.right()
    }

    /// Frames of a sound of `samples` samples as librosa counts them: those centred within it, `1 + samples / hop`.
    pub fn frames_in(&self, samples: u64) -> u64 {
        samples / self.spectrum.geometry.hop as u64 + 1
    }

    /// Free places in the history; moves what is still needed to its front when there are none.
    fn room(&mut self) -> usize {
        if self.history.len() == self.history.capacity() {
            let geometry = self.spectrum.geometry;
            let needed = self.next * geometry.hop as i64 - geometry.left as i64;
            let done = ((needed - self.history_start).max(0) as usize).min(self.history.len());
            self.history.copy_within(done.., 0);
            self.history.truncate(self.history.len() - done);
            self.history_start += done as i64;
        }
        self.history.capacity() - self.history.len()
    }

    /// Hands out every frame below `end` whose samples are there.
    fn emit(&mut self, end: i64, sink: &mut impl FnMut(&Frame<'_>)) {
        let geometry = self.spectrum.geometry;
        while self.next < end {
            let centre = self.next * geometry.hop as i64 - self.history_start;
            // The zeros before the stream's start make the first frame's window begin at 0.
            let centre = centre as usize;
            let Some(seen) = self
                .history
                .get(centre - geometry.left..centre + geometry.right())
            else {
                return;
            };
            self.spectrum
                .log_mel(&seen[..geometry.window], &mut self.bands_db);
            let (energy, peak) =
                energy_and_peak(&seen[geometry.left..geometry.left + geometry.hop]);
            sink(&Frame {
                index: self.next,
                log_mel_db: &self.bands_db,
                energy,
                peak,
            });
            self.next += 1;
        }
    }
}

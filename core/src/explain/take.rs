//! A scanned take once more, for what its explanation needs: the levels of some windows and the delivery of all.

use std::path::Path;

use super::explainer::Seen;
use super::grid::Patches;
use super::{ExplainError, Explainer};
use crate::analyzer::{AnalyzerError, Heard, Listener};
use crate::audio::Decoder;
use crate::delivery::{Delivery, DeliveryTracker, Pieces, Track, Usual};
use crate::features::WindowCutter;
use crate::timeline::{
    Against, Explanation, TakeExplanation, Timeline, Window, WindowDelivery, stretches,
};

/// Explained windows of a report lie at least so far apart, in seconds.
const REPORT_STEP_SECONDS: f64 = 1.0;
/// Explained windows of a take in a report, at most.
const REPORT_MOST: usize = 60;

/// Which windows of a take are explained.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Which {
    /// The one whose leading score is highest.
    Strongest,
    /// This one, from 0.
    Window(usize),
    /// The one that stands for this time, in seconds.
    At(f64),
    /// Windows all along the take, as a report shows them.
    All,
}

/// The window whose leading score is highest; the first of equals. `None` without voice.
pub fn strongest_window(take: &Timeline) -> Option<usize> {
    let confidence = |window: &Window| window.reading.as_ref().map(|reading| reading.confidence);
    let mut best: Option<(usize, f32)> = None;
    for (index, window) in take.windows.iter().enumerate() {
        if let Some(value) = confidence(window)
            && best.is_none_or(|(_, most)| value > most)
        {
            best = Some((index, value));
        }
    }
    best.map(|(index, _)| index)
}

/// The window that stands for a time in seconds; see [`stretches`]. `None` outside the take.
pub fn window_at(take: &Timeline, seconds: f64) -> Option<usize> {
    if !(0.0..=take.seconds).contains(&seconds) {
        return None;
    }
    let stretches = stretches(&take.windows, take.seconds);
    let last = stretches.len().checked_sub(1)?;
    let index = stretches.partition_point(|stretch| stretch.end_seconds <= seconds);
    Some(index.min(last))
}

/// The windows of a take that a report explains: voiced ones, a second or more apart, at most 60, and the strongest.
pub fn report_windows(take: &Timeline) -> Vec<usize> {
    let step = REPORT_STEP_SECONDS.max(take.seconds / REPORT_MOST as f64);
    let mut chosen: Vec<usize> = Vec::new();
    let mut next = f64::NEG_INFINITY;
    for (index, window) in take.windows.iter().enumerate() {
        if window.voiced() && window.start_seconds >= next - 1e-9 {
            chosen.push(index);
            next = window.start_seconds + step;
        }
    }
    if let Some(strongest) = strongest_window(take)
        && let Err(place) = chosen.binary_search(&strongest)
    {
        chosen.insert(place, strongest);
    }
    chosen
}

impl Explainer<'_> {
    /// Explains windows of a take that was scanned by the same scanner: the score of an emotion, by its output, or of each window's leading one.
    ///
    /// The take's delivery is compared with that of the speaker's profile if the model has one that knows it, else with the rest of the take.
    ///
    /// # Errors
    /// If there is no such window or no voice in it, the file cannot be read or has changed, or an engine fails.
    pub fn take(
        &mut self,
        take: &Timeline,
        which: Which,
        emotion: Option<usize>,
    ) -> Result<TakeExplanation, ExplainError> {
        let wanted = choose(take, which)?;
        let speaker = self.scanner.model().speaker();
        let usual = speaker
            .map(|(profile, _)| &profile.delivery)
            .filter(|usual| !usual.is_empty());
        let (seen, track) = self.hear(take, &wanted)?;
        let mut explanations: Vec<Explanation> = Vec::with_capacity(seen.len());
        for seen in &seen {
            let leading = take.windows.get(seen.window).and_then(Window::leading);
            if let Some(emotion) = emotion.or(leading) {
                explanations.push(self.explain(seen, emotion)?);
            }
        }
        Ok(TakeExplanation {
            explanations,
            windows: deliveries(take, &track, usual),
            against: if usual.is_some() {
                Against::Profile
            } else {
                Against::RestOfTake
            },
        })
    }

    /// The scores of an emotion, by its output, in a window of a take that was scanned by the same scanner, if only some patches of the window were there
    /// and the baseline stood for the others: one for each of `groups`, `[groups][cells · regions]`, patches as in [`Explanation::patches`]; a group that is shorter lacks the
    /// rest.
    ///
    /// # Errors
    /// As [`take`](Self::take).
    pub fn scores_with(
        &mut self,
        take: &Timeline,
        window: usize,
        emotion: usize,
        groups: &[Vec<bool>],
    ) -> Result<Vec<f64>, ExplainError> {
        let wanted = choose(take, Which::Window(window))?;
        let (seen, _) = self.hear(take, &wanted)?;
        let Some(seen) = seen.first() else {
            return Ok(Vec::new());
        };
        let mut groups = groups.to_vec();
        for group in &mut groups {
            group.resize(seen.patches.cells() * self.bands.regions.len(), false);
        }
        self.scores(seen, emotion, &groups)
    }

    /// The levels of the windows wanted, and the delivery of the whole take.
    fn hear(&self, take: &Timeline, wanted: &[usize]) -> Result<(Vec<Seen>, Track), ExplainError> {
        let path = &take.path;
        let sound = |source: AnalyzerError| ExplainError::Sound {
            path: path.clone(),
            source,
        };
        let config = self.config();
        let mut decoder = Decoder::open(path)?;
        let rate_hz = decoder.sample_rate_hz();
        let mut listener = Listener::new(config, rate_hz, self.scanner.hop()).map_err(sound)?;
        let mut cutter = WindowCutter::new(config).map_err(|error| sound(error.into()))?;
        let mut tracker = DeliveryTracker::new(rate_hz).map_err(|error| sound(error.into()))?;
        let (mut seen, mut count, mut failed) = (Vec::new(), 0, None);
        let mut sink = |heard: Heard<'_>| {
            if let Some(frames) = &heard.frames
                && wanted.binary_search(&count).is_ok()
            {
                let mut levels_db = Vec::new();
                match cutter.levels(frames, &mut levels_db) {
                    Ok(()) => seen.push(Seen {
                        window: count,
                        start_seconds: heard.start_seconds,
                        end_seconds: heard.end_seconds,
                        voiced_seconds: heard.voiced_seconds,
                        patches: Patches::new(levels_db, frames, config),
                    }),
                    Err(error) => failed = Some(error),
                }
            }
            count += 1;
        };
        let mut block = Vec::new();
        while decoder.next_block(&mut block)? {
            listener.push(&block, &mut sink).map_err(sound)?;
            tracker.push(&block);
            block.clear();
        }
        listener.finish(&mut sink).map_err(sound)?;
        if let Some(error) = failed {
            return Err(sound(error.into()));
        }
        if count != take.windows.len() || seen.len() != wanted.len() {
            return Err(ExplainError::Changed { path: path.clone() });
        }
        Ok((seen, tracker.finish()))
    }
}

fn choose(take: &Timeline, which: Which) -> Result<Vec<usize>, ExplainError> {
    let path = || Path::to_path_buf(&take.path);
    let index = match which {
        Which::All => return Ok(report_windows(take)),
        Which::Strongest => {
            strongest_window(take).ok_or_else(|| ExplainError::NoVoice { path: path() })?
        }
        Which::At(given) => window_at(take, given).ok_or_else(|| ExplainError::Time {
            path: path(),
            given,
            seconds: take.seconds,
        })?,
        Which::Window(index) => index,
    };
    match take.windows.get(index) {
        None => Err(ExplainError::Window {
            path: path(),
            given: index.saturating_add(1),
            count: take.windows.len(),
        }),
        Some(window) if !window.voiced() => Err(ExplainError::Silent {
            path: path(),
            number: index + 1,
        }),
        Some(_) => Ok(vec![index]),
    }
}

/// Delivery of each window, against what is usual for the voice or against the take's windows beside it.
fn deliveries(take: &Timeline, track: &Track, usual: Option<&Usual>) -> Vec<WindowDelivery> {
    let measured: Vec<Delivery> = take
        .windows
        .iter()
        .map(|window| track.measure(window.start_seconds, window.end_seconds))
        .collect();
    // Of the overlapping windows, those half a window or more apart: they have news to tell.
    let span = take
        .windows
        .iter()
        .map(|it| it.end_seconds - it.start_seconds)
        .fold(0.0, f64::max);
    let mut pieces: Vec<usize> = Vec::new();
    for (index, window) in take.windows.iter().enumerate() {
        let last = pieces.last().and_then(|&last| take.windows.get(last));
        if window.voiced()
            && last
                .is_none_or(|last| window.start_seconds >= last.start_seconds + span / 2.0 - 1e-9)
        {
            pieces.push(index);
        }
    }
    let chosen: Vec<Delivery> = pieces
        .iter()
        .filter_map(|&index| measured.get(index).copied())
        .collect();
    let rest = Pieces::new(&chosen);
    let start = |index: &usize| take.windows.get(*index).map_or(0.0, |it| it.start_seconds);
    let end = |index: &usize| take.windows.get(*index).map_or(0.0, |it| it.end_seconds);
    take.windows
        .iter()
        .zip(&measured)
        .map(|(window, delivery)| {
            let differences = match usual {
                _ if !window.voiced() => Vec::new(),
                Some(usual) => usual.compare(delivery),
                None => {
                    // Those that overlap with the window lie side by side.
                    let from = pieces.partition_point(|it| end(it) <= window.start_seconds + 1e-9);
                    let to = pieces.partition_point(|it| start(it) < window.end_seconds - 1e-9);
                    rest.usual_without(from..to).compare(delivery)
                }
            };
            WindowDelivery {
                delivery: *delivery,
                differences,
            }
        })
        .collect()
}

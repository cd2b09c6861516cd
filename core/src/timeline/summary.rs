//! A take as a whole, from its windows.
//!
//! Windows overlap (3 s every 0.25 s), so a second of voice lies in many of them. To count it once, each window stands for a
//! stretch of the take of its own: from halfway between the centre before it and its centre, to halfway between its centre and
//! the next. At an even hop that is the hop around its centre. The first stretch begins at 0 and the last ends with the take, so
//! the stretches tile the take, without gaps or overlaps. A window weighs as much as there is voice in its stretch.

use super::{Moment, Reading, Scores, Summary, Transition, Window};
use crate::model::EmotionSet;

/// The part of a take that one window stands for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stretch {
    /// Start, in seconds from the start of the take.
    pub start_seconds: f64,
    /// End, in seconds.
    pub end_seconds: f64,
}

impl Stretch {
    /// Its length, in seconds.
    pub fn seconds(&self) -> f64 {
        self.end_seconds - self.start_seconds
    }
}

/// What stretch of the take each window stands for, in the order of the windows; they tile `0..seconds`.
///
/// `windows` are in time order. Borders lie halfway between the centres of neighbours.
pub fn stretches(windows: &[Window], seconds: f64) -> Vec<Stretch> {
    let centre = |window: &Window| f64::midpoint(window.start_seconds, window.end_seconds);
    let mut start_seconds = 0.0;
    let mut rest = windows.iter().peekable();
    let mut stretches = Vec::with_capacity(windows.len());
    while let Some(window) = rest.next() {
        let border = match rest.peek() {
            Some(next) => f64::midpoint(centre(window), centre(next)).min(seconds),
            None => seconds,
        };
        let end_seconds = border.max(start_seconds);
        stretches.push(Stretch {
            start_seconds,
            end_seconds,
        });
        start_seconds = end_seconds;
    }
    stretches
}

/// A take's summary; the voice in a stretch is taken to be the window's voiced share times the stretch's length.
///
/// `windows` in time order, `seconds` the take's length, `unsure_below` the model's threshold of confidence.
pub fn summarise(
    windows: &[Window],
    emotions: &EmotionSet,
    seconds: f64,
    unsure_below: f32,
) -> Summary {
    let voiced_seconds: Vec<f64> = windows
        .iter()
        .zip(stretches(windows, seconds))
        .map(|(window, stretch)| window.voiced_share() * stretch.seconds())
        .collect();
    summarise_weighted(windows, &voiced_seconds, emotions, unsure_below)
}

/// A take's summary where the voice in each window's stretch is known, in seconds, `[windows]`; see [`stretches`].
///
/// A window without a reading, without voice in its stretch, or with a score that isn't a number is passed over.
pub fn summarise_weighted(
    windows: &[Window],
    voiced_seconds: &[f64],
    emotions: &EmotionSet,
    unsure_below: f32,
) -> Summary {
    let mut sums = vec![0.0_f64; emotions.len()];
    let mut led_seconds = vec![0.0_f64; emotions.len()];
    let mut moments: Vec<Option<Moment>> = vec![None; emotions.len()];
    let mut transitions = Vec::new();
    let mut total_seconds = 0.0;
    let mut before = None;

    for (window, &weight) in windows.iter().zip(voiced_seconds) {
        let Some((leading, score, scores)) = usable(window, emotions).filter(|_| weight > 0.0)
        else {
            continue;
        };
        total_seconds += weight;
        for (sum, &score) in sums.iter_mut().zip(&scores.0) {
            *sum += weight * f64::from(score);
        }
        if let Some(led) = led_seconds.get_mut(leading) {
            *led += weight;
        }
        if let Some(slot) = moments.get_mut(leading)
            && slot.as_ref().is_none_or(|moment| score > moment.score)
        {
            *slot = Some(Moment {
                emotion: leading,
                start_seconds: window.start_seconds,
                end_seconds: window.end_seconds,
                score,
            });
        }
        if let Some(from) = before.replace(leading)
            && from != leading
        {
            transitions.push(Transition {
                at_seconds: f64::midpoint(window.start_seconds, window.end_seconds),
                from,
                to: leading,
            });
        }
    }

    let mut moments: Vec<Moment> = moments.into_iter().flatten().collect();
    moments.sort_by(|a, b| b.score.total_cmp(&a.score));
    let has_voice = total_seconds > 0.0;
    let per_second = |sum: &f64| if has_voice { sum / total_seconds } else { 0.0 };
    Summary {
        reading: has_voice.then(|| {
            let scores = sums.iter().map(|sum| per_second(sum) as f32).collect();
            Reading::from_scores(Scores(scores), emotions, unsure_below)
        }),
        voiced_seconds: voiced_seconds.iter().sum(),
        shares: led_seconds.iter().map(per_second).collect(),
        moments,
        transitions,
        delivery: None,
    }
}

/// A window's leading emotion, its score, and all scores, if they are what the model's emotions ask for.
fn usable<'a>(window: &'a Window, emotions: &EmotionSet) -> Option<(usize, f32, &'a Scores)> {
    let scores = &window.reading.as_ref()?.scores;
    if scores.0.len() != emotions.len() || scores.0.iter().any(|score| !score.is_finite()) {
        return None;
    }
    let leading = scores.leading()?;
    Some((leading, scores.0.get(leading).copied()?, scores))
}

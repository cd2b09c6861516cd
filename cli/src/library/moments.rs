//! Moments: stretches of takes in which all that is asked for holds throughout.
//!
//! A window is in a moment if it has voice and holds everything: the emotion asked for scores `min` or more there, or leads where no `min` is given
//! (without an emotion: the leading one scores `min` or more), and every comparison is true of it. A moment is a run of such windows, as long as
//! it can be, and lasts as long as the stretches that they stand for ([`stretches`]): so moments don't overlap, and agree with a scan's labels.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use undersong_core::model::EmotionSet;
use undersong_core::timeline::{Reading, Stretch, Window, stretches};

use super::error::Result;
use super::packed::Packed;
use super::query::{Measure, Query, Sort};
use super::records::Record;
use super::settings::Settings;
use super::store::Library;

/// A moment of a take.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Moment {
    /// The take.
    pub(crate) record: Record,
    /// Start, in seconds from the start of the take.
    pub(crate) start_seconds: f64,
    /// End, in seconds.
    pub(crate) end_seconds: f64,
    /// Output of the emotion.
    pub(crate) emotion: usize,
    /// Mean of its scores, by time.
    pub(crate) score: f64,
    /// Highest of its scores.
    pub(crate) peak: f64,
    /// Mean valence.
    pub(crate) valence: f64,
    /// Mean arousal.
    pub(crate) arousal: f64,
}

impl Moment {
    /// Its length.
    pub(crate) fn seconds(&self) -> f64 {
        self.end_seconds - self.start_seconds
    }
}

/// A moment without its take.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Run {
    start_seconds: f64,
    end_seconds: f64,
    emotion: usize,
    /// Sums over time, of score, valence and arousal.
    sums: [f64; 3],
    peak: f32,
}

impl Library {
    /// The moments that a query finds, in its order.
    pub(crate) fn moments(&self, settings: &Settings, query: &Query) -> Result<Vec<Moment>> {
        let Some(statement) = self.asked(settings, query, Query::with_moments)? else {
            return Ok(Vec::new());
        };
        let wanted = Wanted {
            emotion: query
                .emotion
                .as_ref()
                .and_then(|name| settings.emotions.index_of(name)),
            query,
            settings,
        };
        let mut moments = Vec::new();
        let mut damaged = None;
        // The best scores so far, as many as are asked for; they are positive, so their bits are in their order.
        let (best_first, limit) = (query.best_first(), query.limit.unwrap_or(usize::MAX));
        let mut best: BinaryHeap<Reverse<u64>> = BinaryHeap::new();
        self.each_row(&statement, |row| {
            if best_first
                && best.len() >= limit
                && let (Some(Reverse(least)), Some(peak)) =
                    (best.peek(), row.get::<_, Option<f64>>("peak")?)
                && peak < f64::from_bits(*least)
            {
                return Ok(false);
            }
            let bytes = row.get_ref("packed")?.as_blob()?;
            let Some(packed) = Packed::read(bytes, settings.emotions.len()) else {
                damaged = Some(row.get::<_, i64>("analysis")?);
                return Ok(false);
            };
            let mut record = None;
            for run in wanted.runs(&packed) {
                // Those that can't be among the best anyway need no record.
                if best.len() >= limit
                    && let Some(Reverse(least)) = best.peek()
                    && run.score() < f64::from_bits(*least)
                {
                    continue;
                }
                let record = match &record {
                    Some(record) => record,
                    None => record.insert(Record::from_row(row)?),
                };
                let moment = run.of(record.clone());
                if best_first {
                    best.push(Reverse(moment.score.to_bits()));
                    if best.len() > limit {
                        best.pop();
                    }
                }
                moments.push(moment);
            }
            Ok(true)
        })?;
        if let Some(analysis) = damaged {
            return Err(self.damaged(format!("the windows of analysis {analysis}")));
        }
        sort(&mut moments, query);
        moments.truncate(query.limit.unwrap_or(usize::MAX));
        Ok(moments)
    }
}

/// What windows must hold.
struct Wanted<'a> {
    emotion: Option<usize>,
    query: &'a Query,
    settings: &'a Settings,
}

impl Wanted<'_> {
    /// The take's moments, in time order.
    fn runs(&self, packed: &Packed<'_>) -> Vec<Run> {
        let mut found: Vec<Run> = Vec::new();
        // Most takes have few windows that hold, and many have none: their stretches aren't needed.
        let mut taken_for: Option<Vec<Stretch>> = None;
        let mut open = false;
        for window in 0..packed.len() {
            let Some((emotion, score, reading)) = self.holding(packed, window) else {
                open = false;
                continue;
            };
            let stretches = taken_for.get_or_insert_with(|| stretches_of(packed));
            let Some(stretch) = stretches.get(window) else {
                break;
            };
            let seconds = stretch.seconds();
            let sums =
                [score, reading.valence, reading.arousal].map(|value| f64::from(value) * seconds);
            match found.last_mut() {
                Some(run) if open && run.emotion == emotion => {
                    run.end_seconds = stretch.end_seconds;
                    run.peak = run.peak.max(score);
                    for (sum, value) in run.sums.iter_mut().zip(sums) {
                        *sum += value;
                    }
                }
                _ => found.push(Run {
                    start_seconds: stretch.start_seconds,
                    end_seconds: stretch.end_seconds,
                    emotion,
                    sums,
                    peak: score,
                }),
            }
            open = true;
        }
        let (longer, shorter) = (self.query.longer_seconds, self.query.shorter_seconds);
        found.retain(|run| {
            let seconds = run.end_seconds - run.start_seconds;
            seconds > 0.0
                && longer.is_none_or(|longer| seconds > longer)
                && shorter.is_none_or(|shorter| seconds < shorter)
        });
        found
    }

    /// The emotion of a window in which everything holds, its score there, and the reading.
    fn holding(&self, packed: &Packed<'_>, window: usize) -> Option<(usize, f32, Reading)> {
        if !packed.heard(window) {
            return None;
        }
        if let (Some(emotion), Some(min)) = (self.emotion, self.query.min)
            && f64::from(packed.score(window, emotion)) < min
        {
            return None;
        }
        let reading = Reading::from_scores(
            packed.scores(window),
            &self.settings.emotions,
            self.settings.unsure_below,
        );
        let leading = reading.scores.leading()?;
        let emotion = match (self.emotion, self.query.min) {
            (Some(emotion), Some(_)) => emotion,
            (Some(emotion), None) if emotion == leading => emotion,
            (Some(_), None) => return None,
            (None, Some(min)) if f64::from(reading.confidence) < min => return None,
            (None, _) => leading,
        };
        let delivery = packed.delivery(window);
        let holds = self.query.measures.iter().all(|(measure, comparison)| {
            let number = match measure {
                Measure::Valence => Some(reading.valence.into()),
                Measure::Arousal => Some(reading.arousal.into()),
                Measure::Confidence => Some(reading.confidence.into()),
                Measure::Loudness => delivery.and_then(|delivery| delivery.loudness_lufs),
                Measure::Pitch => delivery.and_then(|delivery| delivery.pitch_hz),
                Measure::Rate => delivery.and_then(|delivery| delivery.syllables_per_second),
            };
            number.is_some_and(|number| comparison.holds(number))
        });
        holds.then(|| (emotion, packed.score(window, emotion), reading))
    }
}

impl Run {
    /// Means over time, of score, valence and arousal.
    fn means(&self) -> [f64; 3] {
        let seconds = self.end_seconds - self.start_seconds;
        self.sums.map(|sum| sum / seconds)
    }

    fn score(&self) -> f64 {
        let [score, ..] = self.means();
        score
    }

    fn of(self, record: Record) -> Moment {
        let [score, valence, arousal] = self.means();
        Moment {
            record,
            start_seconds: self.start_seconds,
            end_seconds: self.end_seconds,
            emotion: self.emotion,
            score,
            peak: self.peak.into(),
            valence,
            arousal,
        }
    }
}

fn stretches_of(packed: &Packed<'_>) -> Vec<Stretch> {
    let windows: Vec<Window> = (0..packed.len())
        .map(|window| {
            let (start_seconds, end_seconds) = packed.span(window);
            Window {
                start_seconds,
                end_seconds,
                voiced_seconds: 0.0,
                reading: None,
                delivery: None,
            }
        })
        .collect();
    stretches(&windows, packed.seconds)
}

fn sort(moments: &mut [Moment], query: &Query) {
    moments.sort_by(|a, b| {
        let descending = |of: fn(&Moment) -> f64| of(b).total_cmp(&of(a));
        let ordering = match query.sort {
            Sort::Confidence | Sort::Score => descending(|moment| moment.score),
            Sort::Valence => descending(|moment| moment.valence),
            Sort::Arousal => descending(|moment| moment.arousal),
            Sort::Loudness => descending_some(a, b, query.reverse, |record| record.loudness_lufs),
            Sort::Pitch => descending_some(a, b, query.reverse, |record| record.pitch_hz),
            Sort::Rate => {
                descending_some(a, b, query.reverse, |record| record.syllables_per_second)
            }
            Sort::Length => descending(Moment::seconds),
            Sort::Stars => b.record.stars.cmp(&a.record.stars),
            Sort::Path => a.record.path.cmp(&b.record.path),
        };
        let ordering = if query.reverse {
            ordering.reverse()
        } else {
            ordering
        };
        ordering
            .then_with(|| a.record.path.cmp(&b.record.path))
            .then(a.start_seconds.total_cmp(&b.start_seconds))
    });
}

/// The greatest first, by what the takes have; those that have none last, also where the order will be `reversed`.
fn descending_some(
    a: &Moment,
    b: &Moment,
    reversed: bool,
    of: fn(&Record) -> Option<f64>,
) -> Ordering {
    match (of(&a.record), of(&b.record)) {
        (Some(a), Some(b)) => b.total_cmp(&a),
        (a, b) if reversed => a.is_some().cmp(&b.is_some()),
        (a, b) => b.is_some().cmp(&a.is_some()),
    }
}

/// The name of a moment's emotion.
pub(crate) fn emotion_name(emotions: &EmotionSet, emotion: usize) -> &str {
    emotions
        .get(emotion)
        .map_or("?", |emotion| emotion.name.as_str())
}

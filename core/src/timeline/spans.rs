//! Spans: runs of windows with one leading emotion, as an editor's label or region shows them.

use super::{Timeline, stretches};

/// A part of a take that one emotion leads.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Span {
    /// Start, in seconds from the start of the take.
    pub start_seconds: f64,
    /// End, in seconds.
    pub end_seconds: f64,
    /// Output of the leading emotion.
    pub emotion: usize,
    /// For half of the span or more, the windows in it were unsure.
    pub unsure: bool,
}

impl Span {
    /// The text of a label: the emotion's name, with a question mark where it is unsure; on one line, without tabs.
    pub fn text(&self, take: &Timeline) -> String {
        let name: String = take
            .emotion_name(self.emotion)
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        if self.unsure { name + "?" } else { name }
    }
}

/// The spans of a take, in time order. Neighbours with the same leading emotion are one span; where there is no voice, none.
pub fn spans(take: &Timeline) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    let mut unsure_seconds = 0.0;
    let mut open = false;
    for (window, stretch) in take
        .windows
        .iter()
        .zip(stretches(&take.windows, take.seconds))
    {
        let (Some(reading), Some(emotion)) = (&window.reading, window.leading()) else {
            open = false;
            continue;
        };
        let unsure = if reading.unsure {
            stretch.seconds()
        } else {
            0.0
        };
        match spans.last_mut() {
            Some(span) if open && span.emotion == emotion => {
                unsure_seconds += unsure;
                span.end_seconds = stretch.end_seconds;
                span.unsure = 2.0 * unsure_seconds >= span.end_seconds - span.start_seconds;
            }
            _ => {
                unsure_seconds = unsure;
                spans.push(Span {
                    start_seconds: stretch.start_seconds,
                    end_seconds: stretch.end_seconds,
                    emotion,
                    unsure: reading.unsure,
                });
            }
        }
        open = true;
    }
    spans.retain(|span| span.end_seconds > span.start_seconds);
    spans
}

//! `Backlog`: events on their way to a reader who may be slow.

use std::collections::VecDeque;
use std::sync::Arc;

use super::{StreamEvent, StreamEventKind, StreamModel, WarningCode};

/// Events on their way to a reader who may be slow: of `emotion.update`s it keeps the newest, of the others all.
///
/// Where updates were left out there is a warning in their place, with their count and the sequence number of the first of them, so that
/// numbers still only rise. A reader who never comes back costs some hundred bytes for each time that somebody speaks.
#[derive(Debug)]
pub struct Backlog {
    entries: VecDeque<Entry>,
    most_updates: usize,
    updates: usize,
    dropped: u64,
}

#[derive(Debug)]
enum Entry {
    Event(StreamEvent),
    LeftOut(LeftOut),
}

/// Updates that were left out, one after the other.
#[derive(Debug)]
struct LeftOut {
    sequence: u64,
    count: u64,
    audio_start_ms: u64,
    audio_end_ms: u64,
    model: Arc<StreamModel>,
}

impl Backlog {
    /// With room for so many updates, at least one.
    pub fn new(most_updates: usize) -> Self {
        Self {
            entries: VecDeque::new(),
            most_updates: most_updates.max(1),
            updates: 0,
            dropped: 0,
        }
    }

    /// Takes an event; if it is an update too many, the oldest one goes.
    pub fn push(&mut self, event: StreamEvent) {
        if is_update(&event) {
            if self.is_full() {
                self.leave_out_oldest();
            }
            self.updates += 1;
        }
        self.entries.push_back(Entry::Event(event));
    }

    /// The oldest event.
    pub fn pop(&mut self) -> Option<StreamEvent> {
        Some(match self.entries.pop_front()? {
            Entry::Event(event) => {
                self.updates -= usize::from(is_update(&event));
                event
            }
            Entry::LeftOut(left_out) => left_out.warning(),
        })
    }

    /// Whether one more update would cost the oldest.
    pub fn is_full(&self) -> bool {
        self.updates >= self.most_updates
    }

    /// Events that wait, where updates that were left out one after the other count as one.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is nothing to read.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Updates left out so far.
    pub fn dropped_updates(&self) -> u64 {
        self.dropped
    }

    fn leave_out_oldest(&mut self) {
        let oldest = self
            .entries
            .iter()
            .position(|entry| matches!(entry, Entry::Event(event) if is_update(event)));
        let Some(at) = oldest else {
            return;
        };
        self.updates -= 1;
        self.dropped += 1;
        let follows_others = at
            .checked_sub(1)
            .is_some_and(|before| matches!(self.entries.get(before), Some(Entry::LeftOut(_))));
        if follows_others {
            let gone = self.entries.remove(at);
            if let (Some(Entry::Event(event)), Some(Entry::LeftOut(left_out))) =
                (gone, self.entries.get_mut(at - 1))
            {
                left_out.count += 1;
                left_out.audio_end_ms = left_out.audio_end_ms.max(event.audio_end_ms);
            }
        } else if let Some(entry) = self.entries.get_mut(at)
            && let Entry::Event(event) = &*entry
        {
            let left_out = LeftOut::first(event);
            *entry = Entry::LeftOut(left_out);
        }
    }
}

fn is_update(event: &StreamEvent) -> bool {
    matches!(event.kind, StreamEventKind::EmotionUpdate { .. })
}

impl LeftOut {
    fn first(event: &StreamEvent) -> Self {
        Self {
            sequence: event.sequence,
            count: 1,
            audio_start_ms: event.audio_start_ms,
            audio_end_ms: event.audio_end_ms,
            model: Arc::clone(&event.model),
        }
    }

    fn warning(self) -> StreamEvent {
        StreamEvent {
            sequence: self.sequence,
            audio_start_ms: self.audio_start_ms,
            audio_end_ms: self.audio_end_ms,
            model: self.model,
            kind: StreamEventKind::Warning {
                code: WarningCode::DroppedUpdates,
                count: self.count,
                message: format!(
                    "{} updates were left out, because they were not read in time; read faster, or have the stream wait",
                    self.count
                ),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::LiveUpdate;
    use crate::model::Model;

    fn event(model: &Arc<StreamModel>, sequence: u64, update: bool) -> StreamEvent {
        let kind = if update {
            StreamEventKind::EmotionUpdate {
                update: LiveUpdate::nothing(8),
                speaking: false,
            }
        } else {
            StreamEventKind::SpeechStart
        };
        StreamEvent {
            sequence,
            audio_start_ms: sequence * 250,
            audio_end_ms: sequence * 250 + 3_000,
            model: Arc::clone(model),
            kind,
        }
    }

    #[test]
    fn old_updates_go_and_are_counted_where_they_stood() {
        let model = StreamModel::of(&Model::builtin().unwrap());
        let mut backlog = Backlog::new(3);
        // Every fifth is no update.
        for sequence in 0..17 {
            backlog.push(event(&model, sequence, sequence % 5 != 0));
        }
        assert!(backlog.is_full());
        assert_eq!(backlog.len(), 10);
        assert_eq!(backlog.dropped_updates(), 10);
        let mut read = Vec::new();
        while let Some(event) = backlog.pop() {
            let (count, span) = match event.kind {
                StreamEventKind::Warning { code, count, .. } => {
                    assert_eq!(code, WarningCode::DroppedUpdates);
                    (count, event.audio_end_ms - event.audio_start_ms)
                }
                _ => (0, 3_000),
            };
            read.push((event.sequence, count, span));
        }
        assert_eq!(
            read,
            [
                (0, 0, 3_000),
                (1, 4, 3_750),
                (5, 0, 3_000),
                (6, 4, 3_750),
                (10, 0, 3_000),
                (11, 2, 3_250),
                (13, 0, 3_000),
                (14, 0, 3_000),
                (15, 0, 3_000),
                (16, 0, 3_000),
            ]
        );
        assert!(backlog.is_empty() && !backlog.is_full());
        assert_eq!(backlog.pop(), None);
    }
}

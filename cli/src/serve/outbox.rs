//! `Outbox`: events on their way to one client, who may be slow.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use axum::extract::ws::CloseFrame;
use tokio::sync::Notify;
use undersong_core::stream::{Backlog, StreamEvent, StreamEventKind};

use super::codes::{Farewell, complete};
use super::limits::Limits;

/// Messages whose arrival is remembered, so that it is known how long an event took: some seconds of them.
const ARRIVALS: usize = 256;

/// What goes out next.
pub(super) enum Out {
    /// A message that is no event.
    Text(String),
    /// An event, and when the last sound that it tells of had come; that is kept for updates only.
    Event(StreamEvent, Option<Instant>),
    /// The end.
    Close(CloseFrame),
}

/// Events on their way to one client.
pub(super) struct Outbox {
    state: Mutex<State>,
    most_events: usize,
    /// There is something to send.
    filled: Notify,
    /// There is room.
    emptied: Notify,
}

struct State {
    first: Option<String>,
    backlog: Backlog,
    /// Where in the sound a message ended, in ms, and when it had come.
    arrivals: VecDeque<(u64, Instant)>,
    last: Option<End>,
    sent: u64,
}

enum End {
    Complete,
    Farewell(Farewell),
    Close(CloseFrame),
    Over,
}

impl Outbox {
    /// With a message that goes first.
    pub(super) fn new(limits: &Limits, first: String) -> Self {
        Self {
            state: Mutex::new(State {
                first: Some(first),
                backlog: Backlog::new(limits.most_updates),
                arrivals: VecDeque::new(),
                last: None,
                sent: 0,
            }),
            most_events: limits.most_events,
            filled: Notify::new(),
            emptied: Notify::new(),
        }
    }

    /// Takes an event; old updates go for it if there are too many. Gives how many went.
    ///
    /// # Errors
    /// If more wait than the client may have, and no update is left to go.
    pub(super) fn push(&self, event: StreamEvent) -> Result<u64, TooMany> {
        let mut state = self.state();
        let before = state.backlog.dropped_updates();
        state.backlog.push(event);
        let dropped = state.backlog.dropped_updates() - before;
        let too_many = state.backlog.len() > self.most_events;
        drop(state);
        self.filled.notify_one();
        if too_many { Err(TooMany) } else { Ok(dropped) }
    }

    /// The sound until there has come, just now.
    pub(super) fn arrived(&self, end_ms: u64) {
        let mut state = self.state();
        if state.arrivals.len() >= ARRIVALS {
            state.arrivals.pop_front();
        }
        state.arrivals.push_back((end_ms, Instant::now()));
    }

    /// Waits until one more update costs none its place.
    pub(super) async fn room(&self) {
        loop {
            let emptied = self.emptied.notified();
            if !self.state().backlog.is_full() {
                return;
            }
            emptied.await;
        }
    }

    /// After what waits, the sound having ended, the socket is closed.
    pub(super) fn complete(&self) {
        self.end(End::Complete);
    }

    /// After what waits, the client is sent away.
    pub(super) fn send_away(&self, farewell: Farewell) {
        self.end(End::Farewell(farewell));
    }

    fn end(&self, end: End) {
        self.state().last = Some(end);
        self.filled.notify_one();
    }

    /// Messages that went out so far.
    pub(super) fn sent(&self) -> u64 {
        self.state().sent
    }

    /// What goes out next; `None` once all is sent.
    pub(super) async fn next(&self) -> Option<Out> {
        loop {
            if let Some(next) = self.state().next() {
                self.emptied.notify_one();
                return next;
            }
            // One permit is kept if this is not waited for yet.
            self.filled.notified().await;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// More events wait than a client may have.
pub(super) struct TooMany;

impl State {
    /// What goes out next, or that all is sent; nothing if there is nothing yet.
    fn next(&mut self) -> Option<Option<Out>> {
        let next = self.take();
        self.sent += u64::from(next.is_some());
        next
    }

    fn take(&mut self) -> Option<Option<Out>> {
        if let Some(first) = self.first.take() {
            return Some(Some(Out::Text(first)));
        }
        if let Some(event) = self.backlog.pop() {
            let arrived = self.arrival(&event);
            return Some(Some(Out::Event(event, arrived)));
        }
        let (out, then) = match self.last.take()? {
            End::Complete => (Out::Close(complete()), End::Over),
            End::Farewell(farewell) => (Out::Text(farewell.json()), End::Close(farewell.close())),
            End::Close(frame) => (Out::Close(frame), End::Over),
            End::Over => return Some(None),
        };
        self.last = Some(then);
        Some(Some(out))
    }

    /// When the last sound of an update had come.
    fn arrival(&mut self, event: &StreamEvent) -> Option<Instant> {
        if !matches!(event.kind, StreamEventKind::EmotionUpdate { .. }) {
            return None;
        }
        while let Some(&(end_ms, _)) = self.arrivals.front()
            && end_ms < event.audio_end_ms
        {
            self.arrivals.pop_front();
        }
        self.arrivals.front().map(|&(_, at)| at)
    }
}

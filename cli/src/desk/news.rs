//! `News`: what happens on the desk, as server-sent events for every page that is open.
//!
//! Each has a number, and the list of takes says the last that it has in it, so that a page misses nothing between the two and takes nothing twice.

use std::convert::Infallible;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::unfold;
use serde_json::{Value, json};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, watch};

use crate::web::ended;

/// News that wait for a slow page; one that misses some reads everything again.
const WAITING: usize = 1_024;

/// How often a page without news is told that the server is still there.
const ALIVE: Duration = Duration::from_secs(15);

/// Tells pages what happens.
#[derive(Debug)]
pub(super) struct News {
    sender: broadcast::Sender<Arc<str>>,
    told: AtomicU64,
    /// Held while news get their number and go out, so that they arrive in its order.
    telling: Mutex<()>,
    ending: watch::Receiver<bool>,
}

impl News {
    pub(super) fn new(ending: watch::Receiver<bool>) -> Self {
        Self {
            sender: broadcast::Sender::new(WAITING),
            told: AtomicU64::new(0),
            telling: Mutex::new(()),
            ending,
        }
    }

    /// Tells every page. Without a page, nobody is told.
    pub(super) fn tell(&self, mut news: Value) {
        let _turn = self.telling.lock().unwrap_or_else(PoisonError::into_inner);
        let number = self.told.fetch_add(1, Ordering::AcqRel) + 1;
        if let Some(fields) = news.as_object_mut() {
            fields.insert("n".to_owned(), number.into());
        }
        let _ = self.sender.send(news.to_string().into());
    }

    /// The number of the last news.
    pub(super) fn told(&self) -> u64 {
        self.told.load(Ordering::Acquire)
    }

    /// The events from now on, until the server ends.
    pub(super) fn stream(&self) -> impl IntoResponse + use<> {
        let (receiver, told) = {
            let _turn = self.telling.lock().unwrap_or_else(PoisonError::into_inner);
            (self.sender.subscribe(), self.told())
        };
        let hello = json!({ "type": "hello", "n": told }).to_string();
        let ending = self.ending.clone();
        let events = unfold(
            (receiver, ending, Some(hello)),
            |(mut receiver, ending, hello)| async move {
                if let Some(hello) = hello {
                    return Some((Ok(Event::default().data(hello)), (receiver, ending, None)));
                }
                let text = tokio::select! {
                    news = receiver.recv() => match news {
                        Ok(text) => text.to_string(),
                        Err(RecvError::Lagged(_)) => json!({ "type": "again" }).to_string(),
                        Err(RecvError::Closed) => return None,
                    },
                    () = ended(ending.clone()) => return None,
                };
                Some((
                    Ok::<_, Infallible>(Event::default().data(text)),
                    (receiver, ending, None),
                ))
            },
        );
        Sse::new(events).keep_alive(KeepAlive::new().interval(ALIVE))
    }
}

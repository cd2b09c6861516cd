//! A client's sound, from its socket through its session; what happened goes into its outbox.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::ws::{Message, WebSocket};
use futures_util::StreamExt;
use futures_util::stream::SplitStream;
use tokio::time::{Instant, sleep, sleep_until};
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::error::{CapacityError, ProtocolError};
use undersong_core::stream::{StreamEvent, StreamSession};

use super::codes::{Code, Farewell};
use super::fast_lane::Allowance;
use super::first::{Said, Start, said};
use super::outbox::{Outbox, TooMany};
use super::{Server, ended};

/// How often it is looked whether sound that was taken has been analysed.
const PAUSE: Duration = Duration::from_millis(2);

/// Sound that is taken before it is analysed, in seconds; further sound stays in the socket. Far less than a session drops.
const AHEAD_SECONDS: f64 = 0.25;

/// Sound is handed on in pieces of this length, in seconds: what one turn of the analysis takes.
const PIECE_SECONDS: f64 = 0.1;

/// How a client's sound ended.
pub(super) enum Ended {
    /// As it should.
    Complete,
    /// The client closed or vanished.
    Gone,
    /// The client has to go.
    SentAway(Farewell),
}

impl From<Farewell> for Ended {
    fn from(farewell: Farewell) -> Self {
        Self::SentAway(farewell)
    }
}

/// Takes a client's sound until it ends.
pub(super) async fn listen(
    stream: &mut SplitStream<WebSocket>,
    session: StreamSession,
    start: &Start,
    outbox: &Outbox,
    server: &Arc<Server>,
) -> Ended {
    let mut ear = Ear::new(session, start, outbox, server);
    match ear.listen(stream).await {
        Err(ended) => ended,
        Ok(()) => ear.finish(stream).await.err().unwrap_or(Ended::Complete),
    }
}

/// What came and waits for its turn.
enum Ahead {
    Sound(Bytes),
    End,
    Trouble(Farewell),
}

impl Ahead {
    fn is_empty(&self) -> bool {
        matches!(self, Self::Sound(sound) if sound.is_empty())
    }
}

/// A client's session, and what is on its way into and out of it.
struct Ear<'a> {
    session: StreamSession,
    way: Way<'a>,
    frame_bytes: u64,
    piece_bytes: usize,
    most_ahead: u64,
    allowance: Allowance,
    /// Bytes that have come.
    came: u64,
    /// Of a message, what the session has not taken yet.
    rest: Bytes,
    /// What came after it.
    ahead: Option<Ahead>,
    events: Vec<StreamEvent>,
    /// Samples that are counted in the metrics.
    counted: u64,
}

impl<'a> Ear<'a> {
    fn new(
        session: StreamSession,
        start: &Start,
        outbox: &'a Outbox,
        server: &'a Arc<Server>,
    ) -> Self {
        let options = &start.options;
        let rate = f64::from(options.rate_hz);
        let frame_bytes = options.format.bytes() * usize::from(options.channels);
        Self {
            session,
            way: Way {
                outbox,
                server,
                wait: start.wait,
            },
            frame_bytes: frame_bytes as u64,
            piece_bytes: (rate * PIECE_SECONDS) as usize * frame_bytes,
            most_ahead: (rate * AHEAD_SECONDS) as u64,
            allowance: Allowance::new(Instant::now()),
            came: 0,
            rest: Bytes::new(),
            ahead: None,
            events: Vec::new(),
            counted: 0,
        }
    }

    /// Until the client says that the sound ends.
    async fn listen(&mut self, stream: &mut SplitStream<WebSocket>) -> Result<(), Ended> {
        let mut quiet_since = Instant::now();
        let idle = self.way.server.limits.idle;
        let ending = ended(self.way.server.ending.clone());
        tokio::pin!(ending);
        loop {
            let too_fast = self.feed()?;
            if self.way.wait {
                // Nobody else waits for this reader.
                self.allowance.fast = None;
            }
            self.way.tell(&mut self.events).await?;
            if self.rest.is_empty() {
                match self.ahead.take() {
                    Some(Ahead::Sound(sound)) => {
                        self.rest = sound;
                        quiet_since = Instant::now();
                        continue;
                    }
                    Some(Ahead::End) => return Ok(()),
                    Some(Ahead::Trouble(farewell)) => return Err(farewell.into()),
                    None => {}
                }
            }
            let busy = !self.rest.is_empty() || self.session.unheard_samples() > 0;
            if busy {
                quiet_since = Instant::now();
            }
            if too_fast.is_some() {
                // Whoever waits holds none.
                self.allowance.fast = None;
            }
            let lanes = Arc::clone(&self.way.server.fast_lanes);
            tokio::select! {
                biased;
                () = &mut ending => return Err(server_ends().into()),
                // One message is read ahead, so that whoever is gone is not listened to any more.
                message = stream.next(), if self.ahead.is_none() => self.look(message)?,
                () = sleep(too_fast.unwrap_or_default()), if too_fast.is_some() => {}
                lane = lanes.acquire_owned(), if too_fast.is_some() => {
                    self.allowance.fast = lane.ok();
                    self.push(self.piece_bytes.min(self.rest.len()))?;
                }
                () = sleep(PAUSE), if busy && too_fast.is_none() => {}
                () = sleep_until(quiet_since + idle), if !busy => {
                    return Err(Farewell::new(
                        Code::Idle,
                        format!(
                            "no sound came for {} s; send silence where there is some, or open a stream when there is sound",
                            idle.as_secs_f64()
                        ),
                    )
                    .into());
                }
            }
        }
    }

    /// Takes a message; what comes after sound that is not taken yet has to wait for it.
    fn look(&mut self, message: Option<Result<Message, axum::Error>>) -> Result<(), Ended> {
        self.ahead = match taken(message) {
            Ok(Taken::Nothing) => None,
            Ok(Taken::Sound(sound)) => {
                self.arrived(sound.len());
                Some(Ahead::Sound(sound)).filter(|ahead| !ahead.is_empty())
            }
            Ok(Taken::Text(Said::End)) => Some(Ahead::End),
            Ok(Taken::Text(said)) => Some(Ahead::Trouble(misplaced(said))),
            Err(Ended::SentAway(farewell)) => Some(Ahead::Trouble(farewell)),
            Err(ended) => return Err(ended),
        };
        Ok(())
    }

    /// So many bytes have come.
    fn arrived(&mut self, bytes: usize) {
        self.came += bytes as u64;
        let rate = u64::from(self.session.rate_hz().max(1));
        let end_ms = self.came / self.frame_bytes * 1000 / rate;
        self.way.outbox.arrived(end_ms);
    }

    /// Hands on as much sound as may be ahead, and collects what is known by now. If the next piece could go on now, were it not faster than real time, gives
    /// how long it is until it is not.
    fn feed(&mut self) -> Result<Option<Duration>, Ended> {
        self.session.poll(&mut self.events);
        if self.session.unheard_samples() == 0 {
            self.allowance.fast = None;
        }
        let mut too_fast = None;
        while !self.rest.is_empty() && self.session.unheard_samples() < self.most_ahead {
            let bytes = self.piece_bytes.min(self.rest.len());
            let seconds = bytes as f64 / self.piece_bytes as f64 * PIECE_SECONDS;
            if let Err(until_in_time) = self.allowance.take(seconds, Instant::now()) {
                // One piece at a time.
                too_fast = Some(until_in_time).filter(|_| self.session.unheard_samples() == 0);
                break;
            }
            self.push(bytes)?;
        }
        self.count(self.session.position());
        Ok(too_fast)
    }

    fn push(&mut self, bytes: usize) -> Result<(), Ended> {
        let piece = self.rest.split_to(bytes);
        self.session
            .push_bytes(&piece, &mut self.events)
            .map_err(|error| Farewell::new(Code::Fault, error.to_string()).into())
    }

    fn count(&mut self, position: u64) {
        let new = position.saturating_sub(self.counted);
        self.counted = position;
        self.way
            .server
            .metrics
            .heard(new as f64 / f64::from(self.session.rate_hz().max(1)));
    }

    /// The sound has ended: tells the rest of it. Whatever else the client sends is too late.
    async fn finish(self, stream: &mut SplitStream<WebSocket>) -> Result<(), Ended> {
        let Self {
            mut session, way, ..
        } = self;
        // It waits for the analysis.
        let mut finishing = tokio::task::spawn_blocking(move || {
            let mut events = Vec::new();
            let outcome = session.finish(&mut events);
            (session, events, outcome)
        });
        let mut trouble = None;
        let finished = loop {
            tokio::select! {
                biased;
                message = stream.next(), if trouble.is_none() => match taken(message) {
                    Ok(Taken::Nothing) => {}
                    Ok(Taken::Sound(_) | Taken::Text(Said::End)) => trouble = Some(Ended::SentAway(Farewell::new(
                        Code::AfterEnd,
                        "the sound was said to have ended; open another stream for more",
                    ))),
                    Ok(Taken::Text(said)) => trouble = Some(misplaced(said).into()),
                    Err(ended) => trouble = Some(ended),
                },
                finished = &mut finishing => break finished,
            }
        };
        let fault = |reason: String| Ended::from(Farewell::new(Code::Fault, reason));
        let (session, mut events, outcome) = finished.map_err(|_| {
            fault("the end of the sound could not be analysed; please report it".to_owned())
        })?;
        outcome.map_err(|error| fault(error.to_string()))?;
        drop(session);
        way.tell(&mut events).await?;
        trouble.map_or(Ok(()), Err)
    }
}

/// The way to a client's outbox.
struct Way<'a> {
    outbox: &'a Outbox,
    server: &'a Arc<Server>,
    wait: bool,
}

impl Way<'_> {
    /// Hands on what happened; waits for room, if that is wanted.
    async fn tell(&self, events: &mut Vec<StreamEvent>) -> Result<(), Ended> {
        for event in events.drain(..) {
            if self.wait {
                self.wait_for_room().await?;
            }
            match self.outbox.push(event) {
                Ok(0) => {}
                Ok(dropped) => self.server.metrics.dropped(dropped),
                Err(TooMany) => return Err(slow().into()),
            }
        }
        Ok(())
    }

    async fn wait_for_room(&self) -> Result<(), Ended> {
        tokio::select! {
            biased;
            () = self.outbox.room() => Ok(()),
            () = ended(self.server.ending.clone()) => Err(server_ends().into()),
            () = sleep(self.server.limits.idle) => Err(slow().into()),
        }
    }
}

/// What a client sent.
pub(super) enum Taken {
    Sound(Bytes),
    Text(Said),
    /// A ping or a pong, which the library answers.
    Nothing,
}

/// Reads what came out of a socket.
pub(super) fn taken(message: Option<Result<Message, axum::Error>>) -> Result<Taken, Ended> {
    match message {
        Some(Ok(Message::Binary(sound))) => Ok(Taken::Sound(sound)),
        Some(Ok(Message::Text(text))) => Ok(Taken::Text(said(text.as_str()))),
        Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(Taken::Nothing),
        Some(Ok(Message::Close(_))) | None => Err(Ended::Gone),
        Some(Err(error)) => Err(broken(&error.into_inner())),
    }
}

/// Why a socket cannot be read any more.
fn broken(error: &axum::BoxError) -> Ended {
    match error.downcast_ref::<Error>() {
        Some(Error::Capacity(CapacityError::MessageTooLong { size, max_size })) => Farewell::new(
            Code::MessageTooLong,
            format!("a message of {size} bytes; expected at most {max_size}: cut the sound into smaller pieces"),
        )
        .into(),
        Some(Error::Utf8(_)) => Farewell::new(
            Code::BadMessage,
            "a text message that is no UTF-8; send sound in binary messages",
        )
        .into(),
        Some(Error::Protocol(ProtocolError::ResetWithoutClosingHandshake)) => Ended::Gone,
        Some(Error::Protocol(error)) => Farewell::new(
            Code::BadFrames,
            format!("this is not the WebSocket protocol ({error})"),
        )
        .into(),
        _ => Ended::Gone,
    }
}

/// A text message that has no place in a stream that is open.
fn misplaced(said: Said) -> Farewell {
    match said {
        Said::Start(_) => Farewell::new(
            Code::SecondStart,
            "this stream was started already; open another socket for another stream",
        ),
        Said::End => Farewell::new(Code::BadMessage, "the sound ends here"),
        Said::Nothing(why) => Farewell::new(
            Code::BadMessage,
            format!(
                "a text message that is not understood: {why}; expected {{\"type\": \"end\"}}, and sound in binary messages"
            ),
        ),
    }
}

fn slow() -> Farewell {
    Farewell::new(
        Code::SlowReader,
        "too many events wait for this reader; read while you send",
    )
}

pub(super) fn server_ends() -> Farewell {
    Farewell::new(Code::Ending, "the server ends; open the stream anew later")
}

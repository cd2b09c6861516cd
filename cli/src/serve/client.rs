//! One client: from its socket's opening to its closing.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{Message, WebSocket};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{timeout, timeout_at};
use undersong_core::live::LiveError;
use undersong_core::stream::{StreamError, StreamSession};

use super::codes::{Code, Farewell};
use super::door::Visitor;
use super::first::{Said, Start};
use super::listen::{Ended, Taken, listen, server_ends, taken};
use super::metrics::Metrics;
use super::outbox::{Out, Outbox};
use super::{Server, ended};

/// How long a client who is sent away has to take each message.
const FAREWELL: Duration = Duration::from_secs(2);

/// How long a closed socket is still read, so that what was sent last is not lost with it.
const LINGER: Duration = Duration::from_secs(1);

/// Serves a client.
pub(super) async fn attend(socket: WebSocket, server: Arc<Server>, visitor: Visitor) {
    let _open = Open::new(&server);
    let (mut sink, mut stream) = socket.split();
    match begin(&mut stream, &server, &visitor).await {
        Ok(begun) => serve(&mut sink, &mut stream, begun, &server).await,
        Err(Ended::SentAway(farewell)) => {
            server.metrics.refused(farewell.code);
            let _ = timeout(FAREWELL, async {
                sink.send(Message::Text(farewell.json().into())).await?;
                sink.send(Message::Close(Some(farewell.close()))).await
            })
            .await;
            linger(&mut stream).await;
        }
        Err(Ended::Gone | Ended::Complete) => {}
    }
}

/// What a client has once its first message is answered.
struct Begun {
    session: StreamSession,
    start: Start,
    _place: OwnedSemaphorePermit,
}

/// Takes the first message.
async fn begin(
    stream: &mut SplitStream<WebSocket>,
    server: &Arc<Server>,
    visitor: &Visitor,
) -> Result<Begun, Ended> {
    let first = async {
        loop {
            match taken(stream.next().await)? {
                Taken::Nothing => {}
                Taken::Text(Said::Start(fields)) => return Ok::<_, Ended>(fields),
                Taken::Text(Said::End) => return Err(no_start("its type is \"end\"").into()),
                Taken::Text(Said::Nothing(why)) => return Err(no_start(&why).into()),
                Taken::Sound(_) => return Err(no_start("it is binary").into()),
            }
        }
    };
    let fields = tokio::select! {
        biased;
        () = ended(server.ending.clone()) => return Err(server_ends().into()),
        first = timeout_at(visitor.first_message(), first) => first.map_err(|_| {
            Farewell::new(
                Code::FirstMessageLate,
                format!(
                    "no first message came within {} s; send {{\"type\": \"start\"}}",
                    server.limits.first_message.as_secs_f64()
                ),
            )
        })??,
    };
    let start = Start::read(&fields, server)?;
    let place = Arc::clone(&server.places).try_acquire_owned().map_err(|_| {
        Farewell::new(
            Code::TooManyClients,
            format!(
                "{} clients are served already, which is the limit (--clients); try again later",
                server.limits.clients
            ),
        )
    })?;
    visitor.begin();
    let (own, options) = (Arc::clone(server), start.options.clone());
    let opened = tokio::task::spawn_blocking(move || {
        StreamSession::open(&own.pool, Arc::clone(&own.live), &options)
    })
    .await;
    let session = match opened {
        Ok(opened) => opened.map_err(|error| Farewell::new(code_of(&error), error.to_string()))?,
        Err(_) => {
            let message = "the stream could not be opened; please report what was asked for";
            return Err(Farewell::new(Code::Fault, message).into());
        }
    };
    Ok(Begun {
        session,
        start,
        _place: place,
    })
}

/// Whose fault it is that a stream cannot be opened.
fn code_of(error: &StreamError) -> Code {
    match error {
        StreamError::Live(LiveError::Engine(_) | LiveError::Threads { .. }) => Code::Fault,
        _ => Code::BadStart,
    }
}

fn no_start(why: &str) -> Farewell {
    Farewell::new(
        Code::BadStart,
        format!(
            "the first message is not understood: {why}; expected a text message such as {{\"type\": \"start\", \"rate_hz\": 16000}}"
        ),
    )
}

/// Takes a client's sound and sends it what happens, until one of them ends.
async fn serve(
    sink: &mut SplitSink<WebSocket, Message>,
    stream: &mut SplitStream<WebSocket>,
    begun: Begun,
    server: &Arc<Server>,
) {
    let mut counted = Counted::new(&server.metrics);
    let Begun {
        session,
        start,
        _place,
    } = begun;
    let outbox = Outbox::new(&server.limits, start.ready(server));
    let telling = tell(sink, &outbox, &server.metrics);
    tokio::pin!(telling);
    let ended = tokio::select! {
        ended = listen(stream, session, &start, &outbox, server) => ended,
        () = &mut telling => Ended::Gone,
    };
    let patience = match ended {
        Ended::Gone => return,
        Ended::Complete => {
            counted.why = "end";
            outbox.complete();
            server.limits.idle
        }
        Ended::SentAway(farewell) => {
            counted.why = farewell.code.name();
            outbox.send_away(farewell);
            FAREWELL.min(server.limits.idle)
        }
    };
    // As long as it takes some.
    let mut sent = outbox.sent();
    while timeout(patience, &mut telling).await.is_err() {
        if std::mem::replace(&mut sent, outbox.sent()) == sent {
            return;
        }
    }
    linger(stream).await;
}

/// Sends what happens, until all is sent or nobody is there any more.
async fn tell(sink: &mut SplitSink<WebSocket, Message>, outbox: &Outbox, metrics: &Metrics) {
    while let Some(out) = outbox.next().await {
        let (message, event) = match out {
            Out::Text(text) => (Message::Text(text.into()), None),
            Out::Event(event, arrived) => match event.to_json() {
                Ok(json) => (Message::Text(json.into()), Some((event, arrived))),
                // No event of a stream holds what JSON cannot.
                Err(_) => continue,
            },
            Out::Close(frame) => (Message::Close(Some(frame)), None),
        };
        // Answers to many pings may fill the buffer; there is room for a message once it is empty.
        if sink.flush().await.is_err() || sink.send(message).await.is_err() {
            return;
        }
        if let Some((event, arrived)) = event {
            metrics.sent(&event, arrived.map(|at| at.elapsed()));
        }
    }
}

/// Reads what still comes, so that the system does not throw away what was sent with what was not read.
async fn linger(stream: &mut SplitStream<WebSocket>) {
    let _ = timeout(LINGER, async {
        while let Some(Ok(_)) = stream.next().await {}
    })
    .await;
}

/// Counts a socket, so that the server can wait for the last one.
struct Open<'a>(&'a Server);

impl<'a> Open<'a> {
    fn new(server: &'a Server) -> Self {
        server.sockets.send_modify(|sockets| *sockets += 1);
        Self(server)
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.sockets.send_modify(|sockets| *sockets -= 1);
    }
}

/// Counts a stream in the metrics, however it ends.
struct Counted<'a> {
    metrics: &'a Metrics,
    why: &'static str,
}

impl<'a> Counted<'a> {
    fn new(metrics: &'a Metrics) -> Self {
        metrics.opened();
        Self {
            metrics,
            why: "gone",
        }
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.metrics.closed(self.why);
    }
}

//! `Door`: takes connections, and lets go of those that open and then say nothing.
//!
//! Until a stream has begun, a connection has the time for the first message and a little more, and some kilobytes; of too many such, the oldest goes. So
//! half-open sockets and slow handshakes cost little, and keep nobody else out.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, Sleep};

use super::Server;
use super::codes::Code;

/// After the time for the first message, how long it may take to say so.
const GRACE: Duration = Duration::from_secs(2);

/// Bytes before a stream has begun, at most: a request, and what a client sends without waiting for an answer.
const MOST_BYTES: usize = 65_536;

/// How long no connection is taken once the system gives none.
const BREATH: Duration = Duration::from_millis(100);

/// Takes connections.
pub(super) struct Door {
    listener: TcpListener,
    server: Arc<Server>,
    waiting: VecDeque<Weak<Arrival>>,
}

impl Door {
    pub(super) fn new(listener: TcpListener, server: &Arc<Server>) -> Self {
        Self {
            listener,
            server: Arc::clone(server),
            waiting: VecDeque::new(),
        }
    }

    /// Lets a connection in; of too many that wait, the oldest goes.
    fn let_in(&mut self, stream: TcpStream) -> Connection {
        // An event is worth more at once than together with the next.
        let _ = stream.set_nodelay(true);
        self.waiting
            .retain(|it| it.upgrade().is_some_and(|it| !it.begun()));
        while self.waiting.len() >= self.server.limits.waiting {
            if let Some(oldest) = self.waiting.pop_front().and_then(|it| it.upgrade()) {
                oldest.send_away();
                self.server.metrics.refused(Code::TooManyWaiting);
            }
        }
        let arrived = Instant::now();
        let first_message = arrived + self.server.limits.first_message;
        let arrival = Arc::new(Arrival {
            first_message,
            begun: AtomicBool::new(false),
            sent_away: AtomicBool::new(false),
            waker: Mutex::new(None),
        });
        self.waiting.push_back(Arc::downgrade(&arrival));
        Connection {
            stream,
            deadline: Box::pin(tokio::time::sleep_until(first_message + GRACE)),
            bytes: 0,
            visitor: Visitor(arrival),
        }
    }
}

impl Listener for Door {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        loop {
            match self.listener.accept().await {
                Ok((stream, address)) => return (self.let_in(stream), address),
                // Gone before it was taken, or the system has no more; both pass.
                Err(_) => tokio::time::sleep(BREATH).await,
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// A connection that may not have begun a stream yet.
struct Arrival {
    first_message: Instant,
    begun: AtomicBool,
    sent_away: AtomicBool,
    /// Wakes whoever reads or writes it.
    waker: Mutex<Option<Waker>>,
}

impl Arrival {
    fn begun(&self) -> bool {
        self.begun.load(Ordering::Acquire)
    }

    fn send_away(&self) {
        self.sent_away.store(true, Ordering::Release);
        let waker = self.waker();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn waker(&self) -> Option<Waker> {
        self.waker
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }
}

/// A connection's side of its handlers.
#[derive(Clone)]
pub(super) struct Visitor(Arc<Arrival>);

impl Visitor {
    /// Until when the first message must have come.
    pub(super) fn first_message(&self) -> Instant {
        self.0.first_message
    }

    /// A stream has begun: it has limits of its own.
    pub(super) fn begin(&self) {
        self.0.begun.store(true, Ordering::Release);
    }
}

impl Connected<IncomingStream<'_, Door>> for Visitor {
    fn connect_info(stream: IncomingStream<'_, Door>) -> Self {
        stream.io().visitor.clone()
    }
}

/// A TCP connection with a deadline, until a stream has begun.
pub(super) struct Connection {
    stream: TcpStream,
    deadline: Pin<Box<Sleep>>,
    bytes: usize,
    visitor: Visitor,
}

impl Connection {
    /// Whether it may go on; if not now, whoever asks is woken once that changes.
    fn check(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        let arrival = &self.visitor.0;
        if arrival.begun() {
            return Ok(());
        }
        let mut waker = arrival.waker.lock().unwrap_or_else(PoisonError::into_inner);
        *waker = Some(cx.waker().clone());
        drop(waker);
        let late = self.deadline.as_mut().poll(cx).is_ready();
        if late || arrival.sent_away.load(Ordering::Acquire) || self.bytes > MOST_BYTES {
            return Err(io::ErrorKind::TimedOut.into());
        }
        Ok(())
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.check(cx)?;
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buffer);
        self.bytes = self
            .bytes
            .saturating_add(buffer.filled().len().saturating_sub(before));
        read
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.check(cx)?;
        Pin::new(&mut self.stream).poll_write(cx, buffer)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

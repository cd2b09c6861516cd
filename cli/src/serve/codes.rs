//! `Code`: why a client is refused or sent away. `docs/serve.md` lists all of them; none changes its meaning.

use axum::extract::ws::{CloseFrame, close_code};
use axum::http::StatusCode;
use serde_json::json;

use crate::web::{Broken, Refusal};

/// Longest reason of a close frame, in bytes (RFC 6455, 5.5: a control frame holds 125, the code takes two).
const REASON_BYTES: usize = 123;

/// Why a client is refused or sent away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Code {
    /// The address under which the server was asked for is not its own.
    WrongHost,
    /// The request comes from a page of somebody else.
    WrongOrigin,
    /// The token is missing or wrong.
    WrongToken,
    /// `/stream` without a WebSocket's handshake.
    NoWebSocket,
    /// There is no such page.
    NotFound,
    /// So many are served already.
    TooManyClients,
    /// Too many connections that never began; this one was the oldest.
    TooManyWaiting,
    /// No first message in time.
    FirstMessageLate,
    /// The first message is none, or asks for what cannot be.
    BadStart,
    /// A second first message.
    SecondStart,
    /// A text message that means nothing here.
    BadMessage,
    /// Sound after the end of sound.
    AfterEnd,
    /// A message longer than the limit.
    MessageTooLong,
    /// Not the WebSocket protocol.
    BadFrames,
    /// No sound for too long.
    Idle,
    /// Too many events wait for this reader.
    SlowReader,
    /// The server ends.
    Ending,
    /// A fault of the server.
    Fault,
}

impl Code {
    /// As messages, close reasons and metrics have it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::WrongHost => "wrong_host",
            Self::WrongOrigin => "wrong_origin",
            Self::WrongToken => "wrong_token",
            Self::NoWebSocket => "no_websocket",
            Self::NotFound => "not_found",
            Self::TooManyClients => "too_many_clients",
            Self::TooManyWaiting => "too_many_waiting",
            Self::FirstMessageLate => "first_message_late",
            Self::BadStart => "bad_start",
            Self::SecondStart => "second_start",
            Self::BadMessage => "bad_message",
            Self::AfterEnd => "after_end",
            Self::MessageTooLong => "message_too_long",
            Self::BadFrames => "bad_frames",
            Self::Idle => "idle",
            Self::SlowReader => "slow_reader",
            Self::Ending => "ending",
            Self::Fault => "fault",
        }
    }

    /// The close code of RFC 6455 that says it best.
    fn close(self) -> u16 {
        match self {
            Self::Ending => close_code::AWAY,
            Self::BadFrames => close_code::PROTOCOL,
            Self::MessageTooLong => close_code::SIZE,
            Self::TooManyClients | Self::TooManyWaiting => close_code::AGAIN,
            Self::Fault => close_code::ERROR,
            _ => close_code::POLICY,
        }
    }

    /// The HTTP status, where there is no WebSocket yet.
    pub(super) fn status(self) -> StatusCode {
        match self {
            Self::WrongToken => StatusCode::UNAUTHORIZED,
            Self::WrongHost | Self::WrongOrigin => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::NoWebSocket => StatusCode::UPGRADE_REQUIRED,
            Self::Fault => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

/// Why a client is refused or sent away, and what it can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Farewell {
    pub(super) code: Code,
    pub(super) message: String,
}

impl Farewell {
    pub(super) fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }

    /// The error event.
    pub(super) fn json(&self) -> String {
        json!({ "type": "error", "code": self.code.name(), "message": self.message }).to_string()
    }

    /// The close frame: its reason is the code, and as much of the message as there is room for.
    pub(super) fn close(&self) -> CloseFrame {
        let mut reason = format!("{}: {}", self.code.name(), self.message);
        while reason.len() > REASON_BYTES {
            reason.pop();
        }
        CloseFrame {
            code: self.code.close(),
            reason: reason.into(),
        }
    }
}

impl From<Refusal> for Farewell {
    fn from(refusal: Refusal) -> Self {
        let code = match refusal.broken {
            Broken::Host => Code::WrongHost,
            Broken::Origin => Code::WrongOrigin,
            Broken::Token => Code::WrongToken,
        };
        Self::new(code, refusal.message)
    }
}

/// The close frame after the end of sound, when all was told.
pub(super) fn complete() -> CloseFrame {
    CloseFrame {
        code: close_code::NORMAL,
        reason: "end".into(),
    }
}

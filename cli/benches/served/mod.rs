//! A server that is running, and live clients of it.
#![allow(dead_code, unreachable_pub, reason = "each benchmark uses its part")]

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::pieces::{PIECE_MS, pieces};

pub type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Two threads for all clients.
pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
}

/// A server that is running.
pub struct Served {
    child: Child,
    pub address: String,
}

/// What a live client saw.
pub struct Live {
    /// When the first sample began to sound.
    pub began: Instant,
    /// When each piece was sent.
    pub sent: Vec<Instant>,
    /// Of each update its end in ms and when it came.
    pub updates: Vec<(u64, Instant)>,
    /// All events as text.
    pub events: Vec<String>,
    pub dropped: u64,
    /// Whether all was told and the socket closed in order.
    pub complete: bool,
}

impl Served {
    pub fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_undersong"))
            .args(["serve", "--listen", "0"])
            .args(arguments)
            .env_remove("UNDERSONG_TOKEN")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        said.read_line(&mut line).unwrap();
        let address = line.trim().trim_start_matches("listening on http://");
        Self {
            child,
            address: address.trim_end_matches('/').to_owned(),
        }
    }

    pub async fn connect(&self) -> Option<Socket> {
        let address = format!("ws://{}/stream", self.address);
        let (mut socket, _) = connect_async(address).await.ok()?;
        if let MaybeTlsStream::Plain(stream) = socket.get_mut() {
            stream.set_nodelay(true).unwrap();
        }
        Some(socket)
    }

    /// A socket whose stream has begun.
    pub async fn begin(&self, start: &str) -> Option<Socket> {
        let mut socket = self.connect().await?;
        socket.send(Message::text(start)).await.ok()?;
        match socket.next().await {
            Some(Ok(Message::Text(text))) if text.contains("\"ready\"") => Some(socket),
            _ => None,
        }
    }

    /// A client that streams a sound in real time; `None` if it was not let in.
    pub async fn live(&self, raw: &[u8], offset: Duration) -> Option<Live> {
        let socket = self.begin(r#"{"type":"start"}"#).await?;
        let (mut sink, mut stream) = socket.split();
        let began = Instant::now() + Duration::from_millis(100) + offset;
        let sending = async {
            let mut sent = Vec::new();
            for (index, piece) in pieces(raw).enumerate() {
                // A piece is there when its last sample has sounded.
                let due = began + Duration::from_millis((index as u64 + 1) * PIECE_MS);
                tokio::time::sleep_until(due.into()).await;
                sent.push(Instant::now());
                if sink.send(Message::binary(piece.to_vec())).await.is_err() {
                    return sent;
                }
            }
            let _ = sink.send(Message::text(r#"{"type":"end"}"#)).await;
            sent
        };
        let reading = async {
            let (mut events, mut complete) = (Vec::new(), false);
            while let Some(Ok(message)) = stream.next().await {
                match message {
                    Message::Text(text) => events.push((text.as_str().to_owned(), Instant::now())),
                    Message::Close(Some(frame)) => complete = u16::from(frame.code) == 1000,
                    _ => {}
                }
            }
            (events, complete)
        };
        let (sent, (events, complete)) = tokio::join!(sending, reading);
        let (mut updates, mut dropped) = (Vec::new(), 0);
        for (text, at) in &events {
            let event: Value = serde_json::from_str(text).unwrap();
            if event["type"] == "emotion.update" {
                updates.push((event["audio_end_ms"].as_u64().unwrap(), *at));
            }
            if event["code"] == "dropped_updates" {
                dropped += event["count"].as_u64().unwrap();
            }
        }
        Some(Live {
            began,
            sent,
            updates,
            events: events.into_iter().map(|(text, _)| text).collect(),
            dropped,
            complete,
        })
    }

    /// Resident memory in kB; 0 where the system does not tell.
    pub fn memory_kb(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let line = status.ok().and_then(|status| {
            let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
            line.split_whitespace().nth(1)?.parse().ok()
        });
        line.unwrap_or(0)
    }

    /// Processor time of all its threads, in seconds; 0 where the system does not tell.
    pub fn processor_seconds(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()));
        let ticks = stat.ok().and_then(|stat| {
            // After the name, which may hold anything, in brackets: fields 14 and 15 of proc(5), in hundredths.
            let fields = stat.rsplit(") ").next()?.split(' ').collect::<Vec<_>>();
            let field = |at: usize| fields.get(at)?.parse::<f64>().ok();
            Some(field(11)? + field(12)?)
        });
        ticks.unwrap_or(0.0) / 100.0
    }

    /// Whether it still runs.
    pub fn runs(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

//! Hostile traffic, with honest clients in the midst of it.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use tokio_tungstenite::MaybeTlsStream;
use tokio_tungstenite::tungstenite::Message;

use crate::pieces::{row, session, voice};
use crate::served::{Served, runtime};

/// Honest clients.
const HONEST: usize = 4;

/// Sound of an honest stream, in seconds.
const STREAM_SECONDS: f64 = 14.0;

/// Short limits, so that each of them is met again and again.
const ARGUMENTS: [&str; 10] = [
    "--engine",
    "builtin",
    "--idle",
    "5",
    "--first-message",
    "3",
    "--backlog",
    "32",
    "--message-bytes",
    "65536",
];

/// Numbers that look random.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn bytes(&mut self, most: usize) -> Vec<u8> {
        let count = self.next() as usize % most + 1;
        (0..count).map(|_| self.next() as u8).collect()
    }
}

/// What an attacker does once.
type Attack<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

/// Kinds of attack.
const KINDS: [&str; 12] = [
    "random bytes instead of HTTP",
    "random bytes in a stream",
    "wrong first messages",
    "messages that have no place",
    "messages of wrong sizes",
    "samples that are no numbers",
    "twenty connections that say nothing",
    "streams without sound",
    "a flood that is read",
    "a flood that is not read",
    "a reader of one event a second",
    "a client that vanishes",
];

fn attack<'a>(
    kind: usize,
    server: &'a Served,
    sound: &'a [u8],
    random: &'a mut Random,
) -> Attack<'a> {
    const START: &str = r#"{"type":"start"}"#;
    Box::pin(async move {
        match kind {
            0 => {
                if let Ok(mut stream) = TcpStream::connect(&server.address).await {
                    let _ = stream.write_all(&random.bytes(4_000)).await;
                    let mut rest = Vec::new();
                    let _ = stream.read_to_end(&mut rest).await;
                }
            }
            1 => {
                if let Some(mut socket) = server.begin(START).await {
                    if let MaybeTlsStream::Plain(stream) = socket.get_mut() {
                        let _ = stream.write_all(&random.bytes(4_000)).await;
                    }
                    while let Some(Ok(_)) = socket.next().await {}
                }
            }
            2 => {
                let texts = [
                    "",
                    "{}",
                    r#"{"type":"start","rate_hz":0}"#,
                    r#"{"type":"start","channels":9}"#,
                    r#"{"type":"start","format":"mp3"}"#,
                    "[[[[[[[[[[[[",
                ];
                if let Some(mut socket) = server.connect().await {
                    let text = texts[random.next() as usize % texts.len()];
                    let _ = socket.send(Message::text(text)).await;
                    while let Some(Ok(_)) = socket.next().await {}
                }
            }
            3 => {
                if let Some(mut socket) = server.begin(START).await {
                    let _ = socket.send(Message::binary(sound[..6_400].to_vec())).await;
                    let text = [START, "sound", "{}"][random.next() as usize % 3];
                    let _ = socket.send(Message::text(text)).await;
                    while let Some(Ok(_)) = socket.next().await {}
                }
            }
            4 => {
                if let Some(mut socket) = server.begin(START).await {
                    for _ in 0..50 {
                        let _ = socket.send(Message::binary(random.bytes(777))).await;
                    }
                    let _ = socket.send(Message::binary(vec![0; 70_000])).await;
                    while let Some(Ok(_)) = socket.next().await {}
                }
            }
            5 => {
                let start = r#"{"type":"start","format":"f32le","channels":2,"rate_hz":48000}"#;
                if let Some(mut socket) = server.begin(start).await {
                    let wrong = [f32::NAN, f32::INFINITY, 1e38, -0.5].map(f32::to_le_bytes);
                    for _ in 0..20 {
                        let _ = socket
                            .send(Message::binary(wrong.concat().repeat(960)))
                            .await;
                    }
                    let _ = socket.send(Message::text(r#"{"type":"end"}"#)).await;
                    while let Some(Ok(_)) = socket.next().await {}
                }
            }
            6 => {
                let connecting = (0..20).map(|_| TcpStream::connect(&server.address));
                let mut streams = join_all(connecting).await;
                for stream in streams.iter_mut().flatten().take(10) {
                    let _ = stream.write_all(b"GET /stream HTTP/1.1\r\nHost: loc").await;
                }
                sleep(Duration::from_secs(4)).await;
            }
            7 => {
                let streams = join_all((0..4).map(|_| server.begin(START))).await;
                for mut socket in streams.into_iter().flatten() {
                    while let Some(Ok(_)) = socket.next().await {}
                }
            }
            8 => {
                if let Some(socket) = server.begin(START).await {
                    let (mut sink, mut stream) = socket.split();
                    let send = async {
                        let begun = Instant::now();
                        while begun.elapsed() < Duration::from_secs(5) {
                            if sink
                                .send(Message::binary(sound[..64_000].to_vec()))
                                .await
                                .is_err()
                            {
                                return;
                            }
                        }
                        let _ = sink.send(Message::text(r#"{"type":"end"}"#)).await;
                    };
                    let read = async { while let Some(Ok(_)) = stream.next().await {} };
                    tokio::join!(send, read);
                }
            }
            9 => {
                let start = r#"{"type":"start","hop_seconds":0.1}"#;
                if let Some(mut socket) = server.begin(start).await {
                    let flood = async {
                        while socket
                            .send(Message::binary(sound[..64_000].to_vec()))
                            .await
                            .is_ok()
                        {}
                    };
                    let _ = timeout(Duration::from_secs(8), flood).await;
                }
            }
            10 => {
                let start = r#"{"type":"start","hop_seconds":0.1,"wait":true}"#;
                if let Some(mut socket) = server.begin(start).await {
                    let begun = Instant::now();
                    while begun.elapsed() < Duration::from_secs(8) {
                        let send = socket.send(Message::binary(sound[..32_000].to_vec()));
                        let _ = timeout(Duration::from_millis(500), send).await;
                        let _ = timeout(Duration::from_millis(500), socket.next()).await;
                    }
                }
            }
            _ => {
                if let Some(mut socket) = server.begin(START).await {
                    let _ = socket.send(Message::binary(sound[..32_000].to_vec())).await;
                }
            }
        }
    })
}

/// Runs it for so long.
pub(crate) fn run(duration: Duration) {
    let mut server = Served::start(&ARGUMENTS);
    let raw = voice(STREAM_SECONDS);
    let mut expected = Vec::new();
    session(&raw, |_, event| expected.push(event.to_json().unwrap()));
    let begun = Instant::now();
    let counts = KINDS.map(|_| AtomicU64::new(0));
    let mut memory = Vec::new();
    let honest = runtime().block_on(async {
        let honest = (0..HONEST as u32).map(|client| {
            let (server, raw, expected) = (&server, &raw, &expected);
            async move {
                let (mut streams, mut wrong, mut latency) = (0, 0, Vec::new());
                while begun.elapsed() < duration {
                    let live = server.live(raw, Duration::from_millis(60) * client).await;
                    streams += 1;
                    let Some(live) = live else {
                        // Not let in: that is harm, too.
                        wrong += 1;
                        continue;
                    };
                    wrong += u64::from(!live.complete || live.events != *expected);
                    for &(end_ms, at) in &live.updates {
                        let end = live.began + Duration::from_millis(end_ms);
                        latency.push(at.saturating_duration_since(end).as_secs_f64() * 1e3);
                    }
                }
                (streams, wrong, latency)
            }
        });
        let attackers = (0..KINDS.len()).map(|kind| {
            let (server, raw, count) = (&server, &raw, &counts[kind]);
            async move {
                let mut random = Random(0x9E37_79B9_7F4A_7C15 ^ (kind as u64 + 1) << 17);
                while begun.elapsed() < duration {
                    // Whatever hangs is given up: that is hostile, too.
                    let attack = attack(kind, server, raw, &mut random);
                    let _ = timeout(Duration::from_secs(15), attack).await;
                    count.fetch_add(1, Ordering::Relaxed);
                    sleep(Duration::from_millis(20)).await;
                }
            }
        });
        let watching = async {
            while begun.elapsed() < duration {
                sleep(Duration::from_millis(500)).await;
                memory.push(server.memory_kb());
            }
        };
        let (honest, _, ()) = tokio::join!(join_all(honest), join_all(attackers), watching);
        honest
    });
    println!(
        "hostile traffic for {} s, built-in engine",
        duration.as_secs()
    );
    for (kind, count) in KINDS.iter().zip(&counts) {
        println!("  {:>6} × {kind}", count.load(Ordering::Relaxed));
    }
    let tenths = memory.chunks(memory.len().div_ceil(10).max(1));
    let most = tenths
        .map(|tenth| tenth.iter().copied().max().unwrap_or(0) as f64 / 1e3)
        .collect::<Vec<_>>();
    let shown = most.iter().map(|it| format!("{it:.0}")).collect::<Vec<_>>();
    println!(
        "  memory, MB, the most in each tenth of the time: {}",
        shown.join(" ")
    );
    // What is taken in the first third, everything having happened once by then, has to do for the rest.
    let early = most.iter().take(4).copied().fold(0.0, f64::max);
    let late = most.iter().skip(4).copied().fold(0.0, f64::max);
    println!(
        "  {}: {early:.0} MB at most at first, {late:.0} MB later",
        if late <= early * 1.05 {
            "flat"
        } else {
            "NOT FLAT"
        }
    );
    let streams: u64 = honest.iter().map(|it| it.0).sum();
    let wrong: u64 = honest.iter().map(|it| it.1).sum();
    let latency = honest.into_iter().flat_map(|it| it.2).collect();
    println!(
        "  {HONEST} honest clients: {streams} streams of {STREAM_SECONDS} s, {} events each, {wrong} not as alone; from a window's end to its event {}",
        expected.len(),
        row(latency)
    );
    assert!(server.runs(), "the server has ended");
    assert_eq!(wrong, 0, "honest clients were harmed");
}

//! `undersong serve` with 24 live clients, and under hostile traffic.
//!
//! `cargo bench -p undersong-cli --bench serve [-- --live SECONDS --hostile SECONDS]`, on a machine with nothing else to do; clients run in real time, so
//! a minute of each takes four. ONNX Runtime is measured where `UNDERSONG_ORT` names it. The hostile traffic of ten minutes is `-- --live 0 --hostile 600`.
//!
//! - **Live**: 24 clients, s16le mono 16 kHz in pieces of 20 ms, hop 0.25 s. Latency is taken at the client: from the time at which the last sample of a window
//!   has sounded, and from the sending of the piece that decides it, to the event read. Memory is the resident memory of the server.
//! - **Hostile**: four honest clients as above stream again and again, and each of their events must be the one that a session of the core gives for the same sound,
//!   while others send random bytes, wrong messages, floods, nothing at all, or read nothing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

mod hostile;
mod pieces;
mod served;

use std::time::Duration;

use pieces::{deciding_pieces, row, voice};
use served::{Served, runtime};

/// Clients at the same time.
const CLIENTS: usize = 24;

fn main() {
    let arguments = std::env::args().collect::<Vec<_>>();
    // `cargo test --benches` runs this too: then a moment is enough.
    let whole = arguments.iter().any(|argument| argument == "--bench");
    let seconds = |name: &str, usual: f64| {
        let place = arguments.iter().position(|it| it == name);
        let given = place.and_then(|place| arguments.get(place + 1));
        given.map_or(usual, |text| text.parse().unwrap())
    };
    let live = seconds("--live", if whole { 60.0 } else { 3.0 });
    let hostile = seconds("--hostile", if whole { 60.0 } else { 5.0 });
    println!(
        "{} cores, model undersong-8",
        std::thread::available_parallelism().map_or(1, usize::from)
    );
    let mut engines = vec![("built in", "builtin")];
    if std::env::var_os("UNDERSONG_ORT").is_some() {
        engines.push(("ONNX Runtime", "cpu"));
    }
    if live > 0.0 {
        let raw = voice(live);
        let decided = deciding_pieces(&raw);
        println!(
            "{CLIENTS} clients for {live} s, hop 0.25 s, {} updates each",
            decided.len()
        );
        println!(
            "                              from the window's end       from the deciding piece"
        );
        println!(
            "                              p50      p99      most       p50      p99      most    dropped  missing  processor  a client's memory"
        );
        for (name, engine) in &engines {
            for (how, spread) in [("spread", true), ("at once", false)] {
                println!(
                    "{name:<13} {how:<9} {}",
                    measure(engine, &raw, &decided, spread)
                );
            }
        }
    }
    if hostile > 0.0 {
        hostile::run(Duration::from_secs_f64(hostile));
    }
}

/// A row of the table; with `spread`, clients begin one after the other over a hop, as they would, otherwise all at the same moment.
fn measure(engine: &str, raw: &[u8], decided: &[(u64, usize)], spread: bool) -> String {
    let server = Served::start(&["--engine", engine]);
    let runtime = runtime();
    // One stream before, so that what all share is there.
    runtime.block_on(server.live(&raw[..raw.len().min(64_000)], Duration::ZERO));
    let alone_kb = server.memory_kb();
    let before = server.processor_seconds();
    let clients = (0..CLIENTS as u32).map(|client| {
        let offset = Duration::from_millis(250) / CLIENTS as u32 * client;
        server.live(raw, if spread { offset } else { Duration::ZERO })
    });
    let mut most_kb = 0;
    let streams = runtime.block_on(async {
        let all = futures_util::future::join_all(clients);
        tokio::pin!(all);
        loop {
            tokio::select! {
                streams = &mut all => break streams,
                () = tokio::time::sleep(Duration::from_millis(200)) => most_kb = most_kb.max(server.memory_kb()),
            }
        }
    });
    let processor = server.processor_seconds() - before;
    let sound = raw.len() as f64 / 2.0 / f64::from(pieces::RATE_HZ);
    let (mut ended, mut from_piece, mut dropped, mut missing) = (Vec::new(), Vec::new(), 0, 0);
    for stream in &streams {
        let stream = stream.as_ref().expect("every client is let in");
        dropped += stream.dropped;
        for &(end_ms, piece) in decided {
            let Some(&(_, at)) = stream.updates.iter().find(|&&(end, _)| end == end_ms) else {
                missing += 1;
                continue;
            };
            let end = stream.began + Duration::from_millis(end_ms);
            ended.push(at.saturating_duration_since(end).as_secs_f64() * 1e3);
            let sent = stream.sent.get(piece).copied().unwrap_or(at);
            from_piece.push(at.saturating_duration_since(sent).as_secs_f64() * 1e3);
        }
    }
    format!(
        "{}  {} {dropped:>8} {missing:>8} {:>8.0} %  {:>6.2} MB",
        row(ended),
        row(from_piece),
        100.0 * processor / sound,
        most_kb.saturating_sub(alone_kb) as f64 / 1e3 / CLIENTS as f64
    )
}

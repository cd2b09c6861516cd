//! The limits of `undersong serve`: who says nothing, reads nothing or sends too much gives way, and an honest client beside them gets what it gets alone.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at what it did not expect"
)]

#[path = "serving/honest.rs"]
mod honest;
mod serving;
mod streaming;
mod support;

use std::io::{Read, Write};
use std::time::{Duration, Instant};

use honest::{beginning_with, beside_an_honest_client, sound, start};
use serde_json::{Value, json};
use serving::{Client, Server, told};
use streaming::stream;
use support::Room;
use tokio_tungstenite::tungstenite::Message;

#[test]
fn whoever_opens_and_says_nothing_is_let_go_of() {
    beside_an_honest_client(&["--first-message", "0.5"], |server| {
        let begun = Instant::now();
        let silent = server.connect();
        let mut slow = server.connect();
        slow.write_all(b"GET /stream HTTP/1.1\r\nHost: local")
            .unwrap();
        let upgraded = server.client();
        let said = upgraded
            .rest(Vec::new())
            .ends_with("first_message_late", 1008);
        assert!(said.contains("0.5 s"), "{said}");
        for mut stream in [silent, slow] {
            let mut rest = Vec::new();
            let _ = stream.read_to_end(&mut rest);
        }
        assert!(begun.elapsed() < Duration::from_secs(30));
    });
}

#[test]
fn connections_that_never_begin_keep_nobody_out() {
    let room = Room::new();
    let server = Server::start(&room, &["--waiting", "4", "--first-message", "60"]);
    // One who has begun before stays; who begins after all that silence finds room.
    let (mut before, _) = server.stream(start());
    let silent = (0..40).map(|_| server.connect()).collect::<Vec<_>>();
    // The oldest had to go, though their time is not over.
    let mut rest = Vec::new();
    let _ = (&silent[0]).read_to_end(&mut rest);
    // Whoever asks for the metrics makes one more give way.
    let begun = Instant::now();
    while server.metric("undersong_refused_total{code=\"too_many_waiting\"}") < 36.0 {
        assert!(begun.elapsed() < Duration::from_secs(30));
    }
    before.send(&sound());
    told(&server, start(), &sound(), 640).complete();
    server.wait_for("undersong_clients", 1.0);
}

#[test]
fn whoever_sends_no_sound_is_sent_away_and_whoever_vanishes_is_forgotten() {
    beside_an_honest_client(&["--idle", "0.5"], |server| {
        let (mut client, _) = server.stream(start());
        client.send(&[0; 640]);
        // Neither pings nor messages without sound count as such.
        client.socket.send(Message::Ping(vec![1].into())).unwrap();
        client.send(&[]);
        let said = client.rest(Vec::new()).ends_with("idle", 1008);
        assert!(said.contains("0.5 s"), "{said}");
        for _ in 0..5 {
            let (mut client, _) = server.stream(start());
            client.send(&sound());
            drop(client);
        }
        server.wait_for("undersong_closed_total{code=\"gone\"}", 5.0);
    });
}

#[test]
fn of_too_many_clients_the_last_is_refused_until_one_leaves() {
    let room = Room::new();
    let server = Server::start(&room, &["--clients", "2"]);
    let (first, _) = server.stream(start());
    let (mut second, _) = server.stream(start());
    let said = beginning_with(&server, &start().to_string()).ends_with("too_many_clients", 1013);
    assert!(said.contains("2 clients"), "{said}");
    assert_eq!(
        server.metric("undersong_refused_total{code=\"too_many_clients\"}"),
        1.0
    );
    drop(first);
    server.wait_for("undersong_clients", 1.0);
    let mut before = Vec::new();
    second.send_all(&sound(), 640, &mut before);
    let alone = stream(&room, None::<&str>, &sound()).events;
    assert_eq!(second.end(before).complete().events(), alone);
    told(&server, start(), &sound(), 640).complete();
}

/// Has a client send sound with pauses, so that there are many utterances, and read nothing.
fn unread(server: &Server, seconds: usize) -> Client {
    let (mut client, _) = server.stream(json!({ "type": "start", "hop_seconds": 0.02 }));
    for _ in 0..seconds.div_ceil(4) {
        let turn = sound();
        let turn = turn.chunks(6_400);
        for piece in turn {
            if client.socket.send(Message::binary(piece.to_vec())).is_err() {
                return client;
            }
        }
    }
    client
}

#[test]
fn a_slow_reader_misses_old_updates_and_nothing_else() {
    beside_an_honest_client(
        &["--backlog", "40", "--idle", "600", "--shortest-hop", "0.02"],
        |server| {
            let seconds = 64;
            let client = unread(server, seconds);
            // All of it is analysed, though nothing is read.
            let whole = seconds.div_ceil(4) as f64 * 3.5;
            let start = Instant::now();
            while server.metric("undersong_dropped_updates_total") == 0.0
                || server.metric("undersong_audio_seconds_total") < whole
            {
                assert!(start.elapsed() < Duration::from_secs(120));
                std::thread::sleep(Duration::from_millis(50));
            }
            let told = client.end(Vec::new()).complete();
            let finals = told.of_type("emotion.final").len();
            assert!(finals >= seconds / 4);
            assert_eq!(finals, told.of_type("speech.start").len());
            let count = |event: &Value| event["count"].as_u64().unwrap();
            let left_out = told.of_type("warning").iter().map(count).sum::<u64>();
            assert!(left_out > 0);
            // Whatever did not come was counted.
            let updates = told.of_type("emotion.update").len() as u64;
            let last = told.events().last().unwrap()["sequence"].as_u64().unwrap();
            assert_eq!(updates + left_out + 2 * finals as u64, last + 1);
        },
    );
}

#[test]
fn a_reader_who_never_reads_is_sent_away_once_too_much_waits() {
    beside_an_honest_client(&["--backlog", "1", "--shortest-hop", "0.02"], |server| {
        let client = unread(server, 160);
        server.wait_for("undersong_closed_total{code=\"slow_reader\"}", 1.0);
        drop(client);
    });
}

#[test]
fn a_flood_is_taken_as_fast_as_it_can_be_analysed_and_no_faster() {
    beside_an_honest_client(&[], |server| {
        let flood = sound().repeat(20);
        std::thread::scope(|scope| {
            let flooders = (0..3).map(|_| scope.spawn(|| told(server, start(), &flood, 200_000)));
            for flooder in flooders.collect::<Vec<_>>() {
                let told = flooder.join().unwrap().complete();
                assert_eq!(told.of_type("warning"), Vec::<Value>::new());
                assert_eq!(told.of_type("emotion.update").len(), 280);
            }
        });
        // Pings and small messages, too.
        let (mut client, _) = server.stream(start());
        for count in 0..20_000_usize {
            let message = if count.is_multiple_of(2) {
                Message::Ping(vec![0; 100].into())
            } else {
                Message::binary(vec![0; 2])
            };
            client.socket.write(message).unwrap();
        }
        client.socket.flush().unwrap();
        client.end(Vec::new()).complete();
    });
}

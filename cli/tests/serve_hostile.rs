//! `undersong serve` with clients that mean harm or are broken: each gets its answer, and an honest client beside them gets what it gets alone.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at what it did not expect"
)]

mod serving;
mod streaming;
mod support;

use std::io::{Read, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use serving::{Client, Server, Told, told};
use streaming::{Streamed, f32le, resampled, s16le, stream};
use support::{Room, speech};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

fn sound() -> Vec<u8> {
    let mut sound = resampled(&speech(0.0, 3.0), 16_000);
    sound.extend(vec![0.0; 8_000]);
    s16le(&sound)
}

fn start() -> Value {
    json!({ "type": "start" })
}

/// Does harm to a server while an honest client streams again and again: it gets what the pipe gives, every time.
fn beside_an_honest_client(arguments: &[&str], harm: impl FnOnce(&Server)) {
    let room = Room::new();
    let server = Server::start(&room, arguments);
    let sound = sound();
    let alone = stream(&room, None::<&str>, &sound).events;
    // With a tiny backlog, whoever sends faster than the sound lasts has to ask for the analysis to wait.
    let wait = arguments.contains(&"--backlog");
    let start = json!({ "type": "start", "wait": wait });
    let done = AtomicBool::new(false);
    let streams = std::thread::scope(|scope| {
        let honest = scope.spawn(|| {
            let mut streams = 0;
            loop {
                let last = done.load(Ordering::Acquire);
                let told = told(&server, start.clone(), &sound, 640).is_complete();
                assert_eq!(told.events(), alone);
                streams += 1;
                if last {
                    return streams;
                }
            }
        });
        // The honest client ends also where the harm stops half-way.
        let harmed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| harm(&server)));
        done.store(true, Ordering::Release);
        let streams = honest.join();
        if let Err(failed) = harmed {
            std::panic::resume_unwind(failed);
        }
        streams.unwrap()
    });
    assert!(streams > 0);
    server.wait_for("undersong_clients", 0.0);
}

/// What a client is told who begins with this text.
fn beginning_with(server: &Server, text: &str) -> Told {
    let mut client = server.client();
    client.send_text(text);
    client.rest(Vec::new())
}

#[test]
fn a_first_message_that_asks_for_what_cannot_be_is_answered_with_what_can() {
    beside_an_honest_client(&[], |server| {
        for (text, parts) in [
            ("", ["no JSON", "expected a text message"].as_slice()),
            ("{", &["no JSON"]),
            ("[1]", &["no JSON object"]),
            ("{}", &["no \"type\""]),
            (r#"{"type":"end"}"#, &["its type is \"end\""]),
            (r#"{"type":"begin"}"#, &["\"begin\""]),
            (
                r#"{"type":"start","rate_hz":0}"#,
                &["rate_hz is 0", "from 8000 to 384000"],
            ),
            (r#"{"type":"start","rate_hz":-16000}"#, &["-16000"]),
            (r#"{"type":"start","rate_hz":16000.5}"#, &["16000.5"]),
            (
                r#"{"type":"start","rate_hz":"16000"}"#,
                &["rate_hz", "\"16000\""],
            ),
            (r#"{"type":"start","rate_hz":1e300}"#, &["rate_hz"]),
            (
                r#"{"type":"start","channels":9}"#,
                &["channels is 9", "from 1 to 8"],
            ),
            (r#"{"type":"start","channels":0}"#, &["channels is 0"]),
            (
                r#"{"type":"start","format":"s16be"}"#,
                &["format", "s16be", "s16le", "f32le"],
            ),
            (r#"{"type":"start","format":7}"#, &["format is 7"]),
            (
                r#"{"type":"start","hop_seconds":0}"#,
                &["hop_seconds", "0.1 to 60"],
            ),
            (
                r#"{"type":"start","smoothing_seconds":-1}"#,
                &["smoothing_seconds", "from 0 to 2"],
            ),
            (
                r#"{"type":"start","priors":"joyful=2"}"#,
                &["joyful", "neutral, happy, sad, angry"],
            ),
            (r#"{"type":"start","priors":{}}"#, &["priors", "happy=2"]),
            (
                r#"{"type":"start","wait":"yes"}"#,
                &["wait", "true or false"],
            ),
            (
                r#"{"type":"start","rate":16000}"#,
                &["no field \"rate\"", "rate_hz"],
            ),
        ] {
            let said = beginning_with(server, text).ends_with("bad_start", 1008);
            for part in parts {
                assert!(said.contains(part), "{text}: no {part:?} in {said}");
            }
        }
        let deep = "[".repeat(10_000);
        beginning_with(server, &deep).ends_with("bad_start", 1008);
        let long = json!({ "type": "start", "priors": "x".repeat(30_000) });
        let said = beginning_with(server, &long.to_string()).ends_with("bad_start", 1008);
        assert!(!said.is_empty());
        let mut early = server.client();
        early.send(&[0; 640]);
        let said = early.rest(Vec::new()).ends_with("bad_start", 1008);
        assert!(said.contains("binary"), "{said}");
        assert!(server.metric("undersong_refused_total{code=\"bad_start\"}") >= 24.0);
    });
}

#[test]
fn a_message_that_has_no_place_ends_its_stream_alone() {
    beside_an_honest_client(&[], |server| {
        let broken = |message: Message| {
            let (mut client, _) = server.stream(start());
            client.send(&[0; 640]);
            client.socket.send(message).unwrap();
            client.rest(Vec::new())
        };
        let said = broken(Message::text(start().to_string())).ends_with("second_start", 1008);
        assert!(said.contains("another socket"), "{said}");
        for text in ["", "sound", "{\"type\":\"pause\"}", "[]"] {
            let said = broken(Message::text(text)).ends_with("bad_message", 1008);
            assert!(said.contains("binary messages"), "{said}");
        }
        // Text that is none.
        let frame = Frame::message(vec![0xFF, 0xFE], OpCode::Data(Data::Text), true);
        broken(Message::Frame(frame)).ends_with("bad_message", 1008);
        // A kind of frame that there is not.
        let frame = Frame::message(vec![1], OpCode::Data(Data::Reserved(3)), true);
        broken(Message::Frame(frame)).ends_with("bad_frames", 1002);
        // A piece of a message that never began.
        let frame = Frame::message(vec![1], OpCode::Data(Data::Continue), true);
        broken(Message::Frame(frame)).ends_with("bad_frames", 1002);
    });
}

#[test]
fn what_comes_after_the_end_is_refused_after_the_rest_was_told() {
    beside_an_honest_client(&[], |server| {
        for late in [
            Message::binary(vec![0; 640]),
            Message::text(json!({ "type": "end" }).to_string()),
        ] {
            let (mut client, _) = server.stream(start());
            let mut before = Vec::new();
            client.send_all(&sound(), 6_400, &mut before);
            let end = json!({ "type": "end" }).to_string();
            client.socket.write(Message::text(end)).unwrap();
            client.socket.write(late).unwrap();
            client.socket.flush().unwrap();
            let told = client.rest(before);
            told.ends_with("after_end", 1008);
            assert!(!told.of_type("emotion.final").is_empty());
        }
        let (mut client, _) = server.stream(start());
        client.say(json!({ "type": "end" }));
        client
            .socket
            .send(Message::text(start().to_string()))
            .unwrap();
        client.rest(Vec::new()).ends_with("second_start", 1008);
    });
}

#[test]
fn odd_bytes_and_samples_that_are_no_numbers_are_told_of_and_the_rest_goes_on() {
    beside_an_honest_client(&[], |server| {
        let mut odd = sound();
        odd.push(1);
        let told_odd = told(server, start(), &odd, 640).is_complete();
        let warning = told_odd.of_type("warning");
        assert_eq!(warning[0]["code"], "odd_bytes");
        assert_eq!(warning[0]["count"], 1);

        let mut voice = resampled(&speech(0.0, 3.0), 16_000);
        for (at, wrong) in [(100, f32::NAN), (200, f32::INFINITY), (300, -1e30)] {
            voice[at] = wrong;
        }
        let start = json!({ "type": "start", "format": "f32le" });
        let told_wrong = told(server, start, &f32le(&voice), 1_280).is_complete();
        let warning = told_wrong.of_type("warning");
        assert_eq!(warning[0]["code"], "not_finite");
        assert_eq!(warning[0]["count"], 3);
        assert!(!told_wrong.of_type("emotion.final").is_empty());
        // All of it holds to the schema of the pipe.
        Streamed::from_lines(&told_wrong.messages.join("\n"));
    });
}

#[test]
fn a_message_that_is_too_long_is_not_taken_in() {
    beside_an_honest_client(&["--message-bytes", "4096"], |server| {
        let (mut client, ready) = server.stream(start());
        assert_eq!(ready["limits"]["message_bytes"], 4096);
        client.send(&[0; 4096]);
        client.send(&[0; 4097]);
        let said = client.rest(Vec::new()).ends_with("message_too_long", 1009);
        assert!(said.contains("4097") && said.contains("4096"), "{said}");
        // In pieces, too.
        let (mut client, _) = server.stream(start());
        for (kind, last) in [(Data::Binary, false), (Data::Continue, true)] {
            let frame = Frame::message(vec![0; 3_000], OpCode::Data(kind), last);
            client.socket.send(Message::Frame(frame)).unwrap();
        }
        client.rest(Vec::new()).ends_with("message_too_long", 1009);
        // A head alone that promises a message of 2^62 bytes.
        let (client, _) = server.stream(start());
        let mut head = vec![0x82, 0xFF];
        head.extend((1_u64 << 62).to_be_bytes());
        head.extend([0; 4]);
        client.socket.get_ref().write_all(&head).unwrap();
        client.rest(Vec::new()).ends_with("message_too_long", 1009);
    });
}

#[test]
fn what_is_not_the_protocol_is_refused() {
    beside_an_honest_client(&[], |server| {
        let mut random = 0x2545_F491_4F6C_DD1D_u64;
        let mut bytes = |count: usize| {
            let next = |_| {
                random ^= random << 13;
                random ^= random >> 7;
                random ^= random << 17;
                random as u8
            };
            (0..count).map(next).collect::<Vec<u8>>()
        };
        for _ in 0..10 {
            let mut stream = server.connect();
            let _ = stream.write_all(&bytes(2_000));
            let mut answer = Vec::new();
            let _ = stream.read_to_end(&mut answer);
            assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 400"));
        }
        for begun in [false, true].repeat(5) {
            let mut client = server.client();
            if begun {
                client.begin(start());
            }
            let _ = client.socket.get_ref().write_all(&bytes(2_000));
            // It is over, with or without a word.
            client.rest(Vec::new());
        }
        // Frames of a client have to be masked.
        let (client, _) = server.stream(start());
        client.socket.get_ref().write_all(&[0x82, 2, 0, 0]).unwrap();
        client.rest(Vec::new()).ends_with("bad_frames", 1002);
        let (status, head, body) = server.get("/stream", "");
        assert_eq!(status, 426, "{body}");
        assert!(head.contains("upgrade: websocket"), "{head}");
        assert!(body.contains("no_websocket"), "{body}");
    });
}

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
    beside_an_honest_client(&["--waiting", "4", "--first-message", "60"], |server| {
        let silent = (0..40).map(|_| server.connect()).collect::<Vec<_>>();
        // The oldest had to go, though their time is not over.
        let mut rest = Vec::new();
        let _ = (&silent[0]).read_to_end(&mut rest);
        told(server, start(), &sound(), 640).is_complete();
        assert!(server.metric("undersong_refused_total{code=\"too_many_waiting\"}") >= 36.0);
    });
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
    assert_eq!(second.end(before).is_complete().events(), alone);
    told(&server, start(), &sound(), 640).is_complete();
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
            let told = client.end(Vec::new()).is_complete();
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
                let told = flooder.join().unwrap().is_complete();
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
        client.end(Vec::new()).is_complete();
    });
}

//! `undersong serve` with clients that mean harm or are broken: each gets its answer, and an honest client beside them gets what it gets alone.
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

use honest::{beginning_with, beside_an_honest_client, sound, start};
use serde_json::json;
use serving::told;
use streaming::{Streamed, f32le, resampled};
use support::speech;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

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
                r#"{"type":"start","priors":"hungry=2"}"#,
                &["hungry", "neutral, happy, sad, angry"],
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
        let told_odd = told(server, start(), &odd, 640).complete();
        let warning = told_odd.of_type("warning");
        assert_eq!(warning[0]["code"], "odd_bytes");
        assert_eq!(warning[0]["count"], 1);

        let mut voice = resampled(&speech(0.0, 3.0), 16_000);
        for (at, wrong) in [(100, f32::NAN), (200, f32::INFINITY), (300, -1e30)] {
            voice[at] = wrong;
        }
        let start = json!({ "type": "start", "format": "f32le" });
        let told_wrong = told(server, start, &f32le(&voice), 1_280).complete();
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

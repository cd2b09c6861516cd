//! `undersong stream`: OSC to a real socket, and the meter in a real terminal.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at what it did not expect"
)]

mod streaming;
mod support;

use std::net::UdpSocket;
use std::time::Duration;

use rosc::{OscMessage, OscPacket, OscType};
use streaming::{s16le, stream};
use support::{RATE_HZ, Room, speech};

fn socket() -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket
        .set_read_timeout(Some(Duration::from_secs(10)))
        .unwrap();
    socket
}

/// Everything that has come, packet by packet.
fn packets(socket: &UdpSocket, count: usize) -> Vec<OscPacket> {
    let mut buffer = [0; 4096];
    (0..count)
        .map(|_| {
            let length = socket.recv(&mut buffer).unwrap();
            rosc::decoder::decode_udp(&buffer[..length]).unwrap().1
        })
        .collect()
}

/// Half a second of silence before and after speech.
fn sound() -> Vec<u8> {
    let pause = vec![0.0; RATE_HZ as usize / 2];
    s16le(&[pause.clone(), speech(0.0, 4.0), pause].concat())
}

fn floats(message: &OscMessage) -> Vec<f32> {
    message
        .args
        .iter()
        .filter_map(|arg| match arg {
            OscType::Float(value) => Some(*value),
            _ => None,
        })
        .collect()
}

#[test]
fn osc_has_a_bundle_for_every_update_and_change_of_speech() {
    let (room, socket) = (Room::new(), socket());
    let target = socket.local_addr().unwrap().to_string();
    let run = stream(&room, ["--rate", "22050", "--osc", &target], &sound());
    let mut speaking = Vec::new();
    for (event, packet) in run.events.iter().zip(packets(&socket, run.events.len())) {
        let OscPacket::Bundle(bundle) = packet else {
            panic!("{packet:?}");
        };
        let messages = bundle
            .content
            .into_iter()
            .map(|packet| match packet {
                OscPacket::Message(message) => message,
                OscPacket::Bundle(_) => panic!("a bundle in a bundle"),
            })
            .collect::<Vec<_>>();
        let names = messages
            .iter()
            .map(|it| it.addr.as_str())
            .collect::<Vec<_>>();
        assert_eq!(
            names,
            [
                "/undersong/scores",
                "/undersong/label",
                "/undersong/affect",
                "/undersong/speech"
            ]
        );
        let scores = floats(&messages[0]);
        assert_eq!(scores.len(), 8);
        if event["type"] == "emotion.update" && event["voiced"] == true {
            // The eight known emotions, those that the model has not at 0.
            for (place, name) in [(0, "neutral"), (2, "happy"), (3, "sad"), (4, "angry")] {
                let expected = event["scores"][name].as_f64().unwrap();
                assert!(
                    (f64::from(scores[place]) - expected).abs() < 1e-5,
                    "{event}"
                );
            }
            assert_eq!(scores[1], 0.0);
            let label = match event["unsure"].as_bool() {
                Some(false) => event["label"].as_str().unwrap(),
                _ => "",
            };
            assert_eq!(messages[1].args[0], OscType::String(label.to_owned()));
            let affect = floats(&messages[2]);
            for (value, name) in affect.iter().zip(["valence", "arousal", "confidence"]) {
                let expected = event[name].as_f64().unwrap();
                assert!(
                    (f64::from(*value) - expected).abs() < 1e-5,
                    "{name} of {event}"
                );
            }
        }
        speaking.push(messages[3].args[0] == OscType::Int(1));
        if event["type"] == "speech.start" {
            assert_eq!(speaking.last(), Some(&true));
        }
    }
    assert!(speaking.contains(&true));
    assert_eq!(speaking.last(), Some(&false));
}

#[test]
fn wekinator_gets_its_one_message_at_a_port_of_this_machine() {
    let (room, socket) = (Room::new(), socket());
    let port = socket.local_addr().unwrap().port().to_string();
    let arguments = ["--rate", "22050", "--osc", &port, "--osc-form", "wekinator"];
    let run = stream(&room, arguments, &sound());
    for packet in packets(&socket, run.events.len()) {
        let OscPacket::Message(message) = packet else {
            panic!("{packet:?}");
        };
        assert_eq!(message.addr, "/wek/inputs");
        assert_eq!(floats(&message).len(), 12);
    }
}

/// Runs a command in a terminal of its own, with `script` of util-linux, and gives what the terminal was told. Once the meter is
/// there, `keys` are typed.
#[cfg(target_os = "linux")]
fn in_a_terminal(room: &Room, command: &str, keys: &str) -> (bool, String) {
    use std::io::{Read, Write};
    use std::process::{Command, Stdio};
    let mut child = Command::new("script")
        .args(["-qec", command, "/dev/null"])
        .current_dir(room.folder())
        .env("TERM", "xterm-256color")
        .env_remove("NO_COLOR")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut keyboard = child.stdin.take().unwrap();
    let mut screen = child.stdout.take().unwrap();
    let (mut text, mut buffer, mut typed) = (Vec::new(), [0; 4096], false);
    while let Ok(count @ 1..) = screen.read(&mut buffer) {
        text.extend_from_slice(&buffer[..count]);
        if !typed && String::from_utf8_lossy(&text).contains("q quits") {
            typed = true;
            std::thread::sleep(Duration::from_millis(200));
            let _ = keyboard.write_all(keys.as_bytes());
        }
    }
    let status = child.wait().unwrap();
    (
        status.success(),
        String::from_utf8_lossy(&text).into_owned(),
    )
}

#[test]
#[cfg(target_os = "linux")]
fn the_meter_draws_in_the_terminal_and_gives_it_back() {
    if !streaming::on_path("script") {
        streaming::skipped("script of util-linux is not installed");
        return;
    }
    let room = Room::new();
    std::fs::write(room.path("sound.raw"), sound()).unwrap();
    let stream = format!(
        "{} stream --model model.onnx --engine builtin --rate 22050 --tui",
        env!("CARGO_BIN_EXE_undersong")
    );
    let size = "stty rows 24 cols 80";
    let (entered, left) = ("\u{1b}[?1049h", "\u{1b}[?1049l");

    // On standard output: no lines.
    let (ended_well, shown) = in_a_terminal(&room, &format!("{size}; {stream} < sound.raw"), "");
    assert!(ended_well, "{shown}");
    let drawn = shown
        .split_once(entered)
        .and_then(|(_, rest)| rest.split_once(left));
    let drawn = drawn
        .unwrap_or_else(|| panic!("not taken and given back: {shown:?}"))
        .0;
    for part in [
        "undersong",
        "neutral",
        "happy",
        "sad",
        "angry",
        "valence",
        "arousal",
        "level",
    ] {
        assert!(drawn.contains(part), "no {part} in {drawn:?}");
    }
    assert!(!shown.contains("\"type\""), "{shown:?}");

    // On standard error, while the lines go to a file.
    let (ended_well, shown) = in_a_terminal(
        &room,
        &format!("{size}; {stream} < sound.raw > lines.jsonl"),
        "",
    );
    assert!(
        ended_well && shown.contains(entered) && shown.contains(left),
        "{shown:?}"
    );
    let lines = streaming::Streamed::from_lines(&room.read("lines.jsonl"));
    assert_eq!(lines.of_type("emotion.update").len(), 20);

    // A key ends it, although the sound goes on.
    let endless = format!("{size}; cat sound.raw /dev/zero | {stream}");
    let (ended_well, shown) = in_a_terminal(&room, &endless, "q");
    assert!(ended_well && shown.contains(left), "{shown:?}");

    // Without a sound, the keyboard is not taken for one.
    let (ended_well, shown) = in_a_terminal(&room, &stream, "");
    assert!(
        !ended_well && shown.contains("standard input is the keyboard"),
        "{shown:?}"
    );
}

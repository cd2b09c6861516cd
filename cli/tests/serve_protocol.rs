//! `undersong serve` with clients that keep to its protocol.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test stops at what it did not expect"
)]

mod serving;
mod streaming;
mod support;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use serving::{Server, told};
use streaming::{Streamed, f32le, resampled, s16le, stream};
use support::{Room, Run, speech};

/// Speech with silence within and after it, as `s16le` at 16 kHz.
fn sound() -> Vec<u8> {
    let mut sound = resampled(&speech(0.0, 5.0), 16_000);
    sound.extend(vec![0.0; 16_000]);
    sound.extend(resampled(&speech(5.0, 3.0), 16_000));
    sound.extend(vec![0.0; 8_000]);
    s16le(&sound)
}

#[test]
fn a_client_gets_the_lines_of_the_pipe_and_a_close_in_order() {
    let room = Room::new();
    let server = Server::start(&room, &[]);
    let sound = sound();
    let piped = stream(&room, None::<&str>, &sound);
    assert!(piped.of_type("emotion.final").len() >= 2);
    // 20 ms, most of a second, and messages that cut samples in two.
    for message_bytes in [640, 30_001, 777] {
        let told = told(&server, json!({ "type": "start" }), &sound, message_bytes).complete();
        assert_eq!(
            Streamed::from_lines(&told.messages.join("\n")).events,
            piped.events
        );
    }
}

#[test]
fn any_rate_channels_and_format_are_taken() {
    let room = Room::new();
    let server = Server::start(&room, &[]);
    let mono = resampled(&speech(0.0, 4.0), 48_000);
    let stereo = mono
        .iter()
        .flat_map(|&it| [it, 0.5 * it])
        .collect::<Vec<_>>();
    let sound = f32le(&stereo);
    let start = json!({ "type": "start", "rate_hz": 48_000, "channels": 2, "format": "f32le", "hop_seconds": 0.5 });
    let told = told(&server, start, &sound, 7_680).complete();
    let arguments = "--rate 48000 --channels 2 --format f32le --hop 0.5".split(' ');
    assert_eq!(told.events(), stream(&room, arguments, &sound).events);
}

#[test]
fn the_answer_says_what_will_be_done() {
    let room = Room::new();
    let server = Server::start(
        &room,
        &["--hop", "0.5", "--idle", "7", "--message-bytes", "2048"],
    );
    let (_client, ready) = server.stream(json!({ "type": "start" }));
    for (field, value) in [
        ("protocol", json!(1)),
        ("version", json!(env!("CARGO_PKG_VERSION"))),
        ("model", json!("test")),
        ("labels", json!(["neutral", "happy", "sad", "angry"])),
        ("rate_hz", json!(16_000)),
        ("channels", json!(1)),
        ("format", json!("s16le")),
        ("hop_seconds", json!(0.5)),
        ("smoothing_seconds", json!(0.0)),
        ("wait", json!(false)),
        (
            "limits",
            json!({ "message_bytes": 2048, "idle_seconds": 7.0, "shortest_hop_seconds": 0.1, "backlog": 256 }),
        ),
    ] {
        assert_eq!(ready[field], value, "{field}");
    }
    let start = json!({ "type": "start", "hop_seconds": 0.25, "smoothing_seconds": 1, "priors": "happy=3", "wait": true, "rate_hz": null });
    let (_other, ready) = server.stream(start);
    assert_eq!(ready["hop_seconds"], 0.25);
    assert_eq!(ready["smoothing_seconds"], 1.0);
    assert_eq!(ready["wait"], true);
}

#[test]
fn the_servers_options_hold_unless_a_client_says_otherwise() {
    let room = Room::new();
    let server = Server::start(&room, &["--priors", "sad=4", "--smoothing", "1"]);
    let sound = s16le(&resampled(&speech(0.0, 4.0), 16_000));
    let usual = told(&server, json!({ "type": "start" }), &sound, 3_200).complete();
    let piped = stream(&room, ["--priors", "sad=4", "--smoothing", "1"], &sound);
    assert_eq!(usual.events(), piped.events);
    let own = json!({ "type": "start", "priors": "even", "smoothing_seconds": 0 });
    let own = told(&server, own, &sound, 3_200).complete();
    assert_eq!(
        own.events(),
        stream(&room, ["--priors", "even"], &sound).events
    );
    assert_ne!(own.events(), usual.events());
}

#[test]
fn clients_at_the_same_time_have_each_their_own_stream() {
    let room = Room::new();
    let server = Server::start(&room, &[]);
    let sounds = (0..6)
        .map(|at| s16le(&resampled(&speech(f64::from(at), 4.0), 16_000)))
        .collect::<Vec<_>>();
    let together = std::thread::scope(|scope| {
        let clients = sounds.iter().map(|sound| {
            let server = &server;
            scope.spawn(move || told(server, json!({ "type": "start" }), sound, 640))
        });
        let clients = clients.collect::<Vec<_>>().into_iter();
        clients.map(|it| it.join().unwrap()).collect::<Vec<_>>()
    });
    for (told, sound) in together.into_iter().zip(&sounds) {
        let alone = stream(&room, None::<&str>, sound);
        assert_eq!(told.complete().events(), alone.events);
    }
    server.wait_for("undersong_clients", 0.0);
    assert_eq!(server.metric("undersong_streams_total"), 6.0);
}

#[test]
fn a_reader_who_asks_for_it_misses_no_update_however_slow() {
    let room = Room::new();
    let server = Server::start(&room, &["--backlog", "2", "--shortest-hop", "0.02"]);
    let sound = s16le(&resampled(&speech(0.0, 8.0), 16_000));
    let start = json!({ "type": "start", "hop_seconds": 0.02, "wait": true });
    let (mut client, _) = server.stream(start);
    // All is sent before anything is read; the analysis waits for the reader meanwhile.
    for piece in sound.chunks(6_400) {
        client.send(piece);
    }
    let told = client.end(Vec::new()).complete();
    assert_eq!(
        told.events(),
        stream(&room, ["--hop", "0.02"], &sound).events
    );
}

#[test]
fn health_and_metrics_tell_how_the_server_is() {
    let room = Room::new();
    let server = Server::start(&room, &["--clients", "5"]);
    let sound = s16le(&resampled(&speech(0.0, 4.0), 16_000));
    let told = told(&server, json!({ "type": "start" }), &sound, 640).complete();
    let (_open, _) = server.stream(json!({ "type": "start" }));
    let (status, head, body) = server.get("/health", "");
    assert_eq!(status, 200);
    assert!(head.contains("application/json"), "{head}");
    let health: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(health["status"], "ok");
    assert_eq!(health["clients"], 1);
    assert_eq!(health["most_clients"], 5);
    assert_eq!(health["model"], "test");

    let (_, head, text) = server.get("/metrics", "");
    assert!(head.contains("text/plain; version=0.0.4"), "{head}");
    assert!(
        text.contains("# TYPE undersong_latency_seconds histogram"),
        "{text}"
    );
    server.wait_for("undersong_closed_total{code=\"end\"}", 1.0);
    let updates = told.of_type("emotion.update").len() as f64;
    for (name, value) in [
        ("undersong_clients", 1.0),
        ("undersong_streams_total", 2.0),
        ("undersong_dropped_updates_total", 0.0),
        ("undersong_events_total{type=\"emotion.update\"}", updates),
        ("undersong_latency_seconds_count", updates),
        ("undersong_audio_seconds_total", 4.0),
    ] {
        assert!((server.metric(name) - value).abs() < 1e-6, "{name}\n{text}");
    }
}

#[test]
fn pages_let_nothing_in_from_elsewhere() {
    let room = Room::new();
    let server = Server::start(&room, &[]);
    for (path, kind) in [
        ("/", "text/html"),
        ("/meter.css", "text/css"),
        ("/meter.js", "text/javascript"),
        ("/history.js", "text/javascript"),
        ("/capture.js", "text/javascript"),
        ("/meter.json", "application/json"),
    ] {
        let (status, head, body) = server.get(path, "");
        assert_eq!(status, 200, "{path}");
        assert!(!body.is_empty());
        for part in [
            kind,
            "content-security-policy: default-src 'none'",
            "x-content-type-options: nosniff",
            "referrer-policy: no-referrer",
        ] {
            assert!(head.contains(part), "{path}: no {part:?} in {head}");
        }
        assert!(!head.contains("unsafe-inline") && !head.contains("access-control-allow"));
    }
    assert_eq!(server.get("/no-such-page", "").0, 404);
}

#[test]
#[cfg(unix)]
fn when_it_is_told_to_end_every_client_hears_so() {
    let room = Room::new();
    for signal in ["-INT", "-TERM"] {
        let server = Server::start(&room, &[]);
        let (client, _) = server.stream(json!({ "type": "start" }));
        let silent = server.client();
        let killed = Command::new("kill")
            .args([signal, &server.id().to_string()])
            .status();
        assert!(killed.unwrap().success());
        client.rest(Vec::new()).ends_with("ending", 1001);
        silent.rest(Vec::new()).ends_with("ending", 1001);
        assert_eq!(server.wait(), (0, String::new()), "{signal}");
    }
}

#[test]
fn sound_leaves_no_trace() {
    let room = Room::new();
    let server = Server::start(&room, &["--verbose"]);
    let files = || {
        let entries = std::fs::read_dir(room.folder()).unwrap();
        entries
            .map(|it| it.unwrap().file_name())
            .collect::<Vec<_>>()
    };
    let before = files();
    told(&server, json!({ "type": "start" }), &sound(), 640).complete();
    assert_eq!(files(), before);
    #[cfg(target_os = "linux")]
    for file in std::fs::read_dir(format!("/proc/{}/fd", server.id())).unwrap() {
        if let Ok(target) = std::fs::read_link(file.unwrap().path()) {
            let target = target.to_string_lossy().into_owned();
            let kind = ["socket:", "pipe:", "anon_inode:", "/dev/null"];
            assert!(
                kind.iter().any(|it| target.starts_with(it)),
                "{target} is open"
            );
        }
    }
    // What is said on standard error is of the engine alone.
    #[cfg(unix)]
    {
        let id = server.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-TERM", &id])
                .status()
                .unwrap()
                .success()
        );
        let (code, said) = server.wait();
        assert_eq!(code, 0);
        assert!(
            said.starts_with("engine: ") && said.lines().count() < 10,
            "{said}"
        );
    }
}

/// Python with the package that the README's example uses.
fn python() -> Option<PathBuf> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let python = std::env::var_os("UNDERSONG_PYTHON")
        .map_or_else(|| workspace.join(".venv/bin/python"), PathBuf::from);
    let found = Command::new(&python)
        .args(["-c", "import websockets.sync.client"])
        .stderr(Stdio::null())
        .status();
    found.is_ok_and(|it| it.success()).then_some(python)
}

#[test]
fn the_readmes_client_works_as_it_stands() {
    let Some(python) = python() else {
        streaming::skipped(
            "no Python with websockets (tests/requirements.txt) in .venv or UNDERSONG_PYTHON",
        );
        return;
    };
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let readme = std::fs::read_to_string(readme).unwrap();
    let client = readme
        .split("```python\n")
        .filter_map(|rest| rest.split("```").next())
        .find(|code| code.contains("websockets"))
        .expect("the README has a client");
    let room = Room::new();
    let server = Server::start(&room, &[]);
    let usual = "127.0.0.1:7077";
    assert!(client.contains(usual));
    let client = client.replace(usual, &server.address.to_string());
    std::fs::write(room.path("client.py"), client).unwrap();
    let sound = sound();
    std::fs::write(room.path("call.raw"), &sound).unwrap();
    let run = Run::of(
        Command::new(python)
            .arg("client.py")
            .current_dir(room.folder()),
    )
    .ends_with_code(0);
    let finals = stream(&room, None::<&str>, &sound).of_type("emotion.final");
    let lines = run.stdout.lines().collect::<Vec<_>>();
    assert_eq!(lines.len(), finals.len(), "{lines:?}");
    for (line, event) in lines.iter().zip(finals) {
        assert!(line.contains(event["label"].as_str().unwrap()), "{line}");
    }
}

//! Who may use `undersong serve`, and what is said to the others.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at what it did not expect"
)]

mod serving;
mod support;

use serde_json::json;
use serving::Server;
use support::Room;

const TOKEN: &str = "0123456789abcdef";

#[test]
fn a_page_of_somebody_else_cannot_reach_a_server_of_this_machine() {
    let room = Room::new();
    let server = Server::start(&room, &["--allow-origin", "https://voice.example"]);
    let refused = |headers: &[(&'static str, &str)], code: &str| {
        let (status, said) = server.try_client("/stream", headers).err().unwrap();
        assert_eq!(status, 403, "{headers:?}");
        assert_eq!(said["type"], "error", "{headers:?}");
        assert_eq!(said["code"], code, "{headers:?}");
        said["message"].as_str().unwrap().to_owned()
    };
    for origin in [
        "https://evil.example",
        "null",
        "http://127.0.0.1:1",
        "https://voice.example.evil.example",
    ] {
        let said = refused(&[("origin", origin)], "wrong_origin");
        assert!(said.contains("--allow-origin"), "{said}");
    }
    // A name of somebody else that was made to lead here.
    for host in [
        "evil.example",
        "evil.example:7077",
        "127.0.0.1.evil.example",
    ] {
        let own = format!("http://{host}");
        let said = refused(&[("host", host), ("origin", &own)], "wrong_host");
        assert!(said.contains("127.0.0.1 or localhost"), "{said}");
        for path in ["/", "/metrics", "/health", "/meter.json"] {
            let (status, _, body) = server.get(path, &format!("Host: {host}\r\n"));
            assert_eq!(status, 403, "{path}");
            assert!(body.contains("wrong_host"), "{body}");
        }
    }
    let own = format!("http://{}", server.address);
    let named = format!("localhost:{}", server.address.port());
    let as_named = format!("http://{named}");
    for headers in [
        [("origin", own.as_str())].as_slice(),
        &[("origin", "https://voice.example")],
        &[
            ("host", "voice.example"),
            ("origin", "https://voice.example"),
        ],
        &[("host", &named), ("origin", &as_named)],
        &[],
    ] {
        let mut client = server.try_client("/stream", headers).unwrap();
        client.begin(json!({ "type": "start" }));
    }
    assert_eq!(
        server.metric("undersong_refused_total{code=\"wrong_origin\"}"),
        4.0
    );
    assert_eq!(
        server.metric("undersong_refused_total{code=\"wrong_host\"}"),
        15.0
    );
}

#[test]
fn where_others_can_reach_it_they_must_know_the_token() {
    let room = Room::new();
    let by_option = ["--listen", "0.0.0.0:0", "--token", TOKEN].as_slice();
    let by_variable = ["--listen", "0.0.0.0:0"].as_slice();
    for (arguments, variables) in [
        (by_option, [].as_slice()),
        (by_variable, [("UNDERSONG_TOKEN", TOKEN)].as_slice()),
    ] {
        let server = Server::start_with(&room, arguments, variables);
        for (path, headers) in [
            ("/stream", [].as_slice()),
            ("/stream?token=0123456789abcdeF", &[]),
            ("/stream?token=0123456789abcde", &[]),
            ("/stream?token=", &[]),
            ("/stream", &[("authorization", "Bearer wrong")]),
            ("/stream", &[("authorization", "Basic 0123456789abcdef")]),
        ] {
            let (status, said) = server.try_client(path, headers).err().unwrap();
            assert_eq!(
                (status, &said["code"]),
                (401, &json!("wrong_token")),
                "{path}"
            );
            assert!(!said.to_string().contains(TOKEN));
        }
        let bearer = format!("Bearer {TOKEN}");
        for (path, headers) in [
            (format!("/stream?token={TOKEN}"), [].as_slice()),
            ("/stream".to_owned(), &[("authorization", bearer.as_str())]),
        ] {
            let mut client = server.try_client(&path, headers).unwrap();
            client.begin(json!({ "type": "start" }));
        }
        assert_eq!(server.get("/metrics", "").0, 401);
        assert_eq!(server.get(&format!("/metrics?token={TOKEN}"), "").0, 200);
        // The page has nothing to hide, and a watcher need not know more than that all is well.
        assert_eq!(server.get("/", "").0, 200);
        assert_eq!(server.get("/health", "").0, 200);
        // Other machines know this one by any name, but a page of somebody else stays out.
        let (status, said) = server
            .try_client(
                &format!("/stream?token={TOKEN}"),
                &[("origin", "https://evil.example")],
            )
            .err()
            .unwrap();
        assert_eq!((status, &said["code"]), (403, &json!("wrong_origin")));
    }
}

#[test]
fn what_makes_no_sense_is_refused_before_it_listens() {
    let room = Room::new();
    for (arguments, parts) in [
        (
            ["--listen", "0.0.0.0:0"].as_slice(),
            ["--listen 0.0.0.0", "--token", "UNDERSONG_TOKEN"].as_slice(),
        ),
        (&["--listen", "[::]:0"], &["--token"]),
        (&["--listen", "here"], &["--listen here", "127.0.0.1:7077"]),
        (&["--listen", "127.0.0.1:70770"], &["70770"]),
        (
            &["--listen", "192.0.2.1:7077", "--token", TOKEN],
            &["--listen 192.0.2.1:7077", "another port"],
        ),
        (&["--token", "short"], &["--token", "16 or more"]),
        (
            &["--token", "with a space in it"],
            &["--token", "without spaces"],
        ),
        (
            &["--allow-origin", "voice.example"],
            &["--allow-origin voice.example", "https://voice.example"],
        ),
        (&["--clients", "0"], &["--clients", "0"]),
        (&["--waiting", "0"], &["--waiting", "0"]),
        (&["--message-bytes", "10"], &["--message-bytes", "10"]),
        (&["--backlog", "0"], &["--backlog", "0"]),
        (&["--threads", "0"], &["--threads", "0"]),
        (
            &["--first-message", "0"],
            &["--first-message 0", "seconds from 0.1"],
        ),
        (&["--idle", "-1"], &["--idle -1", "seconds from 0.1"]),
        (&["--idle", "NaN"], &["--idle NaN"]),
        (&["--smoothing", "3"], &["--smoothing 3", "from 0 to 2"]),
        (&["--hop", "0"], &["--hop", "expected seconds"]),
        (&["--hop", "0.05"], &["--hop 0.05", "--shortest-hop is 0.1"]),
        (
            &["--shortest-hop", "0"],
            &["--shortest-hop", "expected seconds"],
        ),
        (&["--priors", "hungry=2"], &["--priors", "hungry"]),
        (&["--model", "missing.onnx"], &["missing.onnx"]),
    ] {
        let mut all = vec!["serve"];
        if !arguments.contains(&"--listen") {
            all.extend(["--listen", "0"]);
        }
        all.extend(arguments);
        room.run(all).ends_with_code(2).complains(parts);
    }
    let server = Server::start(&room, &[]);
    let taken = server.address.to_string();
    room.run(["serve", "--listen", &taken])
        .ends_with_code(2)
        .complains(&[&taken, "another port"]);
}

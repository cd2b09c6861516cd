//! Who may use `undersong desk`, and what it never serves.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at what it did not expect"
)]

mod desking;
mod support;

use desking::{Desk, id, refused};
use serde_json::json;
use support::{Room, speech};

fn room() -> Room {
    let room = Room::new();
    room.wav("takes/one.wav", &speech(0.5, 1.5));
    room
}

#[test]
fn other_hosts_and_other_sites_pages_are_refused_everywhere() {
    let room = room();
    let desk = Desk::start(&room, &["takes"]);
    let take = id(&desk.ready("one.wav"));
    let paths = [
        "/".to_owned(),
        "/desk.js".to_owned(),
        "/takes".to_owned(),
        "/events".to_owned(),
        format!("/takes/{take}/sound"),
        format!("/takes/{take}/windows"),
        "/nothing".to_owned(),
    ];
    for path in &paths {
        // A name of somebody else that was made to lead here (DNS rebinding).
        for host in [
            "evil.example",
            "evil.example:7078",
            "127.0.0.1.evil.example",
        ] {
            let answer = desk.ask("GET", path, &[("Host", host)], "");
            assert_eq!(answer.status, 403, "{path} for {host}");
            assert!(
                answer.message().contains("127.0.0.1 or localhost"),
                "{path}"
            );
        }
        for origin in [
            "https://evil.example",
            "null",
            "http://127.0.0.1:1",
            "http://localhost:7078",
        ] {
            let answer = desk.ask("GET", path, &[("Origin", origin)], "");
            assert_eq!(answer.status, 403, "{path} for {origin}");
        }
        // A picture, a sound or a frame in somebody else's page has no origin; its browser says where it comes from.
        for site in ["cross-site", "same-site"] {
            let headers = [
                ("Sec-Fetch-Site", site),
                ("Sec-Fetch-Mode", "no-cors"),
                ("Sec-Fetch-Dest", "audio"),
            ];
            assert_eq!(
                desk.ask("GET", path, &headers, "").status,
                403,
                "{path} from {site}"
            );
        }
    }
    // A link to the page may be followed; nothing else of the desk is a page.
    let link = [
        ("Sec-Fetch-Site", "cross-site"),
        ("Sec-Fetch-Mode", "navigate"),
        ("Sec-Fetch-Dest", "document"),
    ];
    assert_eq!(desk.ask("GET", "/", &link, "").status, 200);
    assert_eq!(desk.ask("GET", "/takes", &link, "").status, 403);
    let own = format!("http://{}", desk.address);
    assert_eq!(
        desk.ask(
            "GET",
            "/takes",
            &[("Origin", &own), ("Sec-Fetch-Site", "same-origin")],
            ""
        )
        .status,
        200
    );
    let named = format!("localhost:{}", desk.address.port());
    assert_eq!(
        desk.ask("GET", "/takes", &[("Host", &named)], "").status,
        200
    );
    let policy = desk
        .get("/")
        .header("content-security-policy")
        .unwrap()
        .to_owned();
    assert!(
        policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
        "{policy}"
    );
}

#[test]
fn what_changes_something_needs_the_pages_key() {
    let room = room();
    let desk = Desk::start(&room, &["takes"]);
    let path = format!("/takes/{}", id(&desk.ready("one.wav")));
    let chosen = json!({ "mark": "chosen" }).to_string();
    let export = json!({ "kind": "csv", "ids": [0] }).to_string();
    let key = desk.key();
    assert_eq!(key.len(), 32);
    for wrong in [
        None,
        Some(""),
        Some("0123456789abcdef0123456789abcdef"),
        Some(&key[1..]),
    ] {
        let headers: Vec<_> = wrong.map(|key| ("x-desk-key", key)).into_iter().collect();
        let answer = desk.ask("PATCH", &path, &headers, &chosen);
        assert_eq!(answer.status, 403, "{wrong:?}");
        assert!(answer.message().contains("key"), "{}", answer.message());
        assert_eq!(desk.ask("POST", "/export", &headers, &export).status, 403);
    }
    // The right key does not help somebody else's page.
    let foreign = [
        ("x-desk-key", key.as_str()),
        ("Origin", "https://evil.example"),
    ];
    assert_eq!(desk.ask("PATCH", &path, &foreign, &chosen).status, 403);
    assert_eq!(desk.find("one.wav").unwrap()["mark"], json!(null));
    let own = [("x-desk-key", key.as_str())];
    assert_eq!(desk.ask("PATCH", &path, &own, &chosen).status, 204);
    assert_eq!(desk.find("one.wav").unwrap()["mark"], "chosen");
    // What is none is refused, and says what would be.
    for (body, part) in [
        (json!({ "mark": "loved" }), "chosen"),
        (json!({ "stars": 6 }), "0 to 5"),
        (json!({ "stars": -1 }), "0 to 5"),
        (json!({ "note": 4 }), "text"),
        (json!({ "path": "/etc/passwd" }), "mark, stars and note"),
    ] {
        let answer = desk.change("PATCH", &path, &body);
        assert_eq!(answer.status, 422, "{body}");
        assert!(answer.message().contains(part), "{}", answer.message());
    }
    assert_eq!(
        desk.change("PATCH", "/takes/77", &json!({ "stars": 1 }))
            .status,
        404
    );
    assert_eq!(desk.change("DELETE", &path, &json!({})).status, 405);
    // Another desk has another key.
    assert_ne!(Desk::start(&room, &["takes"]).key(), key);
}

#[cfg(unix)]
#[test]
fn nothing_outside_the_folder_is_served() {
    use std::os::unix::fs::symlink;

    let room = room();
    room.wav("secret/secret.wav", &speech(0.5, 1.0));
    std::fs::write(room.path("secret.txt"), "secret").unwrap();
    symlink(room.path("secret/secret.wav"), room.path("takes/link.wav")).unwrap();
    symlink(room.path("secret"), room.path("takes/folder")).unwrap();
    let desk = Desk::start(&room, &["takes"]);
    let take = id(&desk.ready("one.wav"));
    for path in [
        "/../secret.txt",
        "/takes/../secret.txt",
        "/takes/0/../../secret.txt",
        "/takes/..%2f..%2fsecret.txt/sound",
        "/takes/%2e%2e/sound",
        "/takes/-1/sound",
        "/takes/99/sound",
        "/takes/4294967296/sound",
        "/takes/secret.wav/sound",
        "//etc/passwd",
        "/etc/passwd",
    ] {
        let answer = desk.get(path);
        assert_eq!(answer.status, 404, "{path}: {}", answer.text());
        assert!(!answer.text().contains("secret\n"), "{path}");
    }
    // Links are left out, and named.
    let names: Vec<_> = desk.everything()["takes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|take| take["name"].clone())
        .collect();
    assert_eq!(names, ["one.wav"]);
    desk.wait_for_notice("link.wav: it is a link", true);
    desk.wait_for_notice("folder: it is a link", true);
    // A link in the place of a take that was scanned is not followed either.
    let sound = format!("/takes/{take}/sound");
    assert_eq!(desk.get(&sound).status, 200);
    std::fs::remove_file(room.path("takes/one.wav")).unwrap();
    symlink(room.path("secret.txt"), room.path("takes/one.wav")).unwrap();
    for path in [sound.clone(), format!("{sound}.wav")] {
        let answer = desk.get(&path);
        assert!(answer.status == 404 || answer.status == 415, "{path}");
        assert!(answer.message().contains("link"), "{}", answer.message());
    }
    // And a folder above it that was moved away and linked to.
    std::fs::remove_file(room.path("takes/one.wav")).unwrap();
    room.wav("takes/inner/two.wav", &speech(0.5, 1.2));
    let two = id(&desk.ready("two.wav"));
    std::fs::rename(room.path("takes/inner"), room.path("elsewhere")).unwrap();
    symlink(room.path("elsewhere"), room.path("takes/inner")).unwrap();
    assert_eq!(desk.get(&format!("/takes/{two}/sound")).status, 404);
}

#[test]
fn what_cannot_be_opened_is_named_with_what_to_do() {
    let room = room();
    refused(&room, &["nowhere"]).ends_with_code(2).complains(&[
        "nowhere",
        "cannot be opened",
        "check the name",
    ]);
    refused(&room, &["takes/one.wav"])
        .ends_with_code(2)
        .complains(&["takes/one.wav", "this is a file"]);
    refused(&room, &["takes", "--poll", "0"])
        .ends_with_code(2)
        .complains(&["--poll 0", "0.05 to 3600"]);
    refused(&room, &["takes", "--library", "model.onnx"])
        .ends_with_code(2)
        .complains(&["model.onnx", "no library"]);
    refused(&room, &["--library", "absent.db"])
        .ends_with_code(2)
        .complains(&["absent.db", "library add"]);
    let desk = Desk::start(&room, &["takes"]);
    let port = desk.address.port().to_string();
    refused(&room, &["takes", "--port", &port])
        .ends_with_code(2)
        .complains(&[&format!("--port {port}"), "choose another port"]);
    let (code, said) = desk.end();
    assert_eq!(code, 0, "{said}");
    assert_eq!(said, "");
}

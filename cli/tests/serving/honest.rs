//! An honest client beside those that mean harm or are broken.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its part")]

use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use crate::serving::{Server, Told, told};
use crate::streaming::{resampled, s16le, stream};
use crate::support::{Room, speech};

/// Speech with silence after it, as `s16le` at 16 kHz.
pub fn sound() -> Vec<u8> {
    let mut sound = resampled(&speech(0.0, 3.0), 16_000);
    sound.extend(vec![0.0; 8_000]);
    s16le(&sound)
}

/// The shortest first message.
pub fn start() -> Value {
    json!({ "type": "start" })
}

/// Does harm to a server while an honest client streams again and again: it gets what the pipe gives, every time.
pub fn beside_an_honest_client(arguments: &[&str], harm: impl FnOnce(&Server)) {
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
                let told = told(&server, start.clone(), &sound, 640).complete();
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
pub fn beginning_with(server: &Server, text: &str) -> Told {
    let mut client = server.client();
    client.send_text(text);
    client.rest(Vec::new())
}

//! `undersong desk` as a user runs it, and a client that talks to it over HTTP.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its part")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::{Room, Run, speech};

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A room with two takes, one of them in a folder of its own.
pub fn room() -> Room {
    let room = Room::new();
    room.wav("takes/one.wav", &speech(0.5, 1.5));
    room.wav("takes/scene/two.wav", &speech(2.0, 2.0));
    room
}

/// A desk that is running.
pub struct Desk {
    child: Child,
    stderr: Option<ChildStderr>,
    pub address: SocketAddr,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    /// In lower case.
    pub head: String,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// What an error says.
    pub fn message(&self) -> String {
        self.json()["message"].as_str().unwrap().to_owned()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let prefix = format!("{name}: ");
        self.head
            .lines()
            .find_map(|line| line.strip_prefix(&prefix))
    }
}

/// `undersong desk …` in the room, with the room's own folder for data.
fn command(room: &Room, arguments: &[&str]) -> Command {
    let mut command = room.command();
    command
        .args(["desk", "--model", "model.onnx", "--engine", "builtin"])
        .args(arguments)
        .env("XDG_DATA_HOME", room.path("data"))
        .env("HOME", room.folder());
    command
}

/// A desk that does not come to be: how it ends.
pub fn refused(room: &Room, arguments: &[&str]) -> Run {
    Run::of(&mut command(room, arguments))
}

impl Desk {
    /// `undersong desk --port 0 …`, once it listens.
    pub fn start(room: &Room, arguments: &[&str]) -> Self {
        let mut child = command(room, arguments)
            .args(["--port", "0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let address = line
            .trim()
            .strip_prefix("the desk is at http://")
            .and_then(|rest| rest.strip_suffix('/'))
            .unwrap_or_else(|| {
                let mut said = String::new();
                let _ = child.stderr.take().unwrap().read_to_string(&mut said);
                panic!("it said {line:?}, {said:?}")
            });
        Self {
            address: address.parse().unwrap(),
            stderr: child.stderr.take(),
            child,
        }
    }

    /// A request as it is: its own host unless `headers` say another.
    pub fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut request = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
        if !headers
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case("host"))
        {
            request.push_str(&format!("Host: {}\r\n", self.address));
        }
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        if !body.is_empty() {
            request.push_str(&format!(
                "Content-Type: application/json\r\nContent-Length: {}\r\n",
                body.len()
            ));
        }
        write!(stream, "{request}\r\n{body}").unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer.windows(4).position(|it| it == b"\r\n\r\n").unwrap();
        let head = String::from_utf8(answer[..end].to_vec()).unwrap();
        let mut body = answer[end + 4..].to_vec();
        if head.to_lowercase().contains("transfer-encoding: chunked") {
            body = unchunked(&body);
        }
        Answer {
            status: head.split(' ').nth(1).unwrap().parse().unwrap(),
            head: head.to_lowercase(),
            body,
        }
    }

    pub fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[], "")
    }

    /// The key in the page.
    pub fn key(&self) -> String {
        let page = self.get("/").text();
        let (_, rest) = page.split_once("name=\"desk-key\" content=\"").unwrap();
        rest.split_once('"').unwrap().0.to_owned()
    }

    /// A request that changes something, as the page makes it.
    pub fn change(&self, method: &str, path: &str, body: &Value) -> Answer {
        self.ask(
            method,
            path,
            &[("x-desk-key", &self.key())],
            &body.to_string(),
        )
    }

    pub fn everything(&self) -> Value {
        let answer = self.get("/takes");
        assert_eq!(answer.status, 200);
        answer.json()
    }

    /// The take of this name, if it is on the desk.
    pub fn find(&self, name: &str) -> Option<Value> {
        let takes = self.everything()["takes"].as_array().unwrap().clone();
        takes.into_iter().find(|take| take["name"] == name)
    }

    /// The take of this name, once it is so.
    pub fn wait_for(&self, name: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let start = Instant::now();
        loop {
            let take = self.find(name);
            if let Some(take) = take.clone().filter(&wanted) {
                return take;
            }
            assert!(start.elapsed() < PATIENCE, "{name} is {take:?}");
            std::thread::sleep(Duration::from_millis(25));
        }
    }

    /// The take of this name, once it is scanned.
    pub fn ready(&self, name: &str) -> Value {
        self.wait_for(name, |take| {
            take["state"] == "ready" && take["missing"] == false
        })
    }

    /// Waits until a notice says this, or none does any more.
    pub fn wait_for_notice(&self, part: &str, there: bool) {
        let start = Instant::now();
        loop {
            let everything = self.everything();
            let notices = everything["notices"].as_array().unwrap();
            if notices.iter().any(|it| it.as_str().unwrap().contains(part)) == there {
                return;
            }
            assert!(start.elapsed() < PATIENCE, "{notices:?}");
            std::thread::sleep(Duration::from_millis(25));
        }
    }

    /// Ends it as a service manager does: the exit status, and what it said on standard error.
    pub fn end(mut self) -> (i32, String) {
        let done = Command::new("kill")
            .arg(self.child.id().to_string())
            .status();
        assert!(done.unwrap().success());
        let mut said = String::new();
        self.stderr
            .take()
            .unwrap()
            .read_to_string(&mut said)
            .unwrap();
        let status = self.child.wait().unwrap();
        (status.code().unwrap_or(-1), said)
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if let Some(stderr) = &mut self.stderr
            && !std::thread::panicking()
        {
            let mut said = String::new();
            let _ = stderr.read_to_string(&mut said);
            assert!(!said.contains("panicked"), "{said}");
        }
    }
}

fn unchunked(mut bytes: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    while let Some(end) = bytes.windows(2).position(|it| it == b"\r\n") {
        let length =
            usize::from_str_radix(std::str::from_utf8(&bytes[..end]).unwrap(), 16).unwrap();
        if length == 0 {
            break;
        }
        whole.extend_from_slice(&bytes[end + 2..end + 2 + length]);
        bytes = &bytes[end + 4 + length..];
    }
    whole
}

/// The number of a take.
pub fn id(take: &Value) -> u64 {
    take["id"].as_u64().unwrap()
}

/// Copies a file in one step, as a file manager does: under another name first.
pub fn drop_in(from: &Path, to: &Path) {
    let part = to.with_extension("part");
    std::fs::copy(from, &part).unwrap();
    std::fs::rename(&part, to).unwrap();
}

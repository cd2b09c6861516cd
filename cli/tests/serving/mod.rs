//! `undersong serve` as a user runs it, and clients that talk to it.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its part")]

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, ChildStderr, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message, WebSocket, client};

use crate::support::Room;

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server that is running.
pub struct Server {
    child: Child,
    stderr: Option<ChildStderr>,
    pub address: SocketAddr,
}

impl Server {
    /// `undersong serve --listen 0 --model model.onnx --engine builtin …` in the room, once it listens.
    pub fn start(room: &Room, arguments: &[&str]) -> Self {
        Self::start_with(room, arguments, &[])
    }

    /// With variables of the environment.
    pub fn start_with(room: &Room, arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let mut command = room.command();
        command.args(["serve", "--model", "model.onnx", "--engine", "builtin"]);
        if !arguments.contains(&"--listen") {
            command.args(["--listen", "0"]);
        }
        let mut child = command
            .args(arguments)
            .env_remove("UNDERSONG_TOKEN")
            .envs(variables.iter().copied())
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
            .strip_prefix("listening on http://")
            .and_then(|rest| rest.strip_suffix('/'))
            .unwrap_or_else(|| panic!("it said {line:?}"));
        let mut address: SocketAddr = address.parse().unwrap();
        if address.ip().is_unspecified() {
            address.set_ip([127, 0, 0, 1].into());
        }
        Self {
            stderr: child.stderr.take(),
            child,
            address,
        }
    }

    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        stream
    }

    /// An open WebSocket.
    pub fn client(&self) -> Client {
        self.try_client("/stream", &[]).unwrap()
    }

    /// A WebSocket, or the answer instead: its status and what it says.
    pub fn try_client(
        &self,
        path: &str,
        headers: &[(&'static str, &str)],
    ) -> Result<Client, (u16, Value)> {
        let mut request = format!("ws://{}{path}", self.address)
            .into_client_request()
            .unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        match client(request, self.connect()) {
            Ok((socket, _)) => Ok(Client { socket }),
            Err(tokio_tungstenite::tungstenite::HandshakeError::Failure(Error::Http(answer))) => {
                // The library reads what has come with the head, which may not be all of it.
                let body = answer.body().clone().unwrap_or_default();
                let said = serde_json::from_slice(&body).unwrap_or(Value::Null);
                Err((answer.status().as_u16(), said))
            }
            Err(error) => panic!("{error}"),
        }
    }

    /// A client whose stream has begun, and the answer to its first message.
    pub fn stream(&self, start: Value) -> (Client, Value) {
        let mut client = self.client();
        let ready = client.begin(start);
        (client, ready)
    }

    /// Status, headers and body of an answer.
    pub fn get(&self, path: &str, headers: &str) -> (u16, String, String) {
        let mut stream = self.connect();
        let host = if headers.to_lowercase().contains("host:") {
            String::new()
        } else {
            format!("Host: {}\r\n", self.address)
        };
        write!(stream, "GET {path} HTTP/1.1\r\n{host}{headers}\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, head.to_lowercase(), body.to_owned())
    }

    /// A number of the metrics; 0 if it is not there.
    pub fn metric(&self, name: &str) -> f64 {
        let (status, _, text) = self.get("/metrics", "");
        assert_eq!(status, 200, "{text}");
        let line = text.lines().find(|line| {
            line.strip_prefix(name)
                .is_some_and(|rest| rest.starts_with(' '))
        });
        line.map_or(0.0, |line| line[name.len() + 1..].parse().unwrap())
    }

    /// Waits until a number of the metrics is this.
    pub fn wait_for(&self, name: &str, value: f64) {
        let start = Instant::now();
        while self.metric(name) != value {
            assert!(
                start.elapsed() < PATIENCE,
                "{name} is {}, not {value}",
                self.metric(name)
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for its end: the exit status, and what it said on standard error.
    pub fn wait(mut self) -> (i32, String) {
        let mut said = String::new();
        let mut stderr = self.stderr.take().unwrap();
        stderr.read_to_string(&mut said).unwrap();
        let status = self.child.wait().unwrap();
        (status.code().unwrap_or(-1), said)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        // Whatever was done to it, it did not panic.
        if let Some(stderr) = &mut self.stderr
            && !std::thread::panicking()
        {
            let mut said = String::new();
            let _ = stderr.read_to_string(&mut said);
            assert_eq!(said, "");
        }
    }
}

/// What a server told until it closed.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    pub messages: Vec<String>,
    /// The close frame; `None` if the connection broke.
    pub close: Option<(u16, String)>,
}

impl Told {
    pub fn events(&self) -> Vec<Value> {
        let parsed = self
            .messages
            .iter()
            .map(|text| serde_json::from_str(text).unwrap());
        parsed.collect()
    }

    pub fn of_type(&self, name: &str) -> Vec<Value> {
        let mut events = self.events();
        events.retain(|event| event["type"] == name);
        events
    }

    /// The last message is an error of this code, and so is the close frame, with this number.
    #[track_caller]
    pub fn ends_with(&self, code: &str, number: u16) -> String {
        let error = self.events().pop().unwrap_or_default();
        assert_eq!(error["type"], "error", "{self:?}");
        assert_eq!(error["code"], code, "{self:?}");
        let (closed, reason) = self.close.clone().expect("a close frame");
        assert_eq!(closed, number, "{reason}");
        assert!(reason.starts_with(&format!("{code}: ")), "{reason}");
        error["message"].as_str().unwrap().to_owned()
    }

    /// All was told, in order.
    #[track_caller]
    pub fn complete(self) -> Self {
        assert_eq!(self.close, Some((1000, "end".to_owned())), "{self:?}");
        self
    }
}

/// A WebSocket client.
pub struct Client {
    pub socket: WebSocket<TcpStream>,
}

impl Client {
    /// Sends the first message, and takes its answer.
    pub fn begin(&mut self, start: Value) -> Value {
        self.say(start);
        let answer = self.read().expect("an answer");
        let answer: Value = serde_json::from_str(&answer).unwrap();
        assert_eq!(answer["type"], "ready", "{answer}");
        answer
    }

    pub fn say(&mut self, message: Value) {
        self.send_text(&message.to_string());
    }

    pub fn send_text(&mut self, text: &str) {
        self.socket.send(Message::text(text)).unwrap();
    }

    pub fn send(&mut self, sound: &[u8]) {
        self.socket.send(Message::binary(sound.to_vec())).unwrap();
    }

    /// The next text message; `None` at the end.
    pub fn read(&mut self) -> Option<String> {
        loop {
            match self.socket.read() {
                Ok(Message::Text(text)) => return Some(text.as_str().to_owned()),
                Ok(Message::Close(_)) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    /// Sends sound in messages of so many bytes, taking what is told meanwhile.
    pub fn send_all(&mut self, sound: &[u8], message_bytes: usize, told: &mut Vec<String>) {
        for piece in sound.chunks(message_bytes) {
            self.send(piece);
            self.take(told);
        }
    }

    /// Takes what was told by now.
    pub fn take(&mut self, told: &mut Vec<String>) {
        self.socket.get_ref().set_nonblocking(true).unwrap();
        loop {
            match self.socket.read() {
                Ok(Message::Text(text)) => told.push(text.as_str().to_owned()),
                Ok(_) => {}
                Err(Error::Io(error)) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => panic!("{error}"),
            }
        }
        self.socket.get_ref().set_nonblocking(false).unwrap();
    }

    /// Says that the sound has ended, and takes the rest.
    pub fn end(mut self, told: Vec<String>) -> Told {
        self.say(json!({ "type": "end" }));
        self.rest(told)
    }

    /// Takes all that is told until the end.
    pub fn rest(mut self, mut messages: Vec<String>) -> Told {
        let mut close = None;
        loop {
            match self.socket.read() {
                Ok(Message::Text(text)) => messages.push(text.as_str().to_owned()),
                Ok(Message::Close(frame)) => {
                    close = frame.map(|frame| (u16::from(frame.code), frame.reason.to_string()));
                }
                Ok(_) => {}
                Err(Error::Io(error)) if error.kind() == ErrorKind::WouldBlock => {
                    panic!("nothing came for {PATIENCE:?}")
                }
                Err(_) => break,
            }
        }
        Told { messages, close }
    }
}

/// A whole stream: all that is told of a sound.
pub fn told(server: &Server, start: Value, sound: &[u8], message_bytes: usize) -> Told {
    let (mut client, _) = server.stream(start);
    let mut told = Vec::new();
    client.send_all(sound, message_bytes, &mut told);
    client.end(told)
}

//! Where the sound comes from, as messages: a thread that reads standard input, and whoever wants the stream to stop.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, SyncSender};
use std::time::Duration;

use crate::trouble::Trouble;

/// Bytes read at once, at most: as many as a pipe holds.
const READ_BYTES: usize = 65_536;

/// Messages on their way; the program before the pipe then waits.
const MESSAGES: usize = 8;

/// What happens.
pub(super) enum Message {
    /// Bytes of sound came.
    Sound(Vec<u8>),
    /// The sound is over.
    End,
    /// The sound cannot be had any more, and why.
    Failed(String),
    /// Somebody wants the stream to stop.
    Stop,
    /// Time passed.
    Nothing,
}

pub(super) type Sender = SyncSender<Message>;

/// The end of the channel that is read.
pub(super) struct Receiver(mpsc::Receiver<Message>);

pub(super) fn channel() -> (Sender, Receiver) {
    let (sender, receiver) = mpsc::sync_channel(MESSAGES);
    (sender, Receiver(receiver))
}

impl Receiver {
    /// The next message, however long it takes.
    pub(super) fn next(&self) -> Message {
        self.0.recv().unwrap_or(Message::End)
    }

    /// The next message, or nothing after a while.
    pub(super) fn next_within(&self, pause: Duration) -> Message {
        match self.0.recv_timeout(pause) {
            Ok(message) => message,
            Err(RecvTimeoutError::Timeout) => Message::Nothing,
            Err(RecvTimeoutError::Disconnected) => Message::End,
        }
    }
}

/// For whoever wants the stream to stop: the reader who has gone, a key, Ctrl-C.
#[derive(Clone)]
pub(super) struct Stop {
    asked: Arc<AtomicBool>,
    sender: Sender,
}

impl Stop {
    pub(super) fn new(sender: Sender) -> Self {
        Self {
            asked: Arc::default(),
            sender,
        }
    }

    /// Has the stream stop soon.
    pub(super) fn now(&self) {
        self.asked.store(true, Ordering::Release);
        // If there is no room, then there is something to wake up for anyway.
        let _ = self.sender.try_send(Message::Stop);
    }

    pub(super) fn is_asked(&self) -> bool {
        self.asked.load(Ordering::Acquire)
    }
}

/// Reads standard input on a thread of its own, so that waiting for sound keeps nothing else waiting.
pub(super) fn read_standard_input(sender: Sender) -> Result<(), Trouble> {
    let read = move || {
        let mut input = io::stdin().lock();
        let mut buffer = vec![0; READ_BYTES];
        loop {
            let message = match input.read(&mut buffer) {
                Ok(0) => Message::End,
                Ok(count) => Message::Sound(buffer.get(..count).unwrap_or_default().to_vec()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => Message::Failed(format!(
                    "standard input could not be read ({error}); see what the program before the pipe says"
                )),
            };
            let last = !matches!(message, Message::Sound(_));
            if sender.send(message).is_err() || last {
                return;
            }
        }
    };
    std::thread::Builder::new()
        .name("standard input".to_owned())
        .spawn(read)
        .map(drop)
        .map_err(Trouble::thread)
}

/// Whether standard input is a file: then nothing is live, and whoever reads the lines can take their time.
pub(super) fn standard_input_is_a_file() -> bool {
    #[cfg(unix)]
    let input = {
        use std::os::fd::AsFd;
        io::stdin()
            .as_fd()
            .try_clone_to_owned()
            .map(std::fs::File::from)
    };
    #[cfg(windows)]
    let input = {
        use std::os::windows::io::AsHandle;
        io::stdin()
            .as_handle()
            .try_clone_to_owned()
            .map(std::fs::File::from)
    };
    input
        .and_then(|input| input.metadata())
        .is_ok_and(|metadata| metadata.is_file())
}

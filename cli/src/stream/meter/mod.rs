//! `Meter`: what is heard, live in the terminal, drawn by a thread of its own: a slow terminal keeps nobody waiting.

mod draw;
mod view;

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use undersong_core::live::Meters;
use undersong_core::model::Model;
use undersong_core::stream::StreamEvent;

use super::sound::Stop;
use crate::interrupt;
use crate::terminal::may_colour;
use crate::trouble::Trouble;
use view::View;

/// Time from one picture to the next, at least.
const FRAME: Duration = Duration::from_millis(50);

/// Whether the terminal is the meter's now, and has to be given back.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// Where the meter is drawn, and whether lines are written as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// There is no meter.
    None,
    /// On standard output, which then carries no lines.
    Output,
    /// On standard error, while standard output leads elsewhere.
    Error,
}

/// Finds the place for a meter, if there is to be one.
pub(super) fn place(wanted: bool) -> Result<Place, Trouble> {
    if !wanted {
        Ok(Place::None)
    } else if io::stdout().is_terminal() {
        Ok(Place::Output)
    } else if io::stderr().is_terminal() {
        Ok(Place::Error)
    } else {
        Err(Trouble::Misused(
            "--tui: neither standard output nor standard error is a terminal; leave it out, and read the lines on standard output".to_owned(),
        ))
    }
}

impl Place {
    /// Whether standard output carries lines.
    pub(super) fn leaves_lines(self) -> bool {
        self != Self::Output
    }

    /// The terminal, if there is a meter.
    pub(super) fn terminal(self) -> Option<Box<dyn Write + Send>> {
        match self {
            Self::None => None,
            Self::Output => Some(Box::new(io::stdout())),
            Self::Error => Some(Box::new(io::stderr())),
        }
    }
}

/// The meter, on its terminal.
pub(super) struct Meter {
    shared: Arc<Shared>,
    drawer: JoinHandle<()>,
}

struct Shared {
    view: Mutex<View>,
    changed: AtomicBool,
    ended: AtomicBool,
}

impl Meter {
    /// Takes the terminal; keys there can ask the stream to stop.
    pub(super) fn start(
        mut terminal: Box<dyn Write + Send>,
        stop: Stop,
        model: &Model,
        engine: &str,
    ) -> Result<Self, Trouble> {
        let failed = |error: io::Error| {
            Trouble::Failed(format!(
                "--tui: the terminal cannot be drawn on ({error}); leave it out, and read the lines"
            ))
        };
        TAKEN.store(true, Ordering::Release);
        interrupt::before_exit(give_back);
        // Without a keyboard there are no keys to read, and none that would show on the picture.
        let keys = enable_raw_mode().is_ok();
        execute!(terminal, EnterAlternateScreen).map_err(failed)?;
        let screen = Terminal::new(CrosstermBackend::new(terminal)).map_err(failed)?;
        let shared = Arc::new(Shared {
            view: Mutex::new(View::new(model, engine, may_colour())),
            changed: AtomicBool::new(true),
            ended: AtomicBool::new(false),
        });
        let own = Arc::clone(&shared);
        let drawer = std::thread::Builder::new()
            .name("meter".to_owned())
            .spawn(move || own.draw(screen, keys, &stop))
            .map_err(Trouble::thread)?;
        Ok(Self { shared, drawer })
    }

    /// Something happened.
    pub(super) fn tell(&self, event: &StreamEvent) {
        self.shared.view().tell(event);
        self.shared.changed.store(true, Ordering::Release);
    }

    /// Something beside the stream is wrong.
    pub(super) fn warn(&self, message: String) {
        self.shared.view().warning = Some(message);
        self.shared.changed.store(true, Ordering::Release);
    }

    /// How the stream is doing.
    pub(super) fn show(&self, meters: Meters, position_ms: u64, dropped_updates: u64) {
        self.shared
            .view()
            .show(meters, position_ms, dropped_updates);
        self.shared.changed.store(true, Ordering::Release);
    }

    /// Gives the terminal back.
    pub(super) fn close(self) {
        self.shared.ended.store(true, Ordering::Release);
        let _ = self.drawer.join();
        give_back();
    }
}

impl Shared {
    fn view(&self) -> MutexGuard<'_, View> {
        self.view.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn draw(
        &self,
        mut screen: Terminal<CrosstermBackend<Box<dyn Write + Send>>>,
        keys: bool,
        stop: &Stop,
    ) {
        let mut keys = keys;
        while !self.ended.load(Ordering::Acquire) {
            if self.changed.swap(false, Ordering::AcqRel) {
                let view = self.view().clone();
                // Whoever closes the terminal ends the stream, too.
                if screen.draw(|frame| draw::draw(frame, &view)).is_err() {
                    stop.now();
                    return;
                }
            }
            let next = Instant::now() + FRAME;
            while let Some(left) = next.checked_duration_since(Instant::now()) {
                if !keys {
                    std::thread::sleep(left);
                    continue;
                }
                match event::poll(left).and_then(|came| came.then(event::read).transpose()) {
                    Ok(Some(Event::Key(key))) if is_quit(key) => stop.now(),
                    Ok(Some(Event::Resize(..))) => self.changed.store(true, Ordering::Release),
                    Ok(_) => {}
                    Err(_) => keys = false,
                }
            }
        }
    }
}

fn is_quit(key: KeyEvent) -> bool {
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    key.kind != KeyEventKind::Release
        && match key.code {
            KeyCode::Char('q' | 'Q') | KeyCode::Esc => true,
            // In this mode of the terminal it is a key like any other.
            KeyCode::Char('c') => control,
            _ => false,
        }
}

/// Gives the terminal back as it was, if it was taken.
fn give_back() {
    if !TAKEN.swap(false, Ordering::AcqRel) {
        return;
    }
    let _ = disable_raw_mode();
    // The same as it was taken, but for a program that ends at once and has no terminal at hand.
    let mut out: Box<dyn Write> = if io::stdout().is_terminal() {
        Box::new(io::stdout())
    } else {
        Box::new(io::stderr())
    };
    let _ = execute!(out, LeaveAlternateScreen, ratatui::crossterm::cursor::Show);
}

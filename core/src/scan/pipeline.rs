//! The threads of a scan and the channels between them.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};

use super::listen::{Listened, Message, listen};
use super::{Progress, ScanError, Scanner, Sound};
use crate::engine::{EngineError, InferenceEngine};
use crate::model::ScoreError;
use crate::timeline::{Failure, Reading, Timeline, Window};

/// Windows of a take that wait for their turn.
const WAITING_WINDOWS: usize = 64;

/// Windows to run at once.
struct Batch {
    /// `[batch, 1, frames, coefficients]`.
    features: Vec<f32>,
    /// Take and window of each row.
    rows: Vec<(usize, usize)>,
}

/// What reaches the thread that puts takes together.
enum Event {
    /// A take's next window; its reading follows if there is voice in it.
    Window {
        take: usize,
        window: Window,
        voiced: bool,
    },
    /// Logits of a batch.
    Logits {
        rows: Vec<(usize, usize)>,
        logits: Vec<f32>,
    },
    /// A take is over.
    End {
        take: usize,
        result: Result<Listened, String>,
    },
    /// An engine failed.
    Failed(EngineError),
}

/// A take on its way.
#[derive(Default)]
struct Take {
    windows: Vec<Window>,
    /// Voiced windows whose reading is still to come.
    open: usize,
    /// The first window that the network gave no numbers for, and what it gave.
    unreadable: Option<(usize, ScoreError)>,
    end: Option<Result<Listened, String>>,
}

impl Take {
    /// Seconds of voice in a window.
    fn voiced_seconds(&self, window: usize) -> f64 {
        let window = self.windows.get(window);
        window.map_or(f64::INFINITY, |window| window.voiced_seconds)
    }

    /// Puts a reading to its window. Numbers that are none cost the take; an engine's other faults would be in every take.
    fn read(
        &mut self,
        window: usize,
        reading: Result<Reading, ScoreError>,
    ) -> Result<(), ScoreError> {
        self.open -= 1;
        match reading {
            Ok(reading) => {
                if let Some(window) = self.windows.get_mut(window) {
                    window.reading = Some(reading);
                }
            }
            Err(error @ ScoreError::NotFinite { .. }) => {
                // Batches come back in any order; what is told must not depend on it.
                if self
                    .unreadable
                    .as_ref()
                    .is_none_or(|(first, _)| window < *first)
                {
                    self.unreadable = Some((window, error));
                }
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }
}

pub(super) struct Outcome {
    pub takes: Vec<Timeline>,
    pub failed: Vec<Failure>,
}

/// Scans `sounds` with the engines given, one thread each, and as many listeners; `delivery` says whether it is measured; the engines that still work are in `engines` after that.
pub(super) fn run(
    scanner: &Scanner,
    sounds: &[Sound<'_>],
    delivery: bool,
    engines: &mut Vec<Box<dyn InferenceEngine>>,
    stop: &AtomicBool,
    progress: &(dyn Fn(Progress<'_>) + Sync),
) -> Result<Outcome, ScanError> {
    let jobs = scanner.options.jobs.max(1);
    let next = AtomicUsize::new(0);
    let (take_sender, take_receiver) = channel::<(usize, Receiver<Message>)>();
    let (batch_sender, batch_receiver) = sync_channel::<Batch>(2 * engines.len());
    let batch_receiver = Mutex::new(batch_receiver);
    let (event_sender, event_receiver) = channel::<Event>();

    std::thread::scope(|scope| {
        for _ in 0..jobs.min(sounds.len()) {
            let take_sender = take_sender.clone();
            let next = &next;
            scope.spawn(move || {
                loop {
                    let take = next.fetch_add(1, Ordering::Relaxed);
                    let Some(sound) = sounds.get(take) else { break };
                    let (sender, receiver) = sync_channel(WAITING_WINDOWS);
                    if take_sender.send((take, receiver)).is_err() {
                        break;
                    }
                    let config = &scanner.model.metadata().features;
                    listen(
                        sound,
                        config,
                        &scanner.options,
                        delivery,
                        &sender,
                        stop,
                        progress,
                    );
                }
            });
        }
        drop(take_sender);
        let running: Vec<_> = engines
            .drain(..)
            .map(|engine| {
                let (batches, events) = (&batch_receiver, event_sender.clone());
                scope.spawn(move || run_batches(engine, batches, &events))
            })
            .collect();
        {
            let events = event_sender;
            let (count, size) = (sounds.len(), scanner.batch_windows());
            scope.spawn(move || sequence(count, size, &take_receiver, &batch_sender, &events));
        }
        let outcome = collect(scanner, sounds, event_receiver, progress);
        engines.extend(
            running
                .into_iter()
                .flat_map(|thread| thread.join().ok().flatten()),
        );
        outcome
    })
}

/// Lays the windows of all takes into batches of `size`, in the order of the takes.
fn sequence(
    count: usize,
    size: usize,
    takes: &Receiver<(usize, Receiver<Message>)>,
    batches: &SyncSender<Batch>,
    events: &Sender<Event>,
) {
    let mut arrived = BTreeMap::new();
    let mut batch = Batch {
        features: Vec::new(),
        rows: Vec::new(),
    };
    for take in 0..count {
        let messages = loop {
            if let Some(messages) = arrived.remove(&take) {
                break messages;
            }
            match takes.recv() {
                Ok((number, messages)) => arrived.insert(number, messages),
                Err(_) => return,
            };
        };
        let mut windows = 0;
        for message in messages {
            let event = match message {
                Message::Window(pending) => {
                    let voiced = pending.features.is_some();
                    if let Some(features) = pending.features {
                        batch.features.extend_from_slice(&features);
                        batch.rows.push((take, windows));
                    }
                    windows += 1;
                    Event::Window {
                        take,
                        window: pending.window,
                        voiced,
                    }
                }
                Message::End(result) => Event::End { take, result },
            };
            if events.send(event).is_err() {
                return;
            }
            if batch.rows.len() == size {
                let full = std::mem::replace(
                    &mut batch,
                    Batch {
                        features: Vec::new(),
                        rows: Vec::with_capacity(size),
                    },
                );
                if batches.send(full).is_err() {
                    return;
                }
            }
        }
    }
    if !batch.rows.is_empty() {
        // If no engine is left, its error is on its way already.
        let _ = batches.send(batch);
    }
}

/// Runs batches until there are no more; gives the engine back unless it failed.
fn run_batches(
    mut engine: Box<dyn InferenceEngine>,
    batches: &Mutex<Receiver<Batch>>,
    events: &Sender<Event>,
) -> Option<Box<dyn InferenceEngine>> {
    let mut wanted = true;
    let mut works = true;
    loop {
        // A poisoned lock means that another engine's thread panicked; the receiver itself is whole.
        let batch = match batches.lock() {
            Ok(receiver) => receiver.recv(),
            Err(poisoned) => poisoned.into_inner().recv(),
        };
        let Ok(batch) = batch else {
            return works.then_some(engine);
        };
        if !wanted {
            continue;
        }
        let mut logits = Vec::new();
        // Without this, an engine that breaks down would leave the sequencer waiting for room for ever.
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            engine.run(&batch.features, batch.rows.len(), &mut logits)
        }))
        .unwrap_or_else(|_| {
            Err(EngineError::Run {
                engine: engine.description().to_owned(),
                reason: "it broke down".to_owned(),
            })
        });
        let event = match outcome {
            Ok(()) => Event::Logits {
                rows: batch.rows,
                logits,
            },
            Err(error) => {
                works = false;
                Event::Failed(error)
            }
        };
        // The scan was given up. Batches are still taken, so that the sequencer never waits for room that nobody makes.
        wanted = events.send(event).is_ok();
    }
}

/// Puts readings to windows and windows to takes.
///
/// A window's event is sent before its batch, so logits never arrive before their windows. On an error the receiver goes, and with
/// it everybody who works for it: the sequencer, and then the listeners and engines, whose channels end at the sequencer.
fn collect(
    scanner: &Scanner,
    sounds: &[Sound<'_>],
    events: Receiver<Event>,
    progress: &(dyn Fn(Progress<'_>) + Sync),
) -> Result<Outcome, ScanError> {
    let classes = scanner.model.metadata().emotions.len();
    let mut open: BTreeMap<usize, Take> = BTreeMap::new();
    let mut done: BTreeMap<usize, Result<Timeline, Failure>> = BTreeMap::new();
    for event in events {
        let mut touched = Vec::new();
        match event {
            Event::Window {
                take,
                window,
                voiced,
            } => {
                let entry = open.entry(take).or_default();
                entry.open += usize::from(voiced);
                entry.windows.push(window);
            }
            Event::Logits { rows, logits } => {
                for ((take, window), logits) in rows.into_iter().zip(logits.chunks(classes)) {
                    if let Some(entry) = open.get_mut(&take) {
                        let voiced = entry.voiced_seconds(window);
                        entry.read(window, scanner.scorer.window_reading(logits, voiced))?;
                    }
                    touched.push(take);
                }
            }
            Event::End { take, result } => {
                open.entry(take).or_default().end = Some(result);
                touched.push(take);
            }
            Event::Failed(error) => return Err(error.into()),
        }
        touched.dedup();
        for take in touched {
            if let Some(result) = finish(scanner, sounds, &mut open, take) {
                progress(Progress::Done {
                    path: sounds[take].name(),
                    failed: result.is_err(),
                });
                done.insert(take, result);
            }
        }
    }
    let mut outcome = Outcome {
        takes: Vec::new(),
        failed: Vec::new(),
    };
    for result in done.into_values() {
        match result {
            Ok(timeline) => outcome.takes.push(timeline),
            Err(failure) => outcome.failed.push(failure),
        }
    }
    Ok(outcome)
}

/// The take's result once its end was seen and all its readings are there.
fn finish(
    scanner: &Scanner,
    sounds: &[Sound<'_>],
    open: &mut BTreeMap<usize, Take>,
    take: usize,
) -> Option<Result<Timeline, Failure>> {
    let entry = open.get(&take)?;
    if entry.open > 0 || entry.end.is_none() {
        return None;
    }
    let Take {
        windows,
        end,
        unreadable,
        ..
    } = open.remove(&take)?;
    let path = sounds[take].name().to_owned();
    Some(match (end?, unreadable) {
        (Ok(listened), None) => Ok(scanner.timeline(path, listened, windows)),
        (Ok(_), Some((window, error))) => {
            let at_seconds = windows
                .get(window)
                .map_or(0.0, |window| window.start_seconds);
            let error = format!("{}: at {at_seconds:.2} s {error}", path.display());
            Err(Failure { path, error })
        }
        (Err(error), _) => Err(Failure { path, error }),
    })
}

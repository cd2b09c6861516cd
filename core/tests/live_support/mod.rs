//! A live stream for tests: opened, fed in blocks of any size, polled dry.

#![allow(dead_code, unreachable_pub, clippy::unwrap_used)] // each test file uses its own part

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::{Duration, Instant};

use undersong_core::engine::{EngineChoice, EngineOptions};
use undersong_core::live::{
    self, LiveControl, LiveEvent, LiveInput, LiveModel, LiveSettings, LiveUpdate, Pace, WorkerPool,
};
use undersong_core::model::Model;

pub fn pool(threads: usize) -> WorkerPool {
    WorkerPool::new(NonZeroUsize::new(threads).unwrap()).unwrap()
}

/// A model with the built-in engine, which is there on every machine.
pub fn live(model: &Model) -> Arc<LiveModel> {
    LiveModel::open(model, EngineChoice::Builtin, &EngineOptions::default()).unwrap()
}

/// A stream that waits for its results.
pub fn offline(
    pool: &WorkerPool,
    model: &Arc<LiveModel>,
    rate_hz: u32,
    settings: LiveSettings,
) -> (LiveInput, LiveControl) {
    let (mut input, control) = live::open(pool, Arc::clone(model), rate_hz, settings).unwrap();
    input.set_pace(Pace::Offline);
    (input, control)
}

/// Everything that can be polled now.
pub fn poll(input: &mut LiveInput, events: &mut Vec<LiveEvent>) {
    while let Some(event) = input.poll() {
        events.push(event);
    }
}

/// All events of `sound`, pushed in blocks of these sizes, over and over, waiting after each.
pub fn bounce(input: &mut LiveInput, sound: &[f32], blocks: &[usize]) -> Vec<LiveEvent> {
    let mut events = Vec::new();
    let mut rest = sound;
    for &size in blocks.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (now, later) = rest.split_at(size.min(rest.len()));
        input.push_mono(now);
        input.wait();
        poll(input, &mut events);
        rest = later;
    }
    events
}

pub fn updates(events: &[LiveEvent]) -> Vec<LiveUpdate> {
    events
        .iter()
        .filter_map(|event| match event {
            LiveEvent::Update(update) => Some(*update),
            LiveEvent::Speech { .. } => None,
        })
        .collect()
}

/// Waits until something holds; stops the test after a minute.
pub fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(60), "never: {what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

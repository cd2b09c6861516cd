//! Sound in the pieces that voice pipelines send, the piece that decides each window, and how times are written.
#![allow(dead_code, unreachable_pub, reason = "each benchmark uses its part")]

use std::path::Path;

use undersong_core::audio::{NoiseReduction, load_mono};
use undersong_core::engine::{EngineChoice, EngineOptions};
use undersong_core::live::{LiveModel, WorkerPool};
use undersong_core::model::Model;
use undersong_core::stream::{StreamEvent, StreamEventKind, StreamOptions, StreamSession};

pub const RATE_HZ: u32 = 16_000;

/// Sound is sent in pieces of this length, as voice pipelines do.
pub const PIECE_MS: u64 = 20;

/// So many seconds of the sample take, over and over, as `s16le`.
pub fn voice(seconds: f64) -> Vec<u8> {
    let take = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/take.flac");
    let take = load_mono(&take, RATE_HZ, NoiseReduction::Off).unwrap();
    let count = (seconds * f64::from(RATE_HZ)) as usize;
    let samples = take.iter().cycle().take(count);
    samples
        .flat_map(|sample| ((sample * 32_767.0) as i16).to_le_bytes())
        .collect()
}

/// What a session of the core tells of a sound, piece by piece, with the built-in engine.
pub fn session(raw: &[u8], mut tell: impl FnMut(usize, StreamEvent)) {
    let model = Model::builtin().unwrap();
    let model = LiveModel::open(&model, EngineChoice::Builtin, &EngineOptions::default()).unwrap();
    let pool = WorkerPool::shared().unwrap();
    let mut session = StreamSession::open(&pool, model, &StreamOptions::default()).unwrap();
    let mut events = Vec::new();
    for (index, piece) in pieces(raw).enumerate() {
        session.push_bytes(piece, &mut events).unwrap();
        events.drain(..).for_each(|event| tell(index, event));
    }
    session.finish(&mut events).unwrap();
    let last = pieces(raw).count();
    events.drain(..).for_each(|event| tell(last, event));
}

/// The time of each window's end, in ms, and the piece that decides it.
pub fn deciding_pieces(raw: &[u8]) -> Vec<(u64, usize)> {
    let mut decided = Vec::new();
    let last = pieces(raw).count();
    session(raw, |index, event| {
        let update = matches!(event.kind, StreamEventKind::EmotionUpdate { .. });
        if update && index < last {
            decided.push((event.audio_end_ms, index));
        }
    });
    decided
}

pub fn pieces(raw: &[u8]) -> impl Iterator<Item = &[u8]> {
    raw.chunks(RATE_HZ as usize * PIECE_MS as usize / 1000 * 2)
}

/// Median, 99 % and the most.
pub fn row(mut values: Vec<f64>) -> String {
    values.sort_by(f64::total_cmp);
    let at = |share: f64| {
        let index = (values.len() as f64 * share) as usize;
        values
            .get(index.min(values.len().saturating_sub(1)))
            .copied()
            .unwrap_or(f64::NAN)
    };
    format!(
        "{:>6.1} ms {:>5.1} ms {:>5.1} ms",
        at(0.5),
        at(0.99),
        at(1.0)
    )
}

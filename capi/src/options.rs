//! Numbers of a caller's configs, as `core` takes them.

use undersong_core::analyzer::Hop;
use undersong_core::engine::EngineChoice;
use undersong_core::stream::MAX_CHANNELS;

use crate::UndersongCode;
use crate::failure::Failure;
use crate::types::{UndersongEngine, UndersongPace};

/// 0 is the default.
pub(crate) fn hop(seconds: f64) -> Result<Hop, Failure> {
    if seconds == 0.0 {
        return Ok(Hop::default());
    }
    Hop::from_seconds(seconds).map_err(|error| Failure::new(UndersongCode::Value, error))
}

pub(crate) fn channels(channels: u32) -> Result<usize, Failure> {
    if (1..=u32::from(MAX_CHANNELS)).contains(&channels) {
        return Ok(channels as usize);
    }
    Err(Failure::new(
        UndersongCode::Channels,
        format!("{channels} channels; expected 1 to {MAX_CHANNELS} (their mean is listened to)"),
    ))
}

pub(crate) fn engine(number: u32) -> Result<EngineChoice, Failure> {
    const AUTO: u32 = UndersongEngine::Auto as u32;
    const CUDA: u32 = UndersongEngine::Cuda as u32;
    const CPU: u32 = UndersongEngine::Cpu as u32;
    const BUILTIN: u32 = UndersongEngine::Builtin as u32;
    match number {
        AUTO => Ok(EngineChoice::Auto),
        CUDA => Ok(EngineChoice::Cuda),
        CPU => Ok(EngineChoice::Cpu),
        BUILTIN => Ok(EngineChoice::Builtin),
        _ => Err(Failure::new(
            UndersongCode::Value,
            format!("engine is {number}; expected an UndersongEngine, {AUTO} to {BUILTIN}"),
        )),
    }
}

/// Whether the pace is offline.
pub(crate) fn offline(pace: u32) -> Result<bool, Failure> {
    const LIVE: u32 = UndersongPace::Live as u32;
    const OFFLINE: u32 = UndersongPace::Offline as u32;
    match pace {
        LIVE => Ok(false),
        OFFLINE => Ok(true),
        _ => Err(Failure::new(
            UndersongCode::Value,
            format!("pace is {pace}; expected an UndersongPace, {LIVE} or {OFFLINE}"),
        )),
    }
}

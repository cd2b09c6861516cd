//! One take: decoded, cut into windows, measured, sent on. What goes wrong stays with the take.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::SyncSender;

use super::measure::Measuring;
use super::{Progress, ScanOptions, Sound};
use crate::analyzer::{AnalyzerError, Heard, Listener};
use crate::delivery::{Delivery, TakeDelivery};
use crate::features::FeatureConfig;
use crate::timeline::Window;

/// The shortest sound that can be said anything about, in seconds.
const SHORTEST_SECONDS: f64 = 0.1;

/// A window on its way to an engine.
#[derive(Debug)]
pub(super) struct Pending {
    /// The window, its reading and its delivery still to come.
    pub window: Window,
    /// `[frames, coefficients]`; `None` where there is no voice and so nothing to run.
    pub features: Option<Vec<f32>>,
}

/// What a listener sends of a take, in order; the last is `End`.
#[derive(Debug)]
pub(super) enum Message {
    /// The next window.
    Window(Pending),
    /// The take is over.
    End(Result<Listened, String>),
}

/// What is known of a take at its end.
#[derive(Debug, PartialEq)]
pub(super) struct Listened {
    pub seconds: f64,
    pub voiced_seconds: f64,
    /// The take's delivery and that of each of its windows, if it was asked for.
    pub delivery: Option<Box<(TakeDelivery, Vec<Delivery>)>>,
}

/// Listens to a take and sends its windows; stops when nobody receives any more.
pub(super) fn listen(
    sound: &Sound<'_>,
    config: &FeatureConfig,
    options: &ScanOptions,
    delivery: bool,
    sender: &SyncSender<Message>,
    stop: &AtomicBool,
    progress: &(dyn Fn(Progress<'_>) + Sync),
) {
    // A decoder's panic on a strange file must cost that file only.
    let result = catch_unwind(AssertUnwindSafe(|| {
        listen_to(sound, config, options, delivery, sender, stop, progress)
    }))
    .unwrap_or_else(|_| {
        Err(format!(
            "{}: the decoder failed on this file; convert it to WAV or FLAC and scan that",
            sound.name().display()
        ))
    });
    // An error means that the scan was given up; then nobody wants to know.
    let _ = sender.send(Message::End(result));
}

fn listen_to(
    sound: &Sound<'_>,
    config: &FeatureConfig,
    options: &ScanOptions,
    delivery: bool,
    sender: &SyncSender<Message>,
    stop: &AtomicBool,
    progress: &(dyn Fn(Progress<'_>) + Sync),
) -> Result<Listened, String> {
    let named = |error: AnalyzerError| format!("{}: {error}", sound.name().display());
    let mut reader = sound.open()?;
    let rate_hz = reader.rate_hz();
    let mut listener = Listener::new(config, rate_hz, options.hop).map_err(named)?;
    listener.leave_out(sound.elsewhere());
    let mut measuring = delivery
        .then(|| Measuring::new(&mut listener, &reader, config, options.loudness_target))
        .transpose()
        .map_err(|error| named(error.into()))?;
    let wanted = Cell::new(true);
    let send = |heard: Heard<'_>, measuring: &mut Option<Measuring>| {
        if let Some(measuring) = measuring {
            measuring.window(heard.start_seconds, heard.end_seconds);
        }
        let sent = sender.send(Message::Window(Pending {
            window: Window {
                start_seconds: heard.start_seconds,
                end_seconds: heard.end_seconds,
                voiced_seconds: heard.voiced_seconds,
                reading: None,
                delivery: None,
            },
            features: heard.features.map(<[f32]>::to_vec),
        }));
        if sent.is_err() {
            wanted.set(false);
        }
    };
    let mut block = Vec::new();
    loop {
        block.clear();
        if !reader.next_block(&mut block)? {
            break;
        }
        listener
            .push(&block, &mut |heard| send(heard, &mut measuring))
            .map_err(named)?;
        if !wanted.get() || stop.load(Ordering::Relaxed) {
            return Err("the scan was given up".to_owned());
        }
        if let Some(measuring) = &mut measuring {
            measuring.push(&mut listener, reader.planes(), &block);
        }
        progress(Progress::Advanced {
            seconds: block.len() as f64 / f64::from(rate_hz),
        });
    }
    let seconds = listener.seconds();
    if seconds < SHORTEST_SECONDS {
        return Err(format!(
            "{}: only {:.0} ms of sound, at least {:.0} ms are needed; is this the right file?",
            sound.name().display(),
            seconds * 1000.0,
            SHORTEST_SECONDS * 1000.0
        ));
    }
    listener
        .finish(&mut |heard| send(heard, &mut measuring))
        .map_err(named)?;
    Ok(Listened {
        seconds,
        voiced_seconds: listener.voiced_seconds(),
        delivery: measuring.map(|measuring| Box::new(measuring.finish(&mut listener))),
    })
}

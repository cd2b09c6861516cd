//! One take: decoded, cut into windows, sent on. What goes wrong stays with the take.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::SyncSender;

use super::Progress;
use super::source::Source;
use crate::analyzer::{AnalyzerError, Heard, Hop, Listener};
use crate::features::FeatureConfig;
use crate::timeline::Window;

/// The shortest sound that can be said anything about, in seconds.
const SHORTEST_SECONDS: f64 = 0.1;

/// A window on its way to an engine.
#[derive(Debug)]
pub(super) struct Pending {
    /// The window, its reading still to come.
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
    End(Result<Length, String>),
}

/// A take's length.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Length {
    pub seconds: f64,
    pub voiced_seconds: f64,
}

/// Listens to a take and sends its windows; stops when nobody receives any more.
pub(super) fn listen(
    source: Source<'_>,
    config: &FeatureConfig,
    hop: Hop,
    sender: &SyncSender<Message>,
    progress: &(dyn Fn(Progress<'_>) + Sync),
) {
    // A decoder's panic on a strange file must cost that file only.
    let result = catch_unwind(AssertUnwindSafe(|| {
        listen_to(source, config, hop, sender, progress)
    }))
    .unwrap_or_else(|_| {
        Err(format!(
            "{}: the decoder failed on this file; convert it to WAV or FLAC and scan that",
            source.path().display()
        ))
    });
    // An error means that the scan was given up; then nobody wants to know.
    let _ = sender.send(Message::End(result));
}

fn listen_to(
    source: Source<'_>,
    config: &FeatureConfig,
    hop: Hop,
    sender: &SyncSender<Message>,
    progress: &(dyn Fn(Progress<'_>) + Sync),
) -> Result<Length, String> {
    let path = source.path();
    let named = |error: AnalyzerError| format!("{}: {error}", path.display());
    let mut blocks = source.open()?;
    let rate_hz = blocks.sample_rate_hz();
    let mut listener = Listener::new(config, rate_hz, hop).map_err(named)?;
    let wanted = Cell::new(true);
    let mut send = |heard: Heard<'_>| {
        let sent = sender.send(Message::Window(Pending {
            window: Window {
                start_seconds: heard.start_seconds,
                end_seconds: heard.end_seconds,
                voiced_seconds: heard.voiced_seconds,
                reading: None,
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
        if !blocks.next_block(&mut block)? {
            break;
        }
        listener.push(&block, &mut send).map_err(named)?;
        if !wanted.get() {
            return Err("the scan was given up".to_owned());
        }
        progress(Progress::Advanced {
            seconds: block.len() as f64 / f64::from(rate_hz),
        });
    }
    let seconds = listener.seconds();
    if seconds < SHORTEST_SECONDS {
        return Err(format!(
            "{}: only {:.0} ms of sound, at least {:.0} ms are needed; is this the right file?",
            path.display(),
            seconds * 1000.0,
            SHORTEST_SECONDS * 1000.0
        ));
    }
    listener.finish(&mut send).map_err(named)?;
    Ok(Length {
        seconds,
        voiced_seconds: listener.voiced_seconds(),
    })
}

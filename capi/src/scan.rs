//! A whole sound at once: its windows and its summary.

use std::path::Path;
use std::ptr;
use std::sync::atomic::AtomicBool;

use undersong_core::model::Priors;
use undersong_core::scan::{Samples, ScanOptions, Sound};
use undersong_core::timeline::{Reading, Timeline};

use crate::failure::{Failure, door};
use crate::handle::{Entered, Table};
use crate::memory::{array, chars, handle_place, read, write};
use crate::model::OpenModel;
use crate::types::{
    UNDERSONG_MAX_EMOTIONS, UndersongScan, UndersongScanConfig, UndersongSummary, UndersongWindow,
    sixteen,
};
use crate::{UndersongCode, options};

static SCANS: Table<Scanned> = Table::new(3);

/// Most threads.
const MOST_JOBS: u32 = 256;

struct Scanned {
    timeline: Timeline,
    engine: String,
}

fn enter<'a>(scan: *const UndersongScan) -> Result<Entered<'a, Scanned>, Failure> {
    SCANS.enter(scan.addr()).map_err(named)
}

fn named(code: UndersongCode) -> Failure {
    Failure::new(
        code,
        "this is no scan: it was destroyed, or never made; use what undersong_scan gave",
    )
}

fn scan(
    config: &UndersongScanConfig,
    samples: *const f32,
    frames: usize,
) -> Result<Scanned, Failure> {
    let channels = options::channels(config.channels)?;
    if config.jobs > MOST_JOBS {
        return Err(Failure::new(
            UndersongCode::Value,
            format!(
                "jobs is {}; expected 1 to {MOST_JOBS}, or 0 for one a processor",
                config.jobs
            ),
        ));
    }
    let count = frames.checked_mul(channels).ok_or(UndersongCode::Value)?;
    // SAFETY: the caller of the door keeps its contract: the arrays have their lengths.
    let (samples, shares) = unsafe {
        (
            array(samples, count)
                .map_err(|code| Failure::new(code, "samples is NULL, not aligned or too long"))?,
            array(config.priors, config.priors_count).map_err(|code| {
                Failure::new(code, "priors is NULL or not aligned, with a count above 0")
            })?,
        )
    };
    let hop = options::hop(config.hop_seconds)?;
    let model = OpenModel::of(config.model)?;
    let priors = if shares.is_empty() {
        None
    } else {
        let priors = Priors::from_shares(shares, model.model.emotions());
        Some(priors.map_err(|error| Failure::new(UndersongCode::Value, error))?)
    };
    let standard = ScanOptions::default();
    let jobs = match config.jobs {
        0 => standard.jobs,
        jobs => jobs as usize,
    };
    let key = (
        hop.seconds().to_bits(),
        shares.iter().map(|share| share.to_bits()).collect(),
        jobs,
    );
    let scanner = model.scanner(
        key,
        ScanOptions {
            jobs,
            hop,
            priors,
            // None of it stands in the structs.
            delivery: false,
            ..standard
        },
    )?;
    let sound = Samples::new(
        Path::new("the sound"),
        config.sample_rate_hz,
        channels,
        samples,
    )?;
    let stop = AtomicBool::new(false);
    let mut result = scanner.scan_sounds(&[Sound::Samples(sound)], &stop, &|_| {})?;
    match (result.takes.pop(), result.failed.pop()) {
        (Some(timeline), _) => Ok(Scanned {
            timeline,
            engine: result.engine,
        }),
        (None, Some(failed)) => Err(Failure::new(UndersongCode::Sound, failed.error)),
        (None, None) => Err(UndersongCode::Internal.into()),
    }
}

/// Scans a whole sound, full scale being 1, channel by channel within each frame: the windows and scores that `undersong scan` gives of a file with
/// these samples. It returns when all is done; nothing of `samples` or `config` is needed afterwards.
///
/// `*scan` becomes a handle, and NULL after an error; `undersong_scan_destroy` gives it back.
///
/// Errors: POINTER, STRUCT_SIZE, HANDLE (the model's), SAMPLE_RATE, CHANNELS, VALUE, SOUND, MODEL, ENGINE, TOO_MANY.
/// Thread: any but the audio thread; any number at once. Real-time safe: no.
///
/// # Safety
/// `config` is NULL or a struct as its `struct_size` says, `samples` is NULL or points to `frames` times the channels, `scan` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn undersong_scan(
    config: *const UndersongScanConfig,
    samples: *const f32,
    frames: usize,
    scan: *mut *mut UndersongScan,
) -> UndersongCode {
    door(|| {
        // SAFETY: as the caller says.
        let place = unsafe { handle_place(scan, "scan") }?;
        // SAFETY: as the caller says.
        let config = unsafe { read(config) }?;
        let scanned = self::scan(&config, samples, frames)?;
        *place = ptr::without_provenance_mut(SCANS.add(scanned)?);
        Ok(UndersongCode::Ok)
    })
}

/// What a struct holds of a reading; nothing without voice.
struct Told {
    leading: i32,
    unsure: u32,
    valence: f32,
    arousal: f32,
    confidence: f32,
    scores: [f32; UNDERSONG_MAX_EMOTIONS],
}

impl Told {
    fn of(reading: Option<&Reading>) -> Self {
        let Some(reading) = reading else {
            return Self {
                leading: -1,
                unsure: 1,
                valence: 0.0,
                arousal: 0.0,
                confidence: 0.0,
                scores: [0.0; UNDERSONG_MAX_EMOTIONS],
            };
        };
        Self {
            leading: reading.scores.leading().map_or(-1, |index| index as i32),
            unsure: reading.unsure.into(),
            valence: reading.valence,
            arousal: reading.arousal,
            confidence: reading.confidence,
            scores: sixteen(reading.scores.0.iter().copied()),
        }
    }
}

/// A scanned sound as a whole.
///
/// Errors: POINTER, STRUCT_SIZE, HANDLE.
/// Thread: any number at once. Real-time safe: no.
///
/// # Safety
/// `summary` is NULL or a struct as its `struct_size` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn undersong_scan_summary(
    scan: *const UndersongScan,
    summary: *mut UndersongSummary,
) -> UndersongCode {
    door(|| {
        let scan = enter(scan)?;
        let timeline = &scan.timeline;
        let whole = &timeline.summary;
        let told = Told::of(whole.reading.as_ref());
        let value = UndersongSummary {
            struct_size: 0,
            emotions: timeline.emotions.len() as u32,
            windows: timeline.windows.len() as u64,
            seconds: timeline.seconds,
            voiced_seconds: whole.voiced_seconds,
            leading: told.leading,
            unsure: told.unsure,
            valence: told.valence,
            arousal: told.arousal,
            confidence: told.confidence,
            reserved: 0,
            scores: told.scores,
            shares: sixteen(whole.shares.iter().map(|&share| share as f32)),
            engine: chars(&scan.engine),
        };
        // SAFETY: as the caller says.
        unsafe { write(summary, &value) }?;
        Ok(UndersongCode::Ok)
    })
}

/// A window of a scanned sound, from 0 on, in time order; they overlap.
///
/// Errors: POINTER, STRUCT_SIZE, HANDLE, INDEX.
/// Thread: any number at once. Real-time safe: no.
///
/// # Safety
/// `window` is NULL or a struct as its `struct_size` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn undersong_scan_window(
    scan: *const UndersongScan,
    index: u64,
    window: *mut UndersongWindow,
) -> UndersongCode {
    door(|| {
        let scan = enter(scan)?;
        let windows = &scan.timeline.windows;
        let found = usize::try_from(index)
            .ok()
            .and_then(|index| windows.get(index));
        let found = found.ok_or_else(|| {
            Failure::new(
                UndersongCode::Index,
                format!("window {index}; the scan has {}, from 0 on", windows.len()),
            )
        })?;
        let told = Told::of(found.reading.as_ref());
        let emotions = found
            .reading
            .as_ref()
            .map_or(0, |reading| reading.scores.0.len());
        let value = UndersongWindow {
            struct_size: 0,
            emotions: emotions as u32,
            start_seconds: found.start_seconds,
            end_seconds: found.end_seconds,
            voiced_seconds: found.voiced_seconds,
            leading: told.leading,
            unsure: told.unsure,
            valence: told.valence,
            arousal: told.arousal,
            confidence: told.confidence,
            reserved: 0,
            scores: told.scores,
        };
        // SAFETY: as the caller says.
        unsafe { write(window, &value) }?;
        Ok(UndersongCode::Ok)
    })
}

/// Gives a scan back and frees it. NULL does nothing.
///
/// Errors: HANDLE, also if it was destroyed before.
/// Thread: any. Real-time safe: no.
#[unsafe(no_mangle)]
pub extern "C" fn undersong_scan_destroy(scan: *mut UndersongScan) -> UndersongCode {
    door(|| {
        if !scan.is_null() {
            drop(SCANS.remove(scan.addr()).map_err(named)?);
        }
        Ok(UndersongCode::Ok)
    })
}

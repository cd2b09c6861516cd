//! From tracks to a map.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::activity::{Activity, ActivityError};
use super::bleed::{bleed, seconds};
use super::highlights::{Ground, highlights};
use super::pauses::Pauses;
use super::sections::{Material, sections, sum};
use super::turns::turns;
use super::voices::Voices;
use super::{MapSettings, Minute, RecordingMap, Speaker, Voice};
use crate::scan::{Progress, ScanError, Scanner, Sound, Track};
use crate::timeline::Failure;
use crate::voice::VoiceDetector;

/// Tracks whose ends are nearer than this are of one length, in seconds.
const SAME_END_SECONDS: f64 = 0.5;
/// A speaker needs so much voice, in seconds.
const LEAST_VOICE_SECONDS: f64 = 0.3;

/// A speaker's track, to be mapped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpeakerTrack {
    /// The speaker's name.
    pub name: String,
    /// The file.
    pub path: PathBuf,
    /// The channel of it, counted from 0; `None` for the mean of all.
    pub channel: Option<usize>,
}

/// Why a recording cannot be mapped at all; what is wrong with a single track stands in the map's [`Scan::failed`](crate::timeline::Scan::failed).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MapError {
    /// The scan failed, or was stopped.
    #[error(transparent)]
    Scan(#[from] ScanError),
    /// No track could be read; why stands in each failure.
    #[error("no track of the recording could be read")]
    NoTrack {
        /// Every track, with what was wrong.
        failed: Vec<Failure>,
    },
}

impl SpeakerTrack {
    /// What the track is called in results and errors: the file, and which channel of it.
    pub fn label(&self) -> PathBuf {
        match self.channel {
            Some(channel) => PathBuf::from(format!(
                "{} (channel {})",
                self.path.to_string_lossy(),
                channel + 1
            )),
            None => self.path.clone(),
        }
    }
}

/// Maps a recording whose tracks start together.
///
/// `progress` is called from several threads: each track's seconds come twice, once for who speaks and once for the scan. Once `stop` is true,
/// what is not done is given up.
///
/// # Errors
/// If no track can be read, an engine fails, or `stop` became true. A track that cannot be read is named in the map, and the rest is mapped.
pub fn map(
    scanner: &Scanner,
    tracks: &[SpeakerTrack],
    settings: &MapSettings,
    stop: &AtomicBool,
    progress: &(dyn Fn(Progress<'_>) + Sync),
) -> Result<RecordingMap, MapError> {
    let labels: Vec<PathBuf> = tracks.iter().map(SpeakerTrack::label).collect();
    let mut failed = Vec::new();
    let mut heard: Vec<(usize, Activity)> = Vec::new();
    let listened = listen_to_all(scanner.jobs(), tracks, &labels, stop, progress);
    for (index, activity) in listened.into_iter().enumerate() {
        match activity {
            Some(Ok(activity)) => heard.push((index, activity)),
            Some(Err(ActivityError::Decode(error))) => failed.push(Failure {
                path: labels[index].clone(),
                error: error.to_string(),
            }),
            Some(Err(ActivityError::Stopped)) | None => return Err(ScanError::Stopped.into()),
        }
    }
    let activities: Vec<&Activity> = heard.iter().map(|(_, activity)| activity).collect();
    let elsewhere = bleed(&activities, settings.bleed_db);
    let sounds: Vec<Sound<'_>> = heard
        .iter()
        .zip(&elsewhere)
        .map(|(&(index, _), elsewhere)| {
            Sound::Track(track(&tracks[index], &labels[index], elsewhere))
        })
        .collect();
    let mut scan = scanner.scan_sounds(&sounds, stop, progress)?;
    failed.append(&mut scan.failed);
    if scan.takes.is_empty() {
        return Err(MapError::NoTrack { failed });
    }

    let mut speakers = Vec::new();
    let mut owns = Vec::new();
    let mut kept: Vec<(&SpeakerTrack, &Activity)> = Vec::new();
    for ((index, activity), elsewhere) in heard.iter().zip(&elsewhere) {
        let label = &labels[*index];
        if !scan.takes.iter().any(|take| &take.path == label) {
            continue;
        }
        let own: Vec<bool> = activity
            .voiced
            .iter()
            .zip(elsewhere)
            .map(|(&voiced, &elsewhere)| voiced && !elsewhere)
            .collect();
        let count = |flags: &[bool]| seconds(flags.iter().filter(|flag| **flag).count());
        speakers.push(Speaker {
            name: tracks[*index].name.clone(),
            path: tracks[*index].path.clone(),
            channel: tracks[*index].channel,
            seconds: activity.seconds,
            voiced_seconds: count(&own),
            bleed_seconds: count(elsewhere),
        });
        owns.push(own);
        kept.push((&tracks[*index], activity));
    }
    let notes = notes(&kept, &speakers);
    for (take, speaker) in scan.takes.iter_mut().zip(&speakers) {
        take.path.clone_from(&speaker.path);
    }
    scan.failed = failed;

    let length = speakers.iter().map(|it| it.seconds).fold(0.0, f64::max);
    let unsure_below = scan.model.calibration.unsure_below;
    let silence = Pauses::between(&anybody(&owns), length);
    let pauses: Vec<Pauses> = owns
        .iter()
        .map(|own| Pauses::between(own, length))
        .collect();
    let voices: Vec<Voices<'_>> = scan
        .takes
        .iter()
        .zip(owns)
        .map(|(take, own)| Voices::new(take, own, unsure_below))
        .collect();
    let names: Vec<&str> = speakers.iter().map(|it| it.name.as_str()).collect();
    let window_seconds = scan.model.features.span_seconds();
    let (emotions, names) = (&scan.model.emotions, names.as_slice());
    let sections = sections(
        &Material {
            speakers: &voices,
            names,
            emotions,
            pauses: &silence,
            seconds: length,
            window_seconds,
            unsure_below,
        },
        settings,
    );
    let highlights = highlights(
        &Ground {
            speakers: &voices,
            names,
            emotions,
            silence: &silence,
            pauses: &pauses,
            seconds: length,
            window_seconds,
        },
        settings,
    );
    let turns = turns(&voices);
    let minutes = minutes(&voices, length, unsure_below);
    Ok(RecordingMap {
        seconds: length,
        turns,
        sections,
        highlights,
        minutes,
        notes,
        settings: settings.clone(),
        speakers,
        scan,
    })
}

fn track<'a>(track: &'a SpeakerTrack, label: &'a Path, elsewhere: &'a [bool]) -> Track<'a> {
    Track {
        name: label,
        path: &track.path,
        channel: track.channel,
        elsewhere,
    }
}

/// Every track's activity, some at the same time; `None` where a thread broke down.
fn listen_to_all(
    jobs: usize,
    tracks: &[SpeakerTrack],
    labels: &[PathBuf],
    stop: &AtomicBool,
    progress: &(dyn Fn(Progress<'_>) + Sync),
) -> Vec<Option<Result<Activity, ActivityError>>> {
    let results: Vec<_> = tracks.iter().map(|_| Mutex::new(None)).collect();
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..jobs.clamp(1, tracks.len().max(1)) {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let (Some(of), Some(result)) = (tracks.get(index), results.get(index)) else {
                        break;
                    };
                    let heard = listen_to(of, &labels[index], stop, progress);
                    *result.lock().unwrap_or_else(PoisonError::into_inner) = Some(heard);
                }
            });
        }
    });
    results
        .into_iter()
        .map(|result| result.into_inner().unwrap_or_else(PoisonError::into_inner))
        .collect()
}

fn listen_to(
    of: &SpeakerTrack,
    label: &Path,
    stop: &AtomicBool,
    progress: &(dyn Fn(Progress<'_>) + Sync),
) -> Result<Activity, ActivityError> {
    // A decoder's panic on a strange file must cost that file only.
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        Activity::of(&track(of, label, &[]), stop, &|seconds| {
            progress(Progress::Advanced { seconds });
        })
    }))
    .unwrap_or_else(|_| {
        Err(crate::audio::DecodeError::Malformed {
            path: of.path.clone(),
            reason: "the decoder failed on it".to_owned(),
        }
        .into())
    })
}

/// Steps in which somebody speaks.
fn anybody(owns: &[Vec<bool>]) -> Vec<bool> {
    let steps = owns.iter().map(Vec::len).max().unwrap_or(0);
    (0..steps)
        .map(|step| owns.iter().any(|own| own.get(step) == Some(&true)))
        .collect()
}

fn minutes(speakers: &[Voices<'_>], length: f64, unsure_below: f32) -> Vec<Minute> {
    let count = (length / 60.0).ceil().max(1.0) as usize;
    (0..count)
        .map(|minute| {
            let start_seconds = minute as f64 * 60.0;
            let end_seconds = (start_seconds + 60.0).min(length);
            let each = speakers.iter().map(|voices| Voice {
                voiced_seconds: voices.voiced_seconds(start_seconds, end_seconds),
                reading: voices.reading(start_seconds, end_seconds),
            });
            let each: Vec<Voice> = each.collect();
            let emotions = speakers.first().map(|voices| &voices.timeline().emotions);
            Minute {
                start_seconds,
                end_seconds,
                all: Voice {
                    voiced_seconds: each.iter().map(|voice| voice.voiced_seconds).sum(),
                    reading: emotions.and_then(|emotions| {
                        sum(speakers, start_seconds, end_seconds).reading(emotions, unsure_below)
                    }),
                },
                speakers: each,
            }
        })
        .collect()
}

/// What is odd about the tracks, in sentences.
fn notes(tracks: &[(&SpeakerTrack, &Activity)], speakers: &[Speaker]) -> Vec<String> {
    let mut notes = Vec::new();
    let length = speakers.iter().map(|it| it.seconds).fold(0.0, f64::max);
    for ((track, activity), speaker) in tracks.iter().zip(speakers) {
        let label = track.label();
        let label = label.display();
        let missing = length - activity.seconds;
        if missing > SAME_END_SECONDS {
            notes.push(format!(
                "{label}: ends {missing:.1} s before the recording does; {} is silent from there on",
                speaker.name
            ));
        }
        if speaker.voiced_seconds < LEAST_VOICE_SECONDS {
            notes.push(if speaker.bleed_seconds < LEAST_VOICE_SECONDS {
                format!("{label}: no voice in it, so {} does not speak", speaker.name)
            } else {
                format!(
                    "{label}: {:.1} s of other tracks' voices in it and none of its own, so {} does not speak; if that is wrong, try --bleed off",
                    speaker.bleed_seconds, speaker.name
                )
            });
        }
    }
    let mut rates: Vec<u32> = tracks
        .iter()
        .map(|(_, activity)| activity.rate_hz)
        .collect();
    rates.sort_unstable();
    rates.dedup();
    if rates.len() > 1 {
        let rates: Vec<String> = rates.iter().map(u32::to_string).collect();
        notes.push(format!(
            "the tracks have different sample rates ({} Hz): each is heard at its own, times are seconds",
            rates.join(", ")
        ));
    }
    for (index, (track, activity)) in tracks.iter().enumerate() {
        for (other, other_activity) in tracks.iter().skip(index + 1) {
            if same(activity, other_activity) {
                notes.push(format!(
                    "{} and {} hold the same sound: they count as two speakers who say the same",
                    track.label().display(),
                    other.label().display()
                ));
            }
        }
    }
    notes
}

/// Whether two tracks are as loud as each other all the time that there is voice.
fn same(a: &Activity, b: &Activity) -> bool {
    let voiced: Vec<f32> = a
        .level_db
        .iter()
        .zip(&b.level_db)
        .zip(&a.voiced)
        .filter(|(_, voiced)| **voiced)
        .map(|((a, b), _)| (a - b).abs())
        .collect();
    let alike = voiced.iter().filter(|apart| **apart < 0.1).count();
    voiced.len() as f64 * VoiceDetector::STEP_SECONDS >= LEAST_VOICE_SECONDS
        && alike as f64 >= 0.99 * voiced.len() as f64
}

//! Which tracks are speakers, and what they are called.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use undersong_core::audio::Decoder;
use undersong_core::recording::SpeakerTrack;
use undersong_core::timeline::Failure;

use crate::terminal::shown;
use crate::trouble::Trouble;

/// The speakers' tracks, and the files that cannot be read.
///
/// A speaker's name is the one given, or the file's without its ending; with the channel's number where a file has several speakers.
///
/// # Errors
/// If a file is given twice, a mono file's channels are to be split, or the names do not fit the tracks.
pub(super) fn tracks(
    paths: &[PathBuf],
    split: bool,
    names: &[String],
) -> Result<(Vec<SpeakerTrack>, Vec<Failure>), Trouble> {
    let mut seen = HashSet::new();
    for path in paths {
        let identity = path.canonicalize().unwrap_or_else(|_| path.clone());
        if !seen.insert(identity) {
            return Err(Trouble::Misused(format!(
                "{}: this file is given twice; name each track once",
                shown(path)
            )));
        }
    }
    let mut failed = Vec::new();
    let mut channels = Vec::with_capacity(paths.len());
    for path in paths {
        channels.push(match split.then(|| Decoder::open(path)) {
            None => Some(1),
            Some(Ok(decoder)) => Some(decoder.channels()),
            Some(Err(error)) => {
                failed.push(Failure {
                    path: path.clone(),
                    error: error.to_string(),
                });
                None
            }
        });
    }
    if let (true, [path], [Some(1)]) = (split, paths, channels.as_slice()) {
        return Err(Trouble::Misused(format!(
            "--channels split: {} has one channel only; leave the option out, or give a file with a channel for each speaker",
            shown(path)
        )));
    }
    let lost = names_of_lost(names, &channels, &failed)?;
    let mut tracks = Vec::new();
    let mut number = 0;
    for (path, channels) in paths.iter().zip(&channels) {
        let Some(channels) = *channels else {
            number += lost;
            continue;
        };
        for channel in 0..channels {
            let name = match names.get(number) {
                Some(name) => name.trim().to_owned(),
                None if channels > 1 => format!("{} {}", stem(path), channel + 1),
                None => stem(path),
            };
            tracks.push(SpeakerTrack {
                name,
                path: path.clone(),
                channel: (channels > 1).then_some(channel),
            });
            number += 1;
        }
    }
    if !names.is_empty() && names.len() != number {
        return Err(Trouble::Misused(format!(
            "--names has {}, for {}: {}",
            counted_as(names.len(), "name"),
            counted_as(tracks.len(), "speaker"),
            tracks
                .iter()
                .map(|track| shown(&track.label()))
                .collect::<Vec<_>>()
                .join(", ")
        )));
    }
    check_names(&mut tracks, !names.is_empty())?;
    Ok((tracks, failed))
}

/// How many names each file had that cannot be opened, so that the others keep theirs: those that are left over, if that is clear.
///
/// # Errors
/// If it isn't.
fn names_of_lost(
    names: &[String],
    channels: &[Option<usize>],
    failed: &[Failure],
) -> Result<usize, Trouble> {
    let known: usize = channels.iter().flatten().sum();
    let lost = channels.iter().filter(|it| it.is_none()).count();
    let over = names.len().saturating_sub(known);
    match failed.first() {
        Some(first) if !names.is_empty() => {
            if over == lost || (lost == 1 && over > 0) {
                Ok(over / lost)
            } else {
                Err(Trouble::Misused(format!(
                    "--names: which of {} are whose cannot be told, since a file cannot be opened; leave it and its names out, or mend it ({})",
                    counted_as(names.len(), "name"),
                    first.error
                )))
            }
        }
        _ => Ok(0),
    }
}

/// No two speakers have one name: given names are refused, others get a number.
fn check_names(tracks: &mut [SpeakerTrack], given: bool) -> Result<(), Trouble> {
    let mut used = HashSet::new();
    for track in tracks {
        let name = track.name.clone();
        if name.is_empty() {
            return Err(Trouble::Misused(
                "--names: a name is empty; give each speaker one, such as --names \"Ann,Ben\""
                    .to_owned(),
            ));
        }
        let free = |name: &String| !used.contains(name);
        if !free(&name) && given {
            return Err(Trouble::Misused(format!(
                "--names: {} is there twice; give each speaker a name of their own",
                shown(Path::new(&name))
            )));
        }
        let numbered = (2_u32..).map(|number| format!("{name} {number}"));
        let name = [name.clone()].into_iter().chain(numbered).find(free);
        track.name = name.unwrap_or_default();
        used.insert(track.name.clone());
    }
    Ok(())
}

fn stem(path: &Path) -> String {
    shown(Path::new(path.file_stem().unwrap_or(path.as_os_str())))
}

fn counted_as(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

//! Finds a corpus's clips in its folder and puts together what names and tables say about them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::clip::{Clip, CorpusKind, Digest, Votes};
use super::crowd::Crowd;
use super::error::CorpusError;
use super::folders::{cremad_folder, not_this_corpus, ravdess_folders, sound_files};
use super::labels::{self, EMOTIONS, Labels};
use super::parallel;
use super::tables;

/// What stands in a file that Git LFS has not fetched.
const LFS_POINTER: &[u8] = b"version https://git-lfs";

/// A file that was found but is not learned from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// The file.
    pub path: PathBuf,
    /// Why, for a person.
    pub reason: String,
}

/// The clips of one corpus or both, ready to be split.
#[derive(Debug, Clone, Default)]
pub struct Corpus {
    /// The clips sorted by name, so that an index means the same clip on every machine.
    pub clips: Vec<Clip>,
    /// Files that were found but are not used, in the order in which that was noticed.
    pub left_out: Vec<LeftOut>,
    /// What a person should know: absent tables, missing classes, a single speaker.
    pub notes: Vec<String>,
}

impl Corpus {
    /// SHA-256 over every clip's name, size and bytes: the identity of what a model learned from.
    #[must_use]
    pub fn content_hash(&self) -> Digest {
        content_hash(&self.clips)
    }

    /// Moves every clip with a reason (`reasons[i]` for `clips[i]`) to `left_out`, and returns the old indices of
    /// those that stay, in order.
    pub fn leave_out(&mut self, reasons: Vec<Option<String>>) -> Vec<usize> {
        let mut kept = Vec::with_capacity(self.clips.len());
        let mut reasons = reasons.into_iter();
        let clips = std::mem::take(&mut self.clips);
        for (index, clip) in clips.into_iter().enumerate() {
            match reasons.next().flatten() {
                Some(reason) => self.left_out.push(LeftOut {
                    path: clip.path,
                    reason,
                }),
                None => {
                    kept.push(index);
                    self.clips.push(clip);
                }
            }
        }
        kept
    }

    /// [`Self::leave_out`], as long as anything stays.
    pub(crate) fn leave_out_defects(
        &mut self,
        reasons: Vec<Option<String>>,
    ) -> Result<(), CorpusError> {
        let found = reasons.len();
        let first_reason = reasons.iter().flatten().next().cloned().unwrap_or_default();
        if self.leave_out(reasons).is_empty() {
            return Err(CorpusError::NothingUsable {
                found,
                first_reason,
            });
        }
        Ok(())
    }
}

/// SHA-256 over the clips' names, sizes and file hashes, in their order.
pub(crate) fn content_hash(clips: &[Clip]) -> Digest {
    let mut hasher = Sha256::new();
    for clip in clips {
        hasher.update(clip.corpus.key());
        hasher.update((clip.name.len() as u64).to_le_bytes());
        hasher.update(&clip.name);
        hasher.update(clip.size_bytes.to_le_bytes());
        hasher.update(clip.file_hash.0);
    }
    Digest(hasher.finalize().into())
}

/// Finds the clips of the given corpora. Either may be left out, not both.
///
/// Reads names, tables and each file's bytes (for its hash), and decodes nothing; [`inspect`](super::inspect()) does.
/// RAVDESS's folder is the one with `Actor_NN` in it, the one above it, or one `Actor_NN` alone; CREMA-D's the one
/// with `AudioWAV` in it, the one above it, or `AudioWAV` itself.
///
/// # Errors
/// [`CorpusError`] when a folder cannot be read, holds no clip of its corpus, or a table in it is broken.
/// Single files that do not fit are no error: they are in [`Corpus::left_out`].
pub fn load(ravdess: Option<&Path>, cremad: Option<&Path>) -> Result<Corpus, CorpusError> {
    if ravdess.is_none() && cremad.is_none() {
        return Err(CorpusError::NoCorpus);
    }
    let mut corpus = Corpus::default();
    let mut found = Vec::new();
    if let Some(root) = ravdess {
        let folders = ravdess_folders(root)?;
        found.extend(label(CorpusKind::Ravdess, root, &folders, &mut corpus)?);
    }
    let mut crowd = Crowd::default();
    if let Some(root) = cremad {
        let folder = cremad_folder(root)?;
        crowd = Crowd::read(&folder, root, &mut corpus.notes)?;
        found.extend(label(CorpusKind::Cremad, root, &[folder], &mut corpus)?);
    }
    let hashes = parallel::map(found.len(), 0, &mut |_, _| {}, |index| {
        found.get(index).map(|file: &Found| hash_file(&file.path))
    });
    for (file, hash) in found.into_iter().zip(hashes) {
        match hash {
            Some(Ok((size_bytes, file_hash))) => {
                corpus
                    .clips
                    .push(crowd.complete(file, size_bytes, file_hash));
            }
            Some(Err(reason)) => corpus.left_out.push(LeftOut {
                path: file.path,
                reason,
            }),
            None => {}
        }
    }
    corpus.clips.sort_by(|a, b| a.name.cmp(&b.name));
    if corpus.clips.is_empty() {
        return Err(CorpusError::NothingUsable {
            found: corpus.left_out.len(),
            first_reason: corpus
                .left_out
                .first()
                .map_or_else(String::new, |file| file.reason.clone()),
        });
    }
    note_gaps(&mut corpus, &crowd);
    Ok(corpus)
}

/// A file whose name parses.
pub(super) struct Found {
    pub(super) corpus: CorpusKind,
    pub(super) path: PathBuf,
    pub(super) name: String,
    pub(super) labels: Labels,
}

fn label(
    kind: CorpusKind,
    root: &Path,
    folders: &[PathBuf],
    corpus: &mut Corpus,
) -> Result<Vec<Found>, CorpusError> {
    let mut found: BTreeMap<String, Found> = BTreeMap::new();
    let mut left_out = Vec::new();
    for folder in folders {
        let unreadable = |source| CorpusError::Folder {
            corpus: kind,
            path: folder.clone(),
            source,
        };
        for path in sound_files(folder).map_err(unreadable)? {
            let name = path
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let reason = match labels::parse_name(kind, &name) {
                Err(rejected) => rejected.to_string(),
                Ok(labels) => match found.get(&name) {
                    Some(first) => format!("same name as {}", first.path.display()),
                    None => {
                        let file = Found {
                            corpus: kind,
                            path,
                            name: name.clone(),
                            labels,
                        };
                        found.insert(name, file);
                        continue;
                    }
                },
            };
            left_out.push(LeftOut { path, reason });
        }
    }
    if found.is_empty() {
        return Err(not_this_corpus(kind, root, &left_out));
    }
    corpus.left_out.append(&mut left_out);
    Ok(found.into_values().collect())
}

fn hash_file(path: &Path) -> Result<(u64, Digest), String> {
    let bytes = fs::read(path).map_err(|error| format!("cannot be read: {error}"))?;
    if bytes.is_empty() {
        return Err("an empty file".into());
    }
    if bytes.starts_with(LFS_POINTER) {
        return Err(
            "a Git LFS pointer, not the sound itself: run `git lfs pull` in the corpus".into(),
        );
    }
    Ok((bytes.len() as u64, Digest(Sha256::digest(&bytes).into())))
}

/// Notes what a person would want to know before training on this.
fn note_gaps(corpus: &mut Corpus, crowd: &Crowd) {
    let mut notes = Vec::new();
    for kind in CorpusKind::ALL {
        let clips = || corpus.clips.iter().filter(move |clip| clip.corpus == kind);
        if clips().next().is_none() {
            continue;
        }
        let expected = EMOTIONS
            .iter()
            .filter(|emotion| kind == CorpusKind::Ravdess || Votes::EMOTIONS.contains(emotion));
        let missing: Vec<&str> = expected
            .filter(|emotion| clips().all(|clip| clip.emotion != **emotion))
            .copied()
            .collect();
        if !missing.is_empty() {
            notes.push(format!("{kind}: no clip of {}", missing.join(", ")));
        }
        let speakers: BTreeSet<&str> = clips().map(|clip| clip.speaker.as_str()).collect();
        if speakers.len() == 1 {
            notes.push(format!(
                "{kind}: one speaker only ({}): nothing can be said about unseen speakers",
                speakers.into_iter().collect::<String>()
            ));
        }
        if kind == CorpusKind::Cremad {
            let without = clips().filter(|clip| clip.sex.is_none()).count();
            if crowd.actors.is_some() && without > 0 {
                notes.push(format!(
                    "{kind}: {} has no sex for the actors of {without} clips",
                    tables::DEMOGRAPHICS
                ));
            }
            let without = clips().filter(|clip| clip.votes.is_none()).count();
            if crowd.votes.is_some() && without > 0 {
                notes.push(format!(
                    "{kind}: {} has no voice-only votes for {without} clips",
                    tables::VOTES
                ));
            }
        }
    }
    corpus.notes.append(&mut notes);
}

//! Finds a corpus's clips in its folder and puts together what names and tables say about them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::clip::{Clip, CorpusKind, Digest, Votes};
use super::error::CorpusError;
use super::labels::{self, EMOTIONS, Labels};
use super::parallel;
use super::tables::{self, Actor};

/// File endings taken for sound; the published corpora have `.wav`.
const SOUND_ENDINGS: [&str; 9] = [
    "wav", "flac", "ogg", "oga", "mp3", "m4a", "aif", "aiff", "opus",
];
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
struct Found {
    corpus: CorpusKind,
    path: PathBuf,
    name: String,
    labels: Labels,
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

/// The folders of RAVDESS's actors: `Actor_NN` itself, those in `root`, those one level further down, or `root`
/// itself where clips lie in it directly.
fn ravdess_folders(root: &Path) -> Result<Vec<PathBuf>, CorpusError> {
    let is_actor = |path: &Path| {
        path.file_name().is_some_and(|name| {
            let name = name.to_string_lossy().to_ascii_lowercase();
            name.strip_prefix("actor_").is_some_and(|number| {
                number.len() == 2 && number.bytes().all(|b| b.is_ascii_digit())
            })
        })
    };
    let inside = list_root(CorpusKind::Ravdess, root)?;
    let actors = |paths: &[PathBuf]| -> Vec<PathBuf> {
        paths
            .iter()
            .filter(|path| is_actor(path) && path.is_dir())
            .cloned()
            .collect()
    };
    let direct = actors(&inside);
    if !direct.is_empty() {
        return Ok(direct);
    }
    let below: Vec<PathBuf> = inside
        .iter()
        .filter(|path| path.is_dir())
        .flat_map(|folder| actors(&list(folder).unwrap_or_default()))
        .collect();
    if below.is_empty() {
        Ok(vec![root.to_owned()])
    } else {
        Ok(below)
    }
}

/// The folder of CREMA-D's sound: `root/AudioWAV`, `root/*/AudioWAV`, or `root` itself.
fn cremad_folder(root: &Path) -> Result<PathBuf, CorpusError> {
    let inside = list_root(CorpusKind::Cremad, root)?;
    let direct = root.join("AudioWAV");
    if direct.is_dir() {
        return Ok(direct);
    }
    Ok(inside
        .iter()
        .map(|folder| folder.join("AudioWAV"))
        .find(|folder| folder.is_dir())
        .unwrap_or_else(|| root.to_owned()))
}

fn list_root(corpus: CorpusKind, root: &Path) -> Result<Vec<PathBuf>, CorpusError> {
    list(root).map_err(|source| CorpusError::Folder {
        corpus,
        path: root.to_owned(),
        source,
    })
}

/// What lies in a folder, sorted, without hidden files (macOS leaves `._name` beside every file it copies).
fn list(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if !entry.file_name().to_string_lossy().starts_with('.') {
            paths.push(entry.path());
        }
    }
    paths.sort();
    Ok(paths)
}

fn sound_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let is_sound = |path: &PathBuf| {
        path.extension().is_some_and(|ending| {
            let ending = ending.to_string_lossy().to_ascii_lowercase();
            SOUND_ENDINGS.contains(&ending.as_str())
        })
    };
    Ok(list(folder)?.into_iter().filter(is_sound).collect())
}

fn not_this_corpus(kind: CorpusKind, root: &Path, left_out: &[LeftOut]) -> CorpusError {
    let (looked_for, other, flag) = match kind {
        CorpusKind::Ravdess => (
            "folders Actor_01 to Actor_24 in it or one level below, with files like \
             03-01-05-01-01-01-01.wav (.flac, .ogg and others will do)",
            CorpusKind::Cremad,
            "--cremad",
        ),
        CorpusKind::Cremad => (
            "a folder AudioWAV in it or one level below, with files like 1001_DFA_ANG_XX.wav \
             (.flac, .ogg and others will do)",
            CorpusKind::Ravdess,
            "--ravdess",
        ),
    };
    let holds_other = |path: &Path| {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        labels::parse_name(other, &stem).is_ok()
    };
    let other_here = left_out.iter().any(|file| holds_other(&file.path))
        || match other {
            CorpusKind::Ravdess => ravdess_folders(root).ok(),
            CorpusKind::Cremad => cremad_folder(root).ok().map(|folder| vec![folder]),
        }
        .unwrap_or_default()
        .iter()
        .filter_map(|folder| sound_files(folder).ok())
        .any(|files| files.iter().any(|path| holds_other(path)));
    let mut found = match list(root).unwrap_or_default().as_slice() {
        [] => "an empty folder".to_owned(),
        inside => {
            let names: Vec<String> = inside
                .iter()
                .take(5)
                .filter_map(|path| path.file_name())
                .map(|name| name.to_string_lossy().into_owned())
                .collect();
            let more = if inside.len() > names.len() {
                ", …"
            } else {
                ""
            };
            format!("{} entries: {}{more}", inside.len(), names.join(", "))
        }
    };
    if let Some(first) = left_out.first() {
        found.push_str(&format!(
            "; {} sound files, but none fits ({}: {})",
            left_out.len(),
            first.path.display(),
            first.reason
        ));
    }
    if other_here {
        found.push_str(&format!(
            "; clips of {other} are here: give this folder as {flag}"
        ));
    }
    CorpusError::NotThisCorpus {
        corpus: kind,
        path: root.to_owned(),
        looked_for: looked_for.to_owned(),
        found,
    }
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

/// What CREMA-D's tables say.
#[derive(Default)]
struct Crowd {
    actors: Option<HashMap<String, Actor>>,
    votes: Option<HashMap<String, Votes>>,
}

impl Crowd {
    /// Reads the tables beside the sound's folder, or in it, or where the user pointed; notes which are absent.
    fn read(sound: &Path, root: &Path, notes: &mut Vec<String>) -> Result<Self, CorpusError> {
        let places = [sound.join(".."), sound.to_owned(), root.to_owned()];
        let mut find = |name: &str, what: &str| {
            let path = places
                .iter()
                .map(|place| place.join(name))
                .find(|path| path.is_file());
            if path.is_none() {
                notes.push(format!(
                    "CREMA-D: {name} is not beside {}: {what} unknown",
                    sound.display()
                ));
            }
            path
        };
        Ok(Self {
            actors: find(tables::DEMOGRAPHICS, "its actors' sex, age and race are")
                .map(|path| tables::read_actors(&path))
                .transpose()?,
            votes: find(tables::VOTES, "its listeners' votes are")
                .map(|path| tables::read_votes(&path))
                .transpose()?,
        })
    }

    fn votes_of(&self, name: &str) -> Option<Votes> {
        let votes = self.votes.as_ref()?;
        // `1040_ITH_SAD_X` is published with one X and tabulated with two.
        votes
            .get(name)
            .or_else(|| votes.get(&format!("{name}X")))
            .copied()
    }

    fn complete(&self, file: Found, size_bytes: u64, file_hash: Digest) -> Clip {
        let is_cremad = file.corpus == CorpusKind::Cremad;
        let actor = file
            .labels
            .speaker
            .rsplit('-')
            .next()
            .filter(|_| is_cremad)
            .and_then(|number| self.actors.as_ref()?.get(number));
        Clip {
            corpus: file.corpus,
            path: file.path,
            speaker: file.labels.speaker.clone(),
            emotion: file.labels.emotion.to_owned(),
            sex: file.labels.sex.or(actor.and_then(|actor| actor.sex)),
            age_years: actor.and_then(|actor| actor.age_years),
            race: actor.and_then(|actor| actor.race.clone()),
            ethnicity: actor.and_then(|actor| actor.ethnicity.clone()),
            intensity: file.labels.intensity,
            votes: is_cremad.then(|| self.votes_of(&file.name)).flatten(),
            name: file.name,
            size_bytes,
            file_hash,
        }
    }
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

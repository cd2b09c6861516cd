//! Corpora, sound, labels and split, put together for a run or an evaluation.

mod describe;

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use undersong_core::features::FeatureConfig;

use crate::cache::{CacheError, CacheKey, ClipStore};
use crate::corpus::{self, Clip, Corpus, CorpusError, CorpusKind, EMOTIONS};
use crate::evaluate::{Predictions, Row};
use crate::recipe::Repeat;
use crate::results::{DRAWN, Protocol};
use crate::split::{self, SpeakerFolds, Split, SplitError};

pub use describe::RunDescription;

/// Which corpora, and where their decoded sound is kept.
#[derive(Debug, Clone)]
pub struct Sources {
    /// RAVDESS's folder.
    pub ravdess: Option<PathBuf>,
    /// CREMA-D's folder.
    pub cremad: Option<PathBuf>,
    /// Folder of the cache.
    pub cache: PathBuf,
    /// Threads that decode.
    pub jobs: usize,
}

/// Clips with their sound.
#[derive(Debug)]
pub struct Workbench {
    /// The clips, defective ones left out.
    pub corpus: Corpus,
    /// Their sound, in the same order.
    pub store: ClipStore,
}

/// How clips are dealt to training, validation and test.
#[derive(Debug, Clone, PartialEq)]
pub enum SplitChoice {
    /// The paper's: 80/10/10 at random, stratified; speakers are shared.
    Paper,
    /// Folds of actors; no actor in two parts.
    Speakers {
        /// A table of folds; without one, five are drawn by the seed.
        folds: Option<PathBuf>,
        /// The fold that tests.
        fold: usize,
    },
    /// Learns from one corpus, tests on the other, on the emotions that both have.
    Cross {
        /// The corpus it learns from.
        learn: CorpusKind,
    },
    /// Nobody is tested; everything trains, save for the actors whom a recipe validates on.
    All,
}

/// Why a run cannot begin.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WorkbenchError {
    /// A corpus cannot be used.
    #[error(transparent)]
    Corpus(#[from] CorpusError),
    /// The cache cannot be used.
    #[error(transparent)]
    Cache(#[from] CacheError),
    /// The clips cannot be split so.
    #[error(transparent)]
    Split(#[from] SplitError),
}

impl Workbench {
    /// Loads the corpora, decodes what the cache does not have, and leaves defective clips out.
    ///
    /// # Errors
    /// If a folder is no corpus, or the cache cannot be written.
    pub fn open(
        sources: &Sources,
        features: &FeatureConfig,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Self, WorkbenchError> {
        let mut corpus = corpus::load(sources.ravdess.as_deref(), sources.cremad.as_deref())?;
        let key = CacheKey {
            rate_hz: features.sample_rate_hz,
            noise_reduction: features.noise_reduction,
        };
        let store = ClipStore::prepare(&sources.cache, &mut corpus, &key, sources.jobs, progress)?;
        Ok(Self { corpus, store })
    }

    /// The clips.
    pub fn clips(&self) -> &[Clip] {
        &self.corpus.clips
    }

    /// The emotions that the clips have, in the usual order.
    pub fn labels(&self) -> Vec<String> {
        EMOTIONS
            .iter()
            .filter(|emotion| self.clips().iter().any(|clip| clip.emotion == **emotion))
            .map(|emotion| (*emotion).to_owned())
            .collect()
    }

    /// The emotions that a run of this protocol tells apart: those of the clips, or those that both corpora have.
    pub fn labels_of(&self, choice: &SplitChoice) -> Vec<String> {
        let mut labels = self.labels();
        if matches!(choice, SplitChoice::Cross { .. }) {
            labels.retain(|label| {
                CorpusKind::ALL.iter().all(|&kind| {
                    self.clips()
                        .iter()
                        .any(|clip| clip.corpus == kind && clip.emotion == *label)
                })
            });
        }
        labels
    }

    /// Each clip's label, if it is among `labels`.
    pub fn classes(&self, labels: &[String]) -> Vec<Option<usize>> {
        self.clips()
            .iter()
            .map(|clip| labels.iter().position(|label| *label == clip.emotion))
            .collect()
    }

    /// What listeners heard in each clip, as shares of `labels`; `None` where nobody was asked.
    pub fn votes(&self, labels: &[String]) -> Vec<Option<Vec<f32>>> {
        self.clips()
            .iter()
            .map(|clip| {
                let votes = clip.votes.filter(|votes| votes.total() > 0)?;
                Some(labels.iter().map(|label| votes.share(label)).collect())
            })
            .collect()
    }

    /// Who speaks in each clip.
    pub fn speakers(&self) -> Vec<&str> {
        self.clips()
            .iter()
            .map(|clip| clip.speaker.as_str())
            .collect()
    }

    /// Whether each clip is its speaker's ordinary voice.
    pub fn neutral(&self) -> Vec<bool> {
        self.clips()
            .iter()
            .map(|clip| clip.emotion == "neutral")
            .collect()
    }

    /// How often each clip is seen in an epoch.
    pub fn repeats(&self, repeat: Repeat) -> Vec<u32> {
        self.clips()
            .iter()
            .map(|clip| match clip.corpus {
                CorpusKind::Ravdess => repeat.ravdess,
                CorpusKind::Cremad => repeat.cremad,
            })
            .collect()
    }

    /// Deals the clips. `validates` says whether the recipe needs validation clips.
    ///
    /// # Errors
    /// If the clips cannot be dealt so.
    pub fn split(
        &self,
        choice: &SplitChoice,
        validates: bool,
        seed: u64,
    ) -> Result<Split, WorkbenchError> {
        let clips = self.clips();
        let share = if validates { 0.1 } else { 0.0 };
        Ok(match choice {
            SplitChoice::Paper => split::random_stratified(clips, seed, [0.8, 0.1, 0.1])?,
            SplitChoice::Speakers { folds, fold } => {
                let folds = match folds {
                    Some(path) => SpeakerFolds::from_csv(path)?,
                    None => SpeakerFolds::draw(clips, 5, seed)?,
                };
                split::speakers(clips, &folds, *fold, share, seed)?
            }
            SplitChoice::Cross { learn } => {
                split::cross(clips, *learn, &self.labels_of(choice), share, seed)?
            }
            SplitChoice::All => Split::all(clips, share, seed)?,
        })
    }

    /// SHA-256 over the clips of each part.
    pub fn split_hash(&self, split: &Split) -> String {
        let mut hash = Sha256::new();
        for (name, part) in split.parts() {
            hash.update(name);
            for &clip in part {
                let clip = &self.clips()[clip];
                hash.update(&clip.name);
                hash.update(clip.file_hash.0);
            }
        }
        hash.finalize()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    /// Predictions from logits, `[clips, labels]`; clips whose emotion is not among the labels are counted and left out.
    pub fn predictions(&self, labels: &[String], clips: &[usize], logits: &[f32]) -> Predictions {
        let mut predictions = Predictions::new(labels.iter().cloned());
        for (&clip, logits) in clips.iter().zip(logits.chunks_exact(labels.len())) {
            let clip = &self.clips()[clip];
            match predictions.index_of(&clip.emotion) {
                Some(truth) => predictions.rows.push(Row {
                    name: clip.name.clone(),
                    corpus: clip.corpus.title().to_owned(),
                    speaker: clip.speaker.clone(),
                    sex: clip.sex.map(|sex| sex.to_string()),
                    age_years: clip.age_years,
                    race: clip.race.clone(),
                    ethnicity: clip.ethnicity.clone(),
                    voiced_seconds: None,
                    truth,
                    logits: logits.to_vec(),
                }),
                None => predictions.leave_out(clip.corpus.title(), &clip.emotion),
            }
        }
        predictions
    }
}

impl SplitChoice {
    /// As it stands in files of results.
    pub fn protocol(&self) -> Protocol {
        match self {
            Self::Paper => Protocol::Paper,
            Self::Speakers { folds, fold } => Protocol::Speakers {
                folds: folds.as_deref().map_or_else(|| DRAWN.to_owned(), file_name),
                fold: *fold,
            },
            Self::Cross { learn } => Protocol::Cross {
                learned_from: learn.title().to_owned(),
                tested_on: match learn {
                    CorpusKind::Ravdess => CorpusKind::Cremad,
                    CorpusKind::Cremad => CorpusKind::Ravdess,
                }
                .title()
                .to_owned(),
            },
            Self::All => Protocol::All,
        }
    }

    /// In words, as it stands in model files.
    pub fn describe(&self) -> String {
        self.protocol().describe()
    }
}

fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(
        || path.display().to_string(),
        |name| name.to_string_lossy().into_owned(),
    )
}

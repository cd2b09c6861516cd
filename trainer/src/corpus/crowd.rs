//! What CREMA-D's tables add to what a clip's name says.

use std::collections::HashMap;
use std::path::Path;

use super::clip::{Clip, CorpusKind, Digest, Votes};
use super::error::CorpusError;
use super::load::Found;
use super::tables::{self, Actor};

/// What CREMA-D's tables say.
#[derive(Default)]
pub(super) struct Crowd {
    pub(super) actors: Option<HashMap<String, Actor>>,
    pub(super) votes: Option<HashMap<String, Votes>>,
}

impl Crowd {
    /// Reads the tables beside the sound's folder, or in it, or where the user pointed; notes which are absent.
    pub(super) fn read(
        sound: &Path,
        root: &Path,
        notes: &mut Vec<String>,
    ) -> Result<Self, CorpusError> {
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

    pub(super) fn complete(&self, file: Found, size_bytes: u64, file_hash: Digest) -> Clip {
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

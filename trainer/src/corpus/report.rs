//! A corpus in words: what is there, what was left out and why.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::clip::{CorpusKind, Sex};
use super::labels::EMOTIONS;
use super::load::Corpus;

/// Files with one and the same reason are counted, not listed, from this many on.
const LISTED_PER_REASON: usize = 8;

impl Corpus {
    /// Clips, speakers and classes of each corpus, every file that was left out with its reason, and the notes.
    #[must_use]
    pub fn report(&self) -> String {
        let mut text = String::new();
        for kind in CorpusKind::ALL {
            let clips: Vec<_> = self
                .clips
                .iter()
                .filter(|clip| clip.corpus == kind)
                .collect();
            if clips.is_empty() {
                continue;
            }
            let speakers: BTreeMap<&str, Option<Sex>> = clips
                .iter()
                .map(|clip| (clip.speaker.as_str(), clip.sex))
                .collect();
            let of = |sex| speakers.values().filter(|known| **known == sex).count();
            let unknown = match of(None) {
                0 => String::new(),
                count => format!(", {count} of unknown sex"),
            };
            let classes: Vec<String> = EMOTIONS
                .iter()
                .map(|emotion| {
                    (
                        emotion,
                        clips
                            .iter()
                            .filter(|clip| clip.emotion == **emotion)
                            .count(),
                    )
                })
                .filter(|(_, count)| *count > 0)
                .map(|(emotion, count)| format!("{emotion} {count}"))
                .collect();
            let _ = writeln!(
                text,
                "{kind}: {} clips, {} speakers ({} female, {} male{unknown}): {}",
                clips.len(),
                speakers.len(),
                of(Some(Sex::Female)),
                of(Some(Sex::Male)),
                classes.join(", ")
            );
        }
        let _ = writeln!(text, "left out: {}", self.left_out.len());
        let mut told = BTreeSet::new();
        for file in &self.left_out {
            let alike = self
                .left_out
                .iter()
                .filter(|other| other.reason == file.reason)
                .count();
            if alike < LISTED_PER_REASON {
                let _ = writeln!(text, "  {}: {}", file.path.display(), file.reason);
            } else if told.insert(file.reason.as_str()) {
                let _ = writeln!(
                    text,
                    "  {alike} files such as {}: {}",
                    file.path.display(),
                    file.reason
                );
            }
        }
        for note in &self.notes {
            let _ = writeln!(text, "note: {note}");
        }
        text
    }
}

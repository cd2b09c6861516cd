//! A line with its takes compared: numbers, roles, reasons and flags, ready to be shown.

use std::collections::HashMap;
use std::path::PathBuf;

use undersong_core::timeline::{Scan, Timeline};

use super::compare::{self, Numbers};
use super::cues::Cue;
use super::flags::{self, Flag};
use super::group::{Group, Member};
use super::reasons::{Compared, Said};
use super::roles::{Candidate, Role};
use super::wanted::Wanted;

/// A line.
#[derive(Debug)]
pub(crate) struct Line {
    /// Its name.
    pub(crate) name: String,
    /// What is said, if a cue sheet says.
    pub(crate) text: Option<String>,
    /// What it is to sound like.
    pub(crate) wanted: Option<Wanted>,
    /// Its takes: closest first where something is wanted, else as they are counted.
    pub(crate) takes: Vec<Take>,
    /// What is to be said of the line as a whole.
    pub(crate) notes: Vec<String>,
}

/// A take of a line.
#[derive(Debug)]
pub(crate) struct Take {
    /// Where it stands in [`Scan::takes`].
    pub(crate) index: usize,
    /// What it is called among the line's takes.
    pub(crate) label: String,
    /// `None` without voice.
    pub(crate) numbers: Option<Numbers>,
    /// What it is among the line's takes.
    pub(crate) roles: Vec<Role>,
    /// Of these, the ones that it shares.
    pub(crate) shared: Vec<Role>,
    /// Why, or how it differs from the others, in words with the numbers behind them.
    pub(crate) said: Vec<Said>,
    /// What is wrong with its sound.
    pub(crate) flags: Vec<Flag>,
}

impl Line {
    /// What the line is to sound like, in words.
    pub(crate) fn wanted_text(&self, scan: &Scan) -> Option<String> {
        let wanted = self.wanted.as_ref()?;
        Some(wanted.text(&scan.model.emotions))
    }
}

impl Take {
    /// The take's timeline.
    pub(crate) fn timeline<'a>(&self, scan: &'a Scan) -> Option<&'a Timeline> {
        scan.takes.get(self.index)
    }

    /// All that is said of it, on one line.
    pub(crate) fn reason(&self) -> String {
        self.said
            .iter()
            .map(Said::line)
            .collect::<Vec<_>>()
            .join("; ")
    }

    /// Its roles in words, a shared one as a tie: `closest (tie)`.
    pub(crate) fn roles_text(&self) -> Vec<String> {
        let text = |role: &Role| {
            let tie = if self.shared.contains(role) {
                " (tie)"
            } else {
                ""
            };
            format!("{}{tie}", role.name())
        };
        self.roles.iter().map(text).collect()
    }
}

/// Compares the takes of each line. `scan` is left with the takes in the order of the lines and of the takes in them, and without others.
pub(crate) fn lines(groups: Vec<Group>, everywhere: Option<&Wanted>, scan: &mut Scan) -> Vec<Line> {
    let places: HashMap<PathBuf, usize> = scan
        .takes
        .iter()
        .enumerate()
        .map(|(index, take)| (take.path.clone(), index))
        .collect();
    let mut lines: Vec<Line> = groups
        .into_iter()
        .map(|group| {
            let cue = group.cue.as_ref();
            let own = cue.and_then(|cue| cue.wanted.clone());
            let wanted = own.or_else(|| {
                let intensity = cue.and_then(|cue| cue.intensity);
                everywhere.map(|it| Wanted {
                    intensity: intensity.or(it.intensity),
                    ..it.clone()
                })
            });
            let members = group
                .takes
                .iter()
                .filter_map(|member| Some((member, *places.get(&member.path)?)));
            line(
                group.name.clone(),
                cue,
                wanted.as_ref(),
                &members.collect::<Vec<_>>(),
                scan,
            )
        })
        .collect();

    let mut takes: Vec<Option<Timeline>> = std::mem::take(&mut scan.takes)
        .into_iter()
        .map(Some)
        .collect();
    for take in lines.iter_mut().flat_map(|line| &mut line.takes) {
        if let Some(timeline) = takes.get_mut(take.index).and_then(Option::take) {
            take.index = scan.takes.len();
            scan.takes.push(timeline);
        }
    }
    lines
}

fn line(
    name: String,
    cue: Option<&Cue>,
    wanted: Option<&Wanted>,
    members: &[(&Member, usize)],
    scan: &Scan,
) -> Line {
    let timelines: Vec<&Timeline> = members
        .iter()
        .filter_map(|(_, index)| scan.takes.get(*index))
        .collect();
    let span_seconds = scan.model.features.span_seconds();
    let numbers = compare::compare(&timelines, wanted, span_seconds);
    let flags = flags::of_line(&timelines, scan.model.features.sample_rate_hz);
    let candidates: Vec<Candidate> = numbers
        .iter()
        .zip(&flags)
        .zip(&timelines)
        .map(|((numbers, flags), take)| Candidate {
            numbers: *numbers,
            fits: wanted.is_none_or(|wanted| sounds_like(take) == Some(wanted.emotion)),
            clean: !flags.iter().any(|flag| flag.fault),
        })
        .collect();
    let labels: Vec<&str> = members
        .iter()
        .map(|(member, _)| member.label.as_str())
        .collect();
    let compared = Compared::new(
        &scan.model.emotions,
        wanted,
        &timelines,
        &labels,
        &candidates,
    );
    let mut takes: Vec<Take> = members
        .iter()
        .zip(flags)
        .enumerate()
        .map(|(place, ((member, index), flags))| Take {
            index: *index,
            label: member.label.clone(),
            numbers: candidates.get(place).and_then(|it| it.numbers),
            roles: compared.roles(place),
            shared: compared.shared(place),
            said: compared.reason(place),
            flags,
        })
        .collect();
    if wanted.is_some() {
        let closeness = |take: &Take| {
            take.numbers
                .and_then(|it| it.closeness)
                .map_or(-1.0, |it| it.value)
        };
        takes.sort_by(|a, b| closeness(b).total_cmp(&closeness(a)));
    }
    Line {
        name,
        text: cue.and_then(|cue| cue.text.clone()),
        wanted: wanted.cloned(),
        notes: compared.notes(),
        takes,
    }
}

fn sounds_like(take: &Timeline) -> Option<usize> {
    take.summary.reading.as_ref()?.scores.leading()
}

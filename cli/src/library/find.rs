//! `library find`: its arguments as a query, its answer to the screen and to files.

use std::path::PathBuf;

use undersong_core::model::EmotionSet;

use super::amounts::{parse_comparisons, parse_score, parse_time};
use super::found::{Entry, Found};
use super::marks::{MOST_STARS, Mark};
use super::query::{Marked, Measure, Presence, Query, Sort};
use super::settings::Settings;
use super::sql::MOST_COMPARISONS;
use super::store::Library;
use super::{playlist, table};
use crate::interrupt::write_undisturbed;
use crate::places::Places;
use crate::terminal::{Look, print, shown};
use crate::trouble::{Outcome, Trouble};

/// Rows of a table, where no limit is given: more is no table to look at.
const TABLE_ROWS: usize = 100;

/// The longest text to look for: SQLite takes patterns of 50,000 bytes, and a letter may become eight.
const MOST_TEXT_BYTES: usize = 5_000;

/// Arguments of `undersong library find`.
#[derive(Debug, clap::Args)]
#[command(after_help = NOTES)]
pub(crate) struct Args {
    /// Takes that this emotion leads; with --min, takes in which it scores so much, leading or not
    #[arg(long, value_name = "NAME", help_heading = "What is heard")]
    emotion: Option<String>,
    /// Least score, 0 to 1; without --emotion, of whichever emotion leads
    #[arg(long, value_name = "SCORE", help_heading = "What is heard")]
    min: Option<String>,
    /// Such as '>0.5', '<=-0.2' or '-0.2..0.2'; from -1 (unpleasant) to 1 (pleasant)
    #[arg(
        long,
        value_name = "IS",
        allow_hyphen_values = true,
        help_heading = "What is heard"
    )]
    valence: Vec<String>,
    /// The same; from -1 (calm) to 1 (excited)
    #[arg(
        long,
        value_name = "IS",
        allow_hyphen_values = true,
        help_heading = "What is heard"
    )]
    arousal: Vec<String>,
    /// The same; from 0 to 1
    #[arg(
        long,
        value_name = "IS",
        allow_hyphen_values = true,
        help_heading = "What is heard"
    )]
    confidence: Vec<String>,
    /// Integrated loudness in LUFS, such as '>-20'
    #[arg(
        long,
        value_name = "IS",
        allow_hyphen_values = true,
        help_heading = "How it is delivered"
    )]
    loudness: Vec<String>,
    /// Median pitch in Hz, such as '180..260'
    #[arg(
        long,
        value_name = "IS",
        allow_hyphen_values = true,
        help_heading = "How it is delivered"
    )]
    pitch: Vec<String>,
    /// Syllables per second, such as '<3.5'
    #[arg(
        long,
        value_name = "IS",
        allow_hyphen_values = true,
        help_heading = "How it is delivered"
    )]
    rate: Vec<String>,
    /// Find moments: the longest stretches throughout which all that is asked for holds, window by window
    #[arg(long, help_heading = "What is heard")]
    moments: bool,
    /// Takes, or moments, longer than this: 2s, 500ms, 1.5min, or a number of seconds
    #[arg(long, value_name = "TIME", help_heading = "What is heard")]
    longer: Option<String>,
    /// Shorter than this
    #[arg(long, value_name = "TIME", help_heading = "What is heard")]
    shorter: Option<String>,

    /// Files whose whole path fits a pattern with *, ? and sets of characters in brackets, such as '*/anna/*.wav' (* goes over folders, too); without these, that have it in their path
    #[arg(long, value_name = "PATTERN", help_heading = "Which takes")]
    path: Option<String>,
    /// Files that have this in their path or their note, in small or capital letters
    #[arg(long, value_name = "TEXT", help_heading = "Which takes")]
    text: Option<String>,
    /// Takes with a mark, stars or a note; or marked so
    #[arg(long, value_enum, value_name = "AS", num_args = 0..=1, default_missing_value = "any", help_heading = "Which takes")]
    marked: Option<MarkedAs>,
    /// Takes with so many stars or more
    #[arg(long, value_name = "1–5", help_heading = "Which takes")]
    stars: Option<u8>,
    /// Takes whose file is gone
    #[arg(long, conflicts_with = "all", help_heading = "Which takes")]
    missing: bool,
    /// Takes whose file is there or gone
    #[arg(long, help_heading = "Which takes")]
    all: bool,
    /// As heard by this model: its id or name, as `stats` tells them [default: the one last used]
    #[arg(long, value_name = "MODEL", help_heading = "Which takes")]
    model: Option<String>,

    /// Order
    #[arg(long, value_enum, value_name = "BY", default_value_t = Sort::Confidence, help_heading = "Answer")]
    sort: Sort,
    /// The other way round
    #[arg(long, help_heading = "Answer")]
    reverse: bool,
    /// At most so many; 0 is all [default: 100 in the table, all in files]
    #[arg(long, value_name = "N", help_heading = "Answer")]
    limit: Option<usize>,
    /// For other programs; `-` is standard output, which then carries nothing else
    #[arg(long, value_name = "FILE|-", help_heading = "Answer")]
    json: Option<PathBuf>,
    /// For spreadsheets, R and pandas
    #[arg(long, value_name = "FILE|-", help_heading = "Answer")]
    csv: Option<PathBuf>,
    /// A playlist, for any player; of moments, VLC plays just these
    #[arg(long, value_name = "FILE|-", help_heading = "Answer")]
    m3u: Option<PathBuf>,
    /// No table
    #[arg(long, short, help_heading = "Answer")]
    quiet: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum MarkedAs {
    /// In some way
    Any,
    /// The ones to use
    Chosen,
    /// Those not to be used
    Rejected,
    /// All but the rejected
    NotRejected,
}

const NOTES: &str = "\
Examples:
  undersong library find --emotion angry --min 0.7 --arousal '>0.5' --longer 2s --sort confidence
  undersong library find --moments --emotion sad --min 0.6 --longer 3s --m3u sad.m3u8
  undersong library find --path '*/day 3/*' --marked chosen --json - | jq '.found[].path'

Scores, valence and arousal of a take are its means over the voice in it. A moment is a stretch in which every window holds what is asked for,
so `--moments --emotion angry --min 0.7 --longer 2s` is anger of 0.7 or more for over two seconds without a break, in takes of any length.
Exit status: 0, also where nothing is found; 1 if a file could not be written; 2 for wrong use.";

/// A way to write an answer.
#[derive(Debug, Clone, Copy)]
enum Form {
    Json,
    Csv,
    M3u,
}

/// Runs the command.
pub(crate) fn run(library: &Library, args: &Args) -> Result<Outcome, Trouble> {
    let settings = choose(library, args.model.as_deref())?;
    let mut query = args.query(&settings.emotions)?;
    let forms = [
        (Form::Json, "--json", &args.json),
        (Form::Csv, "--csv", &args.csv),
        (Form::M3u, "--m3u", &args.m3u),
    ];
    let asked: Vec<_> = forms
        .iter()
        .filter_map(|(form, option, path)| Some((*form, *option, path.as_ref()?)))
        .collect();
    let (to_stdout, files): (Vec<_>, Vec<_>) = asked
        .into_iter()
        .partition(|(_, _, path)| path.as_os_str() == "-");
    if let [_, (_, option, _), ..] = to_stdout.as_slice() {
        return Err(Trouble::Misused(format!(
            "{option} -: standard output carries one answer only; give the other a file name"
        )));
    }
    let table = to_stdout.is_empty() && !args.quiet;
    // One more than the table shows tells whether there are more.
    let only_table = table && files.is_empty() && args.limit.is_none();
    if only_table {
        query.limit = Some(TABLE_ROWS + 1);
    }

    let entries: Vec<Entry> = if args.moments {
        let moments = library.moments(&settings, &query)?;
        moments.into_iter().map(Entry::Moment).collect()
    } else {
        let records = library.records(&settings, &query)?;
        records.into_iter().map(Entry::Take).collect()
    };
    let found = Found {
        library: library.path(),
        settings: &settings,
        moments: args.moments,
        entries,
    };

    if !files.is_empty() {
        let sounds: Vec<PathBuf> = found.paths().collect();
        let mut places = Places::with_library(&sounds, Some(library.path()));
        for (_, option, path) in &files {
            places.claim(option, path)?;
        }
    }
    let mut unwritten = Vec::new();
    for (form, _, path) in files {
        let written = write_undisturbed(path, |out| form.write(&found, out));
        unwritten.extend(written.err().map(|error| error.to_string()));
    }
    let printed = if let [(form, _, _)] = to_stdout.as_slice() {
        print(|out| form.write(&found, out))
    } else if table {
        let rows = if args.limit.is_some() {
            usize::MAX
        } else {
            TABLE_ROWS
        };
        print(|out| table::write(&found, rows, Look::of_stdout(), out))
    } else {
        Ok(())
    };
    Outcome::told(&[], &unwritten, printed)
}

impl Form {
    fn write(self, found: &Found<'_>, out: &mut dyn std::io::Write) -> std::io::Result<()> {
        match self {
            Self::Json => found.write_json(out),
            Self::Csv => found.write_csv(out),
            Self::M3u => playlist::write(found, out),
        }
    }
}

/// The settings that a question is about: the last used, or the last used of a model.
pub(super) fn choose(library: &Library, model: Option<&str>) -> Result<Settings, Trouble> {
    let known = library.settings()?;
    let Some(asked) = model else {
        return match known.into_iter().next() {
            Some(settings) => Ok(settings),
            None => Err(Trouble::Misused(format!(
                "library {}: {}",
                shown(library.path()),
                if library.holds_sounds()? {
                    "none of its takes is analysed any more; `undersong library update` listens to them again"
                } else {
                    "there are no takes in it yet; add some with `undersong library add FOLDER`"
                }
            ))),
        };
    };
    let names: Vec<String> = known
        .iter()
        .map(|settings| format!("{} ({})", settings.model_name, settings.model_id))
        .collect();
    known
        .into_iter()
        .find(|settings| settings.model_id == asked || settings.model_name == asked)
        .ok_or_else(|| {
            Trouble::Misused(format!(
                "--model {asked}: no take was analysed with it; expected one of {}",
                if names.is_empty() {
                    "none: nothing in it is analysed".to_owned()
                } else {
                    names.join(", ")
                }
            ))
        })
}

impl Args {
    fn query(&self, emotions: &EmotionSet) -> Result<Query, Trouble> {
        let mut measures = Vec::new();
        let comparisons = [
            (Measure::Valence, "--valence", &self.valence),
            (Measure::Arousal, "--arousal", &self.arousal),
            (Measure::Confidence, "--confidence", &self.confidence),
            (Measure::Loudness, "--loudness", &self.loudness),
            (Measure::Pitch, "--pitch", &self.pitch),
            (Measure::Rate, "--rate", &self.rate),
        ];
        for (measure, option, texts) in comparisons {
            for text in texts {
                let parsed = parse_comparisons(text).ok_or_else(|| {
                    Trouble::Misused(format!(
                        "{option} {text}: expected a comparison such as '>0.5' or '<=-0.2' (in quotes), or a range such as -0.2..0.2"
                    ))
                })?;
                measures.extend(parsed.into_iter().map(|comparison| (measure, comparison)));
            }
        }
        if measures.len() > MOST_COMPARISONS {
            return Err(Trouble::Misused(format!(
                "{} comparisons; expected at most {MOST_COMPARISONS}",
                measures.len()
            )));
        }
        let emotion = self.emotion.as_deref().map(|word| {
            let meant = emotions.meant_by(word).and_then(|it| emotions.get(it));
            meant.map(|emotion| emotion.name.clone()).ok_or_else(|| {
                Trouble::Misused(format!(
                    "--emotion {word}: the model that listened has no such emotion; it has {}",
                    emotions.names().collect::<Vec<_>>().join(", ")
                ))
            })
        });
        let emotion = emotion.transpose()?;
        for (option, text) in [("--text", &self.text), ("--path", &self.path)] {
            if text
                .as_ref()
                .is_some_and(|text| text.len() > MOST_TEXT_BYTES)
            {
                return Err(Trouble::Misused(format!(
                    "{option}: expected at most {MOST_TEXT_BYTES} bytes, which no path or note is longer than"
                )));
            }
        }
        if let Some(stars) = self.stars.filter(|stars| !(1..=MOST_STARS).contains(stars)) {
            return Err(Trouble::Misused(format!(
                "--stars {stars}: expected 1 to {MOST_STARS}"
            )));
        }
        Ok(Query {
            emotion,
            min: self.min.as_deref().map(parse_score).transpose()?,
            measures,
            longer_seconds: self
                .longer
                .as_deref()
                .map(|text| parse_time("--longer", text))
                .transpose()?,
            shorter_seconds: self
                .shorter
                .as_deref()
                .map(|text| parse_time("--shorter", text))
                .transpose()?,
            path: self.path.clone(),
            text: self.text.clone(),
            marked: self.marked.map(|marked| match marked {
                MarkedAs::Any => Marked::Somehow,
                MarkedAs::Chosen => Marked::As(Mark::Chosen),
                MarkedAs::Rejected => Marked::As(Mark::Rejected),
                MarkedAs::NotRejected => Marked::NotRejected,
            }),
            stars: self.stars,
            presence: match (self.missing, self.all) {
                (true, _) => Presence::Missing,
                (_, true) => Presence::Either,
                _ => Presence::There,
            },
            sort: self.sort,
            reverse: self.reverse,
            limit: self.limit.filter(|&limit| limit > 0),
        })
    }
}

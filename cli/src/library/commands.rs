//! The arguments of `undersong library`, and what each of its commands does with them.

use std::path::{Path, PathBuf};

use super::bring::Brought;
use super::error::LibraryError;
use super::marks::{Mark, Opinion};
use super::place::place;
use super::settings::Settings;
use super::store::{Access, Library};
use super::update::Means;
use super::{export, files, find, forget, stats, update};
use crate::analysis;
use crate::scan::progress::Bar;
use crate::terminal::{complain, print, remark, shown};
use crate::trouble::{Outcome, Trouble};

/// Arguments of `undersong library`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES, arg_required_else_help = true)]
pub(crate) struct Args {
    /// The library's file [default: library.db in Undersong's folder among your data, such as ~/.local/share/undersong]
    #[arg(long, global = true, value_name = "FILE")]
    library: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Take folders or files into the library, and analyse what is in them; a folder is looked through again by every update
    Add(Box<AddArgs>),
    /// Look again at all that the library knows: analyse what is new or changed, recognise what moved, remember what is gone
    Update(Box<UpdateArgs>),
    /// Find takes, or moments in them, by how they feel
    Find(Box<find::Args>),
    /// Choose or reject takes, give them stars or a note
    Mark(MarkArgs),
    /// What is in the library
    Stats(stats::Args),
    /// Write all takes and their windows for other programs: Parquet, CSV or JSON
    Export(export::Args),
    /// Take something out of the library for good; no sound file is touched
    Forget(forget::Args),
}

/// Arguments of `undersong library add`.
#[derive(Debug, clap::Args)]
struct AddArgs {
    /// Folders (with all below them), sound files, or patterns such as 'takes/*.wav'
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Say nothing but what went wrong
    #[arg(long, short)]
    quiet: bool,
    #[command(flatten)]
    delivery: analysis::Delivery,
    #[command(flatten)]
    analysis: analysis::Args,
}

/// Arguments of `undersong library update`.
#[derive(Debug, clap::Args)]
struct UpdateArgs {
    /// Only what lies here [default: everything]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Say nothing but what went wrong
    #[arg(long, short)]
    quiet: bool,
    #[command(flatten)]
    delivery: analysis::Delivery,
    #[command(flatten)]
    analysis: analysis::Args,
}

/// Arguments of `undersong library mark`.
#[derive(Debug, clap::Args)]
struct MarkArgs {
    /// Takes, by their files
    #[arg(required = true, value_name = "FILE")]
    paths: Vec<PathBuf>,
    /// A choice
    #[arg(long = "as", value_enum, value_name = "MARK")]
    mark: Option<Choice>,
    /// 0 takes them away
    #[arg(long, value_name = "0–5")]
    stars: Option<u8>,
    /// A note; an empty one takes it away
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Choice {
    /// The one to use
    Chosen,
    /// Not to be used
    Rejected,
    /// Take the mark away
    None,
}

const EXAMPLES: &str = "\
Examples:
  undersong library add /drives/reads                     once; takes as long as a scan
  undersong library update                                then, whenever something changed
  undersong library find --emotion angry --min 0.7 --arousal '>0.5' --limit 20
  undersong library find --moments --emotion happy --min 0.6 --longer 2s --m3u happy.m3u8
  undersong library mark /drives/reads/a_03.wav --as chosen --stars 4 --note 'the laugh'
  undersong library find --marked chosen --csv chosen.csv
  undersong library export takes.parquet --windows windows.parquet
  undersong library forget --missing

What is found again by the sound in it: a take may move, be copied or have its tags edited, and keeps its scores, marks and notes.";

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<Outcome, Trouble> {
    let path = place(args.library.as_deref())?;
    let open = |access| match &args.library {
        Some(_) => Library::open(&path, access),
        None => Library::open_own(&path, access),
    };
    match &args.command {
        Command::Add(add) => bring_in(
            &open,
            Access::Create,
            &add.analysis,
            &add.delivery,
            add.quiet,
            |library, means| update::add(library, &add.paths, means),
        ),
        Command::Update(update) => bring_in(
            &open,
            Access::Write,
            &update.analysis,
            &update.delivery,
            update.quiet,
            |library, means| update::update(library, &update.paths, means),
        ),
        Command::Find(find) => find::run(&open(Access::Read)?, find),
        Command::Mark(mark) => set_marks(&mut open(Access::Write)?, mark),
        Command::Stats(stats) => stats::run(&open(Access::Read)?, stats),
        Command::Export(export) => export::run(&open(Access::Read)?, export),
        Command::Forget(forget) => forget::run(&mut open(Access::Write)?, forget),
    }
}

/// Opens what is needed to bring takes in, does it, and says what was done.
fn bring_in(
    open: &dyn Fn(Access) -> Result<Library, LibraryError>,
    access: Access,
    analysis: &analysis::Args,
    delivery: &analysis::Delivery,
    quiet: bool,
    work: impl FnOnce(&mut Library, &Means<'_>) -> Result<Brought, Trouble>,
) -> Result<Outcome, Trouble> {
    // What is wrong with the arguments or the library is said before anything is read.
    let settings = settings_of(analysis)?;
    delivery.target()?;
    let mut library = open(access)?;
    say_other_settings(&library, &settings)?;
    let bar = std::sync::OnceLock::new();
    let done = work(
        &mut library,
        &Means {
            settings: &settings,
            delivery: delivery.wanted(),
            jobs: analysis.jobs(),
            open: &|| analysis.open(Some(delivery)),
            begin: &|paths| {
                bar.get_or_init(|| Bar::of_takes(paths.len(), quiet));
            },
            tell: &|event| {
                if let Some(bar) = bar.get() {
                    bar.update(event);
                }
            },
        },
    );
    if let Some(bar) = bar.get() {
        bar.finish();
    }
    let done = done?;
    if !quiet {
        let line = in_words(&done);
        print(|out| writeln!(out, "{}: {line}", shown(library.path())))?;
    }
    for failure in &done.failed {
        complain(&failure.error);
    }
    Ok(if done.failed.is_empty() {
        Outcome::Complete
    } else {
        Outcome::Incomplete
    })
}

/// The model asked for, and how.
fn settings_of(analysis: &analysis::Args) -> Result<Settings, Trouble> {
    let hearing = analysis.hearing();
    let hop = hearing.hop()?;
    let model = hearing.open_model()?;
    let priors = hearing.priors(&model)?;
    Ok(Settings::of(&model, hop, priors.as_ref()))
}

/// Says so if all takes will be analysed anew, since they were analysed in another way: that takes long, and may be a slip.
fn say_other_settings(library: &Library, settings: &Settings) -> Result<(), Trouble> {
    let known = library.settings()?;
    if let Some(last) = known.first()
        && library.look_up_settings(settings)?.id.is_none()
    {
        remark(&format!(
            "The takes were analysed with {} so far; they are analysed anew with {}. Both are kept; `find` searches the last one used.",
            last.in_words(),
            settings.in_words()
        ));
    }
    Ok(())
}

/// What was done, on a line.
fn in_words(done: &Brought) -> String {
    let parts = [
        (done.new, "new"),
        (done.moved, "moved"),
        (done.replaced, "replaced"),
        (done.back, "back again"),
        (done.missing, "missing"),
        (done.by_others, "brought in by another program meanwhile"),
        (done.failed.len(), "not read"),
        (done.unchanged, "unchanged"),
    ];
    let mut words: Vec<String> = parts
        .into_iter()
        .filter(|&(count, _)| count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    if words.is_empty() {
        words.push("no takes".to_owned());
    }
    format!("{}; {} analysed", words.join(", "), done.analysed)
}

fn set_marks(library: &mut Library, args: &MarkArgs) -> Result<Outcome, Trouble> {
    let opinion = Opinion {
        mark: args.mark.map(|choice| match choice {
            Choice::Chosen => Some(Mark::Chosen),
            Choice::Rejected => Some(Mark::Rejected),
            Choice::None => None,
        }),
        stars: args.stars,
        note: args.note.clone(),
    };
    if opinion == Opinion::default() {
        return Err(Trouble::Misused(
            "nothing to mark with; give --as, --stars or --note".to_owned(),
        ));
    }
    if let Some(problem) = opinion.problem() {
        return Err(Trouble::Misused(problem));
    }
    let mut outcome = Outcome::Complete;
    for path in &args.paths {
        let stored = files::stored_path(path);
        if library.was_changed(&stored)? {
            complain(&format!(
                "{}: it was changed since the library read it; run `undersong library update` first, so that the mark goes to what is there now",
                shown(path)
            ));
            outcome = Outcome::Incomplete;
            continue;
        }
        if let Some(error) = library.error_of(&stored)? {
            complain(&format!("there is no sound to mark: {error}"));
            outcome = Outcome::Incomplete;
            continue;
        }
        let marked = match library.sound_of(&stored)? {
            Some(hash) => library.mark(&hash, &opinion)?,
            None => false,
        };
        if !marked {
            complain(&unknown_file(path));
            outcome = Outcome::Incomplete;
        }
    }
    Ok(outcome)
}

/// A file that the library doesn't know.
pub(super) fn unknown_file(path: &Path) -> String {
    format!(
        "{}: the library doesn't know this file; check the name, or add it with `undersong library add`",
        shown(path)
    )
}

//! `undersong desk`: a page on this machine over a folder or a library, on which takes are heard, compared, marked and exported as they come.
//!
//! ```text
//! folder ─ Watch ─▶ Queue ─▶ work: read, gather the waveform, scan ─▶ Keeper (the library), Waves (a cache beside it)
//!                                        │
//! page ◀─ News (server-sent events) ◀─ Shelf: the takes, by number ◀──┘
//!      ── pages: list, windows, peaks, sound in parts, marks, exports ──▶
//! ```
//!
//! The page is in the program and asks nothing of the network. Only this machine is answered; what changes something needs the key that the page was given.

mod board;
mod disk;
mod export;
mod figures;
mod follow;
mod keeper;
mod news;
mod pages;
mod peaks;
mod pictures;
mod queue;
mod range;
mod shelf;
mod sound;
mod state;
mod watch;
mod waves;
mod whole;
mod work;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use undersong_core::scan::Scanner;

use crate::analysis;
use crate::library::{Access, Library, Settings, place};
use crate::terminal::{complain, print, shown};
use crate::trouble::{Outcome, Trouble};
use crate::web;
use state::{Desk, Opened};
use watch::Watch;

/// Port unless another is asked for.
const PORT: u16 = 7078;

/// Threads for what waits for the disk and the library.
const WAITING_THREADS: usize = 8;

/// How long the work behind the page has to end.
const ENDING: Duration = Duration::from_secs(3);

/// Arguments of `undersong desk`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The folder whose takes, with all below it, are on the desk; it is watched [default: what the library holds]
    #[arg(value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// Library in which takes, marks and notes are kept [default: your own, as of `undersong library`]
    #[arg(long, value_name = "FILE")]
    library: Option<PathBuf>,
    /// Port of the page on this machine; 0 is a free one
    #[arg(long, value_name = "PORT", default_value_t = PORT)]
    port: u16,
    /// Look through the folder so often, for disks that tell of no changes [default: the system tells, or where it cannot, twice a second]
    #[arg(long, value_name = "SECONDS")]
    poll: Option<String>,
    #[command(flatten)]
    delivery: analysis::Delivery,
    #[command(flatten)]
    analysis: analysis::Args,
}

const EXAMPLES: &str = "\
Examples:
  undersong desk takes/                        the takes of a folder, and those that are recorded into it
  undersong desk                               all that your library holds
  undersong desk --library drive.db            all that another library holds
  undersong desk takes/ --library session.db   marks and notes go into this one

The page is at http://127.0.0.1:7078/, for this machine only. Everything on it goes by keyboard: press ? there. Links in the folder are not followed.
Marks, stars and notes are kept in the library and are the sound's, wherever its file is moved. Ctrl-C ends the desk.

docs/desk.md in the source tells more.";

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<Outcome, Trouble> {
    let poll = args.poll.as_deref().map(interval).transpose()?;
    let folder = args.folder.as_deref().map(opened_folder).transpose()?;
    let address = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), args.port);
    let asked = format!("--port {}", args.port);
    let (runtime, listener) = web::start(&asked, address, None, WAITING_THREADS)?;
    let hearing = args.analysis.hearing();
    let model = hearing.open_model()?;
    let priors = hearing.priors(&model)?;
    let asked = Settings::of(&model, hearing.hop()?, priors.as_ref());
    let (library, trouble) = open_library(args.library.as_deref(), folder.is_some())?;
    let settings = match folder {
        Some(_) => asked,
        // A library is shown as it was analysed last, unless it holds what is asked for.
        None => settings_of(&library, asked)?,
    };

    let opened = match &folder {
        Some(folder) => Opened::Folder(folder.clone()),
        None => Opened::Library,
    };
    let desk = Arc::new(Desk::new(
        opened,
        library,
        settings,
        model,
        args.delivery.wanted(),
        web::end_in_order(&runtime),
    )?);
    desk.set_trouble(board::Trouble::Library, trouble);
    if folder.is_none() {
        desk.tell_of_others()?;
    }
    let work = match folder {
        Some(folder) => start(&desk, folder, poll, args)?,
        None => start_reading(&desk)?,
    };
    let served = runtime.block_on(async {
        let at = listener.local_addr().map_err(Trouble::failed)?;
        // Programs that start this one wait for the line, and read the port in it.
        print(|out| writeln!(out, "the desk is at http://{at}/"))?;
        let app = pages::router(Arc::clone(&desk));
        tokio::select! {
            served = axum::serve(listener, app) => served.map_err(Trouble::failed),
            () = web::ended(desk.until_end()) => Ok(()),
        }
    });
    // What is being stored is stored; a scan is given up. Who reads a long file does not hear of it before its end, and loses nothing.
    desk.end();
    let asked = Instant::now();
    while asked.elapsed() < ENDING && !work.iter().all(JoinHandle::is_finished) {
        std::thread::sleep(Duration::from_millis(10));
    }
    runtime.shutdown_background();
    served?;
    Ok(Outcome::Complete)
}

/// The folder's real path.
fn opened_folder(folder: &Path) -> Result<PathBuf, Trouble> {
    let refuse = |reason: &str| Trouble::Misused(format!("{}: {reason}", shown(folder)));
    if folder.is_file() {
        return Err(refuse("this is a file; name the folder that it lies in"));
    }
    let real = folder.canonicalize().map_err(|error| {
        refuse(&format!(
            "the folder cannot be opened ({error}); check the name and its permissions"
        ))
    })?;
    real.read_dir().map_err(|error| {
        refuse(&format!(
            "the folder cannot be read ({error}); change its permissions"
        ))
    })?;
    Ok(real)
}

fn interval(text: &str) -> Result<Duration, Trouble> {
    text.parse::<f64>()
        .ok()
        .filter(|seconds| (0.05..=3_600.0).contains(seconds))
        .map(Duration::from_secs_f64)
        .ok_or_else(|| {
            Trouble::Misused(format!("--poll {text}: expected seconds from 0.05 to 3600"))
        })
}

/// The library, and what is to be said of it. One that cannot be written is opened all the same, since takes can be heard and compared without.
fn open_library(asked: Option<&Path>, create: bool) -> Result<(Library, Option<String>), Trouble> {
    let path = place(asked)?;
    let access = if create {
        Access::Create
    } else {
        Access::Write
    };
    let opened = match asked {
        Some(_) => Library::open(&path, access),
        None => Library::open_own(&path, access),
    };
    match opened {
        Ok(library) => Ok((library, None)),
        Err(error) if error.is_read_only() => {
            let library = Library::open(&path, Access::Read)?;
            let remark = format!(
                "library {}: it is read-only: takes can be heard and compared, but marks and notes are not kept",
                shown(&path)
            );
            complain(&remark);
            Ok((library, Some(remark)))
        }
        Err(error) => Err(error.into()),
    }
}

/// The settings asked for if the library holds takes analysed so, else those that it was used with last.
fn settings_of(library: &Library, asked: Settings) -> Result<Settings, Trouble> {
    let known = library.settings()?;
    if known.is_empty() {
        return Err(Trouble::Misused(format!(
            "library {}: there are no takes in it; add some with `undersong library add FOLDER`, or open a folder with `undersong desk FOLDER`",
            shown(library.path())
        )));
    }
    let same = known.iter().position(|known| known.is(&asked));
    Ok(known.into_iter().nth(same.unwrap_or(0)).unwrap_or(asked))
}

type Threads = Vec<JoinHandle<()>>;

fn thread(name: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, Trouble> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(work)
        .map_err(Trouble::thread)
}

/// Starts what is done behind the page over a folder.
fn start(
    desk: &Arc<Desk>,
    folder: PathBuf,
    poll: Option<Duration>,
    args: &Args,
) -> Result<Threads, Trouble> {
    let (again, handed_again) = channel();
    let mut threads = Vec::new();
    // The engine takes a moment to open, which a page over known takes need not wait for; a wrong choice of it is said at once all the same.
    let scanner: Scanner = args.analysis.open(Some(&args.delivery))?;
    desk.set_scanner(scanner);
    for (name, arrivals_only) in [("scan", false), ("scan arrivals", true)] {
        let (desk, again) = (Arc::clone(desk), again.clone());
        threads.push(thread(name, move || {
            work::scan(&desk, arrivals_only, &again)
        })?);
    }
    let watched = Arc::clone(desk);
    threads.push(thread("watch", move || {
        let told = Arc::clone(&watched);
        let watch = Watch::new(folder, poll, handed_again, |it| work::note(&told, it));
        watch.run(&|| watched.ending());
    })?);
    threads.extend(start_always(desk)?);
    Ok(threads)
}

/// Starts what is done behind the page over a library.
fn start_reading(desk: &Arc<Desk>) -> Result<Threads, Trouble> {
    let looking = Arc::clone(desk);
    let mut threads = vec![thread("look", move || looking.look_for_files())?];
    threads.extend(start_always(desk)?);
    Ok(threads)
}

/// Starts what is done behind the page over either.
fn start_always(desk: &Arc<Desk>) -> Result<Threads, Trouble> {
    let (gathering, following) = (Arc::clone(desk), Arc::clone(desk));
    Ok(vec![
        thread("waveforms", move || work::gather_wanted(&gathering))?,
        thread("library", move || follow::follow(&following))?,
    ])
}

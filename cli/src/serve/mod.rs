//! `undersong serve`: streams over WebSockets, any number of clients with one model, and a page with a live meter.
//!
//! ```text
//! client ─ Door (a connection) ─ rules (host, origin, token) ─ client::attend ─┬─ listen: binary messages ─▶ StreamSession ═ worker threads
//!                                                                             └─ tell: events ◀─ Outbox (bounded) ◀───────────┘
//! ```
//!
//! The analysis runs on a few threads for all clients, which take turns; nothing here waits for it. Sound may come faster than real time, as that of a file
//! does: it is left in the client's socket and taken as the threads have room, so none of it is lost and no live client waits. `docs/serve.md` is the protocol.

mod client;
mod codes;
mod door;
mod fast_lane;
mod first;
mod limits;
mod listen;
mod metrics;
mod outbox;
mod pages;

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{Semaphore, watch};
use undersong_core::live::{LiveModel, WorkerPool};

use crate::analysis;
use crate::terminal::print;
use crate::trouble::{Outcome, Trouble};
use crate::web::{self, Rules, ended};
use door::{Door, Visitor};
use first::Usual;
use limits::Limits;
use metrics::Metrics;

/// Port unless another is asked for.
const PORT: u16 = 7077;

/// Threads for what waits: opening streams and ending them.
const WAITING_THREADS: usize = 4;

/// What the system keeps of what a client has not read, in bytes: some hundred events. With so little there, what to leave out is the outbox's choice.
const SEND_BYTES: u32 = 65_536;

/// How long clients have to be told that the server ends.
const ENDING: Duration = Duration::from_secs(5);

/// Arguments of `undersong serve`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Where to listen; a port alone is one of this machine, port 0 a free one
    #[arg(
        long,
        value_name = "ADDRESS:PORT",
        default_value = "127.0.0.1:7077",
        help_heading = "Access"
    )]
    listen: String,
    /// What clients must show, as `Authorization: Bearer …` or `?token=…`, 16 characters at least; needed if others can reach the address [default: what UNDERSONG_TOKEN holds]
    #[arg(long, value_name = "TOKEN", help_heading = "Access")]
    token: Option<String>,
    /// Let pages of this origin use the server, such as `https://voice.example`; can be given several times
    #[arg(long, value_name = "ORIGIN", help_heading = "Access")]
    allow_origin: Vec<String>,
    #[command(flatten)]
    limits: limits::Args,

    #[command(flatten)]
    analysis: analysis::Live,
    /// Threads that analyse, for all clients together [default: one per processor, 4 at most]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256), help_heading = "Engine")]
    threads: Option<u16>,
}

const EXAMPLES: &str = "\
Examples:
  undersong serve                                   a meter for your microphone at http://127.0.0.1:7077/
  undersong serve --listen 8080 --clients 24
  UNDERSONG_TOKEN=$(openssl rand -hex 16) undersong serve --listen 0.0.0.0:7077

A client opens the WebSocket /stream and sends one text message, {\"type\": \"start\", \"rate_hz\": 16000}, then sound in binary messages; it gets the events of
`undersong stream`, a text message each. {\"type\": \"end\"} ends the sound. --hop, --priors and --smoothing hold for clients that do not say otherwise.
/health and /metrics tell how the server is. Sound is never written down. Ctrl-C ends it in order, a second one at once.

docs/serve.md in the source is the protocol, with every code, limit and number.";

/// What all clients share.
struct Server {
    live: Arc<LiveModel>,
    pool: WorkerPool,
    usual: Usual,
    limits: Limits,
    rules: Rules,
    metrics: Metrics,
    /// One for each piece of sound that is analysed faster than real time.
    fast_lanes: Arc<Semaphore>,
    /// One for each client that may be served.
    places: Arc<Semaphore>,
    started: Instant,
    /// Turns true when the server ends.
    ending: watch::Receiver<bool>,
    /// Sockets that are open.
    sockets: watch::Sender<usize>,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<Outcome, Trouble> {
    let address = web::address(&args.listen, PORT)?;
    let token = match &args.token {
        Some(token) => Some(token.clone()),
        None => std::env::var("UNDERSONG_TOKEN")
            .ok()
            .filter(|token| !token.is_empty()),
    };
    let rules = Rules::new(address.ip(), token, &args.allow_origin)?;
    let limits = args.limits.limits()?;
    let smoothing_seconds = args.analysis.smoothing_seconds()?;
    let hop = args.analysis.hop()?;
    let shortest = limits.shortest_hop.seconds();
    if hop.seconds() < shortest {
        return Err(Trouble::Misused(format!(
            "--hop {}: --shortest-hop is {shortest}; lengthen the one or shorten the other",
            hop.seconds()
        )));
    }
    let asked = format!("--listen {}", args.listen);
    let (runtime, listener) = web::start(&asked, address, Some(SEND_BYTES), WAITING_THREADS)?;
    let (live, priors) = args.analysis.open()?;
    let pool = match args.threads.and_then(|n| NonZeroUsize::new(n.into())) {
        Some(threads) => WorkerPool::new(threads),
        None => WorkerPool::shared(),
    }
    .map_err(Trouble::failed)?;

    let server = Arc::new(Server {
        metrics: Metrics::new(&live),
        live,
        usual: Usual {
            hop,
            smoothing_seconds,
            priors,
        },
        fast_lanes: Arc::new(Semaphore::new(pool.threads())),
        places: Arc::new(Semaphore::new(limits.clients)),
        pool,
        limits,
        rules,
        started: Instant::now(),
        ending: web::end_in_order(&runtime),
        sockets: watch::Sender::new(0),
    });
    runtime.block_on(async move {
        let at = listener.local_addr().map_err(Trouble::failed)?;
        // Programs that start this one wait for the line, and read the port in it.
        print(|out| writeln!(out, "listening on http://{at}/"))?;
        let door = Door::new(listener, &server);
        let app =
            pages::router(Arc::clone(&server)).into_make_service_with_connect_info::<Visitor>();
        tokio::select! {
            served = axum::serve(door, app) => served.map_err(Trouble::failed)?,
            () = ended(server.ending.clone()) => {}
        }
        // Each client is told, and has a while to hear it.
        let mut sockets = server.sockets.subscribe();
        let _ = tokio::time::timeout(ENDING, sockets.wait_for(|&sockets| sockets == 0)).await;
        Ok::<(), Trouble>(())
    })?;
    runtime.shutdown_background();
    Ok(Outcome::Complete)
}

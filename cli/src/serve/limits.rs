//! `Limits`: how much a client may ask of the server. Each is an option.

use std::time::Duration;

use undersong_core::analyzer::Hop;

use crate::trouble::Trouble;

/// Longest time that can be set, in seconds.
const LONGEST_SECONDS: f64 = 86_400.0;

/// Arguments for limits.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Clients at most; a further one is refused
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=4096), help_heading = "Limits")]
    clients: u16,
    /// Connections at most that have not begun a stream yet; a further one costs the oldest its place
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=4096), help_heading = "Limits")]
    waiting: u16,
    /// Longest message
    #[arg(long, value_name = "BYTES", default_value_t = 262_144, value_parser = clap::value_parser!(u32).range(1_024..=16_777_216), help_heading = "Limits")]
    message_bytes: u32,
    /// Time from the connection to the first message
    #[arg(
        long,
        value_name = "SECONDS",
        default_value = "10",
        allow_negative_numbers = true,
        help_heading = "Limits"
    )]
    first_message: String,
    /// Time without sound until a client is sent away
    #[arg(
        long,
        value_name = "SECONDS",
        default_value = "60",
        allow_negative_numbers = true,
        help_heading = "Limits"
    )]
    idle: String,
    /// Shortest distance from one update to the next that a client may ask for
    #[arg(
        long,
        value_name = "SECONDS",
        default_value = "0.1",
        allow_negative_numbers = true,
        help_heading = "Limits"
    )]
    shortest_hop: String,
    /// Updates that wait for a slow reader; older ones are left out and counted. Of other events four times as many: then the client is sent away
    #[arg(long, value_name = "N", default_value_t = 256, value_parser = clap::value_parser!(u32).range(1..=65_536), help_heading = "Limits")]
    backlog: u32,
}

/// How much a client may ask of the server.
#[derive(Debug, Clone)]
pub(super) struct Limits {
    pub(super) clients: usize,
    pub(super) waiting: usize,
    pub(super) message_bytes: usize,
    pub(super) first_message: Duration,
    pub(super) idle: Duration,
    pub(super) shortest_hop: Hop,
    pub(super) most_updates: usize,
    /// Events of any kind that wait for a reader.
    pub(super) most_events: usize,
}

impl Args {
    pub(super) fn limits(&self) -> Result<Limits, Trouble> {
        let updates = self.backlog as usize;
        Ok(Limits {
            clients: self.clients.into(),
            waiting: self.waiting.into(),
            message_bytes: self.message_bytes as usize,
            first_message: seconds("--first-message", &self.first_message)?,
            idle: seconds("--idle", &self.idle)?,
            shortest_hop: self
                .shortest_hop
                .parse()
                .map_err(|error| Trouble::Misused(format!("--shortest-hop: {error}")))?,
            most_updates: updates,
            most_events: updates * 5,
        })
    }
}

fn seconds(option: &str, text: &str) -> Result<Duration, Trouble> {
    text.parse::<f64>()
        .ok()
        .filter(|seconds| (0.1..=LONGEST_SECONDS).contains(seconds))
        .map(Duration::from_secs_f64)
        .ok_or_else(|| {
            Trouble::Misused(format!(
                "{option} {text}: expected seconds from 0.1 to {LONGEST_SECONDS}"
            ))
        })
}

//! The first message: what the sound is and what is wanted of it; and the answer to it.

use serde_json::{Map, Value, json};
use undersong_core::analyzer::Hop;
use undersong_core::audio::RATES_HZ;
use undersong_core::live::{MAX_SMOOTHING_SECONDS, Pace};
use undersong_core::model::Priors;
use undersong_core::stream::{MAX_CHANNELS, SampleFormat, StreamOptions};

use super::Server;
use super::codes::{Code, Farewell};

/// Number of the protocol; it changes only if a client of the one before could not go on.
const PROTOCOL: u32 = 1;

/// What it may hold.
const FIELDS: [&str; 8] = [
    "type",
    "rate_hz",
    "channels",
    "format",
    "hop_seconds",
    "smoothing_seconds",
    "priors",
    "wait",
];

/// What holds for clients that do not say otherwise.
#[derive(Debug, Clone)]
pub(super) struct Usual {
    pub(super) hop: Hop,
    pub(super) smoothing_seconds: f64,
    pub(super) priors: Option<Priors>,
}

/// What a client asked for.
#[derive(Debug)]
pub(super) struct Start {
    pub(super) options: StreamOptions,
    /// The analysis waits for whoever reads, so that no update is left out.
    pub(super) wait: bool,
}

/// A text message.
pub(super) enum Said {
    Start(Map<String, Value>),
    End,
    Nothing(String),
}

/// What a text message is.
pub(super) fn said(text: &str) -> Said {
    match serde_json::from_str::<Value>(text) {
        Ok(Value::Object(fields)) => match fields.get("type").and_then(Value::as_str) {
            Some("start") => Said::Start(fields),
            Some("end") => Said::End,
            Some(other) => Said::Nothing(format!("its type is {other:?}")),
            None => Said::Nothing("it has no \"type\"".to_owned()),
        },
        Ok(_) => Said::Nothing("it is no JSON object".to_owned()),
        Err(error) => Said::Nothing(format!("it is no JSON ({error})")),
    }
}

impl Start {
    /// Reads the fields of a first message.
    pub(super) fn read(fields: &Map<String, Value>, server: &Server) -> Result<Self, Farewell> {
        let usual = &server.usual;
        let standard = StreamOptions::default();
        if let Some(name) = fields.keys().find(|name| !FIELDS.contains(&name.as_str())) {
            return Err(bad(format!(
                "there is no field {name:?}; there are {}",
                FIELDS.join(", ")
            )));
        }
        let rates = format!(
            "samples per second from {} to {}",
            RATES_HZ.start(),
            RATES_HZ.end()
        );
        let rate_hz = whole(fields, "rate_hz", &rates, |it| {
            u32::try_from(it).ok().filter(|it| RATES_HZ.contains(it))
        })?;
        let channels = format!("a number from 1 to {MAX_CHANNELS}");
        let channels = whole(fields, "channels", &channels, |it| {
            let channels = u16::try_from(it).ok();
            channels.filter(|it| (1..=MAX_CHANNELS).contains(it))
        })?;
        let names = format!("one of {}", SampleFormat::names());
        let format = field(fields, "format", &names, |it| it.as_str()?.parse().ok())?;
        let shortest = server.limits.shortest_hop.seconds();
        let hops = format!("seconds from {shortest} to {}", Hop::LONGEST);
        let hop = field(fields, "hop_seconds", &hops, |it| {
            let hop = Hop::from_seconds(it.as_f64()?).ok();
            hop.filter(|hop| hop.seconds() >= shortest)
        })?;
        let smoothing = format!("seconds from 0 to {MAX_SMOOTHING_SECONDS}");
        let smoothing_seconds = field(fields, "smoothing_seconds", &smoothing, |it| {
            let seconds = it.as_f64()?;
            (0.0..=MAX_SMOOTHING_SECONDS)
                .contains(&seconds)
                .then_some(seconds)
        })?;
        let priors = field(
            fields,
            "priors",
            "text such as \"happy=2,sad=0.5\", as --priors has it",
            |it| it.as_str().map(str::to_owned),
        )?;
        let priors = priors
            .map(|text| Priors::parse(&text, server.live.model().metadata()))
            .transpose()
            .map_err(|error| bad(error.to_string()))?;
        let wait = field(fields, "wait", "true or false", Value::as_bool)?;
        Ok(Self {
            options: StreamOptions {
                rate_hz: rate_hz.unwrap_or(standard.rate_hz),
                channels: channels.unwrap_or(standard.channels),
                format: format.unwrap_or(standard.format),
                hop: hop.unwrap_or(usual.hop),
                smoothing_seconds: smoothing_seconds.unwrap_or(usual.smoothing_seconds),
                priors: priors.or_else(|| usual.priors.clone()),
                // Nothing here waits; what cannot be analysed yet stays in the socket.
                pace: Pace::Live,
            },
            wait: wait.unwrap_or(false),
        })
    }

    /// The answer.
    pub(super) fn ready(&self, server: &Server) -> String {
        let model = server.live.model();
        let limits = &server.limits;
        json!({
            "type": "ready",
            "protocol": PROTOCOL,
            "version": env!("CARGO_PKG_VERSION"),
            "model_id": model.id(),
            "model": model.metadata().name,
            "labels": model.emotions().names().collect::<Vec<_>>(),
            "engine": server.live.report().description,
            "rate_hz": self.options.rate_hz,
            "channels": self.options.channels,
            "format": self.options.format.name(),
            "hop_seconds": self.options.hop.seconds(),
            "smoothing_seconds": self.options.smoothing_seconds,
            "wait": self.wait,
            "limits": {
                "message_bytes": limits.message_bytes,
                "idle_seconds": limits.idle.as_secs_f64(),
                "shortest_hop_seconds": limits.shortest_hop.seconds(),
                "backlog": limits.most_updates,
            },
        })
        .to_string()
    }
}

fn bad(problem: String) -> Farewell {
    Farewell::new(Code::BadStart, problem)
}

/// A field, if it is there and not null.
fn field<T>(
    fields: &Map<String, Value>,
    name: &str,
    expected: &str,
    read: impl FnOnce(&Value) -> Option<T>,
) -> Result<Option<T>, Farewell> {
    let given = fields.get(name).filter(|value| !value.is_null());
    given
        .map(|value| {
            read(value).ok_or_else(|| {
                let mut value = value.to_string();
                if value.chars().count() > 40 {
                    value = value.chars().take(40).chain(['…']).collect();
                }
                bad(format!("{name} is {value}; expected {expected}"))
            })
        })
        .transpose()
}

/// A field that is a whole number.
fn whole<T>(
    fields: &Map<String, Value>,
    name: &str,
    expected: &str,
    read: impl FnOnce(u64) -> Option<T>,
) -> Result<Option<T>, Farewell> {
    field(fields, name, expected, |value| read(value.as_u64()?))
}

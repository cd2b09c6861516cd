//! `Metrics`: what the server counts, as Prometheus reads it.

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use prometheus_client::encoding::prometheus_text;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use undersong_core::live::LiveModel;
use undersong_core::stream::StreamEvent;

use super::codes::Code;

/// Upper ends of the latency's buckets, in seconds.
const BUCKETS_SECONDS: [f64; 12] = [
    0.005, 0.01, 0.02, 0.03, 0.05, 0.08, 0.12, 0.2, 0.5, 1.0, 2.0, 5.0,
];

type Labels = [(&'static str, &'static str); 1];

/// What the server counts.
pub(super) struct Metrics {
    registry: Registry,
    clients: Gauge,
    served: Counter,
    events: Family<Labels, Counter>,
    dropped: Counter,
    refused: Family<Labels, Counter>,
    closed: Family<Labels, Counter>,
    audio_seconds: Counter<f64, AtomicU64>,
    latency: Histogram,
}

impl Metrics {
    pub(super) fn new(live: &LiveModel) -> Self {
        let mut registry = Registry::with_prefix("undersong");
        let metrics = Self {
            clients: Gauge::default(),
            served: Counter::default(),
            events: Family::default(),
            dropped: Counter::default(),
            refused: Family::default(),
            closed: Family::default(),
            audio_seconds: Counter::default(),
            latency: Histogram::new(BUCKETS_SECONDS),
            registry: Registry::default(),
        };
        let about = vec![
            ("version", env!("CARGO_PKG_VERSION").to_owned()),
            ("model_id", live.model().id().to_owned()),
            ("engine", live.report().description.clone()),
        ];
        let information = Family::<Vec<(&'static str, String)>, Gauge>::default();
        information.get_or_create(&about).set(1);
        registry.register("build_info", "What is running; always 1", information);
        registry.register(
            "clients",
            "Clients whose stream is open",
            metrics.clients.clone(),
        );
        registry.register(
            "streams",
            "Streams opened since the start",
            metrics.served.clone(),
        );
        registry.register("events", "Events sent, by type", metrics.events.clone());
        registry.register(
            "dropped_updates",
            "Updates left out because their reader was slow",
            metrics.dropped.clone(),
        );
        registry.register(
            "refused",
            "Connections refused before a stream was open, by code",
            metrics.refused.clone(),
        );
        registry.register(
            "closed",
            "Streams that ended, by code; end: in order, gone: the client closed or vanished",
            metrics.closed.clone(),
        );
        registry.register_with_unit(
            "audio",
            "Sound taken, of all clients",
            Unit::Seconds,
            metrics.audio_seconds.clone(),
        );
        registry.register_with_unit(
            "latency",
            "From the arrival of the last sound of an update's window to its sending",
            Unit::Seconds,
            metrics.latency.clone(),
        );
        Self {
            registry,
            ..metrics
        }
    }

    /// A stream was opened.
    pub(super) fn opened(&self) {
        self.clients.inc();
        self.served.inc();
    }

    /// A stream ended; why: a code, or how it ends otherwise.
    pub(super) fn closed(&self, why: &'static str) {
        self.clients.dec();
        self.closed.get_or_create(&[("code", why)]).inc();
    }

    /// A connection was refused.
    pub(super) fn refused(&self, code: Code) {
        self.refused.get_or_create(&[("code", code.name())]).inc();
    }

    /// An event was sent; `took` for those whose latency is measured.
    pub(super) fn sent(&self, event: &StreamEvent, took: Option<Duration>) {
        self.events
            .get_or_create(&[("type", event.type_name())])
            .inc();
        if let Some(took) = took {
            self.latency.observe(took.as_secs_f64());
        }
    }

    /// Updates were left out.
    pub(super) fn dropped(&self, updates: u64) {
        self.dropped.inc_by(updates);
    }

    /// Sound was taken.
    pub(super) fn heard(&self, seconds: f64) {
        self.audio_seconds.inc_by(seconds);
    }

    /// All of it as text, and what kind of text.
    pub(super) fn text(&self) -> Result<(&'static str, String), std::fmt::Error> {
        let mut text = String::new();
        prometheus_text::encode(&mut text, &self.registry)?;
        Ok((prometheus_text::CONTENT_TYPE, text))
    }
}

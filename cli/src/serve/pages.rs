//! What the server answers to HTTP: the page with the meter, how it is, and the way to a stream.

use std::sync::Arc;

use axum::Router;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use serde_json::json;
use undersong_core::timeline::colours::palette;

use super::Server;
use super::client::attend;
use super::codes::{Code, Farewell};
use super::door::Visitor;
use crate::web::{CSS, HTML, JSON, SCRIPT, dress, file};

/// A socket's buffer for what it reads, in bytes.
const READ_BYTES: usize = 16_384;

/// And for what it writes: more than one message.
const WRITE_BYTES: usize = 262_144;

/// The server's addresses.
pub(super) fn router(server: Arc<Server>) -> Router {
    Router::new()
        .route("/", get(|| file(HTML, include_str!("page/meter.html"))))
        .route(
            "/meter.css",
            get(|| file(CSS, include_str!("page/meter.css"))),
        )
        .route(
            "/meter.js",
            get(|| file(SCRIPT, include_str!("page/meter.js"))),
        )
        .route(
            "/history.js",
            get(|| file(SCRIPT, include_str!("page/history.js"))),
        )
        .route(
            "/capture.js",
            get(|| file(SCRIPT, include_str!("page/capture.js"))),
        )
        .route("/meter.json", get(meter))
        .route("/health", get(health))
        .route("/metrics", get(metrics))
        .route("/stream", any(stream))
        .fallback(|| async {
            let message = "there is /, /stream, /health and /metrics";
            answer(&Farewell::new(Code::NotFound, message))
        })
        .layer(from_fn_with_state(Arc::clone(&server), guard))
        .with_state(server)
}

/// Checks the host of every request, and sets the headers of every answer.
async fn guard(State(server): State<Arc<Server>>, request: Request, next: Next) -> Response {
    let mut response = match server.rules.check_host(request.headers()) {
        Ok(()) => next.run(request).await,
        Err(refusal) => refuse(&server, &refusal.into()),
    };
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        dress(&mut response);
        // A connection is for one answer, so that those that are open are those that begin a stream.
        response
            .headers_mut()
            .insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// What the page needs to know of the model.
async fn meter(State(server): State<Arc<Server>>) -> impl IntoResponse {
    let model = server.live.model();
    let colours = palette(model.emotions());
    let labels = model.emotions().names().zip(colours);
    let labels = labels.map(|(name, colour)| {
        let colour = format!("#{}", colour.hex());
        json!({ "name": name, "colour": colour })
    });
    let about = json!({
        "model": model.metadata().name,
        "labels": labels.collect::<Vec<_>>(),
        "unsure_below": model.metadata().calibration.unsure_below,
    });
    ([(header::CONTENT_TYPE, JSON)], about.to_string())
}

/// Whether all is well, for whoever watches over services.
async fn health(State(server): State<Arc<Server>>) -> impl IntoResponse {
    let model = server.live.model();
    let ending = *server.ending.borrow();
    let about = json!({
        "status": if ending { "ending" } else { "ok" },
        "version": env!("CARGO_PKG_VERSION"),
        "model": model.metadata().name,
        "model_id": model.id(),
        "engine": server.live.report().description,
        "clients": server.limits.clients - server.places.available_permits(),
        "most_clients": server.limits.clients,
        "uptime_seconds": server.started.elapsed().as_secs(),
    });
    let status = if ending {
        StatusCode::SERVICE_UNAVAILABLE
    } else {
        StatusCode::OK
    };
    (status, [(header::CONTENT_TYPE, JSON)], about.to_string())
}

async fn metrics(State(server): State<Arc<Server>>, headers: HeaderMap, uri: Uri) -> Response {
    if let Err(refusal) = server.rules.check_token(&headers, &uri) {
        return refuse(&server, &refusal.into());
    }
    match server.metrics.text() {
        Ok((kind, text)) => ([(header::CONTENT_TYPE, kind)], text).into_response(),
        Err(_) => answer(&Farewell::new(
            Code::Fault,
            "the metrics could not be written",
        )),
    }
}

/// The way to a stream.
async fn stream(
    State(server): State<Arc<Server>>,
    ConnectInfo(visitor): ConnectInfo<Visitor>,
    headers: HeaderMap,
    uri: Uri,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let allowed = server
        .rules
        .check_origin(&headers)
        .and_then(|()| server.rules.check_token(&headers, &uri));
    if let Err(refusal) = allowed {
        return refuse(&server, &refusal.into());
    }
    match upgrade {
        Ok(upgrade) => upgrade
            .read_buffer_size(READ_BYTES)
            .write_buffer_size(0)
            .max_write_buffer_size(WRITE_BYTES)
            .max_message_size(server.limits.message_bytes)
            .max_frame_size(server.limits.message_bytes)
            .on_upgrade(move |socket| attend(socket, server, visitor)),
        Err(rejection) => {
            let message = format!("{rejection}; open it as a WebSocket (RFC 6455, version 13)");
            refuse(&server, &Farewell::new(Code::NoWebSocket, message))
        }
    }
}

/// Refuses, and counts it.
fn refuse(server: &Server, refusal: &Farewell) -> Response {
    server.metrics.refused(refusal.code);
    answer(refusal)
}

fn answer(refusal: &Farewell) -> Response {
    let mut response = (
        refusal.code.status(),
        [(header::CONTENT_TYPE, JSON)],
        refusal.json(),
    )
        .into_response();
    let (name, value) = match refusal.code {
        Code::WrongToken => (header::WWW_AUTHENTICATE, "Bearer"),
        Code::NoWebSocket => (header::UPGRADE, "websocket"),
        _ => return response,
    };
    response
        .headers_mut()
        .insert(name, HeaderValue::from_static(value));
    response
}

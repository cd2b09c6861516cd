//! What the desk answers to HTTP: the page, the takes by number, and what changes them.

use std::sync::Arc;

use axum::Json;
use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{DefaultBodyLimit, Path, Query, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, patch, post};
use serde_json::{Map, Value, json};
use subtle::ConstantTimeEq;

use super::export::{Kind, export};
use super::peaks::Peaks;
use super::pictures::{self, Asked, Part};
use super::state::Desk;
use super::{figures, range, sound};
use crate::library::{Mark, Opinion};
use crate::web::{CSS, HTML, JSON, Refusal, SCRIPT, dress, file};

/// Where a request shows the page's key. A page of somebody else cannot set a header of this name without asking first, and is refused then.
const KEY: &str = "x-desk-key";

/// Bytes of a request that changes something, at most: the numbers of some hundred thousand takes.
const MOST_BYTES: usize = 4 << 20;

const BYTES: &str = "application/octet-stream";

/// The page's scripts.
const SCRIPTS: [(&str, &str); 13] = [
    ("/desk.js", include_str!("page/desk.js")),
    ("/api.js", include_str!("page/api.js")),
    ("/exports.js", include_str!("page/exports.js")),
    ("/filters.js", include_str!("page/filters.js")),
    ("/keys.js", include_str!("page/keys.js")),
    ("/list.js", include_str!("page/list.js")),
    ("/marks.js", include_str!("page/marks.js")),
    ("/model.js", include_str!("page/model.js")),
    ("/picture.js", include_str!("page/picture.js")),
    ("/player.js", include_str!("page/player.js")),
    ("/slot.js", include_str!("page/slot.js")),
    ("/stage.js", include_str!("page/stage.js")),
    ("/words.js", include_str!("page/words.js")),
];

/// The desk's addresses.
pub(super) fn router(desk: Arc<Desk>) -> Router {
    let mut router = Router::new()
        .route("/", get(page))
        .route(
            "/desk.css",
            get(|| file(CSS, include_str!("page/desk.css"))),
        )
        .route("/takes", get(takes))
        .route(
            "/events",
            get(|State(desk): State<Arc<Desk>>| async move { desk.news.stream() }),
        )
        .route("/strips", get(strips))
        .route("/takes/{id}", patch(think))
        .route("/takes/{id}/windows", get(windows))
        .route("/takes/{id}/facts", get(facts))
        .route("/takes/{id}/peaks", get(peaks))
        .route("/takes/{id}/sound", get(hear))
        .route("/takes/{id}/sound.wav", get(hear_decoded))
        .route("/export", post(send));
    for (path, text) in SCRIPTS {
        router = router.route(path, get(move || file(SCRIPT, text)));
    }
    router
        .fallback(|| async {
            refuse(
                StatusCode::NOT_FOUND,
                "there is nothing here; the page is at /",
            )
        })
        .method_not_allowed_fallback(|| async {
            refuse(
                StatusCode::METHOD_NOT_ALLOWED,
                "this is not done here; see docs/desk.md",
            )
        })
        .layer(DefaultBodyLimit::max(MOST_BYTES))
        .layer(from_fn_with_state(Arc::clone(&desk), guard))
        .with_state(desk)
}

/// Lets in who may use the desk; see [`Rules`](crate::web::Rules).
async fn guard(State(desk): State<Arc<Desk>>, request: Request, next: Next) -> Response {
    let mut response = match allow(&desk, &request) {
        Ok(()) => next.run(request).await,
        Err(refusal) => refuse(StatusCode::FORBIDDEN, refusal.message),
    };
    dress(&mut response);
    response
}

fn allow(desk: &Desk, request: &Request) -> Result<(), Refusal> {
    let headers = request.headers();
    desk.rules.check_host(headers)?;
    desk.rules.check_origin(headers)?;
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    desk.rules
        .check_site(headers, reads && request.uri().path() == "/")?;
    let shown = headers.get(KEY).map(|key| key.as_bytes());
    let known = shown.is_some_and(|key| bool::from(key.ct_eq(desk.key.as_bytes())));
    if reads || known {
        return Ok(());
    }
    Err(Refusal {
        broken: crate::web::Broken::Token,
        message: format!(
            "the page's key is missing or wrong; it stands in the page, and is sent as {KEY}"
        ),
    })
}

fn refuse(status: StatusCode, message: impl Into<String>) -> Response {
    let body = json!({ "message": message.into() }).to_string();
    (status, [(header::CONTENT_TYPE, JSON)], body).into_response()
}

/// Work that waits for the disk or the library, out of the way of messages.
async fn aside(work: impl FnOnce() -> Response + Send + 'static) -> Response {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|_| {
        refuse(
            StatusCode::INTERNAL_SERVER_ERROR,
            "this failed; it is a fault of Undersong, please report it",
        )
    })
}

/// The same for work that reads a whole file: only so much at once that threads are left for marks, sound and the list. Who goes away while it waits has
/// nothing read for them.
async fn aside_in_turn(
    desk: &Arc<Desk>,
    work: impl FnOnce() -> Response + Send + 'static,
) -> Response {
    let turn = Arc::clone(&desk.readers).acquire_owned().await;
    aside(move || {
        let _turn = turn;
        work()
    })
    .await
}

async fn page(State(desk): State<Arc<Desk>>) -> impl IntoResponse {
    let page = include_str!("page/desk.html").replace("{{key}}", &desk.key);
    ([(header::CONTENT_TYPE, HTML)], page)
}

async fn takes(State(desk): State<Arc<Desk>>) -> Response {
    aside(move || {
        (
            [(header::CONTENT_TYPE, JSON)],
            desk.everything().to_string(),
        )
            .into_response()
    })
    .await
}

async fn strips(
    State(desk): State<Arc<Desk>>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Response {
    let Ok(Query(asked)) = asked else {
        return refuse(StatusCode::BAD_REQUEST, "expected ?ids=1,2,3&columns=96");
    };
    aside(move || {
        let strips = pictures::strips(&desk, &asked);
        let strips: Map<String, Value> = strips
            .into_iter()
            .map(|(id, strip)| (id.to_string(), json!(strip)))
            .collect();
        (
            [(header::CONTENT_TYPE, JSON)],
            Value::Object(strips).to_string(),
        )
            .into_response()
    })
    .await
}

/// The number in an address.
type Id = Result<Path<u32>, PathRejection>;

fn no_take() -> Response {
    refuse(StatusCode::NOT_FOUND, "there is no such take")
}

async fn windows(State(desk): State<Arc<Desk>>, id: Id) -> Response {
    let Ok(Path(id)) = id else { return no_take() };
    aside(move || match desk.timeline(id) {
        Ok(timeline) => (
            [(header::CONTENT_TYPE, BYTES)],
            pictures::windows(&timeline),
        )
            .into_response(),
        Err(error) => refuse(StatusCode::NOT_FOUND, error),
    })
    .await
}

/// How a take is delivered, in words.
async fn facts(State(desk): State<Arc<Desk>>, id: Id) -> Response {
    let Ok(Path(id)) = id else { return no_take() };
    aside(move || match desk.timeline(id) {
        Ok(timeline) => {
            let facts = figures::facts(&timeline).to_string();
            ([(header::CONTENT_TYPE, JSON)], facts).into_response()
        }
        Err(error) => refuse(StatusCode::NOT_FOUND, error),
    })
    .await
}

async fn peaks(
    State(desk): State<Arc<Desk>>,
    id: Id,
    part: Result<Query<Part>, QueryRejection>,
) -> Response {
    let Ok(Path(id)) = id else { return no_take() };
    let Ok(Query(part)) = part else {
        return refuse(
            StatusCode::BAD_REQUEST,
            "expected ?from=SECONDS&to=SECONDS&columns=NUMBER",
        );
    };
    let take = {
        let shelf = desk.shelf();
        let row = shelf.get(id);
        row.and_then(|row| Some((row.path.clone(), row.heard.as_ref()?.hash.clone())))
    };
    let Some((path, hash)) = take else {
        return no_take();
    };
    let kept = {
        let (desk, hash) = (Arc::clone(&desk), hash.clone());
        let kept = tokio::task::spawn_blocking(move || desk.waves.get(&hash));
        kept.await.ok().flatten()
    };
    let draw = move |gathered: Result<Arc<Peaks>, String>| match gathered {
        Ok(gathered) => (
            [(header::CONTENT_TYPE, BYTES)],
            pictures::peaks(&gathered, &part),
        )
            .into_response(),
        Err(error) => refuse(StatusCode::NOT_FOUND, error),
    };
    if let Some(kept) = kept {
        return draw(Ok(kept));
    }
    let reading = Arc::clone(&desk);
    aside_in_turn(&desk, move || {
        draw(sound::open(&path).and_then(|_| reading.waveform(&path, &hash)))
    })
    .await
}

async fn hear(State(desk): State<Arc<Desk>>, id: Id, headers: HeaderMap) -> Response {
    let Ok(Path(id)) = id else { return no_take() };
    aside(move || {
        let Some(path) = desk.shelf().get(id).map(|row| row.path.clone()) else {
            return no_take();
        };
        match sound::open(&path) {
            Ok(file) => play(&headers, Arc::new(file), sound::kind(&path)),
            Err(error) => refuse(StatusCode::NOT_FOUND, error),
        }
    })
    .await
}

async fn hear_decoded(State(desk): State<Arc<Desk>>, id: Id, headers: HeaderMap) -> Response {
    let Ok(Path(id)) = id else { return no_take() };
    let decoding = Arc::clone(&desk);
    aside_in_turn(&desk, move || {
        let desk = decoding;
        let Some(path) = desk.shelf().get(id).map(|row| row.path.clone()) else {
            return no_take();
        };
        match desk.decoded.wav(&path) {
            Ok(file) => play(&headers, file, "audio/wav"),
            Err(error) => refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE, error),
        }
    })
    .await
}

fn play(headers: &HeaderMap, file: Arc<std::fs::File>, kind: &'static str) -> Response {
    range::answer(headers, file, kind).unwrap_or_else(|error| {
        refuse(
            StatusCode::NOT_FOUND,
            format!("the file could not be read ({error})"),
        )
    })
}

/// Keeps a mark, stars or a note.
async fn think(
    State(desk): State<Arc<Desk>>,
    id: Id,
    body: Result<Json<Map<String, Value>>, JsonRejection>,
) -> Response {
    let Ok(Path(id)) = id else { return no_take() };
    let opinion = match body {
        Ok(Json(fields)) => match opinion(&fields) {
            Ok(opinion) => opinion,
            Err(problem) => return refuse(StatusCode::UNPROCESSABLE_ENTITY, problem),
        },
        Err(rejection) => return refuse(rejection.status(), rejection.body_text()),
    };
    aside(move || {
        let hash = {
            let shelf = desk.shelf();
            let Some(row) = shelf.get(id) else { return no_take() };
            let Some(heard) = row.heard.as_ref().filter(|heard| heard.take.is_some()) else {
                return refuse(
                    StatusCode::CONFLICT,
                    "the take is not in the library: it is not scanned yet, or the library cannot be written",
                );
            };
            heard.hash.clone()
        };
        match desk.keeper.think(&hash, &opinion) {
            Ok(true) => {}
            Ok(false) => return refuse(StatusCode::CONFLICT, "the library does not hold this take any more"),
            Err(error) => return refuse(StatusCode::CONFLICT, error.to_string()),
        }
        desk.think(&hash, &opinion);
        StatusCode::NO_CONTENT.into_response()
    })
    .await
}

/// Reads what is thought of a take: `mark` (`"chosen"`, `"rejected"` or null), `stars` and `note`; what is not said stays.
fn opinion(fields: &Map<String, Value>) -> Result<Opinion, String> {
    let mut opinion = Opinion::default();
    for (name, value) in fields {
        let wrong = |expected: &str| format!("{name} is {value}; expected {expected}");
        match name.as_str() {
            "mark" => {
                let marks = "\"chosen\", \"rejected\" or null";
                opinion.mark = Some(match value {
                    Value::Null => None,
                    Value::String(name) => Some(Mark::of_name(name).ok_or_else(|| wrong(marks))?),
                    _ => return Err(wrong(marks)),
                });
            }
            "stars" => {
                let stars = value.as_u64().and_then(|stars| u8::try_from(stars).ok());
                opinion.stars = Some(stars.ok_or_else(|| wrong("a number from 0 to 5"))?);
            }
            "note" => {
                let note = value.as_str().ok_or_else(|| wrong("text"))?;
                opinion.note = Some(note.to_owned());
            }
            _ => {
                return Err(format!(
                    "there is no field {name:?}; there are mark, stars and note"
                ));
            }
        }
    }
    match opinion.problem() {
        Some(problem) => Err(problem),
        None => Ok(opinion),
    }
}

/// What is to be exported.
#[derive(Debug, serde::Deserialize)]
struct Wanted {
    kind: String,
    ids: Vec<u32>,
}

async fn send(
    State(desk): State<Arc<Desk>>,
    body: Result<Json<Wanted>, JsonRejection>,
) -> Response {
    let wanted = match body {
        Ok(Json(wanted)) => wanted,
        Err(rejection) => return refuse(rejection.status(), rejection.body_text()),
    };
    let Some(kind) = Kind::of_name(&wanted.kind) else {
        return refuse(
            StatusCode::UNPROCESSABLE_ENTITY,
            "expected a kind: csv, windows, json, m3u, labels or regions",
        );
    };
    aside(move || match export(&desk, kind, &wanted.ids) {
        Ok(exported) => {
            // What a header cannot hold becomes an underscore; the page takes the name from here.
            let plain = |c: char| c.is_ascii_alphanumeric() || " -_.()[]+,".contains(c);
            let name: String = exported
                .name
                .chars()
                .map(|c| if plain(c) { c } else { '_' })
                .collect();
            let disposition = format!("attachment; filename=\"{name}\"");
            let headers = [
                (header::CONTENT_TYPE, exported.kind.to_owned()),
                (header::CONTENT_DISPOSITION, disposition),
            ];
            (headers, Bytes::from(exported.bytes)).into_response()
        }
        Err(error) => refuse(StatusCode::CONFLICT, error),
    })
    .await
}

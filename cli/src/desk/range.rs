//! Parts of a file over HTTP (RFC 9110, section 14): a player asks for the part from which it plays on.

use std::fs::File;
use std::ops::Range;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream::unfold;

/// Bytes read and sent at once.
const BLOCK_BYTES: usize = 128 * 1024;

/// What part of a file was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Asked {
    /// All of it.
    All,
    /// One part.
    Part(Range<u64>),
    /// A part that it does not have.
    Nothing,
}

/// What is asked for of `length` bytes. Several parts at once, other units and what cannot be read are answered with all, as the standard allows.
fn asked(headers: &HeaderMap, length: u64) -> Asked {
    let value = headers
        .get(header::RANGE)
        .and_then(|value| value.to_str().ok());
    let part = value
        .and_then(|value| value.trim().strip_prefix("bytes="))
        .and_then(|part| part.split_once('-'));
    let Some((from, to)) = part else {
        return Asked::All;
    };
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse::<u64>().unwrap_or(u64::MAX))
    };
    let range = match (number(from.trim()), number(to.trim()), to.trim().is_empty()) {
        (Some(from), Some(to), _) if from <= to => from..to.saturating_add(1).min(length),
        (Some(from), None, true) => from..length,
        // The last bytes.
        (None, Some(last), _) if from.trim().is_empty() => length.saturating_sub(last)..length,
        _ => return Asked::All,
    };
    if range.is_empty() {
        Asked::Nothing
    } else {
        Asked::Part(range)
    }
}

/// Answers with the part of `file` that was asked for. The file is read while it is sent; one that shrinks meanwhile ends early.
///
/// # Errors
/// If its length cannot be told.
pub(super) fn answer(
    headers: &HeaderMap,
    file: Arc<File>,
    kind: &'static str,
) -> std::io::Result<Response> {
    let length = file.metadata()?.len();
    let (status, range) = match asked(headers, length) {
        Asked::All => (StatusCode::OK, 0..length),
        Asked::Part(range) => (StatusCode::PARTIAL_CONTENT, range),
        Asked::Nothing => {
            let all = format!("bytes */{length}");
            return Ok((
                StatusCode::RANGE_NOT_SATISFIABLE,
                [(header::CONTENT_RANGE, all)],
            )
                .into_response());
        }
    };
    let bytes = range.end - range.start;
    let place = format!(
        "bytes {}-{}/{length}",
        range.start,
        range.end.saturating_sub(1)
    );
    let mut response = (status, body(file, range)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(header::CONTENT_LENGTH, bytes.into());
    if status == StatusCode::PARTIAL_CONTENT
        && let Ok(place) = HeaderValue::from_str(&place)
    {
        headers.insert(header::CONTENT_RANGE, place);
    }
    Ok(response)
}

fn body(file: Arc<File>, range: Range<u64>) -> Body {
    Body::from_stream(unfold(range, move |range| {
        let file = Arc::clone(&file);
        async move {
            if range.is_empty() {
                return None;
            }
            let wanted = (range.end - range.start).min(BLOCK_BYTES as u64) as usize;
            let start = range.start;
            let block = tokio::task::spawn_blocking(move || read_at(&file, start, wanted)).await;
            let block = block.map_err(std::io::Error::other).and_then(|block| block);
            let next = match &block {
                Ok(block) if block.len() == wanted => start + wanted as u64..range.end,
                // After an error or a file's early end nothing follows.
                _ => range.end..range.end,
            };
            let block = block.and_then(|block| {
                if block.is_empty() {
                    return Err(std::io::ErrorKind::UnexpectedEof.into());
                }
                Ok(Bytes::from(block))
            });
            Some((block, next))
        }
    }))
}

/// Up to `count` bytes from `start` on, fewer at the file's end. The place is said with each call: answers may share a file, and so its position.
fn read_at(file: &File, start: u64, count: usize) -> std::io::Result<Vec<u8>> {
    #[cfg(unix)]
    use std::os::unix::fs::FileExt;
    #[cfg(windows)]
    use std::os::windows::fs::FileExt;

    let mut block = vec![0; count];
    let mut filled = 0;
    while let Some(rest) = block.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        let at = start + filled as u64;
        #[cfg(unix)]
        let read = file.read_at(rest, at);
        #[cfg(windows)]
        let read = file.seek_read(rest, at);
        match read {
            Ok(0) => break,
            Ok(bytes) => filled += bytes,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    block.truncate(filled);
    Ok(block)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(value: &'static str) -> Asked {
        let mut headers = HeaderMap::new();
        headers.insert(header::RANGE, HeaderValue::from_static(value));
        asked(&headers, 1_000)
    }

    #[test]
    fn one_part_is_given_and_ends_with_the_file() {
        assert_eq!(asked(&HeaderMap::new(), 1_000), Asked::All);
        assert_eq!(of("bytes=0-"), Asked::Part(0..1_000));
        assert_eq!(of("bytes=10-19"), Asked::Part(10..20));
        assert_eq!(of("bytes=990-5000"), Asked::Part(990..1_000));
        assert_eq!(of("bytes=-100"), Asked::Part(900..1_000));
        assert_eq!(of("bytes=-5000"), Asked::Part(0..1_000));
        assert_eq!(of("bytes=5-99999999999999999999999"), Asked::Part(5..1_000));
    }

    #[test]
    fn what_cannot_be_given_is_refused_and_what_cannot_be_read_is_all() {
        assert_eq!(of("bytes=1000-"), Asked::Nothing);
        assert_eq!(of("bytes=-0"), Asked::Nothing);
        for odd in [
            "bytes=",
            "bytes=-",
            "bytes=9-5",
            "bytes=a-b",
            "bytes=0-1,5-9",
            "lines=0-1",
            "bytes=+1-2",
        ] {
            assert_eq!(of(odd), Asked::All, "{odd}");
        }
    }
}

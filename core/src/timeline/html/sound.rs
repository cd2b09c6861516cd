//! Where the report finds a take's sound: an address relative to the report, an absolute one, or the sound itself.

use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf, Prefix};

use super::HtmlOptions;
use super::text::base64;

/// The address of a take, ready for an attribute: ASCII without quotes or spaces.
pub(super) fn address(take: &Path, options: &HtmlOptions) -> String {
    embedded(take, options.embed_audio_max_bytes).unwrap_or_else(|| link(take, options))
}

/// The address of the take's file.
pub(super) fn link(take: &Path, options: &HtmlOptions) -> String {
    let take = absolute(take);
    options
        .folder
        .as_deref()
        .and_then(|folder| relative(&take, &absolute(folder)))
        .unwrap_or_else(|| file_url(&take))
}

/// The sound as a `data:` address, if the file is short enough and can be read.
fn embedded(take: &Path, max_bytes: u64) -> Option<String> {
    let length = std::fs::metadata(take).ok()?.len();
    if length == 0 || length > max_bytes {
        return None;
    }
    let bytes = std::fs::read(take).ok()?;
    let extension = take.extension()?.to_str()?.to_ascii_lowercase();
    let kind = match extension.as_str() {
        "wav" | "wave" => "audio/wav",
        "aif" | "aiff" | "aifc" => "audio/aiff",
        "flac" => "audio/flac",
        "mp3" => "audio/mpeg",
        "ogg" | "oga" => "audio/ogg",
        "m4a" | "mp4" => "audio/mp4",
        "aac" => "audio/aac",
        _ => "application/octet-stream",
    };
    Some(format!("data:{kind};base64,{}", base64(&bytes)))
}

/// An absolute path. Browsers take `x/..` out of an address by its text alone, so where a path has `..` the file system
/// is asked what it means.
fn absolute(path: &Path) -> PathBuf {
    let dotted = path
        .components()
        .any(|component| component == Component::ParentDir);
    if dotted && let Ok(path) = std::fs::canonicalize(path) {
        return path;
    }
    std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf())
}

/// The way from a folder to a file, or `None` where there is none (another drive).
fn relative(file: &Path, folder: &Path) -> Option<String> {
    let (mut file, mut folder) = (file.components().peekable(), folder.components().peekable());
    let mut shared = 0;
    while file.peek().is_some() && file.peek() == folder.peek() {
        file.next();
        folder.next();
        shared += 1;
    }
    if shared == 0 {
        return None;
    }
    let up = folder.map(|_| "..".to_owned());
    let down = file.map(|component| encoded(component.as_os_str()));
    Some(up.chain(down).collect::<Vec<_>>().join("/"))
}

/// An absolute `file://` address (RFC 8089).
fn file_url(path: &Path) -> String {
    let mut url = "file://".to_owned();
    for component in path.components() {
        match component {
            Component::Prefix(prefix) => match prefix.kind() {
                Prefix::Disk(letter) | Prefix::VerbatimDisk(letter) => {
                    url.push('/');
                    url.push(char::from(letter));
                    url.push(':');
                }
                Prefix::UNC(server, share) | Prefix::VerbatimUNC(server, share) => {
                    url.push_str(&encoded(server));
                    url.push('/');
                    url.push_str(&encoded(share));
                }
                _ => {}
            },
            Component::RootDir | Component::CurDir => {}
            other => {
                url.push('/');
                url.push_str(&encoded(other.as_os_str()));
            }
        }
    }
    url
}

/// Percent-encoded but for the characters that never need it (RFC 3986, 2.3). The bytes of the name are kept, UTF-8 or not.
fn encoded(name: &OsStr) -> String {
    #[cfg(unix)]
    let bytes = std::os::unix::ffi::OsStrExt::as_bytes(name);
    #[cfg(not(unix))]
    let lossy = name.to_string_lossy();
    #[cfg(not(unix))]
    let bytes = lossy.as_bytes();

    let mut text = String::with_capacity(bytes.len());
    for &byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn from(folder: &str, take: &str) -> String {
        let options = HtmlOptions {
            folder: Some(folder.into()),
            ..HtmlOptions::default()
        };
        link(Path::new(take), &options)
    }

    #[test]
    fn addresses_lead_from_the_report_to_the_take() {
        assert_eq!(from("/a/b", "/a/b/t.wav"), "t.wav");
        assert_eq!(from("/a/b", "/a/c/d/t.wav"), "../c/d/t.wav");
        assert_eq!(from("/x", "/a/t.wav"), "../a/t.wav");
        assert_eq!(from("takes", "takes/1/t.wav"), "1/t.wav");
        assert_eq!(from(".", "t.wav"), "t.wav");
        assert_eq!(
            link(Path::new("/a b/t.wav"), &HtmlOptions::default()),
            "file:///a%20b/t.wav"
        );
    }

    #[test]
    fn every_odd_character_is_encoded() {
        assert_eq!(
            from("/a", "/a/50% \"loud\" #1?<é>&'.wav"),
            "50%25%20%22loud%22%20%231%3F%3C%C3%A9%3E%26%27.wav"
        );
        assert_eq!(
            from("/a", "/a/javascript:alert(1)"),
            "javascript%3Aalert%281%29"
        );
        use std::os::unix::ffi::OsStrExt;
        assert_eq!(encoded(OsStr::from_bytes(b"\xFF.wav")), "%FF.wav");
    }
}

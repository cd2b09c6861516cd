//! A look at a file's bytes before decoding: names for what cannot be read, so that an error can say what a file is
//! instead of only what it is not, and whether an Ogg file has its end.

use std::io::{Read, Seek, SeekFrom};

use symphonia::core::codecs::audio::AudioCodecId;
use symphonia::core::codecs::audio::well_known as codec;

/// Marker, where it stands, and what it marks.
const MARKERS: [(&[u8], usize, &str); 15] = [
    (b"ftyp", 4, "an MP4 container"),
    (b"OpusHead", 28, "Ogg Opus"),
    (b"Speex   ", 28, "Ogg Speex"),
    (b"\x1a\x45\xdf\xa3", 0, "Matroska or WebM"),
    (b"\x30\x26\xb2\x75", 0, "Windows Media (WMA)"),
    (b"riff\x2e\x91\xcf\x11", 0, "Wave64"),
    (b"caff", 0, "Apple's CAF"),
    (b"wvpk", 0, "WavPack"),
    (b"MAC ", 0, "Monkey's Audio"),
    (b"MThd", 0, "MIDI"),
    (b"#!AMR", 0, "AMR"),
    (b"DSD ", 0, "DSD"),
    (b"%PDF", 0, "a PDF"),
    (b"PK\x03\x04", 0, "a ZIP archive"),
    (
        b"version https://git-lfs",
        0,
        "a Git LFS pointer, not the file itself",
    ),
];

/// What the first bytes of a file look like, if like something known.
pub(super) fn content_kind(head: &[u8]) -> Option<&'static str> {
    let marked = MARKERS
        .iter()
        .find(|(marker, at, _)| head.get(*at..).is_some_and(|rest| rest.starts_with(marker)));
    if let Some((_, _, kind)) = marked {
        return Some(kind);
    }
    if head.iter().all(|&byte| byte == 0) {
        return Some("nothing but zeros");
    }
    let is_text = |byte: &u8| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~' | 0x80..);
    (head.iter().all(is_text) && is_utf8_so_far(head)).then_some("text")
}

/// UTF-8, but for a character that the end of `head` may have cut.
fn is_utf8_so_far(head: &[u8]) -> bool {
    match std::str::from_utf8(head) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none(),
    }
}

/// The name by which people know a coding that is recognised but not decoded.
pub(super) fn codec_name(id: AudioCodecId) -> Option<&'static str> {
    Some(match id {
        codec::CODEC_ID_OPUS => "Opus",
        codec::CODEC_ID_SPEEX => "Speex",
        codec::CODEC_ID_AC3 => "Dolby AC-3",
        codec::CODEC_ID_EAC3 => "Dolby E-AC-3",
        codec::CODEC_ID_DCA => "DTS",
        codec::CODEC_ID_WMA => "Windows Media",
        codec::CODEC_ID_MP1 => "MPEG layer 1",
        codec::CODEC_ID_MP2 => "MPEG layer 2",
        _ => return None,
    })
}

/// True for an Ogg file whose last page is not marked as the end of its stream (RFC 3533, section 6): cut off. The file is
/// left at its start.
pub(super) fn ogg_lacks_its_end(file: &mut (impl Read + Seek)) -> std::io::Result<bool> {
    /// No page is longer than this.
    const LONGEST_PAGE: u64 = 65_307;
    const END_OF_STREAM: u8 = 4;

    let mut marker = Vec::new();
    file.rewind()?;
    file.by_ref().take(4).read_to_end(&mut marker)?;
    if marker != b"OggS" {
        file.rewind()?;
        return Ok(false);
    }
    let length = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(length.saturating_sub(LONGEST_PAGE)))?;
    let mut tail = Vec::new();
    file.by_ref().take(LONGEST_PAGE).read_to_end(&mut tail)?;
    file.rewind()?;
    let last_page = tail.windows(4).rposition(|window| window == b"OggS");
    let flags = last_page.and_then(|at| tail.get(at + 5));
    Ok(flags.is_none_or(|flags| flags & END_OF_STREAM == 0))
}

//! Text for HTML: escaping, base64, and numbers as a person reads them.

use std::fmt::{self, Display, Formatter};

use crate::timeline::colours::Colour;

/// Text escaped for HTML, for elements and quoted attributes.
#[derive(Debug, Clone, Copy)]
pub struct Escaped<'a>(pub &'a str);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        use fmt::Write;
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                // Characters that HTML has no way to hold, and those that turn the order of the text around them, which would let
                // a file's name show as another.
                c if (c.is_control() && !matches!(c, '\n' | '\t'))
                    || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}') =>
                {
                    f.write_char('\u{FFFD}')?;
                }
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

/// JSON made safe for a `<script>` element: nothing in it can end the element.
pub fn json_for_script(json: &str) -> String {
    json.replace('<', "\\u003c").replace('>', "\\u003e")
}

/// Base64 (RFC 4648, with padding).
pub(crate) fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |index: usize| u32::from(chunk.get(index).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for digit in 0..4_usize {
            if digit <= chunk.len() {
                let index = bits >> (18 - 6 * digit) & 63;
                text.push(char::from(DIGITS[index as usize]));
            } else {
                text.push('=');
            }
        }
    }
    text
}

/// A length: `3.2 s`, `4:05`, `3:00:12`.
pub fn length(seconds: f64) -> String {
    if seconds < 59.95 {
        return format!("{seconds:.1} s");
    }
    let whole = seconds.round() as u64;
    let (hours, minutes, seconds) = (whole / 3600, whole / 60 % 60, whole % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

/// A number from −1 to 1 with its sign: `+0.31`, `−0.20`, `0.00`.
pub fn signed(value: f32) -> String {
    let text = format!("{:.2}", value.abs());
    match text.as_str() {
        "0.00" => text,
        _ if value < 0.0 => format!("−{text}"),
        _ => format!("+{text}"),
    }
}

/// A share as whole percent, on one line.
pub fn percent(share: f64) -> String {
    format!("{:.0}\u{A0}%", 100.0 * share)
}

/// So many of something: `1 take`, `3 takes`.
pub fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// A dot in an emotion's colour.
pub fn dot(colour: Colour) -> String {
    format!(
        "<i class=\"dot\" style=\"background:#{}\"></i>",
        colour.hex()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_rfc_4648s() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
        assert_eq!(base64(&[0xFB, 0xFF]), "+/8=");
    }

    #[test]
    fn lengths_and_signs_are_as_a_person_writes_them() {
        assert_eq!(length(3.16), "3.2 s");
        assert_eq!(length(59.97), "1:00");
        assert_eq!(length(245.0), "4:05");
        assert_eq!(length(10_812.4), "3:00:12");
        assert_eq!(signed(0.314), "+0.31");
        assert_eq!(signed(-0.2), "−0.20");
        assert_eq!(signed(-0.001), "0.00");
        assert_eq!(percent(0.625), "62\u{A0}%");
    }
}

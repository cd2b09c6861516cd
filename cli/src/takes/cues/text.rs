//! The text of a cue sheet, in whatever a spreadsheet writes: UTF-8 with or without a mark, UTF-16, or Windows' Western code page.

/// What stands in the bytes 0x80 to 0x9F of Windows-1252; the other bytes above 0x7F are Latin-1. Unused ones become U+FFFD.
const WINDOWS_1252: [char; 32] = [
    '€', '\u{FFFD}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{FFFD}', 'Ž',
    '\u{FFFD}', '\u{FFFD}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{FFFD}',
    'ž', 'Ÿ',
];

/// Separators that spreadsheets write.
const SEPARATORS: [u8; 4] = *b",;\t|";

/// The text of a file, with a line feed at the end of every line. What is neither marked as UTF-16 nor valid UTF-8 is read as Windows-1252.
pub(super) fn decode(bytes: &[u8]) -> String {
    characters(bytes).replace("\r\n", "\n").replace('\r', "\n") + "\n"
}

fn characters(bytes: &[u8]) -> String {
    let utf_16 = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
        char::decode_utf16(units)
            .map(|c| c.unwrap_or('\u{FFFD}'))
            .collect()
    };
    match bytes {
        [0xFF, 0xFE, rest @ ..] => utf_16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => utf_16(rest, u16::from_be_bytes),
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => bytes.iter().copied().map(windows_1252).collect(),
        },
    }
}

fn windows_1252(byte: u8) -> char {
    WINDOWS_1252
        .get(usize::from(byte).wrapping_sub(0x80))
        .copied()
        .unwrap_or(char::from(byte))
}

/// The separator, and the text without the line `sep=;` that tells it to Excel: the one that stands most often in the first line outside quotes.
pub(super) fn separator(text: &str) -> (u8, &str) {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    if let [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', separator] = first.trim_end().as_bytes()
        && SEPARATORS.contains(separator)
    {
        return (*separator, rest);
    }
    let mut counts = [0_usize; SEPARATORS.len()];
    let mut quoted = false;
    for byte in text.trim_start().bytes() {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => break,
            _ if quoted => {}
            byte => {
                for (count, separator) in counts.iter_mut().zip(SEPARATORS) {
                    *count += usize::from(byte == separator);
                }
            }
        }
    }
    // The first of equals, so that a sheet of one column has commas.
    let most = counts.iter().copied().max().unwrap_or(0);
    let index = counts.iter().position(|&count| count == most).unwrap_or(0);
    (SEPARATORS.get(index).copied().unwrap_or(b','), text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sheet_is_read_in_what_spreadsheets_write() {
        let text = "line;Gefühl – “ja”";
        let utf_16: Vec<u8> = [0xFEFF]
            .into_iter()
            .chain(text.encode_utf16())
            .flat_map(u16::to_le_bytes)
            .collect();
        let marked: Vec<u8> = "\u{FEFF}".bytes().chain(text.bytes()).collect();
        let western = b"line;Gef\xFChl \x96 \x93ja\x94";
        for bytes in [text.as_bytes(), &utf_16, &marked, western] {
            assert_eq!(decode(bytes).trim_end(), text);
        }
        assert_eq!(decode(b"a\r\nb\rc"), "a\nb\nc\n");
    }

    #[test]
    fn the_separator_is_found_outside_quotes() {
        assert_eq!(separator("line,text\n1;2;3;4").0, b',');
        assert_eq!(separator("\"a,b,c,d\";text\n").0, b';');
        assert_eq!(separator("line\ttext").0, b'\t');
        assert_eq!(separator("line").0, b',');
        assert_eq!(separator("sep=;\r\nline,x"), (b';', "line,x"));
    }
}

//! Patterns of names: `{line}_{take}` says which part of a file's name is the line and which the take.
//!
//! Other fields, such as `{character}`, tell lines of one name apart; `{_}` is anything, and counts for nothing. A `/` matches folders:
//! `{character}/{line}_{take}`. The ending of the sound file is not part of it.

use std::path::Path;

use regex::Regex;

/// The pattern that is taken where none is given.
pub(crate) const DEFAULT: &str = "{line}_{take}";

/// A pattern, ready to be held against names.
#[derive(Debug)]
pub(crate) struct Pattern {
    text: String,
    fields: Vec<Field>,
    regex: Regex,
    /// Folders and file that it speaks of.
    depth: usize,
}

/// What a part of the name is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Field {
    Line,
    Take,
    Other(String),
}

/// What a name says by a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Read {
    /// The line.
    pub(crate) line: String,
    /// Which take of it, if the pattern says.
    pub(crate) take: Option<String>,
    /// The other fields, in the pattern's order.
    pub(crate) others: Vec<(String, String)>,
}

enum Token {
    Literal(String),
    Field(Field),
    Anything,
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// What is wrong with it, and what to write instead.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let tokens = tokens(text)?;
        let mut fields = Vec::new();
        for token in &tokens {
            if let Token::Field(field) = token {
                if fields.contains(field) {
                    return Err(format!(
                        "the field {{{}}} stands twice; write {{_}} for a part that does not count",
                        field.name()
                    ));
                }
                fields.push(field.clone());
            }
        }
        if !fields.contains(&Field::Line) {
            return Err(format!(
                "there is no {{line}} in it; such as {DEFAULT} or {{character}}_{{line}}_take{{take}}"
            ));
        }
        let expression = expression(&tokens)?;
        let regex = Regex::new(&expression)
            .map_err(|_| "it is too long; write {_} for parts that do not count".to_owned())?;
        Ok(Self {
            text: text.to_owned(),
            fields,
            regex,
            depth: text.matches('/').count() + 1,
        })
    }

    /// The pattern as it was written.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Whether it says which part of a name is the take.
    pub(crate) fn tells_takes(&self) -> bool {
        self.fields.contains(&Field::Take)
    }

    /// Names of the fields beside line and take.
    pub(crate) fn others(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().filter_map(|field| match field {
            Field::Other(name) => Some(name.as_str()),
            _ => None,
        })
    }

    /// What a file's name says; `None` if it does not fit.
    pub(crate) fn read(&self, path: &Path) -> Option<Read> {
        let lossy = |part: &std::ffi::OsStr| part.to_string_lossy().into_owned();
        let mut parts: Vec<String> = path.components().map(|it| lossy(it.as_os_str())).collect();
        parts.pop();
        let folders = parts.split_off(parts.len().checked_sub(self.depth - 1)?);
        // The ending is no part of a name, unless the pattern ends in it, too.
        let whole = path.extension().is_some_and(|ending| {
            let ending = format!(".{}", ending.to_string_lossy().to_lowercase());
            self.text.to_lowercase().ends_with(&ending)
        });
        let names = [path.file_stem(), path.file_name().filter(|_| whole)];
        let found = names.into_iter().flatten().find_map(|name| {
            let mut whole = folders.clone();
            whole.push(lossy(name));
            let whole = whole.join("/");
            let captures = self.regex.captures(&whole)?;
            let values = captures.iter().skip(1);
            Some(
                values
                    .map(|value| value.map_or_else(String::new, |it| it.as_str().trim().to_owned()))
                    .collect::<Vec<_>>(),
            )
        })?;
        let mut read = Read {
            line: String::new(),
            take: None,
            others: Vec::new(),
        };
        for (field, value) in self.fields.iter().zip(found) {
            match field {
                Field::Line => read.line = value,
                Field::Take => read.take = Some(value),
                Field::Other(name) => read.others.push((name.clone(), value)),
            }
        }
        Some(read)
    }
}

impl Field {
    fn name(&self) -> &str {
        match self {
            Self::Line => "line",
            Self::Take => "take",
            Self::Other(name) => name,
        }
    }
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        let (literal, after) = rest.split_at(at);
        if !literal.is_empty() {
            tokens.push(Token::Literal(literal.to_owned()));
        }
        let inner = after
            .strip_prefix('{')
            .ok_or_else(|| "there is a } without a { before it".to_owned())?;
        let (name, after) = inner
            .split_once('}')
            .ok_or_else(|| "there is a { without a } after it".to_owned())?;
        let name = name.trim().to_lowercase();
        tokens.push(match name.as_str() {
            "line" => Token::Field(Field::Line),
            "take" => Token::Field(Field::Take),
            "_" | "*" | "" => Token::Anything,
            _ if name.contains(['{', '/']) => {
                return Err(format!(
                    "{{{name}}} is no field; a field is a word such as {{line}}"
                ));
            }
            _ => Token::Field(Field::Other(name)),
        });
        rest = after;
    }
    if !rest.is_empty() {
        tokens.push(Token::Literal(rest.to_owned()));
    }
    Ok(tokens)
}

/// The line is as long as it can be (`door_open_3` is take 3 of `door_open`), every other field as short as it can be; a take that follows a field
/// without anything between is its trailing number (`door12`).
fn expression(tokens: &[Token]) -> Result<String, String> {
    // Capital letters tell nothing apart, in the pattern's own letters either.
    let mut expression = String::from("(?i)^");
    for (index, token) in tokens.iter().enumerate() {
        let after_field = index > 0 && matches!(tokens.get(index - 1), Some(Token::Field(_)));
        let before_take = matches!(tokens.get(index + 1), Some(Token::Field(Field::Take)));
        expression += match token {
            Token::Literal(text) => {
                expression += &regex::escape(text);
                continue;
            }
            Token::Anything => "[^/]*?",
            Token::Field(Field::Take) if after_field => "([0-9]+)",
            Token::Field(field) if after_field => {
                return Err(format!(
                    "nothing tells where {{{}}} begins; put a character before it, such as _",
                    field.name()
                ));
            }
            Token::Field(Field::Line) if !before_take => "([^/]+)",
            Token::Field(_) => "([^/]+?)",
        };
    }
    Ok(expression + "$")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pattern: &str, path: &str) -> Option<(String, Option<String>)> {
        let read = Pattern::parse(pattern).unwrap().read(Path::new(path))?;
        Some((read.line, read.take))
    }

    fn pair(line: &str, take: &str) -> Option<(String, Option<String>)> {
        Some((line.to_owned(), Some(take.to_owned())))
    }

    #[test]
    fn the_line_is_as_long_as_it_can_be() {
        assert_eq!(
            read(DEFAULT, "takes/door_open_3.wav"),
            pair("door_open", "3")
        );
        assert_eq!(read(DEFAULT, "door_3.take.wav"), pair("door", "3.take"));
        assert_eq!(read(DEFAULT, "door.wav"), None);
        // The ending is no take, and capital letters of the pattern's own tell nothing.
        assert_eq!(read(DEFAULT, "a_.ogg"), None);
        assert_eq!(read("{line}.{take}", "door.ogg"), None);
        assert_eq!(read("{line}_{take}.WAV", "door_2.wav"), pair("door", "2"));
        assert_eq!(read("{line}_t{take}", "door_T01.WAV"), pair("door", "01"));
        assert_eq!(read(DEFAULT, "door _ 1.wav"), pair("door", "1"));
        assert_eq!(
            read("{line}", "x/door.wav"),
            Some(("door".to_owned(), None))
        );
    }

    #[test]
    fn fields_beside_it_are_as_short_as_they_can_be() {
        let pattern = Pattern::parse("{character}/{scene}_{line}_t{take}").unwrap();
        let read = pattern
            .read(Path::new("a/anna/s1_door_open_t12.wav"))
            .unwrap();
        assert_eq!(
            (read.line.as_str(), read.take.as_deref()),
            ("door_open", Some("12"))
        );
        assert_eq!(
            read.others,
            [
                ("character".to_owned(), "anna".to_owned()),
                ("scene".to_owned(), "s1".to_owned())
            ]
        );
        assert!(
            pattern.read(Path::new("s1_door_t1.wav")).is_none(),
            "no folder"
        );
    }

    #[test]
    fn a_number_may_follow_the_line_at_once_and_anything_may_count_for_nothing() {
        assert_eq!(read("{line}{take}", "door12.wav"), pair("door", "12"));
        assert_eq!(
            read("{_}_{line}-{take}", "2026_11_door-4.wav"),
            pair("11_door", "4")
        );
        assert_eq!(
            read("({line}) [{take}]", "(door) [4].wav"),
            pair("door", "4")
        );
    }

    #[test]
    fn a_wrong_pattern_says_what_to_write() {
        let error = |pattern: &str| Pattern::parse(pattern).unwrap_err();
        assert!(error("{take}").contains("no {line}"));
        assert!(error("{line}_{line}").contains("twice"));
        assert!(error("{line").contains("without a }"));
        assert!(error("line}").contains("without a {"));
        assert!(error("{line}{character}").contains("character"));
    }
}

//! `REPRODUCE.md`: for each shipped model the commands that make it again, how long they took, and the hash of what they gave.

use std::fmt::Write as _;
use std::path::Path;

use sha2::{Digest, Sha256};

/// What stands before the first entry.
const HEAD: &str = "\
# Making the models again

The commands below, in their order, with the corpora in the folders that they name, make each model and every figure of its card. Same seed, same machine:
same file, to the bit. Another processor may round otherwise, which gives another network of the same quality. Times are those of the machine named.

";

/// A file that a command made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// What it is: `the model file`, `answers on unseen speakers`.
    pub what: String,
    /// Its name as a person would look for it.
    pub file: String,
    /// SHA-256 of its bytes, in hexadecimal.
    pub hash: String,
    /// How long it took, in words, where that is known.
    pub took: Option<String>,
}

impl Made {
    /// The entry of a file that lies on the disk.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn read(what: &str, path: &Path, took: Option<String>) -> std::io::Result<Self> {
        Ok(Self::of(what, path, &std::fs::read(path)?, took))
    }

    /// The entry of a file with these bytes.
    pub fn of(what: &str, path: &Path, bytes: &[u8], took: Option<String>) -> Self {
        let hash = Sha256::digest(bytes)
            .iter()
            .fold(String::new(), |mut text, byte| {
                let _ = write!(text, "{byte:02x}");
                text
            });
        Self {
            what: what.to_owned(),
            file: path.display().to_string(),
            hash,
            took,
        }
    }
}

/// The document with the model's entry in it: in place of an older one of the same name, else at its end. `document` may be empty.
pub fn reproduce(
    document: &str,
    name: &str,
    machine: &str,
    commands: &[String],
    made: &[Made],
) -> String {
    let (begin, end) = (
        format!("<!-- begin {name} -->\n"),
        format!("<!-- end {name} -->\n"),
    );
    let mut entry = format!("{begin}## `{name}`\n\nOn: {machine}.\n\n");
    if commands.is_empty() {
        entry.push_str("The commands were not recorded.\n\n");
    } else {
        let _ = write!(entry, "```sh\n{}\n```\n\n", commands.join("\n"));
    }
    entry.push_str("| what | file | took | SHA-256 |\n|---|---|---|---|\n");
    for made in made {
        let _ = writeln!(
            entry,
            "| {} | `{}` | {} | `{}` |",
            made.what,
            made.file,
            made.took.as_deref().unwrap_or("–"),
            made.hash
        );
    }
    entry.push_str(&end);
    let document = if document.trim().is_empty() {
        HEAD
    } else {
        document
    };
    let older = document
        .find(&begin)
        .and_then(|from| Some((from, from + document[from..].find(&end)? + end.len())));
    match older {
        Some((from, to)) => format!("{}{entry}{}", &document[..from], &document[to..]),
        None => format!("{}\n\n{entry}", document.trim_end()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_takes_its_older_ones_place_and_leaves_the_others() {
        let made = |bytes: &[u8]| {
            Made::of(
                "the model file",
                Path::new("a.onnx"),
                bytes,
                Some("3 h".into()),
            )
        };
        let commands = ["train it".to_owned()];
        let first = reproduce("", "a", "a machine", &commands, &[made(b"abc")]);
        assert!(first.starts_with("# Making the models again"));
        // The SHA-256 of "abc", FIPS 180-2.
        assert!(first.contains("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
        let both = reproduce(&first, "b", "a machine", &[], &[]);
        let again = reproduce(&both, "a", "a machine", &commands, &[made(b"new")]);
        assert!(!again.contains("ba7816bf") && again.contains("## `b`"));
        assert_eq!(again.matches("## `a`").count(), 1);
        assert_eq!(
            reproduce(&again, "a", "a machine", &commands, &[made(b"new")]),
            again
        );
    }
}

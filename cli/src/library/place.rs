//! Where the library lies if nobody says so, and how paths are stored in it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};

use crate::trouble::Trouble;

/// The library's file where the user names none.
const NAME: &str = "library.db";

/// Where the library is: the file asked for, or the user's own in the platform's folder for data.
///
/// Linux and other Unix: `$XDG_DATA_HOME/undersong`, or `~/.local/share/undersong`. macOS: `~/Library/Application Support/Undersong`. Windows:
/// `%LOCALAPPDATA%\Undersong`.
pub(crate) fn place(asked: Option<&Path>) -> Result<PathBuf, Trouble> {
    if let Some(path) = asked {
        return Ok(path.to_path_buf());
    }
    let folder = data_folder(&|name| std::env::var_os(name)).ok_or_else(|| {
        Trouble::Misused(
            "the folder for your data is not known: HOME (LOCALAPPDATA on Windows) is not set; name the library's file with --library FILE"
                .to_owned(),
        )
    })?;
    Ok(folder.join(NAME))
}

/// The program's folder for data, by the environment.
fn data_folder(variable: &dyn Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let folder = |name: &str| {
        variable(name)
            .map(PathBuf::from)
            // The XDG specification has relative ones ignored.
            .filter(|folder| folder.is_absolute())
    };
    if cfg!(windows) {
        Some(folder("LOCALAPPDATA")?.join("Undersong"))
    } else if cfg!(target_os = "macos") {
        Some(folder("HOME")?.join("Library/Application Support/Undersong"))
    } else {
        let data =
            folder("XDG_DATA_HOME").or_else(|| Some(folder("HOME")?.join(".local/share")))?;
        Some(data.join("undersong"))
    }
}

/// A path in the database: text, or its bytes where it isn't UTF-8.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct StoredPath(pub(super) PathBuf);

impl ToSql for StoredPath {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        path_to_sql(&self.0)
    }
}

/// See [`StoredPath`].
pub(super) fn path_to_sql(path: &Path) -> rusqlite::Result<ToSqlOutput<'_>> {
    if let Some(text) = path.to_str() {
        return Ok(ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())));
    }
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        Ok(ToSqlOutput::Borrowed(ValueRef::Blob(
            path.as_os_str().as_bytes(),
        )))
    }
    #[cfg(not(unix))]
    Ok(ToSqlOutput::from(path.to_string_lossy().into_owned()))
}

impl FromSql for StoredPath {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value {
            ValueRef::Text(text) => std::str::from_utf8(text)
                .map(|text| Self(PathBuf::from(text)))
                .map_err(FromSqlError::other),
            #[cfg(unix)]
            ValueRef::Blob(bytes) => {
                use std::os::unix::ffi::OsStrExt;
                Ok(Self(PathBuf::from(std::ffi::OsStr::from_bytes(bytes))))
            }
            _ => Err(FromSqlError::InvalidType),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use super::*;

    #[cfg(all(unix, not(target_os = "macos")))]
    #[test]
    fn the_library_lies_where_xdg_says() {
        let of = |variables: &[(&str, &str)]| {
            data_folder(&|name| {
                let found = variables.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| OsString::from(value))
            })
        };
        let plain = of(&[("HOME", "/home/anna")]).unwrap();
        assert_eq!(plain, Path::new("/home/anna/.local/share/undersong"));
        let set = of(&[("HOME", "/home/anna"), ("XDG_DATA_HOME", "/data")]).unwrap();
        assert_eq!(set, Path::new("/data/undersong"));
        let relative = of(&[("HOME", "/home/anna"), ("XDG_DATA_HOME", "data")]).unwrap();
        assert_eq!(relative, plain);
        assert_eq!(of(&[]), None);
    }
}

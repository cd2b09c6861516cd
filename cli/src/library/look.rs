//! A file at a glance: whether it can still be the one that was read, without reading it.

use std::fs::Metadata;
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A file changed this shortly before it was read may be changed again without its times telling: file systems count in steps of up to
/// two seconds (FAT).
const COARSEST_CLOCK: Duration = Duration::from_secs(2);

/// What the system tells of a file: if all of it is as it was, the file is taken to be what it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Look {
    /// Bytes.
    pub(super) size: i64,
    /// When its contents were last changed, since 1970.
    pub(super) modified_ns: i64,
    /// When anything of it was last changed, which no program can set back; 0 where there is no such time.
    pub(super) changed_ns: i64,
    /// Its number on its disk; 0 where there is none.
    pub(super) inode: i64,
}

impl Look {
    /// Looks at a file; links are followed. A pipe or a device is none that could be looked at again.
    pub(super) fn at(path: &Path) -> io::Result<Self> {
        let metadata = std::fs::metadata(path)?;
        if metadata.is_file() {
            Ok(Self::of(&metadata))
        } else {
            Err(io::Error::other("it is no regular file"))
        }
    }

    fn of(metadata: &Metadata) -> Self {
        let (changed_ns, inode) = changed_and_inode(metadata);
        Self {
            // Two's complement loses nothing, and SQLite has no unsigned numbers.
            size: metadata.len() as i64,
            modified_ns: metadata.modified().map_or(0, since_1970_ns),
            changed_ns,
            inode,
        }
    }

    /// Whether a later change would show: the file was last changed well before `now`, at which reading it begins.
    pub(super) fn settled(&self, now: SystemTime) -> bool {
        let latest = self.modified_ns.max(self.changed_ns);
        latest < since_1970_ns(now).saturating_sub(COARSEST_CLOCK.as_nanos() as i64)
    }
}

#[cfg(unix)]
fn changed_and_inode(metadata: &Metadata) -> (i64, i64) {
    use std::os::unix::fs::MetadataExt;
    let changed_ns = metadata
        .ctime()
        .saturating_mul(1_000_000_000)
        .saturating_add(metadata.ctime_nsec());
    (changed_ns, metadata.ino() as i64)
}

#[cfg(not(unix))]
fn changed_and_inode(_: &Metadata) -> (i64, i64) {
    (0, 0)
}

fn since_1970_ns(time: SystemTime) -> i64 {
    let clamped = |duration: Duration| i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX);
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => clamped(after),
        Err(before) => -clamped(before.duration()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_was_just_changed_is_not_settled() {
        let now = UNIX_EPOCH + Duration::from_secs(1_000);
        let look = |modified_ns, changed_ns| Look {
            size: 1,
            modified_ns,
            changed_ns,
            inode: 1,
        };
        let second = 1_000_000_000;
        assert!(look(997 * second, 997 * second).settled(now));
        assert!(!look(998 * second, 0).settled(now));
        assert!(!look(0, 999 * second).settled(now), "a time set back");
        assert!(!look(2_000 * second, 0).settled(now), "a clock ahead");
    }
}

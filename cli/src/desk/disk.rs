//! Where a folder lies: on what kind of disk, since one of the network tells of no changes that others make, even where it takes a watch; and whether
//! it is still the one of its name.

use std::path::Path;
#[cfg(target_os = "linux")]
use std::path::PathBuf;
#[cfg(not(unix))]
use std::time::SystemTime;

/// What kind of network's disk a folder lies on; `None` if on none, as far as is known.
#[cfg(target_os = "linux")]
pub(super) fn remote_disk(folder: &Path) -> Option<String> {
    const REMOTE: [&str; 11] = [
        "nfs",
        "nfs4",
        "cifs",
        "smb3",
        "smbfs",
        "ncpfs",
        "9p",
        "afs",
        "ceph",
        "fuse.sshfs",
        "fuse.rclone",
    ];
    // Mount point and kind of each; see proc(5).
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").ok()?;
    let mounts = mounts.lines().filter_map(|line| {
        let (front, back) = line.split_once(" - ")?;
        // A space in a name is written as an octal number.
        let point = front.split(' ').nth(4)?.replace("\\040", " ");
        Some((PathBuf::from(point), back.split(' ').next()?.to_owned()))
    });
    let (_, kind) = mounts
        .filter(|(point, _)| folder.starts_with(point))
        .max_by_key(|(point, _)| point.components().count())?;
    REMOTE.contains(&kind.as_str()).then_some(kind)
}

#[cfg(not(target_os = "linux"))]
pub(super) fn remote_disk(_folder: &Path) -> Option<String> {
    None
}

/// What tells a folder from another of its name.
#[cfg(unix)]
pub(super) type Place = (u64, u64);
#[cfg(not(unix))]
pub(super) type Place = Option<SystemTime>;

/// Where the folder is; `None`: it is not there.
pub(super) fn place_of(root: &Path) -> Option<Place> {
    let metadata = root.metadata().ok().filter(std::fs::Metadata::is_dir)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        Some((metadata.dev(), metadata.ino()))
    }
    #[cfg(not(unix))]
    Some(metadata.created().ok())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_disk_of_this_machine_is_none_of_the_network() {
        assert_eq!(remote_disk(Path::new("/proc/self")), None);
        assert_eq!(remote_disk(&std::env::temp_dir()), None);
    }
}

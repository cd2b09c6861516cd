//! A report is on disk whole or not at all.
#![allow(clippy::expect_used)] // In tests a panic is the message.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use undersong_core::timeline::write_file;

/// Names in a folder: nothing temporary may stay.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.sort();
    names
}

fn disk_full(out: &mut dyn Write) -> io::Result<()> {
    out.write_all(&[b'x'; 100_000])?;
    Err(io::ErrorKind::StorageFull.into())
}

#[test]
fn a_file_is_written_and_written_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("report.html");
    for text in ["first, and longer", "second"] {
        write_file(&path, |out| out.write_all(text.as_bytes())).expect("room");
        assert_eq!(fs::read_to_string(&path).expect("the file"), text);
    }
    assert_eq!(names(folder.path()), ["report.html"]);
}

#[test]
fn a_full_disk_leaves_the_earlier_file_and_nothing_else_and_says_what_to_do() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("report.html");
    fs::write(&path, "earlier").expect("room");
    let error = write_file(&path, disk_full)
        .expect_err("the disk is full")
        .to_string();
    assert_eq!(fs::read_to_string(&path).expect("the file"), "earlier");
    assert_eq!(names(folder.path()), ["report.html"]);
    for part in ["report.html", "disk is full", "free some space"] {
        assert!(error.contains(part), "{error}");
    }
}

#[test]
fn a_writer_that_fails_leaves_no_new_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("new.json");
    write_file(&path, disk_full).expect_err("the disk is full");
    assert!(names(folder.path()).is_empty());
}

#[test]
fn a_missing_folder_and_a_folder_for_a_file_are_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let missing = folder.path().join("none").join("report.html");
    let error = write_file(&missing, |_| Ok(()))
        .expect_err("no folder")
        .to_string();
    assert!(
        error.contains("folder does not exist") && error.contains("report.html"),
        "{error}"
    );
    let error = write_file(folder.path(), |_| Ok(()))
        .expect_err("a folder")
        .to_string();
    assert!(error.contains("it is a folder"), "{error}");
}

/// `/dev/full` is a real device without room: the error is the system's own ENOSPC.
#[test]
#[cfg(target_os = "linux")]
fn the_systems_own_disk_full_is_understood_and_a_device_is_not_replaced() {
    let path = Path::new("/dev/full");
    let error = write_file(path, |out| out.write_all(b"text"))
        .expect_err("no room")
        .to_string();
    assert!(
        error.contains("/dev/full") && error.contains("the disk is full"),
        "{error}"
    );
    assert!(!fs::metadata(path).expect("the device").is_file());
}

#[test]
#[cfg(unix)]
fn a_link_stays_a_link_permissions_stay_and_a_read_only_file_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a folder");
    let real = folder.path().join("real.json");
    let link = folder.path().join("link.json");
    fs::write(&real, "earlier").expect("room");
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).expect("ours");
    std::os::unix::fs::symlink(&real, &link).expect("a link");
    write_file(&link, |out| out.write_all(b"new")).expect("room");
    assert!(fs::symlink_metadata(&link).expect("the link").is_symlink());
    assert_eq!(fs::read_to_string(&real).expect("the file"), "new");
    let mode = |path: &Path| fs::metadata(path).expect("the file").permissions().mode() & 0o777;
    assert_eq!(mode(&real), 0o640);

    let plain = folder.path().join("plain.json");
    let report = folder.path().join("report.json");
    fs::write(&plain, "").expect("room");
    write_file(&report, |_| Ok(())).expect("room");
    assert_eq!(mode(&report), mode(&plain), "as readable as any new file");

    fs::set_permissions(&real, fs::Permissions::from_mode(0o440)).expect("ours");
    let error = write_file(&real, |_| Ok(()))
        .expect_err("read-only")
        .to_string();
    assert!(error.contains("no permission"), "{error}");
    assert_eq!(fs::read_to_string(&real).expect("the file"), "new");
}

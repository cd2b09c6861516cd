//! The editor under an X server without a screen: opened, resized, closed, looked at; and what it opens the way for.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]
#![cfg(target_os = "linux")]

use std::path::PathBuf;
use std::time::{Duration, Instant};
use undersong_bundler::check::check_editors;
use undersong_bundler::hosts::display::{Display, leave};
use undersong_tests::{Formats, library, no_faults, take, with_display};

/// Where pictures go, for whoever wants to look.
fn pictures() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("editor");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn it_opens_resizes_and_closes_in_both_formats() {
    with_display("it_opens_resizes_and_closes_in_both_formats", || {
        let findings = check_editors(&library(), &library(), Some(&pictures())).unwrap();
        for finding in &findings {
            println!(
                "{}: {}",
                finding.name,
                finding.fault.as_deref().unwrap_or("ok")
            );
        }
        if findings.iter().any(|finding| finding.fault.is_some()) {
            leave(1);
        }
    });
}

#[test]
fn it_shows_what_is_heard_while_sound_plays() {
    with_display("it_shows_what_is_heard_while_sound_plays", || {
        let formats = Formats::open().unwrap();
        let display = Display::open().unwrap();
        let mut host = formats.clap.instance().unwrap();
        let (sound, rate_hz) = take();
        host.activate(rate_hz.into(), 1, 512).unwrap();
        let window = host.open_editor(&display, Duration::ZERO).unwrap();
        host.idle(&window, Duration::from_secs(2)).unwrap();
        let mut seen = vec![window.picture().unwrap()];
        let begin = Instant::now();
        for (number, block) in sound.chunks(512).enumerate() {
            let seconds = number as f64 * 512.0 / f64::from(rate_hz);
            let due = Duration::from_secs_f64(seconds).saturating_sub(begin.elapsed());
            host.idle(&window, due).unwrap();
            host.block(&[block], &[], None).unwrap();
            if seconds > seen.len() as f64 * 3.0 {
                seen.push(window.picture().unwrap());
            }
            if seconds > 12.0 {
                break;
            }
        }
        for (number, picture) in seen.iter().enumerate() {
            picture
                .save(&pictures().join(format!("playing-{number}.png")))
                .unwrap();
        }
        let moved = seen
            .windows(2)
            .all(|pair| pair[1].difference(&pair[0]) > 0.001);
        assert!(moved && seen.len() > 3, "{} pictures", seen.len());
        // The judge of the audio thread was there all the time, with the editor at work beside it.
        no_faults(&host);
        host.close_editor().unwrap();
    });
}

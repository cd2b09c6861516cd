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

/// Where things lie in the window as it opens first, 900 × 600 at scale 1: the way to the MIDI page, and there the first row's switch.
const MIDI_CHIP: (i16, i16) = (780, 571);
const FIRST_ROW: (i16, i16) = (768, 376);

#[test]
fn a_click_into_the_midi_map_tells_the_host_that_there_is_something_to_save() {
    with_display(
        "a_click_into_the_midi_map_tells_the_host_that_there_is_something_to_save",
        || {
            let formats = Formats::open().unwrap();
            let display = Display::open().unwrap();
            let a_while = Duration::from_millis(1_500);
            let mut clap = formats.clap.instance().unwrap();
            let window = clap.open_editor(&display, Duration::ZERO).unwrap();
            let (before, mut marks) = (clap.save_in_pieces(usize::MAX).unwrap(), Vec::new());
            for (x, y) in [MIDI_CHIP, FIRST_ROW] {
                clap.idle(&window, a_while).unwrap();
                window.click(x, y).unwrap();
                clap.idle(&window, a_while).unwrap();
                marks.push(clap.dirty_marks());
            }
            window
                .picture()
                .unwrap()
                .save(&pictures().join("clicked.png"))
                .unwrap();
            assert_eq!(marks, [0, 1], "CLAP: see clicked.png");
            assert_ne!(clap.save_in_pieces(usize::MAX).unwrap(), before);
            clap.close_editor().unwrap();

            let mut vst3 = formats.vst3.instance().unwrap();
            vst3.open_editor(&display, Duration::ZERO).unwrap();
            let mut marks = Vec::new();
            for (x, y) in [MIDI_CHIP, FIRST_ROW] {
                vst3.idle(a_while).unwrap();
                vst3.editor_window().unwrap().click(x, y).unwrap();
                vst3.idle(a_while).unwrap();
                marks.push(vst3.dirty_marks());
            }
            assert_eq!(marks, [0, 1], "VST3");
            vst3.close_editor();
            assert_eq!(vst3.edits().faults(), []);
        },
    );
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

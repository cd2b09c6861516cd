//! Edits that a VST3 host gets on its main thread: it records automation from nothing else.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]
#![cfg(target_os = "linux")]

use std::time::{Duration, Instant};
use undersong_bundler::hosts::display::Display;
use undersong_bundler::hosts::{Playhead, PluginHost, Vst3Host, What};
use undersong_tests::{Formats, no_faults, take, with_display};

#[test]
fn vst3_edits_follow_the_voice_once_it_was_opened_and_do_not_pile_up() {
    with_display(
        "vst3_edits_follow_the_voice_once_it_was_opened_and_do_not_pile_up",
        || {
            let formats = Formats::open().unwrap();
            let display = Display::open().unwrap();
            let mut host = formats.vst3.instance().unwrap();
            let (sound, rate_hz) = take();
            PluginHost::set_named(&mut host, "Write Auto", 1.0).unwrap();
            // 20 hops a second.
            PluginHost::set_named(&mut host, "Hop", 0.0).unwrap();
            host.activate(rate_hz.into(), 1, 512).unwrap();
            let mut position = 0;
            let mut play = |host: &mut Vst3Host, seconds: f64| {
                let begin = Instant::now();
                let blocks = (seconds * f64::from(rate_hz) / 512.0) as usize;
                for (number, block) in sound.chunks(512).cycle().take(blocks).enumerate() {
                    let due = Duration::from_secs_f64(number as f64 * 512.0 / f64::from(rate_hz));
                    host.idle(due.saturating_sub(begin.elapsed())).unwrap();
                    let playhead = Playhead {
                        playing: true,
                        position,
                    };
                    host.block(&[block], &[], Some(playhead)).unwrap();
                    position += 512;
                }
            };
            // Until the editor was opened nothing comes.
            play(&mut host, 6.0);
            assert_eq!(host.edits_made().len(), 0);
            host.open_editor(&display, Duration::ZERO).unwrap();
            host.idle(Duration::from_millis(100)).unwrap();
            // And then not all of the past: each lane's begin and newest value.
            assert!(
                host.edits_made().len() <= 2 * 13,
                "{}",
                host.edits_made().len()
            );
            let before = host.edits_made().len();
            play(&mut host, 8.0);
            let happy = host.parameter("Happy").unwrap().id;
            let points = host.edits_made()[before..]
                .iter()
                .filter(|what| matches!(what, What::Value { id, .. } if *id == happy))
                .count();
            println!("{points} points in 8 s");
            assert!(points > 80, "{points} points in 8 s");
            host.close_editor();
            assert_eq!(
                host.edits().held(),
                0,
                "closing the editor lets go of every lane"
            );
            // Deactivated and activated again, the gestures begin again.
            host.activate(rate_hz.into(), 1, 512).unwrap();
            host.open_editor(&display, Duration::ZERO).unwrap();
            play(&mut host, 6.0);
            assert!(host.edits().held() > 0);
            host.close_editor();
            assert_eq!(host.edits().faults(), []);
            no_faults(&host);
        },
    );
}

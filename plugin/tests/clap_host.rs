//! The plugin in a CLAP host: the sound passes bit for bit, and what is heard comes out as automation and MIDI.

#![allow(clippy::unwrap_used)]

mod clap_support;

use clap_support::{Heard, Host, take};
use undersong_plugin::params::{LANES, Lane, lane_host_id};

#[test]
fn a_take_comes_out_untouched_with_automation_and_midi() {
    let take = take();
    let mut host = Host::new();
    host.set(&[("write", 1.0), ("midi", 1.0), ("hop", 0.0)]);
    let heard = host.render(&take, 512);

    assert_eq!(heard.sound, take, "the sound is another");
    let seconds = take.len() as f64 / 48_000.0;
    for lane in LANES.into_iter().take(8) {
        let points = heard.values(lane);
        assert!(
            points.len() as f64 > 10.0 * seconds,
            "{lane:?}: {} points in {seconds:.1} s",
            points.len()
        );
    }
    // At each time the scores sum to 1 or, before the first voice, to 0.
    let last = |lane: Lane| heard.values(lane).last().unwrap().1;
    let sum: f64 = LANES.into_iter().take(8).map(last).sum();
    assert!((sum - 1.0).abs() < 1e-3, "{sum}");
    assert!(
        heard
            .values(Lane::Speech)
            .iter()
            .any(|&(_, value)| value == 1.0)
    );
    for controller in 20..28 {
        assert!(
            heard.controllers.iter().any(|(_, cc, _)| *cc == controller),
            "{controller}"
        );
    }
    let times = heard.order.windows(2);
    assert!(times.clone().count() > 100);
    assert!(
        times.into_iter().all(|pair| pair[0] <= pair[1]),
        "not in time order"
    );
}

#[test]
fn automation_lies_between_one_begin_and_one_end() {
    let mut host = Host::new();
    host.set(&[("write", 1.0)]);
    let end = 120_000;
    host.set_later(end, &[("write", 0.0)]);
    let heard = host.render(&take(), 480);
    for lane in LANES {
        let of_lane = |list: &[(u64, u32)]| {
            let times = list.iter().filter(|(_, id)| *id == lane_host_id(lane));
            times.map(|(at, _)| *at).collect::<Vec<_>>()
        };
        assert_eq!(of_lane(&heard.begins), [0], "{lane:?}");
        assert_eq!(of_lane(&heard.ends), [end], "{lane:?}");
        assert!(
            heard.values(lane).iter().all(|(at, _)| *at < end),
            "{lane:?}"
        );
    }
}

#[test]
fn nothing_is_written_or_sent_unless_asked_for() {
    let mut host = Host::new();
    let heard = host.render(&take(), 512);
    assert_eq!(
        heard,
        Heard {
            sound: take(),
            ..Heard::default()
        }
    );
}

#[test]
fn two_bounces_are_equal() {
    let bounce = || {
        let mut host = Host::new();
        host.set(&[
            ("write", 1.0),
            ("midi", 1.0),
            ("notes", 1.0),
            ("smooth", 0.2),
        ]);
        host.render(&take(), 256)
    };
    assert_eq!(bounce(), bounce());
}

#[test]
fn after_a_deactivation_gestures_begin_again() {
    let mut host = Host::new();
    host.set(&[("write", 1.0)]);
    assert_eq!(host.render(&take(), 512).begins.len(), LANES.len());
    // Each render activates anew.
    assert_eq!(host.render(&take(), 512).begins.len(), LANES.len());
}

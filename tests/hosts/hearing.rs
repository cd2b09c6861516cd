//! What the plugin hears, seen from a host: the same as a scan, the same in every bounce, and only where it was asked for.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};
use undersong_bundler::hosts::{Change, Playhead, PluginHost, What};
use undersong_core::model::Model;
use undersong_core::scan::{ScanOptions, Scanner};
use undersong_core::timeline::Window;
use undersong_tests::{Formats, Host, SentAt, no_faults, play, sent_at, take, take_path};

/// Output parameters, by name.
const SCORES: [&str; 8] = [
    "Neutral",
    "Calm",
    "Happy",
    "Sad",
    "Angry",
    "Fearful",
    "Disgust",
    "Surprised",
];
const OTHERS: [&str; 5] = ["Valence", "Arousal", "Confidence", "Speech", "Leading"];

/// Armed for automation, rendering offline.
fn bouncing(mut host: Host, rate_hz: u32, max_frames: usize) -> Host {
    host.set_named("Write Auto", 1.0).unwrap();
    host.set_offline(true).unwrap();
    host.activate(rate_hz.into(), 1, max_frames).unwrap();
    host
}

fn scan() -> (Vec<String>, Vec<Window>) {
    let model = Model::builtin().unwrap();
    let scanner = Scanner::new(&model, ScanOptions::default()).unwrap();
    let mut scan = scanner.scan(&[take_path()], &|_| {}).unwrap();
    let names = scan.model.emotions.names().map(str::to_owned).collect();
    (names, scan.takes.remove(0).windows)
}

/// The lanes as a host would have recorded them: a share of the range by parameter, up to and with a sample.
fn lanes_at(host: &dyn PluginHost, sent: &[SentAt], sample: u64) -> HashMap<String, f64> {
    let mut lanes = HashMap::new();
    for (at, what) in sent {
        if *at > sample {
            break;
        }
        if let What::Value { id, value } = what {
            let parameter = host
                .parameters()
                .iter()
                .find(|parameter| parameter.id == *id)
                .unwrap();
            lanes.insert(parameter.name.clone(), parameter.share_of(*value));
        }
    }
    lanes
}

#[test]
fn a_bounce_records_the_lanes_that_a_scan_of_the_same_sound_gives() {
    let formats = Formats::open().unwrap();
    let (sound, rate_hz) = take();
    let (names, windows) = scan();
    for host in formats.each().unwrap() {
        let mut host = bouncing(host, rate_hz, 512);
        let sent = play(&mut *host, &sound, &[512], 0);
        let mut compared = 0;
        for window in &windows {
            let end = (window.end_seconds * f64::from(rate_hz)).round() as u64;
            // A point stands some 25 ms after its window's end; the next window is far off.
            let told = end + u64::from(rate_hz) / 10;
            let Some(reading) = window
                .reading
                .as_ref()
                .filter(|_| told < sound.len() as u64)
            else {
                continue;
            };
            let lanes = lanes_at(&*host, &sent, told);
            let near = |lane: &str, expected: f64| {
                let found = lanes.get(lane).copied().unwrap_or(f64::NAN);
                assert!(
                    (found - expected).abs() <= 1e-5,
                    "{}: {lane} is {found} at {} s, the scan's {expected}",
                    host.format(),
                    window.end_seconds
                );
            };
            for (name, &score) in names.iter().zip(&reading.scores.0) {
                let lane = SCORES
                    .iter()
                    .find(|lane| lane.eq_ignore_ascii_case(name))
                    .unwrap();
                near(lane, score.into());
            }
            near("Valence", (f64::from(reading.valence) + 1.0) / 2.0);
            near("Arousal", (f64::from(reading.arousal) + 1.0) / 2.0);
            near("Confidence", reading.confidence.into());
            compared += 1;
        }
        assert!(compared > 10, "{compared} windows were compared");
        no_faults(&*host);
    }
}

#[test]
fn a_bounce_gives_the_same_points_and_messages_at_the_same_samples_in_blocks_of_any_size() {
    let formats = Formats::open().unwrap();
    let (sound, rate_hz) = take();
    let sound = &sound[..sound.len().min(rate_hz as usize * 5)];
    for format in 0..2 {
        let bounced = |sizes: &[usize], from: u64| {
            let mut hosts = formats.each().unwrap().into_iter();
            let mut host = hosts.nth(format).unwrap();
            host.set_named("MIDI", 1.0).unwrap();
            host.set_named("Notes", 1.0).unwrap();
            host.set_named("MIDI Bits", 1.0).unwrap();
            // 50 ms, so that controllers' rate limit has its say.
            host.set_named("Hop", 0.0).unwrap();
            let mut host = bouncing(host, rate_hz, 8192);
            let mut sent = play(&mut *host, sound, sizes, from);
            no_faults(&*host);
            // VST3 has a list for each parameter, so at one sample there is no order among those: by lane. Messages keep theirs.
            sent.sort_by_key(|(at, what)| {
                let lane = match what {
                    What::Begin { id } | What::Value { id, .. } | What::End { id } => *id,
                    What::Midi { .. } | What::Other => 0,
                };
                (*at, lane)
            });
            (host.format(), sent)
        };
        let (name, whole) = bounced(&[512], 0);
        let points = whole
            .iter()
            .filter(|(_, what)| matches!(what, What::Value { .. }));
        let messages = whole
            .iter()
            .filter(|(_, what)| matches!(what, What::Midi { .. }));
        assert!(points.count() > 800 && messages.count() > 800, "{name}");
        for sizes in [&[512][..], &[64], &[1, 4096, 17, 441, 2000], &[8192]] {
            let (_, other) = bounced(sizes, 0);
            let apart = whole.iter().zip(&other).find(|(a, b)| a != b);
            assert!(
                other == whole,
                "{name}, blocks of {sizes:?}: first apart {apart:?}, {} and {} events",
                whole.len(),
                other.len()
            );
        }
        // Where on the host's line it plays does not matter.
        assert!(bounced(&[333], 48_000 * 60).1 == whole, "{name}");
    }
}

#[test]
fn after_a_jump_back_the_same_points_come_again() {
    let formats = Formats::open().unwrap();
    let (sound, rate_hz) = take();
    let sound = &sound[..sound.len().min(rate_hz as usize * 8)];
    for host in formats.each().unwrap() {
        let mut host = bouncing(host, rate_hz, 4096);
        let whole = play(&mut *host, sound, &[512], 0);
        assert!(whole.len() > 100);
        // The same instance again: the playhead jumps back, and the old sound is forgotten. The jump itself takes the lanes back to where
        // they began.
        let again = play(&mut *host, sound, &[512], 0);
        let later = |sent: &[SentAt]| {
            sent.iter()
                .filter(|(at, _)| *at > 0)
                .copied()
                .collect::<Vec<_>>()
        };
        assert!(later(&again) == later(&whole), "{}", host.format());
        no_faults(&*host);
    }
}

#[test]
fn live_with_ample_time_records_the_values_of_a_bounce() {
    let formats = Formats::open().unwrap();
    let (sound, rate_hz) = take();
    let sound = &sound[..rate_hz as usize * 6];
    let values = |sent: &[SentAt], id: u32| -> Vec<f64> {
        sent.iter()
            .filter_map(|(_, what)| match what {
                What::Value { id: of, value } if *of == id => Some(*value),
                _ => None,
            })
            .collect()
    };
    for (host, live) in formats
        .each()
        .unwrap()
        .into_iter()
        .zip(formats.each().unwrap())
    {
        let mut host = bouncing(host, rate_hz, 512);
        let bounced = play(&mut *host, sound, &[512], 0);
        let mut live = live;
        live.set_named("Write Auto", 1.0).unwrap();
        live.activate(rate_hz.into(), 1, 512).unwrap();
        wait_until_it_hears(&mut *live, rate_hz);
        live.deactivate();
        live.activate(rate_hz.into(), 1, 512).unwrap();
        let mut heard = Vec::new();
        let begin = Instant::now();
        // Half as fast as the sound, and some silence after it for what is under way.
        let silence = vec![0.0; rate_hz as usize / 2];
        for (number, block) in sound.chunks(512).chain(silence.chunks(512)).enumerate() {
            let at = number as u64 * 512;
            let due = Duration::from_secs_f64(2.0 * at as f64 / f64::from(rate_hz));
            std::thread::sleep(due.saturating_sub(begin.elapsed()));
            let playhead = Playhead {
                playing: true,
                position: at,
            };
            heard.extend(sent_at(
                at,
                live.block(&[block], &[], Some(playhead)).unwrap(),
            ));
        }
        for name in ["Neutral", "Happy", "Sad", "Angry", "Valence"] {
            let id = host.parameter(name).unwrap().id;
            let (bounced, heard) = (values(&bounced, id), values(&heard, id));
            assert!(bounced.len() > 5, "{name}");
            // Live, the silence after the sound may add to it.
            assert_eq!(
                heard.get(..bounced.len()),
                Some(&bounced[..]),
                "{}: {name}",
                host.format()
            );
        }
        no_faults(&*live);
    }
}

/// Plays a voice until something comes: the model is loaded beside the sound.
fn wait_until_it_hears(host: &mut dyn PluginHost, rate_hz: u32) {
    let (sound, _) = take();
    let begin = Instant::now();
    let mut at = 0;
    loop {
        assert!(
            begin.elapsed() < Duration::from_secs(60),
            "{} hears nothing",
            host.format()
        );
        for block in sound.chunks(512) {
            let playhead = Playhead {
                playing: true,
                position: at,
            };
            let sent = host.block(&[block], &[], Some(playhead)).unwrap();
            let values = sent
                .iter()
                .filter(|sent| matches!(sent.what, What::Value { .. }))
                .count();
            at += block.len() as u64;
            // Arming writes each lane once; more than those is something heard.
            if values > 0 && at > u64::from(rate_hz) {
                return;
            }
            std::thread::sleep(Duration::from_secs_f64(
                block.len() as f64 / f64::from(rate_hz),
            ));
        }
    }
}

#[test]
fn lanes_are_written_only_while_armed_and_nothing_of_the_hosts_is_echoed() {
    let formats = Formats::open().unwrap();
    let (sound, rate_hz) = take();
    for mut host in formats.each().unwrap() {
        host.set_offline(true).unwrap();
        host.activate(rate_hz.into(), 1, 512).unwrap();
        let outputs: HashSet<u32> = SCORES
            .iter()
            .chain(&OTHERS)
            .map(|name| host.parameter(name).unwrap().id)
            .collect();
        let write = host.parameter("Write Auto").unwrap();
        let (sensitivity, happy) = (
            host.parameter("Sensitivity").unwrap(),
            host.parameter("Happy").unwrap(),
        );
        let mut armed_values = 0;
        for (number, block) in sound.chunks(512).take(900).enumerate() {
            let armed = (300..600).contains(&number);
            // The host automates an input, and plays back a lane that was recorded before.
            let share = number as f64 % 100.0 / 100.0;
            let mut changes = vec![
                Change {
                    at: 3,
                    id: sensitivity.id,
                    value: sensitivity.at_share(share),
                },
                Change {
                    at: 5,
                    id: happy.id,
                    value: happy.at_share(share),
                },
            ];
            if number == 300 || number == 600 {
                let value = write.at_share(if armed { 1.0 } else { 0.0 });
                changes.insert(
                    0,
                    Change {
                        at: 0,
                        id: write.id,
                        value,
                    },
                );
            }
            let playhead = Playhead {
                playing: true,
                position: number as u64 * 512,
            };
            let sent = host
                .block(&[block], &changes, Some(playhead))
                .unwrap()
                .to_vec();
            for event in &sent {
                match event.what {
                    What::Value { id, .. } => {
                        assert!(outputs.contains(&id), "an input was echoed");
                        assert!(armed, "{}: a value in block {number}", host.format());
                        armed_values += 1;
                    }
                    What::Begin { id } => assert!(armed && outputs.contains(&id)),
                    // Disarming lets go in the block in which it comes.
                    What::End { .. } => assert_eq!(number, 600),
                    What::Midi { .. } | What::Other => panic!("{:?} was not asked for", event.what),
                }
            }
        }
        assert!(armed_values > 50, "{armed_values}");
        assert_eq!(host.judge().held(), 0);
        no_faults(&*host);
    }
}

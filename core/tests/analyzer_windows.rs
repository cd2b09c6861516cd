//! Where windows lie, what is in them, and what a listener keeps and forgets.

#![allow(clippy::unwrap_used)]

mod analyzer_support;

use analyzer_support::{log_mel, resampled, samples, speech};
use undersong_core::analyzer::{Heard, Hop, Listener};
use undersong_core::features::{ClipFeatures, FeatureConfig};

#[derive(Debug, Clone, PartialEq)]
struct Kept {
    start: f64,
    end: f64,
    voiced: f64,
    features: Option<Vec<f32>>,
}

fn keep(windows: &mut Vec<Kept>) -> impl FnMut(Heard<'_>) {
    |heard| {
        windows.push(Kept {
            start: heard.start_seconds,
            end: heard.end_seconds,
            voiced: heard.voiced_seconds,
            features: heard.features.map(<[f32]>::to_vec),
        });
    }
}

fn listener(config: &FeatureConfig, rate_hz: u32, hop_seconds: f64) -> Listener {
    Listener::new(config, rate_hz, Hop::from_seconds(hop_seconds).unwrap()).unwrap()
}

fn hear(listener: &mut Listener, sound: &[f32]) -> Vec<Kept> {
    let mut windows = Vec::new();
    for block in sound.chunks(1152) {
        listener.push(block, &mut keep(&mut windows)).unwrap();
    }
    listener.finish(&mut keep(&mut windows)).unwrap();
    windows
}

/// Starts and ends of the windows of so much speech.
fn places(seconds: f64, hop_seconds: f64) -> Vec<(f64, f64)> {
    let mut listener = listener(&log_mel(), 44_100, hop_seconds);
    let windows = hear(&mut listener, &speech(44_100, seconds));
    windows.iter().map(|w| (w.start, w.end)).collect()
}

fn assert_close(found: &[(f64, f64)], expected: &[(f64, f64)]) {
    assert_eq!(found.len(), expected.len(), "{found:?}");
    for (a, b) in found.iter().zip(expected) {
        let error = (a.0 - b.0).abs().max((a.1 - b.1).abs());
        assert!(error < 1e-9, "{found:?} instead of {expected:?}");
    }
}

#[test]
fn a_sound_shorter_than_a_window_is_one_window_from_its_start_to_its_end() {
    assert_close(&places(0.4, 0.25), &[(0.0, 0.4)]);
    assert_close(&places(2.99, 0.25), &[(0.0, 2.99)]);
}

#[test]
fn a_short_sound_stands_in_the_middle_of_silence() {
    for config in [log_mel(), FeatureConfig::paper()] {
        let rate_hz = config.sample_rate_hz;
        let sound = speech(rate_hz, 1.3);
        let windows = hear(&mut listener(&config, rate_hz, 0.25), &sound);
        // Windows start on a frame: the nearest to the exact middle.
        let hop = config.hop_samples as f64;
        let exact = (sound.len() as f64 - config.span_samples as f64) / 2.0;
        let start = (exact / hop).round() as i64 * config.hop_samples as i64;
        let mut maker = ClipFeatures::new(&config).unwrap();
        let mut expected = vec![0.0; maker.frames() * maker.coefficients()];
        maker.window(&sound, start, &mut expected).unwrap();
        assert_eq!(windows[0].features.as_deref(), Some(expected.as_slice()));
    }
}

#[test]
fn exactly_one_span_is_one_window_and_a_tenth_more_is_two() {
    assert_close(&places(3.0, 0.25), &[(0.0, 3.0)]);
    assert_close(&places(3.1, 0.25), &[(0.0, 3.0), (0.1, 3.1)]);
    // A remainder of a few milliseconds says nothing new.
    assert_close(&places(3.005, 0.25), &[(0.0, 3.0)]);
    assert_close(&places(3.25, 0.25), &[(0.0, 3.0), (0.25, 3.25)]);
}

#[test]
fn windows_lie_a_hop_apart_and_the_last_ends_with_the_sound() {
    for (hop, count) in [(0.25, 29), (0.5, 15), (1.0, 8), (0.1, 71)] {
        let even = (0..count).map(|k| (f64::from(k) * hop, f64::from(k) * hop + 3.0));
        let even = even.collect::<Vec<_>>();
        assert_close(&places(10.0, hop), &even);
        let more = [even.as_slice(), &[(7.05, 10.05)]].concat();
        assert_close(&places(10.05, hop), &more);
    }
    // A hop longer than the window leaves gaps, but not at the end.
    assert_close(&places(10.0, 5.0), &[(0.0, 3.0), (5.0, 8.0), (7.0, 10.0)]);
}

#[test]
fn a_window_of_a_stream_is_that_of_the_clip_in_memory() {
    // So that training, which cuts clips in memory, sees what a scan sees.
    for config in [log_mel(), FeatureConfig::paper()] {
        let sound = speech(44_100, 6.3);
        let clip = resampled(&sound, 44_100, config.sample_rate_hz);
        let windows = hear(&mut listener(&config, 44_100, 0.3), &sound);
        assert_eq!(windows.len(), 12);
        let mut maker = ClipFeatures::new(&config).unwrap();
        let mut expected = vec![0.0; maker.frames() * maker.coefficients()];
        let frames_per_second = f64::from(config.sample_rate_hz) / config.hop_samples as f64;
        for window in &windows {
            let frame = (window.start * frames_per_second).round() as i64;
            maker
                .window(&clip, frame * config.hop_samples as i64, &mut expected)
                .unwrap();
            let features = window.features.as_ref().unwrap();
            assert!(*features == expected, "window at {} s", window.start);
        }
    }
}

#[test]
fn silence_has_windows_and_no_emotion() {
    for seconds in [0.5, 3.0, 7.0] {
        let mut listener = listener(&log_mel(), 48_000, 0.5);
        let windows = hear(&mut listener, &vec![0.0; samples(48_000, seconds)]);
        assert!(!windows.is_empty());
        assert!(
            windows
                .iter()
                .all(|w| w.features.is_none() && w.voiced == 0.0)
        );
        assert_eq!(listener.voiced_seconds(), 0.0);
    }
}

#[test]
fn voice_in_the_middle_is_found_in_the_middle_only() {
    let rate_hz = 48_000;
    let mut sound = vec![0.0; samples(rate_hz, 5.0)];
    sound.extend(speech(rate_hz, 3.0));
    sound.extend(vec![0.0; samples(rate_hz, 5.0)]);
    let mut listener = listener(&log_mel(), rate_hz, 0.25);
    let windows = hear(&mut listener, &sound);
    for window in &windows {
        let voiced = window.features.is_some();
        // The gate holds for 0.2 s, and a quarter second of voice is needed.
        if window.end < 5.1 || window.start > 8.3 {
            assert!(!voiced && window.voiced < 0.25, "{:?}", window.start);
        } else if window.end > 6.0 && window.start < 7.0 {
            assert!(voiced && window.voiced > 0.3, "{:?}", window.start);
        }
        assert!(window.voiced <= window.end - window.start);
    }
    let whole = windows.iter().find(|w| w.start == 5.0).unwrap();
    assert!((2.0..=3.0).contains(&whole.voiced), "{}", whole.voiced);
    let heard = listener.voiced_seconds();
    assert!((2.0..=3.3).contains(&heard), "{heard}");
    assert_eq!(listener.seconds(), 13.0);
}

#[test]
fn reset_forgets_all() {
    let config = log_mel();
    let sound = speech(44_100, 5.0);
    let fresh = hear(&mut listener(&config, 44_100, 0.25), &sound);
    let mut used = listener(&config, 44_100, 0.25);
    // In the middle of a sound.
    used.push(&speech(44_100, 7.77)[3_000..], &mut |_| {})
        .unwrap();
    used.reset();
    assert_eq!(used.seconds(), 0.0);
    assert_eq!(hear(&mut used, &sound), fresh);
    // After its end, with and without being asked to.
    used.reset();
    assert_eq!(hear(&mut used, &sound), fresh);
    assert_eq!(used.seconds(), 5.0);
    assert_eq!(hear(&mut used, &sound), fresh);
}

#[test]
fn a_sound_ends_once() {
    let mut listener = listener(&log_mel(), 16_000, 0.25);
    listener
        .finish(&mut |_| panic!("a window of nothing"))
        .unwrap();
    assert_eq!(hear(&mut listener, &speech(16_000, 3.1)).len(), 2);
    listener.finish(&mut |_| panic!("a window twice")).unwrap();
    assert_eq!(listener.seconds(), 3.1);
}

#[test]
fn samples_that_are_no_numbers_do_not_spoil_what_follows() {
    let mut sound = speech(16_000, 8.0);
    sound[5_000] = f32::NAN;
    sound[5_001] = f32::INFINITY;
    sound[5_002] = -1e30;
    let windows = hear(&mut listener(&log_mel(), 16_000, 0.25), &sound);
    assert_eq!(windows.len(), 21);
    for window in windows {
        let features = window.features.expect("voice");
        assert!(features.iter().all(|x| x.is_finite()), "{}", window.start);
    }
}

#[test]
fn rates_out_of_range_are_refused_by_number() {
    for rate_hz in [0, 4_000, 1_000_000] {
        let error = Listener::new(&log_mel(), rate_hz, Hop::default()).unwrap_err();
        assert!(error.to_string().contains(&rate_hz.to_string()), "{error}");
    }
}

#[test]
fn a_hop_is_checked() {
    assert_eq!("0.5".parse::<Hop>().unwrap().seconds(), 0.5);
    for text in ["", "a", "0", "-1", "NaN", "inf", "61"] {
        let error = text.parse::<Hop>().unwrap_err().to_string();
        assert!(
            error.contains(text) && error.contains("such as 0.25"),
            "{error}"
        );
    }
}

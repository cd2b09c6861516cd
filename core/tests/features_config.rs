//! A wrong configuration is refused by name and value, before anything is computed with it.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test that cannot go on has failed

use undersong_core::features::{
    FeatureConfig, FeatureError, FeatureKind, FrameExtractor, LevelNormalisation, Statistics,
    WindowCutter,
};

/// The setting that an otherwise sound configuration is refused for.
fn refused(change: impl FnOnce(&mut FeatureConfig)) -> (&'static str, String) {
    let mut config = FeatureConfig::paper();
    change(&mut config);
    let error = config.validate().expect_err("accepted");
    assert_eq!(FrameExtractor::new(&config).unwrap_err(), error);
    assert_eq!(WindowCutter::new(&config).unwrap_err(), error);
    let text = error.to_string();
    let FeatureError::Setting {
        setting,
        value,
        expected,
    } = error
    else {
        panic!("{text}");
    };
    assert!(
        text.contains(setting) && text.contains(&value) && text.contains(&expected),
        "{text}"
    );
    (setting, value)
}

fn named(name: &'static str, value: &str) -> (&'static str, String) {
    (name, value.to_owned())
}

#[test]
fn the_papers_configuration_is_accepted() {
    FeatureConfig::paper().validate().unwrap();
}

#[test]
fn wrong_frames_are_refused_by_name() {
    assert_eq!(
        refused(|c| c.sample_rate_hz = 0),
        named("sample_rate_hz", "0")
    );
    assert_eq!(refused(|c| c.fft_samples = 0), named("fft_samples", "0"));
    assert_eq!(
        refused(|c| c.fft_samples = 2047),
        named("fft_samples", "2047")
    );
    assert_eq!(refused(|c| c.fft_samples = usize::MAX - 1).0, "fft_samples");
    assert_eq!(
        refused(|c| c.fft_samples = 1024),
        named("window_samples", "2048")
    );
    assert_eq!(
        refused(|c| c.window_samples = 0),
        named("window_samples", "0")
    );
    assert_eq!(refused(|c| c.hop_samples = 0), named("hop_samples", "0"));
    assert_eq!(
        refused(|c| c.span_samples = 511),
        named("span_samples", "511")
    );
    assert_eq!(refused(|c| c.span_samples = usize::MAX).0, "span_samples");
    // What a hostile model file could make us allocate.
    assert_eq!(
        refused(|c| (c.hop_samples, c.span_samples) = (1, 10_000_000)),
        named("span_samples", "10000000")
    );
}

#[test]
fn wrong_bands_are_refused_by_name() {
    assert_eq!(refused(|c| c.mel.bands = 0), named("mel.bands", "0"));
    assert_eq!(refused(|c| c.mel.bands = usize::MAX).0, "mel.bands");
    assert_eq!(refused(|c| c.mel.bands = 900), named("mel.bands", "900"));
    assert_eq!(refused(|c| c.mel.low_hz = -1.0), named("mel.low_hz", "-1"));
    assert_eq!(
        refused(|c| c.mel.low_hz = f32::NAN),
        named("mel.low_hz", "NaN")
    );
    assert_eq!(
        refused(|c| c.mel.low_hz = 11_025.0),
        named("mel.low_hz", "11025")
    );
    assert_eq!(
        refused(|c| c.mel.high_hz = 11_026.0),
        named("mel.high_hz", "11026")
    );
    assert_eq!(
        refused(|c| c.mel.high_hz = f32::NAN),
        named("mel.high_hz", "NaN")
    );
    assert_eq!(
        refused(|c| (c.mel.low_hz, c.mel.high_hz) = (500.0, 500.0)),
        named("mel.high_hz", "500")
    );
}

#[test]
fn wrong_levels_are_refused_by_name() {
    assert_eq!(refused(|c| c.log.floor = 0.0), named("log.floor", "0"));
    assert_eq!(
        refused(|c| c.log.floor = f32::NAN),
        named("log.floor", "NaN")
    );
    assert_eq!(
        refused(|c| c.log.floor = f32::INFINITY),
        named("log.floor", "inf")
    );
    assert_eq!(
        refused(|c| c.log.range_db = Some(0.0)),
        named("log.range_db", "0")
    );
    assert_eq!(
        refused(|c| c.log.range_db = Some(f32::NAN)),
        named("log.range_db", "NaN")
    );
    for target in [0.0, -0.1, 1.1, f32::NAN] {
        let level = LevelNormalisation::Rms { target };
        assert_eq!(
            refused(|c| c.level = level),
            ("level.target", target.to_string())
        );
    }
}

#[test]
fn wrong_coefficients_are_refused_by_name() {
    let mfcc = |coefficients| FeatureKind::Mfcc {
        coefficients,
        lifter: 0,
    };
    assert_eq!(
        refused(|c| c.kind = mfcc(0)),
        named("kind.coefficients", "0")
    );
    assert_eq!(
        refused(|c| c.kind = mfcc(129)),
        named("kind.coefficients", "129")
    );
    assert_eq!(refused(|c| c.deltas = 3), named("deltas", "3"));
    assert_eq!(
        refused(|c| (c.deltas, c.span_samples) = (1, 512 * 8)),
        named("deltas", "1")
    );
}

#[test]
fn wrong_statistics_are_refused_by_name() {
    let statistics = |mean: Vec<f32>, deviation: Vec<f32>| {
        refused(|c| c.statistics = Some(Statistics { mean, deviation }))
    };
    let ones = || vec![1.0; 40];
    let with = |x: f32| {
        let mut values = ones();
        values[39] = x;
        values
    };
    assert_eq!(
        statistics(vec![1.0; 39], ones()),
        named("statistics.mean", "39 numbers long")
    );
    assert_eq!(
        statistics(ones(), vec![]),
        named("statistics.deviation", "0 numbers long")
    );
    assert_eq!(
        statistics(with(f32::NAN), ones()),
        named("statistics.mean", "NaN")
    );
    assert_eq!(
        statistics(with(f32::INFINITY), ones()),
        named("statistics.mean", "inf")
    );
    for (wrong, text) in [
        (0.0, "0"),
        (-1.0, "-1"),
        (f32::NAN, "NaN"),
        (f32::INFINITY, "inf"),
    ] {
        assert_eq!(
            statistics(ones(), with(wrong)),
            named("statistics.deviation", text)
        );
    }
}

//! What a window promises: a level that silence and gain do not move, no NaN from bad sound, normalisation that does what it says.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test that cannot go on has failed

use rand::{RngExt, SeedableRng};
use undersong_core::features::{
    ClipFeatures, Cmvn, FeatureConfig, FeatureError, FeatureKind, FeatureMatrix, FrameBuffer,
    LevelNormalisation, LogConfig, Statistics, WindowCutter, WindowFrames, features_of,
};

fn log_mel() -> FeatureConfig {
    FeatureConfig {
        kind: FeatureKind::LogMel,
        ..FeatureConfig::paper()
    }
}

/// A noisy voice-like sound with a pause in its middle third.
fn voice(samples: usize) -> Vec<f32> {
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(7);
    (0..samples)
        .map(|i| {
            let t = i as f32 / 22_050.0;
            let pause = i > samples / 3 && i < 2 * samples / 3;
            let hum: f32 = (1..20)
                .map(|k| (t * 880.0 * k as f32).sin() / k as f32)
                .sum();
            let loud = 0.1 * hum + 0.01 * rng.random_range(-1.0..1.0);
            if pause { loud * 1e-4 } else { loud }
        })
        .collect()
}

fn scaled(sound: &[f32], gain: f32) -> Vec<f32> {
    sound.iter().map(|x| x * gain).collect()
}

fn window(config: &FeatureConfig, sound: &[f32], start: i64) -> Vec<f32> {
    let mut out = vec![f32::NAN; config.frames() * config.coefficients()];
    ClipFeatures::new(config)
        .unwrap()
        .window(sound, start, &mut out)
        .unwrap();
    out
}

fn worst(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    a.iter()
        .zip(b)
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, f32::max)
}

#[test]
fn a_normalised_window_is_the_same_for_a_whisper_and_a_shout() {
    let sound = voice(40_000);
    for level in [
        LevelNormalisation::Rms { target: 0.05 },
        LevelNormalisation::Peak,
    ] {
        let config = FeatureConfig { level, ..log_mel() };
        let reference = window(&config, &sound, -5000);
        for gain in [1e-3, 0.1, 5.0] {
            let other = window(&config, &scaled(&sound, gain), -5000);
            assert!(worst(&reference, &other) < 2e-3, "{level:?} {gain}");
        }
        let off = FeatureConfig {
            level: LevelNormalisation::Off,
            ..config
        };
        assert!(
            worst(
                &window(&off, &sound, 0),
                &window(&off, &scaled(&sound, 0.1), 0)
            ) > 10.0
        );
    }
}

#[test]
fn rms_reaches_its_target_over_the_sounding_part() {
    // 0.4 s of a sine at the target's RMS needs no gain, wherever it lies in 3 s of silence (edges lie on hops).
    let hops = 20;
    let target = 0.05f32;
    let tone: Vec<f32> = (0..hops * 512)
        .map(|i| target * 2f32.sqrt() * (std::f32::consts::TAU * (i % 64) as f32 / 64.0).sin())
        .collect();
    let rms = FeatureConfig {
        level: LevelNormalisation::Rms { target },
        ..log_mel()
    };
    for start in [0, -512 * 30, -512 * 100] {
        let difference = worst(
            &window(&log_mel(), &tone, start),
            &window(&rms, &tone, start),
        );
        assert!(difference < 1e-3, "{start}: {difference}");
    }
    // Twice as loud gets 6.02 dB less.
    let louder = window(&rms, &scaled(&tone, 2.0), 0);
    assert!(worst(&louder, &window(&rms, &tone, 0)) < 1e-3);
}

#[test]
fn silence_and_what_is_no_sound_give_finite_features_without_gain() {
    let silence = vec![0.0; 66_150];
    let mut broken = voice(66_150);
    let mut mended = broken.clone();
    for (at, bad) in [
        (0, f32::NAN),
        (7000, f32::INFINITY),
        (7001, f32::NEG_INFINITY),
        (66_149, 3e38),
    ] {
        broken[at] = bad;
        mended[at] = 0.0;
    }
    for level in [
        LevelNormalisation::Off,
        LevelNormalisation::Peak,
        LevelNormalisation::Rms { target: 0.05 },
    ] {
        for cmvn in [Cmvn::Off, Cmvn::Mean, Cmvn::MeanVariance] {
            let config = FeatureConfig {
                level,
                cmvn,
                deltas: 2,
                ..FeatureConfig::paper()
            };
            let quiet = window(&config, &silence, 0);
            assert_eq!(quiet, window(&config, &[], 0));
            assert!(quiet.iter().all(|x| x.is_finite()));
            if cmvn == Cmvn::MeanVariance {
                assert!(
                    quiet.iter().all(|x| x.abs() < 1e-2),
                    "no noise made of silence"
                );
            }
            assert_eq!(window(&config, &broken, 0), window(&config, &mended, 0));
        }
    }
    let config = FeatureConfig {
        level: LevelNormalisation::Peak,
        ..log_mel()
    };
    assert!(
        window(&config, &silence, 0)
            .iter()
            .all(|&x| (x + 100.0).abs() < 1e-4)
    );
}

#[test]
fn the_loudest_sample_of_a_peak_normalised_window_is_one() {
    let sound = voice(66_150);
    let peak = sound.iter().fold(0.0f32, |peak, x| peak.max(x.abs()));
    let config = FeatureConfig {
        level: LevelNormalisation::Peak,
        ..log_mel()
    };
    let by_hand = window(&log_mel(), &scaled(&sound, 1.0 / peak), 0);
    assert!(worst(&window(&config, &sound, 0), &by_hand) < 2e-3);
}

#[test]
fn the_range_is_counted_from_the_windows_loudest_band() {
    let sound = voice(66_150);
    let all = FeatureConfig {
        log: LogConfig {
            floor: 1e-10,
            range_db: None,
        },
        ..log_mel()
    };
    let some = FeatureConfig {
        log: LogConfig {
            floor: 1e-10,
            range_db: Some(30.0),
        },
        ..log_mel()
    };
    let all = window(&all, &sound, 0);
    let most = all.iter().copied().fold(f32::MIN, f32::max);
    let expected: Vec<f32> = all.iter().map(|x| x.max(most - 30.0)).collect();
    assert_eq!(window(&some, &sound, 0), expected);
}

#[test]
fn cmvn_and_statistics_do_what_they_say() {
    let sound = voice(66_150);
    let plain = FeatureConfig::paper();
    let columns = plain.coefficients();
    let raw = window(&plain, &sound, 0);
    let normal = window(
        &FeatureConfig {
            cmvn: Cmvn::MeanVariance,
            ..plain.clone()
        },
        &sound,
        0,
    );
    let centred = window(
        &FeatureConfig {
            cmvn: Cmvn::Mean,
            ..plain.clone()
        },
        &sound,
        0,
    );
    for column in 0..columns {
        let of = |matrix: &[f32]| -> (f64, f64) {
            let values: Vec<f64> = matrix
                .iter()
                .skip(column)
                .step_by(columns)
                .map(|&x| x.into())
                .collect();
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            let square = values.iter().map(|x| (x - mean).powi(2)).sum::<f64>();
            (mean, (square / values.len() as f64).sqrt())
        };
        assert!(of(&normal).0.abs() < 1e-4 && (of(&normal).1 - 1.0).abs() < 1e-3);
        assert!(of(&centred).0.abs() < 1e-3 && (of(&centred).1 - of(&raw).1).abs() < 1e-3);
    }
    let mean: Vec<f32> = (0..columns).map(|i| i as f32 - 9.0).collect();
    let deviation: Vec<f32> = (0..columns).map(|i| i as f32 + 0.5).collect();
    let fixed = FeatureConfig {
        statistics: Some(Statistics {
            mean: mean.clone(),
            deviation: deviation.clone(),
        }),
        ..plain
    };
    for (i, (x, raw)) in window(&fixed, &sound, 0).iter().zip(&raw).enumerate() {
        assert_eq!(*x, (raw - mean[i % columns]) / deviation[i % columns]);
    }
}

#[test]
fn a_whole_sound_ignores_level_cmvn_and_statistics() {
    let sound = voice(30_000);
    let plain = FeatureConfig::paper();
    let columns = plain.coefficients();
    let normalised = FeatureConfig {
        level: LevelNormalisation::Rms { target: 0.05 },
        cmvn: Cmvn::MeanVariance,
        statistics: Some(Statistics {
            mean: vec![1.0; columns],
            deviation: vec![2.0; columns],
        }),
        ..plain.clone()
    };
    assert_eq!(
        features_of(&sound, &plain),
        features_of(&sound, &normalised)
    );
}

#[test]
fn a_start_far_outside_the_clip_is_silence_not_a_crash() {
    let config = FeatureConfig {
        level: LevelNormalisation::Peak,
        ..FeatureConfig::paper()
    };
    let silence = window(&config, &[], 0);
    for start in [i64::MIN, i64::MAX, -1_000_000, 1_000_000] {
        assert_eq!(window(&config, &voice(2000), start), silence, "{start}");
    }
    let buffer = FrameBuffer::new(&config);
    for first in [i64::MIN, i64::MAX, 0] {
        assert_eq!(buffer.window(first, 130).unwrap().len(), 130);
    }
}

#[test]
fn what_does_not_fit_is_refused_in_words() {
    let config = FeatureConfig::paper();
    let mut cutter = WindowCutter::new(&config).unwrap();
    let mut out = vec![0.0; 130 * 40];
    let short = WindowFrames {
        silent_before: 99,
        ..WindowFrames::default()
    };
    let error = cutter.cut(&short, &mut out).unwrap_err();
    assert_eq!(
        error.to_string(),
        "a window of 99 frames was given; this model takes 130"
    );
    let silent = WindowFrames {
        silent_before: 130,
        ..WindowFrames::default()
    };
    assert!(cutter.cut(&silent, &mut out).is_ok());
    let error = cutter.cut(&silent, &mut out[1..]).unwrap_err();
    assert_eq!(
        error,
        FeatureError::OutputLength {
            given: 5199,
            expected: 5200
        }
    );
    let foreign = FeatureConfig {
        mel: undersong_core::features::MelConfig {
            bands: 20,
            ..config.mel.clone()
        },
        kind: FeatureKind::LogMel,
        ..config.clone()
    };
    let mut buffer = FrameBuffer::new(&foreign);
    undersong_core::features::FrameExtractor::new(&foreign)
        .unwrap()
        .push(&voice(70_000), &mut |frame| buffer.push(frame));
    let error = cutter
        .cut(&buffer.window(0, 130).unwrap(), &mut out)
        .unwrap_err();
    assert_eq!(
        error,
        FeatureError::Bands {
            given: 20,
            expected: 128
        }
    );
    assert_eq!(
        features_of(&[], &config).unwrap_err(),
        FeatureError::EmptySound
    );
    let empty = FeatureMatrix {
        frames: 0,
        coefficients: 0,
        data: vec![],
    };
    assert_eq!(empty.rows().count(), 0);
}

#[test]
fn a_window_taken_apart_and_put_together_again_is_the_same_to_the_bit() {
    let mfcc = FeatureKind::Mfcc {
        coefficients: 13,
        lifter: 22,
    };
    for (kind, deltas, cmvn) in [
        (FeatureKind::LogMel, 0, Cmvn::Off),
        (mfcc, 2, Cmvn::MeanVariance),
        (mfcc, 1, Cmvn::Off),
    ] {
        let mut config = FeatureConfig {
            kind,
            deltas,
            cmvn,
            level: LevelNormalisation::Rms { target: 0.05 },
            ..log_mel()
        };
        config.statistics = Some(Statistics {
            mean: (0..config.coefficients()).map(|k| k as f32 - 9.0).collect(),
            deviation: vec![3.0; config.coefficients()],
        });
        let sound = voice(30_000);
        let mut buffer = FrameBuffer::new(&config);
        let mut extractor = undersong_core::features::FrameExtractor::new(&config).unwrap();
        extractor.push(&sound, &mut |frame| buffer.push(frame));
        extractor.finish(&mut |frame| buffer.push(frame));
        let window = buffer.window(-40, config.frames()).unwrap();
        let mut cutter = WindowCutter::new(&config).unwrap();
        let (mut whole, mut levels) = (
            vec![0.0; config.frames() * config.coefficients()],
            Vec::new(),
        );
        let mut again = whole.clone();
        cutter.cut(&window, &mut whole).unwrap();
        cutter.levels(&window, &mut levels).unwrap();
        assert_eq!(levels.len(), config.frames() * config.mel.bands);
        cutter.finish(&levels, &mut again).unwrap();
        assert_eq!(whole, again);
        assert!(matches!(
            cutter.finish(&levels[1..], &mut again),
            Err(FeatureError::Bands { .. })
        ));
    }
}

#[test]
fn the_mean_spectrum_is_the_one_of_which_a_model_sees_zeros() {
    let mfcc = FeatureKind::Mfcc {
        coefficients: 13,
        lifter: 22,
    };
    for kind in [FeatureKind::LogMel, mfcc] {
        let mut config = FeatureConfig { kind, ..log_mel() };
        assert_eq!(WindowCutter::new(&config).unwrap().mean_levels_db(), None);
        config.statistics = Some(Statistics {
            mean: (0..config.coefficients())
                .map(|k| -20.0 - k as f32 / 7.0)
                .collect(),
            deviation: vec![3.0; config.coefficients()],
        });
        let mut cutter = WindowCutter::new(&config).unwrap();
        let levels = cutter.mean_levels_db().unwrap().repeat(config.frames());
        let mut out = vec![1.0; config.frames() * config.coefficients()];
        cutter.finish(&levels, &mut out).unwrap();
        assert!(out.iter().all(|x| x.abs() < 1e-3), "{:?}", &out[..20]);
        config.cmvn = Cmvn::Mean;
        assert_eq!(WindowCutter::new(&config).unwrap().mean_levels_db(), None);
    }
}

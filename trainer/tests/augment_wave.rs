//! What augmentation does to samples: as much as was asked, the same for the same seed, finite for any clip.

use rand_chacha::ChaCha8Rng;
use undersong_trainer::augment::{
    Equaliser, Noise, Reverb, WaveAugment, augment_wave, change_speed, stream,
};

const RATE_HZ: u32 = 16_000;

const STRONG: &str = r"
    speed = [0.85, 1.15]
    reverb = { probability = 0.2, rt60_seconds = [0.1, 0.6], direct_to_reverb_db = [0.0, 15.0] }
    eq = { probability = 0.3, points = 8, gain_db = 6.0, low_cut_hz = [20.0, 250.0], high_cut_hz = [3200.0, 9000.0] }
    noise = { probability = 0.5, snr_db = [5.0, 35.0], colour = [0.0, 2.0] }
";

fn tone(hz: f32, seconds: f32) -> Vec<f32> {
    (0..(seconds * RATE_HZ as f32) as usize)
        .map(|n| 0.3 * (std::f32::consts::TAU * hz * n as f32 / RATE_HZ as f32).sin())
        .collect()
}

fn power(samples: &[f32]) -> f64 {
    samples.iter().map(|s| f64::from(*s).powi(2)).sum::<f64>() / samples.len().max(1) as f64
}

fn rng(seed: u64) -> ChaCha8Rng {
    stream(seed, 0, 0)
}

fn augmented(config: &WaveAugment, samples: &[f32], seed: u64) -> Vec<f32> {
    let mut out = Vec::new();
    augment_wave(config, samples, RATE_HZ, &mut rng(seed), &mut out);
    out
}

/// The magnitude of one frequency in samples, Hann-windowed.
fn level_at(samples: &[f32], hz: f32) -> f64 {
    let (mut re, mut im) = (0.0_f64, 0.0_f64);
    let length = samples.len() as f64;
    for (n, sample) in samples.iter().enumerate() {
        let window = 0.5 - 0.5 * (std::f64::consts::TAU * n as f64 / length).cos();
        let phase = std::f64::consts::TAU * f64::from(hz) * n as f64 / f64::from(RATE_HZ);
        re += window * f64::from(*sample) * phase.cos();
        im += window * f64::from(*sample) * phase.sin();
    }
    4.0 * re.hypot(im) / length
}

#[test]
fn nothing_is_changed_unless_asked_for() {
    let clip = tone(440.0, 0.5);
    assert_eq!(augmented(&WaveAugment::default(), &clip, 1), clip);
    let never: WaveAugment = toml::from_str(
        "reverb = { probability = 0.0 }\neq = { probability = 0.0 }\nnoise = { probability = 0.0, snr_db = [0.0, 0.0] }",
    )
    .unwrap();
    assert_eq!(augmented(&never, &clip, 1), clip);
}

#[test]
fn noise_has_the_signal_to_noise_ratio_that_was_asked_for() {
    let clip = tone(440.0, 2.5);
    for (seed, snr_db) in [-5.0_f32, 0.0, 5.0, 20.0, 35.0].into_iter().enumerate() {
        for colour in [0.0, 0.7, 1.0, 2.0] {
            let config = WaveAugment {
                noise: Some(Noise {
                    probability: 1.0,
                    snr_db: [snr_db; 2],
                    colour: [colour; 2],
                }),
                ..WaveAugment::default()
            };
            let noisy = augmented(&config, &clip, seed as u64);
            let noise: Vec<f32> = noisy.iter().zip(&clip).map(|(a, b)| a - b).collect();
            let measured = 10.0 * (power(&clip) / power(&noise)).log10();
            assert!(
                (measured - f64::from(snr_db)).abs() < 0.1,
                "{measured} for {snr_db}, f^-{colour}"
            );
        }
    }
}

#[test]
fn silence_beside_a_voice_weakens_the_noise_unless_the_recipe_measures_the_voice() {
    let mut clip = tone(440.0, 1.0);
    clip.resize(3 * RATE_HZ as usize, 0.0);
    let noise = |of: &str| {
        let config: WaveAugment = toml::from_str(&format!(
            "{of}\nnoise = {{ probability = 1.0, snr_db = [10.0, 10.0] }}"
        ))
        .unwrap();
        let noisy = augmented(&config, &clip, 3);
        power(&noisy[2 * RATE_HZ as usize..])
    };
    let voice = power(&clip[..RATE_HZ as usize]);
    for (of, weaker) in [
        ("", 3.0),
        ("snr_of = \"window\"", 3.0),
        ("snr_of = \"speech\"", 1.0),
    ] {
        let ratio = voice / noise(of);
        assert!((ratio / (10.0 * weaker) - 1.0).abs() < 0.1, "{of}: {ratio}");
    }
}

#[test]
fn noise_falls_with_frequency_as_its_colour_says() {
    let clip = tone(440.0, 4.0);
    for colour in [0.0_f64, 0.75, 1.0, 2.0] {
        let config = WaveAugment {
            noise: Some(Noise {
                probability: 1.0,
                snr_db: [0.0; 2],
                colour: [colour as f32; 2],
            }),
            ..WaveAugment::default()
        };
        // Mean power over 25 frequencies around 250 Hz and around 4 kHz: 4 octaves apart.
        let (mut low, mut high) = (0.0, 0.0);
        for seed in 0..3 {
            let noisy = augmented(&config, &clip, seed);
            let noise: Vec<f32> = noisy.iter().zip(&clip).map(|(a, b)| a - b).collect();
            for step in 0..25 {
                low += level_at(&noise, 225.0 + 2.0 * step as f32).powi(2);
                high += level_at(&noise, 3600.0 + 32.0 * step as f32).powi(2);
            }
        }
        let fall_db = 10.0 * (low / high).log10();
        let expected = 10.0 * colour * 16_f64.log10();
        assert!(
            (fall_db - expected).abs() < 2.5,
            "f^-{colour}: {fall_db} dB, expected {expected}"
        );
    }
}

#[test]
fn speed_changes_pitch_and_length_and_keeps_the_level() {
    for speed in [0.8_f32, 0.9, 1.1, 1.25] {
        let clip = tone(1000.0, 1.0);
        let mut out = Vec::new();
        change_speed(&clip, speed, &mut out);
        let expected = clip.len() as f32 / speed;
        assert!(
            (out.len() as f32 - expected).abs() <= 1.0,
            "{} for {expected}",
            out.len()
        );
        let moved = level_at(&out, 1000.0 * speed);
        assert!((moved - 0.3).abs() < 0.01, "{moved} at {speed}");
        assert!(level_at(&out, 1000.0) < 0.003);
    }
}

#[test]
fn faster_speed_does_not_fold_high_tones_back() {
    // 7.6 kHz at 1.25 would be 9.5 kHz, which folds to 6.5 kHz.
    let mut out = Vec::new();
    change_speed(&tone(7600.0, 0.5), 1.25, &mut out);
    assert!(
        level_at(&out, 6500.0) < 0.3 * 0.05,
        "{}",
        level_at(&out, 6500.0)
    );
    // And interpolation at lower speed leaves no image: 3 kHz at 0.9 is 2.7 kHz, its image 13 kHz folds to 4.3 or 3.7 kHz.
    change_speed(&tone(3000.0, 0.5), 0.9, &mut out);
    let rest: Vec<f32> = out
        .iter()
        .enumerate()
        .map(|(n, s)| s - 0.3 * (std::f32::consts::TAU * 2700.0 * n as f32 / RATE_HZ as f32).sin())
        .collect();
    let inside = &rest[100..rest.len() - 100];
    assert!(
        power(inside) < power(&out) * 1e-4,
        "{}",
        power(inside) / power(&out)
    );
}

#[test]
fn a_shift_moves_the_clip_and_loses_only_what_leaves() {
    let config = WaveAugment {
        time_shift_seconds: Some(0.25),
        ..WaveAugment::default()
    };
    let clip: Vec<f32> = (1..=16_000).map(|n| n as f32).collect();
    let (mut earlier, mut later) = (0, 0);
    for seed in 0..50 {
        let out = augmented(&config, &clip, seed);
        assert_eq!(out.len(), clip.len());
        let by = out[8000] as i64 - clip[8000] as i64;
        assert!(by.unsigned_abs() <= 4000);
        for (n, sample) in out.iter().enumerate() {
            let from = usize::try_from(n as i64 + by)
                .ok()
                .and_then(|at| clip.get(at));
            assert_eq!(*sample, from.copied().unwrap_or(0.0));
        }
        earlier += i32::from(by > 0);
        later += i32::from(by < 0);
    }
    assert!(earlier > 10 && later > 10);
}

#[test]
fn gain_is_drawn_from_its_range() {
    let config = WaveAugment {
        gain_db: Some([-12.0, 6.0]),
        ..WaveAugment::default()
    };
    let clip = tone(300.0, 0.2);
    let gains: Vec<f64> = (0..200)
        .map(|seed| 10.0 * (power(&augmented(&config, &clip, seed)) / power(&clip)).log10())
        .collect();
    assert!(gains.iter().all(|gain| (-12.01..6.01).contains(gain)));
    assert!(gains.iter().any(|gain| *gain < -9.0) && gains.iter().any(|gain| *gain > 3.0));
}

#[test]
fn reverb_adds_the_energy_and_the_decay_that_were_asked_for() {
    let mut click = vec![0.0; 16_000];
    click[0] = 1.0;
    for (rt60, direct_db) in [(0.2_f32, 0.0_f32), (0.5, 6.0), (0.6, 15.0)] {
        let config = WaveAugment {
            reverb: Some(Reverb {
                probability: 1.0,
                rt60_seconds: [rt60; 2],
                direct_to_reverb_db: [direct_db; 2],
            }),
            ..WaveAugment::default()
        };
        let out = augmented(&config, &click, 4);
        assert_eq!(out.len(), click.len());
        assert!((out[0] - 1.0).abs() < 1e-3);
        let tail = power(&out[1..]) * (out.len() - 1) as f64;
        assert!(
            (10.0 * tail.log10() + f64::from(direct_db)).abs() < 0.5,
            "{tail}"
        );
        // From a fifth to three fifths of RT60 the level falls by 24 dB.
        let at = |share: f32| {
            let start = (share * rt60 * RATE_HZ as f32) as usize;
            power(&out[start..start + 400])
        };
        let fall_db = 10.0 * (at(0.2) / at(0.6)).log10();
        assert!((fall_db - 24.0).abs() < 4.0, "RT60 {rt60}: {fall_db} dB");
    }
}

#[test]
fn an_equaliser_cuts_both_ends_and_stays_within_its_gain_between() {
    let config = WaveAugment {
        eq: Some(Equaliser {
            probability: 1.0,
            points: 8,
            gain_db: 6.0,
            low_cut_hz: [200.0; 2],
            high_cut_hz: [4000.0; 2],
        }),
        ..WaveAugment::default()
    };
    let gain = |hz: f32, seed| {
        let clip = tone(hz, 0.5);
        20.0 * (level_at(&augmented(&config, &clip, seed), hz) / level_at(&clip, hz)).log10()
    };
    let mut at_1k = Vec::new();
    for seed in 0..10 {
        // 12 dB an octave below, 24 dB above, each ±6 dB.
        assert!(
            (gain(50.0, seed) + 24.1).abs() < 6.7,
            "{}",
            gain(50.0, seed)
        );
        assert!(
            (gain(7000.0, seed) + 19.5).abs() < 6.7,
            "{}",
            gain(7000.0, seed)
        );
        at_1k.push(gain(1000.0, seed));
    }
    assert!(at_1k.iter().all(|gain| gain.abs() < 6.2), "{at_1k:?}");
    let spread = at_1k
        .iter()
        .fold(0.0_f64, |most, gain| most.max((gain - at_1k[0]).abs()));
    assert!(spread > 2.0, "{at_1k:?}");
}

#[test]
fn the_same_seed_makes_the_same_sound_and_another_another() {
    let config: WaveAugment = toml::from_str(STRONG).unwrap();
    let clip = tone(200.0, 1.0);
    for seed in 0..20 {
        assert_eq!(
            augmented(&config, &clip, seed),
            augmented(&config, &clip, seed)
        );
    }
    assert_ne!(augmented(&config, &clip, 0), augmented(&config, &clip, 1));
    // Another clip or epoch is another generator, and threads do not matter.
    let other = std::thread::spawn({
        let clip = clip.clone();
        move || augmented(&toml::from_str(STRONG).unwrap(), &clip, 3)
    });
    assert_eq!(other.join().unwrap(), augmented(&config, &clip, 3));
}

#[test]
fn silence_and_very_short_clips_stay_finite() {
    let mut config: WaveAugment = toml::from_str(STRONG).unwrap();
    config.time_shift_seconds = Some(0.5);
    config.gain_db = Some([-6.0, 6.0]);
    for setting in [
        config.reverb.as_mut().map(|x| &mut x.probability),
        config.eq.as_mut().map(|x| &mut x.probability),
        config.noise.as_mut().map(|x| &mut x.probability),
    ] {
        *setting.unwrap() = 1.0;
    }
    config.validate().unwrap();
    for length in [0, 1, 2, 15, 16, 17, 160, 16_000] {
        for level in [0.0, 1e-7, 0.5, 1.0] {
            let clip: Vec<f32> = (0..length)
                .map(|n| if n % 2 == 0 { level } else { -level })
                .collect();
            for seed in 0..3 {
                let out = augmented(&config, &clip, seed);
                assert!(
                    out.iter().all(|sample| sample.is_finite()),
                    "{length} at {level}"
                );
                assert_eq!(out.is_empty(), clip.is_empty());
                if level == 0.0 {
                    assert!(
                        out.iter().all(|sample| *sample == 0.0),
                        "silence has no level to add noise to"
                    );
                }
            }
        }
    }
}

#[test]
fn settings_out_of_range_and_unknown_ones_are_named() {
    let check = |text: &str| toml::from_str::<WaveAugment>(text).unwrap().validate();
    check(STRONG).unwrap();
    for (text, name) in [
        ("speed = [0.1, 1.0]", "wave.speed"),
        ("speed = [1.1, 0.9]", "wave.speed"),
        ("speed = [nan, 1.0]", "wave.speed"),
        (
            "noise = { probability = 1.5, snr_db = [5.0, 35.0] }",
            "wave.noise.probability",
        ),
        (
            "noise = { probability = 0.5, snr_db = [35.0, 5.0] }",
            "wave.noise.snr_db",
        ),
        ("eq = { probability = 0.5, points = 1 }", "wave.eq.points"),
        ("time_shift_seconds = -1.0", "wave.time_shift_seconds"),
        (
            "reverb = { probability = 0.5, rt60_seconds = [0.0, 1.0] }",
            "wave.reverb.rt60_seconds",
        ),
    ] {
        let error = check(text).unwrap_err();
        assert_eq!(error.setting, name, "{error}");
    }
    assert!(
        toml::from_str::<WaveAugment>("sped = [0.9, 1.1]")
            .unwrap_err()
            .to_string()
            .contains("sped")
    );
    let config: WaveAugment = toml::from_str(STRONG).unwrap();
    let again: WaveAugment = toml::from_str(&toml::to_string(&config).unwrap()).unwrap();
    assert_eq!(config, again);
}

//! What lies under a voice in training: other voices and music, as loud as asked, the same for the same seed; and parts of utterances.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use rand_chacha::ChaCha8Rng;
use undersong_trainer::augment::{Bed, Beds, WaveAugment, stream};
use undersong_trainer::recipe::Recipe;
use undersong_trainer::train::WindowMaker;

const RATE_HZ: u32 = 16_000;

fn rng(seed: u64) -> ChaCha8Rng {
    stream(seed, 0, 0)
}

fn power(samples: &[f32]) -> f64 {
    samples.iter().map(|s| f64::from(*s).powi(2)).sum::<f64>() / samples.len().max(1) as f64
}

/// Somebody's clip, by number: a tone of its own, louder for higher numbers.
fn clip(number: usize) -> Vec<f32> {
    (0..RATE_HZ as usize)
        .map(|n| 0.01 * (number + 1) as f32 * (n as f32 * (0.02 + 0.01 * number as f32)).sin())
        .collect()
}

fn config(babble: Option<f32>, music: Option<f32>) -> WaveAugment {
    let bed = |snr_db: f32| Bed {
        probability: 1.0,
        snr_db: [snr_db; 2],
    };
    WaveAugment {
        babble: babble.map(bed),
        music: music.map(bed),
        ..WaveAugment::default()
    }
}

fn beds(config: &WaveAugment, seed: u64) -> Beds {
    Beds::new(config, RATE_HZ, &[3, 4, 5, 6, 7, 8], clip, seed)
}

#[test]
fn beds_lie_as_far_below_the_voice_as_asked() {
    let voice = clip(0);
    for snr_db in [0.0, 10.0, 25.0] {
        for config in [config(Some(snr_db), None), config(None, Some(snr_db))] {
            let beds = beds(&config, 1);
            for seed in 0..5 {
                let mut heard = voice.clone();
                beds.add(&config, &mut heard, &mut rng(seed));
                let bed: Vec<f32> = heard.iter().zip(&voice).map(|(a, b)| a - b).collect();
                let measured = 10.0 * (power(&voice) / power(&bed)).log10();
                assert!(
                    (measured - f64::from(snr_db)).abs() < 0.1,
                    "{measured} {snr_db}"
                );
            }
        }
    }
}

#[test]
fn the_same_seed_lays_the_same_bed_and_another_draw_another() {
    let config = config(Some(5.0), Some(5.0));
    let heard = |bed_seed, seed| {
        let mut heard = clip(0);
        beds(&config, bed_seed).add(&config, &mut heard, &mut rng(seed));
        heard
    };
    assert_eq!(heard(1, 1), heard(1, 1));
    assert_ne!(heard(1, 1), heard(1, 2));
    assert_ne!(heard(1, 1), heard(2, 1));
}

#[test]
fn silence_and_unasked_for_beds_stay_as_they_are() {
    let asked = config(Some(5.0), Some(5.0));
    let mut silence = vec![0.0; 8_000];
    beds(&asked, 1).add(&asked, &mut silence, &mut rng(1));
    assert!(silence.iter().all(|&sample| sample == 0.0));
    let none = WaveAugment::default();
    let mut voice = clip(0);
    beds(&none, 1).add(&none, &mut voice, &mut rng(1));
    assert_eq!(voice, clip(0));
}

/// How many frames of a training window are not digital silence.
fn sounding(maker: &mut WindowMaker, seconds: f32, seed: u64) -> usize {
    let noise: Vec<f32> = (0..(seconds * RATE_HZ as f32) as usize)
        .map(|n| ((n * 7919 % 1013) as f32 / 506.5) - 1.0)
        .collect();
    let mut window = Vec::new();
    maker
        .augmented(0, &noise, &mut rng(seed), &mut window)
        .unwrap();
    let bands = window.len() / maker.frames();
    let level = |frame: &[f32]| frame.iter().sum::<f32>();
    let loudest = window
        .chunks(bands)
        .map(level)
        .fold(f32::NEG_INFINITY, f32::max);
    window
        .chunks(bands)
        .filter(|frame| level(frame) > loudest - 30.0 * bands as f32)
        .count()
}

#[test]
fn a_crop_hears_a_part_of_the_utterance_of_the_length_asked_for() {
    let recipe = |crop: &str| {
        let text = include_str!("../recipes/paper.toml")
            .replace("[preparation]", &format!("[preparation]\n{crop}\n"));
        let text = text.replace("placement = \"start\"", "placement = \"random\"");
        Recipe::parse(&text, "test").unwrap()
    };
    let maker = |recipe: &Recipe| {
        let mut config = recipe.features.clone();
        config.sample_rate_hz = RATE_HZ;
        config.mel.high_hz = 8_000.0;
        config.kind = undersong_core::features::FeatureKind::LogMel;
        config.span_samples = 48_000;
        WindowMaker::new(recipe, &config).unwrap()
    };
    let always = recipe("crop = { probability = 1.0, seconds = [0.8, 0.8] }");
    let never = recipe("crop = { probability = 0.0, seconds = [0.8, 0.8] }");
    for seed in 0..8 {
        let frames = sounding(&mut maker(&always), 2.5, seed) as f32 * 512.0 / 16_000.0;
        assert!((frames - 0.8).abs() < 0.2, "{frames} s");
        let frames = sounding(&mut maker(&never), 2.5, seed) as f32 * 512.0 / 16_000.0;
        assert!((frames - 2.5).abs() < 0.2, "{frames} s");
        // What is shorter is heard whole.
        let frames = sounding(&mut maker(&always), 0.5, seed) as f32 * 512.0 / 16_000.0;
        assert!((frames - 0.5).abs() < 0.2, "{frames} s");
    }
}

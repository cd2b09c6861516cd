//! What augmentation does to features and batches: masks of the asked sizes, warps about the middle, mixtures that say so.

use undersong_trainer::augment::{FeatureAugment, Mixup, augment_features, mixup, stream};

const FRAMES: usize = 188;
const BANDS: usize = 64;

fn ones() -> Vec<f32> {
    vec![1.0; FRAMES * BANDS]
}

#[test]
fn nothing_is_changed_unless_asked_for() {
    let mut features: Vec<f32> = (0..FRAMES * BANDS).map(|n| n as f32).collect();
    let before = features.clone();
    augment_features(
        &FeatureAugment::default(),
        &mut features,
        FRAMES,
        BANDS,
        &mut stream(0, 0, 0),
    );
    assert_eq!(features, before);
}

#[test]
fn masks_have_sizes_from_zero_to_the_asked_and_lie_anywhere() {
    let bands = FeatureAugment {
        band_masks: 1,
        band_mask_width: 10,
        ..FeatureAugment::default()
    };
    let times = FeatureAugment {
        time_masks: 1,
        time_mask_frames: 19,
        ..FeatureAugment::default()
    };
    for (config, widest, length, stride, across) in
        [(bands, 10, BANDS, 1, BANDS), (times, 19, FRAMES, BANDS, 1)]
    {
        let (mut widths, mut touched) = (vec![0; widest + 1], vec![false; length]);
        for seed in 0..1500 {
            let mut features = ones();
            augment_features(
                &config,
                &mut features,
                FRAMES,
                BANDS,
                &mut stream(seed, 0, 0),
            );
            let masked: Vec<usize> = (0..length)
                .filter(|place| features[place * stride] == 0.0)
                .collect();
            if let (Some(first), Some(last)) = (masked.first(), masked.last()) {
                assert_eq!(last - first + 1, masked.len(), "one piece");
            }
            // Every row across agrees.
            let other = if across == BANDS {
                BANDS * (FRAMES - 1)
            } else {
                BANDS - 1
            };
            assert!(
                (0..length)
                    .all(|place| (features[place * stride + other] == 0.0)
                        == masked.contains(&place))
            );
            widths[masked.len()] += 1;
            masked.into_iter().for_each(|place| touched[place] = true);
        }
        assert!(widths.iter().all(|count| *count > 10), "{widths:?}");
        assert!(touched.iter().all(|place| *place));
    }
}

#[test]
fn tempo_stretches_about_the_middle_and_warp_moves_bands() {
    let mut features = vec![0.0; FRAMES * BANDS];
    for frame in 0..FRAMES {
        for band in 0..BANDS {
            features[frame * BANDS + band] = frame as f32 + 1000.0 * band as f32;
        }
    }
    let config = FeatureAugment {
        tempo: Some([1.1; 2]),
        mel_warp: Some([1.08; 2]),
        ..FeatureAugment::default()
    };
    let mut out = features.clone();
    augment_features(&config, &mut out, FRAMES, BANDS, &mut stream(0, 0, 0));
    let middle = (FRAMES - 1) as f32 / 2.0;
    for frame in 20..FRAMES - 20 {
        for band in 0..BANDS {
            let expected = middle + (frame as f32 - middle) * 1.1 + 1000.0 * band as f32 / 1.08;
            let found = out[frame * BANDS + band];
            assert!((found - expected).abs() < 0.05, "{found} for {expected}");
        }
    }
    let constant = FeatureAugment {
        tempo: Some([0.9, 1.1]),
        mel_warp: Some([0.92, 1.08]),
        ..FeatureAugment::default()
    };
    let mut features = ones();
    augment_features(
        &constant,
        &mut features,
        FRAMES,
        BANDS,
        &mut stream(1, 0, 0),
    );
    assert!(features.iter().all(|value| (value - 1.0).abs() < 1e-6));
}

#[test]
fn the_same_generator_gives_the_same_features() {
    let config: FeatureAugment = toml::from_str(
        "tempo = [0.9, 1.1]\nmel_warp = [0.92, 1.08]\nband_masks = 2\nband_mask_width = 14\ntime_masks = 2\ntime_mask_frames = 25",
    )
    .unwrap();
    config.validate().unwrap();
    let run = |clip| {
        let mut features: Vec<f32> = (0..FRAMES * BANDS).map(|n| (n as f32).sin()).collect();
        augment_features(
            &config,
            &mut features,
            FRAMES,
            BANDS,
            &mut stream(9, 4, clip),
        );
        features
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
}

#[test]
fn one_frame_no_frame_and_masks_wider_than_the_features_are_survived() {
    let config = FeatureAugment {
        tempo: Some([0.5, 2.0]),
        mel_warp: Some([0.5, 2.0]),
        band_masks: 3,
        band_mask_width: 1000,
        time_masks: 3,
        time_mask_frames: 1000,
    };
    for (frames, bands) in [(0, 64), (1, 64), (1, 1), (3, 1), (2, 0)] {
        for seed in 0..20 {
            let mut features = vec![1.0; frames * bands];
            augment_features(
                &config,
                &mut features,
                frames,
                bands,
                &mut stream(seed, 0, 0),
            );
            assert!(features.iter().all(|value| value.is_finite()));
        }
    }
    let mut wrong = vec![1.0; 7];
    augment_features(&config, &mut wrong, 2, 4, &mut stream(0, 0, 0));
    assert_eq!(wrong, [1.0; 7]);
}

#[test]
fn mixup_mixes_features_and_targets_by_one_share_at_least_a_half() {
    const BATCH: usize = 32;
    let config = Mixup {
        probability: 0.3,
        alpha: 0.3,
    };
    config.validate().unwrap();
    let (mut mixed_clips, mut shares) = (0, Vec::new());
    for seed in 0..200 {
        // Clip i is all i in its features and one-hot i in its targets.
        let mut features: Vec<f32> = (0..BATCH * 10).map(|n| (n / 10) as f32).collect();
        let mut targets = vec![0.0; BATCH * BATCH];
        (0..BATCH).for_each(|i| targets[i * BATCH + i] = 1.0);
        mixup(
            &config,
            &mut features,
            &mut targets,
            BATCH,
            &mut stream(seed, 0, 0),
        );
        for i in 0..BATCH {
            let row = &targets[i * BATCH..(i + 1) * BATCH];
            assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-5);
            assert!(row[i] >= 0.5 - 1e-6, "the own share is the larger");
            let expected: f32 = row
                .iter()
                .enumerate()
                .map(|(k, share)| k as f32 * share)
                .sum();
            for value in &features[i * 10..(i + 1) * 10] {
                assert!((value - expected).abs() < 1e-3, "{value} for {expected}");
            }
            // A share may be drawn so near 1 that nothing changes visibly.
            if row[i] < 1.0 {
                mixed_clips += 1;
                shares.push(row[i]);
            }
        }
    }
    let rate = f64::from(mixed_clips) / (200.0 * BATCH as f64);
    assert!((0.2..0.31).contains(&rate), "{rate}");
    // Beta(0.3, 0.3) folded at a half: 36 % of its mass lies in 0.5 to 0.9 (of it that is visible, a little more).
    let middle = shares.iter().filter(|share| **share < 0.9).count() as f64 / shares.len() as f64;
    assert!((0.3..0.52).contains(&middle), "{middle}");
}

#[test]
fn mixup_shares_follow_their_beta_distribution() {
    // Beta(1, 1) is uniform: folded, uniform in 0.5 to 1, with mean 0.75. Beta(3, 3) gathers near a half: mean 0.656.
    for (alpha, mean) in [(1.0, 0.75), (3.0, 0.65625)] {
        let config = Mixup {
            probability: 1.0,
            alpha,
        };
        let mut shares = Vec::new();
        for seed in 0..3000 {
            let (mut features, mut targets) = (vec![0.0, 1.0], vec![1.0, 0.0, 0.0, 1.0]);
            mixup(
                &config,
                &mut features,
                &mut targets,
                2,
                &mut stream(seed, 0, 0),
            );
            if targets[0] < 1.0 {
                shares.push(f64::from(targets[0]));
            }
        }
        assert!(shares.len() > 1000);
        let found = shares.iter().sum::<f64>() / shares.len() as f64;
        assert!((found - mean).abs() < 0.015, "alpha {alpha}: {found}");
    }
}

#[test]
fn a_batch_of_one_or_of_odd_length_is_left_alone() {
    let config = Mixup {
        probability: 1.0,
        alpha: 0.3,
    };
    for (batch, length) in [(0, 4), (1, 4), (3, 4), (2, 0)] {
        let (mut features, mut targets) = (vec![1.0; length], vec![0.5; length]);
        mixup(
            &config,
            &mut features,
            &mut targets,
            batch,
            &mut stream(0, 0, 0),
        );
        assert_eq!((features, targets), (vec![1.0; length], vec![0.5; length]));
    }
}

#[test]
fn settings_out_of_range_and_unknown_ones_are_named() {
    let config: FeatureAugment = toml::from_str("tempo = [0.1, 1.0]").unwrap();
    assert_eq!(config.validate().unwrap_err().setting, "features.tempo");
    assert!(
        toml::from_str::<FeatureAugment>("band_mask = 2")
            .unwrap_err()
            .to_string()
            .contains("band_mask")
    );
    for (probability, alpha, setting) in [
        (2.0, 0.3, "mixup.probability"),
        (0.5, 0.0, "mixup.alpha"),
        (0.5, f32::NAN, "mixup.alpha"),
    ] {
        assert_eq!(
            Mixup { probability, alpha }.validate().unwrap_err().setting,
            setting
        );
    }
}

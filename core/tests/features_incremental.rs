//! Frames computed as audio arrives equal frames computed at once, to the bit, however the audio is cut; and a clip's window equals a stream's.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test that cannot go on has failed

use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use undersong_core::features::{
    ClipFeatures, FeatureConfig, FeatureKind, FrameBuffer, FrameExtractor, LevelNormalisation,
    MelConfig, WindowCutter, WindowShape, features_of,
};

/// Small enough to try many cuts of; `window` shorter and longer than the hop is among them.
fn config(fft: usize, window: usize, hop: usize, mfcc: bool) -> FeatureConfig {
    FeatureConfig {
        sample_rate_hz: 8000,
        fft_samples: fft,
        window_samples: window,
        window: WindowShape::Hamming,
        hop_samples: hop,
        mel: MelConfig {
            bands: 10,
            low_hz: 100.0,
            high_hz: 4000.0,
            ..FeatureConfig::paper().mel
        },
        kind: if mfcc {
            FeatureKind::Mfcc {
                coefficients: 7,
                lifter: 0,
            }
        } else {
            FeatureKind::LogMel
        },
        level: LevelNormalisation::Rms { target: 0.05 },
        span_samples: 1500,
        ..FeatureConfig::paper()
    }
}

fn configs() -> impl Strategy<Value = FeatureConfig> {
    let shapes = prop_oneof![
        Just((256, 256, 64)),
        Just((256, 200, 100)),
        Just((256, 255, 130)),
        Just((256, 120, 250)),
        Just((512, 512, 1)),
        Just((256, 64, 1000)),
    ];
    (shapes, any::<bool>()).prop_map(|((fft, window, hop), mfcc)| config(fft, window, hop, mfcc))
}

fn noise(samples: usize, seed: u64) -> Vec<f32> {
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
    (0..samples).map(|_| rng.random_range(-1.0..1.0)).collect()
}

fn stream(
    extractor: &mut FrameExtractor,
    config: &FeatureConfig,
    blocks: &[&[f32]],
) -> FrameBuffer {
    let mut buffer = FrameBuffer::new(config);
    for block in blocks {
        extractor.push(block, &mut |frame| buffer.push(frame));
    }
    extractor.finish(&mut |frame| buffer.push(frame));
    buffer
}

/// Cuts samples into blocks whose lengths cycle through `lengths`.
fn cut<'a>(mut samples: &'a [f32], lengths: &[usize]) -> Vec<&'a [f32]> {
    let mut blocks = Vec::new();
    for &length in lengths.iter().cycle() {
        if samples.is_empty() {
            break;
        }
        let (block, rest) = samples.split_at(length.min(samples.len()));
        blocks.push(block);
        samples = rest;
    }
    blocks
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|x| x.to_bits()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_cut_into_blocks_gives_the_same_frames_to_the_bit(
        config in configs(),
        samples in 1usize..12_000,
        seed in any::<u64>(),
        lengths in prop::collection::vec(prop_oneof![Just(1usize), 0usize..40, 1usize..20_000], 1..6)
            .prop_filter("some progress", |lengths| lengths.iter().any(|&n| n > 0)),
    ) {
        let sound = noise(samples, seed);
        let mut extractor = FrameExtractor::new(&config).unwrap();
        let whole = stream(&mut extractor, &config, &[&sound]);
        // The same extractor again: `finish` left nothing behind.
        let pieces = stream(&mut extractor, &config, &cut(&sound, &lengths));
        prop_assert_eq!(whole.first_index(), pieces.first_index());
        prop_assert_eq!(bits(whole.frames().log_mel_db), bits(pieces.frames().log_mel_db));
        prop_assert_eq!(bits(whole.frames().energy), bits(pieces.frames().energy));
        prop_assert_eq!(bits(whole.frames().peak), bits(pieces.frames().peak));
        prop_assert!(whole.first_index() <= 0);
        prop_assert!(whole.end_index() > (samples / config.hop_samples) as i64);
        let features = features_of(&sound, &config).unwrap();
        prop_assert_eq!(features.frames, 1 + samples / config.hop_samples);
    }

    #[test]
    fn a_window_of_a_clip_equals_the_window_of_a_stream_padded_with_zeros(
        config in configs(),
        samples in 1usize..4000,
        seed in any::<u64>(),
        start in -3000i64..5000,
    ) {
        let clip = noise(samples, seed);
        let mut maker = ClipFeatures::new(&config).unwrap();
        let (frames, hop) = (config.frames(), config.hop_samples as i64);
        let mut from_clip = vec![0.0; frames * config.coefficients()];
        maker.window(&clip, start, &mut from_clip).unwrap();

        // Zeros before the clip, so many that the window starts on the stream's grid, well inside it; zeros after it as well.
        let first = (start.unsigned_abs() as i64 + 600).div_euclid(hop) + 2;
        let before = first * hop - start;
        let mut padded = vec![0.0; before as usize];
        padded.extend(&clip);
        padded.resize(padded.len() + 12_000, 0.0);
        let mut extractor = FrameExtractor::new(&config).unwrap();
        let buffer = stream(&mut extractor, &config, &[&padded]);
        let mut from_stream = vec![0.0; from_clip.len()];
        let window = buffer.window(first, frames).unwrap();
        WindowCutter::new(&config).unwrap().cut(&window, &mut from_stream).unwrap();
        prop_assert_eq!(bits(&from_clip), bits(&from_stream));
    }

    #[test]
    fn frames_that_do_not_come_are_silent(
        config in configs(),
        samples in 1usize..3000,
        seed in any::<u64>(),
        first in -60i64..60,
    ) {
        // A window over a stream's start or end, from the stream's own frames, against the clip's.
        let clip = noise(samples, seed);
        let mut extractor = FrameExtractor::new(&config).unwrap();
        let buffer = stream(&mut extractor, &config, &[&clip]);
        let mut from_stream = vec![0.0; config.frames() * config.coefficients()];
        let window = buffer.window(first, config.frames()).unwrap();
        WindowCutter::new(&config).unwrap().cut(&window, &mut from_stream).unwrap();
        let mut from_clip = vec![0.0; from_stream.len()];
        let start = first * config.hop_samples as i64;
        ClipFeatures::new(&config).unwrap().window(&clip, start, &mut from_clip).unwrap();
        prop_assert_eq!(bits(&from_clip), bits(&from_stream));
    }
}

#[test]
fn a_frame_comes_as_soon_as_its_lookahead_has_arrived() {
    for (fft, window, hop) in [(256, 256, 64), (256, 120, 250)] {
        let config = config(fft, window, hop, false);
        let mut extractor = FrameExtractor::new(&config).unwrap();
        let needed = 3 * hop + extractor.lookahead_samples();
        let sound = noise(needed, 5);
        extractor.push(&sound[..needed - 1], &mut |_| {});
        assert_eq!(extractor.next_index(), 3);
        extractor.push(&sound[needed - 1..], &mut |_| {});
        assert_eq!(extractor.next_index(), 4);
    }
}

#[test]
fn a_buffer_that_discards_gives_the_same_windows_and_refuses_what_is_gone() {
    let config = config(256, 256, 64, true);
    let sound = noise(9000, 3);
    let mut extractor = FrameExtractor::new(&config).unwrap();
    let whole = stream(&mut extractor, &config, &[&sound]);
    let frames = config.frames();
    let mut buffer = FrameBuffer::new(&config);
    let mut next = 0;
    extractor.push(&sound, &mut |frame| {
        buffer.push(frame);
        if buffer.end_index() == next + frames as i64 {
            assert_eq!(buffer.window(next, frames), whole.window(next, frames));
            next += 3;
            buffer.discard_before(next);
            assert_eq!(buffer.first_index(), next);
            assert!(buffer.window(next - 1, frames).is_none());
        }
    });
    assert!(next > 30, "{next}");
    assert!(buffer.len() <= frames);
}

#[test]
fn a_stream_without_samples_has_no_frames() {
    let config = FeatureConfig::paper();
    let mut extractor = FrameExtractor::new(&config).unwrap();
    assert!(stream(&mut extractor, &config, &[&[]]).is_empty());
}

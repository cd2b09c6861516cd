//! The part of a clip that counts as the utterance: relative to the clip's own loudest moment, with a little silence kept.

use undersong_trainer::recipe::{Placement, Preparation};
use undersong_trainer::train::utterance;

const RATE_HZ: u32 = 16_000;

fn preparation(trim_db: f32, keep_ms: f32) -> Preparation {
    Preparation {
        placement: Placement::Centre,
        blank_probability: 0.0,
        trim_db,
        keep_ms,
        crop: None,
        speaker_profile: None,
        standardise: false,
    }
}

/// Three seconds, silent but for half a second of a tone from 1.25 s on.
fn clip() -> Vec<f32> {
    let mut clip = vec![0.0; 48_000];
    for (n, sample) in clip[20_000..28_000].iter_mut().enumerate() {
        *sample = (n as f32 * 0.1).sin();
    }
    clip
}

#[test]
fn it_is_the_sound_with_as_much_silence_as_asked_for() {
    for (keep_ms, keep) in [(0.0, 0), (150.0, 2_400), (1_000.0, 16_000)] {
        let part = utterance(&clip(), RATE_HZ, &preparation(-35.0, keep_ms));
        assert_eq!(part, 20_000 - keep..28_000 + keep);
    }
    let part = utterance(&clip(), RATE_HZ, &preparation(-35.0, 5_000.0));
    assert_eq!(part, 0..48_000, "no more than there is");
}

#[test]
fn it_is_relative_to_the_clip() {
    // A hum 50 dB below is silence, one 30 dB below is not.
    for (hum, all) in [(0.003, false), (0.03, true)] {
        for gain in [1.0, 0.01] {
            let clip: Vec<f32> = clip()
                .iter()
                .enumerate()
                .map(|(n, sample)| gain * (sample + hum * (n as f32 * 0.05).sin()))
                .collect();
            let part = utterance(&clip, RATE_HZ, &preparation(-35.0, 150.0));
            let expected = if all { 0..48_000 } else { 17_600..30_400 };
            assert_eq!(part, expected, "a hum of {hum}, gain {gain}");
        }
    }
}

#[test]
fn silence_stays_whole() {
    for length in [0, 1, 100, 5_000] {
        let part = utterance(&vec![0.0; length], RATE_HZ, &preparation(-35.0, 150.0));
        assert_eq!(part, 0..length);
    }
}

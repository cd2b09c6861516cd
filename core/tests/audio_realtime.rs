//! The promise to the audio thread: once warm, conditioning and voice detection allocate nothing.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on should stop there"
)]

mod counting;

use undersong_core::audio::{Conditioner, NoiseReduction};
use undersong_core::voice::VoiceDetector;

fn allocations(work: impl FnOnce()) -> usize {
    let before = counting::allocations();
    work();
    counting::allocations() - before
}

#[test]
fn conditioning_allocates_nothing_once_warm() {
    for from in [16_000, 44_100, 48_000, 192_000, 44_056] {
        for reduction in [NoiseReduction::Off, NoiseReduction::Rnnoise] {
            let mut conditioner = Conditioner::new(from, 22_050, reduction).unwrap();
            let mut out = Vec::with_capacity(200_000);
            let block: Vec<f32> = (0..1_000).map(|n| (n as f32 * 0.05).sin()).collect();
            for _ in 0..20 {
                conditioner.push(&block, &mut out);
            }
            let count = allocations(|| {
                for _ in 0..50 {
                    conditioner.push(&block, &mut out);
                }
            });
            assert_eq!(count, 0, "{from} Hz, {reduction:?}");
        }
    }
}

#[test]
fn voice_detection_allocates_nothing_once_warm() {
    for rate in [16_000, 44_100, 48_000] {
        let mut detector = VoiceDetector::new(rate).unwrap();
        let mut out = Vec::with_capacity(10_000);
        let block: Vec<f32> = (0..1_000).map(|n| (n as f32 * 0.05).sin()).collect();
        for _ in 0..20 {
            detector.push(&block, &mut out);
        }
        let count = allocations(|| {
            for _ in 0..50 {
                detector.push(&block, &mut out);
            }
        });
        assert_eq!(count, 0, "{rate} Hz");
    }
}

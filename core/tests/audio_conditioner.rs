//! What the one chain before the features promises: the same sound whatever the blocks, on time, at full length, clean.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on should stop there"
)]

use std::f64::consts::TAU;

use proptest::prelude::*;
use undersong_core::audio::{ConditionError, Conditioner, NoiseReduction};

const RATES_HZ: [u32; 12] = [
    8_000, 11_025, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 88_200, 96_000, 192_000, 384_000,
];

fn sine(frequency_hz: f64, rate_hz: u32, samples: usize) -> Vec<f32> {
    (0..samples)
        .map(|n| (0.5 * (TAU * frequency_hz * n as f64 / f64::from(rate_hz)).sin()) as f32)
        .collect()
}

fn noise(samples: usize) -> Vec<f32> {
    let mut state = 0x2545_f491_u32;
    (0..samples)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            (f64::from(state) / f64::from(u32::MAX) - 0.5) as f32
        })
        .collect()
}

fn condition(input: &[f32], from_hz: u32, to_hz: u32, noise_reduction: NoiseReduction) -> Vec<f32> {
    let mut conditioner = Conditioner::new(from_hz, to_hz, noise_reduction).unwrap();
    let mut out = Vec::new();
    conditioner.push(input, &mut out);
    conditioner.finish(&mut out);
    out
}

fn rms_db(sound: &[f32]) -> f64 {
    let power = sound.iter().map(|&s| f64::from(s).powi(2)).sum::<f64>() / sound.len() as f64;
    10.0 * power.max(1e-30).log10()
}

#[test]
fn every_rate_gives_the_length_that_the_ratio_says() {
    for from in RATES_HZ {
        for to in [16_000, 22_050, 48_000] {
            for samples in [0_usize, 1, 7, 100, 4_801] {
                for reduction in [NoiseReduction::Off, NoiseReduction::Rnnoise] {
                    let out = condition(&noise(samples), from, to, reduction);
                    let exact = samples as f64 * f64::from(to) / f64::from(from);
                    assert_eq!(
                        out.len(),
                        (exact + 0.5).floor() as usize,
                        "{samples} from {from} to {to}, {reduction:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn a_sine_stays_the_same_sine_on_time() {
    for from in RATES_HZ {
        for to in [16_000, 22_050, 48_000] {
            let out = condition(
                &sine(1_000.0, from, from as usize / 2),
                from,
                to,
                NoiseReduction::Off,
            );
            // Odd blocks leave up to half a sample of delay: it is bounded on its own, and the rest must be clean.
            let (phase_samples, clean_db) = best_fit(&out, 1_000.0, to);
            assert!(
                phase_samples.abs() <= 0.51,
                "{from} to {to}: {phase_samples} samples late"
            );
            assert!(
                clean_db < -90.0,
                "{from} to {to}: the rest is at {clean_db} dB"
            );
        }
    }
}

/// Fits a sine of this frequency: its delay in samples, and what is left over, in dB.
fn best_fit(output: &[f32], frequency_hz: f64, rate_hz: u32) -> (f64, f64) {
    let step = TAU * frequency_hz / f64::from(rate_hz);
    let period = (f64::from(rate_hz) / frequency_hz).round() as usize;
    // Whole periods only, also at 22 050 Hz: 20 of 22.05 samples are 441.
    let whole = 20 * period;
    let start = output.len() / 4;
    let whole = if rate_hz == 22_050 { 441 } else { whole };
    let middle = start..start + (output.len() / 2) / whole * whole;
    let (mut s, mut c) = (0.0, 0.0);
    for n in middle.clone() {
        s += f64::from(output[n]) * (step * n as f64).sin();
        c += f64::from(output[n]) * (step * n as f64).cos();
    }
    let half = middle.len() as f64 / 2.0;
    let (s, c) = (s / half, c / half);
    let (mut rest, mut signal) = (0.0, 0.0);
    for n in middle {
        let fit = s * (step * n as f64).sin() + c * (step * n as f64).cos();
        rest += (f64::from(output[n]) - fit).powi(2);
        signal += fit * fit;
    }
    let gain_db = 20.0 * (s.hypot(c) / 0.5).log10();
    assert!(gain_db.abs() < 0.01, "gain {gain_db} dB at {rate_hz} Hz");
    ((-c).atan2(s) / step, 10.0 * (rest / signal).log10())
}

#[test]
fn what_the_new_rate_cannot_hold_is_removed_by_90_db() {
    for (from, to) in [
        (48_000, 22_050),
        (44_100, 22_050),
        (48_000, 16_000),
        (44_100, 16_000),
        (24_000, 22_050),
        (192_000, 22_050),
        (88_200, 16_000),
        (44_056, 22_050),
    ] {
        let nyquist = f64::from(to) / 2.0;
        for above_hz in [nyquist * 1.04, nyquist * 1.3, f64::from(from) * 0.49] {
            if above_hz < nyquist * 1.03 || above_hz > f64::from(from) / 2.0 {
                continue;
            }
            let out = condition(
                &sine(above_hz, from, from as usize / 2),
                from,
                to,
                NoiseReduction::Off,
            );
            let middle = &out[out.len() / 4..out.len() * 3 / 4];
            let left_db = rms_db(middle) - rms_db(&sine(1_000.0, 48_000, 48_000));
            assert!(
                left_db < -90.0,
                "{above_hz} Hz from {from} to {to} leaves {left_db} dB"
            );
        }
    }
}

#[test]
fn the_band_of_the_voice_passes_unchanged() {
    for (from, to) in [
        (48_000, 22_050),
        (44_100, 22_050),
        (48_000, 16_000),
        (16_000, 22_050),
        (8_000, 22_050),
    ] {
        let nyquist = f64::from(from.min(to)) / 2.0;
        let edge = nyquist * 0.9;
        let out = condition(
            &sine(edge, from, from as usize / 2),
            from,
            to,
            NoiseReduction::Off,
        );
        let middle = &out[out.len() / 4..out.len() * 3 / 4];
        let loss_db = rms_db(middle) - rms_db(&sine(1_000.0, 48_000, 48_000));
        assert!(
            loss_db.abs() < 0.5,
            "{edge} Hz from {from} to {to}: {loss_db} dB"
        );
    }
}

#[test]
fn rates_that_share_no_short_block_are_resampled_too() {
    for (from, to) in [
        (44_056, 22_050),
        (12_345, 22_050),
        (22_051, 16_000),
        (47_952, 22_050),
    ] {
        let input = sine(1_000.0, from, from as usize / 2);
        let out = condition(&input, from, to, NoiseReduction::Off);
        let (late_samples, clean_db) = best_fit(&out, 1_000.0, to);
        assert!(
            late_samples.abs() <= 0.51,
            "{from} to {to}: {late_samples} samples late"
        );
        assert!(
            clean_db < -85.0,
            "{from} to {to}: the rest is at {clean_db} dB"
        );
    }
}

#[test]
fn equal_rates_are_a_copy() {
    let input = noise(5_000);
    assert_eq!(
        condition(&input, 22_050, 22_050, NoiseReduction::Off),
        input
    );
}

#[test]
fn the_chain_can_be_used_again_after_finish_and_after_reset() {
    for reduction in [NoiseReduction::Off, NoiseReduction::Rnnoise] {
        let input = noise(10_000);
        let once = condition(&input, 44_100, 22_050, reduction);
        let mut conditioner = Conditioner::new(44_100, 22_050, reduction).unwrap();
        let mut out = Vec::new();
        conditioner.push(&noise(3_333), &mut out);
        conditioner.reset();
        for _ in 0..2 {
            out.clear();
            conditioner.push(&input, &mut out);
            conditioner.finish(&mut out);
            assert_eq!(out, once, "{reduction:?}");
        }
    }
}

#[test]
fn a_live_caller_waits_no_longer_than_delay_samples_says() {
    for reduction in [NoiseReduction::Off, NoiseReduction::Rnnoise] {
        for from in RATES_HZ {
            let mut conditioner = Conditioner::new(from, 22_050, reduction).unwrap();
            let (mut out, mut pushed) = (Vec::new(), 0.0);
            for block in noise(from as usize / 2).chunks(64) {
                conditioner.push(block, &mut out);
                pushed += block.len() as f64;
                let behind = pushed * 22_050.0 / f64::from(from) - out.len() as f64;
                assert!(
                    behind <= conditioner.delay_samples() as f64 + 1.0,
                    "{from}: {behind} behind"
                );
            }
        }
    }
}

#[test]
fn what_a_live_chain_delivers_early_is_ready_when_said_and_what_comes_later_but_for_rounding() {
    for reduction in [NoiseReduction::Off, NoiseReduction::Rnnoise] {
        for (from, to) in [
            (48_000, 16_000),
            (44_100, 16_000),
            (48_000, 22_050),
            (8_000, 16_000),
            (22_050, 16_000),
            (96_000, 22_050),
            (22_050, 22_050),
        ] {
            let input = noise(from as usize);
            let whole = condition(&input, from, to, reduction);
            let mut conditioner = Conditioner::live(from, to, reduction).unwrap();
            let (mut out, mut pushed) = (Vec::new(), 0);
            // Again and again so many samples are wanted, and come once they are ready.
            for wanted in (1..40).map(|step| step * 317) {
                let ready = conditioner.ready_after(wanted) as usize;
                if ready > input.len() {
                    break;
                }
                conditioner.push(&input[pushed..ready.max(pushed)], &mut out);
                pushed = ready.max(pushed);
                conditioner.deliver(&mut out);
                assert!(
                    out.len() as u64 >= wanted,
                    "{from} to {to}, {reduction:?}: {} of {wanted}",
                    out.len()
                );
                let behind = pushed as f64 * f64::from(to) / f64::from(from) - wanted as f64;
                assert!(behind <= conditioner.early_delay_samples() as f64 + 1.0);
            }
            conditioner.push(&input[pushed..], &mut out);
            conditioner.finish(&mut out);
            assert_eq!(out.len(), whole.len());
            let apart = out.iter().zip(&whole).map(|(a, b)| (a - b).abs());
            let most = apart.fold(0.0, f32::max);
            // Rnnoise is a network with a memory, and answers to the last bits of its input.
            let limit = if reduction == NoiseReduction::Off {
                1e-5
            } else {
                1e-2
            };
            assert!(most < limit, "{from} to {to}, {reduction:?}: {most} apart");
        }
    }
}

#[test]
fn the_usual_rates_of_a_studio_wait_less_than_25_ms() {
    for from in [44_100, 48_000, 88_200, 96_000, 176_400, 192_000] {
        for to in [16_000, 22_050] {
            let conditioner = Conditioner::new(from, to, NoiseReduction::Off).unwrap();
            let delay_ms = 1_000.0 * conditioner.delay_samples() as f64 / f64::from(to);
            assert!(delay_ms < 25.0, "{from} to {to}: {delay_ms} ms");
        }
    }
}

#[test]
fn a_sample_that_is_no_number_does_not_poison_what_follows() {
    for reduction in [NoiseReduction::Off, NoiseReduction::Rnnoise] {
        let mut input = sine(500.0, 48_000, 48_000);
        input[100] = f32::NAN;
        input[200] = f32::INFINITY;
        let out = condition(&input, 48_000, 22_050, reduction);
        assert!(out.iter().all(|sample| sample.is_finite()), "{reduction:?}");
    }
}

#[test]
fn impossible_rates_are_named() {
    let error = Conditioner::new(4_000, 22_050, NoiseReduction::Off).unwrap_err();
    assert_eq!(
        error,
        ConditionError::Rate {
            side: "input",
            rate_hz: 4_000
        }
    );
    assert!(
        error.to_string().contains("4000 Hz") && error.to_string().contains("8000"),
        "{error}"
    );
    assert!(Conditioner::new(48_000, 0, NoiseReduction::Off).is_err());
    assert!(Conditioner::new(768_000, 22_050, NoiseReduction::Off).is_err());
}

#[test]
fn noise_reduction_keeps_time() {
    // Clicks are kept by neither; a rising tone is: compare where its energy lies with and without reduction.
    let mut input = vec![0.0; 48_000];
    let burst = sine(300.0, 48_000, 9_600);
    for (n, sample) in burst.iter().enumerate() {
        let harmonics = sample + 0.5 * (TAU * 600.0 * n as f64 / 48_000.0).sin() as f32 * 0.5;
        input[19_200 + n] = harmonics;
    }
    let plain = condition(&input, 48_000, 22_050, NoiseReduction::Off);
    let reduced = condition(&input, 48_000, 22_050, NoiseReduction::Rnnoise);
    let best = (-1_000_i64..=1_000)
        .max_by_key(|lag| {
            let sum: f64 = (2_000..20_000_i64)
                .map(|n| f64::from(plain[n as usize]) * f64::from(reduced[(n + lag) as usize]))
                .sum();
            (sum * 1e6) as i64
        })
        .unwrap();
    assert!(best.abs() <= 2, "reduced sound lies {best} samples off");
}

/// Noise that falls by 3 dB an octave, as rooms and fans have it (Kellet's filter).
fn pink_noise(samples: usize, rms_db_wanted: f64) -> Vec<f32> {
    let (mut a, mut b, mut c) = (0.0_f32, 0.0_f32, 0.0_f32);
    let mut pink: Vec<f32> = noise(samples)
        .into_iter()
        .map(|white| {
            a = 0.997_65 * a + 0.099_046 * white;
            b = 0.963 * b + 0.296_516_4 * white;
            c = 0.57 * c + 1.052_691_3 * white;
            a + b + c + 0.184_8 * white
        })
        .collect();
    let gain = 10_f64.powf((rms_db_wanted - rms_db(&pink)) / 20.0) as f32;
    pink.iter_mut().for_each(|sample| *sample *= gain);
    pink
}

/// A buzz at a gliding pitch through three formants, in syllables: as much of a voice as a formula gives.
fn voice(samples: usize) -> Vec<f32> {
    let mut phase = 0.0_f64;
    let mut filters =
        [(700.0, 80.0), (1_200.0, 90.0), (2_600.0, 120.0)].map(|(hz, width): (f64, f64)| {
            let radius = (-std::f64::consts::PI * width / 48_000.0).exp();
            (
                2.0 * radius * (TAU * hz / 48_000.0).cos(),
                -radius * radius,
                0.0,
                0.0,
            )
        });
    (0..samples)
        .map(|n| {
            let t = n as f64 / 48_000.0;
            phase += (120.0 + 25.0 * (TAU * 0.7 * t).sin()) / 48_000.0;
            let pulse = if phase >= 1.0 { 1.0 } else { 0.0 };
            phase -= pulse;
            let mut sum = 0.0;
            for (a, b, y1, y2) in &mut filters {
                let y = pulse + *a * *y1 + *b * *y2;
                (*y2, *y1) = (*y1, y);
                sum += y;
            }
            (0.02 * sum * (TAU * 2.0 * t).sin().max(0.0)) as f32
        })
        .collect()
}

#[test]
fn noise_reduction_lowers_a_rooms_noise_by_20_db_and_a_voice_by_less_than_3() {
    let reduced_by_db = |input: &[f32]| {
        let plain = condition(input, 48_000, 22_050, NoiseReduction::Off);
        let reduced = condition(input, 48_000, 22_050, NoiseReduction::Rnnoise);
        // The first second is for the network to learn the noise.
        rms_db(&plain[22_050..]) - rms_db(&reduced[22_050..])
    };
    let room_db = reduced_by_db(&pink_noise(48_000 * 4, -55.0));
    assert!(room_db > 20.0, "noise went down by {room_db:.1} dB only");
    let mut spoken = voice(48_000 * 4);
    for (sample, noise) in spoken.iter_mut().zip(pink_noise(48_000 * 4, -55.0)) {
        *sample += noise;
    }
    let voice_db = reduced_by_db(&spoken);
    assert!(
        voice_db.abs() < 3.0,
        "the voice changed by {voice_db:.1} dB"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn the_result_is_the_same_to_the_bit_for_every_cutting(
        from in prop::sample::select(vec![8_000_u32, 16_000, 22_050, 44_100, 48_000, 96_000, 44_056]),
        to in prop::sample::select(vec![16_000_u32, 22_050]),
        rnnoise in any::<bool>(),
        cuts in prop::collection::vec(1_usize..3_000, 1..12),
        samples in 0_usize..12_000,
    ) {
        let reduction = if rnnoise { NoiseReduction::Rnnoise } else { NoiseReduction::Off };
        let input = noise(samples);
        let whole = condition(&input, from, to, reduction);
        let mut conditioner = Conditioner::new(from, to, reduction).unwrap();
        let (mut rest, mut out) = (input.as_slice(), Vec::new());
        for cut in cuts.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (now, later) = rest.split_at((*cut).min(rest.len()));
            conditioner.push(now, &mut out);
            rest = later;
        }
        conditioner.finish(&mut out);
        prop_assert!(out == whole);
    }
}

//! What was measured of a delivery, as numbers in a row and back.

use undersong_core::delivery::{Clipping, Delivery, Loudness, Pauses, TakeDelivery, Technical};

/// Numbers of a window's delivery.
pub(super) const DELIVERY_NUMBERS: usize = 7;
/// Numbers of a take's.
pub(super) const TAKE_NUMBERS: usize = DELIVERY_NUMBERS + 6 + 4 + 14;

/// Stands for a number that there isn't; what was measured is never this.
pub(super) const NONE: f64 = f64::NAN;

fn or_none(number: Option<f64>) -> f64 {
    number.unwrap_or(NONE)
}

fn some(number: f64) -> Option<f64> {
    (!number.is_nan()).then_some(number)
}

// Taken apart and put together field by field, without `..`, so that a field that is added isn't forgotten here. Whole numbers are far below
// 2^53, up to which they stay exact.

pub(super) fn delivery_numbers(delivery: &Delivery) -> [f64; DELIVERY_NUMBERS] {
    let Delivery {
        voiced_seconds,
        level_db,
        pitch_hz,
        melody_semitones,
        syllables_per_second,
        brightness_db,
        loudness_lufs,
    } = *delivery;
    [
        voiced_seconds,
        or_none(level_db),
        or_none(pitch_hz),
        or_none(melody_semitones),
        or_none(syllables_per_second),
        or_none(brightness_db),
        or_none(loudness_lufs),
    ]
}

pub(super) fn delivery_of(numbers: [f64; DELIVERY_NUMBERS]) -> Option<Delivery> {
    let [
        voiced_seconds,
        level,
        pitch,
        melody,
        rate,
        brightness,
        loudness,
    ] = numbers;
    Some(Delivery {
        voiced_seconds: some(voiced_seconds)?,
        level_db: some(level),
        pitch_hz: some(pitch),
        melody_semitones: some(melody),
        syllables_per_second: some(rate),
        brightness_db: some(brightness),
        loudness_lufs: some(loudness),
    })
}

pub(super) fn take_numbers(delivery: &TakeDelivery) -> Vec<f64> {
    let TakeDelivery {
        voice,
        loudness,
        pauses,
        technical,
    } = delivery;
    let Loudness {
        target_lufs,
        integrated_lufs,
        range_lu,
        short_term_max_lufs,
        momentary_max_lufs,
        true_peak_dbtp,
    } = *loudness;
    let pauses = pauses.map_or([NONE; 4], |pauses| {
        let Pauses {
            count,
            longest_seconds,
            total_seconds,
            span_seconds,
        } = pauses;
        [count as f64, longest_seconds, total_seconds, span_seconds]
    });
    let Technical {
        sample_rate_hz,
        channels,
        sample_peak_dbfs,
        clipping:
            Clipping {
                samples,
                places,
                first_seconds,
                at_dbfs,
            },
        lead_in_seconds,
        tail_seconds,
        start_below_voice_db,
        end_below_voice_db,
        noise_floor_db,
        quietest_db,
        snr_db,
    } = *technical;
    let mut numbers = Vec::with_capacity(TAKE_NUMBERS);
    numbers.extend(delivery_numbers(voice));
    numbers.extend([
        target_lufs,
        or_none(integrated_lufs),
        or_none(range_lu),
        or_none(short_term_max_lufs),
        or_none(momentary_max_lufs),
        or_none(true_peak_dbtp),
    ]);
    numbers.extend(pauses);
    numbers.extend([
        f64::from(sample_rate_hz),
        channels as f64,
        or_none(sample_peak_dbfs),
        samples as f64,
        places as f64,
        or_none(first_seconds),
        or_none(at_dbfs),
        or_none(lead_in_seconds),
        or_none(tail_seconds),
        or_none(start_below_voice_db),
        or_none(end_below_voice_db),
        or_none(noise_floor_db),
        or_none(quietest_db),
        or_none(snr_db),
    ]);
    numbers
}

pub(super) fn take_delivery_of(numbers: [f64; TAKE_NUMBERS]) -> Option<TakeDelivery> {
    let mut numbers = numbers.into_iter();
    let mut next = || numbers.next().unwrap_or(NONE);
    let voice = delivery_of(std::array::from_fn(|_| next()))?;
    let loudness = Loudness {
        target_lufs: next(),
        integrated_lufs: some(next()),
        range_lu: some(next()),
        short_term_max_lufs: some(next()),
        momentary_max_lufs: some(next()),
        true_peak_dbtp: some(next()),
    };
    let [count, longest_seconds, total_seconds, span_seconds] = std::array::from_fn(|_| next());
    let pauses = some(count).map(|count| Pauses {
        count: count as u64,
        longest_seconds,
        total_seconds,
        span_seconds,
    });
    let technical = Technical {
        sample_rate_hz: next() as u32,
        channels: next() as usize,
        sample_peak_dbfs: some(next()),
        clipping: Clipping {
            samples: next() as u64,
            places: next() as u64,
            first_seconds: some(next()),
            at_dbfs: some(next()),
        },
        lead_in_seconds: some(next()),
        tail_seconds: some(next()),
        start_below_voice_db: some(next()),
        end_below_voice_db: some(next()),
        noise_floor_db: some(next()),
        quietest_db: some(next()),
        snr_db: some(next()),
    };
    Some(TakeDelivery {
        voice,
        loudness,
        pauses,
        technical,
    })
}

//! What a take's summary promises.

mod timeline_support;

use proptest::prelude::*;
use timeline_support::{emotions, silence, voice};
use undersong_core::timeline::{Reading, Scores, stretches, summarise, summarise_weighted};

/// Hand-computed: 4.5 s take, 3 s windows at 0, 0.75 and 1.5 s. Centres 1.5, 2.25, 3.0; stretches 0–1.875, 1.875–2.625,
/// 2.625–4.5. Voiced shares 1/3, 1, 0 (no reading), so weights 0.625, 0.75, 0.
#[test]
fn scores_are_weighted_by_the_voiced_time_that_each_window_stands_for() {
    let emotions = emotions(&["neutral", "happy", "sad"]);
    let windows = [
        voice(0.0, 3.0, 1.0, &[0.1, 0.7, 0.2], &emotions),
        voice(0.75, 3.75, 3.0, &[0.2, 0.2, 0.6], &emotions),
        silence(1.5, 4.5),
    ];
    let stretches = stretches(&windows, 4.5);
    let ends: Vec<(f64, f64)> = stretches
        .iter()
        .map(|it| (it.start_seconds, it.end_seconds))
        .collect();
    assert_eq!(ends, [(0.0, 1.875), (1.875, 2.625), (2.625, 4.5)]);

    let summary = summarise(&windows, &emotions, 4.5, 0.45);
    let reading = summary.reading.expect("there is voice");
    // (0.625 · 0.1 + 0.75 · 0.2) / 1.375 and so on.
    let wanted = [0.154_545_45, 0.427_272_7, 0.418_181_83];
    for (score, wanted) in reading.scores.0.iter().zip(wanted) {
        assert!((score - wanted).abs() < 1e-6, "{score} {wanted}");
    }
    assert!((summary.voiced_seconds - 1.375).abs() < 1e-12);
    for (share, wanted) in summary
        .shares
        .iter()
        .zip([0.0, 0.625 / 1.375, 0.75 / 1.375])
    {
        assert!((share - wanted).abs() < 1e-12, "{share} {wanted}");
    }
    // 0.81 · 0.4272727 − 0.63 · 0.4181818 and 0.51 · 0.4272727 − 0.27 · 0.4181818.
    assert!((reading.valence - 0.082_636_36).abs() < 1e-6);
    assert!((reading.arousal - 0.105).abs() < 1e-6);
    assert!((reading.confidence - 0.427_272_7).abs() < 1e-6);
    assert!(reading.unsure, "0.427 is below 0.45");

    assert_eq!(summary.moments.len(), 2, "neutral never leads");
    assert_eq!(
        (summary.moments[0].emotion, summary.moments[0].score),
        (1, 0.7)
    );
    assert_eq!(
        (summary.moments[1].emotion, summary.moments[1].score),
        (2, 0.6)
    );
    assert_eq!(summary.transitions.len(), 1);
    let change = &summary.transitions[0];
    assert_eq!((change.at_seconds, change.from, change.to), (2.25, 1, 2));
}

#[test]
fn exact_voiced_times_take_the_place_of_the_estimate() {
    let emotions = emotions(&["neutral", "happy"]);
    let windows = [
        voice(0.0, 3.0, 3.0, &[1.0, 0.0], &emotions),
        voice(1.0, 4.0, 3.0, &[0.0, 1.0], &emotions),
    ];
    let summary = summarise_weighted(&windows, &[0.5, 1.5], &emotions, 0.0);
    assert_eq!(summary.reading.expect("voice").scores.0, [0.25, 0.75]);
    assert_eq!(summary.voiced_seconds, 2.0);
    assert_eq!(summary.shares, [0.25, 0.75]);
}

#[test]
fn silence_has_no_emotion() {
    let emotions = emotions(&["neutral", "happy"]);
    for windows in [vec![], vec![silence(0.0, 3.0), silence(0.25, 3.25)]] {
        let summary = summarise(&windows, &emotions, 3.25, 0.4);
        assert_eq!(summary.reading, None);
        assert_eq!(summary.voiced_seconds, 0.0);
        assert_eq!(summary.shares, [0.0, 0.0]);
        assert!(summary.moments.is_empty() && summary.transitions.is_empty());
    }
}

#[test]
fn a_change_across_a_pause_is_one_transition_and_the_first_of_equal_moments_counts() {
    let emotions = emotions(&["happy", "sad"]);
    let windows = [
        voice(0.0, 1.0, 1.0, &[0.8, 0.2], &emotions),
        voice(1.0, 2.0, 1.0, &[0.8, 0.2], &emotions),
        silence(2.0, 3.0),
        voice(3.0, 4.0, 1.0, &[0.3, 0.7], &emotions),
    ];
    let summary = summarise(&windows, &emotions, 4.0, 0.5);
    assert_eq!(summary.moments[0].start_seconds, 0.0);
    assert_eq!(summary.transitions.len(), 1);
    assert_eq!(summary.transitions[0].at_seconds, 3.5);
}

#[test]
fn a_score_that_is_not_a_number_does_not_spoil_the_take() {
    let emotions = emotions(&["happy", "sad"]);
    let mut broken = voice(1.0, 2.0, 1.0, &[0.5, 0.5], &emotions);
    broken.reading.as_mut().expect("voice").scores.0[1] = f32::NAN;
    let windows = [voice(0.0, 1.0, 1.0, &[0.8, 0.2], &emotions), broken];
    let summary = summarise(&windows, &emotions, 2.0, 0.5);
    assert_eq!(summary.reading.expect("voice").scores.0, [0.8, 0.2]);
    assert_eq!(summary.shares, [1.0, 0.0]);
}

prop_compose! {
    fn any_scores(count: usize)(
        powers in prop::collection::vec(1e-3_f64..1.0, count)
    ) -> Vec<f32> {
        let total: f64 = powers.iter().sum();
        powers.iter().map(|power| (power / total) as f32).collect()
    }
}

proptest! {
    #[test]
    fn the_summary_of_one_window_is_the_window(
        scores in any_scores(6), voiced in 0.01_f64..3.0, start in 0.0_f64..9.0, tail in 0.0_f64..9.0, unsure_below in 0.0_f32..1.0,
    ) {
        let emotions = emotions(&["neutral", "happy", "sad", "angry", "fearful", "disgust"]);
        let reading = Reading::from_scores(Scores(scores), &emotions, unsure_below);
        let mut window = silence(start, start + 3.0);
        window.voiced_seconds = voiced;
        window.reading = Some(reading.clone());
        let summary = summarise(&[window], &emotions, start + 3.0 + tail, unsure_below);
        prop_assert_eq!(summary.reading, Some(reading));
    }

    #[test]
    fn shares_and_scores_sum_to_one_and_stretches_tile_the_take(
        windows in prop::collection::vec((any_scores(4), 0.0_f64..1.0, any::<bool>(), 0.05_f64..2.0), 1..60), tail in 0.0_f64..3.0,
    ) {
        let emotions = emotions(&["neutral", "happy", "sad", "angry"]);
        let mut start = 0.0;
        let windows: Vec<_> = windows.into_iter().map(|(scores, share, is_voice, hop)| {
            start += hop;
            if is_voice && share > 0.0 {
                voice(start, start + 3.0, 3.0 * share, &scores, &emotions)
            } else {
                silence(start, start + 3.0)
            }
        }).collect();
        let seconds = start + 3.0 + tail;
        let stretches = stretches(&windows, seconds);
        prop_assert_eq!(stretches[0].start_seconds, 0.0);
        prop_assert_eq!(stretches[stretches.len() - 1].end_seconds, seconds);
        for pair in stretches.windows(2) {
            prop_assert_eq!(pair[0].end_seconds, pair[1].start_seconds);
            prop_assert!(pair[0].seconds() >= 0.0);
        }
        let summary = summarise(&windows, &emotions, seconds, 0.5);
        let sum: f64 = summary.shares.iter().sum();
        prop_assert!(summary.voiced_seconds <= seconds + 1e-9);
        match &summary.reading {
            Some(reading) => {
                prop_assert!((sum - 1.0).abs() < 1e-9);
                let total: f32 = reading.scores.0.iter().sum();
                prop_assert!((total - 1.0).abs() < 1e-5);
                prop_assert!((-1.0..=1.0).contains(&reading.valence) && (-1.0..=1.0).contains(&reading.arousal));
            }
            None => prop_assert!(windows.iter().all(|window| !window.voiced())),
        }
    }

    #[test]
    fn windows_that_run_past_a_short_take_are_kept_within_it(seconds in 0.01_f64..2.0) {
        let emotions = emotions(&["happy", "sad"]);
        let windows = [
            voice(0.0, 3.0, 1.0, &[0.8, 0.2], &emotions),
            voice(2.0, 5.0, 1.0, &[0.8, 0.2], &emotions),
        ];
        for stretch in stretches(&windows, seconds) {
            prop_assert!(0.0 <= stretch.start_seconds && stretch.start_seconds <= stretch.end_seconds);
            prop_assert!(stretch.end_seconds <= seconds);
        }
    }
}

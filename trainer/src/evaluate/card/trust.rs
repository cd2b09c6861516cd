//! How far the model can be trusted: how sure, for whom, and as live hears it.

use undersong_core::model::Calibration;

use super::Card;
use crate::evaluate::report::{
    Report, bins_markdown, coverage_markdown, decimals, fairness_markdown, percent,
};

/// The report that speaks of strangers, else the other, with its name.
fn measured<'a>(card: &Card<'a>) -> Option<(&'static str, &'a Report)> {
    card.speakers
        .map(|report| ("unseen speakers", report))
        .or_else(|| {
            card.paper
                .map(|report| ("a random split, known speakers", report))
        })
}

/// What the calibration multiplies the temperature by, in words; nothing where it does not.
pub(super) fn by_voice(calibration: &Calibration) -> String {
    if calibration.by_voice.is_empty() {
        return String::new();
    }
    let points: Vec<String> = calibration
        .by_voice
        .iter()
        .map(|entry| format!("{:.2} with {:.1} s", entry.times, entry.voiced_seconds))
        .collect();
    format!(
        ", times what the voice in the window asks for (× {}, on straight lines between)",
        points.join(", ")
    )
}

/// Risk and coverage, the threshold, and whether it is right as often as it says.
pub(super) fn sureness(card: &Card<'_>) -> String {
    let mut text = "## How sure it is\n\n".to_owned();
    let Some((on, report)) = measured(card) else {
        text.push_str("Not measured.\n");
        return text;
    };
    let answered = report.answered_accuracy;
    text.push_str(&format!(
        "On {on}: it says `unsure` of {} of the clips, those with a confidence below {}; of the others {} are named right (a risk of {}). The most confident 60\u{a0}% are \
         right in {}, {} points above all clips. Calibration error (ECE) {}, mean confidence {} at an accuracy of {}; area under the risk–coverage curve {}.\n\n",
        percent(report.unsure_share),
        decimals(f64::from(report.calibration.unsure_below)),
        percent(answered),
        percent(answered.map(|accuracy| 1.0 - accuracy)),
        percent(report.risk_coverage.accuracy_at_60),
        report.gained_at_60(),
        decimals(report.after_calibration.ece),
        percent(report.after_calibration.mean_confidence),
        percent(report.overall.accuracy),
        decimals(report.risk_coverage.area),
    ));
    text.push_str(&coverage_markdown(report));
    text.push_str(&format!(
        "\n<details><summary>Is it right as often as it says? The bins of confidence</summary>\n\n{}\n</details>\n",
        bins_markdown(report)
    ));
    text
}

/// Gaps between groups of actors.
pub(super) fn for_whom(card: &Card<'_>) -> String {
    let mut text = "## For whom it is worse\n\n".to_owned();
    match measured(card).filter(|(_, report)| !report.fairness.is_empty()) {
        None => text.push_str("Not measured.\n"),
        Some((on, report)) => {
            text.push_str(&format!(
                "On {on}, by what the corpora state of their actors (RAVDESS sex; CREMA-D sex, age, race and ethnicity, in its own words). Nobody else was \
                 measured: other accents and languages, children, voices changed by illness or transition.\n\n{}",
                fairness_markdown(report)
            ));
        }
    }
    text
}

/// What it loses under each condition.
pub(super) fn live(card: &Card<'_>) -> String {
    format!(
        "## Live is not a clip\n\n{}",
        card.live.unwrap_or("Not measured.\n")
    )
}

//! For whom a model is worse: groups as the corpora state them, their gaps with intervals, and who are too few.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use undersong_trainer::evaluate::{Row, fairness, fairness_sentences};

/// Four clips of one actor, of which this many are named right.
fn actor(number: usize, sex: &str, age_years: Option<u32>, race: &str, right: usize) -> Vec<Row> {
    (0..4)
        .map(|clip| {
            let truth = clip % 2;
            let answer = if clip < right { truth } else { 1 - truth };
            let mut logits = vec![0.0, 0.0];
            logits[answer] = 1.0;
            Row {
                name: format!("{number}-{clip}"),
                corpus: "CREMA-D".to_owned(),
                speaker: format!("actor-{number}"),
                sex: Some(sex.to_owned()),
                age_years,
                race: Some(race.to_owned()),
                ethnicity: None,
                voiced_seconds: None,
                truth,
                logits,
            }
        })
        .collect()
}

/// Twelve women of whom three of four clips are named right, twelve men of whom two are; two of them Asian.
fn cast() -> Vec<Row> {
    (0..24)
        .flat_map(|number| {
            let (sex, right) = if number % 2 == 0 {
                ("female", 3)
            } else {
                ("male", 2)
            };
            let race = if number < 2 { "Asian" } else { "Caucasian" };
            actor(number, sex, Some(20 + 2 * number as u32), race, right)
        })
        .collect()
}

#[test]
fn a_gap_between_the_sexes_is_measured_and_named() {
    let rows = cast();
    let parts = fairness(2, &rows.iter().collect::<Vec<_>>());
    let attributes: Vec<&str> = parts.iter().map(|part| part.attribute.as_str()).collect();
    // Nothing is stated of ethnicity.
    assert_eq!(attributes, ["sex", "age", "race"]);
    let [women, men] = parts[0].groups.as_slice() else {
        panic!("{parts:?}")
    };
    assert_eq!(
        (women.name.as_str(), women.speakers, women.clips),
        ("female", 12, 48)
    );
    assert_eq!((women.accuracy.value, men.accuracy.value), (0.75, 0.5));
    let gap = men.gap.unwrap().accuracy;
    assert!((gap.value + 0.25).abs() < 1e-12);
    // Every woman and every man is as the next: drawing them anew changes nothing.
    let interval = gap.interval.unwrap();
    assert!((interval.low + 0.25).abs() < 1e-12 && (interval.high + 0.25).abs() < 1e-12);
    // Of the clips of the first emotion, women's are both right, of the second one of two.
    assert_eq!(women.recall[0].unwrap().value, 1.0);
    assert_eq!(women.recall[1].unwrap().value, 0.5);
    let said = fairness_sentences(&parts);
    assert!(
        said[0].contains("CREMA-D, sex: men lie 25.0 points below women in accuracy"),
        "{said:?}"
    );
    assert_eq!(
        said.iter()
            .filter(|sentence| sentence.contains(", sex:"))
            .count(),
        1
    );
}

#[test]
fn few_speakers_are_flagged_and_ages_stand_in_bands() {
    let rows = cast();
    let parts = fairness(2, &rows.iter().collect::<Vec<_>>());
    let ages: Vec<(&str, usize)> = parts[1]
        .groups
        .iter()
        .map(|group| (group.name.as_str(), group.speakers))
        .collect();
    assert_eq!(
        ages,
        [
            ("20–29 years", 5),
            ("30–39 years", 5),
            ("40–49 years", 5),
            ("50–59 years", 5),
            ("60 years and over", 4)
        ]
    );
    let asian = &parts[2].groups[0];
    assert!(asian.few_speakers && asian.speakers == 2);
    assert!(!parts[2].groups[1].few_speakers);
    let said = fairness_sentences(&parts).join("\n");
    assert!(
        said.contains("race: no group's distance") && said.contains("fewer than 5"),
        "{said}"
    );
}

#[test]
fn one_actor_has_no_interval_and_unknown_ages_no_group() {
    let mut rows = actor(0, "female", None, "Asian", 4);
    rows.extend(actor(1, "male", None, "Asian", 2));
    let parts = fairness(2, &rows.iter().collect::<Vec<_>>());
    assert_eq!(parts.len(), 1, "{parts:?}");
    for group in &parts[0].groups {
        assert!(group.few_speakers && group.accuracy.interval.is_none());
        assert!(group.gap.unwrap().accuracy.interval.is_none());
    }
    let said = fairness_sentences(&parts);
    assert!(
        said[0].contains("too few") && said[0].contains("may be chance"),
        "{said:?}"
    );
}

#[test]
fn answers_written_before_attributes_were_kept_are_still_read() {
    let old = r#"{"name":"x","corpus":"C","speaker":"s","sex":null,"truth":0,"logits":[0.0,1.0]}"#;
    let row: Row = serde_json::from_str(old).unwrap();
    assert_eq!(
        (row.age_years, row.race.clone(), row.voiced_seconds),
        (None, None, None)
    );
    assert_eq!(serde_json::to_string(&row).unwrap(), old);
}

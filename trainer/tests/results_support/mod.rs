//! Made-up results whose figures are known.

#![allow(dead_code, unreachable_pub)] // each test file uses its own part
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use undersong_trainer::evaluate::{Predictions, Row};
use undersong_trainer::results::{Person, Protocol, RunResult, file_name};

pub const LABELS: [&str; 3] = ["neutral", "happy", "angry"];

/// A run on fold `fold` of `folds.csv`: two RAVDESS and four CREMA-D actors of its own, three clips an emotion each. Every clip is right
/// but for each actor's first `wrong` clips.
pub fn run(recipe: &str, fold: usize, wrong: usize) -> RunResult {
    let mut test = Predictions::new(LABELS);
    let mut people = BTreeMap::new();
    let mut votes = HashMap::new();
    let actors = (0..6).map(|actor| match actor < 2 {
        true => (
            "RAVDESS",
            format!("ravdess-{:02}", fold * 2 + actor + 1),
            actor,
        ),
        false => (
            "CREMA-D",
            format!("cremad-{}", 1001 + fold * 4 + actor),
            actor,
        ),
    });
    for (corpus, speaker, actor) in actors {
        let sex = if actor % 2 == 0 { "female" } else { "male" };
        people.insert(
            speaker.clone(),
            Person {
                speaker: speaker.clone(),
                corpus: corpus.to_owned(),
                sex: Some(sex.to_owned()),
                age_years: (corpus == "CREMA-D").then_some(20 + 12 * actor as u32),
                race: (corpus == "CREMA-D").then(|| ["Asian", "Caucasian"][actor % 2].to_owned()),
                ethnicity: None,
            },
        );
        for clip in 0..9 {
            let truth = clip % 3;
            let answer = if clip < wrong { (truth + 1) % 3 } else { truth };
            let name = format!("{speaker}-{clip}");
            let mut logits = vec![0.0; 3];
            // Wrong answers are less sure than right ones.
            logits[answer] = if clip < wrong {
                0.4
            } else {
                2.0 + 0.1 * clip as f32
            };
            if corpus == "CREMA-D" {
                // angry, disgust, fearful, happy, neutral, sad: the truth leads, but for clip 8, where two do.
                let mut counts = [0; 6];
                counts[[4, 3, 0][truth]] = 6;
                if clip == 8 {
                    counts[4] = 6;
                }
                votes.insert(name.clone(), counts);
            }
            test.rows.push(Row {
                name,
                corpus: corpus.to_owned(),
                speaker: speaker.clone(),
                sex: Some(sex.to_owned()),
                age_years: None,
                race: None,
                ethnicity: None,
                voiced_seconds: None,
                truth,
                logits,
            });
        }
    }
    RunResult {
        recipe: recipe.to_owned(),
        method: "CNN".to_owned(),
        features: "MFCC".to_owned(),
        settings: format!("name = \"{recipe}\""),
        protocol: Protocol::Speakers {
            folds: "folds.csv".to_owned(),
            fold,
        },
        seed: 0,
        epochs: 30,
        seconds: 61.0,
        trainer: "0.1.0".to_owned(),
        model_sha256: "ab".repeat(32),
        measured_on: "one window a clip".to_owned(),
        command: format!(
            "undersong-trainer train --recipe {recipe} --protocol speakers --folds folds.csv --fold {fold} --seed 0 --out runs/{recipe}-fold{fold}-seed0"
        ),
        validation: Predictions::new(LABELS),
        test,
        people,
        votes,
    }
}

pub fn put(folder: &Path, run: &RunResult) {
    std::fs::write(folder.join(file_name(run)), run.to_json().unwrap()).unwrap();
}

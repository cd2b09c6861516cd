//! What a split promises: nothing is in two parts, shares are kept, the same seed gives the same split.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use undersong_trainer::corpus::{
    Clip, CorpusKind, Digest, EMOTIONS, Sex, Sound, Votes, find_defects,
};
use undersong_trainer::split::{SpeakerFolds, Split, SplitError, random_stratified, speakers};

fn clip(number: usize, corpus: CorpusKind, actor: usize, emotion: &str) -> Clip {
    let mut hash = [0; 32];
    hash[..8].copy_from_slice(&(number as u64).to_le_bytes());
    Clip {
        corpus,
        path: PathBuf::from(format!("{number}.wav")),
        name: format!("{number:06}"),
        speaker: format!("{}-{actor:02}", corpus.key()),
        emotion: emotion.to_owned(),
        sex: Some(if actor.is_multiple_of(2) {
            Sex::Female
        } else {
            Sex::Male
        }),
        age_years: None,
        race: None,
        ethnicity: None,
        intensity: None,
        votes: None,
        size_bytes: 1,
        file_hash: Digest(hash),
    }
}

/// Two corpora with this many actors each and uneven classes.
fn corpus(ravdess: usize, cremad: usize, per_class: usize) -> Vec<Clip> {
    let mut clips = Vec::new();
    for (kind, actors, emotions) in [
        (CorpusKind::Ravdess, ravdess, &EMOTIONS[..]),
        (CorpusKind::Cremad, cremad, &Votes::EMOTIONS[..]),
    ] {
        for actor in 1..=actors {
            for (class, emotion) in emotions.iter().enumerate() {
                for _ in 0..per_class + (class + actor) % 3 {
                    clips.push(clip(clips.len(), kind, actor, emotion));
                }
            }
        }
    }
    clips
}

fn assert_a_partition(split: &Split, count: usize) {
    let mut all: Vec<usize> = split
        .parts()
        .iter()
        .flat_map(|(_, part)| part.to_vec())
        .collect();
    assert_eq!(all.len(), count, "every clip once");
    all.sort_unstable();
    assert!(all.into_iter().eq(0..count));
}

fn speakers_of(clips: &[Clip], part: &[usize]) -> BTreeSet<String> {
    part.iter()
        .map(|&index| clips[index].speaker.clone())
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_random_split_is_a_partition_with_every_class_within_one_of_its_share(
        ravdess in 0_usize..6, cremad in 1_usize..12, per_class in 1_usize..6, seed: u64,
    ) {
        let clips = corpus(ravdess, cremad, per_class);
        let shares = [0.8, 0.1, 0.1];
        let split = random_stratified(&clips, seed, shares).unwrap();
        assert_a_partition(&split, clips.len());
        prop_assert_eq!(&split, &random_stratified(&clips, seed, shares).unwrap());
        let mut strata: BTreeMap<_, [f64; 3]> = BTreeMap::new();
        for (part, (_, indices)) in split.parts().iter().enumerate() {
            for &index in *indices {
                let clip = &clips[index];
                strata.entry((clip.corpus, &clip.emotion)).or_default()[part] += 1.0;
            }
        }
        for counts in strata.values() {
            let all: f64 = counts.iter().sum();
            for (count, share) in counts.iter().zip(shares) {
                prop_assert!((count - all * share).abs() <= 1.0 + 1e-9, "{counts:?}");
            }
        }
    }

    #[test]
    fn no_actor_is_in_two_parts_and_each_is_tested_exactly_once(
        ravdess in 0_usize..9, cremad in 5_usize..20, folds in 2_usize..6, seed: u64,
        share in prop_oneof![Just(0.0), 0.01_f64..0.5],
    ) {
        let clips = corpus(ravdess, cremad, 1);
        let drawn = SpeakerFolds::draw(&clips, folds, seed).unwrap();
        prop_assert_eq!(&drawn, &SpeakerFolds::draw(&clips, folds, seed).unwrap());
        let mut tested = Vec::new();
        for fold in 0..folds {
            let split = speakers(&clips, &drawn, fold, share, seed).unwrap();
            assert_a_partition(&split, clips.len());
            prop_assert_eq!(&split, &speakers(&clips, &drawn, fold, share, seed).unwrap());
            let parts = split.parts().map(|(_, part)| speakers_of(&clips, part));
            for (a, b) in [(0, 1), (0, 2), (1, 2)] {
                prop_assert!(parts[a].is_disjoint(&parts[b]), "{parts:?}");
            }
            prop_assert_eq!(split.validation.is_empty(), share == 0.0);
            tested.extend(split.test);
        }
        tested.sort_unstable();
        prop_assert!(tested.into_iter().eq(0..clips.len()));
    }

    #[test]
    fn drawn_folds_balance_each_sex_of_each_corpus(
        ravdess in 0_usize..12, cremad in 5_usize..30, folds in 2_usize..6, seed: u64,
    ) {
        let clips = corpus(ravdess, cremad, 1);
        let drawn = SpeakerFolds::draw(&clips, folds, seed).unwrap();
        let mut counts: BTreeMap<_, Vec<i64>> = BTreeMap::new();
        let actors: BTreeSet<_> = clips.iter().map(|c| (c.corpus, c.sex, &c.speaker)).collect();
        for (corpus, sex, speaker) in actors {
            counts.entry((corpus, sex)).or_insert_with(|| vec![0; folds])[drawn.fold_of(speaker).unwrap()] += 1;
        }
        for group in counts.values() {
            prop_assert!(group.iter().max().unwrap() - group.iter().min().unwrap() <= 1, "{counts:?}");
        }
    }

    #[test]
    fn no_sound_that_is_there_twice_ever_crosses_the_split(
        twins in prop::collection::vec((0_usize..180, 0_usize..180), 0..30), seed: u64,
    ) {
        // `corpus(4, 5, 2)` has more than 180 clips; each pair shares one sound.
        let mut clips = corpus(4, 5, 2);
        let mut sounds: Vec<u64> = (0..clips.len() as u64).collect();
        for &(a, b) in &twins {
            sounds[b] = sounds[a];
        }
        for (clip, sound) in clips.iter_mut().zip(&sounds) {
            clip.file_hash.0[8..16].copy_from_slice(&sound.to_le_bytes());
            clip.file_hash.0[..8].fill(0);
        }
        let heard: Vec<Sound> = sounds
            .iter()
            .map(|sound| {
                let tone = |n: u64| ((n * (sound + 1)) as f32 * 0.01).sin();
                Sound::of(&(0..500).map(tone).collect::<Vec<f32>>())
            })
            .collect();
        let kept: Vec<Clip> = find_defects(&clips, &heard)
            .into_iter()
            .zip(&clips)
            .filter(|(defect, _)| defect.is_none())
            .map(|(_, clip)| clip.clone())
            .collect();
        let unique: BTreeSet<_> = kept.iter().map(|clip| clip.file_hash).collect();
        prop_assert_eq!(unique.len(), kept.len(), "no sound is left twice");
        let split = random_stratified(&kept, seed, [0.8, 0.1, 0.1]).unwrap();
        let parts = split.parts().map(|(_, part)| {
            part.iter().map(|&index| kept[index].file_hash).collect::<BTreeSet<_>>()
        });
        for (a, b) in [(0, 1), (0, 2), (1, 2)] {
            prop_assert!(parts[a].is_disjoint(&parts[b]));
        }
    }
}

#[test]
fn duplicates_that_were_not_inspected_are_refused_rather_than_split() {
    let mut clips = corpus(0, 4, 1);
    let last = clips.len() - 1;
    clips[last].file_hash = clips[0].file_hash;
    let folds = SpeakerFolds::draw(&clips, 2, 0).unwrap();
    let same = folds.fold_of(&clips[0].speaker) == folds.fold_of(&clips[last].speaker);
    let result = speakers(&clips, &folds, 0, 0.0, 0);
    assert_eq!(result.is_ok(), same, "{result:?}");
    let crossed = (0..64)
        .map(|seed| random_stratified(&clips, seed, [0.5, 0.25, 0.25]))
        .filter(|split| matches!(split, Err(SplitError::DuplicateAcrossParts { .. })))
        .count();
    assert!(crossed > 0, "64 seeds separate a pair at least once");
}

#[test]
fn another_seed_gives_another_split() {
    let clips = corpus(4, 8, 3);
    let shares = [0.8, 0.1, 0.1];
    assert_ne!(
        random_stratified(&clips, 0, shares).unwrap(),
        random_stratified(&clips, 1, shares).unwrap()
    );
    let fold = |seed| SpeakerFolds::draw(&clips, 4, seed).unwrap();
    assert!((1..10).any(|seed| fold(seed) != fold(0)));
}

#[test]
fn validation_takes_its_share_of_actors_of_both_sexes() {
    let clips = corpus(20, 75, 1);
    let folds = SpeakerFolds::draw(&clips, 5, 3).unwrap();
    let split = speakers(&clips, &folds, 2, 0.1, 7).unwrap();
    let validation = speakers_of(&clips, &split.validation);
    let of = |prefix: &str| {
        validation
            .iter()
            .filter(|name| name.starts_with(prefix))
            .count()
    };
    assert_eq!((of("ravdess"), of("cremad")), (2, 6));
    let sexes: BTreeSet<_> = split
        .validation
        .iter()
        .map(|&i| (clips[i].corpus, clips[i].sex))
        .collect();
    assert_eq!(sexes.len(), 4);
}

#[test]
fn everything_trains_for_the_final_model() {
    let clips = corpus(2, 2, 1);
    let split = Split::all(&clips, 0.0, 0).unwrap();
    assert_eq!(split.train.len(), clips.len());
    assert!(split.validation.is_empty() && split.test.is_empty());
}

/// A recipe that stops early has nothing to stop by otherwise, and trains far past its best.
#[test]
fn a_final_model_that_stops_early_validates_on_actors_whom_it_does_not_learn_from() {
    let clips = corpus(20, 75, 2);
    let split = Split::all(&clips, 0.1, 7).unwrap();
    assert_a_partition(&split, clips.len());
    let validation = speakers_of(&clips, &split.validation);
    assert_eq!((validation.len(), split.test.len()), (10, 0));
    assert!(validation.is_disjoint(&speakers_of(&clips, &split.train)));
    assert!(Split::all(&clips, 1.0, 7).is_err());
}

#[test]
fn what_cannot_be_split_is_an_error_that_says_so() {
    let clips = corpus(0, 3, 1);
    for shares in [
        [0.8, 0.1, 0.2],
        [0.0, 0.5, 0.5],
        [1.2, -0.1, -0.1],
        [f64::NAN, 0.1, 0.1],
    ] {
        let error = random_stratified(&clips, 0, shares).unwrap_err();
        assert!(matches!(error, SplitError::Shares { .. }));
    }
    assert!(matches!(
        random_stratified(&[], 0, [0.8, 0.1, 0.1]),
        Err(SplitError::NothingToTrainOn { clips: 0 })
    ));
    assert!(matches!(
        SpeakerFolds::draw(&corpus(0, 1, 2), 5, 0),
        Err(SplitError::TooFewSpeakers {
            folds: 5,
            speakers: 1
        })
    ));
    let folds = SpeakerFolds::draw(&clips, 3, 0).unwrap();
    let message = |result: Result<Split, SplitError>| result.unwrap_err().to_string();
    assert!(message(speakers(&clips, &folds, 3, 0.1, 0)).contains("the folds are 0 to 2"));
    assert!(message(speakers(&clips, &folds, 0, 1.0, 0)).contains("below 1"));
    let others = corpus(2, 3, 1);
    let text = message(speakers(&others, &folds, 0, 0.1, 0));
    assert!(
        text.contains("2 speakers") && text.contains("ravdess-01"),
        "{text}"
    );
    let one: Vec<Clip> = clips
        .iter()
        .filter(|c| folds.fold_of(&c.speaker) == Some(1))
        .cloned()
        .collect();
    assert!(message(speakers(&one, &folds, 0, 0.0, 0)).contains("fold 0 holds no speaker"));
    assert!(message(speakers(&one, &folds, 1, 0.0, 0)).contains("no clip is left to train on"));
}

#[test]
fn folds_are_read_from_a_table_and_its_mistakes_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("folds.csv");
    std::fs::write(&path, "corpus,speaker,fold\nravdess,01,0\ncremad,1001,2\n").unwrap();
    let folds = SpeakerFolds::from_csv(&path).unwrap();
    assert_eq!(folds.count(), 3);
    assert_eq!(folds.fold_of("ravdess-01"), Some(0));
    assert_eq!(folds.fold_of("cremad-1001"), Some(2));
    assert_eq!(folds.fold_of("cremad-1002"), None);
    for (content, expected) in [
        ("corpus,speaker\nravdess,01\n", "no column 'fold'"),
        (
            "corpus,speaker,fold\nemodb,01,0\n",
            "line 2: unknown corpus 'emodb'",
        ),
        (
            "corpus,speaker,fold\nravdess,01,x\n",
            "fold 'x' is not a number",
        ),
        (
            "corpus,speaker,fold\nravdess,01,0\nravdess,01,1\n",
            "is in fold 0 and in fold 1",
        ),
        (
            "corpus,speaker,fold\nravdess,01,0\n",
            "at least 2 are needed",
        ),
        ("corpus,speaker,fold\nravdess,01\n", "line: 2"),
    ] {
        std::fs::write(&path, content).unwrap();
        let error = SpeakerFolds::from_csv(&path).unwrap_err().to_string();
        assert!(
            error.contains(expected) && error.contains("folds.csv"),
            "{error}"
        );
    }
    let error = SpeakerFolds::from_csv(&dir.path().join("none.csv"))
        .unwrap_err()
        .to_string();
    assert!(error.contains("none.csv"), "{error}");
}

#[test]
fn the_shared_folds_cover_every_shared_actor() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    if !data.join("folds.csv").is_file() {
        println!(
            "skipped: the_shared_folds_cover_every_shared_actor: {} absent",
            data.display()
        );
        return;
    }
    let folds = SpeakerFolds::from_csv(&data.join("folds.csv")).unwrap();
    assert_eq!(folds.count(), 5);
    let corpus =
        undersong_trainer::corpus::load(Some(&data.join("ravdess")), Some(&data.join("cremad")))
            .unwrap();
    for fold in 0..5 {
        // Not inspected here: the known pairs are of one actor each, so they stay together.
        let split = speakers(&corpus.clips, &folds, fold, 0.1, 0).unwrap();
        let tested = speakers_of(&corpus.clips, &split.test);
        assert_eq!(
            tested
                .iter()
                .filter(|name| name.starts_with("ravdess"))
                .count(),
            4
        );
        assert!(
            (15..=16).contains(
                &tested
                    .iter()
                    .filter(|name| name.starts_with("cremad"))
                    .count()
            )
        );
    }
}

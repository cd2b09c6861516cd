//! Both corpora load from their published folders, and a wrong folder is told so.

mod corpus_support;

use std::fs;
use std::path::Path;

use corpus_support::{
    cremad, cremad_defects, cremad_tables, quiet, ravdess, write_tone, write_wav,
};
use undersong_trainer::corpus::{
    CorpusError, CorpusKind, EMOTIONS, Intensity, Sex, Sketch, inspect, load, parse_name,
};

#[test]
fn both_published_layouts_load_with_labels_sorted_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let (r, c) = (dir.path().join("r"), dir.path().join("c"));
    ravdess(&r);
    cremad(&c);
    cremad_tables(&c);
    let corpus = load(Some(&r), Some(&c)).unwrap();
    assert_eq!(corpus.clips.len(), 32 + 18);
    assert!(corpus.left_out.is_empty(), "{:?}", corpus.left_out);
    assert!(corpus.clips.is_sorted_by(|a, b| a.name < b.name));
    for emotion in EMOTIONS {
        let expected = 4 + if ["calm", "surprised"].contains(&emotion) {
            0
        } else {
            3
        };
        assert_eq!(
            corpus
                .clips
                .iter()
                .filter(|clip| clip.emotion == emotion)
                .count(),
            expected,
            "{emotion}"
        );
    }
    let find = |name: &str| corpus.clips.iter().find(|clip| clip.name == name).unwrap();
    let clip = find("03-01-05-01-02-01-01");
    assert_eq!(
        (
            clip.corpus,
            clip.speaker.as_str(),
            clip.emotion.as_str(),
            clip.sex
        ),
        (CorpusKind::Ravdess, "ravdess-01", "angry", Some(Sex::Male))
    );
    assert_eq!(find("03-01-05-01-02-01-02").sex, Some(Sex::Female));
    let clip = find("1001_DFA_ANG_XX");
    assert_eq!((clip.age_years, clip.sex), (Some(51), Some(Sex::Male)));
    assert_eq!(clip.race.as_deref(), Some("Caucasian"));
    assert_eq!(clip.ethnicity.as_deref(), Some("Not Hispanic"));
    let votes = clip.votes.unwrap();
    assert_eq!(
        (votes.count("angry"), votes.count("neutral"), votes.total()),
        (6, 3, 10)
    );
    assert!((votes.share("angry") - 0.6).abs() < 1e-6);
    assert_eq!(find("1002_DFA_SAD_XX").votes, None);
    assert!(
        corpus
            .notes
            .iter()
            .any(|note| note.contains("votes for 17 clips")),
        "{:?}",
        corpus.notes
    );
}

#[test]
fn folders_one_level_above_and_below_are_understood() {
    let dir = tempfile::tempdir().unwrap();
    let (r, c) = (
        dir.path().join("r/Audio_Speech"),
        dir.path().join("c/CREMA-D"),
    );
    ravdess(&r);
    cremad(&c);
    cremad_tables(&c);
    let above = load(Some(&dir.path().join("r")), Some(&dir.path().join("c"))).unwrap();
    let exact = load(Some(&r), Some(&c)).unwrap();
    assert_eq!(above.content_hash(), exact.content_hash());
    assert_eq!(above.clips.len(), 50);
    let below = load(Some(&r.join("Actor_02")), Some(&c.join("AudioWAV"))).unwrap();
    assert_eq!(below.clips.len(), 16 + 18);
    assert!(
        below.clips.iter().any(|clip| clip.votes.is_some()),
        "the tables lie beside AudioWAV"
    );
    assert!(
        below
            .notes
            .iter()
            .any(|note| note.contains("one speaker only (ravdess-02)")),
        "{:?}",
        below.notes
    );
}

#[test]
fn absent_tables_and_missing_classes_are_notes() {
    let dir = tempfile::tempdir().unwrap();
    cremad(dir.path());
    for actor in 1001..=1003 {
        fs::remove_file(dir.path().join(format!("AudioWAV/{actor}_DFA_SAD_XX.wav"))).unwrap();
    }
    let corpus = load(None, Some(dir.path())).unwrap();
    assert!(
        corpus
            .clips
            .iter()
            .all(|clip| clip.sex.is_none() && clip.votes.is_none())
    );
    let notes = corpus.notes.join("\n");
    for expected in [
        "VideoDemographics.csv",
        "tabulatedVotes.csv",
        "no clip of sad",
    ] {
        assert!(notes.contains(expected), "{notes}");
    }
}

#[test]
fn files_that_do_not_fit_are_reported_and_the_rest_loads() {
    let dir = tempfile::tempdir().unwrap();
    ravdess(dir.path());
    let actor = dir.path().join("Actor_01");
    for name in [
        "my take.wav",
        "03-01-09-01-01-01-01.wav",
        "03-02-05-01-01-01-01.wav",
        "03-01-05-01-01-01-01.flac",
    ] {
        write_tone(&actor.join(name), 50.0, 0.1, 0.0);
    }
    fs::write(actor.join("03-01-05-01-01-02-01.wav"), b"").unwrap();
    fs::write(
        actor.join("03-01-05-02-01-02-01.wav"),
        b"version https://git-lfs.github.com/spec/v1\n",
    )
    .unwrap();
    fs::write(actor.join("._03-01-05-02-01-01-01.wav"), b"macOS").unwrap();
    fs::write(actor.join("notes.txt"), b"no sound").unwrap();
    let corpus = load(Some(dir.path()), None).unwrap();
    assert_eq!(corpus.clips.len(), 32);
    assert_eq!(corpus.left_out.len(), 6, "{:?}", corpus.left_out);
    let report = corpus.report();
    for expected in [
        "my take.wav: the name does not parse",
        "emotion 09 is not in 01 to 08",
        "sung, not spoken",
        "same name as",
        "an empty file",
        "git lfs pull",
    ] {
        assert!(report.contains(expected), "{expected} in {report}");
    }
}

#[test]
fn a_wrong_folder_says_what_was_looked_for_and_found() {
    let dir = tempfile::tempdir().unwrap();
    let (r, c) = (dir.path().join("r"), dir.path().join("c"));
    ravdess(&r);
    cremad(&c);
    let text = |result: Result<_, CorpusError>| result.map(|_: _| ()).unwrap_err().to_string();
    let swapped = text(load(Some(&c), None).map(drop));
    for expected in ["Actor_01", "AudioWAV", "CREMA-D", "--cremad"] {
        assert!(swapped.contains(expected), "{swapped}");
    }
    let swapped = text(load(None, Some(&r)).map(drop));
    for expected in ["AudioWAV", "Actor_01", "RAVDESS", "--ravdess"] {
        assert!(swapped.contains(expected), "{swapped}");
    }
    let empty = dir.path().join("empty");
    fs::create_dir(&empty).unwrap();
    assert!(text(load(Some(&empty), None).map(drop)).contains("an empty folder"));
    let absent = text(load(None, Some(&dir.path().join("absent"))).map(drop));
    assert!(
        absent.contains("absent") && absent.contains("CREMA-D"),
        "{absent}"
    );
    let file = r.join("Actor_01/03-01-05-01-01-01-01.wav");
    assert!(text(load(Some(&file), None).map(drop)).contains("cannot be read as the folder"));
    assert!(matches!(load(None, None), Err(CorpusError::NoCorpus)));
}

#[test]
fn a_broken_table_is_an_error_that_names_it() {
    let dir = tempfile::tempdir().unwrap();
    cremad(dir.path());
    let table = dir.path().join("VideoDemographics.csv");
    for (content, expected) in [
        ("ActorID,Age,Sex,Race\n", "no column 'Ethnicity'"),
        ("ActorID,Age,Sex,Race,Ethnicity\n1001,old,Male,,\n", "'old'"),
        ("ActorID,Age,Sex,Race,Ethnicity\n1001,5,M,,\n", "'M'"),
        (
            "version https://git-lfs.github.com/spec/v1\n",
            "git lfs pull",
        ),
    ] {
        fs::write(&table, content).unwrap();
        let error = load(None, Some(dir.path())).unwrap_err().to_string();
        assert!(
            error.contains("VideoDemographics.csv") && error.contains(expected),
            "{error}"
        );
    }
}

#[test]
fn silent_broken_and_duplicate_clips_are_found_by_their_sound() {
    let dir = tempfile::tempdir().unwrap();
    cremad(dir.path());
    cremad_defects(dir.path());
    let file = |name: &str| dir.path().join("AudioWAV").join(format!("{name}.wav"));
    // A header differs, the samples do not.
    let mut bytes = fs::read(file("1003_DFA_NEU_XX")).unwrap();
    bytes.extend_from_slice(b"LIST\x04\x00\x00\x00INFO");
    fs::write(file("1003_TSI_NEU_XX"), bytes).unwrap();
    let mut corpus = load(None, Some(dir.path())).unwrap();
    assert_eq!(corpus.clips.len(), 23);
    let before = corpus.content_hash();
    inspect(&mut corpus, 2, &mut quiet()).unwrap();
    assert_ne!(before, corpus.content_hash());
    let mut left_out: Vec<String> = corpus
        .left_out
        .iter()
        .map(|file| {
            file.path
                .file_stem()
                .unwrap()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    left_out.sort();
    assert_eq!(
        left_out,
        [
            "1001_IEO_HAP_XX",
            "1001_IEO_SAD_XX",
            "1002_DFA_ANG_XX",
            "1002_IEO_FEA_XX",
            "1003_IEO_NEU_XX",
            "1003_TSI_NEU_XX"
        ]
    );
    let reason = |name: &str| {
        let file = corpus
            .left_out
            .iter()
            .find(|file| file.path.ends_with(format!("{name}.wav")));
        file.unwrap().reason.clone()
    };
    assert_eq!(reason("1001_IEO_SAD_XX"), "silent");
    assert!(reason("1001_IEO_HAP_XX").starts_with("cannot be decoded"));
    assert!(reason("1002_DFA_ANG_XX").contains("1002_IEO_FEA_XX (fearful)"));
    assert!(reason("1003_TSI_NEU_XX").contains("1003_DFA_NEU_XX (neutral), which is kept"));
}

#[test]
fn a_corpus_without_one_usable_clip_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    write_wav(
        &dir.path().join("1001_DFA_ANG_XX.wav"),
        std::iter::repeat_n(0, 100),
    );
    let mut corpus = load(None, Some(dir.path())).unwrap();
    let error = inspect(&mut corpus, 1, &mut quiet())
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("none of the 1 clips") && error.contains("silent"),
        "{error}"
    );
}

#[test]
fn names_say_intensity() {
    let of = |kind, name: &str| parse_name(kind, name).unwrap().intensity;
    assert_eq!(
        of(CorpusKind::Ravdess, "03-01-05-02-01-01-01"),
        Some(Intensity::Strong)
    );
    assert_eq!(
        of(CorpusKind::Cremad, "1001_IEO_ANG_LO"),
        Some(Intensity::Low)
    );
    assert_eq!(of(CorpusKind::Cremad, "1040_ITH_SAD_X"), None);
    for name in [
        "",
        "1001",
        "1001_IEO_ANG_LO_X",
        "001_IEO_ANG_LO",
        "1001_ieo_ANG_LO",
        "1001_IEO_BOO_LO",
    ] {
        assert!(parse_name(CorpusKind::Cremad, name).is_err(), "{name}");
    }
    for name in [
        "",
        "03-01-05",
        "3-01-05-02-01-01-01",
        "03-01-05-02-01-01-25",
        "03-01-05-02-01-01-01-01",
        "03-01-ä-02-01-01-01",
    ] {
        assert!(parse_name(CorpusKind::Ravdess, name).is_err(), "{name}");
    }
}

#[test]
fn relative_folders_find_the_tables_beside_them() {
    // `AudioWAV` given with a trailing slash or dot still has its parent's tables.
    let dir = tempfile::tempdir().unwrap();
    cremad(dir.path());
    cremad_tables(dir.path());
    for folder in ["AudioWAV/", "AudioWAV/."] {
        let corpus = load(None, Some(&dir.path().join(Path::new(folder)))).unwrap();
        assert!(
            corpus.clips.iter().all(|clip| clip.sex.is_some()),
            "{folder}"
        );
    }
}

#[test]
fn a_dithered_copy_is_the_same_recording_and_another_take_is_not() {
    let tone = |hz: f32| -> Vec<f32> {
        (0..20_000)
            .map(|n| 0.05 * (hz * n as f32 / 1000.0).sin())
            .collect()
    };
    let original = tone(31.0);
    let step = 1.0 / 32_768.0;
    let dithered: Vec<f32> = original
        .iter()
        .enumerate()
        .map(|(n, s)| s + step * ((n * 7919 % 5) as f32 - 2.0))
        .collect();
    let sketch = Sketch::of(&original);
    assert!(sketch.same_recording(&Sketch::of(&dithered)));
    assert!(!sketch.same_recording(&Sketch::of(&tone(31.1))));
    assert!(!sketch.same_recording(&Sketch::of(&original[1..])));
    let shifted: Vec<f32> = original
        .iter()
        .cycle()
        .skip(500)
        .take(20_000)
        .copied()
        .collect();
    assert!(!sketch.same_recording(&Sketch::of(&shifted)));
}

//! The cache of decoded clips: the same samples again, never stale, never half-written, made again when damaged.
#![allow(clippy::unwrap_used)] // a helper that fails fails its test

mod corpus_support;

use std::fs;
use std::path::Path;

use corpus_support::{RATE_HZ, cremad, cremad_defects, quiet, shared_data, write_tone};
use undersong_core::audio::{NoiseReduction, load_mono};
use undersong_trainer::cache::{CacheError, CacheKey, ClipStore, Origin};
use undersong_trainer::corpus::{Corpus, Sound, inspect, load};

const KEY: CacheKey = CacheKey {
    rate_hz: RATE_HZ,
    noise_reduction: NoiseReduction::Off,
};

fn open(cache: &Path, corpus: &Corpus, key: &CacheKey) -> ClipStore {
    ClipStore::open_or_build(cache, &corpus.clips, key, 2, &mut quiet()).unwrap()
}

fn all(store: &ClipStore) -> Vec<Vec<f32>> {
    (0..store.len()).map(|clip| store.samples(clip)).collect()
}

#[test]
fn a_cache_gives_back_what_was_decoded_and_is_read_the_second_time() {
    let dir = tempfile::tempdir().unwrap();
    cremad(dir.path());
    let corpus = load(None, Some(dir.path())).unwrap();
    let cache = dir.path().join("new/cache");
    let mut calls = Vec::new();
    let built = ClipStore::open_or_build(&cache, &corpus.clips, &KEY, 2, &mut |done, of| {
        calls.push((done, of))
    })
    .unwrap();
    assert_eq!(built.origin(), &Origin::Built);
    assert_eq!(calls, (0..=18).map(|done| (done, 18)).collect::<Vec<_>>());
    for (index, clip) in corpus.clips.iter().enumerate() {
        let decoded = load_mono(&clip.path, RATE_HZ, NoiseReduction::Off).unwrap();
        let stored = built.samples(index);
        assert_eq!(stored.len(), decoded.len());
        assert_eq!(built.len_samples(index), decoded.len());
        let peak = decoded.iter().fold(0.0_f32, |peak, s| peak.max(s.abs()));
        assert!(
            stored
                .iter()
                .zip(&decoded)
                .all(|(a, b)| (a - b).abs() <= peak / 60_000.0)
        );
    }
    let mut called = false;
    let opened =
        ClipStore::open_or_build(&cache, &corpus.clips, &KEY, 2, &mut |_, _| called = true)
            .unwrap();
    assert_eq!(opened.origin(), &Origin::Opened);
    assert!(!called);
    assert_eq!(all(&opened), all(&built));
    assert_eq!(opened.sounds(), built.sounds());
    let files: Vec<_> = fs::read_dir(&cache)
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    assert_eq!(files, [opened.path()], "one file and no temporary one");
    assert!(opened.samples(18).is_empty() && opened.len_samples(18) == 0);
}

#[test]
fn a_changed_setting_or_clip_never_reads_a_stale_cache() {
    let dir = tempfile::tempdir().unwrap();
    cremad(dir.path());
    let cache = dir.path().join("cache");
    let corpus = load(None, Some(dir.path())).unwrap();
    open(&cache, &corpus, &KEY);
    let changed = [
        CacheKey {
            rate_hz: 8_000,
            ..KEY
        },
        CacheKey {
            noise_reduction: NoiseReduction::Rnnoise,
            ..KEY
        },
    ];
    for key in changed {
        assert_eq!(
            open(&cache, &corpus, &key).origin(),
            &Origin::Built,
            "{key:?}"
        );
        assert_eq!(
            open(&cache, &corpus, &key).origin(),
            &Origin::Opened,
            "{key:?}"
        );
    }
    let clip = dir.path().join("AudioWAV/1001_DFA_ANG_XX.wav");
    write_tone(&clip, 333.0, 0.1, 0.0);
    let corpus = load(None, Some(dir.path())).unwrap();
    let store = open(&cache, &corpus, &KEY);
    assert_eq!(
        store.origin(),
        &Origin::Built,
        "another sound of the same size"
    );
    fs::rename(&clip, clip.with_file_name("1001_IEO_ANG_XX.wav")).unwrap();
    let corpus = load(None, Some(dir.path())).unwrap();
    assert_eq!(
        open(&cache, &corpus, &KEY).origin(),
        &Origin::Built,
        "another name"
    );
}

#[test]
fn a_damaged_or_cut_off_cache_is_noticed_and_made_again() {
    let dir = tempfile::tempdir().unwrap();
    cremad(dir.path());
    let cache = dir.path().join("cache");
    let corpus = load(None, Some(dir.path())).unwrap();
    let store = open(&cache, &corpus, &KEY);
    let (good, path) = (all(&store), store.path().to_owned());
    let bytes = fs::read(&path).unwrap();
    let last = bytes.len() - 1;
    let flipped = |at: usize| {
        let mut bytes = bytes.clone();
        bytes[at] ^= 1;
        bytes
    };
    let mut long = bytes.clone();
    long.push(0);
    let mut huge_index = bytes.clone();
    huge_index[40..48].copy_from_slice(&u64::MAX.to_le_bytes());
    let damaged = [
        Vec::new(),
        bytes[..30].to_vec(),
        bytes[..bytes.len() / 2].to_vec(),
        bytes[..last].to_vec(),
        flipped(0),
        flipped(20),
        flipped(60),
        flipped(last - 5000),
        flipped(last),
        long,
        huge_index,
        b"text".repeat(100),
    ];
    for content in damaged {
        fs::write(&path, &content).unwrap();
        let again = open(&cache, &corpus, &KEY);
        assert!(
            matches!(again.origin(), Origin::Rebuilt(_)),
            "{:?}",
            again.origin()
        );
        assert_eq!(all(&again), good);
        assert_eq!(
            fs::read(&path).unwrap(),
            bytes,
            "the same file for the same clips"
        );
    }
}

#[test]
fn the_number_of_jobs_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    cremad(dir.path());
    let corpus = load(None, Some(dir.path())).unwrap();
    let files: Vec<Vec<u8>> = [1, 2, 7]
        .into_iter()
        .map(|jobs| {
            let cache = dir.path().join(format!("cache{jobs}"));
            let store =
                ClipStore::open_or_build(&cache, &corpus.clips, &KEY, jobs, &mut quiet()).unwrap();
            fs::read(store.path()).unwrap()
        })
        .collect();
    assert!(files.iter().all(|file| *file == files[0]));
}

#[test]
fn preparing_leaves_out_what_inspecting_does_and_keeps_the_order() {
    let dir = tempfile::tempdir().unwrap();
    cremad(dir.path());
    cremad_defects(dir.path());
    let loaded = load(None, Some(dir.path())).unwrap();
    let mut inspected = loaded.clone();
    inspect(&mut inspected, 2, &mut quiet()).unwrap();
    let cache = dir.path().join("cache");
    for expected in [false, true] {
        let mut prepared = loaded.clone();
        let store = ClipStore::prepare(&cache, &mut prepared, &KEY, 2, &mut quiet()).unwrap();
        assert_eq!(store.origin() == &Origin::Opened, expected);
        assert_eq!(prepared.clips, inspected.clips);
        assert_eq!(prepared.left_out, inspected.left_out);
        assert_eq!(store.len(), prepared.clips.len());
        for (index, clip) in prepared.clips.iter().enumerate() {
            let decoded = load_mono(&clip.path, RATE_HZ, NoiseReduction::Off).unwrap();
            assert_eq!(store.sounds()[index], Sound::of(&decoded), "{}", clip.name);
        }
    }
}

#[test]
fn a_folder_that_cannot_be_written_and_wrong_settings_are_errors() {
    let dir = tempfile::tempdir().unwrap();
    cremad(dir.path());
    let corpus = load(None, Some(dir.path())).unwrap();
    let blocked = dir.path().join("file");
    fs::write(&blocked, b"in the way").unwrap();
    let build = |cache: &Path, key: &CacheKey| {
        ClipStore::open_or_build(cache, &corpus.clips, key, 1, &mut quiet())
    };
    let error = build(&blocked.join("cache"), &KEY).unwrap_err();
    assert!(
        matches!(&error, CacheError::Write { .. }) && error.to_string().contains("file"),
        "{error}"
    );
    let wrong = CacheKey { rate_hz: 1, ..KEY };
    assert!(matches!(
        build(dir.path(), &wrong),
        Err(CacheError::Setting {
            setting: "rate_hz",
            ..
        })
    ));
}

#[test]
fn an_actor_of_the_real_corpus_is_cached_whole() {
    let Some(data) = shared_data("an_actor_of_the_real_corpus_is_cached_whole") else {
        return;
    };
    let mut corpus = load(Some(&data.join("ravdess/Actor_01")), None).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let store = ClipStore::prepare(dir.path(), &mut corpus, &KEY, 0, &mut quiet()).unwrap();
    assert_eq!((store.len(), corpus.clips.len()), (60, 60));
    for clip in 0..store.len() {
        let seconds = store.len_samples(clip) as f32 / RATE_HZ as f32;
        assert!(
            (2.5..6.0).contains(&seconds),
            "{}: {seconds} s",
            corpus.clips[clip].name
        );
    }
}

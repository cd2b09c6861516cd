//! The cache of decoded clips: the same samples again, never stale, never half-written, made again when damaged.
#![allow(clippy::unwrap_used)] // a helper that fails fails its test

mod corpus_support;

use std::fs;
use std::path::Path;

use corpus_support::{RATE_HZ, cremad, quiet, shared_data, write_tone, write_wav};
use undersong_core::audio::{NoiseReduction, load_mono};
use undersong_trainer::cache::{
    CacheError, CacheKey, ClipStore, Origin, TrimSilence, trim_silence,
};
use undersong_trainer::corpus::{Corpus, Sound, inspect, load};

const KEY: CacheKey = CacheKey {
    rate_hz: RATE_HZ,
    noise_reduction: NoiseReduction::Off,
    trim: None,
};

fn trimmed() -> CacheKey {
    CacheKey {
        trim: Some(TrimSilence::default()),
        ..KEY
    }
}

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
        trimmed(),
        CacheKey {
            trim: Some(TrimSilence {
                keep_ms: 10,
                ..TrimSilence::default()
            }),
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
    let file = |name: &str| dir.path().join("AudioWAV").join(format!("{name}.wav"));
    write_wav(&file("1001_IEO_SAD_XX"), std::iter::repeat_n(0, 8000));
    fs::write(file("1001_IEO_HAP_XX"), b"this is text, not sound").unwrap();
    fs::copy(file("1002_DFA_ANG_XX"), file("1002_IEO_FEA_XX")).unwrap();
    fs::copy(file("1003_DFA_NEU_XX"), file("1003_IEO_NEU_XX")).unwrap();
    let loaded = load(None, Some(dir.path())).unwrap();
    let mut inspected = loaded.clone();
    inspect(&mut inspected, 2, &mut quiet()).unwrap();
    let cache = dir.path().join("cache");
    for expected in [false, true] {
        let mut prepared = loaded.clone();
        let store = ClipStore::prepare(&cache, &mut prepared, &trimmed(), 2, &mut quiet()).unwrap();
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
fn trimming_takes_silence_and_keeps_what_was_asked() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("1001_DFA_ANG_XX.wav");
    write_tone(&path, 200.0, 0.5, 1.0);
    let corpus = load(None, Some(dir.path())).unwrap();
    let store = open(&dir.path().join("cache"), &corpus, &trimmed());
    let seconds = store.len_samples(0) as f32 / RATE_HZ as f32;
    assert!(
        (seconds - 0.8).abs() < 0.045,
        "0.5 s and 0.15 s on both sides: {seconds}"
    );
    let samples = store.samples(0);
    let first = samples
        .iter()
        .position(|sample| sample.abs() > 0.01)
        .unwrap();
    assert!(
        (first as f32 / RATE_HZ as f32 - 0.15).abs() < 0.025,
        "{first}"
    );
}

#[test]
fn trimming_is_relative_to_the_clip_and_leaves_silence_alone() {
    let trim = TrimSilence::default();
    let mut clip = vec![0.0; 48_000];
    for (n, sample) in clip[20_000..28_000].iter_mut().enumerate() {
        *sample = (n as f32 * 0.1).sin();
    }
    // A hum 50 dB below is silence, one 30 dB below is not.
    for (hum, expected_whole) in [(0.003, false), (0.03, true)] {
        let with_hum: Vec<f32> = clip
            .iter()
            .enumerate()
            .map(|(n, s)| s + hum * (n as f32 * 0.05).sin())
            .collect();
        let lengths: Vec<usize> = [1.0, 0.01]
            .into_iter()
            .map(|gain| {
                let quieter: Vec<f32> = with_hum.iter().map(|s| s * gain).collect();
                trim_silence(&quieter, RATE_HZ, &trim).len()
            })
            .collect();
        assert_eq!(lengths[0], lengths[1], "the level does not matter");
        assert_eq!(lengths[0] == clip.len(), expected_whole, "{hum}");
    }
    for length in [0, 1, 100, 5000] {
        let silent = vec![0.0; length];
        assert_eq!(trim_silence(&silent, RATE_HZ, &trim).len(), length);
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
    let wrong = CacheKey {
        trim: Some(TrimSilence {
            below_peak_db: 3.0,
            keep_ms: 0,
        }),
        ..KEY
    };
    assert!(matches!(
        build(dir.path(), &wrong),
        Err(CacheError::Setting { .. })
    ));
}

#[test]
fn an_actor_of_the_real_corpus_is_cached_and_trimmed() {
    let Some(data) = shared_data("an_actor_of_the_real_corpus_is_cached_and_trimmed") else {
        return;
    };
    let mut corpus = load(Some(&data.join("ravdess/Actor_01")), None).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let store = ClipStore::prepare(dir.path(), &mut corpus, &trimmed(), 0, &mut quiet()).unwrap();
    assert_eq!((store.len(), corpus.clips.len()), (60, 60));
    for clip in 0..store.len() {
        let seconds = store.len_samples(clip) as f32 / RATE_HZ as f32;
        assert!(
            (1.0..4.5).contains(&seconds),
            "{}: {seconds} s",
            corpus.clips[clip].name
        );
    }
}

//! A model measured as live hears it: what each condition does to a clip.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test stops at what it did not expect, and says what it skips"
)]

mod corpus_support;

use std::path::Path;

use undersong_core::analyzer::{Hop, Listener};
use undersong_core::audio::{NoiseReduction, load_mono};
use undersong_core::features::FeatureConfig;
use undersong_trainer::conditions::{
    ALL, Condition, Encoder, Hearer, Kind, Sound, Stage, StageError,
};
use undersong_trainer::recipe::Recipe;
use undersong_trainer::workbench::{Sources, Workbench};

const RATE_HZ: u32 = 16_000;

/// Four actors who speak: stretches of one spoken sentence, in RAVDESS's layout; actor 4 is a tone.
struct Voices {
    _folder: tempfile::TempDir,
    workbench: Workbench,
    recipe: Recipe,
}

impl Voices {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("ravdess");
        let path =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/tests/fixtures/audio/spoken.ogg");
        let spoken = load_mono(&path, RATE_HZ, NoiseReduction::Off).unwrap();
        for actor in 1..=3_usize {
            let name = format!("03-01-0{actor}-01-01-01-0{actor}.wav");
            let samples = spoken[actor * 3_000..actor * 3_000 + 36_000]
                .iter()
                .map(|sample| (sample * 32_767.0) as i16);
            // Silence at both ends, as clips have.
            let quiet = || std::iter::repeat_n(0_i16, 8_000);
            corpus_support::write_wav(
                &root.join(format!("Actor_0{actor}")).join(name),
                quiet().chain(samples).chain(quiet()),
            );
        }
        corpus_support::write_tone(
            &root.join("Actor_04/03-01-04-01-01-01-04.wav"),
            1_000.0,
            2.0,
            0.5,
        );
        let recipe = Recipe::load("undersong").unwrap();
        let sources = Sources {
            ravdess: Some(root),
            cremad: None,
            cache: folder.path().join("cache"),
            jobs: 1,
        };
        let workbench =
            Workbench::open(&sources, &recipe.features, &mut corpus_support::quiet()).unwrap();
        Self {
            _folder: folder,
            workbench,
            recipe,
        }
    }

    fn features(&self) -> &FeatureConfig {
        &self.recipe.features
    }

    fn stage<'a>(
        &'a self,
        part: &'a [usize],
        seed: u64,
        encoder: Option<&'a Encoder>,
    ) -> Stage<'a> {
        Stage::new(
            &self.workbench.store,
            self.workbench.clips(),
            part,
            self.recipe.preparation.clone(),
            self.features(),
            seed,
            encoder,
        )
    }

    fn sound(&self, name: &str, clip: usize) -> Sound {
        self.stage(&[0, 1, 2, 3], 0, None)
            .sound(&condition(name), clip)
            .unwrap()
    }
}

fn condition(name: &str) -> Condition {
    *ALL.iter().find(|condition| condition.name == name).unwrap()
}

fn power(samples: &[f32]) -> f64 {
    samples.iter().map(|x| f64::from(x * x)).sum::<f64>() / samples.len() as f64
}

/// What a condition added to the clean sound.
fn added(noisy: &Sound, clean: &Sound) -> Vec<f32> {
    assert_eq!(noisy.samples.len(), clean.samples.len());
    noisy
        .samples
        .iter()
        .zip(&clean.samples)
        .map(|(noisy, clean)| noisy - clean)
        .collect()
}

#[test]
fn what_lies_under_a_voice_lies_as_far_below_it_as_the_condition_says() {
    let voices = Voices::new();
    let clean = voices.sound("clean", 0);
    let speech = power(&clean.samples[clean.speech.clone()]);
    for family in ["white", "pink", "babble", "music"] {
        let mut noises = Vec::new();
        for snr_db in [20.0, 10.0, 5.0] {
            let noisy = voices.sound(&format!("{family}-{snr_db}"), 0);
            let noise = added(&noisy, &clean);
            let measured_db = 10.0 * (speech / power(&noise)).log10();
            assert!(
                (measured_db - snr_db).abs() < 0.05,
                "{family}: {measured_db} dB"
            );
            noises.push(noise);
        }
        // One family differs in the level alone.
        let gain = 10_f32.powf(15.0 / 20.0);
        let off = noises[0]
            .iter()
            .zip(&noises[2])
            .map(|(at_20, at_5)| (at_20 * gain - at_5).abs())
            .fold(0.0, f32::max);
        assert!(off < 1e-4, "{family}: {off}");
    }
}

#[test]
fn a_babble_is_never_the_clips_own_speaker() {
    let voices = Voices::new();
    let clean = voices.sound("clean", 3);
    let babble = added(&voices.sound("babble-5", 3), &clean);
    // Clip 3 is a tone of 1 kHz; a babble with its speaker in it would hold a quarter of its power there.
    let turn = std::f64::consts::TAU * 1_000.0 / f64::from(RATE_HZ);
    let (mut re, mut im) = (0.0, 0.0);
    for (n, &sample) in babble.iter().enumerate() {
        re += f64::from(sample) * (turn * n as f64).cos();
        im += f64::from(sample) * (turn * n as f64).sin();
    }
    let count = babble.len() as f64;
    let at_tone = 2.0 * (re * re + im * im) / (count * count) / power(&babble);
    assert!(at_tone < 0.02, "{at_tone}");
    // The others hear the tone.
    let heard = added(&voices.sound("babble-5", 0), &voices.sound("clean", 0));
    assert!(power(&heard) > 0.0);
    let alone = voices.stage(&[0], 0, None);
    let error = alone.sound(&condition("babble-5"), 0).unwrap_err();
    assert!(matches!(error, StageError::OneSpeaker), "{error}");
}

#[test]
fn windows_hold_as_much_of_the_utterance_as_they_say() {
    let voices = Voices::new();
    let span = voices.features().span_samples;
    for seed in 0..20 {
        let stage = voices.stage(&[0, 1, 2, 3], seed, None);
        let whole = stage.sound(&condition("clean"), 0).unwrap().speech.len();
        for (name, seconds) in [("heard-2s", 2.0), ("heard-1s", 1.0), ("heard-0.5s", 0.5)] {
            let sound = stage.sound(&condition(name), 0).unwrap();
            assert_eq!(sound.samples.len(), (seconds * f64::from(RATE_HZ)) as usize);
        }
        let partly = stage.sound(&condition("partly-silent"), 0).unwrap();
        let share = partly.speech.len() as f64 / whole as f64;
        assert!((0.24..0.76).contains(&share), "{share}");
        let anywhere = stage.sound(&condition("anywhere"), 0).unwrap();
        assert!(anywhere.window(span).len() == span && !anywhere.speech.is_empty());
    }
}

#[test]
fn a_window_is_what_a_listener_cuts_of_the_same_sound() {
    let voices = Voices::new();
    let config = voices.features();
    let mut hearer = Hearer::new(config).unwrap();
    for name in ["heard-1s", "heard-2s"] {
        let sound = voices.sound(name, 1);
        let window = hearer.hear(&sound).unwrap();
        let mut listener = Listener::new(config, RATE_HZ, Hop::default()).unwrap();
        let mut cut = Vec::new();
        let mut sink = |heard: undersong_core::analyzer::Heard<'_>| {
            cut.push((heard.voiced_seconds, heard.features.map(<[f32]>::to_vec)));
        };
        listener.push(&sound.samples, &mut sink).unwrap();
        listener.finish(&mut sink).unwrap();
        assert_eq!(cut.len(), 1, "{name}");
        let (voiced_seconds, features) = cut.remove(0);
        assert_eq!(voiced_seconds, window.voiced_seconds);
        assert!(
            window.voice_found && voiced_seconds > 0.4,
            "{name}: {voiced_seconds}"
        );
        assert_eq!(features.unwrap(), window.features, "{name}");
    }
}

#[test]
fn a_gain_changes_nothing_that_a_model_sees_and_rooms_keep_the_level() {
    let voices = Voices::new();
    let mut hearer = Hearer::new(voices.features()).unwrap();
    let clean = hearer.hear(&voices.sound("clean", 0)).unwrap().features;
    let louder = hearer.hear(&voices.sound("level+20", 0)).unwrap().features;
    let off = clean
        .iter()
        .zip(&louder)
        .map(|(a, b)| (a - b).abs())
        .sum::<f32>()
        / clean.len() as f32;
    assert!(off < 0.05, "{off} dB on average");
    let dry = voices.sound("clean", 0);
    for name in ["reverb-0.6", "shoebox-0.3", "shoebox-0.6"] {
        let wet = voices.sound(name, 0);
        let gain_db = 10.0 * (power(&wet.samples) / power(&dry.samples)).log10();
        // Far from a voice in a live room most of what is heard is the room.
        assert!((-3.0..14.0).contains(&gain_db), "{name}: {gain_db} dB");
        assert_ne!(wet.samples, dry.samples);
    }
}

#[test]
fn an_mp3_comes_back_in_time_and_close_to_what_went_in() {
    let Some(encoder) = Encoder::find() else {
        println!("skipped: MP3: neither lame nor ffmpeg here");
        return;
    };
    let voices = Voices::new();
    let part = [0, 1, 2, 3];
    let stage = voices.stage(&part, 0, Some(&encoder));
    let clean = stage.sound(&condition("clean"), 0).unwrap();
    let back = stage.sound(&condition("mp3-64"), 0).unwrap();
    let error = power(&added(&back, &clean));
    let snr_db = 10.0 * (power(&clean.samples) / error).log10();
    assert!(snr_db > 10.0, "{snr_db} dB: late, or another sound");
    assert!(!encoder.version().is_empty());
}

#[test]
fn every_condition_has_a_name_of_its_own_and_the_first_is_clean() {
    assert_eq!(ALL[0].kind, Kind::Clean);
    let mut names: Vec<&str> = ALL.iter().map(|condition| condition.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), ALL.len());
    assert_eq!(Condition::named(&[]).unwrap().len(), ALL.len());
    let one = Condition::named(&["phone".to_owned()]).unwrap();
    assert_eq!(
        one.iter()
            .map(|condition| condition.name)
            .collect::<Vec<_>>(),
        ["clean", "phone"]
    );
}

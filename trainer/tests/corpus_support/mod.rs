//! Small corpora made of tones, in the published layouts, for the tests of corpus and cache.
// Each test file uses a part of it; clippy takes helpers outside `#[test]` functions for shipped code.
#![allow(dead_code, clippy::unwrap_used, clippy::print_stdout)]

use std::fs;
use std::path::{Path, PathBuf};

pub(crate) const RATE_HZ: u32 = 16_000;

/// A WAV file of 16 bits: a tone of this frequency, `seconds` long, with silence around it.
pub(crate) fn write_tone(path: &Path, hz: f32, seconds: f32, silence_seconds: f32) {
    let silence = (silence_seconds * RATE_HZ as f32) as usize;
    let samples = (0..(seconds * RATE_HZ as f32) as usize)
        .map(|n| (8000.0 * (std::f32::consts::TAU * hz * n as f32 / RATE_HZ as f32).sin()) as i16);
    let quiet = || std::iter::repeat_n(0_i16, silence);
    write_wav(path, quiet().chain(samples).chain(quiet()));
}

pub(crate) fn write_wav(path: &Path, samples: impl Iterator<Item = i16>) {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).unwrap();
    }
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: RATE_HZ,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(path, spec).unwrap();
    for sample in samples {
        writer.write_sample(sample).unwrap();
    }
    writer.finalize().unwrap();
}

/// RAVDESS as published: two actors, eight emotions, two statements; every sound is another tone.
pub(crate) fn ravdess(root: &Path) {
    for actor in 1..=2 {
        for emotion in 1..=8 {
            for statement in 1..=2 {
                let name = format!("03-01-{emotion:02}-01-{statement:02}-01-{actor:02}.wav");
                let hz = 100.0 + (actor * 100 + emotion * 10 + statement) as f32;
                write_tone(
                    &root.join(format!("Actor_{actor:02}")).join(name),
                    hz,
                    0.1,
                    0.0,
                );
            }
        }
    }
}

/// CREMA-D as published: three actors, six emotions, one sentence.
pub(crate) fn cremad(root: &Path) {
    for actor in 1001..=1003 {
        for (number, emotion) in ["ANG", "DIS", "FEA", "HAP", "NEU", "SAD"]
            .iter()
            .enumerate()
        {
            let name = format!("{actor}_DFA_{emotion}_XX.wav");
            let hz = 1000.0 + ((actor - 1000) * 100 + number as u32 * 10) as f32;
            write_tone(&root.join("AudioWAV").join(name), hz, 0.1, 0.0);
        }
    }
}

/// Clips that cannot be learned from, added to [`cremad`]'s: a silent one, one that is no sound, the same sound under another label, and
/// the same sound under the same label.
pub(crate) fn cremad_defects(root: &Path) {
    let file = |name: &str| root.join("AudioWAV").join(format!("{name}.wav"));
    write_wav(&file("1001_IEO_SAD_XX"), std::iter::repeat_n(0, 8000));
    fs::write(file("1001_IEO_HAP_XX"), b"this is text, not sound").unwrap();
    fs::copy(file("1002_DFA_ANG_XX"), file("1002_IEO_FEA_XX")).unwrap();
    fs::copy(file("1003_DFA_NEU_XX"), file("1003_IEO_NEU_XX")).unwrap();
}

pub(crate) fn cremad_tables(root: &Path) {
    fs::write(
        root.join("VideoDemographics.csv"),
        "ActorID,Age,Sex,Race,Ethnicity\n1001,51,Male,Caucasian,Not Hispanic\n1002,21,Female,Asian,Not Hispanic\n\
         1003,33,Female,Unknown,Hispanic\n",
    )
    .unwrap();
    fs::write(
        root.join("tabulatedVotes.csv"),
        ",A,D,F,H,N,S,fileName,numResponses\n100001,6,1,0,0,3,0,1001_DFA_ANG_XX,10\n\
         200001,0,0,9,0,0,0,1001_DFA_ANG_XX,9\n300001,0,0,0,9,0,0,1001_DFA_ANG_XX,9\n",
    )
    .unwrap();
}

/// The shared corpora, or `None` with a line that says the test was skipped.
pub(crate) fn shared_data(test: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    if folder.join("ravdess").is_dir() && folder.join("cremad").is_dir() {
        Some(folder)
    } else {
        println!("skipped: {test}: {} absent", folder.display());
        None
    }
}

pub(crate) fn quiet() -> impl FnMut(usize, usize) {
    |_, _| {}
}

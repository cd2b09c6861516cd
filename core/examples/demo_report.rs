//! A report of made-up takes, to look at and to hold the browser test against: `demo_report FOLDER [TAKES]`.
//!
//! The scores are drawn from slow random walks and the sound is a hum whose pitch follows them: nothing here was measured.

use std::error::Error;
use std::f64::consts::TAU;
use std::path::{Path, PathBuf};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use undersong_core::delivery::{
    Clipping, Delivery, Difference, Loudness, Measure, Pauses, TakeDelivery, Technical,
};
use undersong_core::explain::report_windows;
use undersong_core::features::FeatureConfig;
use undersong_core::model::{
    Calibration, EmotionSet, FORMAT_VERSION, ModelMetadata, Training, TrainingData,
};
use undersong_core::timeline::{
    Against, Baseline, Effect, Explanation, Failure, Reading, Region, Scan, Scores,
    TakeExplanation, Timeline, Window, WindowDelivery, html, write_file,
};

const UNSURE_BELOW: f32 = 0.4;
const HOP_SECONDS: f64 = 0.25;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let folder = PathBuf::from(
        arguments
            .next()
            .ok_or("usage: demo_report FOLDER [TAKES]")?,
    );
    let count = match arguments.next() {
        Some(text) => text.to_string_lossy().parse()?,
        None => 12,
    };
    std::fs::create_dir_all(folder.join("takes"))?;
    let mut random = ChaCha8Rng::seed_from_u64(3);
    let emotions = EmotionSet::from_names(&EmotionSet::known_names().collect::<Vec<_>>())
        .ok_or("the known names have coordinates")?;
    let names = [
        "line_01_door.wav",
        "line_01_door_take2.wav",
        "line_02_letter.wav",
        "line_03_storm.wav",
        "monologue_a.flac",
        "monologue_b.aiff",
        "50% louder #2 <b>.wav",
        "whisper.wav",
        "room tone.wav",
        "episode 12, full.wav",
        "outtake.wav",
        "clip.wav",
    ];
    let mut takes = Vec::new();
    for index in 0..count {
        let seconds = match (index, count) {
            (8, 12) => 21.0,
            (9, 12) => 10_812.0,
            (11, 12) => 2.4,
            (_, 12) => random.random_range(8.0..70.0),
            _ => 180.0,
        };
        let name = match names.get(index) {
            Some(name) if count == names.len() => (*name).to_owned(),
            _ => format!("take_{index:03}.wav"),
        };
        let path = folder.join("takes").join(name);
        let silent = index == 8 && count == 12;
        let windows = walk(seconds, silent, &emotions, &mut random);
        let mut take = Timeline::new(path, seconds, emotions.clone(), windows, UNSURE_BELOW);
        take.summary.delivery = Some(delivery(index, silent, &mut random));
        if count == names.len() && take.path.extension().is_some_and(|it| it == "wav") {
            hum(&take)?;
        }
        takes.push(take);
    }
    let scan = Scan {
        model: model(emotions),
        model_id: "0123456789ab".to_owned(),
        engine: "none: made-up scores".to_owned(),
        profile: None,
        hop_seconds: HOP_SECONDS,
        takes,
        failed: vec![
            Failure {
                path: "takes/notes.wav".into(),
                error: "this is text, not sound; scan WAV, AIFF, FLAC, MP3, Ogg or M4A files"
                    .to_owned(),
            },
            Failure {
                path: "takes/<script>alert(1)</script>.flac".into(),
                error: "the file ends after 1.2 s in the middle of a frame; export it again"
                    .to_owned(),
            },
        ],
    };
    let options = html::HtmlOptions {
        folder: Some(folder.clone()),
        embed_audio_max_bytes: 0,
    };
    let explanations: Vec<_> = scan
        .takes
        .iter()
        // A large demo shows that many takes stay quick, as a scan without explanations has them.
        .map(|take| {
            (count == names.len())
                .then(|| explanation(take, &mut random))
                .flatten()
        })
        .collect();
    write_file(&folder.join("report.html"), |out| {
        html::write_explained(&scan, &explanations, &options, out)
    })?;
    Ok(())
}

/// Windows whose logits wander, with pauses.
fn walk(seconds: f64, silent: bool, emotions: &EmotionSet, random: &mut ChaCha8Rng) -> Vec<Window> {
    let span = 3.0_f64.min(seconds);
    let count = ((seconds - span) / HOP_SECONDS).floor() as usize + 1;
    let mut goal = vec![0.0_f64; emotions.len()];
    let mut logits: Vec<f64> = goal
        .iter()
        .map(|_| random.random_range(-1.5..1.5))
        .collect();
    let mut pause = 0_usize;
    (0..count)
        .map(|index| {
            if index % 24 == 0 {
                for goal in &mut goal {
                    *goal = random.random_range(-1.8..0.6);
                }
                let favourite = random.random_range(0..goal.len());
                goal[favourite] = random.random_range(1.6..4.5);
                if random.random_bool(0.22) {
                    pause = random.random_range(5..16);
                }
            }
            for (logit, goal) in logits.iter_mut().zip(&goal) {
                *logit += 0.16 * (goal - *logit) + random.random_range(-0.12..0.12);
            }
            pause = pause.saturating_sub(1);
            let voiced = !silent && (pause == 0 || count == 1);
            let powers: Vec<f64> = logits.iter().map(|logit| logit.exp()).collect();
            let total: f64 = powers.iter().sum();
            let scores = Scores(powers.iter().map(|it| (it / total) as f32).collect());
            let start_seconds = index as f64 * HOP_SECONDS;
            Window {
                start_seconds,
                end_seconds: start_seconds + span,
                voiced_seconds: if voiced { 0.8 * span } else { 0.0 },
                reading: voiced.then(|| Reading::from_scores(scores, emotions, UNSURE_BELOW)),
                delivery: None,
            }
        })
        .collect()
}

/// Made-up measures: every third take has something wrong with it.
fn delivery(index: usize, silent: bool, random: &mut ChaCha8Rng) -> TakeDelivery {
    let mut between = |low: f64, high: f64| random.random_range(low..high);
    let voice = |value: f64| (!silent).then_some(value);
    let integrated = if index == 7 {
        -39.2
    } else {
        between(-26.0, -15.0)
    };
    let level_db = integrated - 1.5;
    let floor_db = if index == 4 {
        level_db - 14.0
    } else {
        between(-72.0, -55.0)
    };
    TakeDelivery {
        voice: Delivery {
            voiced_seconds: if silent { 0.0 } else { 6.0 },
            level_db: voice(level_db),
            pitch_hz: voice(between(95.0, 230.0)),
            melody_semitones: voice(between(3.0, 11.0)),
            syllables_per_second: voice(between(3.0, 6.0)),
            brightness_db: voice(between(-14.0, -6.0)),
            loudness_lufs: voice(integrated),
        },
        loudness: Loudness {
            target_lufs: -16.0,
            integrated_lufs: voice(integrated),
            range_lu: voice(between(2.0, 12.0)),
            short_term_max_lufs: voice(integrated + 3.0),
            momentary_max_lufs: voice(integrated + 6.0),
            true_peak_dbtp: Some(if silent { -58.0 } else { between(-9.0, 0.4) }),
        },
        pauses: (!silent).then_some(Pauses {
            count: (index % 5) as u64,
            longest_seconds: if index.is_multiple_of(5) { 0.0 } else { 0.82 },
            total_seconds: 0.6 * (index % 5) as f64,
            span_seconds: 12.0,
        }),
        technical: Technical {
            sample_rate_hz: 48_000,
            channels: 1,
            sample_peak_dbfs: Some(-1.0),
            clipping: match index {
                1 | 4 => Clipping {
                    samples: 37,
                    places: 5,
                    first_seconds: Some(3.21),
                    at_dbfs: Some(0.0),
                },
                _ => Clipping::default(),
            },
            lead_in_seconds: voice(0.5),
            tail_seconds: voice(if index == 11 { 0.0 } else { 0.6 }),
            start_below_voice_db: voice(30.0),
            end_below_voice_db: voice(if index == 11 { 2.0 } else { 30.0 }),
            quietest_db: Some(floor_db - 2.0),
            noise_floor_db: Some(floor_db),
            snr_db: voice(level_db - floor_db),
        },
    }
}

/// Effects that wander as the scores do, for a window a second; none for a take without voice.
fn explanation(take: &Timeline, random: &mut ChaCha8Rng) -> Option<TakeExplanation> {
    let edges_hz = [50.0, 400.0, 1000.0, 2400.0, 5000.0, 7600.0];
    let names = [
        "ground tone and lower harmonics",
        "body",
        "vowel colour",
        "presence",
        "air and sibilance",
    ];
    let regions: Vec<Region> = names
        .into_iter()
        .zip(edges_hz.windows(2))
        .map(|(name, edge)| Region {
            name,
            low_hz: edge[0],
            high_hz: edge[1],
        })
        .collect();
    let mut explanations = Vec::new();
    for window in report_windows(take) {
        let it = take.windows.get(window)?;
        let emotion = it.leading()?;
        let score = f64::from(it.reading.as_ref()?.confidence);
        let cells = (((it.end_seconds - it.start_seconds) / 0.3).round() as usize).clamp(1, 10);
        let mut values: Vec<f64> = (0..cells * 5)
            .map(|_| random.random_range(-0.4_f64..1.0).powi(3))
            .collect();
        let (baseline_score, sum) = (0.04, values.iter().sum::<f64>());
        values
            .iter_mut()
            .for_each(|value| *value *= (score - baseline_score) / sum);
        let effect = |value: f64| Effect {
            value,
            error: 0.011,
        };
        let cell = |index: usize| {
            it.start_seconds + (it.end_seconds - it.start_seconds) * index as f64 / cells as f64
        };
        explanations.push(Explanation {
            window,
            emotion,
            score,
            baseline: Baseline::MeanVoice,
            baseline_score,
            borders_seconds: (0..=cells).map(cell).collect(),
            by_cell: values
                .chunks(5)
                .map(|row| effect(row.iter().sum()))
                .collect(),
            by_region: (0..5)
                .map(|region| effect(values.iter().skip(region).step_by(5).sum()))
                .collect(),
            patches: values.into_iter().map(effect).collect(),
            regions: regions.clone(),
            runs: 590,
        });
    }
    let windows = take.windows.iter().map(|_| WindowDelivery {
        delivery: Delivery::default(),
        differences: Measure::ALL
            .into_iter()
            .map(|measure| Difference {
                measure,
                by: random.random_range(-3.0..3.0) * measure.noticeable(),
                threshold: 1.4 * measure.noticeable(),
            })
            .collect(),
    });
    let windows = windows.collect();
    (!explanations.is_empty()).then_some(TakeExplanation {
        explanations,
        windows,
        against: Against::RestOfTake,
    })
}

/// A hum of at most 20 s, 8 kHz mono, whose pitch follows the arousal.
fn hum(take: &Timeline) -> Result<(), Box<dyn Error>> {
    let rate_hz = 8000_u32;
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: rate_hz,
        bits_per_sample: 8,
        sample_format: hound::SampleFormat::Int,
    };
    let mut wav = hound::WavWriter::create(Path::new(&take.path), spec)?;
    let mut phase = 0.0_f64;
    for sample in 0..(take.seconds.min(20.0) * f64::from(rate_hz)) as usize {
        let seconds = sample as f64 / f64::from(rate_hz);
        let window = take.windows.get((seconds / HOP_SECONDS) as usize);
        let reading = window.and_then(|window| window.reading.as_ref());
        let (pitch_hz, level) = reading.map_or((0.0, 0.0), |reading| {
            (140.0 + 80.0 * f64::from(reading.arousal), 30.0)
        });
        phase = (phase + pitch_hz / f64::from(rate_hz)).fract();
        wav.write_sample((level * (TAU * phase).sin()) as i8)?;
    }
    wav.finalize()?;
    Ok(())
}

fn model(emotions: EmotionSet) -> ModelMetadata {
    ModelMetadata {
        format_version: FORMAT_VERSION,
        name: "demo".to_owned(),
        description: "Not a model: made-up scores that show what a report looks like.".to_owned(),
        calibration: Calibration {
            temperature: 1.0,
            by_voice: Vec::new(),
            unsure_below: UNSURE_BELOW,
            priors: vec![1.0 / emotions.len() as f32; emotions.len()],
            ordinary: None,
            speaker_shift: Vec::new(),
            measured_on: "nothing".to_owned(),
        },
        emotions,
        features: FeatureConfig::paper(),
        training: Training {
            recipe: "none".to_owned(),
            recipe_toml: String::new(),
            seed: 3,
            split: "none".to_owned(),
            epochs: 0,
            data: Vec::<TrainingData>::new(),
            licence: "none needed".to_owned(),
            trainer_version: "none".to_owned(),
        },
        quality: Vec::new(),
    }
}

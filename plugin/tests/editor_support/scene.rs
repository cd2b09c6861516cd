//! Views of a session with the sample take: played, stopped, played again.

use super::take::take;
use undersong_plugin::editor::{
    Emotion, Engine, Heard, History, MidiRow, Model, Number, OscTarget, Prior, Problem, Reading,
    Settings, State, View,
};

/// What the session is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scene {
    /// The voice speaks, and the model is sure.
    Speaking,
    /// The voice speaks, and the model is not sure.
    Unsure,
    /// The voice has stopped.
    Silent,
    /// Nothing was heard yet.
    Waiting,
    /// The model file is missing, so the built-in one is used; sound was dropped.
    Missing,
    /// There is no model at all.
    Failed,
    /// Bypassed.
    Bypassed,
}

impl Scene {
    pub(crate) const ALL: [Self; 7] = [
        Self::Speaking,
        Self::Unsure,
        Self::Silent,
        Self::Waiting,
        Self::Missing,
        Self::Failed,
        Self::Bypassed,
    ];
}

/// What is seen in a scene.
pub(crate) fn view(scene: Scene) -> View {
    let mut view = quiet();
    match scene {
        Scene::Waiting => {
            view.state = State::Waiting;
            view.history.advance(12.0);
        }
        Scene::Failed => {
            view.state = State::Failed;
            view.model = Model::default();
            view.engine = Engine::default();
            view.emotions.clear();
            view.problems.push(Problem {
                what: "/srv/models/choir.onnx: this is no model of Undersong; its metadata has no `undersong` entry".to_owned(),
                remedy: "Choose a file that the trainer made, or choose Built in under Settings, Model.".to_owned(),
            });
        }
        Scene::Speaking | Scene::Missing | Scene::Bypassed => {
            play(&mut view, |heard| !heard.unsure);
            view.state = State::Speaking;
        }
        Scene::Unsure => {
            play(&mut view, |heard| heard.unsure);
            view.state = State::Speaking;
        }
        Scene::Silent => {
            play(&mut view, |heard| !heard.unsure);
            let from = view.history.now_seconds();
            for step in 1..=16 {
                view.history
                    .push(from + f64::from(step) * 0.25, false, None);
            }
            view.state = State::Silent;
        }
    }
    if scene == Scene::Bypassed {
        view.state = State::Bypassed;
        view.settings.bypass = true;
    }
    if scene == Scene::Missing {
        view.problems.push(Problem {
            what: "/srv/models/choir.onnx is missing; the built-in model is used instead"
                .to_owned(),
            remedy: "Put the file back, or choose another under Settings, Model.".to_owned(),
        });
        view.dropped_seconds = 1.2;
    }
    view
}

/// Plays the take, stops, and plays it again until `stop` is content with what is heard.
fn play(view: &mut View, stop: impl Fn(&Heard) -> bool) {
    let heard = take()
        .windows
        .iter()
        .map(|window| {
            window.reading.as_ref().map(|reading| Heard {
                scores: reading.scores.0.clone(),
                valence: reading.valence,
                arousal: reading.arousal,
                unsure: reading.unsure,
            })
        })
        .collect::<Vec<_>>();
    let mut now = 0.0;
    let mut next = |history: &mut History, after_reset, heard| {
        now += 0.25;
        history.push(now, after_reset, heard);
    };
    for heard in &heard {
        next(&mut view.history, false, heard.clone());
    }
    for _ in 0..14 {
        next(&mut view.history, false, None);
    }
    // Three in a row, so that the last seconds show what the scene is about.
    let last = heard
        .windows(3)
        .rposition(|row| row.iter().all(|heard| heard.as_ref().is_some_and(&stop)))
        .expect("the take has such a stretch")
        + 2;
    for (index, heard) in heard.iter().take(last + 1).enumerate() {
        next(&mut view.history, index == 0, heard.clone());
    }
    let heard = heard.into_iter().nth(last).flatten();
    view.reading = heard.map(|heard| {
        let leading = (0..heard.scores.len()).max_by(|&a, &b| {
            let score = |index: usize| heard.scores.get(index).copied().unwrap_or_default();
            score(a).total_cmp(&score(b))
        });
        Reading {
            confidence: leading
                .and_then(|leading| heard.scores.get(leading).copied())
                .unwrap_or_default(),
            valence: heard.valence,
            arousal: heard.arousal,
            unsure: heard.unsure,
            leading,
            scores: heard.scores,
        }
    });
}

fn quiet() -> View {
    let take = take();
    let emotions = take
        .emotions
        .iter()
        .zip(&take.colours)
        .map(|(emotion, colour)| Emotion {
            name: emotion.name.clone(),
            colour: [colour.red, colour.green, colour.blue],
            valence: emotion.valence,
            arousal: emotion.arousal,
            has_lane: true,
        })
        .collect::<Vec<_>>();
    let metadata = take.model.metadata();
    View {
        state: State::Waiting,
        level_db: -23.0,
        model: Model {
            name: metadata.name.clone(),
            description: metadata.description.clone(),
            licence: metadata.training.licence.clone(),
            learned_from: "Learned from RAVDESS and CREMA-D".to_owned(),
            quality: String::new(),
            window_seconds: 3.0,
            ..Model::default()
        },
        engine: Engine {
            name: take.engine.clone(),
            why: vec![
                "asked for: auto".to_owned(),
                "not cpu: ONNX Runtime was not found; set UNDERSONG_ORT to its shared library"
                    .to_owned(),
            ],
            warning: None,
        },
        lag_ms: Some(34.0),
        settings: settings(&emotions),
        midi_map: midi_map(&emotions),
        osc: OscTarget {
            host: "127.0.0.1".to_owned(),
            port: 9000,
            wekinator: false,
        },
        host_takes_automation: true,
        emotions,
        ..View::default()
    }
}

fn settings(emotions: &[Emotion]) -> Settings {
    Settings {
        listen: true,
        hop_ms: Number::new(250.0, 50.0, 1000.0),
        smoothing_seconds: Number::new(0.0, 0.0, 2.0),
        sensitivity: Number::new(1.0, 0.25, 4.0),
        decay_seconds: Number::new(1.0, 0.1, 10.0),
        priors: emotions
            .iter()
            .enumerate()
            .map(|(lane, emotion)| Prior {
                lane,
                name: emotion.name.clone(),
                factor: Number::new(1.0, 0.0, 4.0),
            })
            .collect(),
        midi: true,
        channel: Number::new(1.0, 1.0, 16.0),
        first_controller: Number::new(20.0, 0.0, 119.0),
        dead_band: Number::new(0.01, 0.0, 0.1),
        first_note: Number::new(36.0, 0.0, 120.0),
        scale: 1.0,
        ..Settings::default()
    }
}

fn midi_map(emotions: &[Emotion]) -> Vec<MidiRow> {
    let row = |name: &str, controller, colour| MidiRow {
        name: name.to_owned(),
        colour,
        controller: Some(controller),
        chosen: false,
        note: None,
    };
    let mut rows = emotions
        .iter()
        .zip(0_u8..)
        .map(|(emotion, index)| row(&emotion.name, 20 + index, Some(emotion.colour)))
        .collect::<Vec<_>>();
    for (name, controller) in [
        ("valence", 29),
        ("arousal", 28),
        ("confidence", 31),
        ("speech", 102),
        ("leading", 103),
    ] {
        rows.push(row(name, controller, None));
    }
    rows
}

/// A view with other emotions, the first of which leads.
pub(crate) fn emotions_named(names: &[&str]) -> View {
    let mut view = quiet();
    let count = names.len() as f32;
    view.emotions = names
        .iter()
        .enumerate()
        .map(|(index, name)| {
            let turn = index as f32 / count * std::f32::consts::TAU;
            Emotion {
                name: (*name).to_owned(),
                colour: [
                    (index * 37 % 200 + 40) as u8,
                    (index * 71 % 200 + 40) as u8,
                    (index * 113 % 200 + 40) as u8,
                ],
                valence: turn.cos() * 0.7,
                arousal: turn.sin() * 0.7,
                has_lane: false,
            }
        })
        .collect();
    let scores = (0..names.len())
        .map(|index| if index == 0 { 0.5 } else { 0.5 / (count - 1.0) })
        .collect::<Vec<_>>();
    view.history.push(
        1.0,
        false,
        Some(Heard {
            scores: scores.clone(),
            valence: 0.1,
            arousal: 0.2,
            unsure: false,
        }),
    );
    view.reading = Some(Reading {
        scores,
        valence: 0.1,
        arousal: 0.2,
        confidence: 0.5,
        unsure: false,
        leading: Some(0),
    });
    view.state = State::Speaking;
    view
}

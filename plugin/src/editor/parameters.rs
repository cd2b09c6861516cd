//! The plugin's parameters as the window names them, and what the user does to them.

use super::action::{Change, Choice, Dial, Switch};
use super::view::{Emotion, Number, Prior, Settings};
use crate::params::{EngineParam, Input, LANES, MidiResolution, ModelParam, SCORES, SilenceParam};
use crate::shared::Shared;
use nice_plug::prelude::{BoolParam, Enum, FloatParam, IntParam, Param};

fn float(param: &FloatParam) -> Number {
    Number {
        value: param.unmodulated_plain_value().into(),
        least: param.preview_plain(0.0).into(),
        most: param.preview_plain(1.0).into(),
        default: param.default_plain_value().into(),
    }
}

fn whole(param: &IntParam) -> Number {
    Number {
        value: param.unmodulated_plain_value().into(),
        least: param.preview_plain(0.0).into(),
        most: param.preview_plain(1.0).into(),
        default: param.default_plain_value().into(),
    }
}

/// Everything that is set; priors of these emotions alone.
pub(super) fn settings(input: &Input, emotions: &[Emotion]) -> Settings {
    let listening = &input.listening;
    let midi = &input.midi;
    Settings {
        bypass: input.bypass.value(),
        listen: listening.listen.value(),
        hop_ms: float(&listening.hop),
        smoothing_seconds: float(&listening.smoothing),
        sensitivity: float(&listening.sensitivity),
        decays: listening.silence.value() == SilenceParam::Decay,
        decay_seconds: float(&listening.decay),
        priors: LANES
            .into_iter()
            .take(SCORES)
            .filter(|lane| emotions.iter().any(|emotion| emotion.name == lane.id()))
            .filter_map(|lane| {
                Some(Prior {
                    lane: lane.index(),
                    name: lane.id().to_owned(),
                    factor: float(prior(input, lane.index())?),
                })
            })
            .collect(),
        write: input.write.value(),
        midi: midi.on.value(),
        channel: whole(&midi.channel),
        first_controller: whole(&midi.first_cc),
        fourteen_bit: midi.resolution.value() == MidiResolution::Fourteen,
        dead_band: float(&midi.dead_band),
        notes: midi.notes.value(),
        first_note: whole(&midi.first_note),
        osc: input.osc.value(),
        model: input.model.value().to_index(),
        engine: input.engine.value().to_index(),
        scale: 1.0,
    }
}

fn prior(input: &Input, lane: usize) -> Option<&FloatParam> {
    let priors = &input.priors;
    [
        &priors.neutral,
        &priors.calm,
        &priors.happy,
        &priors.sad,
        &priors.angry,
        &priors.fearful,
        &priors.disgust,
        &priors.surprised,
    ]
    .get(lane)
    .copied()
}

/// Sets a switch.
pub(super) fn switch(shared: &Shared, switch: Switch, on: bool) {
    let input = &shared.params.input;
    let param: &BoolParam = match switch {
        Switch::Bypass => &input.bypass,
        Switch::Listen => &input.listening.listen,
        Switch::Write => &input.write,
        Switch::Midi => &input.midi.on,
        Switch::Notes => &input.midi.notes,
        Switch::Osc => &input.osc,
    };
    shared.user_edits.change(param, if on { 1.0 } else { 0.0 });
}

/// Chooses one of several.
pub(super) fn choose(shared: &Shared, choice: Choice, index: usize) {
    let input = &shared.params.input;
    let edits = &shared.user_edits;
    match choice {
        Choice::Silence => pick::<SilenceParam, _>(&input.listening.silence, index, edits),
        Choice::Bits => pick::<MidiResolution, _>(&input.midi.resolution, index, edits),
        Choice::Model => pick::<ModelParam, _>(&input.model, index, edits),
        Choice::Engine => pick::<EngineParam, _>(&input.engine, index, edits),
    }
}

fn pick<E: Enum, P: Param<Plain = E>>(param: &P, index: usize, edits: &crate::edits::UserEdits) {
    edits.change(param, param.preview_normalized(E::from_index(index)));
}

/// Changes a number.
pub(super) fn number(shared: &Shared, dial: Dial, change: Change) {
    let input = &shared.params.input;
    let listening = &input.listening;
    let midi = &input.midi;
    let in_float = |param: &FloatParam| {
        turn(shared, param, change, |value| {
            param.preview_normalized(value as f32)
        });
    };
    let in_whole = |param: &IntParam| {
        turn(shared, param, change, |value| {
            param.preview_normalized(value.round() as i32)
        });
    };
    match dial {
        Dial::Hop => in_float(&listening.hop),
        Dial::Smoothing => in_float(&listening.smoothing),
        Dial::Sensitivity => in_float(&listening.sensitivity),
        Dial::Decay => in_float(&listening.decay),
        Dial::DeadBand => in_float(&midi.dead_band),
        Dial::Prior(lane) => {
            if let Some(param) = prior(input, lane) {
                in_float(param);
            }
        }
        Dial::Channel => in_whole(&midi.channel),
        Dial::FirstController => in_whole(&midi.first_cc),
        Dial::FirstNote => in_whole(&midi.first_note),
    }
}

fn turn<P: Param>(shared: &Shared, param: &P, change: Change, normalised: impl Fn(f64) -> f32) {
    let edits = &shared.user_edits;
    match change {
        Change::Begin => edits.begin(param),
        Change::To(value) => edits.set(param, normalised(value)),
        Change::End => edits.end(param),
        Change::Once(value) => edits.change(param, normalised(value)),
    }
}

/// How it listens goes back to the defaults.
pub(super) fn defaults(shared: &Shared) {
    let input = &shared.params.input;
    let listening = &input.listening;
    let edits = &shared.user_edits;
    for param in [
        &listening.hop,
        &listening.smoothing,
        &listening.sensitivity,
        &listening.decay,
    ]
    .into_iter()
    .chain((0..SCORES).filter_map(|lane| prior(input, lane)))
    {
        edits.change(param, param.default_normalized_value());
    }
    edits.change(
        &listening.silence,
        listening.silence.default_normalized_value(),
    );
}

//! What must hold between a model's parts before it is used.

use std::collections::HashSet;

use super::onnx::{DataType, DimensionValue, GraphProto, TypeValue, ValueInfoProto};
use super::{Calibration, EmotionSet, ModelMetadata};

/// Largest number of values in one window: more than ten times the paper's, so that a wrong file cannot ask for all memory.
const MAX_WINDOW_LEN: usize = 1 << 24;

/// Checks what a model says of itself; the error names the field, its value and what was expected.
pub(super) fn check_metadata(metadata: &ModelMetadata) -> Result<(), String> {
    check_emotions(&metadata.emotions)?;
    metadata
        .features
        .validate()
        .map_err(|error| error.to_string())?;
    let window = metadata
        .features
        .frames()
        .checked_mul(metadata.features.coefficients());
    if window.is_none_or(|window| window == 0 || window > MAX_WINDOW_LEN) {
        return Err(format!(
            "a window has {} frames of {} coefficients; expected at least one and at most {MAX_WINDOW_LEN} numbers",
            metadata.features.frames(),
            metadata.features.coefficients()
        ));
    }
    check_calibration(&metadata.calibration, metadata.emotions.len())
}

fn check_emotions(emotions: &EmotionSet) -> Result<(), String> {
    if emotions.len() < 2 {
        return Err(format!(
            "it names {} emotions; expected at least two",
            emotions.len()
        ));
    }
    let mut names = HashSet::new();
    for emotion in emotions.iter() {
        let name = &emotion.name;
        // Names stand in `--priors happy=2,sad=1`, in file names and in CSV headers.
        let plain = name
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | ' '));
        if name.trim().is_empty()
            || name.trim() != name
            || !plain
            || name.chars().any(char::is_uppercase)
        {
            return Err(format!(
                "emotion name {name:?}; expected lower-case letters, digits, `-`, `_`"
            ));
        }
        if !names.insert(name) {
            return Err(format!("two emotions are named {name:?}"));
        }
        for (axis, value) in [("valence", emotion.valence), ("arousal", emotion.arousal)] {
            if !(-1.0..=1.0).contains(&value) {
                return Err(format!("{axis} of {name:?} is {value}; expected -1 to 1"));
            }
        }
    }
    Ok(())
}

fn check_calibration(calibration: &Calibration, classes: usize) -> Result<(), String> {
    let Calibration {
        temperature,
        by_voice,
        unsure_below,
        priors,
        ordinary,
        ..
    } = calibration;
    if !(temperature.is_finite() && *temperature > 0.0) {
        return Err(format!(
            "`calibration.temperature` is {temperature}; expected a number above 0"
        ));
    }
    let mut before = -1.0;
    for entry in by_voice {
        let (seconds, times) = (entry.voiced_seconds, entry.times);
        if !(seconds.is_finite() && seconds >= 0.0 && seconds > before) {
            return Err(format!(
                "`calibration.by_voice` has {seconds} seconds of voice after {before}; expected 0 and more, rising"
            ));
        }
        if !(times.is_finite() && times > 0.0) {
            return Err(format!(
                "`calibration.by_voice` multiplies the temperature by {times}; expected a number above 0"
            ));
        }
        before = seconds;
    }
    if !(0.0..=1.0).contains(unsure_below) {
        return Err(format!(
            "`calibration.unsure_below` is {unsure_below}; expected 0 to 1"
        ));
    }
    if priors.len() != classes {
        return Err(format!(
            "`calibration.priors` has {} shares; expected {classes}, one per emotion",
            priors.len()
        ));
    }
    if let Some(prior) = priors.iter().find(|p| !(p.is_finite() && **p > 0.0)) {
        return Err(format!(
            "`calibration.priors` holds {prior}; expected shares above 0"
        ));
    }
    if let Some(ordinary) = ordinary {
        if ordinary.logits.len() != classes {
            return Err(format!(
                "`calibration.ordinary` has {} logits; expected {classes}, one per emotion",
                ordinary.logits.len()
            ));
        }
        if let Some(logit) = ordinary.logits.iter().find(|logit| !logit.is_finite()) {
            return Err(format!(
                "`calibration.ordinary` has a logit of {logit}; expected a number"
            ));
        }
        let rows = &ordinary.correction;
        if rows.len() != classes || rows.iter().any(|row| row.len() != classes) {
            return Err(format!(
                "`calibration.ordinary.correction` is not {classes} rows of {classes} numbers, one for each pair of emotions"
            ));
        }
        if let Some(number) = rows.iter().flatten().find(|number| !number.is_finite()) {
            return Err(format!(
                "`calibration.ordinary.correction` holds {number}; expected numbers"
            ));
        }
    }
    let sum: f64 = priors.iter().map(|&p| f64::from(p)).sum();
    if (sum - 1.0).abs() > 1e-3 {
        return Err(format!("`calibration.priors` sums to {sum:.3}; expected 1"));
    }
    Ok(())
}

/// Checks that the network takes `[batch, 1, frames, coefficients]` and gives `[batch, classes]`, both with any batch.
pub(super) fn check_network(graph: &GraphProto, metadata: &ModelMetadata) -> Result<(), String> {
    let inputs = inputs(graph).collect::<Vec<_>>();
    let [input] = inputs.as_slice() else {
        return Err(format!(
            "it has {} inputs; expected one, the features",
            inputs.len()
        ));
    };
    let [output] = graph.output.as_slice() else {
        return Err(format!(
            "it has {} outputs; expected one, the logits",
            graph.output.len()
        ));
    };
    let features = &metadata.features;
    check_value(
        "input",
        input,
        &[
            ("1", 1),
            ("frames", features.frames()),
            ("coefficients", features.coefficients()),
        ],
    )?;
    check_value("output", output, &[("classes", metadata.emotions.len())])?;
    let elsewhere = graph
        .initializer
        .iter()
        .find(|tensor| tensor.data_location != 0 || !tensor.external_data.is_empty());
    if let Some(tensor) = elsewhere {
        return Err(format!(
            "the weights {:?} lie in another file; expected all in one file",
            tensor.name
        ));
    }
    Ok(())
}

fn check_value(role: &str, value: &ValueInfoProto, sizes: &[(&str, usize)]) -> Result<(), String> {
    let wanted = std::iter::once("batch".to_owned())
        .chain(sizes.iter().map(|(name, size)| match *name {
            "1" => "1".to_owned(),
            name => format!("{size} {name}"),
        }))
        .collect::<Vec<_>>()
        .join(", ");
    let wrong = || {
        Err(format!(
            "its {role} is {}; expected 32-bit floats [{wanted}] with any batch",
            describe_value(value)
        ))
    };
    let Some(TypeValue::TensorType(tensor)) = value.r#type.as_ref().and_then(|t| t.value.as_ref())
    else {
        return wrong();
    };
    let dims = tensor.shape.as_ref().map_or(&[][..], |shape| &shape.dim);
    if tensor.elem_type != i32::from(DataType::Float) || dims.len() != sizes.len() + 1 {
        return wrong();
    }
    let any_batch = !matches!(
        dims.first().and_then(|dim| dim.value.as_ref()),
        Some(DimensionValue::DimValue(_))
    );
    let fits = dims.iter().skip(1).zip(sizes).all(|(dim, &(_, size))| {
        matches!(dim.value, Some(DimensionValue::DimValue(found)) if usize::try_from(found) == Ok(size))
    });
    if any_batch && fits { Ok(()) } else { wrong() }
}

/// Inputs without the weights, which older files list among them.
fn inputs(graph: &GraphProto) -> impl Iterator<Item = &ValueInfoProto> {
    let weights = graph
        .initializer
        .iter()
        .map(|tensor| tensor.name.as_str())
        .collect::<HashSet<_>>();
    graph
        .input
        .iter()
        .filter(move |input| !weights.contains(input.name.as_str()))
}

/// The inputs in words, for a network that is not ours.
pub(super) fn describe_inputs(graph: &GraphProto) -> String {
    let all = inputs(graph)
        .take(4)
        .map(describe_value)
        .collect::<Vec<_>>();
    if all.is_empty() {
        "no input".to_owned()
    } else {
        all.join(" and ")
    }
}

fn describe_value(value: &ValueInfoProto) -> String {
    let Some(TypeValue::TensorType(tensor)) = value.r#type.as_ref().and_then(|t| t.value.as_ref())
    else {
        return format!("{:?}, not a tensor", value.name);
    };
    let sizes = tensor.shape.as_ref().map_or_else(
        || "any shape".to_owned(),
        |shape| {
            shape
                .dim
                .iter()
                .map(|dim| match &dim.value {
                    Some(DimensionValue::DimValue(size)) => size.to_string(),
                    Some(DimensionValue::DimParam(name)) if !name.is_empty() => name.clone(),
                    _ => "?".to_owned(),
                })
                .collect::<Vec<_>>()
                .join(", ")
        },
    );
    let kind = match DataType::try_from(tensor.elem_type) {
        Ok(DataType::Float) => String::new(),
        Ok(kind) => format!(" of {kind:?}"),
        Err(_) => format!(" of type {}", tensor.elem_type),
    };
    format!("{:?} [{sizes}]{kind}", value.name)
}

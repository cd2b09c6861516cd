//! JSON: the contract that other programs build on.
//!
//! `core/schema/scan.schema.json` is its definition. Fields may be added within version 1; none changes its meaning or goes.
//! Scores stand in the order of the model's labels, numbers have at most six decimals, and each element of a list has a line
//! of its own, so that two scans can be compared line by line.

use std::io::{self, Write};

use serde::ser::{Error as _, SerializeMap, SerializeStruct};
use serde::{Serialize, Serializer};

use super::delivered::{TakeDeliveryJson, WindowDeliveryJson};
use super::{Failure, Moment, Reading, Scan, Summary, Timeline, Transition, Window};
use crate::model::EmotionSet;

/// Version of the contract.
pub const VERSION: u32 = 1;

/// Writes a scan as one JSON object and a newline. See the module and `core/schema/scan.schema.json`.
///
/// A path that is not UTF-8 has its odd bytes replaced by U+FFFD.
///
/// # Errors
/// Those of `out`, and [`io::ErrorKind::InvalidData`] for a value that isn't a number, which JSON can't hold.
pub fn write(scan: &Scan, out: impl Write) -> io::Result<()> {
    write_document(&ScanJson(scan), out)
}

/// Writes any JSON document as a scan is written: compact, a line per element of a list, and a newline at the end.
///
/// # Errors
/// Those of `out`, and those of `document` in becoming JSON.
pub fn write_document(document: &impl Serialize, mut out: impl Write) -> io::Result<()> {
    let mut serializer = serde_json::Serializer::with_formatter(&mut out, LinePerElement);
    document.serialize(&mut serializer)?;
    out.write_all(b"\n")?;
    out.flush()
}

/// A take's summary, as it stands in a scan's JSON, for documents that hold one.
pub fn summary(take: &Timeline) -> impl Serialize {
    SummaryJson(&take.summary, &take.emotions)
}

/// What could not be scanned, as it stands in a scan's JSON, for documents that hold such a list.
pub fn failures(failed: &[Failure]) -> impl Serialize {
    List(failed.iter().map(FailureJson))
}

/// Compact, but for a line per element of a list.
pub(crate) struct LinePerElement;

impl serde_json::ser::Formatter for LinePerElement {
    fn begin_array_value<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        writer.write_all(if first { b"\n" } else { b",\n" })
    }
}

/// A score, or another number without a unit, as results are written: six decimals; never `-0`.
///
/// # Errors
/// [`io::ErrorKind::InvalidData`] for "not a number" and infinity.
pub fn rounded(value: f64) -> io::Result<f64> {
    if !value.is_finite() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            format!("a result is {value} where a number was expected"),
        ));
    }
    // Adding 0 turns -0 into 0.
    Ok((value * 1e6).round() / 1e6 + 0.0)
}

/// Seconds: six decimals.
pub(crate) fn seconds(value: f64) -> io::Result<f64> {
    rounded(value)
}

/// The same for a serialiser.
pub(crate) fn number<E: serde::ser::Error>(value: impl Into<f64>) -> Result<f64, E> {
    rounded(value.into()).map_err(E::custom)
}

struct ScanJson<'a>(&'a Scan);
/// The model that gave a scan's scores.
pub(crate) struct ModelJson<'a>(pub(crate) &'a Scan);
/// A list, each element on a line of its own.
pub(crate) struct List<I>(pub(crate) I);
struct TakeJson<'a>(&'a Timeline);
/// A take's summary.
pub(crate) struct SummaryJson<'a>(pub(crate) &'a Summary, pub(crate) &'a EmotionSet);
/// A window.
pub(crate) struct WindowJson<'a>(pub(crate) &'a Window, pub(crate) &'a EmotionSet);
struct MomentJson<'a>(&'a Moment, &'a EmotionSet);
struct TransitionJson<'a>(&'a Transition, &'a EmotionSet);
/// A take that could not be scanned.
pub(crate) struct FailureJson<'a>(pub(crate) &'a Failure);

/// Numbers by emotion, in the model's order.
struct ByEmotion<'a, T>(&'a [T], &'a EmotionSet);

impl Serialize for ScanJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let scan = self.0;
        let mut object = serializer.serialize_struct("Scan", 7)?;
        object.serialize_field("version", &VERSION)?;
        object.serialize_field("model", &ModelJson(scan))?;
        object.serialize_field("engine", &scan.engine)?;
        object.serialize_field("profile", &scan.profile)?;
        object.serialize_field("hop_seconds", &number(scan.hop_seconds)?)?;
        object.serialize_field("takes", &List(scan.takes.iter().map(TakeJson)))?;
        object.serialize_field("failed", &List(scan.failed.iter().map(FailureJson)))?;
        object.end()
    }
}

impl Serialize for ModelJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let model = &self.0.model;
        let mut object = serializer.serialize_struct("Model", 9)?;
        object.serialize_field("name", &model.name)?;
        object.serialize_field("id", &self.0.model_id)?;
        object.serialize_field("labels", &model.emotions.names().collect::<Vec<_>>())?;
        object.serialize_field("format_version", &model.format_version)?;
        object.serialize_field("description", &model.description)?;
        object.serialize_field("licence", &model.training.licence)?;
        object.serialize_field("sample_rate_hz", &model.features.sample_rate_hz)?;
        object.serialize_field("window_seconds", &number(model.features.span_seconds())?)?;
        object.serialize_field("unsure_below", &number(model.calibration.unsure_below)?)?;
        object.end()
    }
}

impl Serialize for TakeJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let take = self.0;
        let windows = take.windows.iter();
        let mut object = serializer.serialize_struct("Take", 4)?;
        object.serialize_field("path", &take.path.to_string_lossy())?;
        object.serialize_field("seconds", &number(take.seconds)?)?;
        object.serialize_field("summary", &SummaryJson(&take.summary, &take.emotions))?;
        object.serialize_field(
            "windows",
            &List(windows.map(|window| WindowJson(window, &take.emotions))),
        )?;
        object.end()
    }
}

impl Serialize for SummaryJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(summary, emotions) = *self;
        let reading = summary.reading.as_ref();
        let leading = reading.and_then(|reading| reading.scores.leading());
        let mut object = serializer.serialize_struct("Summary", 11)?;
        object.serialize_field("emotion", &leading.and_then(|index| name(emotions, index)))?;
        reading_fields(&mut object, reading, emotions)?;
        object.serialize_field("voiced_seconds", &number(summary.voiced_seconds)?)?;
        object.serialize_field("shares", &ByEmotion(&summary.shares, emotions))?;
        object.serialize_field(
            "moments",
            &List(summary.moments.iter().map(|it| MomentJson(it, emotions))),
        )?;
        object.serialize_field(
            "transitions",
            &List(
                summary
                    .transitions
                    .iter()
                    .map(|it| TransitionJson(it, emotions)),
            ),
        )?;
        let delivery = summary.delivery.as_ref().map(TakeDeliveryJson);
        object.serialize_field("delivery", &delivery)?;
        object.end()
    }
}

impl Serialize for WindowJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(window, emotions) = *self;
        let mut object = serializer.serialize_struct("Window", 9)?;
        object.serialize_field("start_seconds", &number(window.start_seconds)?)?;
        object.serialize_field("end_seconds", &number(window.end_seconds)?)?;
        object.serialize_field("voiced", &window.voiced())?;
        reading_fields(&mut object, window.reading.as_ref(), emotions)?;
        let delivery = window.delivery.as_ref().map(WindowDeliveryJson);
        object.serialize_field("delivery", &delivery)?;
        object.end()
    }
}

/// The fields that a window, a summary and a stream's events share. Without voice all are null, and `unsure` is true: silence has no emotion.
pub(crate) fn reading_fields<S: SerializeStruct>(
    object: &mut S,
    reading: Option<&Reading>,
    emotions: &EmotionSet,
) -> Result<(), S::Error> {
    let scores = reading.map(|reading| ByEmotion(&reading.scores.0, emotions));
    let optional = |of: fn(&Reading) -> f32| reading.map(|it| number(of(it))).transpose();
    object.serialize_field("scores", &scores)?;
    object.serialize_field("valence", &optional(|reading| reading.valence)?)?;
    object.serialize_field("arousal", &optional(|reading| reading.arousal)?)?;
    object.serialize_field("confidence", &optional(|reading| reading.confidence)?)?;
    object.serialize_field("unsure", &reading.is_none_or(|reading| reading.unsure))
}

impl Serialize for MomentJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(moment, emotions) = *self;
        let mut object = serializer.serialize_struct("Moment", 4)?;
        object.serialize_field("emotion", &name(emotions, moment.emotion))?;
        object.serialize_field("start_seconds", &number(moment.start_seconds)?)?;
        object.serialize_field("end_seconds", &number(moment.end_seconds)?)?;
        object.serialize_field("score", &number(moment.score)?)?;
        object.end()
    }
}

impl Serialize for TransitionJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(transition, emotions) = *self;
        let mut object = serializer.serialize_struct("Transition", 3)?;
        object.serialize_field("at_seconds", &number(transition.at_seconds)?)?;
        object.serialize_field("from", &name(emotions, transition.from))?;
        object.serialize_field("to", &name(emotions, transition.to))?;
        object.end()
    }
}

impl Serialize for FailureJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Failure", 2)?;
        object.serialize_field("path", &self.0.path.to_string_lossy())?;
        object.serialize_field("error", &self.0.error)?;
        object.end()
    }
}

impl<T: Copy + Into<f64>> Serialize for ByEmotion<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(values, emotions) = *self;
        if values.len() != emotions.len() {
            return Err(S::Error::custom(format!(
                "{} scores where the model has {} emotions",
                values.len(),
                emotions.len()
            )));
        }
        let mut object = serializer.serialize_map(Some(values.len()))?;
        for (name, &value) in emotions.names().zip(values) {
            object.serialize_entry(name, &number(value)?)?;
        }
        object.end()
    }
}

impl<I: Iterator<Item: Serialize> + Clone> Serialize for List<I> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.clone())
    }
}

pub(crate) fn name(emotions: &EmotionSet, index: usize) -> Option<&str> {
    emotions.get(index).map(|emotion| emotion.name.as_str())
}

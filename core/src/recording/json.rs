//! JSON: the contract that other programs build on; `core/schema/map.schema.json` is its definition.
//!
//! Fields may be added within version 1; none changes its meaning or goes. Numbers have at most six decimals, times are seconds from the start of
//! the recording, a speaker is told by name, and each element of a list has a line of its own.

use std::io::{self, Write};

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use super::{Highlight, Minute, RecordingMap, Section, Turn, Voice};
use crate::model::EmotionSet;
use crate::timeline::json::{
    FailureJson, LinePerElement, List, ModelJson, SummaryJson, VERSION, WindowJson, name, number,
    reading_fields,
};
use crate::timeline::{Reading, Timeline};

/// Writes a map as one JSON object and a newline. See the module and `core/schema/map.schema.json`.
///
/// # Errors
/// Those of `out`, and [`io::ErrorKind::InvalidData`] for a value that isn't a number, which JSON can't hold.
pub fn write(map: &RecordingMap, mut out: impl Write) -> io::Result<()> {
    let mut serializer = serde_json::Serializer::with_formatter(&mut out, LinePerElement);
    MapJson(map).serialize(&mut serializer)?;
    out.write_all(b"\n")?;
    out.flush()
}

struct MapJson<'a>(&'a RecordingMap);
struct SettingsJson<'a>(&'a RecordingMap);
struct SpeakerJson<'a>(&'a RecordingMap, usize, &'a Timeline);
struct TurnJson<'a>(&'a RecordingMap, &'a Turn);
struct SectionJson<'a>(&'a RecordingMap, &'a Section);
struct HighlightJson<'a>(&'a RecordingMap, &'a Highlight);
struct MinuteJson<'a>(&'a RecordingMap, &'a Minute);
struct VoiceJson<'a>(&'a RecordingMap, Option<usize>, &'a Voice);

impl Serialize for MapJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(map) = *self;
        let takes = map.scan.takes.iter().enumerate();
        let mut object = serializer.serialize_struct("Map", 13)?;
        object.serialize_field("version", &VERSION)?;
        object.serialize_field("model", &ModelJson(&map.scan))?;
        object.serialize_field("engine", &map.scan.engine)?;
        object.serialize_field("profile", &map.scan.profile)?;
        object.serialize_field("hop_seconds", &number(map.scan.hop_seconds)?)?;
        object.serialize_field("seconds", &number(map.seconds)?)?;
        object.serialize_field("settings", &SettingsJson(map))?;
        object.serialize_field(
            "sections",
            &List(map.sections.iter().map(|it| SectionJson(map, it))),
        )?;
        object.serialize_field(
            "highlights",
            &List(map.highlights.iter().map(|it| HighlightJson(map, it))),
        )?;
        object.serialize_field(
            "minutes",
            &List(map.minutes.iter().map(|it| MinuteJson(map, it))),
        )?;
        object.serialize_field("turns", &List(map.turns.iter().map(|it| TurnJson(map, it))))?;
        object.serialize_field(
            "speakers",
            &List(takes.map(|(index, take)| SpeakerJson(map, index, take))),
        )?;
        object.serialize_field("notes", &map.notes)?;
        object.serialize_field("failed", &List(map.scan.failed.iter().map(FailureJson)))?;
        object.end()
    }
}

impl Serialize for SettingsJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let settings = &self.0.settings;
        let bleed_db = Some(settings.bleed_db).filter(|it| it.is_finite());
        let mut object = serializer.serialize_struct("Settings", 5)?;
        object.serialize_field(
            "min_section_seconds",
            &number(settings.min_section_seconds)?,
        )?;
        object.serialize_field("change", &number(settings.change)?)?;
        object.serialize_field("highlights", &settings.highlights)?;
        object.serialize_field("margin_seconds", &number(settings.margin_seconds)?)?;
        object.serialize_field("bleed_db", &bleed_db.map(number).transpose()?)?;
        object.end()
    }
}

impl Serialize for SpeakerJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(map, index, take) = *self;
        let speaker = map.speakers.get(index);
        let windows = take.windows.iter();
        let mut object = serializer.serialize_struct("Speaker", 8)?;
        object.serialize_field("name", map.speaker_name(index))?;
        object.serialize_field("path", &take.path.to_string_lossy())?;
        object.serialize_field(
            "channel",
            &speaker.and_then(|it| it.channel).map(|it| it + 1),
        )?;
        object.serialize_field("seconds", &number(take.seconds)?)?;
        for (name, seconds) in [
            ("voiced_seconds", speaker.map(|it| it.voiced_seconds)),
            ("bleed_seconds", speaker.map(|it| it.bleed_seconds)),
        ] {
            object.serialize_field(name, &number(seconds.unwrap_or(0.0))?)?;
        }
        object.serialize_field("summary", &SummaryJson(&take.summary, &take.emotions))?;
        object.serialize_field(
            "windows",
            &List(windows.map(|window| WindowJson(window, &take.emotions))),
        )?;
        object.end()
    }
}

impl Serialize for TurnJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(map, turn) = *self;
        let mut object = serializer.serialize_struct("Turn", 9)?;
        object.serialize_field("speaker", map.speaker_name(turn.speaker))?;
        span(&mut object, turn.start_seconds, turn.end_seconds)?;
        feeling(&mut object, turn.reading.as_ref(), &map.scan.model.emotions)?;
        object.end()
    }
}

impl Serialize for SectionJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(map, section) = *self;
        let mut object = serializer.serialize_struct("Section", 10)?;
        object.serialize_field("title", &section.title)?;
        span(&mut object, section.start_seconds, section.end_seconds)?;
        feeling(
            &mut object,
            section.reading.as_ref(),
            &map.scan.model.emotions,
        )?;
        object.serialize_field("voiced", &VoicedJson(map, &section.voiced_seconds))?;
        object.end()
    }
}

/// Seconds of voice per speaker, in their order.
struct VoicedJson<'a>(&'a RecordingMap, &'a [f64]);

impl Serialize for VoicedJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Voiced<'a> {
            speaker: &'a str,
            voiced_seconds: f64,
        }
        let each = self.1.iter().enumerate().map(|(index, &seconds)| {
            Ok(Voiced {
                speaker: self.0.speaker_name(index),
                voiced_seconds: number(seconds)?,
            })
        });
        let each: Result<Vec<_>, S::Error> = each.collect();
        each?.serialize(serializer)
    }
}

impl Serialize for HighlightJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(map, highlight) = *self;
        let emotions = &map.scan.model.emotions;
        let before = highlight.before.as_ref();
        let from = before.and_then(|it| it.scores.leading());
        let mut object = serializer.serialize_struct("Highlight", 15)?;
        object.serialize_field("kind", highlight.kind.name())?;
        object.serialize_field("text", &highlight.text)?;
        object.serialize_field("speaker", map.speaker_name(highlight.speaker))?;
        span(&mut object, highlight.start_seconds, highlight.end_seconds)?;
        object.serialize_field("cut_start_seconds", &number(highlight.cut_start_seconds)?)?;
        object.serialize_field("cut_end_seconds", &number(highlight.cut_end_seconds)?)?;
        object.serialize_field("cut", highlight.cut.name())?;
        object.serialize_field("strength", &number(highlight.strength)?)?;
        object.serialize_field("from", &from.and_then(|index| name(emotions, index)))?;
        feeling(&mut object, Some(&highlight.reading), emotions)?;
        object.end()
    }
}

impl Serialize for MinuteJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(map, minute) = *self;
        let each = minute.speakers.iter().enumerate();
        let mut object = serializer.serialize_struct("Minute", 4)?;
        span(&mut object, minute.start_seconds, minute.end_seconds)?;
        object.serialize_field("all", &VoiceJson(map, None, &minute.all))?;
        object.serialize_field(
            "speakers",
            &List(each.map(|(index, voice)| VoiceJson(map, Some(index), voice))),
        )?;
        object.end()
    }
}

impl Serialize for VoiceJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(map, speaker, voice) = *self;
        let mut object = serializer.serialize_struct("Voice", 8)?;
        if let Some(speaker) = speaker {
            object.serialize_field("speaker", map.speaker_name(speaker))?;
        }
        object.serialize_field("voiced_seconds", &number(voice.voiced_seconds)?)?;
        feeling(
            &mut object,
            voice.reading.as_ref(),
            &map.scan.model.emotions,
        )?;
        object.end()
    }
}

fn span<S: SerializeStruct>(object: &mut S, start: f64, end: f64) -> Result<(), S::Error> {
    object.serialize_field("start_seconds", &number(start)?)?;
    object.serialize_field("end_seconds", &number(end)?)
}

/// The leading emotion, and the fields that every reading has.
fn feeling<S: SerializeStruct>(
    object: &mut S,
    reading: Option<&Reading>,
    emotions: &EmotionSet,
) -> Result<(), S::Error> {
    let leading = reading.and_then(|it| it.scores.leading());
    object.serialize_field("emotion", &leading.and_then(|index| name(emotions, index)))?;
    reading_fields(object, reading, emotions)
}

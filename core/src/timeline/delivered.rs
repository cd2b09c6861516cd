//! Delivery in JSON: the measures of a window, and those of a take with its loudness, pauses, technical measures and flags.

use std::io;

use serde::ser::{Error as _, SerializeStruct};
use serde::{Serialize, Serializer};

use super::json::{List, number, rounded};
use crate::delivery::{Delivery, Flag, Loudness, Pauses, TakeDelivery, Technical};

/// A measured number: three decimals, more than any of the measures is exact to.
pub(super) fn measure(value: Option<f64>) -> io::Result<Option<f64>> {
    let thousandths = |value: f64| Ok((rounded(value)? * 1e3).round() / 1e3 + 0.0);
    value.map(thousandths).transpose()
}

fn field<S: SerializeStruct>(
    object: &mut S,
    name: &'static str,
    value: Option<f64>,
) -> Result<(), S::Error> {
    let value = measure(value).map_err(S::Error::custom)?;
    object.serialize_field(name, &value)
}

/// A window's.
pub(super) struct WindowDeliveryJson<'a>(pub(super) &'a Delivery);
/// A take's.
pub(super) struct TakeDeliveryJson<'a>(pub(super) &'a TakeDelivery);
struct LoudnessJson<'a>(&'a Loudness);
struct PausesJson<'a>(&'a Pauses);
struct TechnicalJson<'a>(&'a Technical);
struct FlagJson<'a>(&'a Flag);

/// The measures of the voice that windows and takes share.
fn voice_fields<S: SerializeStruct>(object: &mut S, it: &Delivery) -> Result<(), S::Error> {
    object.serialize_field("voiced_seconds", &number::<S::Error>(it.voiced_seconds)?)?;
    field(object, "level_db", it.level_db)?;
    field(object, "pitch_hz", it.pitch_hz)?;
    field(object, "melody_semitones", it.melody_semitones)?;
    field(object, "syllables_per_second", it.syllables_per_second)?;
    field(object, "brightness_db", it.brightness_db)
}

impl Serialize for WindowDeliveryJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Delivery", 7)?;
        field(&mut object, "loudness_lufs", self.0.loudness_lufs)?;
        voice_fields(&mut object, self.0)?;
        object.end()
    }
}

impl Serialize for TakeDeliveryJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let it = self.0;
        let flags = it.flags();
        let mut object = serializer.serialize_struct("TakeDelivery", 10)?;
        voice_fields(&mut object, &it.voice)?;
        object.serialize_field("loudness", &LoudnessJson(&it.loudness))?;
        object.serialize_field("pauses", &it.pauses.as_ref().map(PausesJson))?;
        object.serialize_field("technical", &TechnicalJson(&it.technical))?;
        object.serialize_field("flags", &List(flags.iter().map(FlagJson)))?;
        object.end()
    }
}

impl Serialize for LoudnessJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let it = self.0;
        let mut object = serializer.serialize_struct("Loudness", 7)?;
        field(&mut object, "target_lufs", Some(it.target_lufs))?;
        field(&mut object, "integrated_lufs", it.integrated_lufs)?;
        field(&mut object, "from_target_lu", it.from_target_lu())?;
        field(&mut object, "range_lu", it.range_lu)?;
        field(&mut object, "short_term_max_lufs", it.short_term_max_lufs)?;
        field(&mut object, "momentary_max_lufs", it.momentary_max_lufs)?;
        field(&mut object, "true_peak_dbtp", it.true_peak_dbtp)?;
        object.end()
    }
}

impl Serialize for PausesJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let it = self.0;
        let mut object = serializer.serialize_struct("Pauses", 5)?;
        object.serialize_field("count", &it.count)?;
        field(&mut object, "longest_seconds", Some(it.longest_seconds))?;
        field(&mut object, "total_seconds", Some(it.total_seconds))?;
        field(&mut object, "span_seconds", Some(it.span_seconds))?;
        object.serialize_field("share", &number::<S::Error>(it.share())?)?;
        object.end()
    }
}

impl Serialize for TechnicalJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let it = self.0;
        let mut object = serializer.serialize_struct("Technical", 14)?;
        object.serialize_field("sample_rate_hz", &it.sample_rate_hz)?;
        object.serialize_field("channels", &it.channels)?;
        field(&mut object, "sample_peak_dbfs", it.sample_peak_dbfs)?;
        object.serialize_field("clipped_samples", &it.clipping.samples)?;
        object.serialize_field("clipped_places", &it.clipping.places)?;
        field(&mut object, "clipped_at_seconds", it.clipping.first_seconds)?;
        field(&mut object, "clipped_at_dbfs", it.clipping.at_dbfs)?;
        field(&mut object, "lead_in_seconds", it.lead_in_seconds)?;
        field(&mut object, "tail_seconds", it.tail_seconds)?;
        field(&mut object, "start_below_voice_db", it.start_below_voice_db)?;
        field(&mut object, "end_below_voice_db", it.end_below_voice_db)?;
        field(&mut object, "quietest_db", it.quietest_db)?;
        field(&mut object, "noise_floor_db", it.noise_floor_db)?;
        field(&mut object, "snr_db", it.snr_db)?;
        object.end()
    }
}

impl Serialize for FlagJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Flag", 2)?;
        object.serialize_field("flag", self.0.kind.id())?;
        object.serialize_field("reason", &self.0.reason)?;
        object.end()
    }
}

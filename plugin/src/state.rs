//! Saved state: every parameter and field by name, in JSON.
//!
//! What this version does not know (a newer one saved it) is kept and saved again. What is missing keeps its default, so a state
//! means the same whatever was set before it was loaded. What is no state at all changes nothing.

#![allow(unsafe_code)]

use crate::params::UndersongParams;
use nice_plug::params::InternalParamMut;
use nice_plug::prelude::{Param, ParamPtr, Params};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The first key of a state.
const MARK: &str = "undersong_plugin";
/// Format of the state; a newer one adds to it and never changes what is there.
const FORMAT: u64 = 1;
/// Longest state that is read, in bytes.
pub const MAX_BYTES: usize = 4 * 1024 * 1024;

/// Parts of a loaded state that this version does not know.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Unknown {
    top: Map<String, Value>,
    params: Map<String, Value>,
    fields: Map<String, Value>,
}

/// Why a state is refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StateError {
    /// Too long.
    #[error("saved state: {bytes} bytes are too many; at most {MAX_BYTES} are read")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// Not JSON.
    #[error("saved state: it is not JSON ({0}); was it saved by another plugin?")]
    NotJson(#[from] serde_json::Error),
    /// JSON of something else.
    #[error("saved state: `{MARK}` is missing or no number; was it saved by another plugin?")]
    NotOurs,
    /// A part has the wrong form.
    #[error("saved state: `{part}` is no object")]
    Part {
        /// Its key.
        part: &'static str,
    },
}

/// The state as bytes.
///
/// # Errors
/// [`StateError::NotJson`] if a field cannot be written as JSON, which none does.
pub fn save(params: &UndersongParams, unknown: &Unknown) -> Result<Vec<u8>, StateError> {
    let mut values = unknown.params.clone();
    for entry in params.entries() {
        values.insert(entry.id, read(entry.ptr));
    }
    let mut fields = unknown.fields.clone();
    for (name, text) in params.serialize_fields() {
        fields.insert(name, serde_json::from_str(&text)?);
    }
    let mut state = unknown.top.clone();
    state.insert(MARK.to_owned(), FORMAT.into());
    state.insert("version".to_owned(), env!("CARGO_PKG_VERSION").into());
    state.insert("params".to_owned(), Value::Object(values));
    state.insert("fields".to_owned(), Value::Object(fields));
    Ok(serde_json::to_vec(&state)?)
}

/// Sets everything as saved, and gives back what this version does not know, for [`save`]. On an error nothing has changed.
///
/// # Errors
/// [`StateError`] says what is wrong.
pub fn load(params: &UndersongParams, bytes: &[u8]) -> Result<Unknown, StateError> {
    if bytes.len() > MAX_BYTES {
        return Err(StateError::TooLong { bytes: bytes.len() });
    }
    let mut top: Map<String, Value> = serde_json::from_slice(bytes)?;
    if !top.remove(MARK).is_some_and(|format| format.is_u64()) {
        return Err(StateError::NotOurs);
    }
    top.remove("version");
    let mut values = part(&mut top, "params")?;
    let mut saved_fields = part(&mut top, "fields")?;

    for entry in params.entries() {
        let known = values.remove(&entry.id);
        if !known.as_ref().is_some_and(|value| write(entry.ptr, value)) {
            write_default(entry.ptr);
            // A value that only a newer version understands stays in the state until the user sets another.
            if let Some(value @ Value::String(_)) = known {
                values.insert(entry.id, value);
            }
        }
    }
    let defaults = UndersongParams::default().serialize_fields();
    let fields = defaults
        .into_iter()
        .map(|(name, default)| {
            let saved = saved_fields.remove(&name).map(|value| value.to_string());
            (name, saved.unwrap_or(default))
        })
        .collect::<BTreeMap<_, _>>();
    params.deserialize_fields(&fields);
    params.touch();
    Ok(Unknown {
        top,
        params: values,
        fields: saved_fields,
    })
}

fn part(
    top: &mut Map<String, Value>,
    name: &'static str,
) -> Result<Map<String, Value>, StateError> {
    match top.remove(name) {
        None => Ok(Map::new()),
        Some(Value::Object(part)) => Ok(part),
        Some(_) => Err(StateError::Part { part: name }),
    }
}

fn read(ptr: ParamPtr) -> Value {
    // SAFETY: `ptr` comes from `UndersongParams::entries` of parameters that the callers hold.
    unsafe {
        match ptr {
            ParamPtr::FloatParam(param) => f64::from((*param).unmodulated_plain_value()).into(),
            ParamPtr::IntParam(param) => (*param).unmodulated_plain_value().into(),
            ParamPtr::BoolParam(param) => (*param).unmodulated_plain_value().into(),
            ParamPtr::EnumParam(param) => match (*param).unmodulated_plain_id() {
                Some(id) => id.into(),
                None => (*param).unmodulated_plain_value().into(),
            },
        }
    }
}

/// Whether the value was understood and set.
fn write(ptr: ParamPtr, value: &Value) -> bool {
    // Plain values, not normalised ones: these would lose the last digit on the way there and back.
    // SAFETY: as in `read`; values are atomics.
    unsafe {
        match ptr {
            ParamPtr::FloatParam(param) => {
                let Some(value) = value.as_f64().filter(|value| value.is_finite()) else {
                    return false;
                };
                let (lowest, highest) = ((*param).preview_plain(0.0), (*param).preview_plain(1.0));
                (*param)._internal_set_plain_value((value as f32).clamp(lowest, highest));
                true
            }
            ParamPtr::IntParam(param) => {
                let Some(value) = value.as_i64() else {
                    return false;
                };
                let (lowest, highest) = ((*param).preview_plain(0.0), (*param).preview_plain(1.0));
                let value = value.clamp(lowest.into(), highest.into());
                (*param)._internal_set_plain_value(i32::try_from(value).unwrap_or(lowest));
                true
            }
            ParamPtr::BoolParam(param) => {
                let Some(on) = value.as_bool() else {
                    return false;
                };
                (*param)._internal_set_plain_value(on);
                true
            }
            ParamPtr::EnumParam(param) => value.as_str().is_some_and(|id| (*param).set_from_id(id)),
        }
    }
}

fn write_default(ptr: ParamPtr) {
    // SAFETY: as in `write`.
    unsafe {
        ptr._internal_set_normalized_value(ptr.default_normalized_value());
    }
}

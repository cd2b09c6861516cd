//! The outermost layer of an ONNX file, read without decoding what lies within.
//!
//! This tells a cut-off file from one that was never ONNX, which a decoder's error does not, and changes a file's metadata
//! without touching any other byte of it.

use prost::Message;

use super::StringStringEntryProto;
use crate::model::{METADATA_KEY, ModelMetadata};

/// Field of `ModelProto` that holds the named texts.
const METADATA_PROPS: u64 = 14;

/// What is wrong with a file's outermost layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Damage {
    /// It goes on after the file's end.
    CutOff,
    /// It is something else.
    NotOnnx,
}

/// One field of the outermost layer: its number, and its bytes with and without the tag.
struct Field<'a> {
    number: u64,
    whole: &'a [u8],
    content: &'a [u8],
}

/// Walks over the fields of the outermost layer.
fn fields(bytes: &[u8]) -> impl Iterator<Item = Result<Field<'_>, Damage>> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let field = next_field(rest);
        rest = match &field {
            Ok(field) => rest.get(field.whole.len()..).unwrap_or_default(),
            Err(_) => &[],
        };
        Some(field)
    })
}

fn next_field(bytes: &[u8]) -> Result<Field<'_>, Damage> {
    let (tag, after_tag) = varint(bytes)?;
    let (number, wire) = (tag >> 3, tag & 7);
    // Wire type of each field of `ModelProto`: 1 and 5 are numbers, the others carry their length.
    let (content, after) = match (number, wire) {
        (1 | 5, 0) => {
            let (_, after) = varint(after_tag)?;
            (&after_tag[..0], after)
        }
        (2 | 3 | 4 | 6 | 7 | 8 | METADATA_PROPS | 20 | 25 | 26, 2) => {
            let (length, after) = varint(after_tag)?;
            let length = usize::try_from(length).map_err(|_| Damage::NotOnnx)?;
            after.split_at_checked(length).ok_or(Damage::CutOff)?
        }
        _ => return Err(Damage::NotOnnx),
    };
    let whole = &bytes[..bytes.len() - after.len()];
    Ok(Field {
        number,
        whole,
        content,
    })
}

fn varint(bytes: &[u8]) -> Result<(u64, &[u8]), Damage> {
    let mut value = 0u64;
    for (index, &byte) in bytes.iter().take(10).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Ok((value, &bytes[index + 1..]));
        }
    }
    Err(if bytes.len() < 10 {
        Damage::CutOff
    } else {
        Damage::NotOnnx
    })
}

/// Whether the outermost layer is that of an ONNX file, and whole.
///
/// A file is called cut off only if its first field is an ONNX file's; random bytes are more likely something else.
pub(crate) fn check(bytes: &[u8]) -> Result<(), Damage> {
    let mut seen = 0;
    for field in fields(bytes) {
        match field {
            Ok(_) => seen += 1,
            Err(Damage::CutOff) if seen == 0 => return Err(Damage::NotOnnx),
            Err(damage) => return Err(damage),
        }
    }
    if seen == 0 {
        return Err(Damage::NotOnnx);
    }
    Ok(())
}

/// Sets one named text of an ONNX file, replacing one of the same name; every other byte stays as it is.
///
/// `None` if `bytes` are not a whole ONNX file.
pub fn set_property(bytes: &[u8], key: &str, value: &str) -> Option<Vec<u8>> {
    check(bytes).ok()?;
    let mut changed = Vec::with_capacity(bytes.len() + value.len() + 32);
    for field in fields(bytes) {
        let field = field.ok()?;
        let same = field.number == METADATA_PROPS
            && StringStringEntryProto::decode(field.content).is_ok_and(|entry| entry.key == key);
        if !same {
            changed.extend_from_slice(field.whole);
        }
    }
    let entry = StringStringEntryProto {
        key: key.to_owned(),
        value: value.to_owned(),
    };
    prost::encoding::message::encode(METADATA_PROPS as u32, &entry, &mut changed);
    Some(changed)
}

/// Writes `metadata` into an ONNX file, replacing what stood there; every other byte stays as it is.
///
/// # Errors
/// [`ModelError`](crate::model::ModelError) if `bytes` are not a whole ONNX file. Whether metadata and network fit is checked by
/// [`Model::from_bytes`](crate::model::Model::from_bytes).
pub fn set_metadata(
    bytes: &[u8],
    metadata: &ModelMetadata,
) -> Result<Vec<u8>, crate::model::ModelError> {
    let refused = |reason: String| crate::model::ModelError::Metadata {
        file: metadata.name.clone(),
        reason,
    };
    let json = serde_json::to_string(metadata).map_err(|error| refused(error.to_string()))?;
    set_property(bytes, METADATA_KEY, &json)
        .ok_or_else(|| refused("the network to write it into is not a whole ONNX file".to_owned()))
}

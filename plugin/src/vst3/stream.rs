//! Reading and writing a host's stream.

use crate::state::MAX_BYTES;
use vst3::ComRef;
use vst3::Steinberg::{IBStream, IBStreamTrait};

/// Everything from where the stream stands, a little more than [`MAX_BYTES`] at most.
pub(super) fn read_all(stream: ComRef<'_, IBStream>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut piece = [0_u8; 4096];
    while bytes.len() <= MAX_BYTES {
        let mut count = 0;
        // SAFETY: `piece` has as many bytes as said. The result says nothing: hosts return failure at the end of what they gave.
        unsafe {
            stream.read(
                piece.as_mut_ptr().cast(),
                piece.len() as i32,
                &raw mut count,
            );
        }
        match usize::try_from(count)
            .ok()
            .and_then(|count| piece.get(..count))
        {
            Some([]) | None => break,
            Some(read) => bytes.extend_from_slice(read),
        }
    }
    bytes
}

/// Whether all of `bytes` was written.
pub(super) fn write_all(stream: ComRef<'_, IBStream>, bytes: &[u8]) -> bool {
    let mut rest = bytes;
    while !rest.is_empty() {
        let length = i32::try_from(rest.len()).unwrap_or(i32::MAX);
        let mut count = 0;
        // SAFETY: `rest` has at least as many bytes as said; a stream does not write to them.
        unsafe {
            stream.write(rest.as_ptr().cast_mut().cast(), length, &raw mut count);
        }
        match usize::try_from(count)
            .ok()
            .filter(|&count| count > 0)
            .and_then(|count| rest.get(count..))
        {
            Some(left) => rest = left,
            None => return false,
        }
    }
    true
}

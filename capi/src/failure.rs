//! `Failure`: an error on its way to C, and the doors' frame that no panic crosses.

use std::cell::RefCell;
use std::ffi::c_char;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use undersong_core::analyzer::AnalyzerError;
use undersong_core::live::LiveError;
use undersong_core::model::ScoreError;
use undersong_core::scan::{SamplesError, ScanError};

use crate::UndersongCode;

/// A code and what there is to say about it.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) code: UndersongCode,
    message: String,
}

impl Failure {
    pub(crate) fn new(code: UndersongCode, message: impl fmt::Display) -> Self {
        Self {
            code,
            message: message.to_string(),
        }
    }
}

impl From<UndersongCode> for Failure {
    /// With the code's own sentence.
    fn from(code: UndersongCode) -> Self {
        Self::new(code, code.message().to_string_lossy())
    }
}

impl From<AnalyzerError> for Failure {
    fn from(error: AnalyzerError) -> Self {
        let code = match &error {
            AnalyzerError::Condition(_) => UndersongCode::SampleRate,
            AnalyzerError::Features(_) => UndersongCode::Model,
            AnalyzerError::Score(error) => of_score(error),
            _ => UndersongCode::Engine,
        };
        Self::new(code, error)
    }
}

impl From<LiveError> for Failure {
    fn from(error: LiveError) -> Self {
        let code = match error {
            LiveError::Analyzer(error) => return error.into(),
            LiveError::Engine(_) => UndersongCode::Engine,
            LiveError::TooManyEmotions { .. } => UndersongCode::Model,
            LiveError::Threads { .. } => UndersongCode::Threads,
            _ => UndersongCode::Value,
        };
        Self::new(code, error)
    }
}

impl From<ScanError> for Failure {
    fn from(error: ScanError) -> Self {
        match error {
            ScanError::Analyzer(error) => error.into(),
            ScanError::Score(error) => Self::new(of_score(&error), error),
            error => Self::new(UndersongCode::Engine, error),
        }
    }
}

impl From<SamplesError> for Failure {
    fn from(error: SamplesError) -> Self {
        let code = match error {
            SamplesError::Rate { .. } => UndersongCode::SampleRate,
            SamplesError::Channels { .. } => UndersongCode::Channels,
            _ => UndersongCode::Sound,
        };
        Self::new(code, error)
    }
}

fn of_score(error: &ScoreError) -> UndersongCode {
    match error {
        ScoreError::Count { .. } | ScoreError::NotFinite { .. } => UndersongCode::Model,
        _ => UndersongCode::Value,
    }
}

/// Longest message, with the zero at its end, in bytes.
const MESSAGE_BYTES: usize = 1024;

thread_local! {
    /// Without a destructor, so that a thread may end and leave nothing behind.
    static LAST: RefCell<[u8; MESSAGE_BYTES]> = const { RefCell::new([0; MESSAGE_BYTES]) };
}

/// The message of this thread's last failed call; it stands until the next.
pub(crate) fn last_message() -> *const c_char {
    LAST.with(|last| last.as_ptr().cast_const().cast())
}

fn remember(message: &str) {
    LAST.with(|last| {
        if let Ok(mut last) = last.try_borrow_mut() {
            put_text(last.as_mut_slice(), message);
        }
    });
}

/// Writes a text with a zero behind it; what does not fit is cut between two characters.
pub(crate) fn put_text(place: &mut [u8], text: &str) {
    let end = text.floor_char_boundary(place.len().saturating_sub(1));
    // A zero within would end the text early, and says nothing.
    for (to, from) in place.iter_mut().zip(text.bytes().take(end)) {
        *to = if from == 0 { b' ' } else { from };
    }
    if let Some(rest) = place.get_mut(end..) {
        rest.fill(0);
    }
}

/// The frame of a door that may allocate: an error's message is kept for `undersong_last_error`, and a panic becomes a code.
pub(crate) fn door(body: impl FnOnce() -> Result<UndersongCode, Failure>) -> UndersongCode {
    let failure = match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(code)) => return code,
        Ok(Err(failure)) => failure,
        Err(panic) => {
            // Freeing what a panic carries may panic, too.
            std::mem::forget(panic);
            UndersongCode::Internal.into()
        }
    };
    remember(&failure.message);
    failure.code
}

/// The frame of a door for an audio thread: it keeps no message, since the first use of a thread's own memory may allocate.
///
/// Real-time safe: yes.
pub(crate) fn quick_door(
    body: impl FnOnce() -> Result<UndersongCode, UndersongCode>,
) -> UndersongCode {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(code) | Err(code)) => code,
        Err(panic) => {
            std::mem::forget(panic);
            UndersongCode::Internal
        }
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::CStr;

    use super::*;

    fn last() -> String {
        LAST.with(|last| {
            let bytes = *last.borrow();
            CStr::from_bytes_until_nul(&bytes)
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned()
        })
    }

    #[test]
    fn a_panic_becomes_a_code_and_a_message() {
        let code = door(|| panic!("a fault"));
        assert_eq!(code, UndersongCode::Internal);
        assert!(last().contains("report"), "{}", last());
        assert_eq!(quick_door(|| panic!("a fault")), UndersongCode::Internal);
    }

    #[test]
    fn a_long_message_is_cut_between_characters_and_ends() {
        let long = "ä".repeat(MESSAGE_BYTES);
        let code = door(|| Err(Failure::new(UndersongCode::Value, &long)));
        assert_eq!(code, UndersongCode::Value);
        assert_eq!(last(), "ä".repeat((MESSAGE_BYTES - 1) / 2));
        door(|| Err(Failure::new(UndersongCode::Value, "a\0b")));
        assert_eq!(last(), "a b");
    }

    #[test]
    fn each_code_has_a_number_and_a_sentence_of_its_own() {
        let all = UndersongCode::ALL;
        for (index, code) in all.iter().enumerate() {
            assert!(!code.message().is_empty());
            for other in &all[..index] {
                assert_ne!(*code as i32, *other as i32);
                assert_ne!(code.message(), other.message());
            }
        }
        // None is left out: they are numbered without a gap.
        let numbers = all.map(|code| code as i32);
        assert_eq!(numbers.iter().min(), Some(&-17));
        assert_eq!(numbers.iter().max(), Some(&2));
    }
}

//! `UndersongCode`: what a call came to, and what each code means in words.

use std::ffi::CStr;

/// What a call came to: 0 is well, above 0 is well with something to know, below 0 is an error, and then nothing was done unless it says so.
/// `undersong_code_message` has a sentence for each.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UndersongCode {
    /// Done.
    Ok = 0,
    /// There is nothing to give now: no event, or no update yet.
    Empty = 1,
    /// Some of the sound found no room and was dropped, because the analysis did not keep up. It is counted, and time goes on.
    Dropped = 2,
    /// A pointer is NULL, or not aligned for what it points to.
    Pointer = -1,
    /// A struct's `struct_size` is the size of no version of it.
    StructSize = -2,
    /// The handle is none: destroyed, never made, or of another kind.
    Handle = -3,
    /// Another thread is in a call of this kind on this handle. Nothing was done.
    Busy = -4,
    /// The sample rate is out of range (8,000 to 384,000 Hz).
    SampleRate = -5,
    /// The number of channels is out of range (1 to 8).
    Channels = -6,
    /// A number in a struct or an argument is out of range.
    Value = -7,
    /// Samples are NaN, infinite or a million times full scale. They were taken as silence, and the rest of the block as it is.
    NotFinite = -8,
    /// The sound cannot be scanned: too short, or with samples that are no sound.
    Sound = -9,
    /// The model cannot be opened.
    Model = -10,
    /// The speaker's profile cannot be used.
    Profile = -11,
    /// No engine can run the model.
    Engine = -12,
    /// An index is beyond the end.
    Index = -13,
    /// A text is not UTF-8.
    Text = -14,
    /// The system gives no more threads.
    Threads = -15,
    /// 1,024 handles of this kind are in use.
    TooMany = -16,
    /// A fault in Undersong. The handle may be destroyed; please report it.
    Internal = -17,
}

impl UndersongCode {
    /// Every code.
    pub(crate) const ALL: [Self; 20] = [
        Self::Ok,
        Self::Empty,
        Self::Dropped,
        Self::Pointer,
        Self::StructSize,
        Self::Handle,
        Self::Busy,
        Self::SampleRate,
        Self::Channels,
        Self::Value,
        Self::NotFinite,
        Self::Sound,
        Self::Model,
        Self::Profile,
        Self::Engine,
        Self::Index,
        Self::Text,
        Self::Threads,
        Self::TooMany,
        Self::Internal,
    ];

    /// What it means and what to do.
    pub(crate) fn message(self) -> &'static CStr {
        match self {
            Self::Ok => c"done",
            Self::Empty => c"nothing to give now",
            Self::Dropped => {
                c"sound was dropped: the analysis does not keep up; lengthen the hop or run fewer streams"
            }
            Self::Pointer => c"a pointer is NULL or not aligned; pass the address of a variable",
            Self::StructSize => {
                c"struct_size is the size of no version of this struct; set it to sizeof of the struct"
            }
            Self::Handle => {
                c"not a handle of this kind: it was destroyed, or never made; use what the create call gave"
            }
            Self::Busy => {
                c"another thread is in this call on this handle; let one thread push, and one poll"
            }
            Self::SampleRate => c"the sample rate is out of range; expected 8000 to 384000 Hz",
            Self::Channels => c"the number of channels is out of range; expected 1 to 8",
            Self::Value => c"a value is out of range; undersong_last_error says which",
            Self::NotFinite => {
                c"samples are NaN, infinite or a million times full scale; they were taken as silence"
            }
            Self::Sound => c"the sound cannot be scanned; undersong_last_error says why",
            Self::Model => c"the model cannot be opened; undersong_last_error says why",
            Self::Profile => {
                c"the speaker's profile cannot be used; undersong_last_error says why"
            }
            Self::Engine => c"no engine can run the model; undersong_last_error says why",
            Self::Index => c"the index is beyond the end",
            Self::Text => c"a text is not UTF-8",
            Self::Threads => c"the system gives no more threads",
            Self::TooMany => c"1024 handles of this kind are in use; destroy some",
            Self::Internal => {
                c"a fault in Undersong; destroy the handle, and please report what led there"
            }
        }
    }
}

//! The structs and numbers of the header.

use std::ffi::{c_char, c_void};

/// Scores that an event or a summary has room for; a model with more emotions is refused.
pub const UNDERSONG_MAX_EMOTIONS: usize = 16;

/// Bytes of an emotion's name, with the zero at its end.
pub const UNDERSONG_NAME_BYTES: usize = 32;

/// Bytes of a longer text in a struct, with the zero at its end. What does not fit is cut.
pub const UNDERSONG_TEXT_BYTES: usize = 256;

/// A model, opened; made by `undersong_model_open`.
#[derive(Debug)]
pub struct UndersongModel(#[allow(dead_code, reason = "never made: a handle is a number")] u8);

/// One voice, live; made by `undersong_live_create`.
#[derive(Debug)]
pub struct UndersongLive(#[allow(dead_code, reason = "never made: a handle is a number")] u8);

/// A scanned sound; made by `undersong_scan`.
#[derive(Debug)]
pub struct UndersongScan(#[allow(dead_code, reason = "never made: a handle is a number")] u8);

/// What computes.
#[repr(u32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UndersongEngine {
    /// ONNX Runtime on the CPU if it is found, else the engine inside the library.
    Auto = 0,
    /// ONNX Runtime on an NVIDIA GPU; where that cannot be used, as Auto, and the status says why.
    Cuda = 1,
    /// ONNX Runtime on the CPU, or an error.
    Cpu = 2,
    /// The engine inside the library; needs nothing.
    Builtin = 3,
}

/// Whether sound is taken as it comes, or waited for.
#[repr(u32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UndersongPace {
    /// Nothing waits. Too much sound at once is dropped and counted.
    Live = 0,
    /// For tests and for rendering: nothing is dropped, pushing waits for room and `undersong_live_wait` for results, which depend on the
    /// sound alone.
    Offline = 1,
}

/// What an event tells.
#[repr(u32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UndersongEventKind {
    /// Somebody began or stopped speaking.
    Speech = 1,
    /// The next window's scores.
    Update = 2,
}

/// Which model, and what runs it. All zero but for `struct_size`: the built-in model.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct UndersongModelConfig {
    /// `sizeof(UndersongModelConfig)`.
    pub struct_size: u32,
    /// An `UndersongEngine`.
    pub engine: u32,
    /// Model file, UTF-8; NULL for `bytes`, or the built-in model.
    pub path: *const c_char,
    /// A model file in memory, copied; NULL for none. Not both `path` and `bytes`.
    pub bytes: *const c_void,
    /// Its bytes.
    pub bytes_size: usize,
    /// Where ONNX Runtime lies: its library or a folder, UTF-8; NULL to look for it. A process loads one only.
    pub runtime_path: *const c_char,
    /// Speaker's profile, a file that `undersong calibrate` made, UTF-8; NULL for none.
    pub profile_path: *const c_char,
    /// Such a file in memory; NULL for none. Not both.
    pub profile_bytes: *const c_void,
    /// Its bytes.
    pub profile_bytes_size: usize,
}

/// What a model says of itself.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct UndersongModelInfo {
    /// `sizeof(UndersongModelInfo)`.
    pub struct_size: u32,
    /// Its emotions: scores of an event.
    pub emotions: u32,
    /// Length of a window in seconds.
    pub window_seconds: f64,
    /// Rate that sound is brought to, in Hz.
    pub sample_rate_hz: u32,
    /// A confidence below this is unsure.
    pub unsure_below: f32,
    /// Start of the SHA-256 of the file, in hexadecimal: the same id, the same model.
    pub id: [c_char; UNDERSONG_NAME_BYTES],
    /// Its name.
    pub name: [c_char; UNDERSONG_TEXT_BYTES],
}

/// An emotion that a model tells apart.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct UndersongEmotion {
    /// `sizeof(UndersongEmotion)`.
    pub struct_size: u32,
    /// -1 unpleasant to 1 pleasant.
    pub valence: f32,
    /// -1 calm to 1 excited.
    pub arousal: f32,
    /// The share that the training had of it: what priors are held against.
    pub prior: f32,
    /// Its name in lower case, such as `happy`.
    pub name: [c_char; UNDERSONG_NAME_BYTES],
}

/// How one voice is to be heard. What is 0 or NULL has its default, so `{.struct_size = sizeof(UndersongLiveConfig), .sample_rate_hz = 48000,
/// .channels = 1}` is enough.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct UndersongLiveConfig {
    /// `sizeof(UndersongLiveConfig)`.
    pub struct_size: u32,
    /// Rate of the sound in Hz, 8,000 to 384,000.
    pub sample_rate_hz: u32,
    /// Channels of the sound, 1 to 8; their mean is listened to.
    pub channels: u32,
    /// An `UndersongPace`.
    pub pace: u32,
    /// Model; NULL for the built-in one. It may be destroyed while the voice goes on.
    pub model: *const UndersongModel,
    /// From one update to the next in seconds, 0.02 to 60; 0 is 0.25.
    pub hop_seconds: f64,
    /// Time constant of the scores' smoothing in seconds, up to 2; 0 is none.
    pub smoothing_seconds: f64,
    /// Time in which scores fall to 1/e in silence, in seconds, up to 60; 0 has them stay.
    pub decay_seconds: f64,
    /// How decided scores are, 0.1 to 10; 0 is 1, as calibrated.
    pub sensitivity: f32,
    /// Numbers in `priors`: 0, or one for each emotion.
    pub priors_count: u32,
    /// How likely each emotion is in this sound, in any unit; NULL for the training's shares. Copied.
    pub priors: *const f32,
}

/// Something heard. Positions are frames pushed since creation or the last reset.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct UndersongEvent {
    /// `sizeof(UndersongEvent)`; it stays as it was set.
    pub struct_size: u32,
    /// An `UndersongEventKind`.
    pub kind: u32,
    /// Speech: where that was decided, 0.2 s after it began or ended. Update: the frame after the window's last.
    pub at_frame: u64,
    /// Whether somebody speaks from here on.
    pub speaking: u32,
    /// Scores in `scores` and `raw`; 0 in a speech event, and all below are 0 then, too.
    pub emotions: u32,
    /// Number of the update, from 0.
    pub sequence: u64,
    /// First frame of the window.
    pub start_frame: u64,
    /// The frame after its last.
    pub end_frame: u64,
    /// Index of the leading emotion; -1 if there is none.
    pub leading: i32,
    /// 1 if the window is as long as the model's; the first ones hold what was heard so far.
    pub whole: u32,
    /// 1 if there is voice in the window; without, `scores` are the last voice's.
    pub voiced: u32,
    /// 1 if the confidence is below the model's threshold: better no answer than this one.
    pub unsure: u32,
    /// -1 unpleasant to 1 pleasant.
    pub valence: f32,
    /// -1 calm to 1 excited.
    pub arousal: f32,
    /// The leading score.
    pub confidence: f32,
    /// 0.
    pub reserved: u32,
    /// Smoothed scores in the model's order; never NaN. They sum to 1, to less in a decay, to 0 before the first voice.
    pub scores: [f32; UNDERSONG_MAX_EMOTIONS],
    /// The window's own scores, unsmoothed; all 0 without voice.
    pub raw: [f32; UNDERSONG_MAX_EMOTIONS],
}

/// How one voice's hearing goes.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct UndersongStatus {
    /// `sizeof(UndersongStatus)`.
    pub struct_size: u32,
    /// 1 while somebody speaks.
    pub speaking: u32,
    /// Level over about 0.3 s in dB below full scale; -120 is silence.
    pub level_db: f32,
    /// How far the last update lay behind the newest sound when it was told, in ms.
    pub lag_ms: f32,
    /// Frames dropped since creation, because the analysis did not keep up.
    pub dropped_frames: u64,
    /// Events lost since creation, because nobody polled: there is room for 1,024.
    pub missed_events: u64,
    /// Threads that analyse, for all voices of the process together.
    pub threads: u32,
    /// 0.
    pub reserved: u32,
    /// What computes, such as `built in (tract)`.
    pub engine: [c_char; UNDERSONG_TEXT_BYTES],
    /// Why there are no scores, or not the engine that was asked for; empty if all is well.
    pub trouble: [c_char; UNDERSONG_TEXT_BYTES],
}

/// How a sound is to be scanned. What is 0 or NULL has its default.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct UndersongScanConfig {
    /// `sizeof(UndersongScanConfig)`.
    pub struct_size: u32,
    /// Rate of the sound in Hz, 8,000 to 384,000.
    pub sample_rate_hz: u32,
    /// Channels of the sound, 1 to 8; their mean is listened to.
    pub channels: u32,
    /// Threads that compute, at most 256; 0 for one a processor. The result is the same.
    pub jobs: u32,
    /// Model; NULL for the built-in one.
    pub model: *const UndersongModel,
    /// From one window to the next in seconds, 0.02 to 60; 0 is 0.25.
    pub hop_seconds: f64,
    /// How likely each emotion is in this sound, in any unit; NULL for the training's shares.
    pub priors: *const f32,
    /// Numbers in `priors`: 0, or one for each emotion.
    pub priors_count: usize,
}

/// A scanned sound as a whole.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct UndersongSummary {
    /// `sizeof(UndersongSummary)`.
    pub struct_size: u32,
    /// Scores in `scores` and `shares`.
    pub emotions: u32,
    /// Windows: what `undersong_scan_window` takes.
    pub windows: u64,
    /// Length of the sound in seconds.
    pub seconds: f64,
    /// Voice in it, in seconds.
    pub voiced_seconds: f64,
    /// Index of the leading emotion; -1 without voice.
    pub leading: i32,
    /// 1 if the confidence is below the model's threshold, or there is no voice.
    pub unsure: u32,
    /// -1 unpleasant to 1 pleasant.
    pub valence: f32,
    /// -1 calm to 1 excited.
    pub arousal: f32,
    /// The leading score.
    pub confidence: f32,
    /// 0.
    pub reserved: u32,
    /// Mean over the voice, in the model's order; all 0 without voice.
    pub scores: [f32; UNDERSONG_MAX_EMOTIONS],
    /// Share of the voiced time that each emotion leads.
    pub shares: [f32; UNDERSONG_MAX_EMOTIONS],
    /// What computed.
    pub engine: [c_char; UNDERSONG_TEXT_BYTES],
}

/// One window of a scanned sound.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct UndersongWindow {
    /// `sizeof(UndersongWindow)`.
    pub struct_size: u32,
    /// Scores in `scores`; 0 where there is no voice, and all below `voiced_seconds` are 0 then, too: silence has no emotion.
    pub emotions: u32,
    /// Start in seconds.
    pub start_seconds: f64,
    /// End in seconds.
    pub end_seconds: f64,
    /// Voice within, in seconds.
    pub voiced_seconds: f64,
    /// Index of the leading emotion; -1 without voice.
    pub leading: i32,
    /// 1 if the confidence is below the model's threshold, or there is no voice.
    pub unsure: u32,
    /// -1 unpleasant to 1 pleasant.
    pub valence: f32,
    /// -1 calm to 1 excited.
    pub arousal: f32,
    /// The leading score.
    pub confidence: f32,
    /// 0.
    pub reserved: u32,
    /// In the model's order.
    pub scores: [f32; UNDERSONG_MAX_EMOTIONS],
}

/// The header promises that nothing is NaN, for which some middleware has no answer. Real-time safe: yes.
pub(crate) fn number(value: f32) -> f32 {
    if value.is_finite() { value } else { 0.0 }
}

/// Scores as the structs hold them, zeros behind. Real-time safe: yes.
pub(crate) fn sixteen(values: impl Iterator<Item = f32>) -> [f32; UNDERSONG_MAX_EMOTIONS] {
    let mut all = [0.0; UNDERSONG_MAX_EMOTIONS];
    for (to, from) in all.iter_mut().zip(values) {
        *to = number(from);
    }
    all
}

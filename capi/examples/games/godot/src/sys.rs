//! `undersong.h`, as far as the node needs it: the structs are the library's own source, the functions are declared here.

#[allow(dead_code)] // the whole header's structs; the node uses some
#[path = "../../../../src/types.rs"]
mod types;

use std::ffi::c_char;

pub use types::*;

pub const OK: i32 = 0;

// The handles' types are never looked into.
#[allow(improper_ctypes)]
unsafe extern "C" {
    pub fn undersong_last_error() -> *const c_char;
    pub fn undersong_live_create(config: *const UndersongLiveConfig, live: *mut *mut UndersongLive) -> i32;
    pub fn undersong_live_push(live: *mut UndersongLive, samples: *const f32, frames: usize) -> i32;
    pub fn undersong_live_poll(live: *mut UndersongLive, event: *mut UndersongEvent) -> i32;
    pub fn undersong_live_reset(live: *mut UndersongLive) -> i32;
    pub fn undersong_live_destroy(live: *mut UndersongLive) -> i32;
    pub fn undersong_model_info(model: *const UndersongModel, info: *mut UndersongModelInfo) -> i32;
    pub fn undersong_model_emotion(model: *const UndersongModel, index: u32, emotion: *mut UndersongEmotion) -> i32;
}

//! `Voice`: libundersong behind a safe face, without Godot.

use std::ffi::CStr;
use std::mem::zeroed;
use std::ptr::{null, null_mut};

use crate::sys::*;

/// One voice, live, with the built-in model.
pub struct Voice {
    live: *mut UndersongLive,
    names: Vec<String>,
    block: Vec<f32>,
}

/// Something heard.
pub enum Heard {
    Speech(bool),
    Update(Update),
}

pub struct Update {
    /// The leading emotion; empty if there is none or it is unsure.
    pub label: String,
    pub confidence: f64,
    pub valence: f64,
    pub arousal: f64,
    pub scores: Vec<(String, f32)>,
}

impl Voice {
    /// Stereo, as Godot mixes.
    pub fn new(sample_rate_hz: i64, smoothing_seconds: f64) -> Result<Self, String> {
        let names = names()?;
        // SAFETY: numbers and pointers, for which zero is "the default".
        let mut config: UndersongLiveConfig = unsafe { zeroed() };
        config.struct_size = size_of::<UndersongLiveConfig>() as u32;
        // What is no rate is refused by the library, with a message.
        config.sample_rate_hz = u32::try_from(sample_rate_hz).unwrap_or(0);
        config.channels = 2;
        config.smoothing_seconds = smoothing_seconds;
        let mut live = null_mut();
        // SAFETY: both point to variables here, and the config's size is set.
        if unsafe { undersong_live_create(&config, &mut live) } != OK {
            return Err(last_error());
        }
        Ok(Self {
            live,
            names,
            block: Vec::new(),
        })
    }

    pub fn push(&mut self, frames: impl Iterator<Item = [f32; 2]>) {
        self.block.clear();
        self.block.extend(frames.flatten());
        // SAFETY: the block holds so many frames of two channels. What was dropped or no sound is counted by the library.
        unsafe { undersong_live_push(self.live, self.block.as_ptr(), self.block.len() / 2) };
    }

    pub fn poll(&mut self) -> Option<Heard> {
        // SAFETY: numbers, sound for any bits.
        let mut event: UndersongEvent = unsafe { zeroed() };
        event.struct_size = size_of::<UndersongEvent>() as u32;
        // SAFETY: a variable here, with its size set.
        if unsafe { undersong_live_poll(self.live, &mut event) } != OK {
            return None;
        }
        if event.kind == UndersongEventKind::Speech as u32 {
            return Some(Heard::Speech(event.speaking != 0));
        }
        let leading = usize::try_from(event.leading).ok().filter(|_| event.unsure == 0);
        Some(Heard::Update(Update {
            label: leading.and_then(|index| self.names.get(index)).cloned().unwrap_or_default(),
            confidence: event.confidence.into(),
            valence: event.valence.into(),
            arousal: event.arousal.into(),
            scores: self.names.iter().cloned().zip(event.scores).collect(),
        }))
    }

    pub fn reset(&mut self) {
        // SAFETY: a handle is a number; a wrong one is refused.
        unsafe { undersong_live_reset(self.live) };
    }
}

impl Drop for Voice {
    fn drop(&mut self) {
        // SAFETY: as in `reset`.
        unsafe { undersong_live_destroy(self.live) };
    }
}

/// The emotions of the built-in model.
fn names() -> Result<Vec<String>, String> {
    // SAFETY: structs here, with their sizes set; the texts in them end.
    unsafe {
        let mut info: UndersongModelInfo = zeroed();
        info.struct_size = size_of::<UndersongModelInfo>() as u32;
        if undersong_model_info(null(), &mut info) != OK {
            return Err(last_error());
        }
        (0..info.emotions)
            .map(|index| {
                let mut emotion: UndersongEmotion = zeroed();
                emotion.struct_size = size_of::<UndersongEmotion>() as u32;
                if undersong_model_emotion(null(), index, &mut emotion) != OK {
                    return Err(last_error());
                }
                Ok(CStr::from_ptr(emotion.name.as_ptr()).to_string_lossy().into_owned())
            })
            .collect()
    }
}

fn last_error() -> String {
    // SAFETY: a text of the library's that ends and stands until this thread's next failed call.
    unsafe { CStr::from_ptr(undersong_last_error()) }.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_voice_hears_and_a_wrong_rate_is_refused_with_words() {
        let mut voice = Voice::new(48_000, 0.0).unwrap();
        assert_eq!(voice.names.len(), 8);
        for _ in 0..200 {
            voice.push([[0.1, -0.1]; 480].into_iter());
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
        let mut updates = 0;
        while let Some(heard) = voice.poll() {
            if let Heard::Update(update) = heard {
                updates += 1;
                assert_eq!(update.scores.len(), 8);
                assert!(update.valence.is_finite());
            }
        }
        assert!(updates > 0);
        voice.reset();
        let error = Voice::new(-1, 0.0).err().unwrap();
        assert!(error.contains("8000"), "{error}");
    }
}

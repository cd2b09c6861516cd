//! `UndersongVoice`: a node that hears a voice through an `AudioEffectCapture` and says what it sounds like.
//!
//! In GDScript:
//!
//! ```gdscript
//! @onready var voice: UndersongVoice = $UndersongVoice
//!
//! func _ready():
//!     voice.capture = AudioServer.get_bus_effect(AudioServer.get_bus_index("Voice"), 0)  # an AudioEffectCapture
//!     voice.sample_rate_hz = int(AudioServer.get_mix_rate())
//!     voice.updated.connect(func(label, confidence): print(label, " ", confidence))
//!     voice.listen()
//! ```
//!
//! Sound is taken from the capture's own ring in `_process`, on the game's thread, so nothing of this runs on Godot's audio thread.

mod sys;
mod voice;

use godot::classes::{INode, Node};
use godot::prelude::*;

use voice::{Heard, Voice};

struct UndersongExtension;

// SAFETY: the only thing that is asked of this block is that the library was built by the `godot` crate's rules.
#[gdextension]
unsafe impl ExtensionLibrary for UndersongExtension {}

/// Hears one voice. See the crate's own text for how it is used.
#[derive(GodotClass)]
#[class(base = Node)]
struct UndersongVoice {
    base: Base<Node>,
    /// An `AudioEffectCapture`, of the bus that the voice plays on.
    #[var]
    capture: Option<Gd<Resource>>,
    /// Rate of the sound: `AudioServer.get_mix_rate()`.
    #[var]
    sample_rate_hz: i64,
    /// Time constant of the smoothing, in seconds.
    #[var]
    smoothing_seconds: f64,
    /// The last scores: a name and a number for each emotion.
    #[var]
    scores: VarDictionary,
    #[var]
    valence: f64,
    #[var]
    arousal: f64,
    #[var]
    speaking: bool,
    voice: Option<Voice>,
}

#[godot_api]
impl INode for UndersongVoice {
    fn init(base: Base<Node>) -> Self {
        Self {
            base,
            capture: None,
            sample_rate_hz: 44_100,
            smoothing_seconds: 0.3,
            scores: VarDictionary::new(),
            valence: 0.0,
            arousal: 0.0,
            speaking: false,
            voice: None,
        }
    }

    fn process(&mut self, _delta: f64) {
        self.take_sound();
        while let Some(heard) = self.voice.as_mut().and_then(Voice::poll) {
            self.tell(heard);
        }
    }
}

#[godot_api]
impl UndersongVoice {
    /// The next scores: the leading emotion, empty if it is unsure, and its score.
    #[signal]
    fn updated(label: GString, confidence: f64);

    /// Somebody began or stopped speaking.
    #[signal]
    fn speech(speaking: bool);

    /// Begins to listen, with the settings as they are; false if that cannot be, and then the log says why.
    #[func]
    fn listen(&mut self) -> bool {
        match Voice::new(self.sample_rate_hz, self.smoothing_seconds) {
            Ok(voice) => {
                self.voice = Some(voice);
                true
            }
            Err(message) => {
                godot_error!("Undersong: {message}");
                false
            }
        }
    }

    /// Stops listening and frees all.
    #[func]
    fn stop(&mut self) {
        self.voice = None;
    }

    /// Forgets what was heard: for a cut or another speaker.
    #[func]
    fn forget(&mut self) {
        if let Some(voice) = &mut self.voice {
            voice.reset();
        }
    }

    /// Moves what the capture holds to the voice.
    fn take_sound(&mut self) {
        let (Some(voice), Some(capture)) = (&mut self.voice, &mut self.capture) else {
            return;
        };
        let frames = capture.call("get_frames_available", &[]).try_to::<i64>();
        let Ok(frames @ 1..) = frames else { return };
        let block = capture.call("get_buffer", &[frames.to_variant()]);
        if let Ok(block) = block.try_to::<PackedVector2Array>() {
            voice.push(block.as_slice().iter().map(|frame| [frame.x, frame.y]));
        }
    }

    fn tell(&mut self, heard: Heard) {
        match heard {
            Heard::Speech(speaking) => {
                self.speaking = speaking;
                self.signals().speech().emit(speaking);
            }
            Heard::Update(update) => {
                for (name, score) in &update.scores {
                    self.scores.set(name.as_str(), f64::from(*score));
                }
                (self.valence, self.arousal) = (update.valence, update.arousal);
                let label = GString::from(update.label.as_str());
                self.signals().updated().emit(&label, update.confidence);
            }
        }
    }
}

//! What a host and a user can set, and what the plugin shows: ids, names, ranges, units.
//!
//! Ids, ranges and the order of choices never change once released: projects and controllers refer to them. A test holds the list
//! against a written copy.

mod input;
mod output;
#[allow(unsafe_code)]
mod table;
mod text;

use nice_plug::prelude::Params;
use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{PoisonError, RwLock};

pub use input::{
    EngineParam, Input, Listening, MidiOut, MidiResolution, ModelParam, Priors, SilenceParam,
};
pub use output::{LANE_COUNT, LANES, Lane, LeadingParam, Output, SCORES};
pub use table::Table;

use crate::midi::MidiMap;
use nice_plug::prelude::ParamPtr;

/// All parameters, and the fields that are saved with them.
#[derive(Params)]
pub struct UndersongParams {
    /// What is set.
    #[nested]
    pub input: Input,
    /// What is heard.
    #[nested(group = "Emotion")]
    pub output: Output,
    /// Model file that is used when the model choice is `File`.
    #[persist = "model_file"]
    pub model_file: Field<String>,
    /// Speaker's profile that the model is calibrated with; empty for none.
    #[persist = "profile_file"]
    pub profile_file: Field<String>,
    /// Where OSC goes.
    #[persist = "osc"]
    pub osc_target: Field<OscTarget>,
    /// Which controller carries which lane.
    #[persist = "midi_map"]
    pub midi_map: MidiMap,
    /// What the editor keeps: size, scale. Its own business.
    #[persist = "editor"]
    pub editor: Field<serde_json::Map<String, serde_json::Value>>,
    /// Counts changes, so that a block need not look at each parameter.
    version: AtomicU32,
}

impl Default for UndersongParams {
    fn default() -> Self {
        Self {
            input: Input::default(),
            output: Output::default(),
            model_file: Field::default(),
            profile_file: Field::default(),
            osc_target: Field::default(),
            midi_map: MidiMap::default(),
            editor: Field::default(),
            version: AtomicU32::new(0),
        }
    }
}

impl std::fmt::Debug for UndersongParams {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UndersongParams").finish_non_exhaustive()
    }
}

/// Where OSC goes, and in which form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OscTarget {
    /// Name or address of the machine; this one by default.
    pub host: String,
    /// UDP port.
    pub port: u16,
    /// One message `/wek/inputs` with all floats, as Wekinator expects, instead of the bundle.
    pub wekinator: bool,
}

impl Default for OscTarget {
    fn default() -> Self {
        Self {
            host: "127.0.0.1".to_owned(),
            port: 9000,
            wekinator: false,
        }
    }
}

impl OscTarget {
    /// What Wekinator listens to unless told otherwise.
    pub fn wekinator() -> Self {
        Self {
            host: "127.0.0.1".to_owned(),
            port: 6448,
            wekinator: true,
        }
    }
}

/// A saved value that is no parameter. Real-time safe: no.
#[derive(Debug, Default)]
pub struct Field<T>(RwLock<T>);

impl<T: Clone> Field<T> {
    /// The value.
    pub fn get(&self) -> T {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Sets the value.
    pub fn put(&self, value: T) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = value;
    }
}

impl<'a, T> nice_plug::params::persist::PersistentField<'a, T> for Field<T>
where
    T: Serialize + Deserialize<'a> + Clone + Send + Sync,
{
    fn set(&self, new_value: T) {
        self.put(new_value);
    }

    fn map<F, R>(&self, f: F) -> R
    where
        F: Fn(&T) -> R,
    {
        f(&self.get())
    }
}

/// A parameter as a host names it.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Id in saved state.
    pub id: String,
    /// Number by which hosts know it.
    pub host_id: u32,
    /// Group it is shown in; empty for none.
    pub group: String,
    /// The parameter.
    pub ptr: ParamPtr,
}

impl UndersongParams {
    /// Another number than before, if a parameter or the MIDI map was changed since. Real-time safe: yes.
    pub fn version(&self) -> u32 {
        self.version
            .load(Ordering::Acquire)
            .wrapping_add(self.midi_map.version())
    }

    /// Says that a parameter was changed. Whoever sets one calls this. Real-time safe: yes.
    pub fn touch(&self) {
        self.version.fetch_add(1, Ordering::Release);
    }

    /// Every parameter in the order in which hosts list them.
    pub fn entries(&self) -> Vec<Entry> {
        self.param_map()
            .into_iter()
            .map(|(id, ptr, group)| Entry {
                host_id: host_id(&id),
                id,
                group,
                ptr,
            })
            .collect()
    }
}

/// The number by which hosts know a lane's parameter. Real-time safe: yes.
pub const fn lane_host_id(lane: Lane) -> u32 {
    host_id(lane.id())
}

/// The number by which hosts know the parameter of this id: the framework's polynomial hash, without the bit that VST3 keeps to
/// itself. A test holds it against what a host is told.
pub const fn host_id(id: &str) -> u32 {
    let bytes = id.as_bytes();
    let mut hash = 0_u32;
    let mut at = 0;
    while at < bytes.len() {
        hash = hash.wrapping_mul(31).wrapping_add(bytes[at] as u32);
        at += 1;
    }
    hash & !(1 << 31)
}

//! A CLAP host, on `clack-host`.

mod bad;
#[cfg(target_os = "linux")]
mod editor;
mod handlers;
mod parts;
mod sound;
mod strict;

use super::sound::Sound;
use super::{Descriptor, HostError, Judge, Parameter};
use clack_host::events::io::EventBuffer;
use clack_host::prelude::*;
use handlers::{Calls, Handlers, Shared};
use sound::Recorder;
use std::ffi::{CStr, CString};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

pub use bad::Raw;
pub use parts::Layout;
pub use strict::{CATEGORIES, LooseEvent};

/// A loaded CLAP library.
pub struct ClapLibrary {
    entry: PluginEntry,
}

impl std::fmt::Debug for ClapLibrary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClapLibrary").finish_non_exhaustive()
    }
}

fn text(text: Option<&CStr>) -> String {
    text.map(|text| text.to_string_lossy().into_owned())
        .unwrap_or_default()
}

impl ClapLibrary {
    /// Loads the library, or on a Mac the bundle.
    ///
    /// # Errors
    /// If it cannot be loaded, or is no CLAP library.
    #[allow(unsafe_code)]
    pub fn open(path: &Path) -> Result<Self, HostError> {
        let load = |reason: String| HostError::Load {
            path: path.display().to_string(),
            reason,
        };
        if !path.exists() {
            return Err(load("there is no such file".to_owned()));
        }
        // SAFETY: whoever names a plugin wants its code to run.
        let entry = unsafe { PluginEntry::load(path) };
        let entry = entry.map_err(|error| load(format!("it is no CLAP library: {error}")))?;
        Ok(Self { entry })
    }

    /// The plugins in it.
    pub fn descriptors(&self) -> Vec<Descriptor> {
        let Some(factory) = self.entry.get_plugin_factory() else {
            return Vec::new();
        };
        factory
            .plugin_descriptors()
            .map(|found| Descriptor {
                id: text(found.id()),
                name: text(found.name()),
                vendor: text(found.vendor()),
                version: text(found.version()),
                features: found
                    .features()
                    .map(|feature| feature.to_string_lossy().into_owned())
                    .collect(),
            })
            .collect()
    }

    /// An instance of the first plugin.
    ///
    /// # Errors
    /// If there is none, or it cannot be made.
    pub fn instance(&self) -> Result<ClapHost, HostError> {
        let id = self.descriptors().into_iter().next();
        let id = id.ok_or(HostError::Missing { what: "plugin" })?.id;
        ClapHost::new(self, &id)
    }
}

/// An instance in a host.
pub struct ClapHost {
    // Fields fall in this order, and the processor has to go before the instance.
    processor: Option<PluginAudioProcessor<Handlers>>,
    instance: PluginInstance<Handlers>,
    calls: Arc<Calls>,
    parameters: Vec<Parameter>,
    judge: Judge,
    sent: Recorder,
    changes: EventBuffer,
    sound: Sound,
    /// Whether the plugin gets one buffer for input and output, as hosts do to save memory.
    in_place: bool,
    offline: bool,
    clock: u64,
    sample_rate_hz: f64,
    last_call: Duration,
}

impl std::fmt::Debug for ClapHost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClapHost")
            .field("parameters", &self.parameters.len())
            .finish_non_exhaustive()
    }
}

impl ClapHost {
    fn new(library: &ClapLibrary, id: &str) -> Result<Self, HostError> {
        const MADE: HostError = HostError::Refused {
            call: "create_plugin",
        };
        let info = HostInfo::new(
            "Undersong test host",
            "Undersong",
            "",
            env!("CARGO_PKG_VERSION"),
        );
        let info = info.map_err(|_| MADE)?;
        let id = CString::new(id).map_err(|_| MADE)?;
        let calls = Arc::new(Calls::default());
        let shared = Arc::clone(&calls);
        let instance = PluginInstance::new(
            |()| Shared(shared),
            |shared: &Shared| handlers::Main(Arc::clone(&shared.0)),
            &library.entry,
            &id,
            &info,
        );
        let instance = instance.map_err(|_| MADE)?;
        let mut host = Self {
            processor: None,
            instance,
            calls,
            parameters: Vec::new(),
            judge: Judge::default(),
            sent: Recorder::new(),
            changes: EventBuffer::with_capacity(4096),
            sound: Sound::default(),
            in_place: false,
            offline: false,
            clock: 0,
            sample_rate_hz: 0.0,
            last_call: Duration::ZERO,
        };
        host.parameters = host.list_parameters();
        host.judge = Judge::new(&host.parameters, true);
        Ok(host)
    }

    /// What was wrong so far.
    pub fn judge(&self) -> &Judge {
        &self.judge
    }

    /// Makes ready for sound: so many samples a second, channels, and samples in a block at most.
    ///
    /// # Errors
    /// If the plugin refuses.
    pub fn activate(
        &mut self,
        sample_rate_hz: f64,
        channels: usize,
        max_frames: usize,
    ) -> Result<(), HostError> {
        const REFUSED: HostError = HostError::Refused { call: "activate" };
        self.deactivate();
        if self.ports().inputs != [channels as u32] {
            self.choose_channels(channels as u32)?;
        }
        self.sound = Sound::new(channels, max_frames);
        self.in_place = false;
        let configuration = PluginAudioConfiguration {
            sample_rate: sample_rate_hz,
            min_frames_count: 1,
            max_frames_count: u32::try_from(max_frames.max(1)).map_err(|_| REFUSED)?,
        };
        let stopped = self.instance.activate(|_, _| (), configuration);
        let mut processor = PluginAudioProcessor::from(stopped.map_err(|_| REFUSED)?);
        processor
            .start_processing()
            .map_err(|_| HostError::Refused {
                call: "start_processing",
            })?;
        self.processor = Some(processor);
        self.clock = 0;
        self.sample_rate_hz = sample_rate_hz;
        Ok(())
    }

    /// Ends what [`activate`](Self::activate) began; nothing if it did not.
    pub fn deactivate(&mut self) {
        if let Some(processor) = self.processor.take() {
            self.instance.deactivate(processor.into_stopped());
            self.judge.deactivated();
        }
    }

    /// Tells the plugin that what comes now has nothing to do with what was.
    pub fn reset(&mut self) {
        if let Some(processor) = &mut self.processor {
            processor.reset();
        }
    }

    /// Does what the plugin has asked the main thread for. Returns whether it has asked for anything.
    pub fn main_thread(&mut self) -> bool {
        let asked = self.calls.take_callback();
        if asked {
            self.instance.call_on_main_thread_callback();
        }
        asked
    }

    /// Times that the plugin asked the host to fetch parameter changes.
    pub fn flush_requests(&self) -> u32 {
        self.calls.flushes()
    }

    /// Times that the plugin told the host that values have changed.
    pub fn rescans(&self) -> u32 {
        self.calls.rescans()
    }

    /// Times that the plugin said that there is something new to save.
    pub fn dirty_marks(&self) -> u32 {
        self.calls.dirty()
    }
}

impl Drop for ClapHost {
    fn drop(&mut self) {
        self.deactivate();
    }
}

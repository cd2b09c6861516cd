//! A VST3 host, on the `vst3` crate: as small as a plugin can be told the whole truth in.

#![allow(unsafe_code)]

mod bad;
mod block;
#[cfg(target_os = "linux")]
mod editor;
mod lists;
mod module;
mod parts;
mod strict;
mod talk;

use super::sound::Sound;
use super::{HostError, Judge, Parameter};
use lists::{Events, Values};
use module::Loaded;
use std::sync::Arc;
use talk::{Handler, Host};
use vst3::Steinberg::Vst::*;
use vst3::Steinberg::*;
use vst3::{ComPtr, ComWrapper};

pub use bad::RawBlock;
pub use module::{FactoryInfo, Vst3Module};

/// An instance in a host: component, processor and controller.
pub struct Vst3Host {
    #[cfg(target_os = "linux")]
    view: Option<editor::Shown>,
    controller: ComPtr<IEditController>,
    processor: ComPtr<IAudioProcessor>,
    component: ComPtr<IComponent>,
    /// Both ends, if the controller is an object of its own.
    connected: Option<(ComPtr<IConnectionPoint>, ComPtr<IConnectionPoint>)>,
    handler: ComWrapper<Handler>,
    _host: ComPtr<FUnknown>,
    parameters: Vec<Parameter>,
    judge: Judge,
    edits: Judge,
    edits_seen: usize,
    values_in: ComWrapper<Values>,
    values_out: ComWrapper<Values>,
    events_in: ComWrapper<Events>,
    events_out: ComWrapper<Events>,
    sent: Vec<super::Sent>,
    sound: Sound,
    sample_rate_hz: f64,
    mode: int32,
    active: bool,
    clock: u64,
    // Last: everything above is the library's code.
    _module: Arc<Loaded>,
}

impl std::fmt::Debug for Vst3Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Vst3Host")
            .field("parameters", &self.parameters.len())
            .finish_non_exhaustive()
    }
}

/// An object of the factory.
///
/// # Safety
/// The interface's id is that of `I`.
unsafe fn create<I: vst3::Interface>(
    factory: &ComPtr<IPluginFactory>,
    class: &TUID,
) -> Option<ComPtr<I>> {
    let mut object = std::ptr::null_mut();
    // SAFETY: two ids of 16 bytes and a place to write to.
    let result = unsafe {
        factory.createInstance(
            class.as_ptr().cast(),
            I::IID.as_ptr().cast(),
            &raw mut object,
        )
    };
    if result != kResultOk {
        return None;
    }
    // SAFETY: the factory gives a reference of the interface that was asked for.
    unsafe { ComPtr::from_raw(object.cast()) }
}

impl Vst3Host {
    fn new(module: Arc<Loaded>, class: &TUID) -> Result<Self, HostError> {
        let missing = |what| HostError::Missing { what };
        let host = ComWrapper::new(Host).to_com_ptr::<FUnknown>();
        let host = host.ok_or(missing("host"))?;
        let handler = ComWrapper::new(Handler::new());
        // SAFETY: ids of the interfaces asked for; objects are counted; the host and the handler outlive the plugin, which is told so.
        let (component, controller, connected) = unsafe {
            let component =
                create::<IComponent>(module.factory(), class).ok_or(missing("component"))?;
            if component.initialize(host.as_ptr()) != kResultOk {
                return Err(HostError::Refused { call: "initialize" });
            }
            let (controller, connected) = match component.cast::<IEditController>() {
                Some(controller) => (controller, None),
                None => {
                    let mut id: TUID = [0; 16];
                    if component.getControllerClassId(&raw mut id) != kResultOk {
                        return Err(missing("controller"));
                    }
                    let controller = create::<IEditController>(module.factory(), &id)
                        .ok_or(missing("controller"))?;
                    if controller.initialize(host.as_ptr()) != kResultOk {
                        return Err(HostError::Refused { call: "initialize" });
                    }
                    let ends = component
                        .cast::<IConnectionPoint>()
                        .zip(controller.cast::<IConnectionPoint>());
                    if let Some((one, other)) = &ends {
                        one.connect(other.as_ptr());
                        other.connect(one.as_ptr());
                    }
                    (controller, ends)
                }
            };
            let own = handler.to_com_ptr::<IComponentHandler>();
            controller.setComponentHandler(own.map_or(std::ptr::null_mut(), |own| own.as_ptr()));
            (component, controller, connected)
        };
        let processor = component.cast::<IAudioProcessor>();
        let processor = processor.ok_or(missing("audio processor"))?;
        let parameters = parts::parameters(&controller);
        Ok(Self {
            #[cfg(target_os = "linux")]
            view: None,
            judge: Judge::new(&parameters, false),
            edits: Judge::new(&parameters, true),
            edits_seen: 0,
            parameters,
            controller,
            processor,
            component,
            connected,
            handler,
            _host: host,
            values_in: ComWrapper::new(Values::new()),
            values_out: ComWrapper::new(Values::new()),
            events_in: ComWrapper::new(Events::new()),
            events_out: ComWrapper::new(Events::new()),
            sent: Vec::new(),
            sound: Sound::default(),
            sample_rate_hz: 0.0,
            mode: ProcessModes_::kRealtime as int32,
            active: false,
            clock: 0,
            _module: module,
        })
    }

    /// What was wrong with blocks so far.
    pub fn judge(&self) -> &Judge {
        &self.judge
    }

    /// What was wrong with edits on the main thread so far.
    pub fn edits(&self) -> &Judge {
        &self.edits
    }

    /// Every edit that came on the main thread, in order.
    pub fn edits_made(&self) -> Vec<super::What> {
        self.handler.all()
    }

    /// Times that the plugin said that there is something new to save.
    pub fn dirty_marks(&self) -> u32 {
        self.handler.dirty()
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
        self.deactivate();
        let refused = |call| HostError::Refused { call };
        let mut arrangement = parts::arrangement(channels).ok_or(HostError::Missing {
            what: "arrangement of so many speakers",
        })?;
        let mut setup = ProcessSetup {
            processMode: self.mode,
            symbolicSampleSize: SymbolicSampleSizes_::kSample32 as int32,
            maxSamplesPerBlock: int32::try_from(max_frames).unwrap_or(int32::MAX),
            sampleRate: sample_rate_hz,
        };
        let mut output = arrangement;
        // SAFETY: one arrangement each way, and a setup, which live during the calls.
        unsafe {
            if self
                .processor
                .setBusArrangements(&raw mut arrangement, 1, &raw mut output, 1)
                != kResultOk
            {
                return Err(refused("setBusArrangements"));
            }
            if self.processor.setupProcessing(&raw mut setup) != kResultOk {
                return Err(refused("setupProcessing"));
            }
            for kind in [MediaTypes_::kAudio, MediaTypes_::kEvent] {
                for direction in [BusDirections_::kInput, BusDirections_::kOutput] {
                    let (kind, direction) = (kind as MediaType, direction as BusDirection);
                    for bus in 0..self.component.getBusCount(kind, direction) {
                        self.component.activateBus(kind, direction, bus, 1);
                    }
                }
            }
            if self.component.setActive(1) != kResultOk {
                return Err(refused("setActive"));
            }
            self.processor.setProcessing(1);
        }
        self.sound = Sound::new(channels, max_frames);
        self.sample_rate_hz = sample_rate_hz;
        self.active = true;
        self.clock = 0;
        Ok(())
    }

    /// Ends what [`activate`](Self::activate) began; nothing if it did not.
    pub fn deactivate(&mut self) {
        if std::mem::take(&mut self.active) {
            // SAFETY: calls of a live object.
            unsafe {
                self.processor.setProcessing(0);
                self.component.setActive(0);
            }
        }
    }

    /// Whether the host renders as fast as it can and waits; for the next activation.
    pub fn set_offline(&mut self, offline: bool) {
        self.mode = if offline {
            ProcessModes_::kOffline as int32
        } else {
            ProcessModes_::kRealtime as int32
        };
    }

    /// Looks at the edits that have come since this was called last.
    pub fn judge_edits(&mut self) {
        let all = self.handler.all();
        let new = all.get(self.edits_seen..).unwrap_or_default();
        let new: Vec<_> = new
            .iter()
            .map(|&what| super::Sent { at: 0, what })
            .collect();
        self.edits_seen = all.len();
        self.edits
            .look(1, &new, super::watch::Deeds::default(), true);
        for call in self.handler.take_elsewhere() {
            self.edits.fault(format!(
                "{call} came from another thread than the main thread"
            ));
        }
    }
}

impl Drop for Vst3Host {
    fn drop(&mut self) {
        #[cfg(target_os = "linux")]
        self.close_editor();
        self.deactivate();
        // SAFETY: calls of live objects, in the order in which a host ends them.
        unsafe {
            if let Some((one, other)) = self.connected.take() {
                one.disconnect(other.as_ptr());
                other.disconnect(one.as_ptr());
                self.controller.setComponentHandler(std::ptr::null_mut());
                self.controller.terminate();
            } else {
                self.controller.setComponentHandler(std::ptr::null_mut());
            }
            self.component.terminate();
        }
    }
}

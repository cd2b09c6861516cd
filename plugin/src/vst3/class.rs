//! The class: nice-plug's wrapper, what we share with it, and the interfaces that say what the plugin is.

use super::edit::HostEdits;
use super::stream;
use crate::guard::guard;
use crate::plugin::UndersongPlugin;
use crate::shared::Shared;
use nice_plug::wrapper::vst3::Wrapper;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use vst3::Steinberg::Vst::ChannelContext::{IInfoListener, IInfoListenerTrait};
use vst3::Steinberg::Vst::*;
use vst3::Steinberg::*;
use vst3::{Class, ComRef};

/// Component, processor and controller in one.
pub(super) struct UndersongVst3 {
    pub(super) inner: Wrapper<UndersongPlugin>,
    pub(super) shared: Arc<Shared>,
    pub(super) edits: Arc<HostEdits>,
    /// Set between activation and deactivation.
    pub(super) active: AtomicBool,
    /// Set between beginning and end.
    initialized: AtomicBool,
}

impl Class for UndersongVst3 {
    type Interfaces = (
        IComponent,
        IEditController,
        IAudioProcessor,
        IProcessContextRequirements,
        IUnitInfo,
        IInfoListener,
    );
}

impl UndersongVst3 {
    pub(super) fn create() -> Option<Self> {
        let (inner, shared) = Shared::of(Wrapper::<UndersongPlugin>::new);
        let shared = shared?;
        let edits = HostEdits::new(&shared);
        let host = Arc::downgrade(&edits);
        shared.set_main_thread_work(Arc::new(move || {
            if let Some(edits) = host.upgrade() {
                edits.deliver();
            }
        }));
        Some(Self {
            edits,
            inner,
            shared,
            active: AtomicBool::new(false),
            initialized: AtomicBool::new(false),
        })
    }
}

/// Passes calls on to nice-plug's class.
macro_rules! forward {
    ($($interface:ident :: $name:ident($($argument:ident: $kind:ty),*) -> $result:ty, else $fallback:expr;)*) => {
        $(unsafe fn $name(&self, $($argument: $kind),*) -> $result {
            // SAFETY: the same call with the same arguments.
            $crate::guard::guard($fallback, || unsafe {
                $interface::$name(&self.inner, $($argument),*)
            })
        })*
    };
}
pub(super) use forward;

impl IPluginBaseTrait for UndersongVst3 {
    unsafe fn initialize(&self, _context: *mut FUnknown) -> tresult {
        // Once, until it ends.
        if self.initialized.swap(true, Ordering::AcqRel) {
            kResultFalse
        } else {
            kResultOk
        }
    }

    unsafe fn terminate(&self) -> tresult {
        guard(kInternalError, || {
            self.edits.set_handler(None);
            self.initialized.store(false, Ordering::Release);
            kResultOk
        })
    }
}

impl IComponentTrait for UndersongVst3 {
    forward! {
        IComponentTrait::getControllerClassId(class_id: *mut TUID) -> tresult, else kInternalError;
        IComponentTrait::setIoMode(mode: IoMode) -> tresult, else kInternalError;
        IComponentTrait::getBusCount(kind: MediaType, direction: BusDirection) -> int32, else 0;
        IComponentTrait::activateBus(kind: MediaType, direction: BusDirection, index: int32, state: TBool)
            -> tresult, else kInternalError;
        IComponentTrait::getRoutingInfo(input: *mut RoutingInfo, output: *mut RoutingInfo)
            -> tresult, else kInternalError;
    }

    unsafe fn getBusInfo(
        &self,
        kind: MediaType,
        direction: BusDirection,
        index: int32,
        info: *mut BusInfo,
    ) -> tresult {
        guard(kInternalError, || {
            // SAFETY: the same call with the same arguments; nice-plug takes a negative index for the first.
            unsafe {
                if index < 0 || index >= self.getBusCount(kind, direction) {
                    return kInvalidArgument;
                }
                self.inner.getBusInfo(kind, direction, index, info)
            }
        })
    }

    unsafe fn setActive(&self, state: TBool) -> tresult {
        guard(kInternalError, || {
            if state == 0 {
                self.active.store(false, Ordering::Release);
            }
            // SAFETY: the same call with the same arguments.
            let result = unsafe { self.inner.setActive(state) };
            if state != 0 && result == kResultOk {
                self.active.store(true, Ordering::Release);
            }
            result
        })
    }

    unsafe fn setState(&self, state: *mut IBStream) -> tresult {
        guard(kInternalError, || {
            // SAFETY: a host's stream, or null.
            let Some(stream) = (unsafe { ComRef::from_raw(state) }) else {
                return kInvalidArgument;
            };
            if self.shared.load_state(&stream::read_all(stream)).is_ok() {
                kResultOk
            } else {
                kResultFalse
            }
        })
    }

    unsafe fn getState(&self, state: *mut IBStream) -> tresult {
        guard(kInternalError, || {
            // SAFETY: a host's stream, or null.
            let Some(stream) = (unsafe { ComRef::from_raw(state) }) else {
                return kInvalidArgument;
            };
            match self.shared.save_state() {
                Some(bytes) if stream::write_all(stream, &bytes) => kResultOk,
                _ => kResultFalse,
            }
        })
    }
}

impl IProcessContextRequirementsTrait for UndersongVst3 {
    unsafe fn getProcessContextRequirements(&self) -> uint32 {
        use vst3::Steinberg::Vst::IProcessContextRequirements_::Flags_;
        #[allow(clippy::unnecessary_cast)] // the type differs between systems
        {
            Flags_::kNeedTransportState as uint32
        }
    }
}

impl IUnitInfoTrait for UndersongVst3 {
    forward! {
        IUnitInfoTrait::getUnitCount() -> int32, else 0;
        IUnitInfoTrait::getUnitInfo(index: int32, info: *mut UnitInfo) -> tresult, else kInternalError;
        IUnitInfoTrait::getProgramListCount() -> int32, else 0;
        IUnitInfoTrait::getProgramListInfo(index: int32, info: *mut ProgramListInfo)
            -> tresult, else kInternalError;
        IUnitInfoTrait::getProgramName(list: ProgramListID, index: int32, name: *mut String128)
            -> tresult, else kInternalError;
        IUnitInfoTrait::getProgramInfo(list: ProgramListID, index: int32, id: vst3::Steinberg::Vst::CString, value: *mut String128)
            -> tresult, else kInternalError;
        IUnitInfoTrait::hasProgramPitchNames(list: ProgramListID, index: int32) -> tresult, else kInternalError;
        IUnitInfoTrait::getProgramPitchName(list: ProgramListID, index: int32, pitch: int16, name: *mut String128)
            -> tresult, else kInternalError;
        IUnitInfoTrait::getSelectedUnit() -> UnitID, else 0;
        IUnitInfoTrait::selectUnit(unit: UnitID) -> tresult, else kInternalError;
        IUnitInfoTrait::getUnitByBus(kind: MediaType, direction: BusDirection, bus: int32, channel: int32,
            unit: *mut UnitID) -> tresult, else kInternalError;
        IUnitInfoTrait::setUnitProgramData(list: int32, index: int32, data: *mut IBStream)
            -> tresult, else kInternalError;
    }
}

impl IInfoListenerTrait for UndersongVst3 {
    forward! {
        IInfoListenerTrait::setChannelContextInfos(list: *mut IAttributeList) -> tresult, else kInternalError;
    }
}

//! What the host answers when the plugin calls it.

use clack_extensions::gui::{GuiSize, HostGui, HostGuiImpl};
use clack_extensions::latency::{HostLatency, HostLatencyImpl};
use clack_extensions::params::{
    HostParams, HostParamsImplMainThread, HostParamsImplShared, ParamClearFlags, ParamRescanFlags,
};
use clack_extensions::state::{HostState, HostStateImpl};
use clack_host::prelude::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};

/// What the plugin has asked for.
#[derive(Debug, Default)]
pub(super) struct Calls {
    callback: AtomicBool,
    flushes: AtomicU32,
    rescans: AtomicU32,
    dirty: AtomicU32,
    wanted_size: AtomicU64,
}

impl Calls {
    pub(super) fn take_callback(&self) -> bool {
        self.callback.swap(false, Ordering::AcqRel)
    }

    pub(super) fn flushes(&self) -> u32 {
        self.flushes.load(Ordering::Acquire)
    }

    pub(super) fn rescans(&self) -> u32 {
        self.rescans.load(Ordering::Acquire)
    }

    pub(super) fn dirty(&self) -> u32 {
        self.dirty.load(Ordering::Acquire)
    }

    /// The size that the plugin wants its window to have since this was asked last.
    #[cfg(target_os = "linux")]
    pub(super) fn take_wanted_size(&self) -> Option<GuiSize> {
        match self.wanted_size.swap(0, Ordering::AcqRel) {
            0 => None,
            packed => Some(GuiSize::unpack_from_u64(packed)),
        }
    }
}

pub(super) struct Shared(pub(super) Arc<Calls>);

impl SharedHandler<'_> for Shared {
    fn request_restart(&self) {}

    fn request_process(&self) {}

    fn request_callback(&self) {
        self.0.callback.store(true, Ordering::Release);
    }
}

impl HostParamsImplShared for Shared {
    fn request_flush(&self) {
        self.0.flushes.fetch_add(1, Ordering::AcqRel);
    }
}

impl HostGuiImpl for Shared {
    fn resize_hints_changed(&self) {}

    fn request_resize(&self, new_size: GuiSize) -> Result<(), HostError> {
        self.0
            .wanted_size
            .store(new_size.pack_to_u64(), Ordering::Release);
        Ok(())
    }

    fn request_show(&self) -> Result<(), HostError> {
        Ok(())
    }

    fn request_hide(&self) -> Result<(), HostError> {
        Ok(())
    }

    fn closed(&self, _was_destroyed: bool) {}
}

/// Calls that come on the main thread only; the shared side counts them.
pub(super) struct Main(pub(super) Arc<Calls>);

impl MainThreadHandler<'_> for Main {}

impl HostParamsImplMainThread for Main {
    fn rescan(&self, _flags: ParamRescanFlags) {
        self.0.rescans.fetch_add(1, Ordering::AcqRel);
    }

    fn clear(&self, _param_id: ClapId, _flags: ParamClearFlags) {}
}

impl HostStateImpl for Main {
    fn mark_dirty(&self) {
        self.0.dirty.fetch_add(1, Ordering::AcqRel);
    }
}

impl HostLatencyImpl for Main {
    fn changed(&self) {}
}

/// The host, as `clack` wants it described.
pub(super) struct Handlers;

impl HostHandlers for Handlers {
    type Shared<'a> = Shared;
    type MainThread<'a> = Main;
    type AudioProcessor<'a> = ();

    fn declare_extensions(builder: &mut HostExtensions<Self>, _shared: &Self::Shared<'_>) {
        builder
            .register::<HostParams>()
            .register::<HostState>()
            .register::<HostLatency>()
            .register::<HostGui>();
    }
}

//! What the host answers when the plugin calls it.

use crate::hosts::What;
use std::ffi::c_void;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};
use vst3::Class;
use vst3::Steinberg::Vst::*;
use vst3::Steinberg::*;

/// The host itself.
pub(super) struct Host;

impl Class for Host {
    type Interfaces = (IHostApplication,);
}

impl IHostApplicationTrait for Host {
    unsafe fn getName(&self, name: *mut String128) -> tresult {
        if name.is_null() {
            return kInvalidArgument;
        }
        let mut text: String128 = [0; 128];
        for (to, from) in text
            .iter_mut()
            .take(127)
            .zip("Undersong test host".encode_utf16())
        {
            *to = from;
        }
        // SAFETY: not null, and a plugin's to write to.
        unsafe { name.write(text) };
        kResultOk
    }

    unsafe fn createInstance(
        &self,
        _class: *mut TUID,
        _interface: *mut TUID,
        _object: *mut *mut c_void,
    ) -> tresult {
        kNotImplemented
    }
}

/// Takes the edits.
pub(super) struct Handler {
    main: ThreadId,
    all: Mutex<Vec<What>>,
    elsewhere: Mutex<Vec<&'static str>>,
    dirty: AtomicU32,
}

impl Class for Handler {
    type Interfaces = (IComponentHandler, IComponentHandler2);
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Handler {
    /// Of the thread that calls this.
    pub(super) fn new() -> Self {
        Self {
            main: thread::current().id(),
            all: Mutex::default(),
            elsewhere: Mutex::default(),
            dirty: AtomicU32::new(0),
        }
    }

    pub(super) fn all(&self) -> Vec<What> {
        lock(&self.all).clone()
    }

    pub(super) fn dirty(&self) -> u32 {
        self.dirty.load(Ordering::Acquire)
    }

    pub(super) fn take_elsewhere(&self) -> Vec<&'static str> {
        std::mem::take(&mut *lock(&self.elsewhere))
    }

    fn take(&self, call: &'static str, what: Option<What>) -> tresult {
        if thread::current().id() != self.main {
            lock(&self.elsewhere).push(call);
        }
        lock(&self.all).extend(what);
        kResultOk
    }
}

impl IComponentHandlerTrait for Handler {
    unsafe fn beginEdit(&self, id: ParamID) -> tresult {
        self.take("beginEdit", Some(What::Begin { id }))
    }

    unsafe fn performEdit(&self, id: ParamID, value: ParamValue) -> tresult {
        self.take("performEdit", Some(What::Value { id, value }))
    }

    unsafe fn endEdit(&self, id: ParamID) -> tresult {
        self.take("endEdit", Some(What::End { id }))
    }

    unsafe fn restartComponent(&self, _flags: int32) -> tresult {
        self.take("restartComponent", None)
    }
}

impl IComponentHandler2Trait for Handler {
    unsafe fn setDirty(&self, state: TBool) -> tresult {
        if state != 0 {
            self.dirty.fetch_add(1, Ordering::AcqRel);
        }
        self.take("setDirty", None)
    }

    unsafe fn requestOpenEditor(&self, _name: FIDString) -> tresult {
        kNotImplemented
    }

    unsafe fn startGroupEdit(&self) -> tresult {
        self.take("startGroupEdit", None)
    }

    unsafe fn finishGroupEdit(&self) -> tresult {
        self.take("finishGroupEdit", None)
    }
}

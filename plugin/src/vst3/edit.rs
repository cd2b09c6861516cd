//! Edits to the host: beginEdit, performEdit, endEdit, on its main thread.

use crate::edits::EditSink;
use crate::shared::Shared;
use std::sync::{Arc, Mutex, PoisonError};
use vst3::ComPtr;
use vst3::Steinberg::Vst::{
    IComponentHandler, IComponentHandler2, IComponentHandler2Trait, IComponentHandlerTrait,
};

/// The host's end of the edits, shared by the class and its view.
pub(super) struct HostEdits {
    shared: Arc<Shared>,
    handler: Mutex<Option<ComPtr<IComponentHandler>>>,
}

struct Handler(ComPtr<IComponentHandler>);

impl Handler {
    /// There is something to save that no parameter says. A host that does not take this (it came with VST 3.1) has no other way.
    fn set_dirty(&self) {
        if let Some(handler) = self.0.cast::<IComponentHandler2>() {
            // SAFETY: the handler is counted, and this is the host's main thread, says `deliver`.
            unsafe {
                handler.setDirty(1);
            }
        }
    }
}

impl EditSink for Handler {
    fn begin(&self, host_id: u32) {
        // SAFETY: the handler is counted, and this is the host's main thread, says `deliver`.
        unsafe {
            self.0.beginEdit(host_id);
        }
    }

    fn perform(&self, host_id: u32, normalised: f64) {
        // SAFETY: as above.
        unsafe {
            self.0.performEdit(host_id, normalised);
        }
    }

    fn end(&self, host_id: u32) {
        // SAFETY: as above.
        unsafe {
            self.0.endEdit(host_id);
        }
    }
}

impl HostEdits {
    pub(super) fn new(shared: &Arc<Shared>) -> Arc<Self> {
        Arc::new(Self {
            shared: Arc::clone(shared),
            handler: Mutex::new(None),
        })
    }

    /// The host's handler, or none.
    pub(super) fn set_handler(&self, handler: Option<ComPtr<IComponentHandler>>) {
        if handler.is_none() {
            self.close();
        }
        let old = std::mem::replace(
            &mut *self.handler.lock().unwrap_or_else(PoisonError::into_inner),
            handler,
        );
        drop(old);
    }

    /// Hands over what waits. On the host's main thread only.
    pub(super) fn deliver(&self) {
        if let Some(handler) = self.handler() {
            self.shared.user_edits.deliver(&handler);
            self.shared.edits.deliver(&handler);
            if self.shared.take_unsaved() {
                handler.set_dirty();
            }
        }
    }

    /// Closes what is open at the host. On the host's main thread only.
    pub(super) fn close(&self) {
        if let Some(handler) = self.handler() {
            self.shared.edits.close(&handler);
        }
    }

    /// Not locked while the host is called: it may answer with a call of its own.
    fn handler(&self) -> Option<Handler> {
        self.handler
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
            .map(Handler)
    }
}

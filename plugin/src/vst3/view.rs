//! The editor's view: nice-plug's, with a timer of the host's beside it.
//!
//! A host records edits only if they come from its main thread, and on Linux a plugin gets there only by a timer on the run loop that
//! comes with a view. So automation reaches a VST3 host on Linux once its editor was opened; it may be hidden then.

use super::edit::HostEdits;
use crate::guard::guard;
use std::ffi::c_void;
use std::sync::Arc;
use vst3::Steinberg::*;
use vst3::{Class, ComPtr};

/// nice-plug's view and our timer.
pub(super) struct View {
    inner: ComPtr<IPlugView>,
    #[cfg(target_os = "linux")]
    timer: timer::Timer,
}

impl Class for View {
    type Interfaces = (IPlugView, IPlugViewContentScaleSupport);
}

impl View {
    pub(super) fn new(inner: ComPtr<IPlugView>, edits: &Arc<HostEdits>) -> Self {
        #[cfg(not(target_os = "linux"))]
        let _ = edits;
        Self {
            inner,
            #[cfg(target_os = "linux")]
            timer: timer::Timer::new(edits),
        }
    }
}

macro_rules! forward {
    ($($name:ident($($argument:ident: $kind:ty),*);)*) => {
        $(unsafe fn $name(&self, $($argument: $kind),*) -> tresult {
            // SAFETY: the same call with the same arguments.
            guard(kInternalError, || unsafe { self.inner.$name($($argument),*) })
        })*
    };
}

impl IPlugViewTrait for View {
    forward! {
        isPlatformTypeSupported(kind: FIDString);
        attached(parent: *mut c_void, kind: FIDString);
        onWheel(distance: f32);
        onKeyDown(key: char16, code: int16, modifiers: int16);
        onKeyUp(key: char16, code: int16, modifiers: int16);
        getSize(size: *mut ViewRect);
        onSize(size: *mut ViewRect);
        onFocus(state: TBool);
        canResize();
        checkSizeConstraint(rect: *mut ViewRect);
    }

    unsafe fn removed(&self) -> tresult {
        guard(kInternalError, || {
            #[cfg(target_os = "linux")]
            self.timer.stop();
            // SAFETY: the same call.
            unsafe { self.inner.removed() }
        })
    }

    unsafe fn setFrame(&self, frame: *mut IPlugFrame) -> tresult {
        guard(kInternalError, || {
            #[cfg(target_os = "linux")]
            {
                self.timer.stop();
                // SAFETY: a host's frame, or null.
                if let Some(frame) = unsafe { vst3::ComRef::from_raw(frame) } {
                    self.timer.start(frame);
                }
            }
            // SAFETY: the same call with the same arguments.
            unsafe { self.inner.setFrame(frame) }
        })
    }
}

impl IPlugViewContentScaleSupportTrait for View {
    unsafe fn setContentScaleFactor(
        &self,
        factor: IPlugViewContentScaleSupport_::ScaleFactor,
    ) -> tresult {
        guard(kInternalError, || {
            match self.inner.cast::<IPlugViewContentScaleSupport>() {
                // SAFETY: the same call with the same arguments.
                Some(inner) => unsafe { inner.setContentScaleFactor(factor) },
                None => kResultFalse,
            }
        })
    }
}

#[cfg(target_os = "linux")]
mod timer {
    //! The host's timer.

    use super::super::edit::HostEdits;
    use crate::guard::guard;
    use std::sync::{Arc, Mutex, PoisonError, Weak};
    use vst3::Steinberg::Linux::{IRunLoop, IRunLoopTrait, ITimerHandler, ITimerHandlerTrait};
    use vst3::Steinberg::{IPlugFrame, kResultOk};
    use vst3::{Class, ComPtr, ComRef, ComWrapper};

    /// Time between two looks, in milliseconds: no shorter than the shortest hop needs.
    const INTERVAL_MS: u64 = 20;

    struct Tick(Weak<HostEdits>);

    impl Class for Tick {
        type Interfaces = (ITimerHandler,);
    }

    impl ITimerHandlerTrait for Tick {
        unsafe fn onTimer(&self) {
            guard((), || {
                if let Some(edits) = self.0.upgrade() {
                    edits.deliver();
                }
            });
        }
    }

    /// A timer on a host's run loop, while there is one.
    pub(super) struct Timer {
        edits: Arc<HostEdits>,
        running: Mutex<Option<(ComPtr<IRunLoop>, ComPtr<ITimerHandler>)>>,
    }

    impl Timer {
        pub(super) fn new(edits: &Arc<HostEdits>) -> Self {
            Self {
                edits: Arc::clone(edits),
                running: Mutex::new(None),
            }
        }

        pub(super) fn start(&self, frame: ComRef<'_, IPlugFrame>) {
            let Some(run_loop) = frame.cast::<IRunLoop>() else {
                return;
            };
            let tick = ComWrapper::new(Tick(Arc::downgrade(&self.edits)));
            let Some(tick) = tick.to_com_ptr::<ITimerHandler>() else {
                return;
            };
            // SAFETY: both are counted, and this is the host's main thread: it calls a view nowhere else.
            if unsafe { run_loop.registerTimer(tick.as_ptr(), INTERVAL_MS) } == kResultOk {
                *self.running.lock().unwrap_or_else(PoisonError::into_inner) =
                    Some((run_loop, tick));
            }
        }

        pub(super) fn stop(&self) {
            let running = self
                .running
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take();
            if let Some((run_loop, tick)) = running {
                // SAFETY: as above.
                unsafe {
                    run_loop.unregisterTimer(tick.as_ptr());
                }
                self.edits.close();
            }
        }
    }

    impl Drop for Timer {
        fn drop(&mut self) {
            self.stop();
        }
    }
}

//! The plugin's view in a window of the host's, and the run loop that a view on Linux lives by.

use super::Vst3Host;
use crate::hosts::HostError;
use crate::hosts::display::{Display, Window};
use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant};
use vst3::Steinberg::Linux::*;
use vst3::Steinberg::Vst::*;
use vst3::Steinberg::*;
use vst3::{Class, ComPtr, ComRef, ComWrapper};

struct Timer {
    handler: ComPtr<ITimerHandler>,
    interval: Duration,
    due: Instant,
}

struct Watched {
    handler: ComPtr<IEventHandler>,
    file: i32,
}

/// The frame that a view sits in: it resizes the view, and has the run loop.
pub(super) struct Frame {
    timers: RefCell<Vec<Timer>>,
    files: RefCell<Vec<Watched>>,
    wanted: Cell<Option<(u32, u32)>>,
}

impl Class for Frame {
    type Interfaces = (IPlugFrame, IRunLoop);
}

impl IPlugFrameTrait for Frame {
    unsafe fn resizeView(&self, _view: *mut IPlugView, size: *mut ViewRect) -> tresult {
        // SAFETY: a plugin gives a size, or null.
        let Some(size) = (unsafe { size.as_ref() }) else {
            return kInvalidArgument;
        };
        let length = |from: int32, to: int32| u32::try_from(to - from).ok();
        let wanted = length(size.left, size.right).zip(length(size.top, size.bottom));
        self.wanted.set(wanted);
        kResultOk
    }
}

impl IRunLoopTrait for Frame {
    unsafe fn registerEventHandler(
        &self,
        handler: *mut IEventHandler,
        file: FileDescriptor,
    ) -> tresult {
        // SAFETY: a plugin's handler, or null.
        let Some(handler) = (unsafe { ComRef::from_raw(handler) }) else {
            return kInvalidArgument;
        };
        self.files.borrow_mut().push(Watched {
            handler: handler.to_com_ptr(),
            file,
        });
        kResultOk
    }

    unsafe fn unregisterEventHandler(&self, handler: *mut IEventHandler) -> tresult {
        self.files
            .borrow_mut()
            .retain(|watched| watched.handler.as_ptr() != handler);
        kResultOk
    }

    unsafe fn registerTimer(
        &self,
        handler: *mut ITimerHandler,
        milliseconds: TimerInterval,
    ) -> tresult {
        // SAFETY: a plugin's handler, or null.
        let Some(handler) = (unsafe { ComRef::from_raw(handler) }) else {
            return kInvalidArgument;
        };
        let interval = Duration::from_millis(milliseconds.max(1));
        self.timers.borrow_mut().push(Timer {
            handler: handler.to_com_ptr(),
            interval,
            due: Instant::now() + interval,
        });
        kResultOk
    }

    unsafe fn unregisterTimer(&self, handler: *mut ITimerHandler) -> tresult {
        self.timers
            .borrow_mut()
            .retain(|timer| timer.handler.as_ptr() != handler);
        kResultOk
    }
}

impl Frame {
    /// Calls what is due. Nothing is borrowed meanwhile: a handler may change the lists.
    fn turn(&self) {
        let now = Instant::now();
        let mut due = Vec::new();
        for timer in self.timers.borrow_mut().iter_mut() {
            if timer.due <= now {
                timer.due = now + timer.interval;
                due.push(timer.handler.clone());
            }
        }
        for handler in due {
            // SAFETY: a counted object, on the main thread.
            unsafe { handler.onTimer() };
        }
        let mut ready = Vec::new();
        for watched in self.files.borrow().iter() {
            let mut poll = libc::pollfd {
                fd: watched.file,
                events: libc::POLLIN,
                revents: 0,
            };
            // SAFETY: one entry, which lives during the call.
            if unsafe { libc::poll(&raw mut poll, 1, 0) } > 0 && poll.revents & libc::POLLIN != 0 {
                ready.push((watched.handler.clone(), watched.file));
            }
        }
        for (handler, file) in ready {
            // SAFETY: a counted object, on the main thread.
            unsafe { handler.onFDIsSet(file) };
        }
    }
}

/// A view that is shown.
pub(super) struct Shown {
    view: ComPtr<IPlugView>,
    frame: ComWrapper<Frame>,
    window: Window,
}

fn rect(width: u32, height: u32) -> ViewRect {
    ViewRect {
        left: 0,
        top: 0,
        right: int32::try_from(width).unwrap_or(int32::MAX),
        bottom: int32::try_from(height).unwrap_or(int32::MAX),
    }
}

impl Vst3Host {
    /// Opens the editor in a new window. Between the view's making and its attaching the host takes `pause`, as slow hosts do.
    ///
    /// # Errors
    /// If the plugin has no editor or refuses a call.
    pub fn open_editor(&mut self, display: &Display, pause: Duration) -> Result<(), HostError> {
        let refused = |call| HostError::Refused { call };
        // SAFETY: names and places that live during the calls; the view is counted; the frame and the window outlive it.
        unsafe {
            let view = ComPtr::from_raw(self.controller.createView(ViewType::kEditor));
            let view = view.ok_or(HostError::Missing { what: "editor" })?;
            if view.isPlatformTypeSupported(kPlatformTypeX11EmbedWindowID) != kResultOk {
                return Err(HostError::Missing {
                    what: "editor for X11",
                });
            }
            let mut size = rect(0, 0);
            if view.getSize(&raw mut size) != kResultOk {
                return Err(refused("getSize"));
            }
            let length = |from: int32, to: int32| u32::try_from(to - from).unwrap_or(0);
            let window = display.window(
                length(size.left, size.right).max(1),
                length(size.top, size.bottom).max(1),
            )?;
            let frame = ComWrapper::new(Frame {
                timers: RefCell::default(),
                files: RefCell::default(),
                wanted: Cell::new(None),
            });
            if let Some(frame) = frame.as_com_ref::<IPlugFrame>() {
                view.setFrame(frame.as_ptr());
            }
            std::thread::sleep(pause);
            let id = window.id() as usize as *mut std::ffi::c_void;
            if view.attached(id, kPlatformTypeX11EmbedWindowID) != kResultOk {
                view.setFrame(std::ptr::null_mut());
                return Err(refused("attached"));
            }
            self.view = Some(Shown {
                view,
                frame,
                window,
            });
        }
        Ok(())
    }

    /// The editor's window.
    pub fn editor_window(&self) -> Option<&Window> {
        self.view.as_ref().map(|shown| &shown.window)
    }

    /// Runs the main thread's loop for so long.
    ///
    /// # Errors
    /// If the window cannot have the size that the plugin wants.
    pub fn idle(&mut self, time: Duration) -> Result<(), HostError> {
        let end = Instant::now() + time;
        while Instant::now() < end {
            if let Some(shown) = &self.view {
                shown.frame.turn();
                if let Some((width, height)) = shown.frame.wanted.take() {
                    shown.resize(width, height)?;
                }
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        self.judge_edits();
        Ok(())
    }

    /// Gives the editor a new size and returns the one that it takes.
    ///
    /// # Errors
    /// If the editor cannot be resized, or refuses.
    pub fn resize_editor(&mut self, width: u32, height: u32) -> Result<(u32, u32), HostError> {
        let shown = self.view.as_ref().ok_or(HostError::Missing {
            what: "open editor",
        })?;
        let mut size = rect(width, height);
        // SAFETY: a place that lives during the calls.
        unsafe {
            if shown.view.canResize() != kResultOk {
                return Err(HostError::Missing {
                    what: "resizable editor",
                });
            }
            shown.view.checkSizeConstraint(&raw mut size);
        }
        let size = (size.right as u32, size.bottom as u32);
        shown.resize(size.0, size.1)?;
        Ok(size)
    }

    /// Closes the editor, if it is open.
    pub fn close_editor(&mut self) {
        if let Some(shown) = self.view.take() {
            // SAFETY: calls of a live object, in the order in which a host ends it.
            unsafe {
                shown.view.setFrame(std::ptr::null_mut());
                shown.view.removed();
            }
        }
        self.judge_edits();
    }
}

impl Shown {
    fn resize(&self, width: u32, height: u32) -> Result<(), HostError> {
        self.window.resize(width, height)?;
        let mut size = rect(width, height);
        // SAFETY: a size that lives during the call.
        match unsafe { self.view.onSize(&raw mut size) } {
            result if result == kResultOk => Ok(()),
            _ => Err(HostError::Refused { call: "onSize" }),
        }
    }
}

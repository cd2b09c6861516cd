//! What a host hands to `process`: values, events; and streams for state. Nothing grows during a block.

use std::cell::{Cell, RefCell};
use std::ffi::c_void;
use std::ptr::null_mut;
use vst3::Steinberg::Vst::*;
use vst3::Steinberg::*;
use vst3::{Class, ComWrapper};

/// Parameters in one block at most.
const QUEUES: usize = 128;
/// Points of one parameter in a block at most.
const POINTS: usize = 4096;
/// Events in one block at most.
const EVENTS: usize = 65_536;

/// The points of one parameter.
pub(super) struct Queue {
    id: Cell<ParamID>,
    points: RefCell<Vec<(int32, ParamValue)>>,
}

impl Class for Queue {
    type Interfaces = (IParamValueQueue,);
}

impl IParamValueQueueTrait for Queue {
    unsafe fn getParameterId(&self) -> ParamID {
        self.id.get()
    }

    unsafe fn getPointCount(&self) -> int32 {
        self.points.borrow().len() as int32
    }

    unsafe fn getPoint(&self, index: int32, at: *mut int32, value: *mut ParamValue) -> tresult {
        let points = self.points.borrow();
        let point = usize::try_from(index)
            .ok()
            .and_then(|index| points.get(index));
        let Some(&(offset, number)) = point else {
            return kResultFalse;
        };
        if at.is_null() || value.is_null() {
            return kInvalidArgument;
        }
        // SAFETY: neither is null, and a plugin's to write to.
        unsafe {
            at.write(offset);
            value.write(number);
        }
        kResultOk
    }

    unsafe fn addPoint(&self, at: int32, value: ParamValue, index: *mut int32) -> tresult {
        let mut points = self.points.borrow_mut();
        if points.len() == points.capacity() {
            return kOutOfMemory;
        }
        if !index.is_null() {
            // SAFETY: not null, and a plugin's to write to.
            unsafe { index.write(points.len() as int32) };
        }
        points.push((at, value));
        kResultOk
    }
}

/// The values of a block.
pub(super) struct Values {
    queues: Vec<ComWrapper<Queue>>,
    used: Cell<usize>,
}

impl Class for Values {
    type Interfaces = (IParameterChanges,);
}

impl Values {
    pub(super) fn new() -> Self {
        let queue = || {
            ComWrapper::new(Queue {
                id: Cell::new(0),
                points: RefCell::new(Vec::with_capacity(POINTS)),
            })
        };
        Self {
            queues: (0..QUEUES).map(|_| queue()).collect(),
            used: Cell::new(0),
        }
    }

    pub(super) fn clear(&self) {
        self.used.set(0);
    }

    pub(super) fn add(&self, id: ParamID, at: int32, value: ParamValue) {
        if let Some(queue) = self.queue(id) {
            // SAFETY: no place for the index is asked for.
            unsafe {
                queue.addPoint(at, value, null_mut());
            }
        }
    }

    /// Every parameter's points.
    pub(super) fn each(&self, mut look: impl FnMut(ParamID, &[(int32, ParamValue)])) {
        for queue in self.queues.iter().take(self.used.get()) {
            look(queue.id.get(), &queue.points.borrow());
        }
    }

    fn used(&self) -> &[ComWrapper<Queue>] {
        self.queues.get(..self.used.get()).unwrap_or_default()
    }

    fn queue(&self, id: ParamID) -> Option<&ComWrapper<Queue>> {
        if let Some(known) = self.used().iter().find(|queue| queue.id.get() == id) {
            return Some(known);
        }
        let queue = self.queues.get(self.used.get())?;
        queue.id.set(id);
        queue.points.borrow_mut().clear();
        self.used.set(self.used.get() + 1);
        Some(queue)
    }
}

fn pointer(queue: Option<&ComWrapper<Queue>>) -> *mut IParamValueQueue {
    queue
        .and_then(|queue| queue.as_com_ref::<IParamValueQueue>())
        .map_or(null_mut(), |queue| queue.as_ptr())
}

impl IParameterChangesTrait for Values {
    unsafe fn getParameterCount(&self) -> int32 {
        self.used.get() as int32
    }

    unsafe fn getParameterData(&self, index: int32) -> *mut IParamValueQueue {
        let index = usize::try_from(index).ok();
        pointer(index.and_then(|index| self.used().get(index)))
    }

    unsafe fn addParameterData(
        &self,
        id: *const ParamID,
        index: *mut int32,
    ) -> *mut IParamValueQueue {
        // SAFETY: a plugin gives an id, or null.
        let Some(&id) = (unsafe { id.as_ref() }) else {
            return null_mut();
        };
        let queue = self.queue(id);
        let place = self.used().iter().position(|queue| queue.id.get() == id);
        if let (false, Some(place)) = (index.is_null(), place) {
            // SAFETY: not null, and a plugin's to write to.
            unsafe { index.write(place as int32) };
        }
        pointer(queue)
    }
}

/// The events of a block.
pub(super) struct Events(RefCell<Vec<Event>>);

impl Class for Events {
    type Interfaces = (IEventList,);
}

impl Events {
    pub(super) fn new() -> Self {
        Self(RefCell::new(Vec::with_capacity(EVENTS)))
    }

    pub(super) fn clear(&self) {
        self.0.borrow_mut().clear();
    }

    pub(super) fn each(&self, look: impl FnMut(&Event)) {
        self.0.borrow().iter().for_each(look);
    }
}

impl IEventListTrait for Events {
    unsafe fn getEventCount(&self) -> int32 {
        self.0.borrow().len() as int32
    }

    unsafe fn getEvent(&self, index: int32, event: *mut Event) -> tresult {
        let events = self.0.borrow();
        let found = usize::try_from(index)
            .ok()
            .and_then(|index| events.get(index));
        match found {
            Some(found) if !event.is_null() => {
                // SAFETY: not null, and a plugin's to write to.
                unsafe { event.write(*found) };
                kResultOk
            }
            _ => kInvalidArgument,
        }
    }

    unsafe fn addEvent(&self, event: *mut Event) -> tresult {
        let mut events = self.0.borrow_mut();
        // SAFETY: a plugin gives an event, or null.
        match unsafe { event.as_ref() } {
            None => kInvalidArgument,
            Some(_) if events.len() == events.capacity() => kOutOfMemory,
            Some(event) => {
                events.push(*event);
                kResultOk
            }
        }
    }
}

/// A stream over bytes.
pub(super) struct Stream {
    pub(super) bytes: RefCell<Vec<u8>>,
    place: Cell<usize>,
    /// Bytes of one call at most.
    most: usize,
}

impl Class for Stream {
    type Interfaces = (IBStream,);
}

impl Stream {
    /// A stream that gives and takes so many bytes at once at most.
    pub(super) fn new(bytes: &[u8], most: usize) -> ComWrapper<Self> {
        ComWrapper::new(Self {
            bytes: RefCell::new(bytes.to_vec()),
            place: Cell::new(0),
            most,
        })
    }
}

impl IBStreamTrait for Stream {
    unsafe fn read(&self, buffer: *mut c_void, wanted: int32, got: *mut int32) -> tresult {
        let bytes = self.bytes.borrow();
        let rest = bytes.get(self.place.get()..).unwrap_or_default();
        let count = usize::try_from(wanted).unwrap_or(0);
        let count = rest.len().min(count).min(self.most);
        // SAFETY: the plugin's buffer holds as many bytes as it wants; the place for the count may be null.
        unsafe {
            buffer
                .cast::<u8>()
                .copy_from_nonoverlapping(rest.as_ptr(), count);
            if !got.is_null() {
                got.write(count as int32);
            }
        }
        self.place.set(self.place.get() + count);
        kResultOk
    }

    unsafe fn write(&self, buffer: *mut c_void, given: int32, written: *mut int32) -> tresult {
        let count = usize::try_from(given).unwrap_or(0).min(self.most);
        let mut bytes = self.bytes.borrow_mut();
        let place = self.place.get();
        let end = place + count;
        if bytes.len() < end {
            bytes.resize(end, 0);
        }
        if let Some(to) = bytes.get_mut(place..end) {
            // SAFETY: the plugin gives as many bytes as it says; the place for the count may be null.
            unsafe {
                to.as_mut_ptr()
                    .copy_from_nonoverlapping(buffer.cast::<u8>(), count);
                if !written.is_null() {
                    written.write(count as int32);
                }
            }
        }
        self.place.set(end);
        kResultOk
    }

    unsafe fn seek(&self, to: int64, mode: int32, result: *mut int64) -> tresult {
        let base = match mode {
            0 => 0,
            1 => self.place.get() as i64,
            2 => self.bytes.borrow().len() as i64,
            _ => return kInvalidArgument,
        };
        let Some(place) = base
            .checked_add(to)
            .and_then(|place| usize::try_from(place).ok())
        else {
            return kInvalidArgument;
        };
        self.place.set(place);
        if !result.is_null() {
            // SAFETY: not null, and a plugin's to write to.
            unsafe { result.write(place as int64) };
        }
        kResultOk
    }

    unsafe fn tell(&self, place: *mut int64) -> tresult {
        if place.is_null() {
            return kInvalidArgument;
        }
        // SAFETY: not null, and a plugin's to write to.
        unsafe { place.write(self.place.get() as int64) };
        kResultOk
    }
}

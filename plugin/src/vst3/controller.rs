//! Parameters, as a host's controller sees them. Values are set by us: nice-plug would tell an open editor of each change from
//! whatever thread this is, and that can abort the host.

use super::class::{UndersongVst3, forward};
use super::view::View;
use crate::guard::guard;
use std::ptr::null_mut;
use vst3::Steinberg::Vst::*;
use vst3::Steinberg::*;
use vst3::{ComPtr, ComRef, ComWrapper};

impl IEditControllerTrait for UndersongVst3 {
    forward! {
        IEditControllerTrait::setComponentState(state: *mut IBStream) -> tresult, else kInternalError;
        IEditControllerTrait::setState(state: *mut IBStream) -> tresult, else kInternalError;
        IEditControllerTrait::getState(state: *mut IBStream) -> tresult, else kInternalError;
        IEditControllerTrait::getParameterCount() -> int32, else 0;
        IEditControllerTrait::getParamStringByValue(id: ParamID, value: ParamValue, string: *mut String128)
            -> tresult, else kInternalError;
        IEditControllerTrait::getParamValueByString(id: ParamID, string: *mut TChar, value: *mut ParamValue)
            -> tresult, else kInternalError;
        IEditControllerTrait::normalizedParamToPlain(id: ParamID, value: ParamValue) -> ParamValue, else 0.0;
        IEditControllerTrait::plainParamToNormalized(id: ParamID, value: ParamValue) -> ParamValue, else 0.0;
    }

    unsafe fn getParameterInfo(&self, index: int32, info: *mut ParameterInfo) -> tresult {
        guard(kInternalError, || {
            // SAFETY: the same call with the same arguments; nice-plug would panic at an index one past the end.
            unsafe {
                if index < 0 || index >= self.getParameterCount() {
                    return kInvalidArgument;
                }
                self.inner.getParameterInfo(index, info)
            }
        })
    }

    unsafe fn getParamNormalized(&self, id: ParamID) -> ParamValue {
        guard(0.0, || {
            self.shared.table.normalised(id).map_or(0.0, f64::from)
        })
    }

    unsafe fn setParamNormalized(&self, id: ParamID, value: ParamValue) -> tresult {
        guard(kInternalError, || {
            if self.shared.table.set(id, value) {
                kResultOk
            } else {
                kInvalidArgument
            }
        })
    }

    unsafe fn setComponentHandler(&self, handler: *mut IComponentHandler) -> tresult {
        guard(kInternalError, || {
            // SAFETY: a host's handler, or null; nice-plug gets the same.
            unsafe {
                self.edits
                    .set_handler(ComRef::from_raw(handler).map(|handler| handler.to_com_ptr()));
                self.inner.setComponentHandler(handler)
            }
        })
    }

    unsafe fn createView(&self, name: FIDString) -> *mut IPlugView {
        guard(null_mut(), || {
            // SAFETY: the same call with the same arguments; nice-plug gives a reference away, or null.
            let Some(inner) = (unsafe { ComPtr::from_raw(self.inner.createView(name)) }) else {
                return null_mut();
            };
            ComWrapper::new(View::new(inner, &self.edits))
                .to_com_ptr::<IPlugView>()
                .map_or(null_mut(), ComPtr::into_raw)
        })
    }
}

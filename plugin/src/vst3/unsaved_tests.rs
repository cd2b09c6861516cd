//! A host hears of what is saved and is no parameter.

use super::class::UndersongVst3;
use crate::editor::{Action, Bridge, Change, Dial, OscTarget, Route};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use vst3::Steinberg::Vst::*;
use vst3::Steinberg::*;
use vst3::{Class, ComWrapper};

/// A host's handler that counts.
#[derive(Default)]
struct Handler {
    dirty: AtomicU32,
}

impl Class for Handler {
    type Interfaces = (IComponentHandler, IComponentHandler2);
}

impl IComponentHandlerTrait for Handler {
    unsafe fn beginEdit(&self, _id: ParamID) -> tresult {
        kResultOk
    }

    unsafe fn performEdit(&self, _id: ParamID, _value: ParamValue) -> tresult {
        kResultOk
    }

    unsafe fn endEdit(&self, _id: ParamID) -> tresult {
        kResultOk
    }

    unsafe fn restartComponent(&self, _flags: int32) -> tresult {
        kResultOk
    }
}

impl IComponentHandler2Trait for Handler {
    unsafe fn setDirty(&self, state: TBool) -> tresult {
        assert_ne!(state, 0);
        self.dirty.fetch_add(1, Ordering::Relaxed);
        kResultOk
    }

    unsafe fn requestOpenEditor(&self, _name: FIDString) -> tresult {
        kResultFalse
    }

    unsafe fn startGroupEdit(&self) -> tresult {
        kResultOk
    }

    unsafe fn finishGroupEdit(&self) -> tresult {
        kResultOk
    }
}

#[test]
fn the_map_the_model_file_and_the_target_mark_the_project_changed_once_each_and_nothing_else_does()
{
    let plugin = UndersongVst3::create().expect("it is made");
    let (shared, edits) = (Arc::clone(&plugin.shared), Arc::clone(&plugin.edits));
    let handler = ComWrapper::new(Handler::default());
    let mut bridge = Bridge::new(shared);
    let osc = OscTarget {
        host: "10.0.0.7".to_owned(),
        port: 7000,
        wekinator: false,
    };
    // Before there is a handler nothing is lost.
    bridge.apply(Action::ModelFile("choir.onnx".to_owned()));
    edits.deliver();
    edits.set_handler(handler.to_com_ptr::<IComponentHandler>());
    edits.deliver();
    assert_eq!(handler.dirty.load(Ordering::Relaxed), 1);
    for (action, marks) in [
        (Action::Number(Dial::Hop, Change::Once(500.0)), 0),
        (Action::Reset, 0),
        (Action::Route(2, Route::Controller(85)), 1),
        (Action::RestoreMap, 1),
        (Action::ModelFile("choir.onnx".to_owned()), 0),
        (Action::OscTarget(osc), 1),
    ] {
        let before = handler.dirty.load(Ordering::Relaxed);
        bridge.apply(action.clone());
        assert_eq!(
            handler.dirty.load(Ordering::Relaxed),
            before,
            "the editor's thread may not tell"
        );
        edits.deliver();
        edits.deliver();
        let told = handler.dirty.load(Ordering::Relaxed) - before;
        assert_eq!(told, marks, "{action:?}");
    }
    edits.set_handler(None);
}

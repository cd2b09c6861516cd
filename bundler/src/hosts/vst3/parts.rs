//! What the plugin says of itself: parameters, buses, latency; and its state.

use super::Vst3Host;
use super::lists::Stream;
use crate::hosts::{Flags, HostError, Parameter, Ports};
use vst3::ComPtr;
use vst3::Steinberg::Vst::ParameterInfo_::ParameterFlags_;
use vst3::Steinberg::Vst::*;
use vst3::Steinberg::*;

fn text16(text: &[TChar]) -> String {
    let text: Vec<u16> = text.iter().copied().take_while(|&unit| unit != 0).collect();
    String::from_utf16_lossy(&text)
}

#[allow(clippy::unnecessary_cast)] // the constants' type differs between systems
pub(super) fn parameters(controller: &ComPtr<IEditController>) -> Vec<Parameter> {
    // SAFETY: places to write to, of plain numbers; the count is the controller's.
    unsafe {
        (0..controller.getParameterCount())
            .filter_map(|index| {
                let mut info: ParameterInfo = std::mem::zeroed();
                if controller.getParameterInfo(index, &raw mut info) != kResultOk {
                    return None;
                }
                let is = |flag: u32| info.flags as u32 & flag != 0;
                Some(Parameter {
                    id: info.id,
                    name: text16(&info.title),
                    group: String::new(),
                    min: 0.0,
                    max: 1.0,
                    default: info.defaultNormalizedValue,
                    flags: Flags {
                        automatable: is(ParameterFlags_::kCanAutomate as u32),
                        stepped: info.stepCount > 0,
                        bypass: is(ParameterFlags_::kIsBypass as u32),
                        hidden: is(ParameterFlags_::kIsHidden as u32),
                        read_only: is(ParameterFlags_::kIsReadOnly as u32),
                    },
                })
            })
            .collect()
    }
}

/// Speakers for so many channels.
pub(super) fn arrangement(channels: usize) -> Option<SpeakerArrangement> {
    match channels {
        1 => Some(SpeakerArr::kMono),
        2 => Some(SpeakerArr::kStereo),
        _ => None,
    }
}

impl Vst3Host {
    /// Every parameter, in the plugin's order.
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// The parameter's value, 0 to 1, as the controller says.
    pub fn value(&self, id: u32) -> f64 {
        // SAFETY: a call of a live object.
        unsafe { self.controller.getParamNormalized(id) }
    }

    /// Sets a parameter, 0 to 1, from the controller's side.
    ///
    /// # Errors
    /// If the plugin refuses.
    pub fn set(&mut self, id: u32, value: f64) -> Result<(), HostError> {
        // SAFETY: a call of a live object.
        match unsafe { self.controller.setParamNormalized(id, value) } {
            result if result == kResultOk => Ok(()),
            _ => Err(HostError::Refused {
                call: "setParamNormalized",
            }),
        }
    }

    /// A value as the plugin writes it for people.
    pub fn text(&self, id: u32, value: f64) -> Option<String> {
        let mut text: String128 = [0; 128];
        // SAFETY: a place to write to.
        let result = unsafe {
            self.controller
                .getParamStringByValue(id, value, &raw mut text)
        };
        (result == kResultOk).then(|| text16(&text))
    }

    /// The value, 0 to 1, that a text means.
    pub fn read_text(&self, id: u32, text: &str) -> Option<f64> {
        let mut text: Vec<TChar> = text.encode_utf16().chain([0]).collect();
        let mut value = f64::NAN;
        // SAFETY: a text that ends with zero, and a place to write to.
        let result = unsafe {
            self.controller
                .getParamValueByString(id, text.as_mut_ptr(), &raw mut value)
        };
        (result == kResultOk).then_some(value)
    }

    /// Audio and event buses.
    #[allow(clippy::unnecessary_cast)] // the constants' type differs between systems
    pub fn ports(&self) -> Ports {
        let audio = MediaTypes_::kAudio as MediaType;
        let event = MediaTypes_::kEvent as MediaType;
        let input = BusDirections_::kInput as BusDirection;
        let output = BusDirections_::kOutput as BusDirection;
        let count = |kind, direction| {
            // SAFETY: a call of a live object.
            unsafe { self.component.getBusCount(kind, direction) }
        };
        let channels = |direction| {
            (0..count(audio, direction))
                .filter_map(|index| {
                    // SAFETY: a place to write to, of plain numbers.
                    unsafe {
                        let mut info: BusInfo = std::mem::zeroed();
                        let result =
                            self.component
                                .getBusInfo(audio, direction, index, &raw mut info);
                        (result == kResultOk).then_some(info.channelCount as u32)
                    }
                })
                .collect()
        };
        Ports {
            inputs: channels(input),
            outputs: channels(output),
            event_inputs: count(event, input) as u32,
            event_outputs: count(event, output) as u32,
        }
    }

    /// Latency in samples, as reported.
    pub fn latency(&self) -> u32 {
        // SAFETY: a call of a live object.
        unsafe { self.processor.getLatencySamples() }
    }

    /// Tail in samples, as reported.
    pub fn tail(&self) -> u32 {
        // SAFETY: a call of a live object.
        unsafe { self.processor.getTailSamples() }
    }

    /// Whether the plugin takes samples of 64 bits.
    #[allow(clippy::unnecessary_cast)] // the constants' type differs between systems
    pub fn takes_64_bits(&self) -> bool {
        let size = SymbolicSampleSizes_::kSample64 as int32;
        // SAFETY: a call of a live object.
        unsafe { self.processor.canProcessSampleSize(size) == kResultOk }
    }

    /// The state, as a project keeps it, in pieces of so many bytes at most.
    ///
    /// # Errors
    /// If the plugin cannot save it.
    pub fn save_in_pieces(&mut self, most: usize) -> Result<Vec<u8>, HostError> {
        const REFUSED: HostError = HostError::Refused { call: "getState" };
        let stream = Stream::new(&[], most);
        let own = stream.to_com_ptr::<IBStream>().ok_or(REFUSED)?;
        // SAFETY: a stream that lives during the call.
        if unsafe { self.component.getState(own.as_ptr()) } != kResultOk {
            return Err(REFUSED);
        }
        let bytes = stream.bytes.borrow().clone();
        Ok(bytes)
    }

    /// Restores a state, in pieces of so many bytes at most, and tells the controller, as hosts do.
    ///
    /// # Errors
    /// If the plugin refuses it.
    pub fn load_in_pieces(&mut self, bytes: &[u8], most: usize) -> Result<(), HostError> {
        const REFUSED: HostError = HostError::Refused { call: "setState" };
        let stream = |bytes| {
            let stream = Stream::new(bytes, most);
            stream.to_com_ptr::<IBStream>().ok_or(REFUSED)
        };
        let (first, second) = (stream(bytes)?, stream(bytes)?);
        // SAFETY: streams that live during the calls.
        unsafe {
            if self.component.setState(first.as_ptr()) != kResultOk {
                return Err(REFUSED);
            }
            self.controller.setComponentState(second.as_ptr());
        }
        Ok(())
    }
}

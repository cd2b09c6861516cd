//! A small CLAP host that renders a sound offline and keeps everything that comes back.

use clack_extensions::render::{PluginRender, RenderMode};
use clack_host::events::Pckn;
use clack_host::events::event_types::ParamValueEvent;
use clack_host::events::io::EventBuffer;
use clack_host::events::spaces::CoreEventSpace;
use clack_host::prelude::*;
use clack_host::utils::ClapId;
use std::path::Path;
use undersong_core::audio::{NoiseReduction, load_mono};
use undersong_plugin::params::{Lane, host_id, lane_host_id};

pub(crate) const RATE_HZ: u32 = 48_000;

/// The sample take, mono at 48 kHz.
pub(crate) fn take() -> Vec<f32> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../cli/samples/take.flac");
    load_mono(&file, RATE_HZ, NoiseReduction::Off).unwrap()
}

struct Callbacks;

impl SharedHandler<'_> for Callbacks {
    fn request_restart(&self) {}
    fn request_process(&self) {}
    fn request_callback(&self) {}
}

struct TestHost;

impl HostHandlers for TestHost {
    type Shared<'a> = Callbacks;
    type MainThread<'a> = ();
    type AudioProcessor<'a> = ();
}

/// What came back; times in samples since the render began.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Heard {
    pub(crate) sound: Vec<f32>,
    /// Parameter, value in CLAP's units.
    pub(crate) values: Vec<(u64, u32, f64)>,
    pub(crate) begins: Vec<(u64, u32)>,
    pub(crate) ends: Vec<(u64, u32)>,
    /// Controller, value.
    pub(crate) controllers: Vec<(u64, u8, u8)>,
    /// Key, whether it begins.
    pub(crate) notes: Vec<(u64, u16, bool)>,
    /// The times of all events, as they came.
    pub(crate) order: Vec<u64>,
}

impl Heard {
    /// The points of a lane.
    pub(crate) fn values(&self, lane: Lane) -> Vec<(u64, f64)> {
        let points = self
            .values
            .iter()
            .filter(|(_, id, _)| *id == lane_host_id(lane));
        points.map(|&(at, _, value)| (at, value)).collect()
    }
}

/// A host with one instance.
pub(crate) struct Host {
    instance: PluginInstance<TestHost>,
    changes: EventBuffer,
    later: Option<(u64, EventBuffer)>,
}

fn changes(values: &[(&str, f64)]) -> EventBuffer {
    let mut changes = EventBuffer::new();
    for &(id, value) in values {
        let id = ClapId::new(host_id(id));
        changes.push(&ParamValueEvent::new(0, id, Pckn::match_all(), value));
    }
    changes
}

impl Host {
    pub(crate) fn new() -> Self {
        // SAFETY: the entry is this crate's own and lives for ever.
        let entry = unsafe { PluginEntry::load_from_raw(&undersong_plugin::clap::clap_entry, c"") };
        let info = HostInfo::new("Test", "Undersong", "", "1").unwrap();
        let instance = PluginInstance::new(
            |_| Callbacks,
            |_| (),
            &entry.unwrap(),
            c"org.undersong.undersong",
            &info,
        );
        Self {
            instance: instance.unwrap(),
            changes: EventBuffer::new(),
            later: None,
        }
    }

    /// Sets parameters, in CLAP's units, at the start of the next render.
    pub(crate) fn set(&mut self, values: &[(&str, f64)]) {
        self.changes = changes(values);
    }

    /// Sets parameters in the block that begins at or after a sample of the next render.
    pub(crate) fn set_later(&mut self, at: u64, values: &[(&str, f64)]) {
        self.later = Some((at, changes(values)));
    }

    /// Activates, plays `sound` offline in blocks of `block` samples, and deactivates.
    pub(crate) fn render(&mut self, sound: &[f32], block: usize) -> Heard {
        let plugin = self.instance.plugin_handle();
        let render: PluginRender = plugin.get_extension().unwrap();
        render.set(&plugin, RenderMode::Offline).unwrap();
        let configuration = PluginAudioConfiguration {
            sample_rate: RATE_HZ.into(),
            min_frames_count: 1,
            max_frames_count: block as u32,
        };
        let processor = self.instance.activate(|_, _| (), configuration).unwrap();
        let mut processor = processor.start_processing().unwrap();
        let (mut input_ports, mut output_ports) = (
            AudioPorts::with_capacity(2, 1),
            AudioPorts::with_capacity(2, 1),
        );
        let mut heard = Heard::default();
        let mut start = 0;
        for piece in sound.chunks(block) {
            if let Some((_, changes)) = self.later.take_if(|(at, _)| *at <= start) {
                self.changes = changes;
            }
            let mut input = [piece.to_vec(), piece.to_vec()];
            let mut output = [vec![9.0; piece.len()], vec![9.0; piece.len()]];
            let mut events = EventBuffer::new();
            processor
                .process(
                    &input_ports.with_input_buffers([AudioPortBuffer {
                        latency: 0,
                        channels: AudioPortBufferType::f32_input_only(
                            input.iter_mut().map(InputChannel::variable),
                        ),
                    }]),
                    &mut output_ports.with_output_buffers([AudioPortBuffer {
                        latency: 0,
                        channels: AudioPortBufferType::f32_output_only(
                            output.iter_mut().map(Vec::as_mut_slice),
                        ),
                    }]),
                    &self.changes.as_input(),
                    &mut events.as_output(),
                    Some(start),
                    None,
                )
                .unwrap();
            self.changes.clear();
            assert_eq!(output[0], output[1]);
            heard.sound.extend(&output[0]);
            heard.keep(&events, start);
            start += piece.len() as u64;
        }
        self.instance.deactivate(processor.stop_processing());
        heard
    }
}

impl Heard {
    fn keep(&mut self, events: &EventBuffer, start: u64) {
        for event in events.iter() {
            let at = start + u64::from(event.header().time());
            self.order.push(at);
            match event.as_core_event().unwrap() {
                CoreEventSpace::ParamValue(event) => {
                    self.values
                        .push((at, event.param_id().unwrap().get(), event.value()));
                }
                CoreEventSpace::ParamGestureBegin(event) => {
                    self.begins.push((at, event.param_id().unwrap().get()));
                }
                CoreEventSpace::ParamGestureEnd(event) => {
                    self.ends.push((at, event.param_id().unwrap().get()));
                }
                CoreEventSpace::Midi(event) => {
                    let [_, controller, value] = event.data();
                    self.controllers.push((at, controller, value));
                }
                CoreEventSpace::NoteOn(event) => {
                    self.notes
                        .push((at, event.key().into_specific().unwrap(), true));
                }
                CoreEventSpace::NoteOff(event) => {
                    self.notes
                        .push((at, event.key().into_specific().unwrap(), false));
                }
                other => panic!("{other:?}"),
            }
        }
    }
}

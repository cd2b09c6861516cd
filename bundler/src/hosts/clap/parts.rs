//! What the plugin says of itself: parameters, ports, latency; and its state.

use super::ClapHost;
use crate::hosts::{Change, Flags, HostError, Parameter, Ports, text8};
use clack_extensions::audio_ports::{AudioPortInfoBuffer, PluginAudioPorts};
use clack_extensions::audio_ports_config::{AudioPortsConfigBuffer, PluginAudioPortsConfig};
use clack_extensions::latency::PluginLatency;
use clack_extensions::note_ports::PluginNotePorts;
use clack_extensions::params::{ParamInfo, ParamInfoBuffer, ParamInfoFlags, PluginParams};
use clack_extensions::remote_controls::{PluginRemoteControls, RemoteControlsPageBuffer};
use clack_extensions::render::{PluginRender, RenderMode};
use clack_extensions::state::PluginState;
use clack_extensions::tail::PluginTail;
use clack_host::events::event_types::ParamValueEvent;
use clack_host::prelude::*;
use std::ffi::CString;
use std::io::{Read, Write};

/// A stream that gives and takes so many bytes at once at most, as hosts' streams may.
struct Pieces<T>(T, usize);

impl Read for Pieces<&[u8]> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let most = buffer.len().min(self.1);
        self.0.read(buffer.get_mut(..most).unwrap_or_default())
    }
}

impl Write for Pieces<&mut Vec<u8>> {
    fn write(&mut self, buffer: &[u8]) -> std::io::Result<usize> {
        let most = buffer.len().min(self.1);
        self.0.write(buffer.get(..most).unwrap_or_default())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A choice of ports that the plugin offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// Its number.
    pub id: u32,
    /// Its name.
    pub name: String,
    /// Channels of the main input and output.
    pub channels: (u32, u32),
}

fn parameter(info: &ParamInfo<'_>) -> Parameter {
    let is = |flag| info.flags.contains(flag);
    Parameter {
        id: info.id.get(),
        name: text8(info.name.iter().copied()),
        group: text8(info.module.iter().copied()),
        min: info.min_value,
        max: info.max_value,
        default: info.default_value,
        flags: Flags {
            automatable: is(ParamInfoFlags::IS_AUTOMATABLE),
            stepped: is(ParamInfoFlags::IS_STEPPED),
            bypass: is(ParamInfoFlags::IS_BYPASS),
            hidden: is(ParamInfoFlags::IS_HIDDEN),
            read_only: is(ParamInfoFlags::IS_READONLY),
        },
    }
}

impl ClapHost {
    pub(super) fn list_parameters(&mut self) -> Vec<Parameter> {
        let plugin = self.instance.plugin_handle();
        let Some(params) = plugin.get_extension::<PluginParams>() else {
            return Vec::new();
        };
        let mut buffer = ParamInfoBuffer::new();
        (0..params.count(&plugin))
            .filter_map(|index| Some(parameter(&params.get_info(&plugin, index, &mut buffer)?)))
            .collect()
    }

    /// Every parameter, in the plugin's order.
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// The parameter's value, as the plugin says.
    pub fn value(&mut self, id: u32) -> Option<f64> {
        let plugin = self.instance.plugin_handle();
        let params = plugin.get_extension::<PluginParams>()?;
        params.get_value(&plugin, ClapId::from_raw(id)?)
    }

    /// A value as the plugin writes it for people.
    pub fn text(&mut self, id: u32, value: f64) -> Option<String> {
        let plugin = self.instance.plugin_handle();
        let params = plugin.get_extension::<PluginParams>()?;
        let mut buffer = [0_u8; 256];
        let text = params.value_to_text(&plugin, ClapId::from_raw(id)?, value, &mut buffer);
        Some(text8(text.ok()?.iter().copied()))
    }

    /// The value that a text means.
    pub fn read_text(&mut self, id: u32, text: &str) -> Option<f64> {
        let plugin = self.instance.plugin_handle();
        let params = plugin.get_extension::<PluginParams>()?;
        params.text_to_value(&plugin, ClapId::from_raw(id)?, &CString::new(text).ok()?)
    }

    /// Sets a parameter while no sound runs through.
    ///
    /// # Errors
    /// If the plugin is active.
    pub fn set(&mut self, id: u32, value: f64) -> Result<(), HostError> {
        self.flush(&[Change { at: 0, id, value }])
    }

    /// As [`set`](Self::set), for several.
    ///
    /// # Errors
    /// If the plugin is active.
    pub fn flush(&mut self, changes: &[Change]) -> Result<(), HostError> {
        self.changes.clear();
        for change in changes {
            if let Some(id) = ClapId::from_raw(change.id) {
                let event = ParamValueEvent::new(change.at, id, Pckn::match_all(), change.value);
                self.changes.push(&event);
            }
        }
        self.sent.0.clear();
        let Some(mut plugin) = self.instance.inactive_plugin_handle() else {
            return Err(HostError::Missing {
                what: "time for it: deactivate first",
            });
        };
        if let Some(params) = plugin.get_extension::<PluginParams>() {
            params.flush(
                &mut plugin,
                &self.changes.as_input(),
                &mut OutputEvents::from_buffer(&mut self.sent),
            );
        }
        Ok(())
    }

    /// What the last [`flush`](Self::flush) made the plugin send.
    pub fn flushed(&self) -> &[crate::hosts::Sent] {
        &self.sent.0
    }

    /// Audio and note ports.
    pub fn ports(&mut self) -> Ports {
        let plugin = self.instance.plugin_handle();
        let audio = plugin.get_extension::<PluginAudioPorts>();
        let mut buffer = AudioPortInfoBuffer::new();
        let mut channels = |is_input| {
            let Some(audio) = &audio else {
                return Vec::new();
            };
            (0..audio.count(&plugin, is_input))
                .filter_map(|index| {
                    Some(
                        audio
                            .get(&plugin, index, is_input, &mut buffer)?
                            .channel_count,
                    )
                })
                .collect()
        };
        let (inputs, outputs) = (channels(true), channels(false));
        let notes = plugin.get_extension::<PluginNotePorts>();
        let count = |is_input| notes.map_or(0, |notes| notes.count(&plugin, is_input));
        Ports {
            inputs,
            outputs,
            event_inputs: count(true),
            event_outputs: count(false),
        }
    }

    /// The layouts that the plugin offers.
    pub fn layouts(&mut self) -> Vec<Layout> {
        let plugin = self.instance.plugin_handle();
        let Some(configs) = plugin.get_extension::<PluginAudioPortsConfig>() else {
            return Vec::new();
        };
        let mut buffer = AudioPortsConfigBuffer::new();
        (0..configs.count(&plugin))
            .filter_map(|index| {
                let config = configs.get(&plugin, index, &mut buffer)?;
                Some(Layout {
                    id: config.id.get(),
                    name: text8(config.name.iter().copied()),
                    channels: (
                        config.main_input.map_or(0, |port| port.channel_count),
                        config.main_output.map_or(0, |port| port.channel_count),
                    ),
                })
            })
            .collect()
    }

    /// Chooses the layout with so many channels in and out. The plugin must not be active.
    pub(super) fn choose_channels(&mut self, channels: u32) -> Result<(), HostError> {
        const REFUSED: HostError = HostError::Refused {
            call: "select of a layout",
        };
        let layouts = self.layouts();
        let layout = layouts
            .iter()
            .find(|layout| layout.channels == (channels, channels))
            .ok_or(HostError::Missing {
                what: "layout with so many channels",
            })?;
        let plugin = self.instance.plugin_handle();
        let configs = plugin
            .get_extension::<PluginAudioPortsConfig>()
            .ok_or(REFUSED)?;
        let id = ClapId::from_raw(layout.id).ok_or(REFUSED)?;
        configs.select(&plugin, id).map_err(|_| REFUSED)
    }

    /// Latency in samples, as reported.
    pub fn latency(&mut self) -> u32 {
        let plugin = self.instance.plugin_handle();
        plugin
            .get_extension::<PluginLatency>()
            .map_or(0, |latency| latency.get(&plugin))
    }

    /// Tail in samples, as reported to the audio thread; `None` if the plugin is not active.
    pub fn tail(&mut self) -> Option<u32> {
        let plugin = self.processor.as_mut()?.plugin_handle();
        let tail = plugin.get_extension::<PluginTail>();
        Some(tail.map_or(0, |tail| tail.get(&plugin).to_raw()))
    }

    /// Pages of remote controls: a name, and the parameters in their places.
    pub fn remote_pages(&mut self) -> Vec<(String, Vec<Option<u32>>)> {
        let plugin = self.instance.plugin_handle();
        let Some(remote) = plugin.get_extension::<PluginRemoteControls>() else {
            return Vec::new();
        };
        let mut buffer = RemoteControlsPageBuffer::new();
        (0..remote.count(&plugin))
            .filter_map(|index| {
                let page = remote.get(&plugin, index, &mut buffer)?;
                let ids = page.param_ids.iter().map(|id| Some((*id)?.get()));
                Some((text8(page.page_name.iter().copied()), ids.collect()))
            })
            .collect()
    }

    /// Says whether the host renders as fast as it can and waits.
    ///
    /// # Errors
    /// If the plugin refuses.
    pub fn set_offline(&mut self, offline: bool) -> Result<(), HostError> {
        const REFUSED: HostError = HostError::Refused { call: "render.set" };
        let plugin = self.instance.plugin_handle();
        let render = plugin.get_extension::<PluginRender>().ok_or(REFUSED)?;
        let mode = if offline {
            RenderMode::Offline
        } else {
            RenderMode::Realtime
        };
        render.set(&plugin, mode).map_err(|_| REFUSED)?;
        self.offline = offline;
        Ok(())
    }

    /// The state, as a project keeps it, in pieces of so many bytes at most.
    ///
    /// # Errors
    /// If the plugin cannot save it.
    pub fn save_in_pieces(&mut self, most: usize) -> Result<Vec<u8>, HostError> {
        const REFUSED: HostError = HostError::Refused { call: "state.save" };
        let plugin = self.instance.plugin_handle();
        let state = plugin.get_extension::<PluginState>().ok_or(REFUSED)?;
        let mut bytes = Vec::new();
        let mut pieces = Pieces(&mut bytes, most);
        state.save(&plugin, &mut pieces).map_err(|_| REFUSED)?;
        Ok(bytes)
    }

    /// Restores a state, in pieces of so many bytes at most.
    ///
    /// # Errors
    /// If the plugin refuses it.
    pub fn load_in_pieces(&mut self, bytes: &[u8], most: usize) -> Result<(), HostError> {
        const REFUSED: HostError = HostError::Refused { call: "state.load" };
        let plugin = self.instance.plugin_handle();
        let state = plugin.get_extension::<PluginState>().ok_or(REFUSED)?;
        let mut pieces = Pieces(bytes, most);
        state.load(&plugin, &mut pieces).map_err(|_| REFUSED)
    }
}

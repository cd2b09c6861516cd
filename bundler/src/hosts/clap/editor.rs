//! The plugin's editor in a window of the host's.

#![allow(unsafe_code)]

use super::ClapHost;
use crate::hosts::HostError;
use crate::hosts::display::{Display, Window};
use clack_extensions::gui::{GuiApiType, GuiConfiguration, GuiSize, PluginGui, Window as Parent};
use std::time::{Duration, Instant};

const API: GuiConfiguration<'static> = GuiConfiguration {
    api_type: GuiApiType::X11,
    is_floating: false,
};

impl ClapHost {
    fn gui(&mut self) -> Result<PluginGui, HostError> {
        self.instance
            .plugin_handle()
            .get_extension::<PluginGui>()
            .ok_or(HostError::Missing { what: "editor" })
    }

    /// Opens the editor in a new window. Between the window's making and its showing the host takes `pause`, as slow hosts do.
    ///
    /// # Errors
    /// If the plugin has no editor or refuses a call.
    pub fn open_editor(&mut self, display: &Display, pause: Duration) -> Result<Window, HostError> {
        let refused = |call| move |_| HostError::Refused { call };
        let gui = self.gui()?;
        let plugin = self.instance.plugin_handle();
        if !gui.is_api_supported(&plugin, API) {
            return Err(HostError::Missing {
                what: "editor for X11",
            });
        }
        gui.create(&plugin, API).map_err(refused("gui.create"))?;
        let size = gui.get_size(&plugin).ok_or(HostError::Refused {
            call: "gui.get_size",
        })?;
        let window = display.window(size.width, size.height)?;
        // SAFETY: the window lives until the editor is closed; the caller holds it.
        unsafe {
            gui.set_parent(&plugin, Parent::from_x11_handle(window.id().into()))
                .map_err(refused("gui.set_parent"))?;
        }
        std::thread::sleep(pause);
        gui.show(&plugin).map_err(refused("gui.show"))?;
        Ok(window)
    }

    /// Gives the editor a new size and returns the one that it takes.
    ///
    /// # Errors
    /// If the editor cannot be resized, or refuses.
    pub fn resize_editor(
        &mut self,
        window: &Window,
        width: u32,
        height: u32,
    ) -> Result<(u32, u32), HostError> {
        let gui = self.gui()?;
        let plugin = self.instance.plugin_handle();
        if !gui.can_resize(&plugin) {
            return Err(HostError::Missing {
                what: "resizable editor",
            });
        }
        let wanted = GuiSize { width, height };
        let size = gui.adjust_size(&plugin, wanted).unwrap_or(wanted);
        window.resize(size.width, size.height)?;
        gui.set_size(&plugin, size)
            .map_err(|_| HostError::Refused {
                call: "gui.set_size",
            })?;
        Ok((size.width, size.height))
    }

    /// Closes the editor; its window may go then.
    ///
    /// # Errors
    /// If there is none.
    pub fn close_editor(&mut self) -> Result<(), HostError> {
        let gui = self.gui()?;
        gui.destroy(&self.instance.plugin_handle());
        Ok(())
    }

    /// Does the main thread's work for so long: what the plugin asks for, and sizes that it wants.
    ///
    /// # Errors
    /// If the plugin refuses the size that it has asked for itself.
    pub fn idle(&mut self, window: &Window, time: Duration) -> Result<(), HostError> {
        let end = Instant::now() + time;
        while Instant::now() < end {
            self.main_thread();
            if let Some(size) = self.calls.take_wanted_size() {
                window.resize(size.width, size.height)?;
                let gui = self.gui()?;
                let plugin = self.instance.plugin_handle();
                gui.set_size(&plugin, size)
                    .map_err(|_| HostError::Refused {
                        call: "gui.set_size",
                    })?;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }
}

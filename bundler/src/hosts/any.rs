//! `PluginHost`: either host, for checks that hold for both.

use super::{Change, ClapHost, HostError, Judge, Parameter, Playhead, Ports, Sent, Vst3Host};

/// An instance of a plugin in a host of either format.
pub trait PluginHost {
    /// `CLAP` or `VST3`.
    fn format(&self) -> &'static str;

    /// Every parameter, in the plugin's order.
    fn parameters(&self) -> &[Parameter];

    /// What was wrong with blocks so far.
    fn judge(&self) -> &Judge;

    /// Audio and event ports.
    fn ports(&mut self) -> Ports;

    /// Latency in samples, as reported.
    fn latency(&mut self) -> u32;

    /// Tail in samples, as reported; the plugin must be active.
    fn tail(&mut self) -> u32;

    /// Makes ready for sound: so many samples a second, channels, and samples in a block at most.
    ///
    /// # Errors
    /// If the plugin refuses.
    fn activate(
        &mut self,
        sample_rate_hz: f64,
        channels: usize,
        max_frames: usize,
    ) -> Result<(), HostError>;

    /// Ends what [`activate`](Self::activate) began; nothing if it did not.
    fn deactivate(&mut self);

    /// Whether the host renders as fast as it can and waits; to be said before activation.
    ///
    /// # Errors
    /// If the plugin refuses.
    fn set_offline(&mut self, offline: bool) -> Result<(), HostError>;

    /// Plays a block through the plugin and gives back what it sent.
    ///
    /// # Errors
    /// If the plugin is not active or refuses the block, or the sound has another shape than was announced.
    fn block(
        &mut self,
        input: &[&[f32]],
        changes: &[Change],
        playhead: Option<Playhead>,
    ) -> Result<&[Sent], HostError>;

    /// The sound that came out of the last block.
    fn output(&self, channel: usize) -> &[f32];

    /// Sets a parameter while the plugin is not active, in the format's units.
    ///
    /// # Errors
    /// If the plugin refuses.
    fn set(&mut self, id: u32, value: f64) -> Result<(), HostError>;

    /// A parameter's value in the format's units, as the plugin says.
    fn value(&mut self, id: u32) -> Option<f64>;

    /// A value as the plugin writes it for people.
    fn text(&mut self, id: u32, value: f64) -> Option<String>;

    /// The value, in the format's units, that a text means.
    fn read_text(&mut self, id: u32, text: &str) -> Option<f64>;

    /// The state, as a project keeps it, through a stream that takes so many bytes at once at most.
    ///
    /// # Errors
    /// If the plugin cannot save it.
    fn save_in_pieces(&mut self, most: usize) -> Result<Vec<u8>, HostError>;

    /// Restores a state, through a stream that gives so many bytes at once at most.
    ///
    /// # Errors
    /// If the plugin refuses it.
    fn load_in_pieces(&mut self, bytes: &[u8], most: usize) -> Result<(), HostError>;

    /// Plays this block so many times on a thread of its own, while `main` is called over and over on this one, which must be the main
    /// thread. `false` if the sound that came out was another. The plugin must be active, with two channels.
    fn beside(
        &mut self,
        block: &[f32],
        times: usize,
        main: &mut dyn FnMut(&mut dyn PluginHost),
    ) -> bool;

    /// The state, as a project keeps it.
    ///
    /// # Errors
    /// If the plugin cannot save it.
    fn save(&mut self) -> Result<Vec<u8>, HostError> {
        self.save_in_pieces(usize::MAX)
    }

    /// Restores a state.
    ///
    /// # Errors
    /// If the plugin refuses it.
    fn load(&mut self, bytes: &[u8]) -> Result<(), HostError> {
        self.load_in_pieces(bytes, usize::MAX)
    }

    /// The parameter of this name.
    ///
    /// # Errors
    /// If there is none.
    fn parameter(&self, name: &str) -> Result<Parameter, HostError> {
        let found = self
            .parameters()
            .iter()
            .find(|parameter| parameter.name == name);
        found.cloned().ok_or(HostError::Missing {
            what: "parameter of this name",
        })
    }

    /// Sets the parameter of this name to a share of its range, 0 to 1, while the plugin is not active.
    ///
    /// # Errors
    /// If there is none, or the plugin refuses.
    fn set_named(&mut self, name: &str, share: f64) -> Result<(), HostError> {
        let parameter = self.parameter(name)?;
        self.set(parameter.id, parameter.at_share(share))
    }
}

impl Parameter {
    /// The value at a share of the range, 0 to 1.
    pub fn at_share(&self, share: f64) -> f64 {
        self.min + share * (self.max - self.min)
    }

    /// The share of the range, 0 to 1, at which a value lies.
    pub fn share_of(&self, value: f64) -> f64 {
        if self.max > self.min {
            (value - self.min) / (self.max - self.min)
        } else {
            0.0
        }
    }
}

/// What both hosts have under the same names.
macro_rules! shared {
    () => {
        fn parameters(&self) -> &[Parameter] {
            Self::parameters(self)
        }

        fn judge(&self) -> &Judge {
            Self::judge(self)
        }

        fn ports(&mut self) -> Ports {
            Self::ports(self)
        }

        fn latency(&mut self) -> u32 {
            Self::latency(self)
        }

        fn activate(
            &mut self,
            sample_rate_hz: f64,
            channels: usize,
            max_frames: usize,
        ) -> Result<(), HostError> {
            Self::activate(self, sample_rate_hz, channels, max_frames)
        }

        fn deactivate(&mut self) {
            Self::deactivate(self);
        }

        fn block(
            &mut self,
            input: &[&[f32]],
            changes: &[Change],
            playhead: Option<Playhead>,
        ) -> Result<&[Sent], HostError> {
            Self::block(self, input, changes, playhead)
        }

        fn output(&self, channel: usize) -> &[f32] {
            Self::output(self, channel)
        }

        fn set(&mut self, id: u32, value: f64) -> Result<(), HostError> {
            Self::set(self, id, value)
        }

        fn text(&mut self, id: u32, value: f64) -> Option<String> {
            Self::text(self, id, value)
        }

        fn read_text(&mut self, id: u32, text: &str) -> Option<f64> {
            Self::read_text(self, id, text)
        }

        fn save_in_pieces(&mut self, most: usize) -> Result<Vec<u8>, HostError> {
            Self::save_in_pieces(self, most)
        }

        fn load_in_pieces(&mut self, bytes: &[u8], most: usize) -> Result<(), HostError> {
            Self::load_in_pieces(self, bytes, most)
        }

        fn beside(
            &mut self,
            block: &[f32],
            times: usize,
            main: &mut dyn FnMut(&mut dyn PluginHost),
        ) -> bool {
            Self::beside(self, block, times, main)
        }
    };
}

impl PluginHost for ClapHost {
    shared!();

    fn format(&self) -> &'static str {
        "CLAP"
    }

    fn tail(&mut self) -> u32 {
        Self::tail(self).unwrap_or(u32::MAX)
    }

    fn set_offline(&mut self, offline: bool) -> Result<(), HostError> {
        Self::set_offline(self, offline)
    }

    fn value(&mut self, id: u32) -> Option<f64> {
        Self::value(self, id)
    }
}

impl PluginHost for Vst3Host {
    shared!();

    fn format(&self) -> &'static str {
        "VST3"
    }

    fn tail(&mut self) -> u32 {
        Self::tail(self)
    }

    fn set_offline(&mut self, offline: bool) -> Result<(), HostError> {
        Self::set_offline(self, offline);
        Ok(())
    }

    fn value(&mut self, id: u32) -> Option<f64> {
        Some(Self::value(self, id))
    }
}

//! Parameters by the numbers that hosts use, for blocks.

use super::{Entry, LANE_COUNT, LANES, Lane, UndersongParams};
use nice_plug::prelude::ParamPtr;
use std::collections::HashMap;
use std::sync::Arc;

/// Every parameter by its host id. It holds the parameters, so what it points to lives.
#[derive(Debug)]
pub struct Table {
    params: Arc<UndersongParams>,
    entries: Vec<Entry>,
    by_host_id: HashMap<u32, ParamPtr>,
    lanes: [ParamPtr; LANE_COUNT],
}

impl Table {
    /// Of these parameters.
    pub fn new(params: &Arc<UndersongParams>) -> Self {
        let entries = params.entries();
        Self {
            lanes: LANES.map(|lane| params.output.ptr(lane)),
            params: Arc::clone(params),
            by_host_id: entries
                .iter()
                .map(|entry| (entry.host_id, entry.ptr))
                .collect(),
            entries,
        }
    }

    /// In the order in which hosts list them.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The value, 0 to 1, with the host's modulation. Real-time safe: yes.
    pub fn normalised(&self, host_id: u32) -> Option<f32> {
        let ptr = self.by_host_id.get(&host_id)?;
        // SAFETY: `self` holds the parameters.
        Some(unsafe { ptr.modulated_normalized_value() })
    }

    /// Sets the value, 0 to 1; what is no number or out of range is refused or limited. Real-time safe: yes.
    pub fn set(&self, host_id: u32, normalised: f64) -> bool {
        let Some(ptr) = self.by_host_id.get(&host_id) else {
            return false;
        };
        if !normalised.is_finite() {
            return false;
        }
        // SAFETY: `self` holds the parameters; values are atomics.
        unsafe {
            ptr._internal_set_normalized_value(normalised.clamp(0.0, 1.0) as f32);
        }
        self.params.touch();
        true
    }

    /// Sets what is heard, 0 to 1. Nothing that is set depends on it, so it does not count as a change. Real-time safe: yes.
    pub fn set_lane(&self, lane: Lane, normalised: f32) {
        if let Some(ptr) = self
            .lanes
            .get(lane.index())
            .filter(|_| normalised.is_finite())
        {
            // SAFETY: `self` holds the parameters; values are atomics.
            unsafe {
                ptr._internal_set_normalized_value(normalised.clamp(0.0, 1.0));
            }
        }
    }

    /// As [`set`](Self::set), in CLAP's units: steps for a stepped parameter. Real-time safe: yes.
    pub fn set_clap(&self, host_id: u32, value: f64) -> bool {
        match self.steps(host_id) {
            Some(steps) => self.set(host_id, value / steps),
            None => false,
        }
    }

    /// Sets the host's modulation, in CLAP's units. Real-time safe: yes.
    pub fn modulate_clap(&self, host_id: u32, amount: f64) {
        if let (Some(ptr), Some(steps)) = (self.by_host_id.get(&host_id), self.steps(host_id))
            && amount.is_finite()
        {
            // SAFETY: `self` holds the parameters; values are atomics.
            unsafe {
                ptr._internal_modulate_value((amount / steps) as f32);
            }
            self.params.touch();
        }
    }

    /// Whether its values are whole numbers in CLAP's units. Real-time safe: yes.
    pub fn is_stepped(&self, host_id: u32) -> bool {
        let Some(ptr) = self.by_host_id.get(&host_id) else {
            return false;
        };
        // SAFETY: `self` holds the parameters.
        unsafe { ptr.step_count() }.is_some()
    }

    /// What CLAP's value runs to: the number of steps, or 1. Real-time safe: yes.
    pub fn steps(&self, host_id: u32) -> Option<f64> {
        let ptr = self.by_host_id.get(&host_id)?;
        // SAFETY: `self` holds the parameters.
        Some(unsafe { ptr.step_count() }.unwrap_or(1) as f64)
    }
}

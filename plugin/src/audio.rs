//! The sound's way through the plugin: from a host's input buffers to its output buffers, bit for bit.
//!
//! It is done before anything else and trusts as little as it can, so that the sound passes also when the rest cannot run.

#![allow(unsafe_code)]

/// Channels that are listened to at most. All channels pass.
pub(crate) const MAX_CHANNELS: usize = 16;

/// A host's buffers for one port.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Port<T> {
    channels: *const *mut T,
    count: usize,
}

impl<T: Copy + Default> Port<T> {
    /// No buffers.
    pub(crate) const fn none() -> Self {
        Self {
            channels: std::ptr::null(),
            count: 0,
        }
    }

    /// A port from a host's array of channel pointers; either may be null.
    ///
    /// # Safety
    /// `channels` is null or points to `count` pointers, which stay valid while the port is used.
    pub(crate) unsafe fn new(channels: *const *mut T, count: usize) -> Self {
        if channels.is_null() {
            Self::none()
        } else {
            Self { channels, count }
        }
    }

    /// The channel's buffer, or `None` if there is none.
    fn channel(&self, index: usize) -> Option<*mut T> {
        if index >= self.count {
            return None;
        }
        // SAFETY: `new` was told that there are `count` pointers.
        let channel = unsafe { *self.channels.add(index) };
        (!channel.is_null()).then_some(channel)
    }

    /// Copies `frames` of every channel of `input` to the channel of the same place here; a channel without a source becomes silent.
    ///
    /// Real-time safe: yes.
    ///
    /// # Safety
    /// Every channel that is not null has `frames` values.
    pub(crate) unsafe fn receive(&self, input: &Self, frames: usize) {
        for index in 0..self.count {
            let Some(to) = self.channel(index) else {
                continue;
            };
            match input.channel(index) {
                // SAFETY: both have `frames` values, says the caller; `copy` allows them to overlap.
                Some(from) if !std::ptr::eq(from, to) => unsafe {
                    std::ptr::copy(from, to, frames);
                },
                Some(_) => {}
                // SAFETY: as above.
                None => unsafe {
                    std::slice::from_raw_parts_mut(to, frames).fill(T::default());
                },
            }
        }
    }

    /// Calls `listen` with the channels that there are, at most [`MAX_CHANNELS`].
    ///
    /// Real-time safe: yes, as far as `listen` is.
    ///
    /// # Safety
    /// Every channel that is not null has `frames` values, and nobody writes to them meanwhile.
    pub(crate) unsafe fn with_channels<R>(
        &self,
        frames: usize,
        listen: impl FnOnce(&[&[T]]) -> R,
    ) -> R {
        let mut channels: [&[T]; MAX_CHANNELS] = [&[]; MAX_CHANNELS];
        let mut count = 0;
        for channel in (0..self.count).filter_map(|index| self.channel(index)) {
            let Some(slot) = channels.get_mut(count) else {
                break;
            };
            // SAFETY: it has `frames` values, says the caller.
            *slot = unsafe { std::slice::from_raw_parts(channel, frames) };
            count += 1;
        }
        listen(channels.get(..count).unwrap_or_default())
    }
}

//! Where a file's channels stand in the room, as far as loudness asks.

use symphonia::core::audio::{Channels, Position};

/// What a channel is for whoever adds up loudness (ITU-R BS.1770-5, table 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChannelPlace {
    /// In front, or anywhere else that counts once.
    Front,
    /// Beside or behind the listener; counts 1.41 times.
    Surround,
    /// Low-frequency effects; does not count.
    LowFrequency,
}

/// The places of the channels, in their order. Channels without a speaker of their own are all in front.
pub(super) fn places(channels: &Channels, count: usize) -> Vec<ChannelPlace> {
    let surround = Position::REAR_LEFT
        | Position::REAR_RIGHT
        | Position::REAR_CENTER
        | Position::SIDE_LEFT
        | Position::SIDE_RIGHT;
    let low = Position::LFE1 | Position::LFE2;
    let mut places: Vec<ChannelPlace> = match channels {
        // Planes stand in the order of the bits.
        Channels::Positioned(positions) => positions
            .iter()
            .map(|position| {
                if low.contains(position) {
                    ChannelPlace::LowFrequency
                } else if surround.contains(position) {
                    ChannelPlace::Surround
                } else {
                    ChannelPlace::Front
                }
            })
            .collect(),
        _ => Vec::new(),
    };
    places.resize(count, ChannelPlace::Front);
    places
}

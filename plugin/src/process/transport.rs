//! What a host says of its transport.

/// The host's transport at the start of a block.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Transport {
    /// Whether it plays; `None` if the host does not say.
    pub playing: Option<bool>,
    /// Where it is, in seconds; `None` if the host does not say.
    pub position_seconds: Option<f64>,
    /// Whether the host renders as fast as it can and waits for results.
    pub offline: bool,
}

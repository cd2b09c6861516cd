//! `Hop`: the distance from one window to the next, checked once.

use std::fmt;
use std::str::FromStr;

/// Distance from one window to the next, in seconds; 0.25 by default.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hop(f64);

/// A hop that makes no sense.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error(
    "hop {given}: expected seconds from {} to {}, such as 0.25",
    Hop::SHORTEST,
    Hop::LONGEST
)]
pub struct HopError {
    given: String,
}

impl Hop {
    /// Shortest hop, in seconds.
    pub const SHORTEST: f64 = 0.02;
    /// Longest hop, in seconds.
    pub const LONGEST: f64 = 60.0;

    /// A hop of so many seconds.
    ///
    /// # Errors
    /// If it is no number or out of range.
    pub fn from_seconds(seconds: f64) -> Result<Self, HopError> {
        if (Self::SHORTEST..=Self::LONGEST).contains(&seconds) {
            Ok(Self(seconds))
        } else {
            Err(HopError {
                given: format!("{seconds} s"),
            })
        }
    }

    /// In seconds.
    pub fn seconds(self) -> f64 {
        self.0
    }
}

impl Default for Hop {
    fn default() -> Self {
        Self(0.25)
    }
}

impl FromStr for Hop {
    type Err = HopError;

    fn from_str(text: &str) -> Result<Self, HopError> {
        text.parse()
            .ok()
            .and_then(|seconds| Self::from_seconds(seconds).ok())
            .ok_or_else(|| HopError {
                given: format!("`{text}`"),
            })
    }
}

impl fmt::Display for Hop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} s", self.0)
    }
}

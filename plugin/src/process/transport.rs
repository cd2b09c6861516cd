//! What a host says of its transport, and when the sound that follows is another than the sound before.

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

/// Difference from where the host should be that counts as a jump: hosts round, and some report by the millisecond.
const TOLERANCE_SECONDS: f64 = 0.005;

/// Where the host should be.
#[derive(Debug, Default)]
pub(super) struct Playhead {
    playing: bool,
    /// Where the next block begins if nobody moves.
    expected_seconds: Option<f64>,
}

impl Playhead {
    /// Whether this block's sound does not follow the last one's: the host has begun to play, has jumped, or loops.
    pub(super) fn jumps(&mut self, transport: Transport, block_seconds: f64) -> bool {
        let playing = transport.playing.unwrap_or(false);
        let begins = playing && !self.playing;
        let moved = match (self.expected_seconds, transport.position_seconds) {
            (Some(expected), Some(position)) => {
                self.playing && playing && (position - expected).abs() > TOLERANCE_SECONDS
            }
            _ => false,
        };
        self.playing = playing;
        self.expected_seconds = transport
            .position_seconds
            .map(|position| position + block_seconds);
        begins || moved
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: f64) -> Transport {
        Transport {
            playing: Some(true),
            position_seconds: Some(seconds),
            offline: false,
        }
    }

    #[test]
    fn a_start_a_jump_and_a_loop_begin_anew_and_playing_on_does_not() {
        let mut playhead = Playhead::default();
        let mut jumps = |transport| playhead.jumps(transport, 0.01);
        assert!(jumps(at(3.0)));
        assert!(!jumps(at(3.01)));
        assert!(!jumps(at(3.0201)));
        assert!(jumps(at(7.0)));
        assert!(jumps(at(3.0)));
        let stopped = Transport {
            playing: Some(false),
            ..at(5.0)
        };
        assert!(!jumps(stopped));
        assert!(!jumps(stopped));
        assert!(jumps(at(5.0)));
    }

    #[test]
    fn a_host_that_says_nothing_never_jumps() {
        let mut playhead = Playhead::default();
        for _ in 0..3 {
            assert!(!playhead.jumps(Transport::default(), 0.01));
        }
    }
}

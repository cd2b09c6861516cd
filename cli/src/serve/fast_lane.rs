//! `Allowance`: whose sound comes in real time is never kept waiting; whose comes faster takes what room there is.
//!
//! At any time no more pieces of sound are analysed faster than real time than there are threads to analyse, however many clients send such: a live
//! client's piece then waits for one of them at most.

use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Duration, Instant};

/// Faster than the clock, so that whoever was kept waiting catches up.
const PACE: f64 = 1.25;

/// Sound that may come at once, in seconds, after it was late.
const MOST_SECONDS: f64 = 2.0;

/// And at the start, where nothing can be late.
const FIRST_SECONDS: f64 = 0.25;

/// How much sound a client may send at once in real time, as a bucket that fills with time; and its permit for more.
#[derive(Debug)]
pub(super) struct Allowance {
    seconds: f64,
    filled: Instant,
    /// For the piece that is analysed now.
    pub(super) fast: Option<OwnedSemaphorePermit>,
}

impl Allowance {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            seconds: FIRST_SECONDS,
            filled: now,
            fast: None,
        }
    }

    /// Takes a piece off if it may go at once; if not, gives how long it has to wait for that.
    pub(super) fn take(&mut self, seconds: f64, now: Instant) -> Result<(), Duration> {
        let passed = now.saturating_duration_since(self.filled).as_secs_f64();
        self.filled = now;
        self.seconds = (self.seconds + PACE * passed).min(MOST_SECONDS);
        let missing = seconds - self.seconds;
        if missing > 0.0 {
            return Err(Duration::from_secs_f64(missing / PACE));
        }
        self.seconds -= seconds;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sound_in_real_time_always_may_and_a_flood_may_not() {
        let start = Instant::now();
        let mut live = Allowance::new(start);
        let at = |ms| start + Duration::from_millis(ms);
        // Late by a second now and then, and on time altogether.
        for piece in 0..10_000_u64 {
            let due = piece * 20;
            let late = if piece / 50 % 10 == 3 {
                (piece / 50 + 1) * 1_000
            } else {
                due
            };
            assert!(live.take(0.02, at(late.max(due))).is_ok(), "{piece}");
        }
        let mut flood = Allowance::new(start);
        let taken = (0..1_000_u64)
            .filter(|&ms| flood.take(0.1, at(ms)).is_ok())
            .count();
        // A quarter of a second at once, and a little more than one a second.
        assert!((14..=15).contains(&taken), "{taken}");
    }
}

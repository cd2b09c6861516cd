//! One pitch per frame out of its candidates: the path through them that costs least (Boersma 1993), which is what keeps octave errors away.

use super::pitch::{Candidate, FLOOR_HZ};

/// Strength of having no pitch; Praat's voicing threshold.
const VOICING_THRESHOLD: f32 = 0.45;
/// What an octave lower costs a candidate.
const OCTAVE_COST: f32 = 0.01;
/// What a jump of an octave costs from one frame to the next.
const OCTAVE_JUMP_COST: f32 = 0.35;
/// What it costs to gain or lose the pitch from one frame to the next.
const VOICED_UNVOICED_COST: f32 = 0.14;
/// Frames after which the path so far is settled even if all of them have candidates: half a minute.
const LONGEST: usize = 3000;

/// A place on a path: a pitch, or none.
#[derive(Debug, Clone, Copy)]
struct Place {
    /// 0 for none.
    hz: f32,
    /// Logarithm of that to base 2.
    octave: f32,
    /// Best sum of strengths and costs up to here.
    total: f32,
    /// Place on that path in the frame before, as an index into all places.
    from: usize,
}

/// Follows pitch from frame to frame. A frame without candidates settles all before it.
#[derive(Debug, Default)]
pub(super) struct PitchPath {
    /// The places of all frames that are not settled, one frame after the other.
    places: Vec<Place>,
    /// Where each frame's places begin.
    starts: Vec<usize>,
}

impl PitchPath {
    /// Takes the next frame's candidates; appends to `pitch_hz` what is settled: a pitch per frame, 0 for none.
    pub(super) fn push(&mut self, candidates: &[Candidate], pitch_hz: &mut Vec<f32>) {
        let before = self.starts.last().copied().unwrap_or(0);
        let start = self.places.len();
        self.places.push(Place {
            hz: 0.0,
            octave: 0.0,
            total: VOICING_THRESHOLD,
            from: 0,
        });
        self.places.extend(candidates.iter().map(|candidate| {
            let octave = candidate.hz.log2();
            Place {
                hz: candidate.hz,
                octave,
                total: candidate.strength + OCTAVE_COST * (octave - FLOOR_HZ.log2()),
                from: 0,
            }
        }));
        let (earlier, places) = self.places.split_at_mut(start);
        for place in places {
            let mut best: Option<(usize, f32)> = None;
            for (index, from) in earlier.iter().enumerate().skip(before) {
                let total = from.total - step_cost(from, place);
                if best.is_none_or(|(_, most)| total >= most) {
                    best = Some((index, total));
                }
            }
            if let Some((from, total)) = best {
                (place.from, place.total) = (from, place.total + total);
            }
        }
        self.starts.push(start);
        if candidates.is_empty() || self.starts.len() >= LONGEST {
            self.settle(pitch_hz);
        }
    }

    /// Ends the sound.
    pub(super) fn settle(&mut self, pitch_hz: &mut Vec<f32>) {
        let start = pitch_hz.len();
        pitch_hz.resize(start + self.starts.len(), 0.0);
        let last = self.starts.last().copied().unwrap_or(0);
        let end = (last..self.places.len())
            .max_by(|&a, &b| self.places[a].total.total_cmp(&self.places[b].total));
        let mut at = end.unwrap_or(0);
        for pitch in pitch_hz[start..].iter_mut().rev() {
            *pitch = self.places[at].hz;
            at = self.places[at].from;
        }
        self.places.clear();
        self.starts.clear();
    }
}

fn step_cost(from: &Place, to: &Place) -> f32 {
    match (from.hz > 0.0, to.hz > 0.0) {
        (false, false) => 0.0,
        (true, true) => OCTAVE_JUMP_COST * (to.octave - from.octave).abs(),
        _ => VOICED_UNVOICED_COST,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_whose_octave_is_stronger_follows_its_neighbours() {
        let candidate = |hz, strength| Candidate { hz, strength };
        let mut path = PitchPath::default();
        let mut pitch = Vec::new();
        for frame in 0..9 {
            let octave = if frame == 4 { 0.97 } else { 0.6 };
            path.push(
                &[candidate(100.0, 0.9), candidate(200.0, octave)],
                &mut pitch,
            );
        }
        path.push(&[], &mut pitch);
        assert_eq!(pitch, [[100.0; 9].as_slice(), &[0.0]].concat());
    }
}

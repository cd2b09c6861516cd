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
    /// Best sum of strengths and costs up to here.
    total: f32,
    /// Place in the frame before on that path.
    from: usize,
}

/// Follows pitch from frame to frame. A frame without candidates settles all before it.
#[derive(Debug, Default)]
pub(super) struct PitchPath {
    frames: Vec<Vec<Place>>,
}

impl PitchPath {
    /// Takes the next frame's candidates; appends to `pitch_hz` what is settled: a pitch per frame, 0 for none.
    pub(super) fn push(&mut self, candidates: &[Candidate], pitch_hz: &mut Vec<f32>) {
        let none = Place {
            hz: 0.0,
            total: VOICING_THRESHOLD,
            from: 0,
        };
        let mut places = vec![none];
        places.extend(candidates.iter().map(|candidate| Place {
            hz: candidate.hz,
            total: candidate.strength + OCTAVE_COST * (candidate.hz / FLOOR_HZ).log2(),
            from: 0,
        }));
        if let Some(before) = self.frames.last() {
            for place in &mut places {
                let own = place.total;
                let best = before
                    .iter()
                    .enumerate()
                    .map(|(index, from)| (index, from.total - step_cost(from.hz, place.hz)))
                    .max_by(|a, b| a.1.total_cmp(&b.1));
                if let Some((from, total)) = best {
                    (place.from, place.total) = (from, own + total);
                }
            }
        }
        self.frames.push(places);
        if candidates.is_empty() || self.frames.len() >= LONGEST {
            self.settle(pitch_hz);
        }
    }

    /// Ends the sound.
    pub(super) fn settle(&mut self, pitch_hz: &mut Vec<f32>) {
        let start = pitch_hz.len();
        pitch_hz.resize(start + self.frames.len(), 0.0);
        let last = self.frames.last().and_then(|places| {
            (0..places.len()).max_by(|&a, &b| places[a].total.total_cmp(&places[b].total))
        });
        let mut at = last.unwrap_or(0);
        for (places, pitch) in self.frames.iter().zip(&mut pitch_hz[start..]).rev() {
            *pitch = places[at].hz;
            at = places[at].from;
        }
        self.frames.clear();
    }
}

fn step_cost(from_hz: f32, to_hz: f32) -> f32 {
    match (from_hz > 0.0, to_hz > 0.0) {
        (false, false) => 0.0,
        (true, true) => OCTAVE_JUMP_COST * (to_hz / from_hz).log2().abs(),
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

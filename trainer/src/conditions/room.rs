//! Box-shaped rooms by the image-source method.
//!
//! Allen & Berkley, "Image method for efficiently simulating small-room acoustics", JASA 65(4), 1979, with impulses placed between samples
//! by a windowed sinc (Peterson, JASA 80(5), 1986). All six walls reflect alike. Sabine's and Eyring's formulas do not hold for such a box, so
//! the reflection is searched: the one at which the decay of the room's own echoes (Schroeder's backward integral, −5 to −35 dB) has the
//! reverberation time asked for. No maintained crate does this.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use crate::augment::fourier::Fourier;
use crate::augment::stream;

const SOUND_METRES_PER_SECOND: f64 = 343.0;
/// Rooms of one reverberation time; each clip stands in one of them.
const ROOMS: u64 = 16;
/// Length, width and height of rooms, in metres: from a small office to a living room.
const SIZES_METRES: [[f64; 2]; 3] = [[3.0, 8.0], [2.5, 6.0], [2.4, 3.2]];
/// Voice and microphone keep away from walls and from each other by this, in metres.
const WALL_METRES: f64 = 0.4;
const APART_METRES: [f64; 2] = [0.5, 2.5];
/// Half the taps of the sinc that places an impulse.
const HALF_TAPS: i64 = 8;
/// Places between two samples at which an impulse can lie.
const PHASES: usize = 64;
/// Below this frequency a response falls by 12 dB an octave, in Hz.
const HIGH_PASS_HZ: f64 = 60.0;
/// Width of the bins in which a room's echoes are counted, in seconds.
const BIN_SECONDS: f64 = 0.002;

/// An impulse response.
type Response = Arc<Vec<f32>>;

/// Rooms made so far, shared by threads.
#[derive(Debug)]
pub(super) struct Rooms {
    rate_hz: u32,
    seed: u64,
    /// By reverberation time in milliseconds and number.
    made: Mutex<BTreeMap<(u32, u64), Response>>,
}

impl Rooms {
    pub(super) fn new(rate_hz: u32, seed: u64) -> Self {
        Self {
            rate_hz,
            seed,
            made: Mutex::default(),
        }
    }

    /// Sends `samples` through one of the rooms, in place; the length stays, and the direct sound stays where it is and as loud.
    pub(super) fn apply(&self, samples: &mut [f32], rt60_seconds: f32, rng: &mut ChaCha8Rng) {
        let response = self.response(rt60_seconds, rng.random_range(0..ROOMS));
        let mut fourier = Fourier::default();
        let plan = fourier.plan(samples.len() + response.len());
        let (mut padded, mut room, mut spectrum) = (Vec::new(), Vec::new(), Vec::new());
        fourier.forward(&plan, &response, &mut padded, &mut room);
        fourier.forward(&plan, samples, &mut padded, &mut spectrum);
        for (bin, room) in spectrum.iter_mut().zip(&room) {
            *bin *= room;
        }
        fourier.inverse(&plan, &mut spectrum, &mut padded);
        // The sinc of the direct sound begins before it.
        let wet = padded.iter().skip(HALF_TAPS as usize);
        for (sample, wet) in samples.iter_mut().zip(wet) {
            *sample = *wet;
        }
    }

    fn response(&self, rt60_seconds: f32, number: u64) -> Response {
        let key = ((rt60_seconds * 1000.0).round() as u32, number);
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let room = made.entry(key).or_insert_with(|| {
            let mut rng = stream(self.seed, key.0, number);
            Arc::new(Room::draw(&mut rng).response(rt60_seconds.into(), self.rate_hz))
        });
        Arc::clone(room)
    }
}

/// A box with a voice and a microphone in it, in metres.
struct Room {
    size: [f64; 3],
    voice: [f64; 3],
    microphone: [f64; 3],
}

/// An echo: its distance in metres, and off how many walls it came.
type Echo = (f64, u32);

impl Room {
    fn draw(rng: &mut ChaCha8Rng) -> Self {
        let size = SIZES_METRES.map(|[low, high]| rng.random_range(low..=high));
        let place = |rng: &mut ChaCha8Rng| {
            size.map(|side| rng.random_range(WALL_METRES..=side - WALL_METRES))
        };
        loop {
            let (voice, microphone) = (place(rng), place(rng));
            let distance = distance(voice, microphone);
            if (APART_METRES[0]..=APART_METRES[1]).contains(&distance) {
                return Self {
                    size,
                    voice,
                    microphone,
                };
            }
        }
    }

    /// Every echo up to `reach` metres after the direct sound.
    fn echoes(&self, reach: f64) -> Vec<Echo> {
        let most = distance(self.voice, self.microphone) + reach;
        // Along one axis, image n of the voice lies n rooms away, mirrored for odd n, and came off |n| walls.
        let along = |axis: usize| -> Vec<(f64, u32)> {
            let side = self.size[axis];
            let count = (most / side).ceil() as i64 + 1;
            (-count..=count)
                .map(|number| {
                    let own = if number.rem_euclid(2) == 0 {
                        self.voice[axis]
                    } else {
                        side - self.voice[axis]
                    };
                    let offset = number as f64 * side + own - self.microphone[axis];
                    (offset * offset, number.unsigned_abs() as u32)
                })
                .collect()
        };
        let (xs, ys, zs) = (along(0), along(1), along(2));
        let mut echoes = Vec::new();
        for (x, off_x) in &xs {
            for (y, off_y) in &ys {
                if x + y > most * most {
                    continue;
                }
                echoes.extend(zs.iter().filter_map(|(z, off_z)| {
                    let squared = x + y + z;
                    (squared <= most * most).then(|| (squared.sqrt(), off_x + off_y + off_z))
                }));
            }
        }
        echoes
    }

    /// The impulse response at `rate_hz`; the direct sound is 1, [`HALF_TAPS`] samples from its start.
    fn response(&self, rt60_seconds: f64, rate_hz: u32) -> Vec<f32> {
        let echoes = self.echoes(rt60_seconds * SOUND_METRES_PER_SECOND);
        let reflection = search(&echoes, rt60_seconds);
        let direct = distance(self.voice, self.microphone);
        let per_metre = f64::from(rate_hz) / SOUND_METRES_PER_SECOND;
        let length = (rt60_seconds * f64::from(rate_hz)) as usize + 2 * HALF_TAPS as usize + 1;
        let mut response = vec![0.0_f32; length];
        let taps = taps();
        for (metres, walls) in echoes {
            let level = (reflection.powi(walls as i32) * direct / metres) as f32;
            let at = (metres - direct) * per_metre + HALF_TAPS as f64;
            let middle = at.round();
            let phase = ((at - middle + 0.5) * PHASES as f64).round() as usize;
            let first = middle as usize - HALF_TAPS as usize;
            let target = response.get_mut(first..).unwrap_or_default();
            for (sample, tap) in target.iter_mut().zip(&taps[phase]) {
                *sample += level * tap;
            }
        }
        high_pass(&mut response, rate_hz);
        response
    }
}

/// Echoes that are all positive pile up to a push of air that no room has; Allen and Berkley take it out in the same way.
fn high_pass(response: &mut [f32], rate_hz: u32) {
    let keep = (-std::f64::consts::TAU * HIGH_PASS_HZ / f64::from(rate_hz)).exp();
    for _ in 0..2 {
        let (mut before, mut passed) = (0.0, 0.0);
        for sample in response.iter_mut() {
            let now = f64::from(*sample);
            passed = now - before + keep * passed;
            before = now;
            *sample = passed as f32;
        }
    }
}

fn distance(a: [f64; 3], b: [f64; 3]) -> f64 {
    a.iter()
        .zip(b)
        .map(|(a, b)| (a - b) * (a - b))
        .sum::<f64>()
        .sqrt()
}

/// sin(πx)/(πx) under a Hann window over the taps.
fn sinc(x: f64) -> f64 {
    let turned = std::f64::consts::PI * x;
    let window = 0.5 + 0.5 * (turned / (HALF_TAPS as f64 + 1.0)).cos();
    if turned.abs() < 1e-9 {
        1.0
    } else {
        turned.sin() / turned * window
    }
}

/// The taps of an impulse at each of [`PHASES`] places between two samples, from half a sample before to half a sample after the middle tap.
fn taps() -> Vec<Vec<f32>> {
    (0..=PHASES)
        .map(|phase| {
            let beyond = phase as f64 / PHASES as f64 - 0.5;
            (-HALF_TAPS..=HALF_TAPS)
                .map(|tap| sinc(tap as f64 - beyond) as f32)
                .collect()
        })
        .collect()
}

/// What share of a sound's pressure the walls must give back for these echoes to decay in this time.
fn search(echoes: &[Echo], rt60_seconds: f64) -> f64 {
    let arriving = Arriving::of(echoes);
    let (mut low, mut high) = (0.05_f64, 0.999_f64);
    for _ in 0..30 {
        let middle = f64::midpoint(low, high);
        if arriving.decay_seconds(middle) < rt60_seconds {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

/// How much power arrives when, and off how many walls: then another reflection costs no walk over all echoes.
struct Arriving {
    /// Numbers of walls that are told apart.
    walls: usize,
    /// `[bins, walls]`.
    power: Vec<f64>,
}

impl Arriving {
    fn of(echoes: &[Echo]) -> Self {
        let nearest = |least: f64, echo: &Echo| least.min(echo.0);
        let direct = echoes.iter().fold(f64::INFINITY, nearest);
        let bin =
            |metres: f64| ((metres - direct) / SOUND_METRES_PER_SECOND / BIN_SECONDS) as usize;
        let bins = echoes.iter().map(|echo| bin(echo.0)).max().unwrap_or(0) + 1;
        let walls = echoes.iter().map(|echo| echo.1).max().unwrap_or(0) as usize + 1;
        let mut power = vec![0.0; bins * walls];
        for &(metres, off) in echoes {
            power[bin(metres) * walls + off as usize] += 1.0 / (metres * metres);
        }
        Self { walls, power }
    }

    /// The reverberation time at a reflection: from −5 to −35 dB of what is still to come, times two.
    fn decay_seconds(&self, reflection: f64) -> f64 {
        let kept: Vec<f64> = (0..self.walls)
            .map(|walls| reflection.powi(2 * walls as i32))
            .collect();
        let mut rest = 0.0;
        let mut to_come: Vec<f64> = self
            .power
            .chunks(self.walls)
            .rev()
            .map(|bin| {
                rest += bin
                    .iter()
                    .zip(&kept)
                    .map(|(power, kept)| power * kept)
                    .sum::<f64>();
                rest
            })
            .collect();
        to_come.reverse();
        let reached = |db: f64| {
            let level = rest * 10_f64.powf(db / 10.0);
            let bin = to_come.iter().position(|&left| left < level);
            bin.unwrap_or(to_come.len()) as f64 * BIN_SECONDS
        };
        2.0 * (reached(-35.0) - reached(-5.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reverberation time of an impulse response by Schroeder's integral, −5 to −25 dB, times three.
    fn measured_seconds(response: &[f32], rate_hz: u32) -> f64 {
        let mut rest = 0.0;
        let mut to_come: Vec<f64> = response
            .iter()
            .rev()
            .map(|sample| {
                rest += f64::from(sample * sample);
                rest
            })
            .collect();
        to_come.reverse();
        let reached = |db: f64| {
            let level = rest * 10_f64.powf(db / 10.0);
            to_come.iter().position(|&left| left < level).unwrap() as f64 / f64::from(rate_hz)
        };
        3.0 * (reached(-25.0) - reached(-5.0))
    }

    #[test]
    fn rooms_have_the_reverberation_time_asked_for_and_keep_the_direct_sound() {
        let rooms = Rooms::new(16_000, 0);
        for rt60 in [0.3_f32, 0.6] {
            for number in 0..4 {
                let response = rooms.response(rt60, number);
                let direct = response[HALF_TAPS as usize];
                assert!((direct - 1.0).abs() < 0.2, "{direct}");
                let ratio = measured_seconds(&response, 16_000) / f64::from(rt60);
                assert!(
                    (0.8..1.1).contains(&ratio),
                    "{rt60} s, room {number}: {ratio}"
                );
            }
        }
        let (a, b) = (rooms.response(0.3, 0), rooms.response(0.3, 1));
        assert_ne!(a, b);
        assert_eq!(a, Rooms::new(16_000, 0).response(0.3, 0));
    }

    #[test]
    fn an_image_lies_where_a_mirror_has_it() {
        let room = Room {
            size: [4.0, 3.0, 2.5],
            voice: [1.0, 1.5, 1.2],
            microphone: [3.0, 1.5, 1.2],
        };
        let mut echoes = room.echoes(4.5);
        echoes.sort_by(|a, b| a.0.total_cmp(&b.0));
        assert_eq!(echoes[0], (2.0, 0));
        // Off the floor: 1.2 m down and up again over 2 m.
        let floor = (4.0_f64 + 2.4 * 2.4).sqrt();
        assert!((echoes[1].0 - floor).abs() < 1e-9 && echoes[1].1 == 1);
        // Off the wall behind the microphone: 2 + 2 · 1 m; off the one behind the voice the same.
        let behind = echoes
            .iter()
            .filter(|(metres, walls)| (metres - 4.0).abs() < 1e-9 && *walls == 1);
        assert_eq!(behind.count(), 2);
    }
}

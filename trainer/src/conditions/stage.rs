//! A clip under a condition: the sound from which a window is cut.

use std::ops::Range;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use sha2::{Digest, Sha256};
use undersong_core::features::FeatureConfig;

use super::codec::{CodecError, Encoder};
use super::room::Rooms;
use super::{Condition, Kind, channel};
use crate::augment::{Reverb, WaveAugment, augment_wave, music, noise, stream};
use crate::cache::ClipStore;
use crate::corpus::Clip;
use crate::recipe::Preparation;
use crate::train::utterance;

/// Voices in a babble.
const BABBLE_VOICES: usize = 4;
/// How often a voice is drawn anew before two of a babble are one speaker's.
const BABBLE_TRIES: usize = 16;

/// Sound, and where in it the window starts.
#[derive(Debug, Clone, PartialEq)]
pub struct Sound {
    /// Mono samples at the model's rate.
    pub samples: Vec<f32>,
    /// First sample of the window; negative where silence lies before the sound.
    pub start: i64,
    /// The part of the samples that is utterance and lies in the window.
    pub speech: Range<usize>,
}

/// Why a clip cannot be heard under a condition.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StageError {
    /// A babble needs others.
    #[error("babble needs clips of at least two speakers in the test part; there is one")]
    OneSpeaker,
    /// The MP3 encoder.
    #[error(transparent)]
    Codec(#[from] CodecError),
    /// A rate cannot be converted.
    #[error(transparent)]
    Condition(#[from] undersong_core::audio::ConditionError),
}

/// The clips of a test part, and what the conditions need beside them.
#[derive(Debug)]
pub struct Stage<'a> {
    store: &'a ClipStore,
    clips: &'a [Clip],
    /// The test part: whom a babble is made of.
    part: &'a [usize],
    /// How the model's recipe finds the utterance in a clip.
    preparation: Preparation,
    rate_hz: u32,
    span: usize,
    hop: usize,
    /// What a window's edge frames see beside it.
    margin: usize,
    seed: u64,
    rooms: Rooms,
    encoder: Option<&'a Encoder>,
}

impl<'a> Stage<'a> {
    /// A stage for the test part `part` of `clips`, whose sound is in `store` at the rate of `features`.
    pub fn new(
        store: &'a ClipStore,
        clips: &'a [Clip],
        part: &'a [usize],
        preparation: Preparation,
        features: &FeatureConfig,
        seed: u64,
        encoder: Option<&'a Encoder>,
    ) -> Self {
        Self {
            store,
            clips,
            part,
            preparation,
            rate_hz: features.sample_rate_hz,
            span: features.span_samples,
            hop: features.hop_samples,
            margin: features.fft_samples.max(features.window_samples),
            seed,
            rooms: Rooms::new(features.sample_rate_hz, seed),
            encoder,
        }
    }

    /// The clip under the condition.
    ///
    /// # Errors
    /// If the condition lacks something that another machine or another test part has.
    pub fn sound(&self, condition: &Condition, clip: usize) -> Result<Sound, StageError> {
        let samples = self.store.samples(clip);
        let mut rng = self.rng(condition, clip);
        let mut sound = match condition.kind {
            Kind::Heard { seconds } => self.only(&samples, seconds, &mut rng),
            kind => self.lay(&samples, kind, &mut rng),
        };
        match condition.kind {
            Kind::Clean | Kind::Anywhere | Kind::Heard { .. } | Kind::PartlySilent => {}
            Kind::Level { gain_db } => channel::level(&mut sound.samples, gain_db),
            Kind::Noise { colour, snr_db } => {
                let mut steady = Vec::new();
                noise::fill(&mut steady, sound.samples.len(), colour, &mut rng);
                sound.add(&steady, snr_db);
            }
            Kind::Music { snr_db } => {
                let mut bed = Vec::new();
                music::fill(&mut bed, sound.samples.len(), self.rate_hz, &mut rng);
                sound.add(&bed, snr_db);
            }
            Kind::Babble { snr_db } => {
                let voices = self.babble(clip, sound.samples.len(), &mut rng)?;
                sound.add(&voices, snr_db);
            }
            Kind::Reverb { rt60_seconds } => {
                let room = WaveAugment {
                    reverb: Some(Reverb {
                        probability: 1.0,
                        rt60_seconds: [rt60_seconds; 2],
                        direct_to_reverb_db: [0.0, 15.0],
                    }),
                    ..WaveAugment::default()
                };
                let dry = std::mem::take(&mut sound.samples);
                augment_wave(&room, &dry, self.rate_hz, &mut rng, &mut sound.samples);
            }
            Kind::Shoebox { rt60_seconds } => {
                self.rooms.apply(&mut sound.samples, rt60_seconds, &mut rng);
            }
            Kind::Phone => {
                let level = sound.speech_power().sqrt() as f32;
                sound.samples = channel::telephone(&sound.samples, level, self.rate_hz)?;
            }
            Kind::Mp3 => {
                let encoder = self.encoder.ok_or(CodecError::NotFound)?;
                sound.samples = encoder.there_and_back(&sound.samples, self.rate_hz)?;
            }
            Kind::Clipping => channel::clip(&mut sound.samples, 6.0),
        }
        Ok(sound)
    }

    /// The part of the clip that the window holds, and what its edge frames see beside it; silence outside the clip.
    fn lay(&self, samples: &[f32], kind: Kind, rng: &mut ChaCha8Rng) -> Sound {
        let speech = utterance(samples, self.rate_hz, &self.preparation);
        let (begin, end, span) = (speech.start as i64, speech.end as i64, self.span as i64);
        let start = match kind {
            Kind::Anywhere => rng.random_range(begin..=end) - span / 2,
            Kind::PartlySilent => {
                let inside = rng.random_range(0.25..=0.75) * (end - begin).min(span) as f64;
                if rng.random::<bool>() {
                    begin + inside as i64 - span
                } else {
                    end - inside as i64
                }
            }
            _ => (begin + end - span) / 2,
        };
        let margin = self.margin as i64;
        let laid = (start - margin..start + span + margin).map(|at| {
            let at = usize::try_from(at).ok();
            at.and_then(|at| samples.get(at).copied()).unwrap_or(0.0)
        });
        let inside = |at: i64| (at - start).clamp(0, span) as usize + self.margin;
        Sound {
            samples: laid.collect(),
            start: margin,
            speech: inside(begin)..inside(end),
        }
    }

    /// A stretch of the speech alone, in the window's middle on the grid of frames, as a listener lays a sound shorter than its window.
    fn only(&self, samples: &[f32], seconds: f64, rng: &mut ChaCha8Rng) -> Sound {
        // No silence kept at its ends.
        let bare = Preparation {
            keep_ms: 0.0,
            ..self.preparation.clone()
        };
        let spoken = utterance(samples, self.rate_hz, &bare);
        let most = ((seconds * f64::from(self.rate_hz)) as usize).min(self.span);
        let length = most.min(spoken.len());
        let from = rng.random_range(spoken.start..=spoken.end - length);
        let hops = (length as f64 - self.span as f64) / 2.0 / self.hop as f64;
        Sound {
            samples: samples
                .get(from..from + length)
                .unwrap_or_default()
                .to_vec(),
            start: hops.round() as i64 * self.hop as i64,
            speech: 0..length,
        }
    }

    /// Other speakers' utterances, each as loud as the others and repeated as often as needed, at once.
    fn babble(
        &self,
        clip: usize,
        count: usize,
        rng: &mut ChaCha8Rng,
    ) -> Result<Vec<f32>, StageError> {
        let speaker = |clip: usize| self.clips.get(clip).map(|clip| clip.speaker.as_str());
        let others: Vec<usize> = self
            .part
            .iter()
            .copied()
            .filter(|&other| speaker(other) != speaker(clip))
            .collect();
        if others.is_empty() {
            return Err(StageError::OneSpeaker);
        }
        let mut sum = vec![0.0; count];
        let mut taken: Vec<Option<&str>> = Vec::new();
        for _ in 0..BABBLE_VOICES {
            // Each voice another speaker's, as long as there are enough.
            let mut other = others[rng.random_range(0..others.len())];
            for _ in 0..BABBLE_TRIES {
                if !taken.contains(&speaker(other)) {
                    break;
                }
                other = others[rng.random_range(0..others.len())];
            }
            taken.push(speaker(other));
            let samples = self.store.samples(other);
            let heard = utterance(&samples, self.rate_hz, &self.preparation);
            let voice = samples.get(heard).unwrap_or_default();
            let level = noise::power(voice).sqrt() as f32;
            if level > 0.0 {
                let first = rng.random_range(0..voice.len());
                let endless = voice.iter().cycle().skip(first);
                for (sample, value) in sum.iter_mut().zip(endless) {
                    *sample += value / level;
                }
            }
        }
        Ok(sum)
    }

    /// The draws of one clip under one family of conditions: they depend on nothing else, so no other clip or condition changes them.
    fn rng(&self, condition: &Condition, clip: usize) -> ChaCha8Rng {
        let number = |text: &str| {
            let hash = Sha256::digest(text.as_bytes());
            hash.iter()
                .take(8)
                .fold(0_u64, |number, byte| number << 8 | u64::from(*byte))
        };
        let name = self.clips.get(clip).map_or("", |clip| clip.name.as_str());
        stream(self.seed, number(condition.family()) as u32, number(name))
    }
}

impl Sound {
    /// Mean power of the utterance within the window, before anything is added.
    fn speech_power(&self) -> f64 {
        noise::power(self.samples.get(self.speech.clone()).unwrap_or_default())
    }

    /// Adds `other`, of the same length, so that the utterance's mean power lies `snr_db` above its own.
    fn add(&mut self, other: &[f32], snr_db: f32) {
        let (speech, power) = (self.speech_power(), noise::power(other));
        if speech <= 0.0 || power <= 0.0 {
            return;
        }
        let gain = (speech / power * 10_f64.powf(-f64::from(snr_db) / 10.0)).sqrt() as f32;
        for (sample, added) in self.samples.iter_mut().zip(other) {
            *sample += gain * added;
        }
    }

    /// The samples that the window holds, without what lies beside it.
    pub fn window(&self, span: usize) -> &[f32] {
        let from = usize::try_from(self.start)
            .unwrap_or(0)
            .min(self.samples.len());
        let to = (from + span).min(self.samples.len());
        self.samples.get(from..to).unwrap_or_default()
    }
}

//! How loud: EBU R 128 over a file's own channels, at its own rate.
//!
//! The `ebur128` library weighs the sound (ITU-R BS.1770) and adds up the channels; it is asked for the energy of each 100 ms, of which windows,
//! gates and the range are made (see [`gating`](super::gating)). Asked for all of that itself, it would add up every sample eleven times.

use ebur128::{Channel, EbuR128, Mode};

use super::gating::{self, BLOCK_SECONDS};
use crate::audio::ChannelPlace;

/// Most channels that are measured; more than a file has that the decoder opens.
pub(super) const MOST_CHANNELS: usize = 64;

/// How loud a take is meant to be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LoudnessTarget(f64);

/// A target that makes no sense.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error(
    "loudness target {given}: expected LUFS from {} to {}, such as -16 (podcasts) or -23 (broadcast)",
    LoudnessTarget::LOWEST,
    LoudnessTarget::HIGHEST
)]
pub struct LoudnessTargetError {
    given: String,
}

impl LoudnessTarget {
    /// The quietest target, in LUFS.
    pub const LOWEST: f64 = -60.0;
    /// The loudest target, in LUFS.
    pub const HIGHEST: f64 = 0.0;
    /// What podcasts are made at: −16 LUFS.
    pub const PODCAST: Self = Self(-16.0);
    /// What European broadcasters ask for (EBU R 128): −23 LUFS.
    pub const BROADCAST: Self = Self(-23.0);

    /// A target in LUFS.
    ///
    /// # Errors
    /// If it is no number or out of range.
    pub fn from_lufs(lufs: f64) -> Result<Self, LoudnessTargetError> {
        if (Self::LOWEST..=Self::HIGHEST).contains(&lufs) {
            Ok(Self(lufs))
        } else {
            Err(LoudnessTargetError {
                given: format!("{lufs} LUFS"),
            })
        }
    }

    /// In LUFS.
    pub fn lufs(self) -> f64 {
        self.0
    }
}

impl Default for LoudnessTarget {
    fn default() -> Self {
        Self::PODCAST
    }
}

impl std::str::FromStr for LoudnessTarget {
    type Err = LoudnessTargetError;

    fn from_str(text: &str) -> Result<Self, LoudnessTargetError> {
        text.parse()
            .ok()
            .and_then(|lufs| Self::from_lufs(lufs).ok())
            .ok_or_else(|| LoudnessTargetError {
                given: format!("`{text}`"),
            })
    }
}

/// How loud a take is (EBU R 128); a measure is `None` where the sound is too short or too quiet for it.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Loudness {
    /// What it is meant to be, in LUFS.
    pub target_lufs: f64,
    /// Integrated loudness, in LUFS: the mean over 400 ms blocks above −70 LUFS and above 10 LU below their mean (ITU-R BS.1770). `None` under 0.4 s
    /// and for silence.
    pub integrated_lufs: Option<f64>,
    /// Loudness range (EBU Tech 3342), in LU; `None` under 4 s. It is meant for a minute and more.
    pub range_lu: Option<f64>,
    /// Greatest loudness of 3 s, in LUFS; `None` under 3 s.
    pub short_term_max_lufs: Option<f64>,
    /// Greatest loudness of 0.4 s, in LUFS; `None` under 0.4 s.
    pub momentary_max_lufs: Option<f64>,
    /// Greatest level between and at the samples (BS.1770, four times oversampled; twice from 96 kHz on, not from 192 kHz on), in dB below full
    /// scale; `None` for digital silence.
    pub true_peak_dbtp: Option<f64>,
}

impl Loudness {
    /// How far the integrated loudness lies above the target (below it: negative), in LU.
    pub fn from_target_lu(&self) -> Option<f64> {
        self.integrated_lufs.map(|lufs| lufs - self.target_lufs)
    }
}

/// Adds up a sound's energy after the ear's weighting.
#[derive(Debug)]
pub(super) struct LoudnessMeter {
    /// `None` for a sound that the library cannot weigh, which no decoder gives.
    ear: Option<EbuR128>,
    /// Frames of 100 ms.
    block_frames: usize,
    /// Frames in the block so far.
    filled: usize,
    /// Energy of each 100 ms.
    energies: Vec<f32>,
}

impl LoudnessMeter {
    pub(super) fn new(rate_hz: u32, places: &[ChannelPlace]) -> Self {
        let channels = places.len().min(MOST_CHANNELS);
        let map: Vec<Channel> = places
            .iter()
            .take(channels)
            .map(|place| match place {
                ChannelPlace::Front => Channel::Center,
                ChannelPlace::Surround => Channel::LeftSurround,
                ChannelPlace::LowFrequency => Channel::Unused,
            })
            .collect();
        let ear = EbuR128::new(channels as u32, rate_hz, Mode::M).and_then(|mut ear| {
            ear.set_channel_map(&map)?;
            Ok(ear)
        });
        Self {
            ear: ear.ok(),
            // As the library rounds it.
            block_frames: (rate_hz as usize + 5) / 10,
            filled: 0,
            energies: Vec::new(),
        }
    }

    /// Takes the next samples, `[channels][frames]`, in pieces of any size.
    pub(super) fn push(&mut self, planes: &[Vec<f32>]) {
        let Some(ear) = &mut self.ear else {
            return;
        };
        let frames = planes.first().map_or(0, Vec::len);
        let mut at = 0;
        while at < frames {
            let take = (self.block_frames - self.filled).min(frames - at);
            let mut piece: [&[f32]; MOST_CHANNELS] = [&[]; MOST_CHANNELS];
            let mut channels = 0;
            for (slot, plane) in piece.iter_mut().zip(planes) {
                *slot = plane.get(at..at + take).unwrap_or_default();
                channels += 1;
            }
            let heard = ear.add_frames_planar_f32(piece.get(..channels).unwrap_or_default());
            debug_assert!(heard.is_ok(), "{heard:?}");
            at += take;
            self.filled += take;
            if self.filled == self.block_frames {
                self.filled = 0;
                let lufs = ear.loudness_window(100).unwrap_or(f64::NEG_INFINITY);
                self.energies.push(gating::energy(lufs) as f32);
            }
        }
    }

    /// Energy of each whole 100 ms.
    pub(super) fn energies(&self) -> &[f32] {
        &self.energies
    }

    /// Loudness of a stretch, in LUFS, from the blocks whose middle lies in it; `None` without any, or if they are silent.
    pub(super) fn between(&self, start_seconds: f64, end_seconds: f64) -> Option<f64> {
        let index = |seconds: f64| (seconds / BLOCK_SECONDS - 0.5).ceil().max(0.0) as usize;
        let (from, to) = (index(start_seconds), index(end_seconds));
        let blocks = self.energies.get(from..to.min(self.energies.len()))?;
        gating::mean_lufs(blocks)
    }

    /// What the blocks add up to.
    pub(super) fn loudness(&self, target: LoudnessTarget, true_peak: f64) -> Loudness {
        let energies = self.energies();
        Loudness {
            target_lufs: target.lufs(),
            integrated_lufs: gating::integrated_lufs(energies),
            range_lu: gating::range_lu(energies),
            short_term_max_lufs: gating::greatest_lufs(energies, gating::SHORT_TERM_BLOCKS),
            momentary_max_lufs: gating::greatest_lufs(energies, gating::MOMENTARY_BLOCKS),
            true_peak_dbtp: (true_peak > 0.0).then(|| 20.0 * true_peak.log10()),
        }
    }
}

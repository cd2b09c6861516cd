//! `Pcm`: bytes in pieces of any size, whole frames out.

use super::SampleFormat;

/// Turns bytes into interleaved samples; a frame that a piece cuts in two waits for its rest.
#[derive(Debug)]
pub struct Pcm {
    format: SampleFormat,
    frame_bytes: usize,
    /// The start of a frame.
    waiting: Vec<u8>,
}

impl Pcm {
    /// For frames of so many channels; 0 counts as 1.
    pub fn new(format: SampleFormat, channels: usize) -> Self {
        let frame_bytes = format.bytes() * channels.max(1);
        Self {
            format,
            frame_bytes,
            waiting: Vec::with_capacity(frame_bytes),
        }
    }

    /// Appends the samples of all frames that are now whole, full scale being 1.
    pub fn push(&mut self, bytes: &[u8], samples: &mut Vec<f32>) {
        let mut rest = bytes;
        if !self.waiting.is_empty() {
            let missing = self.frame_bytes - self.waiting.len();
            let (now, later) = rest.split_at(missing.min(rest.len()));
            self.waiting.extend_from_slice(now);
            rest = later;
            if self.waiting.len() < self.frame_bytes {
                return;
            }
            self.format.decode(&self.waiting, samples);
            self.waiting.clear();
        }
        let whole = rest.len() - rest.len() % self.frame_bytes;
        let (whole, cut) = rest.split_at(whole);
        self.format.decode(whole, samples);
        self.waiting.extend_from_slice(cut);
    }

    /// Ends the sound: how many bytes are left of a frame that is not whole. What is pushed next begins a frame.
    pub fn finish(&mut self) -> usize {
        let left = self.waiting.len();
        self.waiting.clear();
        left
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn samples_are_the_same_for_every_way_of_cutting_the_bytes(
            bytes in prop::collection::vec(any::<u8>(), 0..400),
            cuts in prop::collection::vec(1..40usize, 1..20),
            format in 0..8usize,
            channels in 1..4usize,
        ) {
            let format = SampleFormat::all().nth(format).unwrap();
            let frame = format.bytes() * channels;
            let mut whole = Vec::new();
            format.decode(&bytes[..bytes.len() - bytes.len() % frame], &mut whole);

            let mut pcm = Pcm::new(format, channels);
            let (mut samples, mut rest) = (Vec::new(), bytes.as_slice());
            for &cut in cuts.iter().cycle() {
                if rest.is_empty() {
                    break;
                }
                let (now, later) = rest.split_at(cut.min(rest.len()));
                pcm.push(now, &mut samples);
                rest = later;
            }
            prop_assert_eq!(samples.len() % channels, 0);
            let bits = |samples: &[f32]| samples.iter().map(|it| it.to_bits()).collect::<Vec<_>>();
            prop_assert_eq!(bits(&samples), bits(&whole));
            prop_assert_eq!(pcm.finish(), bytes.len() % frame);
            prop_assert_eq!(pcm.finish(), 0);
        }
    }
}

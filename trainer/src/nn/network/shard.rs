//! A batch in shards: what one thread works on, and the threads.

use super::Network;
use crate::nn::conv::ConvScratch;
use crate::nn::lstm::LstmScratch;
use crate::nn::pooling::AttentionScratch;

/// Clips that are worked on together by one thread; a fixed number, so that results do not depend on the number of threads.
pub const SHARD: usize = 16;

/// What one thread works in.
#[derive(Debug, Default)]
pub(super) struct Shard {
    pub(super) gradients: Vec<Vec<f32>>,
    pub(super) loss: f64,
    pub(super) conv: ConvScratch,
    /// Input of each block with its border, all clips.
    pub(super) maps: Vec<Vec<f32>>,
    pub(super) winners: Vec<Vec<u8>>,
    pub(super) map_gradient: Vec<f32>,
    pub(super) next_map_gradient: Vec<f32>,
    pub(super) sequence: Vec<f32>,
    pub(super) lstm: [LstmScratch; 2],
    pub(super) states: Vec<f32>,
    pub(super) attention: AttentionScratch,
    pub(super) pooled: Vec<f32>,
    pub(super) activations: Vec<Vec<f32>>,
    pub(super) gradient: Vec<f32>,
    pub(super) next_gradient: Vec<f32>,
    pub(super) state_gradient: Vec<f32>,
}

/// A shard's share of a batch.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part<'a> {
    pub(super) features: &'a [f32],
    pub(super) clips: usize,
    pub(super) frames: usize,
    /// Number of the first clip within the batch.
    pub(super) first: usize,
    pub(super) dropout_seed: Option<u64>,
}

impl Network {
    /// Runs `work(number, clips, shard)` for each shard, on as many threads as are allowed.
    pub(super) fn each_shard(
        &self,
        shards: &mut [Shard],
        clips: usize,
        work: impl Fn(usize, usize, &mut Shard) + Sync,
    ) {
        let run = |number: usize, shard: &mut Shard| {
            work(number, SHARD.min(clips - number * SHARD), shard);
        };
        let each = shards.len().div_ceil(self.threads).max(1);
        std::thread::scope(|scope| {
            let mut chunks = shards.chunks_mut(each).enumerate();
            let mine = chunks.next();
            for (chunk, shards) in chunks {
                let run = &run;
                scope.spawn(move || {
                    for (number, shard) in shards.iter_mut().enumerate() {
                        run(chunk * each + number, shard);
                    }
                });
            }
            if let Some((_, shards)) = mine {
                for (number, shard) in shards.iter_mut().enumerate() {
                    run(number, shard);
                }
            }
        });
    }
}

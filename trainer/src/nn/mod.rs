//! The networks: convolutions, an LSTM, pooling over time, dense layers, with gradients written by hand on the `gemm` library.
//!
//! Why not a learning library: on two cores the number of epochs decides quality, so the time of a step is what matters, and the
//! libraries measured took several times as long. The price is that each layer's gradient is ours to get right; tests
//! hold every layer against finite differences and a whole step against PyTorch.
//!
//! Products are of 32 bits, or of bfloat16 where a recipe asks for it and the processor has tiles for them ([`Precision`]): a step of the shipped
//! network then takes two thirds of the time.
//!
//! A batch is worked on in shards of [`SHARD`] clips, each on a thread of its own; their gradients are added in the shards' order.
//! So the result is the same to the bit for any number of threads, and a run that was broken off goes on as if it had not been.

mod conv;
mod dense;
mod kernels;
mod lstm;
mod math;
mod matmul;
mod network;
mod optimiser;
mod parameter;
mod pooling;
mod spec;
mod tiles;

pub use matmul::Precision;
pub(crate) use matmul::squared_distances;
pub use network::{Gradients, Network, SHARD};
pub use optimiser::{AdamW, AdamWSettings, Ema};
pub use parameter::Parameter;
pub use pooling::VARIANCE_FLOOR;
pub use spec::{ConvSpec, LstmSpec, NetworkSpec, PoolingSpec, SpecError};

//! Sound: files to samples, any rate to the model's rate.

mod condition;
mod decode;
mod decode_error;
mod denoise;
mod load;
mod resample;
mod sniff;

pub use condition::{ConditionError, Conditioner, NoiseReduction};
pub use decode::Decoder;
pub use decode_error::DecodeError;
pub use load::load_mono;

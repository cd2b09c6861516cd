//! Sound: files to mono samples, any rate to the model's rate, with less noise where a model asks for it.
//!
//! A take is read by [`Decoder`], block by block, and goes through a [`Conditioner`]; a live voice goes through the same
//! [`Conditioner`]; a trainer's clip through both ([`load_mono`]). So all of them hear the same sound.
//!
//! # What each stage does to a whisper and to a shout
//! No stage sets the level: that is done on features, per window.
//!
//! | stage | a whisper | a shout |
//! |---|---|---|
//! | downmix (mean of the channels) | unchanged; 6 dB down if it is in one of two channels only, gone if the two are each other's opposite | the same; no clipping, float samples beyond full scale are kept |
//! | resampling (linear, > 90 dB stop band, < 0.5 dB off at 0.9 of the lower Nyquist frequency) | its hiss is kept up to about 10 kHz at 22 050 Hz; above there is none in a 16 kHz file | the edges that clipping cut may swing past full scale, which is kept |
//! | noise reduction ([`NoiseReduction::Rnnoise`]) | by a synthesiser: 2 dB down in a quiet room; with room noise 15 dB below it 1 to 2 dB down, but **31 dB down, all but removed**, when both are 40 dB quieter still | a shout of an actor, 20 dB up and clipped: 0.8 dB down |
//!
//! RNNoise lowers noise like a room's or a fan's (falling with frequency, at −50 to −60 dB) by 38 to 47 dB, but white
//! hiss between −50 and −20 dB by 1 to 7 dB only, and loud room noise (−30 dB) by 5 dB. It is off unless a model file asks
//! for it: a model meant for whispers should not.

mod condition;
mod decode;
mod decode_error;
mod denoise;
mod load;
mod open;
mod places;
mod resample;
mod sniff;
mod wav64;

pub use condition::{ConditionError, Conditioner, NoiseReduction, RATES_HZ};
pub use decode::Decoder;
pub use decode_error::DecodeError;
pub use load::load_mono;
pub use places::ChannelPlace;

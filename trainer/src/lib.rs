//! Trains, evaluates and exports Undersong's models.

pub mod augment;
pub mod cache;
pub mod corpus;
pub mod evaluate;
pub mod export;
pub mod nn;
pub mod recipe;
pub mod split;
pub mod train;

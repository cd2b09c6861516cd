//! Trains, evaluates and exports Undersong's models.
//!
//! ```text
//! corpus ── cache ── split ── train (windows, augment, nn) ── checkpoint ── export ── model file
//!                      ├───────────────────────────────────── evaluate ── report, card
//!                      ├───────────────────────────────────── conditions ── as live hears it: noise, rooms, short windows
//!                      └───────────────────────────────────── why ── whether explanations point at what answers hang on
//!                                                              results ── evidence
//! ```

pub mod augment;
pub mod cache;
pub mod commands;
pub mod compare;
pub mod conditions;
pub mod corpus;
pub mod evaluate;
pub mod evidence;
pub mod export;
mod nearest;
pub mod nn;
pub mod recipe;
pub mod results;
pub mod split;
pub mod train;
pub mod why;
pub mod workbench;

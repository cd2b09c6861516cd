//! Why a score: what in time and frequency moved it, and how the sound differs from the voice's usual.
//!
//! **What moved the model.** A window is cut into patches, time by parts of the spectrum. A patch's effect is its Shapley value (Shapley, "A value for
//! n-person games", 1953; Lundberg & Lee, "A unified approach to interpreting model predictions", NeurIPS 2017): what it adds to the score when
//! it comes into a window in which some of the other patches are there and the rest are the *baseline*, averaged over the orders in which patches can come.
//! The effects of a window add up to its score minus the baseline's: that holds for every order, so for any number of them. Orders are drawn from a fixed
//! seed, each together with its reverse (Mitchell et al., "Sampling permutations for Shapley value estimation", JMLR 23, 2022), so that the same
//! window has the same answer each time, and the standard error of each effect is told beside it.
//!
//! **The baseline** is the mean spectrum that the model's standardisation takes off, all along the sound: the average voice of its training, or the
//! speaker's own with a profile. Silence that was laid around a short sound stays in it. A model without such a mean gets the window's own.
//!
//! **Where.** Patches are replaced in the band levels, after level normalisation and range, before DCT and differences; so this works for MFCC, too, and a
//! region is the same Hz for every model.
//!
//! **Cost.** A window of 10 cells and 5 regions takes `2 + 98 · pairs` runs of the network.
//!
//! These effects describe the model, not a person: they say which parts of the sound its answer hangs on, not why somebody spoke so.

mod error;
mod explainer;
mod grid;
mod shapley;
mod take;

pub use error::ExplainError;
pub use explainer::{DEFAULT_PAIRS, ExplainSettings, Explainer, REPORT_PAIRS};
pub use take::{Which, report_windows, strongest_window, window_at};

//! What the program's servers share: where they listen, whom they answer, and what goes with every answer.

mod listen;
mod pages;
mod rules;

pub(crate) use listen::{address, end_in_order, ended, start};
pub(crate) use pages::{CSS, HTML, JSON, SCRIPT, dress, file};
pub(crate) use rules::{Broken, Refusal, Rules};

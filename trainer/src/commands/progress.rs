//! How a training goes on, for a person at the terminal.
#![allow(clippy::print_stderr, reason = "this is what it is for")]

use std::time::Instant;

use crate::recipe::Recipe;
use crate::train::Event;

/// Says where a run is, and about how long it still takes.
#[derive(Debug)]
pub(super) struct Progress {
    networks: usize,
    /// The network that is trained, with its start and its first epoch in this call.
    now: Option<(usize, Instant, Option<u32>)>,
}

impl Progress {
    pub(super) fn new(networks: usize) -> Self {
        Self {
            networks,
            now: None,
        }
    }

    pub(super) fn tell(&mut self, network: usize, recipe: &Recipe, event: Event<'_>) {
        let (_, started, first_epoch) = match &mut self.now {
            Some(now) if now.0 == network => now,
            now => {
                if self.networks > 1 {
                    eprintln!("network {} of {}", network + 1, self.networks);
                }
                now.insert((network, Instant::now(), None))
            }
        };
        match event {
            Event::Resumed { epochs } => eprintln!("going on after epoch {epochs}"),
            Event::Step {
                epoch,
                step,
                steps,
                loss,
            } => {
                first_epoch.get_or_insert(epoch);
                if step % 50 == 0 {
                    eprintln!("epoch {epoch}: step {step} of {steps}, loss {loss:.4}");
                }
            }
            Event::Epoch(record) => {
                let done = record.epoch + 1 - first_epoch.unwrap_or(record.epoch);
                let left = started.elapsed().as_secs_f64() / f64::from(done)
                    * f64::from(recipe.epochs() - record.epoch);
                eprintln!(
                    "epoch {} of at most {}: loss {:.4}{}, {:.0} s, at most {:.0} min left",
                    record.epoch,
                    recipe.epochs(),
                    record.train_loss,
                    match (record.validation_loss, record.validation_accuracy) {
                        (Some(loss), Some(accuracy)) => format!(
                            ", validation loss {loss:.4}, accuracy {:.1} %",
                            accuracy * 100.0
                        ),
                        _ => String::new(),
                    },
                    record.seconds,
                    left / 60.0
                );
            }
        }
    }
}

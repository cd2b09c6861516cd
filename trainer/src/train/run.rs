//! A training run: epochs, checkpoints, and the end.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use undersong_core::features::{FeatureConfig, FeatureError};

use super::TrainError;
use super::batches::BatchPlan;
use super::checkpoint::{Checkpoint, RunKey};
use super::data::RunData;
use super::examples::{examples, priors};
use super::state::{arrays, difference, flat, restore, set_flat};
use super::statistics::statistics;
use super::validation::validate;
use super::voices::Voices;
use super::windows::WindowMaker;
use crate::augment::Beds;
use crate::cache::ClipStore;
use crate::evaluate::{EpochRecord, History};
use crate::nn::{AdamW, AdamWSettings, Ema, Gradients, Network};
use crate::recipe::{Keep, Recipe};

/// How a run ended.
#[derive(Debug)]
pub struct Trained {
    /// The network, with the weights that are kept.
    pub network: Network,
    /// What it sees, statistics included.
    pub features: FeatureConfig,
    /// What each epoch brought.
    pub history: History,
    /// Share of the weighted training clips of each class, in the order of the labels.
    pub priors: Vec<f32>,
    /// The speakers' usual voices, if the recipe trains with speakers' profiles.
    pub voices: Option<Arc<Voices>>,
}

/// What a run tells while it goes on.
#[derive(Debug, Clone, Copy)]
pub enum Event<'a> {
    /// A checkpoint was found and is gone on from.
    Resumed {
        /// Epochs already done.
        epochs: u32,
    },
    /// A step was done.
    Step {
        /// Epoch, from 1.
        epoch: u32,
        /// Step in the epoch, from 1.
        step: u64,
        /// Steps in an epoch.
        steps: u64,
        /// Mean loss in this epoch so far.
        loss: f64,
    },
    /// An epoch was done and its checkpoint written.
    Epoch(&'a EpochRecord),
}

/// The first training, or the second.
struct Stage<'a> {
    recipe: &'a Recipe,
    /// Epochs before it.
    before: u32,
    beds: Beds,
}

/// Trains until the recipe says stop; goes on from `out/checkpoint` if there is one of the same run.
///
/// # Errors
/// - the data or the recipe make no network;
/// - the loss is no longer a number: says where; the last checkpoint stays;
/// - a checkpoint cannot be read or written, or is of another run;
/// - `stop` became true: [`TrainError::Stopped`]; the same call goes on later.
pub fn train(
    recipe: &Recipe,
    data: &RunData<'_>,
    key: &RunKey,
    out: &Path,
    stop: &AtomicBool,
    mut tell: impl FnMut(Event<'_>),
) -> Result<Trained, TrainError> {
    let settings = &recipe.training;
    let examples = examples(data, settings)?;
    let priors = priors(&examples, data.labels.len());
    let plan = BatchPlan {
        examples,
        classes: data.labels.len(),
        seed: key.seed,
    };
    let mut config = recipe.features.clone();
    if recipe.preparation.standardise {
        config.statistics = Some(statistics(recipe, data, key.seed)?);
    }
    let voices = match (&config.statistics, recipe.preparation.speaker_profile) {
        (Some(statistics), Some(_)) => Some(Arc::new(Voices::measure(
            &config,
            statistics,
            data.store,
            data.speakers,
            data.neutral,
        )?)),
        _ => None,
    };
    let fixed = if recipe.is_fixed() {
        let mut maker = WindowMaker::new(recipe, &config)?;
        Some(Arc::new(fixed_windows(&mut maker, &plan, data.store)?))
    } else {
        None
    };

    let mut network = Network::new(
        &recipe.network,
        config.coefficients(),
        data.labels.len(),
        key.seed,
    )?;
    network.set_precision(settings.precision);
    let mut optimiser = AdamW::new(
        &network,
        AdamWSettings {
            beta_mean: settings.betas[0],
            beta_square: settings.betas[1],
            epsilon: settings.epsilon,
            weight_decay: settings.weight_decay,
        },
    );
    let mut average = settings
        .average_decay
        .map(|decay| Ema::new(&network, decay));
    let mut best = None;
    let mut state = Checkpoint {
        key: key.clone(),
        epochs: 0,
        steps: 0,
        finished: false,
        history: History::default(),
        best_accuracy: None,
        lowest_loss: None,
        arrays: Vec::new(),
    };
    let path = out.join("checkpoint");
    if path.exists() {
        state = Checkpoint::read(&path)?;
        if state.key != *key {
            return Err(TrainError::OtherRun {
                path,
                difference: difference(&state.key, key),
            });
        }
        restore(
            &state,
            &path,
            &mut network,
            &mut optimiser,
            average.as_mut(),
        )?;
        best = state.array("best").map(<[f32]>::to_vec);
        tell(Event::Resumed {
            epochs: state.epochs,
        });
    }

    let frames = config.frames();
    let steps = plan.steps(settings.batch);
    let second = recipe.second();
    let stage = |recipe, before| Stage {
        recipe,
        before,
        beds: Beds::new(
            &recipe.augment_sound,
            config.sample_rate_hz,
            data.train,
            |clip| data.store.samples(clip),
            key.seed,
        ),
    };
    let first = stage(recipe, 0);
    let second = second
        .as_ref()
        .map(|second| stage(second, recipe.training.epochs));
    let mut gradients = Gradients::new(&network);
    while !state.finished {
        let epoch = state.epochs + 1;
        let now = second
            .as_ref()
            .filter(|second| epoch > second.before)
            .unwrap_or(&first);
        let settings = &now.recipe.training;
        let first_step = steps * u64::from(now.before);
        let all_steps = steps * u64::from(settings.epochs);
        let maker = || -> Result<WindowMaker, TrainError> {
            Ok(WindowMaker::new(now.recipe, &config)?.with(now.beds.clone(), voices.clone()))
        };
        let started = Instant::now();
        let mut loss_sum = 0.0;
        let mut learning_rate = 0.0;
        std::thread::scope(|scope| -> Result<(), TrainError> {
            let batches = plan.start(
                scope,
                epoch,
                now.recipe,
                data.store,
                maker()?,
                fixed.clone(),
            );
            for (number, batch) in batches.iter().enumerate() {
                let batch = batch?;
                if stop.load(Ordering::Relaxed) {
                    return Err(TrainError::Stopped {
                        epochs: state.epochs,
                    });
                }
                let loss = network.gradients(
                    &mut gradients,
                    &batch.features,
                    batch.weights.len(),
                    frames,
                    &batch.targets,
                    Some(&batch.weights),
                    dropout_seed(key.seed, state.steps),
                );
                if !loss.is_finite() {
                    return Err(TrainError::Diverged {
                        epoch,
                        step: number as u64 + 1,
                        learning_rate,
                        kept: state.epochs,
                    });
                }
                if let Some(norm) = settings.gradient_norm {
                    gradients.clip_norm(norm);
                }
                learning_rate = settings.learning_rate_at(state.steps - first_step, all_steps);
                optimiser.step(&mut network, &gradients, learning_rate);
                if let Some(average) = &mut average {
                    average.update(&network);
                }
                state.steps += 1;
                loss_sum += f64::from(loss);
                tell(Event::Step {
                    epoch,
                    step: number as u64 + 1,
                    steps,
                    loss: loss_sum / (number + 1) as f64,
                });
            }
            Ok(())
        })?;
        let judged = judged(&network, average.as_ref());
        let validation = validate(&judged, &mut maker()?, data)?;
        let record = EpochRecord {
            epoch,
            train_loss: loss_sum / steps as f64,
            validation_loss: validation.as_ref().map(|v| v.loss),
            validation_accuracy: validation.as_ref().map(|v| v.accuracy),
            validation_uar: validation.as_ref().map(|v| v.uar),
            learning_rate: f64::from(learning_rate),
            seconds: started.elapsed().as_secs_f64(),
        };
        if let Some(validation) = &validation {
            if state.best_accuracy.is_none_or(|a| validation.accuracy > a) {
                state.best_accuracy = Some(validation.accuracy);
                best = Some(flat(&judged));
            }
            if state.lowest_loss.is_none_or(|(l, _)| validation.loss < l) {
                state.lowest_loss = Some((validation.loss, epoch));
            }
        }
        state.epochs = epoch;
        state.history.epochs.push(record.clone());
        let patience_over = match (settings.early_stopping, state.lowest_loss) {
            (Some(early), Some((_, at))) => epoch - at >= early.patience,
            _ => false,
        };
        state.finished = epoch >= recipe.epochs() || patience_over;
        state.arrays = arrays(&network, &optimiser, average.as_ref(), best.as_deref());
        state.write(&path)?;
        tell(Event::Epoch(&record));
    }

    let mut kept = judged(&network, average.as_ref());
    if let (Keep::BestValidationAccuracy, Some(best)) = (settings.keep, &best) {
        set_flat(&mut kept, best, &path)?;
    }
    Ok(Trained {
        network: kept,
        features: config,
        history: state.history,
        priors,
        voices,
    })
}

fn fixed_windows(
    maker: &mut WindowMaker,
    plan: &BatchPlan,
    store: &ClipStore,
) -> Result<Vec<f32>, FeatureError> {
    let mut all = Vec::new();
    for example in &plan.examples {
        maker.plain(&store.samples(example.clip), &mut all)?;
    }
    Ok(all)
}

/// The network as it is judged: with averaged weights, if there is an average.
fn judged(network: &Network, average: Option<&Ema>) -> Network {
    let mut judged = network.clone();
    if let Some(average) = average {
        average.copy_to(&mut judged);
    }
    judged
}

fn dropout_seed(seed: u64, step: u64) -> u64 {
    seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ step
}

//! The fixed statistics that features are standardised by, measured on training clips.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use undersong_core::features::Statistics;

use super::TrainError;
use super::data::RunData;
use super::windows::WindowMaker;
use crate::recipe::Recipe;

/// Clips whose frames give the statistics.
const STATISTICS_CLIPS: usize = 1500;

/// Mean and deviation of each coefficient over the frames inside training clips.
pub(super) fn statistics(
    recipe: &Recipe,
    data: &RunData<'_>,
    seed: u64,
) -> Result<Statistics, TrainError> {
    let mut clips = data.train.to_vec();
    clips.shuffle(&mut ChaCha8Rng::seed_from_u64(seed ^ 0x5747_5153));
    clips.truncate(STATISTICS_CLIPS);
    let mut maker = WindowMaker::new(recipe, &recipe.features)?;
    let coefficients = recipe.features.coefficients();
    let mut sums = vec![(0.0f64, 0.0f64); coefficients];
    let mut count = 0u64;
    let mut window = Vec::new();
    for clip in clips {
        let samples = data.store.samples(clip);
        window.clear();
        maker.plain(&samples, &mut window)?;
        for frame in window
            .chunks(coefficients)
            .take(maker.plain_frames(&samples).end)
            .skip(maker.plain_frames(&samples).start)
        {
            for ((sum, squares), &value) in sums.iter_mut().zip(frame) {
                *sum += f64::from(value);
                *squares += f64::from(value) * f64::from(value);
            }
            count += 1;
        }
    }
    if count == 0 {
        return Err(TrainError::NoClips);
    }
    let count = count as f64;
    let (mean, deviation) = sums
        .iter()
        .map(|(sum, squares)| {
            let mean = sum / count;
            // A coefficient that never changes is left at its scale.
            let variance = (squares / count - mean * mean).max(0.0);
            let deviation = if variance > 1e-12 {
                variance.sqrt()
            } else {
                1.0
            };
            (mean as f32, deviation as f32)
        })
        .unzip();
    Ok(Statistics { mean, deviation })
}

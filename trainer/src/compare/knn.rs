//! The k nearest neighbours (smartcore's linear search), over the same table of distances.

use smartcore::algorithm::neighbour::linear_search::LinearKNNSearch;
use smartcore::metrics::distance::Distance;

use super::classic::{ClassicError, Distances};
use super::scores;

/// Distance of two clips by their numbers.
#[derive(Debug, Clone)]
struct Lookup(Distances);

impl Distance<usize> for Lookup {
    fn distance(&self, a: &usize, b: &usize) -> f64 {
        f64::from(self.0.squared(*a, *b)).sqrt()
    }
}

/// Classes of each test clip's nearest `most` clips of `fit`, nearest first.
pub(super) fn neighbours(
    distances: &Distances,
    fit: &[(usize, usize)],
    test: &[usize],
    most: usize,
) -> Result<Vec<Vec<usize>>, ClassicError> {
    let library = |error: smartcore::error::Failed| ClassicError::Library(error.to_string());
    let clips: Vec<usize> = fit.iter().map(|(clip, _)| *clip).collect();
    let most = most.min(clips.len());
    let search = LinearKNNSearch::new(clips, Lookup(distances.clone())).map_err(library)?;
    test.iter()
        .map(|clip| {
            let mut found = search.find(clip, most).map_err(library)?;
            found.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
            Ok(found
                .iter()
                .filter_map(|(place, _, _)| fit.get(*place).map(|(_, class)| *class))
                .collect())
        })
        .collect()
}

/// Scores `[test, classes]` by the nearest `k` of the neighbours found.
pub(super) fn scores(neighbours: &[Vec<usize>], k: usize, classes: usize) -> Vec<f32> {
    neighbours
        .iter()
        .flat_map(|found| scores::of_neighbours(classes, found.get(..k).unwrap_or(found)))
        .collect()
}

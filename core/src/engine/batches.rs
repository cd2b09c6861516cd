//! Any number of windows, run in few fixed batch sizes.
//!
//! Both engines plan a network for a shape, which costs milliseconds to a second; so only a few shapes are ever asked for.

use super::EngineError;

/// Largest batch size: what fits a GPU well, and keeps a batch of the paper's windows below 100 MB.
const LARGEST: usize = 1024;

/// The batch sizes that are run, and the shape of one window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Batches {
    /// Ascending, without repetition, at least one.
    sizes: Vec<usize>,
    /// Numbers of one window.
    window_len: usize,
    classes: usize,
}

impl Batches {
    pub(super) fn new(
        sizes: &[usize],
        window_len: usize,
        classes: usize,
    ) -> Result<Self, EngineError> {
        if sizes.is_empty() || sizes.iter().any(|size| !(1..=LARGEST).contains(size)) {
            return Err(EngineError::BatchSizes {
                given: sizes.to_vec(),
                largest: LARGEST,
            });
        }
        let mut sizes = sizes.to_vec();
        sizes.sort_unstable();
        sizes.dedup();
        Ok(Self {
            sizes,
            window_len,
            classes,
        })
    }

    /// The smallest batch size.
    pub(super) fn smallest(&self) -> usize {
        self.sizes.first().copied().unwrap_or(1)
    }

    /// Numbers of one window.
    pub(super) fn window_len(&self) -> usize {
        self.window_len
    }

    /// Of `left` windows, how many are run next, and in a batch of which size.
    fn next(&self, left: usize) -> (usize, usize) {
        let largest = self.sizes.last().copied().unwrap_or(1);
        let size = self
            .sizes
            .iter()
            .copied()
            .find(|&size| size >= left)
            .unwrap_or(largest);
        (left.min(size), size)
    }

    /// Runs `batch` windows through `run`, which is given a whole batch of one of the sizes, `[size, window]`, and appends its
    /// `[size, classes]` to the list, or says why not. `engine` is the name for errors, `padded` a place for batches that are filled up.
    pub(super) fn run(
        &self,
        engine: &str,
        input: &[f32],
        batch: usize,
        logits: &mut Vec<f32>,
        padded: &mut Vec<f32>,
        mut run: impl FnMut(&[f32], usize, &mut Vec<f32>) -> Result<(), String>,
    ) -> Result<(), EngineError> {
        logits.clear();
        let expected = batch.saturating_mul(self.window_len);
        if input.len() != expected {
            return Err(EngineError::Input {
                given: input.len(),
                batch,
                expected,
            });
        }
        let mut rest = input;
        let mut done = 0;
        while done < batch {
            let (count, size) = self.next(batch - done);
            let (windows, after) = rest.split_at(count * self.window_len);
            let outcome = if count == size {
                run(windows, size, logits)
            } else {
                padded.clear();
                padded.extend_from_slice(windows);
                padded.resize(size * self.window_len, 0.0);
                run(padded, size, logits)
            };
            let given = logits.len() - done * self.classes;
            let outcome = outcome.and_then(|()| match given == size * self.classes {
                true => Ok(()),
                false => Err(format!(
                    "it gives {given} numbers; expected [{size}, {}]",
                    self.classes
                )),
            });
            if let Err(reason) = outcome {
                logits.clear();
                return Err(EngineError::Run {
                    engine: engine.to_owned(),
                    reason,
                });
            }
            done += count;
            logits.truncate(done * self.classes);
            rest = after;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs `batch` windows of two numbers; gives the sizes run and the sums that came out.
    fn sizes_run(sizes: &[usize], batch: usize) -> (Vec<usize>, Vec<f32>) {
        let batches = Batches::new(sizes, 2, 1).unwrap();
        let input = (0..batch * 2).map(|v| v as f32).collect::<Vec<_>>();
        let (mut logits, mut run) = (vec![7.0], Vec::new());
        batches
            .run(
                "sums",
                &input,
                batch,
                &mut logits,
                &mut Vec::new(),
                |windows, size, logits| {
                    assert_eq!(windows.len(), size * 2);
                    run.push(size);
                    logits.extend(windows.chunks(2).map(|w| w.iter().sum::<f32>()));
                    Ok(())
                },
            )
            .unwrap();
        (run, logits)
    }

    #[test]
    fn any_number_of_windows_is_run_in_the_sizes_given_and_comes_back_in_order() {
        for (batch, sizes) in [
            (0, vec![]),
            (1, vec![1]),
            (3, vec![4]),
            (4, vec![4]),
            (17, vec![16, 1]),
            (35, vec![16, 16, 4]),
            (21, vec![16, 16]),
        ] {
            let (run, logits) = sizes_run(&[16, 1, 4, 4], batch);
            assert_eq!(run, sizes, "{batch} windows");
            let sums = (0..batch).map(|w| (4 * w + 1) as f32).collect::<Vec<_>>();
            assert_eq!(logits, sums, "{batch} windows");
        }
    }

    #[test]
    fn wrong_sizes_and_inputs_are_refused() {
        for sizes in [&[][..], &[0], &[1, 100_000]] {
            assert!(matches!(
                Batches::new(sizes, 2, 1),
                Err(EngineError::BatchSizes { .. })
            ));
        }
        let outcome = Batches::new(&[1], 2, 1).unwrap().run(
            "none",
            &[1.0; 5],
            2,
            &mut vec![1.0],
            &mut Vec::new(),
            |_, _, _| Ok(()),
        );
        assert_eq!(
            outcome,
            Err(EngineError::Input {
                given: 5,
                batch: 2,
                expected: 4
            })
        );
    }

    #[test]
    fn an_engine_that_fails_or_gives_too_few_numbers_is_named_and_leaves_none() {
        let batches = Batches::new(&[2], 1, 3).unwrap();
        let reason = |outcome: Result<Vec<f32>, String>| {
            let mut logits = vec![1.0];
            let error = batches
                .run(
                    "broken",
                    &[0.0; 4],
                    4,
                    &mut logits,
                    &mut Vec::new(),
                    |_, _, out| {
                        out.extend(outcome.clone()?);
                        Ok(())
                    },
                )
                .unwrap_err();
            assert!(logits.is_empty());
            match error {
                EngineError::Run { engine, reason } if engine == "broken" => reason,
                other => panic!("{other}"),
            }
        };
        assert_eq!(reason(Err("worn out".to_owned())), "worn out");
        assert_eq!(
            reason(Ok(vec![0.0; 5])),
            "it gives 5 numbers; expected [2, 3]"
        );
    }
}

//! Spreads independent work over threads and gives the results back in order, so that the number of jobs never
//! changes a result.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

/// As many jobs as the machine runs at once.
pub(crate) fn default_jobs() -> usize {
    thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// Calls `work` for every index below `count` on `jobs` threads (0: as many as the machine has) and returns the
/// results in order. `progress(done, count)` is called on the calling thread.
pub(crate) fn map<T: Send>(
    count: usize,
    jobs: usize,
    progress: &mut dyn FnMut(usize, usize),
    work: impl Fn(usize) -> T + Sync,
) -> Vec<T> {
    let jobs = if jobs == 0 { default_jobs() } else { jobs }.clamp(1, count.max(1));
    let next = AtomicUsize::new(0);
    let mut results: Vec<Option<T>> = (0..count).map(|_| None).collect();
    progress(0, count);
    thread::scope(|scope| {
        let (sender, receiver) = mpsc::channel();
        for _ in 0..jobs {
            let (sender, next, work) = (sender.clone(), &next, &work);
            scope.spawn(move || {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    if index >= count || sender.send((index, work(index))).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        for (done, (index, result)) in receiver.iter().enumerate() {
            if let Some(slot) = results.get_mut(index) {
                *slot = Some(result);
            }
            progress(done + 1, count);
        }
    });
    // A thread that panicked has already ended the scope with its panic: every slot is filled here.
    results.into_iter().flatten().collect()
}

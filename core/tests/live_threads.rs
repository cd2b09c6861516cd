//! Halves of streams and pools go in any order, on any thread, while sound runs; the worker threads end with the last user.
//!
//! One test alone in its file: it counts the threads of the process.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod analyzer_support;
mod live_support;
mod synthetic;

use std::sync::Arc;

use analyzer_support::speech;
use live_support::{bounce, live, offline, pool, until};
use synthetic::{SMALL, model};
use undersong_core::live::{self, LiveSettings, WorkerPool};

/// Worker threads of this process that may still run; `None` where the system does not tell.
///
/// A thread that was waited for stands in the list a moment longer: the kernel says that it has ended (`CLONE_CHILD_CLEARTID`) before
/// it takes it from there. Such a thread has left its code for good, which its flags tell.
fn workers() -> Option<usize> {
    let tasks = std::fs::read_dir("/proc/self/task").ok()?;
    let stats =
        tasks.filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("stat")).ok());
    Some(stats.filter(|stat| works(stat)).count())
}

/// Of a line of `/proc/self/task/*/stat` ([proc_pid_stat(5)]: number, (name), state, …, flags the ninth): is this a worker that runs?
///
/// [proc_pid_stat(5)]: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
fn works(stat: &str) -> bool {
    /// `PF_EXITING` of the kernel's `sched.h`.
    const EXITING: u64 = 0x4;
    let (name, rest) = stat.rsplit_once(") ").unwrap();
    let flags: u64 = rest.split(' ').nth(6).unwrap().parse().unwrap();
    name.contains("(undersong ") && flags & EXITING == 0
}

#[test]
fn everything_can_go_in_any_order_and_the_threads_end() {
    let model = live(&model(&SMALL, &["neutral", "happy", "sad", "angry"]));
    let sound = speech(16_000, 4.0);
    for order in [
        [0, 1, 2],
        [0, 2, 1],
        [1, 0, 2],
        [1, 2, 0],
        [2, 0, 1],
        [2, 1, 0],
    ] {
        let pool = pool(2);
        let (mut input, control) =
            live::open(&pool, Arc::clone(&model), 16_000, LiveSettings::default()).unwrap();
        input.push_mono(&sound);
        let (mut input, mut control, mut pool) = (Some(input), Some(control), Some(pool));
        for part in order {
            match part {
                // On another thread, in the middle of the work.
                0 => {
                    let input = input.take();
                    std::thread::spawn(move || drop(input)).join().unwrap();
                }
                1 => drop(control.take()),
                _ => drop(pool.take()),
            }
            if let Some(input) = &mut input {
                input.push_mono(&sound[..1_000]);
                while input.poll().is_some() {}
            }
        }
    }
    if workers().is_none() {
        println!("skipped: counting threads, which this system does not show");
        return;
    }
    until("all threads of the pools end", || workers() == Some(0));

    // Dropped in good order, a pool waits for its threads: a library can be unloaded then.
    let pool = pool(3);
    let (mut input, control) = offline(&pool, &model, 16_000, LiveSettings::default());
    // A thread gives itself its name.
    until("three workers", || workers() == Some(3));
    bounce(&mut input, &sound, &[512]);
    drop(input);
    drop(control);
    drop(pool);
    assert_eq!(workers(), Some(0));

    // The shared pool is one, and goes when nobody uses it any more.
    let first = WorkerPool::shared().unwrap();
    let second = WorkerPool::shared().unwrap();
    until("the shared workers", || workers() == Some(first.threads()));
    let (input, control) =
        live::open(&first, Arc::clone(&model), 16_000, LiveSettings::default()).unwrap();
    drop((first, second));
    // A stream's control keeps it.
    assert!(workers() > Some(0));
    drop(input);
    drop(control);
    assert_eq!(workers(), Some(0));
    drop(WorkerPool::shared().unwrap());
    assert_eq!(workers(), Some(0));
}

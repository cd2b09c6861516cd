//! What happens beside the sound: one thread for all instances in a process, and short-lived ones that load models.
//!
//! It loads models, sends OSC, keeps what the editor shows, and, where the system lets it, calls a VST3 host's main thread. It does not
//! depend on callbacks of the host, which do not come on Linux without an editor. It looks 50 times a second; the audio thread need not
//! wake anybody. It ends with the last instance, which waits for it, so that a host may unload the library.

mod history;
mod models;
mod osc;
mod place;
mod room;

pub use history::{HISTORY_SECONDS, History};
pub use models::{ModelFile, available as available_models};
pub(crate) use osc::OscSender;
pub(crate) use room::Room;
pub use room::RoomReport;

use crate::guard::guard;
use crate::shared::Shared;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::JoinHandle;
use std::time::Duration;

/// Time between two looks: no longer than the shortest hop needs.
const INTERVAL: Duration = Duration::from_millis(20);

/// The service of this process; it lives as long as one of its clones.
#[derive(Debug, Clone)]
pub(crate) struct Service(#[allow(dead_code)] Arc<Thread>);

#[derive(Debug)]
struct Thread {
    desk: Arc<Desk>,
    handle: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Debug, Default)]
struct Desk {
    state: Mutex<DeskState>,
    wake: Condvar,
}

#[derive(Debug, Default)]
struct DeskState {
    instances: Vec<Weak<Shared>>,
    ends: bool,
}

static SERVICE: Mutex<Weak<Thread>> = Mutex::new(Weak::new());

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Service {
    /// The service, which from now on also attends to this instance. `None` if the system gives no thread: then nothing is loaded, and
    /// the sound passes.
    pub(crate) fn for_instance(shared: &Arc<Shared>) -> Option<Self> {
        let mut service = lock(&SERVICE);
        let thread = match service.upgrade() {
            Some(thread) => thread,
            None => {
                let thread = Arc::new(Thread::start()?);
                *service = Arc::downgrade(&thread);
                thread
            }
        };
        lock(&thread.desk.state)
            .instances
            .push(Arc::downgrade(shared));
        Some(Self(thread))
    }
}

impl Thread {
    fn start() -> Option<Self> {
        let desk = Arc::<Desk>::default();
        let own = Arc::clone(&desk);
        let handle = std::thread::Builder::new()
            .name("undersong".to_owned())
            .spawn(move || own.attend())
            .ok()?;
        Some(Self {
            desk,
            handle: Mutex::new(Some(handle)),
        })
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        lock(&self.desk.state).ends = true;
        self.desk.wake.notify_all();
        if let Some(handle) = lock(&self.handle).take() {
            // A panic there is its own business: the instances are gone.
            let _ = handle.join();
        }
    }
}

impl Desk {
    fn attend(&self) {
        let mut state = lock(&self.state);
        while !state.ends {
            state.instances.retain(|shared| shared.strong_count() > 0);
            let instances = state.instances.clone();
            // Not locked meanwhile: an instance may come or go.
            drop(state);
            for shared in &instances {
                if let Some(shared) = shared.upgrade() {
                    guard((), || shared.attend());
                }
            }
            state = lock(&self.state);
            if !state.ends {
                state = self
                    .wake
                    .wait_timeout(state, INTERVAL)
                    .unwrap_or_else(PoisonError::into_inner)
                    .0;
            }
        }
    }
}

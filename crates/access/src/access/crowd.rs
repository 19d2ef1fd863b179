//! How many taps of one resident may be under way at once.

use std::{
    collections::hash_map::Entry,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use foldhash::HashMap;

use super::Core;
use crate::ResidentId;

/// More than any thumb makes, and few enough that one resident's flood takes nobody else's room in the store.
const MOST: usize = 64;

/// Whose taps are under way here, and how many.
#[derive(Default)]
pub(super) struct Crowd(Mutex<HashMap<ResidentId, usize>>);

/// One tap's place among them, until it ends.
pub(super) struct Place {
    core: Arc<Core>,
    resident: ResidentId,
}

impl Crowd {
    /// A place for one more tap of that resident, if there is one.
    pub(super) fn enter(core: &Arc<Core>, resident: &ResidentId) -> Option<Place> {
        let mut crowd = core.crowd.lock();
        let under_way = crowd.entry(resident.clone()).or_default();
        if *under_way >= MOST {
            return None;
        }
        *under_way += 1;
        Some(Place { core: Arc::clone(core), resident: resident.clone() })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ResidentId, usize>> {
        // No section under the lock can panic half-way.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut crowd = self.core.crowd.lock();
        if let Entry::Occupied(mut under_way) = crowd.entry(self.resident.clone()) {
            *under_way.get_mut() -= 1;
            if *under_way.get() == 0 {
                under_way.remove();
            }
        }
    }
}

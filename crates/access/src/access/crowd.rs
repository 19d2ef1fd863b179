//! How many taps of one resident may be under way at once.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

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
        match crowd.get_mut(resident) {
            Some(under_way) if *under_way >= MOST => return None,
            Some(under_way) => *under_way += 1,
            None => {
                crowd.insert(resident.clone(), 1);
            }
        }
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
        match crowd.get_mut(&self.resident) {
            Some(under_way) if *under_way > 1 => *under_way -= 1,
            _ => {
                crowd.remove(&self.resident);
            }
        }
    }
}

//! What was tapped, and what became of it.

use super::Core;
use crate::{Cause, Error, ResidentId, TapQuery, TapRecord, context::bounded};

impl Core {
    pub(super) async fn taps(&self, query: &TapQuery) -> Result<Vec<TapRecord>, Error> {
        bounded("store.taps", Cause::StoreFailed, self.store.taps(query)).await
    }

    pub(super) async fn forget(&self, resident: &ResidentId) -> Result<(), Error> {
        bounded("store.forget", Cause::StoreFailed, self.store.forget(resident)).await
    }
}

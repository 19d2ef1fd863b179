//! What is kept of one Openpath user: entries and keys.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use elevate_access::{Aged, Error as AccessError, Freshness, MaxAge};
use tokio::time::Instant;

use super::{ENTRIES_AGE, Inner, LINK_AGE, REFUSAL_AGE, causes::unread, keys::Keys};
use crate::{Entry, UserId};

/// One user's entries and keys, whichever residents are that user.
#[derive(Debug)]
pub(super) struct Holder {
    pub(super) user: UserId,
    pub(super) entries: Aged<Vec<Entry>>,
    pub(super) keys: Aged<Keys>,
    /// Whether the user was ever seen to have a key: then a first look needs no lease.
    has_had_key: AtomicBool,
}

impl Holder {
    fn new(user: UserId) -> Self {
        Self {
            user,
            entries: Aged::new(MaxAge::of(ENTRIES_AGE)),
            keys: Aged::new(MaxAge::of(LINK_AGE)),
            has_had_key: AtomicBool::new(false),
        }
    }

    pub(super) fn note_key(&self) {
        self.has_had_key.store(true, Ordering::Relaxed);
    }

    pub(super) fn has_had_key(&self) -> bool {
        self.has_had_key.load(Ordering::Relaxed)
    }

    /// Forgets it: whoever asks next reads first.
    pub(super) fn forget(&self) {
        self.entries.forget();
        self.keys.forget();
    }
}

/// A user's entries, from a reading that began then.
pub(super) struct Entries {
    pub(super) list: Arc<Vec<Entry>>,
    pub(super) begun: Instant,
}

impl Inner {
    pub(super) fn holder(&self, user: &UserId) -> Arc<Holder> {
        if let Some(holder) = self.holders.get(user) {
            return holder;
        }
        // Two callers at once may each make one; the lease in the store keeps them from making two keys.
        let holder = Arc::new(Holder::new(user.clone()));
        self.holders.insert(user.clone(), holder.clone());
        holder
    }

    /// The user's entries. That there are none is looked at again soon: it may have been mended.
    pub(super) async fn entries(
        &self,
        holder: &Holder,
        freshness: Freshness,
    ) -> Result<Entries, AccessError> {
        let is_stale_refusal =
            |entries: &[Entry], begun: Instant| entries.is_empty() && begun.elapsed() > REFUSAL_AGE;
        if holder.entries.peek().is_some_and(|e| is_stale_refusal(&e.value, e.begun)) {
            holder.entries.forget();
        }
        let read = || {
            let (client, user) = (self.client.clone(), holder.user.clone());
            async move { Ok(client.user_entries(&user).all().await.map_err(unread)?.rows) }
        };
        let entries = holder.entries.get(freshness, read).await?;
        Ok(Entries { list: entries.value, begun: entries.begun })
    }
}

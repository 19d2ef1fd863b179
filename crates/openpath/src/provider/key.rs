//! The one cloud key of a user: found, or made once.

use std::{sync::Arc, time::Duration};

use elevate_access::{Aged, Cause, Context, Error as AccessError, Freshness, Lease};
use elevate_transport::Delivery;
use futures_util::future::join;
use tokio::time::{Instant, sleep};

use super::{
    Inner, REFUSAL_AGE,
    causes::{because, by, reason, unread},
    holder::Holder,
    keys::{Key, Keys},
    link::Linked,
    made::Made,
};
use crate::{Client, CredentialType, CredentialTypeId, Error, ErrorKind, UserId, client::WITHIN};

/// How long the lease of a user's key is held at most. No creation is sent under it that may outlast it.
const LEASE_FOR: Duration = Duration::from_secs(45);

/// How long to wait for somebody else who holds it.
const WAIT_FOR: Duration = Duration::from_secs(10);

/// The first wait before looking again; each further one is twice as long, up to the longest.
const LOOK_AGAIN: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(2));

/// The id of the credential type *cloud key*, which differs between organisations for all that is known.
pub(super) type KeyKind = Aged<CredentialTypeId>;

impl Inner {
    /// The key to unlock with: the one that the link names, one that the user has, or, where the context
    /// allows it, a new one. `None` if there is none and none may be made.
    pub(super) async fn key(
        &self,
        context: &Context,
        linked: &Linked,
        holder: &Holder,
        freshness: Freshness,
    ) -> Result<Option<Key>, AccessError> {
        if let Some(key) = &linked.key {
            return Ok(Some(key.clone()));
        }
        let read = || self.seeker(context, holder).seek();
        let mut keys = holder.keys.get(freshness, read).await?;
        if keys.value.usable(context.now()).is_none() && context.may_create_key() {
            let is_missing = keys.value.are_missing(context.now());
            // Read by somebody who may not make one, or valid no longer, or perhaps mended.
            if is_missing && self.made.allows(&holder.user) || keys.begun.elapsed() > REFUSAL_AGE {
                holder.keys.forget();
                keys = holder.keys.get(Freshness::Cached, read).await?;
            }
        }
        let key = keys.value.usable(context.now());
        if key.is_some() {
            holder.note_key();
        } else if !keys.value.are_missing(context.now()) {
            return Err(not_ready(
                "there is one that cannot be used yet, or of a kind that is not told",
            ));
        } else if !self.made.allows(&holder.user) {
            return Err(not_ready("one was made less than a day ago, and is not listed"));
        }
        Ok(key)
    }

    fn seeker(&self, context: &Context, holder: &Holder) -> Seeker {
        Seeker {
            client: self.client.clone(),
            kind: self.kind.clone(),
            made: self.made.clone(),
            place: self.place.clone(),
            name: self.key_name.clone(),
            context: context.clone(),
            user: holder.user.clone(),
            lease_first: context.may_create_key()
                && !holder.has_had_key()
                && self.made.allows(&holder.user),
        }
    }
}

/// Looks for a user's keys, and makes one if there is none and one may be made. One task at a time does
/// so for a user in this process; among processes the lease sees to it.
struct Seeker {
    client: Client,
    kind: KeyKind,
    made: Arc<Made>,
    place: Arc<str>,
    name: Arc<str>,
    context: Context,
    user: UserId,
    /// Whether a key is likely to be missing: then the lease is taken before the list is read, so that the
    /// list does for the creation too, and the kind is read beside it.
    lease_first: bool,
}

/// The lease, and a moment before which it does not end.
struct Held {
    lease: Lease,
    until: Instant,
}

impl Seeker {
    async fn seek(self) -> Result<Keys, AccessError> {
        let early = if self.lease_first { self.lease().await.ok().flatten() } else { None };
        let (keys, ()) = join(self.list(), async {
            if self.lease_first {
                let _ = self.kind().await;
            }
        })
        .await;
        match (keys, early) {
            (Ok(keys), Some(held)) if self.calls_for_one(&keys) => self.make(keys, held).await,
            (Ok(keys), None) if self.calls_for_one(&keys) => self.wait_and_make().await,
            (keys, early) => {
                if let Some(held) = early {
                    self.release(&held.lease).await;
                }
                keys
            }
        }
    }

    /// Whether a key is to be made.
    fn calls_for_one(&self, keys: &Keys) -> bool {
        self.context.may_create_key()
            && keys.are_missing(self.context.now())
            && self.made.allows(&self.user)
    }

    /// Waits for the lease, looking meanwhile whether its holder has made the key.
    async fn wait_and_make(&self) -> Result<Keys, AccessError> {
        let give_up = by(&self.context).min(Instant::now() + WAIT_FOR);
        let (mut pause, longest) = LOOK_AGAIN;
        loop {
            let lease = self.lease().await?;
            // What was listed before the lease was taken may be out of date.
            let keys = match self.list().await {
                Ok(keys) => keys,
                Err(error) => {
                    if let Some(held) = lease {
                        self.release(&held.lease).await;
                    }
                    return Err(error);
                }
            };
            let is_there = !self.calls_for_one(&keys);
            match lease {
                Some(held) if is_there => {
                    self.release(&held.lease).await;
                    return Ok(keys);
                }
                Some(held) => return self.make(keys, held).await,
                None if is_there => return Ok(keys),
                None if Instant::now() + pause >= give_up => {
                    return Err(not_ready("it is being made elsewhere, or was a moment ago"));
                }
                None => {
                    sleep(pause).await;
                    pause = (pause * 2).min(longest);
                }
            }
        }
    }

    /// Makes a key, under a lease and after a list that was read under it.
    ///
    /// Unless it is certain that none was made, the lease stays until a list shows the key: other nodes may
    /// read lists for a while that do not, and would make another.
    async fn make(&self, mut keys: Keys, Held { lease, until }: Held) -> Result<Keys, AccessError> {
        let kind = match self.kind().await {
            Ok(kind) => kind,
            Err(error) => {
                self.release(&lease).await;
                return Err(error);
            }
        };
        if until < Instant::now() + WITHIN {
            // Another node could take the lease while the creation is under way.
            self.release(&lease).await;
            let keys = self.list().await?;
            let is_there = !self.calls_for_one(&keys);
            return if is_there { Ok(keys) } else { Err(not_ready("it took too long to begin")) };
        }
        let error = match self.client.create_cloud_key(&self.user, &kind, &self.name).await {
            Ok(credential) => {
                tracing::info!(user = %self.user, key = %credential.id, "a cloud key was made");
                self.made.made(&self.user, lease);
                keys.add(credential);
                return Ok(keys);
            }
            Err(error) => error,
        };
        tracing::warn!(user = %self.user, %error, "a cloud key could not be made");
        if error.kind() == ErrorKind::Rejected {
            // Perhaps the kind has another id now.
            self.kind.forget();
        }
        if was_not_made(&error) {
            self.release(&lease).await;
            return Err(match error.kind() {
                ErrorKind::Forbidden => because(Cause::RightsMissing, error),
                ErrorKind::NotFound => unread(error),
                _ => because(Cause::KeyNotReady, error),
            });
        }
        // It may have been made, or still be: look before anything is made again.
        self.made.perhaps_made(&self.user, lease);
        match self.list().await {
            Ok(keys) if !keys.are_missing(self.context.now()) => Ok(keys),
            _ => Err(because(Cause::KeyNotReady, error)),
        }
    }

    async fn list(&self) -> Result<Keys, AccessError> {
        let listing = self.client.user_credentials(&self.user).all().await.map_err(unread)?;
        let keys = Keys::of(listing.rows);
        if keys.usable(self.context.now()).is_some()
            && let Some(lease) = self.made.seen(&self.user)
        {
            self.release(&lease).await;
        }
        let surplus = keys.surplus(&self.name, self.context.now()).len();
        if surplus > 0 {
            tracing::warn!(user = %self.user, keys = surplus, "several keys of ours");
        }
        Ok(keys)
    }

    async fn kind(&self) -> Result<CredentialTypeId, AccessError> {
        let read = || {
            let client = self.client.clone();
            async move {
                let listing = client.credential_types().all().await.map_err(unread)?;
                key_kind(listing.rows)
            }
        };
        let kind = self.kind.get(Freshness::Cached, read).await?;
        Ok(kind.value.as_ref().clone())
    }

    async fn lease(&self) -> Result<Option<Held>, AccessError> {
        let name = format!("key/{}/{}", self.place, self.user);
        // Counted from before the store counts, so that it ends here first.
        let until = Instant::now() + LEASE_FOR;
        let lease = self.context.lease(&name, LEASE_FOR).await.map_err(|error| {
            tracing::warn!(%error, "no lease could be had, so no key is made");
            AccessError::from(reason(Cause::KeyNotReady)).with_source(error)
        })?;
        Ok(lease.map(|lease| Held { lease, until }))
    }

    async fn release(&self, lease: &Lease) {
        if let Err(error) = self.context.release(lease).await {
            tracing::warn!(%error, "a lease could not be given back; it ends by itself");
        }
    }
}

/// The kind that is a cloud key.
pub(super) fn key_kind(kinds: Vec<CredentialType>) -> Result<CredentialTypeId, AccessError> {
    let kind = kinds.into_iter().find(CredentialType::is_cloud_key).map(|kind| kind.id);
    kind.ok_or_else(|| {
        reason(Cause::SetupWrong)
            .with_detail("the organisation has no credential type cloudKey")
            .into()
    })
}

/// Whether it is certain that nothing was made: nothing was sent, or the answer says so. Any other 4xx, such
/// as a 409 or a 408, does not.
fn was_not_made(error: &Error) -> bool {
    let is_its_word = error.delivery() == Delivery::Answered && error.is_refusal();
    error.delivery() == Delivery::NeverSent
        || is_its_word
            && matches!(
                error.kind(),
                ErrorKind::Unauthorized
                    | ErrorKind::Forbidden
                    | ErrorKind::NotFound
                    | ErrorKind::Throttled
            )
}

fn not_ready(why: &str) -> AccessError {
    reason(Cause::KeyNotReady).with_detail(why).into()
}

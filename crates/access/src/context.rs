//! What a provider may use while it works for one connection.

use std::{fmt, future::poll_fn, pin::pin, sync::Arc, task::Poll, time::Duration};

use jiff::Timestamp;
use tokio::time::{Instant, error::Elapsed, timeout_at};
use tracing::Instrument as _;

use crate::{
    Aged, BuildingId, Cause, Clock, ConnectionId, Dated, Directory, EmailDigest, Error, Freshness,
    HostError, Lease, Link, MaxAge, Occupant, SignIns, Store, Unit, spans,
};

/// How old the building's own list of units may be, as the vendor's side of the map (L8).
pub(crate) const UNITS_AGE: MaxAge =
    MaxAge::of(Duration::from_mins(5)).read_ahead(Duration::from_mins(1));

/// How long reading a building's units may take.
const UNITS_WITHIN: Duration = Duration::from_secs(10);

/// The most residents of one user that are looked at.
const MOST_SHARERS: usize = 32;

/// Every unit of one building.
pub type BuildingUnits = Vec<Unit>;

/// What a provider may use: its own connection's links and leases, the building's units, the time.
///
/// Made by [`Access`](crate::Access); cheap to clone, and free of borrows, so that a reading can outlive
/// the call that began it.
#[derive(Clone)]
pub struct Context {
    inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) connection: ConnectionId,
    pub(crate) building: BuildingId,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) directory: Arc<dyn Directory>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) units: Aged<BuildingUnits>,
    pub(crate) until: Instant,
    pub(crate) may_create_key: bool,
}

impl Context {
    pub(crate) fn new(inner: Inner) -> Self {
        Self { inner: Arc::new(inner) }
    }

    /// The connection that the provider works for.
    pub fn connection(&self) -> &ConnectionId {
        &self.inner.connection
    }

    /// The building that is asked about.
    pub fn building(&self) -> &BuildingId {
        &self.inner.building
    }

    /// Wall-clock time, for a vendor's dates and for [`Link::verified`].
    pub fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    /// The call's answer is not awaited past this moment. (For an order, the permit's own deadlines hold.)
    pub fn until(&self) -> Instant {
        self.inner.until
    }

    /// Whether a key may be created: only a resident's own list or tap may cause that (L9).
    pub fn may_create_key(&self) -> bool {
        self.inner.may_create_key
    }

    /// Every unit of the building, lived in or not, at most five minutes old.
    ///
    /// The same reading is the same `Arc`, so that what was computed from it can be kept beside it.
    ///
    /// # Errors
    /// [`Cause::DirectoryFailed`] if the directory failed, or took too long.
    pub async fn units(&self, freshness: Freshness) -> Result<Dated<BuildingUnits>, Error> {
        self.inner
            .units
            .get(freshness, || {
                let (directory, building) =
                    (self.inner.directory.clone(), self.inner.building.clone());
                async move {
                    let units = directory.units(&building);
                    bounded_by(UNITS_WITHIN, "directory.units", Cause::DirectoryFailed, units).await
                }
            })
            .await
            .map_err(|e| e.in_call("directory.units"))
    }

    /// The occupant's link on this connection, unless it was made for another e-mail, which voids it.
    ///
    /// # Errors
    /// [`Cause::StoreFailed`]. It is not the same as "no link"; a tap need not fail for it.
    pub async fn link(&self, occupant: &Occupant) -> Result<Option<Link>, Error> {
        let Some(digest) = self.digest(occupant) else { return Ok(None) };
        let link = self
            .bounded(
                "store.link",
                self.inner.store.link(&self.inner.connection, occupant.resident()),
            )
            .await?;
        Ok(link.filter(|link| link.email == digest))
    }

    /// Keeps that the occupant is the vendor's user `subject`, confirmed just now, and which key is
    /// theirs.
    ///
    /// # Errors
    /// [`Cause::StoreFailed`]; [`Cause::NoVerifiedEmail`] for an occupant without e-mail.
    pub async fn set_link(
        &self,
        occupant: &Occupant,
        subject: &str,
        key: Option<&str>,
        verified: Timestamp,
    ) -> Result<(), Error> {
        let email = self.digest(occupant).ok_or_else(|| Error::new(Cause::NoVerifiedEmail))?;
        let (subject, key) = (subject.to_owned(), key.map(str::to_owned));
        let link = Link { email, subject, key, verified };
        let set =
            self.inner.store.set_link(&self.inner.connection, occupant.resident(), Some(&link));
        self.bounded("store.set_link", set).await
    }

    /// Removes the occupant's link.
    ///
    /// # Errors
    /// [`Cause::StoreFailed`].
    pub async fn unlink(&self, occupant: &Occupant) -> Result<(), Error> {
        let set = self.inner.store.set_link(&self.inner.connection, occupant.resident(), None);
        self.bounded("store.set_link", set).await
    }

    /// Takes the lease of that name for `ttl`; `None` while another holds it.
    ///
    /// It is one lease for all connections, so the name says what is meant at the vendor: two connections
    /// may lead to the same organisation.
    ///
    /// # Errors
    /// [`Cause::StoreFailed`].
    pub async fn lease(&self, name: &str, ttl: Duration) -> Result<Option<Lease>, Error> {
        self.bounded("store.lease", self.inner.store.lease(name, ttl)).await
    }

    /// Gives a lease back.
    ///
    /// # Errors
    /// [`Cause::StoreFailed`]. The lease then ends by itself.
    pub async fn release(&self, lease: &Lease) -> Result<(), Error> {
        self.bounded("store.release", self.inner.store.release(lease)).await
    }

    /// How many residents besides the occupant are linked to the same user `subject`, Current in this
    /// building, with the same e-mail: two people who share one address.
    ///
    /// # Errors
    /// [`Cause::StoreFailed`], [`Cause::DirectoryFailed`].
    pub async fn sharers(&self, occupant: &Occupant, subject: &str) -> Result<usize, Error> {
        let Some(email) = occupant.email() else { return Ok(0) };
        let linked = self.inner.store.linked(&self.inner.connection, subject);
        let linked = self.bounded("store.linked", linked).await?;
        let others: Vec<_> = linked.iter().filter(|id| *id != occupant.resident()).collect();
        let mut sharers = 0;
        for other in others.iter().take(MOST_SHARERS) {
            let read = self.inner.directory.resident(other);
            let other = bounded("directory.resident", Cause::DirectoryFailed, read).await?;
            let other = other.and_then(|resident| resident.occupant(&self.inner.building));
            let theirs = other.as_ref().and_then(Occupant::email);
            sharers += usize::from(theirs.is_some_and(|theirs| email.matches(theirs.expose())));
        }
        if sharers == 0 && others.len() > MOST_SHARERS {
            let many = Error::new(Cause::StoreFailed).with_detail("more links than are looked at");
            return Err(many.in_call("store.linked"));
        }
        Ok(sharers)
    }

    /// Where nodes agree on who signs in: the host's store.
    pub fn sign_ins(&self) -> Arc<dyn SignIns> {
        self.inner.store.clone()
    }

    fn digest(&self, occupant: &Occupant) -> Option<EmailDigest> {
        occupant.email().map(|e| EmailDigest::of(&self.inner.connection, occupant.resident(), e))
    }

    async fn bounded<T>(
        &self,
        operation: &'static str,
        work: impl Future<Output = Result<T, HostError>>,
    ) -> Result<T, Error> {
        bounded(operation, Cause::StoreFailed, work).await
    }
}

/// How long a single call to the store, the directory or the connections may take.
pub(crate) const HOST_WITHIN: Duration = Duration::from_secs(2);

/// A host's answer within [`HOST_WITHIN`], or an error of that cause.
pub(crate) async fn bounded<T>(
    operation: &'static str,
    cause: Cause,
    work: impl Future<Output = Result<T, HostError>>,
) -> Result<T, Error> {
    bounded_by(HOST_WITHIN, operation, cause, work).await
}

/// A host's answer within that time, or an error of that cause.
pub(crate) async fn bounded_by<T>(
    within: Duration,
    operation: &'static str,
    cause: Cause,
    work: impl Future<Output = Result<T, HostError>>,
) -> Result<T, Error> {
    let span = spans::host(operation);
    let result = match in_time(|| Instant::now() + within, work).instrument(span.clone()).await {
        Ok(result) => result.map_err(|e| e.becoming(cause).in_call(operation)),
        Err(_) => Err(Error::new(cause).with_detail("no answer in time").in_call(operation)),
    };
    if let Err(e) = &result {
        spans::failed(&span, e.cause());
    }
    result
}

/// What comes of the work until then. What is there at once, as all is that is in memory, needs no timer.
pub(crate) async fn in_time<T>(
    until: impl FnOnce() -> Instant,
    work: impl Future<Output = T>,
) -> Result<T, Elapsed> {
    let mut work = pin!(work);
    match poll_fn(|cx| Poll::Ready(work.as_mut().poll(cx))).await {
        Poll::Ready(done) => Ok(done),
        Poll::Pending => timeout_at(until(), work).await,
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("connection", self.connection())
            .field("building", self.building())
            .finish_non_exhaustive()
    }
}

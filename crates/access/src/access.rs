//! The front door.

mod ask;
mod audit;
mod builder;
mod crowd;
mod diagnose;
mod flight;
mod history;
mod hub;
mod late;
mod leader;
mod list;
#[cfg(feature = "metrics")]
mod meter;
mod order;
mod reading;
mod telling;

use std::{fmt, sync::Arc};

pub use audit::AuditStream;
pub use builder::AccessBuilder;
pub use list::{Door, DoorList, LinkState, LinkStatus, Problem};
use tokio::{sync::mpsc, time::Instant};
use tracing::{Instrument as _, Span};

use self::{
    ask::{Pace, guarded},
    crowd::Crowd,
    flight::Flights,
    hub::Hub,
};
use crate::{
    AuditOptions, BuildingId, Cause, Clock, ConnectionHealth, ConnectionId, Diagnosis, Directory,
    DoorId, Error, Freshness, Notification, Notified, Outcome, Resident, ResidentId, Store, Tap,
    TapEnd, TapQuery, TapRecord, TapTicket, Tapped, TicketKeys,
    context::bounded,
    spans::{self, Plain, call},
    tap::Limits,
};

/// The front door: which doors a resident may open, and opening one.
///
/// Cheap to clone; all clones are one. It takes ids and reads the resident from the directory afresh at
/// each call. Its methods are to be called within a tokio runtime with time enabled.
#[derive(Clone)]
pub struct Access(Arc<Core>);

pub(crate) struct Core {
    directory: Arc<dyn Directory>,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    tickets: Option<TicketKeys>,
    tap_log: Option<mpsc::Sender<TapEnd>>,
    limits: Limits,
    hub: Hub,
    flights: Flights,
    crowd: Crowd,
    looks: Pace,
    refreshes: Pace,
}

impl Access {
    /// Starts building one. A directory, connections and a store have to be named.
    pub fn builder() -> AccessBuilder {
        AccessBuilder::default()
    }

    /// The doors that the resident may open, favourites first.
    ///
    /// A connection that is down, or that gives this resident nothing, does not hide the others: its
    /// problem is named in [`DoorList::problems`]. Reading the list may create the resident's key at a
    /// system that needs one (O2). [`Freshness::Fresh`] reads anew eight times at once for one resident, and
    /// once more each four seconds; beyond that what is known has to do.
    ///
    /// # Errors
    /// [`Cause::ResidentUnknown`], [`Cause::NotCurrent`] or [`Cause::DirectoryFailed`].
    pub async fn doors(
        &self,
        resident: &ResidentId,
        freshness: Freshness,
    ) -> Result<DoorList, Error> {
        let span = call!("doors", resident = resident);
        called("doors", span, self.0.doors(resident, freshness)).await
    }

    /// Opens the door for the resident, once, now or not at all.
    ///
    /// What was begun does not end when this future is dropped; only the waiting does. A second tap on the
    /// same door while an order is under way joins it and sends nothing.
    ///
    /// # Errors
    /// **An error is a promise that no unlock order left this process for this call.** So it is safe to
    /// turn it into a response that something retries. Everything that happens once an order's body has
    /// started is an [`Outcome`].
    pub async fn unlock(
        &self,
        resident: &ResidentId,
        door: &DoorId,
        tap: Tap,
    ) -> Result<Outcome, Error> {
        order::unlock(&self.0, resident, door, tap).await.map_err(|e| e.in_call("unlock"))
    }

    /// A ticket for one tap of the resident on the door, now. Asks nobody: it grants nothing, and whether the
    /// resident may open the door is judged when it is used.
    ///
    /// The app asks for it the moment somebody taps, and sends it with the tap at once ([`Tap::ticket`](Tap::ticket)).
    /// Its age is the tap's age: what is older than `send_within` opens nothing, be the phone's request held back
    /// for whatever reason. Used a second time, on any node, it gets the first outcome.
    ///
    /// ```
    /// # async fn example(
    /// #     access: elevate_access::Access,
    /// #     (jane, door): (elevate_access::ResidentId, elevate_access::DoorId),
    /// # ) -> Result<(), elevate_access::Error> {
    /// use elevate_access::{Tap, TapTicket};
    ///
    /// let ticket = access.ticket(&jane, &door)?.to_string(); // to the app, the moment it asks
    /// let sent: TapTicket = ticket.parse()?; // and back, with the tap
    /// let outcome = access.unlock(&jane, &door, Tap::ticket(&sent)).await?;
    /// # let _ = outcome;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Cause::NoTicketKeys`] if this `Access` was built without [ticket keys](AccessBuilder::tickets).
    pub fn ticket(&self, resident: &ResidentId, door: &DoorId) -> Result<TapTicket, Error> {
        let keys = self.0.ticket_keys().map_err(|e| e.in_call("ticket"))?;
        Ok(keys.issue(resident, door, self.0.clock.now()))
    }

    /// Makes a door a favourite, or no longer one. Favourites come first in [`doors`](Self::doors).
    ///
    /// # Errors
    /// [`Cause::DoorNotGranted`] for a door that is not among the resident's (when setting one), the
    /// reasons of [`doors`](Self::doors), or [`Cause::StoreFailed`].
    pub async fn set_favorite(
        &self,
        resident: &ResidentId,
        door: &DoorId,
        favorite: bool,
    ) -> Result<(), Error> {
        let span = call!("set_favorite", resident = resident, door = door);
        called("set_favorite", span, self.0.set_favorite(resident, door, favorite)).await
    }

    /// Whether the resident is connected to each door system of their buildings (O5). Asks no vendor and
    /// writes nothing.
    ///
    /// # Errors
    /// As for [`doors`](Self::doors), and [`Cause::StoreFailed`] or [`Cause::ConnectionFailed`].
    pub async fn link_status(&self, resident: &ResidentId) -> Result<Vec<LinkStatus>, Error> {
        let span = call!("link_status", resident = resident);
        called("link_status", span, self.0.link_status(resident)).await
    }

    /// Why the resident may or may not open their doors, or this door, and what to mend where (O8, N9).
    ///
    /// Makes the same judgements as [`unlock`](Self::unlock) from the same readings, but no permit exists
    /// on this path: it can open nothing. It creates no key either. For managers, not for residents.
    ///
    /// # Errors
    /// Only [`Cause::DirectoryFailed`]: everything else is a finding.
    pub async fn diagnose(
        &self,
        resident: &ResidentId,
        door: Option<&DoorId>,
    ) -> Result<Diagnosis, Error> {
        let span = call!("diagnose", resident = resident; door);
        if let Some(door) = door {
            span.record("door", tracing::field::display(Plain(door)));
        }
        called("diagnose", span, self.0.diagnose(resident, door)).await
    }

    /// Whether each connection of the building works and is set up rightly. Asks the vendors.
    ///
    /// A connection that draws on the same doors as another one that this process has open, of whichever
    /// building, is reported as degraded.
    ///
    /// # Errors
    /// [`Cause::ConnectionFailed`] if the building's connections cannot be read. A single one that cannot
    /// be opened is reported as down.
    pub async fn check(&self, building: &BuildingId) -> Result<Vec<ConnectionHealth>, Error> {
        called("check", call!("check", building = building), self.0.check(building)).await
    }

    /// Audits a building: its whole roster against each of its systems, for what keeps residents out, or will,
    /// and for who has access who should not (N7, O7, O9). Asks the vendors; writes nothing anywhere.
    ///
    /// An audit takes minutes where a list takes seconds, and a share of each connection's room that taps do
    /// not need: it never delays one. Findings are for managers, and name e-mails.
    ///
    /// ```
    /// # async fn example(
    /// #     access: elevate_access::Access,
    /// #     building: elevate_access::BuildingId,
    /// # ) -> Result<(), elevate_access::Error> {
    /// use elevate_access::{AuditOptions, Urgency};
    ///
    /// let audit = access.audit(&building, AuditOptions::new()).await?.collect_all().await;
    /// println!("{} to fix now", audit.count(Urgency::MustFix));
    /// for finding in &audit.findings {
    ///     println!("{}: {}", finding.urgency.heading(), finding.reason.what_is_wrong());
    /// }
    /// // Keep audit.end.snapshot, and hand it to the next one: AuditOptions::new().since(snapshot).
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Cause::DirectoryFailed`] or [`Cause::ConnectionFailed`] if the roster or the connections cannot be
    /// read; [`Cause::NoConnection`] if there is none; [`Cause::InvalidInput`] for another building's snapshot. A connection that fails is told of in
    /// [`ConnectionAudit::failed`](crate::ConnectionAudit::failed), and hides no other.
    pub async fn audit(
        &self,
        building: &BuildingId,
        options: AuditOptions,
    ) -> Result<AuditStream, Error> {
        let span = call!("audit", building = building);
        called("audit", span, audit::begin(&self.0, building, options)).await
    }

    /// Which doors were tapped, when, and what became of it: newest first, as the query asks. Asks no vendor.
    ///
    /// What a resident may see is their own: [`TapQuery::of`] them. Doors keep the names that they had then.
    /// A tap that is still [under way](crate::TapState::UnderWay) after its time is one whose node died, and counts as
    /// unknown.
    ///
    /// # Errors
    /// [`Cause::StoreFailed`].
    pub async fn taps(&self, query: &TapQuery) -> Result<Vec<TapRecord>, Error> {
        called("taps", call!("taps"), self.0.taps(query)).await
    }

    /// What became of a tap of the history, where that was not known when it was answered: asks its system once, if that
    /// may tell more, and writes down what it says beside what the resident was told. Sends nothing that could open a
    /// door.
    ///
    /// The node that sent the order does the same by itself, half a minute after its answer, so this is for a tap whose
    /// node ended within that half minute; one that ended before the answer left nothing to ask by. `None` if it is
    /// still not known: Seam tells by its action attempt, Openpath by a row of activity that carries the tap's id, which
    /// nobody has seen yet.
    ///
    /// # Errors
    /// [`Cause::ResidentUnknown`], [`Cause::DirectoryFailed`], [`Cause::NoConnection`], [`Cause::ConnectionFailed`],
    /// [`Cause::StoreFailed`], or why the system could not be asked.
    pub async fn look_back(&self, record: &TapRecord) -> Result<Option<Outcome>, Error> {
        let Tapped { resident, door, .. } = &record.tapped;
        let span = call!("look_back", resident = resident, door = door);
        called("look_back", span, self.0.look_back(record)).await
    }

    /// Erases what is kept of the resident: favourites, links, history. For one who has left, and asks for it.
    /// Writes nothing at a vendor.
    ///
    /// Should they tap again, it begins anew. A tap that is under way is not ended by it: with an id it is written
    /// down no more, without one it is, as any other. So call it once they have lost access.
    ///
    /// # Errors
    /// [`Cause::StoreFailed`]: call it again, it does no harm.
    pub async fn forget(&self, resident: &ResidentId) -> Result<(), Error> {
        called("forget", call!("forget", resident = resident), self.0.forget(resident)).await
    }

    /// Takes a notification (a webhook's delivery) that the host's web server received for that connection.
    ///
    /// It is for the provider to tell whether its system sent it; what is not believed has no effect. What is
    /// believed opens nothing and settles nothing: it only makes the next use read first, or an order that is
    /// waited for be looked at now. So it may come twice, late, out of order or in floods. An order's outcome
    /// never waits for one. It reaches one node; what others keep ages as without it.
    ///
    /// Answer the sender with 204 after `Ok`, with 401 after [`Cause::DeliveryRefused`], and with 503 after
    /// anything else, so that it is sent again. Put both ids into the address that is registered at the system.
    /// Each delivery asks [`Connections`](crate::Connections) once, also a stranger's: limit what reaches that address.
    ///
    /// # Errors
    /// [`Cause::DeliveryRefused`] for what is not believed, also where the building has no such connection, or
    /// its system sends none; [`Cause::ConnectionFailed`] if the connection cannot be read or opened.
    pub async fn webhook(
        &self,
        building: &BuildingId,
        connection: &ConnectionId,
        notification: &Notification<'_>,
    ) -> Result<Notified, Error> {
        let span = call!("webhook", building = building, connection = connection);
        called("webhook", span, self.0.webhook(building, connection, notification)).await
    }
}

/// A call in its span; its error names it.
async fn called<T>(
    name: &'static str,
    span: Span,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    work.instrument(span.clone()).await.map_err(|e| {
        spans::failed(&span, e.cause());
        e.in_call(name)
    })
}

impl Core {
    fn ticket_keys(&self) -> Result<&TicketKeys, Error> {
        let none = || Error::new(Cause::NoTicketKeys);
        self.tickets.as_ref().ok_or_else(none)
    }

    async fn webhook(
        &self,
        building: &BuildingId,
        connection: &ConnectionId,
        notification: &Notification<'_>,
    ) -> Result<Notified, Error> {
        let refused = |why| Error::new(Cause::DeliveryRefused).with_detail(why);
        if let Some(why) = notification.excess() {
            return Err(refused(why));
        }
        let until = Instant::now() + self.limits.list;
        let listed = self.hub.of(building).await?;
        let asked = listed.into_iter().find(|listed| listed.id == *connection);
        let asked = asked.ok_or_else(|| refused("the building has no such connection"))?;
        let desk = self.desk(building, &asked, until, false).await?;
        let system = desk.provider.info().system;
        let span = spans::provider("provider.notified", desk.provider.as_ref());
        let told = desk.provider.notified(&desk.context, notification);
        let told = guarded(until, told).instrument(span).await;
        told.and_then(|told| told).map_err(|e| e.naming(&system))
    }

    /// The resident as of now, and when that reading began.
    async fn resident(&self, id: &ResidentId) -> Result<(Resident, Instant), Error> {
        let begun = Instant::now();
        let found =
            bounded("directory.resident", Cause::DirectoryFailed, self.directory.resident(id))
                .await?;
        let resident = found.ok_or_else(|| Error::new(Cause::ResidentUnknown))?;
        if resident.id != *id {
            return Err(
                Error::new(Cause::DirectoryFailed).with_detail("another resident came back")
            );
        }
        Ok((resident, begun))
    }
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Access").field("limits", &self.0.limits).finish_non_exhaustive()
    }
}

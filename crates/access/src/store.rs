//! What is kept between taps, and between nodes: favourites, links, leases, and by its parts taps and turns.

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{ConnectionId, DoorId, EmailDigest, HostError, ResidentId, SignIns, Taps};

/// Which user of a vendor a resident is, as found by e-mail.
///
/// One digest stands for the e-mails of both sides: whenever a link is verified they are the same but for
/// the case of ASCII letters, and the digest is of the lower case. The resident's is compared at each use,
/// the vendor's within five minutes, so a change on either side voids the link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The digest of the resident's e-mail when the link was made: another e-mail voids the link.
    pub email: EmailDigest,
    /// The vendor's id of the user.
    pub subject: String,
    /// The vendor's id of the key to unlock with, once there is one.
    pub key: Option<String>,
    /// When the vendor last confirmed all of this.
    pub verified: Timestamp,
}

/// A lease that is held: proof for giving it back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// What is leased.
    pub name: String,
    /// Tells this holding from every other one of the same name.
    pub token: String,
}

/// Where favourites, links, leases, [`Taps`] and the turns of [`SignIns`] are kept.
///
/// One store serves all nodes of a service; [`MemoryStore`](crate::MemoryStore) serves one node and
/// forgets. Secrets and e-mails never enter it. Every method is atomic by itself, and each may be called
/// by any number of nodes at once. A method that cannot tell fails, rather than answering "none".
#[async_trait]
pub trait Store: Taps + SignIns {
    /// The resident's favourites, in the order in which they were set.
    async fn favorites(&self, resident: &ResidentId) -> Result<Vec<DoorId>, HostError>;

    /// Makes the door a favourite, or no longer one. Setting what is set already changes nothing.
    async fn set_favorite(
        &self,
        resident: &ResidentId,
        door: &DoorId,
        favorite: bool,
    ) -> Result<(), HostError>;

    /// The resident's link on that connection.
    async fn link(
        &self,
        connection: &ConnectionId,
        resident: &ResidentId,
    ) -> Result<Option<Link>, HostError>;

    /// Every resident whose link on that connection names that user of the vendor: more than one may be a
    /// mistake. Links that an e-mail's change has voided count too; whoever asks looks at them again.
    async fn linked(
        &self,
        connection: &ConnectionId,
        subject: &str,
    ) -> Result<Vec<ResidentId>, HostError>;

    /// Sets the link, or removes it.
    async fn set_link(
        &self,
        connection: &ConnectionId,
        resident: &ResidentId,
        link: Option<&Link>,
    ) -> Result<(), HostError>;

    /// Takes the lease of that name for `ttl`, or `None` while somebody else holds it. It ends by itself
    /// after `ttl`, by the store's own clock.
    ///
    /// The name stands by itself, whichever connection asks: two connections may lead to the same place at
    /// the vendor, and must not both make a key there.
    async fn lease(&self, name: &str, ttl: Duration) -> Result<Option<Lease>, HostError>;

    /// Gives the lease back. Does nothing if it has ended and somebody else holds it.
    async fn release(&self, lease: &Lease) -> Result<(), HostError>;

    /// Erases what is kept of the resident: favourites, links and history, on every connection.
    ///
    /// Of a tap younger than [`TAPS_KEPT`](crate::TAPS_KEPT) the id stays, without anything of theirs, as
    /// one that is foreign to everybody: erased, it could be sent again.
    async fn forget(&self, resident: &ResidentId) -> Result<(), HostError>;
}

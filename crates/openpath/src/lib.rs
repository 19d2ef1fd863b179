//! Openpath (Avigilon Alta) for services that open doors for residents.
//!
//! Two layers, and the second one is the only place where their vocabularies meet:
//!
//! - [`Client`]: the vendor's REST calls, in the vendor's words (user, credential, entry). It has never heard
//!   of residents.
//! - [`OpenpathProvider`]: the [`AccessProvider`](elevate_access::AccessProvider) on it, which a service puts
//!   behind the front door of [`elevate_access`].
//!
//! # The client
//!
//! ```
//! use elevate_openpath::{Client, Credentials, Error, OrgId, UserId, UsersQuery};
//!
//! async fn who_has_doors(password: String) -> Result<(), Error> {
//!     let client = Client::builder(
//!         "https://api.openpath.com",
//!         OrgId::new("5120")?,
//!         Credentials::password("doors@example.com", password),
//!     )
//!     .build()?;
//!
//!     for user in client.users_list(&UsersQuery::all()).await?.rows {
//!         let entries = client.user_entries(&user.id).await?;
//!         println!("{}: {} doors", user.id, entries.rows.len());
//!     }
//!     Ok(())
//! }
//! ```
//!
//! It signs in by itself and shares the token among its clones; repeats reads and never writes; reads lists
//! to their end or fails; sends e-mails in bodies and never in URLs; and bounds time, bytes, pages and depth
//! of whatever comes back: a list has 200,000 rows and 64 MiB at most, and a user 5,000 entries. See [`Client`], [`Listing`], [`Error`].
//!
//! The vendor publishes neither error bodies nor limits, and only an id is guaranteed in most objects. So ids
//! are read as numbers and as text (of ASCII letters, digits, `_` and `-`), fields may be absent or null, and unknown fields and values pass. An
//! absent field means *unknown*, not *no*. What cannot be used is an error that names the place in the JSON.
//!
//! # The provider
//!
//! ```
//! use std::sync::Arc;
//!
//! use elevate_access::{AccessProvider, BuildingId, ConnectionId, MemoryConnections};
//! use elevate_openpath::{Client, OpenpathProvider};
//!
//! fn connect(client: Client) -> Result<MemoryConnections, elevate_access::InvalidId> {
//!     let provider: Arc<dyn AccessProvider> = Arc::new(OpenpathProvider::new(client));
//!     let connections = MemoryConnections::new();
//!     connections.connect(&BuildingId::new("north")?, &ConnectionId::new("north-openpath")?, provider);
//!     Ok(connections)
//! }
//! ```
//!
//! **Who somebody is.** A resident is the one active user with the e-mail that the host vouches for, compared
//! byte by byte but for the case of ASCII letters, on every row, on all pages. How the vendor's filter by
//! e-mail compares was never observed, so *not found* is said only after a scan of all users, which all
//! callers share and which is kept for five minutes. An e-mail that could be filter syntax goes into no
//! filter. Two users that may both be active are ambiguous. A status that is absent or unknown counts as
//! inactive.
//!
//! **Dates.** A user or key counts from the latest moment that its start can mean until the earliest that its
//! end can mean. That matters for dates without a time, whose time zone and last day are not known: such a
//! user is refused up to two days before the vendor may do so, and nobody is admitted whom it would refuse.
//!
//! **The key.** The user's plain cloud key with the lowest id is used; one that triggers a lockdown or
//! overrides one never is. If there is none, one is made, by a resident's own list or tap only, under a lease
//! in the store, and after a list that was read under that lease. If the reply to the creation is lost, the
//! list is read before anything else, and the lease is left to run out (45 s) unless the key is on it.
//! Nothing is ever deleted. *Not promised*: that there is one key if the vendor acts on a creation later than
//! that.
//!
//! None is made beside a key that is not valid yet, one whose dates cannot be read, or a credential whose kind
//! is not told: that is [`Cause::KeyNotReady`](elevate_access::Cause::KeyNotReady). One whose end has come is
//! followed by another. And each provider makes at most one key a day for a user (or tries three times, where
//! it cannot tell what came of it), so that no list makes it go on: a key that is deleted in the dashboard on
//! the day on which it was made is made anew a day later, or after a restart.
//!
//! **What is relied on for how long.** User and key five minutes, entries ten, each from the start of the
//! reading; a refusal is looked at again after ten seconds. The link is kept in the store as well, without the
//! e-mail, so that a restart costs no lookup. It is void at once when the resident's e-mail changes or the
//! connection leads to another organisation, and is taken out when the user is no longer the one, or when the
//! vendor refuses an order. Of a user or key that ends within six minutes no link is kept.
//!
//! **Several buildings.** Every entry of the user is a door, whichever building it is at, for Openpath says
//! nothing of buildings. **A connection that serves several buildings has to be pinned** with
//! [`at_sites`](OpenpathProvider::at_sites), or a resident who moves from one to another keeps the former
//! one's doors for as long as Openpath lists them.
//!
//! **An unlock** is one request, sent once, through the permit's gate:
//!
//! | answer | outcome |
//! | --- | --- |
//! | 204 without a body | accepted: the cloud took it. Nothing that is known links a door's activity to an order, so `Opened` is never said |
//! | 401 | not opened, certain; the token is dropped and the next tap signs in |
//! | 429 | not opened; that door is left alone for as long as the vendor asks (10 s if it does not say, 5 min at most) |
//! | any other 4xx, read whole | not opened, by the vendor's word; what was known of the resident is forgotten |
//! | anything else once the body started | unknown |
//!
//! **Requests.** A warm tap is one; a first tap with sign-in and key at most seven in five rounds; a warm list
//! none; an idle provider none.

mod client;
mod credentials;
mod error;
mod id;
mod model;
mod provider;

pub use client::{Client, ClientBuilder, CloudKeyUnlock, Listing, MAX_PAGES, MAX_ROWS, UsersQuery};
pub use credentials::Credentials;
#[cfg(any(feature = "rustls", feature = "rustls-no-provider"))]
pub use elevate_transport::HttpWire;
pub use elevate_transport::{Delivery, Gate, Wire};
pub use error::{Error, ErrorKind};
pub use id::{CredentialId, CredentialTypeId, EntryId, GroupId, OrgId, SiteId, UserId, ZoneId};
pub use model::{
    CloudKey, Credential, CredentialType, Entry, Group, Identity, Rights, Site, User, UserStatus,
    VendorDate, WirelessLock, Zone,
};
pub use provider::OpenpathProvider;

/// The README's example is compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

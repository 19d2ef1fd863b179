//! Openpath (Avigilon Alta) for services that open doors for residents.
//!
//! Two layers, and the second one is the only place where their vocabularies meet:
//!
//! - [`Client`]: the vendor's REST calls, in the vendor's words (user, credential, entry). It has never heard
//!   of residents.
//! - [`OpenpathProvider`]: the [`AccessProvider`](elevate_access::AccessProvider) on it, which a service puts
//!   behind the front door of [`elevate_access`].
//!
//! Marks such as O8 or L9 are points of the guides and laws: the page `marks` of [`elevate_access`] has them.
//!
//! # The client
//!
//! ```
//! use elevate_openpath::{Client, Credentials, Error, OrgId, UsersQuery};
//! use futures_util::StreamExt as _;
//!
//! async fn who_has_doors(password: String) -> Result<(), Error> {
//!     let client = Client::builder(
//!         "https://api.openpath.com",
//!         OrgId::new("5120")?,
//!         Credentials::password("doors@example.com", password),
//!     )
//!     .build()?;
//!
//!     let mut users = client.users(&UsersQuery::all());
//!     while let Some(user) = users.next().await {
//!         let user = user?;
//!         let entries = client.user_entries(&user.id).all().await?;
//!         println!("{}: {} doors", user.id, entries.rows.len());
//!     }
//!     Ok(())
//! }
//! ```
//!
//! It signs in by itself and shares the token among its clones; repeats reads and never writes; reads lists
//! as streams, or to their end or not at all; sends e-mails in bodies and never in URLs; and bounds time,
//! bytes, pages and depth of whatever comes back: a list has 200,000 rows and 64 MiB at most, and a user 5,000
//! entries. See [`Client`], [`Rows`], [`Error`]. Whether an account and its organisation are rightly set up is
//! told by [`Client::self_check`]; why a door stays shut, by the entries' states, the lockdown plans and a
//! user's activity, as far as the account may read them.
//!
//! # Signing in
//!
//! | [`Credentials`] | what is sent | good to know |
//! | --- | --- | --- |
//! | `password` | `POST /auth/login`, then its token | a local user, not one of a single sign-on |
//! | … `with_totp_secret` | the code of the half minute as well | feature `totp`; each half minute is good for one node |
//! | `basic` | the password with each call | impossible with a second factor |
//! | `org_certificate` | a token signed with the organisation's key | feature `org-certificate`; no password, no turns, best for many nodes |
//!
//! A token is shared by all clones and replaced at nine tenths of its stated life by a new sign-in, while the
//! others go on with the old one. A 401 makes a read sign in anew, once; an order fails with it.
//!
//! **Many nodes, one account.** A refused sign-in is followed by a pause, 30 s, then 5 and 30 minutes; after the
//! fourth refusal in a row none is tried any more with these credentials, so that a wrong password does not lock
//! the account (when the vendor locks one is not known). Both hold on every node of one store: the provider hands the store of its context to the client
//! ([`SignIns`](elevate_access::SignIns)); who uses the client alone names one with
//! [`ClientBuilder::sign_ins`]. Give [`Credentials::revision`] a number that changes whenever the *secret*
//! does, and only then: corrected credentials are tried at once under a new one, and wrong ones four times under
//! each. With a second factor nodes sign in one after the other, half a minute each. Whether the vendor ends an account's older tokens at a sign-in is
//! not known. One node does not mind; several processes that share no store would end each other's, so each
//! gets an account of its own. If they do not, sign-ins keep a growing distance,
//! [`SessionState::contested`] says so, and health reports it.
//!
//! **Rotating a password.** Change it at Openpath first, then the secret and its revision in your own table, at
//! once: the other way round costs refused sign-ins. Tokens that are there go on working unless Openpath ends them,
//! but a connection that is opened anew signs in anew, node by node.
//!
//! **Several buildings of one organisation** are best served by one connection with
//! [`at_sites`](OpenpathProvider::at_sites), or by one [`Client`] that is cloned for several providers: each
//! further client signs in for itself.
//!
//! # What replies may look like
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
//! callers share and which is kept for five minutes. The filter is asked for a spelling that nobody uses
//! (`jAnE@eXaMpLe.CoM`), so that one which minds case finds nobody, rather than one of two users whose e-mails
//! differ in case only. An e-mail that could be filter syntax goes into no filter. Two users that may both be active are ambiguous. A status that is absent or unknown counts as
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
//! is not told: that is [`Cause::KeyNotReady`](elevate_access::Cause::KeyNotReady). One whose end has come, or
//! that was deleted in the dashboard, is followed by another. Each provider sends three creations a day for a
//! user at most, and after one that was made none until a list has shown it, so that no list makes it go on.
//! Several keys of ours are reported and left as they are.
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
//! **Diagnosis and health.** [`explain`](elevate_access::AccessProvider::explain) tells each precondition of a
//! cloud unlock as passed, failed with its remedy, or not to be told: most of a door's own condition needs more
//! than the scope `user:w`. The user's latest activity at the door is shown with the controllers' result codes
//! in plain words; it is recent, and no proof. [`check`](elevate_access::AccessProvider::check) reports sign-in,
//! rights, plan, sites, and which way of finding users works. Both read only, and open and make nothing.
//!
//! **An audit** lets all users of the organisation pass once, a thousand a call, and all credentials once, and holds
//! what concerns the building's roster: residents without a user, with the likely one ([`emails`]), ambiguous and
//! shared ones, users that may not unlock now or will not soon, former residents whose user is still active, active
//! users that are nobody's (pinned to sites: the building's), surplus keys. *Without entries* takes a call for each
//! matched resident, and is asked for on wish. All of it goes aside, one call at a time.
//!
//! **An unlock** is one request, sent once, through the permit's gate:
//!
//! | answer | outcome |
//! | --- | --- |
//! | 204 without a body | accepted: the cloud took it. Nothing that is known links a door's activity to an order, so `Opened` is never said |
//! | 401 | not opened, certain; the token is dropped and the next tap signs in |
//! | 429 | not opened; that door is left alone for as long as the vendor asks (10 s if it does not say, 5 min at most) |
//! | a 4xx that is a page of HTML, 407, 408, 425 | unknown: somebody on the way answered, and may have sent it on |
//! | any other 4xx, read whole | not opened, by the vendor's word; what was known of the resident is forgotten |
//! | anything else once the body started | unknown |
//!
//! **Requests.** A warm tap is one; a first tap with sign-in and key at most seven in five rounds; a warm list
//! none; an idle provider none.

mod client;
mod credentials;
pub mod emails;
mod error;
mod id;
mod model;
mod provider;

pub use client::{
    CheckedCall, Client, ClientBuilder, CloudKeyUnlock, Listing, MAX_PAGES, MAX_ROWS, Rows,
    SelfCheck, SessionState, UsersQuery,
};
pub use credentials::Credentials;
#[cfg(any(feature = "rustls", feature = "rustls-no-provider"))]
pub use elevate_transport::HttpWire;
pub use elevate_transport::{Delivery, Gate, Instant, StatusCode, Wire};
pub use error::{Error, ErrorKind};
pub use id::{
    AcuId, CredentialId, CredentialTypeId, EntryId, EntryStateId, FeatureId, GroupId,
    LockdownPlanId, NamespaceId, OrgId, ScheduleId, SiteId, UserId, ZoneId,
};
pub use model::{
    Activity, ActivityResult, CloudKey, Credential, CredentialType, CredentialUser,
    EffectiveScopes, Entry, EntryState, Feature, Group, Identity, LockdownPlan, Named, Namespace,
    OrgCredential, OrgEntry, Rights, Site, TriggerMethod, User, UserStatus, VendorDate,
    WirelessLock, Zone,
};

pub use provider::OpenpathProvider;

/// The README's example is compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

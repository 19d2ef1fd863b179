//! Seam Connect for doors: a client, and [`TwoNProvider`] for buildings whose doors are 2N's.
//!
//! The crate has two halves. [`Client`] speaks Seam's words (workspace, space, device, action attempt) and
//! has never heard of a resident. [`TwoNProvider`] is the one place where those words meet the residents,
//! units and taps of [`elevate_access`]; a service hands it to
//! [`Access`](elevate_access::Access) and calls nothing here itself.
//!
//! Marks such as N9 or L8 are points of the guides and laws: the page `marks` of [`elevate_access`] has them.
//!
//! # Setting a building up
//!
//! ```no_run
//! use std::sync::Arc;
//!
//! use elevate_access::{
//!     Access, BuildingId, ConnectionId, Freshness, MemoryConnections, MemoryDirectory, MemoryStore,
//!     Outcome, ResidentId, Tap,
//! };
//! use elevate_seam::{ApiKey, Client, HttpWire, TwoNProvider, TwoNSettings, Wire};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! // One wire for the whole service: all clients share its connections.
//! let wire: Arc<dyn Wire> = Arc::new(HttpWire::builder().build()?);
//!
//! // One key a property. It rules its whole workspace, so it is kept as a secret from here on.
//! let key = ApiKey::new(std::env::var("SEAM_API_KEY")?)?;
//! let client = Client::builder(key).wire(wire).build()?;
//!
//! let building = BuildingId::new("maple-court")?;
//! let provider = TwoNProvider::new(client, TwoNSettings::new(building.clone()));
//!
//! // The host's own tables stand here; these forms are held in memory.
//! let (directory, connections) = (MemoryDirectory::new(), MemoryConnections::new());
//! connections.connect(&building, &ConnectionId::new("maple-2n")?, Arc::new(provider));
//! let access = Access::builder()
//!     .directory(directory)
//!     .connections(connections)
//!     .store(MemoryStore::new())
//!     .build()?;
//!
//! let resident = ResidentId::new("r-17")?;
//! let list = access.doors(&resident, Freshness::Cached).await?;
//! match access.unlock(&resident, &list.doors[0].id, Tap::now()).await? {
//!     // The device itself confirmed this very order.
//!     Outcome::Opened(receipt) => println!("opened, attempt {:?}", receipt.reference),
//!     // Handed to 2N; whether the door moved is not said.
//!     Outcome::Accepted(_) => println!("asked to open"),
//!     Outcome::NotOpened(receipt) => println!("not opened: {:?}", receipt.reason),
//!     Outcome::Unknown(receipt) => println!("not known: {:?}", receipt.reason),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Whose doors
//!
//! Access follows the unit. Each of the building's units is matched to the one 2N unit of the same name;
//! case is ignored, and nothing else ([`elevate_unit_match`] has the rule in full). A resident has the
//! doors of the unit that theirs is matched to. A name that is blank, or that two units of one side have,
//! matches nothing. Where 2N's units come from is a [setting](Units): Seam's spaces by their names or by an
//! explicit link, metadata of the devices, or a table. Where several properties share a workspace, the
//! connection is [pinned](TwoNSettings#pins) to its own; and its doors can be restricted to
//! [named ones](TwoNSettings::only_doors).
//!
//! All of this is one map, read whole (every page of devices and spaces) or not at all. It is used for
//! five minutes counted from the start of its reading, and read ahead on use after one. Nothing is read
//! while nobody asks; a reading that fails leaves the older map until its time is over.
//!
//! # What a device's state does
//!
//! | Seam says | door on the list | a tap |
//! | --- | --- | --- |
//! | `device_removed` | blocked: [`DoorRemoved`](elevate_access::Cause::DoorRemoved) | refused, nothing is sent |
//! | `can_remotely_unlock` false or absent | blocked: [`DoorNotRemote`](elevate_access::Cause::DoorNotRemote) | refused, nothing is sent |
//! | not managed | blocked: [`DoorUnmanaged`](elevate_access::Cause::DoorUnmanaged) | refused, nothing is sent |
//! | `privacy_mode` | blocked: [`DoorPrivate`](elevate_access::Cause::DoorPrivate) | refused, nothing is sent |
//! | offline, disconnected, hub or bridge disconnected | with a remark: [`DoorOffline`](elevate_access::Cause::DoorOffline) | sent: what Seam shows may be minutes old |
//! | `account_disconnected` | with a remark: [`SignInNeeded`](elevate_access::Cause::SignInNeeded) | sent |
//! | credentials or subscription missing | with a remark: [`RightsMissing`](elevate_access::Cause::RightsMissing) | sent |
//!
//! # What a tap comes to
//!
//! One request when the map is warm, and then looks at the action attempt, on the schedule of
//! [`next_look`].
//!
//! | Seam's answer | outcome |
//! | --- | --- |
//! | `success`, and `was_confirmed_by_device` is true, for this very attempt | `Opened` |
//! | `success` without that | `Accepted` |
//! | `error`, whatever its type | `NotOpened`, not certain: its word is no proof |
//! | `pending` until the end, or a status that nobody knows | `Unknown` |
//! | 400, 401, 404 or 429 in the shape of Seam's own errors | `NotOpened`, certain |
//! | a 4xx that is a page of HTML, 407, 408, 425 | `Unknown`: somebody on the way answered, and may have sent it on |
//! | any other 4xx that was read to its end | `NotOpened`, not certain |
//! | a 200 that contradicts itself: a field twice, an action of no readable kind, an error beside a success | `Unknown` |
//! | 5xx, 3xx, an unreadable 200, another 2xx, no answer | `Unknown`; never sent again |
//!
//! After a 429 the door is left alone for as long as `Retry-After` says (one minute at most; ten seconds
//! if it says nothing), and taps before that are refused with the time that is left. So that it hardly comes to
//! that, one resident has a share of each door: five orders at once and one more each twelve seconds, of the
//! fifteen a minute that Seam allows for all who stand before it; the last five of a minute are for those who have
//! had three at most. What never left is not counted. A share is one process's.
//!
//! An attempt that failed is told by what Seam says of it: `device_offline` and its kin are
//! [`DoorOffline`](elevate_access::Cause::DoorOffline), `privacy_mode` is
//! [`DoorPrivate`](elevate_access::Cause::DoorPrivate), and so on; what nobody knows is
//! [`OrderFailed`](elevate_access::Cause::OrderFailed), with Seam's words for the manager.
//!
//! # Events and webhooks
//!
//! An [`Event`] comes by webhook, or off the list that [`Client::events`] reads: twice, late and in any order.
//! So it is a reason to look and never a fact: [`Event::concerns`] says what of the attempts, the map, a
//! device's state or a sign-in is worth reading anew, and nothing is decided on its word.
//!
//! | event | what it does |
//! | --- | --- |
//! | `device.added`, `device.removed`, `device.deleted`, `device.name_changed`, `device.converted_to_unmanaged`, `device.unmanaged.converted_to_managed` | the map is stale: the next use reads first |
//! | `space.created`, `space.deleted`, `space.device_membership_changed`; `acs_entrance.added`, `acs_entrance.removed` | the same |
//! | all of `connected_account.…` | the same: its devices come, go and fail with it |
//! | `device.salto.privacy_mode_activated` and `…_deactivated`; what nobody knows yet of `device.…`, `space.…`, `acs_entrance.…` and `connected_account.…` | the same |
//! | `action_attempt.unlock_door.…`, `action_attempt.lock_door.…`, `lock.locked`, `lock.unlocked`, with an attempt's id | an order that is waited for is looked at now |
//! | a device that went on- or offline, became flaky or steady, or whose subscription is missing or back; everything else | nothing: it changes nobody's right |
//!
//! **A space's rename is no event**: Seam names none for it, and the test kit's `rename_space` sends none. It shows when
//! the map is read for its age, after five minutes at most, or when a resident refreshes.
//!
//! Whoever knows a webhook's URL can post to it. With the feature `webhooks`, `WebhookVerifier` tells Seam's
//! deliveries from the rest; given to the settings, it makes
//! [`Access::webhook`](elevate_access::Access::webhook) believe them. That takes headers and the body's bytes,
//! from whatever web framework:
//!
//! ```
//! # #[cfg(feature = "webhooks")]
//! # mod host {
//! use elevate_access::{Access, BuildingId, Cause, ConnectionId, Notification};
//! use elevate_seam::{
//!     Client, Instant, InvalidSecrets, NewWebhook, TwoNSettings, WebhookSecret, WebhookVerifier,
//!     WorkspaceId,
//! };
//!
//! /// Once for each connection. What comes of it is kept with the connection, the secret where secrets are.
//! async fn register(
//!     client: &Client,
//!     url: &str, // https://api.example/hooks/maple-court/maple-2n
//!     by: Instant,
//! ) -> Result<(WorkspaceId, WebhookSecret), Box<dyn std::error::Error>> {
//!     let workspace = client.get_workspace(by).await?.workspace_id;
//!     let webhook = client.create_webhook(&NewWebhook::new(url), by).await?;
//!     // Seam may leave it out. Without it no delivery can be believed, and the webhook is of no use.
//!     let secret = webhook.secret.ok_or("the webhook came without its secret")?;
//!     Ok((workspace, secret)) // secret.expose() is the text to keep; WebhookSecret::new reads it
//! }
//!
//! /// Where the connection is opened: the workspace, and the secret that was kept.
//! fn settings(
//!     building: BuildingId,
//!     workspace: WorkspaceId,
//!     secret: WebhookSecret,
//! ) -> Result<TwoNSettings, InvalidSecrets> {
//!     Ok(TwoNSettings::new(building).webhooks(WebhookVerifier::new(workspace, [secret])?))
//! }
//!
//! /// Behind `POST /hooks/{building}/{connection}`. Gives the status to answer with.
//! async fn receive(
//!     access: &Access,
//!     building: &BuildingId,
//!     connection: &ConnectionId,
//!     headers: &[(&str, &[u8])],
//!     body: &[u8],
//! ) -> u16 {
//!     let notification = Notification::new(headers.iter().copied(), body);
//!     match access.webhook(building, connection, &notification).await {
//!         Ok(_) => 204,
//!         // Why is in error.reason().detail(), which holds nothing that was sent.
//!         Err(error) if error.cause() == Cause::DeliveryRefused => 401,
//!         Err(_) => 503,
//!     }
//! }
//! # }
//! ```
//!
//! | what [`Access::webhook`](elevate_access::Access::webhook) gives | when | status |
//! | --- | --- | --- |
//! | `Ok` | it is believed, whether or not it makes anything stale | 204 |
//! | [`DeliveryRefused`](elevate_access::Cause::DeliveryRefused) | it is not signed by a secret of the connection, more than five minutes old or early, larger than 1 MiB, no event, or another workspace's; or the connection has no secret, is not one of the building's, or its system sends none | 401 |
//! | [`ConnectionFailed`](elevate_access::Cause::ConnectionFailed) | the host's table of connections failed, or the connection could not be opened | 503, so that it is sent again |
//! | anything else: [`WrongBuilding`](elevate_access::Cause::WrongBuilding), [`VendorUnreachable`](elevate_access::Cause::VendorUnreachable), [`Internal`](elevate_access::Cause::Internal) | the connection is set up for another building; no answer in time; a panic | 503 |
//!
//! What is believed makes the next use of the map read first, or an order that is waited for be looked at now;
//! a flood of it is one reading, and never more than ten looks a second. Without webhooks all holds the same:
//! the map is read anew by its age, and an attempt is looked at by its schedule.
//!
//! # Connecting a building
//!
//! Somebody with a `My2N` account opens a link and signs in at Seam; no credentials pass through here.
//! [`Connecting`] makes the link, and waits for the sign-in and for the first sync. Then
//! [`TwoNProvider::go_live`] says what is still open, in the order in which to mend it: what 2N has to switch on
//! and nobody can read from here, devices that are not managed or cannot be unlocked, units that match nothing.
//! The program `connect_two_n` does all of it.
//!
//! # Audits
//!
//! [`audit`](elevate_access::AccessProvider::audit) holds every unit of the building and everybody on its roster
//! against a fresh map: units that match nothing, with the likely counterpart; doubled, blank and ambiguous
//! names; matched units without doors; doors that open for nobody, and those of exactly two units. It leaves a
//! snapshot of names, ids and doors, and tells from an earlier one what was renamed, appeared, vanished, split or
//! merged, who lost doors by it, and **whose counterpart is now what was another's**, as after two names were swapped.
//!
//! # Features
//!
//! `rustls` (default) brings the production wire over reqwest; `rustls-no-provider` the same for a host
//! that installs a rustls crypto provider itself. With neither, a wire has to be handed in. `webhooks` brings
//! the verifying of deliveries.

mod account;
mod api_key;
mod attempt;
mod client;
mod connecting;
mod device;
mod error;
mod event;
mod ids;
mod lenient;
mod shown;
#[cfg(feature = "webhooks")]
mod signature;
mod space;
mod two_n;
mod vocabulary;
mod webhook;
mod webview;
mod workspace;

pub use account::{AccountError, AccountWarning, ConnectedAccount};
pub use api_key::{ApiKey, InvalidApiKey};
pub use attempt::{ActionAttempt, AttemptError, AttemptResult, Progress};
pub use client::{
    AccountsQuery, AttemptsQuery, Client, ClientBuilder, DevicesQuery, EventsQuery, Ordered, Rows,
    SpacesQuery, Waited, WebviewsQuery, next_look,
};
pub use connecting::{Connecting, Stage};
pub use device::{
    Appearance, Device, DeviceError, DeviceLocation, DeviceProperties, DeviceWarning,
    MetadataValue, TwoNMetadata, UnmanagedDevice, UnmanagedProperties,
};
#[cfg(any(feature = "rustls", feature = "rustls-no-provider"))]
pub use elevate_transport::HttpWire;
pub use elevate_transport::{Delivery, Gate, Instant, StatusCode, Wire};
pub use error::{Error, ErrorKind, FieldError};
pub use event::{Concern, Denial, Event};
pub use ids::{
    AcsEntranceId, ActionAttemptId, ConnectWebviewId, ConnectedAccountId, DeviceId, EventId,
    InvalidId, SpaceId, WebhookId, WorkspaceId,
};
#[cfg(feature = "webhooks")]
pub use signature::{DeliveryError, DeliveryErrorKind, InvalidSecrets, WebhookVerifier};
pub use space::{AcsEntranceRef, Related, Space};
pub use two_n::{GoLive, TwoNProvider, TwoNSettings, Units};
pub use vocabulary::{
    AccountErrorCode, AccountType, AccountWarningCode, ActionType, AttemptErrorType, AttemptStatus,
    DenialReason, DeviceErrorCode, DeviceType, DeviceWarningCode, EventType, LockMethod,
    ProviderKey, WebviewStatus,
};
pub use webhook::{InvalidWebhookSecret, NewWebhook, Webhook, WebhookSecret};
pub use webview::{ConnectLink, ConnectWebview, InvalidConnectLink, NewConnectWebview};
pub use workspace::Workspace;

#[cfg(all(doctest, feature = "rustls"))]
#[doc = include_str!("../README.md")]
struct Readme;

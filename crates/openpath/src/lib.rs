//! Openpath (Avigilon Alta): the REST client, and the access provider on it.

mod client;
mod credentials;
mod error;
mod id;
mod model;

pub use client::{Client, ClientBuilder, CloudKeyUnlock, Listing, MAX_PAGES, MAX_ROWS, UsersQuery};
pub use credentials::Credentials;
#[cfg(any(feature = "rustls", feature = "rustls-no-provider"))]
pub use elevate_transport::HttpWire;
pub use elevate_transport::{Delivery, Gate, Wire};
pub use error::{Error, ErrorKind};
pub use id::{
    CredentialId, CredentialTypeId, EntryId, GroupId, OrgId, SiteId, UserId, ZoneId,
};
pub use model::{
    CloudKey, Credential, CredentialType, Entry, Group, Identity, Rights, Site, User, UserStatus,
    VendorDate, WirelessLock, Zone,
};

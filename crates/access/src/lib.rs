// The README defines these links too, as files'. Here the pages are modules and crates, and the first definition counts.
#![doc = "[causes]: crate::causes"]
#![doc = "[embedding]: crate::embedding"]
#![doc = "[laws]: crate::laws"]
#![doc = "[marks]: crate::marks"]
#![doc = "[match]: ../elevate_unit_match/index.html"]
#![doc = "[openpath]: ../elevate_openpath/index.html"]
#![doc = "[operations]: crate::operations"]
#![doc = "[report]: ../elevate_access_report/index.html"]
#![doc = "[seam]: ../elevate_seam/index.html"]
#![doc = "[sql]: ../elevate_access_sql/index.html"]
#![doc = "[testing]: crate::testing"]
#![doc = "[testkit]: ../elevate_access_testkit/index.html"]
#![doc = "[third]: crate::third_provider"]
#![doc = "[transport]: ../elevate_transport/index.html"]
#![doc = ""]
#![doc = include_str!("../README.md")]

mod access;
mod aged;
mod audit;
mod cause;
mod context;
mod diagnosis;
mod digest;
mod email;
mod error;
mod host;
mod id;
mod memory;
mod notification;
mod outcome;
mod permit;
mod provider;
mod reason;
mod resident;
mod sign_in;
mod spans;
mod store;
mod tap;
mod taps;
mod text;
mod ticket;
mod words;

// Pages beside the guide. One of them has code that runs.
#[cfg(any(doc, doctest))]
#[doc = include_str!("../TESTING.md")]
pub mod testing {}
#[cfg(doc)]
#[doc = include_str!("../EMBEDDING.md")]
pub mod embedding {}
#[cfg(doc)]
#[doc = include_str!("../OPERATIONS.md")]
pub mod operations {}
#[cfg(doc)]
#[doc = include_str!("../CAUSES.md")]
pub mod causes {}
#[cfg(doc)]
#[doc = include_str!("../LAWS.md")]
pub mod laws {}
#[cfg(doc)]
#[doc = include_str!("../MARKS.md")]
pub mod marks {}
#[cfg(doc)]
#[doc = include_str!("../THIRD-PROVIDER.md")]
pub mod third_provider {}

pub use async_trait::async_trait;

pub use access::{
    Access, AccessBuilder, AuditStream, Door, DoorList, LinkState, LinkStatus, Problem,
};
pub use aged::{Aged, Dated, MaxAge};
pub use audit::{
    Audit, AuditEnd, AuditEvent, AuditOptions, Audited, Auditor, ConnectionAudit, Difference,
    Finding, Likely, Progress, Roster, RosterEntry, RosterStream, Snapshot, Subject, SubjectKind,
    Tally, Urgency,
};
pub use cause::Cause;
pub use context::{BuildingUnits, Context};
pub use diagnosis::{
    Check, CheckResult, ConnectionDiagnosis, ConnectionHealth, Diagnosis, Health, HealthState,
};
pub use email::{EmailDigest, InvalidEmail, VerifiedEmail};
pub use error::{Error, ErrorKind, HostError};
pub use host::{Clock, ConnectionRef, Connections, Directory, SystemClock};
pub use id::{
    BuildingId, ConnectionId, DoorId, InvalidId, ResidentId, TapId, UnitId, VendorDoorId,
};
pub use memory::{MemoryConnections, MemoryDirectory, MemoryStore};
pub use notification::{Notification, Notified};
pub use outcome::{Outcome, Receipt};
pub use permit::UnlockPermit;
pub use provider::{
    AccessProvider, Grant, Grants, Identity, PastOrder, ProviderInfo, Territory, Verdict,
};
pub use reason::{Place, Reason, System};
pub use resident::{Occupant, Residency, Resident, Standing, Unit};
pub use sign_in::{SignInEnd, SignInState, SignIns, Turn};
pub use store::{Lease, Link, Store};
pub use tap::Tap;
pub use taps::{Claim, DoorPlace, TAPS_KEPT, TapEnd, TapQuery, TapRecord, TapState, Tapped, Taps};
pub use ticket::{TapTicket, TicketKeys};

/// How fresh an answer has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Freshness {
    /// What is known will do, within the ages that the laws allow.
    Cached,
    /// Read anew: the resident pulled to refresh (C8).
    Fresh,
}

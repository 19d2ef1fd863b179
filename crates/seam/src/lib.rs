//! Seam Connect for doors.

mod api_key;
mod attempt;
mod client;
mod device;
mod error;
mod ids;
mod lenient;
mod space;
mod two_n;
mod vocabulary;
mod workspace;

pub use api_key::{ApiKey, InvalidApiKey};
pub use attempt::{ActionAttempt, AttemptError, AttemptResult, Progress};
pub use client::{Client, ClientBuilder, DevicesQuery, Ordered, SpacesQuery, Waited, next_look};
pub use device::{
    Appearance, Device, DeviceError, DeviceLocation, DeviceProperties, DeviceWarning,
    MetadataValue, TwoNMetadata,
};
pub use elevate_transport::{Delivery, Gate, Instant};
pub use error::{Error, ErrorKind, FieldError};
pub use ids::{ActionAttemptId, ConnectedAccountId, DeviceId, InvalidId, SpaceId, WorkspaceId};
pub use space::{Related, Space};
pub use two_n::{TwoNProvider, TwoNSettings, Units};
pub use vocabulary::{
    ActionType, AttemptErrorType, AttemptStatus, DeviceErrorCode, DeviceType, DeviceWarningCode,
};
pub use workspace::Workspace;

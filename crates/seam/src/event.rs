//! Events: what Seam says has happened.

mod concern;

use std::fmt;

use jiff::Timestamp;
use serde::Deserialize;

pub use concern::Concern;

use crate::{
    ActionAttemptId, AttemptStatus, ConnectWebviewId, ConnectedAccountId, DenialReason, DeviceId,
    EventId, EventType, LockMethod, SpaceId, WorkspaceId, lenient,
};

/// An event (`events/list`, `events/get`, and what a webhook delivers).
///
/// Events come twice, late and in any order: [`event_id`](Self::event_id) is the key, and
/// [`concerns`](Self::concerns) says what is worth reading anew. None of them is an outcome of an order, and
/// none says how things stand now.
///
/// Its id, type and workspace are required; the rest is `None` where it is absent or of another type. What
/// nobody here needs is not even read: codes that were typed at a door, names, metadata, pictures. `Debug`
/// shows ids and type.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Event {
    /// Its id: one that comes again is the same event.
    pub event_id: EventId,
    /// What it tells of.
    pub event_type: EventType,
    /// The workspace that it comes from. Events are a whole workspace's, and so of more than one property
    /// where several share it.
    pub workspace_id: WorkspaceId,
    /// When it happened.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub occurred_at: Option<Timestamp>,
    /// When Seam made the event; what lists go by.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub created_at: Option<Timestamp>,
    /// The device that it is about.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub device_id: Option<DeviceId>,
    /// The order that it is about, or that led to it.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub action_attempt_id: Option<ActionAttemptId>,
    /// The account that it is about, or whose device it is about.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub connected_account_id: Option<ConnectedAccountId>,
    /// The sign-in by link that it is about, or that led to it.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub connect_webview_id: Option<ConnectWebviewId>,
    /// The space that it is about.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub space_id: Option<SpaceId>,
    /// Devices of that space: all of them or those that changed, which is not documented. Empty if absent or
    /// unusable. Read the space instead.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub device_ids: Vec<DeviceId>,
    /// How the order stood. Without reason and confirmation: read the attempt instead.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub status: Option<AttemptStatus>,
    /// How the door was locked or unlocked.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub method: Option<LockMethod>,
    /// Why the door refused somebody.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub reason: Option<Denial>,
}

/// Why a door refused somebody. `Debug` leaves the message out.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Denial {
    /// The reason, in Seam's words for all brands.
    pub reason_code: DenialReason,
    /// The same for people. A vendor's text, and may hold anything: escape it before showing.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub message: Option<String>,
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Event");
        shown
            .field("event_id", &self.event_id)
            .field("event_type", &self.event_type)
            .field("workspace_id", &self.workspace_id);
        let ids: [(&str, Option<&dyn fmt::Debug>); 5] = [
            ("device_id", self.device_id.as_ref().map(|id| id as _)),
            ("action_attempt_id", self.action_attempt_id.as_ref().map(|id| id as _)),
            ("connected_account_id", self.connected_account_id.as_ref().map(|id| id as _)),
            ("connect_webview_id", self.connect_webview_id.as_ref().map(|id| id as _)),
            ("space_id", self.space_id.as_ref().map(|id| id as _)),
        ];
        for (name, id) in ids {
            if let Some(id) = id {
                shown.field(name, id);
            }
        }
        shown.finish_non_exhaustive()
    }
}

impl fmt::Debug for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Denial").field("reason_code", &self.reason_code).finish_non_exhaustive()
    }
}

//! What an audit leaves for the next one.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Finding, SubjectKind, Urgency};
use crate::{BuildingId, Cause, ConnectionId, digest::hex_digest};

/// What an audit leaves, for the host to keep as it is and hand to the next audit of the same building
/// ([`AuditOptions::since`](super::AuditOptions::since)): which findings stood since when, and what each
/// system's names were.
///
/// Small, versioned, and written with serde: `serde_json::to_string(&snapshot)` makes the text to keep. It
/// holds ids and names of units; no e-mail, no resident's name and no secret. A version that this crate does
/// not know is refused when it is read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Kept")]
pub struct Snapshot {
    version: u32,
    pub(crate) building: BuildingId,
    pub(crate) taken: Timestamp,
    pub(crate) connections: BTreeMap<ConnectionId, Left>,
}

/// What the audit of one connection leaves.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Left {
    /// What stood, since when: a digest of what the finding is about.
    #[serde(default)]
    pub(crate) open: BTreeMap<String, Timestamp>,
    /// What the provider wants to see again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) kept: Option<String>,
}

/// The version that is written and read.
const VERSION: u32 = 1;

/// As it is read, before it is known to be of that version.
#[derive(Deserialize)]
struct Kept {
    version: u32,
    building: BuildingId,
    taken: Timestamp,
    connections: BTreeMap<ConnectionId, Left>,
}

impl TryFrom<Kept> for Snapshot {
    type Error = &'static str;

    fn try_from(kept: Kept) -> Result<Self, Self::Error> {
        let Kept { version, building, taken, connections } = kept;
        if version != VERSION {
            return Err("a snapshot of a version that is not known here");
        }
        Ok(Self { version, building, taken, connections })
    }
}

impl Snapshot {
    pub(crate) fn new(
        building: BuildingId,
        taken: Timestamp,
        connections: BTreeMap<ConnectionId, Left>,
    ) -> Self {
        Self { version: VERSION, building, taken, connections }
    }

    /// The building whose audit left it.
    pub fn building(&self) -> &BuildingId {
        &self.building
    }

    /// When that audit began.
    pub fn taken(&self) -> Timestamp {
        self.taken
    }
}

/// What tells a finding from others, from one audit to the next; `None` for what is not to be mended, of which
/// there may be very many, and for changes that are told of once, since what they broke is a finding of its own.
pub(super) fn key(finding: &Finding) -> Option<String> {
    let is_change = matches!(
        finding.reason.cause(),
        Cause::UnitRenamed
            | Cause::UnitAppeared
            | Cause::UnitVanished
            | Cause::UnitSplit
            | Cause::UnitMerged
    );
    if finding.urgency == Urgency::Information || is_change {
        return None;
    }
    let kind: SubjectKind = finding.subject.kind;
    let mut key = hex_digest(&[finding.reason.code(), kind.code(), &finding.subject.id]);
    // Enough to tell the findings of one building apart.
    key.truncate(16);
    Some(key)
}

//! What became of a tap.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{DoorId, Reason, TapId};

/// What became of a tap whose order was sent: never more certain than what is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// The door system confirmed this very order.
    Opened(Receipt),
    /// The door system took the order, and says no more: it cannot be confirmed.
    Accepted(Receipt),
    /// The door system turned the order down, or reports that it failed.
    /// [`certain`](Receipt::certain) says whether that is more than its word.
    NotOpened(Receipt),
    /// An order may have reached the door, and what became of it is not known.
    Unknown(Receipt),
}

/// The particulars of an [`Outcome`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Receipt {
    /// The door.
    pub door: DoorId,
    /// The tap's id, if the phone chose one.
    pub tap: Option<TapId>,
    /// The vendor's own reference for the order, such as Seam's action attempt id.
    pub reference: Option<String>,
    /// From the moment the tap arrived to the moment its outcome was known, in whole milliseconds.
    #[serde(rename = "took_ms", with = "millis")]
    pub took: Duration,
    /// Why it was not opened, or why it is not known. `None` for the two good outcomes.
    pub reason: Option<Reason>,
    /// Whether the outcome is certain: always for `Opened`, never for `Accepted` and `Unknown`, and for
    /// `NotOpened` only where the door system's answer rules out that the order was acted on.
    pub certain: bool,
}

impl Outcome {
    /// The particulars.
    pub fn receipt(&self) -> &Receipt {
        match self {
            Self::Opened(r) | Self::Accepted(r) | Self::NotOpened(r) | Self::Unknown(r) => r,
        }
    }

    /// Whether it says what became of the door: nothing that is found out later tells more.
    pub(crate) fn is_known(&self) -> bool {
        matches!(self, Self::Opened(_) | Self::NotOpened(_))
    }

    pub(crate) fn receipt_mut(&mut self) -> &mut Receipt {
        match self {
            Self::Opened(r) | Self::Accepted(r) | Self::NotOpened(r) | Self::Unknown(r) => r,
        }
    }

    /// A stable code for apps that translate: `opened`, `accepted`, or the reason's code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Opened(_) => "opened",
            Self::Accepted(_) => "accepted",
            Self::NotOpened(r) => r.reason.as_ref().map_or("not_opened", Reason::code),
            Self::Unknown(r) => r.reason.as_ref().map_or("unknown", Reason::code),
        }
    }

    /// One plain sentence or two, safe to show to the resident.
    pub fn for_resident(&self) -> String {
        match self {
            Self::Opened(_) => "The door is open.".into(),
            Self::Accepted(_) => "The door was asked to open. It should open in a moment.".into(),
            Self::NotOpened(r) => r
                .reason
                .as_ref()
                .map_or_else(|| "The door was not opened.".into(), Reason::for_resident),
            Self::Unknown(_) => "We could not find out whether the door opened. \
                Please check the door before you tap again."
                .into(),
        }
    }

    /// What to mend and in which system, for the property manager.
    pub fn for_manager(&self) -> String {
        match self {
            Self::Opened(_) => "The door system confirmed that the door opened.".into(),
            Self::Accepted(_) => {
                "The door system took the order; it does not confirm that the door opened.".into()
            }
            Self::NotOpened(r) | Self::Unknown(r) => {
                r.reason.as_ref().map_or_else(String::new, Reason::for_manager)
            }
        }
    }
}

pub(crate) mod millis {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    /// As it is written down, so that a tap that is asked about again has the same outcome to the last digit.
    pub(crate) fn whole(took: Duration) -> Duration {
        Duration::from_millis(of(took))
    }

    fn of(took: Duration) -> u64 {
        u64::try_from(took.as_millis()).unwrap_or(u64::MAX)
    }

    pub(super) fn serialize<S: Serializer>(took: &Duration, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_u64(of(*took))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Duration, D::Error> {
        u64::deserialize(d).map(Duration::from_millis)
    }
}

//! Action attempts: what becomes of an order.

use std::fmt;

use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::{Value, value::RawValue};

use crate::{ActionAttemptId, ActionType, AttemptErrorType, AttemptStatus, lenient};

/// An action attempt (`locks/unlock_door`, `action_attempts/get`).
///
/// It carries neither a time nor a device: note both when ordering.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct ActionAttempt {
    /// Its id.
    pub action_attempt_id: ActionAttemptId,
    /// What it does.
    #[serde(default, deserialize_with = "action_type")]
    pub action_type: Option<ActionType>,
    /// How it stands.
    pub status: AttemptStatus,
    /// What it brought. Null, empty and absent all occur.
    #[serde(default, deserialize_with = "result")]
    pub result: AttemptResult,
    /// Why it failed. Null and absent both occur.
    #[serde(default, deserialize_with = "attempt_error")]
    pub error: Option<AttemptError>,
}

/// What an attempt brought.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct AttemptResult {
    /// Whether the device confirmed it. `None`, as much as `false`, means that the order was handed to the
    /// brand and that nobody confirmed an opening.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub was_confirmed_by_device: Option<bool>,
}

/// Why an attempt failed. `Debug` leaves the message out.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AttemptError {
    /// The kind of failure; empty if the vendor named none.
    pub error_type: AttemptErrorType,
    /// The vendor's words for it.
    pub message: Option<String>,
}

impl fmt::Debug for AttemptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AttemptError").field("error_type", &self.error_type).finish_non_exhaustive()
    }
}

/// What an attempt's text amounts to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Progress {
    /// Nothing is known yet.
    Pending,
    /// It succeeded, and the device confirmed it: the only confirmation there is.
    Confirmed,
    /// It succeeded in that the order was handed to the brand; an opening is not confirmed.
    HandedOver,
    /// It failed, by Seam's word.
    Failed,
    /// It says nothing that can be relied on: a status that nobody knows, or success beside an error.
    Unclear,
}

impl Progress {
    /// Whether it will not change any more.
    pub fn is_settled(self) -> bool {
        matches!(self, Self::Confirmed | Self::HandedOver | Self::Failed)
    }
}

impl ActionAttempt {
    /// What its text amounts to.
    pub fn progress(&self) -> Progress {
        match (&self.status, &self.error) {
            (AttemptStatus::Pending, _) => Progress::Pending,
            (AttemptStatus::Error, _) => Progress::Failed,
            (AttemptStatus::Success, None) => match self.result.was_confirmed_by_device {
                Some(true) => Progress::Confirmed,
                Some(false) | None => Progress::HandedOver,
            },
            (AttemptStatus::Success, Some(_)) | (AttemptStatus::Unknown(_), _) => Progress::Unclear,
        }
    }

    /// Whether it is of another kind than that. One that does not say is not.
    pub(crate) fn is_other_than(&self, action: &ActionType) -> bool {
        self.action_type.as_ref().is_some_and(|known| known != action)
    }
}

/// What is no text is of another kind than any that is known: it must not pass for one that says nothing.
fn action_type<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<ActionType>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Null => None,
        Value::String(text) => Some(ActionType::from(text.as_str())),
        _ => Some(ActionType::from("")),
    })
}

/// An object, in which nothing stands twice, or nothing.
fn result<'de, D: Deserializer<'de>>(deserializer: D) -> Result<AttemptResult, D::Error> {
    let result: Box<RawValue> = Deserialize::deserialize(deserializer)?;
    if !result.get().starts_with('{') {
        return Ok(AttemptResult::default());
    }
    // Read as it is written: of two confirmations that contradict each other neither is one.
    serde_json::from_str(result.get()).map_err(D::Error::custom)
}

/// Anything but null is an error, whatever it looks like.
fn attempt_error<'de, D>(deserializer: D) -> Result<Option<AttemptError>, D::Error>
where
    D: Deserializer<'de>,
{
    let value = Value::deserialize(deserializer)?;
    if value.is_null() {
        return Ok(None);
    }
    let text = |field: &str| value.get(field).and_then(Value::as_str);
    let (error_type, message) = (text("type").unwrap_or_default(), text("message"));
    let message = message.or_else(|| value.as_str()).map(str::to_owned);
    Ok(Some(AttemptError { error_type: error_type.into(), message }))
}

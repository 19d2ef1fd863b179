use std::fmt;

use jiff::{SignedDuration, Timestamp, Unit};
use serde::{Deserialize, Deserializer, de};

use super::{bounded::the_first, credential::CLOUD_KEY};
use crate::{EntryId, UserId};

/// Of a request for several entries, how many are kept.
const MOST_ENTRIES: usize = 100;

/// A row of a user's activity (`getUserActivity`): something that was tried, and what came of it.
///
/// **Nothing that is documented links a row to an unlock that was asked for**: two taps within seconds, and one of another
/// client with the same user, look alike.
///
/// The user's names, e-mail and telephone number, which stand in such a row, are not kept.
#[derive(Clone, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Activity {
    /// When it happened, by the vendor's clock, to the millisecond.
    #[serde(deserialize_with = "moment")]
    pub time: Timestamp,
    /// Whose activity it is.
    #[serde(default)]
    pub user_id: Option<UserId>,
    /// The entry.
    #[serde(default)]
    pub entry_id: Option<EntryId>,
    /// The entry's name, at that time.
    #[serde(default)]
    pub entry_name: Option<String>,
    /// The entries, where one request was for several: the first 100.
    #[serde(default, rename = "entries", deserialize_with = "ids")]
    pub entry_ids: Vec<EntryId>,
    /// The kind of credential that was used, in the vendor's word for programs: `cloudKey`, `mobile`, `card`.
    #[serde(default, rename = "credentialTypeModelName")]
    pub credential_type: Option<String>,
    /// What came of it.
    #[serde(default)]
    pub result: Option<ActivityResult>,
    /// More of it, in the vendor's words.
    #[serde(default)]
    pub result_description: Option<String>,
    /// Why it was denied, in the vendor's words.
    #[serde(default)]
    pub denied_reason: Option<String>,
    /// What was sent along with the request, if rows show it: no document says so, and nobody has seen it.
    #[serde(default)]
    pub description: Option<String>,
    /// The vendor's id of the request. The reply to an unlock names none.
    #[serde(default)]
    pub request_id: Option<String>,
}

impl Activity {
    /// Whether it was done with a cloud key.
    pub fn is_by_cloud_key(&self) -> bool {
        self.credential_type.as_deref() == Some(CLOUD_KEY)
    }

    /// Whether it was at that entry, alone or among others.
    pub fn is_at(&self, entry: &EntryId) -> bool {
        self.entry_id.as_ref() == Some(entry) || self.entry_ids.contains(entry)
    }
}

impl fmt::Debug for Activity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What the vendor says in words may name a person.
        f.debug_struct("Activity")
            .field("time", &self.time)
            .field("user_id", &self.user_id)
            .field("entry_id", &self.entry_id)
            .field("entry_ids", &self.entry_ids)
            .field("result", &self.result)
            .finish_non_exhaustive()
    }
}

/// What came of an activity. The words were seen, none is documented.
#[derive(Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ActivityResult {
    /// `Granted`
    Granted,
    /// `Denied`
    Denied,
    /// `Open`: a door was found open.
    Open,
    /// `Closed`: a door was found closed.
    Closed,
    /// `Started`
    Started,
    /// `Ended`
    Ended,
    /// A word that this version does not know.
    Unknown(String),
}

impl<'de> Deserialize<'de> for ActivityResult {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Ok(match text.as_str() {
            "Granted" => Self::Granted,
            "Denied" => Self::Denied,
            "Open" => Self::Open,
            "Closed" => Self::Closed,
            "Started" => Self::Started,
            "Ended" => Self::Ended,
            _ => Self::Unknown(text),
        })
    }
}

impl fmt::Debug for ActivityResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Granted => "Granted",
            Self::Denied => "Denied",
            Self::Open => "Open",
            Self::Closed => "Closed",
            Self::Started => "Started",
            Self::Ended => "Ended",
            // A vendor's text, not ours to print unseen.
            Self::Unknown(_) => "Unknown",
        })
    }
}

/// The ids in a list of objects; what has none is left out.
fn ids<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<EntryId>, D::Error> {
    #[derive(Deserialize)]
    struct Named {
        #[serde(default)]
        id: Option<EntryId>,
    }
    let named: Vec<Option<Named>> = the_first::<MOST_ENTRIES, _, _>(deserializer)?;
    Ok(named.into_iter().flatten().filter_map(|named| named.id).collect())
}

/// Seconds since 1970, whole or not, as a number or as text; or a moment in RFC 3339.
fn moment<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    deserializer.deserialize_any(Moment)
}

struct Moment;

impl de::Visitor<'_> for Moment {
    type Value = Timestamp;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a moment: seconds since 1970")
    }

    fn visit_u64<E: de::Error>(self, seconds: u64) -> Result<Timestamp, E> {
        let seconds = i64::try_from(seconds).ok();
        let moment = seconds.and_then(|seconds| Timestamp::from_second(seconds).ok());
        moment.ok_or_else(|| E::invalid_value(de::Unexpected::Other("another number"), &self))
    }

    fn visit_f64<E: de::Error>(self, seconds: f64) -> Result<Timestamp, E> {
        // What is behind the milliseconds is an artefact of the number's form.
        let moment = SignedDuration::try_from_secs_f64(seconds).and_then(Timestamp::from_duration);
        moment
            .and_then(|moment| moment.round(Unit::Millisecond))
            .map_err(|_| E::invalid_value(de::Unexpected::Other("another number"), &self))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Timestamp, E> {
        if let Ok(seconds) = text.parse() {
            return self.visit_u64(seconds);
        }
        match text.parse() {
            Ok(seconds) => self.visit_f64(seconds),
            Err(_) => text
                .parse()
                .map_err(|_| E::invalid_value(de::Unexpected::Other("other text"), &self)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(json: &str) -> Option<String> {
        let row = format!(r#"{{"time": {json}, "sourceName": "x"}}"#);
        serde_json::from_str::<Activity>(&row).ok().map(|row| row.time.to_string())
    }

    #[test]
    fn a_time_is_seconds_however_they_are_written() {
        let whole = "2026-07-14T09:30:00Z";
        for json in ["1784021400", "1784021400.0", "\"1784021400\"", "\"2026-07-14T09:30:00Z\""] {
            assert_eq!(time(json).as_deref(), Some(whole), "{json}");
        }
        for json in ["1784021400.125", "\"1784021400.125\"", "1784021400.1250001"] {
            assert_eq!(time(json).as_deref(), Some("2026-07-14T09:30:00.125Z"), "{json}");
        }
        assert_eq!(time("1784021400.1").as_deref(), Some("2026-07-14T09:30:00.1Z"));
        for json in ["null", "\"\"", "\"soon\"", "\"inf\"", "\"NaN\"", "1e300", "true", "[1]", "{}"]
        {
            assert_eq!(time(json), None, "{json}");
        }
        assert_eq!(time("18446744073709551615"), None);
    }

    #[test]
    fn a_row_is_at_its_entry_and_at_each_of_several() {
        let one = r#"{"time": 1, "entryId": 4401, "entries": [{"id": 4401}]}"#;
        let several = r#"{"time": 1, "entryId": null, "entries": [{"id": 4401}, {"id": "4402"}]}"#;
        let nowhere = r#"{"time": 1, "entries": [{}, null]}"#;
        for (row, at) in [(one, [true, false]), (several, [true, true]), (nowhere, [false, false])]
        {
            let row: Activity = serde_json::from_str(row).unwrap();
            assert_eq!([4401, 4402].map(|id| row.is_at(&EntryId::from(id))), at, "{row:?}");
        }
    }
}

//! The vendor's dates: a day, or a moment with milliseconds.

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::row::at;

/// What a start or an end can say.
pub(super) enum Moment {
    /// A moment.
    At(Timestamp),
    /// A day, from its start in UTC. The zone in a user's row is not looked at: whether and how the
    /// vendor does is unknown.
    Day(Timestamp),
}

const DAY: Duration = Duration::from_hours(24);

impl Moment {
    pub(super) fn read(text: &str) -> Option<Self> {
        if let Ok(moment) = text.parse::<Timestamp>() {
            return Some(Self::At(moment));
        }
        let day = text.parse::<Date>().ok()?.at(0, 0, 0, 0);
        Some(Self::Day(TimeZone::UTC.to_timestamp(day).ok()?))
    }
}

/// Whether `now` lies within a row's `startDate` and `endDate`.
///
/// An end that is a day counts that day if `last_day_counts`. A date that cannot be read lets nothing
/// pass.
pub(super) fn within(row: &Value, now: Timestamp, last_day_counts: bool) -> bool {
    let read = |name| match at(row, name) {
        Value::Null => Ok(None),
        Value::String(text) => Moment::read(text).map(Some).ok_or(()),
        _ => Err(()),
    };
    let (Ok(start), Ok(end)) = (read("startDate"), read("endDate")) else { return false };
    let begun = start.is_none_or(|(Moment::At(from) | Moment::Day(from))| now >= from);
    let ended = end.is_some_and(|end| match end {
        Moment::At(until) => now >= until,
        Moment::Day(day) if last_day_counts => {
            now >= day.saturating_add(DAY).unwrap_or(Timestamp::MAX)
        }
        Moment::Day(day) => now >= day,
    });
    begun && !ended
}

/// A moment as the vendor writes it: UTC with milliseconds.
pub(super) fn written(moment: Timestamp) -> String {
    format!("{moment:.3}")
}

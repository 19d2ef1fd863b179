use std::fmt;

use jiff::{Timestamp, civil, tz::Offset};
use serde::{Deserialize, Deserializer};

/// A date of the vendor's: a moment, or a day without a time.
///
/// The vendor's description says that dates are days, its replies have been seen to hold moments, and
/// nothing says in which time zone a day is meant. So a day is a span of moments, from its first anywhere
/// on Earth to its first everywhere: [`earliest`](Self::earliest) and [`latest`](Self::latest).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct VendorDate {
    text: Box<str>,
    span: Option<(Timestamp, Timestamp)>,
}

impl VendorDate {
    pub(super) fn read(text: &str) -> Self {
        Self { text: text.into(), span: span(text) }
    }

    /// The date as the vendor wrote it.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The earliest moment that may be meant; `None` if the text is no date.
    pub fn earliest(&self) -> Option<Timestamp> {
        self.span.map(|(earliest, _)| earliest)
    }

    /// The latest moment that may be meant; `None` if the text is no date.
    pub fn latest(&self) -> Option<Timestamp> {
        self.span.map(|(_, latest)| latest)
    }
}

fn span(text: &str) -> Option<(Timestamp, Timestamp)> {
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Some((moment, moment));
    }
    // `2026-12-04` and nothing behind it: civil dates would also be read out of a date with a time.
    if text.len() != 10 {
        return None;
    }
    let midnight = text.parse::<civil::Date>().ok()?.at(0, 0, 0, 0);
    let at = |hours| Offset::from_hours(hours).ok()?.to_timestamp(midnight).ok();
    // A day begins first at UTC+14 and last at UTC-12.
    Some((at(14)?, at(-12)?))
}

/// How a moment stands to a start and an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Within {
    /// Between them; until that moment, if there is an end.
    Yes { until: Option<Timestamp> },
    /// Before the start, as far as can be told.
    TooEarly,
    /// At or past the end, as far as can be told.
    TooLate,
}

/// Judges a moment so that it is never held to be within when it may not be: a start counts from its
/// latest meaning, an end from its earliest, and a date that cannot be read excludes.
pub(crate) fn within(
    start: Option<&VendorDate>,
    end: Option<&VendorDate>,
    now: Timestamp,
) -> Within {
    let begun = start.is_none_or(|start| start.latest().is_some_and(|from| now >= from));
    if !begun {
        return Within::TooEarly;
    }
    match end.map(VendorDate::earliest) {
        None => Within::Yes { until: None },
        Some(Some(until)) if now < until => Within::Yes { until: Some(until) },
        Some(_) => Within::TooLate,
    }
}

impl<'de> Deserialize<'de> for VendorDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'_, str>>::deserialize(deserializer)?;
        Ok(Self::read(&text))
    }
}

impl fmt::Debug for VendorDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.span {
            Some((earliest, latest)) if earliest == latest => write!(f, "{earliest}"),
            Some((earliest, latest)) => write!(f, "{earliest}..={latest}"),
            // It may hold anything at all.
            None => f.write_str("unreadable"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn judge(start: Option<&str>, end: Option<&str>, now: &str) -> Within {
        let (start, end) = (start.map(VendorDate::read), end.map(VendorDate::read));
        within(start.as_ref(), end.as_ref(), at(now))
    }

    #[test]
    fn a_moment_is_one_moment() {
        let date = VendorDate::read("2026-12-04T09:30:00.125Z");
        assert_eq!(date.earliest(), date.latest());
        assert_eq!(date.earliest(), Some(at("2026-12-04T09:30:00.125Z")));
    }

    #[test]
    fn a_day_begins_in_26_hours() {
        let date = VendorDate::read("2026-12-04");
        assert_eq!(date.earliest(), Some(at("2026-12-03T10:00:00Z")));
        assert_eq!(date.latest(), Some(at("2026-12-04T12:00:00Z")));
    }

    #[test]
    fn the_bounds_of_a_validity_never_admit_too_much() {
        let moment = Some("2026-12-04T10:00:00Z");
        assert_eq!(judge(moment, None, "2026-12-04T09:59:59.999Z"), Within::TooEarly);
        assert_eq!(judge(moment, None, "2026-12-04T10:00:00Z"), Within::Yes { until: None });
        assert_eq!(judge(None, moment, "2026-12-04T10:00:00Z"), Within::TooLate);
        let until = Some(at("2026-12-04T10:00:00Z"));
        assert_eq!(judge(None, moment, "2026-12-04T09:59:59Z"), Within::Yes { until });

        let day = Some("2026-12-04");
        assert_eq!(judge(day, None, "2026-12-04T11:59:59Z"), Within::TooEarly);
        assert_eq!(judge(None, day, "2026-12-03T10:00:00Z"), Within::TooLate);
        assert_eq!(judge(None, Some("soon"), "2026-12-04T00:00:00Z"), Within::TooLate);
        assert_eq!(judge(Some(""), None, "2026-12-04T00:00:00Z"), Within::TooEarly);
    }

    #[test]
    fn what_is_neither_a_moment_nor_a_day_is_no_date() {
        for text in ["", "tomorrow", "2026-13-01", "2026-12-04T09:30", "2026-12-04 ", "20261204"] {
            assert_eq!(VendorDate::read(text).earliest(), None, "{text:?}");
        }
    }
}

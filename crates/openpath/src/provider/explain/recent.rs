//! What Openpath's activity says of a door, in words for people: recent, and no proof of anything.

use std::fmt::Write as _;

use elevate_transport::Scrubber;
use jiff::{Timestamp, Unit};

use crate::{Activity, ActivityResult, EntryId, UserId};

/// The result codes of controllers, as Openpath's help pages list them, and what they mean.
///
/// They are known from the mobile app; whether activity carries them was never seen. So they are looked for
/// in whatever text there is, and only ever add words.
const CODES: &[(&str, &str)] = &[
    ("462", "the controller does not know this entry"),
    ("474-A", "the credential is not valid"),
    ("474-B", "the credential has not reached the controller yet"),
    ("476", "the entry is locked"),
    ("477", "unlocking is not allowed"),
    ("479", "out of range"),
    ("480", "out of range"),
    ("486", "anti-passback: the user has not left by the door by which they came"),
    ("487", "the first-in or last-out rule"),
    ("490", "outside the door's schedule"),
    ("491", "a lockdown was on"),
    ("492", "outside the user's schedule"),
    ("494", "the occupancy limit was reached"),
    ("-1", "the controller did not answer in time"),
];

/// The latest of these rows that is about the user and the entry, as a person reads it. A row that names no
/// user is the user's, whose activity was asked for; what another one did is nobody's to read here.
pub(super) fn latest(
    rows: &[Activity],
    user: &UserId,
    entry: &EntryId,
    now: Timestamp,
    scrubber: &Scrubber,
) -> Option<String> {
    let clean = |text: &str| scrubber.scrub(text);
    let is_theirs = |row: &&Activity| row.user_id.as_ref().is_none_or(|of| of == user);
    let own = rows.iter().filter(is_theirs).filter(|row| row.is_at(entry));
    let row = own.max_by_key(|row| row.time)?;
    let mut text = match &row.result {
        Some(ActivityResult::Granted) => "granted".to_owned(),
        Some(ActivityResult::Denied) => "denied".to_owned(),
        Some(ActivityResult::Unknown(other)) => format!("“{}”", clean(other)),
        Some(other) => format!("{other:?}").to_ascii_lowercase(),
        None => "without a result".to_owned(),
    };
    let _ = write!(text, " {}", ago(row.time, now));
    if let Some(kind) = row.credential_type.as_deref() {
        let _ = write!(text, " by {}", clean(kind));
    }
    let said = [&row.denied_reason, &row.result_description];
    let said: Vec<String> = said
        .into_iter()
        .flatten()
        .map(|text| clean(text))
        .filter(|text| !text.is_empty())
        .collect();
    match said.iter().find_map(|text| meaning(text)) {
        Some((code, meaning)) => {
            let _ = write!(text, ": {meaning} (code {code})");
        }
        None => {
            if let Some(said) = said.first() {
                let _ = write!(text, ": “{said}”");
            }
        }
    }
    text.push_str("; this is the latest that Openpath shows, and not proof of what a tap would do");
    Some(text)
}

/// The code that stands in the text as a word of its own, and what it means.
fn meaning(text: &str) -> Option<(&'static str, &'static str)> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let words = text.split(|c: char| !is_part(c)).map(str::to_ascii_uppercase);
    words.into_iter().find_map(|word| CODES.iter().find(|(code, _)| *code == word).copied())
}

/// How long ago that was.
fn ago(then: Timestamp, now: Timestamp) -> String {
    let seconds = now.duration_since(then).as_secs();
    match seconds {
        i64::MIN..-60 => format!("at {}", then.round(Unit::Minute).unwrap_or(then)),
        -60..120 => "within the last two minutes".to_owned(),
        120..7_200 => format!("{} minutes ago", seconds / 60),
        7_200..172_800 => format!("{} hours ago", seconds / 3_600),
        _ => format!("{} days ago", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_found_as_a_word_of_its_own_and_nowhere_else() {
        for (text, expected) in [
            ("491", Some("491")),
            ("Denied: lockdown (491)", Some("491")),
            ("error 474-b", Some("474-B")),
            ("result=-1", Some("-1")),
            ("14911", None),
            ("4-91", None),
            ("no reason", None),
            ("474", None),
        ] {
            assert_eq!(meaning(text).map(|(code, _)| code), expected, "{text}");
        }
    }

    #[test]
    fn what_another_user_did_is_not_told_and_no_secret_is() {
        let rows: Vec<Activity> = serde_json::from_str(
            r#"[{"time":1000,"entryId":4401,"result":"Granted hunter2"},
                {"time":1010,"userId":7001,"entryId":4401,"result":"Denied","deniedReason":"sent hunter2"},
                {"time":1020,"userId":7002,"entryId":4401,"result":"Denied","deniedReason":"arrears"}]"#,
        )
        .unwrap();
        let (now, scrubber) = (Timestamp::UNIX_EPOCH, Scrubber::new().secret("hunter2"));
        let said = |rows: &[Activity], user: u64| {
            latest(rows, &UserId::from(user), &EntryId::from(4401), now, &scrubber)
        };
        assert!(said(&rows, 7001).unwrap().contains(": “sent ***”"));
        assert!(said(&rows[..1], 7001).unwrap().starts_with("“Granted ***”"));
        assert_eq!(said(&rows[2..], 7001), None);
    }

    #[test]
    fn times_read_as_people_say_them() {
        let now: Timestamp = "2026-03-02T12:00:00Z".parse().unwrap();
        for (then, expected) in [
            ("2026-03-02T11:59:30Z", "within the last two minutes"),
            ("2026-03-02T12:00:20Z", "within the last two minutes"),
            ("2026-03-02T11:30:00Z", "30 minutes ago"),
            ("2026-03-02T05:00:00Z", "7 hours ago"),
            ("2026-02-20T12:00:00Z", "10 days ago"),
            ("2026-03-02T13:00:00Z", "at 2026-03-02T13:00:00Z"),
        ] {
            assert_eq!(ago(then.parse().unwrap(), now), expected, "{then}");
        }
    }
}

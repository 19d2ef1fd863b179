//! Which of the users with a resident's e-mail is the resident's, if any.

use std::time::Duration;

use elevate_access::{Cause, Reason};
use jiff::Timestamp;

use super::causes::reason;
use crate::{
    User, UserId, UserStatus, VendorDate,
    model::{Within, within},
};

/// What counts of a user with the right e-mail.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) id: UserId,
    status: Option<UserStatus>,
    start: Option<VendorDate>,
    end: Option<VendorDate>,
    has_remote_unlock: Option<bool>,
}

impl From<User> for Candidate {
    fn from(user: User) -> Self {
        Self {
            id: user.id,
            status: user.status,
            start: user.start_date,
            end: user.end_date,
            has_remote_unlock: user.has_remote_unlock,
        }
    }
}

/// The user, if exactly one can be meant.
///
/// One that is active is the one if every other is known not to be. What Openpath does not say of a user's
/// status, or says in a letter that is not known, may be anything.
pub(super) fn only_one(users: &[Candidate], is_site_bound: bool) -> Result<&Candidate, Reason> {
    match users {
        [] => {
            let none = reason(Cause::UserNotFound);
            return Err(if is_site_bound {
                none.with_detail(
                    "The service account sees some sites only; the user may be at another",
                )
            } else {
                none
            });
        }
        [user] => return Ok(user),
        _ => {}
    }
    let mut others = users.iter().filter(|user| !is_surely_inactive(user));
    match (others.next(), others.next()) {
        (Some(user), None) => Ok(user),
        // All are inactive: the suspended one is the nearest to being mended.
        (None, _) => {
            let suspended = users.iter().find(|u| u.status == Some(UserStatus::Suspended));
            suspended.or(users.first()).ok_or_else(|| reason(Cause::UserNotFound))
        }
        (Some(_), Some(_)) => {
            let count = users.iter().filter(|user| !is_surely_inactive(user)).count();
            Err(reason(Cause::UserAmbiguous)
                .with_detail(&format!("{count} users that may be active")))
        }
    }
}

/// Whether the user is active.
pub(super) fn active(user: &Candidate) -> Result<(), Reason> {
    Err(match &user.status {
        Some(UserStatus::Active) => return Ok(()),
        Some(UserStatus::Suspended) => reason(Cause::UserSuspended),
        Some(UserStatus::Archived) => reason(Cause::UserArchived),
        Some(UserStatus::Unknown(_)) => reason(Cause::UserStatusUnknown),
        None => reason(Cause::UserStatusUnknown).with_detail("Openpath names no status"),
    })
}

/// Whether it is known that the user is not active.
pub(super) fn is_surely_inactive(user: &Candidate) -> bool {
    matches!(user.status, Some(UserStatus::Suspended | UserStatus::Archived))
}

/// Whether the user is within its dates, and until when if that ends.
///
/// Whether the last day counts, and in which time zone a day is meant, is not known: a day without a time
/// counts neither at its start nor at its end, so that nobody is held to be valid who may not be.
pub(super) fn in_dates(user: &Candidate, now: Timestamp) -> Result<Option<Timestamp>, Reason> {
    let (start, end) = (user.start.as_ref(), user.end.as_ref());
    let unreadable = |date: Option<&VendorDate>| date.is_some_and(|d| d.earliest().is_none());
    let (cause, date) = match within(start, end, now) {
        Within::Yes { until } => return Ok(until),
        Within::TooEarly => (Cause::UserNotYetValid, start),
        Within::TooLate => (Cause::UserNoLongerValid, end),
    };
    let reason = reason(cause);
    Err(if unreadable(date) { reason.with_detail("the date cannot be read") } else { reason })
}

/// Whether the user's end has come, whatever its date can mean: the opposite of being careful with whom to
/// admit. A day without a time may count to its last moment anywhere on Earth.
pub(super) fn is_surely_over(user: &Candidate, now: Timestamp) -> bool {
    let Some(end) = &user.end else { return false };
    let is_a_day = end.earliest() != end.latest();
    let last_day = Duration::from_hours(if is_a_day { 24 } else { 0 });
    end.latest().and_then(|end| end.checked_add(last_day).ok()).is_some_and(|end| end <= now)
}

/// Whether the user may unlock remotely: `None` if Openpath does not say, which is not the same as no.
pub(super) fn remote_unlock(user: &Candidate) -> Result<Option<()>, Reason> {
    match user.has_remote_unlock {
        Some(true) => Ok(Some(())),
        Some(false) => Err(reason(Cause::RemoteUnlockOff)),
        None => Ok(None),
    }
}

/// Whether the user may open doors now, and until when if that ends.
pub(super) fn may_open(user: &Candidate, now: Timestamp) -> Result<Option<Timestamp>, Reason> {
    active(user)?;
    let until = in_dates(user, now)?;
    remote_unlock(user)?;
    Ok(until)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn users(json: &str) -> Vec<Candidate> {
        let users: Vec<User> = serde_json::from_str(json).unwrap();
        users.into_iter().map(Candidate::from).collect()
    }

    fn cause_of_choice(json: &str) -> Result<String, Cause> {
        let users = users(json);
        only_one(&users, false).map(|u| u.id.to_string()).map_err(|r| r.cause())
    }

    #[test]
    fn one_active_among_the_inactive_is_the_one() {
        let three = r#"[{"id":1,"status":"I"},{"id":2,"status":"A"},{"id":3,"status":"S"}]"#;
        assert_eq!(cause_of_choice(three), Ok("2".into()));
    }

    #[test]
    fn two_that_may_be_active_are_ambiguous() {
        for two in [
            r#"[{"id":1,"status":"A"},{"id":2,"status":"A"}]"#,
            r#"[{"id":1,"status":"A"},{"id":2}]"#,
            r#"[{"id":1,"status":"A"},{"id":2,"status":"X"}]"#,
        ] {
            assert_eq!(cause_of_choice(two), Err(Cause::UserAmbiguous), "{two}");
        }
    }

    #[test]
    fn of_several_inactive_ones_the_suspended_one_is_named() {
        let two = users(r#"[{"id":1,"status":"I"},{"id":2,"status":"S"}]"#);
        let one = only_one(&two, false).unwrap();
        assert_eq!(active(one).map_err(|r| r.cause()), Err(Cause::UserSuspended));
    }

    #[test]
    fn an_account_bound_to_sites_says_so_before_it_says_not_found() {
        let reason = only_one(&[], true).unwrap_err();
        assert_eq!(reason.cause(), Cause::UserNotFound);
        assert!(reason.detail().unwrap().contains("some sites only"));
    }

    #[test]
    fn remote_unlock_that_is_not_stated_is_not_off() {
        let all = users(
            r#"[{"id":1,"status":"A"},{"id":2,"status":"A","hasRemoteUnlock":null},
                {"id":3,"status":"A","hasRemoteUnlock":false}]"#,
        );
        let now = Timestamp::UNIX_EPOCH;
        let judged: Vec<_> = all.iter().map(|u| may_open(u, now).map_err(|r| r.cause())).collect();
        assert_eq!(judged, [Ok(None), Ok(None), Err(Cause::RemoteUnlockOff)]);
    }
}

//! What a session remembers.

use std::{sync::Arc, time::Duration};

use elevate_access::SignInEnd;
use elevate_transport::{Delivery, Instant, Operation};
use jiff::Timestamp;

use super::{Contest, Running, Token, turn::Waiting};
use crate::{Error, ErrorKind};

/// The pauses after the first refused sign-ins in a row.
///
/// Nobody knows when the vendor locks an account, nor whether its count ever ends; five in a row are usual.
/// So there are four, and what is refused for a short while heals by itself.
const REFUSED: [Duration; 3] =
    [Duration::from_secs(30), Duration::from_mins(5), Duration::from_mins(30)];
/// The pause after the fourth: for good, for the same credentials would be refused a fifth time.
const FOR_GOOD: Duration = Duration::from_hours(10 * 365 * 24);
/// The longest pause that a refusal may ask for.
const LONGEST_ASKED: Duration = Duration::from_hours(24);

/// The pauses after sign-ins in a row that may have arrived and whose end is not known; the last one stays.
///
/// Each may have been a refusal that the vendor counted, so they are few; and each may have been an outage,
/// so they are short.
const UNKNOWN: [Duration; 4] =
    [Duration::from_secs(5), Duration::from_secs(30), Duration::from_mins(1), LONGEST_UNKNOWN];
const LONGEST_UNKNOWN: Duration = Duration::from_mins(5);

/// How long no other renewal is tried after one that failed, while the old token still serves.
const RENEW_AGAIN: Duration = Duration::from_secs(30);

/// How a client's session stands; see [`Client::session`](crate::Client::session).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SessionState {
    /// Whether there is a token that may be used.
    pub signed_in: bool,
    /// Until when that token lasts, as the vendor states it; it is replaced before. `None` if there is none,
    /// or the vendor states no end.
    pub until: Option<Timestamp>,
    /// Whether tokens are refused long before their end, again and again, as happens if a sign-in ends the
    /// account's older tokens and somebody else signs in with it too.
    pub contested: bool,
    /// What is left of the pause after a sign-in that was refused, or whose end is not known, as far as this
    /// process knows. Years, once four in a row were refused: other credentials are waited for.
    pub paused: Option<Duration>,
    /// When a call, or a sign-in, last brought its documented success.
    pub last_success: Option<Instant>,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) token: Option<Arc<Token>>,
    issued: u64,
    pub(super) running: Option<Running>,
    /// What the sign-in under way is waiting for, and until when.
    pub(super) waiting: Option<(Waiting, Instant)>,
    pause: Option<Pause>,
    /// How many sign-ins in a row were refused, as this process knows.
    refusals: u32,
    /// How many since the last success may have arrived and ended nobody knows how: the place in [`UNKNOWN`].
    unknown: u32,
    /// The last sign-in's error, if nothing of it was sent: it may have used up a code all the same.
    pub(super) unsent: Option<Error>,
    /// When a sign-in last failed.
    failed: Option<Instant>,
    /// Whether these credentials have ever been accepted.
    pub(super) accepted: bool,
    pub(super) contest: Contest,
    pub(super) last_success: Option<Instant>,
}

/// Why there is no sign-in for a while.
struct Pause {
    error: Error,
    until: Instant,
}

impl State {
    /// The token, if it is worth being used.
    pub(super) fn alive(&self) -> Option<Arc<Token>> {
        self.token.clone().filter(|token| token.is_alive())
    }

    /// Whether a token that still serves may be replaced now.
    pub(super) fn may_renew(&self) -> bool {
        self.running.is_none()
            && self.hindrance().is_none()
            && self.failed.is_none_or(|failed| failed.elapsed() >= RENEW_AGAIN)
    }

    /// Keeps a token.
    pub(super) fn accept(&mut self, mut token: Token) -> Arc<Token> {
        self.issued += 1;
        token.serial = self.issued;
        let token = Arc::new(token);
        self.token = Some(token.clone());
        (self.pause, self.refusals, self.unknown, self.failed) = (None, 0, 0, None);
        self.unsent = None;
        self.accepted = true;
        self.last_success = Some(Instant::now());
        token
    }

    /// Sets the pause that a sign-in without success is followed by. Returns the error to tell, and what to
    /// tell the other nodes.
    ///
    /// `refusals` and `unclear` are how many of either there were in a row before, as the store has counted.
    pub(super) fn fail(
        &mut self,
        error: Error,
        (refusals, unclear): (u32, u32),
    ) -> (Error, SignInEnd) {
        self.failed = Some(Instant::now());
        self.unsent = (error.delivery() == Delivery::NeverSent).then(|| error.clone());
        if self.unsent.is_some() {
            return (error, SignInEnd::Failed { pause: Duration::ZERO });
        }
        let asked = error.retry_after().unwrap_or_default();
        if !is_refusal(error.kind()) {
            let before = unclear.max(self.unknown);
            self.unknown = before.saturating_add(1);
            let place = usize::try_from(before).unwrap_or(usize::MAX);
            let pause = UNKNOWN.get(place).copied().unwrap_or(LONGEST_UNKNOWN);
            let pause = pause.max(asked.min(LONGEST_UNKNOWN));
            self.pause = Some(Pause { error: error.clone(), until: Instant::now() + pause });
            return (error, SignInEnd::Failed { pause });
        }
        let before = refusals.max(self.refusals);
        self.refusals = before.saturating_add(1);
        let place = usize::try_from(before).unwrap_or(usize::MAX);
        let pause = REFUSED.get(place).map_or(FOR_GOOD, |p| asked.min(LONGEST_ASKED).max(*p));
        let error = if pause == FOR_GOOD { for_good(&error) } else { error };
        self.pause = Some(Pause { error: error.clone(), until: Instant::now() + pause });
        (error, SignInEnd::Refused { pause })
    }

    /// Heeds a pause that the store tells of: it holds here too. Returns the error that says so.
    pub(super) fn paused_elsewhere(&mut self, left: Duration, refusals: u32) -> Error {
        let error = if refusals == 0 {
            Error::new(ErrorKind::Unreachable).with_message(
                "a sign-in with this account, elsewhere or before a restart, brought no clear answer; \
                 the next one waits",
            )
        } else {
            Error::new(ErrorKind::SignInPaused).with_message(format!(
                "signing in with this account was refused, {refusals} in a row, the last time elsewhere \
                 or before a restart"
            ))
        };
        let error = error.in_call(super::LOGIN);
        let error = if left > LONGEST_ASKED { for_good(&error) } else { error };
        let pause = Pause { error, until: Instant::now() + left };
        let error = pause.error(left);
        self.pause = Some(pause);
        error
    }

    /// Notes that no sign-in was sent.
    pub(super) fn not_now(&mut self) {
        self.failed = Some(Instant::now());
    }

    /// Why no sign-in may be made now, if that is so.
    pub(super) fn hindrance(&self) -> Option<Error> {
        if let Some((pause, left)) = self.pausing() {
            return Some(pause.error(left));
        }
        let left = self.contest.left()?;
        Some(Error::new(ErrorKind::SignInContested).in_call(super::LOGIN).after(left))
    }

    fn pausing(&self) -> Option<(&Pause, Duration)> {
        let pause = self.pause.as_ref()?;
        let left = pause.until.checked_duration_since(Instant::now()).filter(|d| !d.is_zero())?;
        Some((pause, left))
    }

    /// How it stands.
    pub(super) fn seen(&self) -> SessionState {
        let token = self.alive();
        SessionState {
            signed_in: token.is_some(),
            until: token.and_then(|token| token.until),
            contested: self.contest.is_on(),
            paused: self.pausing().map(|(_, left)| left),
            last_success: self.last_success,
        }
    }
}

impl Pause {
    /// What a call within the pause is told.
    fn error(&self, left: Duration) -> Error {
        let error = self.error.clone().delivered(Delivery::NeverSent);
        let error = if left > LONGEST_ASKED { error } else { error.after(left) };
        let what = match error.kind() {
            ErrorKind::SignInRefused => return error.of_kind(ErrorKind::SignInPaused),
            ErrorKind::SecondFactorRefused => "the second factor was refused",
            ErrorKind::AccountLocked => "the account is locked",
            _ => return error,
        };
        let said = error.message().unwrap_or("the vendor says no more");
        let message = format!("{what}: {said}");
        error.of_kind(ErrorKind::SignInPaused).with_message(message)
    }
}

/// Whether the vendor has said no to these credentials.
fn is_refusal(kind: ErrorKind) -> bool {
    use ErrorKind::{AccountLocked, SecondFactorRefused, SignInRefused};
    matches!(kind, SignInRefused | SecondFactorRefused | AccountLocked)
}

/// The error of a pause without an end: no wait helps, so none is named.
fn for_good(error: &Error) -> Error {
    let said = error.message().map(|said| format!("{said}; ")).unwrap_or_default();
    let ended = Error::new(error.kind())
        .in_call(Operation::new(error.operation(), ""))
        .delivered(error.delivery())
        .with_message(format!(
            "{said}no further sign-in is made with these credentials: new ones under a new revision are \
             waited for"
        ));
    match error.status() {
        Some(status) => ended.with_status(status),
        None => ended,
    }
}

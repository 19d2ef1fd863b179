//! What a session remembers.

use std::{sync::Arc, time::Duration};

use elevate_transport::{Delivery, Instant};
use jiff::Timestamp;

use super::{Contest, Running, Token, turn::Waiting};
use crate::{Error, ErrorKind};

/// The pauses after the first refused sign-ins in a row.
///
/// Nobody knows when the vendor locks an account; five in a row, or five within a quarter of an hour, are
/// usual. So there are four within a day, and what fails for a short while heals by itself.
const PAUSES: [Duration; 3] =
    [Duration::from_secs(30), Duration::from_mins(5), Duration::from_mins(30)];
/// The pause after each further one.
const LONGEST_PAUSE: Duration = Duration::from_hours(24);

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
    /// What is left of the pause after a refused sign-in, as far as this process knows.
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
    refusal: Option<Refusal>,
    /// How many sign-ins in a row were refused, as this process knows.
    refusals: u32,
    /// When a sign-in last failed.
    failed: Option<Instant>,
    /// Whether these credentials have ever been accepted.
    pub(super) accepted: bool,
    /// The step whose code was used last.
    pub(super) last_step: Option<u64>,
    pub(super) contest: Contest,
    pub(super) last_success: Option<Instant>,
}

/// The last sign-in, if it was refused.
struct Refusal {
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
        (self.refusal, self.refusals, self.failed) = (None, 0, None);
        self.accepted = true;
        self.last_success = Some(Instant::now());
        token
    }

    /// Sets the pause before the next sign-in, if the vendor answered: it would answer the same again. A
    /// vendor that fails or cannot be reached has refused nothing.
    ///
    /// `refusals` is how many there were in a row before, where the store has counted.
    pub(super) fn refuse(&mut self, error: &Error, refusals: Option<u32>) -> Option<Duration> {
        self.failed = Some(Instant::now());
        let answered = error.delivery() == Delivery::Answered;
        if !answered || matches!(error.kind(), ErrorKind::Server | ErrorKind::Unreachable) {
            return None;
        }
        let before = refusals.unwrap_or_default().max(self.refusals);
        self.refusals = before.saturating_add(1);
        let place = usize::try_from(before).unwrap_or(usize::MAX);
        let pause = PAUSES.get(place).copied().unwrap_or(LONGEST_PAUSE);
        let pause = pause.max(error.retry_after().unwrap_or_default()).min(LONGEST_PAUSE);
        self.refusal = Some(Refusal { error: error.clone(), until: Instant::now() + pause });
        Some(pause)
    }

    /// Heeds why no sign-in was sent: somebody else's pause holds here too.
    pub(super) fn not_now(&mut self, error: &Error) {
        self.failed = Some(Instant::now());
        if error.kind() == ErrorKind::SignInPaused {
            let until = Instant::now() + error.retry_after().unwrap_or_default();
            self.refusal = Some(Refusal { error: error.clone(), until });
        }
    }

    /// Why no sign-in may be made now, if that is so.
    pub(super) fn hindrance(&self) -> Option<Error> {
        if let Some((refusal, left)) = self.pausing() {
            let error = refusal.error.clone().after(left).delivered(Delivery::NeverSent);
            return Some(match error.kind() {
                ErrorKind::SignInRefused => error.of_kind(ErrorKind::SignInPaused),
                ErrorKind::SecondFactorRefused => {
                    let said = error.message().unwrap_or("the vendor says no more");
                    let message = format!("the second factor was refused: {said}");
                    error.of_kind(ErrorKind::SignInPaused).with_message(message)
                }
                _ => error,
            });
        }
        let left = self.contest.left()?;
        Some(Error::new(ErrorKind::SignInContested).in_call(super::LOGIN).after(left))
    }

    fn pausing(&self) -> Option<(&Refusal, Duration)> {
        let refusal = self.refusal.as_ref()?;
        let left = refusal.until.checked_duration_since(Instant::now()).filter(|d| !d.is_zero())?;
        Some((refusal, left))
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

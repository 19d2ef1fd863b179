//! Waiting for what becomes of an order: polling, apart from sending and apart from repeating reads.

use std::time::Duration;

use elevate_transport::{Instant, Operation};
use serde::Serialize;
use tokio::time::sleep_until;

use super::{
    Client,
    call::{THING_BYTES, body, reply},
    order::Ordered,
};
use crate::{ActionAttempt, ActionAttemptId, ActionType, Error};

const GET: Operation = Operation::new("seam.action_attempts.get", "/action_attempts/get");

/// When to look first.
const FIRST_LOOK: Duration = Duration::from_millis(250);

/// Never sooner than this after the last look.
const SHORTEST_GAP: Duration = Duration::from_millis(100);

/// What one look may take: a look that hangs must not use up the time for the next.
const LOOK: Duration = Duration::from_secs(2);

/// When to look for the last time, before the deadline.
const LAST_LOOK: Duration = Duration::from_millis(500);

#[derive(Serialize)]
struct ById<'a> {
    action_attempt_id: &'a ActionAttemptId,
}

reply!(Attempt { action_attempt: ActionAttempt });

/// How long to wait for the next look, `since_order` after the order's body started.
///
/// A schedule without memory: the first look comes 250 ms after the order; from then on the gap is a tenth
/// of the time gone, and never under 100 ms. So the wait for news is about a tenth of what the door itself
/// took, whatever it took.
///
/// ```
/// use std::time::Duration;
/// use elevate_seam::next_look;
///
/// let ms = Duration::from_millis;
/// assert_eq!(next_look(ms(0)), ms(250));
/// assert_eq!(next_look(ms(40)), ms(210));
/// assert_eq!(next_look(ms(290)), ms(100));
/// assert_eq!(next_look(ms(3000)), ms(300));
/// ```
pub fn next_look(since_order: Duration) -> Duration {
    match FIRST_LOOK.checked_sub(since_order) {
        Some(left) if !left.is_zero() => left,
        _ => (since_order / 10).max(SHORTEST_GAP),
    }
}

/// What waiting for an order brought.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Waited {
    /// It settled: [`ActionAttempt::progress`] says how.
    Settled(ActionAttempt),
    /// It had not settled by the deadline.
    Unsettled {
        /// The attempt as it was last seen; the order's own reply, if every look failed.
        last: ActionAttempt,
        /// Why the latest look failed, if it did. A failed look is not a failed unlock.
        trouble: Option<Error>,
    },
}

impl Client {
    /// Waits for what becomes of an order, looking again and again until `until`.
    ///
    /// What looks at another attempt, or cannot be read, is ignored: only a readable answer for this very
    /// attempt counts. See [`next_look`] for when it looks; the last time is half a second before `until`,
    /// or as late as Seam's `Retry-After` asks for.
    pub async fn wait_for_unlock(&self, ordered: &Ordered, until: Instant) -> Waited {
        let mut last = ordered.attempt.clone();
        let mut trouble = None;
        let last_look = until.checked_sub(LAST_LOOK).unwrap_or(until);
        loop {
            if last.progress().is_settled() {
                return Waited::Settled(last);
            }
            let now = Instant::now();
            let wait = next_look(now.saturating_duration_since(ordered.started));
            let asked = trouble.as_ref().and_then(Error::retry_after).unwrap_or_default();
            let Some(at) = now.checked_add(wait.max(asked)).map(|at| {
                if at > last_look && now < last_look && asked.is_zero() { last_look } else { at }
            }) else {
                break;
            };
            if at >= until {
                break;
            }
            sleep_until(at).await;
            match self.look(ordered.id(), until).await {
                Ok(attempt) => (last, trouble) = (attempt, None),
                Err(error) => {
                    tracing::debug!(%error, "a look at an unlock failed; looking again");
                    trouble = Some(error);
                }
            }
        }
        sleep_until(until).await;
        Waited::Unsettled { last, trouble }
    }

    /// An attempt as it stands now (`action_attempts/get`).
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound) if there is none by that id, and whatever else keeps it from
    /// being read, an answer about another attempt included.
    pub async fn get_action_attempt(
        &self,
        id: &ActionAttemptId,
        answer_by: Instant,
    ) -> Result<ActionAttempt, Error> {
        let reply: Attempt = self.0.read(GET, &ById { action_attempt_id: id }, answer_by).await?;
        this_one(reply.action_attempt, id)
    }

    /// One look, which is one request: the schedule is what repeats it.
    async fn look(&self, id: &ActionAttemptId, until: Instant) -> Result<ActionAttempt, Error> {
        let body = body(GET, &ById { action_attempt_id: id })?;
        let begun = Instant::now();
        let mut request = self.0.request(GET, body, until.min(begun + LOOK));
        request.max_answer_bytes = THING_BYTES;
        let seen = self.0.caller.once(request).await;
        let reply: Attempt = self.0.reply(GET, seen, begun)?;
        let attempt = this_one(reply.action_attempt, id)?;
        if attempt.is_other_than(&ActionType::UnlockDoor) {
            return Err(Error::beside_the_point(GET, "it is about another kind of action"));
        }
        Ok(attempt)
    }
}

fn this_one(attempt: ActionAttempt, id: &ActionAttemptId) -> Result<ActionAttempt, Error> {
    if attempt.action_attempt_id == *id {
        Ok(attempt)
    } else {
        Err(Error::beside_the_point(GET, "it is about another action attempt"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_come_a_quarter_of_a_second_after_the_order_then_by_a_tenth_of_the_time_gone() {
        let ms = Duration::from_millis;
        let (mut at, mut looks) = (Duration::ZERO, Vec::new());
        while at < Duration::from_secs(12) {
            at += next_look(at);
            looks.push(at);
        }
        assert_eq!(looks[..4], [ms(250), ms(350), ms(450), ms(550)]);
        for pair in looks.windows(2) {
            let gap = pair[1].saturating_sub(pair[0]);
            assert!(gap >= ms(100) && (gap == ms(100) || gap == pair[0] / 10), "{gap:?}");
        }
        assert_eq!(looks.len(), 35);
    }

    #[test]
    fn a_look_that_came_early_waits_for_the_first() {
        for early in [0, 1, 249] {
            let early = Duration::from_millis(early);
            assert_eq!(early + next_look(early), FIRST_LOOK);
        }
        assert_eq!(next_look(FIRST_LOOK), SHORTEST_GAP);
        assert_eq!(next_look(Duration::MAX), Duration::MAX / 10);
    }
}

//! Waiting for what becomes of an order: polling, apart from sending and apart from repeating reads.

mod prompts;

use std::time::Duration;

use elevate_transport::{Instant, Operation};
use serde::Serialize;
use tokio::time::sleep_until;

pub(super) use prompts::Prompts;

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
    /// or as late as Seam's `Retry-After` asks for. Who gets events can make it look sooner:
    /// [`prompt`](Self::prompt).
    pub async fn wait_for_unlock(&self, ordered: &Ordered, until: Instant) -> Waited {
        if ordered.attempt.progress().is_settled() {
            return Waited::Settled(ordered.attempt.clone());
        }
        let mut prompts = self.0.prompts.wait_for(ordered.id());
        let mut last = ordered.attempt.clone();
        let mut trouble = None;
        let mut earliest = Instant::now();
        let mut due = scheduled(ordered, until, Duration::ZERO);
        while !last.progress().is_settled() {
            tokio::select! {
                biased;
                () = sleep_until(until) => return Waited::Unsettled { last, trouble },
                // Before the schedule, so that a look at one moment answers to both.
                () = prompts.told(earliest) => {}
                () = sleep_until(due) => {}
            }
            let begun = Instant::now();
            let mut pause = Duration::ZERO;
            match self.look(ordered.id(), until).await {
                Ok(attempt) => (last, trouble) = (attempt, None),
                Err(error) => {
                    tracing::debug!(%error, "a look at an unlock failed; looking again");
                    pause = error.retry_after().unwrap_or_default();
                    trouble = Some(error);
                }
            }
            earliest = later(begun, SHORTEST_GAP, until).max(later(Instant::now(), pause, until));
            due = if due <= begun {
                scheduled(ordered, until, pause)
            } else {
                // A look between two of the schedule leaves the schedule as it was, at that distance.
                due.max(earliest)
            };
        }
        Waited::Settled(last)
    }

    /// Makes whoever waits for that attempt look at it now: for a service that gets Seam's events.
    ///
    /// An event is never the outcome: it carries neither a reason nor a confirmation, and may be late, doubled
    /// or wrong. So it only prompts a look, in this client and its clones. Any event that names an attempt
    /// will do, such as `action_attempt.unlock_door.succeeded`, `action_attempt.unlock_door.failed` and
    /// `lock.unlocked`.
    ///
    /// Call it as often as events come. No prompted look begins within 100 ms of the look before, nor in a pause
    /// that Seam asked for; what is named meanwhile is answered by one look afterwards. A look that comes too
    /// early leaves the schedule as it was. The last 256 attempts are remembered, so that an event counts that
    /// overtakes the reply to its order.
    ///
    /// ```
    /// # use elevate_seam::{ActionAttemptId, Client, InvalidId};
    /// # fn example(client: &Client, event: &str) -> Result<(), InvalidId> {
    /// // On any event that has an `action_attempt_id`:
    /// client.prompt(&ActionAttemptId::new(event)?);
    /// # Ok(())
    /// # }
    /// ```
    pub fn prompt(&self, attempt: &ActionAttemptId) {
        self.0.prompts.name(attempt);
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

/// When the schedule looks next: half a second before `until` at the latest, but never within a pause that Seam
/// asked for. `until` means not at all.
fn scheduled(ordered: &Ordered, until: Instant, pause: Duration) -> Instant {
    let now = Instant::now();
    let gap = next_look(now.saturating_duration_since(ordered.started));
    let at = later(now, gap.max(pause), until);
    match until.checked_sub(LAST_LOOK) {
        Some(last_look) if now < last_look && pause.is_zero() => at.min(last_look),
        _ => at,
    }
}

/// So much later than `from`, and `until` at the latest.
fn later(from: Instant, by: Duration, until: Instant) -> Instant {
    from.checked_add(by).map_or(until, |at| at.min(until))
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

//! Tokens that are refused long before their end, again and again.

use std::{collections::VecDeque, time::Duration};

use elevate_transport::Instant;

/// How many tokens have to die early within how long for the session to be contested; and how long none may
/// die for it to be so no more.
const DEATHS: usize = 3;
const WINDOW: Duration = Duration::from_mins(10);

/// The least distance between two sign-ins of a contested session; it doubles up to the greatest.
const NEAREST: Duration = Duration::from_secs(5);
const FARTHEST: Duration = Duration::from_mins(1);

/// Whether somebody else seems to end this session's tokens.
///
/// It is not known whether a new sign-in ends the account's older tokens. If so, two processes that each
/// sign in anew would do so for ever. Each keeps a distance instead, and says what is the matter.
#[derive(Default)]
pub(super) struct Contest {
    deaths: VecDeque<Instant>,
    /// The distance to keep to the next sign-in, once contested.
    distance: Option<Duration>,
    /// When the last sign-in began.
    last: Option<Instant>,
}

impl Contest {
    /// Notes that a token died early; says whether that is what makes the session contested.
    pub(super) fn note_death(&mut self) -> bool {
        let was_on = self.is_on();
        if !was_on {
            self.distance = None;
        }
        self.deaths.push_back(Instant::now());
        while self.deaths.len() > DEATHS {
            self.deaths.pop_front();
        }
        let many = self.deaths.len() == DEATHS
            && self.deaths.front().is_some_and(|first| first.elapsed() < WINDOW);
        if many && !was_on {
            self.distance = Some(NEAREST);
        }
        many && !was_on
    }

    /// Notes that a sign-in begins.
    pub(super) fn note_sign_in(&mut self) {
        // The first distance is kept to the sign-in that was the last before.
        let is_on = self.is_on();
        self.distance = self.distance.filter(|_| is_on).map(|d| (d * 2).min(FARTHEST));
        self.last = Some(Instant::now());
    }

    pub(super) fn is_on(&self) -> bool {
        self.distance.is_some() && self.deaths.back().is_some_and(|last| last.elapsed() < WINDOW)
    }

    /// How long no sign-in may begin yet.
    pub(super) fn left(&self) -> Option<Duration> {
        let distance = self.distance.filter(|_| self.is_on())?;
        distance.checked_sub(self.last?.elapsed()).filter(|left| !left.is_zero())
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_distance_grows_to_a_minute_and_ends_with_the_deaths() {
        let mut contest = Contest::default();
        for _ in 0..2 {
            contest.note_sign_in();
            assert!(!contest.note_death());
            assert_eq!(contest.left(), None, "two deaths are an accident");
        }
        contest.note_sign_in();
        assert!(contest.note_death());
        for seconds in [5, 10, 20, 40, 60, 60] {
            let distance = Duration::from_secs(seconds);
            assert_eq!(contest.left(), Some(distance));
            advance(distance).await;
            assert_eq!(contest.left(), None);
            contest.note_sign_in();
            assert!(!contest.note_death(), "said once");
        }
        advance(WINDOW).await;
        assert!(!contest.is_on());
        assert!(!contest.note_death());
        assert_eq!(contest.left(), None);
    }

    #[tokio::test(start_paused = true)]
    async fn three_deaths_within_more_than_ten_minutes_are_no_contest() {
        let mut contest = Contest::default();
        for _ in 0..9 {
            contest.note_sign_in();
            assert!(!contest.note_death());
            advance(WINDOW / 2).await;
        }
    }
}

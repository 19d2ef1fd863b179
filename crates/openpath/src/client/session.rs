//! One token for all clones of a client, and the one task at a time that gets it.

mod contest;
mod prove;
mod state;
mod token;
mod turn;

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::Duration,
};

use elevate_access::{Clock, MemoryStore, SignInEnd, SignIns};
use elevate_transport::{Caller, Delivery, Instant, Operation, Scrubber, Url};
use futures_util::{FutureExt as _, future::Shared};
use tokio::{sync::oneshot, time::timeout_at};
use tracing::{Instrument as _, Span};

pub use state::SessionState;
pub(crate) use token::Token;

use crate::{Error, ErrorKind, OrgId, credentials::Ready};
use contest::Contest;
use state::State;
use turn::{Held, Waiting};

/// How often a caller looks whether what the sign-in waits for comes too late for it.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

const LOGIN: Operation = Operation::new("openpath.login", "/auth/login");

/// A session: credentials, and the token that they brought.
pub(crate) struct Session {
    ready: Ready,
    /// Whose turn is taken before signing in.
    account: Option<String>,
    org: OrgId,
    base: Url,
    caller: Caller,
    clock: Arc<dyn Clock>,
    /// Where the nodes agree, once that is known; until then it is this session's own.
    shared: OnceLock<Arc<dyn SignIns>>,
    own: Arc<MemoryStore>,
    state: Mutex<State>,
    /// Held by whoever looks whether a doubted token is good.
    looking: tokio::sync::Mutex<()>,
}

/// A sign-in under way.
type Running = Shared<oneshot::Receiver<Result<Arc<Token>, Error>>>;

/// A token in place of one that was refused, and whether that one seems to have died early.
pub(crate) struct Another {
    pub(crate) token: Arc<Token>,
    pub(crate) died_early: bool,
}

impl Session {
    pub(super) fn new(
        ready: Ready,
        org: OrgId,
        base: Url,
        caller: Caller,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            account: ready.account_at(&base),
            ready,
            org,
            base,
            caller,
            clock,
            shared: OnceLock::new(),
            own: Arc::new(MemoryStore::new()),
            state: Mutex::default(),
            looking: tokio::sync::Mutex::default(),
        }
    }

    /// Says where the nodes agree on who signs in. The first word stands.
    pub(crate) fn share_sign_ins(&self, sign_ins: Arc<dyn SignIns>) {
        self.shared.get_or_init(|| sign_ins);
    }

    fn sign_ins(&self) -> Arc<dyn SignIns> {
        self.shared.get().cloned().unwrap_or_else(|| self.own.clone())
    }

    /// The token, by a sign-in if there is none; waits for that until `by`.
    ///
    /// What an error says of the delivery is about the call that needs the token: it was not sent.
    pub(crate) async fn token(self: &Arc<Self>, by: Instant) -> Result<Arc<Token>, Error> {
        let running = {
            let mut state = self.lock();
            if let Some(token) = state.alive() {
                if token.is_due() && state.may_renew() {
                    // Nobody waits for it, so it is no part of anybody's tree.
                    let span =
                        tracing::info_span!(parent: None, "openpath.sign_in", org = %self.org);
                    span.follows_from(Span::current());
                    drop(self.begin(&mut state, span));
                }
                return Ok(token);
            }
            match (&state.running, state.hindrance()) {
                (Some(running), _) => running.clone(),
                (None, Some(hindrance)) => return Err(hindrance),
                (None, None) => {
                    let span = tracing::info_span!("openpath.sign_in", org = %self.org);
                    self.begin(&mut state, span)
                }
            }
        };
        let unsent =
            |message: &str| Error::new(ErrorKind::Unreachable).in_call(LOGIN).with_message(message);
        loop {
            match timeout_at(by.min(Instant::now() + LOOK_AGAIN), running.clone()).await {
                Ok(Ok(result)) => {
                    return result.map_err(|error| error.delivered(Delivery::NeverSent));
                }
                Ok(Err(_)) => return Err(unsent("the sign-in broke off")),
                Err(_) => {}
            }
            let is_over = Instant::now() >= by;
            let state = self.lock();
            match state.waiting {
                Some((waiting @ Waiting::NextCode, until)) if is_over || until >= by => {
                    // That the vendor was not reached with the last code says more.
                    let pending = turn::pending(waiting, until);
                    let left = pending.retry_after().unwrap_or_default();
                    return Err(state.unsent.clone().map_or(pending, |error| error.after(left)));
                }
                Some((waiting, until)) if is_over => return Err(turn::pending(waiting, until)),
                None if is_over => return Err(unsent("the sign-in was not done in time")),
                _ => {}
            }
        }
    }

    /// The token for the repeat of a read whose token was refused.
    pub(crate) async fn another(
        self: &Arc<Self>,
        refused: &Token,
        by: Instant,
    ) -> Result<Another, Error> {
        let was_early = self.discard(refused);
        if was_early && !refused.has_worked() {
            self.note_early_death();
        }
        match self.token(by).await {
            Ok(token) => Ok(Another { token, died_early: was_early && refused.has_worked() }),
            Err(error) => {
                if was_early && error.kind() == ErrorKind::SignInContested && refused.has_worked() {
                    self.note_early_death();
                }
                Err(error)
            }
        }
    }

    /// Comes back when nobody else looks whether the token is good; `None` if it is not doubted, or no more.
    pub(crate) async fn doubts(&self, token: &Token) -> Option<tokio::sync::MutexGuard<'_, ()>> {
        if !token.is_doubted() {
            return None;
        }
        let looking = self.looking.lock().await;
        token.is_doubted().then_some(looking)
    }

    /// Drops that token, unless it was replaced already. Says whether that is long before its stated end, and
    /// through nobody's doing here: a sign-in under way may be what has ended it.
    fn discard(&self, token: &Token) -> bool {
        let mut state = self.lock();
        if state.token.as_ref().is_none_or(|held| held.serial != token.serial) {
            return false;
        }
        state.token = None;
        state.running.is_none() && !token.is_due()
    }

    /// Notes that a token was refused long before its end, for no reason that lies here.
    pub(crate) fn note_early_death(&self) {
        if self.lock().contest.note_death() {
            tracing::warn!(
                org = %self.org,
                "tokens are refused long before their end, again and again: does somebody else sign in \
                 with the same account?"
            );
        }
    }

    /// Notes that a call brought its documented success.
    pub(crate) fn note_success(&self) {
        self.lock().last_success = Some(Instant::now());
    }

    /// How it stands.
    pub(crate) fn state(&self) -> SessionState {
        self.lock().seen()
    }

    /// Whether that is the e-mail with which it signs in.
    pub(crate) fn is_own_account(&self, email: &str) -> bool {
        self.ready.is_account(email)
    }

    /// What takes this session's secrets out of a vendor's words.
    pub(crate) fn scrubber(&self, token: Option<&Token>) -> Scrubber {
        let held = token.map(Token::secret);
        self.ready.secrets().chain(held).fold(Scrubber::new(), Scrubber::secret)
    }

    /// The same, with the token that is held, if there is one.
    pub(crate) fn own_scrubber(&self) -> Scrubber {
        let held = self.lock().token.clone();
        self.scrubber(held.as_deref())
    }

    /// Starts a sign-in in a task of its own: whoever waits for it may give up, it goes on.
    fn begin(self: &Arc<Self>, state: &mut State, span: Span) -> Running {
        let (tell, running) = oneshot::channel();
        let running = running.shared();
        state.running = Some(running.clone());
        let place = Place { session: self.clone() };
        let work = async move {
            let (result, ending) = place.session.sign_in().await;
            // Whoever hears of a success may use it at once. Of a failure nobody hears before the other nodes
            // can: a process that ends itself for it, and is started again, would be refused again each time.
            let accepted = match ending {
                Some((held, end)) if end != SignInEnd::Accepted => {
                    held.end(end).await;
                    None
                }
                ending => ending,
            };
            // Nobody may be waiting any more.
            let _ = tell.send(result);
            drop(place);
            if let Some((held, end)) = accepted {
                held.end(end).await;
            }
        };
        tokio::spawn(work.instrument(span));
        running
    }

    /// Signs in, and keeps what that brought; the turn has to be given back afterwards.
    async fn sign_in(&self) -> (Result<Arc<Token>, Error>, Option<(Held, SignInEnd)>) {
        let leave = match self.leave().await {
            Ok(leave) => leave,
            Err(error) => {
                let error = error.in_call(LOGIN);
                tracing::warn!(org = %self.org, %error, "did not sign in");
                self.lock().not_now();
                return (Err(error), None);
            }
        };
        {
            let mut state = self.lock();
            state.waiting = None;
            state.contest.note_sign_in();
        }
        let result = self.prove(leave.step).await;
        let counted = leave.held.as_ref().map(|held| (held.refusals, held.unclear));
        let (result, end) = match result {
            Ok(token) => {
                tracing::debug!(org = %self.org, "signed in");
                (Ok(self.lock().accept(token)), SignInEnd::Accepted)
            }
            Err(error) => {
                tracing::warn!(org = %self.org, %error, "could not sign in");
                let (error, end) = self.lock().fail(error, counted.unwrap_or_default());
                (Err(error), end)
            }
        };
        (result, leave.held.map(|held| (held, end)))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No section below the lock can panic half-way.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Clears the way for the next sign-in, also when this one panics.
struct Place {
    session: Arc<Session>,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut state = self.session.lock();
        state.running = None;
        state.waiting = None;
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("org", &self.org).finish_non_exhaustive()
    }
}

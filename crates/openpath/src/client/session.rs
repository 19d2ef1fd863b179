//! One token for all clones of a client, and the one task at a time that gets it.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use elevate_transport::{
    Bytes, Caller, Delivery, HeaderValue, Instant, Method, Operation, Request, Scrubber,
    StatusCode, Url, decode,
};
use futures_util::{FutureExt as _, future::Shared};
use secrecy::{ExposeSecret, SecretString};
use tokio::{sync::oneshot, time::timeout_at};

use super::{WITHIN, call::url_of, once::at_most_once};
use crate::{
    Credentials, Error, ErrorKind, OrgId, Rights,
    model::{OneReply, SignedIn},
};

const LOGIN: Operation = Operation::new("openpath.login", "/auth/login");

/// The pause after a first refused sign-in; each further one doubles it.
const FIRST_PAUSE: Duration = Duration::from_secs(30);
/// The longest pause between two sign-ins.
const LONGEST_PAUSE: Duration = Duration::from_mins(30);

/// A token, and what is known of it.
pub(crate) struct Token {
    /// Tells it from every other one of this session.
    serial: u64,
    secret: SecretString,
    header: HeaderValue,
    begun: Instant,
    life: Option<Duration>,
    rights: Rights,
}

impl Token {
    /// The value of the `Authorization` header: the token, bare.
    pub(crate) fn header(&self) -> HeaderValue {
        self.header.clone()
    }

    pub(crate) fn rights(&self) -> Rights {
        self.rights
    }

    /// Whether it is worth being used, as far as can be told.
    fn is_alive(&self) -> bool {
        self.life.is_none_or(|life| self.begun.elapsed() < life)
    }

    /// Whether a new one should be fetched while this one still works.
    fn is_due(&self) -> bool {
        self.life.is_some_and(|life| self.begun.elapsed() >= life / 10 * 9)
    }
}

/// A session: credentials, and the token that they brought.
pub(crate) struct Session {
    credentials: Credentials,
    org: OrgId,
    base: Url,
    caller: Caller,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    token: Option<Arc<Token>>,
    issued: u64,
    running: Option<Running>,
    refusal: Option<Refusal>,
}

/// A sign-in under way.
type Running = Shared<oneshot::Receiver<Result<Arc<Token>, Error>>>;

/// The last sign-in, if it was refused.
struct Refusal {
    error: Error,
    pause: Duration,
    until: Instant,
}

impl Session {
    pub(super) fn new(credentials: Credentials, org: OrgId, base: Url, caller: Caller) -> Self {
        Self { credentials, org, base, caller, state: Mutex::default() }
    }

    /// The token, by a sign-in if there is none; waits for that until `by`.
    ///
    /// What an error says of the delivery is about the call that needs the token: it was not sent.
    pub(crate) async fn token(self: &Arc<Self>, by: Instant) -> Result<Arc<Token>, Error> {
        let running = {
            let mut state = self.lock();
            let alive = state.token.clone().filter(|token| token.is_alive());
            if let Some(token) = alive {
                if token.is_due() && state.running.is_none() && state.pausing().is_none() {
                    drop(self.begin(&mut state));
                }
                return Ok(token);
            }
            match (&state.running, state.pausing()) {
                (Some(running), _) => running.clone(),
                (None, Some(paused)) => return Err(paused),
                (None, None) => self.begin(&mut state),
            }
        };
        let unsent = |kind, message: &str| Error::new(kind).in_call(LOGIN).with_message(message);
        match timeout_at(by, running).await {
            Err(_) => Err(unsent(ErrorKind::Unreachable, "the sign-in was not done in time")),
            Ok(Ok(result)) => result.map_err(|error| error.delivered(Delivery::NeverSent)),
            Ok(Err(_)) => Err(unsent(ErrorKind::Unreachable, "the sign-in broke off")),
        }
    }

    /// Drops that token, unless it was replaced already.
    pub(crate) fn drop_token(&self, token: &Token) {
        let mut state = self.lock();
        if state.token.as_ref().is_some_and(|held| held.serial == token.serial) {
            state.token = None;
        }
    }

    /// What takes this session's secrets out of a vendor's words.
    pub(crate) fn scrubber(&self, token: Option<&Token>) -> Scrubber {
        let held = token.map(|token| token.secret.expose_secret());
        self.credentials.secrets().chain(held).fold(Scrubber::new(), Scrubber::secret)
    }

    /// Starts a sign-in in a task of its own: whoever waits for it may give up, it goes on.
    fn begin(self: &Arc<Self>, state: &mut State) -> Running {
        let (tell, running) = oneshot::channel();
        let running = running.shared();
        state.running = Some(running.clone());
        let place = Place { session: self.clone() };
        tokio::spawn(async move {
            let result = place.session.sign_in().await;
            let result = place.session.settle(result);
            // Nobody may be waiting any more.
            let _ = tell.send(result);
            drop(place);
        });
        running
    }

    async fn sign_in(&self) -> Result<Token, Error> {
        let begun = Instant::now();
        let answer_by = begun + WITHIN;
        let url = url_of(&self.base, &["auth", "login"], &[])?;
        let body = serde_json::to_vec(&self.credentials.body()).map_err(|_| {
            Error::new(ErrorKind::InvalidInput).with_message("credentials cannot be sent")
        })?;
        let body = Bytes::from(body);
        // Not a read: a refused sign-in that is repeated brings a lock nearer.
        let answer = at_most_once(&self.caller, answer_by, || {
            Request::new(LOGIN, Method::POST, url.clone(), answer_by).json(body.clone())
        })
        .await?;
        if !matches!(answer.status, StatusCode::CREATED | StatusCode::OK) {
            let error = Error::from_answer(&answer, &self.scrubber(None));
            return Err(match answer.status.as_u16() {
                408 | 429 => error,
                400..=499 => error.of_kind(ErrorKind::SignInRefused),
                _ => error,
            });
        }
        let reply: OneReply<SignedIn> =
            decode(&answer.body).map_err(|error| Error::undecodable(answer.status, &error))?;
        let signed_in = reply.data;
        let mut header = HeaderValue::from_str(signed_in.token.expose_secret())
            .ok()
            .filter(|value| !value.is_empty())
            .ok_or_else(|| {
                Error::new(ErrorKind::Undecodable)
                    .delivered(Delivery::Answered)
                    .with_status(answer.status)
                    .with_message("the token cannot be used")
            })?;
        header.set_sensitive(true);
        Ok(Token {
            serial: 0,
            begun,
            life: signed_in.life(),
            rights: signed_in.rights_in(&self.org),
            header,
            secret: signed_in.token,
        })
    }

    /// Keeps what a sign-in brought: the token, or the pause before the next.
    fn settle(&self, result: Result<Token, Error>) -> Result<Arc<Token>, Error> {
        let mut state = self.lock();
        match result {
            Ok(mut token) => {
                state.issued += 1;
                token.serial = state.issued;
                let token = Arc::new(token);
                state.token = Some(token.clone());
                state.refusal = None;
                tracing::debug!(org = %self.org, "signed in");
                Ok(token)
            }
            Err(error) => {
                let error = error.in_call(LOGIN);
                tracing::warn!(org = %self.org, %error, "could not sign in");
                state.refuse(&error);
                Err(error)
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No section below the lock can panic half-way.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Sets the pause before the next sign-in, if the vendor answered: it would answer the same again. A
    /// vendor that fails or cannot be reached has refused nothing.
    fn refuse(&mut self, error: &Error) {
        let answered = error.delivery() == Delivery::Answered;
        if !answered || matches!(error.kind(), ErrorKind::Server | ErrorKind::Unreachable) {
            return;
        }
        let last = self.refusal.as_ref().map(|refusal| refusal.pause);
        let pause = last.map_or(FIRST_PAUSE, |last| last * 2);
        let pause = pause.max(error.retry_after().unwrap_or_default()).min(LONGEST_PAUSE);
        self.refusal = Some(Refusal { error: error.clone(), pause, until: Instant::now() + pause });
    }

    /// Why no sign-in may be made now, if that is so.
    fn pausing(&self) -> Option<Error> {
        let refusal = self.refusal.as_ref()?;
        let left = refusal.until.checked_duration_since(Instant::now()).filter(|d| !d.is_zero())?;
        let error = refusal.error.clone().after(left).delivered(Delivery::NeverSent);
        Some(match error.kind() {
            ErrorKind::SignInRefused => error.of_kind(ErrorKind::SignInPaused),
            _ => error,
        })
    }
}

/// Clears the way for the next sign-in, also when this one panics.
struct Place {
    session: Arc<Session>,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.session.lock().running = None;
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("org", &self.org).finish_non_exhaustive()
    }
}

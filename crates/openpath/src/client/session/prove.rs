//! What is sent to be signed in, and what the answer means.

use elevate_transport::{
    Answer, Bytes, Delivery, HeaderValue, Instant, Method, Request, Scrubber, StatusCode, decode,
    header,
};
use secrecy::{ExposeSecret as _, SecretString};

use super::{LOGIN, Session, Token};
use crate::{
    EffectiveScopes, Error, ErrorKind, Rights,
    client::{WITHIN, call::url_of, calls::SCOPES, once::at_most_once},
    credentials::{FixedHeader, Login, Proof},
    model::{OneReply, SignedIn},
};

impl Session {
    /// Signs in, with the code of that step.
    pub(super) async fn prove(&self, step: Option<u64>) -> Result<Token, Error> {
        match &self.ready.proof {
            Proof::Login(login) => {
                self.log_in(login, step).await.map_err(|error| error.in_call(LOGIN))
            }
            Proof::Header(header) => {
                self.try_header(header).await.map_err(|error| error.in_call(SCOPES))
            }
        }
    }

    async fn log_in(&self, login: &Login, step: Option<u64>) -> Result<Token, Error> {
        let begun = Instant::now();
        let answer_by = begun + WITHIN;
        let url = url_of(&self.base, &["auth", "login"], &[])?;
        let code = login.code(step);
        let body = serde_json::to_vec(&login.body(code.as_ref())).map_err(|_| {
            Error::new(ErrorKind::InvalidInput).with_message("credentials cannot be sent")
        })?;
        let body = Bytes::from(body);
        // Not a read: a refused sign-in that is repeated brings a lock nearer.
        let answer = at_most_once(&self.caller, answer_by, || {
            Request::new(LOGIN, Method::POST, url.clone(), answer_by).json(body.clone())
        })
        .await?;
        let scrubber = || {
            let sent = code.iter().map(SecretString::expose_secret);
            sent.fold(self.scrubber(None), Scrubber::secret)
        };
        if !matches!(answer.status, StatusCode::CREATED | StatusCode::OK) {
            let is_refusal =
                matches!(answer.status.as_u16(), 400 | 401 | 403 | 404 | 409 | 410 | 422 | 423);
            return Err(self.turned_down(&answer, &scrubber(), is_refusal));
        }
        let reply: OneReply<SignedIn> = decode(&answer.body)
            .map_err(|error| Error::undecodable(answer.status, error, &scrubber()))?;
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
        let (life, until) = (signed_in.life(), signed_in.until());
        let rights = signed_in.rights_in(&self.org);
        let mut token = Token::new(signed_in.token, header, begun);
        (token.life, token.until, token.rights) = (life, until, rights);
        Ok(token)
    }

    /// Tries a header with a harmless read: one that is refused must not go with every call.
    async fn try_header(&self, fixed: &FixedHeader) -> Result<Token, Error> {
        let begun = Instant::now();
        let answer_by = begun + WITHIN;
        let url = url_of(&self.base, &["orgs", self.org.as_str(), "effectiveScopes"], &[])?;
        let answer = at_most_once(&self.caller, answer_by, || {
            Request::new(SCOPES, Method::GET, url.clone(), answer_by)
                .secret_header(header::AUTHORIZATION, fixed.value.clone())
        })
        .await?;
        let mut token = Token::new(fixed.secret.clone(), fixed.value.clone(), begun);
        match answer.status.as_u16() {
            // Not the API's word.
            status if is_page(&answer) || status == 407 => {
                Err(self.turned_down(&answer, &self.scrubber(None), false))
            }
            200 => {
                // What else the answer says is not needed to be signed in.
                if let Ok(reply) = decode::<OneReply<EffectiveScopes>>(&answer.body) {
                    token.rights = Rights::of(reply.data.scopes.iter(), &self.org);
                }
                Ok(token)
            }
            // Whatever else the API says of the request, it has let it in.
            201..=299 | 400 | 402..=406 | 409..=428 | 430..=499 => Ok(token),
            status => Err(self.turned_down(&answer, &self.scrubber(None), status == 401)),
        }
    }

    /// An answer that does not sign in. It counts as the vendor's refusal if its status is that of one, and
    /// it is no page: those come from what stands between the vendor and us.
    fn turned_down(&self, answer: &Answer, scrubber: &Scrubber, is_refusal: bool) -> Error {
        let error = Error::from_answer(answer, scrubber);
        if !is_refusal || is_page(answer) {
            // What these kinds say of a call is not what they would say of a sign-in.
            return match error.kind() {
                ErrorKind::Unauthorized | ErrorKind::Forbidden | ErrorKind::NotFound => {
                    error.of_kind(ErrorKind::Rejected)
                }
                _ => error,
            };
        }
        let is_locked =
            answer.status == StatusCode::LOCKED || error.message().is_some_and(speaks_of_a_lock);
        let kind = if is_locked {
            ErrorKind::AccountLocked
        } else if error.message().is_some_and(speaks_of_a_code) {
            ErrorKind::SecondFactorRefused
        } else {
            ErrorKind::SignInRefused
        };
        if !self.lock().accepted {
            return error.of_kind(kind);
        }
        let said = error.message().map(|said| format!("{said}; ")).unwrap_or_default();
        let message =
            format!("{said}these credentials were accepted before, so they may have been changed");
        error.of_kind(kind).with_message(message)
    }
}

/// Whether an answer is a page for people, which the API never sends.
fn is_page(answer: &Answer) -> bool {
    let is_html = |kind: &HeaderValue| {
        kind.to_str().is_ok_and(|kind| kind.to_ascii_lowercase().contains("html"))
    };
    let body = answer.body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&answer.body);
    body.trim_ascii_start().starts_with(b"<")
        || answer.headers.get(header::CONTENT_TYPE).is_some_and(is_html)
}

/// Whether a refusal seems to say that the account is locked. No words are documented for this either.
fn speaks_of_a_lock(message: &str) -> bool {
    const WORDS: [&str; 3] = ["locked", "lockout", "unlock"];
    const PHRASES: [&str; 8] = [
        "lock out",
        "too many attempts",
        "too many failed",
        "too many invalid",
        "too many incorrect",
        "too many login",
        "too many sign",
        "too many unsuccessful",
    ];
    speaks_of(message, &WORDS, &PHRASES)
}

/// Whether a refusal seems to be about the second factor. The vendor's words are not documented, so this
/// chooses ours and nothing else.
fn speaks_of_a_code(message: &str) -> bool {
    const WORDS: [&str; 9] = [
        "mfa",
        "totp",
        "otp",
        "2fa",
        "code",
        "passcode",
        "authenticator",
        "multifactor",
        "twofactor",
    ];
    const PHRASES: [&str; 6] = [
        "two-factor",
        "two factor",
        "second factor",
        "multi-factor",
        "multi factor",
        "one-time password",
    ];
    speaks_of(message, &WORDS, &PHRASES)
}

fn speaks_of(message: &str, words: &[&str], phrases: &[&str]) -> bool {
    let message = message.to_lowercase();
    let mut said = message.split(|c: char| !c.is_alphanumeric());
    said.any(|word| words.contains(&word)) || phrases.iter().any(|it| message.contains(it))
}

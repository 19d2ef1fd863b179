//! One call: its request, its token, its answer.

use std::sync::Arc;

use elevate_transport::{
    Answer, Bytes, Gate, Instant, Method, Operation, Request, Scrubber, StatusCode, Url, WireError,
    decode, header,
};
use serde::{Serialize, de::DeserializeOwned};
use tokio::time::timeout_at;

use super::{
    Core,
    calls::SCOPES,
    once::at_most_once,
    session::{Another, Session, Token},
};
use crate::{Error, ErrorKind, Rights, model::OneReply};

/// What is asked for, without the token.
pub(super) struct Call {
    operation: Operation,
    method: Method,
    url: Url,
    body: Option<Bytes>,
    /// What its body holds that must not be seen, such as an e-mail.
    hidden: Option<String>,
}

/// The base URL with these path segments, each encoded, and this query.
pub(super) fn url_of(base: &Url, path: &[&str], query: &[(&str, String)]) -> Result<Url, Error> {
    let mut url = base.clone();
    url.path_segments_mut()
        .map_err(|()| Error::new(ErrorKind::InvalidInput).with_message("base_url has no path"))?
        .pop_if_empty()
        .extend(path);
    if !query.is_empty() {
        url.query_pairs_mut().extend_pairs(query);
    }
    Ok(url)
}

impl Core {
    /// A call within the organisation.
    pub(super) fn call(
        &self,
        operation: Operation,
        method: Method,
        path: &[&str],
    ) -> Result<Call, Error> {
        self.call_with_query(operation, method, path, &[])
    }

    /// A read within the organisation.
    pub(super) fn get(
        &self,
        operation: Operation,
        path: &[&str],
        query: &[(&str, String)],
    ) -> Result<Call, Error> {
        self.call_with_query(operation, Method::GET, path, query)
    }

    fn call_with_query(
        &self,
        operation: Operation,
        method: Method,
        path: &[&str],
        query: &[(&str, String)],
    ) -> Result<Call, Error> {
        let whole: Vec<&str> = ["orgs", self.org.as_str()].iter().chain(path).copied().collect();
        let url = url_of(&self.base, &whole, query).map_err(|e| e.in_call(operation))?;
        Ok(Call { operation, method, url, body: None, hidden: None })
    }

    /// Reads something; a token that is refused is replaced once, and the read repeated once.
    pub(super) async fn read(&self, call: &Call, by: Instant) -> Result<Answer, Error> {
        self.try_read(call, by).await.map_err(|error| error.in_call(call.operation))
    }

    async fn try_read(&self, call: &Call, by: Instant) -> Result<Answer, Error> {
        let token = self.session.token(by).await?;
        let seen = self.read_once(call, &token, by).await;
        if !refuses_token(&seen) {
            return self.judge_read(call, &token, seen?);
        }
        let Another { token, died_early } = self.session.another(&token, by).await?;
        let seen = self.read_once(call, &token, by).await;
        if died_early && seen.is_ok() && !refuses_token(&seen) {
            // It was the token, and not the call.
            self.session.note_early_death();
        }
        self.judge_read(call, &token, seen?)
    }

    async fn read_once(
        &self,
        call: &Call,
        token: &Token,
        by: Instant,
    ) -> Result<Answer, WireError> {
        self.caller.read(by, |attempt_by| call.request(token, attempt_by)).await
    }

    /// Judges the answer to a read. One who is shut out everywhere is told why, as far as that is known.
    fn judge_read(&self, call: &Call, token: &Token, answer: Answer) -> Result<Answer, Error> {
        self.judge(call, token, answer, StatusCode::OK).map_err(|error| {
            match (error.kind(), token.rights()) {
                (ErrorKind::Forbidden, Rights::OtherOrganisation) => {
                    error.adding("the account belongs to other organisations only")
                }
                _ => error,
            }
        })
    }

    /// Writes something that is no order, at most once. `expected` is the documented success.
    pub(super) async fn write(
        &self,
        call: &Call,
        expected: StatusCode,
        by: Instant,
    ) -> Result<Answer, Error> {
        let written = async {
            let token = self.proven_token(by).await?;
            let seen = at_most_once(&self.caller, by, || call.request(&token, by)).await;
            self.judge_once(call, &token, seen, expected)
        };
        written.await.map_err(|error: Error| error.in_call(call.operation).of_a_change())
    }

    /// Orders something, at most once: tried again only while no byte of the body has left. `expected` is
    /// the documented success.
    pub(super) async fn order(
        &self,
        call: &Call,
        expected: StatusCode,
        send_by: Instant,
        answer_by: Instant,
        mut gate: impl FnMut() -> Gate + Send,
    ) -> Result<Answer, Error> {
        let ordered = async {
            let token = self.proven_token(send_by.min(answer_by)).await?;
            let seen = self
                .caller
                .order(answer_by, send_by, |attempt_by| {
                    call.request(&token, attempt_by).gated(gate())
                })
                .await;
            self.judge_once(call, &token, seen, expected)
        };
        ordered.await.map_err(|error: Error| error.in_call(call.operation).of_a_change())
    }

    /// The token for what is not repeated. One that such a call has met a 401 with is looked at first: a read tells
    /// whether it was the token, and replaces it if so.
    async fn proven_token(&self, by: Instant) -> Result<Arc<Token>, Error> {
        let token = self.session.token(by).await?;
        let look = async {
            let Some(_alone) = self.session.doubts(&token).await else { return };
            if let Ok(call) = self.get(SCOPES, &["effectiveScopes"], &[]) {
                // Whatever it is told but 401, the token was taken.
                let _ = self.read(&call, by).await;
            }
        };
        let _ = timeout_at(by, look).await;
        self.session.token(by).await
    }

    /// Judges what became of a request that is not repeated. A token that was refused is doubted.
    fn judge_once(
        &self,
        call: &Call,
        token: &Token,
        seen: Result<Answer, WireError>,
        expected: StatusCode,
    ) -> Result<Answer, Error> {
        if refuses_token(&seen) {
            token.doubt();
        }
        self.judge(call, token, seen?, expected)
    }

    /// The answer, if it is the documented success.
    fn judge(
        &self,
        call: &Call,
        token: &Token,
        answer: Answer,
        expected: StatusCode,
    ) -> Result<Answer, Error> {
        if answer.status != StatusCode::UNAUTHORIZED {
            token.note_worked();
        }
        if answer.status != expected {
            return Err(Error::from_answer(&answer, &self.scrubber(call, token)));
        }
        self.session.note_success();
        Ok(answer)
    }

    fn scrubber(&self, call: &Call, token: &Token) -> Scrubber {
        call.hides(self.session.scrubber(Some(token)))
    }
}

/// Whether that is a 401: in an answer, or in one that came before the request's body was sent.
fn refuses_token(seen: &Result<Answer, WireError>) -> bool {
    let status = match seen {
        Ok(answer) => Some(answer.status),
        Err(error) => error.status(),
    };
    status == Some(StatusCode::UNAUTHORIZED)
}

impl Call {
    /// Gives the call a body of JSON.
    pub(super) fn json(mut self, body: &impl Serialize) -> Result<Self, Error> {
        let text = serde_json::to_vec(body).map_err(|_| {
            Error::new(ErrorKind::InvalidInput)
                .in_call(self.operation)
                .with_message("the request cannot be written as JSON")
        })?;
        self.body = Some(text.into());
        Ok(self)
    }

    /// Says what the body holds that must not be seen.
    pub(super) fn hiding(mut self, hidden: Option<&str>) -> Self {
        self.hidden = hidden.map(str::to_owned);
        self
    }

    fn hides(&self, scrubber: Scrubber) -> Scrubber {
        match &self.hidden {
            Some(hidden) => scrubber.secret(hidden),
            None => scrubber,
        }
    }

    fn request(&self, token: &Token, by: Instant) -> Request {
        let request = Request::new(self.operation, self.method.clone(), self.url.clone(), by)
            .secret_header(header::AUTHORIZATION, token.header());
        match &self.body {
            Some(body) => request.json(body.clone()),
            None => request,
        }
    }

    /// The one object in the answer.
    pub(super) fn one<T: DeserializeOwned>(
        &self,
        answer: &Answer,
        session: &Session,
    ) -> Result<T, Error> {
        let reply: OneReply<T> = self.decode(answer, session)?;
        Ok(reply.data)
    }

    /// The whole answer.
    pub(super) fn decode<T: DeserializeOwned>(
        &self,
        answer: &Answer,
        session: &Session,
    ) -> Result<T, Error> {
        decode(&answer.body).map_err(|error| {
            let scrubber = self.hides(session.own_scrubber());
            Error::undecodable(answer.status, error, &scrubber).in_call(self.operation)
        })
    }

    pub(super) fn operation(&self) -> Operation {
        self.operation
    }
}

//! The one place where requests are made and replies are read.

use elevate_transport::{
    Answer, Bytes, HeaderName, Instant, Method, Operation, Request, WireError, decode, header,
};
use serde::{Serialize, de::DeserializeOwned};

use super::Inner;
use crate::Error;

/// What a page of a list may weigh: 500 devices have about a megabyte.
pub(super) const LIST_BYTES: usize = 8 * 1024 * 1024;

/// What a single thing may weigh.
pub(super) const THING_BYTES: usize = 1024 * 1024;

const WORKSPACE: HeaderName = HeaderName::from_static("seam-workspace");

/// The body of a documented success.
pub(super) trait Reply: DeserializeOwned {
    /// Its `ok`, which is documented to be `true`.
    fn ok(&self) -> Option<bool>;
}

/// Declares the body of a success: the resource under its own key, beside `ok`.
macro_rules! reply {
    ($name:ident { $($(#[$attribute:meta])* $field:ident: $type:ty),* }) => {
        #[derive(serde::Deserialize)]
        #[allow(clippy::struct_field_names, reason = "the vendor names a reply's field after the reply")]
        pub(super) struct $name {
            #[serde(default)]
            ok: Option<bool>,
            #[serde(default)]
            error: Option<serde::de::IgnoredAny>,
            $($(#[$attribute])* pub(super) $field: $type,)*
        }

        impl super::call::Reply for $name {
            fn ok(&self) -> Option<bool> {
                // What does not say that it is well and brings an error is not.
                self.ok.or(self.error.as_ref().map(|_| false))
            }
        }
    };
}

pub(super) use reply;

impl Inner {
    /// A request for that call. All of Seam's calls take `POST` with a JSON body.
    pub(super) fn request(&self, operation: Operation, body: Bytes, answer_by: Instant) -> Request {
        let mut url = self.base_url.clone();
        let path = format!("{}{}", url.path().trim_end_matches('/'), operation.template);
        url.set_path(&path);
        let mut request = Request::new(operation, Method::POST, url, answer_by)
            .secret_header(header::AUTHORIZATION, self.authorization.clone())
            .json(body);
        if let Some(workspace) = &self.workspace {
            request = request.header(WORKSPACE, workspace.clone());
        }
        request
    }

    /// Reads one thing, repeating what may be repeated.
    pub(super) async fn read<R: Reply>(
        &self,
        operation: Operation,
        params: &impl Serialize,
        answer_by: Instant,
    ) -> Result<R, Error> {
        let (reply, _) = self.read_within(operation, params, answer_by, THING_BYTES).await?;
        Ok(reply)
    }

    /// Reads a reply of at most so many bytes, and says how many there were.
    pub(super) async fn read_within<R: Reply>(
        &self,
        operation: Operation,
        params: &impl Serialize,
        answer_by: Instant,
        at_most: usize,
    ) -> Result<(R, usize), Error> {
        self.read_body(operation, body(operation, params)?, answer_by, at_most).await
    }

    /// The same, with a body that is made already.
    pub(super) async fn read_body<R: Reply>(
        &self,
        operation: Operation,
        body: Bytes,
        answer_by: Instant,
        at_most: usize,
    ) -> Result<(R, usize), Error> {
        let begun = Instant::now();
        let make = |attempt_by| {
            let mut request = self.request(operation, body.clone(), attempt_by);
            request.max_answer_bytes = at_most;
            request
        };
        let seen = self.caller.read(answer_by, make).await;
        let bytes = seen.as_ref().map_or(0, |answer| answer.body.len());
        Ok((self.reply(operation, seen, begun)?, bytes))
    }

    /// Sends something that must not happen twice: once, whatever becomes of it.
    pub(super) async fn write<R: Reply>(
        &self,
        operation: Operation,
        params: &impl Serialize,
        answer_by: Instant,
    ) -> Result<R, Error> {
        let body = body(operation, params)?;
        let begun = Instant::now();
        let mut request = self.request(operation, body, answer_by);
        request.max_answer_bytes = THING_BYTES;
        let seen = self.caller.once(request).await;
        self.reply(operation, seen, begun)
    }

    /// The documented success, and nothing else: status 200, the JSON that is expected, not `"ok": false`.
    pub(super) fn reply<R: Reply>(
        &self,
        operation: Operation,
        seen: Result<Answer, WireError>,
        begun: Instant,
    ) -> Result<R, Error> {
        let elapsed = begun.elapsed();
        let answer = seen.map_err(|error| Error::wire(operation, error, elapsed))?;
        if answer.status.as_u16() != 200 {
            return Err(Error::answer(operation, &answer, &self.scrubber, elapsed));
        }
        let reply: R = decode(&answer.body)
            .map_err(|error| Error::decode(operation, &answer, &self.scrubber, error, elapsed))?;
        if reply.ok() == Some(false) {
            return Err(Error::answer(operation, &answer, &self.scrubber, elapsed));
        }
        Ok(reply)
    }
}

pub(super) fn body(operation: Operation, params: &impl Serialize) -> Result<Bytes, Error> {
    let body = serde_json::to_vec(params);
    let body = body.map_err(|_| Error::invalid(operation.name, "parameters are no JSON"))?;
    Ok(body.into())
}

reply!(Done {});

/// No parameters: an empty object, since a body without `Content-Type` and content is refused.
#[derive(Clone, Serialize)]
pub(super) struct Nothing {}

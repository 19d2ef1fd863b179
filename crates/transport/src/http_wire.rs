//! The production wire, over reqwest: one request, one connection, one answer.

mod body;
mod builder;
mod check;
mod failure;
mod reading;

use std::fmt;

use async_trait::async_trait;
use http::{HeaderValue, Method, header};
use tokio::time::{Instant, timeout_at};

use crate::{Answer, Delivery, Request, Wire, WireError, WireErrorKind};
use body::{Leash, Progress, leashed};
pub use builder::HttpWireBuilder;
use failure::{Cause, failure};

/// Feature `rustls` (or `rustls-no-provider`): the production [`Wire`], HTTP/1.1 over TCP and rustls.
///
/// Cloning is cheap, and clones share one pool of connections. It must be used within a tokio runtime
/// that has its I/O and time drivers on.
///
/// Fixed, because a door depends on it: no redirect is followed, nothing is replayed, HTTP/2 is never
/// spoken (its connections can be told to replay), answers are not decompressed, environment proxies
/// and cookies are ignored. This holds whatever features another crate switches on in reqwest.
///
/// # What `NeverSent` rests on
/// A request's body is one chunk in a box that two sides share: the connection takes it out, once the
/// [gate](crate::Gate) opens; the attempt takes it back when it ends, in whatever way, and that includes
/// a caller that drops the future. Whoever comes second finds nothing. So an attempt that ended before
/// its body started leaves nothing behind that a connection still at work could send.
///
/// What was handed over cannot be recalled: a peer that reads late still gets it.
#[derive(Clone)]
pub struct HttpWire {
    client: reqwest::Client,
}

impl HttpWire {
    /// Starts with the settings of a production wire.
    pub fn builder() -> HttpWireBuilder {
        HttpWireBuilder::new()
    }
}

impl fmt::Debug for HttpWire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The client's own `Debug` shows the proxy and default headers.
        f.debug_struct("HttpWire").finish_non_exhaustive()
    }
}

#[async_trait]
impl Wire for HttpWire {
    async fn send(&self, request: Request) -> Result<Answer, WireError> {
        check::sendable(&request)?;
        let answer_by = request.answer_by;
        // A timeout polls what it guards before it looks at the clock: too late must not even start.
        if Instant::now() >= answer_by {
            return Err(WireError::new(WireErrorKind::Timeout, Delivery::NeverSent));
        }
        let is_head = request.method == Method::HEAD;
        let at_most = request.max_answer_bytes;
        let (request, leash) = prepare(request);

        let head = timeout_at(answer_by, self.client.execute(request)).await;
        // From here on the body has started, or never will.
        let progress = leash.as_ref().map(Leash::end);
        let response = match head {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => return Err(failure(progress, Cause::Reqwest(error))),
            Err(_elapsed) => return Err(failure(progress, Cause::Deadline)),
        };
        // An answer that did not wait for the body is no answer to what the body asks for.
        if progress.is_some_and(|progress| progress != Progress::Started) {
            return Err(failure(progress, Cause::AnsweredEarly(response.status())));
        }
        reading::whole(response, is_head, at_most, answer_by).await
    }
}

/// The same request in reqwest's terms, and the leash on its body if it has one.
fn prepare(request: Request) -> (reqwest::Request, Option<Leash>) {
    let Request { method, url, headers, body, gate, .. } = request;
    let wants_length = matches!(method, Method::POST | Method::PUT | Method::PATCH);
    let mut prepared = reqwest::Request::new(method, url);
    *prepared.headers_mut() = headers;
    if body.is_empty() {
        if wants_length {
            // Without it some servers answer 411 to a POST that has no body.
            prepared.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        return (prepared, None);
    }
    let (body, leash) = leashed(body, gate);
    *prepared.body_mut() = Some(reqwest::Body::wrap(body));
    (prepared, Some(leash))
}

// Without a crypto provider there is no wire to test.
#[cfg(all(test, feature = "rustls"))]
mod tests {
    use std::{future::pending, time::Duration};

    use reqwest::dns::{Name, Resolve, Resolving};

    use super::*;
    use crate::{Gate, Operation, Url};

    /// Name resolution that never ends, as behind a network that drops its packets.
    struct Stalled;

    impl Resolve for Stalled {
        fn resolve(&self, _name: Name) -> Resolving {
            Box::pin(pending())
        }
    }

    #[tokio::test]
    async fn a_stalled_name_lookup_sent_nothing_whichever_limit_comes_first() {
        let brief = Duration::from_millis(50);
        let long = Duration::from_secs(10);
        for (connect, deadline, kind) in
            [(brief, long, WireErrorKind::Connect), (long, brief, WireErrorKind::Timeout)]
        {
            let wire = HttpWire::builder()
                .only_root_certificates([])
                .connect_timeout(connect)
                .resolver(Stalled)
                .build()
                .unwrap();
            let request = Request::new(
                Operation::new("test", "/"),
                Method::POST,
                Url::parse("http://vendor.test/").unwrap(),
                Instant::now() + deadline,
            )
            .json("{}")
            .gated(Gate::new(async { panic!("there is no connection to ask for") }));
            let error = wire.send(request).await.unwrap_err();
            assert_eq!((error.kind(), error.delivery()), (kind, Delivery::NeverSent));
        }
    }

    #[test]
    fn a_wire_and_what_it_makes_can_cross_threads() {
        fn crosses<T: Send + Sync + Clone>() {}
        fn moves<T: Send>(_: T) {}
        crosses::<HttpWire>();
        crosses::<HttpWireBuilder>();
        let wire = HttpWire::builder().only_root_certificates([]).build().unwrap();
        let url = Url::parse("http://vendor.test/").unwrap();
        let request = Request::new(Operation::new("test", "/"), Method::GET, url, Instant::now());
        moves(wire.send(request));
    }
}

//! The spans of this crate: one tree a call.
//!
//! Each is an allow-list. Ids, codes and the names of systems stand in them, and nothing else.

use std::fmt;

use tracing::{Span, field::Empty, info_span};

use crate::{AccessProvider, Cause};

/// A span of one call of the front door, with the ids that it is about, and after the semicolon those that may
/// be told later.
macro_rules! call {
    ($call:literal $(, $name:ident = $id:expr)* $(; $later:ident)?) => {
        tracing::info_span!(
            $call,
            $($name = tracing::field::display($crate::spans::Plain($id)),)*
            $($later = tracing::field::Empty,)?
            otel.status_code = tracing::field::Empty,
            "error.type" = tracing::field::Empty
        )
    };
}
pub(crate) use call;

/// A span of one call to what the host brings: its directory, its connections, its store.
pub(crate) fn host(call: &'static str) -> Span {
    info_span!("host", otel.name = call, otel.status_code = Empty, "error.type" = Empty)
}

/// A span of one call to a provider.
pub(crate) fn provider(call: &'static str, provider: &dyn AccessProvider) -> Span {
    info_span!(
        "provider",
        otel.name = call,
        system = provider.info().system.name.as_ref(),
        otel.status_code = Empty,
        "error.type" = Empty
    )
}

/// Records that it came to nothing, and why.
pub(crate) fn failed(span: &Span, cause: Cause) {
    span.record("error.type", cause.code());
    span.record("otel.status_code", "ERROR");
}

/// An id, if it is written as ids are. It comes from outside and may be anything, such as an e-mail.
pub(crate) struct Plain<T>(pub(crate) T);

impl<T: fmt::Display> fmt::Display for Plain<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = self.0.to_string();
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.:/".contains(c);
        f.write_str(if id.chars().all(is_plain) { &id } else { "***" })
    }
}

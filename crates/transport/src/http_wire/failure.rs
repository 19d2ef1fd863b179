use http::StatusCode;

use super::body::Progress;
use crate::{Delivery, WireError, WireErrorKind};

/// Why there is no answer's head, or none that counts.
pub(super) enum Cause {
    /// The attempt's deadline came.
    Deadline,
    /// The peer answered although the body had not started.
    AnsweredEarly(StatusCode),
    /// What reqwest says.
    Reqwest(reqwest::Error),
}

/// The one place where an attempt without an answer becomes an error, and where the URL is taken off.
///
/// `progress` is how far the body came; `None` for a request without one.
pub(super) fn failure(progress: Option<Progress>, cause: Cause) -> WireError {
    let unusable = matches!(&cause, Cause::Reqwest(error) if error.is_builder());
    let no_connection = matches!(&cause, Cause::Reqwest(error) if error.is_connect());
    let timed_out = match &cause {
        Cause::Deadline => true,
        Cause::AnsweredEarly(_) => false,
        Cause::Reqwest(error) => error.is_timeout(),
    };
    let never_sent = match progress {
        Some(progress) => progress != Progress::Started,
        // Without a body there is nothing to watch but the connection.
        None => no_connection || unusable,
    };
    let kind = if progress == Some(Progress::GateShut) {
        WireErrorKind::GateShut
    } else if unusable {
        WireErrorKind::Unusable
    } else if no_connection {
        // Before the next: a connect timeout is both.
        WireErrorKind::Connect
    } else if timed_out {
        WireErrorKind::Timeout
    } else {
        WireErrorKind::Broken
    };
    let delivery = if never_sent { Delivery::NeverSent } else { Delivery::MaybeSent };
    let error = WireError::new(kind, delivery);
    match cause {
        Cause::Deadline => error,
        Cause::AnsweredEarly(status) => error.with_early_status(status),
        Cause::Reqwest(source) => error.with_source(source.without_url()),
    }
}

//! The vendor's troubles in the words that residents and managers read.

use std::error::Error as _;

use elevate_access::{Cause, Error as AccessError, Reason, System};

use crate::{Error, ErrorKind};

/// How people call it, and where it is mended.
pub(super) const SYSTEM: System = System::new("Openpath", "the Openpath dashboard");

/// A reason that lies with Openpath.
pub(super) fn reason(cause: Cause) -> Reason {
    Reason::new(cause).in_system(&SYSTEM)
}

/// Why something could not be read.
pub(super) fn unread(error: Error) -> AccessError {
    because(cause_of(error.kind()), error)
}

/// An error of that cause, with what the client says of it underneath.
pub(super) fn because(cause: Cause, error: Error) -> AccessError {
    let mut reason = reason(cause).with_detail(&error.gist());
    if let Some(pause) = error.retry_after() {
        reason = reason.after(pause);
    }
    let operation = error.operation();
    AccessError::from(reason).in_call(operation).with_source(error)
}

fn cause_of(kind: ErrorKind) -> Cause {
    match kind {
        // A read has signed in anew before it says that the token was not accepted.
        ErrorKind::SignInRefused
        | ErrorKind::SecondFactorRefused
        | ErrorKind::SignInPaused
        | ErrorKind::Unauthorized => Cause::CredentialsRefused,
        ErrorKind::SignInContested => Cause::SignInContested,
        ErrorKind::StoreFailed => Cause::StoreFailed,
        ErrorKind::Forbidden => Cause::RightsMissing,
        ErrorKind::NotFound | ErrorKind::InvalidInput => Cause::SetupWrong,
        ErrorKind::Throttled => Cause::VendorBusy,
        ErrorKind::Rejected | ErrorKind::Server => Cause::VendorError,
        ErrorKind::Unreachable | ErrorKind::Withheld | ErrorKind::SignInPending => {
            Cause::VendorUnreachable
        }
        ErrorKind::UnexpectedStatus | ErrorKind::Undecodable | ErrorKind::Incomplete => {
            Cause::VendorReplyUnusable
        }
    }
}

/// Whether the vendor said that what was asked for is not there.
pub(super) fn is_gone(error: &AccessError) -> bool {
    let vendors = error.source().and_then(|source| source.downcast_ref::<Error>());
    vendors.is_some_and(|error| error.kind() == ErrorKind::NotFound)
}

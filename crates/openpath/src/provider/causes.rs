//! The vendor's troubles in the words that residents and managers read.

use std::{error::Error as _, time::Duration};

use elevate_access::{Cause, Context, Error as AccessError, Reason, System};
use tokio::time::{Instant, timeout_at};

use crate::{Error, ErrorKind};

/// What is kept of a question's time for telling what was found out by then.
const WAY_BACK: Duration = Duration::from_millis(200);

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

/// What a reading for a diagnosis or a check gives in the time there is. One that gives nothing must not
/// take along what the others gave.
pub(super) async fn in_time<T>(
    context: &Context,
    reading: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    timeout_at(by(context), reading).await.unwrap_or_else(|_| Err(Error::late()))
}

/// The same, for a reading that says why it failed in the words of access.
pub(super) async fn told_in_time<T>(
    context: &Context,
    reading: impl Future<Output = Result<T, AccessError>>,
) -> Result<T, AccessError> {
    let reading = async { Ok(reading.await) };
    in_time(context, reading).await.unwrap_or_else(|error| Err(unread(error)))
}

/// Until when a reading for a diagnosis or a check is waited for.
pub(super) fn by(context: &Context) -> Instant {
    context.until().checked_sub(WAY_BACK).unwrap_or_else(|| context.until())
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
        ErrorKind::AccountLocked => Cause::AccountLocked,
        ErrorKind::SignInPending => Cause::SigningIn,
        ErrorKind::SignInContested => Cause::SignInContested,
        ErrorKind::StoreFailed => Cause::StoreFailed,
        ErrorKind::Forbidden => Cause::RightsMissing,
        ErrorKind::NotFound | ErrorKind::InvalidInput => Cause::SetupWrong,
        ErrorKind::Throttled => Cause::VendorBusy,
        ErrorKind::Rejected | ErrorKind::Server => Cause::VendorError,
        ErrorKind::Unreachable | ErrorKind::Withheld => Cause::VendorUnreachable,
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

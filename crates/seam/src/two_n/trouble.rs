//! Seam's errors in the words of access.

use std::{error::Error as StdError, sync::Arc};

use elevate_access::{Cause, Error, Reason};
use elevate_transport::Delivery;

use super::Inner;
use crate::ErrorKind;

impl Inner {
    /// Why something that only reads could not be read, or an order not be sent.
    pub(super) fn trouble(&self, error: crate::Error) -> Error {
        let mut reason = self.reason(cause(&error)).with_detail(&error.gist());
        if let Some(pause) = error.retry_after() {
            reason = reason.after(pause);
        }
        Error::from(reason)
            .in_call(error.operation())
            .with_source(Arc::new(error) as Arc<dyn StdError + Send + Sync>)
    }

    /// Why an order that may have left cannot be called done.
    pub(super) fn order_trouble(&self, cause: Cause, error: &crate::Error) -> Reason {
        self.reason(cause).with_detail(&error.gist())
    }
}

fn cause(error: &crate::Error) -> Cause {
    match error.kind() {
        ErrorKind::NoAnswer => Cause::VendorUnreachable,
        ErrorKind::Withheld => Cause::TooSlow,
        ErrorKind::Unauthorized => Cause::CredentialsRefused,
        ErrorKind::Forbidden => Cause::RightsMissing,
        ErrorKind::RateLimited => Cause::VendorBusy,
        ErrorKind::Server => Cause::VendorError,
        // A call that Seam does not know, or that is moved elsewhere: the base URL is not Seam's.
        ErrorKind::NotFound if error.error_type().is_none() => Cause::SetupWrong,
        ErrorKind::Redirected => Cause::SetupWrong,
        ErrorKind::InvalidInput if error.delivery() == Delivery::NeverSent => Cause::SetupWrong,
        _ => Cause::VendorReplyUnusable,
    }
}

use async_trait::async_trait;

use crate::{Answer, Request, WireError};

/// Carries one request to one answer: the seam between this SDK and the network.
///
/// What every wire keeps, and what the clients above rely on:
///
/// - the request is put on the network **at most once**: no redirect is followed, nothing is replayed;
/// - a [gate](Request::gate) is awaited at the body's first poll; if it stays shut no byte of the body
///   leaves, the connection is dropped, and the error says [`Delivery::NeverSent`](crate::Delivery);
/// - an error says [`Delivery::NeverSent`](crate::Delivery) only if no byte of the body left, and once it
///   has been said, or the future dropped, none leaves any more;
/// - what a peer says before the body has started is no answer, but such an error, with the
///   [status](crate::WireError::with_early_status);
/// - nothing outlasts [`Request::answer_by`];
/// - a body is bounded by [`Request::max_answer_bytes`], counted on the bytes as they come.
#[async_trait]
pub trait Wire: Send + Sync + std::fmt::Debug {
    /// Sends the request and waits for the whole answer.
    ///
    /// # Errors
    /// Whenever there is no whole answer within bounds; any status at all, once read whole, is an
    /// [`Answer`].
    async fn send(&self, request: Request) -> Result<Answer, WireError>;
}

//! One HTTP attempt with a deadline, a gate before the body, and the question whether to try again.

mod answer;
mod error;
mod gate;
mod request;
mod wire;

pub use answer::Answer;
pub use bytes::Bytes;
pub use error::{Delivery, WireError, WireErrorKind};
pub use gate::Gate;
pub use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
pub use request::{Operation, Request};
pub use tokio::time::Instant;
pub use url::Url;
pub use wire::Wire;

#![cfg_attr(feature = "rustls", doc = include_str!("../README.md"))]
#![cfg_attr(not(feature = "rustls"), doc = "One HTTP request, carried to one answer.")]

mod answer;
mod caller;
mod decode;
mod error;
mod gate;
#[cfg(any(feature = "rustls", feature = "rustls-no-provider"))]
mod http_wire;
mod request;
mod scrub;
mod wire;

pub use answer::Answer;
pub use bytes::Bytes;
pub use caller::Caller;
pub use decode::{DecodeError, DecodeErrorKind, decode};
pub use error::{Delivery, WireError, WireErrorKind};
pub use gate::Gate;
pub use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
#[cfg(any(feature = "rustls", feature = "rustls-no-provider"))]
pub use http_wire::{HttpWire, HttpWireBuilder};
pub use request::{Operation, Request};
pub use scrub::{Scrubber, mask_email};
pub use tokio::time::Instant;
pub use url::Url;
pub use wire::Wire;

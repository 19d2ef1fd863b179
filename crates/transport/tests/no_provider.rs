//! A host that brings its own crypto provider:
//! `cargo test -p elevate-transport --no-default-features --features rustls-no-provider`.

#![cfg(not(feature = "rustls"))]

use elevate_transport::{HttpWire, WireErrorKind};
use tokio_rustls::rustls::crypto::aws_lc_rs;

#[test]
fn without_a_provider_there_is_a_typed_error_and_with_one_a_wire() {
    let builder = HttpWire::builder().only_root_certificates([]);
    let error = builder.clone().build().unwrap_err();
    assert_eq!(error.kind(), WireErrorKind::Unusable);
    assert_eq!(error.detail(), Some("no rustls crypto provider is installed"));

    aws_lc_rs::default_provider().install_default().unwrap();
    assert!(builder.build().is_ok());
}

//! What can be set, and what the surroundings cannot change.

use std::process::Command;

use super::{
    peer::{Connection, Peer},
    tls::Tls,
    *,
};

/// Whether this process is the one that the test of that name started with those variables. If it is
/// not, starts it, and passes on its failure.
fn in_a_process_with(test: &str, variables: &[(&str, &str)]) -> bool {
    const MARK: &str = "ELEVATE_TRANSPORT_TEST_CHILD";
    if std::env::var_os(MARK).is_some_and(|child| child == test) {
        return true;
    }
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(MARK, test)
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stdout);
    assert!(child.status.success() && said.contains("1 passed"), "{said}");
    false
}

fn detail(built: Result<HttpWire, WireError>) -> &'static str {
    let error = built.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (WireErrorKind::Unusable, Delivery::NeverSent));
    assert_silent(&error);
    error.detail().unwrap()
}

fn builder() -> elevate_transport::HttpWireBuilder {
    HttpWire::builder().only_root_certificates([])
}

#[test]
fn a_setting_that_cannot_be_used_is_named() {
    let secret = format!("socks5://u:{CANARY}@localhost");
    for (built, field) in [
        (builder().connect_timeout(Duration::ZERO).build(), "connect_timeout"),
        (builder().user_agent("two\nlines").build(), "user_agent"),
        (builder().proxy(Url::parse(&secret).unwrap()).build(), "proxy"),
        (builder().root_certificate_pem(CANARY.into()).build(), "root_certificate_pem"),
        (
            HttpWire::builder().only_root_certificates([Vec::new()]).build(),
            "only_root_certificates",
        ),
    ] {
        let detail = detail(built);
        assert!(detail.starts_with(field), "{detail}");
    }
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    assert!(detail(builder().root_certificate_pem(broken.into()).build()).contains("certificate"));
}

#[test]
fn without_system_certificates_there_is_a_typed_error_and_a_way_out() {
    let nowhere = [("SSL_CERT_FILE", "/nonexistent/file"), ("SSL_CERT_DIR", "/nonexistent")];
    let test = "settings::without_system_certificates_there_is_a_typed_error_and_a_way_out";
    if in_a_process_with(test, &nowhere) {
        assert!(detail(HttpWire::builder().build()).contains("no system certificates"));
        assert!(builder().build().is_ok());
        let authority = Tls::offering(&[]).authority;
        assert!(HttpWire::builder().root_certificate_pem(authority).build().is_ok());
    }
}

#[test]
fn a_proxy_of_the_environment_is_ignored() {
    // Nothing listens there, so a request that went to it would fail.
    let proxy = "http://127.0.0.1:9";
    let variables = [("HTTP_PROXY", proxy), ("http_proxy", proxy), ("ALL_PROXY", proxy)];
    if in_a_process_with("settings::a_proxy_of_the_environment_is_ignored", &variables) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let peer = Peer::start(|connection| connection.serve(200)).await;
            send(&wire(), request(url("http", peer.address), AMPLE)).await.unwrap();
            assert_eq!(peer.ledger.bodies(), 1);
        });
    }
}

#[tokio::test]
async fn a_proxy_that_was_set_is_used_with_its_credentials() {
    let proxy = Peer::start(|connection| connection.serve(200)).await;
    let address = Url::parse(&format!("http://u:{CANARY}@{}", proxy.address)).unwrap();
    let builder = builder().proxy(address);
    assert!(!format!("{builder:?}").contains(CANARY));
    let wire = builder.build().unwrap();
    assert!(!format!("{wire:?}").contains(CANARY));
    let there = Url::parse("http://vendor.invalid/doors").unwrap();
    send(&wire, request(there, AMPLE)).await.unwrap();
    let head = &proxy.ledger.heads()[0];
    assert!(head.starts_with("post http://vendor.invalid/doors http/1.1\r\n"), "{head}");
    assert!(head.contains("\r\nproxy-authorization: basic "), "{head}");
}

#[tokio::test]
async fn an_extra_authority_is_trusted_for_its_own_names_only() {
    let tls = Tls::offering(&["http/1.1"]);
    let acceptor = tls.acceptor.clone();
    let peer = Peer::start(move |connection| {
        let acceptor = acceptor.clone();
        async move {
            let Connection { stream, unread, ledger, nth } = connection;
            if let Ok(stream) = acceptor.accept(stream).await {
                Connection { stream, unread, ledger, nth }.serve(200).await;
            }
        }
    })
    .await;
    let wire = builder().root_certificate_pem(tls.authority).build().unwrap();
    send(&wire, request(url("https", peer.address), AMPLE)).await.unwrap();
    assert_eq!(peer.ledger.bodies(), 1);

    let mut by_number = url("https", peer.address);
    by_number.set_host(Some("127.0.0.1")).unwrap();
    let (order, asked) = order(by_number, AMPLE);
    assert_eq!(fail(&wire, order).await, (WireErrorKind::Connect, Delivery::NeverSent));
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn what_goes_out_is_what_was_asked_for() {
    let peer = Peer::start(|connection| connection.serve(200)).await;
    let wire = builder().user_agent("elevate-test/1").build().unwrap();
    send(&wire, order(url("http", peer.address), AMPLE).0).await.unwrap();
    let mut bare = request(url("http", peer.address), AMPLE);
    bare.body = elevate_transport::Bytes::new();
    send(&wire, bare).await.unwrap();
    let heads = peer.ledger.heads();
    let port = peer.address.port();
    assert_eq!(
        heads[0],
        format!(
            "post /doors/{CANARY}?key={CANARY} http/1.1\r\nauthorization: {CANARY}\r\n\
             content-type: application/json\r\naccept: */*\r\nuser-agent: elevate-test/1\r\n\
             host: localhost:{port}\r\ncontent-length: 21\r\n\r\n"
        )
    );
    assert!(heads[1].contains("\r\ncontent-length: 0\r\n"), "{}", heads[1]);
}

#[tokio::test]
async fn what_must_not_be_sent_is_refused_before_any_io() {
    let peer = Peer::start(|connection| connection.serve(200)).await;
    let good = url("http", peer.address);
    let mut with_password = good.clone();
    with_password.set_password(Some(CANARY)).unwrap();
    let mut with_user = good.clone();
    with_user.set_username(CANARY).unwrap();
    let mut refused = vec![
        request(with_password, AMPLE),
        request(with_user, AMPLE),
        request(Url::parse(&format!("ftp://localhost/{CANARY}")).unwrap(), AMPLE),
        request(Url::parse(&format!("file:///{CANARY}")).unwrap(), AMPLE),
        request(good.clone(), AMPLE).header(header::CONTENT_LENGTH, "9999".parse().unwrap()),
        request(good.clone(), AMPLE).header(header::TRANSFER_ENCODING, "chunked".parse().unwrap()),
        request(good.clone(), AMPLE).header(header::EXPECT, "100-continue".parse().unwrap()),
    ];
    let mut connect = request(good, AMPLE);
    connect.method = Method::CONNECT;
    refused.push(connect);
    for request in refused {
        assert_eq!(fail(&wire(), request).await, (WireErrorKind::Unusable, Delivery::NeverSent));
    }
    assert_eq!(peer.ledger.connections(), 0);
}

#[tokio::test]
async fn cookies_are_not_kept() {
    let peer = Peer::start(|mut connection| async move {
        while connection.request().await.is_some() {
            connection.answer(200, "Set-Cookie: a=b\r\n").await;
        }
    })
    .await;
    let wire = wire();
    for _ in 0..2 {
        send(&wire, read(url("http", peer.address), AMPLE)).await.unwrap();
    }
    assert!(peer.ledger.heads().iter().all(|head| !head.contains("cookie")));
}

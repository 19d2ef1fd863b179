//! Another crate of the host may compile HTTP/2 in, as these tests do. Its connections can turn a
//! request down in ways that clients take for leave to send it again, whatever the method.

use std::sync::Mutex;

use tokio::{io::AsyncReadExt as _, net::TcpStream};
use tokio_rustls::server::TlsStream;

use super::{
    peer::{Connection, Peer},
    tls::Tls,
    *,
};

/// How the peer turns a request down after it has read it whole.
#[derive(Clone, Copy, Debug)]
enum Fault {
    /// `RST_STREAM` with `REFUSED_STREAM`: "this was not processed".
    RefusedStream,
    /// `GOAWAY` with `NO_ERROR` and no stream: "nothing was processed; use another connection".
    GoAway,
}

/// A peer over TLS that prefers HTTP/2, reads each request whole, and breaks off; and the protocols
/// that were agreed on.
async fn breaking_off(tls: &Tls, fault: Fault) -> (Peer, Arc<Mutex<Vec<String>>>) {
    let agreed = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&agreed);
    let acceptor = tls.acceptor.clone();
    let peer = Peer::start(move |connection| {
        let (acceptor, agreed) = (acceptor.clone(), Arc::clone(&kept));
        async move {
            let Connection { stream, unread, ledger, nth } = connection;
            let stream = acceptor.accept(stream).await.unwrap();
            let protocol = stream.get_ref().1.alpn_protocol().unwrap_or(b"none");
            let protocol = String::from_utf8_lossy(protocol).into_owned();
            agreed.lock().unwrap().push(protocol.clone());
            let mut connection = Connection { stream, unread, ledger, nth };
            if protocol == "h2" {
                let _ = over_http2(connection, fault).await;
            } else {
                connection.request().await;
            }
        }
    })
    .await;
    (peer, agreed)
}

const DATA: u8 = 0;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;
const END_STREAM: u8 = 1;
const ACK: u8 = 1;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes()[..], payload].concat()
}

/// As much of a server of HTTP/2 as it takes to count bodies and to turn requests down.
async fn over_http2(
    mut connection: Connection<TlsStream<TcpStream>>,
    fault: Fault,
) -> std::io::Result<()> {
    let mut preface = [0; 24];
    connection.stream.read_exact(&mut preface).await?;
    connection.say(frame(SETTINGS, 0, 0, &[])).await?;
    loop {
        let mut head = [0; 9];
        connection.stream.read_exact(&mut head).await?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let stream = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
        let mut payload = vec![0; length as usize];
        connection.stream.read_exact(&mut payload).await?;
        match (head[3], head[4]) {
            (SETTINGS, flags) if flags & ACK == 0 => {
                connection.say(frame(SETTINGS, ACK, 0, &[])).await?;
            }
            (DATA, flags) if flags & END_STREAM != 0 => {
                connection.ledger.bodies.fetch_add(1, Ordering::SeqCst);
                match fault {
                    Fault::RefusedStream => {
                        connection.say(frame(RST_STREAM, 0, stream, &7_u32.to_be_bytes())).await?;
                    }
                    Fault::GoAway => {
                        connection.say(frame(GOAWAY, 0, 0, &[0; 8])).await?;
                        return Ok(());
                    }
                }
            }
            _ => {}
        }
    }
}

#[tokio::test]
async fn no_replay_with_http2_compiled_in() {
    let tls = Tls::offering(&["h2", "http/1.1"]);
    let wire = HttpWire::builder().only_root_certificates([tls.authority.clone()]).build().unwrap();
    for fault in [Fault::RefusedStream, Fault::GoAway] {
        let (peer, agreed) = breaking_off(&tls, fault).await;
        let (order, asked) = order(url("https", peer.address), AMPLE);
        assert_eq!(fail(&wire, order).await, (WireErrorKind::Broken, Delivery::MaybeSent));
        assert_eq!(asked.load(Ordering::SeqCst), 1);
        assert_eq!((peer.ledger.bodies(), peer.ledger.connections()), (1, 1), "{fault:?}");
        assert_eq!(*agreed.lock().unwrap(), ["http/1.1"], "{fault:?}");
    }
}

/// Shows that the test above can fail: the same peers, and a client with default settings.
#[tokio::test]
async fn the_same_peers_get_replays_from_a_client_with_default_settings() {
    let tls = Tls::offering(&["h2", "http/1.1"]);
    let authority = reqwest::Certificate::from_pem(&tls.authority).unwrap();
    let client = reqwest::Client::builder().tls_certs_only([authority]).build().unwrap();
    for fault in [Fault::RefusedStream, Fault::GoAway] {
        let (peer, agreed) = breaking_off(&tls, fault).await;
        client.post(url("https", peer.address)).body("{}").send().await.unwrap_err();
        assert_eq!(peer.ledger.bodies(), 3, "{fault:?}");
        assert!(agreed.lock().unwrap().iter().all(|protocol| protocol == "h2"));
    }
}

//! A TCP peer that does what a test says, and a ledger of what reached it.

use std::{
    future::Future,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// What reached a peer.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    pub(crate) connections: AtomicUsize,
    /// Heads of requests, as they came.
    pub(crate) heads: Mutex<Vec<String>>,
    /// Bytes that came after a head.
    pub(crate) body_bytes: AtomicUsize,
    /// Bodies that came whole.
    pub(crate) bodies: AtomicUsize,
    /// Connections that the other side has ended.
    ended: watch::Sender<usize>,
}

impl Ledger {
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    pub(crate) fn bodies(&self) -> usize {
        self.bodies.load(Ordering::SeqCst)
    }

    pub(crate) fn body_bytes(&self) -> usize {
        self.body_bytes.load(Ordering::SeqCst)
    }

    pub(crate) fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }

    /// Waits until that many connections were read to their end.
    pub(crate) async fn ended(&self, connections: usize) {
        self.ended.subscribe().wait_for(|ended| *ended >= connections).await.unwrap();
    }
}

/// A listening peer; it ends with its runtime.
pub(crate) struct Peer {
    pub(crate) address: SocketAddr,
    pub(crate) ledger: Arc<Ledger>,
}

impl Peer {
    /// Runs the script on each connection.
    pub(crate) async fn start<F, Done>(script: F) -> Self
    where
        F: Fn(Connection<TcpStream>) -> Done + Send + Sync + 'static,
        Done: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let ledger = Arc::new(Ledger::default());
        let kept = Arc::clone(&ledger);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let nth = kept.connections.fetch_add(1, Ordering::SeqCst);
                let ledger = Arc::clone(&kept);
                tokio::spawn(script(Connection { stream, unread: Vec::new(), ledger, nth }));
            }
        });
        Self { address, ledger }
    }
}

/// One connection, from the peer's side.
pub(crate) struct Connection<S> {
    pub(crate) stream: S,
    pub(crate) unread: Vec<u8>,
    pub(crate) ledger: Arc<Ledger>,
    /// 0 for the first connection that the peer accepted.
    pub(crate) nth: usize,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    async fn more(&mut self) -> bool {
        self.stream.read_buf(&mut self.unread).await.is_ok_and(|read| read > 0)
    }

    /// Reads the head of the next request, if one comes.
    pub(crate) async fn head(&mut self) -> Option<String> {
        loop {
            if let Some(end) = self.unread.windows(4).position(|four| four == b"\r\n\r\n") {
                let head: Vec<u8> = self.unread.drain(..end + 4).collect();
                let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
                self.ledger.heads.lock().unwrap().push(head.clone());
                return Some(head);
            }
            if !self.more().await {
                return None;
            }
        }
    }

    /// Reads the next request whole.
    pub(crate) async fn request(&mut self) -> Option<()> {
        let head = self.head().await?;
        let length = head
            .split("content-length: ")
            .nth(1)
            .map_or(0, |rest| rest.split("\r\n").next().unwrap().parse().unwrap());
        while self.unread.len() < length {
            if !self.more().await {
                self.ledger.body_bytes.fetch_add(self.unread.len(), Ordering::SeqCst);
                return None;
            }
        }
        self.unread.drain(..length);
        self.ledger.body_bytes.fetch_add(length, Ordering::SeqCst);
        self.ledger.bodies.fetch_add(usize::from(length > 0), Ordering::SeqCst);
        Some(())
    }

    pub(crate) async fn say(&mut self, bytes: impl AsRef<[u8]>) -> std::io::Result<()> {
        self.stream.write_all(bytes.as_ref()).await?;
        self.stream.flush().await
    }

    /// Answers with a body of JSON.
    pub(crate) async fn answer(&mut self, status: u16, more_headers: &str) {
        let answer = format!(
            "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\
             {more_headers}\r\n{{}}"
        );
        let _ = self.say(answer).await;
    }

    /// Answers every request with that status.
    pub(crate) async fn serve(mut self, status: u16) {
        while self.request().await.is_some() {
            self.answer(status, "").await;
        }
    }

    /// Reads to the end whatever comes, as body, and notes that the end has come.
    pub(crate) async fn drain(mut self) {
        while self.more().await {}
        self.ledger.body_bytes.fetch_add(self.unread.len(), Ordering::SeqCst);
        self.ledger.ended.send_modify(|ended| *ended += 1);
    }
}

impl Connection<TcpStream> {
    /// Ends the connection with an RST.
    pub(crate) fn reset(self) {
        self.stream.set_zero_linger().unwrap();
    }
}

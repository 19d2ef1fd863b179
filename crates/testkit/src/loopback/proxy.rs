//! The proxy's thread: it listens, and lets every client be served.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use tokio::{
    net::{TcpListener, TcpSocket},
    runtime,
    sync::{mpsc, oneshot},
    task::JoinSet,
    time::sleep,
};

use super::connection::{Strike, serve};

/// A proxy on its own thread and runtime. It starts down, and stops when it is dropped.
pub(super) struct Proxy {
    address: SocketAddr,
    open: Arc<Open>,
    /// `None` only while it is being dropped.
    orders: Option<mpsc::UnboundedSender<Order>>,
    thread: Option<JoinHandle<()>>,
}

/// How many clients are connected.
#[derive(Default)]
struct Open {
    now: AtomicUsize,
    most: AtomicUsize,
}

/// One of them, while it is.
struct Client(Arc<Open>);

impl Client {
    fn new(open: &Arc<Open>) -> Self {
        let now = open.now.fetch_add(1, Ordering::Relaxed) + 1;
        open.most.fetch_max(now, Ordering::Relaxed);
        Self(Arc::clone(open))
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.0.now.fetch_sub(1, Ordering::Relaxed);
    }
}

enum Order {
    Up(oneshot::Sender<io::Result<()>>),
    Down(oneshot::Sender<io::Result<()>>),
}

impl Proxy {
    pub(super) fn start(server: SocketAddr, strike: Strike) -> io::Result<Self> {
        let socket = reserve((Ipv4Addr::LOCALHOST, 0).into())?;
        let address = socket.local_addr()?;
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        let (orders, received) = mpsc::unbounded_channel();
        let (open, reserved) = (Arc::<Open>::default(), Some(socket));
        let counted = Arc::clone(&open);
        let front = Front { address, listener: None, reserved, server, strike, open: counted };
        let thread = thread::Builder::new()
            .name("fault-proxy".into())
            .spawn(move || runtime.block_on(front.run(received)))?;
        Ok(Self { address, open, orders: Some(orders), thread: Some(thread) })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many clients are connected, and how many were at most.
    pub(super) fn connections(&self) -> (usize, usize) {
        (self.open.now.load(Ordering::Relaxed), self.open.most.load(Ordering::Relaxed))
    }

    pub(super) async fn up(&self) -> io::Result<()> {
        self.order(Order::Up).await
    }

    pub(super) async fn down(&self) -> io::Result<()> {
        self.order(Order::Down).await
    }

    async fn order(&self, order: fn(oneshot::Sender<io::Result<()>>) -> Order) -> io::Result<()> {
        let (done, wait) = oneshot::channel();
        let sent = self.orders.as_ref().is_some_and(|orders| orders.send(order(done)).is_ok());
        match wait.await {
            Ok(result) if sent => result,
            _ => Err(io::Error::other("the proxy is gone")),
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.orders = None;
        if let Some(thread) = self.thread.take() {
            // If it panicked it said so already.
            let _ = thread.join();
        }
    }
}

/// The listening side of the proxy.
struct Front {
    address: SocketAddr,
    /// There while the proxy is up.
    listener: Option<TcpListener>,
    /// There while it is down: bound, so that nobody else gets the port, but not listening.
    reserved: Option<TcpSocket>,
    server: SocketAddr,
    strike: Strike,
    open: Arc<Open>,
}

impl Front {
    /// Runs until nobody can give orders any more. What still runs then ends with the runtime.
    async fn run(mut self, mut orders: mpsc::UnboundedReceiver<Order>) {
        let mut clients = JoinSet::new();
        loop {
            tokio::select! { biased;
                order = orders.recv() => match order {
                    None => return,
                    Some(Order::Up(done)) => {
                        let _ = done.send(self.up());
                    }
                    Some(Order::Down(done)) => {
                        self.down();
                        clients.shutdown().await;
                        let _ = done.send(Ok(()));
                    }
                },
                Some(accepted) = accept(self.listener.as_ref()) => match accepted {
                    Ok((client, _)) => {
                        let (open, serving) =
                            (Client::new(&self.open), serve(client, self.server, self.strike.clone()));
                        clients.spawn(async move {
                            serving.await;
                            drop(open);
                        });
                    }
                    // Out of sockets, most likely: some will be free again.
                    Err(_) => sleep(Duration::from_millis(10)).await,
                },
                Some(_) = clients.join_next() => {}
            }
        }
    }

    fn up(&mut self) -> io::Result<()> {
        if self.listener.is_none() {
            let reserved = self.reserved.take().map_or_else(|| reserve(self.address), Ok)?;
            self.listener = Some(reserved.listen(1024)?);
        }
        Ok(())
    }

    fn down(&mut self) {
        if self.listener.take().is_some() {
            // If somebody else was faster, `up` tries again and says so.
            self.reserved = reserve(self.address).ok();
        }
    }
}

async fn accept(
    listener: Option<&TcpListener>,
) -> Option<io::Result<(tokio::net::TcpStream, SocketAddr)>> {
    Some(listener?.accept().await)
}

/// A socket that holds that port and refuses connections to it.
fn reserve(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    // Connections of before still count as using the port for a while.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

//! The wire of real sockets: a vendor on loopback, behind a proxy that makes things go wrong.

mod connection;
mod peer;
mod proxy;
mod stand_in;

use std::{fmt, io, sync::Arc};

use elevate_transport::Url;
use wiremock::{Mock, MockServer, matchers::any};

use crate::{Model, TestClock, Vendor};
use proxy::Proxy;
use stand_in::StandIn;

/// A [`Vendor`] served on a port of 127.0.0.1, for real clients and in real time.
///
/// The model is served by wiremock. In front of it, at [`base_url`](Self::base_url), stands a proxy that
/// acts out the vendor's [`Faults`](crate::Faults) on real sockets. Both live on threads of their own and
/// in real time, whatever the test's runtime does; so never pause its clock, for a paused clock runs ahead
/// of real sockets. Nothing is sent to any other machine.
///
/// Dropping it ends every exchange and every wait, and closes the port. The drop waits for the proxy's
/// thread to be gone.
///
/// # What a fault looks like
/// The proxy reads each request to its end, asks the faults about it once, and then:
///
/// | fault | before | after |
/// | --- | --- | --- |
/// | none | the vendor's answer | |
/// | [`Refuse`] | reset; the vendor sees nothing | the same |
/// | [`SlowConnect`] | waits, then the vendor's answer | the same |
/// | [`Reset`] | reset; the vendor sees nothing | the vendor acts, then reset |
/// | [`Stall`] | silence; the vendor sees nothing | the vendor acts, then silence |
/// | [`Trickle`] | head of an empty 200, the gap, the end | head, then the body a byte a gap |
/// | [`Cut`] | head of a 200, then closed where a byte should come | head, half of the body, closed |
/// | [`Instead`] | that reply; the vendor sees nothing | the vendor acts, then that reply |
///
/// An answer without a body, such as a 204, has nothing to trickle or cut but its head: it comes whole
/// after one gap, or breaks off in the middle of the head. In memory the client has its status then; here
/// it does not.
///
/// # Where it differs from [`MemoryWire`](crate::MemoryWire)
/// - A fault is chosen for a request, and a request is read only from a connection that is up. So
///   [`Refuse`] and [`SlowConnect`] come too late: the body has started, its gate was asked, and what the
///   client can say is that it may have been sent. For connections that really are refused, and for an
///   order whose connection dies while its gate is still being asked, there is [`down`](Self::down).
/// - A request whose gate stays shut never arrives whole, so it uses up no fault; in memory it does.
/// - A client that gives up while [`SlowConnect`] lasts is served all the same, late: its request lies in
///   the socket and is read from there.
/// - The vendor also receives the headers that HTTP and the client add (`host`, `content-length`,
///   `user-agent`, `accept`), and its answers also carry `content-length` and a `date` by the test's clock.
/// - [`Vendor::started`] stays empty: nothing here sees when a client starts a body.
///
/// A request must be HTTP/1.1 with a `Content-Length` if it has a body (at most 16 MiB; the head at most
/// 64 KiB). Others are answered 400 by the proxy, unseen by the vendor.
///
/// ```
/// # use elevate_access_testkit::{Ledger, Loopback, Model, Received, Reply, TestClock, Vendor};
/// # struct Deaf(Ledger);
/// # impl Model for Deaf {
/// #     fn answer(&mut self, _: &Received, _: jiff::Timestamp) -> Reply { Reply::empty(204) }
/// #     fn ledger(&self) -> &Ledger { &self.0 }
/// # }
/// # async fn story() -> std::io::Result<()> {
/// # let model = Deaf(Ledger::new());
/// let vendor = Vendor::new(model);
/// let loopback = Loopback::start(vendor.clone(), TestClock::new()).await?;
/// let base_url = loopback.base_url(); // such as http://127.0.0.1:40731/
/// # let _ = base_url;
/// # Ok(())
/// # }
/// ```
///
/// [`Refuse`]: crate::FaultKind::Refuse
/// [`SlowConnect`]: crate::FaultKind::SlowConnect
/// [`Reset`]: crate::FaultKind::Reset
/// [`Stall`]: crate::FaultKind::Stall
/// [`Trickle`]: crate::FaultKind::Trickle
/// [`Cut`]: crate::FaultKind::Cut
/// [`Instead`]: crate::FaultKind::Instead
pub struct Loopback {
    // The proxy goes first: nothing may reach for a server that is gone.
    proxy: Proxy,
    base_url: Url,
    _server: MockServer,
}

impl Loopback {
    /// Serves that vendor on a free port. The model is told the time by `clock`.
    ///
    /// # Errors
    /// When no port, thread or runtime is to be had.
    pub async fn start<M: Model>(vendor: Vendor<M>, clock: TestClock) -> io::Result<Self> {
        let server = MockServer::builder().disable_request_recording().start().await;
        let stand_in = StandIn::new(vendor.clone(), clock);
        Mock::given(any()).respond_with(stand_in).mount(&server).await;
        let strike = Arc::new(move |request: &_| vendor.strike(request));
        let proxy = Proxy::start(*server.address(), strike)?;
        proxy.up().await?;
        let base_url = format!("http://{}", proxy.address());
        let base_url = Url::parse(&base_url).map_err(io::Error::other)?;
        Ok(Self { proxy, base_url, _server: server })
    }

    /// Where clients find the vendor.
    pub fn base_url(&self) -> Url {
        self.base_url.clone()
    }

    /// How many connections of clients are open now.
    pub fn connections(&self) -> usize {
        self.proxy.connections().0
    }

    /// How many were open at most, all at the same time.
    pub fn most_connections(&self) -> usize {
        self.proxy.connections().1
    }

    /// Takes the vendor off the network: once this returns, every connection is closed, in mid-exchange
    /// too, and new ones are refused. The port is kept, so that the system gives it to nobody else.
    ///
    /// # Errors
    /// When the proxy is no longer there to be told.
    pub async fn down(&self) -> io::Result<()> {
        self.proxy.down().await
    }

    /// Puts the vendor back on the network, at the same port.
    ///
    /// # Errors
    /// When the port cannot be listened on.
    pub async fn up(&self) -> io::Result<()> {
        self.proxy.up().await
    }
}

impl fmt::Debug for Loopback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loopback")
            .field("base_url", &self.base_url.as_str())
            .finish_non_exhaustive()
    }
}

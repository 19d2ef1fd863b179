use std::{fmt, time::Duration};

use http::HeaderValue;
use reqwest::{Certificate, ClientBuilder, Proxy, redirect, retry};
use url::Url;

use super::HttpWire;
use crate::{Delivery, WireError, WireErrorKind};

/// Settings of an [`HttpWire`]; [`build`](Self::build) checks them.
///
/// ```no_run
/// use std::time::Duration;
/// use elevate_transport::HttpWire;
///
/// # fn main() -> Result<(), elevate_transport::WireError> {
/// let wire = HttpWire::builder()
///     .connect_timeout(Duration::from_secs(2))
///     .only_root_certificates([]) // plain http only, such as a stand-in on loopback
///     .build()?;
/// # let _ = wire;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct HttpWireBuilder {
    connect_timeout: Duration,
    idle_timeout: Duration,
    user_agent: String,
    proxy: Option<Url>,
    extra_roots: Vec<Vec<u8>>,
    only_roots: Option<Vec<Vec<u8>>>,
    #[cfg(all(test, feature = "rustls"))]
    resolver: Option<std::sync::Arc<dyn reqwest::dns::Resolve>>,
}

/// What the kernel may hold back unacknowledged before it drops the connection, and with it what would
/// otherwise still be delivered late. Below the 12 s that an unlock's answer is awaited.
#[cfg(any(target_os = "android", target_os = "fuchsia", target_os = "linux"))]
const UNACKNOWLEDGED: Duration = Duration::from_secs(5);

/// The most connections to one host that lie unused. In a burst more come up than are in flight: a request takes one
/// that is freed while its own is still being made.
const IDLE_AT_ONCE: usize = 32;

impl HttpWireBuilder {
    pub(super) fn new() -> Self {
        Self {
            connect_timeout: Duration::from_secs(3),
            idle_timeout: Duration::from_secs(3),
            user_agent: concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")).to_owned(),
            proxy: None,
            extra_roots: Vec::new(),
            only_roots: None,
            #[cfg(all(test, feature = "rustls"))]
            resolver: None,
        }
    }

    /// How long a connection may take to come up: name, TCP, proxy and TLS together. 3 s by default.
    /// On Linux and Android the TCP part is given up after 5 s in any case.
    ///
    /// Keep it below the deadlines of the requests, so that a peer that cannot be reached is told from
    /// one that does not answer.
    pub fn connect_timeout(mut self, at_most: Duration) -> Self {
        self.connect_timeout = at_most;
        self
    }

    /// How long a connection may lie unused and still be used again. 3 s by default; zero opens a fresh
    /// one for each request.
    ///
    /// Keep it below the peer's own limit, which is rarely under 5 s. A peer that closes an idle
    /// connection at the moment of a tap leaves an order of which nobody can say whether it was sent:
    /// in a quiet building, where taps are minutes apart, a longer limit here makes that happen.
    pub fn idle_timeout(mut self, at_most: Duration) -> Self {
        self.idle_timeout = at_most;
        self
    }

    /// Sends everything through that `http` or `https` proxy; credentials in its URL are used and never
    /// shown. Without this, no proxy is used: those named by the environment are ignored.
    pub fn proxy(mut self, proxy: Url) -> Self {
        self.proxy = Some(proxy);
        self
    }

    /// Trusts these certificates (PEM, one or more) besides the system's.
    pub fn root_certificate_pem(mut self, pem: Vec<u8>) -> Self {
        self.extra_roots.push(pem);
        self
    }

    /// Trusts these certificates (PEM) *instead of* the system's, which are then not even looked for.
    ///
    /// For stand-ins, and for hosts that pin. With an empty list nothing is trusted and only plain
    /// `http` works.
    pub fn only_root_certificates(mut self, pems: impl IntoIterator<Item = Vec<u8>>) -> Self {
        self.only_roots = Some(pems.into_iter().collect());
        self
    }

    /// The `User-Agent` header; this crate's name and version by default.
    pub fn user_agent(mut self, value: impl Into<String>) -> Self {
        self.user_agent = value.into();
        self
    }

    /// Builds the wire. It connects to nothing yet.
    ///
    /// # Errors
    /// [`WireErrorKind::Unusable`] with a [detail](WireError::detail) that names the setting, or says
    /// that there are no system certificates, or no crypto provider (feature `rustls-no-provider`).
    pub fn build(self) -> Result<HttpWire, WireError> {
        if !provider_is_there() {
            return Err(unusable("no rustls crypto provider is installed"));
        }
        if self.connect_timeout.is_zero() {
            return Err(unusable("connect_timeout is zero"));
        }
        let user_agent = HeaderValue::from_str(&self.user_agent)
            .map_err(|_| unusable("user_agent is no header value"))?;
        let mut client = fixed()
            .connect_timeout(self.connect_timeout)
            .user_agent(user_agent)
            .pool_idle_timeout(self.idle_timeout)
            .pool_max_idle_per_host(if self.idle_timeout.is_zero() { 0 } else { IDLE_AT_ONCE });
        client = match self.proxy {
            None => client.no_proxy(),
            Some(url) => client.proxy(proxy(url)?),
        };
        let extra = certificates(&self.extra_roots, "root_certificate_pem holds no certificate")?;
        client = match self.only_roots {
            None if extra.is_empty() => client,
            None => client.tls_certs_merge(extra),
            Some(pems) => {
                let mut only = certificates(&pems, "only_root_certificates holds no certificate")?;
                only.extend(extra);
                client.tls_certs_only(only)
            }
        };
        #[cfg(all(test, feature = "rustls"))]
        if let Some(resolver) = self.resolver {
            client = client.dns_resolver(resolver);
        }
        let client = client.build().map_err(|error| {
            unusable("no system certificates, or a root certificate that cannot be used")
                .with_source(error.without_url())
        })?;
        Ok(HttpWire { client })
    }

    #[cfg(all(test, feature = "rustls"))]
    pub(super) fn resolver(mut self, resolver: impl reqwest::dns::Resolve + 'static) -> Self {
        self.resolver = Some(std::sync::Arc::new(resolver));
        self
    }
}

/// The settings that a door depends on. Most are reqwest's defaults only as long as no other crate of
/// the host switches the feature on, so each is said.
fn fixed() -> ClientBuilder {
    let client = reqwest::Client::builder()
        // A 307 or 308 would send body and credentials again; a 302 would turn an order into a GET
        // whose 200 looks like success.
        .redirect(redirect::Policy::none())
        .referer(false)
        // Two guards against silent replays: none is asked for, and HTTP/2, whose GOAWAY and
        // REFUSED_STREAM invite them, is never spoken.
        .retry(retry::never())
        .http1_only()
        // Bytes are counted as they come, and a few compressed ones can become very many.
        .no_gzip()
        .no_brotli()
        .no_zstd()
        .no_deflate()
        .tls_backend_rustls()
        .no_hickory_dns()
        // It would print every byte.
        .connection_verbose(false)
        .tcp_nodelay(true);
    #[cfg(any(target_os = "android", target_os = "fuchsia", target_os = "linux"))]
    let client = client.tcp_user_timeout(UNACKNOWLEDGED);
    client
}

fn proxy(url: Url) -> Result<Proxy, WireError> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(unusable("proxy is neither http nor https"));
    }
    // The cause is not kept: it may show the URL, and that may hold a password.
    Proxy::all(url).map_err(|_| unusable("proxy cannot be used"))
}

fn certificates(pems: &[Vec<u8>], none: &'static str) -> Result<Vec<Certificate>, WireError> {
    let mut all = Vec::new();
    for pem in pems {
        let mut found = Certificate::from_pem_bundle(pem)
            .map_err(|error| unusable(none).with_source(error.without_url()))?;
        if found.is_empty() {
            return Err(unusable(none));
        }
        all.append(&mut found);
    }
    Ok(all)
}

/// Whether there is a crypto provider: reqwest panics without one.
#[cfg(feature = "rustls")]
const fn provider_is_there() -> bool {
    true
}

/// Whether there is a crypto provider: reqwest panics without one.
#[cfg(not(feature = "rustls"))]
fn provider_is_there() -> bool {
    rustls::crypto::CryptoProvider::get_default().is_some()
}

fn unusable(detail: &'static str) -> WireError {
    WireError::new(WireErrorKind::Unusable, Delivery::NeverSent).with_detail(detail)
}

impl fmt::Debug for HttpWireBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpWireBuilder")
            .field("connect_timeout", &self.connect_timeout)
            .field("idle_timeout", &self.idle_timeout)
            .field("proxy", &self.proxy.is_some())
            .field("extra_roots", &self.extra_roots.len())
            .field("only_roots", &self.only_roots.as_ref().map(Vec::len))
            .finish_non_exhaustive()
    }
}

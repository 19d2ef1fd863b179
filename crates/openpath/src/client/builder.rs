use std::{fmt, net::IpAddr, sync::Arc};

use elevate_access::{Clock, SignIns, SystemClock};
use elevate_transport::{Caller, Url, Wire};

use super::{Client, Core, session::Session};
use crate::{Credentials, Error, ErrorKind, OrgId};

/// Builds a [`Client`]; see [`Client::builder`].
pub struct ClientBuilder {
    base_url: String,
    org: OrgId,
    credentials: Credentials,
    wire: Option<Arc<dyn Wire>>,
    jitter: Option<u64>,
    sign_ins: Option<Arc<dyn SignIns>>,
    clock: Arc<dyn Clock>,
}

impl ClientBuilder {
    pub(super) fn new(base_url: String, org: OrgId, credentials: Credentials) -> Self {
        let clock = Arc::new(SystemClock);
        Self { base_url, org, credentials, wire: None, jitter: None, sign_ins: None, clock }
    }

    /// Carries requests over that wire: one with a proxy or roots of its own, one that several clients
    /// share, or one in memory. Without it a new `HttpWire` is made, if a TLS feature is on.
    pub fn wire(mut self, wire: Arc<dyn Wire>) -> Self {
        self.wire = Some(wire);
        self
    }

    /// Seeds the jitter of the waits between attempts: the same seed repeats a simulation. Without it each
    /// process has its own, unless a wire is set: then it is 0.
    pub fn jitter_seed(mut self, seed: u64) -> Self {
        self.jitter = Some(seed);
        self
    }

    /// Says where the nodes of the service agree on who signs in with the account, and when: a host's
    /// [`Store`](elevate_access::Store) does that. Without it, and without an
    /// [`OpenpathProvider`](crate::OpenpathProvider) that brings the store of its context, this client and its
    /// clones agree among themselves only.
    pub fn sign_ins(mut self, sign_ins: Arc<dyn SignIns>) -> Self {
        self.sign_ins = Some(sign_ins);
        self
    }

    /// The wall clock that codes of a second factor are made by; the machine's own if not set.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// The client. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`], naming the setting: a base URL that is none, is not `https` (plain
    /// `http` is for loopback only), or carries credentials, a query or a fragment; credentials that cannot
    /// be used (`totp_secret`, `private_key_pem`, `certificate_id`, …); no wire, and none that can be made.
    pub fn build(self) -> Result<Client, Error> {
        let base = base_url(&self.base_url)?;
        let credentials = self.credentials.ready()?;
        let default_jitter = if self.wire.is_some() { 0 } else { any_number() };
        let wire = match self.wire {
            Some(wire) => wire,
            None => default_wire()?,
        };
        let caller = Caller::new(wire).with_jitter(self.jitter.unwrap_or(default_jitter));
        let (org, clock) = (self.org.clone(), self.clock);
        // Everything waits for a sign-in, so it waits for nobody's room.
        let signs_in = caller.aside(1);
        let session = Session::new(credentials, org, base.clone(), signs_in, clock);
        if let Some(sign_ins) = self.sign_ins {
            session.share_sign_ins(sign_ins);
        }
        Ok(Client {
            core: Arc::new(Core { org: self.org, base, caller, session: Arc::new(session) }),
        })
    }
}

fn base_url(text: &str) -> Result<Url, Error> {
    let refuse = |fault: &str| {
        Err(Error::new(ErrorKind::InvalidInput).with_message(format!("base_url {fault}")))
    };
    let Ok(url) = Url::parse(text) else { return refuse("is not a URL") };
    let Some(host) = url.host_str() else { return refuse("names no host") };
    let is_loopback = host == "localhost"
        || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    if url.scheme() != "https" && !(url.scheme() == "http" && is_loopback) {
        return refuse("has to be https; http is for loopback only");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return refuse("carries credentials");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return refuse("has a query or a fragment");
    }
    Ok(url)
}

#[cfg(any(feature = "rustls", feature = "rustls-no-provider"))]
fn default_wire() -> Result<Arc<dyn Wire>, Error> {
    let wire = elevate_transport::HttpWire::builder()
        .build()
        .map_err(|error| Error::from(error).with_message("wire cannot be made"))?;
    Ok(Arc::new(wire))
}

#[cfg(not(any(feature = "rustls", feature = "rustls-no-provider")))]
fn default_wire() -> Result<Arc<dyn Wire>, Error> {
    Err(Error::new(ErrorKind::InvalidInput)
        .with_message("wire is not set, and no TLS feature is on"))
}

/// Some number, another one in each process.
fn any_number() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one(0)
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A base URL that is wrong may be wrong for holding a password.
        f.debug_struct("ClientBuilder").field("org", &self.org).finish_non_exhaustive()
    }
}

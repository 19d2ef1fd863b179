use std::{fmt, net::IpAddr, sync::Arc};

use elevate_transport::{Caller, HeaderValue, Scrubber, Url, Wire};

use super::{Client, Inner};
use crate::{ApiKey, Error, WorkspaceId};

const BUILD: &str = "seam.client.build";

/// Where Seam Connect is.
const BASE_URL: &str = "https://connect.getseam.com";

/// Settings of a [`Client`]; [`build`](Self::build) checks them.
#[derive(Clone)]
pub struct ClientBuilder {
    key: ApiKey,
    base_url: String,
    workspace: Option<WorkspaceId>,
    wire: Option<Arc<dyn Wire>>,
    jitter: Option<u64>,
}

impl ClientBuilder {
    pub(super) fn new(key: ApiKey) -> Self {
        let base_url = BASE_URL.to_owned();
        Self { key, base_url, workspace: None, wire: None, jitter: None }
    }

    /// Where to send requests; `https://connect.getseam.com` by default. Plain `http` is for loopback only:
    /// the key would travel in the clear.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = url.into();
        self
    }

    /// The workspace to work in (header `seam-workspace`): needed with a personal access token, which
    /// spans several.
    pub fn workspace(mut self, id: WorkspaceId) -> Self {
        self.workspace = Some(id);
        self
    }

    /// What carries the requests: share one among clients, so that they share its connections. A new
    /// [`HttpWire`](elevate_transport::HttpWire) by default.
    pub fn wire(mut self, wire: Arc<dyn Wire>) -> Self {
        self.wire = Some(wire);
        self
    }

    /// Seeds the jitter of the pauses before a read is repeated: one seed for each node of a service.
    pub fn jitter_seed(mut self, seed: u64) -> Self {
        self.jitter = Some(seed);
        self
    }

    /// The client. It connects to nothing yet.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput), naming the setting: a base URL that cannot be
    /// used, a personal access token without workspace, or no wire where none is compiled in.
    pub fn build(self) -> Result<Client, Error> {
        let base_url = base_url(&self.base_url).map_err(|why| Error::invalid(BUILD, &why))?;
        if self.key.is_personal_token() && self.workspace.is_none() {
            let why = "workspace: a personal access token (seam_at) needs one";
            return Err(Error::invalid(BUILD, why));
        }
        let workspace = match self.workspace {
            Some(id) => Some(
                HeaderValue::from_str(id.as_str())
                    .map_err(|_| Error::invalid(BUILD, "workspace: not fit for a header"))?,
            ),
            None => None,
        };
        let authorization = self.key.bearer();
        let authorization =
            authorization.ok_or_else(|| Error::invalid(BUILD, "key: not fit for a header"))?;
        let caller = Caller::new(self.wire.map_or_else(default_wire, Ok)?);
        Ok(Client(Arc::new(Inner {
            caller: match self.jitter {
                Some(seed) => caller.with_jitter(seed),
                None => caller,
            },
            base_url,
            authorization,
            workspace,
            scrubber: Scrubber::new().secret(self.key.expose()),
            prompts: super::waiting::Prompts::default(),
        })))
    }
}

fn base_url(text: &str) -> Result<Url, String> {
    let mut url = web_url(text).map_err(|why| format!("base_url: {why}"))?;
    if url.query().is_some() || url.fragment().is_some() {
        return Err("base_url: it carries a query or a fragment".to_owned());
    }
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&path);
    Ok(url)
}

/// A URL that may be given away or called: over TLS, or on this machine, and without credentials.
pub(crate) fn web_url(text: &str) -> Result<Url, &'static str> {
    let url = Url::parse(text).map_err(|_| "not a URL")?;
    let host = url.host_str().unwrap_or_default();
    let on_loopback = host == "localhost"
        || host.trim_matches(['[', ']']).parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
    match url.scheme() {
        "https" => {}
        "http" if on_loopback => {}
        "http" => return Err("http is for loopback only"),
        _ => return Err("neither https nor http"),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("it carries credentials");
    }
    Ok(url)
}

#[cfg(any(feature = "rustls", feature = "rustls-no-provider"))]
fn default_wire() -> Result<Arc<dyn Wire>, Error> {
    let build = elevate_transport::Operation::new(BUILD, "");
    let wire = elevate_transport::HttpWire::builder()
        .build()
        .map_err(|error| Error::wire(build, error, std::time::Duration::ZERO))?;
    Ok(Arc::new(wire))
}

#[cfg(not(any(feature = "rustls", feature = "rustls-no-provider")))]
fn default_wire() -> Result<Arc<dyn Wire>, Error> {
    Err(Error::invalid(BUILD, "wire: none is compiled in, so one has to be named"))
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The URL is left out: until it is checked, it may carry credentials.
        f.debug_struct("ClientBuilder").field("workspace", &self.workspace).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_for_loopback_only() {
        for fine in [
            "https://connect.getseam.com",
            "https://proxy.example/seam/",
            "http://127.0.0.1:8099",
            "http://[::1]:8099/",
            "http://localhost:1",
        ] {
            assert!(base_url(fine).is_ok(), "{fine}");
        }
        for bad in [
            "",
            "connect.getseam.com",
            "http://connect.getseam.com",
            "http://localhost.example",
            "http://127.0.0.1.example",
            "ftp://127.0.0.1",
            "https://key@connect.getseam.com",
            "https://connect.getseam.com/?a=b",
            "https://connect.getseam.com/#a",
        ] {
            let why = base_url(bad).unwrap_err();
            assert!(why.starts_with("base_url: "), "{bad}: {why}");
        }
    }
}

//! Connect webviews: one sign-in at a brand, by a link.

use std::{collections::BTreeMap, fmt};

use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

use crate::{
    ConnectWebviewId, ConnectedAccountId, MetadataValue, ProviderKey, WebviewStatus, WorkspaceId,
    client::web_url, lenient,
};

/// A connect webview (`connect_webviews/create`, `connect_webviews/get`): a page on which a manager signs in at
/// the brand, once.
///
/// Required are its id and its link. `Debug` leaves out the link and whatever people wrote.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct ConnectWebview {
    /// Its id.
    pub connect_webview_id: ConnectWebviewId,
    /// Where the manager signs in.
    pub url: ConnectLink,
    /// How it stands; see [`is_done`](Self::is_done) and [`has_failed`](Self::has_failed).
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub status: Option<WebviewStatus>,
    /// Whether the sign-in worked.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub login_successful: Option<bool>,
    /// The account that came of it.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub connected_account_id: Option<ConnectedAccountId>,
    /// The brand that the manager chose.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub selected_provider: Option<ProviderKey>,
    /// The brands that it offers, at most 200 of them.
    #[serde(default, deserialize_with = "lenient::some_of::<_, _, 200>")]
    pub accepted_providers: Vec<ProviderKey>,
    /// The customer that the account will belong to.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub customer_key: Option<String>,
    /// Pairs that its maker attached; the account gets them too.
    /// `None` if they cannot be read: they are no object, or more than 200. Seam allows 50.
    #[serde(default = "lenient::no_metadata", deserialize_with = "lenient::metadata")]
    pub custom_metadata: Option<BTreeMap<String, MetadataValue>>,
    /// Whether it is authorized only after all devices were read.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub wait_for_device_creation: Option<bool>,
    /// Whether devices that are new at the brand become managed ones by themselves.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub automatically_manage_new_devices: Option<bool>,
    /// The workspace that it is in.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub workspace_id: Option<WorkspaceId>,
    /// When it was made.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub created_at: Option<Timestamp>,
    /// When the manager signed in.
    #[serde(default, deserialize_with = "lenient::or_none")]
    pub authorized_at: Option<Timestamp>,
}

impl ConnectWebview {
    /// Whether an account is connected: it is authorized, the sign-in worked, and there is an account. Its
    /// devices may still be on their way, unless it [waits for them](Self::waits_for_devices).
    pub fn is_done(&self) -> bool {
        self.status == Some(WebviewStatus::Authorized)
            && self.login_successful == Some(true)
            && self.connected_account_id.is_some()
    }

    /// Whether the sign-in failed. Another one needs another webview.
    pub fn has_failed(&self) -> bool {
        self.status == Some(WebviewStatus::Failed)
    }

    /// Whether it is authorized only after all devices were read.
    pub fn waits_for_devices(&self) -> bool {
        self.wait_for_device_creation == Some(true)
    }
}

impl fmt::Debug for ConnectWebview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectWebview")
            .field("connect_webview_id", &self.connect_webview_id)
            .field("status", &self.status)
            .field("login_successful", &self.login_successful)
            .field("connected_account_id", &self.connected_account_id)
            .finish_non_exhaustive()
    }
}

/// Where a manager signs in. Who has it can connect an account to the workspace, so it is a secret: `Debug` says
/// that there is one. How long it is good for is not documented.
#[derive(Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct ConnectLink(SecretString);

/// A text that is no link to sign in by. It is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a link: an `https` URL without credentials")]
pub struct InvalidConnectLink;

impl ConnectLink {
    /// Takes the text as a link.
    ///
    /// # Errors
    /// If it is no `https` URL (or `http` on loopback), or carries credentials.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidConnectLink> {
        let link = SecretString::from(text.into());
        match web_url(link.expose_secret()) {
            Ok(_) => Ok(Self(link)),
            Err(_) => Err(InvalidConnectLink),
        }
    }

    /// The link, for the manager who is to sign in.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl TryFrom<String> for ConnectLink {
    type Error = InvalidConnectLink;
    fn try_from(text: String) -> Result<Self, InvalidConnectLink> {
        Self::new(text)
    }
}

impl fmt::Debug for ConnectLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ConnectLink(..)")
    }
}

/// What a new connect webview is to be like; for 2N accounts by default.
///
/// ```
/// use elevate_seam::NewConnectWebview;
///
/// let new = NewConnectWebview::two_n()
///     .customer_key("maple-court")
///     .redirect_to("https://manage.example/doors/connected")
///     .wait_for_devices(true);
/// # let _ = new;
/// ```
#[derive(Clone, Serialize)]
pub struct NewConnectWebview {
    accepted_providers: Vec<ProviderKey>,
    #[serde(skip_serializing_if = "Option::is_none")]
    custom_redirect_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    custom_redirect_failure_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_key: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    custom_metadata: BTreeMap<String, MetadataValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    wait_for_device_creation: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    automatically_manage_new_devices: Option<bool>,
}

impl NewConnectWebview {
    /// For an account of 2N's portal, `My2N`.
    pub fn two_n() -> Self {
        Self::for_providers([ProviderKey::TwoN])
    }

    /// For an account of one of those brands, which the manager chooses.
    pub fn for_providers(providers: impl IntoIterator<Item = ProviderKey>) -> Self {
        Self {
            accepted_providers: providers.into_iter().collect(),
            custom_redirect_url: None,
            custom_redirect_failure_url: None,
            customer_key: None,
            custom_metadata: BTreeMap::new(),
            wait_for_device_creation: None,
            automatically_manage_new_devices: None,
        }
    }

    /// Where the manager's browser goes afterwards. It has to be `https`, or `http` on loopback.
    pub fn redirect_to(mut self, url: impl Into<String>) -> Self {
        self.custom_redirect_url = Some(url.into());
        self
    }

    /// Where it goes if that failed, if not to the same place.
    pub fn redirect_failures_to(mut self, url: impl Into<String>) -> Self {
        self.custom_redirect_failure_url = Some(url.into());
        self
    }

    /// The customer that the account and all that belongs to it will belong to. An account that belongs to
    /// another customer already is then refused to the manager.
    pub fn customer_key(mut self, key: impl Into<String>) -> Self {
        self.customer_key = Some(key.into());
        self
    }

    /// A pair of metadata, which the account gets too. Seam takes 50 pairs, names of 40 characters and texts of
    /// 500.
    pub fn metadata(mut self, name: impl Into<String>, value: impl Into<MetadataValue>) -> Self {
        self.custom_metadata.insert(name.into(), value.into());
        self
    }

    /// Whether it is authorized only after all devices were read; Seam's own choice is no.
    pub fn wait_for_devices(mut self, wait: bool) -> Self {
        self.wait_for_device_creation = Some(wait);
        self
    }

    /// Whether devices that are new at the brand become managed ones by themselves, and are billed; Seam's own
    /// choice is yes.
    pub fn manage_new_devices(mut self, manage: bool) -> Self {
        self.automatically_manage_new_devices = Some(manage);
        self
    }

    /// What keeps it from being asked for.
    pub(crate) fn fault(&self) -> Option<String> {
        let urls = [
            ("custom_redirect_url", &self.custom_redirect_url),
            ("custom_redirect_failure_url", &self.custom_redirect_failure_url),
        ];
        if self.accepted_providers.is_empty() {
            return Some("accepted_providers: none".to_owned());
        }
        urls.into_iter().find_map(|(name, url)| {
            let why = web_url(url.as_deref()?).err()?;
            Some(format!("{name}: {why}"))
        })
    }
}

impl Default for NewConnectWebview {
    fn default() -> Self {
        Self::two_n()
    }
}

impl fmt::Debug for NewConnectWebview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewConnectWebview")
            .field("accepted_providers", &self.accepted_providers)
            .field("wait_for_device_creation", &self.wait_for_device_creation)
            .field("automatically_manage_new_devices", &self.automatically_manage_new_devices)
            .finish_non_exhaustive()
    }
}

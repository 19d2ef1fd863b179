use std::collections::BTreeMap;

use elevate_transport::{Instant, Operation};
use serde::Serialize;

use super::{
    Client,
    call::reply,
    pages::{Item, List, page},
    rows::Rows,
};
use crate::{ConnectWebview, ConnectWebviewId, Error, MetadataValue, NewConnectWebview};

const CREATE: Operation =
    Operation::new("seam.connect_webviews.create", "/connect_webviews/create");
const GET: Operation = Operation::new("seam.connect_webviews.get", "/connect_webviews/get");
const LIST: Operation = Operation::new("seam.connect_webviews.list", "/connect_webviews/list");

/// How many webviews a page has if nothing else is asked for.
const PAGE_SIZE: u32 = 500;

/// Which connect webviews to list; all of them by default. `search`, which finds parts, is left out.
#[derive(Clone, Debug, Serialize)]
pub struct WebviewsQuery {
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_key: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    custom_metadata_has: BTreeMap<String, MetadataValue>,
    limit: u32,
}

impl Default for WebviewsQuery {
    fn default() -> Self {
        Self { customer_key: None, custom_metadata_has: BTreeMap::new(), limit: PAGE_SIZE }
    }
}

impl WebviewsQuery {
    /// All webviews.
    pub fn new() -> Self {
        Self::default()
    }

    /// Only webviews of that customer.
    pub fn customer_key(mut self, key: impl Into<String>) -> Self {
        self.customer_key = Some(key.into());
        self
    }

    /// Only webviews with that pair of metadata; each call asks for one more.
    pub fn metadata(mut self, name: impl Into<String>, value: impl Into<MetadataValue>) -> Self {
        self.custom_metadata_has.insert(name.into(), value.into());
        self
    }

    /// How many webviews a page has at most; 500 by default.
    pub fn page_size(mut self, limit: u32) -> Self {
        self.limit = limit;
        self
    }
}

#[derive(Serialize)]
struct ById<'a> {
    connect_webview_id: &'a ConnectWebviewId,
}

page!(WebviewPage { connect_webviews: ConnectWebview });

reply!(OneWebview { connect_webview: ConnectWebview });

impl Item for ConnectWebview {
    fn parts(&self) -> usize {
        self.accepted_providers.len() + self.custom_metadata.as_ref().map_or(0, BTreeMap::len)
    }
}

impl Client {
    /// Makes a link by which a manager connects an account (`connect_webviews/create`): one link for each
    /// sign-in.
    ///
    /// Sent once, and never repeated.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if a redirect is neither `https` nor on loopback, or no
    /// brand is named; and whatever keeps the request from being sent or its answer from being read.
    /// [`delivery`](Error::delivery) tells whether there may be a link that nobody knows: not after
    /// [`NeverSent`](crate::Delivery::NeverSent) or a refusal. Such a link does no harm; make another.
    pub async fn create_connect_webview(
        &self,
        new: &NewConnectWebview,
        answer_by: Instant,
    ) -> Result<ConnectWebview, Error> {
        if let Some(fault) = new.fault() {
            return Err(Error::invalid(CREATE.name, &fault));
        }
        let reply: OneWebview = self.0.write(CREATE, new, answer_by).await?;
        Ok(reply.connect_webview)
    }

    /// One connect webview as it stands now (`connect_webviews/get`).
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound) if there is none by that id, and whatever else keeps it from
    /// being read.
    pub async fn get_connect_webview(
        &self,
        id: &ConnectWebviewId,
        answer_by: Instant,
    ) -> Result<ConnectWebview, Error> {
        let reply: OneWebview =
            self.0.read(GET, &ById { connect_webview_id: id }, answer_by).await?;
        if reply.connect_webview.connect_webview_id != *id {
            return Err(Error::beside_the_point(GET, "it is about another connect webview"));
        }
        Ok(reply.connect_webview)
    }

    /// The connect webviews that the query asks for (`connect_webviews/list`).
    pub fn connect_webviews(&self, query: &WebviewsQuery) -> Rows<ConnectWebview> {
        Rows::of::<WebviewPage>(List::new(&self.0, LIST, query, Some(query.limit)))
    }
}

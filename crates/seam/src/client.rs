//! The client: one workspace of Seam Connect, in Seam's own words.

mod accounts;
mod attempts;
mod builder;
mod call;
mod devices;
mod events;
mod locks;
mod order;
mod pages;
mod rows;
mod spaces;
mod unmanaged;
mod waiting;
mod webhooks;
mod webviews;
mod workspaces;

use std::{fmt, sync::Arc};

use elevate_transport::{Caller, HeaderValue, Scrubber, Url};

pub use accounts::AccountsQuery;
pub use attempts::AttemptsQuery;
pub use builder::ClientBuilder;
pub(crate) use builder::web_url;
pub use devices::DevicesQuery;
pub use events::EventsQuery;
pub use order::Ordered;
pub use rows::Rows;
pub use spaces::SpacesQuery;
pub use waiting::{Waited, next_look};
pub use webviews::WebviewsQuery;

use crate::{
    ApiKey,
    shown::{MASK, shown},
};

/// A client of Seam Connect for one API key.
///
/// Cheap to clone; clones share connections and the budget for repeated reads. Every call takes the moment
/// by which its answer must be there, and is over by then. Reads repeat by themselves what is safe and
/// useful to repeat; an order is sent once.
///
/// It knows nothing of residents or units; [`TwoNProvider`](crate::TwoNProvider) is the bridge to those.
///
/// ```no_run
/// use std::time::Duration;
///
/// use elevate_seam::{ApiKey, Client, DevicesQuery, Instant};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let client = Client::builder(ApiKey::new(std::env::var("SEAM_API_KEY")?)?).build()?;
///
/// let by = Instant::now() + Duration::from_secs(10);
/// for device in client.devices(&DevicesQuery::new()).all(by).await? {
///     println!("{} {}", device.device_id, device.device_type);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    caller: Caller,
    /// Without a trailing slash in its path.
    base_url: Url,
    authorization: HeaderValue,
    workspace: Option<HeaderValue>,
    scrubber: Scrubber,
    /// Who waits for which attempt.
    prompts: waiting::Prompts,
}

impl Client {
    /// Starts building a client for that key.
    pub fn builder(key: ApiKey) -> ClientBuilder {
        ClientBuilder::new(key)
    }

    /// A text that Seam wrote, fit to be shown: without the key, e-mails, links and webhook secrets, without control characters,
    /// and cut.
    pub(crate) fn scrub(&self, text: &str) -> String {
        shown(&self.0.scrubber, text)
    }

    /// A name as it is written, with what cannot be seen in it, for audits, which tell of just that; scrubbed if it
    /// holds anything that must not be shown.
    pub(crate) fn as_written(&self, name: &str) -> String {
        let shown = self.scrub(name);
        let is_secret = self.0.scrubber.holds_secret(name) || shown.contains(MASK);
        if is_secret { shown } else { name.to_owned() }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("host", &self.0.base_url.host_str()).finish_non_exhaustive()
    }
}

//! Connecting a building: a link, a sign-in, a first sync.

use std::{fmt, time::Duration};

use elevate_transport::Instant;
use futures_util::future::{join, try_join};
use jiff::{SignedDuration, Timestamp};
use tokio::{
    sync::Notify,
    time::{sleep_until, timeout_at},
};

use crate::{
    Client, ConnectLink, ConnectWebview, ConnectWebviewId, ConnectedAccountId, DevicesQuery, Error,
    ErrorKind, Event, EventType, EventsQuery, NewConnectWebview,
};

/// The pause after the first look; later ones grow with the time gone.
const SHORTEST_GAP: Duration = Duration::from_secs(2);

/// However often something is told, no two looks are closer than this.
const SOONEST: Duration = Duration::from_secs(1);

/// Somebody types a password meanwhile: no pause is longer than this.
const LONGEST_GAP: Duration = Duration::from_secs(10);

/// What one look may take.
const LOOK: Duration = Duration::from_secs(10);

/// By how much Seam's clock may be behind ours, for events that are asked for by time.
const SKEW: SignedDuration = SignedDuration::from_mins(5);

/// How far connecting has come.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stage {
    /// The link waits to be opened, or whoever opened it is signing in.
    AwaitingSignIn,
    /// The sign-in did not succeed. Seam says no more of it; a new link is a new try.
    Failed,
    /// The account is connected, and its devices are being fetched.
    Syncing {
        /// The account.
        account: ConnectedAccountId,
        /// How many devices of it have come so far.
        devices: usize,
    },
    /// The first sync is over. With no device it means "connected, and nothing came".
    Synced {
        /// The account.
        account: ConnectedAccountId,
        /// How many devices Seam manages.
        devices: usize,
        /// How many it knows and does not manage; those cannot be controlled.
        unmanaged: usize,
    },
}

impl Stage {
    /// Whether nothing more comes of this link.
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Failed | Self::Synced { .. })
    }
}

/// How many devices there are beside those that are managed: nothing, if there are none.
pub(crate) struct Besides(pub(crate) usize);

impl fmt::Display for Besides {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => Ok(()),
            1 => f.write_str(", and 1 more that is not managed"),
            more => write!(f, ", and {more} more that are not managed"),
        }
    }
}

/// In one line, without anything secret.
impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AwaitingSignIn => f.write_str("waiting for the sign-in"),
            Self::Failed => f.write_str("the sign-in failed"),
            Self::Syncing { devices, .. } => {
                write!(f, "signed in; devices so far: {devices}")
            }
            Self::Synced { devices, unmanaged, .. } => {
                write!(f, "synced; devices: {devices}{}", Besides(*unmanaged))
            }
        }
    }
}

/// One connect link, from its making to the first sync of the account behind it (N1).
///
/// No credentials of the brand pass through here: whoever owns the account opens the link and signs in at Seam.
/// Waiting looks at Seam every few seconds, and at once when an event about it is [handed in](Self::told). A look
/// that fails is not a sign-in that failed.
///
/// ```no_run
/// use std::time::Duration;
///
/// use elevate_seam::{Client, Connecting, Error, Instant, NewConnectWebview, Stage};
/// use jiff::Timestamp;
///
/// async fn connect(client: &Client, now: Timestamp) -> Result<Stage, Error> {
///     let by = Instant::now() + Duration::from_secs(10);
///     let connecting = Connecting::begin(client, &NewConnectWebview::two_n(), now, by).await?;
///     // To the property manager alone, over a channel that may carry a secret.
///     hand_over(connecting.link().expose());
///     let until = Instant::now() + Duration::from_secs(30 * 60);
///     connecting.wait(until, |stage| println!("{stage}")).await
/// }
/// # fn hand_over(_: &str) {}
/// ```
#[derive(Debug)]
pub struct Connecting {
    client: Client,
    webview: ConnectWebview,
    begun: Timestamp,
    told: Notify,
}

impl Connecting {
    /// Makes a link (`connect_webviews/create`). `now` is the service's clock.
    ///
    /// # Errors
    /// Whatever keeps the link from being made. [`delivery`](Error::delivery) tells whether one may exist all the
    /// same; nothing is lost by making another.
    pub async fn begin(
        client: &Client,
        new: &NewConnectWebview,
        now: Timestamp,
        answer_by: Instant,
    ) -> Result<Self, Error> {
        let webview = client.create_connect_webview(new, answer_by).await?;
        Ok(Self { client: client.clone(), webview, begun: now, told: Notify::new() })
    }

    /// Goes on with a link that was made before, after a restart for instance. `begun` is when it was made.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound) if there is none by that id, and whatever keeps it from being read.
    pub async fn resume(
        client: &Client,
        id: &ConnectWebviewId,
        begun: Timestamp,
        answer_by: Instant,
    ) -> Result<Self, Error> {
        let webview = client.get_connect_webview(id, answer_by).await?;
        Ok(Self { client: client.clone(), webview, begun, told: Notify::new() })
    }

    /// The link to hand to whoever owns the account. A secret: who has it can connect an account of their own.
    pub fn link(&self) -> &ConnectLink {
        &self.webview.url
    }

    /// The id by which to [resume](Self::resume).
    pub fn id(&self) -> &ConnectWebviewId {
        &self.webview.connect_webview_id
    }

    /// Hands an event in. One that is about connecting makes [`wait`](Self::wait) look at once; it decides
    /// nothing by itself.
    pub fn told(&self, event: &Event) {
        let is_ours = match &event.connect_webview_id {
            Some(id) => *id == self.webview.connect_webview_id,
            // Of an account's events only that of the sign-in names the link.
            None => event.connected_account_id.is_some(),
        };
        if is_ours {
            self.told.notify_one();
        }
    }

    /// How far it has come, by one look.
    ///
    /// # Errors
    /// Whatever keeps Seam from being read.
    pub async fn look(&self, answer_by: Instant) -> Result<Stage, Error> {
        let webview = self.client.get_connect_webview(self.id(), answer_by).await?;
        if webview.has_failed() {
            return Ok(Stage::Failed);
        }
        let (true, Some(account)) = (webview.is_done(), webview.connected_account_id.clone())
        else {
            return Ok(Stage::AwaitingSignIn);
        };
        let query = DevicesQuery::new().connected_accounts([account.clone()]);
        // Whether the sync is over is asked first: what is counted after it is complete.
        let is_synced = webview.waits_for_devices() || self.has_synced(&account, answer_by).await?;
        let (devices, unmanaged) = try_join(
            self.client.devices(&query).all(answer_by),
            self.client.unmanaged_devices(&query).all(answer_by),
        )
        .await?;
        let of_account = |id: Option<&ConnectedAccountId>| id == Some(&account);
        let devices = devices.iter().filter(|d| of_account(d.connected_account_id.as_ref()));
        let unmanaged = unmanaged.iter().filter(|d| of_account(d.connected_account_id.as_ref()));
        let (devices, unmanaged) = (devices.count(), unmanaged.count());
        Ok(if is_synced {
            Stage::Synced { account, devices, unmanaged }
        } else {
            Stage::Syncing { account, devices }
        })
    }

    /// Whether Seam has said that the account's first sync is over.
    async fn has_synced(
        &self,
        account: &ConnectedAccountId,
        answer_by: Instant,
    ) -> Result<bool, Error> {
        let since = self.begun.checked_sub(SKEW).unwrap_or(Timestamp::MIN);
        let query = EventsQuery::since(since).connected_account(account.clone()).types(SYNCED);
        let events = self.client.events(&query).all(answer_by).await?;
        Ok(events.iter().any(|event| {
            SYNCED.contains(&event.event_type)
                && event.connected_account_id.as_ref() == Some(account)
        }))
    }

    /// Waits until nothing more comes of the link, at most until `until`, and says how far it has come by then.
    /// `progress` is told of each stage once.
    ///
    /// # Errors
    /// What waiting cannot mend: a key that is not accepted, a link that does not exist any more.
    pub async fn wait(
        &self,
        until: Instant,
        mut progress: impl FnMut(&Stage),
    ) -> Result<Stage, Error> {
        let begun = Instant::now();
        let mut last = None;
        loop {
            let now = Instant::now();
            let mut pause = (now.duration_since(begun) / 10).clamp(SHORTEST_GAP, LONGEST_GAP);
            match self.look(until.min(now + LOOK)).await {
                Ok(stage) => {
                    if last.as_ref() != Some(&stage) {
                        progress(&stage);
                    }
                    if stage.is_final() {
                        return Ok(stage);
                    }
                    last = Some(stage);
                }
                Err(error) if error.is_transient() || error.kind() == ErrorKind::NoAnswer => {
                    tracing::debug!(%error, "a look at a connect link failed; looking again");
                    pause = pause.max(error.retry_after().unwrap_or_default());
                }
                Err(error) => return Err(error),
            }
            let Some(next) = Instant::now().checked_add(pause).filter(|next| *next < until) else {
                sleep_until(until).await;
                return Ok(last.unwrap_or(Stage::AwaitingSignIn));
            };
            // Events come in floods: all of them wake one look, and none sooner than a second after the last.
            let soon = Instant::now() + SOONEST;
            join(sleep_until(soon), async {
                let _ = timeout_at(next, self.told.notified()).await;
            })
            .await;
        }
    }
}

/// What Seam says at the end of an account's first sync, and of the first after a new sign-in.
const SYNCED: [EventType; 2] = [
    EventType::ConnectedAccountCompletedFirstSync,
    EventType::ConnectedAccountCompletedFirstSyncAfterReconnection,
];

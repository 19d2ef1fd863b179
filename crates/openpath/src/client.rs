//! The client: the vendor's calls in the vendor's words.

mod builder;
mod call;
mod calls;
mod filter;
mod once;
mod page;
mod rows;
mod scrub;
mod self_check;
mod session;

use std::{fmt, sync::Arc, time::Duration};

use elevate_access::SignIns;
use elevate_transport::{Caller, Instant, Url};

pub use builder::ClientBuilder;
pub use calls::CloudKeyUnlock;
pub(crate) use calls::key_name;
pub use filter::UsersQuery;
pub(crate) use filter::fits_a_filter;
pub use page::{MAX_PAGES, MAX_ROWS};
pub use rows::{Listing, Rows};
pub use self_check::{CheckedCall, SelfCheck};

use crate::{Credentials, Error, OrgId, Rights};
use session::Session;
pub use session::SessionState;

/// How long a call may take in all, its sign-in and its repeats included.
pub(crate) const WITHIN: Duration = Duration::from_secs(10);

/// How long a list of a whole organisation may take to read.
pub(crate) const ALL_WITHIN: Duration = Duration::from_secs(30);

/// A client of one organisation, under one service account.
///
/// Cheap to clone; all clones share one token, and one pool of connections.
///
/// - **Signing in** happens by itself, by one task at a time. The token is replaced by a new sign-in once
///   nine tenths of its stated life are over, while the others go on with the old one; the vendor's refresh
///   call is never used, for it kills the token that other processes still use.
/// - **Nodes** that share an account sign in one after the other, agreed through
///   [`SignIns`](elevate_access::SignIns): no code of a second factor is used twice, and nobody signs in while
///   they cannot agree.
/// - **Refused sign-ins** are followed by a pause for all nodes: 30 s, 5 min, 30 min. After the fourth in a
///   row these credentials are never sent again, for a fifth may lock the account: new ones under a new
///   [`revision`](Credentials::revision) are waited for, and errors name no time to wait.
/// - **Sign-ins whose end is not known** (the answer was lost or cannot be read, the vendor failed or asked for
///   patience, something in between answered) are followed by pauses of 5 s, 30 s, a minute, and then always
///   5 min. They end with an outage, and are few enough should each have been a refusal.
/// - **Tokens that die early**: should a new sign-in end the account's older tokens, two processes that share
///   an account without a common store would end each other's for ever. After the third such death within
///   ten minutes sign-ins keep a distance, and the calls in between say so:
///   [`ErrorKind::SignInContested`](crate::ErrorKind::SignInContested).
/// - **Reads** are repeated where that may help, within 10 s in all. A 401 drops the token, signs in anew
///   once and repeats the read once.
/// - **Writes** (a key, an unlock) are sent at most once; they are tried again only while no byte of their
///   body has left. A 401 drops the token, and the call fails.
/// - **Lists** are [`Rows`]: a stream, or the whole, read to its end or not at all.
///
/// The methods are to be called within a tokio runtime with time enabled.
#[derive(Clone)]
pub struct Client {
    core: Arc<Core>,
}

/// What all clones of a client share.
struct Core {
    org: OrgId,
    base: Url,
    caller: Caller,
    session: Arc<Session>,
}

impl Client {
    /// Starts building a client for the API at `base_url` (`https://api.openpath.com` in the United
    /// States; other regions have others).
    ///
    /// ```
    /// use elevate_openpath::{Client, Credentials, OrgId};
    ///
    /// # fn example(password: String) -> Result<(), elevate_openpath::Error> {
    /// let client = Client::builder(
    ///     "https://api.openpath.com",
    ///     OrgId::new("5120")?,
    ///     Credentials::password("service@example.com", password),
    /// )
    /// .build()?;
    /// # let _ = client;
    /// # Ok(())
    /// # }
    /// ```
    pub fn builder(
        base_url: impl Into<String>,
        org: OrgId,
        credentials: Credentials,
    ) -> ClientBuilder {
        ClientBuilder::new(base_url.into(), org, credentials)
    }

    /// The organisation.
    pub fn org(&self) -> &OrgId {
        &self.core.org
    }

    /// Signs in, unless there is a token already, and says what the account may do in the organisation, as
    /// far as the sign-in told.
    ///
    /// # Errors
    /// Why there is no token: [`ErrorKind::SignInRefused`](crate::ErrorKind::SignInRefused) above all.
    pub async fn sign_in(&self) -> Result<Rights, Error> {
        let token = self.core.session.token(Instant::now() + WITHIN).await?;
        Ok(token.rights())
    }

    /// The same client for work in bulk: one read at a time, from room that nobody else's calls need.
    pub(crate) fn aside(&self) -> Self {
        let Core { org, base, caller, session } = &*self.core;
        let (org, base, session) = (org.clone(), base.clone(), Arc::clone(session));
        Self { core: Arc::new(Core { org, base, caller: caller.aside(1), session }) }
    }

    /// Whether that is the e-mail of the account with which it signs in.
    pub(crate) fn is_own_account(&self, email: &str) -> bool {
        self.core.session.is_own_account(email)
    }

    /// How the session stands, for health checks. Nothing is sent.
    ///
    /// ```
    /// # fn example(client: &elevate_openpath::Client) {
    /// let session = client.session();
    /// if session.contested {
    ///     println!("does another service sign in with the same account?");
    /// }
    /// # }
    /// ```
    pub fn session(&self) -> SessionState {
        self.core.session.state()
    }

    /// Says where the nodes agree on who signs in, unless the builder has said so. The first word stands.
    pub(crate) fn share_sign_ins(&self, sign_ins: Arc<dyn SignIns>) {
        self.core.session.share_sign_ins(sign_ins);
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("host", &self.core.base.host_str())
            .field("org", &self.core.org)
            .finish_non_exhaustive()
    }
}

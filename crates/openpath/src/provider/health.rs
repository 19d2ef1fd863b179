//! Whether a connection works and is set up rightly.

use elevate_access::{Cause, Health};
use futures_util::future::join;

use super::{
    Inner,
    causes::{reason, unread},
    key::key_kind,
};
use crate::Rights;

impl Inner {
    /// Signs in, and asks for one user and for the kinds of credential. What the account's rights are is
    /// told by the sign-in, as far as it says so.
    pub(super) async fn check(&self) -> Health {
        let rights = match self.client.sign_in().await {
            Ok(rights) => rights,
            Err(error) => return Health::down(unread(error).reason().clone()),
        };
        if rights == Rights::OtherOrganisation {
            let detail =
                format!("the account does not belong to organisation {}", self.client.org());
            return Health::down(reason(Cause::SetupWrong).with_detail(&detail));
        }
        let (users, kinds) = join(self.client.probe_users(), self.client.credential_types()).await;
        if let Err(error) = users {
            return Health::down(unread(error).reason().clone());
        }
        let kind = kinds.map_err(unread).and_then(|kinds| key_kind(kinds.rows));
        let mut reasons = Vec::new();
        if rights == Rights::Insufficient {
            reasons.push(reason(Cause::RightsMissing).with_detail("the scope user:w is missing"));
        }
        if let Err(error) = kind {
            reasons.push(error.reason().clone());
        }
        Health::degraded(reasons)
    }
}

//! What a service account may do, held against what is needed.

use std::fmt;

use elevate_transport::{Instant, Scrubber};
use futures_util::future::join;
use tokio::time::timeout_at;

use super::{Client, WITHIN};
use crate::{EffectiveScopes, Error, Feature, Listing, OrgId, SiteId, model::Meta};

/// The code of the feature without which, in all likelihood, no cloud key opens anything.
const REMOTE_UNLOCK: &str = "remoteUnlock";

/// How many scopes and how many sites a report names.
const MOST_NAMED: usize = 8;

/// A call that this crate makes: the vendor's id of it, whether doors depend on it, what for, and whether the
/// id itself is documented.
struct Made {
    id: &'static str,
    is_needed: bool,
    purpose: &'static str,
    is_documented: bool,
}

const fn needed(id: &'static str, purpose: &'static str) -> Made {
    Made { id, is_needed: true, purpose, is_documented: true }
}

const fn of_use(id: &'static str, purpose: &'static str) -> Made {
    Made { id, is_needed: false, purpose, is_documented: true }
}

const CALLS: [Made; 12] = [
    needed("listUsersPost", "find the user with an e-mail"),
    needed("listCredentials", "find the user's cloud key"),
    needed("listCredentialTypes", "know which kind a cloud key is"),
    needed("createCredential", "make a cloud key where there is none"),
    needed("listUserEntries", "list the user's doors"),
    needed("cloudKeyEntryUnlock", "open a door"),
    of_use("listOrgFeatures", "see whether the plan has remote unlock"),
    of_use("listEntryStates", "see which states allow a cloud key"),
    of_use("getUserActivity", "see what became of an unlock"),
    Made { is_documented: false, ..of_use("listLockdownPlans", "see whether a lockdown is on") },
    of_use("describeEntry", "see which state a door is in"),
    of_use("listEntries", "see all doors of the organisation"),
];

/// Whether a service account is rightly set up in its organisation: what it may do, held against what this
/// crate does. See [`Client::self_check`].
///
/// `Display` is a report of several lines for whoever sets the account up. What the vendor did not say is
/// `None`, and in the report `?`: it is neither a yes nor a no.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SelfCheck {
    /// The organisation.
    pub org: OrgId,
    /// Each call that this crate makes, and whether the account may make it; the needed ones first.
    pub calls: Vec<CheckedCall>,
    /// The account's scopes. One that holds a secret of the session is masked.
    pub scopes: Vec<String>,
    /// Whether the organisation's plan has the feature `remoteUnlock`. That nothing can be unlocked by cloud
    /// without it is likely, and was never observed. `None` if the features could not be read.
    pub remote_unlock: Option<bool>,
    /// Whether the account sees some sites only, as far as the replies say: residents of the others are then
    /// not found.
    pub is_site_bound: bool,
    /// Those sites, as far as the vendor names them; empty if the account is not bound, or
    /// to more than 1,000.
    pub site_ids: Vec<SiteId>,
}

/// A call, and whether the account may make it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CheckedCall {
    /// The vendor's id of the call, such as `cloudKeyEntryUnlock`.
    pub operation_id: &'static str,
    /// What it is made for.
    pub purpose: &'static str,
    /// Whether doors depend on it; the others help to say why one stays shut.
    pub is_needed: bool,
    /// Whether the account may make it.
    pub allowed: Option<bool>,
}

impl Client {
    /// Asks what the service account may do and what the organisation's plan has
    /// (`GET /orgs/{org}/effectiveScopes` and `GET /orgs/{org}/features`, both at once, within 10 s), and holds
    /// it against what this crate does. Worth a call when a connection is set up.
    ///
    /// ```
    /// # use elevate_openpath::{Client, Error};
    /// async fn is_ready(client: &Client) -> Result<bool, Error> {
    ///     let check = client.self_check().await?;
    ///     println!("{check}");
    ///     Ok(check.missing().next().is_none() && check.remote_unlock != Some(false))
    /// }
    /// ```
    ///
    /// # Errors
    /// Why the account's scopes could not be read; see [`ErrorKind`](crate::ErrorKind). Features that could not
    /// be read are no error.
    pub async fn self_check(&self) -> Result<SelfCheck, Error> {
        self.self_check_by(Instant::now() + WITHIN).await
    }

    /// The same by that moment: features that take longer do not take the scopes along.
    pub(crate) async fn self_check_by(&self, by: Instant) -> Result<SelfCheck, Error> {
        let (scopes, features) =
            join(timeout_at(by, self.scopes()), timeout_at(by, self.features().all())).await;
        let mut scopes = scopes.unwrap_or_else(|_| Err(Error::late()))?;
        let scrubber = self.scrubber();
        for scope in &mut scopes.data.scopes {
            if scrubber.holds_secret(scope) {
                *scope = scrubber.scrub(scope);
            }
        }
        let features = features.ok().and_then(Result::ok);
        let meta = scopes.meta.unwrap_or_default();
        Ok(SelfCheck::of(self.org(), scopes.data, &meta, features.as_ref()))
    }
}

impl SelfCheck {
    fn of(
        org: &OrgId,
        granted: EffectiveScopes,
        meta: &Meta,
        features: Option<&Listing<Feature>>,
    ) -> Self {
        let allows = |call: &Made| {
            let named = granted.allowed_operation_ids.iter().any(|id| id == call.id);
            // No list at all says nothing, and neither does one that may know the call by another name.
            let is_told = !granted.allowed_operation_ids.is_empty() && call.is_documented;
            if named { Some(true) } else { is_told.then_some(false) }
        };
        let calls = CALLS.iter().map(|call| CheckedCall {
            operation_id: call.id,
            purpose: call.purpose,
            is_needed: call.is_needed,
            allowed: allows(call),
        });
        let mut site_ids = meta.site_ids();
        for id in features.into_iter().flat_map(|listing| &listing.site_ids) {
            site_ids.add(id.clone());
        }
        Self {
            org: org.clone(),
            calls: calls.collect(),
            remote_unlock: features.and_then(|listing| has_remote_unlock(&listing.rows)),
            is_site_bound: meta.is_site_bound() || features.is_some_and(|l| l.is_site_bound),
            site_ids: site_ids.into_list(),
            scopes: granted.scopes,
        }
    }

    /// The calls that are needed and that the account may not make.
    pub fn missing(&self) -> impl Iterator<Item = &CheckedCall> {
        self.calls.iter().filter(|call| call.is_needed && call.allowed == Some(false))
    }

    /// The account's scopes beyond what is needed, which is `o{org}-user:w` alone: those that let it write
    /// anything else in this organisation, and all that reach beyond it (`o:w`, `s-o:w`, another
    /// organisation's). Whoever steals the account's password has them too. What lets it read more of this
    /// organisation is not counted: the calls for diagnosis need some of that.
    pub fn excess_scopes(&self) -> impl Iterator<Item = &str> {
        self.scopes.iter().map(String::as_str).filter(|scope| is_excess(scope, &self.org))
    }
}

fn has_remote_unlock(features: &[Feature]) -> Option<bool> {
    let codes: Option<Vec<&str>> = features.iter().map(|feature| feature.code.as_deref()).collect();
    if features.iter().any(|feature| feature.code.as_deref() == Some(REMOTE_UNLOCK)) {
        return Some(true);
    }
    // Neither an empty list nor a feature without a code says that it is not there.
    codes.filter(|codes| !codes.is_empty()).map(|_| false)
}

fn is_excess(scope: &str, org: &OrgId) -> bool {
    let Some(of_org) = scope.strip_prefix(&format!("o{org}-")) else { return true };
    // `user7001:w`, for one user, is part of `user:w`.
    let is_of_users = of_org
        .strip_prefix("user")
        .is_some_and(|rest| rest.trim_start_matches(|c: char| c.is_ascii_digit()).starts_with(':'));
    of_org.ends_with(":w") && !is_of_users
}

impl fmt::Display for SelfCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let needed = || self.calls.iter().filter(|call| call.is_needed);
        write!(f, "Openpath organisation {}: ", self.org)?;
        match self.missing().count() {
            0 if needed().all(|call| call.allowed == Some(true)) => {
                f.write_str("the account may make all calls that are needed")?;
            }
            0 => f.write_str("the vendor does not say what the account may do")?,
            missing => write!(
                f,
                "the account may not make {missing} of the {} calls that are needed; \
                 give its role the scope o{}-user:w",
                needed().count(),
                self.org
            )?,
        }
        for (title, is_needed) in [("needed", true), ("to say why a door stays shut", false)] {
            write!(f, "\n{title}:")?;
            for call in self.calls.iter().filter(|call| call.is_needed == is_needed) {
                let mark = match call.allowed {
                    Some(true) => "yes",
                    Some(false) => "no ",
                    None => "?  ",
                };
                write!(f, "\n  {mark} {:<19} {}", call.operation_id, call.purpose)?;
            }
        }
        f.write_str("\nscopes beyond what is needed: ")?;
        let excess: Vec<_> = self.excess_scopes().collect();
        f.write_str(match (self.scopes.is_empty(), excess.is_empty()) {
            (true, _) => "not told",
            (false, true) => "none",
            (false, false) => "",
        })?;
        // The vendor's words, so they are taken for what anybody may have written.
        let scrubber = Scrubber::new();
        for (i, scope) in excess.iter().take(MOST_NAMED).enumerate() {
            write!(f, "{}{}", if i == 0 { "" } else { ", " }, scrubber.scrub(scope))?;
        }
        if excess.len() > MOST_NAMED {
            write!(f, " and {} more", excess.len() - MOST_NAMED)?;
        }
        f.write_str("\nremote unlock: ")?;
        f.write_str(match self.remote_unlock {
            Some(true) => "in the plan",
            Some(false) => "not in the plan: doors may not open by cloud",
            None => "not told",
        })?;
        f.write_str("\nsites: ")?;
        let sites: Vec<_> = self.site_ids.iter().map(SiteId::as_str).take(MOST_NAMED).collect();
        match (self.is_site_bound, sites.as_slice()) {
            (false, _) => f.write_str("all, as far as the vendor says"),
            (true, []) => f.write_str("some only, not told which; users of others are not found"),
            (true, sites) => {
                write!(f, "only {}", sites.join(", "))?;
                if self.site_ids.len() > MOST_NAMED {
                    write!(f, " and {} more", self.site_ids.len() - MOST_NAMED)?;
                }
                f.write_str("; users of others are not found")
            }
        }
    }
}

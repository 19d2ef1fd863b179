//! What is kept of the users that pass by: those with an e-mail of the roster, and no others.

use std::collections::{BTreeSet, HashMap};

use elevate_access::RosterEntry;
use elevate_transport::Scrubber;
use jiff::Timestamp;

use super::super::person::Candidate;
use crate::{NamespaceId, SiteId, User, UserId};

/// The most users with one e-mail that are kept: more cannot be told apart any better.
const MOST_ALIKE: usize = 16;

/// A user as an audit sees them.
pub(super) struct Seen {
    pub(super) candidate: Candidate,
    pub(super) email: Option<String>,
    pub(super) name: Option<String>,
    pub(super) namespace: Option<NamespaceId>,
    /// Whether Openpath told of which sites the user is.
    pub(super) knows_sites: bool,
    /// Whether the user is of one of this building's sites, or that cannot be told.
    pub(super) is_here: bool,
}

impl Seen {
    pub(super) fn of(user: User, here: Option<&BTreeSet<SiteId>>, scrubber: &Scrubber) -> Self {
        // Names are told as written, unless a vendor put a secret of ours into one.
        let harmless =
            |text: String| if scrubber.holds_secret(&text) { scrubber.scrub(&text) } else { text };
        let mut sites = user.sites.iter().filter_map(|site| site.id.as_ref()).peekable();
        let knows_sites = sites.peek().is_some();
        let is_here = here.is_none_or(|here| !knows_sites || sites.any(|site| here.contains(site)));
        let email = user.email().map(str::to_owned).map(harmless);
        let name = user.identity.as_ref().and_then(|identity| {
            let parts = [identity.first_name.as_deref(), identity.last_name.as_deref()];
            let joined = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
            let full = identity.full_name.clone().filter(|name| !name.trim().is_empty());
            full.or(Some(joined).filter(|name| !name.trim().is_empty())).map(harmless)
        });
        let namespace = user.identity.as_ref().and_then(|one| one.namespace.as_ref()?.id.clone());
        Self { candidate: user.into(), email, name, namespace, knows_sites, is_here }
    }

    pub(super) fn id(&self) -> &UserId {
        &self.candidate.id
    }
}

/// The users with an e-mail of the roster, by it.
pub(super) struct Roll {
    by_email: HashMap<String, Held>,
    /// How many users passed.
    pub(super) read: usize,
    /// How many active ones are nobody's.
    pub(super) unclaimed: usize,
    pub(super) is_site_bound: bool,
}

/// What stands under one e-mail.
#[derive(Default)]
struct Held {
    users: Vec<Seen>,
    /// How many Current residents have it.
    current: usize,
    /// How many have it who are to live here.
    future: usize,
}

/// Of those who have an e-mail, how the one stands who is nearest to living here.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum HeldBy {
    Current,
    Future,
    Former,
}

impl Roll {
    pub(super) fn of(roster: &[RosterEntry]) -> Self {
        let mut by_email: HashMap<String, Held> = HashMap::new();
        for entry in roster {
            let Some(key) = key(entry) else { continue };
            let held = by_email.entry(key).or_default();
            held.current += usize::from(entry.is_current());
            held.future += usize::from(entry.is_future());
        }
        Self { by_email, read: 0, unclaimed: 0, is_site_bound: false }
    }

    /// Whether somebody on the roster has that e-mail, whatever their standing.
    pub(super) fn knows(&self, email: &str) -> bool {
        self.by_email.contains_key(&email.to_ascii_lowercase())
    }

    /// Keeps the user with those of the same e-mail; where there are too many, whoever may be active before who is not:
    /// nobody can hide behind a row of archived ones.
    pub(super) fn add(&mut self, user: Seen, now: Timestamp) {
        let key = user.email.as_deref().map(str::to_ascii_lowercase);
        let Some(held) = key.and_then(|key| self.by_email.get_mut(&key)) else { return };
        if held.users.len() < MOST_ALIKE {
            held.users.push(user);
        } else if user.may_be_active(now)
            && let Some(place) = held.users.iter().position(|held| !held.may_be_active(now))
        {
            held.users[place] = user;
        }
    }

    pub(super) fn users_of(&self, entry: &RosterEntry) -> &[Seen] {
        self.held(entry).map_or(&[], |held| &held.users)
    }

    /// Whether another Current resident is the same user.
    pub(super) fn shares(&self, entry: &RosterEntry) -> bool {
        entry.is_current() && self.held(entry).is_some_and(|held| held.current > 1)
    }

    /// Whether somebody has that e-mail who lives here now or will.
    pub(super) fn held_by(&self, entry: &RosterEntry) -> HeldBy {
        match self.held(entry).map(|held| (held.current, held.future)) {
            Some((1.., _)) => HeldBy::Current,
            Some((0, 1..)) => HeldBy::Future,
            _ => HeldBy::Former,
        }
    }

    /// Every user that is kept.
    pub(super) fn ids(&self) -> impl Iterator<Item = &UserId> {
        self.by_email.values().flat_map(|held| &held.users).map(Seen::id)
    }

    fn held(&self, entry: &RosterEntry) -> Option<&Held> {
        self.by_email.get(&key(entry)?)
    }
}

fn key(entry: &RosterEntry) -> Option<String> {
    entry.email.as_ref().map(|email| email.expose().to_ascii_lowercase())
}

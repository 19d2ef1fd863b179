//! What a connection is like, seen at once: what health and the go-live report are made of.

mod lines;

use std::{collections::BTreeSet, sync::Arc};

use elevate_access::{BuildingUnits, Cause, Check, Error, Freshness, Reason};
use elevate_unit_match::{Lookup, Named};
use futures_util::future::join5;
use jiff::Timestamp;
use tokio::time::Instant;

use self::lines::Lines;
pub(super) use self::lines::count;
use super::{
    Inner,
    map::UnitMap,
    matching::{Fate, fate},
    units::TheirUnits,
};
use crate::{
    AccountErrorCode, AccountType, AccountWarningCode, AccountsQuery, ConnectedAccount,
    ConnectedAccountId, DevicesQuery, UnmanagedDevice, Workspace,
};

/// What a survey is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Whether the connection works, while residents use it: units without a counterpart are a figure.
    Health,
    /// Whether residents can be let in: they are open.
    GoLive,
}

/// What was found, in the order in which to mend it.
#[derive(Debug, Default)]
pub(super) struct Survey {
    pub(super) checks: Vec<Check>,
    /// Why nothing works, if nothing does.
    pub(super) down: Option<Reason>,
    pub(super) figures: Figures,
}

/// How many there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Figures {
    pub(super) doors: usize,
    pub(super) unmanaged: usize,
    pub(super) their_units: usize,
    pub(super) our_units: usize,
    pub(super) matched: usize,
}

/// All that is read for it.
struct Facts {
    workspace: Result<Workspace, Error>,
    accounts: Result<Vec<ConnectedAccount>, Error>,
    map: Result<Arc<UnitMap>, Error>,
    unmanaged: Result<Vec<UnmanagedDevice>, Error>,
    units: Result<Arc<BuildingUnits>, Error>,
}

const MEND_FIRST: &str = "what comes before has to be mended first";

impl Inner {
    /// Reads everything once and at the same time, by that time at the latest, and tells what it is like.
    pub(super) async fn survey(
        self: &Arc<Self>,
        purpose: Purpose,
        units: impl Future<Output = Result<Arc<BuildingUnits>, Error>>,
        now: Timestamp,
        by: Instant,
    ) -> Survey {
        let facts = self.facts(units, now, by).await;
        let mut survey = Survey::default();
        let mut lines = Lines::new(&mut survey.checks, purpose);
        match self.reached(&facts, &mut lines) {
            Ok(map) => {
                self.accounts(&facts, &map, &mut lines);
                if purpose == Purpose::GoLive {
                    preconditions(&map, &mut lines);
                }
                self.devices(&facts, &map, &mut survey.figures, &mut lines);
                self.settings_fit(&facts, &map, &mut lines);
                match &facts.units {
                    Ok(units) => self.units(&map, units, &mut survey.figures, &mut lines),
                    Err(error) => {
                        let what = "The building's list of units can be read.";
                        lines.failed(what, error.reason().clone());
                    }
                }
                self.seen(&map, survey.figures, now, &mut lines);
            }
            Err(reason) => {
                lines.unknowable("Accounts, doors and units are in order.", MEND_FIRST);
                survey.down = Some(reason);
            }
        }
        survey
    }

    async fn facts(
        self: &Arc<Self>,
        units: impl Future<Output = Result<Arc<BuildingUnits>, Error>>,
        now: Timestamp,
        by: Instant,
    ) -> Facts {
        let mut of_accounts = AccountsQuery::new();
        if let Some(key) = &self.settings.pins.customer {
            of_accounts = of_accounts.customer_key(key);
        }
        let (accounts, unmanaged) = (
            self.client.connected_accounts(&of_accounts),
            self.client.unmanaged_devices(&DevicesQuery::new()),
        );
        let (workspace, accounts, map, unmanaged, units) = join5(
            self.client.get_workspace(by),
            accounts.all(by),
            self.map_by(now, Freshness::Fresh, by),
            unmanaged.all(by),
            units,
        )
        .await;
        Facts {
            workspace: workspace.map_err(|error| self.trouble(error)),
            accounts: accounts.map_err(|error| self.trouble(error)),
            map: map.map(|map| map.value),
            unmanaged: unmanaged.map_err(|error| self.trouble(error)),
            units,
        }
    }

    /// Whether there is anything to look at: the workspace, and the map of it.
    fn reached(&self, facts: &Facts, lines: &mut Lines<'_>) -> Result<Arc<UnitMap>, Reason> {
        let can_read = "Seam can be reached, and accepts the key.";
        let workspace = match &facts.workspace {
            Ok(workspace) => workspace,
            Err(error) => return Err(lines.down(can_read, error.reason())),
        };
        lines.passed(can_read);
        let is_ours = "The Seam workspace is this connection's, and in use.";
        if let Some(reason) = self.against(workspace) {
            return Err(lines.down(is_ours, &reason));
        }
        lines.passed(is_ours);
        let is_whole = "Devices and units can be read whole.";
        match &facts.map {
            Ok(map) => {
                lines.passed(is_whole);
                Ok(Arc::clone(map))
            }
            Err(error) => Err(lines.down(is_whole, error.reason())),
        }
    }

    /// What is wrong with the workspace.
    pub(super) fn against(&self, workspace: &Workspace) -> Option<Reason> {
        let setup = |detail: &str| self.reason(Cause::SetupWrong).with_detail(detail);
        if let Some(pinned) = &self.settings.pins.workspace
            && workspace.workspace_id != *pinned
        {
            let other = self.client.scrub(workspace.workspace_id.as_str());
            return Some(setup(&format!(
                "the connection is pinned to the workspace {pinned}, and its key is of {other}"
            )));
        }
        let is_suspended = workspace.is_suspended == Some(true);
        is_suspended.then(|| setup("the Seam workspace is suspended"))
    }

    /// The accounts that doors of this connection come with, or should.
    fn is_our_account(&self, map: &UnitMap, account: &ConnectedAccount) -> bool {
        let (id, pins) = (&account.connected_account_id, &self.settings.pins);
        let is_two_n = account.account_type == Some(AccountType::TwoN);
        let may_bring = if pins.accounts.is_some() {
            pins.is_account(Some(id))
        } else {
            // Whether an account without doors lies in a parent space cannot be told.
            pins.customer.is_some() || (is_two_n && pins.parent.is_none())
        };
        pins.is_customer(account.customer_key.as_deref())
            && (may_bring || map.door_accounts.contains(id))
    }

    fn accounts(&self, facts: &Facts, map: &UnitMap, lines: &mut Lines<'_>) {
        let (signed_in, brings) = (
            "Every connected account is signed in.",
            "Every connected account has brought devices.",
        );
        let all = match &facts.accounts {
            Ok(all) => all,
            Err(error) => {
                lines.failed(signed_in, error.reason().clone());
                return lines.unknowable(brings, "the accounts could not be read");
            }
        };
        let ours: Vec<_> = all.iter().filter(|one| self.is_our_account(map, one)).collect();
        let signed_out = ours.iter().filter_map(|account| {
            let disconnected = Some(AccountErrorCode::AccountDisconnected);
            let asked = Some(AccountWarningCode::AccountReauthorizationRequested);
            let error = account.errors.iter().find(|error| error.error_code == disconnected);
            let warning = account.warnings.iter().find(|warning| warning.warning_code == asked);
            let since = match (error, warning) {
                (Some(error), _) => error.created_at,
                (None, Some(warning)) => warning.created_at,
                (None, None) => return None,
            };
            let reason = self.reason(Cause::SignInNeeded);
            let reason = reason.about(&self.client.scrub(account.connected_account_id.as_str()));
            Some(match since {
                Some(since) => reason.since(since),
                None => reason,
            })
        });
        lines.each(signed_in, signed_out);
        let Ok(unmanaged) = &facts.unmanaged else {
            return lines.unknowable(brings, "devices that are not managed could not be read");
        };
        let brought: BTreeSet<&ConnectedAccountId> = unmanaged
            .iter()
            .filter_map(|device| device.connected_account_id.as_ref())
            .chain(&map.accounts)
            .collect();
        let empty = ours.iter().filter(|one| !brought.contains(&one.connected_account_id));
        let nothing = empty.map(|account| {
            let id = self.client.scrub(account.connected_account_id.as_str());
            self.reason(Cause::NothingSynced).with_detail(&format!("the connected account {id}"))
        });
        lines.each(brings, nothing);
    }

    fn devices(&self, facts: &Facts, map: &UnitMap, figures: &mut Figures, lines: &mut Lines<'_>) {
        figures.doors = map.doors.len();
        let what = "No device is left unmanaged at Seam.";
        match &facts.unmanaged {
            Err(error) => lines.failed(what, error.reason().clone()),
            Ok(all) => {
                let ours: Vec<_> =
                    all.iter().filter(|one| self.is_our_device(facts, map, one)).collect();
                figures.unmanaged = ours.len();
                let left = ours.into_iter().map(|device| {
                    let name = device.name().map(|name| self.client.scrub(name));
                    let id = self.client.scrub(device.device_id.as_str());
                    let reason = self.reason(Cause::DoorUnmanaged);
                    reason
                        .about(name.as_deref().unwrap_or(&id))
                        .with_detail(&format!("device {id}"))
                });
                lines.each(what, left);
            }
        }
        let doors = || map.doors.values();
        lines.each(
            "Every door can be unlocked remotely.",
            doors().filter_map(|door| door.blocked.first().cloned()),
        );
        lines.each(
            "Every door was within reach when Seam last heard of it.",
            doors().filter(|door| door.blocked.is_empty()).filter_map(|door| door.notice.clone()),
        );
        let warned = doors().flat_map(|door| {
            door.warnings.iter().map(|(code, since)| {
                let code = self.client.scrub(code.as_str());
                let reason = self.about(Cause::DoorWarned, door);
                let reason = reason.with_detail(&format!("Seam warns of {code}"));
                match since {
                    Some(since) => reason.since(*since),
                    None => reason,
                }
            })
        });
        lines.each("Every door is free of warnings by Seam.", warned);
    }

    /// Whether a device that is not managed would be a door of this connection. It says of no space that it lies
    /// in it.
    fn is_our_device(&self, facts: &Facts, map: &UnitMap, device: &UnmanagedDevice) -> bool {
        let account = device.connected_account_id.as_ref();
        let is_door_type = device
            .device_type
            .as_ref()
            .is_none_or(|known| self.settings.device_types.contains(known));
        let pins = &self.settings.pins;
        let is_known = || account.is_some_and(|account| map.door_accounts.contains(account));
        let of_customer = |account: &ConnectedAccountId| {
            facts.accounts.iter().flatten().any(|one| {
                one.connected_account_id == *account
                    && pins.is_customer(one.customer_key.as_deref())
            })
        };
        is_door_type
            && pins.is_account(account)
            && (pins.parent.is_none() || is_known())
            && (pins.customer.is_none() || account.is_some_and(of_customer))
    }

    fn units(
        &self,
        map: &UnitMap,
        units: &Arc<BuildingUnits>,
        figures: &mut Figures,
        lines: &mut Lines<'_>,
    ) {
        let ours = self.ours.index(units);
        self.names(map, &ours, lines);
        let (mut unmatched, mut without_doors, mut seen) =
            (Vec::new(), Vec::new(), BTreeSet::new());
        for unit in units.iter().filter(|unit| seen.insert((&unit.id, &unit.name))) {
            figures.our_units += 1;
            let fate = fate(&ours, map, unit);
            match fate {
                Fate::Doors(_) => figures.matched += 1,
                Fate::WithoutDoors(_) => {
                    figures.matched += 1;
                    without_doors.extend(self.problem(fate, unit));
                }
                Fate::Unmatched => unmatched.extend(self.problem(fate, unit)),
                // Told with the names.
                _ => {}
            }
        }
        let theirs = map.units.iter().filter(|(name, unit)| self.is_ours(&ours, name, unit));
        figures.their_units = theirs.count();
        lines.open(
            "Every unit of the building is matched to a 2N unit.",
            "Units of the building that no 2N unit matches.",
            unmatched,
        );
        lines.open(
            "Every matched 2N unit has doors.",
            "Matched 2N units without doors.",
            without_doors,
        );
        if let (Purpose::GoLive, TheirUnits::Named(theirs)) = (lines.purpose(), &map.units) {
            let is_left = |unit: &&Named<_>| matches!(ours.names.get(unit.name()), Lookup::Absent);
            let is_told = |unit: &&Named<_>| self.is_ours(&ours, unit.name(), unit.item());
            let left = theirs.single().filter(is_left).filter(is_told);
            let left = left.map(|unit| self.client.scrub(unit.name()));
            lines.names("2N units that match no unit of the building.", left);
        }
    }
}

/// What 2N has to have switched on, and nobody can read from here. A device that says otherwise is told by name,
/// with the doors.
fn preconditions(map: &UnitMap, lines: &mut Lines<'_>) {
    let ask = |whom: &str| format!("it cannot be read through Seam: {whom}");
    if map.doors.is_empty() {
        // What was brought proves that it is on.
        lines.unknowable(
            "2N has enabled remote access (RAA) for the company.",
            &ask("ask 2N's integrations desk, with the company's id"),
        );
        lines.unknowable(
            "The account that signed in is a company admin without a second factor.",
            &ask("look in My2N"),
        );
    }
    lines.unknowable(
        "On each device all HTTP API services are on, Secure (TLS), with Digest.",
        &ask("look at each device's own pages"),
    );
    lines.unknowable(
        "Each device has an API user with Monitoring and Control.",
        &ask("look at each device's own pages; a tap on each door shows it"),
    );
}

//! The organisation's doors: their states, and the plans that lock them down.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::Openpath;
use super::list::Page;
use super::operation::Call;
use super::refusal::{Refusal, Source};
use super::row::{at, id_of, row_id, text_at};
use super::shape::Input;
use crate::Reply;

/// The id of the state that every entry is in unless a test says otherwise.
const STANDARD_SECURITY: u64 = 2;

/// The entries of an organisation, and what is so of them at the moment.
#[derive(Clone)]
pub(super) struct Doors {
    /// Rows as a user's list of entries shows them.
    pub(super) entries: BTreeMap<u64, Value>,
    /// Entries whose door does not open, although the cloud takes the order.
    pub(super) broken: BTreeSet<u64>,
    states: BTreeMap<u64, State>,
    /// The states of entries that are not in the usual one.
    in_state: BTreeMap<u64, u64>,
    plans: BTreeMap<u64, Plan>,
}

/// An entry state: what opens the doors that are in it.
#[derive(Clone)]
struct State {
    name: String,
    /// By the `modelName` of their credential types.
    methods: Vec<String>,
}

/// A lockdown plan: zones whose doors cannot be opened while it is active.
#[derive(Clone)]
struct Plan {
    name: String,
    zones: Vec<u64>,
    is_active: bool,
}

impl Doors {
    pub(super) fn new() -> Self {
        let standard = State {
            name: "Standard Security".to_owned(),
            methods: vec!["cloudKey".to_owned(), "mobile".to_owned()],
        };
        Self {
            entries: BTreeMap::new(),
            broken: BTreeSet::new(),
            states: BTreeMap::from([(STANDARD_SECURITY, standard)]),
            in_state: BTreeMap::new(),
            plans: BTreeMap::new(),
        }
    }

    /// Why nobody's cloud key opens that entry at the moment, if none does.
    pub(super) fn objection(&self, entry: u64) -> Option<&'static str> {
        let (_, state) = self.state_of(entry);
        if !state.is_some_and(|state| state.methods.iter().any(|method| method == "cloudKey")) {
            return Some("Entry state does not allow cloud keys");
        }
        let zone = self.entries.get(&entry).and_then(|row| id_of(at(row, "zone.id")));
        let mut active = self.plans.values().filter(|plan| plan.is_active);
        active
            .any(|plan| zone.is_some_and(|zone| plan.zones.contains(&zone)))
            .then_some("Entry is in lockdown")
    }

    fn state_of(&self, entry: u64) -> (u64, Option<&State>) {
        let id = self.in_state.get(&entry).copied().unwrap_or(STANDARD_SECURITY);
        (id, self.states.get(&id))
    }

    /// The row of an entry as the organisation's list of entries shows it.
    fn org_entry(&self, row: &Value) -> Value {
        let (state, known) = self.state_of(row_id(row).unwrap_or_default());
        let site = id_of(at(row, "zone.site.id"));
        let acu = site
            .map(|id| json!({ "id": 9_000 + id, "name": "Controller", "isGatewayMode": false }));
        let zone = at(row, "zone").as_object().map(|_| {
            json!({
                "id": at(row, "zone.id"),
                "name": at(row, "zone.name"),
                "site": at(row, "zone.site"),
            })
        });
        let lock = at(row, "wirelessLock.id");
        json!({
            "id": at(row, "id"),
            "name": at(row, "name"),
            "isPincodeEnabled": false,
            "pincode": null,
            "acu": acu,
            "wirelessLock": (!lock.is_null()).then(|| json!({ "id": lock })),
            "entryState": { "id": state, "name": known.map(|known| &known.name) },
            "zone": zone,
            "schedule": null,
            "isReaderless": false,
            "isIntercomEntry": false,
        })
    }
}

/// States and lockdowns, as a test tells of them. Each verb panics if what it names is not there.
impl Openpath {
    /// With an entry state in which credentials of these types, by `modelName`, open doors.
    ///
    /// There is one already: "Standard Security", id 2, with `cloudKey` and `mobile`. A state of the same
    /// id is replaced.
    pub fn entry_state(mut self, id: u64, name: &str, methods: &[&str]) -> Self {
        let methods = methods.iter().map(|&method| method.to_owned()).collect();
        self.doors.states.insert(id, State { name: name.to_owned(), methods });
        self
    }

    /// Puts an entry into a state.
    #[track_caller]
    pub fn set_door_state(&mut self, entry: u64, state: u64) {
        told(self.doors.entries.get(&entry), "entry", entry);
        told(self.doors.states.get(&state), "entry state", state);
        self.doors.in_state.insert(entry, state);
    }

    /// With a lockdown plan for these zones, which is not active.
    pub fn lockdown_plan(mut self, id: u64, name: &str, zones: &[u64]) -> Self {
        let plan = Plan { name: name.to_owned(), zones: zones.to_vec(), is_active: false };
        self.doors.plans.insert(id, plan);
        self
    }

    /// Activates a lockdown plan: no unlock of an entry in its zones is granted.
    #[track_caller]
    pub fn start_lockdown(&mut self, id: u64) {
        told(self.doors.plans.get_mut(&id), "lockdown plan", id).is_active = true;
    }

    /// Ends a lockdown.
    #[track_caller]
    pub fn end_lockdown(&mut self, id: u64) {
        told(self.doors.plans.get_mut(&id), "lockdown plan", id).is_active = false;
    }
}

#[track_caller]
#[expect(clippy::panic, reason = "a story about what is not there must not pass a test")]
fn told<T>(found: Option<T>, what: &str, id: u64) -> T {
    match found {
        Some(found) => found,
        None => panic!("the stand-in for Openpath has no {what} {id}"),
    }
}

/// The lists of them.
impl Openpath {
    pub(super) fn list_entries(&self, input: &Input) -> Result<Reply, Refusal> {
        let rows: Vec<Value> =
            self.doors.entries.values().map(|row| self.doors.org_entry(row)).collect();
        self.paged(&rows, input, "name", true)
    }

    pub(super) fn describe_entry(&self, call: &Call<'_>) -> Result<Reply, Refusal> {
        let id = call.entry.and_then(|id| id.parse::<u64>().ok());
        let row = id.and_then(|id| self.doors.entries.get(&id)).ok_or_else(Refusal::not_found)?;
        Ok(self.granted(200, json!({ "data": self.doors.org_entry(row) })))
    }

    pub(super) fn list_entry_states(&self, input: &Input) -> Result<Reply, Refusal> {
        let states = (1_u64..).zip(&self.doors.states);
        let rows: Vec<Value> = states
            .map(|(ordinal, (id, state))| {
                let methods: Vec<Value> =
                    (1_u64..).zip(&state.methods).map(|(n, model)| self.method(n, model)).collect();
                json!({
                    "id": id,
                    "ordinal": ordinal,
                    "name": state.name,
                    "code": state.name.to_lowercase().replace(' ', "-"),
                    "isLocked": true,
                    "isToggle": false,
                    "orgId": null,
                    "isMultiFactor": false,
                    "triggerMethodCount": methods.len(),
                    "triggerMethods": methods,
                    "secondFactorTriggerMethods": [],
                })
            })
            .collect();
        self.paged(&rows, input, "ordinal", false)
    }

    /// A trigger method. A kind of credential that the organisation does not have gets an id of its own.
    fn method(&self, n: u64, model: &str) -> Value {
        let kind = self.types.iter().find(|kind| text_at(kind, "modelName") == Some(model));
        let kind = kind.and_then(row_id).unwrap_or(900 + n);
        json!({
            "id": 1_000 + kind,
            "code": model,
            "connectionTypeCode": "any",
            "requestTypeCode": "unlock",
            "credentialType": { "id": kind, "modelName": model },
        })
    }

    pub(super) fn list_lockdown_plans(&self, input: &Input) -> Result<Reply, Refusal> {
        let row = |(id, plan): (&u64, &Plan)| {
            let zones = plan.zones.iter().map(|zone| json!({ "zone": { "id": zone } }));
            json!({
                "id": id,
                "name": plan.name,
                "isActive": plan.is_active,
                "zoneStates": zones.collect::<Vec<_>>(),
            })
        };
        let rows: Vec<Value> = self.doors.plans.iter().map(row).collect();
        self.paged(&rows, input, "id", false)
    }

    fn paged(
        &self,
        rows: &[Value],
        input: &Input,
        sort_by: &str,
        with_cursors: bool,
    ) -> Result<Reply, Refusal> {
        let page =
            Page::cut(rows.iter().collect(), input, &self.behaviour, Source::Query, sort_by)?;
        Ok(self.granted(200, page.body(with_cursors)))
    }
}

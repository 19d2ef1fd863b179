//! A door system small enough to read in one go: a model, and a provider on it.
//!
//! It stands in where the vendor does not matter, and shows what a third provider has to do.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use elevate_access::{
    AccessProvider, Audited, Auditor, Cause, Check, Context, Error, Finding, Freshness, Grant,
    Grants, Health, Identity, Notification, Notified, Occupant, PastOrder, ProviderInfo, Reason,
    Subject, SubjectKind, System, Tally, UnlockPermit, Urgency, VendorDoorId, Verdict,
};
use elevate_transport::{
    Delivery, Gate, Method, Operation, Request, StatusCode, Url, Wire, WireError,
};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::{Effect, Ledger, Model, Order, Received, Reply};

/// A door system in memory: who may open which doors, by the host's own resident ids.
#[derive(Clone, Debug, Default)]
pub struct MemorySystem {
    doors: BTreeMap<String, String>,
    granted: BTreeMap<String, BTreeSet<String>>,
    answer: MemoryAnswer,
    ledger: Ledger,
}

/// What a [`MemorySystem`] makes of the orders that it gets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MemoryAnswer {
    /// The door opens, and says so.
    #[default]
    Opens,
    /// The order is taken; whether the door opens is not said.
    Takes,
    /// The order is taken, and the door reports that it failed.
    Fails,
}

impl MemorySystem {
    /// A system without doors.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a door.
    pub fn door(mut self, id: &str, name: &str) -> Self {
        self.doors.insert(id.into(), name.into());
        self
    }

    /// Lets the resident open the door.
    pub fn granting(mut self, resident: &str, door: &str) -> Self {
        self.grant(resident, door);
        self
    }

    /// Lets the resident open the door from now on.
    pub fn grant(&mut self, resident: &str, door: &str) {
        self.granted.entry(resident.into()).or_default().insert(door.into());
    }

    /// Takes the door from the resident from now on.
    pub fn revoke(&mut self, resident: &str, door: &str) {
        if let Some(doors) = self.granted.get_mut(resident) {
            doors.remove(door);
        }
    }

    /// Sets what becomes of orders from now on.
    pub fn answer_with(&mut self, answer: MemoryAnswer) {
        self.answer = answer;
    }

    fn may(&self, who: &str, door: &str) -> bool {
        self.granted.get(who).is_some_and(|doors| doors.contains(door))
    }
}

impl Model for MemorySystem {
    fn answer(&mut self, request: &Received, now: Timestamp) -> Reply {
        let asked: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let who = asked["who"].as_str().unwrap_or_default();
        match request.path.as_str() {
            "/doors" => {
                let mine = self.doors.iter().filter(|(id, _)| self.may(who, id));
                let doors: Vec<_> =
                    mine.map(|(id, name)| json!({"id": id, "name": name})).collect();
                Reply::json(200, json!({ "doors": doors }).to_string())
            }
            "/open" => {
                let door = asked["door"].as_str().unwrap_or_default();
                let effect = match (self.may(who, door), self.answer) {
                    (false, _) => Effect::Refused,
                    (true, MemoryAnswer::Fails) => Effect::Failed,
                    (true, _) => Effect::Opened,
                };
                let (door, who) = (door.to_owned(), who.to_owned());
                let order = Order { door, who, at: now, reference: None, effect };
                let place = self.ledger.enter(order);
                let said = match (effect, self.answer) {
                    (Effect::Refused, _) => return Reply::json(403, r#"{"error":"not yours"}"#),
                    (Effect::Failed, _) => "failed",
                    (_, MemoryAnswer::Takes) => "taken",
                    _ => "opened",
                };
                Reply::json(200, json!({"order": place.to_string(), "door": said}).to_string())
            }
            "/order" => {
                let place = asked["order"].as_str().and_then(|place| place.parse::<usize>().ok());
                let order = place.and_then(|place| self.ledger.orders().get(place));
                let said = match order.map(|order| order.effect) {
                    None => return Reply::json(404, r#"{"error":"no such order"}"#),
                    Some(Effect::Opened) => "opened",
                    Some(_) => "failed",
                };
                Reply::json(200, json!({ "door": said }).to_string())
            }
            _ => Reply::json(404, r#"{"error":"no such path"}"#),
        }
    }

    fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    fn knows_host_ids(&self) -> bool {
        true
    }
}

/// The names of the system that a [`MemoryProvider`] speaks to.
const SYSTEM: System = System::new("Memory", "the memory console");

const LIST: Operation = Operation::new("memory.doors", "/doors");
const OPEN: Operation = Operation::new("memory.open", "/open");
const ORDER: Operation = Operation::new("memory.order", "/order");

/// How old its grants may be.
const AGE: Duration = Duration::from_mins(10);

/// The [`AccessProvider`] for a [`MemorySystem`]. It keeps nothing: each list is read anew.
///
/// Its audit knows of nobody but the residents themselves, so it looks only if each one's doors are asked for
/// ([`with_doors_of_each`](elevate_access::AuditOptions::with_doors_of_each)). To test what audits find, take the models of
/// [`openpath`](crate::openpath) or [`seam`](crate::seam).
#[derive(Clone, Debug)]
pub struct MemoryProvider {
    wire: Arc<dyn Wire>,
    base: Url,
}

impl MemoryProvider {
    /// A provider over that wire.
    ///
    /// # Errors
    /// If `base` is no URL.
    pub fn new(wire: Arc<dyn Wire>, base: &str) -> Result<Self, Error> {
        let base = Url::parse(base).map_err(|_| Error::new(Cause::InvalidInput))?;
        Ok(Self { wire, base })
    }

    fn request(&self, operation: Operation, body: &Value, answer_by: Instant) -> Request {
        let mut url = self.base.clone();
        url.set_path(operation.template);
        Request::new(operation, Method::POST, url, answer_by).json(body.to_string())
    }

    async fn doors(&self, who: &str, until: Instant) -> Result<Vec<Grant>, Error> {
        let body = json!({ "who": who });
        let answer = self.wire.send(self.request(LIST, &body, until)).await;
        let answer = answer.map_err(|e| unreachable_system(&e).in_call(LIST.name))?;
        let unusable = || Error::from(Reason::new(Cause::VendorReplyUnusable).in_system(&SYSTEM));
        if answer.status != StatusCode::OK {
            let detail = format!("status {}", answer.status.as_u16());
            let reason = Reason::new(Cause::VendorError).in_system(&SYSTEM).with_detail(&detail);
            return Err(Error::from(reason).in_call(LIST.name));
        }
        let listed: Value = serde_json::from_slice(&answer.body).map_err(|_| unusable())?;
        let listed = listed["doors"].as_array().ok_or_else(unusable)?;
        let grant = |door: &Value| {
            let id = VendorDoorId::new(door["id"].as_str()?).ok()?;
            Some(Grant::new(id, door["name"].as_str()?))
        };
        // One that cannot be read makes the whole list unusable: a list is complete, or it is none.
        listed.iter().map(|door| grant(door).ok_or_else(unusable)).collect()
    }
}

fn unreachable_system(error: &WireError) -> Error {
    Error::from(Reason::new(Cause::VendorUnreachable).in_system(&SYSTEM)).with_source(error.clone())
}

#[async_trait]
impl AccessProvider for MemoryProvider {
    fn info(&self) -> ProviderInfo {
        ProviderInfo::new(SYSTEM, Identity::Unit)
    }

    async fn grants(
        &self,
        context: &Context,
        occupant: &Occupant,
        _: Freshness,
    ) -> Result<Grants, Error> {
        let good_until = Instant::now() + AGE;
        let doors = self.doors(occupant.resident().as_str(), context.until()).await?;
        let none = doors.is_empty().then(|| Reason::new(Cause::NoDoorsAssigned).in_system(&SYSTEM));
        Ok(Grants { doors, problems: none.into_iter().collect(), good_until })
    }

    async fn unlock(
        &self,
        _: &Context,
        occupant: &Occupant,
        door: &VendorDoorId,
        permit: UnlockPermit,
    ) -> Verdict {
        let body = json!({"who": occupant.resident().as_str(), "door": door.as_str()});
        let request = self.request(OPEN, &body, permit.answer_by()).gated(Gate::new(permit.open()));
        let because = |cause| Reason::new(cause).in_system(&SYSTEM);
        let answer = match self.wire.send(request).await {
            Ok(answer) => answer,
            Err(e) if e.delivery() == Delivery::NeverSent => {
                return Verdict::NotSent(unreachable_system(&e));
            }
            Err(_) => return Verdict::Lost { reference: None, reason: because(Cause::AnswerLost) },
        };
        let said: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let reference = said["order"].as_str().map(str::to_owned);
        match (answer.status.as_u16(), said["door"].as_str()) {
            (200, Some("opened")) => Verdict::Opened { reference },
            (200, Some("taken")) => Verdict::Accepted { reference },
            (200, Some("failed")) => {
                Verdict::Failed { reference, reason: because(Cause::OrderFailed) }
            }
            (400..=499, _) => {
                Verdict::TurnedDown { certain: false, reason: because(Cause::OrderRefused) }
            }
            _ => Verdict::Lost { reference, reason: because(Cause::AnswerUnclear) },
        }
    }

    async fn look_back(
        &self,
        context: &Context,
        _: &Occupant,
        order: &PastOrder,
    ) -> Result<Option<Verdict>, Error> {
        let Some(reference) = &order.reference else { return Ok(None) };
        let request = self.request(ORDER, &json!({ "order": reference }), context.until());
        let answer = self.wire.send(request).await.map_err(|e| unreachable_system(&e))?;
        let said: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        Ok(match (answer.status.as_u16(), said["door"].as_str()) {
            (200, Some("opened")) => Some(Verdict::Opened { reference: None }),
            (200, Some("failed")) => {
                let reason = Reason::new(Cause::OrderFailed).in_system(&SYSTEM);
                Some(Verdict::Failed { reference: None, reason })
            }
            _ => None,
        })
    }

    async fn explain(
        &self,
        context: &Context,
        occupant: &Occupant,
        door: Option<&VendorDoorId>,
    ) -> Vec<Check> {
        let answers = "Memory answers.";
        let doors = match self.doors(occupant.resident().as_str(), context.until()).await {
            Ok(doors) => doors,
            Err(e) => return vec![Check::failed(answers, e.reason().clone())],
        };
        let granted = match door {
            Some(door) if !doors.iter().any(|d| d.id == *door) => Some(Cause::DoorNotGranted),
            None if doors.is_empty() => Some(Cause::NoDoorsAssigned),
            _ => None,
        };
        let what = "The resident has doors in Memory.";
        vec![
            Check::passed(answers),
            granted.map_or_else(
                || Check::passed(what),
                |cause| Check::failed(what, Reason::new(cause).in_system(&SYSTEM)),
            ),
        ]
    }

    async fn check(&self, context: &Context) -> Health {
        // Nobody's list: whether it can be read at all.
        match self.doors("", context.until()).await {
            Ok(_) => Health::ok(),
            Err(e) => Health::down(e.reason().clone()),
        }
    }

    async fn audit(&self, context: &Context, auditor: &Auditor) -> Result<Audited, Error> {
        let (mut with_doors, mut current) = (0, 0);
        for entry in auditor.roster().current() {
            current += 1;
            if !auditor.wants_doors_of_each() {
                continue;
            }
            auditor.called(1);
            if !self.doors(entry.resident.as_str(), context.until()).await?.is_empty() {
                with_doors += 1;
                continue;
            }
            let who = Subject::new(SubjectKind::Resident, entry.resident.as_str())
                .named_if(entry.name.as_deref())
                .living_in(entry.units.iter().map(|unit| unit.name.as_str()));
            let none = Reason::new(Cause::NoDoorsAssigned).in_system(&SYSTEM);
            auditor.found(Finding::new(Urgency::MustFix, who, none)).await;
        }
        let what = "Current residents with doors in Memory";
        let seen = auditor.wants_doors_of_each().then(|| Tally::part(what, with_doors, current));
        Ok(Audited::new(seen.into_iter().collect()))
    }

    async fn notified(&self, _: &Context, _: &Notification<'_>) -> Result<Notified, Error> {
        let none = Reason::new(Cause::DeliveryRefused).in_system(&SYSTEM);
        Err(none.with_detail("Memory sends none").into())
    }
}

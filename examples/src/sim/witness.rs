//! The witnesses: what left for the vendors, on whose behalf, and how it was answered.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use elevate_access::{
    AccessProvider, Audited, Auditor, Check, Context, Error, Freshness, Grants, Health,
    Notification, Notified, Occupant, Outcome, PastOrder, ProviderInfo, UnlockPermit, VendorDoorId,
    Verdict,
};
use elevate_transport::{Answer, Delivery, Request, Wire, WireError};
use serde_json::Value;
use tokio::time::Instant;

use super::{
    cast::{NAMES, Vendor},
    plant::lock,
    seen::{Answered, Attempt, Body, Kept, Sent},
};

/// On whose behalf the running task orders.
#[derive(Clone, Debug)]
struct OnBehalf {
    resident: usize,
    vendor: Vendor,
    door: String,
    id: Option<String>,
}

tokio::task_local! {
    static ORDER: RefCell<OnBehalf>;
    static STATUS: Cell<Option<u16>>;
}

/// The status of the last answer to the running task's order.
pub(super) fn last_status() -> Option<u16> {
    STATUS.try_with(Cell::get).ok().flatten()
}

const ORDER_PATHS: [&str; 2] = ["/cloudKeyEntryUnlock", "/locks/unlock_door"];

pub(super) fn is_order(path: &str) -> bool {
    ORDER_PATHS.iter().any(|end| path.ends_with(end))
}

/// What the witnesses wrote down.
#[derive(Default)]
pub(super) struct Notes {
    pub(super) bodies: Vec<Body>,
    pub(super) sent: Vec<Sent>,
    pub(super) attempts: BTreeMap<String, Attempt>,
    /// When the store kept a node from releasing a claim.
    pub(super) unreleased: Vec<Instant>,
    /// Whom a node was told to forget, and when that began.
    pub(super) forgets: Vec<(usize, Instant)>,
    /// What stood in the history of somebody who was forgotten since, by number.
    pub(super) forgotten: BTreeMap<u64, usize>,
    /// What was there still after somebody was forgotten.
    pub(super) kept: Vec<Kept>,
    /// What was found out after the answer, of taps that may be erased since.
    pub(super) later: BTreeMap<String, Outcome>,
    /// How often somebody was forgotten, and old taps were removed.
    pub(super) chores: BTreeMap<&'static str, u64>,
}

pub(super) fn note_body(notes: &Mutex<Notes>, vendor: Vendor) {
    let on_behalf = ORDER.try_with(|o| o.borrow().clone()).ok();
    let mut notes = lock(notes);
    // An order that no provider was asked for would be one more than there are presses.
    let on_behalf = on_behalf.unwrap_or(OnBehalf {
        resident: 0,
        vendor,
        door: "nobody's".to_owned(),
        id: Some("nobody's".to_owned()),
    });
    let OnBehalf { resident, vendor, door, id } = on_behalf;
    notes.bodies.push(Body { resident, vendor, door, id, at: Instant::now() });
}

/// Stands before a provider and remembers, for the wire below, whom an order is for.
#[derive(Debug)]
pub(super) struct Witness {
    pub(super) inner: Arc<dyn AccessProvider>,
    pub(super) vendor: Vendor,
}

#[async_trait]
impl AccessProvider for Witness {
    fn info(&self) -> ProviderInfo {
        self.inner.info()
    }

    async fn grants(
        &self,
        context: &Context,
        occupant: &Occupant,
        freshness: Freshness,
    ) -> Result<Grants, Error> {
        self.inner.grants(context, occupant, freshness).await
    }

    async fn unlock(
        &self,
        context: &Context,
        occupant: &Occupant,
        door: &VendorDoorId,
        permit: UnlockPermit,
    ) -> Verdict {
        let resident = NAMES.iter().position(|n| *n == occupant.resident().as_str());
        let on_behalf = OnBehalf {
            resident: resident.expect("one of the cast"),
            vendor: self.vendor,
            door: door.as_str().to_owned(),
            id: permit.tap().map(|id| id.as_str().to_owned()),
        };
        let ordering = self.inner.unlock(context, occupant, door, permit);
        STATUS.scope(Cell::new(None), ORDER.scope(RefCell::new(on_behalf), ordering)).await
    }

    async fn look_back(
        &self,
        context: &Context,
        occupant: &Occupant,
        order: &PastOrder,
    ) -> Result<Option<Verdict>, Error> {
        self.inner.look_back(context, occupant, order).await
    }

    async fn explain(
        &self,
        context: &Context,
        occupant: &Occupant,
        door: Option<&VendorDoorId>,
    ) -> Vec<Check> {
        self.inner.explain(context, occupant, door).await
    }

    async fn check(&self, context: &Context) -> Health {
        self.inner.check(context).await
    }

    async fn audit(&self, context: &Context, auditor: &Auditor) -> Result<Audited, Error> {
        self.inner.audit(context, auditor).await
    }

    async fn notified(
        &self,
        context: &Context,
        notification: &Notification<'_>,
    ) -> Result<Notified, Error> {
        self.inner.notified(context, notification).await
    }
}

/// Stands on the wire and writes down how orders were answered, and what was said of attempts.
pub(super) struct Recorder {
    pub(super) inner: Arc<dyn Wire>,
    pub(super) notes: Arc<Mutex<Notes>>,
}

impl std::fmt::Debug for Recorder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recorder").finish_non_exhaustive()
    }
}

/// Writes down that no answer was awaited to the end, unless it was.
struct Unfinished<'a> {
    notes: &'a Mutex<Notes>,
    place: Option<usize>,
    /// How many bodies had started before.
    bodies: usize,
}

impl Drop for Unfinished<'_> {
    fn drop(&mut self) {
        let mut notes = lock(self.notes);
        let notes = &mut *notes;
        if let Some(sent) = self.place.and_then(|place| notes.sent.get_mut(place)) {
            // Of what never left, nothing can be lost.
            let is_its =
                |b: &Body| b.resident == sent.resident && b.door == sent.door && b.id == sent.id;
            let has_left = notes.bodies.iter().skip(self.bodies).any(is_its);
            sent.answer = if has_left { Answered::Lost } else { Answered::Never };
        }
    }
}

#[async_trait]
impl Wire for Recorder {
    async fn send(&self, request: Request) -> Result<Answer, WireError> {
        let order = is_order(request.url.path());
        let on_behalf = ORDER.try_with(|o| o.borrow().clone()).ok().filter(|_| order);
        let mut unfinished = Unfinished { notes: &self.notes, place: None, bodies: 0 };
        if let Some(OnBehalf { resident, vendor, door, id }) = on_behalf {
            let (at, answer) = (Instant::now(), Answered::Lost);
            let mut notes = lock(&self.notes);
            notes.sent.push(Sent { resident, vendor, door, id, at, answer });
            unfinished.place = Some(notes.sent.len() - 1);
            unfinished.bodies = notes.bodies.len();
        }
        let result = self.inner.send(request).await;
        let mut notes = lock(&self.notes);
        let attempt = result.as_ref().ok().and_then(|answer| attempt_in(&answer.body));
        if let Some((id, became)) = attempt.clone()
            && notes.attempts.get(&id).is_none_or(|before| *before == Attempt::Pending)
        {
            notes.attempts.insert(id, became);
        }
        if let Some(place) = unfinished.place.take() {
            notes.sent[place].answer = match &result {
                Ok(answer) => {
                    let status = answer.status.as_u16();
                    let _ = STATUS.try_with(|s| s.set(Some(status)));
                    let (empty, attempt) = (answer.body.is_empty(), attempt.map(|(id, _)| id));
                    Answered::Whole { status, empty, attempt }
                }
                Err(e) if e.delivery() == Delivery::NeverSent => Answered::Never,
                Err(_) => Answered::Lost,
            };
        }
        drop(notes);
        result
    }
}

/// The action attempt that an answer speaks of, read here on its own.
fn attempt_in(body: &[u8]) -> Option<(String, Attempt)> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let attempt = &body["action_attempt"];
    let id = attempt["action_attempt_id"].as_str()?.to_owned();
    let became = match attempt["status"].as_str()? {
        "success" if attempt["result"]["was_confirmed_by_device"] == true => Attempt::Confirmed,
        "success" => Attempt::Unconfirmed,
        "error" => Attempt::Failed,
        _ => Attempt::Pending,
    };
    Some((id, became))
}

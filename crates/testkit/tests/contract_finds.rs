//! The contract suite finds what a provider may get wrong: each bug is planted, and its rule has to fail.
#![expect(clippy::unwrap_used, reason = "a test's own constants")]

use std::{
    collections::BTreeMap,
    panic::AssertUnwindSafe,
    pin::Pin,
    sync::{Arc, Mutex},
    time::Duration,
};

use elevate_access::{
    AccessProvider, Audited, Auditor, BuildingId, Cause, Check, Context, DoorId, Error, Freshness,
    Grant, Grants, Health, Identity, MemoryConnections, MemoryDirectory, Notification, Notified,
    Occupant, ProviderInfo, Residency, Resident, ResidentId, System, Unit, UnitId, UnlockPermit,
    VendorDoorId, Verdict, VerifiedEmail, async_trait,
};
use elevate_access_testkit::{
    Ledger, MemorySystem, MemoryWire, Model, Received, Reply, TestClock, Vendor,
    contract::{self, Behind, Stage},
};
use elevate_transport::{Answer, Delivery, Gate, Method, Operation, Request, Url, Wire};
use futures_util::FutureExt as _;
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::time::Instant;

const SYSTEM: System = System::new("Planted", "nowhere");
const JANE: &str = "jane@example.com";
const SAM: &str = "sam@example.com";

/// What is wrong with the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bug {
    None,
    OrdersAgainIfTheAnswerIsLost,
    OrdersAgainAfterAServerError,
    OrdersAgainAfterARefusal,
    SaysOpenedOfAnySuccess,
    SaysOpenedOfWhatWasTaken,
    SaysAcceptedOfAnySuccess,
    OpensAnotherDoor,
    AsksForEverybodysDoors,
    RemembersTheEmailByResident,
    AsksTheGateBefore,
    GoesWithoutTheGate,
}

/// A [`MemorySystem`] that knows people by e-mail, and may take an order without opening the door.
struct ByEmail {
    system: MemorySystem,
    opens: bool,
    none: Ledger,
}

impl Model for ByEmail {
    fn answer(&mut self, request: &Received, now: Timestamp) -> Reply {
        if request.path == "/open" && !self.opens {
            return Reply::json(202, r#"{"door":"taken"}"#);
        }
        self.system.answer(request, now)
    }

    fn ledger(&self) -> &Ledger {
        if self.opens { self.system.ledger() } else { &self.none }
    }
}

#[derive(Debug)]
struct Planted {
    bug: Bug,
    wire: Arc<dyn Wire>,
    remembered: Mutex<BTreeMap<ResidentId, String>>,
}

impl Planted {
    fn request(path: &'static str, body: &Value, by: Instant) -> Request {
        let mut url = Url::parse("http://planted.invalid").unwrap();
        url.set_path(path);
        Request::new(Operation::new(path, path), Method::POST, url, by).json(body.to_string())
    }

    fn email(&self, who: &Occupant) -> String {
        let email = who.email().unwrap().expose().to_owned();
        if self.bug != Bug::RemembersTheEmailByResident {
            return email;
        }
        self.remembered.lock().unwrap().entry(who.resident().clone()).or_insert(email).clone()
    }

    async fn doors(&self, email: &str, by: Instant) -> Result<Vec<Grant>, Error> {
        let unread = || Error::new(Cause::VendorUnreachable);
        let answer = self.wire.send(Self::request("/doors", &json!({"who": email}), by)).await;
        let answer = answer.map_err(|_| unread())?;
        let list: Value = serde_json::from_slice(&answer.body).map_err(|_| unread())?;
        let rows = list["doors"].as_array().filter(|_| answer.status == 200).ok_or_else(unread)?;
        let id = |row: &Value| VendorDoorId::new(row["id"].as_str().unwrap()).unwrap();
        Ok(rows.iter().map(|row| Grant::new(id(row), "A door")).collect())
    }

    fn read(&self, answer: &Answer) -> Verdict {
        let said: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let (reference, reason) = (None, Cause::AnswerUnclear.into());
        match (answer.status.as_u16(), said["door"].as_str()) {
            (200..300, _) if self.bug == Bug::SaysOpenedOfAnySuccess => {
                Verdict::Opened { reference }
            }
            (200..300, _) if self.bug == Bug::SaysAcceptedOfAnySuccess => {
                Verdict::Accepted { reference }
            }
            (202, Some("taken")) if self.bug == Bug::SaysOpenedOfWhatWasTaken => {
                Verdict::Opened { reference }
            }
            (200, Some("opened")) => Verdict::Opened { reference },
            (202, Some("taken")) => Verdict::Accepted { reference },
            (400..=499, _) => Verdict::TurnedDown { certain: false, reason },
            _ => Verdict::Lost { reference, reason },
        }
    }
}

#[async_trait]
impl AccessProvider for Planted {
    fn info(&self) -> ProviderInfo {
        ProviderInfo::new(SYSTEM, Identity::Email)
    }

    async fn grants(
        &self,
        context: &Context,
        who: &Occupant,
        _: Freshness,
    ) -> Result<Grants, Error> {
        let good_until = Instant::now() + Duration::from_mins(10);
        let mut doors = self.doors(&self.email(who), context.until()).await?;
        if self.bug == Bug::AsksForEverybodysDoors {
            for anybody in [JANE, SAM] {
                doors.extend(self.doors(anybody, context.until()).await?);
            }
        }
        Ok(Grants { doors, problems: Vec::new(), good_until })
    }

    async fn unlock(
        &self,
        _: &Context,
        who: &Occupant,
        door: &VendorDoorId,
        permit: UnlockPermit,
    ) -> Verdict {
        let door = if self.bug == Bug::OpensAnotherDoor { "yard" } else { door.as_str() };
        let body = json!({"who": self.email(who), "door": door});
        let order = || Self::request("/open", &body, permit.answer_by());
        let gate = match self.bug {
            Bug::AsksTheGateBefore => {
                let open = permit.open().await;
                Some(Gate::new(async move { open }))
            }
            Bug::GoesWithoutTheGate => None,
            _ => Some(Gate::new(permit.open())),
        };
        let mut gated = order();
        gated.gate = gate;
        let answer = self.wire.send(gated).await;
        let again = match (&answer, self.bug) {
            (Err(e), Bug::OrdersAgainIfTheAnswerIsLost) => e.delivery() != Delivery::NeverSent,
            (Ok(a), Bug::OrdersAgainAfterAServerError) => a.status.is_server_error(),
            (Ok(a), Bug::OrdersAgainAfterARefusal) => a.status.is_client_error(),
            _ => false,
        };
        if again {
            // What comes of it is told to nobody.
            let _ = self.wire.send(order()).await;
        }
        match answer {
            Ok(answer) => self.read(&answer),
            Err(e) if e.delivery() == Delivery::NeverSent => {
                Verdict::NotSent(Error::new(Cause::VendorUnreachable))
            }
            Err(_) => Verdict::Lost { reference: None, reason: Cause::AnswerLost.into() },
        }
    }

    async fn explain(&self, _: &Context, _: &Occupant, _: Option<&VendorDoorId>) -> Vec<Check> {
        Vec::new()
    }

    async fn check(&self, _: &Context) -> Health {
        Health::ok()
    }

    async fn audit(&self, _: &Context, _: &Auditor) -> Result<Audited, Error> {
        Ok(Audited::new(Vec::new()))
    }

    async fn notified(&self, _: &Context, _: &Notification<'_>) -> Result<Notified, Error> {
        Err(Error::new(Cause::DeliveryRefused))
    }
}

fn stage(bug: Bug) -> Stage {
    let clock = TestClock::new();
    let system = MemorySystem::new()
        .door("cellar", "Cellar")
        .door("front", "Front door")
        .door("yard", "Yard")
        .granting(SAM, "cellar")
        .granting(JANE, "front")
        .granting(JANE, "yard");
    let opens = bug != Bug::SaysOpenedOfWhatWasTaken;
    let vendor = Vendor::new(ByEmail { system, opens, none: Ledger::new() });
    let wire = Arc::new(MemoryWire::new(vendor.clone(), clock));
    let provider = Planted { bug, wire, remembered: Mutex::default() };
    let building = BuildingId::new("b1").unwrap();
    let (directory, connections) = (MemoryDirectory::new(), MemoryConnections::new());
    for (id, email) in [("jane", JANE), ("sam", SAM)] {
        let home = Unit::new(UnitId::new(id).unwrap(), id);
        directory.put(
            Resident::new(ResidentId::new(id).unwrap())
                .with_email(VerifiedEmail::from_pms(email).unwrap())
                .with_residency(Residency::current(building.clone(), home)),
        );
    }
    let connection = Stage::connect(&connections, &building, "planted", Arc::new(provider));
    Stage {
        directory,
        connections,
        clock,
        resident: ResidentId::new("jane").unwrap(),
        stranger: ResidentId::new("sam").unwrap(),
        door: DoorId::new(connection, VendorDoorId::new("front").unwrap()),
        backstage: Box::new(Behind {
            vendor,
            order_path: "/open",
            revoke: |model: &mut ByEmail| model.system.revoke(JANE, "front"),
            writes: |_| 0,
        }),
        grant_age: Duration::from_mins(10),
    }
}

type Rule = fn(Stage) -> Pin<Box<dyn Future<Output = ()>>>;

macro_rules! rule {
    ($rule:ident) => {
        (stringify!($rule), (|stage| Box::pin(contract::$rule(stage))) as Rule)
    };
}

#[tokio::test(start_paused = true)]
async fn each_planted_bug_is_found_by_its_rule_and_the_sound_provider_by_none() {
    let found_by = [
        (Bug::OrdersAgainIfTheAnswerIsLost, rule!(a_lost_answer_is_unknown_and_not_sent_again)),
        (Bug::OrdersAgainAfterAServerError, rule!(a_server_error_after_sending_is_unknown)),
        (Bug::OrdersAgainAfterARefusal, rule!(a_refusal_is_not_pressed)),
        (Bug::SaysOpenedOfAnySuccess, rule!(opened_is_said_only_of_a_door_that_opened)),
        (Bug::SaysOpenedOfWhatWasTaken, rule!(opened_is_said_only_of_a_door_that_opened)),
        (Bug::SaysAcceptedOfAnySuccess, rule!(only_the_documented_success_is_accepted)),
        (Bug::OpensAnotherDoor, rule!(one_tap_is_one_gated_order)),
        (Bug::AsksForEverybodysDoors, rule!(lists_what_is_granted_and_nothing_else)),
        (Bug::RemembersTheEmailByResident, rule!(doors_follow_the_email_and_the_unit)),
        (Bug::AsksTheGateBefore, rule!(standing_lost_during_a_slow_connect_sends_nothing)),
        (Bug::GoesWithoutTheGate, rule!(one_tap_is_one_gated_order)),
    ];
    for (bug, (name, rule)) in found_by {
        let sound = AssertUnwindSafe(rule(stage(Bug::None))).catch_unwind().await;
        assert!(sound.is_ok(), "{name} fails for a provider that is sound");
        let planted = AssertUnwindSafe(rule(stage(bug))).catch_unwind().await;
        assert!(planted.is_err(), "{name} does not find {bug:?}");
    }
}

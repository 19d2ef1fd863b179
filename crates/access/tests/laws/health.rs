//! Whether a connection is well, and who shares what with whom.

use std::{collections::BTreeSet, sync::Arc};

use async_trait::async_trait;
use elevate_access::{
    AccessProvider, AuditOptions, Audited, Auditor, BuildingId, Cause, Check, ConnectionId,
    Context, Error, Freshness, Grants, Health, HealthState, Identity, Notification, Notified,
    Occupant, ProviderInfo, Reason, Residency, Standing, System, Territory, Unit, UnitId,
    UnlockPermit, VendorDoorId, Verdict, VerifiedEmail,
};
use tokio::time::Instant;

use crate::house::{House, seconds};

const SYSTEM: System = System::new("Landed", "the landed console");

/// Draws on parts of one account, knows people by e-mail, and says how many share a user.
#[derive(Debug)]
struct Landed(Option<&'static [&'static str]>);

#[async_trait]
impl AccessProvider for Landed {
    fn info(&self) -> ProviderInfo {
        let parts =
            self.0.map(|parts| parts.iter().map(|p| (*p).to_owned()).collect::<BTreeSet<_>>());
        let territory = Territory { account: "landed.example/5".into(), parts };
        ProviderInfo::new(SYSTEM, Identity::Email).drawing_on(territory)
    }
    async fn grants(
        &self,
        context: &Context,
        who: &Occupant,
        _: Freshness,
    ) -> Result<Grants, Error> {
        context.set_link(who, "user-1", None, context.now()).await?;
        let good_until = Instant::now() + seconds(60);
        Ok(Grants { doors: Vec::new(), problems: Vec::new(), good_until })
    }
    async fn unlock(
        &self,
        _: &Context,
        _: &Occupant,
        _: &VendorDoorId,
        _: UnlockPermit,
    ) -> Verdict {
        Verdict::NotSent(Error::new(Cause::Internal))
    }
    async fn explain(
        &self,
        context: &Context,
        who: &Occupant,
        _: Option<&VendorDoorId>,
    ) -> Vec<Check> {
        if who.has_left() {
            return vec![Check::seen("Who has left.", who.building().as_str())];
        }
        let sharers = context.sharers(who, "user-1").await;
        vec![Check::seen("How many others are this user.", format!("{sharers:?}"))]
    }
    async fn check(&self, context: &Context) -> Health {
        Health::ok()
            .with_checks(vec![
                Check::passed("The account can sign in."),
                Check::unknowable("The plan includes remote unlock.", "the plan is not told"),
            ])
            .signed_in_until(Some(context.now() + seconds(3600)))
            .last_success(Some(context.now()))
    }
    async fn audit(&self, _: &Context, _: &Auditor) -> Result<Audited, Error> {
        Ok(Audited::default())
    }
    async fn notified(&self, _: &Context, _: &Notification<'_>) -> Result<Notified, Error> {
        Err(Error::new(Cause::DeliveryRefused))
    }
}

fn landed(house: &House, building: &str, id: &str, parts: Option<&'static [&'static str]>) {
    let (building, id) = (BuildingId::new(building).unwrap(), ConnectionId::new(id).unwrap());
    house.connections.connect(&building, &id, Arc::new(Landed(parts)));
}

async fn states(house: &House, building: &str) -> Vec<(String, HealthState, Vec<Cause>)> {
    let building = BuildingId::new(building).unwrap();
    let healths = house.access.check(&building).await.unwrap();
    let of = |reasons: &[Reason]| reasons.iter().map(Reason::cause).collect();
    healths
        .iter()
        .map(|h| (h.connection.to_string(), h.health.state, of(&h.health.reasons)))
        .collect()
}

#[tokio::test(start_paused = true)]
async fn two_connections_that_draw_on_the_same_doors_are_a_finding() {
    let house = House::new();
    landed(&house, "north", "all", None);
    let fine = |id: &str| vec![(id.to_owned(), HealthState::Ok, Vec::new())];
    assert_eq!(states(&house, "north").await, fine("all"));

    // Another building's connection, pinned to a part; the first one takes everything.
    landed(&house, "south", "part-1", Some(&["1"]));
    let overlap =
        |id: &str| vec![(id.to_owned(), HealthState::Degraded, vec![Cause::ConnectionsOverlap])];
    assert_eq!(states(&house, "south").await, overlap("part-1"));
    assert_eq!(states(&house, "north").await, overlap("all"), "told on both sides");

    // Pinned apart.
    landed(&house, "north", "all", Some(&["2", "3"]));
    assert_eq!(states(&house, "north").await, fine("all"));
    assert_eq!(states(&house, "south").await, fine("part-1"));
}

#[tokio::test(start_paused = true)]
async fn a_health_report_reads_as_text() {
    let house = House::new();
    landed(&house, "north", "one", None);
    landed(&house, "north", "two", None);
    let healths = house.access.check(&BuildingId::new("north").unwrap()).await.unwrap();
    insta::assert_snapshot!(healths[0].health.to_string());
    let down = Health::down(Reason::new(Cause::CredentialsRefused).in_system(&SYSTEM));
    insta::assert_snapshot!(down.to_string());
}

#[tokio::test(start_paused = true)]
async fn who_shares_an_email_is_counted_while_both_are_current() {
    let house = House::new();
    let email = |text: &str| Some(VerifiedEmail::from_pms(text).unwrap());
    landed(&house, house.building.as_str(), "mail", None);
    house.directory.people.set_email(&house.jane, email("both@example.com"));
    house.directory.people.set_email(&house.tom, email("BOTH@example.com"));
    for resident in [&house.jane, &house.tom] {
        house.access.doors(resident, Freshness::Fresh).await.unwrap();
    }
    let told = async || {
        let diagnosis = house.access.diagnose(&house.jane, None).await.unwrap();
        diagnosis.connections.last().unwrap().checks[0].to_string()
    };
    assert!(told().await.contains("Ok(1)"), "{}", told().await);
    // Links outlive what they were made for: one that is void, or somebody's who has left, is no sharer.
    house.directory.people.set_email(&house.tom, email("tom@example.com"));
    assert!(told().await.contains("Ok(0)"));
    house.directory.people.set_email(&house.tom, email("both@example.com"));
    house.directory.people.set_standing(&house.tom, &Standing::Former);
    assert!(told().await.contains("Ok(0)"));
}

#[tokio::test(start_paused = true)]
async fn a_diagnosis_asks_what_is_left_of_the_access_to_a_building_that_was_left() {
    let house = House::new();
    landed(&house, "south", "south-mail", Some(&["2"]));
    let south = || BuildingId::new("south").unwrap();
    let unit = Unit::new(UnitId::new("s1").unwrap(), "1");
    let asked = async |standing: Option<Standing>| {
        house.directory.people.change(&house.jane, |jane| {
            jane.residencies.retain(|residency| residency.building != south());
            let residency = standing.map(|s| Residency::new(south(), unit.clone(), s));
            jane.residencies.extend(residency);
        });
        let diagnosis = house.access.diagnose(&house.jane, None).await.unwrap();
        diagnosis.to_string().contains("Who has left. (south)")
    };
    assert!(!asked(None).await);
    assert!(asked(Some(Standing::Former)).await);
    assert!(asked(Some(Standing::Other("Evicted".into()))).await);
    assert!(!asked(Some(Standing::Future)).await, "may be made ready");
    assert!(!asked(Some(Standing::Current)).await);
    // A system that goes by units keeps nothing of anybody.
    house.directory.people.set_standing(&house.jane, &Standing::Former);
    let diagnosis = house.access.diagnose(&house.jane, None).await.unwrap();
    assert_eq!(diagnosis.connections.len(), 1, "{diagnosis}");

    // Whoever is known for a building where they live is not to be disabled for one that they have left.
    house.directory.people.set_standing(&house.jane, &Standing::Current);
    landed(&house, house.building.as_str(), "north-mail", Some(&["1"]));
    assert!(!asked(Some(Standing::Former)).await);
}

#[tokio::test(start_paused = true)]
async fn an_audit_of_nothing_is_no_building_in_good_order() {
    let house = House::new();
    let nowhere = BuildingId::new("nowhere").unwrap();
    let error = house.access.audit(&nowhere, AuditOptions::new()).await.unwrap_err();
    assert_eq!(error.cause(), Cause::NoConnection);
}

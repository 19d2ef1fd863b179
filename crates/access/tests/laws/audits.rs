//! What an audit is made of, whatever the system: its time, its roster, and what stood since when.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use elevate_access::{
    Access, AccessProvider, Audit, AuditOptions, Audited, Auditor, BuildingId, Cause, Check,
    ConnectionId, ConnectionRef, Connections, Context, Directory, Error, Finding, Freshness,
    Grants, Health, HostError, Identity, MemoryDirectory, MemoryStore, Notification, Notified,
    Occupant, ProviderInfo, Reason, Residency, Resident, ResidentId, Roster, RosterEntry,
    RosterStream, Snapshot, Standing, Subject, SubjectKind, System, Unit, UnlockPermit, Urgency,
    VendorDoorId, Verdict, VerifiedEmail,
};
use futures_util::{FutureExt as _, StreamExt as _, stream};
use tokio::time::{Instant, sleep};

use crate::house::{House, seconds, unit};

const SYSTEM: System = System::new("Listed", "the listed console");

/// What a system is to find.
#[derive(Clone, Debug, Default)]
struct Script {
    findings: Vec<Finding>,
    calls: u64,
    takes: Duration,
    keep: Option<&'static str>,
    fails: bool,
}

/// What an auditor was given: the roster, and what was kept for it.
type Given = (Roster, Option<String>);

/// Finds what it is told to find, and remembers what it was given.
#[derive(Clone, Debug, Default)]
struct Listed(Arc<Mutex<Script>>, Arc<Mutex<Vec<Given>>>);

impl Listed {
    fn finds(&self, findings: impl IntoIterator<Item = Finding>) {
        self.0.lock().unwrap().findings = findings.into_iter().collect();
    }

    fn set(&self, set: impl FnOnce(&mut Script)) {
        set(&mut self.0.lock().unwrap());
    }

    fn last_given(&self) -> Given {
        self.1.lock().unwrap().last().unwrap().clone()
    }
}

#[async_trait]
impl AccessProvider for Listed {
    fn info(&self) -> ProviderInfo {
        ProviderInfo::new(SYSTEM, Identity::Unit)
    }
    async fn grants(&self, _: &Context, _: &Occupant, _: Freshness) -> Result<Grants, Error> {
        Err(Error::new(Cause::VendorUnreachable))
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
    async fn explain(&self, _: &Context, _: &Occupant, _: Option<&VendorDoorId>) -> Vec<Check> {
        Vec::new()
    }
    async fn check(&self, _: &Context) -> Health {
        Health::ok()
    }
    async fn audit(&self, _: &Context, auditor: &Auditor) -> Result<Audited, Error> {
        let script = self.0.lock().unwrap().clone();
        let given = (auditor.roster().clone(), auditor.kept().map(str::to_owned));
        self.1.lock().unwrap().push(given);
        auditor.called(script.calls);
        for finding in script.findings {
            auditor.found(finding).await;
        }
        sleep(script.takes).await;
        if script.fails {
            return Err(Error::new(Cause::VendorUnreachable));
        }
        let audited = Audited::new(Vec::new());
        Ok(match script.keep {
            Some(text) => audited.keeping(text.to_owned()),
            None => audited,
        })
    }
    async fn notified(&self, _: &Context, _: &Notification<'_>) -> Result<Notified, Error> {
        Err(Error::new(Cause::DeliveryRefused))
    }
}

fn north() -> BuildingId {
    BuildingId::new("north").unwrap()
}

/// A building that is served by such a system.
fn served() -> (House, Listed) {
    let (house, listed) = (House::new(), Listed::default());
    connect(&house, "one", &listed);
    (house, listed)
}

fn connect(house: &House, id: &str, listed: &Listed) {
    let id = ConnectionId::new(id).unwrap();
    house.connections.connect(&north(), &id, Arc::new(listed.clone()));
}

fn subject(id: &str) -> Subject {
    Subject::new(SubjectKind::Resident, id)
}

fn finding(id: &str, cause: Cause) -> Finding {
    Finding::new(Urgency::MustFix, subject(id), cause)
}

async fn audited(access: &Access, options: AuditOptions) -> Audit {
    access.audit(&north(), options).await.unwrap().collect_all().await
}

/// The audit after what another one left, as the host keeps it: text.
async fn audited_after(access: &Access, before: &Audit) -> Audit {
    let kept = serde_json::to_string(&before.end.snapshot).unwrap();
    let snapshot: Snapshot = serde_json::from_str(&kept).unwrap();
    audited(access, AuditOptions::new().since(snapshot)).await
}

#[tokio::test(start_paused = true)]
async fn an_audit_may_take_some_time_and_at_most_half_an_hour() {
    let (house, _) = served();
    let begun = async |at_most| {
        let options = AuditOptions::new().within(at_most);
        house.access.audit(&north(), options).await.map(drop).map_err(|e| e.cause())
    };
    let half_an_hour = Duration::from_mins(30);
    assert_eq!(begun(half_an_hour).await, Ok(()));
    assert_eq!(begun(half_an_hour + seconds(1)).await, Err(Cause::InvalidInput));
    assert_eq!(begun(Duration::ZERO).await, Err(Cause::InvalidInput));
}

#[tokio::test(start_paused = true)]
async fn a_system_that_does_not_end_is_left_when_the_hosts_time_is_over() {
    let (house, listed) = served();
    listed.finds([finding("jane", Cause::UserNotFound)]);
    listed.set(|script| script.takes = Duration::from_hours(9));
    let begun = Instant::now();
    let audit = audited(&house.access, AuditOptions::new().within(seconds(20))).await;
    assert!(begun.elapsed() <= seconds(20), "{:?}", begun.elapsed());
    assert!(!audit.is_complete());
    assert_eq!(audit.findings.len(), 1, "what was found before is true");
}

#[tokio::test(start_paused = true)]
async fn a_snapshot_of_another_building_is_refused() {
    let (house, listed) = served();
    let before = audited(&house.access, AuditOptions::new()).await;
    let south = BuildingId::new("south").unwrap();
    house.connections.connect(&south, &ConnectionId::new("two").unwrap(), Arc::new(listed));
    let options = AuditOptions::new().since(before.end.snapshot);
    let error = house.access.audit(&south, options).await.unwrap_err();
    assert_eq!(error.cause(), Cause::InvalidInput);
}

#[tokio::test(start_paused = true)]
async fn a_snapshot_of_another_version_is_refused() {
    let (house, _) = served();
    let before = audited(&house.access, AuditOptions::new()).await;
    let mut kept = serde_json::to_value(&before.end.snapshot).unwrap();
    assert!(serde_json::from_value::<Snapshot>(kept.clone()).is_ok());
    kept["version"] = 2.into();
    assert!(serde_json::from_value::<Snapshot>(kept).is_err());
}

/// A directory whose roster takes its time, or breaks off.
#[derive(Clone)]
struct Rosters {
    people: MemoryDirectory,
    takes: Duration,
    breaks_off: bool,
}

#[async_trait]
impl Directory for Rosters {
    async fn resident(&self, id: &ResidentId) -> Result<Option<Resident>, HostError> {
        self.people.resident(id).await
    }
    fn roster<'a>(&'a self, building: &'a BuildingId) -> RosterStream<'a> {
        let first = sleep(self.takes).into_stream().filter_map(|()| async { None });
        let broken = self.breaks_off.then(|| Err(HostError::msg("down")));
        first.chain(self.people.roster(building)).chain(stream::iter(broken)).boxed()
    }
    async fn units(&self, building: &BuildingId) -> Result<Vec<Unit>, HostError> {
        self.people.units(building).await
    }
}

fn with_roster(house: &House, takes: Duration, breaks_off: bool) -> Access {
    Access::builder()
        .directory(Rosters { people: house.directory.people.clone(), takes, breaks_off })
        .connections(house.connections.clone())
        .store(MemoryStore::new())
        .clock(house.clock)
        .build()
        .unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_roster_that_breaks_off_or_does_not_come_is_no_roster() {
    let (house, _) = served();
    for (takes, breaks_off) in [(Duration::ZERO, true), (Duration::from_hours(1), false)] {
        let access = with_roster(&house, takes, breaks_off);
        let begun = Instant::now();
        let options = AuditOptions::new().within(seconds(20));
        let error = access.audit(&north(), options).await.unwrap_err();
        assert_eq!(error.cause(), Cause::DirectoryFailed);
        assert!(begun.elapsed() <= seconds(20), "{:?}", begun.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_found_stands_since_its_audit_began_however_long_that_took() {
    let (house, listed) = served();
    listed.finds([finding("jane", Cause::UserNotFound)]);
    listed.set(|script| script.takes = seconds(300));
    let access = with_roster(&house, seconds(300), false);
    let now = house.now();
    let first = audited(&access, AuditOptions::new()).await;
    assert_eq!((first.end.begun, first.end.snapshot.taken()), (now, now));
    let second = audited_after(&access, &first).await;
    assert_eq!(second.findings[0].since, Some(now));
}

#[tokio::test(start_paused = true)]
async fn another_cause_of_the_same_resident_is_another_finding() {
    let (house, listed) = served();
    listed.finds([finding("jane", Cause::UserNotFound)]);
    let first = audited(&house.access, AuditOptions::new()).await;
    listed.finds([finding("jane", Cause::UserSuspended)]);
    let second = audited_after(&house.access, &first).await;
    assert_eq!(second.findings[0].since, None, "it was not so before");
    assert_eq!(second.end.connections[0].mended, 1);

    // And so is the same cause of something else that has the same id.
    let other = Subject::new(SubjectKind::Door, "jane");
    listed.finds([Finding::new(Urgency::MustFix, other, Cause::UserSuspended)]);
    let third = audited_after(&house.access, &second).await;
    assert_eq!(third.findings[0].since, None);
    assert_eq!(third.end.connections[0].mended, 1);
}

#[tokio::test(start_paused = true)]
async fn a_change_whose_harm_is_told_of_by_itself_is_not_mended_by_not_being_told_again() {
    let (house, listed) = served();
    let changes = [
        Cause::UnitRenamed,
        Cause::UnitAppeared,
        Cause::UnitVanished,
        Cause::UnitSplit,
        Cause::UnitMerged,
    ];
    listed.finds(changes.map(|cause| finding("u1", cause)));
    let first = audited(&house.access, AuditOptions::new()).await;
    assert_eq!(first.findings.len(), changes.len());
    listed.finds([]);
    let second = audited_after(&house.access, &first).await;
    assert_eq!(second.end.connections[0].mended, 0);
}

#[tokio::test(start_paused = true)]
async fn what_did_not_stand_at_the_audit_before_is_new_and_without_one_nothing_is() {
    let (house, listed) = served();
    let jane = || finding("jane", Cause::UserNotFound);
    listed.finds([jane()]);
    let first = audited(&house.access, AuditOptions::new()).await;
    assert!(!first.findings[0].is_new, "there is nothing to compare with");
    let note = Finding::new(Urgency::Information, subject("note"), Cause::UserUnclaimed);
    listed.finds([jane(), finding("tom", Cause::UserNotFound), note]);
    let second = audited_after(&house.access, &first).await;
    let new: Vec<_> = second.findings.iter().filter(|f| f.is_new).collect();
    assert_eq!(new.len(), 1);
    assert_eq!(new[0].subject.id, "tom");
}

#[tokio::test(start_paused = true)]
async fn a_finding_names_those_whom_it_concerns_as_the_host_does() {
    let (house, listed) = served();
    for (id, name) in [("ann", Some("Ann Poe")), ("bob", None)] {
        let mut resident = Resident::new(ResidentId::new(id).unwrap())
            .with_residency(Residency::current(north(), unit("u1", "101")));
        resident.name = name.map(str::to_owned);
        house.directory.people.put(resident);
    }
    let ids = ["bob", "ann", "gone"].map(|id| ResidentId::new(id).unwrap());
    let door = Subject::new(SubjectKind::Door, "gate").lived_in_by(ids.to_vec());
    listed.finds([Finding::new(Urgency::MustFix, door, Cause::DoorOffline)]);
    let audit = audited(&house.access, AuditOptions::new()).await;
    assert_eq!(audit.findings[0].subject.resident_names, ["bob", "Ann Poe", "gone"]);
}

#[tokio::test(start_paused = true)]
async fn an_audit_that_fails_half_way_tells_its_calls_its_system_and_what_it_found() {
    let (house, listed) = served();
    listed.set(|script| script.keep = Some("names of before"));
    let first = audited(&house.access, AuditOptions::new()).await;
    listed.finds([finding("jane", Cause::UserNotFound)]);
    listed.set(|script| (script.fails, script.calls) = (true, 3));
    let failed = audited_after(&house.access, &first).await;
    let [connection] = failed.end.connections.as_slice() else { panic!() };
    assert_eq!(connection.calls, 3);
    assert_eq!(connection.failed.as_ref().and_then(Reason::system), Some(&SYSTEM));

    // What was kept for the system is still there, and what was found stands since then.
    tokio::time::advance(seconds(3600)).await;
    listed.set(|script| script.fails = false);
    let third = audited_after(&house.access, &failed).await;
    assert_eq!(listed.last_given().1.as_deref(), Some("names of before"));
    assert_eq!(third.findings[0].since, Some(failed.end.begun));
}

#[tokio::test(start_paused = true)]
async fn an_audit_is_complete_only_if_every_connection_was_audited() {
    let (house, _) = served();
    let second = Listed::default();
    connect(&house, "two", &second);
    assert!(audited(&house.access, AuditOptions::new()).await.is_complete());
    second.set(|script| script.fails = true);
    assert!(!audited(&house.access, AuditOptions::new()).await.is_complete());
}

/// Opens a connection once, and never again.
#[derive(Clone)]
struct Shut(elevate_access::MemoryConnections);

#[async_trait]
impl Connections for Shut {
    async fn of(&self, building: &BuildingId) -> Result<Vec<ConnectionRef>, HostError> {
        self.0.of(building).await
    }
    async fn open(&self, _: &ConnectionRef) -> Result<Arc<dyn AccessProvider>, HostError> {
        Err(HostError::msg("its credentials are not to be had"))
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_cannot_be_opened_forgets_nothing() {
    let (house, listed) = served();
    listed.finds([finding("jane", Cause::UserNotFound)]);
    let first = audited(&house.access, AuditOptions::new()).await;
    let shut = Access::builder()
        .directory(house.directory.clone())
        .connections(Shut(house.connections.clone()))
        .store(MemoryStore::new())
        .clock(house.clock)
        .build()
        .unwrap();
    let failed = audited_after(&shut, &first).await;
    let [connection] = failed.end.connections.as_slice() else { panic!() };
    assert_eq!(connection.failed.as_ref().map(Reason::cause), Some(Cause::ConnectionFailed));
    assert_eq!((&connection.system, connection.mended), (&None, 0));
    tokio::time::advance(seconds(3600)).await;
    let third = audited_after(&house.access, &failed).await;
    assert_eq!(third.findings[0].since, Some(first.end.begun));
}

#[tokio::test(start_paused = true)]
async fn a_finding_names_the_system_that_found_it_unless_it_names_one() {
    let (house, listed) = served();
    let other = System::new("Other", "the other console");
    let named = Reason::new(Cause::UserSuspended).in_system(&other);
    listed.finds([
        finding("jane", Cause::UserNotFound),
        Finding::new(Urgency::MustFix, subject("tom"), named),
    ]);
    let audit = audited(&house.access, AuditOptions::new()).await;
    let systems: Vec<_> = audit.findings.iter().map(|f| f.reason.system()).collect();
    assert_eq!(systems, [Some(&SYSTEM), Some(&other)]);
}

/// What the roster of the building holds of somebody with these residencies.
async fn entry_of(
    homes: impl IntoIterator<Item = (BuildingId, Unit, Standing)>,
) -> Option<RosterEntry> {
    let (house, listed) = served();
    let mut resident = Resident::new(ResidentId::new("ann").unwrap());
    for (building, unit, standing) in homes {
        resident = resident.with_residency(Residency::new(building, unit, standing));
    }
    house.directory.people.put(resident);
    audited(&house.access, AuditOptions::new()).await;
    listed.last_given().0.entries().first().cloned()
}

#[tokio::test(start_paused = true)]
async fn whoever_has_several_residencies_stands_as_the_best_one_and_lives_where_that_is() {
    let south = || BuildingId::new("south").unwrap();
    let (one, two, three) = (unit("u1", "101"), unit("u2", "102"), unit("u3", "103"));
    let entry = entry_of([
        (north(), one.clone(), Standing::Former),
        (north(), three.clone(), Standing::Current),
        (north(), two.clone(), Standing::Current),
        (north(), two.clone(), Standing::Current),
        (south(), one.clone(), Standing::Former),
    ]);
    let entry = entry.await.unwrap();
    assert!(entry.is_current() && !entry.is_current_elsewhere);
    assert_eq!(entry.units, [two.clone(), three], "each once, and not the one that was left");

    let entry = entry_of([
        (north(), one.clone(), Standing::Former),
        (north(), two.clone(), Standing::Future),
        (south(), one.clone(), Standing::Current),
    ]);
    let entry = entry.await.unwrap();
    assert!(entry.is_future() && !entry.has_left() && entry.is_current_elsewhere);
    assert_eq!(entry.units, [two]);

    assert_eq!(entry_of([(south(), one, Standing::Current)]).await, None);
}

/// A directory that gives somebody a row for each of their residencies, as a query with a join does.
#[derive(Clone)]
struct Joined(Vec<Resident>);

#[async_trait]
impl Directory for Joined {
    async fn resident(&self, _: &ResidentId) -> Result<Option<Resident>, HostError> {
        Ok(None)
    }
    fn roster<'a>(&'a self, _: &'a BuildingId) -> RosterStream<'a> {
        stream::iter(self.0.clone().into_iter().map(Ok)).boxed()
    }
    async fn units(&self, _: &BuildingId) -> Result<Vec<Unit>, HostError> {
        Ok(Vec::new())
    }
}

#[tokio::test(start_paused = true)]
async fn a_resident_who_comes_twice_is_one_with_what_both_hold() {
    let (house, listed) = served();
    let ann = |name: &str, standing| {
        let home = Residency::new(north(), unit(name, name), standing);
        Resident::new(ResidentId::new("ann").unwrap()).with_residency(home)
    };
    let email = VerifiedEmail::from_pms("ann@example.com").unwrap();
    let rows = Joined(vec![
        ann("101", Standing::Former),
        ann("102", Standing::Current).with_email(email.clone()).with_name("Ann"),
    ]);
    let access = over(&house, rows);
    audited(&access, AuditOptions::new()).await;
    let (roster, _) = listed.last_given();
    let [entry] = roster.entries() else { panic!("{roster:?}") };
    assert!(entry.is_current());
    assert_eq!(entry.units, [unit("102", "102")]);
    assert_eq!((entry.email.as_ref(), entry.name.as_deref()), (Some(&email), Some("Ann")));
}

#[tokio::test(start_paused = true)]
async fn a_resident_who_comes_with_two_emails_is_looked_for_under_both() {
    let (house, listed) = served();
    let email = |text: &str| VerifiedEmail::from_pms(text).unwrap();
    let ann = |text: &str| {
        let home = Residency::new(north(), unit("u1", "101"), Standing::Former);
        Resident::new(ResidentId::new("ann").unwrap()).with_residency(home).with_email(email(text))
    };
    let rows = Joined(vec![ann("new@example.com"), ann("old@example.com"), ann("NEW@example.com")]);
    audited(&over(&house, rows), AuditOptions::new()).await;
    let (roster, _) = listed.last_given();
    let emails: Vec<_> =
        roster.entries().iter().map(|entry| entry.email.clone().unwrap()).collect();
    assert_eq!(emails, [email("new@example.com"), email("old@example.com")]);
}

#[tokio::test]
async fn a_roster_that_repeats_itself_without_end_is_refused_and_lets_others_work_meanwhile() {
    let (house, _) = served();
    let ann = Resident::new(ResidentId::new("ann").unwrap())
        .with_residency(Residency::current(north(), unit("u1", "101")));
    let access = over(&house, Endless(ann));
    let meanwhile = tokio::spawn(async {});
    let error = access.audit(&north(), AuditOptions::new()).await.unwrap_err();
    assert_eq!(error.cause(), Cause::DirectoryFailed);
    assert!(meanwhile.is_finished(), "the thread was kept from everything else");
}

/// A directory whose roster is one resident again and again, always at once.
#[derive(Clone)]
struct Endless(Resident);

#[async_trait]
impl Directory for Endless {
    async fn resident(&self, _: &ResidentId) -> Result<Option<Resident>, HostError> {
        Ok(None)
    }
    fn roster<'a>(&'a self, _: &'a BuildingId) -> RosterStream<'a> {
        stream::repeat(self.0.clone()).map(Ok).boxed()
    }
    async fn units(&self, _: &BuildingId) -> Result<Vec<Unit>, HostError> {
        Ok(Vec::new())
    }
}

fn over(house: &House, directory: impl Directory) -> Access {
    Access::builder()
        .directory(directory)
        .connections(house.connections.clone())
        .store(MemoryStore::new())
        .clock(house.clock)
        .build()
        .unwrap()
}

//! The roster of an audit: read to its end or not at all, and what of each resident is on it.

use std::time::Duration;

use async_trait::async_trait;
use elevate_access::{
    Access, AuditOptions, BuildingId, Cause, Directory, HostError, MemoryDirectory, MemoryStore,
    Residency, Resident, ResidentId, RosterEntry, RosterStream, Standing, Unit, VerifiedEmail,
};
use futures_util::{FutureExt as _, StreamExt as _, stream};
use tokio::time::{Instant, sleep};

use crate::{
    audits::{audited, north, served},
    house::{House, seconds, unit},
};

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

pub(crate) fn with_roster(house: &House, takes: Duration, breaks_off: bool) -> Access {
    over(house, Rosters { people: house.directory.people.clone(), takes, breaks_off })
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

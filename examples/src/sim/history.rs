//! What was true when: the directory and both vendors, as the judge knows them.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use elevate_access::DoorId;
use tokio::time::Instant;

use super::cast::{ENTRIES, NAMES, Person, UNITS, Vendor, email_text};

/// The whole truth from one moment until the next change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Truth {
    pub(super) people: Vec<Person>,
    /// Openpath's users: their e-mail, whether they are active, their entries.
    pub(super) users: BTreeMap<u64, User>,
    /// The names of Seam's spaces, by their number.
    pub(super) spaces: Vec<String>,
    /// Which spaces each device is in.
    pub(super) devices: BTreeMap<&'static str, BTreeSet<usize>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct User {
    pub(super) email: String,
    pub(super) active: bool,
    pub(super) entries: BTreeSet<u64>,
}

impl Truth {
    pub(super) fn at_first(mut draw: impl FnMut(usize) -> usize) -> Self {
        let people =
            (0..NAMES.len()).map(|n| Person { current: true, email: Some(0), unit: n }).collect();
        let mut users = BTreeMap::new();
        for number in 0..NAMES.len() {
            let entries = ENTRIES.into_iter().filter(|_| draw(2) == 0).collect();
            // Some residents' e-mails are not the vendor's: then a part of one may find another's.
            let generation = u8::from(draw(4) == 0);
            let user = User { email: email_text(number, generation), active: true, entries };
            users.insert(super::cast::openpath_user(number), user);
        }
        let mut devices = BTreeMap::new();
        for device in super::cast::DEVICES {
            devices.insert(device, (0..UNITS.len()).filter(|_| draw(2) == 0).collect());
        }
        Self { people, users, spaces: UNITS.map(str::to_owned).to_vec(), devices }
    }
}

/// All truths, oldest first.
#[derive(Debug)]
pub(super) struct History(Vec<(Instant, Truth)>);

/// How old an Openpath link may be, its entries, and a map of units (L8).
const LINK: Duration = Duration::from_mins(5);
const ENTRIES_AGE: Duration = Duration::from_mins(10);
const MAP: Duration = Duration::from_mins(5);
/// How old the directory's word may be (L1).
const DIRECTORY: Duration = Duration::from_secs(1);

impl History {
    pub(super) fn new(truth: Truth) -> Self {
        Self(vec![(Instant::now(), truth)])
    }

    pub(super) fn now(&self) -> &Truth {
        &self.0.last().expect("never empty").1
    }

    pub(super) fn change(&mut self, change: impl FnOnce(&mut Truth)) {
        let mut truth = self.now().clone();
        change(&mut truth);
        self.0.push((Instant::now(), truth));
    }

    /// Whether the resident may open the door, by its id.
    pub(super) fn grants(&self, resident: usize, door: &DoorId, at: Instant) -> bool {
        let vendor = match door.connection().as_str() {
            super::cast::OPENPATH => Vendor::Openpath,
            _ => Vendor::Seam,
        };
        self.may_open(resident, vendor, door.vendor_id().as_str(), at)
    }

    /// Everything that was true at some moment in the given time before `at`.
    fn within(&self, age: Duration, at: Instant) -> impl Iterator<Item = &Truth> {
        let ends = self.0.iter().skip(1).map(|(begun, _)| Some(*begun)).chain([None]);
        self.0.iter().zip(ends).filter_map(move |((begun, truth), end)| {
            let over = end.is_some_and(|end| end + age < at);
            (*begun <= at && !over).then_some(truth)
        })
    }

    /// Whether the resident may open the door at that moment, by the laws' ages.
    pub(super) fn may_open(
        &self,
        resident: usize,
        vendor: Vendor,
        door: &str,
        at: Instant,
    ) -> bool {
        self.within(DIRECTORY, at).any(|truth| {
            let person = &truth.people[resident];
            person.current
                && match vendor {
                    Vendor::Openpath => self.openpath_grants(resident, person, door, at),
                    Vendor::Seam => self.seam_grants(person, door, at),
                }
        })
    }

    fn openpath_grants(&self, resident: usize, person: &Person, door: &str, at: Instant) -> bool {
        let Some(email) = person.email.map(|generation| email_text(resident, generation)) else {
            return false;
        };
        let Ok(entry) = door.parse::<u64>() else { return false };
        self.within(LINK, at).any(|truth| {
            let mut found = truth.users.iter().filter(|(_, u)| u.active && u.email == email);
            let (Some((user, _)), None) = (found.next(), found.next()) else { return false };
            self.within(ENTRIES_AGE, at).any(|truth| truth.users[user].entries.contains(&entry))
        })
    }

    fn seam_grants(&self, person: &Person, door: &str, at: Instant) -> bool {
        // The units' own names never change in an episode, and all differ: only Seam's side can double.
        let name = caseless(UNITS[person.unit]);
        self.within(MAP, at).any(|truth| {
            let mut found = (0..truth.spaces.len()).filter(|n| caseless(&truth.spaces[*n]) == name);
            let (Some(space), None) = (found.next(), found.next()) else { return false };
            truth.devices.get(door).is_some_and(|spaces| spaces.contains(&space))
        })
    }
}

/// The judge's own caseless comparison, enough for the names of this house.
fn caseless(name: &str) -> String {
    name.to_lowercase().replace('ß', "ss")
}

//! Who lives, lived and will live in a building: what an audit compares with.

use std::{collections::BTreeMap, fmt};

use futures_util::{StreamExt as _, stream::BoxStream};

use crate::{
    BuildingId, Cause, Error, HostError, Resident, ResidentId, Standing, Unit, VerifiedEmail,
};

/// The residents of a building as the host reads them, one after the other
/// ([`Directory::roster`](crate::Directory::roster)).
pub type RosterStream<'a> = BoxStream<'a, Result<Resident, HostError>>;

/// The most residents that one building may have had.
const MOST: usize = 200_000;

/// The most rows that a building's roster may have: a row for each residency of each who ever lived there.
const MOST_ROWS: usize = 400_000;

/// Everybody with a residency in one building, of whichever standing.
#[derive(Clone, Debug)]
pub struct Roster {
    building: BuildingId,
    entries: Vec<RosterEntry>,
}

/// One resident on a [`Roster`]. `Debug` shows no name and no e-mail.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RosterEntry {
    /// The host's id.
    pub resident: ResidentId,
    /// Their name, where the host gives one.
    pub name: Option<String>,
    /// The e-mail that the host vouches for.
    pub email: Option<VerifiedEmail>,
    /// How they stand in this building: Current if any residency here is, else Future if one is.
    pub standing: Standing,
    /// The units of this building in which they have that standing, lowest id first.
    pub units: Vec<Unit>,
    /// Whether they lived in this building and left, whatever their standing is now.
    pub has_lived_here: bool,
    /// Whether they are Current in another building.
    pub is_current_elsewhere: bool,
}

impl Roster {
    /// Reads the host's stream to its end. A resident who comes twice is one, with what both rows hold; with two
    /// e-mails, it is two: a user may stand under either.
    pub(crate) async fn read(
        building: &BuildingId,
        mut stream: RosterStream<'_>,
    ) -> Result<Self, Error> {
        let mut residents: BTreeMap<ResidentId, Vec<Resident>> = BTreeMap::new();
        let mut rows = 0;
        while let Some(resident) = stream.next().await {
            // A stream that is always ready would keep its thread from taps, and the time limit from being seen.
            tokio::task::consume_budget().await;
            let resident = resident.map_err(|e| e.becoming(Cause::DirectoryFailed))?;
            let known = residents.entry(resident.id.clone()).or_default();
            let is_same = |one: &&mut Resident| match (&one.email, &resident.email) {
                (Some(known), Some(email)) => known.expose().eq_ignore_ascii_case(email.expose()),
                _ => true,
            };
            match known.iter_mut().find(is_same) {
                Some(one) => {
                    one.residencies.extend(resident.residencies);
                    one.name = one.name.take().or(resident.name);
                    one.email = one.email.take().or(resident.email);
                }
                None => known.push(resident),
            }
            rows += 1;
            if rows > MOST_ROWS || residents.len() > MOST {
                let many = Error::new(Cause::DirectoryFailed);
                return Err(many.with_detail("the building's roster does not end"));
            }
        }
        Ok(Self::of(building, residents.into_values().flatten()))
    }

    /// The roster of that building, of these residents. Whoever has no residency there is left out.
    pub fn of(building: &BuildingId, residents: impl IntoIterator<Item = Resident>) -> Self {
        let entries = residents.into_iter().filter_map(|one| RosterEntry::of(building, one));
        let mut entries: Vec<_> = entries.collect();
        entries.sort_by(|a, b| a.resident.cmp(&b.resident));
        Self { building: building.clone(), entries }
    }

    /// The building.
    pub fn building(&self) -> &BuildingId {
        &self.building
    }

    /// The resident's name; their id where the host gives none.
    pub(crate) fn name_of(&self, resident: &ResidentId) -> String {
        let from = self.entries.partition_point(|entry| entry.resident < *resident);
        let mut theirs =
            self.entries[from..].iter().take_while(|entry| entry.resident == *resident);
        let name = theirs.find_map(|entry| entry.name.as_deref());
        name.unwrap_or(resident.as_str()).to_owned()
    }

    /// Everybody on it, lowest id first.
    pub fn entries(&self) -> &[RosterEntry] {
        &self.entries
    }

    /// Those who live there now.
    pub fn current(&self) -> impl Iterator<Item = &RosterEntry> {
        self.entries.iter().filter(|entry| entry.is_current())
    }
}

impl RosterEntry {
    fn of(building: &BuildingId, resident: Resident) -> Option<Self> {
        let (here, elsewhere): (Vec<_>, Vec<_>) =
            resident.residencies.into_iter().partition(|one| one.building == *building);
        let rank = |standing: &Standing| match standing {
            Standing::Current => 0,
            Standing::Future => 1,
            Standing::Former | Standing::Other(_) => 2,
        };
        let has_lived_here = here.iter().any(|one| rank(&one.standing) == 2);
        let standing = here.iter().map(|one| &one.standing).min_by_key(|s| rank(s))?.clone();
        let as_that = here.into_iter().filter(|one| rank(&one.standing) == rank(&standing));
        let mut units: Vec<Unit> = as_that.map(|one| one.unit).collect();
        units.sort_by(|a, b| (&a.id, &a.name).cmp(&(&b.id, &b.name)));
        units.dedup();
        Some(Self {
            resident: resident.id,
            name: resident.name,
            email: resident.email,
            standing,
            units,
            has_lived_here,
            is_current_elsewhere: elsewhere.iter().any(|one| one.standing == Standing::Current),
        })
    }

    /// Whether they live there now.
    pub fn is_current(&self) -> bool {
        self.standing == Standing::Current
    }

    /// Whether they will live there.
    pub fn is_future(&self) -> bool {
        self.standing == Standing::Future
    }

    /// Whether they lived there, and neither do now nor will.
    pub fn has_left(&self) -> bool {
        !self.is_current() && !self.is_future()
    }
}

impl fmt::Debug for RosterEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RosterEntry")
            .field("resident", &self.resident)
            .field("standing", &self.standing)
            .field("units", &self.units)
            .finish_non_exhaustive()
    }
}

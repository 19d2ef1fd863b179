//! Who lives where: what the host's directory says.

use std::sync::Arc;

use crate::{BuildingId, ResidentId, UnitId, VerifiedEmail};

/// A unit: an apartment of a building.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Unit {
    /// The host's id of the unit.
    pub id: UnitId,
    /// Its name as the building uses it, exactly as written: `101`, `Apt 101`. Compared by Unicode case
    /// and nothing else.
    pub name: String,
}

impl Unit {
    /// The unit of that id and name.
    pub fn new(id: UnitId, name: impl Into<String>) -> Self {
        Self { id, name: name.into() }
    }
}

/// What the PMS says of a residency. Only [`Current`](Self::Current) has access (C3).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Standing {
    /// Lives there now.
    Current,
    /// Has moved out.
    Former,
    /// Will move in.
    Future,
    /// Any other status, or none. The text is for people.
    Other(String),
}

/// One residency of a resident: which unit of which building, and its standing.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Residency {
    /// The building.
    pub building: BuildingId,
    /// The unit.
    pub unit: Unit,
    /// The standing, as the PMS has it now.
    pub standing: Standing,
}

impl Residency {
    /// A residency of that standing, which is to be the PMS's word: map its `Current`, exactly, to
    /// [`Standing::Current`], and everything else, an unknown or empty word too, to one of the others.
    pub fn new(building: BuildingId, unit: Unit, standing: Standing) -> Self {
        Self { building, unit, standing }
    }

    /// A residency whose standing is [`Standing::Current`].
    pub fn current(building: BuildingId, unit: Unit) -> Self {
        Self { building, unit, standing: Standing::Current }
    }

    /// The same residency with another standing.
    pub fn with_standing(mut self, standing: Standing) -> Self {
        self.standing = standing;
        self
    }
}

/// A resident, as the host's directory has them at this moment.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Resident {
    /// The host's id.
    pub id: ResidentId,
    /// The e-mail that the host vouches for, if there is one. Without it no vendor that knows people by
    /// e-mail grants anything.
    pub email: Option<VerifiedEmail>,
    /// Their name, for audits alone: it is compared with nothing that grants, and shown to managers only.
    pub name: Option<String>,
    /// Every residency, past ones too if the host likes; only current ones count.
    pub residencies: Vec<Residency>,
}

impl Resident {
    /// A resident without e-mail and residencies.
    pub fn new(id: ResidentId) -> Self {
        Self { id, email: None, name: None, residencies: Vec::new() }
    }

    /// Sets the e-mail that the host vouches for.
    pub fn with_email(mut self, email: VerifiedEmail) -> Self {
        self.email = Some(email);
        self
    }

    /// Sets the name, which audits use to find a likely counterpart.
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Adds a residency.
    pub fn with_residency(mut self, residency: Residency) -> Self {
        self.residencies.push(residency);
        self
    }

    /// What a provider gets to see of this resident for one building: `None` without a current residency
    /// there. The units come in a fixed order, so that two readings can be compared.
    pub(crate) fn occupant(&self, building: &BuildingId) -> Option<Occupant> {
        let mut units: Vec<Unit> = self
            .residencies
            .iter()
            .filter(|r| r.building == *building && r.standing == Standing::Current)
            .map(|r| r.unit.clone())
            .collect();
        units.sort_by(|a, b| a.id.cmp(&b.id));
        units.dedup();
        (!units.is_empty()).then(|| Occupant {
            resident: self.id.clone(),
            email: self.email.clone(),
            building: building.clone(),
            units: units.into(),
        })
    }

    /// What a provider gets to see for a diagnosis of whoever has lived in that building and does no longer.
    pub(crate) fn leaver(&self, building: &BuildingId) -> Occupant {
        Occupant {
            resident: self.id.clone(),
            email: self.email.clone(),
            building: building.clone(),
            units: Arc::default(),
        }
    }

    /// The buildings with a current residency, in the order of the residencies.
    pub(crate) fn current_buildings(&self) -> Vec<BuildingId> {
        self.buildings(|standing| *standing == Standing::Current)
    }

    /// The buildings with a residency and no current one, but for those that are moved into later.
    pub(crate) fn left_buildings(&self) -> Vec<BuildingId> {
        let current = self.current_buildings();
        let mut left = self.buildings(|s| !matches!(s, Standing::Current | Standing::Future));
        left.retain(|building| !current.contains(building));
        left
    }

    fn buildings(&self, are: impl Fn(&Standing) -> bool) -> Vec<BuildingId> {
        let mut buildings = Vec::new();
        for residency in &self.residencies {
            if are(&residency.standing) && !buildings.contains(&residency.building) {
                buildings.push(residency.building.clone());
            }
        }
        buildings
    }
}

/// A current resident of one building, as a provider sees them.
///
/// Made by [`Access`](crate::Access) from a fresh reading of the directory, and cheap to clone; there is always at least one
/// unit, and each of them is current. (Only [`explain`](crate::AccessProvider::explain) is also asked about
/// somebody who [has left](Self::has_left).)
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occupant {
    resident: ResidentId,
    email: Option<VerifiedEmail>,
    building: BuildingId,
    units: Arc<[Unit]>,
}

impl Occupant {
    /// The host's id of the resident.
    pub fn resident(&self) -> &ResidentId {
        &self.resident
    }

    /// The e-mail that the host vouches for.
    pub fn email(&self) -> Option<&VerifiedEmail> {
        self.email.as_ref()
    }

    /// The building that is asked about.
    pub fn building(&self) -> &BuildingId {
        &self.building
    }

    /// The units of that building in which the resident is current; none if they [have left](Self::has_left).
    pub fn units(&self) -> &[Unit] {
        &self.units
    }

    /// Whether the resident lives there no longer: then there are no units, and the question is what is left
    /// of their access.
    pub fn has_left(&self) -> bool {
        self.units.is_empty()
    }

    /// Whether a later reading shows the same e-mail and the same current units.
    pub(crate) fn still_is(&self, later: &Occupant) -> bool {
        let same_email = match (&self.email, &later.email) {
            (Some(a), Some(b)) => a.matches(b.expose()),
            (None, None) => true,
            _ => false,
        };
        same_email && self.units == later.units && self.building == later.building
    }
}

//! What an audit leaves for the next one: names, ids and doors, small and versioned.

use std::collections::{BTreeMap, HashMap, HashSet};

use elevate_access::{Unit, VendorDoorId};
use elevate_unit_match::is_one_name;
use serde::{Deserialize, Serialize};

use super::{
    super::{Inner, Units},
    Sides,
};

/// The version that is written and read.
const VERSION: u32 = 1;

/// What was there.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Kept {
    version: u32,
    /// From where units came: what comes from elsewhere cannot be compared.
    by: String,
    /// Every door, by its id.
    doors: Vec<String>,
    /// 2N's units.
    pub(super) theirs: Vec<Theirs>,
    /// Ours, by id: their names.
    ours: BTreeMap<String, String>,
    /// The place of each of theirs, by its id and by the id of ours that it is matched to.
    #[serde(skip)]
    places: (HashMap<String, usize>, HashMap<String, usize>),
}

/// One of 2N's units.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Theirs {
    /// The space's id; the name where units are no spaces.
    pub(super) id: String,
    pub(super) name: String,
    /// The id of ours that it is matched to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) ours: Option<String>,
    /// Its doors, by their place in the list of doors.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    doors: Vec<usize>,
}

impl Inner {
    /// What is there now.
    pub(super) fn kept(&self, sides: &Sides<'_>) -> Kept {
        let doors: Vec<&VendorDoorId> = sides.map.doors.keys().collect();
        // Which of theirs is whose: the same judgement that a tap gets.
        let mut whose: BTreeMap<*const _, &Unit> = BTreeMap::new();
        for (unit, fate) in &sides.units {
            if let Some(theirs) = fate.counterpart() {
                whose.insert(std::ptr::from_ref(theirs), unit);
            }
        }
        let theirs =
            sides.map.units.iter().filter(|(name, unit)| self.is_ours(sides.ours, name, unit));
        let theirs = theirs.map(|(name, unit)| {
            let id = unit.space.as_ref().map_or(name, |space| space.as_str());
            let places = unit.doors.iter().filter_map(|door| doors.binary_search(&&door.id).ok());
            Theirs {
                // The host keeps it: what must not be shown must not be kept either.
                id: self.client.as_written(id),
                name: self.client.as_written(name),
                ours: whose.get(&std::ptr::from_ref(unit)).map(|unit| unit.id.to_string()),
                doors: places.collect(),
            }
        });
        Kept {
            version: VERSION,
            by: source(&self.settings.units).to_owned(),
            theirs: theirs.collect(),
            doors: doors.iter().map(ToString::to_string).collect(),
            ours: sides.units.iter().map(|(u, _)| (u.id.to_string(), u.name.clone())).collect(),
            places: Default::default(),
        }
        .indexed()
    }
}

impl Kept {
    /// What an audit left, if this one can be compared with it.
    pub(super) fn read(text: &str, units: &Units) -> Option<Self> {
        let kept: Self = serde_json::from_str(text).ok()?;
        (kept.version == VERSION && kept.by == source(units)).then(|| kept.indexed())
    }

    /// What to leave for the next audit: this, but with those of theirs as they were before, so that what changed about
    /// them is found again.
    pub(super) fn holding(self, before: &Self, held: &HashSet<String>) -> Self {
        if held.is_empty() {
            return self;
        }
        let is_held = |one: &&Theirs| held.contains(&one.id);
        let was: Vec<&Theirs> = before.theirs.iter().filter(is_held).collect();
        let whose: HashSet<&str> = was.iter().filter_map(|one| one.ours.as_deref()).collect();
        let mut places: HashMap<String, usize> = HashMap::new();
        let mut doors: Vec<String> = Vec::new();
        let mut carry = |one: &Theirs, from: &Self, ours: Option<&String>| {
            let of_each = from.doors_at(one).map(|door| {
                *places.entry(door.to_owned()).or_insert_with(|| {
                    doors.push(door.to_owned());
                    doors.len() - 1
                })
            });
            let doors = of_each.collect();
            Theirs { id: one.id.clone(), name: one.name.clone(), ours: ours.cloned(), doors }
        };
        let mut theirs: Vec<Theirs> =
            was.iter().map(|one| carry(one, before, one.ours.as_ref())).collect();
        for one in self.theirs.iter().filter(|one| !is_held(one)) {
            // Each of ours has one of theirs.
            let ours = one.ours.as_ref().filter(|ours| !whose.contains(ours.as_str()));
            theirs.push(carry(one, &self, ours));
        }
        Self { theirs, doors, places: Default::default(), ..self }.indexed()
    }

    fn indexed(mut self) -> Self {
        let (by_id, by_ours) = &mut self.places;
        for (place, one) in self.theirs.iter().enumerate() {
            by_id.insert(one.id.clone(), place);
            if let Some(ours) = &one.ours {
                by_ours.insert(ours.clone(), place);
            }
        }
        self
    }

    /// The one of theirs that a unit of ours is matched to.
    pub(super) fn of(&self, ours: &str) -> Option<&Theirs> {
        self.theirs.get(*self.places.1.get(ours)?)
    }

    /// One of theirs.
    pub(super) fn one(&self, theirs: &str) -> Option<&Theirs> {
        self.theirs.get(*self.places.0.get(theirs)?)
    }

    /// As text to keep.
    pub(super) fn written(&self) -> Option<String> {
        serde_json::to_string(self).ok()
    }

    /// The former name of a unit of ours that was matched, if it has another one now.
    pub(super) fn renamed_from(&self, unit: &Unit) -> Option<&str> {
        let once = self.ours.get(unit.id.as_str())?;
        let was_matched = self.of(unit.id.as_str()).is_some();
        (was_matched && !is_one_name(once, &unit.name)).then_some(once)
    }

    /// The doors that a unit of ours had.
    pub(super) fn doors_of(&self, ours: &str) -> HashSet<&str> {
        self.of(ours).into_iter().flat_map(|one| self.doors_at(one)).collect()
    }

    fn doors_at<'a>(&'a self, one: &'a Theirs) -> impl Iterator<Item = &'a str> {
        one.doors.iter().filter_map(|place| self.doors.get(*place)).map(String::as_str)
    }

    /// The name of one of ours.
    pub(super) fn name_of_ours(&self, ours: &str) -> Option<&str> {
        self.ours.get(ours).map(String::as_str)
    }
}

fn source(units: &Units) -> &'static str {
    match units {
        Units::Spaces => "spaces",
        Units::SpaceDisplayNames => "display_names",
        Units::SpaceKeys => "space_keys",
        Units::Metadata { .. } => "metadata",
        Units::Table(_) => "table",
    }
}

//! Who lives where, and what is wrong with their doors: what the casts are written in.

use elevate_access::{BuildingId, Cause};
use elevate_access_testkit::{
    openpath::{Credential, Entry, Openpath, User},
    seam::Seam,
};

use super::house::House;
use super::{harbour, larkspur, maple, orchard, setups, weather};
use crate::quickstart::Failure;

/// Every building, in the order in which they are listed.
pub const BUILDINGS: &[&Building] = &[
    &larkspur::BUILDING,
    &maple::BUILDING,
    &orchard::BUILDING,
    &harbour::NORTH,
    &harbour::WEST,
    &setups::QUAY,
    &setups::WHARF,
    &setups::SPRUCE,
    &setups::ELM,
    &setups::HAZEL,
    &setups::HEATH,
    &setups::BIRCH,
    &setups::ASH,
    &setups::FIR,
    &weather::CEDAR,
    &weather::JUNIPER,
];

/// A building of the example: its residents, its vendors, its connections.
#[derive(Debug)]
pub struct Building {
    /// Its id.
    pub id: &'static str,
    /// What door systems it has, and how they are set up.
    pub word: &'static str,
    /// The doors that can be asked about: id and name.
    pub doors: &'static [(&'static str, &'static str)],
    /// Who lives there.
    pub residents: &'static [Role],
    /// The stand-in for Openpath, but for the residents' users.
    pub(super) openpath: fn() -> Openpath,
    /// The stand-in for Seam.
    pub(super) seam: fn() -> Seam,
    /// Connects the building to them.
    pub(super) connect: fn(&House, &BuildingId) -> Result<(), Failure>,
    /// Another installation signs in with the same account, and each sign-in ends the other's.
    pub(super) has_rival: bool,
}

/// A building without door systems, to be filled in.
pub(super) const EMPTY: Building = Building {
    id: "",
    word: "",
    doors: &[],
    residents: &[],
    openpath: || Openpath::new(ORG),
    seam: || Seam::new(SEAM_KEY),
    connect: |_, _| Ok(()),
    has_rival: false,
};

/// What the PMS and the host's tables say of a resident.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pms {
    /// Current, with an e-mail, in a unit that the building's list holds.
    Current,
    /// Current, without an e-mail that anybody vouches for.
    NoEmail,
    /// Current, in a unit that the building's list does not hold.
    Unlisted,
    /// Moved out.
    Former,
    /// Will move in.
    Future,
    /// With another status.
    Status(&'static str),
    /// There is no record of them.
    Missing,
}

/// A user of Openpath with that id and e-mail.
type MakeUser = fn(u64, &str) -> User;

/// A resident: who they are, what is wrong, and how the vendors were seeded for it.
#[derive(Clone, Copy, Debug)]
pub struct Role {
    /// Their id.
    pub id: &'static str,
    /// What is wrong, if anything is.
    pub word: &'static str,
    /// The cause that a diagnosis has to name first.
    pub cause: Option<Cause>,
    /// What else it has to name.
    pub besides: Option<Cause>,
    /// The door that they ask about, where it is about one.
    pub door: Option<&'static str>,
    pub(super) unit: &'static str,
    /// Whether it is another unit than that of the others who live in one of this name.
    pub(super) is_unit_apart: bool,
    pub(super) pms: Pms,
    /// Their users at Openpath: nobody, one, or several with one e-mail.
    pub(super) users: &'static [MakeUser],
    pub(super) has_email_of: Option<&'static str>,
    /// Whether they have used the app, so that it is written down who they are at Openpath.
    pub(super) uses_the_app: bool,
    /// What else happens at the vendors, given the id of their first user.
    pub(super) when: fn(&House, u64),
}

/// A resident with nothing wrong.
pub(super) const fn well(id: &'static str, word: &'static str) -> Role {
    Role {
        id,
        word,
        cause: None,
        besides: None,
        door: None,
        unit: "1",
        is_unit_apart: false,
        pms: Pms::Current,
        users: &[usual],
        has_email_of: None,
        uses_the_app: false,
        when: |_, _| {},
    }
}

/// A resident whose doors stay shut for that cause.
pub(super) const fn wrong(id: &'static str, cause: Cause, word: &'static str) -> Role {
    Role { cause: Some(cause), ..well(id, word) }
}

impl Role {
    /// Living in the unit of that name.
    pub(super) const fn unit(self, unit: &'static str) -> Self {
        Self { unit, ..self }
    }

    /// Living in another unit of that name, beside the one in which the others live.
    pub(super) const fn another_unit(self, unit: &'static str) -> Self {
        Self { unit, is_unit_apart: true, ..self }
    }

    /// Of whom the PMS says that.
    pub(super) const fn pms(self, pms: Pms) -> Self {
        Self { pms, ..self }
    }

    /// With these users at Openpath in place of the usual one.
    pub(super) const fn users(self, users: &'static [MakeUser]) -> Self {
        Self { users, ..self }
    }

    /// With the e-mail of that resident.
    pub(super) const fn with_email_of(self, other: &'static str) -> Self {
        Self { has_email_of: Some(other), ..self }
    }

    /// Having used the app.
    pub(super) const fn using_the_app(self) -> Self {
        Self { uses_the_app: true, ..self }
    }

    /// Asking about that door.
    pub(super) const fn at(self, door: &'static str) -> Self {
        Self { door: Some(door), ..self }
    }

    /// With that to mend as well.
    pub(super) const fn besides(self, cause: Cause) -> Self {
        Self { besides: Some(cause), ..self }
    }

    /// While that happens.
    pub(super) const fn when(self, when: fn(&House, u64)) -> Self {
        Self { when, ..self }
    }

    /// The e-mail that PMS and Openpath have.
    pub(super) fn email(&self) -> String {
        format!("{}@example.com", self.has_email_of.unwrap_or(self.id))
    }
}

/// The organisation at Openpath, unless it matters.
pub(super) const ORG: u64 = 5120;

/// The service account's e-mail and password.
pub(super) const ACCOUNT: (&str, &str) = ("service@example.com", "a made-up password");

/// The key of Seam's workspace.
pub(super) const SEAM_KEY: &str = "seam_made_up_key";

/// The front door, at Openpath.
pub(super) fn front() -> Entry {
    Entry::new(4401, "Front door")
}

/// An active user with a key, who has the front door.
pub(super) fn usual(id: u64, email: &str) -> User {
    without_key(id, email).credential(key(id))
}

/// The same without a key.
pub(super) fn without_key(id: u64, email: &str) -> User {
    User::active(id, email).entry(front())
}

/// The cloud key of that user, as this service makes them.
pub(super) fn key(user: u64) -> Credential {
    Credential::cloud_key(80_000 + user).named("ElevateOS")
}

use std::fmt;

use serde::{Deserialize, Deserializer};

use super::{Site, VendorDate, bounded::the_first};
use crate::{GroupId, NamespaceId, UserId};

/// How many groups, and how many sites, of a user are kept.
const MOST_KEPT: usize = 1_000;

/// A user of an organisation (`listUsersPost`, `describeUser`).
///
/// Only the id is guaranteed. An absent field means *unknown*, not *no*. `Debug` shows neither names nor
/// the e-mail.
#[derive(Clone, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct User {
    /// The user's id.
    pub id: UserId,
    /// Whether the user is active.
    #[serde(default)]
    pub status: Option<UserStatus>,
    /// Before it nothing works.
    #[serde(default)]
    pub start_date: Option<VendorDate>,
    /// From it on nothing works. Whether the day itself still counts is not known.
    #[serde(default)]
    pub end_date: Option<VendorDate>,
    /// Whether the user may unlock remotely, which a cloud key needs.
    #[serde(default)]
    pub has_remote_unlock: Option<bool>,
    /// The id that another system knows the user by.
    #[serde(default)]
    pub external_id: Option<String>,
    /// Who the user is: one identity can be a user of several organisations.
    #[serde(default)]
    pub identity: Option<Identity>,
    /// The groups that give the user access: the first 1,000.
    #[serde(default, deserialize_with = "the_first::<MOST_KEPT, _, _>")]
    pub groups: Vec<Group>,
    /// The sites that the user belongs to, if they were [asked for](crate::UsersQuery::with_sites):
    /// the first 1,000.
    #[serde(default, deserialize_with = "the_first::<MOST_KEPT, _, _>")]
    pub sites: Vec<Site>,
}

impl User {
    /// The user's e-mail, if the vendor shows one.
    pub fn email(&self) -> Option<&str> {
        self.identity.as_ref()?.email.as_deref()
    }

    /// Whether the vendor says that the user is active.
    pub fn is_active(&self) -> bool {
        self.status == Some(UserStatus::Active)
    }
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User")
            .field("id", &self.id)
            .field("status", &self.status)
            .field("start_date", &self.start_date)
            .field("end_date", &self.end_date)
            .field("has_remote_unlock", &self.has_remote_unlock)
            .finish_non_exhaustive()
    }
}

/// Who a user is.
#[derive(Clone, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Identity {
    /// The e-mail. It is unique in a namespace only: one organisation can have two users with one e-mail.
    #[serde(default)]
    pub email: Option<String>,
    /// The first name.
    #[serde(default)]
    pub first_name: Option<String>,
    /// The last name.
    #[serde(default)]
    pub last_name: Option<String>,
    /// First, middle and last name.
    #[serde(default)]
    pub full_name: Option<String>,
    /// Where the e-mail is unique.
    #[serde(default)]
    pub namespace: Option<Namespace>,
}

/// Where e-mails are unique: an organisation can have identities of several.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Namespace {
    /// The namespace's id.
    #[serde(default)]
    pub id: Option<NamespaceId>,
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").finish_non_exhaustive()
    }
}

/// Whether a user is active. The letters are documented, what they mean was seen.
#[derive(Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UserStatus {
    /// `A`
    Active,
    /// `S`
    Suspended,
    /// `I`
    Archived,
    /// A letter that this version does not know: at most 16 ASCII letters and digits of what was sent.
    Unknown(String),
}

impl<'de> Deserialize<'de> for UserStatus {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Ok(match text.as_str() {
            "A" => Self::Active,
            "S" => Self::Suspended,
            "I" => Self::Archived,
            _ => Self::Unknown(tidy(&text)),
        })
    }
}

/// A short form, so that no list weighs much for it.
fn tidy(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).take(16).collect()
}

impl fmt::Debug for UserStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Active => "Active",
            Self::Suspended => "Suspended",
            Self::Archived => "Archived",
            // A vendor's text, not ours to print unseen.
            Self::Unknown(_) => "Unknown",
        })
    }
}

/// A group of users.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Group {
    /// The group's id.
    #[serde(default)]
    pub id: Option<GroupId>,
    /// The group's name.
    #[serde(default)]
    pub name: Option<String>,
}

//! A whole organisation from one JSON text.

use serde_json::Value;

use super::row::{at, id_of, row_id, text_at};
use super::sign_in::{Account, Factor};
use super::{Credential, Entry, NAMESPACE, Openpath, User};

/// What is wrong with a text that should hold an organisation.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("organisation: {fault}")]
pub struct FixtureError {
    fault: String,
}

fn fault(text: impl Into<String>) -> FixtureError {
    FixtureError { fault: text.into() }
}

impl Openpath {
    /// An organisation from one JSON text, such as [`fixtures::ORGANISATION`](super::fixtures::ORGANISATION).
    ///
    /// Its parts: `org` (id and name), `accounts` (e-mail, password, and optionally `totpCode`,
    /// `namespaceId`, `userId`), and in the vendor's own rows, kept as they are: `credentialTypes`,
    /// `users`, `entries`, `credentials` (lists by user id). `access` lists entry ids by user id. All
    /// but `org` may be left out.
    ///
    /// # Errors
    /// If the text is not JSON, a row has no usable id, or one part names somebody or something that
    /// another does not have.
    pub fn from_fixture(json: &str) -> Result<Self, FixtureError> {
        let whole: Value = serde_json::from_str(json).map_err(|error| fault(error.to_string()))?;
        let org = row_id(at(&whole, "org")).ok_or_else(|| fault("org.id is missing"))?;
        let mut openpath = Self::new(org);
        if let Some(name) = text_at(&whole, "org.name") {
            name.clone_into(&mut openpath.org_name);
        }
        for account in list(&whole, "accounts")? {
            openpath = openpath.seed_account(account)?;
        }
        if whole.get("credentialTypes").is_some() {
            openpath.types = list(&whole, "credentialTypes")?.to_vec();
        }
        for row in list(&whole, "entries")? {
            let id = row_id(row).ok_or_else(|| fault("an entry has no id"))?;
            openpath.doors.entries.insert(id, row.clone());
        }
        for row in list(&whole, "users")? {
            let id = row_id(row).ok_or_else(|| fault("a user has no id"))?;
            let (credentials, entries) = (Vec::new(), Vec::new());
            openpath.add_user(User { id, row: row.clone(), credentials, entries });
        }
        for (user, credential) in by_user(&whole, "credentials")? {
            openpath.seeded(user, "credentials")?;
            row_id(credential).ok_or_else(|| fault(format!("a credential of {user} has no id")))?;
            openpath.add_credential(user, Credential { row: credential.clone() });
        }
        for (user, entry) in by_user(&whole, "access")? {
            openpath.seeded(user, "access")?;
            let id = id_of(entry).ok_or_else(|| fault(format!("access of {user} is no id")))?;
            let row = openpath.doors.entries.get(&id).cloned();
            let row = row.ok_or_else(|| fault(format!("access names an unknown entry {id}")))?;
            openpath.add_entry(user, Entry { id, row });
        }
        Ok(openpath)
    }

    fn seed_account(self, account: &Value) -> Result<Self, FixtureError> {
        let text =
            |name| text_at(account, name).ok_or_else(|| fault(format!("an account has no {name}")));
        let mut openpath = self.service_account(text("email")?, text("password")?);
        if let Some(made) = openpath.sign_in.accounts.last_mut() {
            let Account { factor, namespace, user, .. } = made;
            let code = text_at(account, "totpCode").map(str::to_owned);
            *factor = code.map_or(Factor::None, Factor::Code);
            *namespace = id_of(at(account, "namespaceId")).unwrap_or(NAMESPACE);
            *user = id_of(at(account, "userId")).unwrap_or(*user);
        }
        Ok(openpath)
    }

    fn seeded(&self, user: u64, part: &str) -> Result<(), FixtureError> {
        let known = self.members.contains_key(&user);
        known.then_some(()).ok_or_else(|| fault(format!("{part} names an unknown user {user}")))
    }
}

/// A part that is a list; one that is left out is empty.
fn list<'a>(whole: &'a Value, name: &str) -> Result<&'a [Value], FixtureError> {
    match at(whole, name) {
        Value::Null => Ok(&[]),
        Value::Array(items) => Ok(items),
        _ => Err(fault(format!("{name} is no list"))),
    }
}

/// A part that holds a list for each user id.
fn by_user<'a>(whole: &'a Value, name: &str) -> Result<Vec<(u64, &'a Value)>, FixtureError> {
    let lists = match at(whole, name) {
        Value::Null => return Ok(Vec::new()),
        Value::Object(lists) => lists,
        _ => return Err(fault(format!("{name} is no object"))),
    };
    let mut pairs = Vec::new();
    for (user, items) in lists {
        let id = user.parse().map_err(|_| fault(format!("{name} has a key that is no id")))?;
        let items = items.as_array().ok_or_else(|| fault(format!("{name}.{user} is no list")))?;
        pairs.extend(items.iter().map(|item| (id, item)));
    }
    Ok(pairs)
}

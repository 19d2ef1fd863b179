//! What a test tells the model while it runs, and what it asks afterwards.

use std::collections::BTreeMap;

use elevate_transport::Bytes;
use serde_json::Value;

use super::row::{at, id_of, remove, row_id, set, text_at};
use super::{Behaviour, Credential, Entry, Member, Openpath, Operation, User};
use crate::Reply;

/// What happens in the vendor's dashboard. Each panics if the user named is not there.
impl Openpath {
    /// Adds a user, their entries and credentials. A user of the same id is replaced.
    pub fn add_user(&mut self, user: User) {
        let User { id, row, credentials, entries } = user;
        let member =
            Member { row, credentials: Vec::new(), access: Vec::new(), activity: Vec::new() };
        self.members.insert(id, member);
        for credential in credentials {
            self.add_credential(id, credential);
        }
        for entry in entries {
            self.add_entry(id, entry);
        }
    }

    /// Deletes a user for good.
    #[track_caller]
    pub fn remove_user(&mut self, user: u64) {
        self.told_of(user);
        self.members.remove(&user);
    }

    /// Suspends a user.
    #[track_caller]
    pub fn suspend(&mut self, user: u64) {
        set(&mut self.told_of(user).row, "status", "S");
    }

    /// Archives a user.
    #[track_caller]
    pub fn archive(&mut self, user: u64) {
        set(&mut self.told_of(user).row, "status", "I");
    }

    /// Makes a user active again.
    #[track_caller]
    pub fn activate(&mut self, user: u64) {
        set(&mut self.told_of(user).row, "status", "A");
    }

    /// Gives a user another e-mail: a correction, or another person.
    #[track_caller]
    pub fn set_email(&mut self, user: u64, email: &str) {
        set(&mut self.told_of(user).row, "identity.email", email);
    }

    /// Gives a user a start and an end, each a day or a moment, or none.
    #[track_caller]
    pub fn set_dates(&mut self, user: u64, start: Option<&str>, end: Option<&str>) {
        let row = &mut self.told_of(user).row;
        set(row, "startDate", start);
        set(row, "endDate", end);
    }

    /// Says whether a user may unlock remotely; `None` leaves it unstated.
    #[track_caller]
    pub fn set_remote_unlock(&mut self, user: u64, may: Option<bool>) {
        let row = &mut self.told_of(user).row;
        match may {
            Some(may) => set(row, "hasRemoteUnlock", may),
            None => remove(row, "hasRemoteUnlock"),
        }
    }

    /// Gives a user access to an entry. An entry of the same id is shown as told here from now on.
    #[track_caller]
    pub fn add_entry(&mut self, user: u64, entry: Entry) {
        let access = &mut self.told_of(user).access;
        if !access.contains(&entry.id) {
            access.push(entry.id);
        }
        self.doors.entries.insert(entry.id, entry.row);
    }

    /// Takes access to an entry from a user.
    #[track_caller]
    pub fn remove_entry(&mut self, user: u64, entry: u64) {
        self.told_of(user).access.retain(|id| *id != entry);
    }

    /// Gives a user a credential.
    #[track_caller]
    pub fn add_credential(&mut self, user: u64, credential: Credential) {
        let id = row_id(&credential.row).unwrap_or_default();
        self.told_of(user).credentials.push(credential.row);
        self.next_credential = self.next_credential.max(id + 1);
    }

    /// Deletes a user's credential.
    #[track_caller]
    pub fn delete_credential(&mut self, user: u64, credential: u64) {
        self.told_of(user).credentials.retain(|row| row_id(row) != Some(credential));
    }

    #[track_caller]
    #[expect(
        clippy::panic,
        reason = "a story about somebody who is not there must not pass a test"
    )]
    pub(super) fn told_of(&mut self, user: u64) -> &mut Member {
        match self.members.get_mut(&user) {
            Some(member) => member,
            None => panic!("the stand-in for Openpath has no user {user}"),
        }
    }
}

/// What happens at the vendor's end and at the door.
impl Openpath {
    /// From now on the cloud takes unlocks of that entry (204) and its door stays shut.
    pub fn door_fails(&mut self, entry: u64) {
        self.doors.broken.insert(entry);
    }

    /// The door of that entry works again.
    pub fn door_works(&mut self, entry: u64) {
        self.doors.broken.remove(&entry);
    }

    /// From now on every well-formed unlock is turned down so: nothing reaches a door.
    pub fn turn_down_unlock(&mut self, status: u16, body: impl Into<Bytes>) {
        self.turn_down = Some((status, body.into()));
    }

    /// Unlocks are judged by the model again.
    pub fn judge_unlocks(&mut self) {
        self.turn_down = None;
    }

    /// Answers to what nobody knows of the vendor, to be changed while it runs.
    pub fn behaviour(&mut self) -> &mut Behaviour {
        &mut self.behaviour
    }
}

/// Replies of a test's own.
///
/// They stand in for the reply to a request that carries a good token and is well formed; others are
/// refused as ever. The model still *acts*: a key is made, an unlock is judged and written down.
impl Openpath {
    /// From now on this operation is answered with these bytes, as JSON.
    pub fn reply_to(&mut self, operation: Operation, body: impl Into<Bytes>, status: u16) {
        self.reply_with(operation, Reply::json(status, body));
    }

    /// From now on this operation is answered so.
    pub fn reply_with(&mut self, operation: Operation, reply: Reply) {
        self.replies.set(operation, reply);
    }

    /// The next request to this operation is answered so; called again, the one after it.
    pub fn reply_once(&mut self, operation: Operation, reply: Reply) {
        self.replies.push_once(operation, reply);
    }

    /// From now on this list is answered with these pages, 200 each: the one whose first row the
    /// request's `offset` or `cursor` asks for, whatever its `limit`.
    pub fn reply_with_pages<B: Into<Bytes>>(
        &mut self,
        operation: Operation,
        pages: impl IntoIterator<Item = B>,
    ) {
        self.replies.set_pages(operation, pages.into_iter().map(Into::into).collect());
    }

    /// This operation is answered by the model again.
    pub fn reply_as_usual(&mut self, operation: Operation) {
        self.replies.clear(operation);
    }
}

/// What a test asks.
impl Openpath {
    /// How many cloud keys the user holds, whatever their dates. Nobody holds none.
    pub fn cloud_keys(&self, user: u64) -> usize {
        let is_key = |row: &&Value| text_at(row, "credentialType.modelName") == Some("cloudKey");
        self.credentials(user).iter().filter(is_key).count()
    }

    /// The names of the user's cloud keys, in the order in which they were made.
    pub fn cloud_key_names(&self, user: u64) -> Vec<&str> {
        self.credentials(user).iter().filter_map(|row| text_at(row, "cloudKey.name")).collect()
    }

    /// The ids of the user's credentials of any kind, in the order in which they were made.
    pub fn credential_ids(&self, user: u64) -> Vec<u64> {
        self.credentials(user).iter().filter_map(|row| id_of(at(row, "id"))).collect()
    }

    fn credentials(&self, user: u64) -> &[Value] {
        self.members.get(&user).map(|member| member.credentials.as_slice()).unwrap_or_default()
    }

    /// How many requests arrived, by operation, refused ones included.
    pub fn requests(&self) -> &BTreeMap<Operation, u64> {
        &self.requests
    }

    /// How many requests to this operation arrived, refused ones included.
    pub fn count(&self, operation: Operation) -> u64 {
        self.requests.get(&operation).copied().unwrap_or(0)
    }

    /// The calls that arrived and are [never ours to make](Operation::is_forbidden), in order; and
    /// [`Operation::CreateCredential`] for each credential that is not a plain cloud key.
    pub fn forbidden(&self) -> &[Operation] {
        &self.forbidden
    }

    /// Requests to routes that the vendor does not have: method and path of the first hundred.
    pub fn strays(&self) -> &[String] {
        &self.strays
    }

    /// How many requests carried an e-mail, a token or a password in their URL.
    pub fn secrets_in_urls(&self) -> u64 {
        self.secrets_in_urls
    }

    /// How often a key with an event action was used: lockdowns triggered by a tap.
    pub fn event_actions(&self) -> u64 {
        self.event_actions
    }
}

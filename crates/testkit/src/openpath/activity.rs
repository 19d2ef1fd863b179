//! What the vendor reports of a user's unlocks.
//!
//! The words in these rows are a guess, but for `Granted` and `Denied`.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Openpath;
use super::dates::written;
use super::list::Page;
use super::operation::Call;
use super::refusal::{Refusal, Source};
use super::row::at;
use super::shape::Input;
use crate::Reply;

/// A row of a user's activity, as a test tells of it.
///
/// ```
/// use elevate_access_testkit::openpath::{Activity, Entry, Openpath, User};
///
/// let jane = User::active(7001, "jane@example.com").entry(Entry::new(4401, "Main entrance"));
/// let mut openpath = Openpath::new(5120).user(jane);
/// let at = "2026-11-24T12:00:03Z".parse()?;
/// openpath.activity(7001, Activity::denied(4401, "491").described("Lockdown").at(at));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Activity {
    entry: u64,
    denied: Option<String>,
    description: Option<String>,
    sent: Option<String>,
    kind: String,
    at: Timestamp,
}

impl Activity {
    /// An unlock that was granted, by a cloud key, in 1970 unless [`at`](Self::at) says when.
    pub fn granted(entry: u64) -> Self {
        Self {
            entry,
            denied: None,
            description: None,
            sent: None,
            kind: "cloudKey".to_owned(),
            at: Timestamp::UNIX_EPOCH,
        }
    }

    /// An unlock that was denied for that reason, otherwise the same.
    pub fn denied(entry: u64, reason: &str) -> Self {
        Self { denied: Some(reason.to_owned()), ..Self::granted(entry) }
    }

    /// With that text as its `resultDescription`.
    pub fn described(mut self, text: &str) -> Self {
        self.description = Some(text.to_owned());
        self
    }

    /// With what was sent along with the order as its `description`, which no documented row has.
    pub fn sent_with(mut self, text: &str) -> Self {
        self.sent = Some(text.to_owned());
        self
    }

    /// By a credential of another type (`mobile`, `card`), by its `modelName`.
    pub fn by(mut self, model_name: &str) -> Self {
        model_name.clone_into(&mut self.kind);
        self
    }

    /// At that moment, of which the row shows the whole seconds.
    pub fn at(mut self, moment: Timestamp) -> Self {
        self.at = moment;
        self
    }
}

/// A row, and from when on it is shown.
#[derive(Clone)]
pub(super) struct Reported {
    from: Timestamp,
    row: Value,
}

impl Openpath {
    /// Adds a row to the activity of a user, which is shown from now on.
    ///
    /// # Panics
    /// If there is no such user.
    #[track_caller]
    pub fn activity(&mut self, user: u64, row: Activity) {
        self.told_of(user);
        self.report(user, row, Timestamp::MIN);
    }

    /// Notes what became of an order, as the settings have it.
    pub(super) fn report_order(&mut self, call: &Call<'_>, row: Activity) {
        let user = call.user.and_then(|id| id.parse().ok());
        if let (true, Some(user)) = (self.behaviour.activity_is_kept, user) {
            let from = row.at.saturating_add(self.behaviour.activity_shows_after);
            self.report(user, row, from.unwrap_or(Timestamp::MAX));
        }
    }

    fn report(&mut self, user: u64, activity: Activity, from: Timestamp) {
        let Activity { entry: id, denied, description, sent, kind, at: moment } = activity;
        self.reported += 1;
        let Some(member) = self.members.get_mut(&user) else { return };
        let entry = self.doors.entries.get(&id).unwrap_or(&Value::Null);
        let place = |path| at(entry, path);
        let name = place("name").as_str().unwrap_or_default();
        let mut row = json!({
            "time": moment.as_second(),
            "timeIsoString": written(moment),
            "userId": user,
            "userName": at(&member.row, "identity.fullName"),
            "userEmail": at(&member.row, "identity.email"),
            "sourceName": "entry",
            "category": "access",
            "credentialTypeModelName": kind,
            "entryId": id,
            "entryName": name,
            "zoneId": place("zone.id"),
            "zoneName": place("zone.name"),
            "siteId": place("zone.site.id"),
            "siteName": place("zone.site.name"),
            "entries": [{ "id": id, "name": name }],
            "requestType": "unlock",
            "requestId": format!("request-{}", self.reported),
            "result": if denied.is_some() { "Denied" } else { "Granted" },
            "resultDescription": description.unwrap_or_default(),
            "deniedReason": denied,
        });
        if let Some(sent) = sent {
            row["description"] = json!(sent);
        }
        member.activity.push(Reported { from, row });
    }

    pub(super) fn list_activity(
        &self,
        call: &Call<'_>,
        input: &Input,
        now: Timestamp,
    ) -> Result<Reply, Refusal> {
        let member = self.member(call).ok_or_else(Refusal::not_found)?;
        let mut input = input.clone();
        for (name, usual) in [("limit", json!(10_000)), ("order", json!("desc"))] {
            input.0.entry(name).or_insert(usual);
        }
        // Of two rows within one second the later comes first.
        let shown = member.activity.iter().rev().filter(|reported| reported.from <= now);
        let rows = shown.map(|reported| &reported.row).collect();
        let page = Page::cut(rows, &input, &self.behaviour, Source::Query, "time")?;
        Ok(self.granted(200, page.body(false)))
    }
}

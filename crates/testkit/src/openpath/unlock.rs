//! The one call that opens a door.

use jiff::Timestamp;
use serde_json::Value;

use super::activity::Activity;
use super::behaviour::NotGranted;
use super::dates::within;
use super::operation::Call;
use super::refusal::Refusal;
use super::row::{at, id_of, text_at};
use super::shape::Input;
use super::{Member, Openpath};
use crate::{Effect, Order, Received, Reply};

impl Openpath {
    /// Writes the order down, whatever becomes of it, and answers it.
    pub(super) fn order(
        &mut self,
        call: &Call<'_>,
        request: &Received,
        admitted: Result<Input, Refusal>,
        now: Timestamp,
    ) -> Reply {
        let (effect, reply) = match admitted {
            Err(refusal) => (Effect::Refused, self.refuse(refusal, request)),
            Ok(input) => {
                let (effect, usual) = self.judge(call, &input, request, now);
                let reply = self.replies.take(call.operation, &input).unwrap_or(usual);
                (effect, reply)
            }
        };
        // Read anew, so that a request that was refused for its shape shows what it wanted.
        let sent: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let door = match at(&sent, "entryId") {
            Value::String(text) => text.clone(),
            Value::Null => String::new(),
            other => other.to_string(),
        };
        self.ledger.enter(Order {
            door,
            who: call.user.unwrap_or_default().to_owned(),
            at: now,
            reference: text_at(&sent, "description").map(str::to_owned),
            effect,
        });
        reply
    }

    fn judge(
        &mut self,
        call: &Call<'_>,
        input: &Input,
        request: &Received,
        now: Timestamp,
    ) -> (Effect, Reply) {
        if let Some((status, body)) = &self.turn_down {
            return (Effect::Refused, Reply::json(*status, body.clone()));
        }
        let found = self.member(call).and_then(|member| Some((member, member.credential(call)?)));
        let Some((member, key)) = found else {
            return (Effect::Refused, self.refuse(Refusal::not_found(), request));
        };
        if at(key, "eventAction").is_object() {
            self.event_actions += 1;
            return (Effect::Failed, Reply::empty(204));
        }
        let entry = id_of(input.get("entryId"));
        let sent =
            input.get("description").as_str().filter(|_| self.behaviour.activity_is_described);
        let sent = sent.map(str::to_owned);
        let described = |row: Activity| match &sent {
            Some(sent) => row.sent_with(sent),
            None => row,
        };
        let objection = self.objection(member, key, entry, now);
        let is_too_new = self.is_too_new(key, now);
        if let Some(reason) = objection {
            if let Some(entry) = entry {
                self.report_order(call, described(Activity::denied(entry, reason)).at(now));
            }
            let status = match self.behaviour.unlock_not_granted {
                NotGranted::Forbidden => 403,
                NotGranted::NotFound => 404,
                NotGranted::Unprocessable => 422,
                NotGranted::AcceptedAndNothingHappens => {
                    return (Effect::Failed, Reply::empty(204));
                }
            };
            return (Effect::Refused, self.refuse(Refusal::new(status, reason), request));
        }
        let broken = entry.is_some_and(|entry| self.doors.broken.contains(&entry));
        let (effect, row) = match entry {
            _ if broken => (Effect::Failed, None),
            Some(entry) if is_too_new => {
                let reason = "Credential is not known to the controller yet";
                (Effect::Failed, Some(Activity::denied(entry, reason)))
            }
            Some(entry) => (Effect::Opened, Some(Activity::granted(entry))),
            None => (Effect::Failed, None),
        };
        if let Some(row) = row {
            self.report_order(call, described(row).at(now));
        }
        (effect, Reply::empty(204))
    }

    /// Why this unlock is not granted, if it is not.
    fn objection(
        &self,
        member: &Member,
        key: &Value,
        entry: Option<u64>,
        now: Timestamp,
    ) -> Option<&'static str> {
        let last_day = self.behaviour.last_day_counts;
        if text_at(&member.row, "status") != Some("A") {
            Some("User is not active")
        } else if !within(&member.row, now, last_day) {
            Some("User is outside of its start and end dates")
        } else if at(&member.row, "hasRemoteUnlock") == &Value::Bool(false) {
            Some("User does not have remote unlock")
        } else if text_at(key, "credentialType.modelName") != Some("cloudKey") {
            Some("Credential is not a cloud key")
        } else if !within(key, now, last_day) {
            Some("Credential is outside of its start and end dates")
        } else if !self.plan_unlocks() {
            Some("Plan does not include remote unlock")
        } else {
            match entry.filter(|entry| member.access.contains(entry)) {
                None => Some("User does not have access to this entry"),
                Some(entry) => self.doors.objection(entry),
            }
        }
    }

    /// Whether the controller has not heard of the key yet.
    fn is_too_new(&self, key: &Value, now: Timestamp) -> bool {
        let made = text_at(key, "createdAt").and_then(|text| text.parse::<Timestamp>().ok());
        made.and_then(|made| made.saturating_add(self.behaviour.key_works_after).ok())
            .is_some_and(|known| now < known)
    }
}

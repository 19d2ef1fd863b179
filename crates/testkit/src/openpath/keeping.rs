//! What changes at the vendor: keys made, and the changes that a service has no business making.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::dates::written;
use super::operation::{Call, Operation};
use super::refusal::Refusal;
use super::row::{id_of, row_id, set, text_at};
use super::shape::Input;
use super::{Member, Openpath};
use crate::Reply;

impl Openpath {
    pub(super) fn create_credential(
        &mut self,
        call: &Call<'_>,
        input: &Input,
        now: Timestamp,
    ) -> Result<Reply, Refusal> {
        if self.member(call).is_none() {
            return Err(Refusal::not_found());
        }
        let type_id = id_of(input.get("credentialTypeId"));
        let kind = self.types.iter().find(|kind| row_id(kind) == type_id);
        let Some(kind) = kind.cloned() else {
            return Err(Refusal::new(422, "Unknown credential type"));
        };
        let model = text_at(&kind, "modelName").unwrap_or_default().to_owned();
        if model != "cloudKey" || input.get("eventAction").is_object() {
            self.forbidden.push(Operation::CreateCredential);
        }

        let id = self.next_credential;
        let mut row = json!({
            "id": id,
            "startDate": input.get("startDate"),
            "endDate": input.get("endDate"),
            "credentialType": { "id": type_id, "name": kind.get("name"), "modelName": model },
            "eventAction": input.get("eventAction"),
            "createdAt": written(now),
            "updatedAt": written(now),
        });
        let mut own = match input.get(&model) {
            Value::Object(fields) => Value::Object(fields.clone()),
            _ => json!({ "name": null }),
        };
        set(&mut own, "id", 500_000 + id);
        if model == "cloudKey" && own.get("maxDurationSeconds").is_none() {
            set(&mut own, "maxDurationSeconds", Value::Null);
        }
        set(&mut row, &model, own);

        let reply = self.granted(201, json!({ "data": row }));
        if let Some(member) = self.member_mut(call) {
            member.credentials.push(row);
            self.next_credential += 1;
        }
        Ok(reply)
    }

    /// Does what the vendor documents for calls that are never ours to make; they are on record.
    pub(super) fn act_though_forbidden(
        &mut self,
        call: &Call<'_>,
        input: &Input,
        header: Option<&str>,
        now: Timestamp,
    ) -> Result<Reply, Refusal> {
        match call.operation {
            Operation::RefreshLogin => {
                let account = self.sign_in.account_by(header, now).ok_or_else(Refusal::token)?;
                self.sign_in.end(header);
                Ok(self.signed_in(account, now))
            }
            Operation::Logout => {
                self.sign_in.end(header);
                Ok(Reply::empty(204))
            }
            Operation::ValidateAccessToken => {
                Ok(self.granted(200, json!({ "data": { "isValid": false } })))
            }
            Operation::UpdateUser => {
                let member = self.member_mut(call).ok_or_else(Refusal::not_found)?;
                merge(
                    &mut member.row,
                    input,
                    &["startDate", "endDate", "hasRemoteUnlock", "externalId"],
                );
                let row = member.row.clone();
                Ok(self.granted(200, json!({ "data": row })))
            }
            Operation::DeleteUser => {
                let user = call.user.and_then(|id| id.parse().ok());
                let gone = user.and_then(|id: u64| self.members.remove(&id));
                gone.map(|_| Reply::empty(204)).ok_or_else(Refusal::not_found)
            }
            Operation::UpdateCredential | Operation::DeleteCredential => {
                let member = self.member_mut(call).ok_or_else(Refusal::not_found)?;
                let id = member.credential(call).map(row_id).ok_or_else(Refusal::not_found)?;
                if call.operation == Operation::DeleteCredential {
                    member.credentials.retain(|row| row_id(row) != id);
                } else {
                    for row in member.credentials.iter_mut().filter(|row| row_id(row) == id) {
                        merge(row, input, &["startDate", "endDate", "eventAction"]);
                    }
                }
                Ok(Reply::empty(204))
            }
            // Making users and guest passes is not modelled.
            _ => Err(Refusal::scope()),
        }
    }

    fn member_mut(&mut self, call: &Call<'_>) -> Option<&mut Member> {
        self.members.get_mut(&call.user?.parse().ok()?)
    }
}

/// Copies the named fields that are given.
fn merge(row: &mut Value, input: &Input, names: &[&str]) {
    for name in names {
        if let Some(value) = input.0.get(*name) {
            set(row, name, value.clone());
        }
    }
}

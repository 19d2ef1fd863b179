//! From a request to a reply: who asks, is it well formed, what is done.

use elevate_transport::header;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::list::Page;
use super::operation::{Call, Operation};
use super::refusal::{Refusal, Source};
use super::row::{at, ids_to_text, remove, row_id, set, text_at};
use super::shape::{self, Input};
use super::{Member, Openpath};
use crate::{Ledger, Model, Received, Reply};

/// How many requests to routes that do not exist are remembered.
const MOST_STRAYS: usize = 100;

impl Model for Openpath {
    fn answer(&mut self, request: &Received, now: Timestamp) -> Reply {
        self.look_at_url(request);
        let Some(call) = Call::of(&request.method, &request.path) else {
            if self.strays.len() < MOST_STRAYS {
                self.strays.push(format!("{} {}", request.method, request.path));
            }
            return self.refuse(Refusal::not_found(), request);
        };
        *self.requests.entry(call.operation).or_default() += 1;
        if call.operation.is_forbidden() {
            self.forbidden.push(call.operation);
        }
        let admitted = self.admit(&call, request, now);
        if call.operation == Operation::CloudKeyEntryUnlock {
            return self.order(&call, request, admitted, now);
        }
        let done = admitted.and_then(|input| {
            let usual = self.act(&call, &input, request, now);
            self.replies.take(call.operation, &input).map_or(usual, Ok)
        });
        done.unwrap_or_else(|refusal| self.refuse(refusal, request))
    }

    fn ledger(&self) -> &Ledger {
        &self.ledger
    }
}

impl Openpath {
    fn look_at_url(&mut self, request: &Received) {
        let mut texts = std::iter::once(&request.path)
            .chain(request.query.iter().flat_map(|(name, value)| [name, value]));
        if texts.any(|text| self.sign_in.gives_away(text)) {
            self.secrets_in_urls += 1;
        }
    }

    /// Judges token, path and shape, in the order in which such a server does.
    fn admit(
        &mut self,
        call: &Call<'_>,
        request: &Received,
        now: Timestamp,
    ) -> Result<Input, Refusal> {
        if !call.operation.is_open() {
            self.sign_in.admit(authorization(request), &self.behaviour, now)?;
        }
        for (name, text) in [
            ("orgId", call.org),
            ("userId", call.user),
            ("credentialId", call.credential),
            ("entryId", call.entry),
        ] {
            if text.is_some_and(|text| text.parse::<u64>().is_err()) {
                return Err(Refusal::shape(Source::Params, name, "must be a number"));
            }
        }
        if call.org.is_some_and(|org| number(org) != self.org) {
            return Err(Refusal::scope());
        }
        if !self.may(call.operation) {
            return Err(Refusal::scope());
        }
        shape::check(call.operation, request)
    }

    fn act(
        &mut self,
        call: &Call<'_>,
        input: &Input,
        request: &Received,
        now: Timestamp,
    ) -> Result<Reply, Refusal> {
        match call.operation {
            Operation::Login => {
                let account = self.sign_in.log_in(input, &self.behaviour, now)?;
                Ok(self.signed_in(account, now))
            }
            Operation::ListUsers => self.list_users(input, Source::Query),
            Operation::ListUsersPost => self.list_users(input, Source::Payload),
            Operation::DescribeUser => {
                let all = asks_for(input, "ignoreSiteSpecificAccess");
                let member = self.member(call).filter(|member| all || self.sees(member));
                let member = member.ok_or_else(Refusal::not_found)?;
                let mut row = member.row.clone();
                hide(&mut row, input);
                Ok(self.granted(200, json!({ "data": row })))
            }
            Operation::ListCredentials => {
                let member = self.member(call).ok_or_else(Refusal::not_found)?;
                let rows = member.credentials.iter().collect();
                let page = Page::cut(rows, input, &self.behaviour, Source::Query, "id")?;
                Ok(self.granted(200, page.body(false)))
            }
            Operation::ListOrgCredentials => {
                let rows = self.org_credentials();
                let rows = rows.iter().collect();
                let page = Page::cut(rows, input, &self.behaviour, Source::Query, "id")?;
                Ok(self.granted(200, page.body(false)))
            }
            Operation::DescribeCredential => {
                let member = self.member(call).ok_or_else(Refusal::not_found)?;
                let row = member.credential(call).ok_or_else(Refusal::not_found)?;
                Ok(self.granted(200, json!({ "data": row })))
            }
            Operation::ListCredentialTypes => {
                let rows = self.types.iter().collect();
                let page = Page::cut(rows, input, &self.behaviour, Source::Query, "ordinal")?;
                Ok(self.granted(200, page.body(false)))
            }
            Operation::ListUserEntries => {
                let member = self.member(call).ok_or_else(Refusal::not_found)?;
                let rows =
                    member.access.iter().filter_map(|id| self.doors.entries.get(id)).cloned();
                Ok(self.granted(200, Page::whole(rows.collect()).body(false)))
            }
            Operation::GetUserActivity => self.list_activity(call, input, now),
            Operation::GetEffectivePermissionsForOrg => Ok(self.effective_scopes()),
            Operation::ListOrgFeatures => Ok(self.list_features()),
            Operation::ListEntryStates => self.list_entry_states(input),
            Operation::ListEntries => self.list_entries(input),
            Operation::DescribeEntry => self.describe_entry(call),
            Operation::ListLockdownPlans => self.list_lockdown_plans(input),
            Operation::CreateCredential => self.create_credential(call, input, now),
            _ => self.act_though_forbidden(call, input, authorization(request), now),
        }
    }

    fn list_users(&self, input: &Input, source: Source) -> Result<Reply, Refusal> {
        let all = asks_for(input, "ignoreSiteSpecificAccess");
        let rows = self
            .members
            .values()
            .filter(|member| all || self.sees(member))
            .map(|member| &member.row)
            .filter(|row| self.behaviour.archived_are_listed || text_at(row, "status") != Some("I"))
            // None of the model's users has an intercom.
            .filter(|_| !input.flag("isAttachedToAtLeastOneIntercom"));
        let mut page =
            Page::cut(rows.collect(), input, &self.behaviour, source, "identity.lastName")?;
        for row in &mut page.rows {
            hide(row, input);
            if !input.flag("withBuildings") {
                remove(row, "buildingFloorUnits");
            }
        }
        Ok(self.granted(200, page.body(true)))
    }

    /// Whether the service account may see that user.
    fn sees(&self, member: &Member) -> bool {
        let Some(allowed) = &self.only_sites else { return true };
        let sites = at(&member.row, "sites").as_array().map(Vec::as_slice).unwrap_or_default();
        sites.iter().filter_map(row_id).any(|site| allowed.contains(&site))
    }

    pub(super) fn signed_in(&mut self, account: usize, now: Timestamp) -> Reply {
        let org = (self.org, self.org_name.as_str());
        let data = self.sign_in.issue(account, org, &self.scopes, &self.behaviour, now);
        self.granted(201, json!({ "data": data }))
    }

    /// A reply of success in the vendor's envelope.
    pub(super) fn granted(&self, status: u16, mut body: Value) -> Reply {
        let site_specific = self.only_sites.as_ref().map(
            |sites| json!({ "isSiteSpecific": true, "siteIds": sites, "siteIdsByScope": null }),
        );
        if let Value::Object(fields) = &mut body {
            let meta = json!({ "accessToken": null, "siteSpecificAccess": site_specific });
            fields.insert("meta".into(), meta);
        }
        if self.behaviour.ids_as_text {
            ids_to_text(&mut body);
        }
        Reply::json(status, body.to_string())
    }

    /// A reply that says no.
    pub(super) fn refuse(&self, mut refusal: Refusal, request: &Received) -> Reply {
        if self.behaviour.echo_secrets {
            refusal.add(&self.indiscretion(request));
        }
        Reply::json(refusal.status, refusal.body().to_string())
    }

    /// All secrets that a request, and the account behind it, would rather not see again.
    fn indiscretion(&self, request: &Received) -> String {
        let sent: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let account = self.sign_in.accounts.first();
        let email = text_at(&sent, "email").or(account.map(|account| account.email.as_str()));
        let password =
            text_at(&sent, "password").or(account.map(|account| account.password.as_str()));
        let call = Call::of(&request.method, &request.path);
        let user = call.and_then(|call| self.member(&call));
        format!(
            " (authorization: {}, e-mail: {}, password: {}, user: {})",
            authorization(request).unwrap_or_default(),
            email.unwrap_or_default(),
            password.unwrap_or_default(),
            user.and_then(|user| text_at(&user.row, "identity.email")).unwrap_or_default(),
        )
    }

    /// Every credential, with a little of whose it is.
    fn org_credentials(&self) -> Vec<Value> {
        let seen = self.members.iter().filter(|(_, member)| self.sees(member));
        let rows = seen.flat_map(|(id, member)| {
            let user = json!({
                "id": id,
                "status": at(&member.row, "status"),
                "identity": { "email": at(&member.row, "identity.email") },
            });
            member.credentials.iter().map(move |row| {
                let mut row = row.clone();
                set(&mut row, "user", user.clone());
                row
            })
        });
        rows.collect()
    }

    pub(super) fn member(&self, call: &Call<'_>) -> Option<&Member> {
        self.members.get(&call.user?.parse().ok()?)
    }
}

impl Member {
    /// The credential that the path names, if it is this user's.
    pub(super) fn credential(&self, call: &Call<'_>) -> Option<&Value> {
        let id = call.credential?.parse().ok();
        self.credentials.iter().find(|row| id.is_some() && row_id(row) == id)
    }
}

/// Takes out of a user's row what shows only when asked for.
fn hide(row: &mut Value, input: &Input) {
    if !asks_for(input, "withUserSites") {
        remove(row, "sites");
    }
}

/// Whether that is among the request's `options`.
fn asks_for(input: &Input, wanted: &str) -> bool {
    let options = input.text("options").unwrap_or_default();
    options.split(',').any(|option| option.trim() == wanted)
}

fn authorization(request: &Received) -> Option<&str> {
    request.headers.get(header::AUTHORIZATION)?.to_str().ok()
}

/// An id in a path; what is no number is nobody's id.
fn number(text: &str) -> u64 {
    text.parse().unwrap_or(u64::MAX)
}

//! Every reply on file is read, or is refused by an error that says where it is wrong.

use std::fmt::{Debug, Write as _};

use elevate_access_testkit::openpath::{Operation, fixtures};
use elevate_openpath::{
    Activity, Credential, CredentialType, CredentialTypeId, EffectiveScopes, Entry, EntryId,
    EntryState, Error, Feature, Listing, LockdownPlan, OrgCredential, OrgEntry, User, UserId,
    UsersQuery,
};

use crate::support::{Line, with_jane};

/// What matters of each row, a line a row.
fn told<T>(listing: &Listing<T>, tell: impl Fn(&T) -> String) -> String {
    let mut lines: Vec<String> = listing.rows.iter().map(tell).collect();
    if listing.rows.is_empty() {
        lines.push("no rows".into());
    }
    if listing.is_site_bound {
        lines.push(format!("some sites only: {:?}", listing.site_ids));
    }
    lines.join("\n  ")
}

fn short(value: impl Debug) -> String {
    format!("{value:?}").chars().take(60).collect()
}

fn user(user: &User) -> String {
    let dates = (&user.start_date, &user.end_date);
    let email = user.email().map_or("no e-mail", |_| "an e-mail");
    format!(
        "{} {:?}, {dates:?}, remote {:?}, {email}, {} groups, {} sites",
        user.id,
        user.status,
        user.has_remote_unlock,
        user.groups.len(),
        user.sites.len()
    )
}

fn credential(credential: &Credential) -> String {
    let kind = credential.credential_type.as_ref().and_then(|kind| kind.model_name.as_deref());
    let plain = if credential.is_plain_cloud_key() { ", a plain key" } else { "" };
    let dates = (&credential.start_date, &credential.end_date);
    format!("{} {}, {dates:?}{plain}", credential.id, short(kind))
}

fn org_credential(row: &OrgCredential) -> String {
    format!("{}, of {:?}", credential(&row.credential), row.user)
}

fn kind(kind: &CredentialType) -> String {
    format!("{} {}", kind.id, short(&kind.model_name))
}

fn entry(entry: &Entry) -> String {
    let zone = entry.zone.as_ref();
    let site = zone.and_then(|zone| zone.site.as_ref()).and_then(|site| site.name.as_deref());
    let zone = zone.and_then(|zone| zone.name.as_deref());
    let lock = entry.wireless_lock.as_ref().map(|lock| lock.is_offline);
    format!("{} {}, {zone:?}, {site:?}, offline {lock:?}", entry.id, short(&entry.name))
}

fn scopes(scopes: &EffectiveScopes) -> String {
    let EffectiveScopes { scopes, allowed_operation_ids, is_parent_org, .. } = scopes;
    format!("{scopes:?}, {} calls, parent {is_parent_org:?}", allowed_operation_ids.len())
}

fn feature(feature: &Feature) -> String {
    format!("{} {:?} {:?}", feature.id, feature.code, feature.name)
}

fn state(state: &EntryState) -> String {
    let methods = state.trigger_methods.iter().map(|method| {
        let kind = method.credential_type.as_ref().and_then(|kind| kind.model_name.as_deref());
        (method.code.as_deref(), kind)
    });
    format!(
        "{} {:?} {:?}, locked {:?}, cloud key {:?}, {:?}",
        state.id,
        state.name,
        state.code,
        state.is_locked,
        state.allows_cloud_key(),
        methods.collect::<Vec<_>>()
    )
}

fn plan(plan: &LockdownPlan) -> String {
    format!("{} {:?}, active {:?}, {:?}", plan.id, plan.name, plan.is_active, plan.zone_ids)
}

fn activity(row: &Activity) -> String {
    let kind = row.credential_type.as_deref();
    let words = (&row.result_description, &row.denied_reason, row.request_id.is_some());
    let at = (&row.entry_id, &row.entry_name, &row.entry_ids);
    format!("{} {:?}, {:?}, {at:?}, {kind:?}, {words:?}", row.time, row.user_id, row.result)
}

fn org_entry(entry: &OrgEntry) -> String {
    let zone = entry.zone.as_ref().and_then(|zone| zone.id.as_ref());
    format!(
        "{} {:?}, {:?}, {zone:?}, {:?}, {:?}, offline {:?}",
        entry.id,
        entry.name,
        entry.entry_state,
        entry.schedule,
        entry.acu,
        entry.wireless_lock.as_ref().map(|lock| lock.is_offline)
    )
}

async fn ask(line: &Line, operation: Operation) -> Option<Result<String, Error>> {
    let (client, jane) = (&line.client, UserId::from(7001));
    Some(match operation {
        Operation::Login => client.sign_in().await.map(short),
        Operation::ListUsersPost => {
            client.users(&UsersQuery::all()).all().await.map(|list| told(&list, user))
        }
        Operation::ListCredentials => {
            client.user_credentials(&jane).all().await.map(|list| told(&list, credential))
        }
        Operation::ListOrgCredentials => {
            client.credentials().all().await.map(|list| told(&list, org_credential))
        }
        Operation::CreateCredential => client
            .create_cloud_key(&jane, &CredentialTypeId::from(34), "ElevateOS")
            .await
            .map(|made| credential(&made)),
        Operation::ListCredentialTypes => {
            client.credential_types().all().await.map(|list| told(&list, kind))
        }
        Operation::ListUserEntries => {
            client.user_entries(&jane).all().await.map(|list| told(&list, entry))
        }
        Operation::GetEffectivePermissionsForOrg => {
            client.effective_scopes().await.map(|told| scopes(&told))
        }
        Operation::ListOrgFeatures => {
            client.features().all().await.map(|list| told(&list, feature))
        }
        Operation::ListEntryStates => {
            client.entry_states().all().await.map(|list| told(&list, state))
        }
        Operation::ListLockdownPlans => {
            client.lockdown_plans().all().await.map(|list| told(&list, plan))
        }
        Operation::GetUserActivity => {
            client.user_activity(&jane, 50).all().await.map(|list| told(&list, activity))
        }
        Operation::ListEntries => client.entries().all().await.map(|list| told(&list, org_entry)),
        Operation::DescribeEntry => {
            client.entry(&EntryId::from(4401)).await.map(|entry| org_entry(&entry))
        }
        // The client does not call it.
        _ => return None,
    })
}

#[tokio::test(start_paused = true)]
async fn every_fixture_is_read_or_refused_with_a_path() {
    let mut table = String::new();
    for case in fixtures::CASES {
        let Some(operation) = case.operation else { continue };
        let line = Line::to(with_jane().scopes(&["o5120-user:w", "o5120-site:r"]));
        line.vendor.with(|openpath| openpath.reply_with(operation, case.reply()));
        let Some(result) = ask(&line, operation).await else { continue };
        let said = result.unwrap_or_else(|error| {
            let place = error.path().map(|path| format!(" at `{path}`")).unwrap_or_default();
            format!("{:?}{place}: {error}", error.kind())
        });
        let _ = writeln!(table, "{}\n  {said}", case.name);
    }
    assert!(!table.contains('@'), "an e-mail is shown");
    insta::assert_snapshot!(table);
}

//! Every reply on file is read, or is refused by an error that says where it is wrong.

use std::fmt::{Debug, Write as _};

use elevate_access_testkit::openpath::{Operation, fixtures};
use elevate_openpath::{
    Credential, CredentialType, CredentialTypeId, Entry, Error, Listing, User, UserId, UsersQuery,
};

use crate::support::{Line, with_jane};

/// What matters of each row, a line a row.
fn told<T>(listing: &Listing<T>, tell: impl Fn(&T) -> String) -> String {
    let mut lines: Vec<String> = listing.rows.iter().map(tell).collect();
    if listing.rows.is_empty() {
        lines.push("no rows".into());
    }
    if listing.is_site_bound {
        lines.push("some sites only".into());
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

async fn ask(line: &Line, operation: Operation) -> Option<Result<String, Error>> {
    let (client, jane) = (&line.client, UserId::from(7001));
    Some(match operation {
        Operation::Login => client.sign_in().await.map(short),
        Operation::ListUsersPost => {
            client.users_list(&UsersQuery::all()).await.map(|list| told(&list, user))
        }
        Operation::ListCredentials => {
            client.user_credentials(&jane).await.map(|list| told(&list, credential))
        }
        Operation::CreateCredential => client
            .create_cloud_key(&jane, &CredentialTypeId::from(34), "ElevateOS")
            .await
            .map(|made| credential(&made)),
        Operation::ListCredentialTypes => {
            client.credential_types().await.map(|list| told(&list, kind))
        }
        Operation::ListUserEntries => {
            client.user_entries(&jane).await.map(|list| told(&list, entry))
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
        let line = Line::to(with_jane());
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

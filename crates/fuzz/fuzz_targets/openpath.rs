//! Whatever Openpath answers to any call is read or refused: the same way each time, bounded, and without a secret.
//!
//! The input: which call, then replies as in `shared`.
#![no_main]

mod shared;

use std::{fmt::Debug, sync::Arc};

use elevate_openpath::{
    Client, CredentialTypeId, Credentials, EntryId, Error, OrgId, UserId, UsersQuery,
};
use libfuzzer_sys::fuzz_target;
use shared::{
    EMAIL, PASSWORD, Scripted, ScriptedWire, TOKEN, in_paused_time, names_not, script, told,
};

fuzz_target!(|data: &[u8]| {
    let Some((which, rest)) = data.split_first() else { return };
    let which = which.wrapping_sub(b'a') % 15;
    let replies = script(rest);
    let once = in_paused_time(ask(which, replies.clone()));
    assert_eq!(once, in_paused_time(ask(which, replies)), "read twice, in two ways");
});

async fn ask(which: u8, replies: Vec<Scripted>) -> String {
    let login = format!(
        r#"{{"data":{{"token":"{TOKEN}","tokenScopeList":[{{"org":{{"id":5}},"scope":["o5-user:w"]}}]}}}}"#
    );
    let first = (which != 0).then(|| ("/auth/login", login.into_bytes()));
    let credentials = Credentials::password(EMAIL, PASSWORD);
    let client = Client::builder("https://openpath.invalid", OrgId::from(5), credentials)
        .wire(Arc::new(ScriptedWire::new(first, replies)))
        .build()
        .expect("settings that hold");
    let user = UserId::from(7);
    match which {
        0 => show(client.sign_in().await),
        1 => show(client.users(&UsersQuery::all()).all().await),
        2 => show(client.users_by_email(EMAIL).await),
        3 => show(client.user_credentials(&user).all().await),
        4 => show(client.credentials().all().await),
        5 => show(client.create_cloud_key(&user, &CredentialTypeId::from(34), "ElevateOS").await),
        6 => show(client.credential_types().all().await),
        7 => show(client.user_entries(&user).all().await),
        8 => show(client.effective_scopes().await),
        9 => show(client.features().all().await),
        10 => show(client.entry_states().all().await),
        11 => show(client.lockdown_plans().all().await),
        12 => show(client.user_activity(&user, 50).all().await),
        13 => show(client.entries().all().await),
        _ => show(client.entry(&EntryId::from(4401)).await),
    }
}

fn show<T: Debug>(result: Result<T, Error>) -> String {
    if let Err(error) = &result {
        names_not(PASSWORD, &format!("{error} {error:?}"));
    }
    told(result, Error::operation)
}

//! Nothing that must not be seen is seen: L7.

use std::{
    error::Error as _,
    fmt::Debug,
    sync::{Arc, Mutex, OnceLock},
};

use elevate_access::{Freshness::Fresh, MemoryStore, ResidentId};
use elevate_access_testkit::{
    MemoryWire, Spans, TestClock, Vendor,
    openpath::{Entry as VendorEntry, Filtering, Openpath, Operation, User as VendorUser},
};
use elevate_openpath::{
    Client, Credential, Credentials, Entry, Error, ErrorKind, OpenpathProvider, OrgId, User,
    UserId, UsersQuery,
};

use crate::client::certificate;
use crate::support::{House, ORG, Rewrite, building, door, openpath, pass, said, with_janes_key};

const EMAIL: &str = "canary-mail@example.com";
const PASSWORD: &str = "canary-password";
const CODE: &str = "canary-code";
const TOKEN: &str = "canary-token-";

fn search(what: &str, text: &str) {
    for canary in ["canary", "CANARY", "Y2FuYXJ5", "63616e617279"] {
        assert!(!text.contains(canary), "{what} shows {canary}: {text}");
    }
}

fn formatted(what: &str, value: &impl Debug) {
    search(what, &format!("{value:?}"));
    search(what, &format!("{value:#?}"));
}

fn error(what: &str, error: &Error) {
    formatted(what, error);
    search(what, &error.to_string());
    let mut below = error.source();
    while let Some(error) = below {
        search(what, &format!("{error} {error:?} {error:#?}"));
        below = error.source();
    }
}

fn canaries() -> (Client, Vendor<Openpath>) {
    let openpath = Openpath::new(ORG)
        .service_account(EMAIL, PASSWORD)
        .totp_code(CODE)
        .token_prefix(TOKEN)
        .echo_secrets(true);
    let vendor = Vendor::new(openpath);
    let wire = MemoryWire::new(vendor.clone(), TestClock::new());
    let credentials = Credentials::password(EMAIL, PASSWORD).with_totp_code(CODE);
    formatted("Credentials", &credentials);
    let builder = Client::builder("https://openpath.example", OrgId::from(ORG), credentials);
    formatted("ClientBuilder", &builder);
    let builder = builder.wire(Arc::new(wire));
    formatted("ClientBuilder", &builder);
    (builder.build().unwrap(), vendor)
}

#[tokio::test(start_paused = true)]
async fn no_public_type_shows_a_secret_or_an_email() {
    let (client, vendor) = canaries();
    client.sign_in().await.unwrap();
    formatted("Client", &client);
    formatted("OpenpathProvider", &OpenpathProvider::new(client.clone()));
    formatted("UsersQuery", &UsersQuery::with_email(EMAIL).unwrap());
    formatted("UsersQuery", &UsersQuery::all().filter("identity.email:(canary)"));

    vendor.with(|openpath| {
        openpath.add_user(
            VendorUser::active(7001, "canary.jane@example.com").named("Canary", "canary"),
        );
    });
    let users = client.users(&UsersQuery::all()).all().await.unwrap();
    assert_eq!(users.rows[0].email(), Some("canary.jane@example.com"));
    formatted("Listing<User>", &users);

    let user: User = serde_json::from_str(
        r#"{"id":1,"status":"canary","startDate":"canary","externalId":"canary",
            "identity":{"email":"canary","fullName":"canary"}}"#,
    )
    .unwrap();
    formatted("User", &user);
    formatted("Identity", user.identity.as_ref().unwrap());
    // Names of doors and kinds are not secret; these types hold nothing that is.
    let _: (Credential, Entry) = (
        serde_json::from_str(r#"{"id":1}"#).unwrap(),
        serde_json::from_str(r#"{"id":1}"#).unwrap(),
    );
}

#[tokio::test(start_paused = true)]
async fn no_error_repeats_what_a_server_echoes() {
    let (client, vendor) = canaries();
    client.sign_in().await.unwrap();
    error("not found", &client.user_entries(&UserId::from(1)).all().await.unwrap_err());
    vendor.with(|openpath| {
        openpath.behaviour().pre_filter = Filtering::Refused;
    });
    error("refused", &client.users_by_email("canary.jane@example.com").await.unwrap_err());
    vendor.with(|openpath| {
        openpath.reply_to(
            Operation::ListUsersPost,
            r#"{"data":[{"id":{"canary@example.com":"canary-token-1"}}]}"#,
            200,
        );
    });
    error("undecodable", &client.users(&UsersQuery::all()).all().await.unwrap_err());
    for name in [PASSWORD, "canary-token-1"] {
        // In the middle of a name, where it does not look like one.
        let reply = format!(r#"{{"my_{name}_is": t"#);
        vendor.with(|openpath| openpath.reply_to(Operation::ListUsersPost, reply, 200));
        error("undecodable", &client.users(&UsersQuery::all()).all().await.unwrap_err());
    }

    let (client, vendor) = canaries();
    vendor.with(|openpath| openpath.set_password(EMAIL, "another"));
    let refused = client.sign_in().await.unwrap_err();
    error("sign-in", &refused);
    error("paused", &client.sign_in().await.unwrap_err());
    assert!(refused.message().unwrap().contains("Incorrect email or password"));
}

/// What is logged while it is kept, at every level.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    pub(crate) fn kept(&self) -> tracing::subscriber::DefaultGuard {
        // With one subscriber alone, what another test's thread logs first is taken to interest nobody.
        static ANOTHER: OnceLock<tracing::Dispatch> = OnceLock::new();
        ANOTHER.get_or_init(|| tracing::Dispatch::new(tracing_subscriber::registry()));
        let log = self.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_ansi(false)
            .with_writer(move || log.clone())
            .finish();
        tracing::subscriber::set_default(subscriber)
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn no_way_of_signing_in_shows_its_secrets() {
    // Base32 of "canary-secret".
    const TOTP: &str = "MNQW4YLSPEWXGZLDOJSXI";
    let pem = certificate::pkcs8();
    let by_password = || Credentials::password(EMAIL, PASSWORD);
    for (way, credentials) in [
        ("password", by_password().in_namespace(611).revision("7")),
        ("code", by_password().with_totp_code(CODE)),
        ("secret", by_password().with_totp_secret(TOTP)),
        ("basic", Credentials::basic(EMAIL, PASSWORD)),
        ("certificate", Credentials::org_certificate("17", pem.as_str())),
    ] {
        let log = Log::default();
        let kept = log.kept();
        let mut openpath = Openpath::new(ORG).token_prefix(TOKEN).echo_secrets(true);
        openpath = match way {
            "certificate" => openpath.auth_cert(17, &certificate::public()),
            _ => openpath.service_account(EMAIL, PASSWORD),
        };
        openpath = match way {
            "code" => openpath.totp_code(CODE),
            "secret" => openpath.totp_secret(TOTP),
            _ => openpath,
        };
        let (vendor, clock) = (Vendor::new(openpath), TestClock::new());
        let sent = Arc::new(Mutex::new(Vec::new()));
        let seen = sent.clone();
        let wire = MemoryWire::new(vendor.clone(), clock).observing(move |received| {
            if let Some(value) = received.headers.get("authorization") {
                seen.lock().unwrap().push(value.to_str().unwrap().to_owned());
            }
            seen.lock().unwrap().extend(code_in(&received.body));
        });
        let mut said = vec![format!("{credentials:?} {credentials:#?}")];
        let builder = Client::builder("https://openpath.example", OrgId::from(ORG), credentials)
            .wire(Arc::new(wire))
            .clock(clock)
            .sign_ins(Arc::new(MemoryStore::new()));
        said.push(format!("{builder:?}"));
        let client = builder.build().unwrap();
        client.sign_in().await.unwrap();
        said.push(format!("{client:?} {:?}", client.session()));

        let user = UserId::from(1);
        let mut errors = vec![client.user_entries(&user).all().await.unwrap_err()];
        vendor.with(|openpath| {
            if way == "certificate" {
                openpath.remove_auth_cert(17);
            } else {
                openpath.set_password(EMAIL, "another");
            }
            openpath.revoke_tokens();
        });
        pass(std::time::Duration::from_secs(31)).await;
        for _ in 0..2 {
            errors.push(client.user_entries(&user).all().await.unwrap_err());
        }
        let kinds: Vec<_> = errors.iter().map(Error::kind).collect();
        let refused = [ErrorKind::NotFound, ErrorKind::SignInRefused, ErrorKind::SignInPaused];
        assert_eq!(kinds, refused, "{way}");
        for it in &errors {
            error(way, it);
            said.push(format!("{it} {it:?}"));
        }
        drop(kept);
        assert!(log.text().contains("could not sign in"), "{}", log.text());
        said.push(log.text());
        let said = said.join("\n");

        search(way, &said);
        let lines: Vec<&str> = pem.lines().filter(|line| line.len() == 64).collect();
        let sent = sent.lock().unwrap();
        assert!(!sent.is_empty());
        let tokens = sent.iter().map(|text| text.trim_start_matches("Basic "));
        for secret in tokens.chain(lines).chain([TOTP]) {
            assert!(!said.contains(secret), "{way}: {secret} in {said}");
        }
        assert_eq!(vendor.with(|openpath| openpath.secrets_in_urls()), 0);
        for seen in vendor.seen() {
            search("a URL", &seen.path);
        }
    }
}

/// The code of a second factor that a sign-in sends.
fn code_in(body: &[u8]) -> Option<String> {
    let body: serde_json::Value = serde_json::from_slice(body).ok()?;
    Some(body.pointer("/mfa/totpCode")?.as_str()?.to_owned())
}

#[tokio::test(start_paused = true)]
async fn no_reason_that_a_manager_reads_shows_a_secret_or_an_email() {
    let house = House::at(with_janes_key().token_prefix(TOKEN).echo_secrets(true));
    house.settle("canary", "canary@example.com");
    let resident = ResidentId::new("canary").unwrap();
    for status in [400, 403, 404, 422, 500] {
        let body = r#"{"message":"canary@example.com with canary-token-1 is not welcome"}"#;
        house.vendor.with(|openpath| openpath.reply_to(Operation::ListUsersPost, body, status));
        let list = house.access.doors(&resident, Fresh).await.unwrap();
        for problem in &list.problems {
            search("a problem", &format!("{} {problem:?}", problem.reason.for_manager()));
            search("a problem", &problem.reason.for_resident());
        }
        let diagnosis = house.access.diagnose(&resident, Some(&door("4401"))).await.unwrap();
        search("a diagnosis", &diagnosis.to_string());
        let health = house.access.check(&building()).await.unwrap();
        search("a health", &format!("{health:?}"));
        pass(std::time::Duration::from_mins(1)).await;
    }
}

/// Whatever the front door is asked for, and however it goes.
#[tokio::test(start_paused = true)]
async fn no_span_or_event_shows_a_secret_an_email_or_a_name() {
    let openpath = Openpath::new(ORG)
        .service_account(EMAIL, PASSWORD)
        .token_prefix(TOKEN)
        .echo_secrets(true)
        .user(
            VendorUser::active(7001, "canary.jane@example.com")
                .named("Canary", "canary")
                .entry(VendorEntry::new(4401, "Main entrance")),
        );
    let house = House::at(openpath);
    // One that knows nothing, so that everything is asked again.
    let connect_anew = || {
        let credentials = Credentials::password(EMAIL, PASSWORD);
        let client = Client::builder("https://openpath.example", OrgId::from(ORG), credentials);
        house.connect(OpenpathProvider::new(client.wire(house.wire()).build().unwrap()));
    };
    connect_anew();
    house.settle("jane", "canary.jane@example.com");
    let (jane, door) = (ResidentId::new("jane").unwrap(), door("4401"));
    let spans = Spans::default();
    let listening = spans.listen();
    assert_eq!(said(house.tap("jane", 4401).await), "accepted");
    // A host may have made its ids of e-mails.
    let tom = "canary.tom@example.com";
    house.settle(tom, tom);
    assert_eq!(said(house.tap(tom, 4401).await), "user_not_found");
    for operation in [
        Operation::Login,
        Operation::ListUsersPost,
        Operation::ListUserEntries,
        Operation::ListCredentials,
        Operation::CreateCredential,
        Operation::CloudKeyEntryUnlock,
    ] {
        for status in [200, 401, 403, 404, 500] {
            connect_anew();
            let body = r#"{"message":"canary@example.com with canary-password","data":[{"id":{"canary":1}}]}"#;
            house.vendor.with(|openpath| openpath.reply_to(operation, body, status));
            let _ = house.tap("jane", 4401).await;
            let _ = house.access.doors(&jane, Fresh).await;
            let _ = house.access.diagnose(&jane, Some(&door)).await;
            let _ = house.access.check(&building()).await;
            house.vendor.with(|openpath| openpath.reply_as_usual(operation));
            pass(std::time::Duration::from_mins(10)).await;
        }
    }
    drop(listening);
    let text = spans.text();
    for there in ["not linked", "openpath.sign_in", "could not sign in", "diagnose", "check"] {
        assert!(text.contains(there), "{there} was not looked at");
    }
    assert_eq!(spans.named("unlock").len(), 32);
    search("a span or an event", &text);
}

#[tokio::test(start_paused = true)]
async fn no_secret_and_no_email_stands_in_a_url() {
    let house = House::at(openpath());
    let _ = house.tap("jane", 4401).await;
    house.doors("jane", Fresh).await;
    assert_eq!(house.vendor.with(|openpath| openpath.secrets_in_urls()), 0);
}

/// An e-mail, a password or a token that a vendor puts where an id belongs.
#[tokio::test(start_paused = true)]
async fn no_email_passes_for_an_id() {
    fn of(path: &str, body: &str, on: &str, id: &str) -> String {
        if path.ends_with(on) {
            body.replace(&format!("\"id\":{id},"), "\"id\":\"canary@example.com\",")
        } else {
            body.to_owned()
        }
    }
    let rewrites: [(&str, Rewrite); 4] = [
        ("data[0].id", |path, body| of(path, body, "/users/list", "7001")),
        ("data[0].id", |path, body| of(path, body, "/credentials", "88001")),
        ("data[0].id", |path, body| of(path, body, "/entries", "4401")),
        ("data[1].zone.id", |path, body| of(path, body, "/entries", "302")),
    ];
    for (place, rewrite) in rewrites {
        let house = House::at(with_janes_key());
        house.connect_rewriting(rewrite);
        let jane = ResidentId::new("jane").unwrap();
        let list = house.access.doors(&jane, Fresh).await.unwrap();
        search("a list", &format!("{list:?}"));
        let told = list.problems[0].reason.for_manager();
        assert!(told.contains(place), "{place}: {told}");
        let tap = house.tap("jane", 4401).await;
        search("a tap", &format!("{tap:?}"));
        assert_eq!(house.orders(), 0, "{place}");
        for seen in house.vendor.seen() {
            search("a URL", &seen.path);
        }
    }
    for text in ["canary@example.com", "canary horse battery", "canary.t0ken.s1g", "canary/"] {
        let made = UserId::new(text).unwrap_err();
        error("an id", &made);
    }
}

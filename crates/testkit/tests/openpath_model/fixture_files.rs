use std::fs;
use std::path::Path;

use super::*;

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/openpath"))
}

#[test]
fn every_file_of_the_folder_is_built_in_byte_for_byte_and_has_its_provenance() {
    let readme = fs::read_to_string(folder().join("README.md")).unwrap();
    let mut files = BTreeSet::new();
    for entry in fs::read_dir(folder()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name == "README.md" {
            continue;
        }
        let on_disk = fs::read_to_string(folder().join(&name)).unwrap();
        assert_eq!(fixtures::fixture(&name), Some(on_disk.as_str()), "{name}");
        let row = readme.lines().find(|line| line.starts_with(&format!("| `{name}` |")));
        let cells: Vec<&str> =
            row.unwrap_or_else(|| panic!("{name} is not in the README")).split('|').collect();
        if let Some(case) = fixtures::case(&name) {
            assert_eq!(cells[3].trim(), case.status.to_string(), "{name}");
            if let Some(operation) = case.operation {
                assert!(cells[2].contains(operation.id()), "{name}");
            }
        }
        let provenance = cells[5].trim();
        assert!(
            ["documented", "vendor's help pages", "seen in third-party clients", "guessed"]
                .contains(&provenance),
            "{name}: {provenance}"
        );
        files.insert(name);
    }
    let listed = fixtures::CASES.iter().map(|case| case.name.to_owned());
    let built_in: BTreeSet<String> = listed.chain(["organisation.json".to_owned()]).collect();
    assert_eq!(built_in, files);
}

#[test]
fn cases_are_what_their_names_say_they_are() {
    for case in fixtures::CASES {
        let parsed = serde_json::from_str::<Value>(case.body);
        assert_eq!(
            parsed.is_ok(),
            Path::new(case.name).extension().is_some_and(|ext| ext == "json"),
            "{}",
            case.name
        );
        assert_eq!(
            case.content_type.starts_with("application/json"),
            parsed.is_ok(),
            "{}",
            case.name
        );
        if case.status < 300 {
            assert!(parsed.unwrap().get("data").is_some(), "{}", case.name);
            assert!(case.operation.is_some(), "{}", case.name);
        }
    }
    for operation in [
        Operation::Login,
        Operation::ListUsersPost,
        Operation::DescribeUser,
        Operation::ListCredentials,
        Operation::ListOrgCredentials,
        Operation::CreateCredential,
        Operation::ListCredentialTypes,
        Operation::ListUserEntries,
        Operation::GetEffectivePermissionsForOrg,
        Operation::ListOrgFeatures,
        Operation::ListEntryStates,
        Operation::ListLockdownPlans,
        Operation::ListEntries,
        Operation::DescribeEntry,
        Operation::GetUserActivity,
    ] {
        assert!(fixtures::of(operation).any(|case| case.status < 300), "{operation:?}");
    }
}

#[test]
fn nobody_in_a_fixture_can_be_real() {
    for case in fixtures::CASES.iter().map(|case| case.body).chain([fixtures::ORGANISATION]) {
        for address in case.split(['"', ' ']).filter(|word| word.contains('@')) {
            assert!(address.to_lowercase().ends_with("@example.com"), "{address}");
        }
    }
}

#[test]
fn every_case_is_served_byte_for_byte_to_a_signed_in_caller() {
    for case in fixtures::CASES {
        let mut openpath = with(jane()).scopes(&["o5120-user:w", "o5120-site:r"]);
        let caller = Caller::signed_in(&mut openpath);
        let operation = case.operation.unwrap_or(Operation::DescribeUser);
        openpath.reply_with(operation, case.reply());
        let login = json!({ "email": EMAIL, "password": PASSWORD });
        let kind = json!({ "credentialTypeId": 34 });
        let nothing = json!({});
        let (method, url, body) = match operation {
            Operation::Login => (Method::POST, "/auth/login", Some(&login)),
            Operation::ListUsersPost => (Method::POST, "/orgs/5120/users/list", Some(&nothing)),
            Operation::DescribeUser => (Method::GET, "/orgs/5120/users/7001", None),
            Operation::ListCredentials => (Method::GET, "/orgs/5120/users/7001/credentials", None),
            Operation::ListOrgCredentials => (Method::GET, "/orgs/5120/credentials", None),
            Operation::CreateCredential => {
                (Method::POST, "/orgs/5120/users/7001/credentials", Some(&kind))
            }
            Operation::ListCredentialTypes => (Method::GET, "/orgs/5120/credentialTypes", None),
            Operation::ListUserEntries => (Method::GET, "/orgs/5120/users/7001/entries", None),
            Operation::GetEffectivePermissionsForOrg => {
                (Method::GET, "/orgs/5120/effectiveScopes", None)
            }
            Operation::ListOrgFeatures => (Method::GET, "/orgs/5120/features", None),
            Operation::ListEntryStates => (Method::GET, "/orgs/5120/entryStates", None),
            Operation::ListLockdownPlans => (Method::GET, "/orgs/5120/lockdownPlans", None),
            Operation::ListEntries => (Method::GET, "/orgs/5120/entries", None),
            Operation::DescribeEntry => (Method::GET, "/orgs/5120/entries/4401", None),
            Operation::GetUserActivity => {
                (Method::GET, "/orgs/5120/users/7001/reports/activity", None)
            }
            other => panic!("{} answers {other:?}, which nobody asks here", case.name),
        };
        assert_eq!(caller.raw(&mut openpath, method, url, body), case.reply(), "{}", case.name);
    }
}

#[test]
fn duplicate_email_of_the_page_files_stands_on_both_pages() {
    let emails = |name: &str| -> Vec<String> {
        let page: Value = serde_json::from_str(fixtures::fixture(name).unwrap()).unwrap();
        let rows = page["data"].as_array().unwrap();
        rows.iter().map(|row| row["identity"]["email"].as_str().unwrap().to_owned()).collect()
    };
    let (first, second) = (emails("users-page-1.json"), emails("users-page-2.json"));
    assert!(second.iter().all(|email| first.contains(email)));
    assert!(first.iter().collect::<BTreeSet<_>>().len() == first.len());
}

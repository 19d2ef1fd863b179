use std::path::Path;

use super::*;

fn is_json(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|extension| extension == "json")
}

#[test]
fn every_file_is_offered_by_name_and_every_name_has_its_file() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/seam");
    let files = std::fs::read_dir(folder).expect("the folder is there");
    let mut on_disk: BTreeSet<String> =
        files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    assert!(on_disk.remove("README.md"));
    let names = CASES.iter().map(|case| case.name);
    let names: BTreeSet<String> =
        names.chain(WORKSPACES.iter().map(|(name, _)| *name)).map(str::to_owned).collect();
    assert_eq!(names, on_disk);
    assert!(names.iter().all(|name| fixture(name).is_some()));
    assert_eq!(fixture("no-such-file.json"), None);
}

#[test]
fn the_table_of_provenance_names_every_file_with_its_route_and_status() {
    let table = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/seam/README.md"));
    let rows: BTreeSet<String> = table
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
            assert_eq!(cells.len(), 5, "{line}");
            let sure = ["documented", "seen", "guessed", "status documented"];
            assert!(sure.iter().any(|word| cells[4].starts_with(word)), "{line}");
            cells[..3].join(" ").replace('`', "")
        })
        .collect();
    let files: BTreeSet<String> = CASES
        .iter()
        .map(|case| format!("{} {} {}", case.name, case.route, case.status))
        .chain(WORKSPACES.iter().map(|(name, _)| format!("{name} – –")))
        .collect();
    assert_eq!(rows, files);
}

#[test]
fn json_files_are_json_and_others_are_not() {
    for case in CASES {
        let json = serde_json::from_str::<Value>(case.body).is_ok_and(|body| body.is_object());
        assert_eq!(json, is_json(case.name), "{}", case.name);
        if is_json(case.name) && case.status != 200 {
            let body: Value = serde_json::from_str(case.body).unwrap();
            assert_eq!(body["ok"], false, "{}", case.name);
        }
    }
}

#[test]
fn a_workspace_file_becomes_a_world() {
    for (name, json) in WORKSPACES {
        let mut seam = Seam::from_fixture(json).expect(name);
        let whole: Value = serde_json::from_str(json).unwrap();
        let bearer = format!("Bearer {}", seam.api_key());
        let mut ask = |path: &str, params: Value| {
            let request = request(path, &params.to_string());
            read(&seam.answer(&with_header(request, "authorization", &bearer), at(0)))
        };
        for (path, list) in [("/devices/list", "devices"), ("/spaces/list", "spaces")] {
            let mut served = Vec::new();
            let mut params = json!({});
            loop {
                let body = ask(path, params.clone());
                served.extend(body[list].as_array().unwrap().iter().cloned());
                if body["pagination"]["has_next_page"] == false {
                    break;
                }
                params["page_cursor"] = body["pagination"]["next_page_cursor"].clone();
            }
            for (served, written) in served.iter().zip(whole[list].as_array().unwrap()) {
                for (field, value) in written.as_object().unwrap() {
                    assert_eq!(served.get(field), Some(value), "{name} {field}");
                }
            }
            assert_eq!(served.len(), whole[list].as_array().unwrap().len(), "{name} {list}");
        }
    }
}

#[test]
fn the_awkward_workspace_has_its_doubled_name_on_two_pages() {
    let mut seam = Seam::from_fixture(fixture("workspace-awkward.json").unwrap()).unwrap();
    seam.set_key(KEY);
    let (_, first) = ask(&mut seam, "/spaces/list", &json!({}));
    let names = ids(&first, "spaces", "name");
    assert_eq!(names.iter().filter(|name| *name == "204").count(), 1);
    assert_eq!(first["pagination"]["has_next_page"], true);
}

#[test]
fn a_file_of_another_shape_is_refused_with_the_place() {
    let cases = [
        ("{", "EOF"),
        ("{}", "api_key"),
        ("{\"api_key\":\"k\",\"spaces\":{}}", "spaces has"),
        ("{\"api_key\":\"k\",\"devices\":[{\"device_id\":7}]}", "devices[0]"),
    ];
    for (json, place) in cases {
        let error = Seam::from_fixture(json).expect_err(json).to_string();
        assert!(error.contains(place), "{error}");
    }
}

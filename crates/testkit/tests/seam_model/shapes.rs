use super::*;

#[test]
fn bad_input_is_refused_with_a_tree_of_what_is_wrong() {
    let cases = [
        (UNLOCK, json!({}), "device_id is required", "/device_id/_errors"),
        (
            UNLOCK,
            json!({ "device_id": 7 }),
            "Expected string, received number for \"device_id\"",
            "/device_id/_errors",
        ),
        (
            UNLOCK,
            json!({ "device_id": null }),
            "Expected string, received null for \"device_id\"",
            "/device_id/_errors",
        ),
        (
            UNLOCK,
            json!({ "device_id": "dev-1", "sync": "yes" }),
            "Expected boolean, received string for \"sync\"",
            "/sync/_errors",
        ),
        (ATTEMPT, json!({}), "action_attempt_id is required", "/action_attempt_id/_errors"),
        (
            "/devices/list",
            json!({ "device_types": ["two_n_intercom", "two_n_verso_next"] }),
            "Invalid enum value for \"device_types.1\"",
            "/device_types/1/_errors",
        ),
        (
            "/devices/list",
            json!({ "custom_metadata_has": { "units": ["101"] } }),
            "Invalid input for \"custom_metadata_has.units\"",
            "/custom_metadata_has/units/_errors",
        ),
        (
            "/devices/list",
            json!({ "limit": "500" }),
            "Expected number, received string for \"limit\"",
            "/limit/_errors",
        ),
        (
            "/connected_accounts/list",
            json!({ "limit": 1.5 }),
            "Expected integer for \"limit\"",
            "/limit/_errors",
        ),
        ("/spaces/list", json!({ "search": "" }), "String must contain", "/search/_errors"),
        ("/spaces/get", json!({}), "space_id or space_key is required", "/_errors"),
        ("/devices/list", json!([]), "Expected object, received array", "/_errors"),
    ];
    for (path, body, message, place) in cases {
        let mut seam = house();
        let (status, reply) = ask(&mut seam, path, &body);
        let error = &reply["error"];
        assert_eq!((status, &reply["ok"]), (400, &json!(false)), "{path} {body}");
        assert_eq!(error["type"], "invalid_input", "{path} {body}");
        assert!(error["message"].as_str().unwrap().starts_with(message), "{error}");
        assert!(error["request_id"].is_string());
        let tree = &error["validation_errors"];
        assert!(tree["_errors"].is_array(), "{tree}");
        let errors = tree.pointer(place).and_then(Value::as_array);
        assert_eq!(errors.map(Vec::len), Some(1), "{place} {tree}");
        assert_eq!(seam.complaints().len(), 1);
        assert_eq!(seam.ledger().orders().len(), usize::from(path == UNLOCK));
        assert_eq!(seam.ledger().taken("dev-1"), 0);
    }
}

#[test]
fn a_parameter_that_is_documented_nowhere_is_accepted_and_noticed() {
    let mut seam = house();
    let (status, _) = ask(&mut seam, UNLOCK, &json!({ "device_id": "dev-1", "why": "x" }));
    assert_eq!(status, 200);
    let unknown: Vec<&str> = seam.unknown_parameters().iter().map(String::as_str).collect();
    assert_eq!(unknown, ["/locks/unlock_door: why"]);
}

#[test]
fn what_is_not_json_gets_plain_text() {
    let mut seam = house();
    let reply = seam.answer(&request(UNLOCK, "{\"device_id\":"), at(0));
    assert_eq!((reply.status, &reply.body[..]), (400, &b"Invalid JSON"[..]));
    assert_eq!(seam.ledger().taken("dev-1"), 0);
}

#[test]
fn an_unknown_route_gets_plain_text() {
    let mut seam = house();
    for path in ["/locks/open_door", "/", "", "/devices", "/events/all"] {
        let reply = seam.answer(&request(path, "{}"), at(0));
        assert_eq!((reply.status, &reply.body[..]), (404, &b"404"[..]), "{path}");
    }
}

#[test]
fn a_post_without_content_type_is_refused() {
    let mut seam = house();
    let bare = without_header(request(UNLOCK, "{\"device_id\":\"dev-1\"}"), "content-type");
    let form = with_header(bare.clone(), "content-type", "text/plain");
    for odd in [bare, form] {
        let reply = seam.answer(&odd, at(0));
        assert_eq!(reply.status, 400);
        assert_eq!(read(&reply)["error"]["type"], "invalid_content_type");
    }
    let charset = "application/json; charset=utf-8";
    let fine = with_header(request("/workspaces/get", ""), "content-type", charset);
    assert_eq!(seam.answer(&fine, at(0)).status, 200);
}

#[test]
fn a_method_that_the_route_does_not_know_is_not_allowed() {
    let mut seam = house();
    let cases = [(UNLOCK, Method::GET), (UNLOCK, Method::PUT), ("/devices/list", Method::DELETE)];
    for (path, method) in cases {
        let mut odd = request(path, "{\"device_id\":\"dev-1\"}");
        odd.method = method;
        let reply = seam.answer(&odd, at(0));
        assert_eq!(reply.status, 405, "{path}");
        assert_eq!(read(&reply)["error"]["type"], "method_not_allowed");
    }
    assert_eq!(seam.ledger().taken("dev-1"), 0);
}

#[test]
fn reads_can_be_asked_by_get_with_a_query() {
    let mut seam = house();
    let mut get = without_header(request("/devices/list", ""), "content-type");
    get.method = Method::GET;
    let queries: [&[(&str, &str)]; 5] = [
        &[("device_ids", "dev-2"), ("device_ids", "gone")],
        &[("device_ids[]", "dev-2")],
        &[("device_ids", "dev-2,gone")],
        &[("limit", "1"), ("search", "gar")],
        &[("device_ids", "dev-2"), ("include_if", "can_remotely_unlock")],
    ];
    for query in queries {
        get.query = query.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        let reply = seam.answer(&get, at(0));
        assert_eq!(ids(&read(&reply), "devices", "device_id"), ["dev-2"], "{query:?}");
    }
    get.query = vec![("custom_metadata_has[units]".into(), "101".into())];
    assert!(ids(&read(&seam.answer(&get, at(0))), "devices", "device_id").is_empty());
}

#[test]
fn every_reply_has_a_request_id_of_its_own() {
    let mut seam = house();
    seam.reply_to("/spaces/list", 503, "");
    let paths = ["/devices/list", "/spaces/list", "/nowhere", "/devices/update"];
    let ids: BTreeSet<String> = paths
        .iter()
        .map(|path| {
            let reply = seam.answer(&request(path, "{}"), at(0));
            let id = reply.headers.iter().find(|(name, _)| name == "seam-request-id");
            id.expect("a request id").1.clone()
        })
        .collect();
    assert_eq!(ids.len(), paths.len());
}

#[test]
fn no_request_breaks_the_stand_in() {
    let names = ["limit", "page_cursor", "device_ids", "custom_metadata_has", "space_ids[]", "a["];
    let values = [
        "null",
        "-1",
        "1e400",
        "\"x\"",
        "[]",
        "[[]]",
        "{}",
        "{\"_errors\":1}",
        "true",
        "99999999999999999999",
        "\"ffffffffffffffff+0000000000000000/==\"",
        "[null]",
    ];
    let paths = [
        "/devices/list",
        "/spaces/list",
        "/spaces/get_related",
        "/connected_accounts/list",
        "/action_attempts/list",
        "/action_attempts/get",
        "/locks/list",
        "/devices/get",
        UNLOCK,
    ];
    let mut seam = house();
    seam.echo_secrets(true).endless_pages(Some(Endless::Repeats));
    for path in paths {
        for name in names {
            for value in values {
                let body = format!("{{\"{name}\":{value}}}");
                let post = seam.answer(&request(path, &body), at(0));
                assert!(post.status < 500, "{path} {body}");
                let mut get = request(path, "");
                get.method = Method::GET;
                get.query = vec![
                    (name.to_owned(), value.to_owned()),
                    (format!("{name}[k]"), value.to_owned()),
                    (name.to_owned(), String::new()),
                ];
                assert!(seam.answer(&get, at(0)).status < 500, "{path} {name} {value}");
            }
        }
    }
}

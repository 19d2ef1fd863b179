use super::*;

#[test]
fn a_reply_from_a_file_is_served_byte_for_byte() {
    for case in CASES {
        let mut seam = house();
        seam.reply_to(case.route, case.status, case.body);
        let reply = seam.answer(&request(case.route, "{}"), at(0));
        assert_eq!((reply.status, &reply.body[..]), (case.status, case.body.as_bytes()));
        let kind = reply.headers.iter().find(|(name, _)| name == "content-type");
        let json = kind.is_some_and(|(_, kind)| kind.starts_with("application/json"));
        assert_eq!(json, case.body.starts_with('{'), "{}", case.name);
    }
}

#[test]
fn single_replies_are_used_up_in_order_and_then_the_vendor_speaks_again() {
    let mut seam = house();
    seam.reply_once_to("/spaces/list", 200, fixture("spaces-page-1.json").unwrap()).reply_once_to(
        "/spaces/list",
        503,
        "",
    );
    let statuses = [(); 3].map(|()| seam.answer(&request("/spaces/list", "{}"), at(0)).status);
    assert_eq!(statuses, [200, 503, 200]);
    let (_, own) = ask(&mut seam, "/spaces/list", &json!({}));
    assert_eq!(ids(&own, "spaces", "space_id"), ["sp-101", "sp-102", "sp-empty"]);
}

#[test]
fn an_order_answered_in_the_vendor_s_place_opens_nothing() {
    let mut seam = house();
    seam.reply_to(UNLOCK, 503, "");
    let reply = seam.answer(&request(UNLOCK, "{\"device_id\":\"dev-1\"}"), at(0));
    assert_eq!(reply.status, 503);
    seam.advance(at(60_000));
    assert_eq!(seam.ledger().orders()[0].effect, Effect::Refused);
    assert_eq!(seam.ledger().orders()[0].door, "dev-1");
    seam.reply_as_usual(UNLOCK);
    assert_eq!(unlock(&mut seam, 60_000, "dev-1").0, 200);
}

#[test]
fn an_order_may_open_the_door_though_its_answer_is_an_error() {
    let mut seam = house();
    seam.act_then_reply_to(UNLOCK, 502, fixture("error-gateway.txt").unwrap());
    let reply = seam.answer(&request(UNLOCK, "{\"device_id\":\"dev-1\"}"), at(0));
    assert_eq!(reply.status, 502);
    seam.advance(at(60_000));
    assert_eq!(seam.ledger().opened("dev-1"), 1);
}

#[test]
fn a_success_from_a_file_counts_as_the_file_says() {
    let cases = [
        ("attempt-success-confirmed.json", Effect::Opened),
        ("attempt-error.json", Effect::Failed),
        ("attempt-pending.json", Effect::Pending),
        ("success-but-html.txt", Effect::Refused),
    ];
    for (name, effect) in cases {
        let mut seam = house();
        seam.reply_to(UNLOCK, 200, fixture(name).unwrap());
        seam.answer(&request(UNLOCK, "{\"device_id\":\"dev-1\"}"), at(0));
        assert_eq!(seam.ledger().orders()[0].effect, effect, "{name}");
    }
}

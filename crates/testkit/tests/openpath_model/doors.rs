use super::*;

const YARD: u64 = 4402;

fn house() -> Openpath {
    with(jane().entry(Entry::new(YARD, "Yard").zone(302, "Yard").wireless_lock(77, true)))
        .scopes(&["o5120-user:w", "o5120-site:r"])
        .entry_state(9, "Strict Security", &["mobile", "pincode"])
        .lockdown_plan(61, "Everything", &[301, 302])
        .lockdown_plan(62, "Yard only", &[302])
}

#[test]
fn entry_states_name_what_opens_the_doors_in_them() {
    let mut openpath = house();
    let caller = Caller::signed_in(&mut openpath);
    let list = caller.get(&mut openpath, "/orgs/5120/entryStates?limit=100").1;
    assert_eq!(names(&list), ["Standard Security", "Strict Security"]);
    let kinds = |state: usize| {
        let methods = list["data"][state]["triggerMethods"].as_array().unwrap();
        let kind = |method: &Value| method["credentialType"].clone();
        methods.iter().map(kind).collect::<Vec<_>>()
    };
    let mobile = json!({ "id": 1, "modelName": "mobile" });
    assert_eq!(kinds(0), [json!({ "id": 34, "modelName": "cloudKey" }), mobile.clone()]);
    assert_eq!(kinds(1)[0], mobile);
    assert_eq!(kinds(1)[1]["modelName"], "pincode");
    let one = caller.get(&mut openpath, "/orgs/5120/entryStates?limit=1&offset=1").1;
    assert_eq!((ids(&one), &one["totalCount"]), (vec![9], &json!(2)));
    assert!(one.get("cursors").is_none());
}

#[test]
fn door_whose_state_has_no_cloud_key_does_not_open_for_one() {
    let mut openpath = house();
    let caller = Caller::signed_in(&mut openpath);
    openpath.set_door_state(GATE, 9);
    assert_eq!(caller.unlock(&mut openpath, JANE, KEY, GATE), 403);
    assert_eq!(caller.unlock(&mut openpath, JANE, KEY, YARD), 204);
    openpath.set_door_state(GATE, 2);
    assert_eq!(caller.unlock(&mut openpath, JANE, KEY, GATE), 204);
    assert_eq!(effects(&openpath), [Effect::Refused, Effect::Opened, Effect::Opened]);
}

#[test]
fn replaced_standard_state_holds_for_every_door() {
    let mut openpath = with(jane()).entry_state(2, "Standard Security", &["mobile"]);
    let caller = Caller::signed_in(&mut openpath);
    assert_eq!(caller.unlock(&mut openpath, JANE, KEY, GATE), 403);
}

#[test]
fn organisations_entries_show_state_controller_and_zone() {
    let mut openpath = house();
    openpath.set_door_state(YARD, 9);
    let caller = Caller::signed_in(&mut openpath);
    let list = caller.get(&mut openpath, "/orgs/5120/entries?limit=10").1;
    assert_eq!(names(&list), ["Main entrance", "Yard"]);
    assert_eq!(list["cursors"], json!({ "nextCursor": null, "hasNextPage": false }));
    let gate = &list["data"][0];
    assert_eq!(gate["entryState"], json!({ "id": 2, "name": "Standard Security" }));
    assert_eq!(gate["acu"]["id"], 9021);
    assert_eq!((&gate["wirelessLock"], &gate["schedule"]), (&Value::Null, &Value::Null));
    let site = json!({ "id": 21, "name": "North Tower" });
    assert_eq!(gate["zone"], json!({ "id": 301, "name": "Ground floor", "site": site }));

    let (status, yard) = caller.get(&mut openpath, "/orgs/5120/entries/4402");
    assert_eq!((status, &yard["data"]), (200, &list["data"][1]));
    assert_eq!(yard["data"]["entryState"], json!({ "id": 9, "name": "Strict Security" }));
    assert_eq!(yard["data"]["wirelessLock"], json!({ "id": 77 }));
    assert_eq!(caller.get(&mut openpath, "/orgs/5120/entries/4999").0, 404);
    assert_eq!(caller.get(&mut openpath, "/orgs/5120/entries/yard").0, 400);
    let first = caller.get(&mut openpath, "/orgs/5120/entries?limit=1").1;
    assert_eq!(first["cursors"], json!({ "nextCursor": GATE, "hasNextPage": true }));
    assert_eq!(caller.get(&mut openpath, "/orgs/5120/entries?cursor=4401").0, 400);
}

#[test]
fn lockdown_holds_in_its_zones_while_it_is_active() {
    let mut openpath = house();
    let caller = Caller::signed_in(&mut openpath);
    let mut both = |change: fn(&mut Openpath)| {
        change(&mut openpath);
        [GATE, YARD].map(|entry| caller.unlock(&mut openpath, JANE, KEY, entry))
    };
    assert_eq!(both(|_| ()), [204, 204]);
    assert_eq!(both(|it| it.start_lockdown(62)), [204, 403]);
    assert_eq!(both(|it| it.start_lockdown(61)), [403, 403]);
    assert_eq!(both(|it| it.end_lockdown(62)), [403, 403]);
    assert_eq!(both(|it| it.end_lockdown(61)), [204, 204]);
}

#[test]
fn lockdown_plans_show_their_zones_and_which_is_active() {
    let mut openpath = house();
    openpath.start_lockdown(62);
    let caller = Caller::signed_in(&mut openpath);
    let list = caller.get(&mut openpath, "/orgs/5120/lockdownPlans?limit=100&sort=id").1;
    assert_eq!(names(&list), ["Everything", "Yard only"]);
    assert_eq!(list["data"][0]["isActive"], false);
    assert_eq!(list["data"][1]["isActive"], true);
    let zones = json!([{ "zone": { "id": 301 } }, { "zone": { "id": 302 } }]);
    assert_eq!(list["data"][0]["zoneStates"], zones);
}

#[test]
fn being_told_of_an_entry_again_leaves_its_state() {
    let mut openpath = house();
    openpath.set_door_state(GATE, 9);
    openpath.add_user(User::active(7002, "omar@example.com").entry(Entry::new(GATE, "Gate")));
    let caller = Caller::signed_in(&mut openpath);
    assert_eq!(caller.unlock(&mut openpath, JANE, KEY, GATE), 403);
}

#[test]
#[should_panic(expected = "no entry state 5")]
fn door_cannot_be_put_into_a_state_that_is_not_there() {
    house().set_door_state(GATE, 5);
}

#[test]
#[should_panic(expected = "no lockdown plan 60")]
fn lockdown_without_a_plan_is_a_slip() {
    house().start_lockdown(60);
}

//! Taps: claims, and the history.

use elevate_access::{
    BuildingId, Claim, DoorId, DoorPlace, Outcome, Store, TapId, TapQuery, TapRecord, TapState,
    Tapped,
};
use futures_util::future::join_all;
use jiff::Timestamp;
use serde_json::json;

use super::{StoreStage, door, seconds, who};

pub(super) const NOON: Timestamp = Timestamp::constant(1_790_000_000, 0);

pub(super) fn id(text: &str) -> TapId {
    text.parse().unwrap()
}

pub(super) fn place(building: &str, name: &str) -> DoorPlace {
    DoorPlace { building: building.parse::<BuildingId>().unwrap(), name: name.into() }
}

/// A tap so many seconds after noon.
pub(super) fn tapped(resident: &str, at: &str, after: i64) -> Tapped {
    let place = Some(place("maple", "Main entrance"));
    let moment = NOON + jiff::SignedDuration::from_secs(after);
    Tapped { resident: who(resident), door: door(at), place, at: moment }
}

pub(super) fn outcome(kind: &str, reference: &str) -> Outcome {
    let receipt = json!({
        "outcome": kind, "door": "c/1", "tap": null, "reference": reference, "took_ms": 5,
        "reason": null, "certain": kind == "opened",
    });
    serde_json::from_value(receipt).unwrap()
}

async fn is_open(store: &dyn Store, tap: &str, resident: &str, at: &DoorId) -> bool {
    let stands = store.tap(&id(tap), &who(resident), at).await.unwrap();
    matches!(stands, Some(Claim::Open { .. }))
}

/// Of any number of claims of one id, on any number of nodes at once, one is granted.
pub async fn of_many_claims_one_is_granted(stage: &dyn StoreStage) {
    let nodes: Vec<_> = (0..4).map(|_| stage.node()).collect();
    for round in 0..5 {
        let (tap, tapped) = (id(&format!("t-{round}")), tapped("jane", "c/1", 0));
        let by = NOON + seconds(13);
        let claims = (0..24).map(|n| {
            let (node, tap, tapped) = (nodes[n % 4].clone(), tap.clone(), tapped.clone());
            async move { node.claim(&tap, &tapped, by).await.unwrap() }
        });
        let claims = join_all(claims).await;
        let granted = claims.iter().filter(|claim| matches!(claim, Claim::Granted { .. }));
        assert_eq!(granted.count(), 1, "{claims:?}");
        let open = claims.iter().filter(|claim| **claim == Claim::Open { answer_by: by });
        assert_eq!(open.count(), 23, "{claims:?}");
    }
}

/// An id belongs to one resident and one door, whether it is looked at or claimed, open or settled.
pub async fn a_claim_is_foreign_to_everybody_else(stage: &dyn StoreStage) {
    let (one, two) = (stage.node(), stage.node());
    assert_eq!(one.tap(&id("t"), &who("jane"), &door("c/1")).await.unwrap(), None);
    one.claim(&id("t"), &tapped("jane", "c/1", 0), NOON).await.unwrap();
    for settled in [false, true] {
        if settled {
            one.settle(&id("t"), &outcome("opened", "a"), None).await.unwrap();
        }
        for (resident, at) in [("tom", "c/1"), ("jane", "c/2"), ("JANE", "c/1"), ("jane", "C/1")] {
            let claim = two.claim(&id("t"), &tapped(resident, at, 0), NOON).await.unwrap();
            assert_eq!(claim, Claim::Foreign, "{resident} at {at}");
            let looked = two.tap(&id("t"), &who(resident), &door(at)).await.unwrap();
            assert_eq!(looked, Some(Claim::Foreign), "{resident} at {at}");
        }
    }
    // Ids differ by every letter's case.
    assert_eq!(one.tap(&id("T"), &who("jane"), &door("c/1")).await.unwrap(), None);
}

/// Whoever settles a tap first is who settles it, and every node is told that.
pub async fn the_first_settlement_stands(stage: &dyn StoreStage) {
    let (one, two) = (stage.node(), stage.node());
    let mut unplaced = tapped("jane", "c/1", 0);
    unplaced.place = None;
    one.claim(&id("t"), &unplaced, NOON).await.unwrap();
    let garage = place("maple", "Garage");
    let told = join_all((0..16).map(|n| {
        let (node, garage) = (if n % 2 == 0 { one.clone() } else { two.clone() }, garage.clone());
        async move {
            let mine = outcome("unknown", &format!("node {n}"));
            node.settle(&id("t"), &mine, Some(&garage)).await.unwrap()
        }
    }))
    .await;
    assert!(told.iter().all(|outcome| *outcome == told[0]), "{told:?}");
    let later = two.settle(&id("t"), &outcome("opened", "late"), None).await.unwrap();
    assert_eq!(later, told[0]);
    let stands = two.tap(&id("t"), &who("jane"), &door("c/1")).await.unwrap();
    assert_eq!(stands, Some(Claim::Settled(told[0].clone())));
    let claim = one.claim(&id("t"), &tapped("jane", "c/1", 0), NOON).await.unwrap();
    assert_eq!(claim, Claim::Settled(told[0].clone()));
    let read = one.taps(&TapQuery::new()).await.unwrap();
    assert_eq!(read[0].tapped.place, Some(garage), "what is known at the end is written down");
    // What was known when it was claimed stays.
    let placed = tapped("jane", "c/1", 1);
    one.claim(&id("placed"), &placed, NOON).await.unwrap();
    let elsewhere = place("larkspur", "Side door");
    two.settle(&id("placed"), &outcome("opened", "a"), Some(&elsewhere)).await.unwrap();
    assert_eq!(one.taps(&TapQuery::new()).await.unwrap()[0].tapped, placed);
    let unclaimed = one.settle(&id("nobody's"), &outcome("opened", "a"), None).await;
    assert!(unclaimed.is_err(), "what was never claimed cannot be settled");
}

/// A claim is given up by whoever holds it, with its own token, and never once it is settled.
pub async fn a_claim_is_given_up_by_its_holder_alone(stage: &dyn StoreStage) {
    let (one, two) = (stage.node(), stage.node());
    let (jane, main) = (tapped("jane", "c/1", 0), door("c/1"));
    let claim = async |store: &dyn Store| match store.claim(&id("t"), &jane, NOON).await.unwrap() {
        Claim::Granted { token } => token,
        other => panic!("nobody holds it: {other:?}"),
    };
    let first = claim(&*one).await;
    one.unclaim(&id("t"), "another's").await.unwrap();
    one.unclaim(&id("another"), &first).await.unwrap();
    assert!(is_open(&*two, "t", "jane", &main).await);
    one.unclaim(&id("t"), &first).await.unwrap();
    assert_eq!(two.tap(&id("t"), &who("jane"), &main).await.unwrap(), None);
    assert_eq!(two.taps(&TapQuery::new()).await.unwrap(), [], "it never was a tap");
    let second = claim(&*two).await;
    // The first one's word comes once more, late.
    one.unclaim(&id("t"), &first).await.unwrap();
    assert!(is_open(&*one, "t", "jane", &main).await, "the second's, and nobody else's");
    two.settle(&id("t"), &outcome("unknown", "a"), None).await.unwrap();
    two.unclaim(&id("t"), &second).await.unwrap();
    let stands = one.tap(&id("t"), &who("jane"), &main).await.unwrap();
    assert_eq!(stands, Some(Claim::Settled(outcome("unknown", "a"))));
}

/// A tap is remembered far longer than any can be acceptable, and not for ever if it is pruned.
pub async fn claim_outlives_the_oldest_tap(stage: &dyn StoreStage) {
    let store = stage.node();
    store.claim(&id("open"), &tapped("jane", "c/1", 0), NOON).await.unwrap();
    store.claim(&id("settled"), &tapped("jane", "c/1", 1), NOON).await.unwrap();
    store.settle(&id("settled"), &outcome("accepted", "a"), None).await.unwrap();
    for _ in 0..59 {
        stage.pass(seconds(60)).await;
        store.record(&tapped("tom", "c/2", 0), &outcome("accepted", "b")).await.unwrap();
        store.prune(Timestamp::MAX).await.unwrap();
        assert!(is_open(&*store, "open", "jane", &door("c/1")).await);
    }
    let stands = store.tap(&id("settled"), &who("jane"), &door("c/1")).await.unwrap();
    assert_eq!(stands, Some(Claim::Settled(outcome("accepted", "a"))));
    stage.pass(seconds(120)).await;
    store.prune(Timestamp::MAX).await.unwrap();
    for tap in ["open", "settled"] {
        assert_eq!(store.tap(&id(tap), &who("jane"), &door("c/1")).await.unwrap(), None);
    }
    let left = store.taps(&TapQuery::new()).await.unwrap();
    assert!(!left.is_empty() && left.iter().all(|tap| tap.tapped.resident == who("tom")));
}

/// The history: newest first, by resident, door, building and time, a page at a time, with the doors' names.
pub async fn the_history_is_read_newest_first(stage: &dyn StoreStage) {
    let (one, two) = (stage.node(), stage.node());
    for n in 0..9 {
        let mut tap =
            tapped(if n % 3 == 0 { "tom" } else { "jane" }, &format!("c/{}", n % 2), n / 2);
        if n == 4 {
            tap.place = Some(place("larkspur", "Side door"));
        }
        let node = if n % 2 == 0 { &one } else { &two };
        node.record(&tap, &outcome("accepted", &n.to_string())).await.unwrap();
    }
    one.claim(&id("under-way"), &tapped("jane", "c/1", 100), NOON + seconds(112)).await.unwrap();
    let read = async |query: TapQuery| two.taps(&query).await.unwrap();
    let references = |records: &[TapRecord]| -> Vec<String> {
        let reference = |r: &TapRecord| r.last_known()?.receipt().reference.clone();
        records.iter().map(|r| reference(r).unwrap_or_else(|| "-".into())).collect()
    };
    let all = read(TapQuery::new()).await;
    assert_eq!(references(&all), ["-", "8", "7", "6", "5", "4", "3", "2", "1", "0"]);
    assert_eq!(all[0].id, Some(id("under-way")));
    assert_eq!(all[0].state, TapState::UnderWay { answer_by: NOON + seconds(112) });
    assert_eq!(all[1].tapped, tapped("jane", "c/0", 4), "as it was written down");
    let janes = TapQuery::new().of(&who("jane"));
    assert_eq!(references(&read(janes.clone()).await), ["-", "8", "7", "5", "4", "2", "1"]);
    let at_door = read(TapQuery::new().at(&door("c/0"))).await;
    assert_eq!(references(&at_door), ["8", "6", "4", "2", "0"]);
    let larkspur = read(TapQuery::new().within(&"larkspur".parse().unwrap())).await;
    assert_eq!(references(&larkspur), ["4"]);
    assert_eq!(larkspur[0].tapped.place, Some(place("larkspur", "Side door")));
    let between = TapQuery::new().since(NOON + seconds(1)).until(NOON + seconds(3));
    assert_eq!(references(&read(between.clone()).await), ["5", "4", "3", "2"]);
    assert_eq!(references(&read(between.of(&who("tom"))).await), ["3"]);
    assert_eq!(read(TapQuery::new().of(&who("nobody"))).await, []);
    let mut pages = Vec::new();
    let mut query = janes.limit(3);
    loop {
        let page = read(query.clone()).await;
        let Some(last) = page.last() else { break };
        pages.push(references(&page).join(" "));
        query = query.older_than(last);
    }
    assert_eq!(pages, ["- 8 7", "5 4 2", "1"]);
    assert_eq!(read(TapQuery::new().limit(0)).await, []);
}

/// What is found out about a settled tap stands beside what the resident was told, and the first that is found
/// out stands.
pub async fn what_is_found_out_later_stands_beside_what_was_told(stage: &dyn StoreStage) {
    let (one, two) = (stage.node(), stage.node());
    one.claim(&id("t"), &tapped("jane", "c/1", 0), NOON).await.unwrap();
    let number = one.taps(&TapQuery::new()).await.unwrap()[0].number;
    let opened = outcome("opened", "a");
    assert!(one.amend(number, &opened).await.is_err(), "it is not settled yet");
    let told = outcome("unknown", "a");
    one.settle(&id("t"), &told, None).await.unwrap();
    assert_eq!(two.amend(number, &opened).await.unwrap(), opened);
    assert_eq!(one.amend(number, &outcome("accepted", "b")).await.unwrap(), opened);
    let stands = two.tap(&id("t"), &who("jane"), &door("c/1")).await.unwrap();
    assert_eq!(stands, Some(Claim::Settled(told.clone())), "the answer that was given stays");
    let read = two.taps(&TapQuery::new()).await.unwrap();
    let both = TapState::Settled { outcome: told, later: Some(opened.clone()) };
    assert_eq!((&read[0].state, read[0].last_known()), (&both, Some(&opened)));
    assert!(one.amend(number + 1, &opened).await.is_err(), "there is no such tap");
    assert!(one.amend(u64::MAX, &opened).await.is_err());
}

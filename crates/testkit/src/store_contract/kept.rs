//! Favourites, links and leases.

use std::{slice, time::Duration};

use elevate_access::{Claim, DoorPlace, EmailDigest, Link, TapQuery, Tapped};
use futures_util::future::join_all;
use jiff::Timestamp;
use serde_json::json;

use super::{
    StoreStage, connection, door, seconds,
    tapped::{NOON, id, outcome, place, tapped},
    who,
};

fn link(subject: &str, digit: char, key: Option<&str>) -> Link {
    let email: EmailDigest = serde_json::from_value(json!(digit.to_string().repeat(64))).unwrap();
    let (subject, key) = (subject.to_owned(), key.map(str::to_owned));
    Link { email, subject, key, verified: NOON }
}

/// Favourites are one resident's, in the order in which they were set; setting one again changes nothing.
pub async fn favourites_keep_their_order(stage: &dyn StoreStage) {
    let (one, two) = (stage.node(), stage.node());
    let jane = who("jane");
    for at in ["c/3", "c/1", "d/2"] {
        one.set_favorite(&jane, &door(at), true).await.unwrap();
    }
    two.set_favorite(&jane, &door("c/3"), true).await.unwrap();
    two.set_favorite(&who("tom"), &door("c/9"), true).await.unwrap();
    assert_eq!(two.favorites(&jane).await.unwrap(), [door("c/3"), door("c/1"), door("d/2")]);
    one.set_favorite(&jane, &door("c/3"), false).await.unwrap();
    one.set_favorite(&jane, &door("c/7"), false).await.unwrap();
    one.set_favorite(&jane, &door("c/3"), true).await.unwrap();
    assert_eq!(two.favorites(&jane).await.unwrap(), [door("c/1"), door("d/2"), door("c/3")]);
    assert_eq!(two.favorites(&who("tom")).await.unwrap(), [door("c/9")]);
    assert_eq!(two.favorites(&who("JANE")).await.unwrap(), []);
}

/// A link is of one resident on one connection; it is replaced whole, and removed.
pub async fn links_are_one_residents_on_one_connection(stage: &dyn StoreStage) {
    let (one, two) = (stage.node(), stage.node());
    let (op, op2) = (connection("op"), connection("op2"));
    assert_eq!(one.link(&op, &who("jane")).await.unwrap(), None);
    let (first, second) = (link("7001", 'a', None), link("7002", 'b', Some("55")));
    one.set_link(&op, &who("jane"), Some(&first)).await.unwrap();
    one.set_link(&op2, &who("jane"), Some(&second)).await.unwrap();
    one.set_link(&op, &who("tom"), Some(&first)).await.unwrap();
    assert_eq!(two.link(&op, &who("jane")).await.unwrap(), Some(first.clone()));
    assert_eq!(two.linked(&op, "7001").await.unwrap(), [who("jane"), who("tom")]);
    one.set_link(&op, &who("jane"), Some(&second)).await.unwrap();
    assert_eq!(two.link(&op, &who("jane")).await.unwrap(), Some(second.clone()));
    assert_eq!(two.linked(&op, "7001").await.unwrap(), [who("tom")]);
    one.set_link(&op, &who("tom"), None).await.unwrap();
    one.set_link(&op, &who("tom"), None).await.unwrap();
    assert_eq!(two.link(&op, &who("tom")).await.unwrap(), None);
    assert_eq!(two.linked(&op, "7001").await.unwrap(), []);
    assert_eq!(two.link(&op2, &who("jane")).await.unwrap(), Some(second));
}

/// Of any number who ask for a lease at once, one gets it; who does not hold it cannot give it back.
pub async fn a_lease_has_one_holder_and_is_given_back_by_its_holder_alone(stage: &dyn StoreStage) {
    let nodes: Vec<_> = (0..4).map(|_| stage.node()).collect();
    let long = Duration::from_mins(30);
    let taken = join_all((0..24).map(|n| {
        let node = nodes[n % 4].clone();
        async move { node.lease("key/7", long).await.unwrap() }
    }))
    .await;
    let mut held: Vec<_> = taken.into_iter().flatten().collect();
    assert_eq!(held.len(), 1, "{held:?}");
    let first = held.remove(0);
    assert_eq!(first.name, "key/7");
    assert!(
        nodes[1].lease("key/8", long).await.unwrap().is_some(),
        "another name is another lease"
    );
    nodes[2].release(&first).await.unwrap();
    let second = nodes[3].lease("key/7", long).await.unwrap().unwrap();
    nodes[2].release(&first).await.unwrap();
    assert!(nodes[2].lease("key/7", long).await.unwrap().is_none(), "still the second's");
    nodes[3].release(&second).await.unwrap();
    assert!(nodes[2].lease("key/7", long).await.unwrap().is_some());
}

/// A lease ends by itself, by the store's clock; what its holder says afterwards has no effect.
pub async fn a_lease_ends_by_itself(stage: &dyn StoreStage) {
    let (one, two) = (stage.node(), stage.node());
    let first = one.lease("key/7", seconds(45)).await.unwrap().unwrap();
    stage.pass(seconds(30)).await;
    assert!(two.lease("key/7", seconds(45)).await.unwrap().is_none());
    stage.pass(seconds(16)).await;
    let second = two.lease("key/7", seconds(45)).await.unwrap().unwrap();
    assert_ne!(first.token, second.token);
    one.release(&first).await.unwrap();
    assert!(one.lease("key/7", seconds(45)).await.unwrap().is_none(), "still the second's");
    assert!(one.lease("key/9", Duration::MAX).await.unwrap().is_some(), "no time is too long");
}

/// Whatever ids and names hold, it comes back as it was, and does nothing else.
pub async fn odd_texts_come_back_as_they_were(stage: &dyn StoreStage) {
    let (one, two) = (stage.node(), stage.node());
    for odd in
        ["o'neil", "a\"b", "100%", "a_b", "x;DROP-TABLE", "$1", "{t}", "{now}", "ÄßИ中🚪", "NULL"]
    {
        let resident = who(odd);
        let at = door(&format!("c/{odd}"));
        one.set_favorite(&resident, &at, true).await.unwrap();
        assert_eq!(two.favorites(&resident).await.unwrap(), slice::from_ref(&at), "{odd}");
        let kept = link(odd, 'c', Some(odd));
        one.set_link(&connection("op"), &resident, Some(&kept)).await.unwrap();
        assert_eq!(two.link(&connection("op"), &resident).await.unwrap(), Some(kept));
        assert_eq!(two.linked(&connection("op"), odd).await.unwrap(), slice::from_ref(&resident));
        let name = format!("  {odd} \u{202e}\t<b> {}", "long ".repeat(200));
        let place = Some(DoorPlace { building: odd.parse().unwrap(), name });
        let tap = Tapped { resident: resident.clone(), door: at.clone(), place, at: NOON };
        let claim = one.claim(&id(odd), &tap, NOON).await.unwrap();
        assert!(matches!(claim, Claim::Granted { .. }), "{odd}");
        one.settle(&id(odd), &outcome("unknown", odd), None).await.unwrap();
        let read = two.taps(&TapQuery::new().of(&resident)).await.unwrap();
        assert_eq!((read.len(), &read[0].tapped), (1, &tap), "{odd}");
        assert_eq!(read[0].last_known(), Some(&outcome("unknown", odd)));
        assert!(one.lease(odd, seconds(45)).await.unwrap().is_some());
        assert!(two.lease(odd, seconds(45)).await.unwrap().is_none());
    }
}

/// What is forgotten is gone, on every connection, and of nobody else; but no id of theirs is free again while
/// somebody may still send it.
pub async fn what_is_forgotten_is_gone_and_nobody_elses(stage: &dyn StoreStage) {
    let (one, two) = (stage.node(), stage.node());
    let mut tokens = Vec::new();
    for resident in ["jane", "tom"] {
        one.set_favorite(&who(resident), &door("c/1"), true).await.unwrap();
        for on in ["op", "op2"] {
            let kept = link(resident, 'd', None);
            one.set_link(&connection(on), &who(resident), Some(&kept)).await.unwrap();
        }
        one.record(&tapped(resident, "c/1", 0), &outcome("accepted", "a")).await.unwrap();
        for tap in ["open", "settled"] {
            let tap = id(&format!("{resident}-{tap}"));
            let claim = one.claim(&tap, &tapped(resident, "c/1", 1), NOON).await.unwrap();
            let Claim::Granted { token } = claim else { panic!("it is free: {claim:?}") };
            tokens.push((tap, token));
        }
        let tap = id(&format!("{resident}-settled"));
        one.settle(&tap, &outcome("opened", "a"), None).await.unwrap();
    }
    let of_jane = one.taps(&TapQuery::new().of(&who("jane"))).await.unwrap();
    assert_eq!(of_jane.len(), 3);
    two.forget(&who("jane")).await.unwrap();
    two.forget(&who("jane")).await.unwrap();
    assert_eq!(one.favorites(&who("jane")).await.unwrap(), []);
    for on in ["op", "op2"] {
        assert_eq!(one.link(&connection(on), &who("jane")).await.unwrap(), None);
        assert_eq!(one.linked(&connection(on), "jane").await.unwrap(), []);
        assert!(one.link(&connection(on), &who("tom")).await.unwrap().is_some());
    }
    assert_eq!(one.favorites(&who("tom")).await.unwrap(), [door("c/1")]);
    let left = one.taps(&TapQuery::new()).await.unwrap();
    assert_eq!(left.len(), 3);
    assert!(left.iter().all(|tap| tap.tapped.resident == who("tom")));
    for (tap, token) in &tokens[..2] {
        one.unclaim(tap, token).await.unwrap();
        let claim = one.claim(tap, &tapped("jane", "c/1", 2), NOON).await.unwrap();
        assert_eq!(claim, Claim::Foreign, "{tap} is used, and nobody's");
    }
    // An order that was under way then ends, and is written down nowhere: nothing stands that anybody could be told, or
    // that could be amended.
    for tap in ["jane-open", "jane-settled"] {
        for told in [outcome("opened", "b"), outcome("unknown", "c")] {
            let stands = one.settle(&id(tap), &told, Some(&place("maple", "Garage"))).await;
            assert_eq!(stands.unwrap(), told, "{tap}");
        }
    }
    for tap in of_jane {
        let amended = two.amend(tap.number, &outcome("opened", "d")).await;
        assert!(amended.is_err(), "{tap:?}");
    }
    assert_eq!(one.taps(&TapQuery::new().of(&who("jane"))).await.unwrap(), []);
    stage.pass(Duration::from_mins(61)).await;
    one.prune(Timestamp::MIN).await.unwrap();
    let claim = one.claim(&id("jane-open"), &tapped("jane", "c/1", 2), NOON).await.unwrap();
    assert!(matches!(claim, Claim::Granted { .. }), "nothing is left of it: {claim:?}");
}

//! What holds of near-misses whatever the people are.

use std::collections::BTreeSet;

use elevate_openpath::emails::{Likeness, NearIndex, Person, compare};
use proptest::{prelude::*, sample::select, test_runner::RngSeed};

#[derive(Clone, Debug)]
struct One {
    email: String,
    name: Option<String>,
}

impl One {
    fn person(&self) -> Person<'_> {
        Person { email: &self.email, name: self.name.as_deref() }
    }

    fn is_address_of(&self, other: &Self) -> bool {
        compare(self.person(), other.person()) == Likeness::Same
    }
}

/// E-mails and names made of what is easily mistaken for each other.
fn anybody() -> impl Strategy<Value = One> {
    let local = select(vec![
        "jane.doe",
        "janedoe",
        "JaneDoe",
        "jane.deo",
        "jnae.doe",
        "jаne.doe",
        "christopher",
        "chirstopher",
        "christoper",
        "christopherr",
        "poe0",
        "poeo",
        "poe1",
        "am",
        "аrn",
        "office",
        "jad",
        "jan",
        "rn.",
        "m",
        "",
    ]);
    let tag =
        select(vec!["", "", "", "", "+home", "+DUPEEMAIL+7", "+EMPTYEMAIL", "+home+ANONIMYZED"]);
    let domain = select(vec![
        "gmail.com",
        "gmail.com",
        "gmial.com",
        "GMAIL.com",
        "work.example",
        "longcompany.example",
        "longcompnay.example",
        "modern.example",
        "modem.example",
        "gmаil.com",
    ]);
    let end = select(vec!["", "", "", "", "", " ", "\u{200b}"]);
    let name = select(vec![
        None,
        None,
        Some("Jane Doe"),
        Some("DOE, Jane"),
        Some("Jane Q Doe"),
        Some("Tom Poe"),
        Some("Jane"),
    ]);
    (local, tag, domain, end, name).prop_map(|(local, tag, domain, end, name)| One {
        email: format!("{local}{tag}@{domain}{end}"),
        name: name.map(str::to_owned),
    })
}

fn side() -> impl Strategy<Value = Vec<One>> {
    prop::collection::vec(anybody(), 0..12)
}

/// Any text with an `@` somewhere, mostly.
fn any_text() -> impl Strategy<Value = String> {
    prop_oneof!["\\PC{0,12}@\\PC{0,12}", "[a-c.+0]{1,12}@[a-c.]{1,6}", "\\PC{0,24}"]
}

type Pairs = BTreeSet<(usize, usize)>;

/// Pairs that are suggested when both sides come in that order, by the places they have in it.
fn suggested(
    ours: &[(usize, One)],
    theirs: &[(usize, One)],
    wanted: impl Fn(usize) -> bool,
) -> Pairs {
    let mut index = NearIndex::of(ours.iter().map(|(id, one)| (*id, one.person())));
    for (id, one) in theirs {
        index.consider(id, one.person());
    }
    let found = index.finish(|id| wanted(*id));
    let pairs: Pairs = found.iter().map(|one| (one.ours, one.theirs)).collect();
    assert_eq!(pairs.len(), found.len(), "none twice");
    pairs
}

fn numbered(side: &[One]) -> Vec<(usize, One)> {
    side.iter().cloned().enumerate().collect()
}

/// The pairs, if there are several, are of different people on both sides.
fn is_one_to_one(pairs: &Pairs) -> bool {
    let ours: BTreeSet<_> = pairs.iter().map(|pair| pair.0).collect();
    let theirs: BTreeSet<_> = pairs.iter().map(|pair| pair.1).collect();
    (ours.len(), theirs.len()) == (pairs.len(), pairs.len())
}

fn config() -> ProptestConfig {
    ProptestConfig { cases: 1_000, rng_seed: RngSeed::Fixed(20), ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn comparing_is_symmetric(a in anybody(), b in anybody()) {
        prop_assert_eq!(compare(a.person(), b.person()), compare(b.person(), a.person()));
    }

    #[test]
    fn comparing_any_text_is_symmetric_and_same_is_by_ascii_case(
        a in any_text(), b in any_text(), name in "\\PC{0,16}",
    ) {
        let (a, b) = (
            Person { email: &a, name: Some(&name) },
            Person { email: &b, name: Some("Jane Doe") },
        );
        prop_assert_eq!(compare(a, b), compare(b, a));
        if compare(a, b) == Likeness::Same {
            prop_assert!(a.email.eq_ignore_ascii_case(b.email));
        }
    }

    #[test]
    fn the_index_finds_what_comparing_finds(a in anybody(), b in anybody()) {
        let found = suggested(&[(0, a.clone())], &[(0, b.clone())], |_| true);
        let likeness = compare(a.person(), b.person());
        let is_near = matches!(likeness, Likeness::Near(_) | Likeness::Review(_));
        prop_assert_eq!(found.len(), usize::from(is_near), "{:?}", likeness);
    }

    #[test]
    fn suggestions_are_one_to_one_near_and_of_nobody_who_is_matched(
        ours in side(), theirs in side(),
    ) {
        let found = suggested(&numbered(&ours), &numbered(&theirs), |_| true);
        prop_assert!(is_one_to_one(&found), "{:?}", found);
        for (a, b) in found {
            let likeness = compare(ours[a].person(), theirs[b].person());
            prop_assert!(matches!(likeness, Likeness::Near(_) | Likeness::Review(_)));
            prop_assert!(!ours.iter().any(|one| one.is_address_of(&theirs[b])));
        }
    }

    #[test]
    fn the_order_of_either_side_changes_nothing(
        ours in side(),
        (theirs, shuffled) in side().prop_flat_map(|side| {
            let side = numbered(&side);
            (Just(side.clone()), Just(side).prop_shuffle())
        }),
    ) {
        let ours = numbered(&ours);
        let found = suggested(&ours, &theirs, |_| true);
        prop_assert_eq!(&suggested(&ours, &shuffled, |_| true), &found);
        let turned: Vec<_> = ours.into_iter().rev().collect();
        prop_assert_eq!(&suggested(&turned, &shuffled, |_| true), &found);
    }

    /// A list that moves while it is read shows users twice, and with another e-mail the second time.
    #[test]
    fn users_that_come_twice_are_one(
        ours in side(),
        (theirs, shuffled) in prop::collection::vec((0..4_usize, anybody()), 0..12)
            .prop_flat_map(|side| (Just(side.clone()), Just(side).prop_shuffle())),
    ) {
        let ours = numbered(&ours);
        let found = suggested(&ours, &theirs, |_| true);
        prop_assert!(is_one_to_one(&found), "{:?}", found);
        prop_assert_eq!(&suggested(&ours, &shuffled, |_| true), &found);
        let twice: Vec<_> = theirs.iter().chain(&shuffled).cloned().collect();
        prop_assert_eq!(&suggested(&ours, &twice, |_| true), &found);
    }

    #[test]
    fn a_twin_on_either_side_takes_the_suggestion_away(ours in side(), theirs in side()) {
        let (ours, theirs) = (numbered(&ours), numbered(&theirs));
        for (a, b) in suggested(&ours, &theirs, |_| true) {
            let twin = |side: &[(usize, One)], of: usize| {
                let mut side = side.to_vec();
                side.push((100, side[of].1.clone()));
                side
            };
            let of_theirs = suggested(&ours, &twin(&theirs, b), |_| true);
            prop_assert!(!of_theirs.iter().any(|pair| pair.0 == a), "{a} {b} {:?}", of_theirs);
            let of_ours = suggested(&twin(&ours, a), &theirs, |_| true);
            prop_assert!(!of_ours.iter().any(|pair| pair.1 == b), "{a} {b} {:?}", of_ours);
        }
    }

    /// Who is not asked for is told nothing, and gives nobody away who is theirs as likely: the rest is as before.
    #[test]
    fn asking_for_fewer_brings_no_suggestion_but_for_who_shares_an_email(
        ours in side(), theirs in side(), asked in prop::collection::vec(any::<bool>(), 12),
    ) {
        let (numbers, users) = (numbered(&ours), numbered(&theirs));
        let all = suggested(&numbers, &users, |_| true);
        let some = suggested(&numbers, &users, |id| asked[id]);
        prop_assert!(all.iter().filter(|pair| asked[pair.0]).all(|pair| some.contains(pair)));
        for pair in some.difference(&all) {
            let shares = |(id, one): &(usize, One)| {
                !asked[*id] && one.email.eq_ignore_ascii_case(&ours[pair.0].email)
            };
            prop_assert!(numbers.iter().any(shares), "{:?}", pair);
        }
    }
}

//! Whatever order the lists come in, the same grants; and never a door of another property.

use std::collections::BTreeSet;

use elevate_access_testkit::seam::{Account, Device, Seam, Space};
use elevate_seam::{ConnectedAccountId, SpaceId, TwoNSettings, Units};
use proptest::prelude::*;

use super::house::{House, KEY};

const NAMES: [&str; 4] = ["101", "102", "Apt 1", "APT 1"];
const RESIDENTS: [(&str, &str); 3] = [("jane", "101"), ("omar", "102"), ("ann", "apt 1")];

/// A space: its name, its customer, the space that it lies in.
#[derive(Clone, Debug)]
struct Room(usize, Option<usize>, Option<usize>);

/// A door: its name, its account, the spaces that hold it, the units that its metadata names.
#[derive(Clone, Debug)]
struct Gate(usize, usize, BTreeSet<usize>, BTreeSet<usize>);

/// Ours is the first of each.
const CUSTOMERS: [&str; 2] = ["maple", "oak"];
const ACCOUNTS: [&str; 2] = ["account-1", "account-2"];

fn rooms() -> impl Strategy<Value = Vec<Room>> {
    let one = (0..NAMES.len(), prop::option::of(0..2usize), prop::option::of(0..8usize));
    prop::collection::vec(one.prop_map(|(name, of, inside)| Room(name, of, inside)), 1..8)
}

fn gates() -> impl Strategy<Value = Vec<Gate>> {
    let some = || prop::collection::btree_set(0..8usize, 0..4);
    let one = (0..4usize, 0..2usize, some(), prop::collection::btree_set(0..NAMES.len(), 0..3));
    let one = one.prop_map(|(name, account, spaces, units)| Gate(name, account, spaces, units));
    prop::collection::vec(one, 1..8)
}

fn world(rooms: &[(usize, Room)], gates: &[(usize, Gate)], page: usize) -> Seam {
    let mut seam = Seam::new(KEY);
    for (account, customer) in ACCOUNTS.into_iter().zip(CUSTOMERS) {
        seam.add_account(Account::new(account).customer(customer));
    }
    for (n, Room(name, of, inside)) in rooms {
        let mut space = Space::new(&format!("sp-{n}"), NAMES[*name]);
        if let Some(of) = of {
            space = space.customer(CUSTOMERS[*of]);
        }
        if let Some(inside) = inside {
            space = space.inside(&format!("sp-{inside}"));
        }
        seam.add_space(space);
    }
    for (n, Gate(name, account, spaces, units)) in gates {
        let units: Vec<_> = units.iter().map(|unit| NAMES[*unit]).collect();
        let door = Device::two_n(&format!("dev-{n}"), &format!("Door {name}"))
            .of_account(ACCOUNTS[*account])
            .metadata("units", &units.join(";"))
            .in_spaces(spaces.iter().map(|space| format!("sp-{space}")));
        seam.add_device(door);
    }
    seam.page_size(page);
    seam
}

/// What each resident has: doors by id and name, and what keeps others from them.
async fn grants(house: &House) -> Vec<String> {
    house.has_units(&["101", "102", "apt 1"]);
    let mut all = Vec::new();
    for (who, unit) in RESIDENTS {
        let list = house.moves_in(who, &[unit]).doors(who).await;
        let doors = list.doors.iter().map(|door| format!("{} {}", door.id, door.name));
        let problems = list.problems.iter().map(|problem| problem.reason.to_string());
        all.push(doors.chain(problems).collect::<Vec<_>>().join(", "));
    }
    all
}

fn pinned(settings: TwoNSettings, pins: u8) -> TwoNSettings {
    let settings = match pins % 4 {
        0 => settings,
        1 => settings.connected_accounts([ConnectedAccountId::new("account-1").unwrap()]),
        2 => settings.customer("maple"),
        _ => settings.parent_space(SpaceId::new("sp-0").unwrap()),
    };
    let settings = if pins & 4 == 0 { settings } else { settings.units(Units::metadata("units")) };
    if pins & 8 == 0 { settings } else { settings.only_doors(["door 0", "dev-1", "Door 2"]) }
}

/// The first space and what lies in it, found by looking again and again.
fn lying_in_the_first(rooms: &[(usize, Room)]) -> BTreeSet<usize> {
    let mut inside = BTreeSet::from([0]);
    for _ in rooms {
        let more = rooms.iter().filter(|(_, room)| room.2.is_some_and(|of| inside.contains(&of)));
        let more: Vec<usize> = more.map(|(n, _)| *n).collect();
        inside.extend(more);
    }
    inside
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_lists_changes_nothing_and_no_door_of_others_is_granted(
        (rooms, shuffled_rooms) in rooms().prop_flat_map(|rooms| {
            let rooms: Vec<_> = rooms.into_iter().enumerate().collect();
            (Just(rooms.clone()), Just(rooms).prop_shuffle())
        }),
        (gates, shuffled_gates) in gates().prop_flat_map(|gates| {
            let gates: Vec<_> = gates.into_iter().enumerate().collect();
            (Just(gates.clone()), Just(gates).prop_shuffle())
        }),
        pins in 0..16u8,
        pages in (1..5usize, 1..5usize),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(async {
            let seams =
                [world(&rooms, &gates, pages.0), world(&shuffled_rooms, &shuffled_gates, pages.1)];
            let inside = lying_in_the_first(&rooms);
            let mut both = Vec::new();
            for seam in seams {
                let house = House::with(seam, |settings| pinned(settings, pins));
                both.push(grants(&house).await);
                for (n, Gate(_, account, spaces, _)) in &gates {
                    let is_others = match pins % 4 {
                        1 | 2 => *account != 0,
                        3 => spaces.is_disjoint(&inside),
                        _ => false,
                    };
                    for (who, _) in RESIDENTS {
                        let id = format!("dev-{n}");
                        if is_others {
                            prop_assert!(house.tap(who, &id).await.is_err());
                            prop_assert_eq!(house.vendor.ledger().taken(&id), 0);
                        }
                    }
                }
            }
            prop_assert_eq!(&both[0], &both[1]);
            Ok(())
        })?;
    }
}

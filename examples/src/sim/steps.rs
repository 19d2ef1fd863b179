//! What happens next, drawn.

use std::time::Duration;

use elevate_access_testkit::{
    Faults,
    openpath::{self, Filtering},
    seam::AttemptEnd,
};
use fastrand::Rng;

use super::{
    cast::{self, DEVICES, ENTRIES, NAMES, UNITS, Vendor, email_text, openpath_user},
    faults,
    history::Truth,
    mortal::Trouble,
    plant::lock,
    stage::{Stage, entry_of},
};

/// How long until the next step.
pub(super) fn pause(dice: &mut Rng) -> Duration {
    let millis = match dice.u8(..20) {
        0..=9 => dice.u64(..400),
        10..=15 => dice.u64(500..5_000),
        16..=18 => dice.u64(5_000..60_000),
        _ => dice.u64(60_000..700_000),
    };
    Duration::from_millis(millis)
}

/// Arranges for something to go wrong soon.
pub(super) fn break_something(stage: &Stage, dice: &mut Rng) {
    let (vendor, path, fault) = faults::draw(dice);
    let times = if dice.u8(..8) == 0 { 3 } else { 1 };
    // A key is made where keys are listed, after a list.
    let skip = u32::from(path == faults::KEYS && dice.bool());
    match vendor {
        Vendor::Openpath => stage.openpath.faults(|f| f.on(path, skip, times, fault)),
        Vendor::Seam => stage.seam.faults(|f| f.on(path, skip, times, fault)),
    }
}

/// One vendor's readings fail for a while, each in its way, or all of them work again.
pub(super) fn cut_off(stage: &Stage, dice: &mut Rng) {
    if dice.bool() {
        stage.openpath.faults(Faults::clear);
        stage.seam.faults(Faults::clear);
        return;
    }
    let (vendor, faults) = faults::outage(dice);
    for (path, fault) in faults {
        match vendor {
            Vendor::Openpath => stage.openpath.faults(|f| f.on(path, 0, 30, fault)),
            Vendor::Seam => stage.seam.faults(|f| f.on(path, 0, 30, fault)),
        }
    }
}

/// The store is not well for some calls, or a node dies.
pub(super) fn break_ourselves(stage: &mut Stage, dice: &mut Rng) {
    if dice.bool() {
        let number = dice.usize(..stage.nodes.len());
        stage.kill(number);
    } else {
        *lock(&stage.store_trouble) = Trouble::draw(dice);
    }
}

/// Changes something in the directory or at a vendor.
pub(super) fn change_something(stage: &mut Stage, dice: &mut Rng) {
    let who = dice.usize(..NAMES.len());
    match dice.u8(..16) {
        0..=2 => {
            // Most are Current most of the time.
            let current = !stage.history.now().people[who].current || dice.u8(..4) > 0;
            let current = if dice.u8(..3) == 0 { !current } else { current };
            change_person(stage, who, |p| p.current = current);
        }
        3 => {
            let email = [None, Some(0), Some(0), Some(1)][dice.usize(..4)];
            change_person(stage, who, |p| p.email = email);
        }
        4 => {
            let unit = dice.usize(..UNITS.len());
            change_person(stage, who, |p| p.unit = unit);
        }
        5 => {
            let user = openpath_user(who);
            let active = !stage.history.now().users[&user].active;
            change(stage, |t| user_of(t, user).active = active);
            stage.openpath.with(|o| if active { o.activate(user) } else { o.suspend(user) });
        }
        6 | 7 => {
            let (user, entry) = (openpath_user(who), ENTRIES[dice.usize(..ENTRIES.len())]);
            let had = stage.history.now().users[&user].entries.contains(&entry);
            change(stage, |t| {
                let entries = &mut user_of(t, user).entries;
                if had {
                    entries.remove(&entry)
                } else {
                    entries.insert(entry)
                };
            });
            stage.openpath.with(|o| {
                if had { o.remove_entry(user, entry) } else { o.add_entry(user, entry_of(entry)) }
            });
        }
        8 | 14 | 15 => {
            // The vendor's user is given to somebody else, or back.
            let (user, other) = (openpath_user(who), dice.usize(..NAMES.len()));
            let email = email_text(if dice.bool() { who } else { other }, dice.u8(..2));
            change(stage, |t| user_of(t, user).email.clone_from(&email));
            stage.openpath.with(|o| o.set_email(user, &email));
        }
        9 => {
            let (space, name) = (dice.usize(..UNITS.len()), UNITS[dice.usize(..UNITS.len())]);
            let name = if dice.bool() { UNITS[space].to_owned() } else { name.to_uppercase() };
            change(stage, |t| t.spaces[space].clone_from(&name));
            stage.seam.with(|s| {
                s.rename_space(&cast::space_id(space), &name);
            });
        }
        10 | 11 => {
            let device = DEVICES[dice.usize(..DEVICES.len())];
            let spaces: Vec<usize> = (0..UNITS.len()).filter(|_| dice.bool()).collect();
            change(stage, |t| {
                t.devices.insert(device, spaces.iter().copied().collect());
            });
            let ids: Vec<String> = spaces.iter().map(|n| cast::space_id(*n)).collect();
            let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
            stage.seam.with(|s| {
                s.move_device(device, &ids);
            });
        }
        12 => {
            let slow = if dice.bool() { 0 } else { dice.u64(..1_600) };
            *lock(&stage.directory_delay) = Duration::from_millis(slow);
        }
        _ => behave(stage, dice),
    }
}

/// Changes how a vendor behaves where that is not known.
fn behave(stage: &Stage, dice: &mut Rng) {
    match dice.u8(..6) {
        0 => stage.openpath.with(openpath::Openpath::revoke_tokens),
        // A manager deletes somebody's key. Of two none, so that they are seen.
        5 => {
            let user = openpath_user(dice.usize(..NAMES.len()));
            stage.openpath.with(|o| {
                if let [key] = o.credential_ids(user)[..] {
                    o.delete_credential(user, key);
                }
            });
        }
        1 => {
            filter_somehow(stage, dice);
        }
        2 => {
            let life = dice.bool().then(|| Duration::from_secs(dice.u64(60..3_600)));
            stage.openpath.with(|o| o.set_token_life(life));
        }
        3 => {
            let most = dice.usize(2..50);
            stage.seam.with(|s| {
                s.page_size(most);
            });
        }
        _ => {
            let end = match dice.u8(..7) {
                0 | 1 => AttemptEnd::Confirmed,
                2 => AttemptEnd::Unconfirmed,
                3 => AttemptEnd::ResultNull,
                4 => AttemptEnd::ResultEmpty,
                5 => AttemptEnd::PendingForever,
                _ => AttemptEnd::error("device_offline", "the device did not answer"),
            };
            let takes = Duration::from_millis(dice.u64(..9_000));
            stage.seam.with(|s| {
                s.attempts_end(end);
                s.attempts_take(takes);
            });
        }
    }
}

/// How the vendor filters by e-mail was never seen: every way is drawn.
pub(super) fn filter_somehow(stage: &Stage, dice: &mut Rng) {
    let how = [
        Filtering::Exact,
        Filtering::AnyCase,
        Filtering::Parts,
        Filtering::Parts,
        Filtering::Ignored,
        Filtering::FindsNobody,
        Filtering::Refused,
    ];
    let how = how[dice.usize(..how.len())];
    stage.openpath.with(|o| {
        o.behaviour().pre_filter = how;
        o.behaviour().filter = how;
    });
}

fn user_of(truth: &mut Truth, user: u64) -> &mut super::history::User {
    truth.users.get_mut(&user).expect("one of the cast")
}

fn change(stage: &mut Stage, change: impl FnOnce(&mut Truth)) {
    stage.history.change(change);
}

fn change_person(stage: &mut Stage, who: usize, to: impl FnOnce(&mut cast::Person)) {
    stage.history.change(|truth| to(&mut truth.people[who]));
    stage.people.put(stage.history.now().people[who].as_resident(who));
}

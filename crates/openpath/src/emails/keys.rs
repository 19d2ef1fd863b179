//! By what near-misses are found without holding everybody against everybody.

use std::hash::{BuildHasher as _, Hash as _, Hasher as _, RandomState};

use super::{
    Person,
    mailbox::{LEAST_SAME_NAME, MOST},
    names::name_key,
    parts::Parts,
};

/// Hashes of what two that are near have in common, at least one of them.
pub(super) fn keys(person: Person<'_>, hashing: &RandomState) -> Vec<u64> {
    let mut keys = Vec::new();
    if let Some(name) = person.name.and_then(name_key) {
        keys.push(hashing.hash_one(('n', name)));
    }
    if let Some(parts) = Parts::of(person.email).filter(|parts| !parts.core.is_empty()) {
        keys.push(hashing.hash_one(('m', parts.look())));
        // Two that differ in one letter are the same without one letter each.
        let core: Vec<char> = parts.core.chars().collect();
        if (LEAST_SAME_NAME..=MOST).contains(&core.len()) {
            let mut at = hashing.build_hasher();
            ('l', &parts.domain).hash(&mut at);
            for left_out in 0..=core.len() {
                let mut key = at.clone();
                let kept = core.iter().enumerate().filter(|(place, _)| *place != left_out);
                kept.for_each(|(_, c)| c.hash(&mut key));
                keys.push(key.finish());
            }
        }
    }
    keys.sort_unstable();
    keys.dedup();
    keys
}

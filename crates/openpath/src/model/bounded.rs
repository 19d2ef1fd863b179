//! Lists within rows, of which no reply can make more than a row's worth of memory.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{Error as _, IgnoredAny, SeqAccess, Visitor},
};

/// Reads a list of `MOST` items at most; a longer one is an error. Null is none.
pub(super) fn at_most<'de, const MOST: usize, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    let first: First<MOST, T> = super::or_default(deserializer)?;
    if first.are_all { Ok(first.items) } else { Err(D::Error::custom("a list that is too long")) }
}

/// Reads the first `MOST` items of a list, and leaves the others: for what only helps, and decides nothing.
pub(super) fn the_first<'de, const MOST: usize, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    let first: First<MOST, T> = super::or_default(deserializer)?;
    Ok(first.items)
}

struct First<const MOST: usize, T> {
    items: Vec<T>,
    are_all: bool,
}

impl<const MOST: usize, T> Default for First<MOST, T> {
    fn default() -> Self {
        Self { items: Vec::new(), are_all: true }
    }
}

impl<'de, const MOST: usize, T: Deserialize<'de>> Deserialize<'de> for First<MOST, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Seq(PhantomData))
    }
}

struct Seq<const MOST: usize, T>(PhantomData<T>);

impl<'de, const MOST: usize, T: Deserialize<'de>> Visitor<'de> for Seq<MOST, T> {
    type Value = First<MOST, T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut first = First::default();
        while first.items.len() < MOST {
            match seq.next_element()? {
                Some(item) => first.items.push(item),
                None => return Ok(first),
            }
        }
        while seq.next_element::<IgnoredAny>()?.is_some() {
            first.are_all = false;
        }
        Ok(first)
    }
}

#[cfg(test)]
mod tests {
    use crate::{EffectiveScopes, EntryState, User};

    fn list(item: &str, count: usize) -> String {
        vec![item; count].join(",")
    }

    #[test]
    fn a_list_in_a_row_that_is_too_long_is_refused_where_something_is_judged_by_it() {
        let methods = |count| {
            let json = format!(r#"{{"id":1,"triggerMethods":[{}]}}"#, list("{}", count));
            serde_json::from_str::<EntryState>(&json).ok().map(|state| state.trigger_methods.len())
        };
        assert_eq!((methods(100), methods(101)), (Some(100), None));
        for field in ["scopes", "allowedOperationIds"] {
            let read = |count| {
                let json = format!(r#"{{"{field}":[{}]}}"#, list("\"x\"", count));
                serde_json::from_str::<EffectiveScopes>(&json).is_ok()
            };
            assert_eq!((read(5_000), read(5_001)), (true, false), "{field}");
        }
    }

    #[test]
    fn of_a_users_groups_and_sites_a_thousand_are_kept_and_the_user_stays() {
        let many = list("{}", 2_500_000);
        let json = format!(r#"{{"id":7001,"groups":[{many}],"sites":null}}"#);
        let user: User = serde_json::from_str(&json).unwrap();
        assert_eq!((user.groups.len(), user.sites.len()), (1_000, 0));
        let user: User =
            serde_json::from_str(&json.replace("groups", "other").replace("null", "[{}]")).unwrap();
        assert_eq!((user.groups.len(), user.sites.len()), (0, 1));
    }
}

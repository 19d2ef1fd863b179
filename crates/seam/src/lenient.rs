//! Reading what a vendor's specification promises and the vendor may not keep.

use std::{collections::BTreeMap, fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error as _, SeqAccess, Visitor},
};
use serde_json::Value;

use crate::device::MetadataValue;

/// The value if it has the type that is read here, else nothing: for facts that the caller does without.
pub(crate) fn or_none<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    let value = Value::deserialize(deserializer)?;
    Ok(serde_json::from_value(value).ok())
}

/// Null as the type's default; anything else has to be of the type.
pub(crate) fn null_as_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// A list of at most `MOST`, or null for an empty one. What is longer fails while it is read: `{}` weighs
/// far more in memory than on the wire.
pub(crate) fn at_most<'de, D, T, const MOST: usize>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    struct Bounded<T, const MOST: usize>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>, const MOST: usize> Visitor<'de> for Bounded<T, MOST> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "a list of at most {MOST}")
        }

        fn visit_unit<E>(self) -> Result<Vec<T>, E> {
            Ok(Vec::new())
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<T>, A::Error> {
            let mut items = Vec::new();
            while let Some(item) = list.next_element()? {
                if items.len() == MOST {
                    return Err(A::Error::invalid_length(MOST + 1, &self));
                }
                items.push(item);
            }
            Ok(items)
        }
    }

    deserializer.deserialize_any(Bounded::<T, MOST>(PhantomData))
}

/// Those items of a list that can be read, at most `MOST`; nothing if it is no list.
pub(crate) fn some_of<'de, D, T, const MOST: usize>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    let items: Vec<Value> = or_default(deserializer)?;
    let readable = items.into_iter().filter_map(|item| serde_json::from_value(item).ok());
    Ok(readable.take(MOST).collect())
}

/// An object, or the default if it is something else.
pub(crate) fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned + Default,
{
    Ok(or_none(deserializer)?.unwrap_or_default())
}

/// Text or a number, as text: `7307`, `7307.0` and `"7307"` are the same.
pub(crate) fn text_or_number<'de, D>(deserializer: D) -> Result<Option<String>, D::Error>
where
    D: Deserializer<'de>,
{
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) => Some(text),
        Value::Number(number) => {
            let text = number.to_string();
            Some(text.strip_suffix(".0").map_or_else(|| text.clone(), str::to_owned))
        }
        _ => None,
    })
}

/// The most pairs of metadata that are read; Seam's specification allows 50.
const MOST_PAIRS: usize = 200;

/// Pairs of metadata, or `None` if they cannot be read.
pub(crate) type Metadata = Option<BTreeMap<String, MetadataValue>>;

/// No metadata at all: what absent and null come to.
#[expect(clippy::unnecessary_wraps, reason = "it stands for the field")]
pub(crate) fn no_metadata() -> Metadata {
    Some(BTreeMap::new())
}

/// Metadata; pairs whose value is neither text nor a boolean are left out. More pairs than [`MOST_PAIRS`], or what
/// is no object, are given up: one device's metadata is not worth a list that other buildings' doors are on.
pub(crate) fn metadata<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Metadata, D::Error> {
    let pairs = match Value::deserialize(deserializer)? {
        Value::Null => return Ok(no_metadata()),
        Value::Object(pairs) if pairs.len() <= MOST_PAIRS => pairs,
        _ => return Ok(None),
    };
    let pairs = pairs.into_iter().filter_map(|(key, value)| match value {
        Value::String(text) => Some((key, MetadataValue::Text(text))),
        Value::Bool(flag) => Some((key, MetadataValue::Flag(flag))),
        _ => None,
    });
    Ok(Some(pairs.collect()))
}

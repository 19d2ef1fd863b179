//! Keys: what two spellings of one name have in common.

use std::{error, fmt, sync::Arc};

use crate::{fold::canonical_caseless, invisible::is_blank};

/// A name's canonical caseless form: two names are the same name exactly if their keys are equal.
///
/// Cheap to clone; ordered by the text of the form, which is no order for people.
///
/// A key is for comparing, not for keeping: keep the name as written, and build the key anew. (A letter
/// that Unicode gives case in a later version folds from then on.)
///
/// ```
/// use elevate_unit_match::NameKey;
///
/// assert_eq!(NameKey::of("Gartenstraße 4B")?, NameKey::of("GARTENSTRASSE 4b")?);
/// assert_ne!(NameKey::of("Apt 101")?, NameKey::of("101")?);
/// # Ok::<(), elevate_unit_match::Unusable>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NameKey(Arc<str>);

impl NameKey {
    /// The most bytes of UTF-8 that a key may have. A name with a longer one is [`Unusable::TooLong`].
    ///
    /// No apartment is called so: the bound is there so that hostile text costs little, since the marks
    /// of a name must be sorted. It is on the key and not on the name as written, so that of two
    /// spellings of one name never just one is too long, and a double is never overlooked.
    pub const MAX_BYTES: usize = 1024;

    /// The key of a name.
    ///
    /// # Errors
    /// [`Unusable`] if the name is blank or too long: it has no key, since it may match nothing.
    pub fn of(name: &str) -> Result<Self, Unusable> {
        if is_blank(name) {
            return Err(Unusable::Blank);
        }
        if name.len() > Self::MAX_BYTES * LARGEST_SHRINKAGE {
            return Err(Unusable::TooLong);
        }
        let key = if name.is_ascii() {
            // The same form, without tables: ASCII is its own decomposition and folds within itself.
            let mut key = Arc::from(name);
            Arc::<str>::make_mut(&mut key).make_ascii_lowercase();
            key
        } else {
            Arc::from(canonical_caseless(name))
        };
        if key.len() > Self::MAX_BYTES { Err(Unusable::TooLong) } else { Ok(Self(key)) }
    }

    /// The form as text: for comparing and sorting, not for showing.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// How many times longer a name can be than its key: the Kelvin sign has three bytes, its `k` one.
const LARGEST_SHRINKAGE: usize = 3;

/// Why a name has no key and matches nothing.
///
/// Exhaustive on purpose: whoever reads names has to say what becomes of each of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unusable {
    /// Nothing of it is visible: it is empty, or holds only white space, controls, format characters
    /// such as a zero-width space, fillers or empty braille cells.
    Blank,
    /// Its key would be longer than [`NameKey::MAX_BYTES`].
    TooLong,
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Blank => f.write_str("the name is blank"),
            Self::TooLong => write!(f, "the name is longer than {} bytes", NameKey::MAX_BYTES),
        }
    }
}

impl error::Error for Unusable {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_character_shrinks_more_than_the_early_refusal_assumes() {
        for c in '\0'..=char::MAX {
            let form = canonical_caseless(c.encode_utf8(&mut [0; 4]));
            assert!(c.len_utf8() <= form.len() * LARGEST_SHRINKAGE, "{c:?} became {form:?}");
        }
    }

    #[test]
    fn blank_is_said_of_all_spellings_of_a_name_or_of_none() {
        for c in '\0'..=char::MAX {
            let name = c.to_string();
            let form = canonical_caseless(&name);
            assert_eq!(is_blank(&name), is_blank(&form), "{name:?} became {form:?}");
        }
    }

    #[test]
    fn the_ascii_path_gives_the_form_of_the_definition() {
        for c in '\0'..='\x7F' {
            let name = format!("x{c}Y");
            assert_eq!(NameKey::of(&name).unwrap().as_str(), canonical_caseless(&name));
        }
    }
}

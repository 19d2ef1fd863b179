//! Unit names in, matches and findings out: no I/O, no async.
//!
//! A property's units stand in two systems, ours and a vendor's, and a resident gets the doors of the
//! vendor's unit that has the same name as theirs. A wrong match opens a stranger's door, so this crate
//! matches exactly and says what it could not match, in a form that a person can act on.
//!
//! ```
//! use elevate_unit_match::{Finding, NameIndex, match_all};
//!
//! // Any item can be tied to a name: here our unit numbers, and the vendor's space ids.
//! let ours: NameIndex<u32> = [("Apt 4C", 1), ("Apt 5", 2), ("Penthouse", 3)].into_iter().collect();
//! let theirs: NameIndex<&str> =
//!     [("APT 4C", "space-a"), ("Apt  5", "space-b"), ("", "space-c")].into_iter().collect();
//!
//! let matching = match_all(&ours, &theirs);
//!
//! let pair = matching.pairs[0];
//! assert_eq!((*pair.ours.item(), *pair.theirs.item()), (1, "space-a"));
//!
//! // Two spaces in a name are not one: left over on both sides, for a person to mend.
//! assert!(matches!(matching.ours[0], Finding::Unmatched(unit) if unit.name() == "Apt 5"));
//! assert!(matches!(matching.theirs[0], Finding::Unmatched(unit) if unit.name() == "Apt  5"));
//! assert!(matches!(matching.theirs[1], Finding::Blank(unit) if *unit.item() == "space-c"));
//! ```
//!
//! # The rule
//!
//! Two names are one name if they differ in nothing but case, as the Unicode Standard defines it:
//! *canonical caseless matching* (definition D145), which compares `NFD(toCasefold(NFD(name)))`. Nothing
//! else is tolerated: nothing is trimmed, no white space is folded, no unit word is dropped.
//!
//! | one name | why |
//! | --- | --- |
//! | `Apt 4C`, `APT 4c` | case |
//! | `Straße`, `STRASSE`, `STRAẞE` | ß folds to ss |
//! | `ΟΔΟΣ`, `οδος`, `οδοσ` | the final sigma is a sigma |
//! | `Café`, composed or with a combining accent | canonically equivalent |
//! | `K`, and the Kelvin sign | canonically equivalent |
//! | `Office 3`, `Oﬃce 3` with a ligature | a ligature folds to its letters |
//!
//! | two names | why |
//! | --- | --- |
//! | `101`, `Apt 101`, `Unit 101` | other words |
//! | `101`, `101` with a space after it | white space is text |
//! | `Apt 101`, the same with a no-break space | another character |
//! | `101`, the same with a zero-width space | another character, though nobody sees it |
//! | `101`, `１０１` in full-width digits | a compatibility form, which is not folded |
//! | `4A` with a Latin and with a Cyrillic А | another letter, though it looks the same |
//! | `Kapı`, `Kapi` | dotless ı and i are two letters, in every locale |
//! | `İç`, `iç` | so are İ and i: İ folds to an i with a dot above |
//!
//! No locale takes part, so that a match does not depend on the machine that makes it.
//!
//! # What matches nothing
//!
//! - **Blank** names: empty, or with nothing in them that shows. What does not show is told by Unicode:
//!   white space, controls, default-ignorable characters (zero-width spaces and joiners, soft hyphens,
//!   fillers, variation selectors, tags), format characters but for the few that show, and the empty
//!   braille cell.
//! - **Doubled** names: those that two or more units have on one side, by the rule above. Doubles are
//!   sought over all that is handed in, so *hand in all*: a building's units lived in or not, a vendor's
//!   units with doors or without.
//! - Names **too long** to be one: with a key beyond [`NameKey::MAX_BYTES`]. This bounds what hostile
//!   text can cost; no spelling of a name that is within the bound can be beyond it.
//!
//! Each is a [`Finding`]. [`NameIndex::get`] never answers a doubled name with one of its bearers, and
//! [`counterpart`] answers for a single name what [`match_all`] answers for all.
//!
//! # Near-misses
//!
//! [`compare`] and [`suggest`] tell a person which names that are left over are likely meant to be one, and in
//! what they differ ([`Difference`]): spaces, what cannot be seen, look-alikes, separators, leading zeros, words
//! for an apartment, the building or floor told on one side, a letter of a long word. **Nothing is matched by
//! them.**
//!
//! Whoever follows a suggestion blindly must not open a stranger's door, so rather none is made:
//!
//! | near | no near-miss | why |
//! | --- | --- | --- |
//! | `Apt 101`, `#101`, `101号室` | `101`, `1011`, `120` | a number that differs is another apartment |
//! | `Flat 3`, `3` | `Garden Flat`, `Garden` | a word is left out only at a number or a letter |
//! | `4-B`, `4B` | `1-B2`, `1B-2` | the same parts, put together otherwise |
//! | `A-101`, `A101` | `101+`, `101`; `-1`, `1` | what is no separator means something |
//! | `Sunflower 3`, `Sunfower 3` | `TowerA`, `TowerB` | a letter swapped or missed, and that within a long word |
//!
//! And all names of both sides are looked at, the matched ones too:
//!
//! ```
//! use elevate_unit_match::{NameIndex, match_all, suggest};
//!
//! let suggested = |ours: &[&str], theirs: &[&str]| {
//!     let index = |names: &[&str]| -> NameIndex<()> { names.iter().map(|name| (*name, ())).collect() };
//!     suggest(&match_all(&index(ours), &index(theirs))).len()
//! };
//!
//! assert_eq!(suggested(&["101"], &["Apt 101"]), 1);
//! // Two are as likely.
//! assert_eq!(suggested(&["101"], &["Apt 101", "Unit 101"]), 0);
//! // "101" is taken.
//! assert_eq!(suggested(&["101", "Apt 101"], &["101", "#101"]), 0);
//! // A number of another building.
//! assert_eq!(suggested(&["Building A 101"], &["101"]), 1);
//! assert_eq!(suggested(&["Building A 101"], &["101", "A-101"]), 0);
//! // An l that is no 1, since letters stand at numbers here.
//! assert_eq!(suggested(&["10l"], &["101"]), 1);
//! assert_eq!(suggested(&["10k", "10l"], &["101"]), 0);
//! ```
//!
//! # Changes
//!
//! [`changes`] compares two snapshots of the vendor's units by its stable ids: what was renamed, appeared,
//! vanished, split or merged, and which of ours is matched to what was another's. It is complete: the changes
//! make the names of the one snapshot of those of the other.
//!
//! # Cost
//!
//! Matching 100,000 names with 100,000 takes less than three times what a plain join of lower-cased names takes,
//! and suggesting grows about as the number of names does, since no name is compared with all others. `cargo bench
//! -p elevate-unit-match` prints the ratios.
//!
//! # Unicode's version
//!
//! Normalisation and folding are those of Unicode 18. The crate that folds, `caseless`, knows Unicode 16;
//! the 49 letters that were given case since are carried here (Beria Erfe and a few Latin letters of
//! phoneticians), and a test compares every character with an independent table. Letters that a later
//! version gives case do not fold until the tables follow: until then two such spellings stay two names,
//! which is the safe side.
//!
//! Names are another system's text. They are kept as written, and may hold anything: escape them before
//! showing them.

mod changes;
mod fold;
mod index;
mod invisible;
mod key;
mod matching;
mod near;

pub use changes::{Change, Seen, changes, is_one_name};
pub use index::{Lookup, NameIndex, Named};
pub use key::{NameKey, Unusable};
pub use matching::{Counterpart, Finding, Matching, Pair, counterpart, match_all};
pub use near::{Difference, Likeness, Suggestion, compare, suggest};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

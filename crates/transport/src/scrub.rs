//! Redaction of text that others wrote.

mod seek;
mod visible;
mod words;

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

use seek::{Beginnings, Budget, Found, Letters};
use visible::is_ignorable;
pub(crate) use words::looks_like_a_secret;

/// What stands in the place of what was taken out.
const MASK: &str = "***";
/// The most characters of scrubbed text, the `…` of a cut included.
const LONGEST: usize = 200;
/// How many characters are looked at before the rest is given up: more than are shown, since masks
/// are shorter than what they hide.
const WINDOW: usize = 1024;
/// Secrets of fewer characters are not sought: they would be found in every second word.
const SHORTEST_SECRET: usize = 4;

/// Makes text that somebody else wrote fit to be shown and logged.
///
/// Taken out, each replaced by `***`:
/// - the secrets it was told of: as they are, in other case, percent-encoded, escaped as in JSON or
///   HTML, with white space or invisible characters in between, in base64 (also in the middle of a
///   longer one, as in `Basic` credentials) and in hex;
/// - e-mail addresses, whatever they look like, percent-encoded too;
/// - what looks like a key or a token: the word after `Bearer`, JWTs, `seam_…`, and runs of 32 or more
///   letters, digits and `+/=_-.` with a digit among them. UUIDs stay: they are what vendors call
///   things by.
///
/// Control, bidi and invisible characters become spaces, and spaces in a row become one. What is longer
/// than 200 characters is cut, and ends in `…`; so is what nearly repeats a long secret so often that to search
/// it would take long.
///
/// ```
/// use elevate_transport::Scrubber;
///
/// let scrubber = Scrubber::new().secret("hunter2");
/// assert_eq!(
///     scrubber.scrub("user jane@example.test\r\nsent hunter2, twice: %68unter2"),
///     "user *** sent ***, twice: ***",
/// );
/// ```
///
/// It is a net below other nets: errors and spans are built from allow-lists, and only a vendor's own
/// words pass through here.
#[derive(Clone, Default)]
pub struct Scrubber {
    secrets: Vec<Known>,
    /// Those of all forms.
    beginnings: Beginnings,
}

/// One secret in the forms in which it is sought.
#[derive(Clone)]
struct Known {
    /// Without white space and invisible characters: the text's own are skipped while comparing.
    plain: Form,
    /// Base64 and hex.
    encoded: Vec<Form>,
}

#[derive(Clone)]
struct Form {
    text: SecretString,
    beginnings: Beginnings,
    letters: Letters,
}

impl From<String> for Form {
    fn from(text: String) -> Self {
        let (beginnings, letters) = (Beginnings::of(&text), Letters::of(&text));
        Self { text: text.into(), beginnings, letters }
    }
}

impl Scrubber {
    /// A scrubber that knows no secret yet. It takes out e-mails and tokens all the same.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a secret to look for. One of fewer than four characters is not sought.
    pub fn secret(mut self, secret: &str) -> Self {
        let plain: String = secret.chars().filter(|c| !is_ignorable(*c)).collect();
        if plain.chars().count() >= SHORTEST_SECRET {
            let encoded = seek::encoded_forms(secret).into_iter().map(Form::from).collect();
            let known = Known { plain: plain.into(), encoded };
            self.beginnings.add(known.plain.beginnings);
            known.encoded.iter().for_each(|form| self.beginnings.add(form.beginnings));
            self.secrets.push(known);
        }
        self
    }

    /// The text, fit to be shown: on one line, of at most 200 characters. Scrubbing it again changes
    /// nothing.
    pub fn scrub(&self, text: &str) -> String {
        let (mut visible, mut whole) = self.window(text);
        if visible != text {
            // Once more: taking out the invisible may have put together what had been torn apart.
            let (again, second) = self.window(&visible);
            (visible, whole) = (again, whole && second);
        }
        let masked = words::mask(&visible);
        if whole && masked.chars().count() <= LONGEST {
            return masked;
        }
        // A cut can leave the first half of a UUID, which then looks like a token, or less of a word
        // than its mask is long.
        (0..LONGEST)
            .rev()
            .map(|length| words::mask(&cut(&masked, length)))
            .find(|shown| shown.chars().count() <= LONGEST)
            .unwrap_or_else(|| MASK.to_owned())
    }

    /// Whether a secret that it was told of stands anywhere in the text, in any of the forms. For what has to
    /// be kept as it is or not at all, such as an id. A text that would take too long to search counts as
    /// holding one.
    ///
    /// ```
    /// # use elevate_transport::Scrubber;
    /// let scrubber = Scrubber::new().secret("hunter2");
    /// assert!(scrubber.holds_secret("key-HUNTER2-1"));
    /// assert!(!scrubber.holds_secret("jane@example.test"));
    /// ```
    pub fn holds_secret(&self, text: &str) -> bool {
        let may_hold = |letters| self.forms().any(|(form, _)| form.letters.are_among(letters));
        Letters::plain(text).is_none_or(may_hold) && self.holds_anywhere(text)
    }

    fn holds_anywhere(&self, text: &str) -> bool {
        let mut budget = Budget::new();
        let mut places = text.char_indices();
        places.any(|(at, _)| self.find(&text[at..], &mut budget).is_some()) || budget.is_spent()
    }

    /// Whether the text, from its first character to its last, is such a secret.
    pub fn is_secret(&self, text: &str) -> bool {
        let mut budget = Budget::new();
        self.find(text, &mut budget).is_some_and(|found| found.length == text.len())
            || budget.is_spent()
    }

    /// The first words of the text without known secrets and invisible characters, and whether these
    /// are all.
    fn window(&self, text: &str) -> (String, bool) {
        let mut out = String::new();
        let mut taken = 0;
        let mut at = 0;
        let mut budget = Budget::new();
        while let Some(c) = text[at..].chars().next() {
            let found = if is_ignorable(c) { None } else { self.find(&text[at..], &mut budget) };
            if taken == WINDOW || budget.is_spent() {
                // The last word may be half an e-mail.
                out.truncate(out.rfind(' ').unwrap_or(0));
                if out.is_empty() {
                    out.push_str(MASK);
                }
                return (out, false);
            }
            if is_ignorable(c) {
                at += c.len_utf8();
                if !out.is_empty() && !out.ends_with(' ') {
                    out.push(' ');
                    taken += 1;
                }
                continue;
            }
            match found {
                None => {
                    at += c.len_utf8();
                    out.push(c);
                }
                Some(Found { length, encoded }) => {
                    at += length;
                    if encoded {
                        // What stands around it is encoded with it: half a user name, for one.
                        let kept = out.trim_end_matches(words::is_token_char).len();
                        out.truncate(kept);
                        at = text.len() - text[at..].trim_start_matches(words::is_token_char).len();
                    }
                    out.push_str(MASK);
                }
            }
            taken += 1;
        }
        out.truncate(out.trim_end().len());
        (out, true)
    }

    /// All forms of all secrets, and whether each is an encoded one.
    fn forms(&self) -> impl Iterator<Item = (&Form, bool)> {
        let plain = self.secrets.iter().map(|known| (&known.plain, false));
        let encoded = self.secrets.iter().flat_map(|known| &known.encoded).map(|form| (form, true));
        plain.chain(encoded)
    }

    /// The longest known secret that begins at the start of the text.
    fn find(&self, text: &str, budget: &mut Budget) -> Option<Found> {
        let first = text.chars().next()?;
        if !self.beginnings.may_be(first) {
            return None;
        }
        self.forms()
            .filter(|(form, _)| form.beginnings.may_be(first))
            .filter_map(|(form, encoded)| {
                let length = seek::length_at_start(text, form.text.expose_secret(), budget)?;
                Some(Found { length, encoded })
            })
            .max_by_key(|found| found.length)
    }
}

impl fmt::Debug for Scrubber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scrubber").field("secrets", &self.secrets.len()).finish_non_exhaustive()
    }
}

/// At most so many characters of the text, and an `…`.
fn cut(text: &str, length: usize) -> String {
    let mut shown: String = text.chars().take(length).collect();
    shown.truncate(shown.trim_end().len());
    shown.push('…');
    shown
}

/// An e-mail address for logs: enough to recognise it beside its like, not enough to write to.
///
/// ```
/// use elevate_transport::mask_email;
///
/// assert_eq!(mask_email("jane.doe@example.test"), "j***@e***");
/// assert_eq!(mask_email("no address"), "***");
/// ```
pub fn mask_email(email: &str) -> String {
    let initial = |part: &str| part.chars().next().filter(|c| c.is_alphanumeric()).unwrap_or('*');
    match email.trim().rsplit_once('@') {
        Some((local, domain)) => format!("{}{MASK}@{}{MASK}", initial(local), initial(domain)),
        None => MASK.to_owned(),
    }
}

#[cfg(test)]
mod tests;

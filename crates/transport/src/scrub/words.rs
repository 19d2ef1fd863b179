//! Finds e-mails and tokens by their looks.

use super::MASK;

/// How long a run of token characters with a digit may be and still be taken for a name.
const LONGEST_NAME: usize = 31;
/// JWTs begin so: `{"` in base64.
const JWT: &str = "eyJ";
/// Anything shorter that begins as a JWT does is a word.
const SHORTEST_JWT: usize = 20;
/// Seam's keys, client session tokens and connect tokens begin so.
const SEAM: &str = "seam_";
/// A word this long after `Basic` is taken for credentials.
const SHORTEST_BASIC: usize = 12;

/// The text with every word masked that looks like an e-mail or a token.
pub(super) fn mask(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut scheme = Scheme::None;
    for piece in pieces(text) {
        if piece.starts_with(is_delimiter) {
            out.push_str(piece);
            if !piece.chars().all(char::is_whitespace) {
                scheme = Scheme::None;
            }
            continue;
        }
        let credentials = match scheme {
            Scheme::None => false,
            Scheme::Basic => piece.len() >= SHORTEST_BASIC,
            Scheme::Bearer => true,
        };
        if credentials || is_email(piece) {
            out.push_str(MASK);
        } else {
            mask_tokens(piece, &mut out);
        }
        scheme = Scheme::named_by(piece);
    }
    out
}

/// Whether a single word looks like an e-mail or a token.
pub(crate) fn looks_like_a_secret(word: &str) -> bool {
    is_email(word) || is_token(word)
}

/// The letters that base64, hex, JWTs and prefixed keys are written in.
pub(super) fn is_token_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=' | '_' | '-' | '.')
}

/// An authorization scheme that the word before named.
enum Scheme {
    None,
    Basic,
    Bearer,
}

impl Scheme {
    fn named_by(word: &str) -> Self {
        let ends_with = |name: &str| {
            let start = word.len().saturating_sub(name.len());
            word.get(start..).is_some_and(|end| end.eq_ignore_ascii_case(name))
        };
        if ends_with("bearer") || ends_with("bearer:") {
            Self::Bearer
        } else if ends_with("basic") {
            Self::Basic
        } else {
            Self::None
        }
    }
}

/// Ends a word. Few characters do: most may stand in an e-mail.
fn is_delimiter(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '<' | '>' | '(' | ')' | '[' | ']' | '{' | '}' | '"' | ',' | ';')
}

/// The text in words and what stands between them.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = is_delimiter(rest.chars().next()?);
        let end = rest.find(|c| is_delimiter(c) != first).unwrap_or(rest.len());
        let (piece, after) = rest.split_at(end);
        rest = after;
        Some(piece)
    })
}

/// Anything at anything, also half of one. The sign may be escaped.
fn is_email(word: &str) -> bool {
    // Each of the signs begins with one of these, which hardly a word has.
    word.contains(['@', '＠', '﹫', '%', '\\', '&'])
        && word.contains(char::is_alphanumeric)
        && ["@", "＠", "﹫", "%40", "\\u0040", "&#64", "&#x40", "&commat"]
            .iter()
            .any(|sign| word.contains(sign))
}

fn mask_tokens(word: &str, out: &mut String) {
    let mut rest = word;
    while let Some(c) = rest.chars().next() {
        let inside = is_token_char(c);
        let end = rest.find(|c| is_token_char(c) != inside).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        out.push_str(if inside && is_token(run) { MASK } else { run });
        rest = after;
    }
}

fn is_token(run: &str) -> bool {
    begins_inside(run, SEAM).any(|found| found.len() > SEAM.len())
        || begins_inside(run, JWT).any(|found| found.len() >= SHORTEST_JWT)
        || {
            let named = without_uuids(run);
            named.len() > LONGEST_NAME && named.contains(|c: char| c.is_ascii_digit())
        }
}

/// The tails of the run that begin with the prefix, where that is no middle of a word.
fn begins_inside<'a>(run: &'a str, prefix: &'a str) -> impl Iterator<Item = &'a str> {
    run.match_indices(prefix)
        .filter(|(at, _)| !run[..*at].ends_with(|c: char| c.is_ascii_alphanumeric()))
        .map(|(at, _)| &run[at..])
}

/// The run without the UUIDs in it.
fn without_uuids(run: &str) -> String {
    let mut kept = String::with_capacity(run.len());
    let mut at = 0;
    while let Some(c) = run[at..].chars().next() {
        if run.get(at..at + 36).is_some_and(is_uuid) {
            at += 36;
        } else {
            kept.push(c);
            at += c.len_utf8();
        }
    }
    kept
}

fn is_uuid(text: &str) -> bool {
    text.bytes().enumerate().all(|(at, byte)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    })
}

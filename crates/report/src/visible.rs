//! Text of other systems, made harmless and legible wherever it is shown.

use std::fmt::Write as _;

/// The most characters of a name that are shown.
const MOST: usize = 200;

/// The text with everything shown that could not be seen or would change how the rest shows: `⟨U+202E⟩` for a
/// character that turns the direction of writing, `⟨U+00A0⟩` for a no-break space, `␣` for a plain space at either
/// end. Over 200 characters it is cut. What is written for something else is itself written out where a name holds it.
///
/// So two names of up to 200 characters that look the same in a report are the same, and no name steers a terminal or a
/// page.
///
/// ```
/// use elevate_access_report::visible;
///
/// assert_eq!(visible("Apt 101 "), "Apt 101␣");
/// assert_eq!(visible("101\u{200b}"), "101⟨U+200B⟩");
/// assert_eq!(visible("\u{1b}[31mred"), "⟨U+001B⟩[31mred");
/// ```
pub fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len().min(4 * MOST));
    let is_cut = text.chars().nth(MOST).is_some();
    let end = text.trim_end_matches(' ').len();
    let mut at_start = true;
    for (at, c) in text.char_indices().take(MOST) {
        at_start &= c == ' ';
        if c == ' ' && (at_start || at >= end) {
            shown.push('␣');
        } else if is_hidden(c) || matches!(c, '␣' | '⟨' | '⟩') {
            // Writing to a String does not fail.
            let _ = write!(shown, "⟨U+{:04X}⟩", u32::from(c));
        } else {
            shown.push(c);
        }
    }
    if is_cut {
        shown.push('…');
    }
    shown
}

/// A sentence of ours, which may be longer than a name: what it quotes was made fit to print and cut before.
pub(crate) fn visible_long(text: &str) -> String {
    text.split(' ').map(visible).collect::<Vec<_>>().join(" ")
}

/// Whether the character shows nothing, looks like another space, or changes how others show.
pub(crate) fn is_hidden(c: char) -> bool {
    c.is_control()
        || (c.is_whitespace() && c != ' ')
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e000}'..='\u{f8ff}' | '\u{e0000}'..='\u{10ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_at_the_ends_show_and_those_within_stay() {
        assert_eq!(visible("  a b  "), "␣␣a b␣␣");
        assert_eq!(visible("   "), "␣␣␣");
        assert_eq!(visible(""), "");
    }

    #[test]
    fn no_name_is_written_to_look_as_another_one_is_shown() {
        for (one, other) in [("101 ", "101␣"), ("101\u{200b}", "101⟨U+200B⟩"), (" ", "␣")] {
            assert_ne!(visible(one), visible(other));
        }
    }

    #[test]
    fn nothing_hidden_is_left() {
        for c in ('\0'..=char::MAX).filter(|c| is_hidden(*c)) {
            assert!(!visible(&c.to_string()).contains(c), "{c:?}");
        }
        assert_eq!(visible(&"x".repeat(300)).chars().count(), 201);
    }
}

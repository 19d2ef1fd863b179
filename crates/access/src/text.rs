//! Text that came from elsewhere, made fit to print.

/// Replaces control, bidi and invisible characters by spaces and cuts to `most` characters.
pub(crate) fn tidy(text: &str, most: usize) -> String {
    if text.len() <= most && !text.contains(is_unprintable) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len().min(most * 4));
    let mut characters = text.chars();
    for c in characters.by_ref().take(most) {
        out.push(if is_unprintable(c) { ' ' } else { c });
    }
    if characters.next().is_some() {
        out.pop();
        out.push('…');
    }
    out
}

/// Whether the character shows nothing, or changes how others show.
pub(crate) fn is_unprintable(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_control();
    }
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_cannot_steer_a_terminal_or_a_line() {
        assert_eq!(tidy("a\u{1b}[31mb\u{202e}c\nd", 80), "a [31mb c d");
    }

    #[test]
    fn long_text_is_cut_at_a_character() {
        assert_eq!(tidy("äöüß", 3), "äö…");
        assert_eq!(tidy("äöü", 3), "äöü");
        assert_eq!(tidy(&"x".repeat(1 << 20), 5).chars().count(), 5);
    }
}

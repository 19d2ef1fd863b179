//! Which names show nothing.

/// True if a reader sees nothing of the name: it is empty, or all its characters are invisible.
pub(crate) fn is_blank(name: &str) -> bool {
    name.chars().all(is_invisible)
}

/// White space, controls, and what Unicode tells a renderer to leave out.
///
/// That is the union of Unicode 18's `White_Space`, the general category `Cc`,
/// `Default_Ignorable_Code_Point`, and the general category `Cf` but for those format characters that
/// show (`Prepended_Concatenation_Mark`, such as the Arabic number sign); and the empty braille cell,
/// which is a symbol by its properties and a space to the eye.
///
/// A combining mark on its own shows, and so do private and unassigned characters, as a box.
pub(crate) fn is_invisible(c: char) -> bool {
    if c.is_ascii() {
        return !c.is_ascii_graphic();
    }
    c.is_whitespace()
        || c.is_control()
        || matches!(c,
            // Default_Ignorable_Code_Point: soft hyphen, joiners, fillers, variation selectors, tags.
            '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}'..='\u{1160}'
            | '\u{17B4}'..='\u{17B5}' | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}'
            | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFF8}'
            | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}'
            | '\u{E0000}'..='\u{E0FFF}'
            // Other format characters: interlinear annotation, Egyptian joiners.
            | '\u{FFF9}'..='\u{FFFB}' | '\u{13430}'..='\u{1343F}'
            // The empty braille cell.
            | '\u{2800}')
}

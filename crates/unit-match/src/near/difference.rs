//! In what two names differ.

/// In what two names differ that are likely meant to be one.
///
/// Digits never count as a slip: another number is another apartment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Difference {
    /// White space before or after the name.
    OuterSpace,
    /// White space that is repeated within it.
    RepeatedSpace,
    /// A no-break space, or another one that is no plain space.
    OddSpace,
    /// A character that nobody sees, such as a zero-width space.
    Invisible,
    /// A character that looks like another one: an `O` for a zero, a Cyrillic `А`, a full-width digit.
    LookAlike,
    /// Punctuation and spaces between the parts: `4-B`, `4B`, `4 B`.
    Separators,
    /// Zeros before a number: `04B`.
    LeadingZeros,
    /// A word for an apartment, or its abbreviation: `Apt 101`, `#101`, `101 Unit`.
    UnitWord,
    /// The building or floor, told on one side only: `Building A, 101`.
    Place,
    /// The word for a building or a floor, or its abbreviation: `Bldg A 101`.
    PlaceWord,
    /// A letter within a long word, swapped with its neighbour or missed.
    Letters,
}

impl Difference {
    /// Every difference, in order.
    pub const ALL: &'static [Self] = &[
        Self::OuterSpace,
        Self::RepeatedSpace,
        Self::OddSpace,
        Self::Invisible,
        Self::LookAlike,
        Self::Separators,
        Self::LeadingZeros,
        Self::UnitWord,
        Self::Place,
        Self::PlaceWord,
        Self::Letters,
    ];

    /// A stable code, such as `unit_word`.
    pub fn code(self) -> &'static str {
        match self {
            Self::OuterSpace => "outer_space",
            Self::RepeatedSpace => "repeated_space",
            Self::OddSpace => "odd_space",
            Self::Invisible => "invisible",
            Self::LookAlike => "look_alike",
            Self::Separators => "separators",
            Self::LeadingZeros => "leading_zeros",
            Self::UnitWord => "unit_word",
            Self::Place => "place",
            Self::PlaceWord => "place_word",
            Self::Letters => "letters",
        }
    }

    /// The difference in a sentence, for a manager.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::OuterSpace => "One has a space before or after the name.",
            Self::RepeatedSpace => "One has two spaces where the other has one.",
            Self::OddSpace => "One has a no-break space, or another odd one, for a plain space.",
            Self::Invisible => "One holds a character that cannot be seen.",
            Self::LookAlike => "One holds a character that only looks like the other's.",
            Self::Separators => "They differ in spaces or punctuation between the parts.",
            Self::LeadingZeros => "One has zeros before a number.",
            Self::UnitWord => "They differ in the word for an apartment, or one has none.",
            Self::Place => "One names the building or the floor, and the other does not.",
            Self::PlaceWord => "They have other words for the building or the floor.",
            Self::Letters => "Two letters are swapped, or one is missed.",
        }
    }
}

//! What a vendor wrote, fit to be shown.

use elevate_transport::Scrubber;

/// What is in the place of what is not shown.
pub(crate) const MASK: &str = "***";

/// What is in a word that may be a connect link or a webhook's secret. They come in replies, so the scrubber was
/// not told of them, and a UUID in a link is no token to it.
const TELLTALES: [&str; 9] = [
    "://",
    ":\\/\\/",
    "%3a%2f%2f",
    "%253a",
    "&#58;",
    "connect_webview",
    "getseam.com",
    "whsec_",
    "whsec%5f",
];

/// The text without the key, e-mails, links and webhook secrets, without control characters, and cut.
pub(crate) fn shown(scrubber: &Scrubber, text: &str) -> String {
    let text = scrubber.scrub(text);
    let words = text.split(' ').map(|word| {
        let lower = word.to_ascii_lowercase();
        if TELLTALES.iter().any(|tell| lower.contains(tell)) { MASK } else { word }
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_and_webhook_secrets_are_not_shown_however_short() {
        for (text, expected) in [
            ("at https://connect.example/v?id=1 now", "at *** now"),
            ("(see HTTPS://connect.example)", "(see ***"),
            ("next=https%3A%2F%2Fconnect.example", "***"),
            ("secret:whsec_QUJD, kept", "*** kept"),
            ("nothing: to / hide", "nothing: to / hide"),
        ] {
            let once = shown(&Scrubber::new(), text);
            assert_eq!(once, expected);
            assert_eq!(shown(&Scrubber::new(), &once), once);
        }
    }
}

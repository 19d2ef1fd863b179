//! What tells one thing from others without saying what it is.

use sha2::{Digest as _, Sha256};

/// SHA-256 over these texts, in hexadecimal.
pub(crate) fn hex_digest(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        // Length first, so that no two lists run together to the same bytes.
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hex(&hash.finalize())
}

/// These bytes in hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut hex, byte| {
        hex.push(char::from_digit(u32::from(byte >> 4), 16).unwrap_or('0'));
        hex.push(char::from_digit(u32::from(byte & 15), 16).unwrap_or('0'));
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_run_together_alike_have_two_digests() {
        assert_ne!(hex_digest(&["ab", "c"]), hex_digest(&["a", "bc"]));
        assert_eq!(hex_digest(&["a"]).len(), 64);
    }

    #[test]
    fn a_digest_that_a_store_holds_stays_what_it_was() {
        let digest = hex_digest(&["c", "r1", "jane@example.com"]);
        assert_eq!(&digest[..16], "61371259fc7198f9");
    }
}

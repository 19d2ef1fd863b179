use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE, Engine as _};
use proptest::prelude::*;
use url::form_urlencoded;

use super::*;

const SECRET: &str = "Kö/n+g \"s\" & <1>";

fn scrub(text: &str) -> String {
    Scrubber::new().secret("hunter2").secret(SECRET).scrub(text)
}

#[test]
fn a_known_secret_is_taken_out_in_every_form_that_a_vendor_may_echo() {
    let forms = [
        "hunter2".to_owned(),
        "HUNTER2".to_owned(),
        "%68unter2".to_owned(),
        "%68%75%6E%74%65%72%32".to_owned(),
        "\\u0068unter2".to_owned(),
        "&#104;unter&#x32;".to_owned(),
        "hunter\u{200b}2".to_owned(),
        "hunt er2".to_owned(),
        "68756e74657232".to_owned(),
        SECRET.to_owned(),
        serde_json::to_string(SECRET).unwrap(),
        serde_json::to_string(&serde_json::to_string(SECRET).unwrap()).unwrap(),
        form_urlencoded::byte_serialize(SECRET.as_bytes()).collect(),
        form_urlencoded::byte_serialize(SECRET.as_bytes()).collect::<String>().replace('+', "%20"),
        SECRET.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"),
        BASE64_STANDARD.encode(SECRET),
        BASE64_URL_SAFE.encode(SECRET),
    ];
    for form in forms {
        let shown = scrub(&format!("before {form} after"));
        let bare: String = shown.chars().filter(|c| !"\"\\".contains(*c)).collect();
        assert_eq!(bare, "before *** after", "{form}");
    }
}

#[test]
fn base64_around_a_secret_goes_with_it() {
    for user in ["", "u", "us", "use", "user@example.test"] {
        let basic = BASE64_STANDARD.encode(format!("{user}:{SECRET}:more"));
        assert_eq!(scrub(&format!("sent {basic} to you")), "sent *** to you", "{user}");
    }
}

#[test]
fn emails_are_taken_out_however_they_are_written() {
    for email in [
        "jane@example.test",
        "JANE.DOE+tag@sub.example.test",
        "jane%40example.test",
        "jane＠example.test",
        "jane\\u0040example.test",
        "o'brien@example.test",
        "jané@bücher.example",
        "jane@localhost",
        "mailto:jane@example.test",
        "https://example.test/?email=jane@example.test&x=1",
        "jane@",
    ] {
        for (before, after) in [("no user ", " here"), ("(", ")"), ("{\"email\":\"", "\"}")] {
            let shown = scrub(&format!("{before}{email}{after}"));
            assert_eq!(shown, format!("{before}***{after}").trim(), "{email}");
        }
    }
    assert_eq!(scrub("5 @ 3"), "5 @ 3");
}

#[test]
fn tokens_are_taken_out_by_their_looks_and_ids_stay() {
    for token in [
        "seam_test2bMS_94SrGUXuNR2JmJkjtvBQDg5c",
        "key=seam_x1",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
        "0123456789abcdef0123456789abcdef",
        "AbCdEfGhIjKlMnOpQrStUvWxYz012345+/==",
    ] {
        assert_eq!(scrub(&format!("bad {token}!")), "bad ***!", "{token}");
    }
    assert_eq!(scrub("Authorization: Bearer abc, sorry"), "Authorization: Bearer ***, sorry");
    assert_eq!(scrub("authorization: basic dTpwYXNzd29yZA=="), "authorization: basic ***");
    for name in [
        "device 3f8bdcd5-5c5c-4cc8-9b1e-0c0f5d0f3a11 is offline",
        "/devices/3f8bdcd5-5c5c-4cc8-9b1e-0c0f5d0f3a11/unlock",
        "entry 1234567890 is not in org 55",
        "unknown_parameter_of_an_extraordinary_length",
        "a basic error",
        "Überprüfung der Zugriffsberechtigung fehlgeschlagen",
    ] {
        assert_eq!(scrub(name), name);
    }
}

#[test]
fn trick_characters_become_spaces() {
    assert_eq!(
        scrub("\u{feff}door\r\n\x1b[31m \u{202e}open\u{200d}ed\u{7}\u{2066} \u{3164}now\u{e0041}"),
        "door [31m open ed now",
    );
    assert_eq!(scrub("\u{200b}\n "), "");
}

#[test]
fn long_text_is_cut_on_a_character_and_says_so() {
    assert_eq!(scrub(&"é".repeat(200)), "é".repeat(200));
    assert_eq!(scrub(&"é".repeat(201)), format!("{}…", "é".repeat(199)));
    let words = "word ".repeat(1_000_000);
    let shown = scrub(&words);
    assert!(shown.chars().count() <= LONGEST && shown.ends_with("word…"), "{shown}");
    // Far more masks than are looked at: what is left is still marked as cut.
    let secrets = "hunter2hunter2 jane@example.test ".repeat(10_000);
    assert!(scrub(&secrets).ends_with('…'));
    assert_eq!(scrub(&"x@".repeat(4_000_000)), "***…");
}

#[test]
fn what_the_invisible_tore_apart_is_found_once_it_is_gone() {
    let scrubber = Scrubber::new().secret("open sesame");
    assert_eq!(scrubber.scrub(&format!("open{}sesame", " ".repeat(50))), "***");
    assert_eq!(scrubber.scrub(&format!("open{}sesame", "\u{200b}".repeat(50))), "***");
}

#[test]
fn half_an_email_at_the_edge_of_what_is_looked_at_is_not_shown() {
    for length in 980..1040 {
        let text = format!("{} canary.canary@example.test", "0a".repeat(length / 2));
        assert!(!scrub(&text).contains("can"), "{length}");
    }
}

#[test]
fn what_a_cut_leaves_of_a_uuid_is_scrubbed_as_what_it_looks_like() {
    for before in 150..200 {
        let text = format!("{} 3f8bdcd5-5c5c-4cc8-9b1e-0c0f5d0f3a11 more", "x".repeat(before));
        let shown = scrub(&text);
        assert_eq!(scrub(&shown), shown, "{before}");
    }
}

#[test]
fn what_a_cut_leaves_of_a_word_is_not_shown_longer_than_the_most_that_is_shown() {
    for before in 150..LONGEST {
        let text = format!("{} Bearer credentials {}", "x".repeat(before), "y ".repeat(99));
        let shown = scrub(&text);
        assert!(shown.chars().count() <= LONGEST, "{before}: {shown}");
        assert_eq!(scrub(&shown), shown, "{before}");
    }
}

#[test]
fn hostile_text_costs_no_more_than_the_window() {
    let scrubber = (0..20).fold(Scrubber::new(), |s, n| s.secret(&format!("{n}secret&+%\\{n}")));
    for unit in ["&", "%", "\\", "+", "\\u", "s&", " ", "\u{200b}", "&#", "0s", "%25", "@"] {
        let text = unit.repeat(2_000_000 / unit.len());
        assert!(scrubber.scrub(&text).chars().count() <= LONGEST);
    }
}

#[test]
fn a_long_text_that_nearly_repeats_a_long_secret_is_given_up_and_not_searched_for_minutes() {
    for unit in ["a", "ab", "+", "\\"] {
        let scrubber = Scrubber::new().secret(&format!("{}!", unit.repeat(20_000)));
        let nearly = unit.repeat(20_000);
        assert_eq!(scrubber.scrub(&nearly), "***…", "{unit}");
        let nearly = format!("!{nearly}");
        assert!(scrubber.holds_secret(&nearly), "{unit}: what was not searched to its end may");
    }
    let secret = format!("{}!", "ab".repeat(10_000));
    let scrubber = Scrubber::new().secret(&secret);
    assert_eq!(scrubber.scrub(&format!("sent {secret} to you")), "sent *** to you");
}

#[test]
fn a_secret_is_told_in_a_text_and_as_the_whole_of_it() {
    let scrubber = Scrubber::new().secret("88003").secret("hunter2");
    for (text, held, whole) in [
        ("hunter2", true, true),
        ("HUNTER2", true, true),
        ("key-68756e74657232", true, false),
        ("88003", true, true),
        ("188003", true, false),
        ("880031", true, false),
        ("hunter", false, false),
        ("", false, false),
    ] {
        assert_eq!(scrubber.holds_secret(text), held, "{text}");
        assert_eq!(scrubber.is_secret(text), whole, "{text}");
    }
}

#[test]
fn the_quick_look_overlooks_no_beginning() {
    for secret in
        ["keys", "Keys", "\u{212a}eys", "\u{17f}eys", "seys", "éeys", "%eys", "&eys", "7eys"]
    {
        let beginnings = Beginnings::of(secret);
        let first = secret.chars().next().unwrap();
        let code = u32::from(first);
        let escapes = [format!("\\u{code:04x}"), format!("&#{code};"), format!("%{code:02x}")];
        let literal = ('\0'..=char::MAX).map(String::from);
        for beginning in literal.chain(escapes) {
            let text = format!("{beginning}eys");
            let found = seek::length_at_start(&text, secret, &mut Budget::new());
            assert!(
                found.is_none() || beginnings.may_be(text.chars().next().unwrap()),
                "{secret:?} begins with {beginning:?}"
            );
        }
    }
}

#[test]
fn debug_counts_secrets_and_shows_none() {
    let scrubber = Scrubber::new().secret("hunter2").secret("abc");
    assert_eq!(format!("{scrubber:?}"), "Scrubber { secrets: 1, .. }");
}

#[test]
fn a_masked_email_can_be_told_from_others_and_not_be_written_to() {
    assert_eq!(mask_email("jane.doe@example.test"), "j***@e***");
    assert_eq!(mask_email("ünal@bücher.example"), "ü***@b***");
    assert_eq!(mask_email("a@b@c"), "a***@c***");
    assert_eq!(mask_email("\u{202e}x@\u{7}y"), "****@****");
    assert_eq!(mask_email(""), "***");
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        ".{0,300}",
        "[ -~]{0,300}",
        // What the rules look at, in every mixture.
        proptest::collection::vec(
            prop::sample::select(vec![
                " ",
                "@",
                "%",
                "%40",
                "&",
                ";",
                "\\",
                "\\u00",
                "40",
                "seam_",
                "eyJ",
                "Bearer ",
                "basic ",
                "=",
                ".",
                "/",
                "a1",
                "0123456789abcdef",
                "-",
                "\u{200b}",
                "\n",
                "(",
                "\"",
                "3f8bdcd5-5c5c-4cc8-9b1e-0c0f5d0f3a11",
                "é",
                "…",
                "***",
                "x@y",
            ]),
            0..60,
        )
        .prop_map(|parts| parts.concat()),
    ]
}

/// A secret, and a form in which a vendor may echo it.
fn canary() -> impl Strategy<Value = (String, String)> {
    ("[A-Za-z0-9!#$&/+=?_ .-]{6,40}", 0..6_u8)
        .prop_filter("enough of it counts", |(secret, _)| {
            secret.chars().filter(|c| *c != ' ').count() >= SHORTEST_SECRET
        })
        .prop_map(|(secret, form)| {
            let echoed = match form {
                0 => secret.clone(),
                1 => secret.to_uppercase(),
                2 => form_urlencoded::byte_serialize(secret.as_bytes()).collect(),
                3 => secret
                    .chars()
                    .map(|c| format!("%{:02x}", c as u32))
                    .collect::<Vec<_>>()
                    .concat(),
                4 => secret
                    .chars()
                    .map(|c| format!("\\u{:04x}", c as u32))
                    .collect::<Vec<_>>()
                    .concat(),
                _ => secret.replace('&', "&amp;"),
            };
            (secret, echoed)
        })
}

fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !is_ignorable(*c)).flat_map(char::to_lowercase).collect()
}

proptest! {
    #[test]
    fn no_canary_survives_in_any_position(
        before in text(),
        (secret, echoed) in canary(),
        after in text(),
    ) {
        let shown = Scrubber::new().secret(&secret).scrub(&format!("{before}{echoed}{after}"));
        prop_assert!(!squeezed(&shown).contains(&squeezed(&secret)), "{shown}");
        prop_assert!(!squeezed(&shown).contains(&squeezed(&echoed)), "{shown}");
    }

    #[test]
    fn no_email_survives_in_any_position(before in text(), after in text()) {
        let text = format!("{before} jane.canary@example.test {after}");
        prop_assert!(!Scrubber::new().scrub(&text).contains("canary"));
    }

    #[test]
    fn scrubbed_text_is_short_visible_and_scrubbed(
        text in text(),
        (secret, _) in canary(),
    ) {
        let scrubber = Scrubber::new().secret(&secret);
        let shown = scrubber.scrub(&text);
        prop_assert!(shown.chars().count() <= LONGEST);
        prop_assert!(shown.chars().all(|c| c == ' ' || !is_ignorable(c)));
        prop_assert!(!shown.contains("x@y"));
        prop_assert_eq!(scrubber.scrub(&shown), shown);
    }

    #[test]
    fn a_look_at_the_letters_overlooks_no_secret(
        before in "[a-zA-Z0-9_-]{0,20}",
        secret in prop_oneof!["[a-z0-9_-]{4,8}", "[a-z\u{212a}\u{17f}é%+/=]{4,8}"],
        form in 0..15_usize,
        after in "[a-zA-Z0-9_-]{0,20}",
    ) {
        let scrubber = Scrubber::new().secret(&secret);
        let forms = seek::encoded_forms(&secret);
        let escaped = |escape: fn(char) -> String| secret.chars().map(escape).collect();
        let halves = secret.chars().enumerate().map(|(at, c)| match at % 2 {
            0 => format!("%{:02x}", u32::from(c)),
            _ => c.to_string(),
        });
        let others: [String; 7] = [
            halves.collect(),
            secret.to_lowercase(),
            secret.to_uppercase(),
            escaped(|c| format!("%{:02x}", u32::from(c))),
            escaped(|c| format!("\\u{:04x}", u32::from(c))),
            escaped(|c| format!("&#{};", u32::from(c))),
            escaped(|c| format!("{c}+")),
        ];
        let within = [&secret].into_iter().chain(&others).chain(&forms).nth(form);
        let within = within.map_or("", String::as_str);
        let text = format!("{before}{within}{after}");
        prop_assert_eq!(scrubber.holds_secret(&text), scrubber.holds_anywhere(&text), "{}", text);
    }

    #[test]
    fn a_masked_email_is_never_one(email in ".{0,40}") {
        let masked = mask_email(&email);
        prop_assert!(masked.chars().count() <= 9);
        prop_assert!(masked.chars().all(|c| c.is_alphanumeric() || c == '*' || c == '@'));
    }
}

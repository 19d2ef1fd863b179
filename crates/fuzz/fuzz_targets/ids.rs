//! Ids of any text: what is taken prints as it was, reads back as itself, and steers no line; what is refused is not
//! repeated.
#![no_main]

mod shared;

use std::{
    fmt::{Debug, Display},
    str::FromStr,
};

use elevate_access::{BuildingId, ConnectionId, DoorId, ResidentId, TapId, UnitId, VendorDoorId};
use libfuzzer_sys::fuzz_target;
use serde::{Serialize, de::DeserializeOwned};
use shared::{is_fit_to_be_shown, is_steering};

/// An id that is taken reads back from text and from JSON as itself.
fn keeps<T>(text: &str) -> bool
where
    T: FromStr + Display + Debug + PartialEq + Serialize + DeserializeOwned,
    T::Err: Display + Debug,
{
    let id: T = match text.parse() {
        Ok(id) => id,
        Err(error) => {
            is_not_repeated(&error, text);
            let json = serde_json::to_string(text).expect("text is JSON");
            assert!(serde_json::from_str::<T>(&json).is_err(), "JSON lets in what is no id");
            return false;
        }
    };
    let shown = id.to_string();
    assert_eq!(shown, text);
    assert!(!shown.contains(|c: char| is_steering(c) || c.is_whitespace()), "{shown:?}");
    assert!(shown.len() <= 513);
    let json = serde_json::to_string(&id).expect("an id is text");
    assert_eq!(json, serde_json::to_string(text).expect("text is JSON"));
    assert_eq!(serde_json::from_str::<T>(&json).expect("it was written so"), id);
    true
}

fn is_not_repeated(error: &(impl Display + Debug), text: &str) {
    is_fit_to_be_shown(error);
    // A text of a message's own words may be part of it.
    let is_like_none = text.contains('@') || !text.is_ascii();
    let is_told = error.to_string().contains(text) || format!("{error:?}").contains(text);
    assert!(!is_like_none || !is_told, "{error}");
}

macro_rules! openpath {
    ($text:expr, $($id:ident),*) => {$(
        match elevate_openpath::$id::new($text) {
            Ok(id) => {
                assert_eq!((id.as_str(), id.to_string().as_str()), ($text, $text));
                assert!($text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b)));
                if let Some(number) = id.as_number() {
                    assert_eq!(elevate_openpath::$id::from(number), id);
                }
            }
            Err(error) => is_not_repeated(&error, $text),
        }
    )*};
}

fuzz_target!(|text: &str| {
    let is_plain = keeps::<ResidentId>(text);
    for same in [
        keeps::<BuildingId>(text),
        keeps::<UnitId>(text),
        keeps::<VendorDoorId>(text),
        keeps::<TapId>(text),
    ] {
        assert_eq!(same, is_plain);
    }
    assert_eq!(keeps::<ConnectionId>(text), is_plain && !text.contains('/'));
    if keeps::<DoorId>(text) {
        let door: DoorId = text.parse().expect("it was taken");
        assert_eq!(format!("{}/{}", door.connection(), door.vendor_id()), text);
    }
    keeps::<elevate_seam::DeviceId>(text);
    keeps::<elevate_seam::SpaceId>(text);
    keeps::<elevate_seam::WorkspaceId>(text);
    keeps::<elevate_seam::ActionAttemptId>(text);
    keeps::<elevate_seam::EventId>(text);
    openpath!(text, UserId, CredentialId, EntryId, OrgId, SiteId);
});

//! One crate's public interface, an item a line.

use std::{collections::BTreeSet, env, fs, os::unix::fs::PermissionsExt as _, path::Path};

use serde_json::Value;

use crate::{Failure, workspace};

/// Traits that a type has by itself. That it has one is the rule, and goes without saying.
const BY_THEMSELVES: [&str; 7] = [
    "core::marker::Freeze",
    "core::marker::Send",
    "core::marker::Sync",
    "core::marker::Unpin",
    "core::marker::UnsafeUnpin",
    "core::panic::unwind_safe::RefUnwindSafe",
    "core::panic::unwind_safe::UnwindSafe",
];

/// Has rustdoc describe every published crate, with all of its features.
///
/// The description is not yet a stable output of rustdoc, which therefore is told to take it for one; the compiler is not,
/// so that nothing beneath is built anew.
pub(super) fn build(root: &Path) -> Result<(), Failure> {
    let wrapper = root.join("target/tools/rustdoc-describing");
    fs::create_dir_all(wrapper.parent().unwrap_or(root))?;
    let rustdoc = env::var("RUSTDOC").unwrap_or_else(|_| "rustdoc".to_owned());
    fs::write(&wrapper, format!("#!/bin/sh\nRUSTC_BOOTSTRAP=1 exec \"{rustdoc}\" \"$@\"\n"))?;
    fs::set_permissions(&wrapper, fs::Permissions::from_mode(0o755))?;
    let mut describe = workspace::command("cargo");
    describe.args(["doc", "--quiet", "--no-deps", "--all-features", "--lib"]);
    for name in workspace::published(root)? {
        describe.args(["--package", &name]);
    }
    describe
        .env("RUSTDOC", wrapper)
        .env("RUSTDOCFLAGS", "-Z unstable-options --output-format json");
    workspace::run(describe.current_dir(root))
}

/// What was described of that crate.
pub(super) fn read(root: &Path, name: &str) -> Result<Vec<String>, Failure> {
    let file = format!("{}.json", name.replace('-', "_"));
    let file = workspace::target(root).join("doc").join(file);
    let build = |is_short| {
        let api = public_api::Builder::from_rustdoc_json(&file).omit_blanket_impls(true);
        api.omit_auto_derived_impls(is_short).build().map_err(|error| {
            format!("{}: {error}; the crate public-api has to fit this rustdoc", file.display())
        })
    };
    let (whole, short) = (build(false)?, build(true)?);
    let written: BTreeSet<_> = short.items().map(|item| item.id().0).collect();
    let described: Value = serde_json::from_slice(&fs::read(&file)?)?;
    let inner = |id: u32| &described["index"][id.to_string()]["inner"];
    let mut lines = Vec::new();
    for item in whole.items() {
        let text = item.to_string();
        // Of what is derived, that it is.
        let is_told = written.contains(&item.id().0) || text.starts_with("impl");
        if !is_told || goes_without_saying(&text) {
            continue;
        }
        let is_of_a_trait = item.parent_id().is_some_and(|id| inner(id.0).get("trait").is_some());
        let mark = match is_of_a_trait {
            true if is_provided(inner(item.id().0)) => " // provided",
            true => " // required",
            false => "",
        };
        lines.push(format!("{text}{mark}"));
    }
    lines.dedup();
    Ok(lines)
}

fn goes_without_saying(line: &str) -> bool {
    if line.contains("core::marker::StructuralPartialEq for") {
        return true;
    }
    let Some(stated) = line.strip_prefix("impl ") else { return false };
    // One with a condition or a lifetime is told.
    BY_THEMSELVES.iter().any(|name| {
        stated.strip_prefix(name).is_some_and(|rest| rest.starts_with(" for "))
            && !stated.contains(" where ")
    })
}

/// Whether whoever implements the trait may leave the item out.
fn is_provided(item: &Value) -> bool {
    item["function"]["has_body"] == true
        || item["assoc_type"]["type"].is_object()
        || item["assoc_const"]["value"].is_string()
}

/// The types of other crates that stand in that line.
pub(super) fn external(name: &str, line: &str) -> Vec<String> {
    let paths = line.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'));
    let paths = paths.map(|path| path.trim_matches(':')).filter(|path| path.contains("::"));
    let outside = paths.filter(|path| {
        let first = path.split("::").next().unwrap_or_default();
        let is_crate = first.starts_with(|c: char| c.is_lowercase());
        is_crate && !["alloc", "core", "std"].contains(&first) && !first.starts_with("elevate_")
    });
    outside.map(|path| format!("{name}: {path}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_of_other_crates_are_found_wherever_they_stand_in_a_line() {
        let line = "pub fn elevate_access::Access::f<T: core::marker::Send>(&self, alloc::vec::Vec<jiff::timestamp::Timestamp>) -> \
                    core::result::Result<T::Out, http::status::StatusCode>";
        assert_eq!(
            external("a", line),
            ["a: jiff::timestamp::Timestamp", "a: http::status::StatusCode"]
        );
        assert_eq!(
            external("a", "impl serde::ser::Serialize for elevate_access::X"),
            ["a: serde::ser::Serialize"]
        );
    }

    #[test]
    fn that_a_type_is_sent_to_another_thread_goes_without_saying_and_that_it_is_not_does_not() {
        assert!(goes_without_saying("impl core::marker::Send for elevate_access::X"));
        for told in [
            "impl !core::marker::Send for elevate_access::X",
            "impl<T> core::marker::Send for elevate_access::X<T> where T: core::marker::Send",
            "impl core::marker::Copy for elevate_access::X",
        ] {
            assert!(!goes_without_saying(told), "{told}");
        }
    }
}

//! The crates' documentation as one book: links between pages lead somewhere. Those that rustdoc makes do; what the guides
//! write by hand is looked at here.

use std::{
    collections::BTreeSet,
    fs,
    path::{Component, Path, PathBuf},
};

use crate::{Failure, workspace};

/// Looks through what was documented last.
pub(crate) fn run() -> Result<(), Failure> {
    let root = workspace::root();
    let docs = workspace::target(&root).join("doc");
    let mut pages = Vec::new();
    for name in workspace::published(&root)? {
        let folder = docs.join(name.replace('-', "_"));
        if !folder.is_dir() {
            return Err(format!("{name} is not documented: cargo doc comes first").into());
        }
        pages_in(&folder, &mut pages)?;
    }
    let mut links = 0;
    let mut dead = BTreeSet::new();
    for page in &pages {
        let text = fs::read_to_string(page)?;
        for link in written(&text) {
            links += 1;
            if !leads_somewhere(page, link) {
                let page = page.strip_prefix(&docs).unwrap_or(page);
                dead.insert(format!("{}: {link}", page.display()));
            }
        }
    }
    if !dead.is_empty() {
        let dead: Vec<_> = dead.into_iter().collect();
        return Err(format!("links that lead nowhere:\n{}", dead.join("\n")).into());
    }
    println!("{} pages, {links} links between them, none dead", pages.len());
    Ok(())
}

fn pages_in(folder: &Path, pages: &mut Vec<PathBuf>) -> Result<(), Failure> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            pages_in(&path, pages)?;
        } else if path.extension().is_some_and(|end| end == "html") {
            pages.push(path);
        }
    }
    Ok(())
}

/// The links of a page to other folders here. The rest is made by rustdoc, or comes with what other crates' authors wrote
/// of what theirs give ours.
fn written(text: &str) -> impl Iterator<Item = &str> {
    let links = text.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    links.filter(|link| link.starts_with("../") && !link.contains('$'))
}

fn leads_somewhere(page: &Path, link: &str) -> bool {
    let path = link.split(['#', '?']).next().unwrap_or(link);
    let folder = page.parent().unwrap_or(page);
    let mut to = PathBuf::new();
    for part in folder.join(path).components() {
        if part == Component::ParentDir {
            to.pop();
        } else {
            to.push(part);
        }
    }
    to.is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_to_a_file_that_is_not_there_is_found() -> Result<(), Failure> {
        let folder = tempfile::tempdir()?;
        let (one, other) = (folder.path().join("a/index.html"), folder.path().join("b/index.html"));
        for page in [&one, &other] {
            fs::create_dir_all(page.parent().unwrap_or(page))?;
        }
        fs::write(&other, "")?;
        let text = r##"<a href="../b/index.html#x"> <a href="#here"> <a href="https://example.com"> <a href="../b">"##;
        fs::write(&one, text)?;
        let dead: Vec<_> = written(text).filter(|link| !leads_somewhere(&one, link)).collect();
        assert_eq!(dead, ["../b"]);
        Ok(())
    }
}

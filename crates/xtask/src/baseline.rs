//! The last release, as the repository has it.

use std::path::Path;

use semver::Version;

use crate::{Failure, changelog::Changelog, workspace};

/// A release that callers may have.
#[derive(Debug)]
pub(crate) struct Baseline {
    pub(crate) version: Version,
    pub(crate) commit: String,
}

/// The last one: by its tag, or, in a clone without tags, by the commit that the changelog names.
pub(crate) fn last(root: &Path) -> Result<Option<Baseline>, Failure> {
    // A copy of the sources without a repository has no tags either.
    let tags = git(root, &["tag", "--list", "v*", "--merged", "HEAD", "--sort=-version:refname"]);
    let tags = tags.unwrap_or_default();
    let tag =
        tags.lines().find_map(|tag| Some((tag, Version::parse(tag.strip_prefix('v')?).ok()?)));
    let tagged = match tag {
        Some((tag, version)) => {
            let commit = git(root, &["rev-list", "-n", "1", tag])?.trim().to_owned();
            Some(Baseline { version, commit })
        }
        None => None,
    };
    let written = Changelog::read(root)?.last_release()?;
    Ok(match (tagged, written) {
        (Some(tagged), Some(written)) if written.version > tagged.version => Some(written),
        (Some(tagged), _) => Some(tagged),
        (None, written) => written,
    })
}

impl Baseline {
    /// Whether it is here: a clone that was made without its history has no earlier commits, a mere copy has none at all.
    pub(crate) fn is_here(&self, root: &Path) -> Result<bool, Failure> {
        let commit = format!("{}^{{commit}}", self.commit);
        if git(root, &["cat-file", "-e", &commit]).is_ok() {
            return Ok(true);
        }
        let is_shallow = git(root, &["rev-parse", "--is-shallow-repository"]);
        if is_shallow.is_ok_and(|told| told.trim() == "false") {
            let Self { commit, version } = self;
            return Err(
                format!("{commit}, which is {version}, is not in this clone: fetch it").into()
            );
        }
        Ok(false)
    }

    /// A file as it was then; empty if it was not there.
    pub(crate) fn file(&self, root: &Path, path: &str) -> Result<String, Failure> {
        let commit = &self.commit;
        let (folder, name) = path.rsplit_once('/').unwrap_or((".", path));
        if !self.listed(root, folder)?.iter().any(|file| file == name) {
            return Ok(String::new());
        }
        git(root, &["show", &format!("{commit}:{path}")])
    }

    /// The names of the files that were in that folder then.
    pub(crate) fn listed(&self, root: &Path, folder: &str) -> Result<Vec<String>, Failure> {
        let tree = git(root, &["ls-tree", "--name-only", &self.commit, &format!("{folder}/")])?;
        let names = tree.lines().filter_map(|path| path.rsplit('/').next());
        Ok(names.map(str::to_owned).collect())
    }
}

/// What git says.
pub(crate) fn git(root: &Path, words: &[&str]) -> Result<String, Failure> {
    workspace::output(workspace::command("git").args(words).current_dir(root))
}

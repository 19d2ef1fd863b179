//! CHANGELOG.md: what is told under *Unreleased*, and which releases there were.

use std::{
    fs,
    path::{Path, PathBuf},
};

use semver::Version;

use crate::{Failure, baseline::Baseline};

const UNRELEASED: &str = "## [Unreleased]";

/// How the commit of a release is written down, for clones without tags.
const FROM: &str = "Released from commit ";

pub(crate) struct Changelog {
    file: PathBuf,
    text: String,
}

impl Changelog {
    pub(crate) fn read(root: &Path) -> Result<Self, Failure> {
        let file = root.join("CHANGELOG.md");
        let text = fs::read_to_string(&file)?;
        if text.matches(UNRELEASED).count() != 1 {
            return Err(format!("CHANGELOG.md has to have one heading \"{UNRELEASED}\"").into());
        }
        Ok(Self { file, text })
    }

    pub(crate) fn write(&self) -> Result<(), Failure> {
        Ok(fs::write(&self.file, &self.text)?)
    }

    /// What is told of what comes next.
    pub(crate) fn unreleased(&self) -> &str {
        let after = self.text.split_once(UNRELEASED).map_or("", |(_, after)| after);
        after.find("\n## ").map_or(after, |end| &after[..end]).trim()
    }

    pub(crate) fn tells_of_breaking(&self) -> bool {
        self.unreleased().lines().any(|line| line.trim_end() == "### Breaking")
    }

    /// What was unreleased is that version, of that day; above it there is room for the next.
    pub(crate) fn release(&mut self, version: &Version, day: &str) {
        let heading = format!("{UNRELEASED}\n\n## [{version}] - {day}");
        self.text = self.text.replacen(UNRELEASED, &heading, 1);
    }

    /// Writes down which commit a release is.
    pub(crate) fn record(&mut self, version: &Version, commit: &str) -> Result<(), Failure> {
        let heading = self.text.lines().find(|line| version_of(line).as_ref() == Some(version));
        let heading =
            heading.ok_or_else(|| format!("CHANGELOG.md has no heading for {version}"))?.to_owned();
        self.text = self.text.replacen(&heading, &format!("{heading}\n\n{FROM}`{commit}`."), 1);
        Ok(())
    }

    /// The newest release whose commit is written down.
    pub(crate) fn last_release(&self) -> Result<Option<Baseline>, Failure> {
        Ok(self.releases()?.into_iter().next())
    }

    /// Which commit that version is, if it is written down.
    pub(crate) fn commit_of(&self, version: &Version) -> Result<Option<String>, Failure> {
        let found = self.releases()?.into_iter().find(|release| release.version == *version);
        Ok(found.map(|release| release.commit))
    }

    /// All whose commit is written down, the newest first.
    fn releases(&self) -> Result<Vec<Baseline>, Failure> {
        let (mut version, mut releases) = (None, Vec::new());
        for line in self.text.lines() {
            version = version_of(line).or(version);
            let Some(commit) = line.strip_prefix(FROM) else { continue };
            let commit = commit.trim_matches(['`', '.']).to_owned();
            let version =
                version.clone().ok_or("CHANGELOG.md names a commit above all releases")?;
            releases.push(Baseline { version, commit });
        }
        Ok(releases)
    }
}

fn version_of(line: &str) -> Option<Version> {
    let (version, _) = line.strip_prefix("## [")?.split_once(']')?;
    Version::parse(version).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changelog(text: &str) -> Changelog {
        Changelog { file: PathBuf::new(), text: text.to_owned() }
    }

    #[test]
    fn a_release_takes_what_was_unreleased_and_its_commit_is_found_again() -> Result<(), Failure> {
        let mut log = changelog(
            "# Changelog\n\n## [Unreleased]\n\n### Breaking\n\n- a\n\n## [0.1.0] - 2026-01-01\n\n- b\n",
        );
        assert_eq!(log.unreleased(), "### Breaking\n\n- a");
        assert!(log.tells_of_breaking() && log.last_release()?.is_none());
        let next = Version::new(0, 2, 0);
        log.release(&next, "2026-02-03");
        assert_eq!(log.unreleased(), "");
        assert!(!log.tells_of_breaking());
        log.record(&next, "abc123")?;
        assert!(log.record(&Version::new(0, 3, 0), "abc").is_err());
        let last = log.last_release()?.ok_or("none")?;
        assert_eq!((&last.version, last.commit.as_str()), (&next, "abc123"));
        assert_eq!(log.commit_of(&next)?.as_deref(), Some("abc123"));
        assert_eq!(log.commit_of(&Version::new(0, 1, 0))?, None);
        let whole = "# Changelog\n\n## [Unreleased]\n\n## [0.2.0] - 2026-02-03\n\nReleased from commit `abc123`.\n\n### Breaking\n\n- a\n\n## [0.1.0] - 2026-01-01\n\n- b\n";
        assert_eq!(log.text, whole);
        Ok(())
    }
}

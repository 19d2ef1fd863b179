//! The pages beside the guide say what the code says.

#![expect(clippy::unwrap_used, reason = "a helper of tests fails as tests do")]

use std::{collections::BTreeSet, env, fmt::Write as _, fs, path::Path};

use elevate_access::{Cause, Place, Reason, System};

const CAUSES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/CAUSES.md");

/// What stands above the table is written by hand.
const HEAD: &str =
    "| code | `Cause` | mended | keeps shut | the resident reads | the manager reads |\n";

/// The table of all causes, as the code has them: of a system that is called so, about something.
fn table() -> String {
    let system = System::new("*System*", "the *System* console");
    let mut table = format!("{HEAD}| --- | --- | --- | --- | --- | --- |\n");
    for cause in Cause::ALL {
        let reason = Reason::new(*cause).in_system(&system).about("…");
        let place = match reason.place() {
            Place::Nowhere => "–".to_owned(),
            _ => reason.mended_in(),
        };
        let _ = writeln!(
            table,
            "| `{}` | `{cause:?}` | {place} | {} | {} | {} |",
            cause.code(),
            if cause.keeps_shut() { "yes" } else { "no" },
            reason.for_resident(),
            reason.for_manager(),
        );
    }
    table
}

/// The table rows that begin with a mark, but for what stands behind their second cell.
fn marked(page: &str) -> Vec<String> {
    let is_marked = |line: &&str| {
        let mark = line.strip_prefix("| ").unwrap_or_default();
        mark.starts_with(['L', 'C', 'O', 'N'])
            && mark[1..].starts_with(|c: char| c.is_ascii_digit())
    };
    let cells = |line: &str| line.split('|').take(3).collect::<Vec<_>>().join("|");
    page.lines().filter(is_marked).map(cells).collect()
}

#[test]
fn the_page_of_marks_is_what_the_architecture_says() {
    let page =
        |name: &str| fs::read_to_string(format!("{}/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let marks = marked(&page("MARKS.md"));
    assert!(marks.len() > 20, "the page has no tables: a vain test");
    assert_eq!(marks, marked(&page("../../ARCHITECTURE.md")), "mend crates/access/MARKS.md");
}

/// The names of all functions in the sources beneath that folder.
fn functions(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("target") {
            functions(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let names = text.split("fn ").skip(1).filter_map(|rest| rest.split('(').next());
            found.extend(names.map(str::to_owned));
        }
    }
}

#[test]
fn every_test_that_the_page_of_laws_names_is_there_and_every_law_names_some() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("LAWS.md")).unwrap();
    let mut there = BTreeSet::new();
    for folder in ["../../crates", "../../examples"] {
        functions(&root.join(folder), &mut there);
    }
    let laws: Vec<&str> = page.split("\n## L").skip(1).collect();
    assert_eq!(laws.len(), 10);
    for law in laws {
        let (_, guarded) = law.split_once("*Guarded by*").unwrap();
        let (guarded, rest) = guarded.split_once("\n\n").unwrap();
        assert!(rest.starts_with("*Not promised*"), "{law}");
        for name in guarded.split('`').skip(1).step_by(2).filter(|name| name.contains('_')) {
            assert!(["first_tap"].contains(&name) || there.contains(name), "{name} is no test");
        }
    }
}

/// The lines of code in a text, without blank ones and what they are indented by.
fn lines(text: &str) -> Vec<&str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect()
}

/// The blocks of code that a page only shows, each of which has to stand in one of the sources.
fn shows_only(page: &str, sources: &[Vec<&str>]) -> usize {
    let blocks = page.split("```rust,ignore\n").skip(1);
    let blocks: Vec<_> = blocks.filter_map(|rest| rest.split_once("\n```")).collect();
    for (block, _) in &blocks {
        let block = lines(block);
        let is_in = |source: &Vec<&str>| source.windows(block.len()).any(|part| part == block);
        assert!(sources.iter().any(is_in), "not in the example: {block:#?}");
    }
    blocks.len()
}

#[test]
fn the_code_on_the_page_of_embedding_is_the_example_services() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("EMBEDDING.md")).unwrap();
    let sources =
        ["tables.rs", "start.rs", "http.rs", "staff.rs", "upkeep.rs", "main.rs"].map(|name| {
            fs::read_to_string(root.join("../../examples/service/src").join(name)).unwrap()
        });
    let shown = shows_only(&page, &sources.each_ref().map(|source| lines(source)));
    assert!(shown > 6, "the page shows no code: a vain test");
}

#[test]
fn the_code_that_the_page_of_testing_shows_is_the_example_services_test() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("TESTING.md")).unwrap();
    let source = root.join("../../examples/service/tests/in_process.rs");
    let source = fs::read_to_string(source).unwrap();
    assert!(shows_only(&page, &[lines(&source)]) > 1, "the page shows no code: a vain test");
}

#[test]
fn every_code_that_operations_names_is_a_cause() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("OPERATIONS.md")).unwrap();
    let named = page.split("`cause=\"").skip(1).flat_map(|rest| {
        let row = rest.split(" | ").next().unwrap_or_default();
        row.split('"').step_by(2).map(str::to_owned).collect::<Vec<_>>()
    });
    let codes: BTreeSet<&str> = Cause::ALL.iter().map(|cause| cause.code()).collect();
    let named: Vec<_> = named.filter(|name| name.contains('_') || name == "overloaded").collect();
    assert!(named.len() > 10, "{named:?}");
    for name in named {
        assert!(codes.contains(name.as_str()), "no cause is called {name}");
    }
}

/// The example is compiled, tested and counted where it stands; the page only shows it.
#[test]
fn the_code_on_the_page_of_the_third_provider_is_the_examples() {
    let read =
        |name: &str| fs::read_to_string(format!("{}/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let page = read("THIRD-PROVIDER.md");
    let sources =
        ["src/third_provider.rs", "src/third_provider/audit.rs", "tests/third_provider.rs"]
            .map(|name| read(&format!("../../examples/{name}")));
    let sources = sources.each_ref().map(|source| lines(source));
    assert!(shows_only(&page, &sources) > 8, "the page shows no code: a vain test");
    let suite = ["contract.rs", "contract/answers.rs", "contract/identity.rs"]
        .map(|name| read(&format!("../testkit/src/{name}")))
        .concat();
    let rules = page.split('`').filter(|name| name.matches('_').count() > 3);
    for rule in rules.filter(|name| !name.contains(char::is_whitespace)) {
        assert!(suite.contains(&format!("pub async fn {rule}(")), "no rule of the suite: {rule}");
    }
    for method in sources[0].iter().filter_map(|line| line.strip_prefix("async fn ")) {
        let name = method.split('(').next().unwrap_or_default();
        let is_ours = ["listed", "own"].contains(&name);
        assert!(is_ours || page.contains(&format!("| `{name}` |")), "the page lacks {name}");
    }
}

#[test]
fn the_page_of_causes_is_what_the_code_says() {
    let page = fs::read_to_string(CAUSES).unwrap();
    let (by_hand, _) = page.split_once(HEAD).unwrap();
    let expected = format!("{by_hand}{}", table());
    if env::var_os("UPDATE_CAUSES").is_some() {
        fs::write(CAUSES, expected).unwrap();
        return;
    }
    let differs = page.lines().zip(expected.lines()).find(|(page, code)| page != code);
    assert!(
        page == expected,
        "crates/access/CAUSES.md is not what the code says: {differs:#?}\n\
         To write its table anew: UPDATE_CAUSES=1 cargo test -p elevate-access --test pages"
    );
}

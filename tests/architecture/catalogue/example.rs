//! The provider that CONTRIBUTING.md adds: what it shows is what the rules ask for.
//!
//! *Invariant:* every line of the example is held against the code that judges real ones.

use std::collections::BTreeMap;

use providers::Provider;

use super::super::{hold, read};
use super::{block, harbor, is_row, page};

static HARBOR: Provider = harbor::PROVIDER;

/// What the example adds, by file.
fn added() -> BTreeMap<String, String> {
    let text = read("CONTRIBUTING.md");
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    let mut file = None;
    for line in page::blocks(&text, "diff")
        .iter()
        .flat_map(|block| block.lines())
    {
        if let Some(name) = line.strip_prefix("+++ ") {
            file = Some(name.to_owned());
        } else if let (Some(line), Some(file)) = (line.strip_prefix('+'), &file) {
            let text = files.entry(file.clone()).or_default();
            text.push_str(line);
            text.push('\n');
        }
    }
    files
}

fn of(path: &str) -> String {
    let mut added = added();
    let text = added.remove(path);
    text.unwrap_or_else(|| panic!("CONTRIBUTING.md adds nothing to {path}"))
}

#[test]
fn the_example_of_a_provider_is_one() {
    let shown = of("crates/providers/src/catalogue/harbor.rs");
    let compiled = include_str!("harbor.rs");
    assert_eq!(shown.replace("crate::provider::", "providers::"), compiled);
    assert_eq!(of("crates/providers/src/catalogue.rs"), "    harbor,\n");
}

#[test]
fn the_example_of_a_manifest_is_what_a_failing_test_would_print() {
    let printed = [block::variables(&HARBOR), block::component(&HARBOR)].into_iter();
    let elsewhere = block::elsewhere(&HARBOR)
        .into_iter()
        .map(|(_, lines)| lines);
    let shown = of("spin.toml");
    let missing = printed
        .chain(elsewhere)
        .filter(|text| !shown.contains(text));
    hold(
        missing,
        "CONTRIBUTING.md shows what is added to spin.toml otherwise than:\n",
    );
}

#[test]
fn the_example_of_a_page_would_pass() {
    let faults = page::faults(&HARBOR, "keycloak", &of("docs/providers/harbor.md"));
    hold(faults, "Correct the page in CONTRIBUTING.md:");
    let row = of("docs/providers/README.md");
    assert!(is_row(&HARBOR, row.trim_end()), "{row}");
}

#[test]
fn the_example_of_a_fake_sets_what_fakes_have() {
    let shape = read("tests/vendors/src/shape.rs");
    let shown = of("tests/vendors/src/shapes/harbor.rs");
    let fields = shown.lines().filter_map(|line| {
        let name = line.strip_prefix("    ")?.split_once(": ")?.0;
        name.chars()
            .all(|c| c.is_ascii_lowercase() || c == '_')
            .then_some(name)
    });
    let fields: Vec<_> = fields.collect();
    assert!(fields.contains(&"variables"), "{shown}");
    let unknown = fields
        .iter()
        .filter(|name| !shape.contains(&format!("pub(crate) {name}: ")));
    hold(
        unknown.map(|name| (*name).to_owned()),
        "A fake in tests/vendors has no such field:",
    );
    let unset = HARBOR
        .variable_names()
        .filter(|name| !shown.contains(&format!("\"{name}\"")));
    hold(
        unset.map(str::to_owned),
        "The fake in CONTRIBUTING.md sets no:",
    );
}

#[test]
fn the_example_stands_where_the_real_ones_do() {
    for (path, like) in [
        ("crates/providers/src/samples.rs", "\"keycloak\","),
        (
            "tests/vendors/src/kind.rs",
            "Keycloak keycloak \"keycloak\",",
        ),
        ("tests/vendors/src/shapes.rs", "pub(crate) mod keycloak;"),
        (
            "tests/flows/providers/mod.rs",
            "(\"keycloak\", \"keycloak:1001\", &[",
        ),
    ] {
        let ours = like
            .replace("keycloak", "harbor")
            .replace("Keycloak", "Harbor");
        assert!(read(path).contains(like), "{path} is laid out differently");
        assert!(
            of(path).contains(&ours),
            "CONTRIBUTING.md adds to {path} otherwise"
        );
    }
}

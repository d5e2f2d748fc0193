//! Every identity provider has all that one needs: data, a component, a page, a fake.
//!
//! *Invariant:* what is missing is printed as it must be pasted, so a provider more is data alone.

mod block;
mod example;
mod harbor;
mod page;

use std::collections::{BTreeMap, BTreeSet};

use providers::{CATALOGUE, Provider};
use toml::{Table, Value};
use vendors::Kind;

use super::capabilities::{authorize, component_of, login, token};
use super::{hold, read};

fn manifest() -> Table {
    toml::from_str(&read("spin.toml")).unwrap_or_else(|error| panic!("spin.toml: {error}"))
}

fn table<'a>(table: &'a Table, name: &str) -> &'a Table {
    let found = table.get(name).and_then(Value::as_table);
    found.unwrap_or_else(|| panic!("spin.toml has no [{name}]"))
}

/// The routes that lead to a component.
fn routes(manifest: &Table, component: &str) -> BTreeSet<String> {
    let triggers = table(manifest, "trigger").get("http");
    let triggers = triggers.and_then(Value::as_array).into_iter().flatten();
    let mine =
        triggers.filter(|one| one.get("component").and_then(Value::as_str) == Some(component));
    mine.map(|one| one["route"].to_string()).collect()
}

/// A component but for the line that people read.
fn capabilities(manifest: &Table, component: &str) -> Option<Table> {
    let mut found = table(manifest, "component")
        .get(component)?
        .as_table()?
        .clone();
    found.remove("description");
    Some(found)
}

#[test]
fn every_provider_is_a_component_with_its_own_routes_hosts_variables_and_keys() {
    let manifest = manifest();
    let faults = CATALOGUE.iter().filter_map(|provider| {
        let text = block::component(provider);
        let wanted: Table = toml::from_str(&text).expect("a block of the manifest");
        let id = component_of(provider);
        let same = routes(&manifest, &id) == routes(&wanted, &id)
            && capabilities(&manifest, &id) == capabilities(&wanted, &id);
        (!same).then(|| format!("{id}:\n\n{text}"))
    });
    hold(
        faults,
        "Write these components into spin.toml, as they stand here:",
    );
}

#[test]
fn every_variable_of_a_provider_is_declared_with_the_default_of_the_catalogue() {
    let manifest = manifest();
    let declared = table(&manifest, "variables");
    let faults = CATALOGUE.iter().filter_map(|provider| {
        let text = block::variables(provider);
        let wanted: Table = toml::from_str(&text).expect("a block of the manifest");
        let mut wanted = wanted.into_iter();
        let differs = wanted.any(|(name, value)| declared.get(&name) != Some(&value));
        differs.then(|| format!("{}:\n\n{text}", provider.id))
    });
    hold(
        faults,
        "Write these under [variables] of spin.toml, as they stand here:",
    );
}

/// Which components see a variable, by the names that they give it.
fn seen(manifest: &Table) -> BTreeMap<String, BTreeSet<(String, String)>> {
    let mut seen: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for (id, component) in table(manifest, "component") {
        let given = component.get("variables").and_then(Value::as_table);
        for (name, template) in given.into_iter().flatten() {
            let holes = template.as_str().unwrap_or_default().split("{{").skip(1);
            for hole in holes {
                let variable = hole.split("}}").next().unwrap_or_default().trim();
                let by = (id.clone(), name.clone());
                seen.entry(variable.to_owned()).or_default().insert(by);
            }
        }
    }
    seen
}

#[test]
fn what_a_provider_is_given_reaches_its_component_and_what_authorize_and_token_need() {
    let manifest = manifest();
    let seen = seen(&manifest);
    let mut wanted: BTreeMap<String, BTreeSet<(String, String)>> = BTreeMap::new();
    for provider in CATALOGUE {
        let places = [
            (component_of(provider), login(provider)),
            ("authorize".to_owned(), authorize(provider)),
            ("token".to_owned(), token(provider)),
        ];
        for (component, has) in places {
            for name in has.variables {
                let by = (component.clone(), name.clone());
                wanted.entry(name).or_default().insert(by);
            }
        }
    }
    let faults = wanted.iter().flat_map(|(variable, by)| {
        let none = BTreeSet::new();
        let actual = seen.get(variable).unwrap_or(&none);
        let missing = by.difference(actual);
        let missing = missing.map(move |(id, _)| {
            format!(
                "missing under [component.{id}.variables]: {variable} = \"{{{{ {variable} }}}}\""
            )
        });
        let beyond = actual.difference(by);
        let beyond = beyond.map(move |(id, name)| format!("{id} has it beyond that: {name}"));
        missing.chain(beyond).collect::<Vec<_>>()
    });
    hold(
        faults,
        "Correct the variables of these components in spin.toml:",
    );
}

#[test]
fn every_provider_has_a_page_that_says_what_to_click_and_what_to_set() {
    let faults = CATALOGUE.iter().flat_map(|provider| {
        let path = format!("docs/providers/{}.md", provider.id);
        let faults = page::faults(provider, provider.id, &read(&path));
        let faults = faults.into_iter().map(|fault| format!("{path}: {fault}"));
        faults.collect::<Vec<_>>()
    });
    hold(faults, "Correct the page:");
}

#[test]
fn every_example_of_the_pages_is_one_that_postern_takes() {
    let pages = super::sources::files().filter(|path| path.starts_with("docs/providers/"));
    let faults = pages.flat_map(|path| {
        let text = read(path);
        let refused = page::blocks(&text, "toml")
            .into_iter()
            .filter_map(|block| page::configuration(&block).err())
            .map(|refused| format!("{path}: {refused}"));
        refused.collect::<Vec<_>>()
    });
    hold(faults, "Correct the example:");
}

/// Whether `line` is the row of a provider in docs/providers/README.md.
fn is_row(provider: &Provider, line: &str) -> bool {
    let id = provider.id;
    line.starts_with(&format!("| `{id}` | [")) && line.contains(&format!("]({id}.md) |"))
}

#[test]
fn every_provider_has_a_row_in_the_list_of_pages() {
    let list = read("docs/providers/README.md");
    let missing = CATALOGUE
        .iter()
        .filter(|provider| !list.lines().any(|line| is_row(provider, line)));
    hold(
        missing.map(|provider| {
            let (id, title) = (provider.id, provider.title);
            format!("| `{id}` | [{title}]({id}.md) | what it needs | roles from | fresh roles |")
        }),
        "Add the row to docs/providers/README.md:",
    );
}

#[test]
fn every_provider_has_a_fake() {
    let fakes: BTreeSet<&str> = Kind::ALL.into_iter().map(Kind::id).collect();
    let known: BTreeSet<&str> = CATALOGUE.iter().map(|provider| provider.id).collect();
    let odd = known.symmetric_difference(&fakes);
    hold(
        odd.map(|id| (*id).to_owned()),
        "A provider and its fake (tests/vendors/src/shapes, and its line in kind.rs) belong \
         together; one is there without the other:",
    );
}

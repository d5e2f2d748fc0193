//! The pages that say what is proven: what they name is there, so they cannot rot.
//!
//! *Invariant:* a row counts only with a file of the product and a test that runs.

use std::collections::BTreeSet;

use super::{hold, read, root, sources};

/// Requirement or threat, what answers it, what shows it.
const PAGES: [&str; 2] = ["docs/conformance.md", "docs/threats.md"];

/// A row of a table in one of the pages.
struct Row {
    place: String,
    code: Vec<String>,
    tests: Vec<String>,
}

/// The spans of code in a cell.
fn spans(cell: &str) -> Vec<String> {
    let spans = cell.split('`').skip(1).step_by(2);
    spans.map(str::to_owned).collect()
}

/// Rows of tables with the columns `Code` and `Test`.
fn rows(page: &str) -> Vec<Row> {
    let mut columns: Option<(usize, usize)> = None;
    let mut rows = Vec::new();
    for (index, line) in read(page).lines().enumerate() {
        let line = line.trim();
        let Some(cells) = line.strip_prefix('|') else {
            columns = None;
            continue;
        };
        let cells: Vec<_> = cells
            .trim_end_matches('|')
            .split('|')
            .map(str::trim)
            .collect();
        let column = |name| cells.iter().position(|cell| *cell == name);
        if let (Some(code), Some(test)) = (column("Code"), column("Test")) {
            columns = Some((code, test));
        } else if let Some((code, test)) = columns
            && !line.starts_with("|-")
        {
            let at = |column: usize| cells.get(column).map_or_else(Vec::new, |cell| spans(cell));
            rows.push(Row {
                place: format!("{page}:{}", index + 1),
                code: at(code),
                tests: at(test),
            });
        }
    }
    rows
}

/// Whether `word` is one of the words of `text`.
fn names(text: &str, word: &str) -> bool {
    let between = |c: char| !c.is_alphanumeric() && c != '_';
    text.split(between).any(|known| known == word)
}

/// A span with a slash is a path; one without is something that the file before it says.
fn code_faults(row: &Row) -> Vec<String> {
    let mut faults = Vec::new();
    let mut file: Option<String> = None;
    for span in &row.code {
        if span.contains('/') || span.ends_with(".toml") {
            let path = root().join(span);
            file = std::fs::read_to_string(&path).ok();
            if !path.exists() {
                faults.push(format!("{}: there is no {span}", row.place));
            }
        } else if let Some(text) = &file {
            let missing = span.split("::").find(|word| !names(text, word));
            faults.extend(missing.map(|word| format!("{}: no `{word}` there", row.place)));
        } else {
            faults.push(format!("{}: `{span}` stands in no file", row.place));
        }
    }
    if row.code.is_empty() {
        faults.push(format!("{}: no code", row.place));
    }
    faults
}

/// Folders of tests that end-to-end binaries hold; other paths begin with a crate.
const SUITES: [&str; 7] = [
    "architecture",
    "attacks",
    "browser",
    "clients",
    "conformance",
    "contract",
    "flows",
];

/// Where the tests of a module's path may stand.
fn places(modules: &[&str]) -> Vec<String> {
    let Some((first, rest)) = modules.split_first() else {
        return Vec::new();
    };
    let base = if SUITES.contains(first) {
        format!("tests/{first}")
    } else {
        format!("crates/{}/src", first.replace('_', "-"))
    };
    let path = rest
        .iter()
        .fold(base, |path, module| format!("{path}/{module}"));
    vec![
        format!("{path}.rs"),
        format!("{path}/mod.rs"),
        format!("{path}/lib.rs"),
        format!("{path}/tests.rs"),
    ]
}

/// Whether `text` has a test of this name: one that is marked, or is listed in a macro.
fn has_test(text: &str, name: &str) -> bool {
    let lines: Vec<_> = text.lines().map(str::trim).collect();
    let defined = |line: &str| {
        let function = line.strip_prefix("async ").unwrap_or(line);
        function
            .strip_prefix("fn ")
            .and_then(|rest| rest.strip_prefix(name))
            .is_some_and(|rest| rest.starts_with(['(', '<']))
    };
    let marked = lines.windows(2).any(|pair| {
        let mark = pair[0] == "#[test]" || pair[0].starts_with("#[tokio::test");
        mark && defined(pair[1])
    });
    // Stories stand in their macro one to a line, or all on the line of the macro.
    let listed = lines.iter().any(|line| {
        line.strip_prefix(name)
            .is_some_and(|rest| [",", ";"].contains(&rest))
            || (line.contains("everywhere!(") && names(line, name))
    });
    marked || (listed && lines.iter().any(|line| defined(line)))
}

fn test_fault(row: &Row, test: &str) -> Option<String> {
    let modules: Vec<_> = test.split("::").collect();
    let (name, modules) = modules.split_last()?;
    let found = places(modules).iter().any(|place| {
        std::fs::read_to_string(root().join(place)).is_ok_and(|text| has_test(&text, name))
    });
    (!found).then(|| format!("{}: there is no test `{test}`", row.place))
}

#[test]
fn every_row_of_the_evidence_names_code_and_tests_that_exist() {
    let rows: Vec<_> = PAGES.iter().flat_map(|page| rows(page)).collect();
    let faults = rows.iter().flat_map(|row| {
        let mut faults = code_faults(row);
        faults.extend(row.tests.iter().filter_map(|test| test_fault(row, test)));
        if row.tests.is_empty() {
            faults.push(format!("{}: no test", row.place));
        }
        faults
    });
    hold(faults, "Correct the row, or write what it promises:");
    assert!(rows.len() > 100, "the pages have {} rows", rows.len());
}

#[test]
fn every_story_of_conformance_is_a_row_of_its_page() {
    let named: BTreeSet<_> = rows(PAGES[0])
        .into_iter()
        .flat_map(|row| row.tests)
        .collect();
    let files = sources::rust().filter(|source| {
        source.path.starts_with("tests/conformance/") && !source.path.ends_with("mod.rs")
    });
    let missing = files.flat_map(|source| {
        let group = source
            .path
            .trim_start_matches("tests/")
            .trim_end_matches(".rs");
        let group = group.replace('/', "::");
        let functions = source.text.lines().filter_map(|line| {
            let rest = line.strip_prefix("async fn ")?;
            rest.split(['(', '<']).next()
        });
        let stories = functions.filter(|name| has_test(&source.text, name));
        let paths = stories.map(|name| format!("{group}::{name}"));
        paths
            .filter(|path| !named.contains(path))
            .collect::<Vec<_>>()
    });
    hold(missing, "Give it a row in docs/conformance.md:");
}

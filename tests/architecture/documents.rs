//! The documents: what they tell a reader to run exists, and what they link to is there.
//!
//! *Invariant:* nothing that a document names is run here but `postern --help`.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use providers::CATALOGUE;

use super::capabilities::component_of;
use super::manifest::components;
use super::workspace::{family, members};
use super::{hold, read, root, sources};

/// Cargo's own commands and the programs that the README may ask for.
const CARGO: [&str; 7] = ["bench", "build", "clippy", "doc", "fmt", "run", "test"];
const PROGRAMS: [&str; 6] = ["cd", "curl", "git", "npx", "rustup", "spin"];

fn documents() -> impl Iterator<Item = &'static str> {
    sources::files().filter(|path| path.ends_with(".md"))
}

/// Commands in ```` ```sh ```` blocks, with their lines.
fn commands(text: &str) -> Vec<(usize, &str)> {
    let mut inside = false;
    let mut commands = Vec::new();
    for (index, line) in text.lines().enumerate() {
        match line.trim() {
            "```sh" => inside = true,
            "```" => inside = false,
            "" => {}
            command if inside && !command.starts_with('#') => commands.push((index + 1, command)),
            _ => {}
        }
    }
    commands
}

/// What `postern … --help` prints.
fn help(commands: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_postern"));
    let output = command
        .args(commands)
        .arg("--help")
        .output()
        .expect("postern starts");
    assert!(output.status.success(), "postern {commands:?} --help fails");
    String::from_utf8(output.stdout).expect("help is UTF-8")
}

/// How many of these arguments name a command and the commands within it.
fn depth(arguments: &[&str]) -> Result<usize, String> {
    for (depth, word) in arguments.iter().enumerate() {
        let known = help(&arguments[..depth]);
        let nested = known.contains("\nCommands:\n");
        if word.starts_with('-') || !nested {
            return Ok(depth);
        }
        let listed = |line: &str| line.trim().starts_with(&format!("{word} "));
        if !known.lines().any(listed) {
            return Err(format!(
                "`postern {}` is no command",
                arguments[..=depth].join(" ")
            ));
        }
    }
    Ok(arguments.len())
}

/// Why `postern` would not take these arguments.
fn refused(arguments: &[&str]) -> Option<String> {
    let depth = match depth(arguments) {
        Ok(depth) => depth,
        Err(unknown) => return Some(unknown),
    };
    let known = help(&arguments[..depth]);
    let mut flags = arguments.iter().filter(|word| word.starts_with("--"));
    let unknown = flags.find(|flag| {
        let name = flag.split('=').next().unwrap_or(flag);
        !known
            .split_whitespace()
            .any(|word| word.trim_end_matches(',') == name)
    });
    unknown.map(|flag| format!("postern has no flag {flag}"))
}

/// Why a command line of a document cannot be run.
fn broken(command: &str) -> Option<String> {
    let mut words: Vec<&str> = command.split_whitespace().collect();
    words.retain(|word| !word.contains('=') || word.starts_with("--"));
    match words.as_slice() {
        ["cargo", "run", "--", arguments @ ..] | ["postern", arguments @ ..] => refused(arguments),
        ["cargo", subcommand, rest @ ..] => {
            if !CARGO.contains(subcommand) {
                return Some(format!("cargo {subcommand} needs an installation"));
            }
            let packages: BTreeSet<_> = members()
                .into_iter()
                .map(|member| member.package.name.as_str())
                .collect();
            let mut named = rest
                .windows(2)
                .filter(|pair| ["-p", "--package"].contains(&pair[0]));
            let unknown = named.find(|pair| !packages.contains(pair[1]));
            unknown.map(|pair| format!("there is no package {}", pair[1]))
        }
        [program, ..] if PROGRAMS.contains(program) => None,
        [script, ..] if script.contains('/') => {
            (!root().join(script).exists()).then(|| format!("{script} is not there"))
        }
        _ => Some(format!("a reader may not have `{command}`")),
    }
}

#[test]
fn every_command_in_the_documents_exists() {
    let faults = documents().flat_map(|path| {
        let text = read(path);
        let faults = commands(&text).into_iter().filter_map(|(line, command)| {
            broken(command).map(|why| format!("{path}:{line}: {why}"))
        });
        faults.collect::<Vec<_>>()
    });
    hold(faults, "Correct the document:");
    assert!(
        commands(&read("README.md")).len() >= 2,
        "The README shows how to run and to test it"
    );
}

/// Targets of `[text](target)`, `src="target"` and `srcset="target"`.
fn links(text: &str) -> Vec<&str> {
    let starts = ["](", "src=\"", "srcset=\"", "href=\""];
    let found = starts.iter().flat_map(|start| text.split(start).skip(1));
    found
        .filter_map(|rest| rest.split([')', '"']).next())
        .collect()
}

/// A document without what it shows of others, whose links are theirs.
fn own(text: &str) -> String {
    let (mut shown, mut own) = (false, String::new());
    for line in text.lines() {
        match line {
            "```diff" => shown = true,
            "```" => shown = false,
            line if !shown => own = own + line + "\n",
            _ => {}
        }
    }
    own
}

/// The anchor that a Markdown heading gets.
fn anchor(heading: &str) -> String {
    let heading = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = heading
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.collect::<String>().replace(' ', "-")
}

#[test]
fn every_link_within_the_documents_leads_somewhere() {
    let anchors: BTreeMap<&str, BTreeSet<String>> = documents()
        .map(|path| {
            let text = read(path);
            let headings = text.lines().filter(|line| line.starts_with('#'));
            (path, headings.map(anchor).collect())
        })
        .collect();
    let mut faults = Vec::new();
    for path in anchors.keys() {
        let text = own(&read(path));
        let inner = links(&text)
            .into_iter()
            .filter(|link| !link.contains("://"));
        for link in inner {
            let (file, wanted) = link.split_once('#').unwrap_or((link, ""));
            let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            let target = if file.is_empty() {
                (*path).to_owned()
            } else {
                resolve(folder, file)
            };
            let there = root().join(&target).exists();
            let headings = anchors.get(target.as_str());
            let found = wanted.is_empty() || headings.is_some_and(|all| all.contains(wanted));
            if !there || !found {
                faults.push(format!("{path} links to {link}"));
            }
        }
    }
    hold(faults, "Correct the link, or write what it promises:");
}

/// `../b.md` from the folder `a/docs`.
fn resolve(folder: &str, link: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in link.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// A link whose text is code: ``[`text`](target)``.
fn named_tests(text: &str) -> Vec<(&str, &str)> {
    let starts = text.split("[`").skip(1);
    starts
        .filter_map(|rest| {
            let (name, rest) = rest.split_once("`](")?;
            let (target, _) = rest.split_once(')')?;
            Some((name, target))
        })
        .collect()
}

#[test]
fn every_decision_is_held_by_a_test() {
    let decisions = documents().filter(|path| path.starts_with("docs/decisions/"));
    let faults = decisions.flat_map(|path| {
        let text = read(path);
        let tests = named_tests(&text);
        let missing = tests.iter().filter(|(name, target)| {
            let file = root().join(resolve("docs/decisions", target));
            !std::fs::read_to_string(file).is_ok_and(|source| source.contains(name))
        });
        let mut faults: Vec<String> = missing
            .map(|(name, target)| format!("{path}: {target} has no test `{name}`"))
            .collect();
        if tests.is_empty() {
            faults.push(format!("{path} names no test"));
        }
        faults
    });
    hold(
        faults,
        "A decision without a test is a wish: name the one that holds it:",
    );
}

#[test]
fn the_map_shows_every_crate_and_every_component() {
    let map = read("ARCHITECTURE.md");
    let crates = family("crates")
        .into_iter()
        .map(|member| format!("  {}/ ", member.folder));
    // One row speaks for the components of all identity providers.
    let providers: BTreeSet<String> = CATALOGUE.iter().map(component_of).collect();
    let components = components().into_iter();
    let others = components.filter(|component| !providers.contains(&component.id));
    let components = others.map(|component| format!("| `{}` |", component.id));
    let missing = crates
        .chain(components)
        .chain(["| `login-<id>` |".to_owned()])
        .filter(|mark| !map.contains(mark.as_str()));
    hold(
        missing,
        "Give it a line in the tree or the table of ARCHITECTURE.md:",
    );
}

/// A configuration with every example in its comments taken as if it were written, but for the second
/// server: beside it, tools have other names than in the rules.
fn with_examples(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let (mut first, mut tables) = (String::new(), String::new());
    for paragraph in lines.split(|line| ["", "#"].contains(line)) {
        let code = paragraph.iter().filter_map(|line| {
            let Some(comment) = line.strip_prefix("# ") else {
                return Some(*line);
            };
            let key = comment.split(" = ").next().unwrap_or_default();
            let is_key = key.len() < comment.len() && !key.contains(' ');
            (comment.starts_with('[') || is_key).then_some(comment)
        });
        let code: Vec<&str> = code.collect();
        if code.iter().any(|line| line.starts_with("component = ")) {
            continue;
        }
        let has_table = code.iter().any(|line| line.starts_with('['));
        let place = if has_table { &mut tables } else { &mut first };
        place.extend(code.iter().map(|line| format!("{line}\n")));
    }
    let hash = "0".repeat(64);
    (first + &tables).replace("64 hexadecimal digits", &hash)
}

#[test]
fn every_example_in_postern_toml_is_one_that_it_takes() {
    let text = read("postern.toml");
    let shown = with_examples(&text);
    let table: toml::Table = toml::from_str(&shown).unwrap_or_else(|why| panic!("{why}\n{shown}"));
    let known = ["provider", "same_person", "default_provider", "client"];
    assert!(known.iter().all(|key| table.contains_key(*key)), "{shown}");
    let read = configuration::Configuration::read(&shown);
    assert!(read.is_ok(), "{:?}\n{shown}", read.err());
    let shipped = configuration::Configuration::read(&text);
    assert!(shipped.is_ok(), "{shipped:?}");
}

//! The steps of a rotation on a file, as an operator takes them.
//!
//! *Invariant:* whatever a command says, here it is searched for every secret of the file.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use clap::Parser as _;
use jiff::{SignedDuration, Timestamp};

use super::purposes::{PURPOSES, Purpose};
use super::{EnvFile, KeySet};
use crate::args::{Cli, Command};

const DAY: i64 = 86_400;
const OTHERS: &str = "# mine\n\nHOME=/x # here\nSPIN_VARIABLE_GRANT_SECONDS=\"864000\"\n";

/// A file of keys, and a clock.
struct Scene {
    folder: tempfile::TempDir,
    now: Timestamp,
}

impl Scene {
    fn new() -> Self {
        let file = EnvFile::parse(OTHERS.to_owned()).unwrap();
        Self::of(&file.with_keys("# keys", &KeySet::random().unwrap()))
    }

    fn of(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(".env"), text).unwrap();
        fs::write(folder.path().join("spin.toml"), "").unwrap();
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        Self { folder, now }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join(".env")
    }

    fn text(&self) -> String {
        fs::read_to_string(self.path()).unwrap()
    }

    fn variables(&self) -> BTreeMap<String, String> {
        EnvFile::read(&self.path()).unwrap().unwrap().variables
    }

    /// The ids of the keys in a variable.
    fn kids(&self, variable: &str) -> Vec<String> {
        let kid = |entry: &str| entry.split_once(':').unwrap().0.to_owned();
        self.variables()[variable].split(',').map(kid).collect()
    }

    fn secrets(&self) -> BTreeSet<String> {
        let keys = KeySet::among(&self.variables());
        let entries = keys.iter().flat_map(|(_, list)| list.split(','));
        entries
            .map(|entry| entry.split_once(':').unwrap().1.to_owned())
            .collect()
    }

    /// Runs `postern keys …`; whatever it says holds no secret from before or after.
    fn run(&self, arguments: &str) -> Result<String, String> {
        let words = arguments.split_whitespace();
        let cli = Cli::try_parse_from(["postern", "keys"].into_iter().chain(words));
        let Ok(Some(Command::Keys(command))) = cli.map(|cli| cli.command) else {
            panic!("`postern keys {arguments}` is no command");
        };
        let mut secrets = self.secrets();
        let result = super::run(&command, self.folder.path(), self.now);
        let result = result.map_err(|error| format!("{error:#}"));
        secrets.extend(self.secrets());
        let said = result.as_ref().unwrap_or_else(|error| error);
        for secret in &secrets {
            assert!(!said.contains(secret.as_str()), "{arguments}: {said}");
        }
        result
    }

    fn ok(&self, arguments: &str) -> String {
        self.run(arguments)
            .unwrap_or_else(|error| panic!("{arguments}: {error}"))
    }

    /// Runs a command that must be refused, change nothing, and say each of `parts`.
    fn refused(&self, arguments: &str, parts: &[&str]) {
        let before = self.text();
        let refused = self.run(arguments).expect_err(arguments);
        for part in parts {
            assert!(refused.contains(part), "`{part}` is not in: {refused}");
        }
        assert_eq!(self.text(), before, "{arguments}");
    }

    fn pass(&mut self, seconds: i64) {
        self.now += SignedDuration::from_secs(seconds);
    }
}

fn variables_but_dev() -> impl Iterator<Item = &'static str> {
    let purposes = PURPOSES.iter().filter(|purpose| purpose.name != "dev");
    purposes.flat_map(|purpose| purpose.variables())
}

#[test]
fn an_added_key_verifies_and_makes_nothing() {
    let scene = Scene::new();
    let before = scene.variables();
    let said = scene.ok("rotate add");
    for variable in variables_but_dev() {
        let kids = scene.kids(variable);
        assert_eq!(kids.len(), 2, "{variable}");
        let after = &scene.variables()[variable];
        assert!(
            after.starts_with(&format!("{},", before[variable])),
            "{variable}"
        );
        assert!(said.contains(&kids[1]), "{said}");
    }
    assert_eq!(scene.variables()["dev_key"], before["dev_key"]);
    assert!(said.contains("postern keys rotate promote"), "{said}");
    for (private, public) in [("registration_key", "registration_public_key")] {
        assert_eq!(scene.kids(private), scene.kids(public));
    }
}

#[test]
fn a_second_key_waits_for_nobody() {
    let scene = Scene::new();
    scene.ok("rotate add --purpose refresh");
    scene.refused("rotate add", &["refresh", "promote", ".env is as it was"]);
    scene.ok("rotate add --purpose code --purpose registration");
    scene.refused(
        "rotate add --purpose code",
        &["waiting to be promoted for code"],
    );
}

#[test]
fn a_promoted_key_makes_and_the_old_one_verifies() {
    let scene = Scene::new();
    scene.ok("rotate add");
    let waiting: BTreeMap<_, _> = variables_but_dev()
        .map(|variable| (variable, scene.kids(variable)))
        .collect();
    let said = scene.ok("rotate promote");
    for (variable, kids) in waiting {
        assert_eq!(
            scene.kids(variable),
            [kids[1].clone(), kids[0].clone()],
            "{variable}"
        );
        assert!(said.contains(&kids[1]), "{said}");
    }
    for part in ["10 days", "15 minutes", "10 minutes", "clients", "retire"] {
        assert!(said.contains(part), "`{part}` is not in: {said}");
    }
    scene.refused("rotate promote", &["no key is waiting", "rotate add"]);
}

#[test]
fn only_what_waits_is_promoted() {
    let scene = Scene::new();
    scene.refused("rotate promote", &["no key is waiting"]);
    scene.ok("rotate add --purpose tx/dev");
    scene.refused(
        "rotate promote --purpose tx/dev --purpose code",
        &["for code"],
    );
    scene.ok("rotate promote");
    assert_eq!(scene.kids("tx_dev").len(), 2);
    assert_eq!(scene.kids("code_key").len(), 1);
}

#[test]
fn old_keys_are_retired_when_their_time_has_come() {
    let mut scene = Scene::new();
    scene.ok("rotate add");
    scene.pass(DAY);
    scene.ok("rotate promote");
    let makers = scene.kids("refresh_key");
    scene.pass(599);
    scene.refused(
        "rotate retire",
        &["code", "1 second left", "9 days", "--now"],
    );
    scene.pass(1);
    scene.refused(
        "rotate retire --purpose refresh",
        &["refresh", "9 days 23 hours"],
    );
    scene.refused(
        "rotate retire --purpose refresh --purpose code",
        &["refresh", "9 days 23 hours"],
    );
    let said = scene.ok("rotate retire");
    assert!(said.contains("5 minutes left"), "{said}");
    assert_eq!(scene.kids("code_key").len(), 1);
    assert_eq!(scene.kids("access_token_public_key").len(), 2);
    scene.pass(10 * DAY);
    scene.ok("rotate retire");
    assert_eq!(scene.kids("refresh_key"), makers[..1]);
    assert_eq!(scene.kids("access_token_key").len(), 1);
    assert_eq!(scene.kids("access_token_public_key").len(), 1);
    let before = scene.text();
    assert!(scene.ok("rotate retire").contains("no old key"));
    assert_eq!(scene.text(), before);
}

#[test]
fn clients_are_remembered_until_registration_is_named() {
    let mut scene = Scene::new();
    scene.ok("rotate add --purpose registration");
    scene.ok("rotate promote");
    scene.pass(1000 * DAY);
    assert!(scene.ok("rotate retire --now").contains("no old key"));
    assert_eq!(scene.kids("registration_public_key").len(), 2);
    scene.ok("rotate retire --purpose registration");
    assert_eq!(scene.kids("registration_public_key").len(), 1);
    assert_eq!(
        scene.kids("registration_key"),
        scene.kids("registration_public_key")
    );
}

#[test]
fn who_cannot_wait_says_so() {
    let scene = Scene::new();
    scene.ok("rotate add");
    scene.ok("rotate promote");
    scene.ok("rotate retire --now");
    assert_eq!(scene.kids("refresh_key").len(), 1);
}

#[test]
fn a_promotion_that_nobody_recorded_is_not_guessed() {
    let scene = Scene::new();
    scene.ok("rotate add --purpose code");
    scene.ok("rotate promote");
    let kept = scene.text();
    let kept = kept.lines().filter(|line| !line.contains("promoted"));
    let text: String = kept.map(|line| format!("{line}\n")).collect();
    fs::write(scene.path(), text).unwrap();
    scene.refused("rotate retire", &["code", "does not say", "--now"]);
    scene.ok("rotate retire --now");
    assert_eq!(scene.kids("code_key").len(), 1);
}

#[test]
fn a_waiting_key_is_never_retired() {
    let scene = Scene::new();
    scene.ok("rotate add --purpose code");
    scene.ok("rotate promote");
    scene.ok("rotate add --purpose code");
    let kids = scene.kids("code_key");
    scene.ok("rotate retire --now");
    assert_eq!(
        scene.kids("code_key"),
        [kids[0].clone(), kids[2].clone()],
        "the one between them was old"
    );
    scene.ok("rotate promote");
    assert_eq!(scene.kids("code_key")[0], kids[2]);
}

#[test]
fn a_distrusted_key_is_gone_and_one_that_is_known_takes_over() {
    let scene = Scene::new();
    scene.ok("rotate add");
    scene.ok("rotate promote");
    scene.ok("rotate add --purpose access-token");
    let kids = scene.kids("access_token_key");
    let said = scene.ok(&format!("distrust {}", kids[0]));
    assert!(
        said.contains("clients refresh") && said.contains(&kids[2]) && !said.contains("is new"),
        "{said}"
    );
    for variable in ["access_token_key", "access_token_public_key"] {
        assert_eq!(scene.kids(variable), [kids[2].clone(), kids[1].clone()]);
    }
    scene.refused("rotate promote", &["no key is waiting"]);
    scene.ok(&format!("distrust {}", kids[1]));
    let said = scene.ok(&format!("distrust {}", kids[2]));
    let last = scene.kids("access_token_key");
    assert!(
        last.len() == 1 && said.contains(&last[0]) && said.contains("is new"),
        "{said}"
    );
    assert!(!kids.contains(&last[0]));
    assert_eq!(scene.kids("access_token_public_key"), last);
    scene.refused(&format!("distrust {}", kids[0]), &["no key", "keys show"]);
}

#[test]
fn the_only_key_of_any_purpose_can_be_distrusted() {
    let scene = Scene::new();
    for purpose in &PURPOSES {
        let variables: Vec<_> = purpose.variables().collect();
        let kid = scene.kids(variables[0]).remove(0);
        let said = scene.ok(&format!("distrust {kid}"));
        assert!(said.contains(purpose.loss), "{said}");
        for variable in variables {
            let kids = scene.kids(variable);
            assert!(kids.len() == 1 && kids[0] != kid, "{variable}");
        }
    }
}

#[test]
fn other_lines_stay_and_the_file_is_private_after_every_step() {
    let mut scene = Scene::new();
    let shape = |text: &str| -> Vec<String> {
        let lines = text
            .lines()
            .filter(|line| !line.starts_with("# added") && !line.starts_with("# promoted"));
        let names = lines.map(|line| match line.split_once('=') {
            Some((name, _)) if name.ends_with("_KEY") || name.ends_with("_DEV") => name,
            _ => line,
        });
        names.map(str::to_owned).collect()
    };
    let before = shape(&scene.text());
    assert!(scene.text().starts_with(OTHERS));
    let kid = scene.kids("refresh_key").remove(0);
    for step in [
        "rotate add",
        "rotate promote",
        &format!("distrust {kid}"),
        "rotate retire --now",
    ] {
        fs::set_permissions(scene.path(), fs::Permissions::from_mode(0o644)).unwrap();
        scene.ok(step);
        scene.pass(1);
        assert_eq!(shape(&scene.text()), before, "{step}");
        let mode = fs::metadata(scene.path()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{step}");
    }
    let names: Vec<_> = fs::read_dir(scene.folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names.len(), 2, "nothing is left behind: {names:?}");
}

#[test]
fn quotes_and_comments_of_a_line_stay() {
    let keys = KeySet::random().unwrap();
    let (code, refresh) = (
        keys.key("code_key").unwrap(),
        keys.key("refresh_key").unwrap(),
    );
    let scene = Scene::of(&format!(
        "export SPIN_VARIABLE_CODE_KEY=\"{code}\" # codes\r\n# end\nSPIN_VARIABLE_REFRESH_KEY='{refresh}'"
    ));
    scene.ok("rotate add");
    let (code, refresh) = (
        &scene.variables()["code_key"],
        &scene.variables()["refresh_key"],
    );
    let added = scene.text();
    let records: Vec<_> = added
        .lines()
        .filter(|line| line.starts_with("# added"))
        .collect();
    assert_eq!(
        added,
        format!(
            "{}\nexport SPIN_VARIABLE_CODE_KEY=\"{code}\" # codes\r\n# end\n{}\nSPIN_VARIABLE_REFRESH_KEY='{refresh}'",
            records[0], records[1]
        )
    );
}

#[test]
fn a_file_that_cannot_be_changed_safely_is_refused() {
    let keys = KeySet::random().unwrap();
    let (code, other) = (
        keys.key("code_key").unwrap(),
        keys.key("refresh_key").unwrap(),
    );
    let cases = [
        (
            format!("SPIN_VARIABLE_CODE_KEY={code}\nSPIN_VARIABLE_CODE_KEY={other}\n"),
            "once",
        ),
        (
            format!("X={code}\nSPIN_VARIABLE_CODE_KEY=${{X}}\n"),
            "one line",
        ),
        (
            format!("SPIN_VARIABLE_REGISTRATION_KEY={code}\n"),
            "registration_public_key",
        ),
        (
            format!(
                "SPIN_VARIABLE_REGISTRATION_KEY={code}\nSPIN_VARIABLE_REGISTRATION_PUBLIC_KEY={other}\n"
            ),
            "nobody would believe",
        ),
        ("SPIN_VARIABLE_CODE_KEY=k:AAAA\n".to_owned(), "code_key"),
        ("SPIN_VARIABLE_CODE_KEY\n".to_owned(), "NAME=value"),
        ("A=1\n".to_owned(), "holds no key"),
    ];
    for (text, part) in cases {
        let scene = Scene::of(&text);
        let cli = Cli::try_parse_from(["postern", "keys", "rotate", "add", "--env-file", ".env"]);
        let Some(Command::Keys(command)) = cli.unwrap().command else {
            panic!("no command");
        };
        let refused = super::run(&command, scene.folder.path(), scene.now).unwrap_err();
        let refused = format!("{refused:#}");
        assert!(refused.contains(part), "{text}: {refused}");
        for key in [code, other] {
            let (_, secret) = key.split_once(':').unwrap();
            assert!(!refused.contains(secret), "{refused}");
        }
        assert_eq!(scene.text(), text);
    }
}

#[test]
fn show_says_what_each_key_does() {
    let mut scene = Scene::new();
    scene.ok("rotate add --purpose code --purpose registration");
    scene.ok("rotate promote");
    scene.pass(60);
    scene.ok("rotate add --purpose code");
    let said = scene.ok("show");
    let line = |kid: &str| {
        let mut lines = said.lines().map(str::trim);
        lines.find(|line| line.starts_with(kid)).unwrap().to_owned()
    };
    let code = scene.kids("code_key");
    assert!(
        line(&code[0]).contains("makes (since 2027-01-15T08:00:00Z)"),
        "{said}"
    );
    assert!(
        line(&code[1]).contains("verifies; may be retired in 9 minutes"),
        "{said}"
    );
    assert!(line(&code[2]).contains("waits to be promoted (added 2027-01-15T08:01:00Z)"));
    assert!(
        line(&scene.kids("refresh_key")[0]).ends_with("makes"),
        "{said}"
    );
    let client = &scene.kids("registration_key")[1];
    assert!(line(client).contains("as long as clients"), "{said}");
    for purpose in &PURPOSES {
        assert!(said.lines().any(|line| line == purpose.name), "{said}");
    }
}

#[test]
fn without_a_file_the_keys_of_this_machine_are_meant() {
    let scene = Scene::of("SPIN_VARIABLE_ALLOWED_ORIGINS=x\n");
    scene.refused(
        "rotate add",
        &[".env", "dev.env", "--env-file", "postern up"],
    );
    let state = crate::state::StateFolder::open(scene.folder.path().join(".postern")).unwrap();
    let (keys, _) = super::load_or_create(&state).unwrap();
    let said = scene.ok("rotate add --purpose code");
    assert!(said.contains(".postern/dev.env"), "{said}");
    let (rotated, made) = super::load_or_create(&state).unwrap();
    assert!(!made && rotated.key("code_key") != keys.key("code_key"));
    scene.ok("rotate promote --state-dir .postern");
}

#[test]
fn a_link_stays_a_link() {
    let scene = Scene::new();
    let link = scene.folder.path().join("link");
    std::os::unix::fs::symlink(scene.path(), &link).unwrap();
    scene.ok("rotate add --env-file link");
    assert!(link.symlink_metadata().unwrap().is_symlink());
    assert_eq!(scene.kids("code_key").len(), 2);
}

#[test]
fn a_pasted_key_is_not_repeated() {
    let scene = Scene::new();
    let key = scene.variables()["code_key"].clone();
    scene.refused(&format!("distrust {key}"), &["the part before the `:`"]);
}

#[test]
fn the_documented_commands_are_a_whole_rotation() {
    let document = include_str!("../../../../docs/keys.md");
    let mut scene = Scene::new();
    let first = scene.kids("registration_key").remove(0);
    let mut done = Vec::new();
    for line in document.lines() {
        let Some(command) = line.strip_prefix("postern keys ") else {
            continue;
        };
        let promoted = scene.kids("registration_key").remove(0);
        scene.ok(&command.replace("m3Kx_9aQ", &promoted));
        scene.pass(1000 * DAY);
        done.push(command);
    }
    assert_eq!(done.len(), 6, "{done:?}");
    assert!(scene.secrets().len() == PURPOSES.iter().flat_map(Purpose::variables).count());
    assert_ne!(scene.kids("registration_key"), [first]);
    for purpose in &PURPOSES {
        let family = purpose.name.split_once('/').map_or_else(
            || format!("`{}`", purpose.name),
            |(family, _)| format!("`{family}/…`"),
        );
        let documented = document.contains(&family) || purpose.name == "dev";
        assert!(
            documented,
            "docs/keys.md does not say how long {family} waits"
        );
    }
}

#[test]
fn an_id_may_look_like_a_flag() {
    for kid in ["-aB_9xYz", "-h_9xYz", "-from__x", "--help_x", "--from-x"] {
        let secret = KeySet::random()
            .unwrap()
            .key("code_key")
            .unwrap()
            .to_owned();
        let (_, secret) = secret.split_once(':').unwrap();
        let scene = Scene::of(&format!("SPIN_VARIABLE_CODE_KEY={kid}:{secret}\n"));
        scene.ok(&format!("distrust --env-file .env {kid}"));
        assert_ne!(scene.kids("code_key"), [kid]);
        scene.refused(&format!("distrust {kid} --env-file .env"), &["no key"]);
    }
}

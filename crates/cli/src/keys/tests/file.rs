//! Which file is changed, what in it is, and what is said of it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use clap::Parser as _;

use super::{DAY, OTHERS, Scene};
use crate::args::{Cli, Command};
use crate::keys::purposes::{PURPOSES, Purpose};
use crate::keys::{KeySet, load_or_create, run};

#[test]
fn other_lines_stay_and_the_file_is_private_after_every_step() {
    let mut scene = Scene::new();
    let shape = |text: &str| -> Vec<String> {
        let lines = text
            .lines()
            .filter(|line| !line.starts_with("# added") && !line.starts_with("# promoted"));
        let names = lines.map(|line| match line.split_once('=') {
            Some((name, _)) if is_of_keys(name) => name,
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

fn is_of_keys(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let variable = name.trim_start_matches("spin_variable_");
    PURPOSES
        .iter()
        .flat_map(Purpose::variables)
        .any(|known| known == variable)
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
        let refused = run(&command, scene.folder.path(), scene.now).unwrap_err();
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
    for purpose in PURPOSES.iter() {
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
    let (keys, _) = load_or_create(&state).unwrap();
    let said = scene.ok("rotate add --purpose code");
    assert!(said.contains(".postern/dev.env"), "{said}");
    let (rotated, made) = load_or_create(&state).unwrap();
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
    let document = include_str!("../../../../../docs/keys.md");
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
    for purpose in PURPOSES.iter() {
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

//! The steps of a rotation, and the distrust of a key.

use std::collections::BTreeMap;
use std::fs;

use super::{DAY, Scene};
use crate::keys::purposes::PURPOSES;

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
    assert_eq!(
        scene.kids("registration_key"),
        scene.kids("registration_public_key")
    );
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
    for purpose in PURPOSES.iter() {
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

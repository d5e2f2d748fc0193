//! Files that are there already, that cannot be used, or that say too little.

use std::fs;

use super::super::configuration::SHIPPED;
use super::super::{names, run};
use super::taken::{MASTER, Taken, access, init, project, take};
use crate::keys::KeySet;

#[test]
fn what_is_unknown_or_still_a_placeholder_is_named() {
    let taken = Taken::of(
        "GITHUB_CLIENT_ID=<your github client id>\nCLERK_FRONTEND_API=https://your-subdomain.clerk.accounts.dev\n\
         COOKIE_ENCRYPTION_KEY=COOKIE_ENCRYPTION_KEY\nSOMETHING=else\nCLERK_CLIENT_SECRET=\n\
         OKTA_ISSUER=acme\nAUTH0_DOMAIN=a b\n",
    );
    taken.assert_set(&[]);
    for (name, part) in [
        ("GITHUB_CLIENT_ID", "still holds what its README has there"),
        (
            "CLERK_FRONTEND_API",
            "still holds what its README has there",
        ),
        (
            "COOKIE_ENCRYPTION_KEY",
            "is printed in a README: the keys are random instead",
        ),
        ("SOMETHING", "is not known here, and is not written"),
        ("CLERK_CLIENT_SECRET", "is empty"),
        ("OKTA_ISSUER", "is no https:// URL"),
        ("AUTH0_DOMAIN", "is no host"),
    ] {
        assert!(taken.fate(name).contains(part), "{name}: {}", taken.told);
    }
    taken.assert_told(&[
        "Its keys are random",
        "in place of GITHUB_CLIENT_ID, CLERK_FRONTEND_API, and run this again with --force",
    ]);
    assert!(
        !taken.told.contains("authentication"),
        "who forgot something has decided nothing: {}",
        taken.told
    );
}

#[test]
fn several_providers_share_the_callback() {
    let taken = Taken::public(
        "GITHUB_CLIENT_ID=id-of-github\nGITHUB_CLIENT_SECRET=secret-of-github\n\
         CLERK_CLIENT_ID=id-of-clerk\nCLERK_CLIENT_SECRET=secret-of-clerk\n",
    );
    taken.assert_told(&[
        "Register https://mcp.example.com/callback as a redirect URI at Clerk",
        "Register https://mcp.example.com/callback/github as a redirect URI at GitHub",
        "Set SPIN_VARIABLE_CLERK_FRONTEND_API and SPIN_VARIABLE_CLERK_HOST, which Clerk needs.",
    ]);
    assert_eq!(taken.toml()["default_provider"].as_str(), Some("clerk"));
}

#[test]
fn one_secret_makes_the_same_keys_every_time_and_another_makes_others() {
    let key = |settings: &str| Taken::public(settings).variables["access_token_key"].clone();
    let (first, again) = (key(&access()), key(&access()));
    assert_eq!(first, again);
    assert_ne!(
        first,
        key(&access().replace(MASTER, &MASTER.replace('4', "5")))
    );
    let random = access().replace(MASTER, "short");
    assert_ne!(key(&random), key(&random));
}

#[test]
fn what_is_there_stays_unless_it_is_forced_and_then_all_else_does() {
    let folder = project();
    let path = |name: &str| folder.path().join(name);
    fs::write(
        path(".env"),
        "# mine\nOTHER=1\nSPIN_VARIABLE_DEV_KEY=x\nSPIN_VARIABLE_CODE_SECONDS=9\n",
    )
    .unwrap();
    fs::write(path("postern.toml"), format!("# mine\n{SHIPPED}")).unwrap();
    fs::write(
        path("old"),
        "DESCOPE_PROJECT_ID=P2abcdefghij\nGITHUB_CLIENT_ID=id\n",
    )
    .unwrap();
    let url = Some("https://mcp.example.com");
    let before = fs::read_to_string(path(".env")).unwrap();
    let refused = run(&init("old", url, false), folder.path())
        .unwrap_err()
        .to_string();
    assert!(refused.contains("--force"), "{refused}");
    assert_eq!(fs::read_to_string(path(".env")).unwrap(), before);

    run(&init("old", url, true), folder.path()).unwrap();
    let env = fs::read_to_string(path(".env")).unwrap();
    assert!(
        env.starts_with("# mine\nOTHER=1\nSPIN_VARIABLE_CODE_SECONDS=9\n"),
        "{env}"
    );
    assert!(
        !env.contains("DEV_KEY"),
        "no development at a public address: {env}"
    );
    let configuration = fs::read_to_string(path("postern.toml")).unwrap();
    assert!(
        configuration.contains("# mine\n") && configuration.contains("\nget_token = \"redacted\"")
    );

    fs::remove_file(path(".env")).unwrap();
    fs::write(path("postern.toml"), format!("# mine\n{SHIPPED}")).unwrap();
    let told = run(&init("old", url, false), folder.path()).unwrap();
    assert!(
        told.contains("stays as it is") && told.contains("[provider.github]"),
        "{told}"
    );
    assert_eq!(
        fs::read_to_string(path("postern.toml")).unwrap(),
        format!("# mine\n{SHIPPED}")
    );
}

#[test]
fn a_public_file_is_not_turned_into_a_development_one_and_addresses_are_checked() {
    let folder = project();
    let env = folder.path().join(".env");
    fs::write(
        folder.path().join("old"),
        "BASE_URL=https://mcp.example.com/app\n",
    )
    .unwrap();
    let refused = run(&init("old", None, false), folder.path()).unwrap_err();
    assert!(format!("{refused:#}").contains("BASE_URL"), "{refused:#}");
    let refused = run(
        &init("old", Some("http://mcp.example.com"), false),
        folder.path(),
    );
    assert!(refused.unwrap_err().to_string().contains("https://"));
    assert!(
        !env.exists(),
        "nothing is written before everything is decided"
    );
    let told = run(
        &init("old", Some("https://mcp.example.com/"), false),
        folder.path(),
    )
    .unwrap();
    assert!(told.contains("the address is given already"), "{told}");
    fs::write(
        folder.path().join("old"),
        "BASE_URL=http://localhost:8788\n",
    )
    .unwrap();
    let refused = run(&init("old", None, true), folder.path())
        .unwrap_err()
        .to_string();
    assert!(refused.contains("SPIN_VARIABLE_PUBLIC_URL"), "{refused}");
    fs::remove_file(&env).unwrap();
    let told = run(&init("old", None, false), folder.path()).unwrap();
    assert!(told.contains("is this machine"), "{told}");
}

#[test]
fn a_file_that_cannot_be_used_is_named_without_its_text() {
    let folder = project();
    let refusal = |from: &str| {
        let refused = run(&init(from, None, false), folder.path()).unwrap_err();
        format!("{refused:#}")
    };
    assert!(refusal("nowhere").contains("--manifest names spin.toml"));
    fs::write(folder.path().join("old"), "A=1\nvery secret\n").unwrap();
    let refused = refusal("old");
    assert!(
        refused.contains("old: line 2") && !refused.contains("secret"),
        "{refused}"
    );
    assert!(!folder.path().join(".env").exists());
}

#[test]
fn a_variable_that_the_manifest_does_not_declare_is_told() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("spin.toml"),
        "[variables]\ndev_key = {}\n",
    )
    .unwrap();
    let taken = take(folder, "SLACK_CLIENT_ID=id-of-slack\n", None);
    taken.assert_told(&["does not declare `slack_client_id`"]);
}

/// A variable that came into the manifest since would be told as unknown.
#[test]
fn what_the_manifest_declares_for_operators_is_known_here() {
    let manifest: toml::Table = toml::from_str(include_str!("../../../../../spin.toml")).unwrap();
    let declared = manifest["variables"].as_table().unwrap();
    let keys = KeySet::random().unwrap();
    let ours = |name: &&String| {
        let is_key = keys.iter().any(|(key, _)| key == name.as_str());
        let is_made = ["outbound_guard", "public_url"].contains(&name.as_str());
        !is_key && !is_made
    };
    let known: Vec<_> = names::variables().collect();
    for name in declared.keys().filter(ours) {
        assert!(
            known.contains(&name.as_str()),
            "`{name}` is no name in init/names.rs"
        );
    }
}

#[test]
fn every_page_that_a_person_is_sent_to_is_there() {
    let docs = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/providers");
    for provider in ::providers::CATALOGUE {
        let id = provider.id;
        assert!(
            docs.join(format!("{id}.md")).is_file(),
            "docs/providers/{id}.md"
        );
    }
}

//! Development keys, and the five servers whose settings are taken over.

mod demos;
mod files;
mod seeds;
mod taken;

use std::fs;
use std::path::Path;

use anyhow::Result;

use super::run;
use crate::args::Init;

fn init(force: bool, folder: &Path) -> Result<String> {
    let init = Init {
        dev: true,
        force,
        from: None,
        url: None,
        manifest: None,
    };
    run(&init, folder)
}

fn project(variables: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("spin.toml"),
        format!("[variables]\n{variables}"),
    )
    .unwrap();
    folder
}

#[test]
fn keys_are_written_once_and_replaced_only_by_force() {
    let folder = project("dev_key = {}");
    let read = || fs::read_to_string(folder.path().join(".env")).unwrap();
    init(false, folder.path()).unwrap();
    let first = read();
    let refused = init(false, folder.path()).unwrap_err().to_string();
    assert!(
        refused.contains(".env") && refused.contains("--force"),
        "{refused}"
    );
    assert_eq!(read(), first);
    init(true, folder.path()).unwrap();
    assert!(read() != first && read().lines().count() == first.lines().count());
}

#[test]
fn a_public_server_never_gets_development_keys() {
    let folder = project("dev_key = {}");
    let env = "SPIN_VARIABLE_PUBLIC_URL=https://mcp.example\n";
    fs::write(folder.path().join(".env"), env).unwrap();
    assert!(
        init(true, folder.path())
            .unwrap_err()
            .to_string()
            .contains("PUBLIC_URL")
    );
    assert_eq!(fs::read_to_string(folder.path().join(".env")).unwrap(), env);
}

#[test]
fn an_application_without_development_sign_in_gets_no_keys() {
    let folder = project("code_key = {}");
    assert!(
        init(false, folder.path())
            .unwrap_err()
            .to_string()
            .contains("dev_key")
    );
}

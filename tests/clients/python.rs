//! Python with the packages of clients that are written in it, in an environment of its own.
//!
//! *Invariant:* a package is the one whose hash `requirements.txt` says, or none is installed.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::LazyLock,
};

use super::{FOLDER, succeeds};

const ENVIRONMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/python");
const REQUIREMENTS: &str = "sdk/requirements.txt";
const ADVICE: &str = "this client needs Python 3.11 or newer with venv: run .ci/packages, which \
                      installs python3-venv on Debian and Ubuntu, or install it by hand";

/// The Python that has the packages, which are installed once per test process at most.
pub(super) fn python() -> &'static Path {
    static PYTHON: LazyLock<PathBuf> = LazyLock::new(installed);
    &PYTHON
}

fn installed() -> PathBuf {
    let environment = Path::new(ENVIRONMENT);
    let python = environment.join("bin/python");
    let (wanted, found) = (
        fs::read_to_string(Path::new(FOLDER).join(REQUIREMENTS)).unwrap(),
        environment.join("requirements.txt"),
    );
    // The environment refers to a Python that may be another by now.
    let lives = Command::new(&python).arg("--version").output().is_ok();
    if lives && fs::read_to_string(&found).is_ok_and(|found| found == wanted) {
        return python;
    }
    let new_enough = "import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))";
    let machine = Command::new("python3").args(["-c", new_enough]).output();
    assert!(
        machine.is_ok_and(|output| output.status.success()),
        "{ADVICE}"
    );
    succeeds(
        Command::new("python3")
            .args(["-m", "venv", "--clear"])
            .arg(environment),
    );
    let install = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ];
    let exactly = [
        "--require-hashes",
        "--only-binary",
        ":all:",
        "--requirement",
    ];
    succeeds(
        Command::new(&python)
            .current_dir(FOLDER)
            .args(install)
            .args(exactly)
            .arg(REQUIREMENTS),
    );
    fs::write(found, wanted).unwrap();
    python
}

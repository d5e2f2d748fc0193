//! Python with the packages of clients that are written in it, an environment for each release.
//!
//! *Invariant:* a package is the one whose hash the file of requirements says, or none is installed.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::Mutex,
};

use super::{FOLDER, succeeds};

const ENVIRONMENTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/python");
const ADVICE: &str = "this client needs Python 3.11 or newer with venv: run .ci/packages, which \
                      installs python3-venv on Debian and Ubuntu, or install it by hand";

/// The Python that has the official SDK in this release, `v1` or `v2`.
pub(super) fn python(release: &str) -> PathBuf {
    // One test installs, and the others wait for it.
    static INSTALLING: Mutex<()> = Mutex::new(());
    let _installing = INSTALLING.lock();
    let environment = Path::new(ENVIRONMENTS).join(release);
    let requirements = Path::new(FOLDER).join(format!("sdk/requirements-{release}.txt"));
    let python = environment.join("bin/python");
    let (wanted, found) = (
        fs::read_to_string(&requirements).unwrap(),
        environment.join("requirements.txt"),
    );
    // The environment refers to a Python that may be another by now.
    let lives = Command::new(&python).arg("--version").output().is_ok();
    let is_there = lives && fs::read_to_string(&found).is_ok_and(|found| found == wanted);
    if !is_there {
        install(&environment, &requirements);
        fs::write(found, wanted).unwrap();
    }
    python
}

fn install(environment: &Path, requirements: &Path) {
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
    let exactly = ["--require-hashes", "--only-binary", ":all:", "--quiet"];
    succeeds(
        Command::new(environment.join("bin/python"))
            .args(["-m", "pip", "--disable-pip-version-check", "install"])
            .args(exactly)
            .arg("--requirement")
            .arg(requirements),
    );
}

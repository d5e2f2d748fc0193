//! A folder, settings of another server in it, and what becomes of them.

use std::collections::BTreeMap;
use std::fs;

use toml::Table;

use super::super::{names, run};
use crate::args::Init;
use crate::keys::{EnvFile, KeySet};

/// A secret of the operator's own.
pub(super) const MASTER: &str = "4f1c9be7a2d05836c0e1f7a94b62d83e4f1c9be7a2d05836c0e1f7a94b62d83e";

/// What there is after settings were taken over.
pub(super) struct Taken {
    pub(super) folder: tempfile::TempDir,
    pub(super) told: String,
    pub(super) variables: BTreeMap<String, String>,
    pub(super) configuration: String,
}

/// A folder whose manifest declares all that settings can become.
pub(super) fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let variables: std::collections::BTreeSet<_> = names::variables()
        .chain(["dev_key", "public_url"])
        .collect();
    let lines: String = variables
        .iter()
        .map(|name| format!("{name} = {{}}\n"))
        .collect();
    fs::write(
        folder.path().join("spin.toml"),
        format!("[variables]\n{lines}"),
    )
    .unwrap();
    folder
}

pub(super) fn init(from: &str, url: Option<&str>, force: bool) -> Init {
    Init {
        dev: false,
        from: Some(from.into()),
        url: url.map(str::to_owned),
        force,
        manifest: None,
    }
}

pub(super) fn take(folder: tempfile::TempDir, settings: &str, url: Option<&str>) -> Taken {
    fs::write(folder.path().join(".dev.vars"), settings).unwrap();
    let told = run(&init(".dev.vars", url, false), folder.path()).unwrap();
    let path = folder.path().join(".env");
    let values = settings.lines().filter_map(|line| line.split_once('='));
    // Our own address is told, and so are names, which a README may have as values.
    for (name, value) in values.filter(|(name, value)| *name != "BASE_URL" && name != value) {
        let value = value.trim_matches('"');
        let is_word = value.len() < 8 || value.starts_with("openid");
        assert!(
            is_word || !told.contains(value),
            "the value of {name} is told:\n{told}"
        );
    }
    let configuration = fs::read_to_string(folder.path().join("postern.toml")).unwrap();
    let understood = configuration::Configuration::read(&configuration);
    assert!(understood.is_ok(), "{understood:?}");
    Taken {
        variables: EnvFile::read(&path).unwrap().unwrap().variables,
        configuration,
        folder,
        told,
    }
}

impl Taken {
    pub(super) fn of(settings: &str) -> Self {
        take(project(), settings, None)
    }

    pub(super) fn public(settings: &str) -> Self {
        take(project(), settings, Some("https://mcp.example.com"))
    }

    /// What the line about a setting says.
    pub(super) fn fate(&self, name: &str) -> &str {
        let line = self
            .told
            .lines()
            .find(|line| line.split_whitespace().next() == Some(name));
        line.unwrap_or_else(|| panic!("{name} is not told:\n{}", self.told))
    }

    pub(super) fn assert_set(&self, expected: &[(&str, &str)]) {
        let keys = KeySet::random().unwrap();
        let keys: Vec<_> = keys.iter().map(|(name, _)| name.to_owned()).collect();
        let set = self.variables.iter();
        let set: BTreeMap<&str, &str> = set
            .filter(|(name, _)| !keys.contains(name))
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        assert_eq!(set, expected.iter().copied().collect(), "{}", self.told);
    }

    pub(super) fn assert_told(&self, parts: &[&str]) {
        for part in parts {
            assert!(
                self.told.contains(part),
                "`{part}` is not told:\n{}",
                self.told
            );
        }
    }

    pub(super) fn toml(&self) -> Table {
        toml::from_str(&self.configuration).unwrap()
    }
}

/// What somebody has who puts Cloudflare Access before a server.
pub(super) fn access() -> String {
    format!(
        "ACCESS_CLIENT_ID=0a1b2c3d4e5f\n\
         ACCESS_CLIENT_SECRET=secret-of-access\n\
         ACCESS_TOKEN_URL=https://team.cloudflareaccess.com/cdn-cgi/access/sso/oidc/0a1b/token\n\
         ACCESS_AUTHORIZATION_URL=https://team.cloudflareaccess.com/cdn-cgi/access/sso/oidc/0a1b/authorization\n\
         ACCESS_JWKS_URL=https://team.cloudflareaccess.com/cdn-cgi/access/sso/oidc/0a1b/jwks\n\
         COOKIE_ENCRYPTION_KEY={MASTER}\n"
    )
}

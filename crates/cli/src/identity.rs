//! Who this server is: a public address that the operator set, or this machine in development.
//!
//! *Invariant:* where the operator has set a public address or a `dev_key`, no key is made; and
//! development sign-in, where anyone can be anyone, is never offered to other machines.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

use crate::keys::{self, DEV_KEY, EnvFile};
use crate::project::Project;
use crate::state::StateFolder;

const PUBLIC_URL: &str = "public_url";

/// The places that variables come from, in the order in which Spin asks them.
#[derive(Default)]
pub(crate) struct Sources {
    /// `--variable`.
    pub(crate) given: BTreeMap<String, String>,
    /// The variables providers of `--runtime-config-file`.
    pub(crate) providers: Providers,
    /// `SPIN_VARIABLE_…` of this process.
    pub(crate) environment: BTreeMap<String, String>,
    /// `.env` beside the manifest.
    pub(crate) env_file: Option<EnvFile>,
}

/// What the providers of a runtime configuration set, as far as it can be read from here.
#[derive(Default)]
pub(crate) struct Providers {
    values: BTreeMap<String, String>,
    /// Whether one of them is a service whose values only the server will see.
    opaque: bool,
}

/// What was decided.
#[derive(Debug, Default)]
pub(crate) struct Identity {
    /// The address people use, where one is set.
    pub(crate) public_url: Option<String>,
    /// Whether development sign-in is on.
    pub(crate) dev: bool,
    /// Keys to hand to the application.
    pub(crate) keys: BTreeMap<String, String>,
    /// Whether those keys were made just now.
    pub(crate) made: bool,
}

impl Sources {
    /// Reads all of them for `project`.
    pub(crate) fn read(
        project: &Project,
        given: Vec<(String, String)>,
        runtime_config: Option<&Path>,
    ) -> Result<Self> {
        Ok(Self {
            given: given.into_iter().collect(),
            providers: runtime_config
                .map(Providers::read)
                .transpose()?
                .unwrap_or_default(),
            environment: environment(),
            env_file: EnvFile::read(&project.env_file())?,
        })
    }

    /// The values of a variable, the first before all others.
    fn values(&self, variable: &str) -> impl Iterator<Item = &str> {
        let file = self.env_file.as_ref().map(|file| &file.variables);
        let sources = [
            Some(&self.given),
            Some(&self.providers.values),
            Some(&self.environment),
            file,
        ];
        let values = sources
            .into_iter()
            .flatten()
            .filter_map(move |source| source.get(variable));
        values.map(String::as_str)
    }

    /// The value of a variable; an empty one counts as none.
    fn value(&self, variable: &str) -> Option<&str> {
        self.values(variable).find(|value| !value.is_empty())
    }

    /// What the application will see of a variable: the first source that has it decides, even with
    /// an empty value, as on Spin.
    pub(crate) fn settled(&self, variable: &str) -> Option<&str> {
        self.values(variable).next()
    }

    /// Whether there is a service whose values only the server will see.
    pub(crate) const fn are_opaque(&self) -> bool {
        self.providers.opaque
    }
}

impl Identity {
    /// Decides, and makes development keys if it comes to that.
    pub(crate) fn decide(
        project: &Project,
        sources: &Sources,
        state: &StateFolder,
        listen: SocketAddr,
    ) -> Result<Self> {
        if !project.declares(DEV_KEY) {
            return Ok(Self::default());
        }
        let public_url = sources.value(PUBLIC_URL).map(str::to_owned);
        let decided =
            public_url.is_some() || sources.value(DEV_KEY).is_some() || sources.providers.opaque;
        let dev = !decided || sources.value(DEV_KEY).is_some();
        // The server knows itself by the literal names alone: another loopback address reaches nobody.
        let literal = [
            IpAddr::from(Ipv4Addr::LOCALHOST),
            IpAddr::from(Ipv6Addr::LOCALHOST),
        ];
        if dev && !literal.contains(&listen.ip()) {
            bail!(
                "--listen {listen} is neither 127.0.0.1 nor [::1], and development sign-in, where \
                 anyone can be anyone, is for this machine alone: listen on 127.0.0.1:{}, or set the variable public_url, an \
                 identity provider and no dev_key",
                listen.port()
            );
        }
        if decided {
            return Ok(Self {
                public_url,
                dev,
                ..Self::default()
            });
        }
        let (keys, made) = keys::load_or_create(state)?;
        let wanted = |name: &str| project.declares(name) && sources.value(name).is_none();
        let keys = keys.iter().filter(|(name, _)| wanted(name));
        let keys = keys
            .map(|(name, key)| (name.to_owned(), key.to_owned()))
            .collect();
        Ok(Self {
            public_url,
            dev,
            keys,
            made,
        })
    }
}

fn environment() -> BTreeMap<String, String> {
    let spin = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
        let name = name
            .to_str()?
            .strip_prefix("SPIN_VARIABLE_")?
            .to_ascii_lowercase();
        Some((name, value.into_string().ok()?))
    };
    std::env::vars_os().filter_map(spin).collect()
}

impl Providers {
    fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read the runtime configuration {}", path.display()))?;
        Self::parse(&text).with_context(|| format!("{} is not TOML", path.display()))
    }

    fn parse(text: &str) -> Result<Self, toml::de::Error> {
        #[derive(Deserialize)]
        struct Document {
            #[serde(default, alias = "config_provider")]
            variables_provider: Vec<Provider>,
        }
        #[derive(Deserialize)]
        struct Provider {
            #[serde(rename = "type")]
            kind: String,
            #[serde(default)]
            values: BTreeMap<String, String>,
        }
        let Document { variables_provider } = toml::from_str(text)?;
        let mut found = Self::default();
        for provider in variables_provider {
            found.opaque |= provider.kind != "static";
            for (name, value) in provider.values {
                // The first provider that knows a variable decides.
                found.values.entry(name).or_insert(value);
            }
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = "[variables]\ndev_key = {}\npublic_url = {}\ncode_key = {}\n";

    struct Scene {
        folder: tempfile::TempDir,
        sources: Sources,
    }

    impl Scene {
        fn new(manifest: &str) -> Self {
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join("spin.toml"), manifest).unwrap();
            Self {
                folder,
                sources: Sources::default(),
            }
        }

        fn decide(&self, listen: &str) -> Result<Identity> {
            let project = Project::find(None, self.folder.path()).unwrap();
            let state = StateFolder::open(self.folder.path().join("state")).unwrap();
            Identity::decide(&project, &self.sources, &state, listen.parse().unwrap())
        }

        fn made_keys(&self) -> bool {
            self.folder.path().join("state/dev.env").exists()
        }
    }

    fn one(name: &str, value: &str) -> BTreeMap<String, String> {
        BTreeMap::from([(name.to_owned(), value.to_owned())])
    }

    #[test]
    fn a_first_start_makes_keys_and_passes_the_declared_ones() {
        let scene = Scene::new(MANIFEST);
        let identity = scene.decide("127.0.0.1:3000").unwrap();
        assert!(identity.dev && identity.made);
        assert_eq!(
            identity.keys.keys().collect::<Vec<_>>(),
            ["code_key", "dev_key"]
        );
        assert!(
            !scene.decide("[::1]:3000").unwrap().made,
            "the second start reads them"
        );
    }

    #[test]
    fn an_application_without_a_dev_key_gets_no_keys() {
        let scene = Scene::new("[variables]\ncode_key = {}\n");
        let identity = scene.decide("0.0.0.0:3000").unwrap();
        assert!(!identity.dev && identity.keys.is_empty() && !scene.made_keys());
    }

    #[test]
    fn a_public_address_or_a_dev_key_from_anywhere_means_that_no_key_is_made() {
        for (name, dev) in [("public_url", false), ("dev_key", true)] {
            let value = || one(name, "https://mcp.example");
            let toml =
                format!("[[variables_provider]]\ntype = 'static'\nvalues = {{ {name} = 'x' }}");
            let cases = [
                Sources {
                    given: value(),
                    ..Sources::default()
                },
                Sources {
                    environment: value(),
                    ..Sources::default()
                },
                Sources {
                    providers: Providers::parse(&toml).unwrap(),
                    ..Sources::default()
                },
                Sources {
                    env_file: EnvFile::parse(format!("SPIN_VARIABLE_{}=x", name.to_uppercase())),
                    ..Sources::default()
                },
            ];
            for sources in cases {
                let scene = Scene {
                    sources,
                    ..Scene::new(MANIFEST)
                };
                let identity = scene.decide("127.0.0.1:3000").unwrap();
                assert_eq!((identity.dev, identity.public_url.is_some()), (dev, !dev));
                assert!(identity.keys.is_empty() && !scene.made_keys());
            }
        }
    }

    #[test]
    fn a_secret_service_may_hold_the_public_address_so_no_key_is_made() {
        let providers =
            Providers::parse("[[variables_provider]]\ntype = 'vault'\nurl = 'x'").unwrap();
        let sources = Sources {
            providers,
            ..Sources::default()
        };
        let scene = Scene {
            sources,
            ..Scene::new(MANIFEST)
        };
        assert!(!scene.decide("127.0.0.1:3000").unwrap().dev && !scene.made_keys());
    }

    #[test]
    fn a_key_that_is_set_elsewhere_is_left_alone_and_an_empty_value_counts_as_none() {
        let mut scene = Scene::new(MANIFEST);
        scene.sources.environment = one("code_key", "mine:x");
        scene.sources.given = one("public_url", "");
        let identity = scene.decide("127.0.0.1:3000").unwrap();
        assert_eq!(identity.keys.keys().collect::<Vec<_>>(), ["dev_key"]);
    }

    #[test]
    fn development_sign_in_is_refused_to_other_machines_before_any_key_is_made() {
        for sources in [
            Sources::default(),
            Sources {
                given: one("dev_key", "x"),
                ..Sources::default()
            },
        ] {
            let scene = Scene {
                sources,
                ..Scene::new(MANIFEST)
            };
            for address in ["0.0.0.0:3000", "127.0.0.2:3000", "192.0.2.1:3000"] {
                let refused = scene.decide(address).unwrap_err().to_string();
                assert!(refused.contains(address) && refused.contains("127.0.0.1:3000"));
            }
            assert!(!scene.made_keys());
        }
    }
}

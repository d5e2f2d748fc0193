//! What becomes of the settings of another server, before anything is written.
//!
//! *Invariant:* every name of the file is told with what becomes of it, and no value is told but
//! our own address.

use ::providers::Provider;
use anyhow::{Context as _, Result};
use jose::Secret;
use oauth::Identities;

use super::configuration::Additions;
use super::dotenv::{Entry, Settings};
use super::names::{Becomes, HOSTS, becomes};
use super::providers::{self, Variables};
use super::values;
use crate::keys::env_name;

/// What will be written, and what a person is told.
#[derive(Default)]
pub(super) struct Plan {
    /// Each name, and what becomes of it.
    pub(super) told: Vec<(String, String)>,
    /// Our variables.
    pub(super) variables: Variables,
    /// Settings that stay as they are.
    pub(super) kept: Vec<(String, String)>,
    /// What our keys are derived from; a random one if there is none.
    pub(super) master: Option<Secret>,
    /// Our address; this machine if there is none.
    pub(super) public_url: Option<String>,
    /// What `postern.toml` says more than before.
    pub(super) additions: Additions,
    /// What is left for the person to do.
    pub(super) left: Vec<String>,
    /// Names that need a value of the person's own.
    to_fill_in: Vec<String>,
}

const DEFAULT_SCOPES: &str = "openid profile email";
const NOT_WRITTEN: &str = "not written: make one with `openssl rand -hex 32`";

impl Plan {
    /// Plans a server at `url`, or at the address that the settings tell, or on this machine.
    pub(super) fn of(settings: &Settings, url: Option<&str>) -> Result<Self> {
        let mut plan = Self::default();
        if let Some(url) = url {
            plan.public_url = Some(origin(url)?);
        }
        let issuer = agentic_issuer(settings);
        // Whether anybody but this machine calls decides which keys will do.
        let (addresses, others): (Vec<_>, Vec<_>) = settings
            .iter()
            .partition(|entry| matches!(becomes(&entry.name), Some(Becomes::PublicUrl)));
        for entry in addresses.into_iter().chain(others) {
            let mut told = match (&issuer, entry.value.is_empty()) {
                (_, true) => "is empty".to_owned(),
                (Some(_), _) if of_descope(&entry.name).is_some() => {
                    let becomes = of_descope(&entry.name);
                    plan.take(entry, becomes)?
                }
                (Some(_), _) if is_part_of_issuer(&entry.name) => {
                    "is part of SPIN_VARIABLE_OIDC_ISSUER".to_owned()
                }
                _ => plan.take(entry, becomes(&entry.name))?,
            };
            if settings.ambiguous.contains(&entry.name) {
                told += "; it stands there more than once, and the last value counts";
            }
            plan.told.push((entry.name.clone(), told));
        }
        if let Some(issuer) = issuer.filter(|issuer| values::host(issuer).is_some()) {
            plan.variables.insert("oidc_issuer", issuer);
        }
        plan.derive_hosts();
        plan.decide(settings);
        Ok(plan)
    }

    fn take(&mut self, entry: &Entry, becomes: Option<Becomes>) -> Result<String> {
        let value = entry.value.as_str();
        Ok(match becomes {
            None => "is not known here, and is not written".to_owned(),
            Some(Becomes::ApiKeys) => self.api_keys(&entry.name, value),
            Some(Becomes::Host(variable)) => match values::host(value) {
                Some(_) if values::is_placeholder(value) => self.placeholder(&entry.name),
                Some(host) => self.variable(variable, &host),
                None => "is no host and no https:// URL, and is not written".to_owned(),
            },
            Some(Becomes::JwtSecret) => match values::refuse_secret(value) {
                Some(reason) => {
                    self.to_fill_in.push(entry.name.clone());
                    format!("{reason}, and is {NOT_WRITTEN}")
                }
                None => self.variable("jwt_secret", value),
            },
            Some(Becomes::Kept(reason)) => {
                self.kept.push((entry.name.clone(), value.to_owned()));
                format!("is kept as it is and not used yet: {reason}")
            }
            Some(Becomes::Master) => match values::master(value) {
                Ok(master) => {
                    self.master = Some(master);
                    "is what every key of this server is derived from".to_owned()
                }
                Err(reason) => format!("{reason}: the keys are random instead"),
            },
            Some(Becomes::Needless(reason)) => format!("is not needed: {reason}"),
            Some(Becomes::PublicUrl) => self.address(&entry.name, value)?,
            Some(Becomes::Scopes(_)) if value == DEFAULT_SCOPES => {
                "is what is asked for anyway".to_owned()
            }
            Some(Becomes::Scopes(provider)) => {
                self.additions.scopes(provider, value);
                format!("is `scopes` of [provider.{provider}] in postern.toml")
            }
            Some(Becomes::Variable(_)) if values::is_placeholder(value) => {
                self.placeholder(&entry.name)
            }
            Some(Becomes::Variable(variable)) => self.checked_variable(variable, value),
        })
    }

    fn checked_variable(&mut self, variable: &'static str, value: &str) -> String {
        let is_url = providers::is_url(variable);
        if is_url && (values::host(value).is_none() || !value.contains("://")) {
            return "is no https:// URL, and is not written".to_owned();
        }
        self.variable(variable, value)
    }

    fn variable(&mut self, variable: &'static str, value: &str) -> String {
        self.variables.insert(variable, value.to_owned());
        is_variable(variable)
    }

    fn api_keys(&mut self, name: &str, list: &str) -> String {
        let is_local = self.public_url.is_none();
        let keys = values::api_keys(list, is_local);
        let is_blank = keys.weak.is_empty() && keys.broken.is_empty();
        let mut told = match keys.taken.as_slice() {
            [] if is_blank => "holds no key, and is not written".to_owned(),
            [] => {
                self.to_fill_in.push(name.to_owned());
                format!("holds no key for this server, and is {NOT_WRITTEN}")
            }
            taken => self.variable("api_keys", &taken.join(",")),
        };
        let weak = if is_local {
            "printed in a README or short, so that a development server alone takes it"
        } else {
            "printed in a README or short, and left out"
        };
        for (places, why) in [
            (keys.weak, weak),
            (keys.broken, "no key or there twice, and left out"),
        ] {
            for place in places {
                told += &format!("; no. {place} is {why}");
            }
        }
        told
    }

    fn address(&mut self, name: &str, value: &str) -> Result<String> {
        Ok(if self.public_url.is_some() {
            "is not taken: the address is given already".to_owned()
        } else if values::is_loopback(value) {
            "is this machine, which needs no address".to_owned()
        } else if values::is_placeholder(value) {
            self.placeholder(name)
        } else {
            let url = origin(value).with_context(|| format!("{name}: name another with --url"))?;
            self.public_url = Some(url);
            "is SPIN_VARIABLE_PUBLIC_URL".to_owned()
        })
    }

    fn placeholder(&mut self, name: &str) -> String {
        self.to_fill_in.push(name.to_owned());
        "still holds what its README has there, and is not written".to_owned()
    }

    fn derive_hosts(&mut self) {
        for (url, variable) in HOSTS {
            if self.variables.contains_key(variable) {
                continue;
            }
            let Some(host) = self.variables.get(url).and_then(|url| values::host(url)) else {
                continue;
            };
            self.variables.insert(variable, host);
            let whole = is_variable(url);
            for (_, told) in self.told.iter_mut().filter(|(_, told)| *told == whole) {
                *told += &format!(", and its host {}", is_variable(variable));
            }
        }
    }

    /// What `postern.toml` has to say, and what is left to do.
    fn decide(&mut self, settings: &Settings) {
        let providers = providers::on(&self.variables);
        self.additions.get_token = settings.speaks_of("DESCOPE_");
        self.additions.role_gate = settings.speaks_of("CLERK_");
        if let [first, _, ..] = providers.as_slice() {
            self.additions.default_provider = Some(first.id);
            self.left.push(format!(
                "Several providers are on, and {} keeps /callback: `default_provider` in \
                 postern.toml says so.",
                first.title
            ));
        }
        for provider in &providers {
            self.provider(
                provider,
                providers
                    .first()
                    .is_some_and(|first| first.id == provider.id),
            );
        }
        self.hosts_of_access();
        let has_keys = ["api_keys", "jwt_secret", "policy_aud"]
            .iter()
            .any(|variable| self.variables.contains_key(variable));
        if !self.to_fill_in.is_empty() {
            self.left.push(format!(
                "Put values of your own in place of {}, and run this again with --force.",
                self.to_fill_in.join(", ")
            ));
        } else if providers.is_empty() && !has_keys {
            self.additions.authentication = true;
            self.left.push(self.nobody_is_let_in());
        }
    }

    fn provider(&mut self, provider: &'static Provider, is_default: bool) {
        let missing = providers::missing(provider, &self.variables);
        let missing: Vec<_> = missing.into_iter().map(env_name).collect();
        if !missing.is_empty() {
            self.left.push(format!(
                "Set {}, which {} needs.",
                missing.join(" and "),
                provider.title
            ));
        }
        if providers::is_open_to_the_world(provider, &self.variables) {
            self.additions.open_to_the_world(provider.id);
            self.left.push(format!(
                "Anybody can make an account at {}: say in postern.toml, [provider.{}], who may \
                 sign in. The server does not start until you do.",
                provider.title, provider.id
            ));
        }
        let path = if is_default {
            "/callback".to_owned()
        } else {
            format!("/callback/{}", provider.id)
        };
        let base = self
            .public_url
            .as_deref()
            .unwrap_or("http://localhost:3000");
        let title = provider.title;
        let page = provider.id;
        self.left.push(format!(
            "Register {base}{path} as a redirect URI at {title}: docs/providers/{page}.md."
        ));
    }

    /// The manifest lets the sign-in through Access connect to one host.
    fn hosts_of_access(&mut self) {
        let urls = [
            "access_authorization_url",
            "access_jwks_url",
            "access_token_url",
        ];
        let hosts = urls
            .iter()
            .filter_map(|url| values::host(self.variables.get(url)?));
        let hosts: std::collections::BTreeSet<_> = hosts.collect();
        if hosts.len() > 1 {
            self.left.push(
                "The three ACCESS_*_URL are of several hosts, and spin.toml lets one be asked: \
                 copy them again from one SaaS application."
                    .to_owned(),
            );
        }
    }

    fn nobody_is_let_in(&self) -> String {
        let meanwhile = match self.public_url {
            Some(_) => "nobody can sign in",
            None => "the test people of this machine sign in",
        };
        format!(
            "There is no identity provider, no API key and no JWT secret, so {meanwhile}. If \
             everybody shall call the tools without signing in, say `authentication = \"none\"` \
             in postern.toml: that is never done for you."
        )
    }
}

fn is_variable(variable: &str) -> String {
    format!("is {}", env_name(variable))
}

/// An address that people reach us at.
fn origin(url: &str) -> Result<String> {
    Identities::read(Some(url), None)?;
    Ok(url.trim_end_matches('/').to_owned())
}

/// The issuer of Descope's Agentic Identity Hub, which is an OpenID provider by discovery.
fn agentic_issuer(settings: &Settings) -> Option<String> {
    let own = |name| {
        settings
            .value(name)
            .filter(|value| !values::is_placeholder(value))
    };
    if let Some(issuer) = own("DESCOPE_ISSUER_URL") {
        return Some(issuer.to_owned());
    }
    let base = own("DESCOPE_BASE_URL").unwrap_or("https://api.descope.com");
    let (project, server) = (own("DESCOPE_PROJECT_ID")?, own("DESCOPE_MCP_SERVER_ID")?);
    let base = base.trim_end_matches('/');
    Some(format!("{base}/v1/apps/agentic/{project}/{server}"))
}

/// What Descope's names become where that issuer is known.
fn of_descope(name: &str) -> Option<Becomes> {
    match name {
        "DESCOPE_CLIENT_ID" => Some(Becomes::Variable("oidc_client_id")),
        "DESCOPE_CLIENT_SECRET" => Some(Becomes::Variable("oidc_client_secret")),
        "DESCOPE_ISSUER_URL" => Some(Becomes::Variable("oidc_issuer")),
        "DESCOPE_SCOPES" => Some(Becomes::Scopes("oidc")),
        _ => None,
    }
}

fn is_part_of_issuer(name: &str) -> bool {
    matches!(
        name,
        "DESCOPE_BASE_URL" | "DESCOPE_MCP_SERVER_ID" | "DESCOPE_PROJECT_ID"
    )
}

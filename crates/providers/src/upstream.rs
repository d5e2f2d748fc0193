//! A provider as this deployment uses it: the catalogue's entry with the operator's variables.
//!
//! *Invariant:* a provider whose accounts anybody can make is not on before somebody wrote down who
//! may come, and no request leads to a host that the manifest does not name.

use std::fmt;

use oauth::{Source, SubjectRefused};
use url::Url;

use crate::address::authority;
use crate::discovery::Endpoints;
use crate::provider::{Anyone, Content, Issuers, Provider, Variable};
use crate::tenant::CONSUMERS;
use crate::values::Values;
use crate::wishes::Wishes;

/// A provider that is on.
#[derive(Clone)]
pub struct Upstream {
    /// Which.
    pub provider: &'static Provider,
    /// The source of its people.
    pub source: Source,
    /// What the operator wants of it.
    pub wishes: Wishes,
    pub(crate) client_id: String,
    pub(crate) client_secret: Option<String>,
    pub(crate) issuer: Option<String>,
    /// Other spellings of the issuer.
    pub(crate) also: Vec<String>,
    pub(crate) endpoints: Endpoints,
    pub(crate) parameters: Vec<(&'static str, String)>,
    hosts: Vec<String>,
    /// The Workspace whose people may come.
    pub(crate) hosted_domain: Option<String>,
}

// Whoever reads a client secret is the client.
impl fmt::Debug for Upstream {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Upstream")
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}

/// Why a provider cannot be on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UpstreamRefused {
    /// Nobody said who may come.
    #[error(
        "anybody can have an account at the provider `{0}`: say in postern.toml who may sign in, \
         with `allow = {{ domains = [\"example.com\"] }}` under [provider.{0}], or let everybody in \
         with `allow = \"anyone\"`"
    )]
    Anyone(&'static str),
    /// An address leads where the component may not go.
    #[error(
        "the provider `{provider}` is at {host}, which its component may not reach: set the \
         variable `{variable}` to {host}"
    )]
    Host {
        /// Which provider.
        provider: &'static str,
        /// The variable of its host.
        variable: String,
        /// Where it is.
        host: String,
    },
    /// People would give themselves roles.
    #[error(
        "`role_claim` of the provider `{0}` is what people write about themselves: name a claim \
         that only its administrators can change"
    )]
    RoleClaim(&'static str),
    /// A variable is not what it must be.
    #[error("the variable `{0}` must be {1}")]
    Malformed(&'static str, &'static str),
    /// A variable is not set.
    #[error("the variable `{missing}` is not set, and `{given}` is: the provider needs both")]
    Missing {
        /// Which.
        missing: String,
        /// What turned the provider on.
        given: &'static str,
    },
    /// The id is no source, which the catalogue's tests exclude.
    #[error(transparent)]
    Source(#[from] SubjectRefused),
    /// An address of another shape.
    #[error("the variable `{0}` must end with `{1}`")]
    Suffix(String, String),
}

impl Upstream {
    /// The provider with these variables: nothing if it is off.
    pub fn read(
        provider: &'static Provider,
        wishes: Wishes,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Option<Self>, UpstreamRefused> {
        let set = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
        if !provider.is_on(set) {
            return Ok(None);
        }
        let values = Values {
            provider,
            set: &set,
        };
        values.check()?;
        let hosts = values.hosts()?;
        let optional = |template: &str| match template {
            "" => Ok(None),
            given => values.expand(given).map(Some),
        };
        let [authorization, token, userinfo, jwks] = provider.endpoints.map(optional);
        let endpoints = Endpoints {
            authorization: authorization?,
            token: token?,
            userinfo: userinfo?,
            jwks: jwks?,
        };
        let also = match provider.issuers {
            Issuers::Exactly(also) => also,
            Issuers::Tenant => &[],
        };
        let upstream = Self {
            source: Source::parse(provider.id)?,
            client_id: values.required(provider.client_id)?,
            client_secret: values.value(provider.client_secret),
            issuer: optional(provider.issuer)?,
            also: also
                .iter()
                .map(|template| values.expand(template))
                .collect::<Result<_, _>>()?,
            endpoints,
            parameters: values.parameters()?,
            hosts,
            hosted_domain: values
                .value("hosted_domain")
                .filter(|_| values.knows("hosted_domain")),
            provider,
            wishes,
        };
        upstream.check(set)?;
        Ok(Some(upstream))
    }

    /// What its button says.
    #[must_use]
    pub fn title(&self) -> &str {
        self.wishes.title.as_deref().unwrap_or(self.provider.title)
    }

    /// Where Microsoft's groups are.
    pub(crate) fn graph_host(&self) -> Option<&str> {
        self.hosts.get(1).map(String::as_str)
    }

    /// Whether its component may send a request to `url`.
    #[must_use]
    pub fn reaches(&self, url: &str) -> bool {
        let host = authority(url);
        host.is_some_and(|host| self.hosts.contains(&host))
    }

    /// The variable that would let the component go to `url`: the first host's, or another that is
    /// still unset while the first has its place.
    fn host_variable(&self, url: &str) -> String {
        let issuer = self.issuer.as_deref().filter(|issuer| *issuer != url);
        let token = self
            .endpoints
            .token
            .as_deref()
            .filter(|token| *token != url);
        let first_is_right = issuer.or(token).is_some_and(|first| self.reaches(first));
        let mut variables = self.provider.variables.iter();
        let second = variables.find(|variable| first_is_right && is_second_host(variable));
        let first = self.provider.hosts.first().copied().unwrap_or_default();
        second.map_or_else(
            || first.trim_matches(['{', '}']).to_owned(),
            |second| second.name.to_owned(),
        )
    }

    fn check(&self, set: impl Fn(&str) -> Option<String>) -> Result<(), UpstreamRefused> {
        let Endpoints {
            token,
            userinfo,
            jwks,
            ..
        } = &self.endpoints;
        let discovered = self
            .endpoints
            .is_whole(self.provider)
            .then_some(&self.issuer);
        let asked = match discovered {
            Some(_) => [token, userinfo, jwks],
            None => [&self.issuer, token, jwks],
        };
        if let Some(url) = asked.into_iter().flatten().find(|url| !self.reaches(url)) {
            return Err(UpstreamRefused::Host {
                provider: self.provider.id,
                variable: self.host_variable(url),
                host: authority(url).unwrap_or_default(),
            });
        }
        let role_claim = self.wishes.role_claim.as_deref();
        if role_claim.is_some_and(|path| !self.provider.decides(path)) {
            return Err(UpstreamRefused::RoleClaim(self.provider.id));
        }
        self.provider.check_rule(&self.wishes, set)
    }
}

impl Provider {
    /// Whether it is on, with these variables.
    pub fn is_on(&self, set: impl Fn(&str) -> Option<String>) -> bool {
        let is_set = |name: &str| set(name).is_some_and(|value| !value.trim().is_empty());
        is_set(self.client_id) && self.unless.is_none_or(|other| !is_set(other))
    }

    /// Whether somebody wrote down who may come, where anybody can have an account.
    pub fn check_rule(
        &self,
        wishes: &Wishes,
        set: impl Fn(&str) -> Option<String>,
    ) -> Result<(), UpstreamRefused> {
        // Only where tokens name tenants are they looked at, and one of them is open to all.
        let closed = |tenants: &Vec<String>| !tenants.iter().any(|one| one == CONSUMERS);
        let tenants =
            self.issuers == Issuers::Tenant && wishes.tenants.as_ref().is_some_and(closed);
        let rule = wishes.allow.is_some() || tenants;
        let set = |name: &str| set(name).filter(|value| !value.trim().is_empty());
        if !rule && is_open(self.anyone, set) {
            Err(UpstreamRefused::Anyone(self.id))
        } else {
            Ok(())
        }
    }

    /// The variables that these two depend on.
    pub fn public_variables(&self) -> impl Iterator<Item = &'static str> {
        let decisive = match self.anyone {
            Anyone::No | Anyone::Yes => None,
            Anyone::Unless(name) | Anyone::If(name, _) | Anyone::At(name, _) => Some(name),
        };
        [self.client_id]
            .into_iter()
            .chain(self.unless)
            .chain(decisive)
    }
}

/// Whether anybody can have an account at a provider that is set so.
fn is_open(anyone: Anyone, set: impl Fn(&str) -> Option<String>) -> bool {
    match anyone {
        Anyone::No => false,
        Anyone::Yes => true,
        Anyone::Unless(name) => set(name).is_none(),
        Anyone::If(name, values) => set(name).is_some_and(|value| {
            values
                .iter()
                .any(|open| open.eq_ignore_ascii_case(value.trim()))
        }),
        Anyone::At(name, hosts) => set(name).is_some_and(|url| {
            let host = Url::parse(&url)
                .ok()
                .and_then(|url| url.host_str().map(str::to_owned));
            host.is_some_and(|host| hosts.contains(&host.as_str()))
        }),
    }
}

fn is_second_host(variable: &Variable) -> bool {
    variable.optional && variable.content == Content::Host
}

#[cfg(test)]
mod tests;

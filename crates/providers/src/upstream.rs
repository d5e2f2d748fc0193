//! A provider as this deployment uses it: the catalogue's entry with the operator's variables.
//!
//! *Invariant:* a provider whose accounts anybody can make is not on before somebody wrote down who
//! may come, and no request leads to a host that the manifest does not name.

use std::fmt;

use http::Uri;
use http::uri::Scheme;
use oauth::{Source, SubjectRefused};
use url::Url;

use crate::discovery::Endpoints;
use crate::provider::{Anyone, Issuers, Provider, Variable};
use crate::template::{self, Hole};
use crate::tenant::CONSUMERS;
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

/// A URL's host, with its port unless that is the usual one.
///
/// What judges a URL and what sends a request to it read it by different rules (WHATWG's here, RFC
/// 3986's there), so both must see the same place.
fn authority(text: &str) -> Option<String> {
    let url = Url::parse(text).ok().filter(is_plain)?;
    let sent: Uri = text.parse().ok()?;
    let host = url.host_str()?;
    let is_same = sent
        .host()
        .is_some_and(|other| other.eq_ignore_ascii_case(host))
        && sent.scheme() == Some(&Scheme::HTTPS)
        && sent.port_u16().unwrap_or(443) == url.port_or_known_default()?;
    let port = url.port().map(|port| format!(":{port}"));
    is_same.then(|| format!("{host}{}", port.unwrap_or_default()))
}

/// Whether it is an address and nothing else: no name and password, and no fragment (RFC 6749
/// §3.1, §3.2).
pub(crate) fn is_plain(url: &Url) -> bool {
    url.scheme() == "https"
        && url.username().is_empty()
        && url.password().is_none()
        && url.fragment().is_none()
}

fn is_second_host(variable: &Variable) -> bool {
    variable.optional && variable.what.starts_with("a host")
}

/// The variables of one provider.
struct Values<'a, F> {
    provider: &'static Provider,
    set: &'a F,
}

impl<F: Fn(&str) -> Option<String>> Values<'_, F> {
    fn knows(&self, name: &str) -> bool {
        self.provider.variable_names().any(|known| known == name)
    }

    fn value(&self, name: &str) -> Option<String> {
        let mut variables = self.provider.variables.iter();
        let variable = variables.find(|variable| variable.name == name);
        let default = variable
            .map(|variable| variable.default)
            .filter(|text| !text.is_empty());
        let is_host = variable.is_some_and(|variable| variable.what.starts_with("a host"));
        let value = (self.set)(name).or_else(|| default.map(str::to_owned));
        let value = value.map(|value| value.trim().to_owned());
        // URLs are compared in lower case.
        value.map(|value| {
            if is_host {
                value.to_ascii_lowercase()
            } else {
                value
            }
        })
    }

    fn required(&self, name: &str) -> Result<String, UpstreamRefused> {
        self.value(name).ok_or_else(|| UpstreamRefused::Missing {
            missing: name.to_owned(),
            given: self.provider.client_id,
        })
    }

    fn expand(&self, template: &str) -> Result<String, UpstreamRefused> {
        template::expand(template, |name| self.value(name)).map_err(|hole| match hole {
            Hole::Missing(missing) => UpstreamRefused::Missing {
                missing,
                given: self.provider.client_id,
            },
            Hole::Suffix(name, suffix) => UpstreamRefused::Suffix(name, suffix),
        })
    }

    /// Each variable by itself.
    fn check(&self) -> Result<(), UpstreamRefused> {
        if !self.provider.public_clients {
            self.required(self.provider.client_secret)?;
        }
        for variable in self.provider.variables {
            let value = match self.value(variable.name) {
                Some(value) => value,
                None if variable.optional => continue,
                None => self.required(variable.name)?,
            };
            let fits = match variable.what {
                what if what.starts_with("a host") => is_host(&value),
                what if what.starts_with("a URL") => is_address(&value),
                _ => is_name(&value) || variable.optional,
            };
            if !fits {
                return Err(UpstreamRefused::Malformed(variable.name, variable.what));
            }
        }
        Ok(())
    }

    fn hosts(&self) -> Result<Vec<String>, UpstreamRefused> {
        let mut hosts = Vec::new();
        for template in self.provider.hosts {
            match self.expand(template) {
                Ok(host) => hosts.push(host),
                // An optional second host.
                Err(UpstreamRefused::Missing { .. }) => {}
                Err(refused) => return Err(refused),
            }
        }
        Ok(hosts)
    }

    fn parameters(&self) -> Result<Vec<(&'static str, String)>, UpstreamRefused> {
        let mut parameters = Vec::new();
        for (name, template) in self.provider.parameters {
            match self.expand(template) {
                Ok(value) => parameters.push((*name, value)),
                Err(UpstreamRefused::Missing { .. }) => {}
                Err(refused) => return Err(refused),
            }
        }
        Ok(parameters)
    }
}

fn is_host(text: &str) -> bool {
    Url::parse(&format!("https://{text}/")).is_ok_and(|url| {
        let written = format!("https://{}/", text.to_ascii_lowercase());
        // The manifest takes `*` for every host there is.
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:[]".contains(&byte);
        url.as_str() == written && text.bytes().all(plain)
    })
}

fn is_address(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| is_plain(&url))
}

/// What is one segment of a path, whoever reads it.
fn is_name(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    text.bytes().all(plain) && text.bytes().any(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests;

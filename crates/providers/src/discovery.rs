//! What a provider publishes of itself (OpenID Connect Discovery 1.0 §3, §4).
//!
//! *Invariant:* a document speaks for the issuer that it was asked for, and for no other.

use jose::Algorithm;
use serde::Deserialize;

use crate::provider::{Issuers, Provider, Told, Userinfo};
use crate::upstream::Upstream;

/// Where a provider's endpoints are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Endpoints {
    pub(crate) authorization: Option<String>,
    pub(crate) token: Option<String>,
    pub(crate) userinfo: Option<String>,
    pub(crate) jwks: Option<String>,
}

/// What is known of a provider once it was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Discovered {
    /// Its issuer, which may be a template over tenants.
    pub(crate) issuer: Option<String>,
    pub(crate) endpoints: Endpoints,
    /// What its ID tokens are signed with.
    pub(crate) algorithms: Vec<Algorithm>,
    /// Whether its answers name it (RFC 9207).
    pub(crate) names_itself: bool,
}

/// Why a document is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DiscoveryRefused {
    /// An endpoint is not where the component may go.
    #[error("the provider's metadata names an endpoint at a host that its component may not reach")]
    Host,
    /// It speaks for another.
    #[error("the provider's metadata names another `issuer`")]
    Issuer,
    /// Not what the specification says.
    #[error("the provider's metadata is not the JSON of OpenID Connect Discovery")]
    Malformed,
    /// It has no endpoint of a kind that is needed.
    #[error("the provider's metadata lacks an endpoint that is needed")]
    Missing,
}

#[derive(Deserialize)]
struct Document {
    issuer: String,
    authorization_endpoint: Option<String>,
    token_endpoint: Option<String>,
    userinfo_endpoint: Option<String>,
    jwks_uri: Option<String>,
    #[serde(default)]
    id_token_signing_alg_values_supported: Vec<String>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

impl Endpoints {
    /// Whether nothing is left to be discovered for `provider`.
    pub(crate) fn is_whole(&self, provider: &Provider) -> bool {
        let keys = provider.told == Told::Userinfo || self.jwks.is_some();
        let userinfo = provider.userinfo == Userinfo::Never || self.userinfo.is_some();
        self.authorization.is_some() && self.token.is_some() && keys && userinfo
    }
}

impl Discovered {
    /// Where its keys are.
    #[must_use]
    pub fn jwks_uri(&self) -> Option<&str> {
        self.endpoints.jwks.as_deref()
    }

    /// Where it tells of a person.
    #[must_use]
    pub fn userinfo_endpoint(&self) -> Option<&str> {
        self.endpoints.userinfo.as_deref()
    }

    /// Whether `iss` of an answer in the browser is this provider's (RFC 9207 §2.4). An issuer that
    /// is a template stands for many, of which the ID token names one.
    #[must_use]
    pub fn is_answerer(&self, iss: Option<&str>) -> bool {
        match (iss, self.issuer.as_deref()) {
            (None, _) => !self.names_itself,
            (Some(_), None) => true,
            (Some(iss), Some(issuer)) => issuer.contains("{tenantid}") || iss == issuer,
        }
    }
}

impl Upstream {
    /// Where its metadata is: nothing where all is known without.
    #[must_use]
    pub fn metadata_url(&self) -> Option<String> {
        if self.endpoints.is_whole(self.provider) {
            return None;
        }
        let issuer = self.issuer.as_ref()?;
        Some(format!(
            "{}/.well-known/openid-configuration",
            issuer.trim_end_matches('/')
        ))
    }

    /// What is known of it without asking.
    #[must_use]
    pub fn undiscovered(&self) -> Discovered {
        Discovered {
            issuer: self.issuer.clone(),
            endpoints: self.endpoints.clone(),
            algorithms: Algorithm::ALL.to_vec(),
            names_itself: false,
        }
    }

    /// What its metadata says, where the operator and the catalogue say nothing.
    pub fn discovered(&self, json: &[u8]) -> Result<Discovered, DiscoveryRefused> {
        let read: Document =
            serde_json::from_slice(json).map_err(|_| DiscoveryRefused::Malformed)?;
        if !self.is_issuer(&read.issuer) {
            return Err(DiscoveryRefused::Issuer);
        }
        let given = self.endpoints.clone();
        let endpoints = Endpoints {
            authorization: given.authorization.or(read.authorization_endpoint),
            token: given.token.or(read.token_endpoint),
            userinfo: given.userinfo.or(read.userinfo_endpoint),
            jwks: given.jwks.or(read.jwks_uri),
        };
        let Endpoints {
            authorization,
            token,
            userinfo,
            jwks,
        } = &endpoints;
        let (Some(authorization), Some(token), Some(jwks)) = (authorization, token, jwks) else {
            return Err(DiscoveryRefused::Missing);
        };
        let asked = [Some(token), Some(jwks), userinfo.as_ref()];
        if !asked.into_iter().flatten().all(|url| self.reaches(url))
            || !authorization.starts_with("https://")
        {
            return Err(DiscoveryRefused::Host);
        }
        let mut named = read.id_token_signing_alg_values_supported.iter();
        let known = |alg: &String| Algorithm::named(alg);
        let algorithms: Vec<_> = named.by_ref().filter_map(known).collect();
        Ok(Discovered {
            issuer: Some(read.issuer),
            endpoints,
            // A provider that lists none that we know is believed with none of them.
            algorithms: if read.id_token_signing_alg_values_supported.is_empty() {
                Algorithm::ALL.to_vec()
            } else {
                algorithms
            },
            names_itself: read.authorization_response_iss_parameter_supported,
        })
    }

    fn is_issuer(&self, named: &str) -> bool {
        let Some(issuer) = self.issuer.as_deref() else {
            return false;
        };
        match self.provider.issuers {
            Issuers::Exactly(_) => named == issuer,
            // `common` answers with a template, and a domain with its tenant's id.
            Issuers::Tenant => named.split_once("/v2.0").is_some_and(|(before, after)| {
                let ours = issuer.rsplit_once("/v2.0").map_or(issuer, |(base, _)| base);
                let host = |base: &str| base.rsplit_once('/').map(|(host, _)| host.to_owned());
                after.is_empty() && host(before) == host(ours)
            }),
        }
    }
}

#[cfg(test)]
mod tests;

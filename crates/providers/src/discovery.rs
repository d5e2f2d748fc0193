//! What a provider publishes of itself (OpenID Connect Discovery 1.0 §3, §4).
//!
//! *Invariant:* a document speaks for the issuer that it was asked for, and for no other.

use jose::Algorithm;
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::address::is_plain;
use crate::provider::{Issuers, Provider, Told, Userinfo};
use crate::tenant;
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
    /// Everywhere that a component sends requests; browsers alone go to the authorization endpoint.
    pub fn addresses(&self) -> impl Iterator<Item = &str> {
        let Endpoints {
            token,
            userinfo,
            jwks,
            ..
        } = &self.endpoints;
        [token, userinfo, jwks]
            .into_iter()
            .filter_map(Option::as_deref)
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
            (Some(iss), Some(issuer)) => iss == issuer || is_tenant_of(issuer, iss),
        }
    }
}

/// Whether `named` is the issuer of one tenant among those that `issuer` stands for.
fn is_tenant_of(issuer: &str, named: &str) -> bool {
    let tenant = tenant::of_issuer(named).map(|(_, tenant)| tenant);
    tenant.is_some_and(|tenant| {
        tenant::is_id(tenant) && issuer.replace(tenant::PLACEHOLDER, tenant) == named
    })
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
    ///
    /// It signs with whatever its keys are for.
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
        let members = jose::json_object(json).ok_or(DiscoveryRefused::Malformed)?;
        let read = Document::deserialize(Value::Object(members))
            .map_err(|_| DiscoveryRefused::Malformed)?;
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
        let known = Discovered {
            algorithms: algorithms(&read.id_token_signing_alg_values_supported),
            issuer: Some(read.issuer),
            endpoints,
            names_itself: read.authorization_response_iss_parameter_supported,
        };
        let endpoints = &known.endpoints;
        let (Some(authorization), Some(_), Some(_)) =
            (&endpoints.authorization, &endpoints.token, &endpoints.jwks)
        else {
            return Err(DiscoveryRefused::Missing);
        };
        // Browsers go to the authorization endpoint, wherever it is.
        let is_page = Url::parse(authorization).is_ok_and(|url| is_plain(&url));
        if is_page && known.addresses().all(|url| self.reaches(url)) {
            Ok(known)
        } else {
            Err(DiscoveryRefused::Host)
        }
    }

    fn is_issuer(&self, named: &str) -> bool {
        let Some(issuer) = self.issuer.as_deref() else {
            return false;
        };
        match self.provider.issuers {
            // One document speaks for both spellings, for its address is that of both (Discovery
            // §4.1): people paste either. Tokens must name what the document does.
            Issuers::Exactly(_) => without_slash(named) == without_slash(issuer),
            Issuers::Tenant => speaks_for(named, issuer),
        }
    }
}

/// Those of a list that are known, and every one where there is no list: a provider that lists none
/// that is known is believed with none.
fn algorithms(named: &[String]) -> Vec<Algorithm> {
    if named.is_empty() {
        return Algorithm::ALL.to_vec();
    }
    let known = named.iter().filter_map(|alg| Algorithm::named(alg));
    known.collect()
}

fn without_slash(issuer: &str) -> &str {
    issuer.strip_suffix('/').unwrap_or(issuer)
}

/// Whether a document that names `named` is that of `issuer`, of which the last part is a tenant.
fn speaks_for(named: &str, issuer: &str) -> bool {
    let (Some((host, tenant)), Some((our_host, ours))) =
        (tenant::of_issuer(named), tenant::of_issuer(issuer))
    else {
        return false;
    };
    let is_tenant = if tenant::is_of_many(ours) {
        tenant == tenant::PLACEHOLDER
    } else if tenant::is_id(ours) {
        tenant.eq_ignore_ascii_case(ours)
    } else {
        // A domain answers with its tenant's id, and so do all personal accounts.
        tenant::is_id(tenant)
    };
    host == our_host && is_tenant
}

#[cfg(test)]
mod tests;

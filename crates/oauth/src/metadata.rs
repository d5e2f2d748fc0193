//! What this server says of itself: RFC 8414, RFC 9728 and RFC 7517 documents.
//!
//! *Invariant:* nothing is advertised that is not served.

use jose::{PublicKey, VerifyingKeys};
use serde::Serialize;

use crate::access_token;
use crate::auth_method::AuthMethod;
use crate::client_assertion;
use crate::grant_type::GrantType;
use crate::identity::{Issuer, ServerIdentity};
use crate::resource::Resource;
use crate::scope::Scope;

/// Authorization server metadata (RFC 8414 §2).
#[derive(Clone, Debug, Serialize)]
pub struct AuthorizationServerMetadata {
    issuer: Issuer,
    authorization_endpoint: String,
    token_endpoint: String,
    registration_endpoint: String,
    revocation_endpoint: String,
    introspection_endpoint: String,
    jwks_uri: String,
    scopes_supported: Vec<&'static str>,
    response_types_supported: [&'static str; 1],
    response_modes_supported: [&'static str; 1],
    grant_types_supported: Vec<&'static str>,
    token_endpoint_auth_methods_supported: Vec<&'static str>,
    token_endpoint_auth_signing_alg_values_supported: Vec<&'static str>,
    revocation_endpoint_auth_methods_supported: Vec<&'static str>,
    revocation_endpoint_auth_signing_alg_values_supported: Vec<&'static str>,
    introspection_endpoint_auth_methods_supported: Vec<&'static str>,
    introspection_endpoint_auth_signing_alg_values_supported: Vec<&'static str>,
    code_challenge_methods_supported: [&'static str; 1],
    client_id_metadata_document_supported: bool,
    // RFC 9207 §3.
    authorization_response_iss_parameter_supported: bool,
}

/// Protected resource metadata (RFC 9728 §2).
#[derive(Clone, Debug, Serialize)]
pub struct ProtectedResourceMetadata {
    resource: Resource,
    authorization_servers: [Issuer; 1],
    scopes_supported: Vec<&'static str>,
    bearer_methods_supported: [&'static str; 1],
    resource_name: &'static str,
    resource_documentation: String,
}

/// A JWK Set (RFC 7517 §5) of the keys that sign access tokens.
#[derive(Clone, Debug, Serialize)]
pub struct KeySet {
    keys: Vec<PublicKey>,
}

impl AuthorizationServerMetadata {
    /// The metadata of `server`, which takes client documents from any host or from a few: only
    /// the former is advertised, since a client cannot know whether it is among the few.
    #[must_use]
    pub fn of(server: &ServerIdentity, documents_of_any_host: bool) -> Self {
        let methods = AuthMethod::ALL.map(AuthMethod::as_str).to_vec();
        let algorithms: Vec<_> = client_assertion::ALGORITHMS
            .iter()
            .map(|algorithm| algorithm.as_str())
            .collect();
        Self {
            issuer: server.issuer().clone(),
            authorization_endpoint: server.url("/authorize"),
            token_endpoint: server.url("/token"),
            registration_endpoint: server.url("/register"),
            revocation_endpoint: server.url("/revoke"),
            introspection_endpoint: server.url("/introspect"),
            jwks_uri: server.url("/.well-known/jwks.json"),
            scopes_supported: Scope::ALL.map(Scope::as_str).to_vec(),
            response_types_supported: ["code"],
            response_modes_supported: ["query"],
            grant_types_supported: GrantType::ALL.map(GrantType::as_str).to_vec(),
            token_endpoint_auth_methods_supported: methods.clone(),
            token_endpoint_auth_signing_alg_values_supported: algorithms.clone(),
            revocation_endpoint_auth_methods_supported: methods,
            revocation_endpoint_auth_signing_alg_values_supported: algorithms.clone(),
            introspection_endpoint_auth_methods_supported: AuthMethod::CONFIDENTIAL
                .map(AuthMethod::as_str)
                .to_vec(),
            introspection_endpoint_auth_signing_alg_values_supported: algorithms,
            code_challenge_methods_supported: ["S256"],
            client_id_metadata_document_supported: documents_of_any_host,
            authorization_response_iss_parameter_supported: true,
        }
    }
}

impl ProtectedResourceMetadata {
    /// The metadata of one of our resources.
    #[must_use]
    pub fn of(server: &ServerIdentity, resource: Resource) -> Self {
        Self {
            resource,
            authorization_servers: [server.issuer().clone()],
            scopes_supported: Scope::OF_RESOURCE.map(Scope::as_str).to_vec(),
            bearer_methods_supported: ["header"],
            resource_name: "Postern",
            resource_documentation: server.url("/"),
        }
    }
}

impl KeySet {
    /// The keys that verify access tokens.
    #[must_use]
    pub fn of(keys: &VerifyingKeys<access_token::Claims>) -> Self {
        Self {
            keys: keys.public_keys(),
        }
    }
}

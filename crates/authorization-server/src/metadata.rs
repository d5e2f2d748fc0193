//! `GET /.well-known/…`: what this server says of itself.
//!
//! *Invariant:* a document is served only at the place its own identity gives it.

use bytes::Bytes;
use host::Variables;
use http::{Method, Request, Response, StatusCode, header};
use jose::VerifyingKeys;
use oauth::metadata::{AuthorizationServerMetadata, KeySet, ProtectedResourceMetadata};
use oauth::{ErrorCode, Identities, Resource, ServerIdentity, WireError, access_token};

use crate::answer;
use crate::settings::{self, SettingsRefused};

/// What the component `metadata` holds.
#[derive(Debug)]
pub struct Settings {
    identities: Identities,
    access_tokens: VerifyingKeys<access_token::Claims>,
    documents_of_any_host: bool,
}

impl Settings {
    /// Reads its variables.
    pub async fn read(host: &impl Variables) -> Result<Self, SettingsRefused> {
        Ok(Self {
            identities: settings::identities(host).await?,
            access_tokens: settings::verifying(host, "access_token_public_key").await?,
            documents_of_any_host: settings::outbound_guard(host).await?,
        })
    }
}

/// Answers one request.
pub async fn handle<H>(_host: &H, settings: &Settings, request: Request<Bytes>) -> Response<Bytes> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return answer::other_method(request.method(), "GET, HEAD, OPTIONS");
    }
    match settings.identities.reached(&request) {
        Ok(server) => document(settings, &server, request.uri().path()),
        Err(reason) => answer::misdirected(&reason),
    }
}

/// RFC 8414 §3.1, and the name under which clients look that know OpenID Connect Discovery; some
/// put the resource's path behind either.
fn is_of_server(path: &str) -> bool {
    let names = [
        "/.well-known/oauth-authorization-server",
        "/.well-known/openid-configuration",
    ];
    let mut rest = names.iter().filter_map(|name| path.strip_prefix(name));
    rest.any(|rest| rest.is_empty() || Resource::PATHS.contains(&rest))
}

/// RFC 9728 §3.1: the resource's path follows; clients fall back to the root.
fn of_resource(path: &str, server: &ServerIdentity) -> Option<Resource> {
    match path.strip_prefix("/.well-known/oauth-protected-resource")? {
        "" => Some(server.resource()),
        path => server.resource_at(path),
    }
}

fn document(settings: &Settings, server: &ServerIdentity, path: &str) -> Response<Bytes> {
    let mut answer = match path {
        "/.well-known/jwks.json" => {
            answer::json(StatusCode::OK, &KeySet::of(&settings.access_tokens))
        }
        _ if is_of_server(path) => answer::json(
            StatusCode::OK,
            &AuthorizationServerMetadata::of(server, settings.documents_of_any_host),
        ),
        _ => match of_resource(path, server) {
            Some(resource) => answer::json(
                StatusCode::OK,
                &ProtectedResourceMetadata::of(server, resource),
            ),
            None => {
                let error =
                    WireError::new(ErrorCode::InvalidRequest, &"there is no such document here");
                return answer::json(StatusCode::NOT_FOUND, &error);
            }
        },
    };
    // Short, because keys rotate and the documents differ by the name the request used.
    answer::with(&mut answer, header::CACHE_CONTROL, "public, max-age=300");
    answer::with(&mut answer, header::VARY, "host");
    answer
}

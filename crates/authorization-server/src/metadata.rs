//! `GET /.well-known/…`: what this server says of itself.
//!
//! *Invariant:* a document is served only at the place its own identity gives it.

use bytes::Bytes;
use host::Variables;
use http::{Method, Request, Response, StatusCode, header};
use jose::VerifyingKeys;
use oauth::metadata::{AuthorizationServerMetadata, KeySet, ProtectedResourceMetadata};
use oauth::{ErrorCode, Identities, ServerIdentity, WireError, access_token};

use crate::answer;
use crate::settings::{self, SettingsRefused};

/// What the component `metadata` holds.
#[derive(Debug)]
pub struct Settings {
    identities: Identities,
    access_tokens: VerifyingKeys<access_token::Claims>,
}

impl Settings {
    /// Reads its variables.
    pub async fn read(host: &impl Variables) -> Result<Self, SettingsRefused> {
        Ok(Self {
            identities: settings::identities(host).await?,
            access_tokens: settings::verifying(host, "access_token_public_key").await?,
        })
    }
}

/// Answers one request.
pub async fn handle<H>(_host: &H, settings: &Settings, request: Request<Bytes>) -> Response<Bytes> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return answer::other_method(request.method(), "GET, HEAD, OPTIONS");
    }
    match answer::reached(&settings.identities, &request) {
        Ok(server) => document(settings, &server, request.uri().path()),
        Err(reason) => answer::misdirected(&reason),
    }
}

fn document(settings: &Settings, server: &ServerIdentity, path: &str) -> Response<Bytes> {
    let mut answer = match path {
        // RFC 8414 §3.1; some clients look under the resource's path.
        "/.well-known/oauth-authorization-server"
        | "/.well-known/oauth-authorization-server/mcp" => {
            answer::json(StatusCode::OK, &AuthorizationServerMetadata::of(server))
        }
        // RFC 9728 §3.1: the resource's path follows; its clients fall back to the root.
        "/.well-known/oauth-protected-resource" | "/.well-known/oauth-protected-resource/mcp" => {
            answer::json(StatusCode::OK, &ProtectedResourceMetadata::of(server))
        }
        "/.well-known/jwks.json" => {
            answer::json(StatusCode::OK, &KeySet::of(&settings.access_tokens))
        }
        _ => {
            let error =
                WireError::new(ErrorCode::InvalidRequest, &"there is no such document here");
            return answer::json(StatusCode::NOT_FOUND, &error);
        }
    };
    // Short, because keys rotate and the documents differ by the name the request used.
    answer::with(&mut answer, header::CACHE_CONTROL, "public, max-age=300");
    answer::with(&mut answer, header::VARY, "host");
    answer
}

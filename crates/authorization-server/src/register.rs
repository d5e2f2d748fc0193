//! `POST /register`: dynamic client registration (RFC 7591).
//!
//! *Invariant:* nothing is stored: a flood of registrations costs a signature each.

use bytes::Bytes;
use host::{Audit, Clock, Entropy, Event, Variables};
use http::{Method, Request, Response, StatusCode};
use jose::SigningKeys;
use oauth::registration::{Registration, register};
use oauth::{ErrorCode, Identities};

use crate::answer;
use crate::settings::{self, SettingsRefused};

/// What the component `register` holds.
#[derive(Debug)]
pub struct Settings {
    identities: Identities,
    registrations: SigningKeys<Registration>,
}

impl Settings {
    /// Reads its variables.
    pub async fn read(host: &impl Variables) -> Result<Self, SettingsRefused> {
        Ok(Self {
            identities: settings::identities(host).await?,
            registrations: settings::signing(host, "registration_key").await?,
        })
    }
}

/// Answers one request.
pub async fn handle<H: Audit + Clock + Entropy>(
    host: &H,
    settings: &Settings,
    request: Request<Bytes>,
) -> Response<Bytes> {
    if request.method() != Method::POST {
        return answer::other_method(request.method(), "POST, OPTIONS");
    }
    if let Err(reason) = settings.identities.reached(&request) {
        return answer::misdirected(&reason);
    }
    if !answer::is_media_type(&request, "application/json") {
        return answer::error(
            ErrorCode::InvalidClientMetadata,
            &"the content type must be application/json",
        );
    }
    match register(
        request.body(),
        &settings.registrations,
        (host.random(), host.now()),
    ) {
        Ok(registered) => answer::json(StatusCode::CREATED, &registered),
        Err(reason) => {
            host.record(Event::new("registration.refused").because(&reason));
            answer::error(reason.code(), &reason)
        }
    }
}

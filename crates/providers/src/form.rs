//! Requests to a provider's token and userinfo endpoints (RFC 6749 §4.1.3, §6).
//!
//! *Invariant:* the client's secret goes to the token endpoint and nowhere else, in the one way
//! that the provider takes it.

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use http::{HeaderValue, Request};
use oauth::CodeVerifier;
use url::form_urlencoded::{Serializer, byte_serialize};

use crate::discovery::Discovered;
use crate::provider::Authentication;
use crate::upstream::Upstream;

/// Some APIs turn away whoever does not say what they are.
const NAME: HeaderValue = HeaderValue::from_static("postern");
const JSON: HeaderValue = HeaderValue::from_static("application/json");

impl Upstream {
    /// A GET of something that is public.
    #[must_use]
    pub fn public_request(url: &str) -> Option<Request<Bytes>> {
        let request = Request::get(url)
            .header(ACCEPT, JSON)
            .header(USER_AGENT, NAME);
        request.body(Bytes::new()).ok()
    }

    /// The exchange of a code.
    #[must_use]
    pub fn code_request(
        &self,
        known: &Discovered,
        code: &str,
        redirect_uri: &str,
        verifier: &CodeVerifier,
    ) -> Option<Request<Bytes>> {
        self.token_request(
            known,
            &[
                ("grant_type", "authorization_code"),
                ("code", code),
                ("redirect_uri", redirect_uri),
                ("code_verifier", verifier.as_str()),
            ],
        )
    }

    /// The exchange of a refresh token.
    #[must_use]
    pub fn refresh_request(&self, known: &Discovered, token: &str) -> Option<Request<Bytes>> {
        let grant = [("grant_type", "refresh_token"), ("refresh_token", token)];
        self.token_request(known, &grant)
    }

    /// A GET with an access token.
    #[must_use]
    pub fn bearer_request(&self, url: &str, access_token: &str) -> Option<Request<Bytes>> {
        if !self.reaches(url) {
            return None;
        }
        let mut bearer = HeaderValue::try_from(format!("Bearer {access_token}")).ok()?;
        bearer.set_sensitive(true);
        let request = Request::get(url)
            .header(ACCEPT, JSON)
            .header(USER_AGENT, NAME);
        request
            .header(AUTHORIZATION, bearer)
            .body(Bytes::new())
            .ok()
    }

    fn token_request(&self, known: &Discovered, grant: &[(&str, &str)]) -> Option<Request<Bytes>> {
        let endpoint = known.endpoints.token.as_deref();
        let endpoint = endpoint.filter(|url| self.reaches(url))?;
        let secret = self.client_secret.as_deref();
        let client = [
            ("client_id", Some(self.client_id.as_str())),
            ("client_secret", secret),
        ];
        let client = client
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)));
        let mut request = Request::post(endpoint)
            .header(ACCEPT, JSON)
            .header(USER_AGENT, NAME);
        let (media_type, body) = match (self.provider.authentication, secret) {
            (Authentication::Basic, Some(secret)) => {
                request = request.header(AUTHORIZATION, basic(&self.client_id, secret)?);
                form(grant.iter().copied())
            }
            (Authentication::Json, _) => {
                let members = grant.iter().copied().chain(client);
                let object: serde_json::Map<_, _> = members
                    .map(|(name, value)| (name.to_owned(), value.into()))
                    .collect();
                ("application/json", serde_json::to_string(&object).ok()?)
            }
            (Authentication::Basic | Authentication::Post, _) => {
                form(grant.iter().copied().chain(client))
            }
        };
        request
            .header(CONTENT_TYPE, media_type)
            .body(body.into())
            .ok()
    }
}

fn form<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> (&'static str, String) {
    let body = Serializer::new(String::new()).extend_pairs(pairs).finish();
    ("application/x-www-form-urlencoded", body)
}

/// RFC 6749 §2.3.1: both are form-encoded before they are joined.
fn basic(id: &str, secret: &str) -> Option<HeaderValue> {
    let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    let pair = format!("{}:{}", encoded(id), encoded(secret));
    let mut value = HeaderValue::try_from(format!("Basic {}", jose::encode_base64(&pair))).ok()?;
    value.set_sensitive(true);
    Some(value)
}

#[cfg(test)]
mod tests;

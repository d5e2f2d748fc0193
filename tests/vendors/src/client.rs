//! How a client shows the token endpoint that it is the one.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::refusal::Refusal;
use crate::seen::Seen;
use crate::shape::Shape;

/// A way to authenticate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    /// `client_secret_basic`.
    Basic,
    /// The secret in a JSON body.
    Json,
    /// `client_secret_post`.
    Post,
    /// `none`.
    Public,
}

impl Method {
    /// Its name in metadata, if it has one.
    pub(crate) const fn name(self) -> Option<&'static str> {
        match self {
            Self::Basic => Some("client_secret_basic"),
            Self::Json => None,
            Self::Post => Some("client_secret_post"),
            Self::Public => Some("none"),
        }
    }
}

/// Holds a request to the ways that its vendor takes.
pub(crate) fn authenticate(shape: &Shape, seen: &Seen) -> Result<(), Refusal> {
    let posted = seen.parameter("client_secret");
    let (method, id, secret) = match (seen.credentials("Basic"), posted) {
        // RFC 6749 section 2.3: never more than one method.
        (Some(_), Some(_)) => return Err(Refusal::Method),
        (Some(basic), None) => {
            let (id, secret) = decoded(basic).ok_or(Refusal::Client)?;
            let named = seen.parameter("client_id");
            if named.is_some_and(|named| named != id) {
                return Err(Refusal::Client);
            }
            (Method::Basic, Some(id), Some(secret))
        }
        (None, secret) => {
            let method = match secret {
                None => Method::Public,
                Some(_) if seen.is_json() => Method::Json,
                Some(_) => Method::Post,
            };
            let id = seen.parameter("client_id").map(str::to_owned);
            (method, id, secret.map(str::to_owned))
        }
    };
    if !shape.methods.contains(&method) {
        return Err(Refusal::Method);
    }
    let right = id.as_deref() == Some(shape.client_id)
        && secret.is_none_or(|secret| secret == shape.client_secret);
    if right { Ok(()) } else { Err(Refusal::Client) }
}

/// RFC 6749 section 2.3.1: both halves are form-urlencoded before they are joined.
fn decoded(basic: &str) -> Option<(String, String)> {
    let joined = String::from_utf8(STANDARD.decode(basic).ok()?).ok()?;
    let (id, secret) = joined.split_once(':')?;
    Some((form_decoded(id), form_decoded(secret)))
}

fn form_decoded(text: &str) -> String {
    // A lone name, in a form, is a pair with an empty value.
    let mut pairs = url::form_urlencoded::parse(text.as_bytes());
    pairs
        .next()
        .map(|(name, _)| name.into_owned())
        .unwrap_or_default()
}

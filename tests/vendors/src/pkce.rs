//! Proof Key for Code Exchange, RFC 7636, as vendors hold clients to it.

use ring::digest::{SHA256, digest};

use crate::jwt::base64url;

/// What a vendor makes of a missing challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pkce {
    /// A challenge is kept to if there is one.
    Honoured,
    /// There must be one.
    Required,
}

/// Whether a verifier fits the challenge: S256 alone, and neither without the other.
pub(crate) fn fits(challenge: Option<&str>, verifier: Option<&str>) -> bool {
    match (challenge, verifier) {
        (None, None) => true,
        (Some(challenge), Some(verifier)) => {
            let long_enough = (43..=128).contains(&verifier.len());
            long_enough && base64url(digest(&SHA256, verifier.as_bytes()).as_ref()) == challenge
        }
        _ => false,
    }
}

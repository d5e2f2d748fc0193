//! The faults that a vendor can be told to have.
//!
//! *Invariant:* each changes one thing, so a test that fails knows what was not noticed.

use std::time::Duration;

use crate::Endpoint;

/// One thing that a vendor does otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Quirk {
    /// The ID token names another issuer.
    WrongIssuer,
    /// The ID token is for another client.
    WrongAudience,
    /// The ID token is for this client and another, which is its `azp`.
    WrongAuthorizedParty,
    /// The ID token has another nonce.
    WrongNonce,
    /// The ID token has no nonce.
    MissingNonce,
    /// The ID token expired an hour ago.
    Expired,
    /// The ID token's `nbf` is in an hour.
    NotYetValid,
    /// The ID token's `iat` is in an hour.
    IssuedInTheFuture,
    /// The ID token's algorithm is `none`, and its signature is empty.
    Unsigned,
    /// The ID token is MACed (HS256) with the PEM of the vendor's public key.
    SignedWithPublicKey,
    /// The ID token names a key that nobody has; one in the set signed it.
    UnknownKeyId,
    /// The ID token is signed by a key, and names it, that never gets into the set.
    UnlistedKey,
    /// The ID token is signed by a new key, which is in the set from then on.
    RotatedKeys,
    /// The ID token's `at_hash` is of another access token.
    WrongAccessTokenHash,
    /// The ID token says `sub` twice.
    DuplicateClaims,
    /// There is no ID token.
    MissingIdToken,
    /// Userinfo tells of somebody else.
    OtherSubject,
    /// Nothing tells of an e-mail address.
    MissingEmail,
    /// The e-mail address is not verified.
    UnverifiedEmail,
    /// There is no refresh token.
    MissingRefreshToken,
    /// The token endpoint refuses, with status 200.
    TokenErrorWith200,
    /// The token endpoint refuses, with status 400 and this code.
    TokenError(&'static str),
    /// The discovery document names another issuer.
    DiscoveryIssuer,
    /// The authorization endpoint sends the browser back with this error.
    AuthorizationError(&'static str),
    /// The authorization response names another issuer, whether or not it would name one.
    WrongIssuerParameter,
    /// An endpoint has a fault that is none of OAuth's.
    Broken(Endpoint, Fault),
}

/// What goes wrong with any server. But for the slow and the huge answer, what was asked is not done:
/// a code or a refresh token is as good as before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Status 500, and a page for people.
    InternalError,
    /// Status 503, with `Retry-After` in seconds.
    Unavailable(u32),
    /// Status 429, with `Retry-After` in seconds.
    TooManyRequests(u32),
    /// The true answer, late.
    Slow(Duration),
    /// No answer at all.
    Silent,
    /// The true answer in 1 MiB of JSON.
    Huge,
    /// Status 200, and a page for people.
    NotJson,
    /// Status 302, to [`Endpoint::Elsewhere`].
    Redirect,
}

//! The grant types of the token endpoint (RFC 6749 §1.3).
//!
//! *Invariant:* what is in this table is served and advertised, and nothing else is either.

/// A way to a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GrantType {
    /// A code from the authorization endpoint (OAuth 2.1 §4.1).
    AuthorizationCode,
    /// The client itself (OAuth 2.1 §4.2): configured clients only.
    ClientCredentials,
    /// A refresh token (OAuth 2.1 §4.3).
    RefreshToken,
}

impl GrantType {
    /// Every grant type, in the order metadata lists them.
    pub const ALL: [Self; 3] = [
        Self::AuthorizationCode,
        Self::RefreshToken,
        Self::ClientCredentials,
    ];

    /// What a client has that names none: what a person's sign-in needs.
    pub const OF_PEOPLE: [Self; 2] = [Self::AuthorizationCode, Self::RefreshToken];

    /// Its name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::ClientCredentials => "client_credentials",
            Self::RefreshToken => "refresh_token",
        }
    }

    /// The grant type of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

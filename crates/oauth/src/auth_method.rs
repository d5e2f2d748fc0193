//! How clients prove themselves at the token endpoint (RFC 6749 §2.3, OpenID Connect Core §9).
//!
//! *Invariant:* what is in this table is served and advertised, and nothing else is either.

/// A value of `token_endpoint_auth_method`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthMethod {
    /// Its secret, in the `Authorization` header.
    ClientSecretBasic,
    /// Its secret, in the form.
    ClientSecretPost,
    /// Its id alone: a client that could keep no secret.
    None,
    /// An assertion signed with its own key (RFC 7523 §2.2).
    PrivateKeyJwt,
}

impl AuthMethod {
    /// Every method, in the order metadata lists them: clients that choose take the first they know.
    pub const ALL: [Self; 4] = [
        Self::None,
        Self::ClientSecretBasic,
        Self::ClientSecretPost,
        Self::PrivateKeyJwt,
    ];

    /// The methods by which a client proves more than its id.
    pub const CONFIDENTIAL: [Self; 3] = [
        Self::ClientSecretBasic,
        Self::ClientSecretPost,
        Self::PrivateKeyJwt,
    ];

    /// Its name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretPost => "client_secret_post",
            Self::None => "none",
            Self::PrivateKeyJwt => "private_key_jwt",
        }
    }

    /// The method of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.as_str() == name)
    }
}

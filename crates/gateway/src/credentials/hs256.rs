//! Tokens of whoever shares `jwt_secret` with this server (HS256).
//!
//! *Invariant:* the secret makes people of its own source alone: `jwt:…`.

use configuration::Shared;
use jose::SharedSecret;
use oauth::foreign_token::{self, Expected};
use oauth::{Source, Timestamp};

use super::foreign::authenticated;
use super::{Authenticated, CredentialRefused};

/// The secret, and what its tokens must say.
#[derive(Debug)]
pub(crate) struct Sharing {
    pub(super) source: Source,
    pub(super) secret: SharedSecret,
    pub(super) refined: Shared,
}

impl Sharing {
    /// Who calls with this token.
    pub(crate) fn verify(
        &self,
        token: &str,
        hash: [u8; 32],
        now: Timestamp,
    ) -> Result<Authenticated, CredentialRefused> {
        let claims = self.secret.verify(token)?;
        let expected = Expected {
            issuer: self.refined.issuer.as_deref(),
            audience: &self.refined.audience,
        };
        // Some who share a secret have always called the subject `userId`.
        let subject = || foreign_token::subject(&claims, &self.source, &["sub", "userId"]);
        let said = (&claims, expected, hash);
        authenticated(&self.source, &self.refined.terms, said, now, subject)
    }
}

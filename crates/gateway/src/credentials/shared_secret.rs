//! Tokens of whoever shares `jwt_secret` with this server (HS256).
//!
//! *Invariant:* the secret makes people of its own source alone: `jwt:…`.

use std::sync::Arc;

use configuration::Shared;
use jose::SharedSecret;
use oauth::foreign_token::{self, Expected};
use oauth::{Source, Timestamp};

use super::foreign::authenticated;
use super::{Authenticated, CredentialRefused};
use crate::settings::Memory;

/// The secret, and what its tokens must say.
#[derive(Debug)]
pub(crate) struct Sharing {
    pub(super) source: Source,
    pub(super) secret: SharedSecret,
    pub(super) refined: Shared,
}

impl Sharing {
    /// Who calls with this token.
    pub(crate) fn authenticate(
        &self,
        memory: &Memory,
        token: &str,
        now: Timestamp,
    ) -> Result<Arc<Authenticated>, CredentialRefused> {
        let source = self.source.as_str();
        let hash = jose::sha256(format!("{source} {token}").as_bytes());
        if let Some(known) = memory.tokens.recall(&hash)
            && known.is_good(source, now)?
        {
            return Ok(known);
        }
        let claims = self.secret.verify(token)?;
        let expected = Expected {
            issuer: self.refined.issuer.as_deref(),
            audience: &self.refined.audience,
        };
        // Some who share a secret have always called the subject `userId`.
        let subject = || foreign_token::subject(&claims, &self.source, &["sub", "userId"]);
        let said = (&claims, expected, hash);
        let known = authenticated(&self.source, &self.refined.terms, said, now, subject)?;
        let known = Arc::new(known);
        memory.tokens.remember(hash, Arc::clone(&known));
        Ok(known)
    }
}

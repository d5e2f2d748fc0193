//! Proof Key for Code Exchange (RFC 7636), S256 only.
//!
//! *Invariant:* there is no value here that stands for `plain` or for no challenge.

use serde::{Deserialize, Serialize};

/// Why a request's PKCE is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PkceRefused {
    /// No challenge (OAuth 2.1 §4.1.1 requires one of every client).
    #[error("the parameter `code_challenge` is missing: this server requires PKCE with S256")]
    ChallengeMissing,
    /// Not the base64url of 32 bytes.
    #[error("the parameter `code_challenge` must be the base64url SHA-256 of the verifier")]
    ChallengeMalformed,
    /// `plain`, something else, or nothing, which RFC 7636 §4.3 reads as `plain`.
    #[error("the parameter `code_challenge_method` must be S256")]
    MethodUnsupported,
    /// Not 43 to 128 unreserved characters (RFC 7636 §4.1).
    #[error("the parameter `code_verifier` must be 43 to 128 unreserved characters")]
    VerifierMalformed,
}

/// An S256 challenge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CodeChallenge(String);

/// The secret behind a challenge.
pub struct CodeVerifier(String);

impl CodeChallenge {
    /// Reads the two parameters of an authorization request.
    pub fn parse(challenge: Option<&str>, method: Option<&str>) -> Result<Self, PkceRefused> {
        let challenge = challenge.ok_or(PkceRefused::ChallengeMissing)?;
        if method != Some("S256") {
            return Err(PkceRefused::MethodUnsupported);
        }
        match jose::decode(challenge) {
            Some(bytes) if bytes.len() == 32 => Ok(Self(challenge.to_owned())),
            _ => Err(PkceRefused::ChallengeMalformed),
        }
    }

    /// Whether `verifier` is the secret behind this challenge.
    #[must_use]
    pub fn is_answered_by(&self, verifier: &CodeVerifier) -> bool {
        let computed = jose::encode(jose::sha256(verifier.0.as_bytes()));
        jose::constant_time_eq(computed.as_bytes(), self.0.as_bytes())
    }

    /// The challenge as text, for the store.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl CodeVerifier {
    /// Reads the parameter of a token request.
    pub fn parse(text: &str) -> Result<Self, PkceRefused> {
        let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        if (43..=128).contains(&text.len()) && text.bytes().all(unreserved) {
            Ok(Self(text.to_owned()))
        } else {
            Err(PkceRefused::VerifierMalformed)
        }
    }

    /// A verifier of our own, from bytes that nobody can guess.
    #[must_use]
    pub fn new(random: [u8; 32]) -> Self {
        Self(jose::encode(random))
    }

    /// Its challenge.
    #[must_use]
    pub fn challenge(&self) -> CodeChallenge {
        CodeChallenge(jose::encode(jose::sha256(self.0.as_bytes())))
    }

    /// The verifier, for the one endpoint that may see it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_rfc_7636_appendix_b_holds() {
        let challenge = CodeChallenge::parse(
            Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
            Some("S256"),
        )
        .unwrap();
        let verifier = CodeVerifier::parse("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk").unwrap();
        assert!(challenge.is_answered_by(&verifier));
        let other = CodeVerifier::parse("eBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk").unwrap();
        assert!(!challenge.is_answered_by(&other));
    }

    #[test]
    fn everything_but_s256_is_refused() {
        let good = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        for (challenge, method, reason) in [
            (None, Some("S256"), PkceRefused::ChallengeMissing),
            (Some(good), None, PkceRefused::MethodUnsupported),
            (Some(good), Some("plain"), PkceRefused::MethodUnsupported),
            (Some(good), Some("s256"), PkceRefused::MethodUnsupported),
            (Some("short"), Some("S256"), PkceRefused::ChallengeMalformed),
            (
                Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM"),
                Some("S256"),
                PkceRefused::ChallengeMalformed,
            ),
        ] {
            assert_eq!(
                CodeChallenge::parse(challenge, method),
                Err(reason),
                "{challenge:?} {method:?}"
            );
        }
        for verifier in [
            "short",
            &"a".repeat(42),
            &"a".repeat(129),
            &format!("{} ", "a".repeat(43)),
        ] {
            assert!(CodeVerifier::parse(verifier).is_err(), "{verifier}");
        }
    }
}

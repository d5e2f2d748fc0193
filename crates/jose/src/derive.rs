//! A key per purpose from one master (HKDF-SHA256, RFC 5869), for the operator's machine.
//!
//! *Invariant:* no component calls this: the master never enters the application.

use ed25519_dalek::SigningKey;
use hkdf::Hkdf;
use sha2::Sha256;

use crate::{Secret, base64url};

/// A `kid:secret` entry of a symmetric key variable.
#[must_use]
pub fn symmetric(master: &Secret, purpose: &str) -> String {
    let secret = expand(master, purpose, "secret");
    // The key id comes from a branch of its own, so that it tells nothing of the secret.
    let kid = expand(master, purpose, "kid");
    entry(&kid, secret.expose())
}

/// The two entries of a signing key: `(private variable, public variable)`.
#[must_use]
pub fn signing_pair(master: &Secret, purpose: &str) -> (String, String) {
    let seed = expand(master, purpose, "secret");
    let public = SigningKey::from_bytes(seed.expose())
        .verifying_key()
        .to_bytes();
    let kid = Secret::new(crate::sha256(&public));
    (entry(&kid, seed.expose()), entry(&kid, &public))
}

fn entry(kid: &Secret, key: &[u8; 32]) -> String {
    let name: String = base64url::encode(kid.expose()).chars().take(8).collect();
    format!("{name}:{}", base64url::encode(key))
}

fn expand(master: &Secret, purpose: &str, branch: &str) -> Secret {
    let mut bytes = [0; 32];
    let info = format!("postern/v1/{purpose}/{branch}");
    let expanded = Hkdf::<Sha256>::new(None, master.expose()).expand(info.as_bytes(), &mut bytes);
    // 32 bytes are within HKDF-SHA256's 8,160, so there is nothing to refuse.
    debug_assert!(expanded.is_ok(), "32 bytes fit an HKDF-SHA256 output");
    Secret::new(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key_ring;

    #[test]
    fn every_purpose_has_keys_of_its_own_that_the_rings_read() {
        let master = Secret::new(crate::sha256(b"master"));
        let mut seen = std::collections::BTreeSet::new();
        for purpose in ["code", "refresh", "tx/dev", "person/dev"] {
            let text = symmetric(&master, purpose);
            assert_eq!(
                text,
                symmetric(&master, purpose),
                "derivation is deterministic"
            );
            let keys = key_ring::parse("x", &text).unwrap();
            assert!(seen.insert(keys[0].1), "{purpose} shares a key");
        }
        let (private, public) = signing_pair(&master, "access-token");
        let private = key_ring::parse("x", &private).unwrap();
        let public = key_ring::parse("x", &public).unwrap();
        assert_eq!(private[0].0, public[0].0, "both halves carry one key id");
        assert!(seen.insert(private[0].1) && seen.insert(public[0].1));
    }
}

//! Lists of keys as Spin variables carry them: `kid:secret,kid:secret`.
//!
//! *Invariant:* the first key makes, all verify; a key that is missing, short or well known is
//! refused by the name of its variable, and its bytes are never part of the refusal.

use std::fmt;

use crate::base64url;

/// The name of a key: 1 to 16 characters of `[A-Za-z0-9_-]`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kid(String);

impl Kid {
    /// Reads a key's name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        ((1..=16).contains(&text.len()) && text.bytes().all(plain)).then(|| Self(text.to_owned()))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Kid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Why a variable's keys are refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the variable `{variable}` {reason}")]
pub struct KeyRefused {
    /// The variable that holds the keys.
    pub variable: String,
    /// What is wrong with them.
    pub reason: KeyRefusal,
}

/// What is wrong with the keys in a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyRefusal {
    /// Two keys have one name, so a signature could not say which one made it.
    #[error("names two keys alike: give each its own key id")]
    DuplicateKid,
    /// An entry is not `kid:secret` with base64url.
    #[error("must be a list `kid:secret,kid:secret`, each secret base64url without padding")]
    Malformed,
    /// There is no key at all.
    #[error("is empty: create keys with `postern init --dev`")]
    Missing,
    /// A public key is not a point of the curve.
    #[error("holds bytes that are no Ed25519 public key")]
    NotAPublicKey,
    /// A secret has fewer or more than 32 bytes.
    #[error("holds a key that is not 32 bytes long: create keys with `postern init --dev`")]
    WrongLength,
    /// A secret that anyone could guess.
    #[error("holds a key that anyone could guess: create keys with `postern init --dev`")]
    WellKnown,
}

/// Whether a variable holds good keys, for one whose presence is all that matters.
pub fn check_keys(variable: &str, text: &str) -> Result<(), KeyRefused> {
    parse(variable, text).map(drop)
}

/// Reads `kid:key,kid:key` into 32-byte keys, in order.
pub(crate) fn parse(variable: &str, text: &str) -> Result<Vec<(Kid, [u8; 32])>, KeyRefused> {
    entries(text).map_err(|reason| KeyRefused {
        variable: variable.to_owned(),
        reason,
    })
}

fn entries(text: &str) -> Result<Vec<(Kid, [u8; 32])>, KeyRefusal> {
    let mut keys: Vec<(Kid, [u8; 32])> = Vec::new();
    for entry in text
        .split(',')
        .map(str::trim)
        .filter(|entry| !entry.is_empty())
    {
        let (kid, secret) = entry.split_once(':').ok_or(KeyRefusal::Malformed)?;
        let kid = Kid::parse(kid).ok_or(KeyRefusal::Malformed)?;
        let bytes = base64url::decode(secret).ok_or(KeyRefusal::Malformed)?;
        let key: [u8; 32] = bytes.try_into().map_err(|_| KeyRefusal::WrongLength)?;
        if guessable(&key) {
            return Err(KeyRefusal::WellKnown);
        }
        if keys.iter().any(|(known, _)| *known == kid) {
            return Err(KeyRefusal::DuplicateKid);
        }
        keys.push((kid, key));
    }
    if keys.is_empty() {
        Err(KeyRefusal::Missing)
    } else {
        Ok(keys)
    }
}

/// Keys people type when they want to get on: one byte repeated, a count, printable text.
fn guessable(key: &[u8; 32]) -> bool {
    let steps = key.iter().zip(key.iter().skip(1));
    let step = |by: u8| {
        steps
            .clone()
            .all(|(left, right)| left.wrapping_add(by) == *right)
    };
    // 32 random bytes are all printable once in 10^13; 32 typed characters always are.
    step(0) || step(1) || step(u8::MAX) || key.iter().all(|byte| (b' '..=b'~').contains(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_keys_are_refused_by_name_and_without_their_bytes() {
        let good = crate::sha256(b"key");
        let text = |bytes: &[u8]| base64url::encode(bytes);
        let cases = [
            (String::new(), KeyRefusal::Missing),
            (" , ".to_owned(), KeyRefusal::Missing),
            (text(&good), KeyRefusal::Malformed),
            (format!("a b:{}", text(&good)), KeyRefusal::Malformed),
            (format!("a:{}=", text(&good)), KeyRefusal::Malformed),
            ("a:not/base64url".to_owned(), KeyRefusal::Malformed),
            (format!("a:{}", text(&good[..16])), KeyRefusal::WrongLength),
            (format!("a:{}", text(&[0; 32])), KeyRefusal::WellKnown),
            (
                format!("a:{}", text(b"COOKIE_ENCRYPTION_KEYCOOKIE_ENCR")),
                KeyRefusal::WellKnown,
            ),
            (
                format!("a:{0},a:{0}", text(&good)),
                KeyRefusal::DuplicateKid,
            ),
        ];
        for (variable, reason) in cases {
            let refused = parse("code_key", &variable).unwrap_err();
            assert_eq!(refused.reason, reason, "{variable}");
            let message = refused.to_string();
            assert!(message.contains("`code_key`"), "{message}");
            assert!(!message.contains(&text(&good)), "{message}");
        }
    }

    #[test]
    fn keys_keep_the_order_they_were_given_in() {
        let (new, old) = (crate::sha256(b"new"), crate::sha256(b"old"));
        let text = format!("n:{}, o:{}", base64url::encode(new), base64url::encode(old));
        let kids: Vec<_> = parse("code_key", &text)
            .unwrap()
            .into_iter()
            .map(|(kid, _)| kid.to_string())
            .collect();
        assert_eq!(kids, ["n", "o"]);
    }
}

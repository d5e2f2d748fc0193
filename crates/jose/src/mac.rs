//! HMAC-SHA256 (RFC 2104) over a list of parts.
//!
//! *Invariant:* each part is led by its length, so no two lists of parts read alike.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::Secret;

/// The MAC of `parts` under `key`, for `purpose`.
#[must_use]
pub fn mac(key: &Secret, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
    // RFC 2104 §2: a key shorter than the hash's block is filled up with zeros.
    let mut block = [0; 64];
    let (filled, _) = block.split_at_mut(32);
    filled.copy_from_slice(key.expose());
    let mut mac = Hmac::<Sha256>::new(&block.into());
    for part in [b"postern/v1".as_slice(), purpose.as_bytes()]
        .into_iter()
        .chain(parts.iter().copied())
    {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

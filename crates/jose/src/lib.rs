//! Keys that have one purpose each, and the signatures, seals and MACs made with them.
//!
//! *Invariant:* this crate draws no randomness and reads no clock, and what was made for one
//! purpose never verifies for another: the purpose is in the type, in the key, and in the bytes.

mod base64url;
mod compact;
pub mod derive;
mod derived_secret;
mod foreign;
mod handle;
mod hs256;
mod json;
mod key_ring;
mod mac;
mod seal;
mod secret;
mod signature;

pub use base64url::{decode, decode_base64, encode, encode_base64};
pub use compact::Glimpse;
pub use foreign::{
    Algorithm, ForeignKeys, ForeignKeysRefused, ForeignRefused, JwkRefused, Verified, json_object,
    unverified_claims,
};
pub use handle::{HandleKeys, HandleRefused};
pub use hs256::{MacRefused, SharedSecret, SharedSecretRefused};
pub use key_ring::{KeyRefusal, KeyRefused, Kid, check_keys};
pub use mac::mac;
pub use seal::{NONCE_LENGTH, SealKeys, SealRefused, Sealed};
pub use secret::Secret;
pub use signature::{PublicKey, SignatureRefused, Signed, SigningKeys, VerifyingKeys};

/// SHA-256 of `bytes`.
#[must_use]
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    use sha2::Digest as _;
    sha2::Sha256::digest(bytes).into()
}

/// A SHA-256 as `sha256sum` writes it, in digits of either case.
#[must_use]
pub fn sha256_from_hex(text: &str) -> Option<[u8; 32]> {
    let digit = |byte: &u8| u8::try_from(char::from(*byte).to_digit(16)?).ok();
    let digits: Vec<u8> = text.as_bytes().iter().map(digit).collect::<Option<_>>()?;
    let (pairs, rest) = digits.as_chunks();
    let bytes: Vec<u8> = pairs.iter().map(|[high, low]| high << 4 | low).collect();
    rest.is_empty().then(|| bytes.try_into().ok()).flatten()
}

/// Whether two byte strings are equal, in time that depends on their lengths alone.
#[must_use]
pub fn constant_time_eq(left: &[u8], right: &[u8]) -> bool {
    use subtle::ConstantTimeEq as _;
    left.ct_eq(right).into()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_hash_is_read_as_it_is_printed() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let hash = super::sha256(b"");
        assert_eq!(super::sha256_from_hex(empty), Some(hash));
        assert_eq!(super::sha256_from_hex(&empty.to_uppercase()), Some(hash));
        let signed = empty.replace("e3", "+3");
        let (short, long) = (empty.replace("e3", ""), format!("{empty}0"));
        for text in ["", &signed, &short, &long, &format!("{short}é")] {
            assert_eq!(super::sha256_from_hex(text), None, "{text}");
        }
    }
}

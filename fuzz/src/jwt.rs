//! Our own signed tokens: as text, and as claims that are signed here.
//!
//! *Invariant:* any bytes are an input, and the law holds for each of them.

use std::sync::LazyLock;

use jose::{Secret, Signed, SigningKeys, VerifyingKeys, derive};
use serde::{Deserialize, Serialize};

/// Any claims.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
struct Claims(String);

impl Signed for Claims {
    const TYP: &'static str = "fuzz+jwt";
}

static KEYS: LazyLock<(SigningKeys<Claims>, VerifyingKeys<Claims>)> = LazyLock::new(|| {
    let master = Secret::new(jose::sha256(b"the master of the fuzz targets"));
    let (private, public) = derive::signing_pair(&master, "jwt");
    let signing = SigningKeys::parse("key", &private).expect("keys");
    (
        signing,
        VerifyingKeys::parse("public_key", &public).expect("keys"),
    )
});

/// What verifies is to the byte what we sign: no text is a token but those, and no edit of one.
pub fn jwt(data: &[u8]) {
    let (signing, verifying) = &*KEYS;
    if let Ok(text) = std::str::from_utf8(data)
        && let Ok(claims) = verifying.verify(text)
    {
        assert_eq!(
            signing.sign(&claims).as_deref(),
            Some(text),
            "a token has a second text"
        );
    }
    let Some(([at, by], content)) = data.split_first_chunk::<2>() else {
        return;
    };
    let claims = Claims(String::from_utf8_lossy(content).into_owned());
    let token = signing.sign(&claims).expect("text is signed");
    assert_eq!(verifying.verify(&token), Ok(claims));
    let edited = edit(&token, *at, *by);
    assert!(
        edited == token || verifying.verify(&edited).is_err(),
        "{edited} passes for {token}"
    );
}

/// The text with one byte, counted from the end, replaced by another of the first 128.
pub(crate) fn edit(text: &str, at: u8, by: u8) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let place = bytes.len().saturating_sub(1 + usize::from(at));
    if let Some(byte) = bytes.get_mut(place) {
        *byte = by & 0x7f;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

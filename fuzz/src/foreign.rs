//! Tokens that others sign, verified with the key set that they publish.
//!
//! *Invariant:* any bytes are an input, and the law holds for each of them.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jose::{Algorithm, ForeignKeys, Secret, Signed, SigningKeys, derive};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::jwt::edit;

/// Any claims.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
struct Claims(BTreeMap<String, String>);

impl Signed for Claims {
    const TYP: &'static str = "JWT";
}

static KEYS: LazyLock<(SigningKeys<Claims>, ForeignKeys)> = LazyLock::new(|| {
    let master = Secret::new(jose::sha256(b"the master of somebody else"));
    let (private, _) = derive::signing_pair(&master, "foreign");
    let signing = SigningKeys::<Claims>::parse("key", &private).expect("keys");
    let published = json!({ "keys": signing.verifying().public_keys() });
    let published = ForeignKeys::parse(published.to_string().as_bytes());
    (signing, published.expect("our own keys are public keys"))
});

/// A set of keys and a token are read without harm; what somebody signed verifies, as what it
/// says, and no edit of it does.
pub fn foreign(data: &[u8]) {
    let (signing, published) = &*KEYS;
    // Whatever a set holds, it verifies nothing of another's.
    let strange = ForeignKeys::parse(data).ok();
    let Some(([at, by], content)) = data.split_first_chunk::<2>() else {
        return;
    };
    let said = String::from_utf8_lossy(content).into_owned();
    let claims = Claims(BTreeMap::from([("said".to_owned(), said)]));
    let token = signing.sign(&claims).expect("text is signed");
    if token.len() > 16_000 {
        return;
    }
    let verified = published
        .verify(&token, &Algorithm::ALL)
        .expect("it is theirs");
    assert_eq!(
        serde_json::to_value(claims).ok(),
        Some(verified.claims().clone().into())
    );
    assert!(strange.is_none_or(|keys| keys.verify(&token, &Algorithm::ALL).is_err()));
    let edited = edit(&token, *at, *by);
    assert!(
        edited == token || published.verify(&edited, &Algorithm::ALL).is_err(),
        "{edited} passes for {token}"
    );
    if let Ok(text) = std::str::from_utf8(data) {
        assert!(
            published.verify(text, &Algorithm::ALL).is_err(),
            "nobody signed it"
        );
    }
}

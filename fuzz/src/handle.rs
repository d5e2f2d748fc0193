//! Codes and refresh tokens.
//!
//! *Invariant:* any bytes are an input, and the law holds for each of them.

use std::sync::LazyLock;

use jose::{HandleKeys, Secret, derive};
use oauth::grant::{CodeKeys, GrantId, RefreshKeys};

use crate::clients::SERVER;
use crate::jwt::edit;

struct Handle;

static KEY: LazyLock<String> = LazyLock::new(|| {
    let master = Secret::new(jose::sha256(b"the master of the fuzz targets"));
    derive::symmetric(&master, "handle")
});
static HANDLES: LazyLock<HandleKeys<Handle>> =
    LazyLock::new(|| HandleKeys::parse("fuzz", "key", &KEY).expect("keys"));
static CODES: LazyLock<CodeKeys> = LazyLock::new(|| CodeKeys::parse("key", &KEY).expect("keys"));
static REFRESH: LazyLock<RefreshKeys> =
    LazyLock::new(|| RefreshKeys::parse("key", &KEY).expect("keys"));

/// What verifies is what we minted for this id in this context, and no edit of it.
pub fn handle(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        if HANDLES.verify(text, &[]).is_ok() {
            let id = HANDLES
                .unverified_id(text)
                .expect("what verifies has an id");
            assert_eq!(HANDLES.mint(&id, &[]), text, "a handle has a second text");
        }
        assert!(
            CODES.verify(text, SERVER.issuer()).is_err(),
            "{text} was never minted"
        );
        if let Ok(claim) = REFRESH.unverified(text) {
            assert_eq!(GrantId::parse(claim.grant.as_str()), Some(claim.grant));
        }
    }
    let Some(([at, by], id)) = data.split_first_chunk::<2>() else {
        return;
    };
    let minted = HANDLES.mint(id, &[&[*at]]);
    assert_eq!(HANDLES.unverified_id(&minted).as_deref(), Ok(id));
    assert_eq!(HANDLES.verify(&minted, &[&[*at]]), Ok(()));
    assert!(
        HANDLES.verify(&minted, &[]).is_err() && HANDLES.verify(&minted, &[&[*at], &[]]).is_err()
    );
    let edited = edit(&minted, *at, *by);
    assert!(edited == minted || HANDLES.verify(&edited, &[&[*at]]).is_err());
}

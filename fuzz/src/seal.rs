//! Sealed cookies and vouchers: as text, and as content that is sealed here.
//!
//! *Invariant:* any bytes are an input, and the law holds for each of them.

use std::sync::LazyLock;

use jose::{SealKeys, Sealed, Secret, derive};
use serde::{Deserialize, Serialize};

use crate::jwt::edit;

/// Any content.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
struct Content(String);

impl Sealed for Content {
    const PURPOSE: &'static str = "fuzz";
}

static KEYS: LazyLock<SealKeys<Content>> = LazyLock::new(|| {
    let master = Secret::new(jose::sha256(b"the master of the fuzz targets"));
    SealKeys::parse("key", &derive::symmetric(&master, "seal")).expect("keys")
});

/// What was sealed opens where it was sealed for; no edit of it does, and no other text.
pub fn seal(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        assert!(KEYS.open(text, "here").is_err(), "{text} was never sealed");
    }
    let Some(([at, by], content)) = data.split_first_chunk::<2>() else {
        return;
    };
    let content = Content(String::from_utf8_lossy(content).into_owned());
    let sealed = KEYS
        .seal(&content, [*at; 24], "here")
        .expect("text is sealed");
    assert_eq!(KEYS.open(&sealed, "here"), Ok(content));
    assert!(KEYS.open(&sealed, "elsewhere").is_err());
    let edited = edit(&sealed, *at, *by);
    assert!(
        edited == sealed || KEYS.open(&edited, "here").is_err(),
        "{edited} opens as {sealed}"
    );
}

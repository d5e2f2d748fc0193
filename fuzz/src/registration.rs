//! The body of `/register`.
//!
//! *Invariant:* any bytes are an input, and the law holds for each of them.

use oauth::{ClientId, RegisteredRedirect};

use crate::clients::{client, registered};

/// Who registered is known by the id it got, with the redirect URIs it sent; and registering what
/// it was answered is answered alike.
pub fn registration(data: &[u8]) {
    let Ok(first) = registered(data) else { return };
    let known = client(&first).expect("who registered is known");
    assert!(known.id().as_str().len() <= ClientId::MAX_LENGTH);
    let answer = serde_json::to_value(&first).expect("an answer is JSON");
    assert!(
        std::str::from_utf8(data).is_ok(),
        "JSON is UTF-8 (RFC 8259 §8.1)"
    );
    // An escape that is no character is read where it is ignored.
    if let Ok(asked) = serde_json::from_slice::<serde_json::Value>(data) {
        assert_eq!(
            answer.get("redirect_uris"),
            asked.get("redirect_uris"),
            "RFC 7591 §3.2.1"
        );
    }
    for uri in known.redirect_uris() {
        let found = RegisteredRedirect::find(known.redirect_uris(), Some(uri.as_str()));
        assert_eq!(
            found.as_ref().map(RegisteredRedirect::as_str),
            Some(uri.as_str())
        );
    }
    let again = registered(answer.to_string().as_bytes()).expect("an answer may be registered");
    assert_eq!(first, again, "what is registered is what is answered");
}

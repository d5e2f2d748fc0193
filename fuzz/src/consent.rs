//! The consent form, and its cookie.
//!
//! *Invariant:* any bytes are an input, and the law holds for each of them.

use oauth::consent::ConsentCookie;
use oauth::{Parameters, Timestamp, TransactionId};
use url::form_urlencoded;

use crate::clients::SERVER;

/// A form verifies with the token of its own cookie over its own fields, and with nothing less.
pub fn consent(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data)
        && let Ok(cookie) = ConsentCookie::parse(Some(text))
    {
        let value = cookie.value();
        let again = ConsentCookie::parse(Some(&value)).map(|again| again.value());
        assert_eq!(
            again,
            Ok(value),
            "a cookie that reads prints back to what reads"
        );
    }
    let Ok(shown) = Parameters::parse(data) else {
        return;
    };
    let (id, now) = (TransactionId::new([1; 16]), Timestamp::from_seconds(1000));
    let cookie = ConsentCookie::new([7; 32], now);
    let check = |posted: &Parameters| cookie.check(&id, SERVER.issuer(), posted, now).is_ok();
    let token = cookie.token(&id, SERVER.issuer(), &shown);
    assert!(
        !check(&shown) || shown.value("csrf") == Some(&token),
        "a token was guessed"
    );
    let with = |more: &[(&str, &str)]| {
        let form = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(shown.pairs(&["csrf"]))
            .extend_pairs(more)
            .finish();
        Parameters::parse(form.as_bytes())
    };
    let good = with(&[("csrf", &token)]).expect("our own form reads");
    assert!(check(&good), "a form comes back as it was shown");
    if let Ok(longer) = with(&[("csrf", &token), ("more", "1")]) {
        assert!(!check(&longer), "a form came back with more than was shown");
    }
}

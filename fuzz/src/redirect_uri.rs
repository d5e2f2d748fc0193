//! Redirect URIs: one that is registered and one that is asked for, on a line each.
//!
//! *Invariant:* any bytes are an input, and the law holds for each of them.

use oauth::{Identities, RedirectUri, RegisteredRedirect, WhoAsked};
use url::Url;

/// What matches a registration is what was registered, but for the port of this machine; and an
/// answer goes to where the redirect URI leads.
pub fn redirect_uri(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let (registered, asked) = text.split_once('\n').unwrap_or((text, text));
    let Ok(uri) = RedirectUri::parse(registered) else {
        return;
    };
    assert_eq!(
        uri.as_str(),
        registered,
        "a registered URI is kept as it was written"
    );
    let itself = RegisteredRedirect::find(std::slice::from_ref(&uri), Some(registered));
    assert!(itself.is_some(), "a registered URI names itself");
    if let Some(found) = RegisteredRedirect::find(&[uri], Some(asked)) {
        assert_eq!(found.as_str(), asked);
        hold(&[registered.to_owned()], &found);
    }
}

/// Whether `found` is one of `registered`.
pub(crate) fn hold(registered: &[String], found: &RegisteredRedirect) {
    let same =
        |uri: &String| uri == found.as_str() || is_same_but_for_the_port(uri, found.as_str());
    assert!(
        registered.iter().any(same),
        "{} is none of {registered:?}",
        found.as_str()
    );
    let before = Url::parse(found.as_str()).expect("a redirect URI is a URL");
    let identities = Identities::read(Some("https://mcp.example.com"), None);
    let server = identities.and_then(|found| found.reached_by(&WhoAsked::default()));
    let server = server.expect("an origin is an identity");
    let answer = found.answer(&[("code", "a&b=c#d")], None, server.issuer());
    let after = Url::parse(&answer).expect("an answer is a URL");
    let place = |url: &Url| {
        let authority = (url.scheme().to_owned(), url.authority().to_owned());
        (
            authority,
            url.path().to_owned(),
            url.fragment().map(str::to_owned),
        )
    };
    assert_eq!(
        place(&before),
        place(&after),
        "an answer goes where the redirect URI leads"
    );
    let pairs: Vec<_> = before.query_pairs().collect();
    let answered: Vec<_> = after.query_pairs().collect();
    assert!(answered.starts_with(&pairs) && answered.len() == pairs.len() + 2);
}

/// RFC 8252 §7.3, read with another parser than the product's own.
fn is_same_but_for_the_port(left: &str, right: &str) -> bool {
    let without = |text: &str| {
        let mut url = Url::parse(text).ok()?;
        let local = ["127.", "localhost", "[::1]"];
        let host = url.host_str()?.to_owned();
        let is_local = local.iter().any(|start| host.starts_with(start));
        (url.scheme() == "http" && is_local && url.set_port(None).is_ok()).then_some(url)
    };
    without(left).is_some() && without(left) == without(right)
}

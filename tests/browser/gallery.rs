//! Every page in every state that looks different, as the browser tests look at it.
//!
//! *Invariant:* each answer is what the crate `pages` makes, headers and all.

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use oauth::{ClientKind, Identities, IdentityRefused, RedirectKind, Scope, Timestamp, dev};
use pages::{Advice, Consent, People, Provider, Refusal};

/// A name full of tricks, with a word that is longer than any line.
const HOSTILE: &str = "<img src=x onerror=alert(1)>\u{202e}gnp.exe\u{200b}WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW";

/// A host of many labels.
const LONG_PLACE: &str = "a-host-name-that-is-much-longer-than-anybody-would-like.and-has-many-labels.so-that-it-cannot-fit.example";

/// The pages by name.
pub(crate) fn pages() -> Vec<(&'static str, Response<Bytes>)> {
    let people = pages::people(&People {
        people: &dev::PEOPLE,
        client_name: Some("MCP Inspector"),
        state: "dev.AAAA.BBBB",
        transaction: "AAAA",
        flow: "7kq2fd",
    });
    let public = Identities::read(Some("https://mcp.example.com"), None);
    let development = Ok(Identities::Loopback);
    let mut pages = vec![("people", people)];
    pages.extend(consents());
    pages.extend(refusals());
    pages.extend([
        (
            "refusal-settings",
            home(&Err(IdentityRefused::NotConfigured), "/"),
        ),
        ("refusal-not-found", home(&development, "/nothing")),
        ("home-development", home(&development, "/")),
        ("home-public", home(&public, "/")),
    ]);
    pages
}

fn consents() -> [(&'static str, Response<Bytes>); 5] {
    use RedirectKind::{Loopback, PrivateUse, Web};
    let dev = &[("dev", "a test person")];
    let three = &[
        ("google", "Google"),
        ("github", "GitHub"),
        ("entra", "Microsoft"),
    ];
    [
        (
            "consent-loopback",
            consent(Some("MCP Inspector"), (Loopback, "127.0.0.1"), dev),
        ),
        (
            "consent-web",
            consent(Some("Claude"), (Web, "claude.ai"), three),
        ),
        (
            "consent-application",
            consent(Some("Cursor"), (PrivateUse, "cursor:"), dev),
        ),
        (
            "consent-nameless",
            consent(None, (Loopback, "localhost"), dev),
        ),
        (
            "consent-hostile",
            consent(Some(HOSTILE), (Web, LONG_PLACE), three),
        ),
    ]
}

fn refusals() -> [(&'static str, Response<Bytes>); 2] {
    [
        (
            "refusal-unknown-client",
            refusal(
                Advice::RegisterAgain,
                "This application is not known here",
                "the client is unknown: register again",
            ),
        ),
        (
            "refusal-expired",
            refusal(
                Advice::StartAgain,
                "This sign-in cannot go on",
                "this sign-in took longer than ten minutes: start again from your application",
            ),
        ),
    ]
}

fn consent(
    client_name: Option<&str>,
    (redirect_kind, place): (RedirectKind, &str),
    providers: &[(&str, &str)],
) -> Response<Bytes> {
    pages::consent(&Consent {
        client_name,
        known: ClientKind::RegisteredItself,
        loopback_only: false,
        redirect_place: place.to_owned(),
        redirect_kind,
        resources: vec!["http://127.0.0.1:3000/mcp"],
        scopes: Scope::ALL
            .iter()
            .map(|scope| (scope.as_str(), scope.in_words()))
            .collect(),
        providers: providers
            .iter()
            .map(|(id, title)| Provider { id, title })
            .collect(),
        hidden: vec![
            ("client_id", "c"),
            ("state", "\"><script>alert(1)</script>"),
        ],
        transaction: "AAAA",
        csrf: "BBBB",
        flow: "7kq2fd",
    })
}

fn refusal(advice: Advice, title: &str, happened: &str) -> Response<Bytes> {
    pages::refusal(
        StatusCode::BAD_REQUEST,
        &Refusal {
            title,
            happened,
            advice,
            flow: Some("7kq2fd"),
        },
    )
}

fn home(identities: &Result<Identities, IdentityRefused>, path: &str) -> Response<Bytes> {
    let request = Request::get(path)
        .header("host", "127.0.0.1:3000")
        .header("spin-client-addr", "127.0.0.1:9")
        .body(Bytes::new())
        .unwrap();
    pages::home::handle(Timestamp::from_seconds(1_700_000_000), identities, &request)
}

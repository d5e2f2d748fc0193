//! Every page in every state that looks different, as the browser tests look at it.
//!
//! *Invariant:* each answer is what the crate `pages` makes, headers and all.

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use oauth::{
    ClientKind, Identities, IdentityRefused, RedirectKind, Scope, Software, Timestamp, dev,
};
use pages::{Advice, Ask, Consent, People, Provider, Refusal};

/// A name full of tricks, with a word that is longer than any line.
const HOSTILE: &str = "<img src=x onerror=alert(1)>\u{202e}gnp.exe\u{200b}WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW";

/// A host of many labels.
const LONG_PLACE: &str = "a-host-name-that-is-much-longer-than-anybody-would-like.and-has-many-labels.so-that-it-cannot-fit.example";

/// The pages by name.
pub(crate) fn pages() -> Vec<(&'static str, Response<Bytes>)> {
    let people = pages::people(&People {
        people: &dev::PEOPLE,
        suggested: Some("grace"),
        client_name: Some("MCP Inspector"),
        state: "dev.AAAA.BBBB",
        transaction: "AAAA",
        flow: "7kq2fd",
    });
    let public = Identities::read(Some("https://mcp.example.com"), None);
    let development = Ok(Identities::Loopback);
    let mut pages = vec![("people", people)];
    pages.extend(consents());
    pages.extend(asked_again());
    pages.extend(refusals());
    pages.extend(unknown_clients());
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

/// What a browser with a session sees, and who left nothing ticked.
fn asked_again() -> [(&'static str, Response<Bytes>); 4] {
    use RedirectKind::{Loopback, Web};
    let inspector = |ask| asked(Some("MCP Inspector"), (Loopback, "127.0.0.1"), ask);
    let other = |name| Ask::OtherPerson {
        name,
        provider: "dev",
        problem: None,
    };
    let go_on = Ask::GoOn {
        name: "Ada Lovelace",
        provider: "dev",
    };
    let none_left = Ask::All {
        providers: vec![Provider {
            id: "dev",
            title: "a test person",
        }],
        other_account: false,
        problem: Some("leave at least one thing that the application can do, or choose Deny"),
    };
    [
        ("consent-continue", inspector(go_on)),
        ("consent-nothing-left", inspector(none_left)),
        (
            "consent-other-person",
            asked(Some("Claude"), (Web, "claude.ai"), other("Grace Hopper")),
        ),
        (
            "consent-other-hostile",
            asked(Some(HOSTILE), (Web, LONG_PLACE), other(HOSTILE)),
        ),
    ]
}

/// The page of an unknown client, for the users of each application.
fn unknown_clients() -> impl Iterator<Item = (&'static str, Response<Bytes>)> {
    let name = |software| match software {
        Software::ChatGpt => "refusal-unknown-chatgpt",
        Software::Claude => "refusal-unknown-claude",
        Software::Cursor => "refusal-unknown-cursor",
        Software::Inspector => "refusal-unknown-inspector",
        Software::McpRemote => "refusal-unknown-mcp-remote",
        Software::VsCode => "refusal-unknown-vs-code",
        Software::Windsurf => "refusal-unknown-windsurf",
    };
    Software::ALL.into_iter().map(move |software| {
        let page = refusal(
            Advice::RegisterAgain(Some(software)),
            "This application is not known here",
            "the client is unknown: register again",
        );
        (name(software), page)
    })
}

fn refusals() -> [(&'static str, Response<Bytes>); 5] {
    [
        (
            "refusal-unknown-client",
            refusal(
                Advice::RegisterAgain(None),
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
        (
            "refusal-not-admitted",
            refusal(
                Advice::AskToBeAdmitted,
                "You may not sign in here",
                "this account is not among those that may sign in here",
            ),
        ),
        (
            "refusal-provider-wrong",
            refusal(
                Advice::TellTheOperator,
                "You could not be signed in",
                "the identity provider's answer does not hold, so nobody was signed in",
            ),
        ),
        (
            "refusal-provider-away",
            refusal(
                Advice::Reload,
                "Signing in is not possible at the moment",
                "the identity provider does not answer as it should right now",
            ),
        ),
    ]
}

fn consent(
    client_name: Option<&str>,
    place: (RedirectKind, &str),
    providers: &[(&str, &str)],
) -> Response<Bytes> {
    let providers = providers.iter();
    let ask = Ask::All {
        providers: providers
            .map(|(id, title)| Provider { id, title })
            .collect(),
        other_account: false,
        problem: None,
    };
    asked(client_name, place, ask)
}

fn asked(
    client_name: Option<&str>,
    (redirect_kind, place): (RedirectKind, &str),
    ask: Ask<'_>,
) -> Response<Bytes> {
    // Who is asked again left nothing ticked.
    let again = matches!(
        ask,
        Ask::All {
            problem: Some(_),
            ..
        }
    );
    pages::consent(&Consent {
        client_name,
        known: ClientKind::RegisteredItself,
        loopback_only: false,
        redirect_place: place.to_owned(),
        redirect_kind,
        resources: vec!["http://127.0.0.1:3000/mcp"],
        // Where there are tools, something is left.
        scopes: Scope::ALL
            .into_iter()
            .filter(|scope| !again || scope.field().is_some())
            .map(|scope| (scope, !again))
            .collect(),
        ask,
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

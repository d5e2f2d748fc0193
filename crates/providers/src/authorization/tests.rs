use std::collections::BTreeMap;
use std::sync::LazyLock;

use oauth::{CodeChallenge, CodeVerifier, Parameters, Prompt, Prompting};
use serde_json::json;
use url::Url;

use super::Asking;
use crate::catalogue::CATALOGUE;
use crate::discovery::Discovered;
use crate::provider::{Offline, Told};
use crate::samples::{CLIENT, set, upstream, wished};
use crate::upstream::Upstream;

static CHALLENGE: LazyLock<CodeChallenge> =
    LazyLock::new(|| CodeVerifier::new([7; 32]).challenge());

/// The parameters of the request, each of which stands once.
fn asked<'a>(
    upstream: &Upstream,
    change: impl FnOnce(&mut Asking<'a>),
) -> BTreeMap<String, String> {
    let url = url(upstream, change);
    let mut found = BTreeMap::new();
    for (name, value) in url.query_pairs() {
        let twice = found.insert(name.clone().into_owned(), value.into_owned());
        assert_eq!(twice, None, "{name} stands twice in {url}");
    }
    found
}

fn url<'a>(upstream: &Upstream, change: impl FnOnce(&mut Asking<'a>)) -> Url {
    let mut asking = Asking {
        redirect_uri: "https://postern.example/callback",
        state: "s-1",
        nonce: "n-1",
        challenge: &CHALLENGE,
        prompt: Prompt::default(),
        max_age: None,
        login_hint: None,
    };
    change(&mut asking);
    let known = known(upstream);
    Url::parse(&upstream.authorization_url(&known, &asking).unwrap()).unwrap()
}

fn known(upstream: &Upstream) -> Discovered {
    let mut known = upstream.undiscovered();
    let anywhere = || "https://id.acme.example/authorize".to_owned();
    known.endpoints.authorization.get_or_insert_with(anywhere);
    known
}

fn prompting(query: &str) -> Prompting {
    Prompting::parse(&Parameters::parse(query.as_bytes()).unwrap()).unwrap()
}

#[test]
fn every_provider_is_told_what_binds_its_answer_to_this_sign_in() {
    for provider in CATALOGUE {
        let upstream = upstream(provider.id);
        let found = asked(&upstream, |_| {});
        for (name, value) in [
            ("response_type", "code"),
            ("client_id", CLIENT),
            ("redirect_uri", "https://postern.example/callback"),
            ("state", "s-1"),
            ("code_challenge", CHALLENGE.as_str()),
            ("code_challenge_method", "S256"),
        ] {
            assert_eq!(
                found.get(name).map(String::as_str),
                Some(value),
                "{}",
                provider.id
            );
        }
        let nonce = (provider.told == Told::IdToken).then_some("n-1");
        assert_eq!(
            found.get("nonce").map(String::as_str),
            nonce,
            "{}",
            provider.id
        );
        for name in [
            "max_age",
            provider.login_hint,
            "client_secret",
            "code_verifier",
        ] {
            assert_eq!(found.get(name), None, "{}: {name}", provider.id);
        }
    }
}

#[test]
fn scopes_are_the_catalogues_with_what_asks_for_a_refresh_token() {
    for (id, scope, never) in [
        (
            "access",
            "openid profile email groups",
            "openid profile email groups",
        ),
        (
            "auth0",
            "openid profile email offline_access",
            "openid profile email",
        ),
        (
            "clerk",
            "openid profile email public_metadata offline_access",
            "openid profile email public_metadata",
        ),
        ("descope", "openid profile email", "openid profile email"),
        ("github", "read:user user:email", "read:user user:email"),
        ("google", "openid profile email", "openid profile email"),
        (
            "logto",
            "openid profile email urn:logto:scope:roles offline_access",
            "openid profile email urn:logto:scope:roles",
        ),
        (
            "microsoft",
            "openid profile email User.Read offline_access",
            "openid profile email User.Read",
        ),
        ("oauth2", "", ""),
        ("slack", "openid profile email", "openid profile email"),
        ("workos", "", ""),
    ] {
        let found = |text| {
            asked(&wished(id, text), |_| {})
                .remove("scope")
                .unwrap_or_default()
        };
        assert_eq!(found(json!({ "allow": "anyone" })), scope, "{id}");
        assert_eq!(
            found(json!({ "allow": "anyone", "refresh_minutes": 0 })),
            never,
            "{id}"
        );
        let own = json!({ "allow": "anyone", "scopes": "openid own" });
        assert_eq!(found(own), "openid own", "{id}");
    }
    for text in [
        json!({ "allow": { "groups": ["acme"] } }),
        json!({ "allow": "anyone", "roles": {} }),
        json!({ "allow": "anyone", "role_claim": "teams" }),
    ] {
        let found = asked(&wished("github", text), |_| {});
        assert_eq!(found["scope"], "read:user user:email read:org");
    }
}

#[test]
fn prompts_are_passed_on_and_consent_is_asked_for_where_offline_needs_it() {
    for (id, query, prompt) in [
        ("auth0", "", None),
        ("auth0", "prompt=login", Some("login")),
        ("auth0", "prompt=none", Some("none")),
        (
            "auth0",
            "prompt=select_account+login+consent",
            Some("login consent select_account"),
        ),
        ("logto", "", Some("consent")),
        ("logto", "prompt=consent", Some("consent")),
        ("logto", "prompt=login", Some("login consent")),
        ("logto", "prompt=none", Some("none")),
    ] {
        let asking = prompting(query);
        let found = asked(&upstream(id), |asked| asked.prompt = asking.prompt);
        assert_eq!(
            found.get("prompt").map(String::as_str),
            prompt,
            "{id} {query}"
        );
    }
    let never = wished("logto", json!({ "refresh_minutes": 0 }));
    assert_eq!(asked(&never, |_| {}).get("prompt"), None);
}

#[test]
fn what_a_client_knows_of_the_person_goes_on() {
    let asking = prompting("max_age=60&login_hint=ada%2B1%40acme.example");
    for (id, name) in [("google", "login_hint"), ("github", "login")] {
        let found = asked(&upstream(id), |asked| {
            asked.max_age = asking.max_age;
            asked.login_hint = asking.login_hint.as_deref();
        });
        assert_eq!(found[name], "ada+1@acme.example");
        assert_eq!(found["max_age"], "60");
    }
}

#[test]
fn what_only_some_are_told_is_told_to_them() {
    for (id, others, name, value) in [
        (
            "google",
            vec![("hosted_domain", "acme.example")],
            "hd",
            Some("acme.example"),
        ),
        ("google", vec![("hosted_domain", "")], "hd", None),
        ("google", vec![], "access_type", Some("offline")),
        (
            "auth0",
            vec![("auth0_audience", "https://api.acme.example")],
            "audience",
            Some("https://api.acme.example"),
        ),
        ("auth0", vec![], "audience", None),
        ("workos", vec![], "provider", Some("authkit")),
        // No provider but Google is told of a Workspace.
        (
            "microsoft",
            vec![("hosted_domain", "acme.example")],
            "hd",
            None,
        ),
    ] {
        let found = asked(&set(id, &others), |_| {});
        assert_eq!(found.get(name).map(String::as_str), value, "{id} {name}");
    }
    let never = wished("google", json!({ "allow": "anyone", "refresh_minutes": 0 }));
    assert_eq!(asked(&never, |_| {}).get("access_type"), None);
    assert!(
        CATALOGUE
            .iter()
            .any(|one| matches!(one.offline, Offline::Parameter(..)))
    );
}

#[test]
fn an_endpoints_own_query_stays_and_names_nothing_twice() {
    let pasted = "https://app.acme.example/authorize?b2b=1&b2b=2&state=x&client_id=other&scope=all";
    let stytch = set("stytch", &[("stytch_authorization_url", pasted)]);
    let found = url(&stytch, |_| {});
    let named = |name: &str| {
        let pairs = found.query_pairs().filter(|(known, _)| known == name);
        pairs
            .map(|(_, value)| value.into_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(named("b2b"), ["1", "2"]);
    assert_eq!(named("state"), ["s-1"]);
    assert_eq!(named("client_id"), [CLIENT]);
    assert_eq!(named("scope"), ["openid profile email offline_access"]);
    assert!(
        found
            .as_str()
            .starts_with("https://app.acme.example/authorize?")
    );
}

#[test]
fn values_cannot_leave_their_place() {
    let found = asked(&upstream("auth0"), |asked| {
        asked.state = "s&nonce=x#y z+";
        asked.login_hint = Some("a&prompt=none\u{202e}");
    });
    assert_eq!(found["state"], "s&nonce=x#y z+");
    assert_eq!(found["login_hint"], "a&prompt=none\u{202e}");
    assert_eq!(found["nonce"], "n-1");
    assert_eq!(found.get("prompt"), None);
}

#[test]
fn where_there_is_no_endpoint_nobody_goes() {
    let upstream = upstream("oidc");
    let asking = Asking {
        redirect_uri: "",
        state: "",
        nonce: "",
        challenge: &CHALLENGE,
        prompt: Prompt::default(),
        max_age: None,
        login_hint: None,
    };
    assert_eq!(
        upstream.authorization_url(&upstream.undiscovered(), &asking),
        None
    );
}

//! What a provider's component can say of a sign-in to `token`, and what it cannot.
//!
//! *Invariant:* its keys speak of its own people, once, at our own identities.

use bytes::Bytes;
use harness::client::{body, call};
use harness::{MemoryWeb, Web as _, World};
use host::{Chain as _, Clock as _};
use http::{Request, StatusCode};
use jose::SealKeys;
use oauth::{Person, SignIn, Source, Transaction};
use serde_json::json;

use super::{held, issuer, under_every_name};
use crate::attacks::get_with;
use crate::flows::in_memory;

/// A sign-in that waits for its person, as the attacker's component reads it.
async fn waiting(world: &World<MemoryWeb>) -> Transaction {
    world.agree(&world.ask().await).await;
    let (_, sealed) = world.browser.cookies().pop_last().unwrap();
    let keys = held()
        .into_iter()
        .find(|(name, _)| name == "tx_dev")
        .unwrap()
        .1;
    let context = Transaction::context_of(&Source::parse("dev").unwrap(), &issuer(&world.web));
    SealKeys::<Transaction>::parse("held", &keys)
        .unwrap()
        .open(&sealed, &context)
        .unwrap()
}

/// What `token` says to a sign-in that was sealed like this.
async fn pend(
    world: &World<MemoryWeb>,
    path: &str,
    sealed: (&str, &str),
    sign_in: &SignIn,
) -> StatusCode {
    let (keys, context) = sealed;
    let keys = SealKeys::<SignIn>::parse("held", keys).unwrap();
    let sealed = keys.seal(sign_in, [7; 24], context).unwrap();
    let request = Request::post(path).body(Bytes::from(sealed)).unwrap();
    world
        .web
        .host()
        .ask("token", request)
        .await
        .unwrap()
        .status()
}

#[tokio::test]
async fn nobody_of_another_source_can_be_vouched_for() {
    let world = in_memory().await;
    let transaction = waiting(&world).await;
    let grants = world.web.host().grant_count();
    let person = |subject: &str| -> Person {
        serde_json::from_value(json!({"subject": subject, "roles": ["admin"]})).unwrap()
    };
    let sources = [
        "dev",
        "corp",
        "client",
        "token",
        "",
        "dev/",
        "dev%2F..%2Fcorp",
        "../dev",
    ];
    let people = [
        "dev:ada",
        "corp:ada",
        "corp:dev:ada",
        "client:nightly-report",
    ];
    let contexts = [
        "token/dev",
        "token/corp",
        "token/client",
        "token/",
        "",
        "dev/http://localhost:3000",
    ];
    for (name, keys) in held() {
        for keys in under_every_name(&keys) {
            for source in sources {
                for (subject, context) in people
                    .iter()
                    .flat_map(|subject| contexts.map(|context| (*subject, context)))
                {
                    for provider in ["dev", "corp"] {
                        let own = (name.as_str(), source, subject, context, provider);
                        if own == ("person_dev", "dev", "dev:ada", "token/dev", "dev") {
                            continue;
                        }
                        let mut transaction = transaction.clone();
                        transaction.provider = Source::parse(provider).unwrap();
                        let sign_in = SignIn {
                            upstream: None,
                            transaction,
                            person: person(subject),
                            at: world.web.host().now(),
                            session: None,
                        };
                        let path = format!("/pend/{source}");
                        let status = pend(&world, &path, (&keys, context), &sign_in).await;
                        assert_eq!(status, StatusCode::FORBIDDEN, "{own:?}");
                    }
                }
            }
        }
    }
    assert_eq!(
        world.web.host().grant_count(),
        grants,
        "no grant came of any"
    );
}

#[tokio::test]
async fn its_own_people_are_vouched_for_once_at_our_own_identities() {
    let world = in_memory().await;
    let transaction = waiting(&world).await;
    let keys = held()
        .into_iter()
        .find(|(name, _)| name == "person_dev")
        .unwrap()
        .1;
    let sign_in = SignIn {
        upstream: None,
        transaction,
        person: serde_json::from_value(json!({"subject": "dev:ada"})).unwrap(),
        at: world.web.host().now(),
        session: None,
    };
    let sealed = (keys.as_str(), "token/dev");
    for issuer in [
        "https://evil.example",
        "http://evil.example:3000",
        "http://localhost:3000/",
        "",
        "HTTP://localhost",
    ] {
        let mut elsewhere = sign_in.clone();
        elsewhere.transaction.issuer = serde_json::from_value(json!(issuer)).unwrap();
        assert_eq!(
            pend(&world, "/pend/dev", sealed, &elsewhere).await,
            StatusCode::FORBIDDEN,
            "{issuer}"
        );
    }
    assert_eq!(
        pend(&world, "/pend/dev", sealed, &sign_in).await,
        StatusCode::OK
    );
    assert_eq!(
        pend(&world, "/pend/dev", sealed, &sign_in).await,
        StatusCode::CONFLICT,
        "one grant each"
    );
    world.web.pass(std::time::Duration::from_secs(61)).await;
    assert_eq!(
        pend(&world, "/pend/dev", sealed, &sign_in).await,
        StatusCode::FORBIDDEN,
        "a minute later"
    );
}

#[tokio::test]
async fn a_sign_in_of_another_provider_cannot_be_sealed() {
    let world = in_memory().await;
    let transaction = waiting(&world).await;
    let name = format!("tx-{}", transaction.id.as_str());
    let state = transaction.upstream_state();
    let address = format!("/callback/dev?code=ada&state={}", state.as_str());
    for (variable, keys) in held() {
        for keys in under_every_name(&keys) {
            for provider in ["dev", "corp"] {
                let provider = Source::parse(provider).unwrap();
                let context = Transaction::context_of(&provider, &issuer(&world.web));
                if variable == "tx_dev" && provider.as_str() == "dev" {
                    continue;
                }
                let forged = SealKeys::<Transaction>::parse("held", &keys).unwrap();
                let forged = forged.seal(&transaction, [7; 24], &context).unwrap();
                let cookie = format!("{name}={forged}");
                let answer = get_with(&world.web, &address, &[("cookie", &cookie)]).await;
                assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{variable}");
                assert!(!answer.headers().contains_key("location"), "{variable}");
            }
        }
    }
    let answer = call(&world.web, "x", "tools/list", json!({})).await;
    assert_eq!(body(&answer)["error"], "invalid_token");
}

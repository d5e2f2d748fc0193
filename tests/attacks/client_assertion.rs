//! Client assertions. The attacker has an assertion that the victim's client sent, to us or to
//! another server, or can make that client sign one; they want to be that client here.
//!
//! *Invariant:* an assertion proves its client to this server, once, for minutes.

use harness::client::{Tokens, body, post_form};
use harness::{Web, World};
use serde_json::json;

use super::{assert_refused, verdict};

mod forged;
mod victim;

use victim::{KIND, Victim, spend};

super::everywhere!(on_a_patient_host:
    an_assertion_is_good_once_wherever_it_is_shown,
    an_assertion_is_no_way_in_for_other_clients,
);

async fn an_assertion_is_good_once_wherever_it_is_shown(world: World<impl Web>) {
    let victim = Victim::register(&world).await;
    let (code, next) = (victim.code(&world).await, victim.code(&world).await);
    let assertion = victim.sign(&victim.claims(&world.web, "first"));
    let tokens = Tokens::read(
        &victim
            .client
            .token(&world.web, &spend(&code, &assertion))
            .await,
    );
    let id = victim.client.id.as_str();
    let shown = [
        ("client_id", id),
        ("client_assertion_type", KIND),
        ("client_assertion", &assertion),
    ];
    for (path, more) in [
        (
            "/token",
            vec![
                ("grant_type", "refresh_token"),
                ("refresh_token", tokens.refresh.as_str()),
            ],
        ),
        (
            "/oauth/token",
            vec![
                ("grant_type", "refresh_token"),
                ("refresh_token", tokens.refresh.as_str()),
            ],
        ),
        ("/introspect", vec![("token", tokens.access.as_str())]),
        ("/revoke", vec![("token", tokens.refresh.as_str())]),
        ("/token", spend(&next, &assertion)[..4].to_vec()),
    ] {
        let answer = post_form(&world.web, path, &[shown.as_slice(), &more].concat()).await;
        assert_refused(&answer, 401, "invalid_client", path);
        assert!(
            body(&answer)["error_description"]
                .as_str()
                .unwrap()
                .contains("`jti`"),
            "{path}"
        );
    }
    // Another text of the same assertion is the same assertion, or none.
    let again = victim.sign(&{
        let mut claims = victim.claims(&world.web, "first");
        claims["exp"] = json!(victim.now + 180);
        claims
    });
    let answer = victim.client.token(&world.web, &spend(&next, &again)).await;
    assert_refused(&answer, 401, "invalid_client", "the same jti");
    let fresh = victim.sign(&victim.claims(&world.web, "second"));
    Tokens::read(&victim.client.token(&world.web, &spend(&next, &fresh)).await);
}

async fn an_assertion_is_no_way_in_for_other_clients(world: World<impl Web>) {
    let victim = Victim::register(&world).await;
    let code = victim.code(&world).await;
    let assertion = victim.sign(&victim.claims(&world.web, "theirs"));
    // The id alone, an assertion without its type, with another type, and as somebody else.
    let without = &spend(&code, &assertion)[..4];
    let answer = victim.client.token(&world.web, without).await;
    assert_refused(&answer, 401, "invalid_client", "the id alone");
    for (kind, error) in [
        ("", "invalid_request"),
        (
            "urn:ietf:params:oauth:client-assertion-type:saml2-bearer",
            "invalid_client",
        ),
        (
            "urn:ietf:params:oauth:grant-type:jwt-bearer",
            "invalid_client",
        ),
    ] {
        let mut fields = spend(&code, &assertion);
        fields[4].1 = kind;
        let answer = victim.client.token(&world.web, &fields).await;
        assert_eq!(verdict(&answer).1, error, "{kind}");
    }
    let answer = world
        .client
        .token(&world.web, &spend(&code, &assertion))
        .await;
    assert_refused(
        &answer,
        400,
        "invalid_request",
        "another client's id beside it",
    );
    // A public client that signs with a key of its own proves nothing that it registered.
    let mut claims = victim.claims(&world.web, "public");
    for name in ["iss", "sub"] {
        claims[name] = json!(world.client.id);
    }
    let answer = world
        .client
        .token(&world.web, &spend(&code, &victim.sign(&claims)))
        .await;
    assert_refused(&answer, 401, "invalid_client", "a public client");
    // None of it used up what the client really signed.
    Tokens::read(
        &victim
            .client
            .token(&world.web, &spend(&code, &assertion))
            .await,
    );
}

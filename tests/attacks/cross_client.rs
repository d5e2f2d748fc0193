//! Cross-client revocation and introspection. The attacker has a client of their own and a victim's
//! token; they want to learn what it is, or to sign the victim out.
//!
//! *Invariant:* a client revokes and reads its own tokens alone, and an answer about another's is
//! the one about nonsense, byte for byte.

use std::time::Duration;

use harness::Web;
use harness::World;
use harness::client::{Client, Tokens, body, post_form};
use serde_json::json;

use super::{assert_refused, assert_tokens_work, registered};

super::everywhere!(on_a_patient_host:
    another_clients_tokens_are_nonsense_to_introspection,
    another_clients_tokens_are_not_revoked,
    who_does_not_prove_itself_learns_nothing,
);

/// An attacker who proves who they are, with tokens of their own.
async fn thief(world: &World<impl Web>) -> (Client, String) {
    let post = json!({"token_endpoint_auth_method": "client_secret_post"});
    let (client, answer) = registered(&world.web, &world.client, &post).await;
    (client, answer["client_secret"].as_str().unwrap().to_owned())
}

async fn another_clients_tokens_are_nonsense_to_introspection(world: World<impl Web>) {
    let tokens = world.tokens("ada").await;
    let code = world.code("ada").await;
    let (client, secret) = thief(&world).await;
    let ask = async |token: &str, hint: &str| {
        let fields = [
            ("client_id", client.id.as_str()),
            ("client_secret", &secret),
            ("token", token),
            ("token_type_hint", hint),
        ];
        post_form(&world.web, "/introspect", &fields).await
    };
    let nonsense = ask("nonsense", "").await;
    assert_eq!(body(&nonsense), json!({"active": false}));
    for token in [
        &tokens.access,
        &tokens.refresh,
        &code,
        &world.client.id,
        &secret,
    ] {
        for hint in ["", "access_token", "refresh_token", "x"] {
            let answer = ask(token, hint).await;
            assert_eq!(answer.status(), nonsense.status());
            assert_eq!(answer.body(), nonsense.body(), "{hint}");
        }
    }
    assert_tokens_work(&world, &tokens).await;
}

async fn another_clients_tokens_are_not_revoked(world: World<impl Web>) {
    let tokens = world.tokens("ada").await;
    let (client, secret) = thief(&world).await;
    let (public, _) = registered(&world.web, &world.client, &json!({})).await;
    let nonsense = [("client_id", public.id.as_str()), ("token", "nonsense")];
    let nonsense = post_form(&world.web, "/revoke", &nonsense).await;
    assert_eq!(nonsense.status(), 200);
    for token in [&tokens.access, &tokens.refresh] {
        for hint in ["", "access_token", "refresh_token"] {
            let proven = [
                ("client_id", client.id.as_str()),
                ("client_secret", &secret),
                ("token", token),
                ("token_type_hint", hint),
            ];
            let known = [
                ("client_id", public.id.as_str()),
                ("token", token),
                ("token_type_hint", hint),
            ];
            for fields in [&proven[..], &known] {
                let answer = post_form(&world.web, "/revoke", fields).await;
                assert_eq!(answer.status(), nonsense.status());
                assert_eq!(answer.body(), nonsense.body(), "nobody is told whose it is");
            }
        }
    }
    if world.web.is_in_memory() {
        // A mark would be read anew.
        world.web.pass(Duration::from_secs(6)).await;
    }
    assert_tokens_work(&world, &tokens).await;
}

async fn who_does_not_prove_itself_learns_nothing(world: World<impl Web>) {
    let tokens = world.tokens("ada").await;
    let (client, secret) = thief(&world).await;
    let other = if secret.starts_with('A') { "B" } else { "A" };
    let wrong = format!("{other}{}", &secret[1..]);
    let introspect = [
        vec![("client_id", world.client.id.as_str())],
        vec![("client_id", client.id.as_str())],
        vec![("client_id", client.id.as_str()), ("client_secret", "x")],
        vec![
            ("client_id", client.id.as_str()),
            ("client_secret", wrong.as_str()),
        ],
        vec![
            ("client_id", world.client.id.as_str()),
            ("client_secret", secret.as_str()),
        ],
        vec![("client_id", "nobody")],
        vec![],
    ];
    for (index, who) in introspect.iter().enumerate() {
        for path in ["/introspect", "/revoke"] {
            // The victim's own client revokes by its id alone: it is public.
            if path == "/revoke" && index == 0 {
                continue;
            }
            let fields = [who.as_slice(), &[("token", tokens.access.as_str())]].concat();
            let answer = post_form(&world.web, path, &fields).await;
            assert_refused(&answer, 401, "invalid_client", &format!("{path} {who:?}"));
            assert!(body(&answer).get("active").is_none());
        }
    }
    Tokens::read(&world.client.refresh(&world.web, &tokens.refresh).await);
    assert_tokens_work(&world, &tokens).await;
}

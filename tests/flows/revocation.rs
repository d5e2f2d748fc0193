//! A client gives back what it was given, and nobody's tokens but its own (RFC 7009).

use std::time::Duration;

use bytes::Bytes;
use harness::client::{Client, Tokens, body, call, post_form, post_json};
use harness::confidential::{Confidential, Proof};
use harness::{HttpWeb, Web, World};
use http::{Response, StatusCode};
use serde_json::json;

super::everywhere!(on_a_staffed_host:
    an_access_token_ends_alone,
    a_refresh_token_ends_the_grant,
    an_older_refresh_token_ends_the_grant_too,
    another_clients_token_stays,
    what_is_unknown_is_answered_like_what_was_revoked,
    a_hint_is_only_a_hint,
    a_form_that_does_not_read_is_refused,
    a_client_with_a_secret_proves_it,
);

async fn revoke(world: &World<impl Web>, client: &Client, fields: &[(&str, &str)]) -> StatusCode {
    let answer = client
        .post_as(&world.web, "revocation_endpoint", Proof::Nothing, fields)
        .await;
    answer.status()
}

async fn may_call(web: &impl Web, token: &str) -> bool {
    let answer = call(web, token, "tools/list", json!({})).await;
    let refused = answer.status() == StatusCode::UNAUTHORIZED;
    assert!(refused || answer.status() == StatusCode::OK);
    !refused
}

fn is_invalid_grant(answer: &Response<Bytes>) -> bool {
    answer.status() == StatusCode::BAD_REQUEST && body(answer)["error"] == "invalid_grant"
}

async fn an_access_token_ends_alone(world: World<impl Web>) {
    let tokens = world.tokens("ada").await;
    let fields = [("token", tokens.access.as_str())];
    assert_eq!(revoke(&world, &world.client, &fields).await, StatusCode::OK);
    // Giving it back again is no error (RFC 7009 §2.2).
    assert_eq!(revoke(&world, &world.client, &fields).await, StatusCode::OK);
    assert!(!may_call(&world.web, &tokens.access).await);
    let next = Tokens::read(&world.client.refresh(&world.web, &tokens.refresh).await);
    assert!(may_call(&world.web, &next.access).await);
}

async fn a_refresh_token_ends_the_grant(world: World<impl Web>) {
    let tokens = world.tokens("ada").await;
    let bystander = world.tokens("ada").await;
    let fields = [("token", tokens.refresh.as_str())];
    assert_eq!(revoke(&world, &world.client, &fields).await, StatusCode::OK);
    assert!(!may_call(&world.web, &tokens.access).await);
    let refused = world.client.refresh(&world.web, &tokens.refresh).await;
    assert!(is_invalid_grant(&refused));
    assert!(
        may_call(&world.web, &bystander.access).await,
        "another sign-in of the same person and client goes on"
    );
}

async fn an_older_refresh_token_ends_the_grant_too(world: World<impl Web>) {
    let first = world.tokens("ada").await;
    let second = Tokens::read(&world.client.refresh(&world.web, &first.refresh).await);
    let fields = [("token", first.refresh.as_str())];
    assert_eq!(revoke(&world, &world.client, &fields).await, StatusCode::OK);
    let refused = world.client.refresh(&world.web, &second.refresh).await;
    assert!(is_invalid_grant(&refused));
    assert!(!may_call(&world.web, &second.access).await);
}

async fn another_clients_token_stays(world: World<impl Web>) {
    let tokens = world.tokens("ada").await;
    let stranger = Client::register(&world.web).await;
    for token in [&tokens.access, &tokens.refresh] {
        let fields = [("token", token.as_str())];
        // Whether it exists is not the stranger's to know.
        assert_eq!(revoke(&world, &stranger, &fields).await, StatusCode::OK);
    }
    assert!(may_call(&world.web, &tokens.access).await);
    Tokens::read(&world.client.refresh(&world.web, &tokens.refresh).await);
}

async fn what_is_unknown_is_answered_like_what_was_revoked(world: World<impl Web>) {
    let tokens = world.tokens("ada").await;
    let altered = format!("{}A", tokens.refresh);
    for token in ["x", "a.b.c", &altered, &world.client.id] {
        let fields = [("token", token)];
        let status = revoke(&world, &world.client, &fields).await;
        assert_eq!(status, StatusCode::OK, "{token}");
    }
    Tokens::read(&world.client.refresh(&world.web, &tokens.refresh).await);
}

async fn a_hint_is_only_a_hint(world: World<impl Web>) {
    for hint in ["access_token", "refresh_token", "pat"] {
        let tokens = world.tokens("ada").await;
        for token in [&tokens.access, &tokens.refresh] {
            let fields = [("token", token.as_str()), ("token_type_hint", hint)];
            let status = revoke(&world, &world.client, &fields).await;
            assert_eq!(status, StatusCode::OK, "{hint}");
        }
        assert!(!may_call(&world.web, &tokens.access).await, "{hint}");
        let refused = world.client.refresh(&world.web, &tokens.refresh).await;
        assert!(is_invalid_grant(&refused), "{hint}");
    }
}

async fn a_form_that_does_not_read_is_refused(world: World<impl Web>) {
    let id = world.client.id.as_str();
    for fields in [
        &[("client_id", id)][..],
        &[("client_id", id), ("token", "")],
        &[("client_id", id), ("token", "a"), ("token", "b")],
    ] {
        let answer = post_form(&world.web, "/revoke", fields).await;
        let error = body(&answer)["error"].clone();
        assert_eq!(
            (answer.status(), error.as_str()),
            (StatusCode::BAD_REQUEST, Some("invalid_request")),
            "{fields:?}"
        );
    }
    let json = json!({ "client_id": id, "token": "x" });
    let answer = post_json(&world.web, "/revoke", &json).await;
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    for fields in [
        &[("token", "x")][..],
        &[("token", "x"), ("client_id", "nobody")],
    ] {
        let answer = post_form(&world.web, "/revoke", fields).await;
        assert_eq!(body(&answer)["error"], "invalid_client", "{fields:?}");
    }
}

async fn a_client_with_a_secret_proves_it(mut world: World<impl Web>) {
    let found = world.client.clone();
    let keeper = Confidential::register(&world.web, &found, None).await;
    world.client = keeper.client;
    let code = world.code("ada").await;
    let proof = Proof::Basic(&keeper.secret);
    let exchanged = world.client.exchange_as(&world.web, proof, &code).await;
    let tokens = Tokens::read(&exchanged);
    let fields = [("token", tokens.refresh.as_str())];
    for wrong in [
        Proof::Nothing,
        Proof::Post(&keeper.secret),
        Proof::Basic("a-guess"),
    ] {
        let refused = world
            .client
            .post_as(&world.web, "revocation_endpoint", wrong, &fields)
            .await;
        assert_eq!(refused.status(), StatusCode::UNAUTHORIZED, "{wrong:?}");
    }
    let refreshed = [
        ("grant_type", "refresh_token"),
        ("refresh_token", &tokens.refresh),
    ];
    let refreshed = world
        .client
        .post_as(&world.web, "token_endpoint", proof, &refreshed)
        .await;
    Tokens::read(&refreshed);
    let revoked = world
        .client
        .post_as(&world.web, "revocation_endpoint", proof, &fields)
        .await;
    assert_eq!(revoked.status(), StatusCode::OK);
    assert!(!may_call(&world.web, &tokens.access).await);
}

/// An answer about a mark may be this old.
const NOTICED: Duration = Duration::from_secs(5);

#[tokio::test]
async fn two_processes_notice_within_five_seconds() {
    let folder = tempfile::tempdir().unwrap();
    let options = super::staffed().state_dir(folder.path());
    let hosts = [super::start(&options), super::start(&options)];
    let webs = hosts.each_ref().map(|host| {
        let address = host.url("");
        HttpWeb::at(address.trim_end_matches('/'), "http://localhost:3000")
    });
    let [first, second] = webs;
    let world = World::new(first).await;
    let (alone, whole) = (world.tokens("ada").await, world.tokens("grace").await);
    for web in [&world.web, &second] {
        // Both have read that nothing is revoked, and remember it.
        assert!(may_call(web, &alone.access).await && may_call(web, &whole.access).await);
    }
    for token in [&alone.access, &whole.refresh] {
        let fields = [("token", token.as_str())];
        assert_eq!(revoke(&world, &world.client, &fields).await, StatusCode::OK);
    }
    let refused = world.client.refresh(&second, &whole.refresh).await;
    assert!(is_invalid_grant(&refused), "the row is read every time");
    world.web.pass(NOTICED).await;
    for web in [&world.web, &second] {
        assert!(!may_call(web, &alone.access).await);
        assert!(!may_call(web, &whole.access).await);
    }
    let next = Tokens::read(&world.client.refresh(&second, &alone.refresh).await);
    assert!(may_call(&world.web, &next.access).await);
}

//! From refresh to revocation.

use std::time::Duration;

use bytes::Bytes;
use harness::client::{Client, Tokens, body};
use harness::confidential::{Confidential, Proof};
use harness::{Web, World};
use http::{Response, StatusCode};

use super::{Dated, code_for, error, exchange, invalid_grant, tools};

super::in_every_date! { of_every_date since D20250326:
    a_refresh_token_rotates_and_the_one_before_may_be_retried,
    a_refresh_narrows_scopes_and_never_widens_them,
    a_client_revokes_only_the_way_it_registered,
    revoking_an_access_token_leaves_the_refresh_token,
    revoking_a_refresh_token_ends_the_grant,
    a_client_cannot_revoke_anothers_tokens,
    a_replayed_code_ends_what_it_bought;
}

async fn revoke(world: &World<impl Web>, by: &Client, token: &str) -> Response<Bytes> {
    let fields = [("token", token)];
    by.post_as(&world.web, "revocation_endpoint", Proof::Nothing, &fields)
        .await
}

async fn lists_tools(world: &World<Dated<impl Web>>, token: &str) -> bool {
    tools(world, Some(token)).await.status() == StatusCode::OK
}

async fn a_refresh_token_rotates_and_the_one_before_may_be_retried(world: World<Dated<impl Web>>) {
    let first = world.tokens("ada").await;
    let lost = Tokens::read(&world.client.refresh(&world.web, &first.refresh).await);
    assert_ne!(lost.refresh, first.refresh);
    let retried = Tokens::read(&world.client.refresh(&world.web, &first.refresh).await);
    assert_eq!(retried.refresh, lost.refresh, "a token has one successor");
    let third = Tokens::read(&world.client.refresh(&world.web, &retried.refresh).await);
    assert!(lists_tools(&world, &third.access).await);
    // Once the successor was used and a moment has passed, two must hold the grant.
    let window = world.web.lifetimes().refresh_window;
    world.web.pass(window + Duration::from_millis(100)).await;
    for token in [&first.refresh, &third.refresh] {
        let refused = world.client.refresh(&world.web, token).await;
        assert_eq!(error(&refused), invalid_grant());
    }
}

async fn a_refresh_narrows_scopes_and_never_widens_them(world: World<Dated<impl Web>>) {
    let code = code_for(&world, &[("scope", "mcp:tools")]).await;
    let tokens = Tokens::read(&exchange(&world, &code, &[]).await);
    for (asked, granted) in [
        ("mcp:tools", Ok("mcp:tools")),
        ("mcp:tools profile", Err("invalid_scope")),
        ("", Ok("mcp:tools offline_access")),
    ] {
        let fields = [
            ("grant_type", "refresh_token"),
            ("refresh_token", &tokens.refresh),
            ("scope", asked),
        ];
        let answer = body(&world.client.token(&world.web, &fields).await);
        match granted {
            Ok(scope) => assert_eq!(answer["scope"], scope, "{asked}"),
            Err(code) => assert_eq!(answer["error"], code, "{asked}"),
        }
    }
}

async fn a_client_revokes_only_the_way_it_registered(mut world: World<Dated<impl Web>>) {
    let keeper = Confidential::register(&world.web, &world.client, None).await;
    world.client = keeper.client;
    let code = code_for(&world, &[]).await;
    let proof = Proof::Basic(&keeper.secret);
    let tokens = Tokens::read(&world.client.exchange_as(&world.web, proof, &code).await);
    let fields = [("token", tokens.refresh.as_str())];
    for wrong in [Proof::Post(&keeper.secret), Proof::Nothing] {
        let refused = world
            .client
            .post_as(&world.web, "revocation_endpoint", wrong, &fields)
            .await;
        assert_eq!(error(&refused), (401, "invalid_client".to_owned()));
    }
    assert!(lists_tools(&world, &tokens.access).await);
}

async fn revoking_an_access_token_leaves_the_refresh_token(world: World<Dated<impl Web>>) {
    let tokens = world.tokens("ada").await;
    assert_eq!(
        revoke(&world, &world.client, &tokens.access).await.status(),
        200
    );
    assert!(!lists_tools(&world, &tokens.access).await);
    let next = Tokens::read(&world.client.refresh(&world.web, &tokens.refresh).await);
    assert!(lists_tools(&world, &next.access).await);
}

async fn revoking_a_refresh_token_ends_the_grant(world: World<Dated<impl Web>>) {
    let tokens = world.tokens("ada").await;
    assert_eq!(
        revoke(&world, &world.client, &tokens.refresh)
            .await
            .status(),
        200
    );
    assert!(!lists_tools(&world, &tokens.access).await);
    let refused = world.client.refresh(&world.web, &tokens.refresh).await;
    assert_eq!(error(&refused), invalid_grant());
}

async fn a_client_cannot_revoke_anothers_tokens(world: World<Dated<impl Web>>) {
    let tokens = world.tokens("ada").await;
    let stranger = Client::register(&world.web).await;
    for token in [&tokens.access, &tokens.refresh] {
        assert_eq!(revoke(&world, &stranger, token).await.status(), 200);
    }
    assert!(lists_tools(&world, &tokens.access).await);
    Tokens::read(&world.client.refresh(&world.web, &tokens.refresh).await);
}

async fn a_replayed_code_ends_what_it_bought(world: World<Dated<impl Web>>) {
    let code = code_for(&world, &[]).await;
    let tokens = Tokens::read(&exchange(&world, &code, &[]).await);
    let repeat = world.web.lifetimes().code_repeat;
    world.web.pass(repeat + Duration::from_millis(100)).await;
    assert_eq!(error(&exchange(&world, &code, &[]).await), invalid_grant());
    assert!(!lists_tools(&world, &tokens.access).await);
    let refused = world.client.refresh(&world.web, &tokens.refresh).await;
    assert_eq!(error(&refused), invalid_grant());
}

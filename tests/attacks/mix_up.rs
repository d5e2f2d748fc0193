//! Mix-up. The attacker runs an authorization server, or registers a client at ours, and wants an
//! answer of ours to be taken for one of theirs, or the other way round (RFC 9207).
//!
//! *Invariant:* every answer to a client names our issuer once, and none of its own parameters
//! stands in the redirect URI that it is added to.

use harness::Web;
use harness::World;
use harness::browser::Screen;
use harness::client::{Client, Tokens, VERIFIER, post_json};
use serde_json::json;

use super::{FORM, assert_refused, assert_tokens_work, authority, encoded, neighbour, post};

super::everywhere!(on_a_patient_host:
    every_answer_names_our_issuer_once,
    a_redirect_uri_cannot_speak_for_us,
    what_one_identity_issued_is_nothing_at_another,
);

fn names(screen: &Screen, name: &str) -> Vec<String> {
    let pairs = screen.url.query_pairs();
    pairs
        .filter(|(known, _)| known == name)
        .map(|(_, value)| value.into_owned())
        .collect()
}

async fn every_answer_names_our_issuer_once(world: World<impl Web>) {
    let asked = world.ask().await;
    let deny = ("decision", "deny");
    let denied = world
        .browser
        .submit(&world.web, &asked.form("/consent"), deny)
        .await;
    let people = world.agree(&world.ask().await).await;
    let cancel = ("cancel", "1");
    let cancelled = world
        .browser
        .submit(&world.web, &people.form("/login/dev"), cancel)
        .await;
    let bad = world.client.authorize_url(&[("response_type", "token")]);
    let refused = world.browser.open(&world.web, &bad).await;
    let people = world.agree(&world.ask().await).await;
    let signed_in = world.sign_in(&people, "ada").await;
    for (back, answer) in [
        (&denied, "error"),
        (&cancelled, "error"),
        (&refused, "error"),
        (&signed_in, "code"),
    ] {
        assert_eq!(names(back, "iss"), [world.web.issuer()], "{}", back.url);
        assert_eq!(names(back, "state"), ["the client's state"], "{}", back.url);
        assert_eq!(names(back, answer).len(), 1, "{}", back.url);
        let both = names(back, "error").len() + names(back, "code").len();
        assert_eq!(both, 1, "an answer is one or the other: {}", back.url);
    }
}

async fn a_redirect_uri_cannot_speak_for_us(world: World<impl Web>) {
    for query in [
        "iss=https://evil.example",
        "code=stolen",
        "state=guessed",
        "error=access_denied",
        "a=b&iss=x",
        "%69ss=x",
        "c%6Fde=x",
        "error_description=x",
        "error_uri=https://evil.example",
    ] {
        for base in ["https://app.example/callback", "http://127.0.0.1/callback"] {
            let uris = json!({"redirect_uris": [format!("{base}?{query}")]});
            let answer = post_json(&world.web, "/register", &uris).await;
            assert_refused(&answer, 400, "invalid_redirect_uri", query);
        }
    }
}

async fn what_one_identity_issued_is_nothing_at_another(world: World<impl Web>) {
    let (code, tokens) = (world.code("ada").await, world.tokens("ada").await);
    let neighbour = neighbour(&world.web);
    let headers = [("host", authority(&neighbour)), ("content-type", FORM)];
    let spend = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("code_verifier", VERIFIER),
        ("client_id", &world.client.id),
    ];
    let refresh = [
        ("grant_type", "refresh_token"),
        ("refresh_token", &tokens.refresh),
        ("client_id", &world.client.id),
    ];
    for form in [encoded(&spend), encoded(&refresh)] {
        let answer = post(&world.web, "/token", &headers, form).await;
        assert_refused(&answer, 400, "invalid_grant", "at the neighbour");
    }
    let revoke = [
        ("token", tokens.refresh.as_str()),
        ("client_id", &world.client.id),
    ];
    let answer = post(&world.web, "/revoke", &headers, encoded(&revoke)).await;
    assert_eq!(
        answer.status(),
        200,
        "nobody is told what is a token elsewhere"
    );
    assert_tokens_work(&world, &tokens).await;
    Tokens::read(&world.client.exchange(&world.web, &code).await);
    // A resource of the neighbour is none of ours.
    let other = Client {
        resource: json!({"resource": format!("{neighbour}/mcp")}),
        ..world.client
    };
    let back = world
        .browser
        .open(&world.web, &other.authorize_url(&[]))
        .await;
    assert_eq!(back.parameter("error").as_deref(), Some("invalid_target"));
}

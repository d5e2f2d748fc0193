//! Whatever an operator lets people and programs show: each is somebody of its own, and what is
//! not good is refused before anything is learned.

pub(crate) mod guarded;
mod in_memory_alone;
pub(crate) mod makers;
mod open;
mod page;

use harness::Web;
use harness::client::body;
use http::StatusCode;
use serde_json::{Value, json};

pub(crate) use guarded::{in_a_guarded_memory, on_a_guarded_host};
pub(crate) use open::{in_an_open_memory, on_an_open_host};

use guarded::{Guarded, assert_is};
use makers::{
    CERTS, CI_KEY, CORP, ENV_KEY, GONE, NAMELESS_KEY, OLD_KEY, PARTNER, READER_KEY, SECRET, TAG,
    claims, maced, signed, signed_as,
};

super::everywhere!(on_a_guarded_host or in_a_guarded_memory:
    a_key_is_somebody_by_its_name,
    a_token_of_another_issuer_is_somebody_of_that_source,
    a_token_of_the_shared_secret_is_somebody_of_its_own,
    an_assertion_of_access_is_somebody_wherever_it_is,
    what_is_not_good_is_refused_and_told_briefly,
    a_token_that_is_not_for_us_is_refused,
    a_request_shows_one_credential,
    what_a_client_says_of_itself_reaches_nobody,
    a_credential_without_the_scope_calls_no_tool,
);

pub(crate) fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

/// The id of a key without a name, which is not told by any piece of it.
const NAMELESS: &str = "api-key:key-";

async fn a_key_is_somebody_by_its_name(world: Guarded<impl Web>) {
    let with_scheme = format!("ApiKey {ENV_KEY}");
    let lower = format!("apikey {ENV_KEY}");
    for (lines, subject) in [
        ([("x-api-key", ENV_KEY)], "api-key:env"),
        ([("authorization", with_scheme.as_str())], "api-key:env"),
        ([("authorization", lower.as_str())], "api-key:env"),
        ([("x-api-key", CI_KEY)], "api-key:ci"),
    ] {
        assert_is(&world.who(&lines).await, subject);
    }
    let nameless = world.who(&[("x-api-key", NAMELESS_KEY)]).await;
    let said = nameless.to_string();
    let (_, id) = NAMELESS.split_once(':').unwrap();
    assert!(
        said.contains(id) && !said.contains(NAMELESS_KEY.split_at(4).0),
        "{said}"
    );
    // Its roles are those that stand beside it.
    let robot = world.tools(&[("x-api-key", CI_KEY)]).await;
    assert!(robot.contains(&"calculate".to_owned()), "{robot:?}");
    let plain = world.tools(&[("x-api-key", ENV_KEY)]).await;
    assert_eq!(plain, ["add", "userInfo"]);
}

async fn a_token_of_another_issuer_is_somebody_of_that_source(world: Guarded<impl Web>) {
    for ((issuer, _, key), subject) in [(CORP, "corp:alice"), (PARTNER, "partner:alice")] {
        let token = bearer(&signed(key, &claims(&world.web, issuer, &json!({}))));
        assert_is(&world.who(&[("authorization", &token)]).await, subject);
        // Once more, from memory.
        assert_is(&world.who(&[("authorization", &token)]).await, subject);
        assert_eq!(
            world.tools(&[("authorization", &token)]).await,
            ["add", "userInfo"]
        );
    }
    let director = json!({
        "aud": ["x", "https://mcp.example/mcp"], "realm_access": {"roles": ["Directors", "robot"]},
    });
    let token = bearer(&signed(CORP.2, &claims(&world.web, CORP.0, &director)));
    let tools = world.tools(&[("authorization", &token)]).await;
    assert!(tools.contains(&"calculate".to_owned()), "{tools:?}");
    // With a role of ours that the map does not give, nobody has it.
    let sly = json!({"realm_access": {"roles": ["admin", "robot"]}});
    let token = bearer(&signed(CORP.2, &claims(&world.web, CORP.0, &sly)));
    assert_eq!(
        world.tools(&[("authorization", &token)]).await,
        ["add", "userInfo"]
    );
}

async fn a_token_of_the_shared_secret_is_somebody_of_its_own(world: Guarded<impl Web>) {
    let secret = SECRET.as_bytes();
    for (otherwise, subject) in [
        (json!({}), "jwt:alice"),
        (json!({"iss": null, "aud": null, "iat": null}), "jwt:alice"),
        (json!({"sub": null, "userId": "user123"}), "jwt:user123"),
        (
            json!({"note": "~~~???>>> \u{ff}\u{fe} ÿþ ~?~?"}),
            "jwt:alice",
        ),
    ] {
        let token = bearer(&maced(secret, &claims(&world.web, "anybody", &otherwise)));
        assert_is(&world.who(&[("authorization", &token)]).await, subject);
    }
    let robot = claims(&world.web, "anybody", &json!({"roles": ["robot"]}));
    let token = bearer(&maced(secret, &robot));
    let tools = world.tools(&[("authorization", &token)]).await;
    assert!(tools.contains(&"calculate".to_owned()), "{tools:?}");
}

async fn an_assertion_of_access_is_somebody_wherever_it_is(world: Guarded<impl Web>) {
    let person = json!({"aud": [TAG], "sub": "7335d417", "type": "app", "groups": ["IT"]});
    let person = signed(CERTS.1, &claims(&world.web, &world.site, &person));
    let cookie = format!("theme=dark; CF_Authorization={person}");
    for lines in [
        &[("cf-access-jwt-assertion", person.as_str())][..],
        &[("cookie", &cookie)],
        &[("cf-access-jwt-assertion", &person), ("cookie", &cookie)],
    ] {
        assert_is(&world.who(lines).await, "access-self-hosted:7335d417");
        let tools = world.tools(lines).await;
        assert!(tools.contains(&"calculate".to_owned()), "{tools:?}");
    }
    let service = json!({"aud": TAG, "sub": "", "common_name": "e367.access"});
    let service = signed(CERTS.1, &claims(&world.web, &world.site, &service));
    let said = world.who(&[("cf-access-jwt-assertion", &service)]).await;
    assert_is(&said, "access-self-hosted:service:e367.access");
    // Elsewhere it is no token: not before it was seen, and not after.
    let elsewhere = bearer(&person);
    let answer = world
        .send(&[("authorization", &elsewhere)], "ping", json!({}))
        .await;
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
}

async fn refused(
    world: &Guarded<impl Web>,
    lines: &[(&str, &str)],
    expected: (u16, &str),
    told: &str,
) {
    let answer = world.send(lines, "tools/list", json!({})).await;
    let said = body(&answer);
    let status = answer.status().as_u16();
    let error = said["error"].as_str().unwrap_or_default();
    assert_eq!((status, error), expected, "{lines:?} {said}");
    let description = said["error_description"].as_str().unwrap_or_default();
    assert!(description.contains(told), "{lines:?} {description}");
    if status == 401 {
        let challenge = answer.headers()["www-authenticate"].to_str().unwrap();
        assert!(challenge.contains("resource_metadata=\""), "{challenge}");
        let names_error = challenge.contains("error=\"invalid_token\"");
        assert_eq!(names_error, error == "invalid_token", "{challenge}");
    }
    for (_, value) in lines {
        let shown = value.rsplit(' ').next().unwrap();
        assert!(
            shown.len() < 9 || !said.to_string().contains(shown),
            "{said}"
        );
    }
}

async fn what_is_not_good_is_refused_and_told_briefly(world: Guarded<impl Web>) {
    let invalid = (401, "invalid_token");
    let ask = (401, "authentication_required");
    let near = format!("{ENV_KEY}x");
    let as_token = bearer(ENV_KEY);
    for (lines, expected, told) in [
        (
            ("x-api-key", near.as_str()),
            invalid,
            "the API key is not good here",
        ),
        (
            ("x-api-key", "invalid-key"),
            invalid,
            "the API key is not good here",
        ),
        (("x-api-key", OLD_KEY), invalid, "the API key is expired"),
        (("x-api-key", ""), ask, "sign in first"),
        (("authorization", ENV_KEY), ask, "sign in first"),
        (("authorization", "ApiKey "), ask, "sign in first"),
        (("authorization", "Basic dTpw"), ask, "sign in first"),
        (
            ("authorization", as_token.as_str()),
            invalid,
            "not one of this server's",
        ),
        (
            ("cf-access-jwt-assertion", "a.b.c"),
            invalid,
            "the token is not good here",
        ),
        (("x-nothing", "x"), ask, "sign in first"),
    ] {
        refused(&world, &[lines], expected, told).await;
    }
    // An issuer whose keys cannot be had says nothing about its token.
    let token = bearer(&signed(GONE.2, &claims(&world.web, GONE.0, &json!({}))));
    let later = (503, "temporarily_unavailable");
    refused(
        &world,
        &[("authorization", &token)],
        later,
        "cannot be verified",
    )
    .await;
}

#[expect(clippy::too_many_lines, reason = "a table of cases")]
async fn a_token_that_is_not_for_us_is_refused(world: Guarded<impl Web>) {
    let now = world.web.now().as_seconds();
    let wrong = [
        (json!({"aud": "somebody-else"}), "not good here"),
        (json!({"aud": null}), "not good here"),
        (json!({"exp": null}), "not good here"),
        (json!({"exp": now - 120}), "expired"),
        (json!({"nbf": now + 120}), "not good here"),
        (json!({"iat": now + 120}), "not good here"),
        (json!({"sub": null}), "not good here"),
        (json!({"sub": "a\u{0}b"}), "not good here"),
    ];
    let invalid = (401, "invalid_token");
    for (otherwise, told) in &wrong {
        let token = bearer(&signed(CORP.2, &claims(&world.web, CORP.0, otherwise)));
        refused(&world, &[("authorization", &token)], invalid, told).await;
    }
    // Signed by one, and said to be another's.
    let mixed = claims(&world.web, PARTNER.0, &json!({}));
    let with_kid = signed_as(
        CORP.2,
        &json!({"alg": "EdDSA", "kid": PARTNER.2.to_string()}),
        &mixed,
    );
    for token in [signed(CORP.2, &mixed), with_kid] {
        refused(
            &world,
            &[("authorization", &bearer(&token))],
            invalid,
            "not good here",
        )
        .await;
    }
    let nobody = claims(&world.web, "https://corp.example", &json!({}));
    let token = bearer(&signed(CORP.2, &nobody));
    refused(
        &world,
        &[("authorization", &token)],
        invalid,
        "not one of this server's",
    )
    .await;
    for otherwise in [
        json!({"aud": "postern", "iss": world.site}),
        json!({"aud": [TAG], "iss": format!("{}/", world.site)}),
        json!({"aud": [TAG], "iss": world.site, "sub": ""}),
        json!({"aud": [TAG], "iss": world.site, "exp": now - 120}),
    ] {
        let token = signed(CERTS.1, &claims(&world.web, "", &otherwise));
        let told = if otherwise["exp"].is_u64() {
            "expired"
        } else {
            "not good here"
        };
        refused(
            &world,
            &[("cf-access-jwt-assertion", &token)],
            invalid,
            told,
        )
        .await;
    }
}

async fn a_request_shows_one_credential(world: Guarded<impl Web>) {
    let token = bearer(&maced(
        SECRET.as_bytes(),
        &claims(&world.web, "", &json!({})),
    ));
    let key = format!("ApiKey {ENV_KEY}");
    let malformed = (400, "invalid_request");
    for lines in [
        [("authorization", token.as_str()), ("x-api-key", ENV_KEY)],
        [("x-api-key", ENV_KEY), ("x-api-key", CI_KEY)],
    ] {
        refused(&world, &lines, malformed, "one credential").await;
    }
    let twice = [("authorization", key.as_str()), ("x-api-key", ENV_KEY)];
    assert_is(&world.who(&twice).await, "api-key:env");
    // Access says of everybody who they are: what a client shows comes first.
    for assertion in [
        ("cf-access-jwt-assertion", "j"),
        ("cookie", "CF_Authorization=j"),
    ] {
        let both = [("x-api-key", ENV_KEY), assertion];
        assert_is(&world.who(&both).await, "api-key:env");
    }
}

async fn what_a_client_says_of_itself_reaches_nobody(world: Guarded<impl Web>) {
    let said = [
        ("x-user-id", "admin"),
        ("x-auth-method", "jwt"),
        ("x-user-roles", "admin"),
        ("cf-access-authenticated-user-email", "admin@example.com"),
        ("spin-user", "admin"),
    ];
    refused(
        &world,
        &said,
        (401, "authentication_required"),
        "sign in first",
    )
    .await;
    let with_key = [&said[..], &[("x-api-key", ENV_KEY)]].concat();
    let who = world.who(&with_key).await;
    assert_is(&who, "api-key:env");
    assert!(!who.to_string().contains("admin"), "{who}");
    assert_eq!(world.tools(&with_key).await, ["add", "userInfo"]);
}

async fn a_credential_without_the_scope_calls_no_tool(world: Guarded<impl Web>) {
    let limited = json!({"scope": "mcp:nothing profile"});
    let limited = bearer(&signed(CORP.2, &claims(&world.web, CORP.0, &limited)));
    for lines in [
        ("x-api-key", READER_KEY),
        ("authorization", limited.as_str()),
    ] {
        let answer = world.send(&[lines], "tools/list", json!({})).await;
        assert_eq!(answer.status(), StatusCode::FORBIDDEN);
        let said: Value = body(&answer);
        assert_eq!(said["error"], "insufficient_scope");
    }
}

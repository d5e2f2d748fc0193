//! Assertions that the client did not sign, or not for us.
//!
//! *Invariant:* each is refused, and the code that it was sent with is whole.

use harness::client::Tokens;
use harness::{Web, World};
use serde_json::{Value, json};

use super::victim::{Victim, key, public, sign, spend};
use crate::attacks::{FORM, assert_refused, authority, encoded, neighbour, post, verdict};

crate::flows::everywhere!(on_a_patient_host:
    an_assertion_for_somebody_else_proves_nothing_here,
    only_the_clients_own_key_and_an_honest_header_count,
);

async fn an_assertion_for_somebody_else_proves_nothing_here(world: World<impl Web>) {
    let victim = Victim::register(&world).await;
    let code = victim.code(&world).await;
    let (ours, now) = (world.web.issuer(), victim.now);
    let neighbour = neighbour(&world.web);
    let odd = [
        ("aud", json!("https://evil.example")),
        ("aud", json!("https://evil.example/token")),
        ("aud", json!([ours, "https://evil.example"])),
        ("aud", json!(["https://evil.example", ours])),
        ("aud", json!([])),
        ("aud", json!({"0": ours})),
        ("aud", json!(format!("{ours}/"))),
        ("aud", json!(format!("{ours}/mcp"))),
        ("aud", json!(ours.to_ascii_uppercase())),
        ("aud", json!(neighbour)),
        ("aud", json!(format!("{neighbour}/token"))),
        ("aud", Value::Null),
        ("iss", json!(world.client.id)),
        ("iss", json!(ours)),
        ("iss", Value::Null),
        ("sub", json!(["x"])),
        ("sub", Value::Null),
        ("jti", Value::Null),
        ("jti", json!("")),
        ("jti", json!(1)),
        ("jti", json!("x".repeat(256))),
        ("exp", Value::Null),
        ("exp", json!(now - 3600)),
        ("exp", json!(now + 3600 * 24)),
        ("exp", json!(u64::MAX)),
        ("exp", json!(1e300)),
        ("exp", json!(-1)),
        ("exp", json!("9999999999")),
        ("nbf", json!(now + 3600)),
        ("nbf", json!("soon")),
        ("iat", json!(now + 3600)),
    ];
    for (index, (name, value)) in odd.iter().enumerate() {
        let mut claims = victim.claims(&world.web, &format!("odd {index}"));
        claims[*name] = value.clone();
        let assertion = victim.sign(&claims);
        let answer = victim
            .client
            .token(&world.web, &spend(&code, &assertion))
            .await;
        assert_refused(&answer, 401, "invalid_client", &format!("{name}: {value}"));
    }
    // A good one for the neighbour's name is for nobody but the neighbour.
    let mut claims = victim.claims(&world.web, "there");
    claims["aud"] = json!(format!("{ours}/token"));
    let assertion = victim.sign(&claims);
    let mut fields = spend(&code, &assertion).to_vec();
    fields.push(("client_id", &victim.client.id));
    let headers = [("host", authority(&neighbour)), ("content-type", FORM)];
    let answer = post(&world.web, "/token", &headers, encoded(&fields)).await;
    assert_refused(&answer, 401, "invalid_client", "at the neighbour");
    Tokens::read(
        &victim
            .client
            .token(&world.web, &spend(&code, &victim.sign(&claims)))
            .await,
    );
}

async fn only_the_clients_own_key_and_an_honest_header_count(world: World<impl Web>) {
    let victim = Victim::register(&world).await;
    let code = victim.code(&world).await;
    let stranger = key(2);
    let claims = |jti: &str| victim.claims(&world.web, jti);
    let good = victim.sign(&claims("x"));
    let (input, signature) = good.rsplit_once('.').unwrap();
    let payload = input.split_once('.').unwrap().1;
    let with =
        |header: Value| format!("{}.{payload}.{signature}", jose::encode(header.to_string()));
    let hmac = |header: Value, secret: &[u8]| {
        let input = format!("{}.{payload}", jose::encode(header.to_string()));
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret);
        format!(
            "{input}.{}",
            jose::encode(ring::hmac::sign(&key, input.as_bytes()).as_ref())
        )
    };
    let x = public(&victim.key)["x"].as_str().unwrap().to_owned();
    let own = public(&stranger);
    let forged = [
        sign(
            &stranger,
            &json!({"alg": "EdDSA", "kid": "mine"}),
            &claims("1"),
        ),
        sign(&stranger, &json!({"alg": "EdDSA"}), &claims("2")),
        sign(
            &stranger,
            &json!({"alg": "EdDSA", "jwk": own}),
            &claims("3"),
        ),
        sign(
            &stranger,
            &json!({"alg": "EdDSA", "kid": "mine", "jwk": own}),
            &claims("4"),
        ),
        sign(
            &stranger,
            &json!({"alg": "EdDSA", "jku": "https://evil.example/jwks"}),
            &claims("5"),
        ),
        sign(
            &stranger,
            &json!({"alg": "EdDSA", "x5c": ["AAAA"]}),
            &claims("6"),
        ),
        sign(
            &victim.key,
            &json!({"alg": "EdDSA", "kid": "other"}),
            &claims("7"),
        ),
        sign(
            &victim.key,
            &json!({"alg": "EdDSA", "kid": "mine", "crit": ["exp"]}),
            &claims("8"),
        ),
        sign(
            &victim.key,
            &json!({"alg": "EdDSA", "kid": "mine", "b64": false, "crit": ["b64"]}),
            &claims("9"),
        ),
        sign(
            &victim.key,
            &json!({"alg": "EdDSA", "kid": "mine", "typ": "at+jwt"}),
            &claims("10"),
        ),
        sign(
            &victim.key,
            &json!({"alg": "EdDSA", "kid": "mine", "typ": "dpop+jwt"}),
            &claims("11"),
        ),
        sign(
            &victim.key,
            &json!({"alg": "ES256", "kid": "mine"}),
            &claims("12"),
        ),
        with(json!({"alg": "none"})),
        with(json!({"alg": "None", "kid": "mine"})),
        format!("{input}."),
        format!("{input}.{}", jose::encode([0; 64])),
        hmac(
            json!({"alg": "HS256", "kid": "mine"}),
            &jose::decode(&x).unwrap(),
        ),
        hmac(json!({"alg": "HS256", "kid": "mine"}), x.as_bytes()),
        hmac(json!({"alg": "HS256"}), b""),
        world.client.id.clone(),
        world.tokens("ada").await.access,
    ];
    for (index, forged) in forged.iter().enumerate() {
        let answer = victim.client.token(&world.web, &spend(&code, forged)).await;
        let (status, error) = verdict(&answer);
        // One that names another client than the form is a bad request (RFC 7521 §4.2).
        let expected = [(401, "invalid_client"), (400, "invalid_request")];
        assert!(
            expected.contains(&(status, error.as_str())),
            "{index}: {status} {error}"
        );
    }
    Tokens::read(&victim.client.token(&world.web, &spend(&code, &good)).await);
}

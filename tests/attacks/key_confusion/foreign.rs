//! The same attacker before a server that takes tokens of others: they know the public keys of every
//! issuer, and that the server shares a secret with somebody.

use harness::Web;
use harness::client::body;
use http::StatusCode;
use serde_json::json;

use crate::flows::credentials::bearer;
use crate::flows::credentials::guarded::Guarded;
use crate::flows::credentials::makers::{CORP, bare, claims, maced, public, signed_as};

crate::flows::everywhere!(on_a_guarded_host or in_a_guarded_memory:
    nobody_makes_a_token_with_what_everybody_knows,
);

async fn nobody_makes_a_token_with_what_everybody_knows(world: Guarded<impl Web>) {
    let claims = claims(&world.web, CORP.0, &json!({}));
    let jwk = public(CORP.2);
    let x = jwk["x"].as_str().unwrap();
    let raw = jose::decode(x).unwrap();
    let kid = CORP.2.to_string();
    let header = |alg: &str| json!({"alg": alg, "kid": kid});
    let with_key = json!({"alg": "EdDSA", "kid": "9", "jwk": public(9)});
    for token in [
        bare(&claims),
        // Our public keys, and theirs, as a secret.
        maced(&raw, &claims),
        maced(x.as_bytes(), &claims),
        maced(jwk.to_string().as_bytes(), &claims),
        maced(b"", &claims),
        signed_as(CORP.2, &header("none"), &claims),
        signed_as(CORP.2, &header("HS512"), &claims),
        signed_as(CORP.2, &header("RS256"), &claims),
        signed_as(9, &with_key, &claims),
        signed_as(9, &header("EdDSA"), &claims),
        signed_as(
            CORP.2,
            &json!({"alg": "EdDSA", "kid": kid, "crit": ["exp"]}),
            &claims,
        ),
    ] {
        let answer = world
            .send(
                &[("authorization", &bearer(&token))],
                "tools/list",
                json!({}),
            )
            .await;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{token}");
        assert_eq!(body(&answer)["error"], "invalid_token");
    }
}

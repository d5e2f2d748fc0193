//! Key confusion. The attacker knows our public keys and has tokens of every kind that we sign for
//! them; they want a verifier to use another algorithm, another key or another type than its own.
//!
//! *Invariant:* a verifier has one algorithm, its own keys and one type, whatever a header wishes.

mod foreign;

use harness::Web;
use harness::World;
use harness::client::{Client, call, get, post_form};
use serde_json::{Value, json};

use super::{assert_page, assert_refused, assert_tokens_work, registered};

super::everywhere!(on_a_patient_host:
    no_forged_header_makes_an_access_token,
    no_forged_header_makes_a_client,
    a_forged_token_is_nonsense_to_introspection_and_revocation,
);

/// What can be done to a token with public knowledge alone.
fn forgeries(token: &str, public: &Value) -> Vec<String> {
    let parts: Vec<&str> = token.split('.').collect();
    let (claims, signature) = (parts[1], parts[2]);
    let header: Value = serde_json::from_slice(&jose::decode(parts[0]).unwrap()).unwrap();
    let (kid, typ) = (
        header["kid"].as_str().unwrap(),
        header["typ"].as_str().unwrap(),
    );
    let with = |name: &str, value: Value| {
        let mut header = header.clone();
        header[name] = value;
        jose::encode(header.to_string())
    };
    let mut forged = Vec::new();
    // Unsigned, or with the signature that is there, under every name of no algorithm and of others.
    for alg in [
        "none", "None", "NONE", "nOnE", "", "HS256", "HS512", "RS256", "ES256", "PS256", "Ed25519",
        "eddsa", "EdDSA ",
    ] {
        let header = with("alg", json!(alg));
        forged.push(format!("{header}.{claims}."));
        forged.push(format!("{header}.{claims}.{signature}"));
        forged.push(format!("{header}.{claims}.{}", jose::encode([0; 64])));
    }
    // The public key as an HMAC secret, in the forms in which somebody might hold it.
    let x = public["x"].as_str().unwrap();
    let hs256 = with("alg", json!("HS256"));
    for key in [
        jose::decode(x).unwrap(),
        x.as_bytes().to_vec(),
        public.to_string().into_bytes(),
        Vec::new(),
    ] {
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &key);
        let mac = ring::hmac::sign(&key, format!("{hs256}.{claims}").as_bytes());
        forged.push(format!("{hs256}.{claims}.{}", jose::encode(mac)));
    }
    // Headers that bring or fetch a key, or ask for something else.
    for (name, value) in [
        ("jwk", public.clone()),
        ("jku", json!("https://evil.example/jwks.json")),
        ("x5u", json!("https://evil.example/cert.pem")),
        ("x5c", json!(["AAAA"])),
        ("crit", json!(["b64"])),
        ("b64", json!(false)),
        ("zip", json!("DEF")),
        ("cty", json!("JWT")),
        ("kid", json!("")),
        ("kid", json!("../../../../dev/null")),
        ("kid", json!("x' UNION SELECT 'a")),
        ("kid", json!(null)),
        ("kid", json!([kid])),
        ("kid", json!(format!("{kid}\0"))),
        ("typ", json!("JWT")),
        ("typ", json!("at+jwt, client+jwt")),
        ("typ", json!(format!("application/{typ}"))),
        ("typ", json!(typ.to_ascii_uppercase())),
        ("typ", json!(null)),
        ("alg", json!(["EdDSA"])),
    ] {
        forged.push(format!("{}.{claims}.{signature}", with(name, value)));
    }
    let twice = format!(r#"{{"alg":"none","alg":"EdDSA","kid":"{kid}","typ":"{typ}"}}"#);
    forged.push(format!("{}.{claims}.{signature}", jose::encode(twice)));
    // Signatures of nothing: zero, of a point of small order, and of another length.
    let small = jose::encode([[1_u8].as_slice(), &[0; 63]].concat());
    for signature in [
        jose::encode([0; 64]),
        small,
        jose::encode([0xff; 64]),
        jose::encode([0; 63]),
        String::new(),
    ] {
        forged.push(format!("{}.{claims}.{signature}", parts[0]));
    }
    // Other claims under the same signature, other texts of the same token.
    let mut other: Value = serde_json::from_slice(&jose::decode(claims).unwrap()).unwrap();
    other["sub"] = json!("dev:grace");
    forged.push(format!(
        "{}.{}.{signature}",
        parts[0],
        jose::encode(other.to_string())
    ));
    forged.push(format!("{}..{signature}", parts[0]));
    forged.push(format!(".{claims}.{signature}"));
    forged.push(format!("{token}."));
    forged.push(format!("{token}="));
    forged.push(format!("{}=.{claims}.{signature}", parts[0]));
    forged.push(format!("{}.{claims}=.{signature}", parts[0]));
    forged.push(format!("{token}.{signature}"));
    let as_json = json!({"protected": parts[0], "payload": claims, "signature": signature});
    forged.push(as_json.to_string());
    forged.push(jose::encode(token));
    forged
}

async fn public_key(web: &impl Web) -> Value {
    let keys = harness::client::body(&get(web, "/.well-known/jwks.json").await);
    assert!(
        keys["keys"][0].get("d").is_none(),
        "no private half is published"
    );
    keys["keys"][0].clone()
}

async fn no_forged_header_makes_an_access_token(world: World<impl Web>) {
    let tokens = world.tokens("ada").await;
    let public = public_key(&world.web).await;
    let mut forged = forgeries(&tokens.access, &public);
    // Signed by us, for something else.
    forged.push(world.client.id.clone());
    for forged in &forged {
        let answer = call(&world.web, forged, "tools/list", json!({})).await;
        assert_refused(&answer, 401, "invalid_token", forged);
    }
    assert_tokens_work(&world, &tokens).await;
}

async fn no_forged_header_makes_a_client(world: World<impl Web>) {
    let tokens = world.tokens("ada").await;
    let public = public_key(&world.web).await;
    let evil = json!({"redirect_uris": ["https://evil.example/"]});
    let (thief, _) = registered(&world.web, &world.client, &evil).await;
    let mut forged = forgeries(&world.client.id, &public);
    // The victim's registration with the attacker's signature, and the reverse.
    let (own, theirs) = (
        world.client.id.rsplit_once('.').unwrap(),
        thief.id.rsplit_once('.').unwrap(),
    );
    forged.push(format!("{}.{}", own.0, theirs.1));
    forged.push(format!("{}.{}", theirs.0, own.1));
    forged.push(tokens.access.clone());
    for forged in forged {
        let client = Client {
            id: forged.clone(),
            ..world.client.clone()
        };
        let answer = client.refresh(&world.web, &tokens.refresh).await;
        assert_refused(&answer, 401, "invalid_client", &forged);
        assert_page(
            &world
                .browser
                .open(&world.web, &client.authorize_url(&[]))
                .await,
            &forged,
        );
    }
    assert_tokens_work(&world, &tokens).await;
}

async fn a_forged_token_is_nonsense_to_introspection_and_revocation(world: World<impl Web>) {
    let tokens = world.tokens("ada").await;
    let public = public_key(&world.web).await;
    let post = json!({"token_endpoint_auth_method": "client_secret_post"});
    let (client, answer) = registered(&world.web, &world.client, &post).await;
    let secret = answer["client_secret"].as_str().unwrap();
    for forged in forgeries(&tokens.access, &public) {
        let proven = [
            ("client_id", client.id.as_str()),
            ("client_secret", secret),
            ("token", &forged),
        ];
        let answer = post_form(&world.web, "/introspect", &proven).await;
        assert_eq!(
            harness::client::body(&answer),
            json!({"active": false}),
            "{forged}"
        );
        let own = [("client_id", world.client.id.as_str()), ("token", &forged)];
        assert_eq!(
            post_form(&world.web, "/revoke", &own).await.status(),
            200,
            "{forged}"
        );
    }
    if world.web.is_in_memory() {
        world.web.pass(std::time::Duration::from_secs(6)).await;
    }
    assert_tokens_work(&world, &tokens).await;
}

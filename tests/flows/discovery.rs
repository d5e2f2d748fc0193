//! A client finds out everything it needs, and all of it is true.

use harness::client::{body, get};
use harness::{Web, World};
use http::StatusCode;
use serde_json::Value;

super::everywhere!(on_a_patient_host: every_document_agrees_byte_for_byte, the_published_key_verifies_the_access_token);

async fn every_document_agrees_byte_for_byte(world: World<impl Web>) {
    let issuer = world.web.issuer();
    for path in [
        "/.well-known/oauth-protected-resource",
        "/.well-known/oauth-protected-resource/mcp",
    ] {
        let document = body(&get(&world.web, path).await);
        assert_eq!(document["resource"], format!("{issuer}/mcp"));
        assert_eq!(
            document["authorization_servers"],
            serde_json::json!([issuer])
        );
        // `offline_access` is not a resource's to ask for.
        assert_eq!(
            document["scopes_supported"],
            serde_json::json!(["mcp:tools", "profile"])
        );
    }
    let metadata = body(&get(&world.web, "/.well-known/oauth-authorization-server").await);
    assert_eq!(metadata, world.client.metadata);
    assert_eq!(
        metadata["code_challenge_methods_supported"],
        serde_json::json!(["S256"])
    );
    for endpoint in [
        "authorization_endpoint",
        "token_endpoint",
        "registration_endpoint",
        "jwks_uri",
    ] {
        let address = metadata[endpoint].as_str().unwrap();
        assert!(address.starts_with(issuer), "{endpoint}: {address}");
        assert_ne!(
            get(&world.web, address).await.status(),
            StatusCode::NOT_FOUND,
            "{endpoint}"
        );
    }
}

async fn the_published_key_verifies_the_access_token(world: World<impl Web>) {
    let access = world.tokens("ada").await.access;
    let claims = verified(&world.web, "/.well-known/jwks.json", &access).await;
    assert_eq!(claims["iss"], world.web.issuer());
    assert_eq!(claims["aud"], format!("{}/mcp", world.web.issuer()));
    assert_eq!(claims["sub"], "dev:ada");
    assert_eq!(claims["client_id"], world.client.id);
    assert_eq!(claims["scope"], "mcp:tools offline_access profile");
}

/// The claims of an access token that a key at `keys` verifies.
pub(super) async fn verified(web: &impl Web, keys: &str, access: &str) -> Value {
    let header = access.split('.').next().unwrap();
    let header: Value = serde_json::from_slice(&jose::decode(header).unwrap()).unwrap();
    assert_eq!(
        (&header["typ"], &header["alg"]),
        (&"at+jwt".into(), &"EdDSA".into())
    );
    let keys = body(&get(web, keys).await);
    let key = keys["keys"]
        .as_array()
        .unwrap()
        .iter()
        .find(|key| key["kid"] == header["kid"])
        .unwrap();
    // An implementation that is not ours.
    let (signed, signature) = access.rsplit_once('.').unwrap();
    let public = jose::decode(key["x"].as_str().unwrap()).unwrap();
    let public = ring::signature::UnparsedPublicKey::new(&ring::signature::ED25519, public);
    public
        .verify(signed.as_bytes(), &jose::decode(signature).unwrap())
        .unwrap();
    let claims = jose::decode(signed.split('.').nth(1).unwrap()).unwrap();
    serde_json::from_slice(&claims).unwrap()
}

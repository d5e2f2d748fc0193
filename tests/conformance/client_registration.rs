//! How a client becomes known.

use harness::client::{Client, REDIRECT, Tokens, body, post_json};
use harness::confidential::{Confidential, Proof};
use harness::{Web, World};
use http::header;
use serde_json::json;

use super::{Dated, code_for, error, tools};

super::in_every_date! { of_every_date since D20250326:
    a_public_client_registers_itself_and_signs_a_person_in,
    a_confidential_client_registers_itself_for_basic,
    a_client_that_asks_for_what_is_not_served_is_refused,
    a_client_that_was_written_down_need_not_register;
}

async fn a_public_client_registers_itself_and_signs_a_person_in(mut world: World<Dated<impl Web>>) {
    let wanted = json!({
        "client_name": "A public client",
        "redirect_uris": [REDIRECT, "https://app.example/callback", "cursor://anysphere.cursor-mcp/oauth/callback"],
        "token_endpoint_auth_method": "none",
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "application_type": "native",
    });
    let answer = post_json(&world.web, "/register", &wanted).await;
    assert_eq!(answer.status(), 201);
    assert_eq!(answer.headers()[header::CACHE_CONTROL], "no-store");
    let registered = body(&answer);
    for (name, value) in wanted.as_object().unwrap() {
        assert_eq!(&registered[name], value, "{name}");
    }
    assert!(registered["client_id_issued_at"].is_u64());
    for absent in [
        "client_secret",
        "client_secret_expires_at",
        "registration_client_uri",
    ] {
        assert_eq!(registered.get(absent), None);
    }
    world.client = world
        .client
        .written_down(registered["client_id"].as_str().unwrap());
    let tokens = world.tokens("ada").await;
    assert_eq!(tools(&world, Some(&tokens.access)).await.status(), 200);
}

async fn a_confidential_client_registers_itself_for_basic(mut world: World<Dated<impl Web>>) {
    // RFC 7591 §2: what is left out is basic, code and authorization_code.
    let wanted = json!({ "redirect_uris": [REDIRECT] });
    let registered = body(&post_json(&world.web, "/register", &wanted).await);
    assert_eq!(
        registered["token_endpoint_auth_method"],
        "client_secret_basic"
    );
    assert_eq!(registered["response_types"], json!(["code"]));
    assert_eq!(registered["client_secret_expires_at"], 0);
    let keeper = Confidential {
        client: world
            .client
            .written_down(registered["client_id"].as_str().unwrap()),
        secret: registered["client_secret"].as_str().unwrap().to_owned(),
    };
    world.client = keeper.client;
    let code = code_for(&world, &[]).await;
    let proof = Proof::Basic(&keeper.secret);
    Tokens::read(&world.client.exchange_as(&world.web, proof, &code).await);
}

async fn a_client_that_asks_for_what_is_not_served_is_refused(world: World<Dated<impl Web>>) {
    for (name, value) in [
        ("grant_types", json!(["implicit"])),
        ("grant_types", json!(["client_credentials"])),
        ("grant_types", json!(["refresh_token"])),
        ("response_types", json!(["token"])),
        ("response_types", json!(["code", "token"])),
        ("token_endpoint_auth_method", json!("client_secret_jwt")),
        ("token_endpoint_auth_method", json!("tls_client_auth")),
        ("token_endpoint_auth_method", json!("private_key_jwt")),
    ] {
        let mut wanted = json!({ "redirect_uris": [REDIRECT] });
        wanted[name] = value;
        let answer = post_json(&world.web, "/register", &wanted).await;
        let expected = (400, "invalid_client_metadata".to_owned());
        assert_eq!(error(&answer), expected, "{wanted}");
        let described = body(&answer)["error_description"].clone();
        let told = [name, "private_key_jwt"]
            .iter()
            .any(|word| described.to_string().contains(word));
        assert!(told, "{described} does not name {name}");
    }
    for uri in [
        "javascript:alert(1)",
        "data:text/html,x",
        "http://app.example/callback",
        "https://app.example/callback#part",
        "https://user@app.example/callback",
        "/callback",
    ] {
        let wanted = json!({ "redirect_uris": [REDIRECT, uri] });
        let answer = post_json(&world.web, "/register", &wanted).await;
        let expected = (400, "invalid_redirect_uri".to_owned());
        assert_eq!(error(&answer), expected, "{uri}");
    }
}

async fn a_client_that_was_written_down_need_not_register(mut world: World<Dated<impl Web>>) {
    let desk: Client = world.client.written_down("desk");
    world.client = desk;
    let tokens = world.tokens("ada").await;
    assert_eq!(tools(&world, Some(&tokens.access)).await.status(), 200);
    assert_eq!(super::claims(&tokens.access)["client_id"], "desk");
}

//! Client impersonation. The attacker knows the id of a client with a secret or a key, and has a
//! code or a refresh token that was issued to it; they want to be that client.
//!
//! *Invariant:* a client proves itself the one way it registered, every time, and a proof that
//! fails spends nothing.

use harness::client::{Client, REDIRECT, Tokens, VERIFIER, post_form};
use harness::{Web, World};
use http::{Response, header};
use serde_json::json;

use super::{FORM, assert_refused, encoded, post, registered};

super::everywhere!(on_a_patient_host:
    a_secret_is_the_only_proof_of_a_client_with_a_secret,
    the_way_of_proving_is_the_one_that_was_registered,
    two_proofs_are_none,
    an_id_is_its_own_bytes_and_no_others,
);

/// A client with a secret, and a code of its own.
async fn victim(world: &World<impl Web>, method: &str) -> (Client, String, String) {
    let metadata = json!({"token_endpoint_auth_method": method});
    let (client, answer) = registered(&world.web, &world.client, &metadata).await;
    let secret = answer["client_secret"].as_str().unwrap().to_owned();
    world.browser.forget();
    let page = world
        .browser
        .open(&world.web, &client.authorize_url(&[]))
        .await;
    let people = world.agree(&page).await;
    let code = world
        .sign_in(&people, "ada")
        .await
        .parameter("code")
        .unwrap();
    (client, secret, code)
}

fn spend(code: &str) -> Vec<(&str, &str)> {
    vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("code_verifier", VERIFIER),
        ("redirect_uri", REDIRECT),
    ]
}

fn basic(id: &str, secret: &str) -> String {
    use base64::Engine as _;
    let encode =
        |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let pair = format!("{}:{}", encode(id), encode(secret));
    format!(
        "Basic {}",
        base64::engine::general_purpose::STANDARD.encode(pair)
    )
}

async fn with_header(
    web: &impl Web,
    authorization: &str,
    fields: &[(&str, &str)],
) -> Response<bytes::Bytes> {
    let headers = [("content-type", FORM), ("authorization", authorization)];
    post(web, "/token", &headers, encoded(fields)).await
}

async fn a_secret_is_the_only_proof_of_a_client_with_a_secret(world: World<impl Web>) {
    let (client, secret, code) = victim(&world, "client_secret_post").await;
    let (_, others, _) = victim(&world, "client_secret_post").await;
    let (header, signature) = client.id.rsplit_once('.').unwrap();
    let mut wrong = vec![
        String::new(),
        "x".to_owned(),
        others,
        signature.to_owned(),
        header.to_owned(),
        client.id.clone(),
        secret.to_ascii_lowercase(),
        format!("{secret} "),
        format!("{secret}="),
        secret[..secret.len() - 1].to_owned(),
        format!("{secret}{secret}"),
        jose::encode([0; 64]),
        jose::encode(jose::sha256(secret.as_bytes())),
        "A".repeat(50_000),
    ];
    // Malleability (RFC 8032 §8.4): the same signature with the group's order added is another text.
    let mut malleable = jose::decode(&secret).unwrap();
    add_order(&mut malleable[32..]);
    wrong.push(jose::encode(malleable));
    for wrong in &wrong {
        let mut fields = spend(&code);
        fields.push(("client_secret", wrong));
        let answer = client.token(&world.web, &fields).await;
        assert_refused(&answer, 401, "invalid_client", wrong);
        assert!(!answer.headers().contains_key(header::WWW_AUTHENTICATE));
    }
    let mut fields = spend(&code);
    fields.push(("client_secret", &secret));
    let tokens = Tokens::read(&client.token(&world.web, &fields).await);
    let answer = client.refresh(&world.web, &tokens.refresh).await;
    assert_refused(
        &answer,
        401,
        "invalid_client",
        "a refresh without the secret",
    );
    let refresh = [
        ("grant_type", "refresh_token"),
        ("refresh_token", &tokens.refresh),
        ("client_secret", &secret),
    ];
    Tokens::read(&client.token(&world.web, &refresh).await);
}

/// Adds the order of the group (RFC 8032 §5.1) to a little-endian number.
fn add_order(number: &mut [u8]) {
    const ORDER: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde,
        0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let mut carry = 0;
    for (digit, order) in number.iter_mut().zip(ORDER) {
        let sum = u16::from(*digit) + u16::from(order) + carry;
        *digit = (sum & 0xff) as u8;
        carry = sum >> 8;
    }
}

async fn the_way_of_proving_is_the_one_that_was_registered(world: World<impl Web>) {
    let (client, secret, code) = victim(&world, "client_secret_basic").await;
    let mut in_form = spend(&code);
    in_form.push(("client_secret", &secret));
    let answer = client.token(&world.web, &in_form).await;
    assert_refused(&answer, 401, "invalid_client", "in the form");
    for authorization in [
        basic(&client.id, "x"),
        basic(&client.id, ""),
        basic(&world.client.id, &secret),
        basic("nobody", &secret),
        format!("Bearer {secret}"),
        "Basic".to_owned(),
        "Basic !!!".to_owned(),
        "Negotiate x".to_owned(),
    ] {
        let answer = with_header(&world.web, &authorization, &spend(&code)).await;
        assert_refused(&answer, 401, "invalid_client", &authorization);
        let challenge = answer.headers()[header::WWW_AUTHENTICATE].to_str().unwrap();
        assert!(challenge.starts_with("Basic realm="), "{challenge}");
    }
    // A public client has no secret to be right.
    let (public_code, id) = (world.code("ada").await, world.client.id.clone());
    let mut fields = spend(&public_code);
    fields.push(("client_id", &id));
    fields.push(("client_secret", "anything"));
    let answer = post_form(&world.web, "/token", &fields).await;
    assert_refused(
        &answer,
        401,
        "invalid_client",
        "a public client with a secret",
    );
    Tokens::read(&world.client.exchange(&world.web, &public_code).await);
    Tokens::read(&with_header(&world.web, &basic(&client.id, &secret), &spend(&code)).await);
}

async fn two_proofs_are_none(world: World<impl Web>) {
    let (client, secret, code) = victim(&world, "client_secret_basic").await;
    let header = basic(&client.id, &secret);
    for (name, value) in [
        ("client_secret", secret.as_str()),
        ("client_id", world.client.id.as_str()),
        ("client_id", "nobody"),
        ("client_assertion", "x.y.z"),
    ] {
        let mut fields = spend(&code);
        fields.push((name, value));
        let answer = with_header(&world.web, &header, &fields).await;
        let (status, _) = super::verdict(&answer);
        assert!([400, 401].contains(&status), "{name}: {status}");
    }
    let headers = [
        ("content-type", FORM),
        ("authorization", &header),
        ("authorization", &header),
    ];
    let answer = post(&world.web, "/token", &headers, encoded(&spend(&code))).await;
    assert_refused(&answer, 400, "invalid_request", "twice the same");
    Tokens::read(&with_header(&world.web, &header, &spend(&code)).await);
}

async fn an_id_is_its_own_bytes_and_no_others(world: World<impl Web>) {
    let code = world.code("ada").await;
    let id = &world.client.id;
    for forged in [
        format!(" {id}"),
        format!("{id} "),
        format!("{id}="),
        format!("{id}."),
        format!("{id}\0"),
        id.to_ascii_lowercase(),
        id[..id.len() - 1].to_owned(),
        format!("https://evil.example/{id}"),
        "x".repeat(20_000),
    ] {
        let client = Client {
            id: forged.clone(),
            ..world.client.clone()
        };
        let answer = client.exchange(&world.web, &code).await;
        assert_refused(&answer, 401, "invalid_client", &forged);
        if forged.len() < 5000 {
            let page = world
                .browser
                .open(&world.web, &client.authorize_url(&[]))
                .await;
            super::assert_page(&page, &forged);
        }
    }
    Tokens::read(&world.client.exchange(&world.web, &code).await);
}

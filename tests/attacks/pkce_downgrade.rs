//! PKCE downgrade. The attacker can alter the victim's authorization request, or holds a code whose
//! verifier they do not know; they want a code that needs no verifier, or a weak one.
//!
//! *Invariant:* there is no code without an S256 challenge, whatever kind of client asked for it.

use harness::Web;
use harness::World;
use harness::client::{REDIRECT, Tokens, VERIFIER};
use serde_json::json;

use super::{FORM, assert_refused, encoded, post, registered};

super::everywhere!(on_a_patient_host:
    every_request_has_an_s256_challenge,
    a_client_with_a_secret_needs_a_challenge_too,
    a_challenge_is_answered_by_its_verifier_alone,
    a_verifier_is_decoded_once,
);

const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

async fn every_request_has_an_s256_challenge(world: World<impl Web>) {
    let methods = [
        "",
        "plain",
        "PLAIN",
        "s256",
        "S256 ",
        " S256",
        "S 256",
        "S512",
        "S256,plain",
        "plain S256",
        "none",
        "null",
        "sha256",
        "S256\0",
        "S256\n",
        "Ｓ256",
    ];
    for method in methods {
        assert_no_code(&world, &[("code_challenge_method", method)]).await;
    }
    let other_alphabet = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM";
    let trailing_bits = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cN";
    let padded = format!("{CHALLENGE}=");
    let longer = format!("{CHALLENGE}AA");
    for challenge in [
        "",
        "x",
        &CHALLENGE[..42],
        &longer,
        &padded,
        other_alphabet,
        trailing_bits,
        "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-c ",
        // Forty-three characters that a verifier may have, and a challenge may not.
        "dBjftJeZ4CVP~mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    ] {
        assert_no_code(&world, &[("code_challenge", challenge)]).await;
    }
    assert_no_code(
        &world,
        &[("code_challenge", ""), ("code_challenge_method", "")],
    )
    .await;
    // A second challenge makes the first one nobody's.
    for more in [
        "&code_challenge=x",
        "&code_challenge_method=plain",
        "&code%5Fchallenge_method=plain",
    ] {
        let link = format!("{}{more}", world.client.authorize_url(&[]));
        let back = world.browser.open(&world.web, &link).await;
        assert_eq!(back.parameter("error").as_deref(), Some("invalid_request"));
        assert_eq!(back.parameter("code"), None, "{more}");
    }
}

async fn a_client_with_a_secret_needs_a_challenge_too(world: World<impl Web>) {
    let basic = json!({"token_endpoint_auth_method": "client_secret_basic"});
    let (client, _) = registered(&world.web, &world.client, &basic).await;
    let world = World { client, ..world };
    assert_no_code(
        &world,
        &[("code_challenge", ""), ("code_challenge_method", "")],
    )
    .await;
    assert_no_code(&world, &[("code_challenge_method", "plain")]).await;
}

/// The request goes back to the client as wrong, and nobody is asked to agree to it.
async fn assert_no_code(world: &World<impl Web>, more: &[(&str, &str)]) {
    let back = world
        .browser
        .open(&world.web, &world.client.authorize_url(more))
        .await;
    assert!(
        back.url.as_str().starts_with(REDIRECT),
        "{more:?}: {}",
        back.url
    );
    assert_eq!(
        back.parameter("error").as_deref(),
        Some("invalid_request"),
        "{more:?}"
    );
    assert!(back.parameter("code").is_none(), "{more:?}");
}

async fn a_challenge_is_answered_by_its_verifier_alone(world: World<impl Web>) {
    let code = world.code("ada").await;
    let longest = "x".repeat(129);
    for (verifier, error) in [
        // What `plain` would have taken.
        (CHALLENGE, "invalid_grant"),
        ("", "invalid_request"),
        (&VERIFIER[..42], "invalid_request"),
        (&longest, "invalid_request"),
        (&longest[..128], "invalid_grant"),
        (
            "DBJFTJEZ4CVP-MB92K27UHBUJU1P1R_WW1GFWFOEJXK",
            "invalid_grant",
        ),
        (
            "dBjftJeZ4CVP+mB92K27uhbUJU1p1r/wW1gFWFOEjXk",
            "invalid_request",
        ),
        (
            "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk\u{200b}",
            "invalid_request",
        ),
    ] {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("code_verifier", verifier),
        ];
        let answer = world.client.token(&world.web, &fields).await;
        assert_refused(&answer, 400, error, verifier);
    }
    // Two verifiers are none, though one of them is right.
    let twice = [
        ("grant_type", "authorization_code"),
        ("client_id", &world.client.id),
        ("code", &code),
        ("code_verifier", VERIFIER),
        ("code_verifier", VERIFIER),
    ];
    let answer = post(
        &world.web,
        "/token",
        &[("content-type", FORM)],
        encoded(&twice),
    )
    .await;
    assert_refused(&answer, 400, "invalid_request", "twice");
    Tokens::read(&world.client.exchange(&world.web, &code).await);
}

async fn a_verifier_is_decoded_once(world: World<impl Web>) {
    let verifier = "tilde~tilde~tilde~tilde~tilde~tilde~tilde~tilde";
    let challenge = jose::encode(jose::sha256(verifier.as_bytes()));
    let link = world
        .client
        .authorize_url(&[("code_challenge", &challenge)]);
    let consent = world.browser.open(&world.web, &link).await;
    let people = world.agree(&consent).await;
    let code = world
        .sign_in(&people, "ada")
        .await
        .parameter("code")
        .unwrap();
    let form = |verifier: &str| {
        let fields = [
            ("grant_type", "authorization_code"),
            ("client_id", &world.client.id),
            ("code", &code),
        ];
        format!("{}&code_verifier={verifier}", encoded(&fields))
    };
    let twice_encoded = form(&verifier.replace('~', "%257E"));
    let answer = post(
        &world.web,
        "/token",
        &[("content-type", FORM)],
        twice_encoded,
    )
    .await;
    assert_refused(&answer, 400, "invalid_request", "encoded twice");
    let once_encoded = form(&verifier.replace('~', "%7E"));
    let answer = post(
        &world.web,
        "/token",
        &[("content-type", FORM)],
        once_encoded,
    )
    .await;
    Tokens::read(&answer);
}

//! Code injection. The attacker read the victim's code, in a history or a log, and knows their
//! client's id; they want tokens for it, or their own code inside the victim's client.
//!
//! *Invariant:* a code is worth nothing without the verifier behind its challenge, and whoever
//! fails to spend one has not burnt it.

use harness::Web;
use harness::World;
use harness::browser::Browser;
use harness::client::{Client, REDIRECT, Tokens, VERIFIER, call};
use serde_json::json;

use super::{assert_refused, registered};

super::everywhere!(on_a_patient_host:
    a_stolen_code_is_nothing_without_its_verifier,
    a_code_is_its_own_bytes_and_no_others,
    the_attackers_code_does_not_enter_the_victims_client,
    a_code_is_no_other_credential,
);

const OTHER_VERIFIER: &str = "eBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

async fn a_stolen_code_is_nothing_without_its_verifier(world: World<impl Web>) {
    let code = world.code("ada").await;
    let (thief, _) = registered(&world.web, &world.client, &json!({})).await;
    let challenge = jose::encode(jose::sha256(VERIFIER.as_bytes()));
    let invalid = |verifier: &'static str| (verifier, "invalid_grant");
    for (verifier, error) in [
        invalid(OTHER_VERIFIER),
        invalid("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
        ("", "invalid_request"),
        ("short", "invalid_request"),
        (
            "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk ",
            "invalid_request",
        ),
        (
            "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk\0",
            "invalid_request",
        ),
        (
            "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk=",
            "invalid_request",
        ),
    ] {
        assert_ne!(verifier, VERIFIER);
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("code_verifier", verifier),
            ("redirect_uri", REDIRECT),
        ];
        let answer = world.client.token(&world.web, &fields).await;
        assert_refused(&answer, 400, error, verifier);
    }
    assert_eq!(challenge, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    // With the verifier too: what one client was given is nothing to another.
    let answer = thief.exchange(&world.web, &code).await;
    assert_refused(&answer, 400, "invalid_grant", "another client");
    Tokens::read(&world.client.exchange(&world.web, &code).await);
}

async fn a_code_is_its_own_bytes_and_no_others(world: World<impl Web>) {
    let (code, other) = (world.code("ada").await, world.code("mallory").await);
    let parts = |code: &str| code.split('.').map(str::to_owned).collect::<Vec<_>>();
    let (own, theirs) = (parts(&code), parts(&other));
    let zero = jose::encode([0; 32]);
    let first = &own[2][..10];
    let forged = [
        // The victim's grant under the attacker's MAC, and the reverse.
        format!("{}.{}.{}", own[0], own[1], theirs[2]),
        format!("{}.{}.{}", own[0], theirs[1], own[2]),
        format!("{}.{}.{zero}", own[0], own[1]),
        format!("{}.{}.", own[0], own[1]),
        format!("{}.{}.{first}", own[0], own[1]),
        format!("{}.{}", own[0], own[1]),
        format!("{code}."),
        format!(".{code}"),
        format!("{code}.{}", own[2]),
        format!("{code}="),
        format!(" {code}"),
        format!("{code} "),
        format!("{code}\n"),
        format!("{code}\0"),
        format!("{code},{other}"),
        code.replace('.', "%2E"),
        format!("..{}", own[2]),
        format!("'.{}.{}", own[1], own[2]),
        format!("none.{}.{}", own[1], own[2]),
        code.to_ascii_lowercase(),
        code.to_ascii_uppercase(),
        own[1].clone(),
        "x".repeat(20_000),
    ];
    for forged in &forged {
        let answer = world.client.exchange(&world.web, forged).await;
        assert_refused(&answer, 400, "invalid_grant", forged);
    }
    for code in [&code, &other] {
        Tokens::read(&world.client.exchange(&world.web, code).await);
    }
}

async fn the_attackers_code_does_not_enter_the_victims_client(world: World<impl Web>) {
    // The attacker signs in as themselves through the victim's client, with a verifier of theirs.
    let challenge = jose::encode(jose::sha256(OTHER_VERIFIER.as_bytes()));
    let theirs = World {
        browser: Browser::default(),
        client: world.client.clone(),
        web: &world.web,
    };
    let link = theirs
        .client
        .authorize_url(&[("code_challenge", &challenge)]);
    let consent = theirs.browser.open(&world.web, &link).await;
    let people = theirs.agree(&consent).await;
    let back = theirs.sign_in(&people, "mallory").await;
    let injected = back.parameter("code").unwrap();
    // The victim's client is led to exchange it, and does so with its own verifier.
    let answer = world.client.exchange(&world.web, &injected).await;
    assert_refused(&answer, 400, "invalid_grant", "another verifier's code");
    Tokens::read(
        &world
            .client
            .exchange(&world.web, &world.code("ada").await)
            .await,
    );
}

async fn a_code_is_no_other_credential(world: World<impl Web>) {
    let code = world.code("ada").await;
    let answer = world.client.refresh(&world.web, &code).await;
    assert_refused(&answer, 400, "invalid_grant", "as a refresh token");
    let answer = call(&world.web, &code, "tools/list", json!({})).await;
    assert_refused(&answer, 401, "invalid_token", "as an access token");
    let as_client = Client {
        id: code.clone(),
        ..world.client.clone()
    };
    let answer = as_client.exchange(&world.web, &code).await;
    assert_refused(&answer, 401, "invalid_client", "as a client id");
    let page = world
        .browser
        .open(&world.web, &as_client.authorize_url(&[]))
        .await;
    super::assert_page(&page, "as a client id");
    let tokens = Tokens::read(&world.client.exchange(&world.web, &code).await);
    // And the reverse: what it bought is no code.
    for token in [&tokens.access, &tokens.refresh] {
        let answer = world.client.exchange(&world.web, token).await;
        assert_refused(&answer, 400, "invalid_grant", "as a code");
    }
}

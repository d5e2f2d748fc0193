//! A client that registered a way to prove itself is believed when it proves itself that way.

use harness::client::{Client, Tokens, body};
use harness::confidential::{Confidential, Proof};
use harness::{Web, World};
use http::{StatusCode, header};

super::everywhere!(on_a_staffed_host:
    a_client_that_names_no_method_gets_a_secret_for_basic,
    each_method_takes_a_person_from_sign_in_to_refresh,
    a_failed_proof_neither_spends_nor_burns_a_code,
    a_secret_in_two_places_is_an_invalid_request,
    a_challenge_answers_the_header_and_only_the_header,
    one_clients_secret_is_nothing_to_another,
    a_client_that_was_written_down_signs_people_in,
);

const METHODS: [&str; 2] = ["client_secret_basic", "client_secret_post"];

fn right<'a>(method: &str, secret: &'a str) -> Proof<'a> {
    match method {
        "client_secret_basic" => Proof::Basic(secret),
        _ => Proof::Post(secret),
    }
}

fn error(answer: &http::Response<bytes::Bytes>) -> (StatusCode, String) {
    let code = body(answer)["error"].as_str().unwrap().to_owned();
    (answer.status(), code)
}

const UNAUTHORIZED: StatusCode = StatusCode::UNAUTHORIZED;
const BAD_REQUEST: StatusCode = StatusCode::BAD_REQUEST;

async fn a_client_that_names_no_method_gets_a_secret_for_basic(mut world: World<impl Web>) {
    // RFC 7591 §2.
    let keeper = Confidential::register(&world.web, &world.client, None).await;
    world.client = keeper.client;
    let code = world.code("ada").await;
    let proof = Proof::Basic(&keeper.secret);
    Tokens::read(&world.client.exchange_as(&world.web, proof, &code).await);
}

async fn each_method_takes_a_person_from_sign_in_to_refresh(mut world: World<impl Web>) {
    let found = world.client.clone();
    for method in METHODS {
        let keeper = Confidential::register(&world.web, &found, Some(method)).await;
        world.client = keeper.client;
        let code = world.code("ada").await;
        let proof = right(method, &keeper.secret);
        let exchanged = world.client.exchange_as(&world.web, proof, &code).await;
        let refresh = Tokens::read(&exchanged).refresh;
        let fields = [("grant_type", "refresh_token"), ("refresh_token", &refresh)];
        let refreshed = world
            .client
            .post_as(&world.web, "token_endpoint", proof, &fields)
            .await;
        Tokens::read(&refreshed);
        // A stolen refresh token is nothing without the secret.
        let stolen = world.client.refresh(&world.web, &refresh).await;
        assert_eq!(error(&stolen), (UNAUTHORIZED, "invalid_client".to_owned()));
    }
}

async fn a_failed_proof_neither_spends_nor_burns_a_code(mut world: World<impl Web>) {
    let found = world.client.clone();
    for method in METHODS {
        let keeper = Confidential::register(&world.web, &found, Some(method)).await;
        world.client = keeper.client;
        let code = world.code("ada").await;
        let other = match method {
            "client_secret_basic" => Proof::Post(&keeper.secret),
            _ => Proof::Basic(&keeper.secret),
        };
        for wrong in [
            right(method, "a-guess-at-the-secret"),
            other,
            Proof::Nothing,
        ] {
            let refused = world.client.exchange_as(&world.web, wrong, &code).await;
            let expected = (UNAUTHORIZED, "invalid_client".to_owned());
            assert_eq!(error(&refused), expected, "{method}: {wrong:?}");
            let text = String::from_utf8_lossy(refused.body()).into_owned();
            assert!(
                !text.contains(&keeper.secret) && !text.contains(&code),
                "{text}"
            );
        }
        let proof = right(method, &keeper.secret);
        Tokens::read(&world.client.exchange_as(&world.web, proof, &code).await);
    }
}

async fn a_secret_in_two_places_is_an_invalid_request(mut world: World<impl Web>) {
    let found = world.client.clone();
    let keeper = Confidential::register(&world.web, &found, None).await;
    world.client = keeper.client;
    let code = world.code("ada").await;
    // RFC 6749 §2.3: no more than one method in a request.
    let proof = Proof::Twice(&keeper.secret);
    let refused = world.client.exchange_as(&world.web, proof, &code).await;
    assert_eq!(error(&refused), (BAD_REQUEST, "invalid_request".to_owned()));
    let proof = Proof::Basic(&keeper.secret);
    let fields = [("grant_type", "refresh_token"), ("client_id", &found.id)];
    let refused = world
        .client
        .post_as(&world.web, "token_endpoint", proof, &fields)
        .await;
    assert_eq!(error(&refused), (BAD_REQUEST, "invalid_request".to_owned()));
    Tokens::read(&world.client.exchange_as(&world.web, proof, &code).await);
}

async fn a_challenge_answers_the_header_and_only_the_header(world: World<impl Web>) {
    let keeper = Confidential::register(&world.web, &world.client, None).await;
    for endpoint in [
        "token_endpoint",
        "revocation_endpoint",
        "introspection_endpoint",
    ] {
        for (wrong, challenged) in [
            (Proof::Basic("a-guess-at-the-secret"), true),
            (Proof::Post("a-guess-at-the-secret"), false),
            (Proof::Nothing, false),
        ] {
            let fields = [("token", "x")];
            let refused = keeper
                .client
                .post_as(&world.web, endpoint, wrong, &fields)
                .await;
            let expected = (UNAUTHORIZED, "invalid_client".to_owned());
            assert_eq!(error(&refused), expected, "{endpoint}: {wrong:?}");
            // RFC 6749 §5.2.
            let challenge = refused.headers().get(header::WWW_AUTHENTICATE);
            let challenge = challenge.map(|value| value.to_str().unwrap());
            let expected = challenged.then_some("Basic realm=\"postern\"");
            assert_eq!(challenge, expected, "{endpoint}: {wrong:?}");
        }
    }
}

async fn one_clients_secret_is_nothing_to_another(world: World<impl Web>) {
    let one = Confidential::register(&world.web, &world.client, None).await;
    let other = Confidential::register(&world.web, &world.client, None).await;
    assert_ne!(one.secret, other.secret);
    let refused = one
        .client
        .exchange_as(&world.web, Proof::Basic(&other.secret), "x")
        .await;
    assert_eq!(error(&refused), (UNAUTHORIZED, "invalid_client".to_owned()));
    // A public client has no secret to be right about.
    let refused = world
        .client
        .exchange_as(&world.web, Proof::Post(&one.secret), "x")
        .await;
    assert_eq!(error(&refused), (UNAUTHORIZED, "invalid_client".to_owned()));
}

async fn a_client_that_was_written_down_signs_people_in(mut world: World<impl Web>) {
    let found = world.client.clone();
    let office = Confidential::written_down(&found, "office");
    let desk = found.written_down("desk");
    let with_secret = (office.client, Proof::Basic(&office.secret));
    for (client, proof) in [with_secret, (desk, Proof::Nothing)] {
        world.client = client;
        world.browser.forget();
        let consent = world.ask().await;
        let name = if world.client.id == "desk" {
            "Desk"
        } else {
            "Office"
        };
        assert!(consent.page.contains(name), "{}", consent.page);
        let people = world.agree(&consent).await;
        let code = world.sign_in(&people, "ada").await.parameter("code");
        let code = code.unwrap();
        let guessed = Client::exchange_as(&world.client, &world.web, Proof::Post("a-guess"), &code);
        assert_eq!(guessed.await.status(), UNAUTHORIZED);
        Tokens::read(&world.client.exchange_as(&world.web, proof, &code).await);
    }
}

//! Everything that the server says of itself is walked, member by member and value by value.
//!
//! *Invariant:* what is advertised and what stands in a table here is the same, so a new member
//! needs a walk, and a walk needs its member.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use harness::client::{REDIRECT, Tokens, VERIFIER, body, call, get, post_form, post_json};
use harness::registered::RegisteredClient;
use harness::{Web, World};
use http::{Request, Response, StatusCode, header};
use serde_json::{Value, json};

use super::discovery;

super::everywhere!(on_a_patient_host:
    all_that_the_authorization_server_says_of_itself_is_true,
    all_that_the_protected_resource_says_of_itself_is_true,
);

async fn all_that_the_authorization_server_says_of_itself_is_true(world: World<impl Web>) {
    authorization_server(&world, &world.client.metadata).await;
}

async fn all_that_the_protected_resource_says_of_itself_is_true(world: World<impl Web>) {
    protected_resource(&world, &world.client.resource).await;
}

/// A walk of a document or a list: each of its members or values, and the use that is made of it.
macro_rules! walks {
    ($($walk:ident: $($told:literal => $step:ident,)*;)*) => {
        $(async fn $walk(world: &World<impl Web>, told: &Value) {
            let told = members(told);
            let names: Vec<_> = told.keys().map(String::as_str).collect();
            let mut known = vec![$($told),*];
            known.sort_unstable();
            assert_eq!(names, known, "what is told, and the table `{}`", stringify!($walk));
            $($step(world, &told[$told]).await;)*
        })*
    };
}

walks! {
    // RFC 8414 §2, and RFC 9207 §3.
    authorization_server:
        "issuer" => an_issuer,
        "authorization_endpoint" => asks_a_person,
        "token_endpoint" => gives_tokens,
        "registration_endpoint" => registers,
        "revocation_endpoint" => revokes,
        "introspection_endpoint" => introspects,
        "jwks_uri" => verifies_an_access_token,
        "scopes_supported" => scopes,
        "response_types_supported" => response_types,
        "response_modes_supported" => response_modes,
        "grant_types_supported" => grant_types,
        "token_endpoint_auth_methods_supported" => token_methods,
        "token_endpoint_auth_signing_alg_values_supported" => algorithms,
        "revocation_endpoint_auth_methods_supported" => revocation_methods,
        "revocation_endpoint_auth_signing_alg_values_supported" => algorithms,
        "introspection_endpoint_auth_methods_supported" => introspection_methods,
        "introspection_endpoint_auth_signing_alg_values_supported" => algorithms,
        "code_challenge_methods_supported" => code_challenge_methods,
        "authorization_response_iss_parameter_supported" => names_itself_in_every_answer,
        "client_id_metadata_document_supported" => looks_documents_up,
    ;
    scopes:
        "mcp:tools" => is_granted,
        "profile" => is_granted,
        "offline_access" => is_granted,
    ;
    response_types:
        "code" => comes_as_a_code,
    ;
    response_modes:
        "query" => comes_in_the_query,
    ;
    grant_types:
        "authorization_code" => gives_tokens,
        "refresh_token" => gives_a_successor,
        "client_credentials" => gives_a_service_its_own_token,
    ;
    token_methods:
        "none" => gives_tokens,
        "client_secret_basic" => obtains_a_token,
        "client_secret_post" => obtains_a_token,
        "private_key_jwt" => obtains_a_token,
    ;
    algorithms:
        "EdDSA" => signs,
        "Ed25519" => signs,
        "ES256" => signs,
        "ES384" => signs,
        "PS256" => signs,
        "PS384" => signs,
        "PS512" => signs,
        "RS256" => signs,
        "RS384" => signs,
        "RS512" => signs,
    ;
    revocation_methods:
        "none" => revokes,
        "client_secret_basic" => revokes_its_own,
        "client_secret_post" => revokes_its_own,
        "private_key_jwt" => revokes_its_own,
    ;
    introspection_methods:
        "client_secret_basic" => looks_into_its_own,
        "client_secret_post" => looks_into_its_own,
        "private_key_jwt" => looks_into_its_own,
    ;
    code_challenge_methods:
        "S256" => holds_a_code_to_its_verifier,
    ;
    // RFC 9728 §2.
    protected_resource:
        "resource" => answers_calls,
        "authorization_servers" => authorization_servers,
        "scopes_supported" => scopes_of_the_resource,
        "bearer_methods_supported" => bearer_methods,
        "resource_name" => is_what_people_read,
        "resource_documentation" => can_be_read,
    ;
    scopes_of_the_resource:
        "mcp:tools" => is_granted,
        "profile" => is_granted,
    ;
    bearer_methods:
        "header" => is_the_only_place_for_a_token,
    ;
}

/// The members of a document by their names, or the values of a list, which are their own names.
fn members(told: &Value) -> BTreeMap<String, Value> {
    match told {
        Value::Object(members) => members.clone().into_iter().collect(),
        Value::Array(values) => {
            let named = values
                .iter()
                .map(|value| (text(value).to_owned(), value.clone()));
            let members: BTreeMap<_, _> = named.collect();
            assert_eq!(members.len(), values.len(), "a value twice in {told}");
            members
        }
        _ => unreachable!("a document or a list: {told}"),
    }
}

fn text(told: &Value) -> &str {
    told.as_str().expect("a text")
}

async fn an_issuer(world: &World<impl Web>, told: &Value) {
    assert_eq!(told, world.web.issuer());
    let found = format!("{}/.well-known/oauth-authorization-server", text(told));
    assert_eq!(body(&get(&world.web, &found).await), world.client.metadata);
}

async fn asks_a_person(world: &World<impl Web>, told: &Value) {
    let asked = world.client.authorize_url(&[]);
    assert!(asked.starts_with(&format!("{}?", text(told))), "{asked}");
    let page = world.browser.open(&world.web, &asked).await;
    assert!(!page.form("/consent").fields.is_empty());
}

async fn gives_tokens(world: &World<impl Web>, _: &Value) {
    let tokens = world.tokens("ada").await;
    assert_eq!(tools(world, &tokens.access).await, StatusCode::OK);
}

async fn registers(world: &World<impl Web>, told: &Value) {
    let wanted = json!({ "redirect_uris": [REDIRECT], "token_endpoint_auth_method": "none" });
    let answer = post_json(&world.web, text(told), &wanted).await;
    assert_eq!(answer.status(), StatusCode::CREATED);
    let client = harness::client::Client {
        id: text(&body(&answer)["client_id"]).to_owned(),
        ..world.client.clone()
    };
    let page = world
        .browser
        .open(&world.web, &client.authorize_url(&[]))
        .await;
    assert_eq!(page.status, Some(StatusCode::OK));
}

async fn revokes(world: &World<impl Web>, _: &Value) {
    let Tokens { access, refresh } = world.tokens("ada").await;
    let endpoint = text(&world.client.metadata["revocation_endpoint"]);
    let fields = [("client_id", world.client.id.as_str()), ("token", &refresh)];
    let answer = post_form(&world.web, endpoint, &fields).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(tools(world, &access).await, StatusCode::UNAUTHORIZED);
    let answer = world.client.refresh(&world.web, &refresh).await;
    assert_eq!(body(&answer)["error"], "invalid_grant");
}

async fn introspects(world: &World<impl Web>, _: &Value) {
    let access = world.tokens("ada").await.access;
    let service = RegisteredClient::by_method("client_secret_basic");
    let seen = look_into(world, &service, &access).await;
    assert_eq!(seen["active"], true, "{seen}");
    assert_eq!(seen["sub"], "dev:ada");
    assert_eq!(seen["client_id"], world.client.id);
}

async fn verifies_an_access_token(world: &World<impl Web>, told: &Value) {
    let access = world.tokens("ada").await.access;
    let claims = discovery::verified(&world.web, text(told), &access).await;
    assert_eq!(claims["iss"], world.web.issuer());
}

/// Asked for alone, so that no other scope lends it anything. A client stays connected without
/// asking for that, and the person is told.
async fn is_granted(world: &World<impl Web>, told: &Value) {
    world.browser.forget();
    let asked = world.client.authorize_url(&[("scope", text(told))]);
    let page = world.browser.open(&world.web, &asked).await;
    assert!(page.page.contains(text(told)), "a person reads it");
    let back = world.sign_in(&world.agree(&page).await, "ada").await;
    let code = back.parameter("code").unwrap();
    let answer = body(&world.client.exchange(&world.web, &code).await);
    let granted: BTreeSet<_> = text(&answer["scope"]).split(' ').collect();
    assert_eq!(granted, BTreeSet::from([text(told), "offline_access"]));
}

async fn comes_as_a_code(world: &World<impl Web>, told: &Value) {
    let back = answered(world, &[("response_type", text(told))]).await;
    assert!(back.query_pairs().any(|(name, _)| name == "code"), "{back}");
}

async fn comes_in_the_query(world: &World<impl Web>, told: &Value) {
    let back = answered(world, &[("response_mode", text(told))]).await;
    assert!(back.query_pairs().any(|(name, _)| name == "code"), "{back}");
    assert_eq!(back.fragment(), None);
}

async fn gives_a_successor(world: &World<impl Web>, _: &Value) {
    let first = world.tokens("ada").await;
    let answer = world.client.refresh(&world.web, &first.refresh).await;
    let next = Tokens::read(&answer);
    assert_ne!(next.refresh, first.refresh);
    assert_eq!(tools(world, &next.access).await, StatusCode::OK);
}

async fn gives_a_service_its_own_token(world: &World<impl Web>, _: &Value) {
    let service = RegisteredClient::by_method("client_secret_basic");
    let access = own_token(world, &service).await;
    assert_eq!(tools(world, &access).await, StatusCode::OK);
}

async fn obtains_a_token(world: &World<impl Web>, told: &Value) {
    own_token(world, &RegisteredClient::by_method(text(told))).await;
}

/// At every endpoint where clients authenticate: for a token, about it, and against it.
async fn signs(world: &World<impl Web>, told: &Value) {
    let service = RegisteredClient::by_algorithm(text(told));
    let token = own_token(world, &service).await;
    assert_eq!(look_into(world, &service, &token).await["active"], true);
    give_back(world, &service, &token).await;
    assert_eq!(look_into(world, &service, &token).await["active"], false);
}

async fn looks_into_its_own(world: &World<impl Web>, told: &Value) {
    let service = RegisteredClient::by_method(text(told));
    let token = own_token(world, &service).await;
    let seen = look_into(world, &service, &token).await;
    assert_eq!(seen["active"], true, "{seen}");
    assert_eq!(seen["client_id"], service.client_id);
}

async fn revokes_its_own(world: &World<impl Web>, told: &Value) {
    let service = RegisteredClient::by_method(text(told));
    let token = own_token(world, &service).await;
    give_back(world, &service, &token).await;
    let seen = look_into(world, &service, &token).await;
    assert_eq!(seen, json!({ "active": false }));
}

async fn holds_a_code_to_its_verifier(world: &World<impl Web>, told: &Value) {
    for (verifier, status) in [(VERIFIER, 200), (&VERIFIER.replace('d', "e"), 400)] {
        let back = answered(world, &[("code_challenge_method", text(told))]).await;
        let code = back.query_pairs().find(|(name, _)| name == "code");
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", &code.unwrap().1),
            ("redirect_uri", REDIRECT),
            ("code_verifier", verifier),
        ];
        let answer = world.client.token(&world.web, &fields).await;
        assert_eq!(answer.status(), status, "{}", body(&answer));
    }
}

async fn names_itself_in_every_answer(world: &World<impl Web>, told: &Value) {
    assert_eq!(told, true);
    let success = answered(world, &[]).await;
    let asked = world.client.authorize_url(&[("response_type", "token")]);
    let error = world.browser.open(&world.web, &asked).await.url;
    for (back, said) in [(success, "code"), (error, "error")] {
        let told: Vec<_> = back
            .query_pairs()
            .filter(|(name, _)| name == "iss")
            .collect();
        assert_eq!(told.len(), 1, "{back}");
        assert_eq!(told[0].1, world.web.issuer());
        assert!(back.query_pairs().any(|(name, _)| name == said), "{back}");
    }
}

/// An address is looked at as one, though this one leads nowhere; what a document does is told in
/// `documents`.
async fn looks_documents_up(world: &World<impl Web>, told: &Value) {
    assert_eq!(told, true);
    for (id, speaks_of) in [
        (
            "https://client.invalid/metadata.json",
            "not on the public internet",
        ),
        ("not-a-client", "unknown"),
    ] {
        let asked = world.client.authorize_url(&[("client_id", id)]);
        let page = world.browser.open(&world.web, &asked).await;
        assert!(page.page.contains(speaks_of), "{}", page.page);
    }
}

async fn answers_calls(world: &World<impl Web>, told: &Value) {
    assert_eq!(told, &format!("{}/mcp", world.web.issuer()));
    gives_tokens(world, told).await;
}

async fn authorization_servers(world: &World<impl Web>, told: &Value) {
    for issuer in members(told).values() {
        an_issuer(world, issuer).await;
    }
}

async fn is_the_only_place_for_a_token(world: &World<impl Web>, _: &Value) {
    let access = world.tokens("ada").await.access;
    assert_eq!(tools(world, &access).await, StatusCode::OK);
    let message = || harness::client::message(&access, "tools/list", json!({}));
    let mut in_query = message();
    in_query.headers_mut().remove(header::AUTHORIZATION);
    *in_query.uri_mut() = format!("/mcp?access_token={access}").parse().unwrap();
    let in_form = Request::post("/mcp")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Bytes::from(format!("access_token={access}")))
        .unwrap();
    for elsewhere in [in_query, in_form] {
        let answer = world.web.send(elsewhere).await;
        assert!(answer.status().is_client_error(), "{}", answer.status());
    }
}

async fn is_what_people_read(world: &World<impl Web>, told: &Value) {
    let page = page(&get(&world.web, "/").await);
    assert!(page.contains(text(told)), "{page}");
}

async fn can_be_read(world: &World<impl Web>, told: &Value) {
    let answer = get(&world.web, text(told)).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let resource = text(&world.client.resource["resource"]);
    assert!(page(&answer).contains(resource), "it tells how to connect");
}

fn page(answer: &Response<Bytes>) -> String {
    String::from_utf8_lossy(answer.body()).into_owned()
}

/// What the MCP endpoint says to somebody who lists tools.
async fn tools(world: &World<impl Web>, access: &str) -> StatusCode {
    call(&world.web, access, "tools/list", json!({}))
        .await
        .status()
}

/// Where a person is sent who agreed and signed in.
async fn answered(world: &World<impl Web>, more: &[(&str, &str)]) -> url::Url {
    world.browser.forget();
    let asked = world.client.authorize_url(more);
    let page = world.browser.open(&world.web, &asked).await;
    world.sign_in(&world.agree(&page).await, "ada").await.url
}

/// A token that is nobody's but the service's.
async fn own_token(world: &World<impl Web>, service: &RegisteredClient) -> String {
    let fields = [("grant_type", "client_credentials"), ("scope", "mcp:tools")];
    let endpoint = text(&world.client.metadata["token_endpoint"]);
    let answer = service.post(&world.web, endpoint, &fields).await;
    assert_eq!(
        answer.status(),
        StatusCode::OK,
        "{service:?}: {}",
        body(&answer)
    );
    text(&body(&answer)["access_token"]).to_owned()
}

async fn look_into(world: &World<impl Web>, service: &RegisteredClient, token: &str) -> Value {
    let endpoint = text(&world.client.metadata["introspection_endpoint"]);
    let answer = service
        .post(&world.web, endpoint, &[("token", token)])
        .await;
    assert_eq!(
        answer.status(),
        StatusCode::OK,
        "{service:?}: {}",
        body(&answer)
    );
    body(&answer)
}

async fn give_back(world: &World<impl Web>, service: &RegisteredClient, token: &str) {
    let endpoint = text(&world.client.metadata["revocation_endpoint"]);
    let answer = service
        .post(&world.web, endpoint, &[("token", token)])
        .await;
    assert_eq!(answer.status(), StatusCode::OK, "{service:?}");
}

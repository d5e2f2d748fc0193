//! A client in its own name: within what the operator wrote down, and nobody else's.

use bytes::Bytes;
use harness::client::{Client, body, message};
use harness::confidential::{Confidential, Proof};
use harness::{Web, World};
use http::{Response, StatusCode};
use serde_json::{Value, json};

super::everywhere!(on_a_staffed_host:
    a_service_calls_tools_in_its_own_name,
    a_service_gets_what_is_written_beside_it_and_no_more,
    a_service_reaches_what_is_written_beside_it_and_nothing_else,
    who_is_not_written_down_for_it_is_refused,
    a_service_that_proves_nothing_is_refused,
    a_service_signs_nobody_in,
);

async fn ask(
    world: &World<impl Web>,
    who: &Confidential,
    more: &[(&str, &str)],
) -> Response<Bytes> {
    let proof = match who.client.id.as_str() {
        "auditor" => Proof::Post(&who.secret),
        _ => Proof::Basic(&who.secret),
    };
    let mut fields = vec![("grant_type", "client_credentials")];
    fields.extend(more);
    who.client
        .post_as(&world.web, "token_endpoint", proof, &fields)
        .await
}

fn issued(answer: &Response<Bytes>) -> (Value, Value) {
    assert_eq!(answer.status(), StatusCode::OK, "{}", body(answer));
    let issued = body(answer);
    let token = issued["access_token"].as_str().unwrap();
    let claims = jose::decode(token.split('.').nth(1).unwrap()).unwrap();
    (issued.clone(), serde_json::from_slice(&claims).unwrap())
}

async fn call_at(world: &World<impl Web>, path: &str, token: &str, tool: &str) -> Response<Bytes> {
    let mut request = message(
        token,
        "tools/call",
        json!({ "name": tool, "arguments": {} }),
    );
    *request.uri_mut() = path.parse().unwrap();
    world.web.send(request).await
}

async fn a_service_calls_tools_in_its_own_name(world: World<impl Web>) {
    let report = Confidential::written_down(&world.client, "report");
    let (issued, claims) = issued(&ask(&world, &report, &[]).await);
    assert_eq!(issued.get("refresh_token"), None, "OAuth 2.1 §4.2.3");
    assert_eq!(issued["scope"], "mcp:tools");
    assert_eq!(
        (&claims["sub"], &claims["client_id"]),
        (&json!("client:report"), &json!("report"))
    );
    assert_eq!(claims.get("gid"), None, "no person's grant is behind it");
    let token = issued["access_token"].as_str().unwrap();
    let called = call_at(&world, "/mcp", token, "getUserInfo").await;
    let text = body(&called)["result"]["content"][0]["text"].clone();
    let text = text.as_str().unwrap();
    assert!(text.contains("client:report"), "{text}");
}

async fn a_service_gets_what_is_written_beside_it_and_no_more(world: World<impl Web>) {
    let report = Confidential::written_down(&world.client, "report");
    let auditor = Confidential::written_down(&world.client, "auditor");
    for (who, asked, granted) in [
        (&report, "mcp:tools", Ok("mcp:tools")),
        (&report, "mcp:tools profile", Err("invalid_scope")),
        (&report, "offline_access", Err("invalid_scope")),
        (&report, "everything", Err("invalid_scope")),
        (&auditor, "profile", Ok("profile")),
        (&auditor, "profile mcp:tools", Ok("mcp:tools profile")),
        (&auditor, "mcp:tools offline_access", Err("invalid_scope")),
    ] {
        let answer = ask(&world, who, &[("scope", asked)]).await;
        match granted {
            Ok(scope) => assert_eq!(issued(&answer).1["scope"], scope, "{asked}"),
            Err(error) => assert_eq!(body(&answer)["error"], error, "{asked}"),
        }
    }
}

async fn a_service_reaches_what_is_written_beside_it_and_nothing_else(world: World<impl Web>) {
    let issuer = world.web.issuer();
    let [mcp, sse] = ["mcp", "sse"].map(|path| format!("{issuer}/{path}"));
    let report = Confidential::written_down(&world.client, "report");
    let auditor = Confidential::written_down(&world.client, "auditor");
    let elsewhere = "https://other.example/mcp";
    for (who, named, audience) in [
        (&report, &[][..], Some(json!(mcp))),
        (&report, &[&mcp], Some(json!(mcp))),
        (&report, &[&sse], None),
        (&auditor, &[], Some(json!([mcp, sse]))),
        (&auditor, &[&sse], Some(json!(sse))),
        (&auditor, &[&elsewhere.to_owned()], None),
    ] {
        let fields: Vec<_> = named
            .iter()
            .map(|name| ("resource", name.as_str()))
            .collect();
        let answer = ask(&world, who, &fields).await;
        match audience {
            Some(audience) => assert_eq!(issued(&answer).1["aud"], audience, "{named:?}"),
            None => assert_eq!(body(&answer)["error"], "invalid_target", "{named:?}"),
        }
    }
}

async fn who_is_not_written_down_for_it_is_refused(world: World<impl Web>) {
    let keeper = Confidential::register(&world.web, &world.client, None).await;
    let office = Confidential::written_down(&world.client, "office");
    for who in [&keeper, &office] {
        let answer = ask(&world, who, &[]).await;
        assert_eq!(
            (answer.status(), body(&answer)["error"].as_str()),
            (StatusCode::BAD_REQUEST, Some("unauthorized_client"))
        );
    }
    let answer = world
        .client
        .token(&world.web, &[("grant_type", "client_credentials")])
        .await;
    assert_eq!(body(&answer)["error"], "unauthorized_client");
}

async fn a_service_that_proves_nothing_is_refused(world: World<impl Web>) {
    let report = world.client.written_down("report");
    let fields = [("grant_type", "client_credentials")];
    for wrong in [
        Proof::Nothing,
        Proof::Basic("a-guess"),
        Proof::Post("a-guess"),
    ] {
        let answer = report
            .post_as(&world.web, "token_endpoint", wrong, &fields)
            .await;
        let refused = body(&answer);
        assert_eq!(refused["error"], "invalid_client", "{wrong:?}");
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{wrong:?}");
    }
    // The operator named a method for this one.
    let auditor = Confidential::written_down(&world.client, "auditor");
    let answer = auditor
        .client
        .post_as(
            &world.web,
            "token_endpoint",
            Proof::Basic(&auditor.secret),
            &fields,
        )
        .await;
    assert_eq!(body(&answer)["error"], "invalid_client");
}

async fn a_service_signs_nobody_in(world: World<impl Web>) {
    let report: Client = world.client.written_down("report");
    let page = world
        .browser
        .open(&world.web, &report.authorize_url(&[]))
        .await;
    // It has no redirect URI, so there is nobody to tell but the person.
    assert_eq!(page.status, Some(StatusCode::BAD_REQUEST));
}

/// What policy says of a role is said of people: a service has none.
#[tokio::test]
async fn policy_judges_a_service_as_it_judges_people() {
    let clients = harness::confidential::variable();
    let variables = [(harness::confidential::VARIABLE, clients.as_str())];
    let policy = "[[server]]\nname = \"toolbox\"\ntoolset = true\n\
        [[allow]]\ntools = [\"add\"]\n[[allow]]\nroles = [\"admin\"]\ntools = [\"*\"]\n";
    let world = super::in_memory_with(&variables, policy).await;
    let report = Confidential::written_down(&world.client, "report");
    let (issued, _) = issued(&ask(&world, &report, &[]).await);
    let token = issued["access_token"].as_str().unwrap();
    let listed = world
        .web
        .send(message(token, "tools/list", json!({})))
        .await;
    let tools = body(&listed)["result"]["tools"].clone();
    let names: Vec<_> = tools
        .as_array()
        .unwrap()
        .iter()
        .map(|tool| &tool["name"])
        .collect();
    assert_eq!(names, [&json!("add")]);
    let called = body(&call_at(&world, "/mcp", token, "userInfo").await);
    assert!(
        called.get("error").is_some() || called["result"]["isError"] == true,
        "{called}"
    );
}

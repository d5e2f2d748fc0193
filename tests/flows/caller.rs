//! What the built-in tools are told of who calls, as they say it themselves: the toolbox is
//! WebAssembly, so these stories are told over HTTP alone.

use std::sync::LazyLock;

use harness::client::{Tokens, body, call};
use harness::host::Host;
use harness::{HttpWeb, World, product};
use serde_json::{Value, json};

/// A host that shows which token a client sent.
static SHOWING: LazyLock<(Host, tempfile::TempDir)> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let text = include_str!("../../postern.toml");
    let asked = text.replace("# get_token = \"redacted\"", "get_token = \"redacted\"");
    assert_ne!(asked, text, "the file shows how to ask");
    let options = product::options_with_configuration(folder.path(), &asked);
    (super::start(&options), folder)
});

async fn told(world: &World<HttpWeb>, token: &str, tool: &str) -> Value {
    let params = json!({"name": tool, "arguments": {}});
    let answer = body(&call(&world.web, token, "tools/call", params).await);
    let result = answer["result"].clone();
    let text = result["content"][0]["text"].as_str().unwrap_or_default();
    if text.starts_with('{') {
        let text: Value = serde_json::from_str(text).unwrap();
        assert_eq!(text, result["structuredContent"]);
    }
    answer
}

#[tokio::test]
async fn who_shows_their_profile_is_known_in_eight_fields() {
    let world = super::on_a_patient_host().await;
    for (login, expected) in [
        (
            "ada",
            json!({
                "userId": "ada", "sessionId": null, "email": "ada@dev.example",
                "firstName": "Ada", "lastName": "Lovelace", "imageUrl": null, "role": "admin",
                "metadata": {"role": "admin"},
            }),
        ),
        (
            "linus",
            json!({
                "userId": "linus", "sessionId": null, "email": "linus@dev.example",
                "firstName": "Linus", "lastName": "Example", "imageUrl": null, "role": null,
                "metadata": null,
            }),
        ),
    ] {
        let token = world.tokens(login).await.access;
        let told_of = told(&world, &token, "userInfo").await;
        assert_eq!(told_of["result"]["structuredContent"], expected, "{login}");
    }
}

#[tokio::test]
async fn without_the_profile_scope_a_token_carries_no_claims_and_tools_see_none() {
    let world = super::on_a_patient_host().await;
    let url = world.client.authorize_url(&[("scope", "mcp:tools")]);
    let consent = world.browser.open(&world.web, &url).await;
    let people = world.agree(&consent).await;
    let back = world.sign_in(&people, "ada").await;
    let code = back.parameter("code").unwrap();
    let token = Tokens::read(&world.client.exchange(&world.web, &code).await).access;
    let claims = jose::decode(token.split('.').nth(1).unwrap()).unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    assert_eq!(claims.get("claims"), None, "{claims}");
    let told_of = told(&world, &token, "userInfo").await;
    assert_eq!(
        told_of["result"]["structuredContent"],
        json!({
            "userId": "ada", "sessionId": null, "email": null, "firstName": null,
            "lastName": null, "imageUrl": null, "role": "admin", "metadata": null,
        })
    );
    let told_of = told(&world, &token, "getUserInfo").await;
    assert_eq!(
        told_of["result"]["structuredContent"],
        json!({"email": null, "name": null, "sub": "dev:ada"})
    );
}

#[tokio::test]
async fn which_token_was_sent_is_shown_where_the_operator_asked_and_nothing_of_it() {
    let (host, _) = &*SHOWING;
    let world = World::new(super::web(host)).await;
    let token = world.tokens("grace").await.access;
    let listed = body(&call(&world.web, &token, "tools/list", json!({})).await);
    assert_eq!(listed["result"]["tools"][4]["name"], "getToken", "{listed}");
    let shown = told(&world, &token, "getToken").await["result"].clone();
    let expected = format!("Bearer <access token, {} characters>", token.len());
    assert_eq!(shown["structuredContent"], json!({ "token": expected }));
    assert_eq!(
        shown["content"][0]["text"],
        format!("User's token: {expected}")
    );
    assert!(
        !token
            .split('.')
            .any(|part| shown.to_string().contains(part))
    );

    let world = super::on_a_patient_host().await;
    let token = world.tokens("grace").await.access;
    let refused = told(&world, &token, "getToken").await;
    assert_eq!(refused["error"]["code"], -32602, "{refused}");
}

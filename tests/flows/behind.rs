//! Servers behind the gateway: whatever they offer reaches a client of either era, and each person
//! has what the rules give them.

use std::sync::LazyLock;

use harness::client::{body, message};
use harness::events::Events;
use harness::host::Host;
use harness::{HttpWeb, MemoryWeb, Streaming, Web, World, product};
use http::{Request, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;

super::everywhere!(on_a_host_with_servers or in_a_memory_with_servers:
    a_client_of_either_era_is_told_what_servers_offer,
    lists_are_of_all_servers_under_their_public_names,
    what_is_listed_is_got_and_read,
    an_argument_is_completed,
    what_a_call_says_on_the_way_comes_at_once,
    who_listens_hears_of_changes,
    an_argument_in_a_header_is_judged,
    rules_are_for_prompts_and_resources_too,
);

/// The built-in tools, and the server that has everything; of it, Grace has no resources.
const WRITTEN: &str = "[[server]]\nname = \"toolbox\"\ntoolset = true\n\
     [[server]]\nname = \"fixtures\"\ncomponent = \"fixtures\"\n\
     [[forbid]]\nroles = [\"premium\"]\ntools = [\"fixtures_resources\", \"*_prompt_with_image\"]\n";

static HOST: LazyLock<(Host, TempDir)> = LazyLock::new(|| {
    let folder = TempDir::new().unwrap();
    let options = product::options_with_fixtures(folder.path(), WRITTEN);
    (super::start(&options), folder)
});

pub(crate) async fn on_a_host_with_servers() -> World<HttpWeb> {
    World::new(super::web(&HOST.0)).await
}

pub(crate) async fn in_a_memory_with_servers() -> World<MemoryWeb> {
    World::new(MemoryWeb::operated(&[], WRITTEN).await).await
}

/// A legacy request's answer.
async fn legacy(web: &impl Web, token: &str, method: &str, params: &Value) -> Value {
    let said = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
    let request = Request::post("/mcp")
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json")
        .header("mcp-protocol-version", "2025-11-25")
        .body(said.to_string().into());
    body(&web.send(request.unwrap()).await)
}

async fn modern(web: &impl Web, token: &str, method: &str, params: Value) -> Value {
    body(&web.send(message(token, method, params)).await)
}

/// The results of one request in both eras.
async fn both(web: &impl Web, token: &str, method: &str, params: Value) -> [Value; 2] {
    let old = legacy(web, token, method, &params).await;
    let new = modern(web, token, method, params).await;
    [old, new].map(|answer| answer["result"].clone())
}

async fn a_client_of_either_era_is_told_what_servers_offer(world: World<impl Web>) {
    let web = &world.web;
    let token = world.tokens("ada").await.access;
    let hello = json!({"protocolVersion": "2025-11-25", "capabilities": {}});
    let told = legacy(web, &token, "initialize", &hello).await;
    let told = &told["result"]["capabilities"];
    for feature in ["completions", "prompts", "resources", "tools"] {
        assert_eq!(told[feature], json!({}), "{told}");
    }
    let told = modern(web, &token, "server/discover", json!({})).await;
    let told = &told["result"]["capabilities"];
    assert_eq!(told["tools"], json!({"listChanged": true}));
    assert_eq!(told["prompts"], json!({"listChanged": true}));
    assert_eq!(told["resources"], json!({"subscribe": true}));
}

async fn lists_are_of_all_servers_under_their_public_names(world: World<impl Web>) {
    let web = &world.web;
    let token = world.tokens("ada").await.access;
    for (method, list, key, id) in [
        ("tools/list", "tools", "name", "fixtures_test_simple_text"),
        ("tools/list", "tools", "name", "toolbox_add"),
        (
            "prompts/list",
            "prompts",
            "name",
            "fixtures_test_simple_prompt",
        ),
        ("resources/list", "resources", "uri", "test://static-text"),
        (
            "resources/templates/list",
            "resourceTemplates",
            "uriTemplate",
            "test://template/{id}/data",
        ),
    ] {
        for result in both(web, &token, method, json!({})).await {
            let entries = result[list].as_array().unwrap();
            let found = entries.iter().filter(|entry| entry[key] == id).count();
            assert_eq!(found, 1, "{method} {id}: {result}");
        }
    }
}

async fn what_is_listed_is_got_and_read(world: World<impl Web>) {
    let web = &world.web;
    let token = world.tokens("ada").await.access;
    let params = json!({
        "name": "fixtures_test_prompt_with_arguments",
        "arguments": {"arg1": "one", "arg2": "two"},
    });
    for result in both(web, &token, "prompts/get", params).await {
        let text = result["messages"][0]["content"]["text"].as_str().unwrap();
        assert!(text.contains("arg1='one', arg2='two'"), "{result}");
    }
    for (uri, text) in [
        ("test://static-text", "content of the static text"),
        ("test://template/7/data", "Data for ID: 7"),
    ] {
        for result in both(web, &token, "resources/read", json!({ "uri": uri })).await {
            let said = result["contents"][0]["text"].as_str().unwrap();
            assert!(said.contains(text), "{result}");
        }
    }
    for (method, params) in [
        ("prompts/get", json!({"name": "fixtures_none"})),
        ("resources/read", json!({"uri": "test://none"})),
    ] {
        let refused = modern(web, &token, method, params).await;
        assert_eq!(refused["error"]["code"], -32602, "{method}");
    }
    // Until 2025-11-25 there was another code for it.
    let nowhere = json!({"uri": "test://none"});
    let refused = legacy(web, &token, "resources/read", &nowhere).await;
    assert_eq!(refused["error"]["code"], -32002, "{refused}");
}

async fn an_argument_is_completed(world: World<impl Web>) {
    let token = world.tokens("ada").await.access;
    for (reference, typed, values) in [
        (
            json!({"type": "ref/prompt", "name": "fixtures_test_prompt_with_arguments"}),
            "par",
            json!(["paris", "park", "party"]),
        ),
        (
            json!({"type": "ref/resource", "uri": "test://template/{id}/data"}),
            "12",
            json!(["12", "123"]),
        ),
    ] {
        let params = json!({"ref": reference, "argument": {"name": "arg1", "value": typed}});
        for result in both(&world.web, &token, "completion/complete", params).await {
            assert_eq!(result["completion"]["values"], values, "{reference}");
        }
    }
}

/// A modern request with more in its `_meta`.
fn wanting(token: &str, method: &str, params: Value, meta: &Value) -> Request<bytes::Bytes> {
    let request = message(token, method, params);
    let mut said: Value = serde_json::from_slice(request.body()).unwrap();
    for (key, value) in meta.as_object().unwrap() {
        said["params"]["_meta"][key] = value.clone();
    }
    request.map(|_| said.to_string().into())
}

async fn opened(web: &impl Streaming, request: Request<bytes::Bytes>) -> Events {
    let answer = web.open(request).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    answer.into_body()
}

async fn what_a_call_says_on_the_way_comes_at_once(world: World<impl Streaming>) {
    let token = world.tokens("ada").await.access;
    let params = json!({"name": "fixtures_test_tool_with_progress"});
    let meta = json!({"progressToken": "p"});
    let mut events = opened(&world.web, wanting(&token, "tools/call", params, &meta)).await;
    for progress in [0, 50, 100] {
        let said = events.message().await;
        assert_eq!(said["method"], "notifications/progress");
        assert_eq!(said["params"]["progress"], progress);
        assert_eq!(said["params"]["progressToken"], "p");
    }
    let last = events.message().await;
    assert_eq!(last["id"], 1);
    assert_eq!(last["result"]["resultType"], "complete");
}

async fn who_listens_hears_of_changes(world: World<impl Streaming>) {
    let web = &world.web;
    let token = world.tokens("ada").await.access;
    let wanted = json!({"resourceSubscriptions": ["test://watched-resource"]});
    let listen = message(
        &token,
        "subscriptions/listen",
        json!({"notifications": wanted}),
    );
    let mut events = opened(web, listen).await;
    let first = events.message().await;
    assert_eq!(first["method"], "notifications/subscriptions/acknowledged");
    assert_eq!(first["params"]["notifications"], wanted);
    let params = json!({"name": "fixtures_test_trigger_resource_change"});
    modern(web, &token, "tools/call", params).await;
    let news = events.message().await;
    assert_eq!(news["method"], "notifications/resources/updated", "{news}");
    assert_eq!(news["params"]["uri"], "test://watched-resource");
}

async fn an_argument_in_a_header_is_judged(world: World<impl Web>) {
    let web = &world.web;
    let token = world.tokens("ada").await.access;
    let params = json!({"name": "fixtures_test_custom_header", "arguments": {"region": "eu"}});
    // A client whose revision knows of no such header has it written for it.
    let called = legacy(web, &token, "tools/call", &params).await;
    assert_eq!(called["result"]["isError"], false, "{called}");
    for (header, status) in [(None, 400), (Some("eu"), 200), (Some("us"), 400)] {
        let mut request = message(&token, "tools/call", params.clone());
        if let Some(value) = header {
            let value = value.parse().unwrap();
            request.headers_mut().insert("mcp-param-region", value);
        }
        let answer = web.send(request).await;
        assert_eq!(answer.status(), status, "{header:?}");
        if status == 400 {
            assert_eq!(body(&answer)["error"]["code"], -32020);
        }
    }
}

async fn rules_are_for_prompts_and_resources_too(world: World<impl Web>) {
    let web = &world.web;
    let token = world.tokens("grace").await.access;
    for result in both(web, &token, "prompts/list", json!({})).await {
        let prompts = result["prompts"].to_string();
        assert!(prompts.contains("test_simple_prompt"), "{prompts}");
        assert!(!prompts.contains("with_image"), "{prompts}");
    }
    for result in both(web, &token, "resources/list", json!({})).await {
        assert_eq!(result["resources"], json!([]));
    }
    for (method, params) in [
        (
            "prompts/get",
            json!({"name": "fixtures_test_prompt_with_image"}),
        ),
        ("resources/read", json!({"uri": "test://static-text"})),
    ] {
        let refused = modern(web, &token, method, params).await;
        assert_eq!(refused["error"]["code"], -32602, "{method}");
    }
}

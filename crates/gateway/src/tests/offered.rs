//! What servers behind the gateway offer beside tools, and who is told of it.

use std::cell::RefCell;
use std::rc::Rc;

use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Value, json};

use super::world::{Seen, TOOLBOX, World};

const FILES: &str = "[[server]]\nname = \"files\"\ncomponent = \"files\"\n";
const NOTES: &str = "[[server]]\nname = \"notes\"\ncomponent = \"notes\"\n";

/// The requests that a server got.
#[derive(Clone, Default)]
struct Asked(Rc<RefCell<Vec<Request<Bytes>>>>);

impl Asked {
    fn count(&self, method: &str) -> usize {
        let asked = self.0.borrow();
        let about = |request: &&Request<Bytes>| request.headers()["mcp-method"] == method;
        asked.iter().filter(about).count()
    }

    fn header(&self, name: &str) -> Option<String> {
        let asked = self.0.borrow();
        let value = asked.last()?.headers().get(name)?;
        Some(value.to_str().unwrap().to_owned())
    }

    fn params(&self) -> Value {
        let asked = self.0.borrow();
        let message: Value = serde_json::from_slice(asked.last().unwrap().body()).unwrap();
        message["params"].clone()
    }
}

/// A server that offers this, whose lists are in `lists` by method; it shows what else it is asked.
fn serve(world: &World, component: &str, capabilities: Value, lists: Value) -> Asked {
    let asked = Asked::default();
    let seen = asked.clone();
    let name = component.to_owned();
    let answer = move |request: &Request<Bytes>| {
        seen.0.borrow_mut().push(request.clone());
        let message: Value = serde_json::from_slice(request.body()).unwrap();
        let method = message["method"].as_str().unwrap();
        let mut result = match (method, lists.get(method)) {
            ("server/discover", _) => json!({ "capabilities": capabilities }),
            (_, Some(list)) => list.clone(),
            (_, None) => json!({"by": name, "params": message["params"]}),
        };
        result["resultType"] = json!("complete");
        let answer = json!({"jsonrpc": "2.0", "id": message["id"], "result": result});
        let answer = Response::builder()
            .header("content-type", "application/json")
            .body(Bytes::from(answer.to_string()));
        Some(answer.unwrap())
    };
    world.host.set_server(component, Rc::new(answer));
    asked
}

/// A server of everything.
fn files(world: &World) -> Asked {
    let capabilities = json!({
        "completions": {}, "tools": {"listChanged": true}, "prompts": {"listChanged": true},
        "resources": {"subscribe": true},
    });
    let lists = json!({
        "prompts/list": {"prompts": [{"name": "greet", "x": 1}, {"title": "no name"}]},
        "resources/list": {"resources": [{"uri": "a://one"}, {"uri": "a://both", "name": "f"}]},
        "resources/templates/list": {"resourceTemplates": [{"uriTemplate": "a://{id}/data"}]},
        "tools/list": {"tools": []},
    });
    serve(world, "files", capabilities, lists)
}

/// A server of prompts and resources.
fn notes(world: &World, capabilities: Value) -> Asked {
    let lists = json!({
        "prompts/list": {"prompts": [{"name": "greet"}]},
        "resources/list": {"resources": [{"uri": "a://both", "name": "n"}, {"uri": "b://1"}]},
        "tools/list": {"tools": []},
    });
    serve(world, "notes", capabilities, lists)
}

fn plain() -> Value {
    json!({"prompts": {}, "resources": {}})
}

fn code(seen: &Seen) -> (u16, i64) {
    let code = seen.json()["error"]["code"].as_i64();
    (seen.status(), code.unwrap_or_default())
}

fn listed(world: &World, method: &str, list: &str, key: &str) -> Vec<String> {
    let answer = world.modern(method, &json!({})).json();
    let entries = answer["result"][list].as_array().unwrap().clone();
    let key = |entry: &Value| entry[key].as_str().unwrap().to_owned();
    entries.iter().map(key).collect()
}

#[test]
fn a_client_is_told_what_the_servers_offer_and_of_changes_where_it_can_hear_them() {
    let world = World::new(&format!("{TOOLBOX}{FILES}{NOTES}"));
    files(&world);
    notes(&world, plain());
    let told =
        || world.modern("server/discover", &json!({})).json()["result"]["capabilities"].clone();
    assert_eq!(
        told(),
        json!({
            "completions": {}, "tools": {"listChanged": true}, "prompts": {"listChanged": true},
            "resources": {"subscribe": true},
        })
    );
    let hello = world.legacy("initialize", &json!({"protocolVersion": "2025-11-25"}));
    let silent = json!({"completions": {}, "tools": {}, "prompts": {}, "resources": {}});
    assert_eq!(hello["result"]["capabilities"], silent);
    // A stream is of one server, so with two that change nobody can hear of either.
    notes(&world, json!({"resources": {"listChanged": true}}));
    world.wait(60);
    assert_eq!(told(), silent);
    let listening = world.modern("subscriptions/listen", &json!({"notifications": {}}));
    assert_eq!(code(&listening), (404, -32601));
}

#[test]
fn a_server_is_asked_what_it_offers_once_a_minute_and_for_each_person() {
    let world = World::new(FILES);
    let asked = files(&world);
    for (seconds, count) in [(0, 1), (59, 1), (1, 2)] {
        world.wait(seconds);
        world.modern("server/discover", &json!({}));
        assert_eq!(asked.count("server/discover"), count, "{seconds}");
    }
    let grace = world.token(&json!({"sub": "dev:grace", "jti": "another"}));
    world.send(super::world::modern(&grace, "prompts/list", &json!({})));
    assert_eq!(asked.count("server/discover"), 3);
}

#[test]
fn a_server_that_does_not_answer_offers_nothing_until_it_does() {
    let world = World::new(FILES);
    let told =
        || world.modern("server/discover", &json!({})).json()["result"]["capabilities"].clone();
    assert_eq!(told(), json!({"tools": {}}));
    assert_eq!(world.host.events().last().unwrap().event, "server.failed");
    for method in [
        "prompts/list",
        "prompts/get",
        "resources/list",
        "resources/read",
        "resources/templates/list",
        "completion/complete",
        "subscriptions/listen",
    ] {
        let params = json!({"name": "greet", "uri": "a://one"});
        assert_eq!(
            code(&world.modern(method, &params)),
            (404, -32601),
            "{method}"
        );
        let legacy = world.legacy(method, &params);
        assert_eq!(legacy["error"]["code"], -32601, "{method}");
    }
    files(&world);
    assert!(told()["prompts"].is_object());
}

#[test]
fn lists_are_of_all_servers_and_one_that_fails_hides_nobody() {
    let world = World::new(&format!("{TOOLBOX}{FILES}{NOTES}"));
    files(&world);
    notes(&world, plain());
    let prompts = || listed(&world, "prompts/list", "prompts", "name");
    let resources = || listed(&world, "resources/list", "resources", "uri");
    assert_eq!(prompts(), ["files_greet", "notes_greet"]);
    // Whatever two servers list is read from the first.
    assert_eq!(resources(), ["a://one", "a://both", "b://1"]);
    let answer = world.legacy("resources/list", &json!({}));
    let entries = answer["result"]["resources"].clone();
    assert_eq!(entries[1], json!({"uri": "a://both", "name": "f"}));
    assert_eq!(answer["result"].as_object().unwrap().len(), 1, "{answer}");
    let templates = listed(
        &world,
        "resources/templates/list",
        "resourceTemplates",
        "uriTemplate",
    );
    assert_eq!(templates, ["a://{id}/data"], "notes has no list of them");
    let paged = world.modern("prompts/list", &json!({"cursor": "x"}));
    assert_eq!(code(&paged), (200, -32602));
    world.host.set_server("files", Rc::new(|_| None));
    assert_eq!(prompts(), ["notes_greet"]);
    assert_eq!(resources(), ["a://both", "b://1"]);
}

#[test]
fn a_prompt_is_got_from_its_server_by_its_own_name() {
    let world = World::new(&format!("{TOOLBOX}{FILES}"));
    let asked = files(&world);
    let params = json!({"name": "files_greet", "arguments": {"who": "Grace"}});
    let seen = world.modern("prompts/get", &params);
    assert!(seen.passed_on);
    assert_eq!(seen.json()["result"]["by"], "files");
    assert_eq!(asked.header("mcp-name").as_deref(), Some("greet"));
    assert_eq!(asked.params()["name"], "greet");
    assert_eq!(asked.params()["arguments"], json!({"who": "Grace"}));
    let legacy = world.legacy("prompts/get", &params);
    assert_eq!(legacy["result"]["params"]["name"], "greet");
    assert!(legacy["result"].get("resultType").is_none(), "{legacy}");
    for name in ["greet", "toolbox_greet", "other_greet"] {
        let seen = world.modern("prompts/get", &json!({ "name": name }));
        assert_eq!(code(&seen), (200, -32602), "{name}");
    }
    let nameless = world.modern("prompts/get", &json!({}));
    assert_eq!(code(&nameless), (200, -32602));
}

#[test]
fn a_resource_is_read_from_the_server_that_has_it() {
    let world = World::new(&format!("{FILES}{NOTES}"));
    let asked = files(&world);
    let other = notes(&world, plain());
    for (uri, by) in [
        ("a://one", "files"),
        ("a://both", "files"),
        ("a://7/data", "files"),
        ("b://1", "notes"),
    ] {
        let seen = world.modern("resources/read", &json!({ "uri": uri }));
        assert!(seen.passed_on, "{uri}");
        assert_eq!(seen.json()["result"]["by"], by, "{uri}");
    }
    assert_eq!(other.header("mcp-name").as_deref(), Some("b://1"));
    assert_eq!(
        asked.count("resources/list"),
        1,
        "what it has is remembered"
    );
    let unknown = world.modern("resources/read", &json!({"uri": "c://1"}));
    assert_eq!(code(&unknown), (200, -32602));
    assert_eq!(unknown.json()["error"]["data"]["uri"], "c://1");
    let legacy = world.legacy("resources/read", &json!({"uri": "c://1"}));
    assert_eq!(legacy["error"]["code"], -32002, "{legacy}");
    let legacy = world.legacy("resources/read", &json!({"uri": "b://1"}));
    assert_eq!(legacy["result"]["by"], "notes");
}

#[test]
fn the_only_server_with_resources_judges_every_uri_itself() {
    let world = World::new(&format!("{TOOLBOX}{FILES}"));
    let asked = files(&world);
    let seen = world.modern("resources/read", &json!({"uri": "c://ä"}));
    assert_eq!(seen.json()["result"]["by"], "files");
    assert_eq!(
        asked.header("mcp-name").as_deref(),
        Some("=?base64?YzovL8Ok?=")
    );
    assert_eq!(asked.count("resources/list"), 0);
}

#[test]
fn a_completion_is_asked_of_the_server_that_has_the_prompt_or_the_template() {
    let world = World::new(&format!("{FILES}{NOTES}"));
    let asked = files(&world);
    let completions = json!({"prompts": {}, "resources": {}, "completions": {}});
    notes(&world, completions);
    let argument = json!({"name": "who", "value": "G"});
    let ask = |reference: Value| {
        world.modern(
            "completion/complete",
            &json!({"ref": reference, "argument": argument}),
        )
    };
    let seen = ask(json!({"type": "ref/prompt", "name": "files_greet"}));
    assert_eq!(seen.json()["result"]["by"], "files");
    assert_eq!(
        asked.params()["ref"],
        json!({"type": "ref/prompt", "name": "greet"})
    );
    assert_eq!(asked.params()["argument"], argument);
    let seen = ask(json!({"type": "ref/resource", "uri": "a://{id}/data"}));
    assert_eq!(seen.json()["result"]["by"], "files");
    let seen = ask(json!({"type": "ref/resource", "uri": "b://1"}));
    assert_eq!(seen.json()["result"]["by"], "notes");
    for reference in [
        json!({"type": "ref/prompt", "name": "greet"}),
        json!({"type": "ref/prompt"}),
        json!({"type": "ref/resource", "uri": "c://1"}),
        json!({"type": "ref/resource"}),
        json!(7),
    ] {
        assert_eq!(code(&ask(reference.clone())), (200, -32602), "{reference}");
    }
}

#[test]
fn a_person_has_the_prompts_and_the_resources_that_rules_allow() {
    let rules = "[[allow]]\nroles = [\"admin\"]\ntools = [\"*\"]\n\
                 [[allow]]\ntools = [\"files_greet\", \"notes_resources\"]\n";
    let world = World::new(&format!("{FILES}{NOTES}{rules}"));
    let asked = files(&world);
    notes(&world, plain());
    let token = world.token(&json!({"sub": "dev:grace", "roles": []}));
    let send =
        |method: &str, params: Value| world.send(super::world::modern(&token, method, &params));
    let prompts = send("prompts/list", json!({})).json()["result"]["prompts"].clone();
    assert_eq!(prompts, json!([{"name": "files_greet", "x": 1}]));
    let resources = send("resources/list", json!({})).json()["result"]["resources"].clone();
    assert_eq!(resources.as_array().unwrap().len(), 2, "{resources}");
    let refused = send("prompts/get", json!({"name": "notes_greet"}));
    assert_eq!(code(&refused), (200, -32602));
    // With one server left that this person may read from, it judges the rest.
    let seen = send("resources/read", json!({"uri": "a://one"}));
    assert_eq!(seen.json()["result"]["by"], "notes");
    // Of what they may not have, they are told no change either.
    let everything = json!({
        "toolsListChanged": true, "resourcesListChanged": true,
        "resourceSubscriptions": ["a://one"],
    });
    let seen = send("subscriptions/listen", json!({"notifications": everything}));
    assert!(seen.passed_on);
    assert_eq!(
        asked.params()["notifications"],
        json!({"toolsListChanged": true})
    );
    world.modern(
        "subscriptions/listen",
        &json!({"notifications": everything}),
    );
    assert_eq!(asked.params()["notifications"], everything);
}

#[test]
fn what_is_behind_the_door_needs_the_scope() {
    let world = World::new(FILES);
    let asked = files(&world);
    let token = world.token(&json!({"scope": "profile"}));
    for method in [
        "prompts/list",
        "resources/list",
        "completion/complete",
        "subscriptions/listen",
    ] {
        let seen = world.send(super::world::modern(&token, method, &json!({})));
        assert_eq!(seen.status(), 403, "{method}");
    }
    assert_eq!(asked.0.borrow().len(), 0);
}

#[test]
fn an_argument_that_a_tool_wants_in_a_header_is_there_for_clients_that_know_of_none() {
    let world = World::new(&format!("{TOOLBOX}{FILES}"));
    let schema = |kind: &str| json!({"type": "object", "properties": {"region": {"type": kind, "x-mcp-header": "Region"}}});
    let tools = json!({"tools": [
        {"name": "store", "inputSchema": schema("string")},
        {"name": "odd", "inputSchema": schema("array")},
        {"name": "plain", "inputSchema": {}},
    ]});
    let asked = serve(
        &world,
        "files",
        json!({"tools": {}}),
        json!({ "tools/list": tools }),
    );
    let names = listed(&world, "tools/list", "tools", "name");
    assert!(
        !names.contains(&"files_odd".to_owned()),
        "clients drop it: {names:?}"
    );
    world.wait(60);
    let call = |name: &str| json!({"name": name, "arguments": {"region": "ä"}});
    for _ in 0..2 {
        world.legacy("tools/call", &call("files_store"));
        assert_eq!(
            asked.header("mcp-param-region").as_deref(),
            Some("=?base64?w6Q=?=")
        );
        assert_eq!(asked.header("mcp-name").as_deref(), Some("store"));
    }
    assert_eq!(asked.count("tools/list"), 2, "what it wants is remembered");
    world.legacy("tools/call", &call("files_plain"));
    assert_eq!(asked.header("mcp-param-region"), None);
    // A modern client's own is the server's to judge, whatever the tool is called here.
    let mut request =
        super::world::modern(&world.token(&json!({})), "tools/call", &call("files_store"));
    request
        .headers_mut()
        .insert("mcp-param-region", "as sent".parse().unwrap());
    world.send(request);
    assert_eq!(asked.header("mcp-param-region").as_deref(), Some("as sent"));
}

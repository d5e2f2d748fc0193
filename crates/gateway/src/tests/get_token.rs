//! The tool that shows a token: there for who asked for it, and what it is told.

use serde_json::json;

use super::world::{TOOLBOX, World, block_on, host, modern};
use crate::Settings;

#[test]
fn the_tool_is_there_only_where_an_operator_asked_for_it() {
    for (asked, shown) in [
        ("", None),
        ("get_token = \"redacted\"", Some("Bearer <access token, ")),
    ] {
        let world = World::new(&format!("{TOOLBOX}{asked}"));
        let token = world.token(&json!({}));
        let listed = world.listed(&token);
        let is_listed = listed.iter().any(|name| name == "getToken");
        assert_eq!(is_listed, shown.is_some(), "{listed:?}");
        let call = |name: &str| world.modern("tools/call", &json!({ "name": name })).json();
        let called = call("getToken");
        let text = called["result"]["content"][0]["text"].as_str();
        assert_eq!(text.is_some(), shown.is_some(), "{called}");
        match text {
            Some(text) => {
                assert!(text.starts_with(shown.unwrap()), "{text}");
                let is_part = |part: &str| text.contains(part);
                assert!(!token.split('.').any(is_part), "{text}");
            }
            None => assert_eq!(
                called["error"].to_string().replace("getToken", "nope"),
                call("nope")["error"].to_string(),
                "as if it were not there"
            ),
        }
        let whoami = call("whoami");
        assert_eq!(
            whoami["result"]["content"][0]["text"], "dev:ada",
            "no other tool is told"
        );
    }
}

#[test]
fn whole_tokens_are_refused_at_the_start_of_any_server_but_a_development_one() {
    let whole = format!("{TOOLBOX}get_token = \"whole\"\n");
    for (public_url, served) in [("https://mcp.example.com", false), ("", true)] {
        let host = host();
        host.set_variable("public_url", public_url);
        host.set_variable(
            "dev_key",
            &jose::derive::symmetric(&jose::Secret::new([1; 32]), "dev"),
        );
        host.set_file("/postern.toml", &whole);
        match block_on(Settings::read(&host)) {
            Ok(_) => assert!(served, "{public_url}"),
            Err(refused) => {
                assert!(!served, "{refused}");
                let refused = refused.to_string();
                assert!(refused.starts_with("postern.toml line 4: "), "{refused}");
            }
        }
    }
}

#[test]
fn with_several_servers_it_is_the_toolsets_own_name_that_counts() {
    let second = "[[server]]\nname = \"b\"\ncomponent = \"b\"\n";
    let world = World::new(&format!("{TOOLBOX}{second}"));
    let called = world.modern("tools/call", &json!({"name": "toolbox_getToken"}));
    assert!(called.json()["error"].is_object());
    let world = World::new(&format!("{TOOLBOX}get_token = \"redacted\"\n{second}"));
    let token = world.token(&json!({}));
    let called = world.send(modern(
        &token,
        "tools/call",
        &json!({"name": "toolbox_getToken"}),
    ));
    let text = called.json()["result"]["content"][0]["text"].to_string();
    assert!(text.contains("access token"), "{text}");
}

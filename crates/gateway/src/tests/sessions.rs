//! Sessions over Streamable HTTP, as clients up to 2025-11-25 have them.

use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

use super::world::{Seen, TOOLBOX, World, modern, post};

const PING: &str = r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;
const BATCH: &str = r#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#;

fn initialize(revision: &str) -> String {
    let params = json!({"protocolVersion": revision, "capabilities": {}, "clientInfo": {}});
    json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params}).to_string()
}

/// The id of a session that begins in `revision`.
fn begun(world: &World, revision: &str) -> String {
    let answer = world.post(&[], &initialize(revision));
    assert_eq!(answer.status(), 200);
    answer.header("mcp-session-id").to_owned()
}

fn delete(token: &str, headers: &[(&str, &str)]) -> Request<Bytes> {
    let mut request = post(token, headers, "");
    *request.method_mut() = http::Method::DELETE;
    request
}

fn end(world: &World, session: &str) -> Seen {
    let token = world.token(&json!({}));
    world.send(delete(&token, &[("mcp-session-id", session)]))
}

fn ping(world: &World, session: &str) -> u16 {
    world.post(&[("mcp-session-id", session)], PING).status()
}

#[test]
fn initialize_begins_a_session_and_nothing_else_does() {
    let world = World::new(TOOLBOX);
    let id = begun(&world, "2025-11-25");
    assert!(!id.is_empty() && id.bytes().all(|byte| (0x21..=0x7e).contains(&byte)));
    assert_ne!(id, begun(&world, "2025-11-25"));
    assert_eq!(ping(&world, &id), 200);
    let discover = world.modern("server/discover", &json!({}));
    let unsaid = r#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{}}"#;
    for answer in [
        discover,
        world.post(&[], unsaid),
        world.post(&[], PING),
        world.post(&[("mcp-session-id", &id)], PING),
    ] {
        assert_eq!(answer.header("mcp-session-id"), "");
    }
}

#[test]
fn a_session_says_what_its_client_does_not_say_again() {
    let world = World::new(TOOLBOX);
    for (revision, status) in [
        ("2025-03-26", 200),
        ("2025-06-18", 400),
        ("2025-11-25", 400),
    ] {
        let id = begun(&world, revision);
        let answer = world.post(&[("mcp-session-id", &id)], BATCH);
        assert_eq!(answer.status(), status, "{revision}");
        let newer = ("mcp-protocol-version", "2025-11-25");
        let answer = world.post(&[("mcp-session-id", &id), newer], BATCH);
        assert_eq!(answer.status(), 400, "{revision}");
    }
}

#[test]
fn a_session_is_over_when_its_client_says_so_or_has_been_away_for_a_month() {
    let world = World::new(TOOLBOX);
    let [ended, left] = [(); 2].map(|()| begun(&world, "2025-11-25"));
    assert_eq!(end(&world, &ended).status(), 204);
    assert_eq!(ping(&world, &ended), 404);
    assert_eq!(end(&world, &ended).status(), 404);
    assert_eq!(ping(&world, &left), 200);
    world.wait(30 * 24 * 3600);
    let token = world.token(&json!({"iat": 3_592_000, "exp": 3_592_900}));
    let late = world.send(post(&token, &[("mcp-session-id", &left)], PING));
    assert_eq!(late.status(), 404);
    // Whoever begins anew may still show the old one.
    let anew = initialize("2025-11-25");
    let anew = world.send(post(&token, &[("mcp-session-id", &left)], &anew));
    assert_eq!(anew.status(), 200);
    assert_ne!(anew.header("mcp-session-id"), "");
}

#[test]
fn another_instance_knows_of_an_end_within_seconds() {
    let world = World::new(TOOLBOX);
    let id = begun(&world, "2025-11-25");
    let other = World::on(world.host.clone());
    assert_eq!(ping(&other, &id), 200);
    assert_eq!(end(&world, &id).status(), 204);
    other.wait(5);
    assert_eq!(ping(&other, &id), 404);
}

#[test]
fn nobody_else_has_somebodys_session() {
    let world = World::new(TOOLBOX);
    let id = begun(&world, "2025-11-25");
    let changed = format!("{id}A");
    for (claims, id) in [
        (json!({"sub": "dev:grace"}), id.as_str()),
        (json!({"client_id": "another"}), &id),
        (json!({}), &changed),
        (json!({}), "x"),
        (json!({}), ""),
    ] {
        let token = world.token(&claims);
        let headers = [("mcp-session-id", id)];
        for request in [post(&token, &headers, PING), delete(&token, &headers)] {
            let answer = world.send(request);
            assert_eq!(answer.status(), 404, "{claims} {id}");
            assert!(
                !answer.json()["error_description"]
                    .to_string()
                    .contains("grace")
            );
        }
    }
    assert_eq!(ping(&world, &id), 200);
}

#[test]
fn the_modern_era_has_no_sessions() {
    let world = World::new(TOOLBOX);
    let token = world.token(&json!({}));
    let mut request = modern(&token, "tools/list", &json!({}));
    let headers = request.headers_mut();
    headers.insert("mcp-session-id", "nobody's".parse().unwrap());
    assert_eq!(world.send(request).status(), 200);
    let id = begun(&world, "2025-11-25");
    for headers in [
        vec![],
        vec![
            ("mcp-session-id", id.as_str()),
            ("mcp-protocol-version", "2026-07-28"),
        ],
    ] {
        let answer = world.send(delete(&token, &headers));
        assert_eq!((answer.status(), answer.header("allow")), (405, "POST"));
    }
    assert_eq!(ping(&world, &id), 200);
}

#[test]
fn a_session_takes_notifications_and_no_answers_that_nobody_asked_for() {
    let world = World::new(TOOLBOX);
    let id = begun(&world, "2025-11-25");
    let initialized = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;
    for (body, status, code) in [
        (initialized, 202, Value::Null),
        (
            r#"{"jsonrpc":"2.0","id":1,"result":{}}"#,
            400,
            json!(-32600),
        ),
        ("{", 400, json!(-32700)),
    ] {
        let answer = world.post(&[("mcp-session-id", &id)], body);
        assert_eq!(answer.status(), status, "{body}");
        if !code.is_null() {
            assert_eq!(answer.json()["error"]["code"], code);
        }
    }
}

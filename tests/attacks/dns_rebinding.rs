//! DNS rebinding. The attacker's page, under a name of theirs that now leads to this machine, asks
//! the victim's development server; they want it to answer as if the victim had asked.
//!
//! *Invariant:* in development a request reaches somebody only under a literal loopback name, from
//! this machine, unforwarded; and a page calls only from such a name.

use harness::client::{get, message};
use harness::{Web, World};
use serde_json::json;

use super::{FORM, assert_refused, authority, get_with, post, raw};
use crate::flows::{everywhere, on_a_patient_host};

everywhere!(on_a_patient_host:
    a_name_that_leads_here_is_not_ours,
    what_is_said_of_the_way_here_is_not_believed,
    a_page_of_a_name_that_leads_here_may_not_call,
);

async fn a_name_that_leads_here_is_not_ours(world: World<impl Web>) {
    let port = authority(world.web.issuer())
        .rsplit_once(':')
        .unwrap()
        .1
        .to_owned();
    for host in [
        format!("evil.example:{port}"),
        "evil.example".to_owned(),
        format!("localhost.evil.example:{port}"),
        format!("127.0.0.1.nip.io:{port}"),
        format!("127.0.0.1.evil.example:{port}"),
        format!("localhost.:{port}"),
        format!("LOCALHOST:{port}"),
        format!("localhost.localdomain:{port}"),
        format!("x.localhost:{port}"),
        format!("127.0.0.2:{port}"),
        format!("127.1:{port}"),
        format!("0.0.0.0:{port}"),
        format!("0:{port}"),
        format!("2130706433:{port}"),
        format!("0x7f000001:{port}"),
        format!("0177.0.0.1:{port}"),
        format!("127.0.0.1.:{port}"),
        format!("[::]:{port}"),
        format!("[::ffff:127.0.0.1]:{port}"),
        format!("[0:0:0:0:0:0:0:1]:{port}"),
        format!("[::1%25lo]:{port}"),
        format!("user@localhost:{port}"),
        format!("localhost:{port}@evil.example"),
        format!("localhost:{port}:80"),
        format!("localhost:0{port}"),
        format!("localhost:+{port}"),
        "localhost:".to_owned(),
        "localhost:0".to_owned(),
        "localhost:65536".to_owned(),
        "localhost:http".to_owned(),
        "xn--lcalhost-93a".to_owned(),
        "[::1".to_owned(),
    ] {
        let headers = [("host", host.as_str()), ("content-type", FORM)];
        for path in [
            "/authorize",
            "/login/dev",
            "/.well-known/oauth-authorization-server",
            "/.well-known/oauth-protected-resource/mcp",
        ] {
            let answer = get_with(&world.web, path, &headers).await;
            assert_nobody(&answer, &format!("{host} {path}"));
            assert!(
                !String::from_utf8_lossy(answer.body()).contains("evil"),
                "{host}"
            );
        }
        for path in [
            "/token",
            "/register",
            "/revoke",
            "/introspect",
            "/consent",
            "/mcp",
        ] {
            assert_nobody(
                &post(&world.web, path, &headers, "x=y").await,
                &format!("{host} {path}"),
            );
        }
    }
}

/// 421, or 400 where the host's own door does not read such a name.
fn assert_nobody(answer: &http::Response<bytes::Bytes>, what: &str) {
    assert!(
        [400, 421].contains(&answer.status().as_u16()),
        "{what}: {}",
        answer.status()
    );
    for name in ["location", "set-cookie", "www-authenticate"] {
        assert!(!answer.headers().contains_key(name), "{what}: {name}");
    }
}

async fn what_is_said_of_the_way_here_is_not_believed(world: World<impl Web>) {
    let document = "/.well-known/oauth-authorization-server";
    let plain = get(&world.web, document).await;
    for (name, value) in [
        ("spin-client-addr", "203.0.113.1:1"),
        ("spin-client-addr", "[::1]:1, 203.0.113.1:1"),
        ("spin-full-url", "http://evil.example/"),
        ("spin-path-info", "/evil"),
        ("x-host", "evil.example"),
        ("x-original-host", "evil.example"),
        ("x-http-host-override", "evil.example"),
        ("referer", "https://evil.example/"),
    ] {
        let answer = get_with(&world.web, document, &[(name, value)]).await;
        assert_eq!(answer.body(), plain.body(), "{name}");
    }
    for name in [
        "x-forwarded-host",
        "x-forwarded-for",
        "x-forwarded-proto",
        "x-forwarded-server",
        "x-forwarded",
        "forwarded",
        "via",
        "x-real-ip",
        "cf-connecting-ip",
        "true-client-ip",
        "client-ip",
        "x-client-ip",
        "x-cluster-client-ip",
    ] {
        for path in [document, "/authorize"] {
            let answer = get_with(&world.web, path, &[(name, "evil.example")]).await;
            assert_eq!(answer.status(), 421, "{name} {path}");
        }
        let answer = post(&world.web, "/mcp", &[(name, "127.0.0.1")], "{}").await;
        assert_eq!(answer.status(), 421, "{name}");
    }
}

async fn a_page_of_a_name_that_leads_here_may_not_call(world: World<impl Web>) {
    let token = world.tokens("ada").await.access;
    let issuer = world.web.issuer().to_owned();
    for origin in [
        "https://evil.example".to_owned(),
        issuer.replace("localhost", "evil.example"),
        issuer.replace("localhost", "localhost.evil.example"),
        issuer.replace("localhost", "127.0.0.1.nip.io"),
        issuer.replace("localhost", "localhost."),
        issuer.replace("localhost", "user@localhost"),
        format!("{issuer}.evil.example"),
        format!("{issuer}, https://evil.example"),
        format!("{issuer} https://evil.example"),
        "null".to_owned(),
        "file://".to_owned(),
        "chrome-extension://evil".to_owned(),
        "http://localhost:x".to_owned(),
    ] {
        let mut request = message(&token, "tools/list", json!({}));
        request
            .headers_mut()
            .insert("origin", origin.parse().unwrap());
        let answer = world.web.send(request).await;
        assert_eq!(answer.status(), 403, "{origin}");
        assert!(
            !answer.headers().contains_key("access-control-allow-origin"),
            "{origin}"
        );
        let preflight = http::Request::options("/mcp").header("origin", &origin);
        let answer = world
            .web
            .send(preflight.body(bytes::Bytes::new()).unwrap())
            .await;
        assert_eq!(answer.status(), 403, "{origin}");
    }
    let mut twice = message(&token, "tools/list", json!({}));
    twice
        .headers_mut()
        .append("origin", issuer.parse().unwrap());
    twice
        .headers_mut()
        .append("origin", "https://evil.example".parse().unwrap());
    assert_eq!(world.web.send(twice).await.status(), 403);
    assert_refused(
        &post(&world.web, "/mcp", &[], "{}").await,
        401,
        "authentication_required",
        "no page",
    );
}

#[tokio::test]
async fn a_request_with_two_names_reaches_neither() {
    let world = on_a_patient_host().await;
    let ours = authority(world.web.issuer()).to_owned();
    let document = "/.well-known/oauth-authorization-server";
    for head in [
        format!("GET {document} HTTP/1.1\r\nhost: {ours}\r\nhost: evil.example\r\n"),
        format!("GET {document} HTTP/1.1\r\nhost: evil.example\r\nhost: {ours}\r\n"),
        format!("GET http://evil.example{document} HTTP/1.1\r\nhost: {ours}\r\n"),
        format!("GET http://{ours}{document} HTTP/1.1\r\nhost: evil.example\r\n"),
        format!("GET http://user@{ours}{document} HTTP/1.1\r\nhost: {ours}\r\n"),
        format!("GET {document} HTTP/1.1\r\nhost: {ours}, evil.example\r\n"),
        format!("GET {document} HTTP/1.1\r\nhost:\r\n"),
        format!("GET {document} HTTP/1.1\r\n"),
        format!("GET {document} HTTP/1.1\r\nhost : {ours}\r\n"),
        format!("GET {document} HTTP/1.1\r\nhost: evil.example\r\n {ours}\r\n"),
    ] {
        let answer = raw(
            world.web.issuer(),
            &format!("{head}connection: close\r\n\r\n"),
        )
        .await;
        let status = answer.lines().next().unwrap_or_default();
        assert!(!status.contains(" 200 "), "{head}: {answer}");
        assert!(!answer.contains("evil.example"), "{head}: {answer}");
    }
}

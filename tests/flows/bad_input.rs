//! What people and programs get wrong, and what they are told.

use bytes::Bytes;
use harness::browser::Browser;
use harness::client::{REDIRECT, body, get, post_form, post_json};
use harness::{Web, World};
use http::{Request, StatusCode, header};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

super::everywhere!(on_a_patient_host:
    an_unknown_client_or_redirect_is_a_page_and_never_a_redirect,
    everything_else_goes_back_to_the_client,
    other_methods_are_named_in_allow,
    an_unknown_path_is_404_and_leads_home,
    a_body_that_is_too_large_is_413,
    bodies_that_do_not_read_are_400,
    the_consent_form_belongs_to_the_browser_it_was_shown_in,
    a_consent_form_sent_from_another_site_is_refused,
    a_login_link_opened_elsewhere_reaches_nobody,
    a_state_that_is_not_this_browsers_reaches_nobody,
    every_page_travels_with_strict_headers,
    a_client_with_a_made_up_secret_is_told_so,
    a_token_of_another_purpose_is_no_access_token,
);

async fn an_unknown_client_or_redirect_is_a_page_and_never_a_redirect(world: World<impl Web>) {
    for (name, value) in [
        ("client_id", "nobody"),
        ("client_id", ""),
        ("redirect_uri", "http://127.0.0.1:33418/other"),
        ("redirect_uri", "https://evil.example/"),
        ("redirect_uri", "javascript:alert(1)"),
    ] {
        let page = world
            .browser
            .open(&world.web, &world.client.authorize_url(&[(name, value)]))
            .await;
        assert_eq!(page.status, Some(StatusCode::BAD_REQUEST), "{name}={value}");
        assert!(page.headers.get(header::LOCATION).is_none());
        assert!(page.page.contains("Reference"), "{}", page.page);
    }
}

async fn everything_else_goes_back_to_the_client(world: World<impl Web>) {
    let long = "x".repeat(2000);
    let cases = [
        ("response_type", "token", "unsupported_response_type"),
        ("response_type", "", "invalid_request"),
        ("code_challenge", "", "invalid_request"),
        ("code_challenge_method", "plain", "invalid_request"),
        ("code_challenge_method", "", "invalid_request"),
        ("resource", "https://other.example/mcp", "invalid_target"),
        ("scope", "openid", "invalid_scope"),
        ("response_mode", "fragment", "invalid_request"),
        ("request", "x.y.z", "invalid_request"),
        ("state", &long, "invalid_request"),
    ];
    for (name, value, error) in cases {
        let back = world
            .browser
            .open(&world.web, &world.client.authorize_url(&[(name, value)]))
            .await;
        assert!(
            back.url.as_str().starts_with(REDIRECT),
            "{name}={value}: {}",
            back.url
        );
        assert_eq!(
            back.parameter("error").as_deref(),
            Some(error),
            "{name}={value}"
        );
        assert_eq!(back.parameter("iss").as_deref(), Some(world.web.issuer()));
        let state = (name != "state").then_some("the client's state");
        assert_eq!(back.parameter("state").as_deref(), state, "{name}={value}");
        assert!(
            back.parameter("error_description")
                .is_some_and(|text| !text.contains(&long))
        );
    }
}

async fn other_methods_are_named_in_allow(world: World<impl Web>) {
    for (path, method, allow) in [
        ("/token", "GET", "POST, OPTIONS"),
        ("/register", "PUT", "POST, OPTIONS"),
        ("/authorize", "POST", "GET, HEAD"),
        ("/consent", "GET", "POST"),
        ("/login/dev", "DELETE", "GET, HEAD, POST"),
        ("/callback/dev", "HEAD", "GET, POST"),
        (
            "/.well-known/oauth-authorization-server",
            "POST",
            "GET, HEAD, OPTIONS",
        ),
    ] {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .body(Bytes::new())
            .unwrap();
        let answer = world.web.send(request).await;
        assert_eq!(
            answer.status(),
            StatusCode::METHOD_NOT_ALLOWED,
            "{method} {path}"
        );
        assert_eq!(answer.headers()[header::ALLOW], allow, "{method} {path}");
    }
    for path in [
        "/token",
        "/register",
        "/.well-known/oauth-protected-resource/mcp",
        "/mcp",
    ] {
        let preflight = Request::options(path)
            .header(header::ORIGIN, "http://localhost:6274")
            .header(header::ACCESS_CONTROL_REQUEST_METHOD, "POST")
            .body(Bytes::new())
            .unwrap();
        let answer = world.web.send(preflight).await;
        assert!(answer.status().is_success(), "{path}");
        let allowed = answer.headers()[header::ACCESS_CONTROL_ALLOW_HEADERS]
            .to_str()
            .unwrap()
            .to_ascii_lowercase();
        assert!(
            allowed.contains("authorization") && allowed.contains("mcp-protocol-version"),
            "{path}: {allowed}"
        );
    }
}

async fn an_unknown_path_is_404_and_leads_home(world: World<impl Web>) {
    for path in [
        "/nothing",
        "/mcp2",
        "/.well-known/other",
        "/pend/dev",
        "/callback/other",
    ] {
        let answer = get(&world.web, path).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
        assert!(
            String::from_utf8_lossy(answer.body()).contains("href=\"/\""),
            "{path}"
        );
    }
}

async fn a_body_that_is_too_large_is_413(world: World<impl Web>) {
    // The door that reads bodies is the host's: there is none in memory.
    if world.web.is_in_memory() {
        return;
    }
    for path in ["/token", "/register"] {
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/json");
        let answer = world
            .web
            .send(request.body(Bytes::from(vec![b' '; 100_000])).unwrap())
            .await;
        assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE, "{path}");
    }
    let token = world.tokens("ada").await.access;
    let authorization = format!("authorization: Bearer {token}");
    // One byte of many is sent: who may not send them is told so before they are waited for.
    for (header, status) in [
        ("accept: */*", "401"),
        ("origin: https://evil.example", "403"),
        (authorization.as_str(), "413"),
    ] {
        assert_eq!(
            announced(world.web.issuer(), header).await,
            status,
            "{header}"
        );
    }
}

/// The status of a request that announces five megabytes and sends one byte.
async fn announced(issuer: &str, header: &str) -> String {
    let authority = issuer.trim_start_matches("http://");
    let mut stream = tokio::net::TcpStream::connect(authority).await.unwrap();
    let head = format!(
        "POST /mcp HTTP/1.1\r\nhost: {authority}\r\ncontent-type: application/json\r\n{header}\r\n\
         content-length: 5242880\r\n\r\n "
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = [0; 12];
    let read = stream.read_exact(&mut answer);
    tokio::time::timeout(std::time::Duration::from_secs(20), read)
        .await
        .unwrap()
        .unwrap();
    String::from_utf8_lossy(&answer[9..]).into_owned()
}

async fn bodies_that_do_not_read_are_400(world: World<impl Web>) {
    let answer = post_json(
        &world.web,
        "/token",
        &json!({"grant_type": "refresh_token"}),
    )
    .await;
    assert_eq!(
        (answer.status(), body(&answer)["error"].as_str()),
        (StatusCode::BAD_REQUEST, Some("invalid_request"))
    );
    let answer = post_form(
        &world.web,
        "/token",
        &[("client_id", "a"), ("client_id", "b")],
    )
    .await;
    assert_eq!(
        (answer.status(), body(&answer)["error"].as_str()),
        (StatusCode::BAD_REQUEST, Some("invalid_request"))
    );
    assert!(
        body(&answer)["error_description"]
            .as_str()
            .unwrap()
            .contains("client_id")
    );
    let answer = post_form(&world.web, "/register", &[("redirect_uris", "x")]).await;
    assert_eq!(
        (answer.status(), body(&answer)["error"].as_str()),
        (StatusCode::BAD_REQUEST, Some("invalid_client_metadata"))
    );
    let answer = world
        .client
        .token(
            &world.web,
            &[("client_id", "nobody"), ("grant_type", "refresh_token")],
        )
        .await;
    assert_eq!(
        (answer.status(), body(&answer)["error"].as_str()),
        (StatusCode::UNAUTHORIZED, Some("invalid_client"))
    );
    assert!(
        answer.headers().get(header::WWW_AUTHENTICATE).is_none(),
        "only who tried Basic is told of it"
    );
}

async fn the_consent_form_belongs_to_the_browser_it_was_shown_in(world: World<impl Web>) {
    let form = world.ask().await.form("/consent");
    let stranger = Browser::default()
        .submit(&world.web, &form, ("provider", "dev"))
        .await;
    assert_eq!(stranger.status, Some(StatusCode::BAD_REQUEST));
    let altered = |name: &str, value: &str| {
        let mut form = form.clone();
        form.fields.retain(|(known, _)| known != name);
        form.fields.push((name.to_owned(), value.to_owned()));
        form
    };
    let widened = altered("scope", "mcp:tools profile");
    for form in [
        widened,
        altered("csrf", "AAAA"),
        altered("redirect_uri", "http://127.0.0.1:1/callback"),
    ] {
        let page = world
            .browser
            .submit(&world.web, &form, ("provider", "dev"))
            .await;
        assert_eq!(page.status, Some(StatusCode::BAD_REQUEST), "{form:?}");
    }
    let unknown = world
        .browser
        .submit(&world.web, &form, ("provider", "nobody"))
        .await;
    assert_eq!(unknown.status, Some(StatusCode::BAD_REQUEST));
    let form = world.ask().await.form("/consent");
    assert_eq!(
        world
            .browser
            .submit(&world.web, &form, ("provider", "dev"))
            .await
            .url
            .path(),
        "/login/dev"
    );
    let again = world
        .browser
        .submit(&world.web, &form, ("provider", "dev"))
        .await;
    assert_eq!(
        again.status,
        Some(StatusCode::BAD_REQUEST),
        "a form is sent once"
    );
}

async fn a_consent_form_sent_from_another_site_is_refused(world: World<impl Web>) {
    let form = world.ask().await.form("/consent");
    let cookies: Vec<_> = world
        .browser
        .cookies()
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let fields = form
        .fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields.chain([("provider", "dev")]))
        .finish();
    // RFC 6454 §7.3: `null` is what a sandboxed frame says.
    for origin in ["https://evil.example", "null", "http://localhost:1"] {
        let request = Request::post("/consent")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::COOKIE, cookies.join("; "))
            .header(header::ORIGIN, origin)
            .body(Bytes::from(body.clone()))
            .unwrap();
        let answer = world.web.send(request).await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{origin}");
        assert!(answer.headers().get(header::LOCATION).is_none());
    }
}

async fn a_login_link_opened_elsewhere_reaches_nobody(world: World<impl Web>) {
    let people = world.agree(&world.ask().await).await;
    let page = Browser::default()
        .open(&world.web, people.url.as_str())
        .await;
    assert_eq!(page.status, Some(StatusCode::BAD_REQUEST));
    assert_eq!(
        page.url.path(),
        "/login/dev",
        "nobody was sent to a provider"
    );
}

async fn a_state_that_is_not_this_browsers_reaches_nobody(world: World<impl Web>) {
    let people = world.agree(&world.ask().await).await;
    let form = people.form("/login/dev");
    let state = form
        .fields
        .iter()
        .find(|(name, _)| name == "state")
        .map(|(_, value)| value.clone())
        .unwrap();
    let (head, _) = state.rsplit_once('.').unwrap();
    let forged = format!("{head}.AAAAAAAAAAAAAAAAAAAAAA");
    for state in [forged.as_str(), "", "dev.AAAAAAAAAAAAAAAAAAAAAA.x", "x"] {
        let page = world
            .browser
            .open(&world.web, &format!("/callback/dev?code=ada&state={state}"))
            .await;
        assert_eq!(page.status, Some(StatusCode::BAD_REQUEST), "{state}");
    }
    let stranger = Browser::default()
        .open(&world.web, &format!("/callback/dev?code=ada&state={state}"))
        .await;
    assert_eq!(stranger.status, Some(StatusCode::BAD_REQUEST));
    let (name, value) = world.browser.cookies().pop_first().unwrap();
    // A cookie that was altered, or made for another sign-in, opens nothing.
    world.browser.plant(&name, &value.replace('.', ".A"));
    let page = world
        .browser
        .open(&world.web, &format!("/callback/dev?code=ada&state={state}"))
        .await;
    assert_eq!(page.status, Some(StatusCode::BAD_REQUEST));
    world.browser.plant(&name, &value);
    let page = world
        .browser
        .open(
            &world.web,
            &format!("/callback/dev?code=nobody&state={state}"),
        )
        .await;
    assert_eq!(page.status, Some(StatusCode::BAD_REQUEST));
    let back = world
        .browser
        .open(&world.web, &format!("/callback/dev?code=ada&state={state}"))
        .await;
    assert!(
        back.parameter("code").is_some(),
        "the true one still works: {back:?}"
    );
}

async fn every_page_travels_with_strict_headers(world: World<impl Web>) {
    let consent = world.ask().await;
    let people = world.agree(&consent).await;
    let refusal = world.browser.open(&world.web, "/authorize").await;
    for page in [consent, people, refusal] {
        let header = |name: &str| page.headers[name].to_str().unwrap();
        let policy = header("content-security-policy");
        assert!(
            policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{policy}"
        );
        assert_eq!(header("x-frame-options"), "DENY");
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("cache-control"), "no-store");
        assert!(
            page.headers
                .get(header::ACCESS_CONTROL_ALLOW_ORIGIN)
                .is_none(),
            "{}",
            page.url
        );
        assert!(page.page.len() < 50_000, "{} bytes", page.page.len());
    }
}

async fn a_client_with_a_made_up_secret_is_told_so(world: World<impl Web>) {
    let request = Request::post("/token")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::AUTHORIZATION, "Basic YTpi")
        .body(Bytes::from("grant_type=refresh_token&refresh_token=x"))
        .unwrap();
    let answer = world.web.send(request).await;
    assert_eq!(
        (answer.status(), body(&answer)["error"].as_str()),
        (StatusCode::UNAUTHORIZED, Some("invalid_client"))
    );
    assert!(
        answer.headers()[header::WWW_AUTHENTICATE]
            .to_str()
            .unwrap()
            .starts_with("Basic")
    );
}

async fn a_token_of_another_purpose_is_no_access_token(world: World<impl Web>) {
    let tokens = world.tokens("ada").await;
    let mut altered = tokens.access.clone();
    altered.replace_range(
        altered.len() - 9..altered.len() - 8,
        if altered.as_bytes()[altered.len() - 9] == b'A' {
            "B"
        } else {
            "A"
        },
    );
    let wrong = [
        tokens.refresh.as_str(),
        world.client.id.as_str(),
        altered.as_str(),
        "",
        "x",
        "a.b.c",
    ];
    for token in wrong {
        let answer = harness::client::call(&world.web, token, "tools/list", json!({})).await;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{token}");
        assert!(!String::from_utf8_lossy(answer.body()).contains("Ada"));
    }
    // RFC 6750 §2.3 is not offered: a token in a URL stays in logs.
    let request = Request::post(format!("/mcp?access_token={}", tokens.access))
        .header(header::CONTENT_TYPE, "application/json")
        .body(Bytes::from(r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#))
        .unwrap();
    assert_eq!(
        world.web.send(request).await.status(),
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        get(&world.web, "/mcp").await.status(),
        StatusCode::METHOD_NOT_ALLOWED
    );
}

#[tokio::test]
async fn what_stays_open_for_too_long_is_refused() {
    let eleven_minutes = std::time::Duration::from_secs(660);
    let world = super::in_memory().await;
    let consent = world.ask().await;
    world.web.pass(eleven_minutes).await;
    let late = world.agree(&consent).await;
    assert_eq!(late.status, Some(StatusCode::BAD_REQUEST));
    assert!(late.page.contains("ten minutes"), "{}", late.page);
    let people = world.agree(&world.ask().await).await;
    world.web.pass(eleven_minutes).await;
    let late = world.sign_in(&people, "ada").await;
    assert_eq!(late.status, Some(StatusCode::BAD_REQUEST));
    assert!(late.page.contains("ten minutes"), "{}", late.page);
    assert_eq!(world.web.host().grant_count(), 0);
}

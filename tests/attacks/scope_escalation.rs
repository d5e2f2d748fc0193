//! Scope escalation. The attacker runs a client to which the victim agreed, or has one of its
//! tokens; they want it to do more than the victim was shown.
//!
//! *Invariant:* no token has a scope that its grant lacks, and no grant one that was not on the page.

use harness::client::{REDIRECT, Tokens, VERIFIER, body, call};
use harness::{Web, World};
use http::{StatusCode, header};
use serde_json::json;

use super::{assert_refused, claims, registered};

super::everywhere!(on_a_patient_host:
    what_was_agreed_to_is_all_there_is,
    a_tick_for_what_was_not_shown_gives_nothing,
    odd_scopes_are_no_scopes,
    a_client_cannot_give_itself_scopes,
    a_grant_type_that_is_not_offered_yields_nothing,
);

async fn what_was_agreed_to_is_all_there_is(world: World<impl Web>) {
    let link = world
        .client
        .authorize_url(&[("scope", "profile offline_access")]);
    let page = world.browser.open(&world.web, &link).await;
    assert!(
        !page.page.contains("mcp:tools"),
        "not on the page: {}",
        page.page
    );
    let people = world.agree(&page).await;
    let code = world
        .sign_in(&people, "ada")
        .await
        .parameter("code")
        .unwrap();
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("code_verifier", VERIFIER),
        ("redirect_uri", REDIRECT),
        ("scope", "mcp:tools profile offline_access"),
    ];
    let answer = world.client.token(&world.web, &fields).await;
    let scope = body(&answer)["scope"].as_str().unwrap().to_owned();
    assert!(!scope.contains("mcp:tools"), "{scope}");
    let tokens = Tokens::read(&answer);
    for scope in [
        "mcp:tools",
        "profile mcp:tools",
        "mcp:tools profile offline_access",
    ] {
        let fields = [
            ("grant_type", "refresh_token"),
            ("refresh_token", &tokens.refresh),
            ("scope", scope),
        ];
        let answer = world.client.token(&world.web, &fields).await;
        assert_refused(&answer, 400, "invalid_scope", scope);
    }
    let refreshed = Tokens::read(&world.client.refresh(&world.web, &tokens.refresh).await);
    for token in [&tokens.access, &refreshed.access] {
        for (method, params) in [
            ("tools/list", json!({})),
            (
                "tools/call",
                json!({"name": "add", "arguments": {"a": 1, "b": 1}}),
            ),
        ] {
            let answer = call(&world.web, token, method, params).await;
            assert_refused(&answer, 403, "insufficient_scope", method);
            let challenge = answer.headers()[header::WWW_AUTHENTICATE].to_str().unwrap();
            assert!(challenge.contains("mcp:tools"), "{challenge}");
        }
    }
}

async fn a_tick_for_what_was_not_shown_gives_nothing(world: World<impl Web>) {
    let link = world.client.authorize_url(&[("scope", "profile")]);
    let page = world.browser.open(&world.web, &link).await;
    for name in ["may-mcp-tools", "may-admin", "may-"] {
        let mut form = page.form("/consent");
        form.fields.push((name.to_owned(), "on".to_owned()));
        let pressed = ("provider", "dev");
        let refused = world.browser.submit(&world.web, &form, pressed).await;
        super::assert_page(&refused, name);
    }
    let people = world.agree(&page).await;
    let code = world.sign_in(&people, "ada").await.parameter("code");
    let answer = world.client.exchange(&world.web, &code.unwrap()).await;
    let scope = body(&answer)["scope"].as_str().unwrap().to_owned();
    assert!(!scope.contains("mcp:tools"), "{scope}");
}

async fn odd_scopes_are_no_scopes(world: World<impl Web>) {
    for scope in [
        "*",
        "all",
        "admin",
        "mcp:*",
        "mcp:",
        "MCP:TOOLS",
        "mcp:tools\tprofile",
        "mcp:tools,profile",
        "mcp%3Atools",
        "mcp:tools\0",
        "mcp:toolsx",
        "xmcp:tools",
        "\u{200b}mcp:tools",
        "ｍcp:tools",
        "openid",
        "roles:admin",
        "[\"mcp:tools\"]",
        "mcp:tools\u{a0}profile",
    ] {
        let link = world.client.authorize_url(&[("scope", scope)]);
        let back = world.browser.open(&world.web, &link).await;
        assert_eq!(
            back.parameter("error").as_deref(),
            Some("invalid_scope"),
            "{scope}"
        );
    }
    // Among known ones an unknown one is left out, and the page says what is left.
    let link = world
        .client
        .authorize_url(&[("scope", "profile admin * mcp:*")]);
    let page = world.browser.open(&world.web, &link).await;
    assert_eq!(page.status, Some(StatusCode::OK));
    for word in ["<code>admin", "<code>*", "<code>mcp:"] {
        assert!(
            !page.page.replace("<small>", "").contains(word) || word == "<code>mcp:",
            "{word}"
        );
    }
    let people = world.agree(&page).await;
    let code = world
        .sign_in(&people, "linus")
        .await
        .parameter("code")
        .unwrap();
    let tokens = Tokens::read(&world.client.exchange(&world.web, &code).await);
    assert_eq!(claims(&tokens.access)["scope"], "offline_access profile");
    assert!(
        claims(&tokens.access).get("roles").is_none(),
        "and no role comes of it"
    );
}

async fn a_client_cannot_give_itself_scopes(world: World<impl Web>) {
    let wanted = json!({
        "scope": "mcp:tools admin *", "client_name": "Tester", "roles": ["admin"], "introspect": true,
        "client_id": "nightly-report", "client_secret": "chosen", "client_secret_expires_at": 1,
        "resources": ["/mcp"], "subject": "dev:ada", "token_endpoint_auth_method": "client_secret_post",
    });
    let (client, answer) = registered(&world.web, &world.client, &wanted).await;
    assert_ne!(answer["client_id"], "nightly-report");
    assert_ne!(answer["client_secret"], "chosen");
    assert!(
        answer.get("introspect").is_none() && answer.get("roles").is_none(),
        "{answer}"
    );
    let secret = answer["client_secret"].as_str().unwrap();
    let fields = [
        ("grant_type", "client_credentials"),
        ("scope", "mcp:tools"),
        ("client_secret", secret),
    ];
    let answer = client.token(&world.web, &fields).await;
    assert_refused(
        &answer,
        400,
        "unauthorized_client",
        "a registered client has no tokens of its own",
    );
    let answer = world.client.token(&world.web, &fields[..2]).await;
    assert_refused(&answer, 400, "unauthorized_client", "nor has a public one");
}

async fn a_grant_type_that_is_not_offered_yields_nothing(world: World<impl Web>) {
    let access = world.tokens("ada").await.access;
    for grant_type in [
        "password",
        "implicit",
        "urn:ietf:params:oauth:grant-type:device_code",
        "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "urn:ietf:params:oauth:grant-type:token-exchange",
        "urn:ietf:params:oauth:grant-type:saml2-bearer",
        "urn:openid:params:grant-type:ciba",
        "AUTHORIZATION_CODE",
        "authorization_code ",
        "refresh_token\0",
        "__proto__",
    ] {
        let fields = [
            ("grant_type", grant_type),
            ("username", "ada"),
            ("password", "ada"),
            ("assertion", access.as_str()),
            ("subject_token", access.as_str()),
            (
                "subject_token_type",
                "urn:ietf:params:oauth:token-type:access_token",
            ),
            ("device_code", "x"),
            ("scope", "mcp:tools"),
        ];
        let answer = world.client.token(&world.web, &fields).await;
        assert_refused(&answer, 400, "unsupported_grant_type", grant_type);
    }
    for response_type in [
        "token",
        "id_token",
        "code token",
        "code id_token",
        "none",
        "CODE",
        "code code",
        "code ",
    ] {
        let link = world
            .client
            .authorize_url(&[("response_type", response_type)]);
        let back = world.browser.open(&world.web, &link).await;
        let error = back.parameter("error");
        assert_eq!(
            error.as_deref(),
            Some("unsupported_response_type"),
            "{response_type}"
        );
        assert!(back.url.fragment().is_none());
    }
    for mode in [
        "fragment",
        "form_post",
        "query.jwt",
        "jwt",
        "web_message",
        "QUERY",
        "query ",
    ] {
        let link = world.client.authorize_url(&[("response_mode", mode)]);
        let back = world.browser.open(&world.web, &link).await;
        assert_eq!(
            back.parameter("error").as_deref(),
            Some("invalid_request"),
            "{mode}"
        );
        assert!(
            back.url.fragment().is_none() && back.status.is_none(),
            "{mode}"
        );
    }
}

//! From a stranger's request to a called tool.

use harness::client::{body, call};
use harness::{Web, World};
use http::StatusCode;
use serde_json::json;

super::everywhere!(on_a_patient_host:
    a_person_sees_who_asks_and_the_code_goes_back_to_the_client,
    the_client_calls_tools_in_the_persons_name,
    a_denial_goes_back_to_the_client,
    a_cancelled_sign_in_goes_back_to_the_client,
    two_tabs_do_not_disturb_each_other,
    the_page_can_be_asked_for_twice,
    a_sign_in_that_came_back_twice_is_one_grant,
    without_the_profile_scope_tools_see_no_name,
);

async fn a_person_sees_who_asks_and_the_code_goes_back_to_the_client(world: World<impl Web>) {
    let consent = world.ask().await;
    assert_eq!(consent.status, Some(StatusCode::OK));
    for shown in [
        "Tester",
        "127.0.0.1",
        &format!("{}/mcp", world.web.issuer()),
    ] {
        assert!(
            consent.page.contains(shown),
            "{shown} is not on {}",
            consent.page
        );
    }
    let people = world.agree(&consent).await;
    assert_eq!(people.url.path(), "/login/dev");
    let back = world.sign_in(&people, "ada").await;
    assert_eq!(back.url.host_str(), Some("127.0.0.1"));
    assert_eq!(
        back.parameter("state").as_deref(),
        Some("the client's state")
    );
    assert_eq!(back.parameter("iss").as_deref(), Some(world.web.issuer()));
    let cookies = world.browser.cookies();
    let left: Vec<_> = cookies.keys().collect();
    assert_eq!(left, ["session"], "only the session is left");
    assert!(back.parameter("code").is_some());
}

async fn the_client_calls_tools_in_the_persons_name(world: World<impl Web>) {
    let token = world.tokens("ada").await.access;
    let listed = body(&call(&world.web, &token, "tools/list", json!({})).await);
    let names: Vec<_> = listed["result"]["tools"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tool| &tool["name"])
        .collect();
    assert_eq!(names, ["add", "calculate", "userInfo", "getUserInfo"]);
    let params = json!({"name": "add", "arguments": {"a": 23, "b": 19}});
    let called = call(&world.web, &token, "tools/call", params).await;
    assert_eq!(
        called.status(),
        StatusCode::OK,
        "{}",
        String::from_utf8_lossy(called.body())
    );
    assert_eq!(body(&called)["result"]["content"][0]["text"], "42");
    let called = call(
        &world.web,
        &token,
        "tools/call",
        json!({"name": "getUserInfo", "arguments": {}}),
    )
    .await;
    let text = body(&called)["result"]["content"][0]["text"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(text.contains("dev:ada") && text.contains("Ada"), "{text}");
}

async fn a_denial_goes_back_to_the_client(world: World<impl Web>) {
    let consent = world.ask().await;
    let back = world
        .browser
        .submit(&world.web, &consent.form("/consent"), ("decision", "deny"))
        .await;
    assert_eq!(back.parameter("error").as_deref(), Some("access_denied"));
    assert_eq!(
        back.parameter("state").as_deref(),
        Some("the client's state")
    );
    assert_eq!(back.parameter("iss").as_deref(), Some(world.web.issuer()));
    assert!(world.browser.cookies().is_empty());
}

async fn a_cancelled_sign_in_goes_back_to_the_client(world: World<impl Web>) {
    let people = world.agree(&world.ask().await).await;
    let back = world
        .browser
        .submit(&world.web, &people.form("/login/dev"), ("cancel", "1"))
        .await;
    assert_eq!(back.parameter("error").as_deref(), Some("access_denied"));
    assert_eq!(back.parameter("iss").as_deref(), Some(world.web.issuer()));
    assert!(back.parameter("code").is_none());
}

async fn two_tabs_do_not_disturb_each_other(world: World<impl Web>) {
    let (first, second) = (world.ask().await, world.ask().await);
    let first = world.agree(&first).await;
    let second = world.agree(&second).await;
    let first = world.sign_in(&first, "ada").await;
    let second = world.sign_in(&second, "grace").await;
    let mut subjects = Vec::new();
    for back in [first, second] {
        let answer = world
            .client
            .exchange(&world.web, &back.parameter("code").unwrap())
            .await;
        let token = harness::client::Tokens::read(&answer).access;
        let claims = jose::decode(token.split('.').nth(1).unwrap()).unwrap();
        let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
        subjects.push(claims["sub"].as_str().unwrap().to_owned());
    }
    assert_eq!(subjects, ["dev:ada", "dev:grace"]);
}

async fn the_page_can_be_asked_for_twice(world: World<impl Web>) {
    // Some clients open the address twice; the first page must still work.
    let first = world.ask().await;
    for _ in 0..2 {
        world.ask().await;
    }
    assert_eq!(world.agree(&first).await.url.path(), "/login/dev");
    // A browser never holds more than a few of our cookies.
    for _ in 0..10 {
        world.ask().await;
    }
    assert!(
        world.browser.cookies().len() <= 4,
        "{:?}",
        world.browser.cookies().keys()
    );
}

async fn a_sign_in_that_came_back_twice_is_one_grant(world: World<impl Web>) {
    let people = world.agree(&world.ask().await).await;
    let cookies = world.browser.cookies();
    let first = world.sign_in(&people, "ada").await;
    // The same browser again, as if the first answer had been lost on the way.
    for (name, value) in &cookies {
        world.browser.plant(name, value);
    }
    let second = world.sign_in(&people, "ada").await;
    assert_eq!(second.status, Some(StatusCode::BAD_REQUEST));
    assert!(second.page.contains("already over"), "{}", second.page);
    let code = first.parameter("code").unwrap();
    assert_eq!(
        world.client.exchange(&world.web, &code).await.status(),
        StatusCode::OK
    );
}

async fn without_the_profile_scope_tools_see_no_name(world: World<impl Web>) {
    let url = world.client.authorize_url(&[("scope", "mcp:tools")]);
    let people = world
        .agree(&world.browser.open(&world.web, &url).await)
        .await;
    let code = world
        .sign_in(&people, "ada")
        .await
        .parameter("code")
        .unwrap();
    let token =
        harness::client::Tokens::read(&world.client.exchange(&world.web, &code).await).access;
    let called = call(
        &world.web,
        &token,
        "tools/call",
        json!({"name": "getUserInfo", "arguments": {}}),
    )
    .await;
    let text = body(&called)["result"]["content"][0]["text"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(
        text.contains("dev:ada") && !text.contains("Lovelace"),
        "{text}"
    );
}

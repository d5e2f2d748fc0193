//! A client stays connected because its person was told so, and agreed.

use harness::client::{Tokens, body, call};
use harness::{Web, World};
use http::StatusCode;
use serde_json::json;

super::everywhere!(on_a_patient_host: a_client_stays_connected_and_the_page_says_so);

async fn a_client_stays_connected_and_the_page_says_so(world: World<impl Web>) {
    for (asked, granted, listed) in [
        (
            "mcp:tools offline_access",
            "mcp:tools offline_access",
            StatusCode::OK,
        ),
        // Many clients never ask for it and expect a refresh token all the same.
        ("mcp:tools", "mcp:tools offline_access", StatusCode::OK),
        ("offline_access", "offline_access", StatusCode::FORBIDDEN),
    ] {
        world.browser.forget();
        let url = world.client.authorize_url(&[("scope", asked)]);
        let consent = world.browser.open(&world.web, &url).await;
        assert!(consent.page.contains("Stay connected"), "{}", consent.page);
        let people = world.agree(&consent).await;
        let code = world.sign_in(&people, "ada").await.parameter("code");
        let answer = world.client.exchange(&world.web, &code.unwrap()).await;
        assert_eq!(body(&answer)["scope"], granted, "{asked}");
        let tokens = Tokens::read(&answer);
        let called = call(&world.web, &tokens.access, "tools/list", json!({})).await;
        assert_eq!(called.status(), listed, "{asked}");
        Tokens::read(&world.client.refresh(&world.web, &tokens.refresh).await);
    }
}

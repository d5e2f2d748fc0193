//! Whoever's application is not known any more is told what to do in that application.

use harness::{Web, World};
use http::{StatusCode, header};

super::everywhere!(on_a_patient_host:
    an_unknown_client_gets_a_page_in_the_words_of_its_application,
);

async fn an_unknown_client_gets_a_page_in_the_words_of_its_application(world: World<impl Web>) {
    for (redirect, told) in [
        ("http://localhost:3334/oauth/callback", "~/.mcp-auth"),
        ("http://127.0.0.1:6276/oauth/callback", "~/.mcp-inspector"),
        ("https://claude.ai/api/mcp/auth_callback", "In Claude"),
        (
            "https://chatgpt.com/connector_platform_oauth_redirect",
            "In ChatGPT",
        ),
        (
            "cursor://anysphere.cursor-mcp/oauth/callback",
            "Clear All MCP Tokens",
        ),
        (
            "http://127.0.0.1:33418",
            "Remove Dynamic Authentication Providers",
        ),
        (
            "https://evil.example/",
            "Remove this server from the application",
        ),
        (
            "javascript:alert(1)",
            "Remove this server from the application",
        ),
    ] {
        let stale = [("client_id", "nobody"), ("redirect_uri", redirect)];
        let url = world.client.authorize_url(&stale);
        let page = world.browser.open(&world.web, &url).await;
        assert_eq!(page.status, Some(StatusCode::BAD_REQUEST), "{redirect}");
        assert!(page.page.contains(told), "{redirect}: {}", page.page);
        assert!(page.headers.get(header::LOCATION).is_none());
        let body = page.page.split_once("<main>").unwrap().1;
        assert!(!body.contains("href") && !body.contains("evil") && !body.contains("alert"));
    }
}

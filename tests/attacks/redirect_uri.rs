//! Redirect tricks. The attacker sends the victim to an honest client's request with a redirect URI
//! that two parsers read differently, or registers one that people read wrongly; they want the code.
//!
//! *Invariant:* a redirect URI is compared as it was written, but for a loopback port, and one that
//! could be read in two ways is never registered.

use harness::Web;
use harness::World;
use harness::client::post_json;
use serde_json::json;

use super::{assert_page, assert_refused, registered};

super::everywhere!(on_a_patient_host:
    only_what_was_registered_is_redirected_to,
    only_the_port_of_a_loopback_address_is_free,
    what_could_be_read_in_two_ways_is_not_registered,
);

async fn only_what_was_registered_is_redirected_to(world: World<impl Web>) {
    let uris = [
        "https://app.example/callback?tab=1",
        "cursor://anysphere/oauth",
    ];
    let (client, _) = registered(&world.web, &world.client, &json!({"redirect_uris": uris})).await;
    for asked in [
        "https://app.example/callback",
        "https://app.example/callback?tab=2",
        "https://app.example/callback?tab=1&x=1",
        "https://app.example/callback?tab=1#",
        "https://app.example/callback?tab=1#fragment",
        "https://app.example/callback/?tab=1",
        "https://app.example/callback%2F?tab=1",
        "https://app.example/Callback?tab=1",
        "https://app.example/%63allback?tab=1",
        "https://app.example/x/../callback?tab=1",
        "https://app.example//callback?tab=1",
        "https://app.example/callback;x?tab=1",
        "https://APP.example/callback?tab=1",
        "HTTPS://app.example/callback?tab=1",
        "http://app.example/callback?tab=1",
        "https://app.example:443/callback?tab=1",
        "https://app.example:8443/callback?tab=1",
        "https://app.example./callback?tab=1",
        "https://app.example.evil.example/callback?tab=1",
        "https://evil.example/app.example/callback?tab=1",
        "https://evil.example?https://app.example/callback?tab=1",
        "https://evil.example#https://app.example/callback?tab=1",
        "https://app.example@evil.example/callback?tab=1",
        "https://user@app.example/callback?tab=1",
        "https://app.example\\@evil.example/callback?tab=1",
        "https://evil.example\\.app.example/callback?tab=1",
        "https://app.example\t/callback?tab=1",
        "https://app.example/callback?tab=1\n",
        " https://app.example/callback?tab=1",
        "https://app.example/callback?tab=1 ",
        "https://app.example/callback?tab=1\0",
        "https://app.example%00.evil.example/callback?tab=1",
        "https://ａpp.example/callback?tab=1",
        "https://app。example/callback?tab=1",
        "https://app.example／callback?tab=1",
        "https:app.example/callback?tab=1",
        "https:/app.example/callback?tab=1",
        "https:///app.example/callback?tab=1",
        "//app.example/callback?tab=1",
        "/callback?tab=1",
        "app.example/callback?tab=1",
        "javascript://app.example/%0aalert(1)",
        "cursor://evil/oauth",
        "cursor:anysphere/oauth",
        "CURSOR://anysphere/oauth",
        "cursor://anysphere/oauth?x",
    ] {
        let link = client.authorize_url(&[("redirect_uri", asked)]);
        assert_page(&world.browser.open(&world.web, &link).await, asked);
    }
    // Two of them, or none where there are two, name nothing.
    for more in [
        "&redirect_uri=https://evil.example/",
        "&redirect%5Furi=https://evil.example/",
    ] {
        let link = client.authorize_url(&[("redirect_uri", uris[0])]);
        assert_page(
            &world
                .browser
                .open(&world.web, &format!("{link}{more}"))
                .await,
            more,
        );
    }
    let none = client.authorize_url(&[("redirect_uri", "")]);
    assert_page(&world.browser.open(&world.web, &none).await, "none");
    for own in uris {
        let link = client.authorize_url(&[("redirect_uri", own)]);
        let page = world.browser.open(&world.web, &link).await;
        assert_eq!(page.status, Some(http::StatusCode::OK), "{own}");
    }
}

async fn only_the_port_of_a_loopback_address_is_free(world: World<impl Web>) {
    for asked in [
        "http://127.0.0.1:33418/callback/",
        "http://127.0.0.1:33418/callback?x=1",
        "http://127.0.0.1:33418/../callback",
        "http://127.0.0.1:33418/%63allback",
        "http://127.0.0.1:33418//callback",
        "https://127.0.0.1:33418/callback",
        "http://localhost:33418/callback",
        "http://[::1]:33418/callback",
        "http://127.0.0.2:33418/callback",
        "http://127.1:33418/callback",
        "http://0x7f000001:33418/callback",
        "http://2130706433:33418/callback",
        "http://127.0.0.1.evil.example:33418/callback",
        "http://127.0.0.1:33418.evil.example/callback",
        "http://127.0.0.1:33418@evil.example/callback",
        "http://evil.example@127.0.0.1:33418/callback",
        "http://127.0.0.1:@evil.example/callback",
        "http://127.0.0.1:33418#@evil.example/callback",
        "http://127.0.0.1:33418\\@evil.example/callback",
        "http://127.0.0.1:65536/callback",
        "http://127.0.0.1:-1/callback",
        "http://127.0.0.1:+80/callback",
        "http://127.0.0.1:8 0/callback",
        "http://127.0.0.1:/callback",
        "http://127.0.0.1:33418:80/callback",
        "http:127.0.0.1:33418/callback",
        "http:///127.0.0.1:33418/callback",
    ] {
        let link = world.client.authorize_url(&[("redirect_uri", asked)]);
        assert_page(&world.browser.open(&world.web, &link).await, asked);
    }
    for own in ["http://127.0.0.1/callback", "http://127.0.0.1:1/callback"] {
        let link = world.client.authorize_url(&[("redirect_uri", own)]);
        let page = world.browser.open(&world.web, &link).await;
        assert_eq!(page.status, Some(http::StatusCode::OK), "{own}");
    }
}

async fn what_could_be_read_in_two_ways_is_not_registered(world: World<impl Web>) {
    for uri in [
        "https://good.example@evil.example/",
        "https://:password@evil.example/",
        "https://@evil.example/",
        "https:good.example@evil.example/",
        "https:/good.example@evil.example/",
        "https:///good.example@evil.example/",
        "https:evil.example/callback",
        "https:/evil.example/callback",
        "https:////evil.example/callback",
        "https://good.example%40evil.example/",
        "https://good.example\\@evil.example/",
        "https:\\\\evil.example/",
        "https://good.example/#fragment",
        "https://good.example/#",
        "https://good.example/a b",
        "https://good.example/\u{202e}",
        "https://gооd.example/",
        "https://good。example/",
        "https://[::1",
        "https://",
        "https:///",
        "https://good.example:99999/",
        "http://good.example/",
        "http://127.0.0.1.evil.example/",
        "http://localhost.evil.example/",
        "http://localhost@evil.example/",
        "http://169.254.169.254/",
        "http://0.0.0.0/",
        "http://[::ffff:192.0.2.1]/",
        "//good.example/",
        "/callback",
        "callback",
        "*",
        "https://*",
        "https://*.good.example/",
        "",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\tscript:alert(1)",
        " javascript:alert(1)",
        "javascript://good.example/%0aalert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "file:///etc/passwd",
        "blob:https://good.example/1",
        "about:blank",
        "view-source:https://good.example/",
        "filesystem:https://good.example/temporary/x",
        "intent://evil#Intent;scheme=http;end",
        "ms-settings:privacy",
        "mailto:a@evil.example",
        "ws://good.example/",
        "ftp://good.example/",
        "urn:ietf:wg:oauth:2.0:oob",
    ] {
        let answer = post_json(&world.web, "/register", &json!({"redirect_uris": [uri]})).await;
        assert_refused(&answer, 400, "invalid_redirect_uri", uri);
        // One of several, the others good.
        let several = json!({"redirect_uris": ["https://good.example/", uri]});
        let answer = post_json(&world.web, "/register", &several).await;
        assert_refused(&answer, 400, "invalid_redirect_uri", uri);
    }
}

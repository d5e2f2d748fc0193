//! Where clients look for what this server says of itself, all of them find the same.

use harness::client::{body, get};
use harness::{Web, World};
use http::StatusCode;

super::everywhere!(on_a_patient_host:
    every_name_of_the_servers_metadata_has_the_same_document,
    a_path_that_is_no_resource_of_ours_has_none,
    metadata_is_kept_for_minutes_and_by_host,
);

async fn every_name_of_the_servers_metadata_has_the_same_document(world: World<impl Web>) {
    for name in ["oauth-authorization-server", "openid-configuration"] {
        for path in ["", "/mcp", "/sse"] {
            // RFC 8414 §3.1; clients of older revisions put the resource's path behind it.
            let answer = get(&world.web, &format!("/.well-known/{name}{path}")).await;
            assert_eq!(answer.status(), StatusCode::OK, "{name}{path}");
            assert_eq!(body(&answer), world.client.metadata, "{name}{path}");
        }
    }
}

async fn a_path_that_is_no_resource_of_ours_has_none(world: World<impl Web>) {
    for name in [
        "oauth-authorization-server",
        "openid-configuration",
        "oauth-protected-resource",
    ] {
        for path in ["/", "/mcp/", "/mcp/x", "/other", "/mcpx"] {
            let answer = get(&world.web, &format!("/.well-known/{name}{path}")).await;
            assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{name}{path}");
        }
    }
}

async fn metadata_is_kept_for_minutes_and_by_host(world: World<impl Web>) {
    for path in [
        "oauth-authorization-server",
        "oauth-protected-resource/sse",
        "jwks.json",
    ] {
        let answer = get(&world.web, &format!("/.well-known/{path}")).await;
        let header = |name| answer.headers()[name].to_str().unwrap();
        assert_eq!(header("cache-control"), "public, max-age=300", "{path}");
        assert_eq!(header("content-type"), "application/json", "{path}");
        // A script of any page may read it: it depends on no cookie.
        assert_eq!(header("access-control-allow-origin"), "*", "{path}");
        assert!(
            header("vary").to_ascii_lowercase().contains("host"),
            "{path}"
        );
    }
}

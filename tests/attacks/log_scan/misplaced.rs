//! Requests that fail, with secrets where they do not belong.
//!
//! *Invariant:* every place that a request has is tried: path, query, names and values of a form,
//! JSON, headers, and a line that is no request at all.

use harness::client::{Client, VERIFIER, get, post_form};
use harness::{HttpWeb, Web as _, World};
use serde_json::json;

use super::{Secrets, Seen, keep};
use crate::attacks::{FORM, cookies, encoded, get_with, post, raw};

/// Requests that fail, with every secret where it does not belong.
pub(super) async fn misplaced(world: &World<HttpWeb>, secrets: &Secrets, seen: &mut Seen) {
    let cookie = cookies(&world.browser);
    let csrf = secrets["the csrf field"].clone();
    for (name, secret) in secrets {
        let escaped: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        for path in [
            format!("/{escaped}"),
            format!("/nothing?{escaped}"),
            format!("/authorize?client_id={escaped}"),
            format!("/authorize?{escaped}=1&{escaped}=2"),
            format!("/login/dev?transaction={escaped}"),
            format!("/callback/dev?state={escaped}&code={escaped}"),
            format!("/callback/dev?error={escaped}&state={escaped}"),
            format!("/mcp?access_token={escaped}"),
            format!("/.well-known/oauth-protected-resource/{escaped}"),
        ] {
            keep(
                seen,
                &format!("GET with {name}"),
                &get(&world.web, &path).await,
            );
        }
        for names in [
            ["code", "refresh_token"],
            ["token", "client_secret"],
            ["client_id", "grant_type"],
            ["client_assertion", "scope"],
        ] {
            let fields = [
                (names[0], secret.as_str()),
                (names[1], secret.as_str()),
                ("grant_type", "refresh_token"),
            ];
            for path in ["/token", "/revoke", "/introspect", "/consent", "/login/dev"] {
                keep(
                    seen,
                    &format!("{path} with {name}"),
                    &post_form(&world.web, path, &fields).await,
                );
            }
        }
        let twice = format!("{escaped}=1&{escaped}=2&csrf={csrf}");
        for path in ["/token", "/consent", "/register", "/mcp"] {
            for kind in [FORM, "application/json", "text/plain"] {
                let headers = [("content-type", kind), ("cookie", cookie.as_str())];
                for body in [
                    twice.clone(),
                    secret.clone(),
                    json!({secret: secret, "redirect_uris": [secret]}).to_string(),
                ] {
                    keep(
                        seen,
                        &format!("{path} with {name} in the body"),
                        &post(&world.web, path, &headers, body).await,
                    );
                }
            }
        }
        for header in [
            "authorization",
            "cookie",
            "host",
            "origin",
            "mcp-session-id",
            "x-forwarded-for",
            "user-agent",
            "content-type",
        ] {
            for value in [
                secret.clone(),
                format!("Bearer {secret}x"),
                format!("Basic {secret}"),
            ] {
                for path in ["/mcp", "/token", "/authorize"] {
                    let headers = [(header, value.as_str())];
                    keep(
                        seen,
                        &format!("{header} with {name}"),
                        &get_with(&world.web, path, &headers).await,
                    );
                    keep(
                        seen,
                        &format!("{header} with {name}"),
                        &post(&world.web, path, &headers, "{}").await,
                    );
                }
            }
        }
        let client = Client {
            id: secret.clone(),
            ..world.client.clone()
        };
        keep(
            seen,
            &format!("a client id with {name}"),
            &client.refresh(&world.web, secret).await,
        );
        let broken = format!("GET /{secret} HTTP/9.9\r\n{secret}\r\n\r\n");
        seen.push((
            format!("a broken request with {name}"),
            raw(world.web.issuer(), &broken).await,
        ));
    }
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", secrets["the code"].as_str()),
        ("code_verifier", VERIFIER),
        ("client_id", &world.client.id),
    ];
    let again = post(
        &world.web,
        "/token",
        &[("content-type", FORM)],
        encoded(&fields),
    )
    .await;
    keep(seen, "the code again", &again);
}

//! Server-side request forgery. The attacker names addresses in registrations and requests that
//! lead into this machine or its network; they want us to fetch one.
//!
//! *Invariant:* no address that a stranger names makes us connect to a special-use address, in
//! whichever form it is written.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, Ipv6Addr, TcpListener};

use harness::Web;
use harness::client::{Client, post_json};
use http::StatusCode;
use serde_json::json;

use super::{assert_unharmed, get_with, registered};
use crate::flows::on_a_patient_host;

/// Whoever connects here was led here.
struct Canary(Vec<TcpListener>);

impl Canary {
    fn new() -> (Self, u16) {
        let four = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = four.local_addr().unwrap().port();
        // Where a machine has no IPv6, nobody can be led there.
        let six = TcpListener::bind((Ipv6Addr::LOCALHOST, port));
        let listeners: Vec<_> = [Some(four), six.ok()].into_iter().flatten().collect();
        for listener in &listeners {
            listener.set_nonblocking(true).unwrap();
        }
        (Self(listeners), port)
    }

    fn assert_alone(&self, what: &str) {
        for listener in &self.0 {
            let met = listener.accept().map(|(_, peer)| peer);
            assert!(
                met.is_err_and(|error| error.kind() == ErrorKind::WouldBlock),
                "{what}"
            );
        }
    }
}

/// This machine, in every form in which a parser or a resolver may find it.
fn addresses(port: u16) -> Vec<String> {
    let hosts = [
        "127.0.0.1",
        "127.1",
        "127.0.1",
        "2130706433",
        "0x7f000001",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "017700000001",
        "127.0.0.1.",
        "0.0.0.0",
        "0",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[64:ff9b::127.0.0.1]",
        "[2002:7f00:1::]",
        "[0:0:0:0:0:ffff:7f00:1]",
        "localhost",
        "LOCALHOST",
        "localhost.",
        "x.localhost",
        "token.spin.internal",
        "self.alt",
        "①②⑦.⓪.⓪.①",
        "127。0。0。1",
        "%31%32%37.0.0.1",
        "169.254.169.254",
        "metadata.google.internal",
        "user@127.0.0.1",
        "good.example@127.0.0.1",
    ];
    hosts
        .iter()
        .map(|host| format!("https://{host}:{port}/client.json"))
        .collect()
}

#[tokio::test]
async fn no_client_id_leads_into_this_machine() {
    let world = on_a_patient_host().await;
    let (canary, port) = Canary::new();
    let mut ids = addresses(port);
    ids.push(format!("http://127.0.0.1:{port}/client.json"));
    ids.push(format!("HTTPS://127.0.0.1:{port}/client.json"));
    ids.push(format!("//127.0.0.1:{port}/client.json"));
    ids.push(format!("https:\\\\127.0.0.1:{port}\\client.json"));
    ids.push(format!("gopher://127.0.0.1:{port}/_x"));
    ids.push("file:///etc/passwd".to_owned());
    ids.push(world.web.issuer().to_owned() + "/.well-known/oauth-authorization-server");
    for id in ids {
        let client = Client {
            id: id.clone(),
            ..world.client.clone()
        };
        let page = world
            .browser
            .open(&world.web, &client.authorize_url(&[]))
            .await;
        assert_eq!(page.status, Some(StatusCode::BAD_REQUEST), "{id}");
        let answer = client.refresh(&world.web, "x").await;
        super::assert_refused(&answer, 401, "invalid_client", &id);
        canary.assert_alone(&id);
    }
    assert_unharmed(&world).await;
}

#[tokio::test]
async fn no_address_in_a_registration_or_a_request_is_fetched() {
    let world = on_a_patient_host().await;
    let (canary, port) = Canary::new();
    for address in addresses(port) {
        let mut metadata =
            json!({"redirect_uris": ["https://a.example/"], "token_endpoint_auth_method": "none"});
        for name in [
            "client_uri",
            "logo_uri",
            "tos_uri",
            "policy_uri",
            "jwks_uri",
            "sector_identifier_uri",
            "initiate_login_uri",
            "request_uris",
            "software_statement",
            "backchannel_logout_uri",
        ] {
            metadata[name] = json!(address);
        }
        post_json(&world.web, "/register", &metadata).await;
        canary.assert_alone(&address);
        for name in [
            "request_uri",
            "client_metadata_uri",
            "jwks_uri",
            "registration",
            "id_token_hint",
            "resource",
        ] {
            let link = world.client.authorize_url(&[(name, &address)]);
            get_with(
                &world.web,
                link.strip_prefix(world.web.issuer()).unwrap(),
                &[],
            )
            .await;
        }
        canary.assert_alone(&address);
    }
}

#[tokio::test]
async fn the_keys_of_a_client_are_not_fetched_from_this_machine() {
    let world = on_a_patient_host().await;
    let (canary, port) = Canary::new();
    for address in addresses(port) {
        let metadata = json!({
            "redirect_uris": ["https://a.example/"], "token_endpoint_auth_method": "private_key_jwt",
            "jwks_uri": address,
        });
        let answer = post_json(&world.web, "/register", &metadata).await;
        if answer.status() != StatusCode::CREATED {
            super::assert_refused(&answer, 400, "invalid_client_metadata", &address);
            continue;
        }
        let (client, _) = registered(&world.web, &world.client, &metadata).await;
        let claims = json!({"iss": client.id, "sub": client.id, "aud": world.web.issuer(), "jti": "x", "exp": 1});
        let jwt = format!(
            "{}.{}.AAAA",
            jose::encode(r#"{"alg":"EdDSA"}"#),
            jose::encode(claims.to_string())
        );
        let fields = [
            ("grant_type", "refresh_token"),
            ("refresh_token", "x"),
            (
                "client_assertion_type",
                "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            ),
            ("client_assertion", jwt.as_str()),
        ];
        let answer = client.token(&world.web, &fields).await;
        assert!(
            answer.status().is_client_error() || answer.status() == 503,
            "{address}: {}",
            answer.status()
        );
        canary.assert_alone(&address);
    }
}

#[test]
#[should_panic(expected = "somebody came")]
fn the_canary_notices_who_comes() {
    let (canary, port) = Canary::new();
    let _visit = std::net::TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
    canary.assert_alone("somebody came");
}

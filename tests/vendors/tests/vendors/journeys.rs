//! Every vendor signs somebody in who keeps its rules, and nobody else.

use crate::wire::{Answered, Method, NONCE, REDIRECT_URI, STATE, VERIFIER, Wire, redemption};
use serde_json::{Value, json};
use vendors::{Endpoint, Kind, Person, Vendor};

fn refused(answer: &Answered) -> bool {
    let body = answer.json();
    body.get("access_token").is_none() && body.get("error").is_some()
}

/// Who bears an access token, in the words of the vendor's identity key.
async fn identity(wire: &Wire, tokens: &Value) -> Value {
    let bearer = tokens["access_token"].as_str().unwrap();
    let (endpoint, key) = match wire.vendor.kind() {
        Kind::WorkOs => return tokens["user"]["id"].clone(),
        Kind::Microsoft => (Endpoint::Me, "id"),
        Kind::GitHub => (Endpoint::Userinfo, "id"),
        _ => (Endpoint::Userinfo, "sub"),
    };
    let told = wire.get_endpoint(endpoint, bearer).await;
    assert_eq!(told.status, 200, "{told:?}");
    told.json()[key].clone()
}

#[tokio::test]
async fn a_code_leads_to_a_token_and_the_token_to_a_person_at_every_vendor() {
    for kind in Kind::ALL {
        let wire = Wire::to(kind);
        let back = wire.authorize(&[]).await;
        assert_eq!(back.status, 302, "{kind:?}: {back:?}");
        assert_eq!(back.parameter("state").unwrap(), STATE, "{kind:?}");
        if let Some(issuer) = back.parameter("iss") {
            assert_eq!(issuer, wire.vendor.issuer(), "{kind:?}");
        }
        let answer = wire.redeem(&back.parameter("code").unwrap()).await;
        assert_eq!(answer.status, 200, "{kind:?}: {answer:?}");
        let tokens = answer.json();
        let id = if kind == Kind::GitHub {
            json!(1001)
        } else {
            json!("1001")
        };
        assert_eq!(identity(&wire, &tokens).await, id, "{kind:?}");
        let opaque = [Kind::GitHub, Kind::OAuth2, Kind::WorkOs].contains(&kind);
        assert_eq!(tokens.get("id_token").is_none(), opaque, "{kind:?}");
        let Some(token) = tokens["id_token"].as_str() else {
            continue;
        };
        let claims = wire
            .verified(token)
            .await
            .unwrap_or_else(|| panic!("{kind:?}"));
        assert_eq!(claims["iss"], wire.vendor.issuer(), "{kind:?}");
        assert_eq!(claims["nonce"], NONCE, "{kind:?}");
        let audience = claims["aud"].get(0).unwrap_or(&claims["aud"]);
        assert_eq!(audience, wire.vendor.client_id(), "{kind:?}");
        let document = wire.get_endpoint(Endpoint::Discovery, "").await.json();
        assert_eq!(document["issuer"], wire.vendor.issuer(), "{kind:?}");
        for (member, endpoint) in [
            ("authorization_endpoint", Endpoint::Authorize),
            ("token_endpoint", Endpoint::Token),
            ("userinfo_endpoint", Endpoint::Userinfo),
            ("jwks_uri", Endpoint::Keys),
        ] {
            let url = wire.vendor.endpoint(endpoint).unwrap();
            assert_eq!(document[member], url, "{kind:?}");
        }
    }
}

#[tokio::test]
async fn a_code_is_worth_nothing_without_what_it_was_asked_for_with() {
    for kind in Kind::ALL {
        let wire = Wire::to(kind);
        let changes = [
            (
                "code_verifier",
                "an-other-verifier-that-is-long-enough-to-be-one-00",
            ),
            ("code_verifier", ""),
            ("redirect_uri", "https://postern.example/elsewhere"),
            ("code", "no-such-code"),
            ("grant_type", "password"),
        ];
        for (name, value) in changes {
            // AuthKit never hears of the redirect URI again.
            if kind == Kind::WorkOs && name == "redirect_uri" {
                continue;
            }
            let code = wire.code().await;
            let mut request = redemption(&code);
            for (known, said) in &mut request {
                if *known == name {
                    *said = value;
                }
            }
            let answer = wire.token(&request).await;
            assert!(refused(&answer), "{kind:?} without {name}: {answer:?}");
            let ok = matches!(kind, Kind::GitHub | Kind::Slack);
            assert_eq!(answer.status == 200, ok, "{kind:?}: {answer:?}");
        }
        let code = wire.code().await;
        let bearer = wire.redeem(&code).await.json();
        assert!(refused(&wire.redeem(&code).await), "{kind:?}: twice");
        if kind != Kind::WorkOs {
            let bearer = bearer["access_token"].as_str().unwrap();
            let told = wire.get_endpoint(Endpoint::Userinfo, bearer).await;
            let revoked = told.status == 401 || told.json()["ok"] == false;
            assert!(
                revoked,
                "{kind:?}: what a replayed code gave is revoked: {told:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_verifier_without_a_challenge_is_refused() {
    for kind in Kind::ALL {
        let wire = Wire::to(kind);
        let plain = [("code_challenge", ""), ("code_challenge_method", "")];
        let back = wire.authorize(&plain).await;
        let Some(code) = back.parameter("code") else {
            let needs = [Kind::Descope, Kind::Logto, Kind::Stytch];
            assert!(needs.contains(&kind), "{kind:?}: {back:?}");
            continue;
        };
        assert!(refused(&wire.redeem(&code).await), "{kind:?}");
    }
}

#[tokio::test]
async fn a_client_authenticates_as_its_vendor_wants_it_and_with_its_secret() {
    for kind in Kind::ALL {
        let wire = Wire::to(kind);
        let taken: &[Method] = match kind {
            Kind::Clerk | Kind::Logto => &[Method::Basic],
            Kind::WorkOs => &[Method::Json],
            Kind::Descope | Kind::GitHub | Kind::WorkOsConnect => &[Method::Post],
            _ => &[Method::Basic, Method::Post],
        };
        for method in [Method::Basic, Method::Json, Method::Post] {
            for secret in [wire.vendor.client_secret(), "wrong"] {
                let code = wire.code().await;
                let answer = wire.token_by(method, secret, &redemption(&code)).await;
                let right = taken.contains(&method) && secret != "wrong";
                let told = String::from_utf8_lossy(&answer.body);
                assert_eq!(
                    told.contains("access_token"),
                    right,
                    "{kind:?} {method:?}: {told}"
                );
            }
        }
    }
}

#[tokio::test]
async fn nobody_is_redirected_who_is_not_known() {
    for kind in Kind::ALL {
        let wire = Wire::to(kind);
        let stranger = wire.authorize(&[("client_id", "stranger")]).await;
        assert_eq!(stranger.status, 400, "{kind:?}");
        wire.vendor.redirect_uri("https://postern.example/another");
        assert_eq!(wire.authorize(&[]).await.status, 400, "{kind:?}");
        wire.vendor.redirect_uri(REDIRECT_URI);
        assert_eq!(wire.authorize(&[]).await.status, 302, "{kind:?}");
        let implicit = wire.authorize(&[("response_type", "token")]).await;
        let error = implicit.parameter("error");
        assert_eq!(
            error.as_deref(),
            Some("unsupported_response_type"),
            "{kind:?}"
        );
    }
}

#[tokio::test]
async fn a_refresh_tells_of_the_person_as_they_are_now() {
    for kind in Kind::ALL {
        let wire = Wire::to(kind);
        let first = wire.redeem(&wire.code().await).await.json();
        let Some(refresh_token) = first["refresh_token"].as_str() else {
            assert!(
                [Kind::GitHub, Kind::Slack].contains(&kind),
                "{kind:?}: {first}"
            );
            continue;
        };
        let renamed = Person {
            name: "Ada King".to_owned(),
            ..Person::default()
        };
        wire.vendor.person(renamed.clone());
        let answer = wire.refresh(refresh_token).await;
        assert_eq!(answer.status, 200, "{kind:?}: {answer:?}");
        let second = answer.json();
        if let Some(token) = second["id_token"].as_str() {
            let claims = wire.verified(token).await.unwrap();
            assert_eq!(claims["name"], "Ada King", "{kind:?}");
            assert!(claims.get("nonce").is_none(), "{kind:?}");
        }
        assert_eq!(
            first.get("id_token").is_some(),
            second.get("id_token").is_some(),
            "{kind:?}"
        );
        wire.vendor.person(Person {
            disabled: true,
            ..renamed
        });
        let newest = second["refresh_token"].as_str().unwrap_or(refresh_token);
        let answer = wire.refresh(newest).await;
        assert_eq!(
            answer.json()["error"],
            "invalid_grant",
            "{kind:?}: {answer:?}"
        );
    }
}

#[tokio::test]
async fn a_refresh_token_that_was_rotated_ends_its_grant() {
    for (kind, rotates) in [
        (Kind::Auth0, true),
        (Kind::Okta, true),
        (Kind::WorkOs, true),
        (Kind::Microsoft, false),
        (Kind::Google, false),
    ] {
        let wire = Wire::to(kind);
        let first = wire.redeem(&wire.code().await).await.json();
        let first = first["refresh_token"].as_str().unwrap();
        let second = wire.refresh(first).await.json();
        let again = wire.refresh(first).await;
        assert_eq!(refused(&again), rotates, "{kind:?}: {again:?}");
        if rotates {
            let second = second["refresh_token"].as_str().unwrap();
            assert!(refused(&wire.refresh(second).await), "{kind:?}");
        }
    }
}

#[tokio::test]
async fn a_refresh_token_is_earned() {
    for (kind, less) in [
        (Kind::Google, ("access_type", "online")),
        (Kind::Logto, ("prompt", "")),
        (Kind::Okta, ("scope", "openid")),
    ] {
        let wire = Wire::to(kind);
        let code = wire.authorize(&[less]).await.parameter("code").unwrap();
        let tokens = wire.redeem(&code).await.json();
        assert!(tokens.get("refresh_token").is_none(), "{kind:?}: {tokens}");
    }
    let google = Wire::to(Kind::Google);
    for given in [true, false] {
        let code = google
            .authorize(&[("prompt", "")])
            .await
            .parameter("code")
            .unwrap();
        let tokens = google.redeem(&code).await.json();
        assert_eq!(
            tokens.get("refresh_token").is_some(),
            given,
            "the first consent only"
        );
    }
}

#[tokio::test]
async fn what_was_asked_can_be_looked_at() {
    let wire = Wire::to(Kind::Clerk);
    assert_eq!(wire.vendor.asked(Endpoint::Token), 0);
    assert!(wire.vendor.seen(Endpoint::Token).is_none());
    wire.redeem(&wire.code().await).await;
    assert_eq!(wire.vendor.asked(Endpoint::Token), 1);
    let asked = wire.vendor.seen(Endpoint::Authorize).unwrap();
    assert_eq!(asked.parameter("prompt"), Some("consent"));
    assert_eq!(asked.header("user-agent"), Some("test"));
    let asked = wire.vendor.seen(Endpoint::Token).unwrap();
    assert_eq!(asked.parameter("code_verifier"), Some(VERIFIER));
    assert!(asked.header("authorization").unwrap().starts_with("Basic "));
}

#[tokio::test]
async fn a_browser_without_tls_sees_what_one_with_tls_sees() {
    let vendor = Vendor::start(Kind::OAuth2);
    let url = vendor.url(
        "/authorize?response_type=code&client_id=oauth2-client&redirect_uri=http://localhost/",
    );
    let answer = vendor.visit(&url);
    assert_eq!(answer.status(), 302);
    let location = answer.headers()["location"].to_str().unwrap();
    assert!(
        location.starts_with("http://localhost/?code="),
        "{location}"
    );
}

#[test]
fn every_variable_is_of_the_vendor_and_set() {
    for kind in Kind::ALL {
        let vendor = Vendor::start(kind);
        let variables = vendor.variables();
        assert!(variables.len() >= 3, "{kind:?}");
        let host = |name: &str| name.ends_with("_host") || name.ends_with("_domain");
        let hosts = variables.iter().filter(|(name, _)| host(name));
        let hosts: Vec<_> = hosts.map(|(_, value)| value.as_str()).collect();
        assert!(!hosts.is_empty(), "{kind:?}");
        assert!(
            hosts.iter().all(|host| *host == vendor.authority()),
            "{kind:?}: {hosts:?}"
        );
        let stem = kind.id().split('-').next().unwrap();
        assert!(
            variables.iter().all(|(name, _)| name.starts_with(stem)),
            "{variables:?}"
        );
    }
}

//! What each vendor does that no other does.

use http::Request;
use serde_json::{Value, json};
use vendors::{Algorithm, Endpoint, Kind, Person};

use crate::wire::{Wire, parts, redemption};

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

/// Tokens for a person, asked for with parameters besides.
async fn tokens(wire: &Wire, person: Person, more: &[(&str, &str)]) -> Value {
    wire.vendor.person(person);
    let back = wire.authorize(more).await;
    let code = back
        .parameter("code")
        .unwrap_or_else(|| panic!("no code: {back:?}"));
    wire.redeem(&code).await.json()
}

fn claims(tokens: &Value) -> Value {
    parts(tokens["id_token"].as_str().unwrap()).1
}

fn bearer(tokens: &Value) -> &str {
    tokens["access_token"].as_str().unwrap()
}

#[tokio::test]
async fn github_answers_in_a_form_unless_json_is_asked_for() {
    let wire = Wire::to(Kind::GitHub);
    for (code, expected) in [
        (wire.code().await, "access_token="),
        ("spent".to_owned(), "error=bad_verification_code"),
    ] {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(redemption(&code));
        form.append_pair("client_id", wire.vendor.client_id());
        form.append_pair("client_secret", wire.vendor.client_secret());
        let request = Request::post(wire.vendor.endpoint(Endpoint::Token).unwrap())
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form.finish());
        let answer = wire.send(request.unwrap()).await;
        assert_eq!(answer.status, 200);
        let body = String::from_utf8(answer.body.to_vec()).unwrap();
        assert!(body.starts_with(expected), "{body}");
        assert!(!body.contains("id_token"), "{body}");
    }
}

#[tokio::test]
async fn github_tells_of_a_person_in_four_answers_to_those_who_say_who_they_are() {
    let wire = Wire::to(Kind::GitHub);
    let organizations: Vec<String> = (0..31).map(|number| format!("org-{number}")).collect();
    let person = Person {
        organizations,
        teams: words(&["acme/admins"]),
        ..Person::default()
    };
    let granted = tokens(&wire, person, &[]).await;
    assert_eq!(granted["scope"], "read:user,user:email,read:org");
    let get = |endpoint| wire.get_endpoint(endpoint, bearer(&granted));
    assert_eq!(get(Endpoint::Userinfo).await.json()["email"], Value::Null);
    let emails = get(Endpoint::Emails).await.json();
    assert_eq!(emails[1]["email"], "ada@example.com");
    assert_eq!(emails[1]["primary"], true);
    let first = get(Endpoint::Organizations).await;
    assert_eq!(first.json().as_array().unwrap().len(), 30);
    let link = first.header("link");
    let next = link.split(['<', '>']).nth(1).unwrap();
    let second = wire.get(next, bearer(&granted)).await;
    assert_eq!(second.json()[0]["login"], "org-30");
    assert_eq!(second.header("link"), "");
    let team = get(Endpoint::Teams).await.json();
    assert_eq!(team[0]["organization"]["login"], "acme");
    let nameless = Request::get(wire.vendor.endpoint(Endpoint::Userinfo).unwrap())
        .header("authorization", format!("Bearer {}", bearer(&granted)))
        .body(String::new());
    assert_eq!(wire.send(nameless.unwrap()).await.status, 403);
    let little = tokens(&wire, Person::default(), &[("scope", "read:user")]).await;
    for (endpoint, status) in [(Endpoint::Emails, 404), (Endpoint::Teams, 403)] {
        assert_eq!(
            wire.get_endpoint(endpoint, bearer(&little)).await.status,
            status
        );
    }
}

#[tokio::test]
async fn microsoft_names_a_tenant_in_tokens_and_none_in_common_metadata() {
    let wire = Wire::to(Kind::Microsoft);
    for tenant in ["common", "organizations"] {
        let path = format!("/{tenant}/v2.0/.well-known/openid-configuration");
        let document = wire.get(&wire.vendor.url(&path), "").await.json();
        assert_eq!(document["issuer"], wire.vendor.url("/{tenantid}/v2.0"));
        let keys = wire.vendor.url(&format!("/{tenant}/discovery/v2.0/keys"));
        assert_eq!(document["jwks_uri"], keys);
    }
    let tenant = Some("another-tenant".to_owned());
    let granted = tokens(
        &wire,
        Person {
            tenant,
            ..Person::default()
        },
        &[],
    )
    .await;
    let told = claims(&granted);
    assert_eq!(told["iss"], wire.vendor.url("/another-tenant/v2.0"));
    assert_eq!(
        (&told["tid"], &told["oid"]),
        (&json!("another-tenant"), &json!("1001"))
    );
    assert_ne!(told["sub"], told["oid"]);
    let refused = wire
        .authorize(&[("resource", "https://postern.example/mcp")])
        .await;
    assert_eq!(refused.parameter("error").unwrap(), "invalid_request");
}

#[tokio::test]
async fn microsoft_lists_two_hundred_groups_in_a_token_and_more_in_graph() {
    let wire = Wire::to(Kind::Microsoft);
    for (count, fits) in [(200, true), (201, false)] {
        let groups: Vec<String> = (0..count).map(|number| format!("group-{number}")).collect();
        let granted = tokens(
            &wire,
            Person {
                groups,
                ..Person::default()
            },
            &[],
        )
        .await;
        let told = claims(&granted);
        assert_eq!(told.get("groups").is_some(), fits);
        assert_eq!(told["_claim_names"]["groups"] == "src1", !fits);
        let mut next = wire.vendor.endpoint(Endpoint::Groups);
        let mut found = 0;
        while let Some(url) = next {
            let page = wire.get(&url, bearer(&granted)).await.json();
            found += page["value"].as_array().unwrap().len();
            next = page["@odata.nextLink"].as_str().map(str::to_owned);
        }
        assert_eq!(found, count);
    }
}

#[tokio::test]
async fn google_echoes_scopes_as_addresses_and_knows_the_domain() {
    let wire = Wire::to(Kind::Google);
    let tenant = Some("example.com".to_owned());
    let granted = tokens(
        &wire,
        Person {
            tenant,
            ..Person::default()
        },
        &[],
    )
    .await;
    let scope = "openid https://www.googleapis.com/auth/userinfo.profile \
                 https://www.googleapis.com/auth/userinfo.email";
    assert_eq!(granted["scope"], scope);
    assert_eq!(claims(&granted)["hd"], "example.com");
    assert!(
        claims(&tokens(&wire, Person::default(), &[]).await)
            .get("hd")
            .is_none()
    );
}

#[tokio::test]
async fn auth0_ends_its_issuer_with_a_slash_and_signs_access_tokens_for_an_audience() {
    let wire = Wire::to(Kind::Auth0);
    assert!(wire.vendor.issuer().ends_with('/'));
    let person = Person {
        permissions: words(&["read:all"]),
        ..Person::default()
    };
    let opaque = tokens(&wire, person.clone(), &[]).await;
    assert!(!bearer(&opaque).contains('.'));
    let granted = tokens(&wire, person, &[("audience", "https://api.example")]).await;
    let told = wire.verified(bearer(&granted)).await.unwrap();
    assert_eq!(told["aud"][0], "https://api.example");
    assert_eq!(told["permissions"], json!(["read:all"]));
}

#[tokio::test]
async fn okta_has_an_org_server_and_custom_ones() {
    let wire = Wire::to(Kind::Okta);
    let url = wire.vendor.url("/.well-known/openid-configuration");
    let document = wire.get(&url, "").await.json();
    assert_eq!(document["issuer"], wire.vendor.url(""));
    assert_eq!(
        document["token_endpoint"],
        wire.vendor.url("/oauth2/v1/token")
    );
    let url = wire
        .vendor
        .url("/oauth2/aus1/.well-known/openid-configuration");
    let document = wire.get(&url, "").await.json();
    assert_eq!(document["issuer"], wire.vendor.url("/oauth2/aus1"));
    let person = Person {
        groups: words(&["Everyone"]),
        ..Person::default()
    };
    let granted = tokens(&wire, person, &[]).await;
    assert_eq!(claims(&granted)["groups"], json!(["Everyone"]));
    let told = wire.verified(bearer(&granted)).await.unwrap();
    assert_eq!(told["uid"], "1001");
    assert!(told["scp"].as_array().unwrap().contains(&json!("openid")));
}

#[tokio::test]
async fn slack_says_everything_with_status_200() {
    let wire = Wire::to(Kind::Slack);
    let granted = tokens(&wire, Person::default(), &[]).await;
    assert_eq!(granted["ok"], true);
    assert!(granted.get("expires_in").is_none());
    assert_eq!(claims(&granted)["https://slack.com/user_id"], "1001");
    assert_eq!(claims(&granted)["https://slack.com/team_id"], "T0001");
    let refused = wire.redeem("spent").await;
    assert_eq!(
        (refused.status, refused.json()["ok"].clone()),
        (200, json!(false))
    );
    let unknown = wire.get_endpoint(Endpoint::Userinfo, "unknown").await;
    assert_eq!(
        (unknown.status, unknown.json()["ok"].clone()),
        (200, json!(false))
    );
}

#[tokio::test]
async fn access_sends_assertions_to_what_is_behind_it() {
    let wire = Wire::to(Kind::Access);
    wire.vendor.person(Person {
        groups: words(&["staff"]),
        ..Person::default()
    });
    let assertion = wire.vendor.assertion("the-aud-tag");
    let set = wire.get_endpoint(Endpoint::Certificates, "").await.json();
    let (header, told) = parts(&assertion);
    assert!(
        set["keys"]
            .as_array()
            .unwrap()
            .iter()
            .any(|key| key["kid"] == header["kid"])
    );
    assert!(wire.verified(&assertion).await.is_some());
    assert_eq!(told["aud"], json!(["the-aud-tag"]));
    assert_eq!(told["iss"], wire.vendor.url(""));
    assert_eq!(told["email"], "ada@example.com");
    let identity = Request::get(wire.vendor.endpoint(Endpoint::Identity).unwrap())
        .header("cookie", format!("CF_Authorization={assertion}"))
        .body(String::new());
    assert_eq!(
        wire.send(identity.unwrap()).await.json()["groups"],
        json!(["staff"])
    );
    let (_, service) = parts(&wire.vendor.service_assertion("the-aud-tag", "robot.access"));
    assert_eq!(
        (&service["sub"], &service["common_name"]),
        (&json!(""), &json!("robot.access"))
    );
}

#[tokio::test]
async fn workos_tells_who_it_is_beside_the_tokens() {
    let wire = Wire::to(Kind::WorkOs);
    let person = Person {
        tenant: Some("org_01".to_owned()),
        roles: words(&["admin"]),
        permissions: words(&["files:read"]),
        ..Person::default()
    };
    let granted = tokens(&wire, person, &[]).await;
    assert_eq!(granted["user"]["first_name"], "Ada");
    assert_eq!(granted["organization_id"], "org_01");
    let told = wire.verified(bearer(&granted)).await.unwrap();
    assert_eq!(
        (&told["role"], &told["org_id"]),
        (&json!("admin"), &json!("org_01"))
    );
    assert!(told.get("aud").is_none() && told.get("email").is_none());
    let unnamed = wire.authorize(&[("provider", "")]).await;
    assert_eq!(unnamed.parameter("error").unwrap(), "invalid_request");
}

#[tokio::test]
async fn descope_knows_its_scopes_and_has_roles_in_tenants() {
    let wire = Wire::to(Kind::Descope);
    let unknown = wire.authorize(&[("scope", "openid groups")]).await;
    assert_eq!(
        unknown.parameter("error_description").unwrap(),
        "Received invalid scope"
    );
    let person = Person {
        tenant: Some("T1".to_owned()),
        roles: words(&["admin"]),
        ..Person::default()
    };
    let granted = tokens(&wire, person.clone(), &[]).await;
    assert_eq!(claims(&granted)["tenants"]["T1"]["roles"], json!(["admin"]));
    assert!(claims(&granted).get("roles").is_none());
    let little = tokens(&wire, person, &[("scope", "profile")]).await;
    assert!(little.get("id_token").is_none());
    assert_eq!(
        wire.get_endpoint(Endpoint::Userinfo, bearer(&little))
            .await
            .status,
        403
    );
}

#[tokio::test]
async fn roles_are_where_each_vendor_has_them() {
    let person = Person {
        roles: words(&["admin"]),
        groups: words(&["admin"]),
        public_metadata: json!({ "role": "admin" }),
        ..Person::default()
    };
    for (kind, pointer) in [
        (Kind::Access, "/groups/0"),
        (Kind::Clerk, "/public_metadata/role"),
        (Kind::Descope, "/roles/0"),
        (Kind::DescopeFederated, "/roles/0"),
        (Kind::Keycloak, "/realm_access/roles/0"),
        (Kind::Logto, "/roles/0"),
        (Kind::Microsoft, "/roles/0"),
        (Kind::Oidc, "/roles/0"),
        (Kind::Okta, "/groups/0"),
    ] {
        let wire = Wire::to(kind);
        let told = claims(&tokens(&wire, person.clone(), &[]).await);
        assert_eq!(
            told.pointer(pointer),
            Some(&json!("admin")),
            "{kind:?}: {told}"
        );
        let less = claims(&tokens(&wire, person.clone(), &[("scope", "openid")]).await);
        let asked = [Kind::Access, Kind::Clerk, Kind::Logto, Kind::Okta].contains(&kind);
        assert_eq!(less.pointer(pointer).is_none(), asked, "{kind:?}: {less}");
        assert!(
            less.get("email").is_none() && less.get("name").is_none(),
            "{kind:?}: {less}"
        );
    }
}

#[tokio::test]
async fn a_token_of_ones_own_is_signed_with_a_key_in_the_set() {
    let wire = Wire::to(Kind::Oidc);
    let told = json!({ "iss": wire.vendor.issuer(), "sub": "robot" });
    for algorithm in [
        Algorithm::EdDsa,
        Algorithm::Es256,
        Algorithm::Es384,
        Algorithm::Ps256,
        Algorithm::Rs256,
        Algorithm::Rs384,
        Algorithm::Rs512,
    ] {
        let token = wire.vendor.token(&told, algorithm);
        assert_eq!(parts(&token).0["alg"], algorithm.name());
        assert_eq!(
            wire.verified(&token).await,
            Some(told.clone()),
            "{algorithm:?}"
        );
    }
    for algorithm in [Algorithm::None, Algorithm::Hs256] {
        let token = wire.vendor.token(&told, algorithm);
        assert_eq!(wire.verified(&token).await, None, "{algorithm:?}");
    }
}

use jose::Algorithm;
use serde_json::{Value, json};

use super::{Discovered, DiscoveryRefused};
use crate::catalogue::CATALOGUE;
use crate::provider::Told;
use crate::samples::{OTHER_TENANT, TENANT, set, upstream};
use crate::upstream::Upstream;

/// A document as `issuer` publishes it.
fn document(issuer: &str) -> Value {
    let at = |path: &str| format!("{}{path}", issuer.trim_end_matches('/'));
    json!({
        "issuer": issuer,
        "authorization_endpoint": at("/authorize"),
        "token_endpoint": at("/token"),
        "userinfo_endpoint": at("/userinfo"),
        "jwks_uri": at("/jwks"),
        "response_types_supported": ["code"],
        "id_token_signing_alg_values_supported": ["RS256", "ES384"],
        "claims_supported": ["sub", { "odd": [null] }],
    })
}

fn with(mut document: Value, name: &str, value: impl Into<Value>) -> Value {
    document[name] = value.into();
    document
}

fn read(upstream: &Upstream, document: &Value) -> Result<Discovered, DiscoveryRefused> {
    upstream.discovered(document.to_string().as_bytes())
}

const ISSUER: &str = "https://id.acme.example/a";

#[test]
fn metadata_is_where_the_issuer_is() {
    for (id, expected) in [
        ("auth0", "https://acme.auth0.example/"),
        ("clerk", "https://clerk.acme.example/"),
        ("google", "https://accounts.google.com/"),
        ("keycloak", "https://sso.acme.example/realms/staff/"),
        ("logto", "https://logto.acme.example/oidc/"),
        (
            "microsoft",
            "https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0/",
        ),
        ("oidc", "https://id.acme.example/a/"),
        ("okta", "https://acme.okta.example/oauth2/default/"),
        ("slack", "https://slack.com/"),
        ("workos-connect", "https://acme.authkit.example/"),
    ] {
        let found = upstream(id).metadata_url();
        let expected = format!("{expected}.well-known/openid-configuration");
        assert_eq!(found, Some(expected), "{id}");
    }
    for id in [
        "access",
        "descope",
        "descope-federated",
        "github",
        "oauth2",
        "stytch",
        "workos",
    ] {
        let upstream = upstream(id);
        assert_eq!(upstream.metadata_url(), None, "{id}");
        let known = upstream.undiscovered();
        assert_eq!(known.endpoints, upstream.endpoints);
        assert_eq!(known.issuer, upstream.issuer);
        assert_eq!(known.algorithms, Algorithm::ALL);
    }
}

#[test]
fn every_provider_that_is_discovered_believes_its_own_document() {
    for provider in CATALOGUE {
        let upstream = upstream(provider.id);
        if upstream.metadata_url().is_none() {
            continue;
        }
        let known = read(&upstream, &document(upstream.issuer.as_deref().unwrap()));
        let known = known.unwrap_or_else(|refused| panic!("{}: {refused}", provider.id));
        assert!(known.endpoints.is_whole(provider), "{}", provider.id);
        assert_eq!(known.algorithms, [Algorithm::Rs256, Algorithm::Es384]);
        assert!(!known.names_itself);
        assert_eq!(provider.told, Told::IdToken);
    }
}

#[test]
fn a_pasted_slash_is_no_other_issuer_and_nothing_else_is_the_same() {
    let slashed = format!("{ISSUER}/");
    for (pasted, named) in [
        (ISSUER, ISSUER),
        (ISSUER, slashed.as_str()),
        (&slashed, ISSUER),
        (&slashed, &slashed),
    ] {
        let oidc = set("oidc", &[("oidc_issuer", pasted)]);
        let known = read(&oidc, &document(named)).unwrap();
        // Tokens must name what the document names.
        assert_eq!(known.issuer.as_deref(), Some(named));
    }
    let oidc = upstream("oidc");
    for other in [
        "",
        "/",
        "https://id.acme.example",
        "https://id.acme.example/",
        "https://id.acme.example/A",
        "https://id.acme.example/a//",
        "https://id.acme.example/a/b",
        "https://id.acme.example/a?",
        "https://id.acme.example/a#",
        "https://id.acme.example/./a",
        "https://id.acme.example:443/a",
        "https://ID.acme.example/a",
        "http://id.acme.example/a",
        "https://id.acme.example.evil.example/a",
        "https://\u{24d8}d.acme.example/a",
        " https://id.acme.example/a",
    ] {
        let document = with(document(ISSUER), "issuer", other);
        assert_eq!(
            read(&oidc, &document),
            Err(DiscoveryRefused::Issuer),
            "{other:?}"
        );
    }
}

#[test]
fn a_document_of_microsoft_names_the_tenant_that_was_asked_for() {
    let at = |tenant: &str| format!("https://login.microsoftonline.com/{tenant}/v2.0");
    let consumers = "9188040d-6c67-4c5b-b112-36a304b66dad";
    for (ours, named, holds) in [
        (TENANT, at(TENANT), true),
        (TENANT, at(OTHER_TENANT), false),
        (TENANT, at("{tenantid}"), false),
        (TENANT, at("common"), false),
        ("common", at("{tenantid}"), true),
        ("Common", at("{tenantid}"), true),
        ("common", at("common"), false),
        ("common", at(TENANT), false),
        ("organizations", at("{tenantid}"), true),
        ("organizations", at(consumers), false),
        ("consumers", at(consumers), true),
        ("consumers", at("{tenantid}"), false),
        ("contoso.example", at(TENANT), true),
        ("contoso.example", at("contoso.example"), false),
        ("contoso.example", at("{tenantid}"), false),
        ("contoso.example", at("a/b"), false),
    ] {
        let found = names_itself(ours, &named);
        let expected = if holds {
            Ok(Some(named))
        } else {
            Err(DiscoveryRefused::Issuer)
        };
        assert_eq!(found, expected, "{ours}");
    }
}

#[test]
fn an_answer_for_many_tenants_names_one_of_them() {
    let microsoft = set("microsoft", &[("microsoft_tenant_id", "common")]);
    let mut document = document("https://login.microsoftonline.com/x");
    document["issuer"] = "https://login.microsoftonline.com/{tenantid}/v2.0".into();
    let known = read(&microsoft, &document).unwrap();
    let at = |tenant: &str| format!("https://login.microsoftonline.com/{tenant}/v2.0");
    for (iss, expected) in [
        (at(TENANT), true),
        (at(OTHER_TENANT), true),
        (at("{tenantid}"), true),
        (at("common"), false),
        (at("a/b"), false),
        (at(TENANT).replace("microsoftonline", "evil"), false),
        ("https://evil.example".to_owned(), false),
    ] {
        assert_eq!(known.is_answerer(Some(&iss)), expected, "{iss}");
    }
}

/// What Microsoft is known as, asked for the tenant `ours`, by a document that names `named`.
fn names_itself(ours: &str, named: &str) -> Result<Option<String>, DiscoveryRefused> {
    let microsoft = set("microsoft", &[("microsoft_tenant_id", ours)]);
    let mut document = document("https://login.microsoftonline.com/x");
    document["issuer"] = named.into();
    read(&microsoft, &document).map(|known| known.issuer)
}

#[test]
fn what_looks_like_microsoft_is_not() {
    let at = |tenant: &str| format!("https://login.microsoftonline.com/{tenant}/v2.0");
    for (ours, named) in [
        (TENANT, format!("{}/", at(TENANT))),
        (TENANT, format!("{}/v2.0", at(TENANT))),
        (
            TENANT,
            format!("https://login.microsoftonline.com/x/{TENANT}/v2.0"),
        ),
        (
            TENANT,
            format!("https://login.microsoftonline.com.evil.example/{TENANT}/v2.0"),
        ),
        (
            TENANT,
            format!("https://login.microsoftonline.us/{TENANT}/v2.0"),
        ),
        (
            TENANT,
            format!("https://evil.example/login.microsoftonline.com/{TENANT}/v2.0"),
        ),
        (
            TENANT,
            format!("http://login.microsoftonline.com/{TENANT}/v2.0"),
        ),
        (TENANT, format!("https://sts.windows.net/{TENANT}/")),
        (
            "common",
            "https://login.microsoftonline.com/v2.0".to_owned(),
        ),
        ("common", "https://evil.example/{tenantid}/v2.0".to_owned()),
        ("common", "/v2.0".to_owned()),
    ] {
        let found = names_itself(ours, &named);
        assert_eq!(found, Err(DiscoveryRefused::Issuer), "{ours}: {named}");
    }
}

#[test]
fn endpoints_elsewhere_are_refused() {
    let oidc = set("oidc", &[("oidc_token_host", "api.acme.example")]);
    let bad = [
        "https://evil.example/x",
        "http://id.acme.example/x",
        "https://id.acme.example:8443/x",
        "https://id.acme.example@evil.example/x",
        "https://user@id.acme.example/x",
        "https://id.acme.example.evil.example/x",
        "https://id.acme.example\\@evil.example/x",
        "https://id.acme.example/x#y",
        "/x",
        "",
        "javascript:alert(1)",
    ];
    for name in ["token_endpoint", "userinfo_endpoint", "jwks_uri"] {
        for url in bad {
            let document = with(document(ISSUER), name, url);
            assert_eq!(
                read(&oidc, &document),
                Err(DiscoveryRefused::Host),
                "{name}: {url}"
            );
        }
        let document = with(document(ISSUER), name, "https://api.acme.example/x");
        assert!(read(&oidc, &document).is_ok());
    }
    // A browser may go anywhere but to what is no page.
    for (url, holds) in [
        ("https://pages.acme.example/authorize?a=b", true),
        ("http://id.acme.example/authorize", false),
        ("https://", false),
        ("https://user:pass@id.acme.example/", false),
        ("https://id.acme.example/#a", false),
        ("javascript:alert(1)", false),
        ("", false),
    ] {
        let document = with(document(ISSUER), "authorization_endpoint", url);
        assert_eq!(read(&oidc, &document).is_ok(), holds, "{url}");
    }
}

#[test]
fn what_is_needed_must_be_there() {
    let oidc = upstream("oidc");
    for (name, reason) in [
        ("issuer", Some(DiscoveryRefused::Malformed)),
        ("authorization_endpoint", Some(DiscoveryRefused::Missing)),
        ("token_endpoint", Some(DiscoveryRefused::Missing)),
        ("jwks_uri", Some(DiscoveryRefused::Missing)),
        ("userinfo_endpoint", None),
        ("id_token_signing_alg_values_supported", None),
    ] {
        let mut document = document(ISSUER);
        document.as_object_mut().unwrap().remove(name);
        assert_eq!(read(&oidc, &document).err(), reason, "{name}");
    }
}

#[test]
fn algorithms_are_those_that_are_named_and_known() {
    let oidc = upstream("oidc");
    for (named, expected) in [
        (json!([]), Algorithm::ALL.to_vec()),
        (json!(["RS256"]), vec![Algorithm::Rs256]),
        (
            json!(["none", "HS256", "ES256", "XX"]),
            vec![Algorithm::Es256],
        ),
        (json!(["none"]), vec![]),
        (json!(["rs256"]), vec![]),
    ] {
        let document = with(
            document(ISSUER),
            "id_token_signing_alg_values_supported",
            named,
        );
        assert_eq!(read(&oidc, &document).unwrap().algorithms, expected);
    }
    let document = with(
        document(ISSUER),
        "authorization_response_iss_parameter_supported",
        true,
    );
    assert!(read(&oidc, &document).unwrap().names_itself);
}

#[test]
fn what_two_readers_could_read_differently_is_refused() {
    let oidc = upstream("oidc");
    let whole = document(ISSUER).to_string();
    let twice = whole.replacen('{', r#"{"issuer":"https://evil.example","#, 1);
    let escaped = whole.replacen(
        '{',
        r#"{"token\u005fendpoint":"https://id.acme.example/b","#,
        1,
    );
    let deep = with(
        document(ISSUER),
        "deep",
        serde_json::from_str::<Value>(
            &"[".repeat(100)
                .chars()
                .chain("]".repeat(100).chars())
                .collect::<String>(),
        )
        .unwrap(),
    );
    assert!(read(&oidc, &deep).is_ok());
    let deeper = whole.replacen(
        '{',
        &format!("{{\"d\":{}{},", "[".repeat(200), "]".repeat(200)),
        1,
    );
    let list = json!([
        ISSUER,
        "https://id.acme.example/a",
        "https://id.acme.example/t",
        null,
        "https://id.acme.example/j",
        [],
        false
    ]);
    for json in [
        "",
        "null",
        "[]",
        "{}",
        "<html>",
        &twice,
        &escaped,
        &deeper,
        &list.to_string(),
        &format!("{whole} {whole}"),
        whole.trim_end_matches('}'),
        &with(document(ISSUER), "issuer", json!([ISSUER])).to_string(),
        &with(document(ISSUER), "token_endpoint", 1).to_string(),
        &with(
            document(ISSUER),
            "id_token_signing_alg_values_supported",
            "RS256",
        )
        .to_string(),
    ] {
        let refused = oidc.discovered(json.as_bytes());
        assert_eq!(refused, Err(DiscoveryRefused::Malformed), "{json}");
    }
    assert!(oidc.discovered(b"\xff{}").is_err());
}

#[test]
fn an_answer_in_the_browser_names_who_answers() {
    let oidc = read(&upstream("oidc"), &document(ISSUER)).unwrap();
    let name = "authorization_response_iss_parameter_supported";
    let naming = read(&upstream("oidc"), &with(document(ISSUER), name, true)).unwrap();
    let github = upstream("github").undiscovered();
    for (known, iss, expected) in [
        (&oidc, None, true),
        (&oidc, Some(ISSUER), true),
        (&oidc, Some("https://id.acme.example/a/"), false),
        (&oidc, Some("https://evil.example"), false),
        (&oidc, Some(""), false),
        (&naming, None, false),
        (&naming, Some(ISSUER), true),
        (&github, None, true),
        (&github, Some("https://github.com/login/oauth"), true),
    ] {
        assert_eq!(known.is_answerer(iss), expected, "{iss:?}");
    }
}

use serde_json::{Value, json};

use super::UpstreamRefused;
use crate::address::{is_address, is_host, is_name};
use crate::catalogue::CATALOGUE;
use crate::provider::Content;
use crate::samples::{self, CLIENT, SECRET, TENANT, read, set, upstream, wishes};
use crate::wishes::Wishes;

fn missing(missing: &str, given: &'static str) -> UpstreamRefused {
    let missing = missing.to_owned();
    UpstreamRefused::Missing { missing, given }
}

#[test]
fn a_provider_is_on_where_its_client_id_is() {
    for provider in CATALOGUE {
        let anyone = || wishes(json!({ "allow": "anyone" }));
        assert!(read(provider.id, anyone(), &[]).unwrap().is_some());
        for unset in ["", "  \n"] {
            let off = read(provider.id, anyone(), &[(provider.client_id, unset)]);
            assert!(off.unwrap().is_none(), "{}", provider.id);
        }
        if let Some(other) = provider.unless {
            let off = read(provider.id, anyone(), &[(other, "set")]);
            assert!(off.unwrap().is_none(), "{}", provider.id);
        }
    }
}

#[test]
fn every_variable_that_is_needed_is_asked_for_by_name() {
    for provider in CATALOGUE {
        let needed = provider.variables.iter();
        let needed = needed.filter(|variable| !variable.optional && variable.default.is_empty());
        let needed = needed.map(|variable| variable.name);
        let secret = Some(provider.client_secret).filter(|_| !provider.public_clients);
        for name in needed.chain(secret) {
            let refused = read(provider.id, Wishes::default(), &[(name, "")]).unwrap_err();
            assert_eq!(refused, missing(name, provider.client_id));
            assert!(refused.to_string().contains(name));
        }
        if provider.public_clients {
            let public = set(provider.id, &[(provider.client_secret, "")]);
            assert_eq!(public.client_secret, None, "{}", provider.id);
        }
    }
}

#[test]
fn what_people_paste_around_a_value_is_no_part_of_it() {
    let found = set(
        "google",
        &[
            ("google_client_id", " the-client\n"),
            ("google_client_secret", "the-secret\n"),
            ("hosted_domain", " Acme.example "),
            ("google_host", "Accounts.Google.com"),
        ],
    );
    assert_eq!(found.client_id, CLIENT);
    assert_eq!(found.client_secret.as_deref(), Some(SECRET));
    assert_eq!(found.hosted_domain.as_deref(), Some("Acme.example"));
    assert!(found.reaches("https://accounts.google.com/o/oauth2/v2/auth"));
}

const BAD_HOSTS: &[&str] = &[
    "https://acme.example",
    "acme.example/",
    "acme.example/path",
    "acme.example?a",
    "acme.example#a",
    "user@acme.example",
    "user:pass@acme.example",
    "acme .example",
    "acme.example\\b",
    "acme.example:443",
    "ac\u{0}me",
    "b\u{fc}cher.example",
    "acme.ex%61mple",
    "*",
    "*.acme.example",
    "{auth0_domain}",
];
const BAD_URLS: &[&str] = &[
    "acme.example",
    "http://acme.example",
    "https://",
    "https://user@acme.example",
    "https://:pass@acme.example",
    "https://acme.example/#a",
    "ftp://acme.example",
];
const BAD_NAMES: &[&str] = &[
    "..",
    "a/b",
    "a?b",
    "a b",
    "a#b",
    "a%2fb",
    "a\\b",
    "@a",
    "{tenantid}",
    "-",
];

#[test]
fn a_malformed_variable_is_refused_by_name() {
    for provider in CATALOGUE {
        for variable in provider.variables {
            let bad = match variable.content {
                Content::Host => BAD_HOSTS,
                Content::Url => BAD_URLS,
                Content::Text(_) if variable.optional => &[],
                Content::Text(_) => BAD_NAMES,
            };
            for value in bad {
                let refused = read(provider.id, Wishes::default(), &[(variable.name, value)]);
                let expected = UpstreamRefused::Malformed(variable.name, variable.what());
                assert_eq!(refused.unwrap_err(), expected, "{value}");
            }
        }
    }
    for good in [
        "acme.example",
        "ACME.example",
        "acme.example:8443",
        "127.0.0.1",
        "[::1]:8080",
    ] {
        assert!(is_host(good), "{good}");
    }
    for good in ["https://acme.example", "https://acme.example:8443/a?b=c"] {
        assert!(is_address(good), "{good}");
    }
    for good in [TENANT, "common", "contoso.onmicrosoft.com", "P2_abc"] {
        assert!(is_name(good), "{good}");
    }
}

#[test]
fn an_address_elsewhere_names_the_variable_of_the_host() {
    for (id, url, host) in [
        ("access", "access_token_url", "access_host"),
        ("access", "access_jwks_url", "access_host"),
        ("clerk", "clerk_frontend_api", "clerk_host"),
        ("keycloak", "keycloak_issuer", "keycloak_host"),
        ("logto", "logto_endpoint", "logto_host"),
        ("oauth2", "oauth2_token_url", "oauth2_host"),
        ("oauth2", "oauth2_userinfo_url", "oauth2_userinfo_host"),
        ("oidc", "oidc_issuer", "oidc_host"),
        ("okta", "okta_issuer", "okta_host"),
    ] {
        let elsewhere = "https://elsewhere.example:8443/token";
        let refused = read(id, Wishes::default(), &[(url, elsewhere)]).unwrap_err();
        let expected = UpstreamRefused::Host {
            provider: upstream(id).provider.id,
            variable: host.to_owned(),
            host: "elsewhere.example:8443".to_owned(),
        };
        assert_eq!(refused, expected, "{url}");
    }
    set(
        "oauth2",
        &[
            ("oauth2_userinfo_url", "https://api.acme.example/me"),
            ("oauth2_userinfo_host", "api.acme.example"),
        ],
    );
    let refused = read(
        "access",
        Wishes::default(),
        &[("access_token_url", "https://a.example/tokens")],
    );
    let expected = UpstreamRefused::Suffix("access_token_url".to_owned(), "/token".to_owned());
    assert_eq!(refused.unwrap_err(), expected);
}

#[test]
fn whoever_reads_a_url_sees_the_same_host() {
    let oidc = set("oidc", &[("oidc_token_host", "api.acme.example:8443")]);
    for (url, expected) in [
        ("https://id.acme.example/token", true),
        ("https://id.acme.example:443/token?a=b", true),
        ("https://ID.acme.example/token", true),
        ("https://api.acme.example:8443/", true),
        ("https://api.acme.example/", false),
        ("http://id.acme.example/token", false),
        ("https://id.acme.example:444/", false),
        ("https://id.acme.example./", false),
        ("https://id.acme.example@evil.example/", false),
        ("https://evil.example@id.acme.example/", false),
        ("https://id.acme.example\\@evil.example/", false),
        ("https://evil.example\\.id.acme.example/", false),
        ("https://id.acme.example#@evil.example/", false),
        ("https://id.acme.example.evil.example/", false),
        ("https://id.acme.exam\nple/", false),
        (" https://id.acme.example/", false),
        ("https:id.acme.example/", false),
        ("https:///id.acme.example/", false),
        ("//id.acme.example/", false),
        ("https://id%2eacme.example/", false),
        ("https://\u{24d8}d.acme.example/", false),
        ("id.acme.example", false),
        ("", false),
    ] {
        assert_eq!(oidc.reaches(url), expected, "{url:?}");
    }
}

#[test]
fn where_anybody_has_an_account_somebody_says_who_may_come() {
    let (nothing, tenants) = (json!({}), json!({ "tenants": [TENANT] }));
    let issuer = |issuer, host| vec![("oidc_issuer", issuer), ("oidc_host", host)];
    let cases = [
        ("github", nothing.clone(), vec![], false),
        ("github", json!({ "allow": "anyone" }), vec![], true),
        ("github", json!({ "allow": { "ids": ["1"] } }), vec![], true),
        ("github", json!({ "roles": {} }), vec![], false),
        // Nobody looks at tenants there.
        ("github", tenants.clone(), vec![], false),
        ("slack", nothing.clone(), vec![], false),
        ("oauth2", nothing.clone(), vec![], false),
        ("google", nothing.clone(), vec![], false),
        (
            "google",
            nothing.clone(),
            vec![("hosted_domain", "acme.example")],
            true,
        ),
        (
            "google",
            nothing.clone(),
            vec![("hosted_domain", " ")],
            false,
        ),
        ("oidc", nothing.clone(), vec![], true),
        (
            "oidc",
            nothing.clone(),
            issuer("https://gitlab.com", "gitlab.com"),
            false,
        ),
        (
            "oidc",
            nothing.clone(),
            issuer("https://GitLab.com/", "gitlab.com"),
            false,
        ),
        ("auth0", nothing, vec![], true),
    ];
    for (id, text, others, starts) in cases {
        assert_eq!(
            starts_with(id, &text, &others),
            starts,
            "{id} {text} {others:?}"
        );
    }
}

/// Whether the provider starts so; it does unless nobody said who may come.
fn starts_with(id: &'static str, text: &Value, others: &[(&str, &str)]) -> bool {
    match read(id, wishes(text.clone()), others) {
        Ok(found) => found.is_some(),
        Err(refused) => {
            assert_eq!(refused, UpstreamRefused::Anyone(id));
            false
        }
    }
}

#[test]
fn whoever_has_an_account_at_microsoft_comes_only_where_somebody_said_so() {
    let consumers = "9188040d-6c67-4c5b-b112-36a304b66dad";
    let (nothing, tenants) = (json!({}), json!({ "tenants": [TENANT] }));
    let tenant = |tenant| vec![("microsoft_tenant_id", tenant)];
    for (text, others, starts) in [
        (nothing.clone(), vec![], true),
        (nothing.clone(), tenant("contoso.example"), true),
        (nothing.clone(), tenant("common"), false),
        (nothing.clone(), tenant(" Organizations "), false),
        (nothing.clone(), tenant("consumers"), false),
        (nothing.clone(), tenant(consumers), false),
        (tenants, tenant("common"), true),
        (
            json!({ "tenants": [TENANT, consumers] }),
            tenant("common"),
            false,
        ),
    ] {
        assert_eq!(
            starts_with("microsoft", &text, &others),
            starts,
            "{text} {others:?}"
        );
    }
}

#[test]
fn nobody_writes_their_own_roles() {
    let text = json!({ "allow": "anyone", "role_claim": "user_metadata.role" });
    let refused = read("auth0", wishes(text), &[]).unwrap_err();
    assert_eq!(refused, UpstreamRefused::RoleClaim("auth0"));
}

#[test]
fn a_button_says_what_the_operator_or_else_the_catalogue_says() {
    assert_eq!(upstream("google").title(), "Google");
    let own = samples::wished("auth0", json!({ "title": "Acme staff" }));
    assert_eq!(own.title(), "Acme staff");
}

#[test]
fn a_secret_is_never_printed() {
    for provider in CATALOGUE {
        let printed = format!("{:?}", upstream(provider.id));
        assert!(
            !printed.contains(SECRET) && printed.contains(provider.id),
            "{printed}"
        );
    }
}

#[test]
fn endpoints_are_where_their_documentation_says() {
    let access = "https://acme.example/cdn-cgi/access/sso/oidc/app";
    let cases = [
        (
            "access",
            access,
            ["/authorization", "/token", "/userinfo", "/jwks"],
        ),
        (
            "descope",
            "https://api.descope.com",
            [
                "/oauth2/v1/apps/authorize",
                "/oauth2/v1/apps/token",
                "/oauth2/v1/apps/userinfo",
                "/P2abc/.well-known/jwks.json",
            ],
        ),
        (
            "descope-federated",
            "https://api.descope.com",
            [
                "/oauth2/v1/authorize",
                "/oauth2/v1/token",
                "/oauth2/v1/userinfo",
                "/the-client/.well-known/jwks.json",
            ],
        ),
        (
            "workos",
            "https://api.workos.com",
            [
                "/user_management/authorize",
                "/user_management/authenticate",
                "",
                "/sso/jwks/the-client",
            ],
        ),
    ];
    for (id, base, paths) in cases {
        let found = upstream(id).endpoints;
        let found = [found.authorization, found.token, found.userinfo, found.jwks];
        let whole = |path: &str| (!path.is_empty()).then(|| format!("{base}{path}"));
        assert_eq!(found, paths.map(whole), "{id}");
    }
}

#[test]
fn endpoints_at_two_hosts_are_where_their_documentation_says() {
    let found = upstream("github").endpoints;
    let found = [found.authorization, found.token, found.userinfo, found.jwks];
    let expected = [
        Some("https://github.com/login/oauth/authorize"),
        Some("https://github.com/login/oauth/access_token"),
        Some("https://api.github.com/user"),
        None,
    ];
    assert_eq!(found, expected.map(|url| url.map(str::to_owned)));
    let found = upstream("stytch").endpoints;
    let found = [found.authorization, found.token, found.userinfo, found.jwks];
    let expected = [
        "https://app.acme.example/authorize",
        "https://acme.stytch.example/v1/oauth2/token",
        "https://acme.stytch.example/v1/oauth2/userinfo",
        "https://acme.stytch.example/.well-known/jwks.json",
    ];
    assert_eq!(found, expected.map(|url| Some(url.to_owned())));
}

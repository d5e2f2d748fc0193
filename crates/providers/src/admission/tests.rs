use serde_json::{Value, json};

use super::AdmissionRefused;
use crate::claims::{Claims, PersonRefused};
use crate::samples::{object, read, wished, wishes};
use crate::upstream::Upstream;

fn judged(upstream: &Upstream, mut claims: Value) -> Option<AdmissionRefused> {
    if claims.get("sub").is_none() {
        claims["sub"] = "1".into();
    }
    match upstream.person(&Claims::of_token(object(claims))) {
        Ok(_) => None,
        Err(PersonRefused::Admission(refused)) => Some(refused),
        Err(other) => panic!("{other}"),
    }
}

fn allowed(allow: &Value, claims: Value) -> Option<AdmissionRefused> {
    judged(&wished("oidc", json!({ "allow": allow })), claims)
}

const NOT_LISTED: Option<AdmissionRefused> = Some(AdmissionRefused::NotListed);
const UNVERIFIED: Option<AdmissionRefused> = Some(AdmissionRefused::Unverified);
const HOSTED_DOMAIN: Option<AdmissionRefused> = Some(AdmissionRefused::HostedDomain);

#[test]
fn without_a_rule_whoever_has_an_account_comes() {
    assert_eq!(judged(&wished("oidc", json!({})), json!({})), None);
    assert_eq!(allowed(&json!("anyone"), json!({})), None);
}

#[test]
fn a_domain_is_compared_whole() {
    let allow = json!({ "domains": ["acme.example"] });
    for (email, expected) in [
        ("ada@acme.example", None),
        ("Ada@ACME.Example", None),
        ("ada+x@acme.example", None),
        ("\"ada@evil.example\"@acme.example", None),
        ("ada@acme.example.", NOT_LISTED),
        ("ada@acme.example.evil.example", NOT_LISTED),
        ("ada@evilacme.example", NOT_LISTED),
        ("ada@sub.acme.example", NOT_LISTED),
        ("ada@acme.example@evil.example", NOT_LISTED),
        ("acme.example", NOT_LISTED),
        ("@acme.example", NOT_LISTED),
        ("ada@", NOT_LISTED),
        ("ada@acme.example\u{200b}", NOT_LISTED),
        ("ada@acme.example ", NOT_LISTED),
        // Letters that look alike are others.
        ("ada@\u{430}cme.example", NOT_LISTED),
        ("ada@a\u{ff43}me.example", NOT_LISTED),
        ("ada@acme\u{3002}example", NOT_LISTED),
        ("ada@xn--cme-5cd.example", NOT_LISTED),
    ] {
        let claims = json!({ "email": email, "email_verified": true });
        assert_eq!(allowed(&allow, claims), expected, "{email}");
    }
    // The Kelvin sign is a k to whoever folds case beyond ASCII.
    let allow = json!({ "domains": ["kelvin.example"], "emails": ["k@acme.example"] });
    for email in ["a@\u{212a}elvin.example", "\u{212a}@acme.example"] {
        let claims = json!({ "email": email, "email_verified": true });
        assert_eq!(allowed(&allow, claims), NOT_LISTED, "{email}");
    }
}

#[test]
fn an_address_counts_where_it_is_verified() {
    let cases = [
        (json!(true), None),
        (json!("true"), None),
        (json!(false), UNVERIFIED),
        (json!("false"), UNVERIFIED),
        (json!("True"), UNVERIFIED),
        (json!("1"), UNVERIFIED),
        (json!(1), UNVERIFIED),
        (json!(null), UNVERIFIED),
        (json!([true]), UNVERIFIED),
    ];
    for allow in [
        json!({ "domains": ["acme.example"] }),
        json!({ "emails": ["ADA@acme.example"] }),
    ] {
        for (verified, expected) in cases.clone() {
            let claims = json!({ "email": "ada@acme.example", "email_verified": verified });
            assert_eq!(allowed(&allow, claims), expected, "{allow} {verified}");
        }
        assert_eq!(
            allowed(&allow, json!({ "email_verified": true })),
            NOT_LISTED
        );
    }
}

#[test]
fn a_word_for_one_address_is_none_for_another() {
    // Whoever runs a tenant of Microsoft's writes what they like there.
    let microsoft = wished(
        "microsoft",
        json!({ "allow": { "domains": ["acme.example"] } }),
    );
    for claims in [
        json!({ "preferred_username": "ceo@acme.example", "email_verified": true }),
        json!({ "userPrincipalName": "ceo@acme.example", "email_verified": true }),
        json!({ "mail": "ceo@acme.example", "email_verified": "true" }),
    ] {
        let mut claims = claims;
        claims["tid"] = "t".into();
        claims["oid"] = "o".into();
        assert_eq!(judged(&microsoft, claims.clone()), UNVERIFIED, "{claims}");
    }
}

#[test]
fn an_id_or_a_group_needs_no_address() {
    let allow = json!({ "ids": ["ada"], "groups": ["Staff"] });
    for (claims, expected) in [
        (json!({ "sub": "ada" }), None),
        (json!({ "sub": "Ada" }), NOT_LISTED),
        (json!({ "sub": "oidc:ada" }), NOT_LISTED),
        (json!({ "groups": ["Staff"] }), None),
        (json!({ "roles": "Staff" }), None),
        (json!({ "groups": ["staff"] }), NOT_LISTED),
        (json!({ "groups": ["Staff "] }), NOT_LISTED),
        (json!({ "scope": "Staff", "name": "Staff" }), NOT_LISTED),
        (
            json!({ "email": "ada", "email_verified": true }),
            NOT_LISTED,
        ),
    ] {
        assert_eq!(allowed(&allow, claims.clone()), expected, "{claims}");
    }
    // Groups are the provider's words, whatever they become here.
    let text = json!({ "allow": { "groups": ["Staff"] }, "roles": { "Other": "Staff" } });
    assert_eq!(
        judged(
            &wished("oidc", text.clone()),
            json!({ "groups": ["Staff"] })
        ),
        None
    );
    assert_eq!(
        judged(&wished("oidc", text), json!({ "groups": ["Other"] })),
        NOT_LISTED
    );
    let slack = wished("slack", json!({ "allow": { "ids": ["T1.U1"] } }));
    let of = |team: &str| json!({ "https://slack.com/team_id": team, "https://slack.com/user_id": "U1" });
    assert_eq!(judged(&slack, of("T1")), None);
    assert_eq!(judged(&slack, of("T2")), NOT_LISTED);
}

#[test]
fn a_workspace_is_named_by_the_claim() {
    let google = |text: Value| {
        let set = [("hosted_domain", "acme.example")];
        read("google", wishes(text), &set).unwrap().unwrap()
    };
    for (hd, expected) in [
        (json!("acme.example"), None),
        (json!("ACME.example"), None),
        (json!("evil.example"), HOSTED_DOMAIN),
        (json!("acme.example."), HOSTED_DOMAIN),
        (json!("acme.example.evil.example"), HOSTED_DOMAIN),
        (json!(["acme.example"]), HOSTED_DOMAIN),
        (json!(null), HOSTED_DOMAIN),
    ] {
        let claims = json!({ "hd": hd, "email": "ada@acme.example", "email_verified": true });
        assert_eq!(judged(&google(json!({})), claims.clone()), expected, "{hd}");
        // Nothing else that is allowed opens it.
        let anyone = google(json!({ "allow": "anyone" }));
        assert_eq!(judged(&anyone, claims.clone()), expected, "{hd}");
        let listed = google(json!({ "allow": { "ids": ["1"] } }));
        assert_eq!(judged(&listed, claims), expected, "{hd}");
    }
    let listed = google(json!({ "allow": { "ids": ["2"] } }));
    assert_eq!(judged(&listed, json!({ "hd": "acme.example" })), NOT_LISTED);
}

#[test]
fn google_knows_who_belongs_to_a_domain_only_where_it_is_a_workspace() {
    let allow =
        json!({ "domains": ["acme.example", "gmail.com"], "emails": ["eve@other.example"] });
    let google = wished("google", json!({ "allow": allow }));
    for (email, hd, verified, expected) in [
        ("ada@acme.example", json!("acme.example"), true, None),
        ("ada@gmail.com", json!(null), true, None),
        ("eve@other.example", json!(null), true, None),
        // An account that somebody once made with the address, and kept.
        ("ada@acme.example", json!(null), true, HOSTED_DOMAIN),
        (
            "ada@acme.example",
            json!("other.example"),
            true,
            HOSTED_DOMAIN,
        ),
        ("ada@acme.example", json!("acme.example"), false, UNVERIFIED),
        ("ada@other.example", json!("acme.example"), true, NOT_LISTED),
    ] {
        let claims = json!({ "email": email, "email_verified": verified, "hd": hd });
        assert_eq!(judged(&google, claims), expected, "{email} {hd}");
    }
}

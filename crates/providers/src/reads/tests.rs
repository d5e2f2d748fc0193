use serde_json::{Value, json};

use super::{MOST_PAGES, Read};
use crate::claims::Claims;
use crate::samples::{TENANT, object, upstream, wished};
use crate::upstream::Upstream;

fn of(value: Value) -> Claims {
    Claims::of_token(object(value))
}

fn urls(reads: &[Read]) -> Vec<&str> {
    reads.iter().map(|read| read.url.as_str()).collect()
}

fn github() -> Upstream {
    wished(
        "github",
        json!({ "allow": "anyone", "roles": { "acme/admins": "admin" } }),
    )
}

fn microsoft() -> Upstream {
    wished("microsoft", json!({ "roles": { "g1": "admin" } }))
}

/// The reads of GitHub: addresses, organizations, teams.
fn of_github() -> [Read; 3] {
    let reads = github().reads(&Claims::default());
    reads.try_into().unwrap()
}

fn take(read: &Read, claims: &mut Claims, json: &Value) -> Option<Option<Read>> {
    read.take(claims, json.to_string().as_bytes())
}

fn organizations(count: usize) -> Value {
    (0..count)
        .map(|number| json!({ "login": format!("o{number}"), "id": number }))
        .collect()
}

#[test]
fn only_what_is_needed_is_read() {
    for provider in crate::CATALOGUE {
        let found = upstream(provider.id).reads(&Claims::default());
        let expected: &[&str] = match provider.id {
            "github" => &["https://api.github.com/user/emails?per_page=100"],
            "microsoft" => &["https://graph.microsoft.com/v1.0/me?$select=mail,userPrincipalName"],
            _ => &[],
        };
        assert_eq!(urls(&found), expected, "{}", provider.id);
    }
    assert_eq!(
        urls(&of_github()),
        [
            "https://api.github.com/user/emails?per_page=100",
            "https://api.github.com/user/orgs?per_page=100",
            "https://api.github.com/user/teams?per_page=100",
        ]
    );
}

#[test]
fn an_address_of_github_is_the_primary_one_if_it_is_verified() {
    let entry = |email: &str, primary: bool, verified: bool| json!({ "email": email, "primary": primary, "verified": verified, "visibility": null });
    let [emails, ..] = of_github();
    for (list, email, verified) in [
        (
            vec![
                entry("b@x.example", false, true),
                entry("a@x.example", true, true),
            ],
            "a@x.example",
            true,
        ),
        (
            vec![
                entry("a@x.example", true, false),
                entry("b@x.example", false, true),
            ],
            "typed@x.example",
            false,
        ),
        (vec![], "typed@x.example", false),
    ] {
        let mut claims = of(json!({ "id": 1, "email": "typed@x.example", "email_verified": true }));
        assert_eq!(take(&emails, &mut claims, &list.into()), Some(None));
        assert_eq!(claims.0["email"], email);
        assert_eq!(claims.is_verified(email), verified, "{email}");
    }
}

#[test]
fn lists_of_github_are_read_to_their_end() {
    let [_, organizations_read, teams_read] = of_github();
    let mut claims = of(json!({ "id": 1, "organizations": ["typed"], "teams": "acme/admins" }));
    let second = take(&organizations_read, &mut claims, &organizations(100))
        .unwrap()
        .unwrap();
    assert_eq!(
        second.url,
        "https://api.github.com/user/orgs?per_page=100&page=2"
    );
    let third = take(&second, &mut claims, &organizations(100))
        .unwrap()
        .unwrap();
    assert_eq!(
        third.url,
        "https://api.github.com/user/orgs?per_page=100&page=3"
    );
    assert_eq!(take(&third, &mut claims, &organizations(99)), Some(None));
    let found = claims.0["organizations"].as_array().unwrap();
    assert_eq!(found.len(), 299);
    // What the profile said under the same name is gone.
    assert!(!found.contains(&json!("typed")));
    let team = json!([{ "slug": "admins", "name": "x", "organization": { "login": "acme" } }]);
    let mut stranger = claims.clone();
    assert_eq!(take(&teams_read, &mut stranger, &json!([])), Some(None));
    assert!(github().person(&stranger).unwrap().roles.is_empty());
    assert_eq!(take(&teams_read, &mut claims, &team), Some(None));
    assert_eq!(claims.0["teams"], json!(["acme/admins"]));
    assert_eq!(github().person(&claims).unwrap().roles, ["admin"]);
}

#[test]
fn no_list_is_read_for_ever() {
    let [_, mut next, _] = of_github();
    let mut claims = Claims::default();
    let mut pages = 1;
    while let Some(more) = take(&next, &mut claims, &organizations(100)).unwrap() {
        next = more;
        pages += 1;
    }
    assert_eq!(pages, MOST_PAGES);
    let again = json!({ "value": [], "@odata.nextLink": "https://graph.microsoft.com/again" });
    let claims = of(json!({ "email": "a@x.example", "hasgroups": true }));
    let mut next = microsoft().reads(&claims).remove(0);
    let mut pages = 1;
    while let Some(more) = take(&next, &mut claims.clone(), &again).unwrap() {
        next = more;
        pages += 1;
    }
    assert_eq!(pages, MOST_PAGES);
}

#[test]
fn groups_that_did_not_fit_are_read_from_graph() {
    let over = json!({ "_claim_names": { "groups": "src1" }, "_claim_sources": { "src1": { "endpoint": "https://evil.example/" } } });
    for (claims, read) in [
        (json!({}), false),
        (json!({ "groups": ["g0"] }), false),
        (json!({ "hasgroups": false }), false),
        (json!({ "hasgroups": true }), true),
        (json!({ "hasgroups": "true" }), true),
        (json!({ "_claim_names": { "other": "src1" } }), false),
        (over.clone(), true),
    ] {
        let mut claims = claims;
        claims["email"] = "a@x.example".into();
        let found = microsoft().reads(&of(claims.clone()));
        let expected = "https://graph.microsoft.com/v1.0/me/memberOf?$select=id&$top=999";
        assert_eq!(
            urls(&found),
            if read { vec![expected] } else { vec![] },
            "{claims}"
        );
        // Nobody asks for roles.
        assert!(upstream("microsoft").reads(&of(claims)).is_empty());
    }
    let mut claims = of(over);
    claims.0.extend(object(
        json!({ "email": "a@x.example", "tid": TENANT, "oid": "o", "groups": ["stale"] }),
    ));
    let first = microsoft().reads(&claims).remove(0);
    let link = "https://graph.microsoft.com/v1.0/me/memberOf?$skiptoken=x";
    let page =
        json!({ "value": [{ "id": "g0", "displayName": "Admins" }], "@odata.nextLink": link });
    let second = take(&first, &mut claims, &page).unwrap().unwrap();
    assert_eq!(second.url, link);
    assert_eq!(
        take(&second, &mut claims, &json!({ "value": [{ "id": "g1" }] })),
        Some(None)
    );
    assert_eq!(claims.0["groups"], json!(["g0", "g1"]));
    assert_eq!(microsoft().person(&claims).unwrap().roles, ["admin"]);
    // A link elsewhere is no request.
    let elsewhere = json!({ "value": [], "@odata.nextLink": "https://evil.example/" });
    let next = take(&first, &mut claims, &elsewhere).unwrap().unwrap();
    assert!(microsoft().bearer_request(&next.url, "token").is_none());
}

#[test]
fn an_address_of_microsoft_is_read_where_the_token_has_none() {
    let claims = of(json!({ "tid": TENANT, "oid": "o" }));
    let profile = upstream("microsoft").reads(&claims).remove(0);
    for (answer, email) in [
        (
            json!({ "mail": "a@x.example", "userPrincipalName": "u@x.example" }),
            Some("a@x.example"),
        ),
        (
            json!({ "mail": null, "userPrincipalName": "u@x.example" }),
            Some("u@x.example"),
        ),
        (
            json!({ "mail": 7, "roles": ["admin"], "tid": "other", "oid": "other" }),
            None,
        ),
    ] {
        let mut claims = claims.clone();
        assert_eq!(take(&profile, &mut claims, &answer), Some(None));
        let person = upstream("microsoft").person(&claims).unwrap();
        assert_eq!(person.email.as_deref(), email, "{answer}");
        assert!(person.roles.is_empty());
        assert!(person.subject.as_str().starts_with("microsoft:11111111"));
    }
}

#[test]
fn what_cannot_be_read_is_no_empty_list() {
    let [emails, organizations, teams] = of_github();
    let claims = of(json!({ "hasgroups": true }));
    let graph = microsoft().reads(&claims);
    let [profile, groups] = graph.as_slice() else {
        panic!("{graph:?}")
    };
    let junk = [
        "",
        "null",
        "{",
        "<html>",
        "7",
        r#"{"message":"Bad credentials"}"#,
    ];
    for read in [&emails, &organizations, &teams, groups] {
        for json in junk {
            let found = read.take(&mut claims.clone(), json.as_bytes());
            assert_eq!(found, None, "{} {json}", read.url);
        }
    }
    for (read, json) in [
        (
            &emails,
            json!([{ "email": "a@x.example", "primary": "yes", "verified": true }]),
        ),
        (&organizations, json!([{ "login": null }])),
        (&organizations, json!(["acme"])),
        (&teams, json!([{ "slug": "admins" }])),
        (groups, json!([{ "id": "g1" }])),
        (groups, json!({ "value": [{ "displayName": "x" }] })),
        (profile, json!([])),
    ] {
        assert_eq!(
            take(read, &mut claims.clone(), &json),
            None,
            "{} {json}",
            read.url
        );
    }
}

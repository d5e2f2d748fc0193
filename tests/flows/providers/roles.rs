//! What a provider says of somebody's roles and groups decides what they may call.

use harness::Web;
use harness::client::{Tokens, body, call};
use serde_json::{Value, json};
use vendors::{Endpoint, Person};

use super::rules::CONTOSO;
use super::stage::Stage;

super::everywhere!(ruled_in_memory, RULED:
    roles_are_what_the_rules_make_of_a_providers_words,
    more_groups_than_fit_into_a_token_are_read_from_graph,
    every_team_counts_however_many_there_are,
    a_tool_for_admins_is_there_for_them_alone,
);

fn words<const N: usize>(words: [&str; N]) -> Vec<String> {
    words.map(str::to_owned).into()
}

fn claims(value: &Value) -> serde_json::Map<String, Value> {
    value.as_object().unwrap().clone()
}

async fn roles_are_what_the_rules_make_of_a_providers_words(stage: &Stage<impl Web>) {
    let ada = Person::default;
    let cases: Vec<(&str, Person, &[&str])> = vec![
        ("oidc", ada(), &[]),
        (
            "oidc",
            Person {
                roles: words(["Directors", "Interns"]),
                ..ada()
            },
            &["admin"],
        ),
        (
            "oidc",
            Person {
                roles: words(["directors"]),
                groups: words(["Staff"]),
                ..ada()
            },
            &["member", "reader"],
        ),
        // With a map, only what is in it counts, whatever the provider calls it.
        (
            "oidc",
            Person {
                roles: words(["admin"]),
                ..ada()
            },
            &[],
        ),
        (
            "auth0",
            Person {
                permissions: words(["read:all", "calculate:anything"]),
                ..ada()
            },
            &["admin"],
        ),
        (
            "clerk",
            Person {
                public_metadata: json!({"role": "admin"}),
                ..ada()
            },
            &["admin"],
        ),
        (
            "clerk",
            Person {
                public_metadata: json!({"role": ["admin", "writer"]}),
                ..ada()
            },
            &["admin", "writer"],
        ),
        (
            "clerk",
            Person {
                public_metadata: json!({"roles": ["admin"]}),
                ..ada()
            },
            &[],
        ),
        (
            "github",
            Person {
                organizations: words(["acme", "others"]),
                teams: words(["others/owners"]),
                ..ada()
            },
            &["member"],
        ),
        (
            "github",
            Person {
                organizations: words(["acme"]),
                teams: words(["acme/owners"]),
                ..ada()
            },
            &["admin", "member"],
        ),
        (
            "keycloak",
            Person {
                roles: words(["realm-admin"]),
                claims: claims(&json!({"resource_access": {
                    "postern": {"roles": ["admin"]}, "account": {"roles": ["manager"]},
                }})),
                ..ada()
            },
            &["admin"],
        ),
        (
            "okta",
            Person {
                groups: words(["Everyone", "admin"]),
                ..ada()
            },
            &["Everyone", "admin"],
        ),
    ];
    for (id, person, expected) in cases {
        let what = format!("{id}: {person:?}");
        let who = stage.who(id, person).await;
        let mut found: Vec<String> =
            serde_json::from_value(who.get("roles").cloned().unwrap_or(json!([]))).unwrap();
        found.sort_unstable();
        assert_eq!(found, expected, "{what}");
    }
}

async fn more_groups_than_fit_into_a_token_are_read_from_graph(stage: &Stage<impl Web>) {
    let vendor = stage.vendors.at("microsoft");
    for (many, roles, pages) in [
        (200, None, 0),
        (251, Some(json!(["admin"])), 1),
        (1100, Some(json!(["admin"])), 2),
    ] {
        let before = vendor.asked(Endpoint::Groups);
        let who = stage
            .who(
                "microsoft",
                Person {
                    tenant: Some(CONTOSO.to_owned()),
                    groups: (0..many).map(|group| format!("group-{group}")).collect(),
                    ..Person::default()
                },
            )
            .await;
        assert_eq!(who.get("roles").cloned(), roles, "{many}: {who}");
        assert_eq!(vendor.asked(Endpoint::Groups) - before, pages, "{many}");
    }
}

async fn every_team_counts_however_many_there_are(stage: &Stage<impl Web>) {
    let vendor = stage.vendors.at("github");
    let before = vendor.asked(Endpoint::Teams);
    let others = (0..220).map(|team| format!("partners/team-{team}"));
    let teams = others.chain(["partners/liaison".to_owned(), "acme/owners".to_owned()]);
    let who = stage
        .who(
            "github",
            Person {
                teams: teams.collect(),
                ..Person::default()
            },
        )
        .await;
    assert_eq!(who["roles"], json!(["admin"]), "{who}");
    assert_eq!(vendor.asked(Endpoint::Teams) - before, 3);
}

/// The names of the tools that somebody sees, and whether they may call one of them.
async fn tools(stage: &Stage<impl Web>, tokens: &Tokens) -> (Vec<String>, Value) {
    let web = &stage.world.web;
    let listed = body(&call(web, &tokens.access, "tools/list", json!({})).await);
    let listed = listed["result"]["tools"].as_array().unwrap().iter();
    let names = listed
        .map(|tool| tool["name"].as_str().unwrap().to_owned())
        .collect();
    let arguments = json!({"a": 23, "b": 19, "operation": "add"});
    let params = json!({"name": "calculate", "arguments": arguments});
    let called = body(&call(web, &tokens.access, "tools/call", params).await);
    (names, called)
}

async fn a_tool_for_admins_is_there_for_them_alone(stage: &Stage<impl Web>) {
    let director = Person {
        roles: words(["Directors"]),
        ..Person::default()
    };
    let admin = stage.tokens("oidc", director).await;
    let (names, called) = tools(stage, &admin).await;
    assert_eq!(names, ["add", "calculate", "userInfo"]);
    let text = called["result"]["content"][0]["text"]
        .as_str()
        .unwrap_or_default();
    assert!(text.contains("42"), "{called}");
    let staff = Person {
        groups: words(["Staff"]),
        ..Person::default()
    };
    let nobody = Person {
        roles: words(["admin"]),
        ..Person::default()
    };
    for person in [staff, nobody] {
        let other = stage.tokens("oidc", person).await;
        let (names, called) = tools(stage, &other).await;
        assert_eq!(names, ["add", "userInfo"]);
        assert_eq!(
            called["error"]["message"], "unknown tool: calculate",
            "{called}"
        );
    }
    // What somebody is at one provider they are not at another.
    let namesake = Person {
        groups: words(["Everyone"]),
        ..Person::default()
    };
    let (names, _) = tools(stage, &stage.tokens("okta", namesake).await).await;
    assert_eq!(names, ["add", "userInfo"]);
    assert_eq!(tools(stage, &admin).await.0.len(), 3);
}

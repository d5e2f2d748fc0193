mod paths;
mod people;

use oauth::Person;
use serde_json::{Value, json};

use super::{Claims, MOST_ROLES, PersonRefused};
use crate::samples::{object, upstream, wished};

fn of(value: Value) -> Claims {
    Claims::of_token(object(value))
}

fn person(wishes: Value, claims: Value) -> Result<Person, PersonRefused> {
    wished("oidc", wishes).person(&of(claims))
}

fn roles(wishes: Value, claims: Value) -> Vec<String> {
    person(wishes, claims).unwrap().roles
}

#[test]
fn userinfo_speaks_of_the_same_person_or_is_refused() {
    let ours = || of(json!({ "sub": "ada", "name": "Ada", "email": null }));
    for other in [
        json!({ "sub": "eve" }),
        json!({ "sub": "Ada" }),
        json!({ "sub": ["ada"] }),
        json!({ "sub": null }),
        json!({ "name": "Ada" }),
        json!({}),
    ] {
        let found = ours().with(of(other.clone()));
        assert_eq!(found, Err(PersonRefused::OtherSubject), "{other}");
    }
    let later = json!({ "sub": "ada", "name": "Eve", "email": "a@acme.example", "locale": "en" });
    let found = ours().with(of(later)).unwrap();
    let expected =
        json!({ "sub": "ada", "name": "Ada", "email": "a@acme.example", "locale": "en" });
    assert_eq!(found, of(expected));
}

#[test]
fn one_address_is_not_verified_by_the_word_for_another() {
    for (ours, theirs, verified) in [
        (
            json!({}),
            json!({ "email": "a@acme.example", "email_verified": true }),
            true,
        ),
        (
            json!({ "email": "a@acme.example" }),
            json!({ "email": "a@acme.example", "email_verified": true }),
            true,
        ),
        (
            json!({ "email": "a@acme.example" }),
            json!({ "email": "eve@evil.example", "email_verified": true }),
            false,
        ),
        (
            json!({ "email": "a@acme.example" }),
            json!({ "email_verified": true }),
            false,
        ),
        (
            json!({ "email": "a@acme.example", "email_verified": false }),
            json!({ "email": "a@acme.example", "email_verified": true }),
            false,
        ),
    ] {
        let with_sub = |mut value: Value| {
            value["sub"] = "1".into();
            of(value)
        };
        let found = with_sub(ours.clone())
            .with(with_sub(theirs.clone()))
            .unwrap();
        assert_eq!(
            found.is_verified("a@acme.example"),
            verified,
            "{ours} {theirs}"
        );
    }
}

#[test]
fn an_answer_is_one_object_that_names_nothing_twice() {
    for json in [
        "",
        "[]",
        "null",
        "\"ada\"",
        "{",
        r#"{"sub":"ada","sub":"eve"}"#,
        r#"{"sub":"ada","\u0073ub":"eve"}"#,
        r#"{"sub":"ada","roles":{"a":1,"a":2}}"#,
        "eyJhbGciOiJub25lIn0.e30.",
    ] {
        assert_eq!(Claims::of_answer(json.as_bytes()), None, "{json}");
    }
    assert_eq!(
        Claims::of_answer(br#"{"sub":"ada"}"#),
        Some(of(json!({ "sub": "ada" })))
    );
}

#[test]
fn an_id_is_one_person_for_ever() {
    let no_subject = Err(PersonRefused::NoSubject("sub"));
    for (sub, expected) in [
        (json!("ada"), Ok("oidc:ada")),
        (json!("auth0|1:2"), Ok("oidc:auth0|1:2")),
        (json!("a.b"), Ok("oidc:a.b")),
        (json!(7), Ok("oidc:7")),
        (json!(u64::MAX), Ok("oidc:18446744073709551615")),
        // Beyond, what was written is lost.
        (json!(18_446_744_073_709_551_616.0_f64), no_subject.clone()),
        (json!(1.5), no_subject.clone()),
        (json!(-1), no_subject.clone()),
        (json!(""), no_subject.clone()),
        (json!(null), no_subject.clone()),
        (json!(true), no_subject.clone()),
        (json!(["ada"]), no_subject.clone()),
        (json!({ "id": 1 }), no_subject),
        (
            json!("a\nb"),
            Err(PersonRefused::Subject(oauth::SubjectRefused::Id)),
        ),
        (
            json!("a".repeat(256)),
            Err(PersonRefused::Subject(oauth::SubjectRefused::Id)),
        ),
    ] {
        let found = person(json!({}), json!({ "sub": sub }));
        let found = found.map(|person| person.subject.to_string());
        assert_eq!(found, expected.map(str::to_owned), "{sub}");
    }
}

#[test]
fn without_openid_connect_an_id_has_another_name() {
    for (claims, expected) in [
        (json!({ "id": 7 }), Some("oauth2:7")),
        (
            json!({ "id": "80351110224678912" }),
            Some("oauth2:80351110224678912"),
        ),
        (json!({ "sub": "a", "id": "b" }), Some("oauth2:a")),
        (json!({ "sub": null, "id": "b" }), Some("oauth2:b")),
        // What is there and no id is not overlooked.
        (json!({ "sub": "", "id": "b" }), None),
        (json!({ "sub": ["a"], "id": "b" }), None),
        (json!({ "login": "ada" }), None),
    ] {
        let found = upstream("oauth2").person(&of(claims.clone())).ok();
        let found = found.map(|person| person.subject.to_string());
        assert_eq!(found.as_deref(), expected, "{claims}");
    }
    assert!(person(json!({}), json!({ "id": "b" })).is_err());
}

#[test]
fn ids_of_two_parts_come_apart_in_one_way() {
    let (team, user) = ("https://slack.com/team_id", "https://slack.com/user_id");
    let slack = upstream("slack");
    for (first, second, expected) in [
        (json!("T1"), json!("U1"), Ok("slack:T1.U1")),
        (
            json!("T1.U1"),
            json!("U2"),
            Err(PersonRefused::NoSubject(team)),
        ),
        (
            json!("T1"),
            json!("U1.U2"),
            Err(PersonRefused::NoSubject(user)),
        ),
        (
            json!(null),
            json!("U1"),
            Err(PersonRefused::NoSubject(team)),
        ),
        (json!("T1"), json!(""), Err(PersonRefused::NoSubject(user))),
    ] {
        let claims = of(json!({ "sub": "U1", team: first, user: second }));
        let found = slack
            .person(&claims)
            .map(|person| person.subject.to_string());
        assert_eq!(found, expected.map(str::to_owned), "{first} {second}");
    }
}

#[test]
fn names_and_addresses_are_what_can_be_shown() {
    for (claims, name) in [
        (
            json!({ "name": "Ada L.", "given_name": "A" }),
            Some("Ada L."),
        ),
        (
            json!({ "given_name": "Ada", "family_name": "L." }),
            Some("Ada L."),
        ),
        (json!({ "name": "", "given_name": "Ada" }), Some("Ada")),
        (json!({ "name": null, "family_name": "L." }), Some("L.")),
        (json!({ "name": "a\u{1b}[2J" }), None),
        (json!({ "name": "a\nb", "given_name": "Ada" }), Some("Ada")),
        (
            json!({ "name": "\u{e4}".repeat(200) }),
            Some("\u{e4}".repeat(200).as_str()),
        ),
        (json!({ "name": "a".repeat(201) }), None),
        (json!({ "name": 7 }), None),
        (json!({ "name": { "first": "Ada" } }), None),
        (json!({}), None),
    ] {
        let mut claims = claims;
        claims["sub"] = "1".into();
        assert_eq!(
            person(json!({}), claims.clone()).unwrap().name.as_deref(),
            name,
            "{claims}"
        );
    }
    for (email, shown) in [
        (json!("ada@acme.example"), true),
        (json!("ada"), false),
        (json!("@acme.example"), false),
        (json!("ada@"), false),
        (json!("ada @acme.example"), false),
        (json!("ada@acme.example\u{a0}"), false),
        (json!("\u{202e}elpmaxe.emca@ada"), false),
        (json!("ada\u{200b}@acme.example"), false),
        (json!("ada@acme.example\n"), false),
        (json!(7), false),
        (json!(null), false),
    ] {
        let found = person(json!({}), json!({ "sub": "1", "email": email })).unwrap();
        assert_eq!(found.email.is_some(), shown, "{email}");
    }
}

#[test]
fn words_of_a_provider_are_roles_unless_a_map_says_which() {
    let groups = json!({ "sub": "1", "groups": ["Staff", "Directors", "Staff", 7, null, ""] });
    for (wishes, expected) in [
        (json!({}), vec!["Staff", "Directors"]),
        (json!({ "roles": {} }), vec![]),
        (json!({ "roles": { "Directors": "admin" } }), vec!["admin"]),
        (
            json!({ "roles": { "directors": "admin", "admin": "admin" } }),
            vec![],
        ),
        (
            json!({ "roles": { "Directors": ["admin", "reader"], "Staff": "reader" } }),
            vec!["admin", "reader"],
        ),
        (json!({ "role_claim": "realm_access.roles" }), vec![]),
    ] {
        assert_eq!(roles(wishes.clone(), groups.clone()), expected, "{wishes}");
    }
    let odd = json!({ "sub": "1", "roles": [
        { "id": "1", "name": "editor" }, { "name": 7 }, { "id": "2" }, ["x"], true,
        "a".repeat(200), "a".repeat(201), "a\nb", "two words",
    ] });
    let long = "a".repeat(200);
    assert_eq!(roles(json!({}), odd), ["editor", &long, "two words"]);
}

#[test]
fn who_is_in_very_many_groups_is_in_each_of_them() {
    let mut groups: Vec<String> = (0..5000).map(|number| format!("g{number}")).collect();
    groups.push("Directors".to_owned());
    let claims = json!({ "sub": "1", "groups": groups });
    assert_eq!(roles(json!({}), claims.clone()).len(), MOST_ROLES);
    assert_eq!(
        roles(json!({ "roles": { "Directors": "admin" } }), claims.clone()),
        ["admin"]
    );
    let only = json!({ "allow": { "groups": ["Directors"] } });
    assert!(person(only, claims).is_ok());
}

#[test]
fn an_address_gives_roles_where_it_is_verified() {
    let wishes = json!({ "role_claim": "email", "roles": { "ada@acme.example": "admin" } });
    for (verified, expected) in [(json!(true), 1), (json!(false), 0), (json!(null), 0)] {
        let claims = json!({ "sub": "1", "email": "ada@acme.example", "email_verified": verified });
        assert_eq!(roles(wishes.clone(), claims).len(), expected, "{verified}");
    }
}

#[test]
fn userinfo_is_asked_where_something_is_missing() {
    let whole = json!({ "sub": "1", "name": "Ada", "email": "a@acme.example", "roles": ["r"] });
    let without = |name: &str| {
        let mut claims = whole.clone();
        claims.as_object_mut().unwrap().remove(name);
        claims
    };
    for (wishes, claims, lacking) in [
        (json!({}), whole.clone(), false),
        (json!({}), without("name"), true),
        (json!({}), without("email"), true),
        (json!({}), without("roles"), false),
        (json!({ "roles": {} }), without("roles"), true),
        (
            json!({ "allow": { "groups": ["r"] } }),
            without("roles"),
            true,
        ),
        (json!({ "role_claim": "app.role" }), whole.clone(), true),
        (json!({ "claims": ["org_id"] }), whole.clone(), true),
        (json!({ "claims": ["name"] }), whole.clone(), false),
    ] {
        let found = wished("oidc", wishes.clone()).is_lacking(&of(claims.clone()));
        assert_eq!(found, lacking, "{wishes} {claims}");
    }
}

#[test]
fn tools_see_what_is_known_and_wished_for_and_fits() {
    let claims = json!({
        "sub": "1",
        "given_name": "Ada",
        "picture": "p".repeat(3000),
        "sid": null,
        "org_id": "o1",
        "secret": "s",
    });
    let person = person(json!({ "claims": ["org_id", "absent"] }), claims).unwrap();
    let seen: Value = serde_json::from_str(person.claims.as_json()).unwrap();
    assert_eq!(seen, json!({ "given_name": "Ada", "org_id": "o1" }));
}

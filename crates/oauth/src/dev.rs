//! The people of the provider `dev`, who exist so that a newcomer can sign in at once.
//!
//! *Invariant:* they are people of the source `dev` alone, and that source is on only where the
//! variable `dev_key` is.

use serde_json::{Map, Value, json};

use crate::person::{Person, PersonClaims, Source, Subject};

/// The provider's name, and so the source of its people.
pub const PROVIDER: &str = "dev";

/// What a person reads on its button.
pub const TITLE: &str = "a test person";

/// A test person.
#[derive(Clone, Copy, Debug)]
pub struct DevPerson {
    /// What signs them in.
    pub login: &'static str,
    /// What they are called.
    pub name: &'static str,
    /// Their roles.
    pub roles: &'static [&'static str],
}

/// The test people: two with a role, two without.
pub const PEOPLE: [DevPerson; 4] = [
    DevPerson {
        login: "ada",
        name: "Ada Lovelace",
        roles: &["admin"],
    },
    DevPerson {
        login: "grace",
        name: "Grace Hopper",
        roles: &["premium"],
    },
    DevPerson {
        login: "linus",
        name: "Linus Example",
        roles: &[],
    },
    DevPerson {
        login: "mallory",
        name: "Mallory Example",
        roles: &[],
    },
];

/// The login of the person that a client suggests, by login, e-mail address or subject.
#[must_use]
pub fn hinted(hint: &str) -> Option<&'static str> {
    let names = |person: &&DevPerson| {
        let login = person.login;
        let names = [
            login.to_owned(),
            email(login),
            format!("{PROVIDER}:{login}"),
        ];
        names.iter().any(|name| name.eq_ignore_ascii_case(hint))
    };
    PEOPLE.iter().find(names).map(|person| person.login)
}

fn email(login: &str) -> String {
    format!("{login}@dev.example")
}

/// The person that `login` signs in.
#[must_use]
pub fn person(login: &str) -> Option<Person> {
    let found = PEOPLE.iter().find(|person| person.login == login)?;
    let source = Source::parse(PROVIDER).ok()?;
    Some(Person {
        subject: Subject::new(&source, found.login).ok()?,
        name: Some(found.name.to_owned()),
        email: Some(email(found.login)),
        roles: found.roles.iter().map(|role| (*role).to_owned()).collect(),
        claims: PersonClaims::chosen(&claims(found), &[]).ok()?,
    })
}

/// What a provider would say of them besides, in the words that real ones use.
fn claims(person: &DevPerson) -> Map<String, Value> {
    let mut claims = Map::new();
    if let Some((given, family)) = person.name.split_once(' ') {
        claims.insert("given_name".to_owned(), given.into());
        claims.insert("family_name".to_owned(), family.into());
    }
    if let Some(role) = person.roles.first() {
        claims.insert("public_metadata".to_owned(), json!({ "role": role }));
    }
    claims
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_test_person_is_somebody_with_a_given_and_a_family_name() {
        for known in PEOPLE {
            let person = person(known.login).unwrap();
            assert_eq!(person.subject.as_str(), format!("dev:{}", known.login));
            assert_eq!(person.subject.id(), known.login);
            let claims: Value = serde_json::from_str(person.claims.as_json()).unwrap();
            let part = |name: &str| claims[name].as_str().unwrap();
            let name = format!("{} {}", part("given_name"), part("family_name"));
            assert_eq!(name, known.name);
            let role = claims["public_metadata"]["role"].as_str();
            assert_eq!(role, known.roles.first().copied());
        }
        assert!(person("nobody").is_none());
    }
}

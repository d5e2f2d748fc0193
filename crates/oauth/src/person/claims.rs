//! What a source says of a person beyond name, e-mail address and roles.
//!
//! *Invariant:* they are few and shallow, so that whatever carries a person, a cookie, a row or a
//! token, can carry and read them; nothing is ever decided by them.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Claims of a person, by the names of OpenID Connect Core §5.1 where it has one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Map<String, Value>", into = "Map<String, Value>")]
pub struct PersonClaims(Map<String, Value>);

/// Why claims are not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PersonClaimsRefused {
    /// Readers of JSON stop at some depth, and a person is nested into more.
    #[error(
        "the claims of a person are nested more than {} deep; list fewer in `claims`",
        PersonClaims::DEEPEST
    )]
    TooDeep,
    /// Cookies and headers end at 4 KiB.
    #[error(
        "the claims of a person are more than {} bytes of JSON; list fewer in `claims`",
        PersonClaims::LONGEST
    )]
    TooLong,
}

impl PersonClaims {
    /// What is kept of every source: `public_metadata` is Clerk's, the others are OpenID Connect's.
    pub const KNOWN: [&'static str; 6] = [
        "family_name",
        "given_name",
        "picture",
        "preferred_username",
        "public_metadata",
        "sid",
    ];
    /// The most bytes of JSON.
    pub const LONGEST: usize = 2048;
    /// The deepest nesting, counting the object that they are.
    pub const DEEPEST: usize = 16;

    /// Takes claims as they are, but for those that say nothing.
    pub fn new(mut claims: Map<String, Value>) -> Result<Self, PersonClaimsRefused> {
        claims.retain(|_, value| !value.is_null());
        if !claims.values().all(|value| is_within(value, Self::DEEPEST)) {
            return Err(PersonClaimsRefused::TooDeep);
        }
        let claims = Self(claims);
        if claims.to_json().len() > Self::LONGEST {
            return Err(PersonClaimsRefused::TooLong);
        }
        Ok(claims)
    }

    /// Of what a source said, the known claims and those that an operator listed.
    pub fn chosen(
        said: &Map<String, Value>,
        listed: &[String],
    ) -> Result<Self, PersonClaimsRefused> {
        let listed = listed.iter().map(String::as_str);
        let names = Self::KNOWN.into_iter().chain(listed);
        let found = names.filter_map(|name| said.get_key_value(name));
        Self::new(
            found
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
        )
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The claim called `name`.
    #[must_use]
    pub fn claim(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// All of them, as a JSON object.
    #[must_use]
    pub fn to_json(&self) -> String {
        Value::Object(self.0.clone()).to_string()
    }
}

/// Whether `value` within an object is nested no deeper than `deepest`.
fn is_within(value: &Value, deepest: usize) -> bool {
    let mut level: Vec<&Value> = vec![value];
    for _ in 1..=deepest {
        level = level.into_iter().flat_map(inside).collect();
        if level.is_empty() {
            return true;
        }
    }
    false
}

fn inside(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(values) => values.iter().collect(),
        Value::Object(members) => members.values().collect(),
        Value::Bool(_) | Value::Null | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}

impl TryFrom<Map<String, Value>> for PersonClaims {
    type Error = PersonClaimsRefused;

    fn try_from(claims: Map<String, Value>) -> Result<Self, PersonClaimsRefused> {
        Self::new(claims)
    }
}

impl From<PersonClaims> for Map<String, Value> {
    fn from(claims: PersonClaims) -> Self {
        claims.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn object(value: Value) -> Map<String, Value> {
        let Value::Object(members) = value else {
            panic!("{value}")
        };
        members
    }

    #[test]
    fn the_known_and_the_listed_are_kept_and_what_says_nothing_is_not() {
        let said = object(json!({
            "sub": "1", "email": "ada@example.com", "given_name": "Ada", "picture": null,
            "public_metadata": {"role": "admin"}, "org_id": "o", "secret_note": "x",
        }));
        for (listed, kept) in [
            (
                vec![],
                json!({"given_name": "Ada", "public_metadata": {"role": "admin"}}),
            ),
            (
                vec!["org_id", "not_there", "given_name"],
                json!({"given_name": "Ada", "org_id": "o", "public_metadata": {"role": "admin"}}),
            ),
        ] {
            let listed: Vec<_> = listed.into_iter().map(str::to_owned).collect();
            let claims = PersonClaims::chosen(&said, &listed).unwrap();
            assert_eq!(serde_json::to_value(&claims).unwrap(), kept, "{listed:?}");
            assert_eq!(
                serde_json::from_str::<Value>(&claims.to_json()).unwrap(),
                kept
            );
            assert_eq!(claims.claim("given_name"), Some(&json!("Ada")));
            assert_eq!(claims.claim("secret_note"), None);
        }
    }

    #[test]
    fn what_no_token_could_carry_is_refused_and_never_cut() {
        // `{"a":"…"}` is eight characters around the text.
        let long = |length: usize| object(json!({"a": "x".repeat(length - 8)}));
        let deep = |levels: usize| {
            let nested = (1..levels).fold(json!(1), |inner, _| json!([inner]));
            object(json!({ "a": nested }))
        };
        for (claims, expected) in [
            (long(PersonClaims::LONGEST), Ok(())),
            (
                long(PersonClaims::LONGEST + 1),
                Err(PersonClaimsRefused::TooLong),
            ),
            // A character that JSON writes as six bytes counts as six.
            (
                object(json!({"a": "\u{1}".repeat(400)})),
                Err(PersonClaimsRefused::TooLong),
            ),
            (deep(PersonClaims::DEEPEST), Ok(())),
            (
                deep(PersonClaims::DEEPEST + 1),
                Err(PersonClaimsRefused::TooDeep),
            ),
        ] {
            let read = serde_json::from_value::<PersonClaims>(Value::Object(claims.clone()));
            assert_eq!(read.is_ok(), expected.is_ok(), "{claims:?}");
            let taken = PersonClaims::new(claims.clone()).map(drop);
            assert_eq!(taken, expected, "{claims:?}");
        }
    }
}

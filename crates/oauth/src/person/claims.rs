//! What a source says of a person beyond name, e-mail address and roles.
//!
//! *Invariant:* they are few and shallow, so that whatever carries a person, a cookie, a row or a
//! token, can carry and read them; nothing is ever decided by them.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// Claims of a person, by the names of OpenID Connect Core §5.1 where it has one: a JSON object.
///
/// It is kept as text, since most components carry it and none but the last reads it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Box<RawValue>", into = "Box<RawValue>")]
pub struct PersonClaims(String);

/// Why claims are not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PersonClaimsRefused {
    /// A list, or a word.
    #[error("the claims of a person are no JSON object")]
    NoObject,
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

const NOTHING: &str = "{}";

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

    /// Of what a source said, the known claims and those that an operator listed.
    pub fn chosen(
        said: &Map<String, Value>,
        listed: &[String],
    ) -> Result<Self, PersonClaimsRefused> {
        let listed = listed.iter().map(String::as_str);
        let names = Self::KNOWN.into_iter().chain(listed);
        let found = names.filter_map(|name| said.get_key_value(name));
        let kept = found.filter(|(_, value)| !value.is_null());
        let kept: Map<_, _> = kept
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        Self::read(&Value::Object(kept).to_string())
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0 == NOTHING
    }

    /// All of them, as a JSON object.
    #[must_use]
    pub fn as_json(&self) -> &str {
        &self.0
    }

    /// Reads what is JSON, and may be anything.
    fn read(json: &str) -> Result<Self, PersonClaimsRefused> {
        if !json.starts_with('{') {
            return Err(PersonClaimsRefused::NoObject);
        }
        if json.len() > Self::LONGEST {
            return Err(PersonClaimsRefused::TooLong);
        }
        if depth(json) > Self::DEEPEST {
            return Err(PersonClaimsRefused::TooDeep);
        }
        Ok(Self(json.to_owned()))
    }
}

/// How deep JSON is nested: the most brackets that are open at once, but for those in texts.
fn depth(json: &str) -> usize {
    let (mut open, mut deepest) = (0_usize, 0);
    let (mut in_text, mut escaped) = (false, false);
    for byte in json.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => in_text = !in_text,
            b'{' | b'[' if !in_text => {
                open = open.saturating_add(1);
                deepest = deepest.max(open);
            }
            b'}' | b']' if !in_text => open = open.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

impl Default for PersonClaims {
    fn default() -> Self {
        Self(NOTHING.to_owned())
    }
}

impl TryFrom<Box<RawValue>> for PersonClaims {
    type Error = PersonClaimsRefused;

    fn try_from(json: Box<RawValue>) -> Result<Self, PersonClaimsRefused> {
        Self::read(json.get())
    }
}

impl From<PersonClaims> for Box<RawValue> {
    fn from(claims: PersonClaims) -> Self {
        // Whatever is in there was read as JSON before.
        RawValue::from_string(claims.0).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn object(value: &Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn the_known_and_the_listed_are_kept_and_what_says_nothing_is_not() {
        let said = object(&json!({
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
            assert_eq!(
                serde_json::from_str::<Value>(claims.as_json()).unwrap(),
                kept
            );
            assert_eq!(serde_json::to_value(&claims).unwrap(), kept, "{listed:?}");
            let text = serde_json::to_string(&claims).unwrap();
            assert_eq!(serde_json::from_str::<PersonClaims>(&text).unwrap(), claims);
        }
        let nothing = PersonClaims::chosen(&Map::new(), &[]).unwrap();
        assert_eq!(nothing, PersonClaims::default());
        assert!(nothing.is_empty());
    }

    #[test]
    fn what_no_token_could_carry_is_refused_and_never_cut() {
        // `{"sid":"…"}` is ten characters around the text.
        let long = |length: usize| json!({"sid": "x".repeat(length - 10)});
        let deep = |levels: usize| {
            let nested = (1..levels).fold(json!(1), |inner, _| json!([inner]));
            json!({ "sid": nested })
        };
        for (claims, expected) in [
            (long(PersonClaims::LONGEST), None),
            (
                long(PersonClaims::LONGEST + 1),
                Some(PersonClaimsRefused::TooLong),
            ),
            // A character that JSON writes as six bytes counts as six.
            (
                json!({"sid": "\u{1}".repeat(400)}),
                Some(PersonClaimsRefused::TooLong),
            ),
            (deep(PersonClaims::DEEPEST), None),
            (
                deep(PersonClaims::DEEPEST + 1),
                Some(PersonClaimsRefused::TooDeep),
            ),
            // Brackets in texts nest nothing, behind an escaped quotation mark neither.
            (json!({"sid": "\"[".repeat(99)}), None),
            (json!({"sid": ["\\", "[".repeat(99)]}), None),
        ] {
            let chosen = PersonClaims::chosen(&object(&claims), &[]);
            assert_eq!(chosen.err(), expected, "{claims}");
            let read = serde_json::from_value::<PersonClaims>(claims.clone());
            assert_eq!(read.is_err(), expected.is_some(), "{claims}");
        }
        for other in ["[]", "1", "null", "\"{}\""] {
            assert!(
                serde_json::from_str::<PersonClaims>(other).is_err(),
                "{other}"
            );
        }
    }
}

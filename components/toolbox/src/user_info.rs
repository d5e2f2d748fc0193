//! `userInfo`: who is calling, in eight fields.
//!
//! *Invariant:* the fields are always there, and one that is not known is null, never made up.

use serde::Serialize;
use serde_json::Value;

use crate::arguments::Arguments;
use crate::tool::{Caller, Outcome, Tool};

pub(crate) const TOOL: Tool = Tool {
    name: "userInfo",
    title: "Who am I",
    description: "Shows who is signed in, as far as they let this client know.",
    input_schema: r#"{"type":"object","properties":{}}"#,
    output_schema: Some(
        r#"{"type":"object","properties":{"userId":{"type":"string","description":"The id that the identity provider gave"},"sessionId":{"anyOf":[{"type":"string"},{"type":"null"}]},"email":{"anyOf":[{"type":"string"},{"type":"null"}]},"firstName":{"anyOf":[{"type":"string"},{"type":"null"}]},"lastName":{"anyOf":[{"type":"string"},{"type":"null"}]},"imageUrl":{"anyOf":[{"type":"string"},{"type":"null"}]},"role":{"anyOf":[{"type":"string"},{"type":"null"}]},"metadata":{"anyOf":[{"type":"object"},{"type":"array"},{"type":"string"},{"type":"number"},{"type":"boolean"},{"type":"null"}],"description":"What the identity provider keeps for everybody to read"}},"required":["userId","sessionId","email","firstName","lastName","imageUrl","role","metadata"],"additionalProperties":false}"#,
    ),
    call: user_info,
};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct UserInfo<'a> {
    user_id: &'a str,
    session_id: Option<&'a str>,
    email: Option<&'a str>,
    first_name: Option<&'a str>,
    last_name: Option<&'a str>,
    image_url: Option<&'a str>,
    role: Option<&'a str>,
    metadata: Option<&'a Value>,
}

fn user_info(caller: &Caller, arguments: &str) -> Result<Outcome, String> {
    Arguments::read(arguments)?;
    let text = |name: &str| caller.claims.get(name).and_then(Value::as_str);
    let given = (text("given_name"), text("family_name"));
    let (first_name, last_name) = match given {
        (None, None) => names(caller.name.as_deref()),
        (Some(_), _) | (_, Some(_)) => given,
    };
    let subject = caller.subject.as_str();
    Outcome::json(&UserInfo {
        // The source before the colon is ours; who asks their provider for a person has its id.
        user_id: subject.split_once(':').map_or(subject, |(_, id)| id),
        session_id: text("sid"),
        email: caller.email.as_deref(),
        first_name,
        last_name,
        image_url: text("picture"),
        role: caller.roles.first().map(String::as_str),
        metadata: caller.claims.get("public_metadata"),
    })
}

/// A full name in two: the last word, and what comes before it.
fn names(name: Option<&str>) -> (Option<&str>, Option<&str>) {
    let Some(name) = name.map(str::trim).filter(|name| !name.is_empty()) else {
        return (None, None);
    };
    match name.rsplit_once(' ') {
        Some((first, last)) => (Some(first.trim_end()), Some(last)),
        None => (Some(name), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn shown(caller: &Caller) -> Value {
        serde_json::from_str(&user_info(caller, "{}").unwrap().text).unwrap()
    }

    #[test]
    fn the_eight_fields_are_there_whatever_is_known() {
        let mut caller = Caller {
            subject: "clerk:user_2:x".to_owned(),
            ..Caller::default()
        };
        let nothing = json!({
            "userId": "user_2:x", "sessionId": null, "email": null, "firstName": null,
            "lastName": null, "imageUrl": null, "role": null, "metadata": null,
        });
        assert_eq!(shown(&caller), nothing);
        let schema: Value = serde_json::from_str(TOOL.output_schema.unwrap()).unwrap();
        let fields = nothing.as_object().unwrap().keys();
        assert!(fields.eq(schema["properties"].as_object().unwrap().keys()));
        caller.email = Some("ada@example.com".to_owned());
        caller.roles = vec!["admin".to_owned(), "premium".to_owned()];
        let claims = json!({
            "sid": "sess_1", "given_name": "Ada", "family_name": "Lovelace",
            "picture": "https://img.example/ada", "public_metadata": {"role": "admin", "desk": 7},
        });
        caller.claims = claims.as_object().unwrap().clone();
        assert_eq!(
            shown(&caller),
            json!({
                "userId": "user_2:x", "sessionId": "sess_1", "email": "ada@example.com",
                "firstName": "Ada", "lastName": "Lovelace",
                "imageUrl": "https://img.example/ada", "role": "admin",
                "metadata": {"role": "admin", "desk": 7},
            })
        );
        let text = user_info(&caller, "{}").unwrap().text;
        assert!(
            text.starts_with("{\n  \"userId\": \"user_2:x\",\n  \"sessionId\""),
            "{text}"
        );
    }

    #[test]
    fn what_a_provider_says_of_names_counts_for_more_than_a_full_name() {
        for (claims, expected) in [
            (json!({}), ("Augusta Ada", "Lovelace")),
            (json!({"given_name": "Ada"}), ("Ada", "")),
            (json!({"family_name": "King"}), ("", "King")),
            (json!({"given_name": 7}), ("Augusta Ada", "Lovelace")),
        ] {
            let shown = shown(&Caller {
                name: Some("Augusta Ada Lovelace".to_owned()),
                claims: claims.as_object().unwrap().clone(),
                ..Caller::default()
            });
            let name = |field: &str| shown[field].as_str().unwrap_or_default();
            assert_eq!((name("firstName"), name("lastName")), expected, "{claims}");
        }
    }

    #[test]
    fn a_name_of_one_word_is_a_first_name() {
        for (name, expected) in [
            (None, (None, None)),
            (Some("  "), (None, None)),
            (Some("Plato"), (Some("Plato"), None)),
            (Some("Ada  Lovelace"), (Some("Ada"), Some("Lovelace"))),
        ] {
            assert_eq!(names(name), expected, "{name:?}");
        }
    }
}

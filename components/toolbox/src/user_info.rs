//! `userInfo`: who is calling.
//!
//! *Invariant:* a field that is not known is left out, never made up.

use serde::Serialize;

use crate::arguments::Arguments;
use crate::tool::{Caller, Outcome, Tool};

pub(crate) const TOOL: Tool = Tool {
    name: "userInfo",
    title: "Who am I",
    description: "Shows who is signed in, as far as they let this client know.",
    input_schema: r#"{"type":"object","properties":{}}"#,
    output_schema: None,
    call: user_info,
};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct UserInfo<'a> {
    user_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'a str>,
    roles: &'a [String],
}

fn user_info(caller: &Caller, arguments: &str) -> Result<Outcome, String> {
    Arguments::read(arguments)?;
    let (first_name, last_name) = names(caller.name.as_deref());
    let info = UserInfo {
        user_id: &caller.subject,
        email: caller.email.as_deref(),
        first_name,
        last_name,
        role: caller.roles.first().map(String::as_str),
        roles: &caller.roles,
    };
    let write = |error: serde_json::Error| format!("Error: {error}");
    Ok(Outcome {
        text: serde_json::to_string_pretty(&info).map_err(write)?,
        structured: Some(serde_json::to_string(&info).map_err(write)?),
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
    use serde_json::{Value, json};

    #[test]
    fn what_is_known_is_shown_and_nothing_else() {
        let shown = |caller: &Caller| -> Value {
            serde_json::from_str(&user_info(caller, "{}").unwrap().text).unwrap()
        };
        let mut caller = Caller {
            subject: "dev:ada".to_owned(),
            ..Caller::default()
        };
        assert_eq!(shown(&caller), json!({"userId": "dev:ada", "roles": []}));
        caller.name = Some("Augusta Ada Lovelace".to_owned());
        caller.email = Some("ada@dev.example".to_owned());
        caller.roles = vec!["admin".to_owned(), "premium".to_owned()];
        assert_eq!(
            shown(&caller),
            json!({
                "userId": "dev:ada", "email": "ada@dev.example", "firstName": "Augusta Ada",
                "lastName": "Lovelace", "role": "admin", "roles": ["admin", "premium"],
            })
        );
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

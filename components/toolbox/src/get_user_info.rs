//! `getUserInfo`: who is calling, as an OpenID Connect user-info answer would say it.
//!
//! *Invariant:* `sub` is what this server calls them everywhere, so it tells two providers' people
//! apart.

use serde::Serialize;

use crate::arguments::Arguments;
use crate::tool::{Caller, Outcome, Tool};

pub(crate) const TOOL: Tool = Tool {
    name: "getUserInfo",
    title: "User info",
    description: "Shows the e-mail address, name and subject of who is signed in.",
    input_schema: r#"{"type":"object","properties":{}}"#,
    output_schema: Some(
        r#"{"type":"object","properties":{"email":{"anyOf":[{"type":"string"},{"type":"null"}]},"name":{"anyOf":[{"type":"string"},{"type":"null"}]},"sub":{"type":"string","description":"<identity provider>:<the id that it gave>"}},"required":["email","name","sub"],"additionalProperties":false}"#,
    ),
    call: get_user_info,
};

#[derive(Serialize)]
struct UserInfo<'a> {
    email: Option<&'a str>,
    name: Option<&'a str>,
    sub: &'a str,
}

fn get_user_info(caller: &Caller, arguments: &str) -> Result<Outcome, String> {
    Arguments::read(arguments)?;
    Outcome::json(&UserInfo {
        email: caller.email.as_deref(),
        name: caller.name.as_deref(),
        sub: &caller.subject,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn the_three_fields_are_shown_and_nothing_else() {
        let mut caller = Caller {
            subject: "dev:ada".to_owned(),
            roles: vec!["admin".to_owned()],
            ..Caller::default()
        };
        let shown = |caller: &Caller| -> Value {
            let outcome = get_user_info(caller, "{}").unwrap();
            let structured: Value = serde_json::from_str(&outcome.structured.unwrap()).unwrap();
            assert_eq!(
                serde_json::from_str::<Value>(&outcome.text).unwrap(),
                structured
            );
            structured
        };
        assert_eq!(
            shown(&caller),
            json!({"email": null, "name": null, "sub": "dev:ada"})
        );
        caller.name = Some("Ada".to_owned());
        caller.email = Some("ada@dev.example".to_owned());
        let known = json!({"email": "ada@dev.example", "name": "Ada", "sub": "dev:ada"});
        assert_eq!(shown(&caller), known);
    }
}

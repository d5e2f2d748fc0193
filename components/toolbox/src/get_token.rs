//! `getToken`: what the call was authenticated with, as far as the operator wants it shown.
//!
//! *Invariant:* it knows what the gateway put into the call and nothing else; the gateway puts it
//! there for this tool alone, and offers the tool only where `postern.toml` says `get_token`.

use serde::Serialize;

use crate::arguments::Arguments;
use crate::tool::{Caller, Outcome, Tool};

pub(crate) const TOOL: Tool = Tool {
    name: "getToken",
    title: "Which token",
    description: "Shows what kind of credential the client sent with this call.",
    input_schema: r#"{"type":"object","properties":{}}"#,
    output_schema: Some(
        r#"{"type":"object","properties":{"token":{"anyOf":[{"type":"string"},{"type":"null"}]}},"required":["token"],"additionalProperties":false}"#,
    ),
    call: get_token,
};

#[derive(Serialize)]
struct Token<'a> {
    token: Option<&'a str>,
}

fn get_token(caller: &Caller, arguments: &str) -> Result<Outcome, String> {
    Arguments::read(arguments)?;
    let token = caller.credential.as_deref();
    let outcome = Outcome::json(&Token { token })?;
    Ok(Outcome {
        text: format!("User's token: {}", token.unwrap_or("none")),
        ..outcome
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_gateway_put_into_the_call_is_shown_as_it_is() {
        for (credential, text, structured) in [
            (None, "User's token: none", r#"{"token":null}"#),
            (
                Some("Bearer <JWT>"),
                "User's token: Bearer <JWT>",
                r#"{"token":"Bearer <JWT>"}"#,
            ),
        ] {
            let caller = Caller {
                credential: credential.map(str::to_owned),
                ..Caller::default()
            };
            let outcome = get_token(&caller, "{}").unwrap();
            assert_eq!(outcome.text, text);
            assert_eq!(outcome.structured.as_deref(), Some(structured));
        }
    }
}

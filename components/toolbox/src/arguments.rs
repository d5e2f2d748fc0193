//! Arguments, and what is wrong with them in words that name the field.
//!
//! *Invariant:* a value that was sent is never repeated in a refusal.

use serde_json::{Map, Value};

/// The arguments of one call.
pub(crate) struct Arguments(Map<String, Value>);

impl Arguments {
    /// Reads the JSON object of a call.
    pub(crate) fn read(json: &str) -> Result<Self, String> {
        match serde_json::from_str(json) {
            Ok(Value::Object(members)) => Ok(Self(members)),
            Ok(_) | Err(_) => Err("Error: The arguments must be a JSON object".to_owned()),
        }
    }

    /// The number called `name`.
    pub(crate) fn number(&self, name: &str) -> Result<f64, String> {
        match self.0.get(name) {
            None => Err(format!("Error: `{name}` is missing; it must be a number")),
            Some(value) => value
                .as_f64()
                .filter(|number| number.is_finite())
                .ok_or_else(|| format!("Error: `{name}` must be a number, not {}", kind(value))),
        }
    }

    /// The one of `choices` that `name` names.
    pub(crate) fn choice<T: Copy>(&self, name: &str, choices: &[(&str, T)]) -> Result<T, String> {
        let chosen = self.0.get(name).and_then(Value::as_str);
        let found = choices.iter().find(|(known, _)| Some(*known) == chosen);
        found.map(|(_, value)| *value).ok_or_else(|| {
            let names: Vec<_> = choices.iter().map(|(known, _)| *known).collect();
            format!("Error: `{name}` must be one of {}", names.join(", "))
        })
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "one of that size",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_the_field_and_what_it_must_be() {
        let number = |json: &str| Arguments::read(json).and_then(|arguments| arguments.number("a"));
        for (json, expected) in [
            (r#"{"a":1.5,"other":[]}"#, Ok(1.5)),
            (r#"{"a":-7}"#, Ok(-7.0)),
            ("{}", Err("Error: `a` is missing; it must be a number")),
            (
                r#"{"a":"23"}"#,
                Err("Error: `a` must be a number, not a string"),
            ),
            (
                r#"{"a":null}"#,
                Err("Error: `a` must be a number, not null"),
            ),
            (
                r#"{"a":[1]}"#,
                Err("Error: `a` must be a number, not an array"),
            ),
            ("[1]", Err("Error: The arguments must be a JSON object")),
            ("", Err("Error: The arguments must be a JSON object")),
        ] {
            assert_eq!(number(json), expected.map_err(str::to_owned), "{json}");
        }
    }
}

//! What a tool is, and what it gives back.
//!
//! *Invariant:* whatever is wrong with a call is said in words, in an outcome that is an error.

use serde::Serialize;
use serde_json::{Map, Value};

/// Who calls.
#[derive(Clone, Debug, Default)]
pub struct Caller {
    /// Their stable id.
    pub subject: String,
    /// What they are called.
    pub name: Option<String>,
    /// Their e-mail address.
    pub email: Option<String>,
    /// What they may be.
    pub roles: Vec<String>,
    /// What else their source says of them.
    pub claims: Map<String, Value>,
    /// What may be shown of the credential they called with.
    pub credential: Option<String>,
}

/// A tool: its description and its function.
#[derive(Clone, Copy, Debug)]
pub struct Tool {
    /// What it is called by.
    pub name: &'static str,
    /// What people read.
    pub title: &'static str,
    /// What models read.
    pub description: &'static str,
    /// JSON Schema of its arguments.
    pub input_schema: &'static str,
    /// JSON Schema of its structured outcome.
    pub output_schema: Option<&'static str>,
    /// The outcome, or what is wrong in words.
    pub call: fn(&Caller, &str) -> Result<Outcome, String>,
}

/// What a tool that did its work gives back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// For models.
    pub text: String,
    /// For programs: JSON.
    pub structured: Option<String>,
}

/// JSON Schema of what an arithmetic tool gives back.
pub(crate) const NUMBER_SCHEMA: &str = r#"{"type":"object","properties":{"result":{"type":"number"}},"required":["result"],"additionalProperties":false}"#;

impl Outcome {
    /// A number, for models and for programs.
    pub(crate) fn number(number: f64) -> Result<Self, String> {
        if !number.is_finite() {
            return Err("Error: The result is too large for a number".to_owned());
        }
        // The display of a finite number is JSON too.
        let text = number.to_string();
        let structured = Some(format!(r#"{{"result":{text}}}"#));
        Ok(Self { text, structured })
    }

    /// What is wrong, in words.
    #[must_use]
    pub const fn wrong(words: String) -> Self {
        Self {
            text: words,
            structured: None,
        }
    }

    /// A value, indented for models and as it is for programs.
    pub(crate) fn json(value: &impl Serialize) -> Result<Self, String> {
        let write = |error: serde_json::Error| format!("Error: {error}");
        Ok(Self {
            text: serde_json::to_string_pretty(value).map_err(write)?,
            structured: Some(serde_json::to_string(value).map_err(write)?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tool_is_described_and_takes_an_object_alone() {
        let mut names = std::collections::BTreeSet::new();
        for tool in crate::TOOLS {
            assert!(names.insert(tool.name), "{} is there twice", tool.name);
            assert!(!tool.title.is_empty() && !tool.description.is_empty());
            let refused = (tool.call)(&Caller::default(), "[]").unwrap_err();
            assert!(refused.contains("arguments"), "{}: {refused}", tool.name);
            for schema in [Some(tool.input_schema), tool.output_schema]
                .into_iter()
                .flatten()
            {
                let schema: Value = serde_json::from_str(schema).unwrap();
                assert_eq!(schema["type"], "object", "{}", tool.name);
                let fields = schema["properties"].as_object().unwrap().values();
                // A `type` that is an array is lost on clients whose dialect knows one type.
                for field in fields {
                    let kinds = field["anyOf"].as_array().cloned();
                    for kind in kinds.unwrap_or_else(|| vec![field.clone()]) {
                        assert!(kind["type"].is_string(), "{}: {kind}", tool.name);
                    }
                }
            }
        }
    }

    #[test]
    fn numbers_are_written_as_people_write_them() {
        for (number, text) in [
            (42.0, "42"),
            (-0.5, "-0.5"),
            (0.1 + 0.2, "0.30000000000000004"),
        ] {
            let outcome = Outcome::number(number).unwrap();
            assert_eq!(outcome.text, text);
            let value: Value = serde_json::from_str(&outcome.structured.unwrap()).unwrap();
            assert_eq!(value["result"].as_f64(), Some(number));
        }
        assert!(Outcome::number(f64::MAX * 2.0).is_err());
    }
}

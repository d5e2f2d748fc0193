//! `Mcp-Param-*`: arguments that a tool wants mirrored in headers (2026-07-28, Streamable HTTP,
//! Custom Headers from Tool Parameters).
//!
//! *Invariant:* a header that can be read otherwise than its argument is refused, so that a proxy
//! that went by the header and the tool that goes by the argument saw the same.

use http::{HeaderMap, HeaderName};
use serde_json::{Map, Value};

use crate::headers::{Header, decode_name, encode_name, one};
use crate::refused::Refused;

/// The marker in a schema.
pub(crate) const MARKER: &str = "x-mcp-header";
/// What every such header begins with.
const PREFIX: &str = "mcp-param-";
/// Beyond it JSON numbers of JavaScript lose digits.
const SAFE: f64 = 9_007_199_254_740_991.0;

/// The arguments of one tool that are mirrored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ParamHeaders(Vec<Mirrored>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Mirrored {
    path: Vec<String>,
    name: String,
}

/// Why a tool's schema is one that clients drop.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParamHeadersRefused {
    /// Two arguments, one header.
    #[error("`x-mcp-header` has {0} twice")]
    Duplicate(String),
    /// No token of RFC 9110.
    #[error("`x-mcp-header` must be a header's name, not {0}")]
    Name(String),
    /// Of a type that has no one way to be written.
    #[error("`x-mcp-header` may mark a string, an integer or a boolean, and {0} is none")]
    Type(String),
}

impl ParamHeaders {
    /// What a tool's input schema marks, along chains of `properties` alone.
    pub fn of(schema: &Value) -> Result<Self, ParamHeadersRefused> {
        let mut found = Vec::new();
        walk(schema, &mut Vec::new(), &mut found)?;
        Ok(Self(found))
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The headers of a call with these arguments, for a client whose revision has none of them.
    #[must_use]
    pub fn write(&self, arguments: &Map<String, Value>) -> HeaderMap {
        let written = self.0.iter().filter_map(|mirrored| {
            let text = match mirrored.argument(arguments)? {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            let name: HeaderName = format!("{PREFIX}{}", mirrored.name).parse().ok()?;
            Some((name, encode_name(&text)?))
        });
        written.collect()
    }

    /// Judges the headers of a call with these arguments.
    pub fn check(
        &self,
        headers: &HeaderMap,
        arguments: &Map<String, Value>,
    ) -> Result<(), Refused> {
        self.0.iter().try_for_each(|mirrored| {
            let header = one(headers, &format!("{PREFIX}{}", mirrored.name));
            let refuse = |fault| Refused::ParamHeader {
                name: mirrored.name.clone(),
                fault,
            };
            let Some(argument) = mirrored.argument(arguments) else {
                return match header {
                    Header::Absent => Ok(()),
                    Header::Text(_) | Header::Unreadable => {
                        Err(refuse("is there without its argument"))
                    }
                };
            };
            match header {
                Header::Absent => Err(refuse("is missing")),
                Header::Unreadable => Err(refuse("cannot be read")),
                Header::Text(text) => {
                    let text = decode_name(text).ok_or_else(|| refuse("cannot be read"))?;
                    if says(&text, argument) {
                        Ok(())
                    } else {
                        Err(refuse("differs from its argument"))
                    }
                }
            }
        })
    }
}

impl Mirrored {
    /// The argument, unless it is missing or `null`.
    fn argument<'a>(&self, arguments: &'a Map<String, Value>) -> Option<&'a Value> {
        let (first, rest) = self.path.split_first()?;
        let found = rest
            .iter()
            .try_fold(arguments.get(first)?, |value, key| value.get(key))?;
        (!found.is_null()).then_some(found)
    }
}

fn walk(
    schema: &Value,
    path: &mut Vec<String>,
    found: &mut Vec<Mirrored>,
) -> Result<(), ParamHeadersRefused> {
    let properties = schema.get("properties").and_then(Value::as_object);
    for (key, property) in properties.into_iter().flatten() {
        path.push(key.clone());
        if let Some(name) = property.get(MARKER) {
            let mirrored = mirrored(path, name, property)?;
            let same = |other: &Mirrored| other.name.eq_ignore_ascii_case(&mirrored.name);
            if found.iter().any(same) {
                return Err(ParamHeadersRefused::Duplicate(mirrored.name));
            }
            found.push(mirrored);
        }
        walk(property, path, found)?;
        path.pop();
    }
    Ok(())
}

fn mirrored(
    path: &[String],
    name: &Value,
    property: &Value,
) -> Result<Mirrored, ParamHeadersRefused> {
    let text = name.as_str().filter(|name| is_token(name));
    let name = text.ok_or_else(|| ParamHeadersRefused::Name(name.to_string()))?;
    match property.get("type").and_then(Value::as_str) {
        Some("boolean" | "integer" | "string") => Ok(Mirrored {
            path: path.to_vec(),
            name: name.to_owned(),
        }),
        _ => Err(ParamHeadersRefused::Type(path.join("."))),
    }
}

/// RFC 9110 §5.6.2.
fn is_token(name: &str) -> bool {
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !name.is_empty() && name.bytes().all(token)
}

/// Whether a header's text is this argument. Integers are compared as numbers: 42.0 is 42.
fn says(text: &str, argument: &Value) -> bool {
    match argument {
        Value::Bool(argument) => text == if *argument { "true" } else { "false" },
        Value::Number(argument) => {
            text == argument.to_string()
                || match (text.parse::<f64>(), argument.as_f64()) {
                    (Ok(text), Some(argument)) => text.abs() <= SAFE && text == argument,
                    _ => false,
                }
        }
        Value::String(argument) => text == argument,
        Value::Array(_) | Value::Null | Value::Object(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;
    use proptest::prelude::*;
    use serde_json::json;

    fn schema() -> Value {
        json!({"type": "object", "properties": {
            "city": {"type": "string", "x-mcp-header": "City"},
            "days": {"type": "integer", "x-mcp-header": "Days"},
            "units": {"type": "object", "properties": {
                "metric": {"type": "boolean", "x-mcp-header": "Metric"},
            }},
            "list": {"type": "array", "items": {"type": "string", "x-mcp-header": "Unseen"}},
        }})
    }

    fn verdict(headers: &[(&str, &str)], arguments: &Value) -> String {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let name: HeaderName = format!("Mcp-Param-{name}").parse().unwrap();
            map.append(name, HeaderValue::from_str(value).unwrap());
        }
        let rules = ParamHeaders::of(&schema()).unwrap();
        match rules.check(&map, arguments.as_object().unwrap()) {
            Ok(()) => "fine".to_owned(),
            Err(refused) => {
                assert_eq!(refused.code().number(), -32020);
                refused.to_string()
            }
        }
    }

    /// Headers, arguments, and what becomes of them.
    type Case<'a> = (&'a [(&'a str, &'a str)], Value, &'a str);

    fn check(cases: &[Case<'_>]) {
        for (headers, arguments, expected) in cases {
            let found = verdict(headers, arguments);
            assert_eq!(&found, expected, "{headers:?} {arguments}");
        }
    }

    #[test]
    fn a_header_says_what_its_argument_says_or_the_call_is_refused() {
        const DIFFERS: &str = "the header Mcp-Param-City differs from its argument";
        const UNREADABLE: &str = "the header Mcp-Param-City cannot be read";
        let city = || json!({"city": "Hello"});
        check(&[
            (&[("City", "Hello")], city(), "fine"),
            (&[("city", " Hello ")], city(), "fine"),
            (&[("City", "=?base64?SGVsbG8=?=")], city(), "fine"),
            (
                &[("City", "=?base64?SGVsbG8")],
                json!({"city": "=?base64?SGVsbG8"}),
                "fine",
            ),
            (&[("City", "SGVsbG8=")], json!({"city": "SGVsbG8="}), "fine"),
            (&[("City", "hello")], city(), DIFFERS),
            (&[("City", "=?base64?SGVsbG8?=")], city(), UNREADABLE),
            (&[("City", "=?base64?SGVs!!!bG8=?=")], city(), UNREADABLE),
            (&[("City", "Hello"), ("City", "Hello")], city(), UNREADABLE),
            (&[], city(), "the header Mcp-Param-City is missing"),
        ]);
    }

    #[test]
    fn an_argument_that_is_not_there_has_no_header_and_numbers_are_compared_as_numbers() {
        let metric = |is: bool| json!({"units": {"metric": is}});
        check(&[
            (&[], json!({}), "fine"),
            (&[], json!({"city": null, "list": ["a"]}), "fine"),
            (
                &[("City", "Hello")],
                json!({}),
                "the header Mcp-Param-City is there without its argument",
            ),
            (&[("Days", "42.0")], json!({"days": 42}), "fine"),
            (
                &[("Days", "43")],
                json!({"days": 42}),
                "the header Mcp-Param-Days differs from its argument",
            ),
            (&[("Metric", "true")], metric(true), "fine"),
            (
                &[("Metric", "True")],
                metric(true),
                "the header Mcp-Param-Metric differs from its argument",
            ),
            (&[], metric(false), "the header Mcp-Param-Metric is missing"),
        ]);
    }

    #[test]
    fn a_schema_that_clients_would_drop_is_refused() {
        let of = |properties: Value| ParamHeaders::of(&json!({ "properties": properties }));
        let marked = |kind: &str, name: &str| json!({"type": kind, "x-mcp-header": name});
        assert_eq!(of(json!({})), Ok(ParamHeaders::default()));
        for (properties, reason) in [
            (
                json!({"a": marked("number", "A")}),
                ParamHeadersRefused::Type("a".to_owned()),
            ),
            (
                json!({"a": marked("string", "A b")}),
                ParamHeadersRefused::Name("\"A b\"".to_owned()),
            ),
            (
                json!({"a": marked("string", "")}),
                ParamHeadersRefused::Name("\"\"".to_owned()),
            ),
            (
                json!({"a": marked("string", "A"), "b": marked("string", "a")}),
                ParamHeadersRefused::Duplicate("a".to_owned()),
            ),
        ] {
            assert_eq!(of(properties.clone()), Err(reason), "{properties}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_what_is_wanted(
            city in proptest::option::of("\\PC{0,20}"),
            days in any::<i64>(),
            metric in any::<bool>(),
        ) {
            let arguments = json!({"city": city, "days": days, "units": {"metric": metric}});
            let arguments = arguments.as_object().unwrap();
            let rules = ParamHeaders::of(&schema()).unwrap();
            let headers = rules.write(arguments);
            prop_assert_eq!(headers.len(), if city.is_some() { 3 } else { 2 });
            prop_assert!(rules.check(&headers, arguments).is_ok());
        }
    }
}

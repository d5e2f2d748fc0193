//! What a server asks a client, and what it hears.
//!
//! *Invariant:* an answer that does not fit its question counts as none, so the question is asked
//! again.

use std::collections::BTreeMap;

use mcp::ClientCapability;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::schema::Schema;

/// Something asked of a client.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Question {
    /// A form for the person.
    Elicit {
        /// What they read.
        message: String,
        /// JSON Schema of the form: an object of plain values.
        schema: Value,
    },
    /// Where on its machine the client works.
    Roots,
    /// What its model says; the parameters of `sampling/createMessage`.
    Sample(Map<String, Value>),
}

/// Questions that are asked together, each by a key.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Questions {
    pub(crate) asked: Vec<(String, Question)>,
    pub(crate) bound: bool,
}

/// What was answered, by key.
pub type Answers = BTreeMap<String, Answer>;

/// An answer that fits its question.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer(pub(crate) Value);

impl Question {
    /// A form.
    #[must_use]
    pub fn elicit(message: impl Into<String>, schema: Value) -> Self {
        Self::Elicit {
            message: message.into(),
            schema,
        }
    }

    /// One message of the person's, for the model to answer in so many tokens.
    #[must_use]
    pub fn sample(text: &str, most_tokens: u32) -> Self {
        let content = json!({"type": "text", "text": text});
        let messages = json!([{"role": "user", "content": content}]);
        Self::Sample(Map::from_iter([
            ("messages".to_owned(), messages),
            ("maxTokens".to_owned(), most_tokens.into()),
        ]))
    }

    /// What the client must be able to do.
    #[must_use]
    pub const fn needs(&self) -> ClientCapability {
        match self {
            Self::Elicit { .. } => ClientCapability::Elicitation,
            Self::Roots => ClientCapability::Roots,
            Self::Sample(_) => ClientCapability::Sampling,
        }
    }

    /// As `inputRequests` has it.
    pub(crate) fn request(&self) -> Value {
        let (method, params) = match self {
            Self::Elicit { message, schema } => (
                "elicitation/create",
                json!({"message": message, "requestedSchema": schema}),
            ),
            Self::Roots => ("roots/list", json!({})),
            Self::Sample(params) => ("sampling/createMessage", json!(params)),
        };
        json!({"method": method, "params": params})
    }

    pub(crate) fn takes(&self, answer: &Value) -> bool {
        let text = |key: &str| answer.get(key).and_then(Value::as_str);
        match self {
            Self::Elicit { schema, .. } => match text("action") {
                Some("accept") => fits(schema, answer.get("content")),
                Some("cancel" | "decline") => true,
                _ => false,
            },
            Self::Roots => {
                let roots = answer.get("roots").and_then(Value::as_array);
                let named = |root: &Value| root.get("uri").is_some_and(Value::is_string);
                roots.is_some_and(|roots| roots.iter().all(named))
            }
            Self::Sample(_) => {
                let content = answer.get("content");
                let said = content.is_some_and(|content| content.is_object() || content.is_array());
                said && matches!(text("role"), Some("assistant" | "user"))
            }
        }
    }
}

/// Whether a form was filled in as its schema says.
fn fits(schema: &Value, content: Option<&Value>) -> bool {
    let Some(content @ Value::Object(_)) = content else {
        return false;
    };
    Schema::of(schema).is_ok_and(|schema| schema.check(content).is_ok())
}

impl Questions {
    /// One question.
    #[must_use]
    pub fn one(key: &str, question: Question) -> Self {
        Self::default().and(key, question)
    }

    /// And another.
    #[must_use]
    pub fn and(mut self, key: &str, question: Question) -> Self {
        self.asked.push((key.to_owned(), question));
        self
    }

    /// Whose answers count only where they were asked for: by this person, of this very call, and
    /// lately. Others may come with the first request already.
    #[must_use]
    pub const fn bound(mut self) -> Self {
        self.bound = true;
        self
    }
}

impl Answer {
    /// All of it.
    #[must_use]
    pub const fn json(&self) -> &Value {
        &self.0
    }

    /// `accept`, `decline` or `cancel`, of a form.
    #[must_use]
    pub fn action(&self) -> &str {
        self.0.get("action").and_then(Value::as_str).unwrap_or("")
    }

    /// What the person filled in, if they did.
    #[must_use]
    pub fn accepted(&self) -> Option<&Map<String, Value>> {
        let content = self.0.get("content").and_then(Value::as_object);
        content.filter(|_| self.action() == "accept")
    }

    /// What the model said, where it is text.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        self.0.get("content")?.get("text")?.as_str()
    }

    /// The URIs of the client's roots.
    #[must_use]
    pub fn roots(&self) -> Vec<&str> {
        let roots = self.0.get("roots").and_then(Value::as_array);
        let uri = |root| Value::as_str(Value::get(root, "uri")?);
        roots.into_iter().flatten().filter_map(uri).collect()
    }
}

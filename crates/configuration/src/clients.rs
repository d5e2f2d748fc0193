//! The clients that an operator wrote down: `[[client]]`, and the JSON of one variable.
//!
//! *Invariant:* a secret stands in the variable alone, and no refusal repeats any of it.

use oauth::Client;
use oauth::configured::{ClientText, ConfiguredRefused, Kept};
use serde_json::Value;
use toml::Spanned;

use crate::{At, Reason};

/// The variable with clients as JSON: an array of them, or an object by their ids.
pub const VARIABLE: &str = "oauth_registered_clients";

/// Why the variable's clients are refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientsRefused {
    /// One of them cannot be.
    #[error("the variable `{VARIABLE}`, client `{0}`: {1}")]
    Client(String, ConfiguredRefused),
    /// Not JSON, or another field than RFC 7591's.
    #[error(
        "the variable `{VARIABLE}` must be a JSON array of clients in the words of RFC 7591 \
         (line {line}, column {column})"
    )]
    Malformed {
        /// Where.
        line: usize,
        /// Where in that line.
        column: usize,
    },
    /// An id twice.
    #[error("the variable `{VARIABLE}` has the client `{0}` twice, or postern.toml has it too")]
    Same(String),
}

/// The clients of the file.
pub(crate) fn written(texts: Vec<Spanned<ClientText>>) -> At<Vec<Client>> {
    let mut clients: Vec<Client> = Vec::new();
    for text in texts {
        let position = text.span().start;
        let text = text.into_inner();
        let id = text.client_id().to_owned();
        let client = Client::configured(text, Kept::InFile)
            .map_err(|reason| (position, Reason::Client(id.clone(), reason)))?;
        if holds(&clients, &id) {
            return Err((position, Reason::SameClient(id)));
        }
        clients.push(client);
    }
    Ok(clients)
}

/// The clients of the file with those of the variable.
pub fn from_json(written: Vec<Client>, json: &str) -> Result<Vec<Client>, ClientsRefused> {
    let malformed = |error: &serde_json::Error| ClientsRefused::Malformed {
        line: error.line(),
        column: error.column(),
    };
    let value: Value = serde_json::from_str(json).map_err(|error| malformed(&error))?;
    let mut clients = written;
    for text in listed(value) {
        let text: ClientText = serde_json::from_value(text).map_err(|error| malformed(&error))?;
        let id = text.client_id().to_owned();
        if holds(&clients, &id) {
            return Err(ClientsRefused::Same(id));
        }
        let client = Client::configured(text, Kept::InSecret);
        clients.push(client.map_err(|reason| ClientsRefused::Client(id, reason))?);
    }
    Ok(clients)
}

/// An object's names are the ids of its clients.
fn listed(value: Value) -> Vec<Value> {
    match value {
        Value::Array(clients) => clients,
        Value::Object(clients) => {
            let named = clients.into_iter().map(|(id, mut client)| {
                if let Value::Object(fields) = &mut client {
                    fields.entry("client_id").or_insert(Value::String(id));
                }
                client
            });
            named.collect()
        }
        other => vec![other],
    }
}

fn holds(clients: &[Client], id: &str) -> bool {
    clients.iter().any(|client| client.id().as_str() == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_array_and_an_object_by_ids_say_the_same() {
        let client = r#""redirect_uris":["http://localhost/callback"],"client_name":"Inspector""#;
        let array = format!(r#"[{{"client_id":"inspector",{client}}}]"#);
        let object = format!(r#"{{"inspector":{{{client}}}}}"#);
        for json in [array, object] {
            let clients = from_json(Vec::new(), &json).unwrap();
            let found: Vec<_> = clients.iter().map(|client| client.id().as_str()).collect();
            assert_eq!(found, ["inspector"], "{json}");
        }
    }

    #[test]
    fn a_refusal_says_where_and_repeats_no_secret() {
        let secret = "a-secret-that-nobody-may-see";
        for (json, told) in [
            (format!(r#"[{{"client_secret":"{secret}""#), "line 1"),
            (
                format!(r#"[{{"client_id":"a","client_secret":"{secret}","scpoe":"x"}}]"#),
                "RFC 7591",
            ),
            (
                format!(r#"[{{"client_id":"a","client_secret":"{secret}"}}]"#),
                "client `a`: authorization_code needs `redirect_uris`",
            ),
            ("7".to_owned(), "RFC 7591"),
        ] {
            let refused = from_json(Vec::new(), &json).unwrap_err().to_string();
            assert!(refused.contains(told), "{refused}");
            assert!(!refused.contains(secret), "{refused}");
        }
    }

    #[test]
    fn an_id_names_one_client() {
        let one = r#"{"client_id":"a","redirect_uris":["https://a.example/"]}"#;
        let twice = from_json(Vec::new(), &format!("[{one},{one}]")).unwrap_err();
        assert_eq!(twice, ClientsRefused::Same("a".to_owned()));
    }
}

//! What a token endpoint answers (RFC 6749 §5).
//!
//! *Invariant:* an answer with an `error` is a refusal whatever its status says, and nothing of it
//! but a code that everybody knows is ever repeated.

use http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value};

/// The tokens of a provider.
#[derive(Clone, PartialEq)]
pub struct TokenAnswer {
    /// For the provider's own APIs.
    pub access_token: String,
    /// For a later sign-in without the person.
    pub refresh_token: Option<String>,
    pub(crate) id_token: Option<String>,
    /// The person, where the answer describes them.
    pub(crate) user: Option<Map<String, Value>>,
}

// All of it is somebody's.
impl std::fmt::Debug for TokenAnswer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("TokenAnswer(..)")
    }
}

/// Why there are no tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenAnswerRefused {
    /// Our id or secret is wrong.
    #[error("the provider does not know this client: its id or its secret is wrong")]
    Client,
    /// The code or the refresh token counts no more.
    #[error("the provider takes the code or the refresh token no more")]
    Grant,
    /// It will not do this for this client.
    #[error("the provider refuses the request: {0}")]
    Other(&'static str),
    /// Neither tokens nor an error.
    #[error("the provider's token answer is none")]
    Malformed,
    /// It has troubles of its own.
    #[error("the provider cannot answer now (status {0})")]
    Unavailable(u16),
}

#[derive(Deserialize)]
struct Wire {
    #[serde(default)]
    error: Option<Value>,
    #[serde(default)]
    access_token: Option<String>,
    #[serde(default)]
    refresh_token: Option<String>,
    #[serde(default)]
    id_token: Option<String>,
    #[serde(default)]
    user: Value,
    #[serde(default)]
    ok: Option<bool>,
}

/// Codes of RFC 6749 §5.2 and of vendors that say more of them.
const REFUSALS: [&str; 7] = [
    "access_denied",
    "invalid_request",
    "invalid_scope",
    "invalid_target",
    "redirect_uri_mismatch",
    "unauthorized_client",
    "unsupported_grant_type",
];

impl TokenAnswer {
    /// Reads an answer.
    pub fn read(status: StatusCode, body: &[u8]) -> Result<Self, TokenAnswerRefused> {
        let members = jose::json_object(body).map(Value::Object);
        let read = members.and_then(|members| Wire::deserialize(members).ok());
        let error = read.as_ref().and_then(|read| match &read.error {
            Some(Value::String(code)) => Some(code.as_str()),
            Some(Value::Null) | None if read.ok == Some(false) => Some(""),
            Some(Value::Null) | None => None,
            Some(_) => Some(""),
        });
        if let Some(code) = error {
            return Err(refused(status, code));
        }
        if !status.is_success() {
            return Err(refused(status, ""));
        }
        let read = read.ok_or(TokenAnswerRefused::Malformed)?;
        let access_token = read.access_token.filter(|token| !token.is_empty());
        Ok(Self {
            access_token: access_token.ok_or(TokenAnswerRefused::Malformed)?,
            refresh_token: read.refresh_token.filter(|token| !token.is_empty()),
            id_token: read.id_token,
            // Some name the person there, and do not describe them.
            user: match read.user {
                Value::Object(user) => Some(user),
                _ => None,
            },
        })
    }
}

impl TokenAnswer {
    /// Whether the access token can be read.
    #[must_use]
    pub fn is_access_token_jwt(&self) -> bool {
        self.access_token.starts_with("eyJ") && self.access_token.matches('.').count() == 2
    }

    /// Who came, signed.
    #[must_use]
    pub fn id_token(&self) -> Option<&str> {
        self.id_token.as_deref()
    }
}

fn refused(status: StatusCode, code: &str) -> TokenAnswerRefused {
    match code {
        "invalid_client"
        | "incorrect_client_credentials"
        | "bad_client_secret"
        | "invalid_client_id" => TokenAnswerRefused::Client,
        "invalid_grant"
        | "bad_verification_code"
        | "bad_refresh_token"
        | "invalid_code"
        | "invalid_refresh_token"
        | "code_already_used"
        // Only the person can go on from here (OpenID Connect Core 1.0 §3.1.2.6).
        | "interaction_required"
        | "login_required"
        | "consent_required" => TokenAnswerRefused::Grant,
        "temporarily_unavailable" | "server_error" | "rate_limited" | "slow_down" => {
            TokenAnswerRefused::Unavailable(status.as_u16())
        }
        _ if status.is_server_error()
            || status == StatusCode::TOO_MANY_REQUESTS
            || status == StatusCode::REQUEST_TIMEOUT =>
        {
            TokenAnswerRefused::Unavailable(status.as_u16())
        }
        "" if status == StatusCode::UNAUTHORIZED => TokenAnswerRefused::Client,
        other => {
            let known = REFUSALS.into_iter().find(|known| *known == other);
            TokenAnswerRefused::Other(known.unwrap_or("an error of its own"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_a_refusal_whatever_the_status_says() {
        use TokenAnswerRefused::{Client, Grant, Malformed, Other, Unavailable};
        for (status, body, refused) in [
            (200, r#"{"error":"bad_verification_code"}"#, Grant),
            (
                200,
                r#"{"error":"incorrect_client_credentials","access_token":"a"}"#,
                Client,
            ),
            (200, r#"{"ok":false}"#, Other("an error of its own")),
            (200, r#"{"ok":false,"error":"invalid_code"}"#, Grant),
            (
                200,
                r#"{"ok":false,"error":"<script>"}"#,
                Other("an error of its own"),
            ),
            (
                200,
                r#"{"error":{"code":7},"access_token":"a"}"#,
                Other("an error of its own"),
            ),
            (400, r#"{"error":"invalid_grant"}"#, Grant),
            (
                400,
                r#"{"error":"invalid_request"}"#,
                Other("invalid_request"),
            ),
            (400, r#"{"error":"interaction_required"}"#, Grant),
            (200, r#"{"ok":false,"error":"invalid_client_id"}"#, Client),
            (401, r#"{"error":"invalid_client"}"#, Client),
            (401, "nope", Client),
            (429, "", Unavailable(429)),
            (503, r#"{"access_token":"a"}"#, Unavailable(503)),
            (500, "<html>", Unavailable(500)),
            (302, "", Other("an error of its own")),
            (200, "", Malformed),
            (200, "{}", Malformed),
            // Two readers could each see another token, or another order.
            (200, r#"{"access_token":"a","access_token":"b"}"#, Malformed),
            (
                200,
                r#"{"access_token":"a","user":{"id":"1","id":"2"}}"#,
                Malformed,
            ),
            (200, r#"[null,"a",null,null,null,null]"#, Malformed),
            (200, r#"{"access_token":""}"#, Malformed),
            (200, r#"{"access_token":7}"#, Malformed),
            (200, "access_token=a&scope=&token_type=bearer", Malformed),
        ] {
            let status = StatusCode::from_u16(status).unwrap();
            assert_eq!(
                TokenAnswer::read(status, body.as_bytes()),
                Err(refused),
                "{body}"
            );
        }
    }

    #[test]
    fn tokens_are_read_and_never_printed() {
        let body =
            r#"{"ok":true,"error":null,"access_token":"aa-1","refresh_token":"","id_token":"i"}"#;
        let answer = TokenAnswer::read(StatusCode::OK, body.as_bytes()).unwrap();
        assert_eq!(answer.access_token, "aa-1");
        assert_eq!(
            (answer.refresh_token.as_deref(), answer.id_token.as_deref()),
            (None, Some("i"))
        );
        assert!(!format!("{answer:?}").contains("aa-1"));
        for (body, user) in [
            (r#"{"access_token":"a","user":"ada"}"#, None),
            (r#"{"access_token":"a","user":null}"#, None),
            (r#"{"access_token":"a","user":{"id":"1"}}"#, Some("1")),
        ] {
            let answer = TokenAnswer::read(StatusCode::OK, body.as_bytes()).unwrap();
            let id = answer.user.as_ref().map(|user| &user["id"]);
            assert_eq!(id.and_then(Value::as_str), user, "{body}");
        }
    }
}

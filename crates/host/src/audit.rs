//! The audit, as a port: who did what, and why it was refused.
//!
//! *Invariant:* an event has no field for a secret, a token or a code; reasons come from our own
//! enums, whose sentences carry none.

use serde::Serialize;

/// Something worth knowing later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Event {
    /// What happened, such as `grant.pended` or `token.refused`.
    pub event: &'static str,
    /// The sign-in it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flow: Option<String>,
    /// Whom it concerns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Which kind of credential it is about, by its source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credential: Option<String>,
    /// Which client, by what it calls itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// Why, where something was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Event {
    /// An event that says nothing but its name.
    #[must_use]
    pub const fn new(event: &'static str) -> Self {
        Self {
            event,
            flow: None,
            subject: None,
            credential: None,
            client: None,
            reason: None,
        }
    }

    /// With the reason of a refusal.
    #[must_use]
    pub fn because(mut self, reason: &impl ToString) -> Self {
        self.reason = Some(reason.to_string());
        self
    }
}

/// Where events go.
pub trait Audit {
    /// Records an event. A lost event never fails a request.
    fn record(&self, event: Event);
}

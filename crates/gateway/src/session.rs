//! A session of the legacy era: a sealed handle, in the address that a stream tells its client to
//! post to (2024-11-05, HTTP with SSE) or in the header `Mcp-Session-Id` (Streamable HTTP).
//!
//! *Invariant:* a handle proves nothing by itself: it opens for the person and the client that it
//! was made for, at the resource where it was made, and for everybody else there is no session.

use std::time::Duration;

use host::{Address, Clock, Entropy};
use jose::Sealed;
use mcp::{Client, Revision};
use oauth::{Resource, Subject, Timestamp};
use serde::{Deserialize, Serialize};

use crate::credentials::Authenticated;
use crate::settings::Settings;

/// What a handle says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Session {
    id: String,
    subject: Subject,
    client: String,
    revision: Revision,
    until: Timestamp,
    /// What its client said of itself, where it had when the session began.
    #[serde(default, rename = "who", skip_serializing_if = "Option::is_none")]
    introduced: Option<Client>,
}

/// What a session begins with.
#[derive(Clone, Debug)]
pub(crate) struct Beginning {
    pub(crate) revision: Revision,
    pub(crate) lifetime: Duration,
    /// What its client says of itself, if that is known.
    pub(crate) client: Option<Client>,
}

impl Sealed for Session {
    const PURPOSE: &'static str = "session-handle";
}

/// Why a request belongs to no session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SessionRefused {
    #[error("too much waits for this session's stream: read it first")]
    Full,
    /// One sentence for all reasons: whether it is somebody else's is not the caller's to know.
    #[error("there is no such session: begin a new one with `initialize`, or with GET /sse")]
    NotFound,
    #[error("nothing is left of the stream with this `Last-Event-ID`")]
    Over,
    #[error("the parameter `sessionId` must be there once")]
    Parameter,
}

impl Session {
    /// A new session of this caller's, and its handle.
    pub(crate) fn begin<H: Clock + Entropy>(
        host: &H,
        settings: &Settings,
        (resource, caller): (&Resource, &Authenticated),
        beginning: Beginning,
    ) -> Option<(Self, String)> {
        let session = Self {
            id: jose::encode(host.random::<16>()),
            subject: caller.caller.person.subject.clone(),
            client: client_of(caller),
            revision: beginning.revision,
            until: host.now().plus(beginning.lifetime),
            introduced: beginning.client,
        };
        let handles = settings.handles();
        let handle = handles.seal(&session, host.random(), resource.as_str())?;
        Some((session, handle))
    }

    /// The session that this caller means by `handle`.
    pub(crate) fn open(
        handle: &str,
        settings: &Settings,
        (resource, caller): (&Resource, &Authenticated),
        now: Timestamp,
    ) -> Result<Self, SessionRefused> {
        let session = settings.handles().open(handle, resource.as_str());
        let session = session.map_err(|_| SessionRefused::NotFound)?;
        let theirs = session.subject == caller.caller.person.subject
            && session.client == client_of(caller)
            && now < session.until;
        theirs.then_some(session).ok_or(SessionRefused::NotFound)
    }

    /// The revision that was negotiated.
    pub(crate) const fn revision(&self) -> Revision {
        self.revision
    }

    /// What its client said of itself when it began, where it had by then.
    pub(crate) const fn client(&self) -> Option<&Client> {
        self.introduced.as_ref()
    }

    /// When it is over.
    pub(crate) const fn until(&self) -> Timestamp {
        self.until
    }

    /// Where its mail goes.
    pub(crate) fn address(&self) -> Address {
        Address {
            session: self.id.clone(),
            subject: self.subject.clone(),
        }
    }

    /// Where the mail for one of its streams goes, of which it may have several.
    pub(crate) fn stream(&self, name: &str) -> Address {
        Address {
            session: format!("{}.{name}", self.id),
            subject: self.subject.clone(),
        }
    }

    /// The stream of this session, and the number, that the id of an event speaks of.
    pub(crate) fn event<'a>(&self, id: &'a str) -> Option<(&'a str, u64)> {
        let of_session = id.strip_prefix(self.id.as_str())?.strip_prefix('.')?;
        let (stream, number) = of_session.split_once('.')?;
        Some((stream, number.parse().ok()?))
    }

    /// Whether streams can be taken up again by its client, and are primed for it (2025-11-25,
    /// Transports, Resumability and Redelivery; clients before it take no event without a message).
    pub(crate) fn resumes(&self) -> bool {
        self.revision >= Revision::V2025_11_25
    }

    /// How long after `now` it is over.
    pub(crate) fn remaining(&self, now: Timestamp) -> Duration {
        self.until.since(now)
    }
}

/// A client's id may be two thousand characters long.
fn client_of(caller: &Authenticated) -> String {
    jose::encode(jose::sha256(caller.caller.client_id.as_bytes()))
}

/// The handle in an address. It is made of characters that no query escapes.
pub(crate) fn parameter(query: &str) -> Result<&str, SessionRefused> {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    // Cloudflare's library and the official one write it in camel case, Python's in snake case.
    let mut handles = pairs
        .filter(|(name, _)| matches!(*name, "sessionId" | "session_id"))
        .map(|(_, value)| value);
    match (handles.next(), handles.next()) {
        (Some(handle), None) => Ok(handle),
        _ => Err(SessionRefused::Parameter),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_query_names_one_session() {
        for (query, found) in [
            ("sessionId=k.a-_", Ok("k.a-_")),
            ("session_id=x", Ok("x")),
            ("a=b&sessionId=x&c", Ok("x")),
            ("sessionId=", Ok("")),
            ("sessionId", Err(SessionRefused::Parameter)),
            ("sessionid=x", Err(SessionRefused::Parameter)),
            ("sessionId=x&sessionId=x", Err(SessionRefused::Parameter)),
            ("sessionId=x&session_id=y", Err(SessionRefused::Parameter)),
            ("", Err(SessionRefused::Parameter)),
        ] {
            assert_eq!(parameter(query), found, "{query}");
        }
    }

    proptest! {
        #[test]
        fn what_is_found_stood_in_the_query(query in "[a-zI_=&.]{0,40}|(sessionId=[a-z=]{0,4}&?){0,2}") {
            if let Ok(handle) = parameter(&query) {
                prop_assert!(query.contains(handle) && !handle.contains('&'));
            }
        }
    }
}

//! What a request asks for, by its method and path.
//!
//! *Invariant:* whatever it asks for, it passes the same checks in the same order.

use http::{Method, Request};

use crate::refusal::HttpRefused;

/// What can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    /// An answer to the body: `POST /mcp`, and at `/sse` too, where clients try that first.
    Answer {
        /// The resource that was reached.
        resource: &'static str,
    },
    /// An answer to the body, on the session's stream: `POST /messages`.
    Message,
    /// The end of a session: `DELETE`.
    End {
        /// The resource that was reached.
        resource: &'static str,
    },
    /// The rest of a stream that broke off: `GET /mcp` with `Last-Event-ID`.
    Rest {
        /// The resource that was reached.
        resource: &'static str,
    },
    /// A stream: `GET /sse`.
    Stream,
}

const MCP: &str = "/mcp";
/// Older than `/mcp`, and a resource of its own, since clients name it as one.
const SSE: &str = "/sse";

impl Endpoint {
    /// What a request asks for.
    pub(crate) fn of(request: &Request<()>) -> Result<Self, HttpRefused> {
        match (request.uri().path(), request.method()) {
            (MCP, &Method::POST) => Ok(Self::Answer { resource: MCP }),
            (SSE, &Method::POST) => Ok(Self::Answer { resource: SSE }),
            (MCP, &Method::DELETE) => Ok(Self::End { resource: MCP }),
            (SSE, &Method::DELETE) => Ok(Self::End { resource: SSE }),
            (MCP, &Method::GET) if request.headers().contains_key("last-event-id") => {
                Ok(Self::Rest { resource: MCP })
            }
            // A client of Streamable HTTP asks for its session's stream, as at /mcp.
            (SSE, &Method::GET) if request.headers().contains_key("mcp-session-id") => {
                if request.headers().contains_key("last-event-id") {
                    Ok(Self::Rest { resource: SSE })
                } else {
                    Err(HttpRefused::Method("DELETE, POST"))
                }
            }
            (SSE, &Method::GET) => Ok(Self::Stream),
            ("/messages" | "/sse/message", &Method::POST) => Ok(Self::Message),
            (SSE, _) => Err(HttpRefused::Method("DELETE, GET, POST")),
            (MCP, _) => Err(HttpRefused::Method("DELETE, POST")),
            ("/messages" | "/sse/message", _) => Err(HttpRefused::Method("POST")),
            _ => Err(HttpRefused::Path),
        }
    }

    /// The path of the protected resource that it is part of.
    pub(crate) const fn resource(self) -> &'static str {
        match self {
            Self::Answer { resource } | Self::End { resource } | Self::Rest { resource } => {
                resource
            }
            Self::Message | Self::Stream => SSE,
        }
    }
}

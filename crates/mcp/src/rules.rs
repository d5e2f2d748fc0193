//! The rules of a message's metadata, in the order they are judged.
//!
//! *Invariant:* the order is the lists below and nothing else: which of two broken rules a client
//! hears of decides whether its library stays modern or falls back (2026-07-28, Versioning).

use crate::envelope::{Notification, Request};
use crate::headers::{Header, McpHeaders, decode_name};
use crate::meta;
use crate::method::Method;
use crate::params::{Params, string};
use crate::refused::Refused;
use crate::revision::{Era, Revision, is_modern_date};

/// A message's metadata, as the rules see it.
#[derive(Clone, Copy, Debug)]
struct Asked<'a> {
    headers: McpHeaders<'a>,
    method: &'a str,
    params: &'a Params<'a>,
}

/// A request whose metadata is in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Admitted {
    /// What it wants.
    pub method: Method,
    /// In which revision.
    pub revision: Revision,
}

type Rule = fn(&Asked<'_>) -> Result<(), Refused>;

const MODERN_REQUEST: [Rule; 6] = [
    meta_names_a_version,
    meta_lists_client_capabilities,
    version_header_equals_meta,
    version_is_spoken,
    method_header_equals_method,
    name_header_equals_name,
];

const MODERN_NOTIFICATION: [Rule; 2] = [version_is_spoken, method_header_equals_method];

const LEGACY_REQUEST: [Rule; 1] = [version_header_is_spoken];

const LEGACY_NOTIFICATION: [Rule; 1] = [version_header_is_spoken];

/// The era of a message.
///
/// `Mcp-Method` says nothing of it: bridges send it with legacy messages too.
#[must_use]
pub fn era(headers: &McpHeaders<'_>, method: &str, params: &Params<'_>) -> Era {
    let header = matches!(headers.protocol_version, Header::Text(text) if is_modern_date(text));
    // A bare `initialize` always begins a negotiation, whatever a client keeps sending with it.
    if params.meta.is_modern() || (header && method != "initialize") {
        Era::Modern
    } else {
        Era::Legacy
    }
}

/// Judges a request, and says what it wants in which revision.
pub fn admit(headers: McpHeaders<'_>, request: &Request<'_>) -> Result<Admitted, Refused> {
    let asked = Asked {
        headers,
        method: &request.method,
        params: &request.params,
    };
    let era = era(&headers, &request.method, &request.params);
    match era {
        Era::Modern => judge(&MODERN_REQUEST, &asked)?,
        Era::Legacy => judge(&LEGACY_REQUEST, &asked)?,
    }
    Ok(Admitted {
        method: known(era, asked.method)?,
        revision: revision(era, &headers),
    })
}

/// Judges a request where nothing but the modern era is spoken, and whoever asks knows the methods.
pub fn admit_modern(headers: McpHeaders<'_>, request: &Request<'_>) -> Result<(), Refused> {
    let asked = Asked {
        headers,
        method: &request.method,
        params: &request.params,
    };
    judge(&MODERN_REQUEST, &asked).map_err(|refused| match refused {
        Refused::VersionUnsupported(version) => Refused::VersionNotModern(version),
        refused => refused,
    })
}

/// Judges a notification.
pub fn note(headers: McpHeaders<'_>, notification: &Notification<'_>) -> Result<(), Refused> {
    let asked = Asked {
        headers,
        method: &notification.method,
        params: &notification.params,
    };
    match era(&headers, asked.method, asked.params) {
        Era::Modern => judge(&MODERN_NOTIFICATION, &asked),
        Era::Legacy => judge(&LEGACY_NOTIFICATION, &asked),
    }
}

/// The revision of a body that has no method to tell an era by, such as an array.
#[must_use]
pub fn revision_by_header(headers: &McpHeaders<'_>) -> Revision {
    let Header::Text(text) = headers.protocol_version else {
        return Revision::ASSUMED;
    };
    match Revision::parse(text) {
        Some(revision) => revision,
        None if is_modern_date(text) => Revision::V2026_07_28,
        None => Revision::ASSUMED,
    }
}

fn judge(rules: &[Rule], asked: &Asked<'_>) -> Result<(), Refused> {
    rules.iter().try_for_each(|rule| rule(asked))
}

fn revision(era: Era, headers: &McpHeaders<'_>) -> Revision {
    let by_header = revision_by_header(headers);
    match (era, by_header.era()) {
        (Era::Modern, _) => Revision::V2026_07_28,
        (Era::Legacy, Era::Legacy) => by_header,
        // An `initialize` that carries the header of the era it fell back from.
        (Era::Legacy, Era::Modern) => Revision::ASSUMED,
    }
}

fn known(era: Era, method: &str) -> Result<Method, Refused> {
    Method::parse(era, method).ok_or_else(|| Refused::MethodUnknown(method.to_owned()))
}

/// Required even where the header says it (2026-07-28, Base Protocol, `_meta`).
fn meta_names_a_version(asked: &Asked<'_>) -> Result<(), Refused> {
    let version = asked.params.meta.protocol_version();
    version
        .map(|_| ())
        .ok_or(Refused::MetaMissing(meta::PROTOCOL_VERSION))
}

fn meta_lists_client_capabilities(asked: &Asked<'_>) -> Result<(), Refused> {
    if asked.params.meta.has_client_capabilities() {
        Ok(())
    } else {
        Err(Refused::MetaMissing(meta::CLIENT_CAPABILITIES))
    }
}

fn version_header_equals_meta(asked: &Asked<'_>) -> Result<(), Refused> {
    let version = asked.params.meta.protocol_version();
    let version = version.ok_or(Refused::MetaMissing(meta::PROTOCOL_VERSION))?;
    equals(
        "MCP-Protocol-Version",
        asked.headers.protocol_version,
        &version,
    )
}

fn version_is_spoken(asked: &Asked<'_>) -> Result<(), Refused> {
    let in_meta = asked.params.meta.protocol_version();
    let version = match (&in_meta, asked.headers.protocol_version) {
        (Some(version), _) => version.as_ref(),
        (None, Header::Text(version)) => version,
        (None, Header::Absent | Header::Unreadable) => {
            return Err(Refused::HeaderMissing("MCP-Protocol-Version"));
        }
    };
    match Revision::parse(version) {
        Some(revision) if revision.era() == Era::Modern => Ok(()),
        _ => Err(Refused::VersionUnsupported(version.to_owned())),
    }
}

fn method_header_equals_method(asked: &Asked<'_>) -> Result<(), Refused> {
    equals("Mcp-Method", asked.headers.method, asked.method)
}

/// Three kinds of method name what they are about in a header, so that proxies can route on it.
fn name_header_equals_name(asked: &Asked<'_>) -> Result<(), Refused> {
    let name = match asked.method {
        "prompts/get" | "tools/call" => asked.params.name,
        "resources/read" => asked.params.uri,
        "tasks/cancel" | "tasks/get" | "tasks/update" => asked.params.task_id,
        _ => return Ok(()),
    };
    match (asked.headers.name, string(name)) {
        // Nothing to compare with: the method itself refuses a request without its name.
        (_, None) => Ok(()),
        (Header::Absent, Some(_)) => Err(Refused::HeaderMissing("Mcp-Name")),
        (Header::Unreadable, Some(_)) => Err(Refused::HeaderMalformed("Mcp-Name")),
        (Header::Text(value), Some(name)) => {
            let value = decode_name(value).ok_or(Refused::HeaderMalformed("Mcp-Name"))?;
            if value == name {
                Ok(())
            } else {
                Err(Refused::HeaderMismatch("Mcp-Name"))
            }
        }
    }
}

/// 2025-06-18, Transports: an invalid or unsupported version header is 400.
fn version_header_is_spoken(asked: &Asked<'_>) -> Result<(), Refused> {
    match asked.headers.protocol_version {
        Header::Absent => Ok(()),
        // It negotiates in its body; its header is a client's leftover.
        _ if asked.method == "initialize" => Ok(()),
        Header::Text(text) if Revision::parse(text).is_some() => Ok(()),
        Header::Text(_) | Header::Unreadable => Err(Refused::VersionHeaderUnknown),
    }
}

fn equals(name: &'static str, header: Header<'_>, expected: &str) -> Result<(), Refused> {
    match header {
        Header::Absent => Err(Refused::HeaderMissing(name)),
        Header::Unreadable => Err(Refused::HeaderMalformed(name)),
        Header::Text(value) if value == expected => Ok(()),
        Header::Text(_) => Err(Refused::HeaderMismatch(name)),
    }
}

#[cfg(test)]
mod tests;

//! Microsoft Graph: groups that did not fit into the token, and a profile's addresses.
//!
//! *Invariant:* groups are ids: a group's name can be given to another.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Read, What, github::append};
use crate::claims::Claims;
use crate::upstream::Upstream;

#[derive(Deserialize)]
struct Groups {
    value: Vec<Group>,
    #[serde(rename = "@odata.nextLink")]
    next: Option<String>,
}

#[derive(Deserialize)]
struct Group {
    id: String,
}

pub(super) fn reads(upstream: &Upstream, claims: &Claims) -> Vec<Read> {
    let Some(host) = upstream.graph_host() else {
        return Vec::new();
    };
    let mut reads = Vec::new();
    if upstream.email(claims).is_none() {
        let url = format!("https://{host}/v1.0/me?$select=mail,userPrincipalName");
        reads.push(Read::first(What::MicrosoftProfile, url));
    }
    if upstream.needs_roles() && is_over(&claims.0) {
        let url = format!("https://{host}/v1.0/me/memberOf?$select=id&$top=999");
        reads.push(Read::first(What::MicrosoftGroups, url));
    }
    reads
}

/// More than 200 groups are named by where to find them.
fn is_over(claims: &Map<String, Value>) -> bool {
    let named = claims
        .get("_claim_names")
        .and_then(|names| names.get("groups"));
    named.is_some()
        || claims
            .get("hasgroups")
            .is_some_and(|has| *has != Value::Bool(false))
}

pub(super) fn groups(claims: &mut Claims, json: &[u8]) -> Option<Option<String>> {
    let found: Groups = serde_json::from_slice(json).ok()?;
    append(
        claims,
        "groups",
        found.value.into_iter().map(|group| group.id),
    );
    Some(found.next)
}

pub(super) fn profile(claims: &mut Claims, json: &[u8]) -> Option<()> {
    let found: Map<String, Value> = serde_json::from_slice(json).ok()?;
    for name in ["mail", "userPrincipalName"] {
        if let Some(value @ Value::String(_)) = found.get(name) {
            claims.0.insert(name.to_owned(), value.clone());
        }
    }
    Some(())
}

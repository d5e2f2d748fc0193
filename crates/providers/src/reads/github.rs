//! GitHub: addresses, organizations and teams.
//!
//! *Invariant:* an address counts only where GitHub calls it primary and verified.

use serde::Deserialize;
use serde_json::Value;

use super::{Read, What};
use crate::claims::Claims;
use crate::upstream::Upstream;

/// As many entries does a page have.
const PAGE: usize = 100;

#[derive(Deserialize)]
struct Email {
    email: String,
    primary: bool,
    verified: bool,
}

#[derive(Deserialize)]
struct Organization {
    login: String,
}

#[derive(Deserialize)]
struct Team {
    slug: String,
    organization: Organization,
}

pub(super) fn reads(upstream: &Upstream, _: &Claims) -> Vec<Read> {
    let Some(user) = upstream.endpoints.userinfo.as_deref() else {
        return Vec::new();
    };
    let list = |name: &str| format!("{user}/{name}?per_page={PAGE}");
    // What stands in the profile is what its owner typed: the list knows what is verified.
    let mut reads = vec![Read::first(What::GitHubEmails, list("emails"))];
    if upstream.needs_roles() {
        reads.push(Read::first(What::GitHubOrganizations, list("orgs")));
        reads.push(Read::first(What::GitHubTeams, list("teams")));
    }
    reads
}

pub(super) fn page(url: &str, page: usize) -> String {
    let first = url.split_once("&page=").map_or(url, |(first, _)| first);
    format!("{first}&page={page}")
}

pub(super) fn emails(claims: &mut Claims, json: &[u8]) -> Option<()> {
    let emails: Vec<Email> = serde_json::from_slice(json).ok()?;
    let found = emails
        .into_iter()
        .find(|email| email.primary && email.verified);
    claims
        .0
        .insert("email_verified".to_owned(), found.is_some().into());
    if let Some(found) = found {
        claims.0.insert("email".to_owned(), found.email.into());
    }
    Some(())
}

pub(super) fn organizations(claims: &mut Claims, json: &[u8]) -> Option<bool> {
    let found: Vec<Organization> = serde_json::from_slice(json).ok()?;
    let full = found.len() >= PAGE;
    append(
        claims,
        "organizations",
        found.into_iter().map(|found| found.login),
    );
    Some(full)
}

pub(super) fn teams(claims: &mut Claims, json: &[u8]) -> Option<bool> {
    let found: Vec<Team> = serde_json::from_slice(json).ok()?;
    let full = found.len() >= PAGE;
    let names = found
        .into_iter()
        .map(|team| format!("{}/{}", team.organization.login, team.slug));
    append(claims, "teams", names);
    Some(full)
}

pub(super) fn append(claims: &mut Claims, name: &str, values: impl Iterator<Item = String>) {
    let list = claims
        .0
        .entry(name)
        .or_insert_with(|| Value::Array(Vec::new()));
    if let Value::Array(list) = list {
        list.extend(values.map(Value::String));
    }
}

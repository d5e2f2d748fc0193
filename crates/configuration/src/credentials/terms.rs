//! What the people of a source may, and which of its words are roles.
//!
//! *Invariant:* without a word of the operator's, a credential lets nobody do more than use tools:
//! `mcp:tools` alone.

use std::collections::BTreeSet;

use oauth::foreign_token::Claims;
use oauth::{Role, Scope, Scopes};
use providers::{RoleMap, at_path};
use serde::Deserialize;
use serde_json::Value;

use crate::names::Names;

/// What the people of a source may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    role_claim: String,
    map: Option<RoleMap>,
    fixed: Vec<Role>,
    scopes: Scopes,
}

/// Tokens of the shared secret, refined.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shared {
    /// Who makes them, where the operator says so.
    pub issuer: Option<String>,
    /// For whom, where the operator says so.
    pub audience: Vec<String>,
    /// What their people may.
    pub terms: Terms,
}

/// Why a source's terms are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TermsRefused {
    #[error("`issuer` must be the very text of the tokens' claim `iss`")]
    Issuer,
    #[error(
        "`role_claim` must be a claim's name, or names with dots in between such as \
         realm_access.roles"
    )]
    RoleClaim,
    #[error("`roles` must be names that are not empty")]
    Roles,
    #[error("`scope` must be of mcp:tools and profile, separated by spaces")]
    Scope,
}

/// Where tokens have roles if the operator says nothing else.
const USUAL_CLAIM: &str = "roles";

#[derive(Deserialize)]
pub(crate) struct TermsText {
    pub(super) role_claim: Option<String>,
    pub(super) roles: Option<RoleMap>,
    pub(super) scope: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct AnonymousText {
    #[serde(default)]
    roles: Vec<String>,
    scope: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct SharedText {
    issuer: Option<String>,
    audience: Option<Names>,
    role_claim: Option<String>,
    roles: Option<RoleMap>,
    scope: Option<String>,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            role_claim: USUAL_CLAIM.to_owned(),
            map: None,
            fixed: Vec::new(),
            scopes: Scopes::from_iter([Scope::McpTools]),
        }
    }
}

impl Terms {
    /// The roles of somebody of whom a token claims this.
    #[must_use]
    pub fn roles(&self, claims: &Claims) -> Vec<Role> {
        let said = at_path(claims, &self.role_claim);
        let said = said.into_iter().filter_map(Value::as_str);
        match &self.map {
            Some(map) => map.roles(said),
            // Without a map, what it says is the role.
            None => said
                .map(str::to_owned)
                .collect::<BTreeSet<_>>()
                .into_iter()
                .collect(),
        }
    }

    /// The roles that the operator gives to whoever shows no token.
    #[must_use]
    pub fn fixed_roles(&self) -> &[Role] {
        &self.fixed
    }

    /// What they may, where their credential says nothing else.
    #[must_use]
    pub const fn scopes(&self) -> &Scopes {
        &self.scopes
    }
}

impl TermsText {
    pub(crate) const KEYS: [&'static str; 3] = ["role_claim", "roles", "scope"];

    pub(super) fn terms(self) -> Result<Terms, TermsRefused> {
        let claim = self.role_claim.unwrap_or_else(|| USUAL_CLAIM.to_owned());
        if claim.split('.').any(|name| name.trim().is_empty()) {
            return Err(TermsRefused::RoleClaim);
        }
        Ok(Terms {
            role_claim: claim,
            map: self.roles,
            fixed: Vec::new(),
            scopes: scopes(self.scope.as_deref())?,
        })
    }
}

impl AnonymousText {
    pub(crate) const KEYS: [&'static str; 2] = ["roles", "scope"];

    pub(super) fn terms(self) -> Result<Terms, TermsRefused> {
        Ok(Terms {
            fixed: fixed_roles(self.roles)?,
            scopes: scopes(self.scope.as_deref())?,
            ..Terms::default()
        })
    }
}

impl SharedText {
    pub(crate) const KEYS: [&'static str; 5] =
        ["issuer", "audience", "role_claim", "roles", "scope"];

    pub(super) fn shared(self) -> Result<Shared, TermsRefused> {
        if self.issuer.as_deref().is_some_and(str::is_empty) {
            return Err(TermsRefused::Issuer);
        }
        let terms = TermsText {
            role_claim: self.role_claim,
            roles: self.roles,
            scope: self.scope,
        };
        Ok(Shared {
            issuer: self.issuer,
            audience: self.audience.map(Vec::from).unwrap_or_default(),
            terms: terms.terms()?,
        })
    }
}

/// Roles that stand in a list.
pub(super) fn fixed_roles(roles: Vec<Role>) -> Result<Vec<Role>, TermsRefused> {
    if roles.iter().any(|role| role.trim().is_empty()) {
        Err(TermsRefused::Roles)
    } else {
        Ok(roles)
    }
}

/// What a source's people may: tools, if nothing is written.
pub(super) fn scopes(text: Option<&str>) -> Result<Scopes, TermsRefused> {
    let Some(text) = text else {
        return Ok(Scopes::from_iter([Scope::McpTools]));
    };
    let scopes = Scopes::of_service(text).filter(|scopes| !scopes.is_empty());
    scopes.ok_or(TermsRefused::Scope)
}

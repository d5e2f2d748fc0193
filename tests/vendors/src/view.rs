//! What a vendor says of a person to a client that was given some scopes.

use ring::digest::{SHA256, digest};
use serde_json::{Value, json};

use crate::jwt::base64url;
use crate::person::Person;
use crate::shape::Claims;

/// A person, as far as a grant shows it.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    pub(crate) base: &'a str,
    pub(crate) issuer: &'a str,
    pub(crate) realm: &'a str,
    pub(crate) client_id: &'a str,
    pub(crate) scopes: &'a [String],
    /// The audience that was asked for, where one can be.
    pub(crate) audience: Option<&'a str>,
    pub(crate) person: &'a Person,
}

impl View<'_> {
    /// Whether a scope was given.
    pub(crate) fn has(&self, scope: &str) -> bool {
        self.scopes.iter().any(|given| given == scope)
    }

    /// The scopes, as OAuth joins them.
    pub(crate) fn scope(&self) -> String {
        self.scopes.join(" ")
    }

    /// The tenant, or where people are who are in none.
    pub(crate) fn tenant_or(&self, otherwise: &str) -> String {
        let tenant = self.person.tenant.as_deref();
        tenant.unwrap_or(otherwise).to_owned()
    }

    /// The claims of OpenID Connect Core section 5.4 for `profile`.
    pub(crate) fn profile(&self) -> Claims {
        if !self.has("profile") {
            return Claims::new();
        }
        let person = self.person;
        claims(json!({
            "name": person.name,
            "given_name": person.given_name,
            "family_name": person.family_name,
            "preferred_username": person.username,
        }))
    }

    /// The claims of the same section for `email`.
    pub(crate) fn email(&self) -> Claims {
        match &self.person.email {
            Some(email) if self.has("email") => {
                claims(json!({ "email": email, "email_verified": self.person.verified }))
            }
            _ => Claims::new(),
        }
    }

    /// Who it is, both of these, and what else the operator has the vendor say.
    pub(crate) fn standard(&self) -> Claims {
        let mut all = claims(json!({ "sub": self.person.id }));
        all.extend(self.profile());
        all.extend(self.email());
        all.extend(self.person.claims.clone());
        all
    }

    /// These and more.
    pub(crate) fn standard_and(&self, more: Value) -> Claims {
        let mut all = self.standard();
        all.extend(claims(more));
        all
    }

    /// A name for this person that only one client knows, OpenID Connect Core section 8.1.
    pub(crate) fn pairwise(&self) -> String {
        let text = format!("{}\n{}", self.client_id, self.person.id);
        base64url(digest(&SHA256, text.as_bytes()))
    }

    /// The claims of an access token that is a JWT as RFC 9068 has it, but for its audience.
    pub(crate) fn access(&self, more: Value) -> Claims {
        let mut all = claims(json!({ "iss": self.issuer, "sub": self.person.id }));
        all.extend(claims(more));
        all
    }
}

/// The members of an object; of anything else, none.
pub(crate) fn claims(value: Value) -> Claims {
    match value {
        Value::Object(members) => members,
        _ => Claims::new(),
    }
}

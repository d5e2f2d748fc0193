//! From what a provider says to a person.
//!
//! *Invariant:* what the ID token says is never overruled by anything that came later.

use std::collections::BTreeSet;

use oauth::{Person, PersonClaims, Subject, SubjectRefused};
use serde_json::{Map, Value};

use crate::admission::AdmissionRefused;
use crate::token_answer::TokenAnswer;
use crate::upstream::Upstream;

/// What a provider said of one person.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Claims(pub(crate) Map<String, Value>);

/// A longer name is not shown anywhere.
const LONGEST_NAME: usize = 200;
/// Nor are more roles kept.
const MOST_ROLES: usize = 64;

/// Why claims make no person who may sign in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PersonRefused {
    /// Somebody, but nobody who may.
    #[error(transparent)]
    Admission(#[from] AdmissionRefused),
    /// The claims that say who it is are missing.
    #[error("the provider did not say who it is: the claim `{0}` is missing")]
    NoSubject(&'static str),
    /// The ID token and the userinfo endpoint speak of two people.
    #[error("the userinfo endpoint speaks of another `sub` than the ID token")]
    OtherSubject,
    /// What says who it is cannot be an id.
    #[error(transparent)]
    Subject(#[from] SubjectRefused),
}

impl Claims {
    /// What the token answer itself says of the person (WorkOS).
    #[must_use]
    pub fn of_user(answer: &TokenAnswer) -> Self {
        let mut user = answer.user.clone().unwrap_or_default();
        for (theirs, ours) in [
            ("id", "sub"),
            ("first_name", "given_name"),
            ("last_name", "family_name"),
            ("profile_picture_url", "picture"),
        ] {
            if let Some(value) = user.remove(theirs) {
                user.insert(ours.to_owned(), value);
            }
        }
        Self(user)
    }

    /// What a verified token says.
    #[must_use]
    pub const fn of_token(claims: Map<String, Value>) -> Self {
        Self(claims)
    }

    /// What an endpoint says, if it says anything.
    #[must_use]
    pub fn of_answer(json: &[u8]) -> Option<Self> {
        jose::json_object(json).map(Self)
    }

    /// With what `later` adds, if it speaks of the same person (OpenID Connect Core §5.3.2).
    pub fn with(mut self, later: Self) -> Result<Self, PersonRefused> {
        let subject = |claims: &Self| claims.0.get("sub").cloned();
        let (ours, theirs) = (subject(&self), subject(&later));
        if ours.is_some() && ours != theirs {
            return Err(PersonRefused::OtherSubject);
        }
        // Whether an address is verified is said of one address, and not of another.
        let address = |claims: &Self| claims.text("email").map(str::to_owned);
        let ours = address(&self);
        let of_another = ours.is_some() && ours != address(&later);
        for (name, value) in later.0 {
            let silent = self.0.get(&name).is_none_or(Value::is_null);
            if silent && !(of_another && name == "email_verified") {
                self.0.insert(name, value);
            }
        }
        Ok(self)
    }

    /// Whether nothing was said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn text(&self, path: &str) -> Option<&str> {
        let text = at_path(&self.0, path).into_iter().next()?.as_str()?;
        let fits = !text.is_empty() && text.chars().count() <= LONGEST_NAME;
        (fits && !text.chars().any(char::is_control)).then_some(text)
    }

    /// Whether the provider stands by the address `email`: its word is for the claim `email`
    /// (OpenID Connect Core §5.1), and for none that stands elsewhere.
    pub(crate) fn is_verified(&self, email: &str) -> bool {
        let verified = match self.0.get("email_verified") {
            Some(Value::Bool(verified)) => *verified,
            // Some providers write text (Amazon Cognito, Slack).
            Some(Value::String(text)) => text == "true",
            _ => false,
        };
        verified && self.text("email") == Some(email)
    }
}

impl Upstream {
    /// Whether a userinfo endpoint would add to `claims` what is missing.
    #[must_use]
    pub fn is_lacking(&self, claims: &Claims) -> bool {
        let roles = self
            .role_paths()
            .iter()
            .any(|path| !at_path(&claims.0, path).is_empty());
        self.name(claims).is_none()
            || self.email(claims).is_none()
            || (self.needs_roles() && !roles)
            || self
                .wishes
                .claims
                .iter()
                .any(|name| claims.0.get(name).is_none_or(Value::is_null))
    }

    /// Whether anything depends on what the provider says of roles.
    pub(crate) fn needs_roles(&self) -> bool {
        self.wishes.roles.is_some() || self.wishes.role_claim.is_some() || self.admits_groups()
    }

    /// The person that `claims` are of, if they may sign in.
    pub fn person(&self, claims: &Claims) -> Result<Person, PersonRefused> {
        let id = self.person_id(claims)?;
        let words = self.words(claims);
        self.admit(claims, &id, &words)?;
        // Nothing is left out before it is looked at: a person may be in very many groups.
        let mut roles = match &self.wishes.roles {
            Some(map) => map.roles(words.iter().map(String::as_str)),
            None => words,
        };
        roles.truncate(MOST_ROLES);
        Ok(Person {
            subject: Subject::new(&self.source, &id)?,
            name: self.name(claims),
            email: self.email(claims).map(str::to_owned),
            roles,
            claims: self.seen(claims),
        })
    }

    fn person_id(&self, claims: &Claims) -> Result<String, PersonRefused> {
        let several = self.provider.subject.len() > 1;
        let parts = self.provider.subject.iter().map(|name| {
            let said = |name: &str| claims.0.get(name).filter(|value| !value.is_null());
            let instead = || self.provider.or_subject.and_then(said);
            let part = match said(name).or_else(instead) {
                Some(Value::String(text)) => Some(text.clone()),
                // Two large numbers may be one once they are read as floats.
                Some(Value::Number(number)) => number.as_u64().map(|number| number.to_string()),
                _ => None,
            };
            // Where two are joined by a dot, there is one way to take them apart.
            let is_apart = |text: &String| !several || !text.contains('.');
            part.filter(|text| !text.is_empty() && is_apart(text))
                .ok_or(PersonRefused::NoSubject(name))
        });
        Ok(parts.collect::<Result<Vec<_>, _>>()?.join("."))
    }

    fn name(&self, claims: &Claims) -> Option<String> {
        let whole = self.provider.name.iter().find_map(|path| claims.text(path));
        let parts = [claims.text("given_name"), claims.text("family_name")];
        let parts: Vec<_> = parts.into_iter().flatten().collect();
        let joined = (!parts.is_empty()).then(|| parts.join(" "));
        whole.map(str::to_owned).or(joined)
    }

    pub(crate) fn email<'a>(&self, claims: &'a Claims) -> Option<&'a str> {
        let found = self
            .provider
            .email
            .iter()
            .find_map(|path| claims.text(path));
        found.filter(|email| is_address(email))
    }

    fn role_paths(&self) -> Vec<&str> {
        match &self.wishes.role_claim {
            Some(path) => vec![path],
            None => self.provider.roles.to_vec(),
        }
    }

    /// What the provider says of this person's roles and groups.
    fn words(&self, claims: &Claims) -> Vec<String> {
        let mut seen = BTreeSet::new();
        let paths = self.role_paths();
        paths
            .iter()
            .flat_map(|path| at_path(&claims.0, path))
            .filter_map(word)
            .filter(|word| is_word(word) && seen.insert(word.clone()))
            // An address that somebody only claims to have gives no role.
            .filter(|word| !self.is_by_address() || claims.is_verified(word))
            .collect()
    }

    /// Whether roles are given by address.
    fn is_by_address(&self) -> bool {
        let path = self.wishes.role_claim.as_deref();
        path.is_some_and(|path| self.provider.email.contains(&path))
    }

    /// What tools see.
    fn seen(&self, claims: &Claims) -> PersonClaims {
        let wished = self.wishes.claims.iter().map(String::as_str);
        let mut seen = (Map::new(), PersonClaims::default());
        for name in PersonClaims::KNOWN.into_iter().chain(wished) {
            let Some(value) = claims.0.get(name) else {
                continue;
            };
            let mut more = seen.0.clone();
            more.insert(name.to_owned(), value.clone());
            // What does not fit is left out: a long biography keeps nobody from signing in.
            if let Ok(taken) = PersonClaims::chosen(&more, &self.wishes.claims) {
                seen = (more, taken);
            }
        }
        seen.1
    }
}

/// Whether something is an address that can be shown and compared.
fn is_address(text: &str) -> bool {
    let hidden = |c: char| c.is_whitespace() || is_turning(c);
    let parts = text.rsplit_once('@');
    parts.is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty())
        && !text.contains(hidden)
}

/// Characters that change in which order others are shown (Unicode's bidirectional controls), or
/// are not seen.
const fn is_turning(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.len() <= LONGEST_NAME && !text.chars().any(char::is_control)
}

/// A role as a provider writes it: a word, or an object that has a name.
fn word(value: &Value) -> Option<String> {
    match value {
        Value::String(word) => Some(word.clone()),
        Value::Object(members) => members
            .get("name")
            .and_then(Value::as_str)
            .map(str::to_owned),
        _ => None,
    }
}

/// Every value at `path`: members are joined by dots, `*` is each member, and a list is each of its
/// elements. A member whose own name has dots, as URLs have, is found as well.
#[must_use]
pub fn at_path<'a>(members: &'a Map<String, Value>, path: &str) -> Vec<&'a Value> {
    if let Some(value) = members.get(path) {
        return each(value);
    }
    if path == "*" {
        return members.values().flat_map(each).collect();
    }
    let dots = path.match_indices('.').map(|(at, _)| path.split_at(at));
    let steps = dots.filter_map(|(first, rest)| Some((first, rest.strip_prefix('.')?)));
    let found = steps.flat_map(|(first, rest)| {
        let inner: Vec<&Value> = match (first, members.get(first)) {
            (_, Some(value)) => each(value),
            ("*", None) => members.values().flat_map(each).collect(),
            _ => Vec::new(),
        };
        let objects = inner.into_iter().filter_map(Value::as_object);
        objects
            .flat_map(|object| at_path(object, rest))
            .collect::<Vec<_>>()
    });
    found.collect()
}

fn each(value: &Value) -> Vec<&Value> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(elements) => elements.iter().collect(),
        one => vec![one],
    }
}

#[cfg(test)]
mod tests;

//! Who may sign in, of those whom a provider knows.
//!
//! *Invariant:* an address that the provider does not stand by opens no door.

use serde_json::Value;

use crate::claims::Claims;
use crate::provider::Quirk;
use crate::upstream::Upstream;
use crate::wishes::{Allow, Whom};

/// Why somebody may not sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AdmissionRefused {
    /// Of another Workspace, or of none.
    #[error("this account is not of the Google Workspace that may sign in here")]
    HostedDomain,
    /// On no list.
    #[error("this account is not among those that may sign in here")]
    NotListed,
    /// Their address would be on the list, if it were theirs for certain.
    #[error("the provider has not verified this account's e-mail address")]
    Unverified,
}

impl Upstream {
    pub(crate) fn admits_groups(&self) -> bool {
        matches!(&self.wishes.allow, Some(Whom::Only(allow)) if !allow.groups.is_empty())
    }

    /// Whether the person with this id may sign in.
    pub(crate) fn admit(
        &self,
        claims: &Claims,
        id: &str,
        words: &[String],
    ) -> Result<(), AdmissionRefused> {
        if self.provider.quirk == Quirk::Google
            && let Some(domain) = &self.hosted_domain
            && !is_of_workspace(claims, domain)
        {
            return Err(AdmissionRefused::HostedDomain);
        }
        match &self.wishes.allow {
            None | Some(Whom::Anyone) => Ok(()),
            Some(Whom::Only(allow)) => self.only(allow, claims, id, words),
        }
    }

    fn only(
        &self,
        allow: &Allow,
        claims: &Claims,
        id: &str,
        words: &[String],
    ) -> Result<(), AdmissionRefused> {
        let known = allow.ids.iter().any(|listed| listed == id)
            || words.iter().any(|word| allow.groups.contains(word));
        if known {
            return Ok(());
        }
        let Some(email) = self.email(claims) else {
            return Err(AdmissionRefused::NotListed);
        };
        let by_name = allow.emails.iter().any(|listed| is_same(listed, email));
        let domain = email.rsplit_once('@').map(|(_, domain)| domain);
        let domain = domain.filter(|domain| allow.domains.iter().any(|one| is_same(one, domain)));
        match domain {
            None if !by_name => Err(AdmissionRefused::NotListed),
            _ if !claims.is_verified(email) => Err(AdmissionRefused::Unverified),
            Some(domain) if !by_name && !self.is_of_domain(claims, domain) => {
                Err(AdmissionRefused::HostedDomain)
            }
            _ => Ok(()),
        }
    }

    /// Whether who has a verified address in `domain` belongs to it.
    ///
    /// Google verifies an address once, when somebody makes an account with it, and keeps its word
    /// when they leave; only for a Workspace, which `hd` names, does it know who still belongs.
    fn is_of_domain(&self, claims: &Claims, domain: &str) -> bool {
        let own = ["gmail.com", "googlemail.com"];
        self.provider.quirk != Quirk::Google
            || own.iter().any(|one| is_same(one, domain))
            || is_of_workspace(claims, domain)
    }
}

fn is_of_workspace(claims: &Claims, domain: &str) -> bool {
    let named = claims.0.get("hd").and_then(Value::as_str);
    named.is_some_and(|named| is_same(named, domain))
}

/// Beyond ASCII, letters that look alike are others.
fn is_same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

#[cfg(test)]
mod tests;

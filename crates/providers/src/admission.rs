//! Who may sign in, of those whom a provider knows.
//!
//! *Invariant:* an address that the provider does not stand by opens no door.

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
        {
            let named = claims.0.get("hd").and_then(|hd| hd.as_str());
            if !named.is_some_and(|named| named.eq_ignore_ascii_case(domain)) {
                return Err(AdmissionRefused::HostedDomain);
            }
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
        let listed = self
            .email(claims)
            .is_some_and(|email| is_listed(allow, email));
        if !listed {
            Err(AdmissionRefused::NotListed)
        } else if claims.email_is_verified() {
            Ok(())
        } else {
            Err(AdmissionRefused::Unverified)
        }
    }
}

fn is_listed(allow: &Allow, email: &str) -> bool {
    let same = |listed: &String| listed.eq_ignore_ascii_case(email);
    let domain = email.rsplit_once('@').map(|(_, domain)| domain);
    allow.emails.iter().any(same)
        || domain.is_some_and(|domain| {
            allow
                .domains
                .iter()
                .any(|listed| listed.eq_ignore_ascii_case(domain))
        })
}

#[cfg(test)]
mod tests;

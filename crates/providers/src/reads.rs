//! What is read of a person beyond the token answer and userinfo: lists that two providers keep
//! behind their APIs.
//!
//! *Invariant:* at most so many pages are read, and one that cannot be read is no empty list.

mod github;
mod microsoft;

use crate::claims::Claims;
use crate::provider::Quirk;
use crate::upstream::Upstream;

/// As many pages of one list are read.
pub(crate) const MOST_PAGES: usize = 10;

/// One thing to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    /// Where.
    pub url: String,
    pub(crate) what: What,
    pub(crate) page: usize,
}

/// What is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    GitHubEmails,
    GitHubOrganizations,
    GitHubTeams,
    MicrosoftGroups,
    MicrosoftProfile,
}

impl What {
    /// The claim that becomes a list.
    const fn list(self) -> Option<&'static str> {
        match self {
            Self::GitHubOrganizations => Some("organizations"),
            Self::GitHubTeams => Some("teams"),
            Self::MicrosoftGroups => Some("groups"),
            Self::GitHubEmails | Self::MicrosoftProfile => None,
        }
    }
}

impl Read {
    pub(crate) const fn first(what: What, url: String) -> Self {
        Self { url, what, page: 1 }
    }

    /// Adds what was read to `claims`: the next page where there is one, and nothing where this was
    /// no such list.
    #[must_use]
    pub fn take(&self, claims: &mut Claims, json: &[u8]) -> Option<Option<Self>> {
        // What a profile or a token says under the name of the list is not the list.
        if let (1, Some(list)) = (self.page, self.what.list()) {
            claims.0.remove(list);
        }
        match self.what {
            What::GitHubEmails => github::emails(claims, json).map(|()| None),
            What::GitHubOrganizations => {
                let full = github::organizations(claims, json)?;
                Some(self.next(full))
            }
            What::GitHubTeams => {
                let full = github::teams(claims, json)?;
                Some(self.next(full))
            }
            What::MicrosoftGroups => {
                let next = microsoft::groups(claims, json)?;
                Some(next.filter(|_| self.page < MOST_PAGES).map(|url| Self {
                    url,
                    what: self.what,
                    page: self.page + 1,
                }))
            }
            What::MicrosoftProfile => microsoft::profile(claims, json).map(|()| None),
        }
    }

    fn next(&self, full: bool) -> Option<Self> {
        let page = self.page + 1;
        (full && page <= MOST_PAGES).then(|| Self {
            url: github::page(&self.url, page),
            what: self.what,
            page,
        })
    }
}

impl Upstream {
    /// What is still to be read of whom `claims` speak.
    #[must_use]
    pub fn reads(&self, claims: &Claims) -> Vec<Read> {
        match self.provider.quirk {
            Quirk::None | Quirk::Google => Vec::new(),
            Quirk::GitHub => github::reads(self, claims),
            Quirk::Microsoft => microsoft::reads(self, claims),
        }
    }
}

#[cfg(test)]
mod tests;

//! `[provider.<id>]` of postern.toml: what the operator wants otherwise, and who may sign in.
//!
//! *Invariant:* an empty list lets nobody in, and only the written word `anyone` lets everybody in.

use std::time::Duration;

use serde::Deserialize;

use crate::role_map::RoleMap;
use crate::tenant;

/// The table as it is written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct ProviderText {
    title: Option<String>,
    scopes: Option<String>,
    role_claim: Option<String>,
    roles: Option<RoleMap>,
    allow: Option<AllowText>,
    tenants: Option<Vec<String>>,
    #[serde(default)]
    claims: Vec<String>,
    refresh_minutes: Option<u64>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
enum AllowText {
    Word(String),
    Lists(Allow),
}

/// Who may sign in: whoever one of the lists names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Allow {
    /// Domains of verified e-mail addresses.
    pub domains: Vec<String>,
    /// Verified e-mail addresses.
    pub emails: Vec<String>,
    /// What the provider says of their roles.
    pub groups: Vec<String>,
    /// The provider's own ids of people.
    pub ids: Vec<String>,
}

/// What the operator wants of a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wishes {
    /// What its button says.
    pub title: Option<String>,
    /// What is asked of it.
    pub scopes: Option<String>,
    /// Where roles are.
    pub role_claim: Option<String>,
    /// What they become here.
    pub roles: Option<RoleMap>,
    /// Who may sign in, where somebody said so.
    pub allow: Option<Whom>,
    /// Which tenants' people may.
    pub tenants: Option<Vec<String>>,
    /// What else tools see.
    pub claims: Vec<String>,
    /// How often a person is read anew; nothing for never.
    pub refresh: Option<Duration>,
}

/// Who may sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whom {
    /// Whoever has an account.
    Anyone,
    /// Whoever is named.
    Only(Allow),
}

/// Why the table is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WishesRefused {
    /// Another word than the one there is.
    #[error(
        "`allow` must be \"anyone\", or lists such as {{ domains = [\"example.com\"] }} with some \
         of domains, emails, groups and ids"
    )]
    Allow,
    /// A domain with more than a domain in it.
    #[error("`allow.domains` must list domains such as example.com, without @")]
    Domain,
    /// More often than a day is not often.
    #[error("`refresh_minutes` must be at most 1440; 0 means never")]
    Refresh,
    /// Tenants are listed, and none of them.
    #[error("`tenants` must list the ids of tenants, such as 11111111-2222-3333-4444-555555555555")]
    Tenants,
}

impl ProviderText {
    /// The keys of the table.
    pub const KEYS: [&'static str; 8] = [
        "title",
        "scopes",
        "role_claim",
        "roles",
        "allow",
        "tenants",
        "claims",
        "refresh_minutes",
    ];
    /// The keys of its `allow`.
    pub const ALLOW_KEYS: [&'static str; 4] = ["domains", "emails", "groups", "ids"];
}

/// How often a person is read anew where nobody says.
const REFRESH: u64 = 15;

impl Default for Wishes {
    fn default() -> Self {
        Self {
            title: None,
            scopes: None,
            role_claim: None,
            roles: None,
            allow: None,
            tenants: None,
            claims: Vec::new(),
            refresh: Some(Duration::from_secs(REFRESH * 60)),
        }
    }
}

impl TryFrom<ProviderText> for Wishes {
    type Error = WishesRefused;

    fn try_from(text: ProviderText) -> Result<Self, WishesRefused> {
        let allow = match text.allow {
            None => None,
            Some(AllowText::Word(word)) if word == "anyone" => Some(Whom::Anyone),
            Some(AllowText::Word(_)) => return Err(WishesRefused::Allow),
            Some(AllowText::Lists(allow)) => Some(Whom::Only(checked(allow)?)),
        };
        let minutes = text.refresh_minutes.unwrap_or(REFRESH);
        if minutes > 24 * 60 {
            return Err(WishesRefused::Refresh);
        }
        if text
            .tenants
            .as_ref()
            .is_some_and(|ids| ids.is_empty() || !ids.iter().all(|id| tenant::is_id(id)))
        {
            return Err(WishesRefused::Tenants);
        }
        let lower = |ids: Vec<String>| ids.iter().map(|id| id.to_ascii_lowercase()).collect();
        Ok(Self {
            title: text.title,
            scopes: text.scopes,
            role_claim: text.role_claim,
            roles: text.roles,
            allow,
            tenants: text.tenants.map(lower),
            claims: text.claims,
            refresh: (minutes > 0).then(|| Duration::from_secs(minutes * 60)),
        })
    }
}

fn checked(allow: Allow) -> Result<Allow, WishesRefused> {
    if allow == Allow::default() {
        return Err(WishesRefused::Allow);
    }
    if !allow.domains.iter().all(|domain| is_domain(domain)) {
        return Err(WishesRefused::Domain);
    }
    Ok(allow)
}

/// Labels as providers write them in addresses: what no address ends with would let nobody in.
fn is_domain(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let is_label = |label: &str| !label.is_empty() && label.bytes().all(plain);
    text.contains('.') && text.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Wishes, WishesRefused> {
        Wishes::try_from(serde_json::from_str::<ProviderText>(json).unwrap())
    }

    #[test]
    fn only_the_word_anyone_lets_everybody_in() {
        assert_eq!(read("{}").unwrap().allow, None);
        assert_eq!(
            read(r#"{"allow":"anyone"}"#).unwrap().allow,
            Some(Whom::Anyone)
        );
        for (json, reason) in [
            (r#"{"allow":"everyone"}"#, WishesRefused::Allow),
            (r#"{"allow":{}}"#, WishesRefused::Allow),
            (r#"{"allow":{"emails":[]}}"#, WishesRefused::Allow),
            (
                r#"{"allow":{"domains":["@example.com"]}}"#,
                WishesRefused::Domain,
            ),
            (
                r#"{"allow":{"domains":["*.example.com"]}}"#,
                WishesRefused::Domain,
            ),
            (
                r#"{"allow":{"domains":["example.com."]}}"#,
                WishesRefused::Domain,
            ),
            (
                r#"{"allow":{"domains":["example.com","bücher.example"]}}"#,
                WishesRefused::Domain,
            ),
            (r#"{"allow":{"domains":[""]}}"#, WishesRefused::Domain),
            (
                r#"{"tenants":["------------------------------------"]}"#,
                WishesRefused::Tenants,
            ),
            (r#"{"tenants":[]}"#, WishesRefused::Tenants),
            (r#"{"tenants":["contoso.example"]}"#, WishesRefused::Tenants),
            (r#"{"refresh_minutes":1441}"#, WishesRefused::Refresh),
        ] {
            assert_eq!(read(json), Err(reason), "{json}");
        }
    }

    #[test]
    fn people_are_read_anew_every_quarter_of_an_hour_unless_told_otherwise() {
        for (json, minutes) in [
            ("{}", Some(15)),
            (r#"{"refresh_minutes":0}"#, None),
            (r#"{"refresh_minutes":1440}"#, Some(1440)),
        ] {
            let refresh = minutes.map(|minutes| Duration::from_secs(minutes * 60));
            assert_eq!(read(json).unwrap().refresh, refresh, "{json}");
        }
    }
}

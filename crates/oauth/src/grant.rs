//! A grant: one person's consent for one client installation, from pending to revoked.
//!
//! *Invariant:* a grant holds no token and no code; from its row and our keys they can be
//! checked, from its row alone they cannot be made.

use std::time::Duration;

use jose::{HandleKeys, HandleRefused, Secret};
use serde::{Deserialize, Serialize};

use crate::client::ClientHash;
use crate::identity::Issuer;
use crate::person::Person;
use crate::pkce::CodeChallenge;
use crate::refresh::Uses;
use crate::resource::Resources;
use crate::scope::Scopes;
use crate::timestamp::Timestamp;
use crate::transaction::{Transaction, TransactionId};

/// The id of a grant: 16 random bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GrantId(String);

/// Where a grant is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GrantState {
    /// Its code waits for the client.
    Pending,
    /// Its code was spent.
    Live {
        /// When.
        spent_at: Timestamp,
    },
    /// Nothing of it counts any more.
    Revoked,
}

/// A grant as the store keeps it.
#[derive(Clone, Debug)]
pub struct Grant {
    /// Its id.
    pub id: GrantId,
    /// The sign-in it came from; unique among grants.
    pub transaction: TransactionId,
    /// Where it is in its life.
    pub state: GrantState,
    /// Which of our identities made it.
    pub issuer: Issuer,
    /// Who agreed.
    pub person: Person,
    /// To which client.
    pub client: ClientHash,
    /// What that client calls itself.
    pub client_name: Option<String>,
    /// Where its code went.
    pub redirect: String,
    /// What was agreed to.
    pub scopes: Scopes,
    /// For which resources.
    pub resources: Resources,
    /// What the client's verifier must answer.
    pub challenge: CodeChallenge,
    /// Random, and part of every refresh token's MAC.
    pub secret: Secret,
    /// Which refresh tokens were used.
    pub uses: Uses,
    /// When the person came back from their provider.
    pub pended_at: Timestamp,
    /// When it ends whatever happens.
    pub expires_at: Timestamp,
}

/// How long things live; each has bounds, so a slip of the pen is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetimes {
    /// An access token.
    pub access_token: Duration,
    /// A code.
    pub code: Duration,
    /// For this long a correct repeat of a spent code is a retry, not a theft.
    pub code_repeat: Duration,
    /// A grant, from sign-in to the next sign-in.
    pub grant: Duration,
    /// A grant that nobody uses.
    pub grant_idle: Duration,
    /// For this long after its successor's first use a refresh token may be repeated.
    pub refresh_window: Duration,
}

/// What is older than this, nobody needs any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Horizon {
    /// A grant whose code was never spent.
    pub pended: Timestamp,
    /// A grant that was revoked.
    pub revoked: Timestamp,
    /// A grant whose time is over.
    pub expired: Timestamp,
}

/// A lifetime that is no number of seconds within its bounds.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the variable `{variable}` must be a number of seconds from {least} to {most}")]
pub struct LifetimeRefused {
    /// Which variable.
    pub variable: &'static str,
    /// Its lower bound.
    pub least: u64,
    /// Its upper bound.
    pub most: u64,
}

const DAY: u64 = 86_400;

impl Grant {
    /// When it was last used: when its code was spent, or a refresh token was first presented.
    #[must_use]
    pub fn used_at(&self) -> Timestamp {
        let spent_at = match self.state {
            GrantState::Live { spent_at } => spent_at,
            GrantState::Pending | GrantState::Revoked => self.pended_at,
        };
        self.uses
            .last_first_use()
            .map_or(spent_at, |at| at.max(spent_at))
    }
}

impl Lifetimes {
    /// The variables that set them.
    pub const VARIABLES: [&'static str; 6] = [
        "access_token_seconds",
        "code_seconds",
        "code_repeat_seconds",
        "grant_seconds",
        "grant_idle_seconds",
        "refresh_window_seconds",
    ];

    /// What may be swept at `now`.
    #[must_use]
    pub fn horizon(&self, now: Timestamp) -> Horizon {
        // While a sign-in's cookie lives, its row is what keeps it from becoming a second grant.
        let sign_in = Transaction::LIFETIME.max(self.code) * 2;
        // While an access token lives, the mark that stops it must stay; a day more, because a clock
        // that was wrong for a while and is set right again must not bring it back.
        let access = self.access_token.max(sign_in) + Duration::from_secs(DAY);
        Horizon {
            pended: now.minus(sign_in),
            revoked: now.minus(access),
            expired: now.minus(sign_in),
        }
    }

    /// Reads the variables; one that is not set has its default.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, LifetimeRefused> {
        let seconds = |name: &'static str, default: u64, least: u64, most: u64| {
            let refused = LifetimeRefused {
                variable: name,
                least,
                most,
            };
            let value = match variable(name).filter(|text| !text.is_empty()) {
                None => default,
                Some(text) => text.parse().map_err(|_| refused.clone())?,
            };
            if (least..=most).contains(&value) {
                Ok(Duration::from_secs(value))
            } else {
                Err(refused)
            }
        };
        Ok(Self {
            access_token: seconds("access_token_seconds", 900, 1, 3600)?,
            code: seconds("code_seconds", 60, 1, 600)?,
            code_repeat: seconds("code_repeat_seconds", 10, 0, 60)?,
            grant: seconds("grant_seconds", 180 * DAY, 60, 366 * DAY)?,
            grant_idle: seconds("grant_idle_seconds", 30 * DAY, 60, 366 * DAY)?,
            refresh_window: seconds("refresh_window_seconds", 60, 1, 600)?,
        })
    }
}

impl GrantId {
    const LENGTH: usize = 16;

    /// An id from random bytes.
    #[must_use]
    pub fn new(random: [u8; Self::LENGTH]) -> Self {
        Self(jose::encode(random))
    }

    /// Reads an id from a store.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        jose::decode(text)
            .filter(|bytes| bytes.len() == Self::LENGTH)
            .map(|_| Self(text.to_owned()))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn bytes(&self) -> Vec<u8> {
        jose::decode(&self.0).unwrap_or_default()
    }
}

/// The keys of authorization codes: `kid.grant.mac`.
#[derive(Clone, Debug)]
pub struct CodeKeys(HandleKeys<Self>);

/// The keys of refresh tokens: `kid.(grant, generation).mac`.
#[derive(Clone, Debug)]
pub struct RefreshKeys(HandleKeys<Self>);

/// A refresh token whose MAC is yet to be checked, since the grant's secret is part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnverifiedRefresh {
    /// Which grant it claims.
    pub grant: GrantId,
    /// Which generation it claims.
    pub generation: u64,
}

impl CodeKeys {
    /// Reads the key variable.
    pub fn parse(variable: &str, text: &str) -> Result<Self, jose::KeyRefused> {
        HandleKeys::parse("code", variable, text).map(Self)
    }

    /// The code of a grant.
    #[must_use]
    pub fn mint(&self, grant: &GrantId, issuer: &Issuer) -> String {
        self.0.mint(&grant.bytes(), &[issuer.as_str().as_bytes()])
    }

    /// The grant that `code` is of.
    pub fn verify(&self, code: &str, issuer: &Issuer) -> Result<GrantId, HandleRefused> {
        self.0.verify(code, &[issuer.as_str().as_bytes()])?;
        let id = self.0.unverified_id(code)?;
        GrantId::parse(&jose::encode(id)).ok_or(HandleRefused::Malformed)
    }
}

impl RefreshKeys {
    /// Reads the key variable.
    pub fn parse(variable: &str, text: &str) -> Result<Self, jose::KeyRefused> {
        HandleKeys::parse("refresh", variable, text).map(Self)
    }

    /// The refresh token of `generation`.
    #[must_use]
    pub fn mint(&self, grant: &Grant, generation: u64) -> String {
        let id = [grant.id.bytes(), generation.to_be_bytes().to_vec()].concat();
        self.0.mint(
            &id,
            &[grant.issuer.as_str().as_bytes(), grant.secret.expose()],
        )
    }

    /// What `token` claims to be.
    pub fn unverified(&self, token: &str) -> Result<UnverifiedRefresh, HandleRefused> {
        let id = self.0.unverified_id(token)?;
        let (grant, generation) = id
            .split_last_chunk::<8>()
            .filter(|(grant, _)| grant.len() == GrantId::LENGTH)
            .ok_or(HandleRefused::Malformed)?;
        let grant = GrantId::parse(&jose::encode(grant)).ok_or(HandleRefused::Malformed)?;
        Ok(UnverifiedRefresh {
            grant,
            generation: u64::from_be_bytes(*generation),
        })
    }

    /// Whether `token` is one of `grant`'s.
    pub fn verify(&self, token: &str, grant: &Grant) -> Result<(), HandleRefused> {
        self.0.verify(
            token,
            &[grant.issuer.as_str().as_bytes(), grant.secret.expose()],
        )
    }
}

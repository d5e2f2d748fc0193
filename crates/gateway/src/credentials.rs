//! Who is calling: one credential of a request, verified, or nobody where an operator lets them.
//!
//! *Invariant:* whoever calls is known by what was verified here alone: no header of a client's
//! says who they are, and nothing of a credential is part of who they are.

mod api_key;
mod foreign;
mod hs256;
mod key_set;
mod presented;
mod refused;
mod taken;

use std::sync::Arc;
use std::time::Duration;

use configuration::Authentication;
use host::{Audit, Cache, Caller, Chain, Clock, Event, Marks};
use http::HeaderMap;
use oauth::access_token::AccessToken;
use oauth::foreign_token::Window;
use oauth::{Person, PersonClaims, Resource, ServerIdentity, Source, Subject, Timestamp};

use crate::bearer;
use crate::settings::Settings;

pub(crate) use foreign::Foreign;
pub(crate) use hs256::Sharing;
pub(crate) use key_set::Held;
pub(crate) use refused::{Answer, CredentialRefused};
pub use taken::TakenRefused;
pub(crate) use taken::{Taken, Terms};

use presented::Presented;

/// A caller whose credential was verified.
#[derive(Debug)]
pub(crate) struct Authenticated {
    pub(crate) caller: Caller,
    /// What is made for this caller is remembered under it: it stands for one credential.
    pub(crate) id: String,
    pub(crate) credential: Credential,
}

/// What has to be asked again of a credential that is remembered.
#[derive(Debug)]
pub(crate) enum Credential {
    /// One of our own, which may be revoked.
    AccessToken(Box<AccessToken>),
    /// Somebody else's, which they may stop vouching for.
    Foreign {
        source: Source,
        window: Window,
        verified_at: Timestamp,
    },
    /// What is looked up at every call.
    Standing,
}

/// An issuer that withdraws a key is believed after this time.
const VERIFIED_ANEW: Duration = Duration::from_mins(5);

/// Who has shown nothing.
const NOBODY: &str = "anonymous";

impl Authenticated {
    /// Whether a token that is remembered still counts here, or has to be verified anew.
    pub(crate) fn is_good(
        &self,
        at: (&ServerIdentity, &Resource),
        now: Timestamp,
    ) -> Result<bool, CredentialRefused> {
        match &self.credential {
            Credential::AccessToken(token) => {
                token.check(at, now)?;
                Ok(true)
            }
            Credential::Foreign {
                source,
                window,
                verified_at,
            } => {
                let refused =
                    |reason| CredentialRefused::Claims(source.as_str().to_owned(), reason);
                window.check(now).map_err(refused)?;
                Ok(*verified_at <= now && now.since(*verified_at) < VERIFIED_ANEW)
            }
            Credential::Standing => Ok(false),
        }
    }
}

/// Verifies the credential of a request, and records one that is refused.
pub(crate) async fn authenticate<H>(
    host: &H,
    settings: &Settings,
    at: (&ServerIdentity, &Resource),
    headers: &HeaderMap,
) -> Result<Arc<Authenticated>, CredentialRefused>
where
    H: Audit + Cache + Chain + Clock + Marks,
{
    let verified = verified(host, settings, at, headers).await;
    if let Err(refused) = &verified
        && let Some(kind) = refused.kind()
    {
        host.record(Event {
            credential: Some(kind.to_owned()),
            ..Event::new("credential.refused").because(refused)
        });
    }
    verified
}

async fn verified<H>(
    host: &H,
    settings: &Settings,
    at: (&ServerIdentity, &Resource),
    headers: &HeaderMap,
) -> Result<Arc<Authenticated>, CredentialRefused>
where
    H: Audit + Cache + Chain + Clock + Marks,
{
    let taken = settings.taken();
    let found = match presented::read(headers, taken.access.is_some())? {
        Some(Presented::AccessAssertion(text)) => match &taken.access {
            Some(access) => access.remembered(host, settings.memory(), at, text).await,
            None => Err(CredentialRefused::Missing),
        },
        Some(Presented::ApiKey(key)) => api_key::authenticate(host, settings, key).await,
        Some(Presented::Bearer(text)) => bearer::authenticate(host, settings, at, text).await,
        Some(Presented::Unreadable) => Err(CredentialRefused::Unreadable),
        None => nobody(taken),
    };
    Ok(known_as(settings, found?))
}

/// The caller under the name by which they are known. Our own tokens carry it already.
fn known_as(settings: &Settings, found: Arc<Authenticated>) -> Arc<Authenticated> {
    if let Credential::AccessToken(_) = found.credential {
        return found;
    }
    let subject = settings
        .same_people()
        .known_as(&found.caller.person.subject);
    if subject == found.caller.person.subject {
        return found;
    }
    let mut caller = found.caller.clone();
    caller.person.subject = subject;
    Arc::new(Authenticated {
        caller,
        id: found.id.clone(),
        credential: Credential::Standing,
    })
}

/// Who shows nothing is nobody, where `postern.toml` says that nobody may come in.
fn nobody(taken: &Taken) -> Result<Arc<Authenticated>, CredentialRefused> {
    if taken.authentication == Authentication::Required {
        return Err(CredentialRefused::Missing);
    }
    let roles = taken.anonymous.fixed_roles();
    let terms = (roles, taken.anonymous.scopes());
    standing(NOBODY, NOBODY, terms).ok_or(CredentialRefused::Missing)
}

/// A caller whom the operator described: they have a name of ours and no claims of their own.
fn standing(
    source: &str,
    name: &str,
    (roles, scopes): (&[oauth::Role], &oauth::Scopes),
) -> Option<Arc<Authenticated>> {
    let subject = Subject::new(&Source::parse(source).ok()?, name).ok()?;
    Some(Arc::new(Authenticated {
        id: subject.to_string(),
        caller: Caller {
            client_id: subject.to_string(),
            person: Person {
                subject,
                name: None,
                email: None,
                roles: roles.to_vec(),
                claims: PersonClaims::default(),
            },
            scopes: scopes.clone(),
            credential: None,
        },
        credential: Credential::Standing,
    }))
}

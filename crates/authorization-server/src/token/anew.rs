//! Who a person is now: read anew from their provider when a client refreshes.
//!
//! *Invariant:* one instance asks at a time, and a provider with troubles costs nobody their grant:
//! only its plain word that the person is gone does.

use std::time::Duration;

use bytes::Bytes;
use host::{Audit, Chain, Clock, Credential, Entropy, Grants, Marks, Place, Vault};
use http::{Request, StatusCode, header};
use oauth::grant::Grant;
use oauth::token::TokenRefused;
use oauth::{Person, StillThere, WhoNow};

use super::{People, Settings, revoke, unavailable};
use crate::login::WHO_NOW;

/// The service of which the credential is a sign-in.
pub(super) const SERVICE: &str = "sign-in";

/// Whoever asks a provider has this long before another may: longer than all that one reading asks
/// for can take, since two of them could spend one token twice.
const LEASE: Duration = Duration::from_secs(90);
/// Others wait in steps, for about as long as their clients do.
const STEP: Duration = Duration::from_millis(100);
const STEPS: usize = 150;

/// The person of `grant` as their provider describes them now, or did lately.
pub(super) async fn person<H>(
    host: &H,
    settings: &Settings,
    grant: &Grant,
) -> Result<Person, TokenRefused>
where
    H: Audit + Chain + Clock + Entropy + Grants + Marks + Vault,
{
    let subject = &grant.person.subject;
    let Some((people, every)) = settings.read_anew(subject) else {
        return Ok(grant.person.clone());
    };
    let at = Place {
        subject,
        service: SERVICE,
    };
    for _ in 0..STEPS {
        let Some(held) = host.credential(at).await.map_err(unavailable)? else {
            return Ok(grant.person.clone());
        };
        if held.ended {
            revoke(host, grant, "the provider knows this person no more").await?;
            return Err(TokenRefused::PersonGone);
        }
        let now = host.now();
        // What was read in the future was read before the clock stepped back.
        if held.read_at <= now && now.since(held.read_at) < every {
            return Ok(held.person);
        }
        let lease = (now, now.plus(LEASE));
        let leased = host.lease_credential(at, held.generation, lease).await;
        if !leased.map_err(unavailable)? {
            host.pause(STEP).await;
            continue;
        }
        if let Some(person) = read(host, people, (at, grant), held).await? {
            return Ok(person);
        }
    }
    Err(TokenRefused::Unavailable)
}

/// Asks, now that nobody else does. Nothing where the person signed in again meanwhile: then what
/// was asked with is not what counts, and what it was answered says nothing of them.
async fn read<H>(
    host: &H,
    people: &People,
    (at, grant): (Place<'_>, &Grant),
    held: Credential,
) -> Result<Option<Person>, TokenRefused>
where
    H: Audit + Chain + Clock + Entropy + Grants + Marks + Vault,
{
    let Some(answer) = ask(host, people, &held).await else {
        // For the next who tries; a lease that cannot be freed ends by itself.
        let _ = host.free_credential(at, held.generation).await;
        return Err(TokenRefused::Unavailable);
    };
    let unread = Credential {
        generation: held.generation + 1,
        ..held
    };
    let before = Credential {
        read_at: host.now(),
        ..unread.clone()
    };
    let new = match &answer {
        // As old as before, so that the next who tries asks again.
        StillThere::Unread(sealed) => Credential {
            sealed: sealed.clone(),
            ..unread
        },
        StillThere::Yes(person, newer) => Credential {
            sealed: newer.clone().unwrap_or(before.sealed),
            person: Person::clone(person),
            ..before
        },
        StillThere::No => Credential {
            ended: true,
            ..before
        },
    };
    let replaced = host.replace_credential(at, &new).await;
    if !replaced.map_err(unavailable)? {
        return Ok(None);
    }
    match answer {
        StillThere::Unread(_) => Err(TokenRefused::Unavailable),
        StillThere::Yes(..) => Ok(Some(new.person)),
        StillThere::No => {
            revoke(host, grant, "the provider knows this person no more").await?;
            Err(TokenRefused::PersonGone)
        }
    }
}

async fn ask<H>(host: &H, people: &People, held: &Credential) -> Option<StillThere>
where
    H: Chain + Clock + Entropy,
{
    let question = WhoNow {
        subject: held.person.subject.clone(),
        upstream: held.sealed.clone(),
        at: host.now(),
    };
    let context = WhoNow::context(&people.source);
    let sealed = people
        .keys
        .questions
        .seal(&question, host.random(), &context)?;
    let request = Request::post(WHO_NOW)
        .header(header::CONTENT_TYPE, "text/plain")
        .body(Bytes::from(sealed))
        .ok()?;
    let component = format!("login-{}", people.source.as_str());
    let answer = host.ask(&component, request).await.ok()?;
    if answer.status() != StatusCode::OK {
        return None;
    }
    let text = std::str::from_utf8(answer.body()).ok()?;
    people
        .keys
        .answers
        .open(text, &question.answer_context())
        .ok()
}

//! What a server behind us is told of who is calling, signed once for half a minute.
//!
//! *Invariant:* what is handed out again is for the same credential, identity and component.

use std::time::Duration;

use oauth::assertion::{Assertion, Calling};
use oauth::{ServerIdentity, Timestamp};

use crate::credentials::Authenticated;
use crate::settings::Settings;

/// For this long we hand out the same one: a signature costs 0.2 ms.
const REUSE: Duration = Duration::from_secs(30);

/// An assertion that was signed, and when.
#[derive(Clone, Debug)]
pub(crate) struct Made {
    text: String,
    at: Timestamp,
}

/// An assertion for `component`, from half a minute ago at most.
///
/// It is remembered by the credential, which stands for one person and client, and by the identity
/// that was reached, since a key is good for every one.
pub(crate) fn for_component(
    settings: &Settings,
    server: &ServerIdentity,
    caller: &Authenticated,
    component: &str,
    now: Timestamp,
) -> Option<String> {
    let issuer = server.issuer();
    let key = (
        format!("{} {}", issuer.as_str(), caller.id),
        component.to_owned(),
    );
    if let Some(made) = settings.memory().assertions.recall(&key)
        && made.at <= now
        && now.since(made.at) < REUSE
    {
        return Some(made.text);
    }
    let calling = Calling::from(caller.caller.clone());
    let claims = Assertion::new(issuer, calling, component, now);
    let text = settings.assertions().sign(&claims)?;
    let made = Made {
        text: text.clone(),
        at: now,
    };
    settings.memory().assertions.remember(key, made);
    Some(text)
}

//! `/login/<provider>` and `/callback/<provider>`: a person proves who they are.
//!
//! *Invariant:* both act only on the cookie of a sign-in that this browser consented to: a link
//! opened elsewhere reaches nobody.

mod anew;
mod begin;
mod callback;
mod confirm;
mod dev;
mod exchange;
mod failed;
mod published;
mod vouch;

use bytes::Bytes;
use configuration::Providers;
use host::{Audit, Cache, Chain, Clock, Configuration, Entropy, Event, Fetch, Variables};
use http::{Request, Response, StatusCode};
use jose::{SealKeys, Sealed};
use oauth::{
    FlowId, Identities, ServerIdentity, Source, Transaction, TransactionId, TransactionRefused,
    UpstreamState, Vouched,
};
use pages::Advice;
use providers::Upstream;

use crate::answer;
use crate::callback as shared;
use crate::cookies::CookieKind;
use crate::settings::{self, PersonKeys, SettingsRefused};
pub(crate) use anew::PATH as WHO_NOW;
use exchange::Reached;
use failed::ProviderFailed;

/// What a component `login-<provider>` holds.
#[derive(Debug)]
pub struct Settings {
    identities: Identities,
    source: Source,
    provider: Provider,
    transactions: SealKeys<Transaction>,
    person: PersonKeys,
    /// The same key for another purpose: `authorize` does not hold it, so it can vouch for nobody.
    vouched: SealKeys<Vouched>,
}

/// Who knows people.
#[derive(Debug)]
enum Provider {
    /// A page of test people.
    Dev,
    /// Somebody elsewhere.
    Upstream(Box<Reached>),
}

impl Settings {
    /// Reads its variables, of which `provider` says whose people it knows.
    pub async fn read<H>(host: &H) -> Result<Self, SettingsRefused>
    where
        H: Configuration + Variables,
    {
        let id = host.required("provider").await?;
        Self::of(host, &id).await
    }

    /// The settings of the provider with this id.
    pub async fn of<H>(host: &H, id: &str) -> Result<Self, SettingsRefused>
    where
        H: Configuration + Variables,
    {
        let identities = settings::identities(host).await?;
        let provider = if id == oauth::dev::PROVIDER {
            // On a server that others reach, anybody could be anyone.
            if identities != Identities::Loopback {
                return Err(SettingsRefused::NoProvider);
            }
            Provider::Dev
        } else {
            let written = settings::configuration(host).await?.providers;
            Provider::Upstream(Box::new(upstream(host, id, &written).await?))
        };
        let name = id.replace('-', "_");
        let person = format!("person_{name}");
        let text = host.required(&person).await?;
        Ok(Self {
            source: Source::parse(id).map_err(|_| SettingsRefused::UnknownProvider)?,
            transactions: key(host, "tx", &name).await?,
            person: PersonKeys::parse(&person, &text)?,
            vouched: SealKeys::parse(&person, &text)?,
            identities,
            provider,
        })
    }
}

async fn key<T: Sealed>(
    host: &impl Variables,
    prefix: &str,
    name: &str,
) -> Result<SealKeys<T>, SettingsRefused> {
    settings::sealing(host, &format!("{prefix}_{name}")).await
}

async fn upstream(
    host: &impl Variables,
    id: &str,
    written: &Providers,
) -> Result<Reached, SettingsRefused> {
    let provider = providers::find(id).ok_or(SettingsRefused::UnknownProvider)?;
    let values = settings::variables(host, provider.variable_names()).await?;
    let upstream = Upstream::read(provider, written.wishes(id), |name| {
        values.get(name).cloned()
    })?;
    Ok(Reached {
        upstream: upstream.ok_or(SettingsRefused::ProviderOff(
            provider.id,
            provider.client_id,
        ))?,
        published: published::Published::default(),
        refreshes: key(host, "upstream", &provider.suffix()).await?,
    })
}

/// Answers one request.
pub async fn handle<H>(host: &H, settings: &Settings, request: Request<Bytes>) -> Response<Bytes>
where
    H: Audit + Cache + Chain + Clock + Entropy + Fetch,
{
    // No public route leads to this path, and what arrives there must open with our key.
    if let (anew::PATH, Provider::Upstream(provider)) = (request.uri().path(), &settings.provider) {
        return anew::handle(host, settings, provider, &request).await;
    }
    let server = match reached(settings, &request) {
        Ok(server) => server,
        Err(reason) => return refuse(host, StatusCode::MISDIRECTED_REQUEST, &reason, None),
    };
    if request.uri().path().contains("/callback") {
        return callback::handle(host, settings, &server, &request).await;
    }
    match &settings.provider {
        Provider::Dev => dev::handle(host, settings, &server, &request),
        Provider::Upstream(provider) => {
            begin::handle(host, settings, (&server, provider), &request).await
        }
    }
}

/// Which of our identities a request came to. At the callback that all providers share it came
/// through another component, which says where; that opens no cookie of another identity.
fn reached(
    settings: &Settings,
    request: &Request<Bytes>,
) -> Result<ServerIdentity, oauth::IdentityRefused> {
    match shared::issuer(request) {
        Some(issuer) => settings.identities.named(issuer),
        None => settings.identities.reached(request),
    }
}

/// The sign-in `id` of this browser, if it lives.
fn transaction<H: Clock>(
    host: &H,
    settings: &Settings,
    server: &ServerIdentity,
    asked: (&Request<Bytes>, Option<&TransactionId>),
) -> Result<Transaction, TransactionRefused> {
    let (request, id) = asked;
    let id = id.ok_or(TransactionRefused::NotHere)?;
    let cookie = CookieKind::Transaction
        .find(request, server.issuer(), id)
        .ok_or(TransactionRefused::NotHere)?;
    let context = Transaction::context_of(&settings.source, server.issuer());
    let transaction = settings
        .transactions
        .open(&cookie, &context)
        .map_err(|_| TransactionRefused::NotHere)?;
    if transaction.id != *id {
        return Err(TransactionRefused::NotHere);
    }
    transaction.check_age(host.now())?;
    Ok(transaction)
}

/// The sign-in that `state` came back from, if it is this browser's and lives.
fn returning<H: Clock>(
    host: &H,
    settings: &Settings,
    server: &ServerIdentity,
    (request, state): (&Request<Bytes>, &UpstreamState),
) -> Result<Transaction, TransactionRefused> {
    let id = state.transaction();
    let transaction = transaction(host, settings, server, (request, id.as_ref()))?;
    transaction.check_state(state)?;
    Ok(transaction)
}

/// Back to the client: the sign-in is over, and its cookies go.
fn back(server: &ServerIdentity, transaction: &Transaction, location: &str) -> Response<Bytes> {
    let mut answer = answer::see_other(location);
    over(&mut answer, server, &transaction.id);
    answer
}

/// Takes a sign-in away from this browser.
fn over(answer: &mut Response<Bytes>, server: &ServerIdentity, id: &TransactionId) {
    for kind in [CookieKind::Transaction, CookieKind::Vouched] {
        kind.clear(answer, server.issuer(), id);
    }
}

/// A page that says why this is not the end of a sign-in.
fn refuse<H: Audit + Entropy>(
    host: &H,
    status: StatusCode,
    reason: &impl ToString,
    id: Option<&TransactionId>,
) -> Response<Bytes> {
    let flow = id.map_or_else(|| FlowId::of(&host.random::<16>()), TransactionId::flow);
    host.record(Event {
        flow: Some(flow.to_string()),
        ..Event::new("sign_in.refused").because(reason)
    });
    answer::refusal(status, reason, &flow, Advice::StartAgain)
}

/// A page that says whose turn it is; which rule the provider broke is for the log alone. Only troubles
/// that pass leave the sign-in for another try: nobody may go on guessing at one.
fn failed<H: Audit>(
    host: &H,
    server: &ServerIdentity,
    reason: &ProviderFailed,
    id: &TransactionId,
) -> Response<Bytes> {
    let flow = id.flow();
    host.record(Event {
        flow: Some(flow.to_string()),
        ..Event::new("sign_in.refused").because(reason)
    });
    let (status, sentence, advice) = reason.shown();
    let mut page = answer::refusal(status, &sentence, &flow, advice);
    if !reason.is_outage() {
        over(&mut page, server, id);
    }
    page
}

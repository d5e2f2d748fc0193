//! `/login/<provider>` and `/callback/<provider>`: a person proves who they are.
//!
//! *Invariant:* both act only on the cookie of a sign-in that this browser consented to: a link
//! opened elsewhere reaches nobody.

mod callback;
mod confirm;
mod dev;
mod vouch;

use bytes::Bytes;
use host::{Audit, Chain, Clock, Entropy, Event, Variables};
use http::{Request, Response, StatusCode};
use jose::SealKeys;
use oauth::{
    FlowId, Identities, ServerIdentity, SignIn, Source, Transaction, TransactionId,
    TransactionRefused, UpstreamState, Vouched,
};
use pages::Advice;

use crate::answer;
use crate::cookies::CookieKind;
use crate::settings::{self, SettingsRefused};

/// What the component `login-dev` holds.
#[derive(Debug)]
pub struct Settings {
    identities: Identities,
    source: Source,
    transactions: SealKeys<Transaction>,
    sign_ins: SealKeys<SignIn>,
    /// The same key for another purpose: `authorize` does not hold it, so it can vouch for nobody.
    vouched: SealKeys<Vouched>,
}

impl Settings {
    /// Reads its variables.
    pub async fn read(host: &impl Variables) -> Result<Self, SettingsRefused> {
        let identities = settings::identities(host).await?;
        let (source, transactions) = only(settings::per_provider(host, "tx").await?)?;
        let (_, sign_ins) = only(settings::per_provider(host, "person").await?)?;
        let (_, vouched) = only(settings::per_provider(host, "person").await?)?;
        Ok(Self {
            identities,
            source,
            transactions,
            sign_ins,
            vouched,
        })
    }
}

fn only<T>(providers: Vec<T>) -> Result<T, SettingsRefused> {
    providers
        .into_iter()
        .next()
        .ok_or(SettingsRefused::NoProvider)
}

/// Answers one request.
pub async fn handle<H>(host: &H, settings: &Settings, request: Request<Bytes>) -> Response<Bytes>
where
    H: Audit + Chain + Clock + Entropy,
{
    let server = match settings.identities.reached(&request) {
        Ok(server) => server,
        Err(reason) => return refuse(host, StatusCode::MISDIRECTED_REQUEST, &reason, None),
    };
    if request.uri().path().contains("/callback") {
        callback::handle(host, settings, &server, &request).await
    } else {
        dev::handle(host, settings, &server, &request)
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
    for kind in [CookieKind::Transaction, CookieKind::Vouched] {
        kind.clear(&mut answer, server.issuer(), &transaction.id);
    }
    answer
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

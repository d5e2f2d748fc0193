//! Somebody else than who agreed before: they are asked for themselves, before any code exists.
//!
//! *Invariant:* who they are stays sealed in this browser until they have agreed, and what they
//! agree to is what their sign-in was for.

use bytes::Bytes;
use host::{Audit, Chain, Clock, Entropy, Event};
use http::{Request, Response, StatusCode};
use oauth::consent::{ConsentCookie, ConsentRefused, chosen, left, shown};
use oauth::{
    ErrorCode, Parameters, RedirectKind, Resource, Scope, Scopes, ServerIdentity, Transaction,
    UpstreamState, Vouched,
};
use pages::{Advice, Ask, Consent};

use super::exchange::Came;
use super::vouch::{self, SignInRefused};
use super::{Settings, callback};
use crate::cookies::CookieKind;
use crate::{answer, form};

/// The most characters of the cookie that says who came back: browsers keep 4,096 with its name.
const LONGEST_COOKIE: usize = 3500;

/// Asks whoever came back, and keeps who they are in this browser meanwhile.
pub(super) fn ask<H>(
    host: &H,
    settings: &Settings,
    server: &ServerIdentity,
    (request, transaction, came): (&Request<Bytes>, &Transaction, Came),
) -> Response<Bytes>
where
    H: Audit + Clock + Entropy,
{
    let form = ConsentCookie::new(host.random(), host.now()).value();
    let mut vouched = Vouched {
        person: came.person,
        form,
        upstream: came.upstream,
    };
    let context = Vouched::context(transaction);
    let seal = |vouched: &Vouched| {
        let sealed = settings.vouched.seal(vouched, host.random(), &context);
        sealed.filter(|sealed| sealed.len() <= LONGEST_COOKIE)
    };
    let sealed = seal(&vouched).or_else(|| {
        // Without it they are read anew at their next sign-in only.
        if vouched.upstream.take().is_some() {
            host.record(Event {
                flow: Some(transaction.id.flow().to_string()),
                subject: Some(vouched.person.subject.to_string()),
                ..Event::new("person.not_kept").because(&"what lets them be read anew is too large")
            });
        }
        seal(&vouched)
    });
    let Some(sealed) = sealed else {
        return vouch::refuse(host, &SignInRefused::TooLarge, transaction);
    };
    host.record(Event {
        flow: Some(transaction.id.flow().to_string()),
        subject: Some(vouched.person.subject.to_string()),
        ..Event::new("sign_in.other_person")
    });
    let mut answer = again(server, transaction, &vouched);
    // Their ages are sealed with sign-ins that this one does not know.
    for old in CookieKind::Vouched.surplus(request, server.issuer(), |_| None) {
        CookieKind::Vouched.clear(&mut answer, server.issuer(), &old);
    }
    CookieKind::Vouched.set(&mut answer, server.issuer(), &transaction.id, &sealed);
    answer
}

/// Who came back, if this browser was already asked.
pub(super) fn vouched(
    settings: &Settings,
    server: &ServerIdentity,
    request: &Request<Bytes>,
    transaction: &Transaction,
) -> Option<Vouched> {
    let sealed = CookieKind::Vouched.find(request, server.issuer(), &transaction.id)?;
    let context = Vouched::context(transaction);
    settings.vouched.open(&sealed, &context).ok()
}

/// The page for who is already known.
pub(super) fn again(
    server: &ServerIdentity,
    transaction: &Transaction,
    vouched: &Vouched,
) -> Response<Bytes> {
    let all = shown(&transaction.scopes);
    page(server, transaction, vouched, (&all, None))
}

fn page(
    server: &ServerIdentity,
    transaction: &Transaction,
    vouched: &Vouched,
    (ticks, problem): (&Scopes, Option<&str>),
) -> Response<Bytes> {
    let state = transaction.upstream_state();
    let carried = Parameters::single("state", state.as_str());
    let cookie = ConsentCookie::parse(Some(&vouched.form));
    let (Ok(cookie), Some(place), Some(resources)) =
        (cookie, transaction.place(), transaction.resources())
    else {
        // Each was checked before it was sealed.
        let status = StatusCode::BAD_REQUEST;
        let (reason, flow) = (SignInRefused::AlreadyOver, transaction.id.flow());
        return answer::refusal(status, &reason, &flow, Advice::StartAgain);
    };
    let csrf = cookie.token(&transaction.id, server.issuer(), &carried);
    let flow = transaction.id.flow().to_string();
    let all = shown(&transaction.scopes);
    pages::consent(&Consent {
        client_name: transaction.client_name.as_deref(),
        known: transaction.client_kind(),
        // Of its other redirect URIs the transaction says nothing: warn once too often.
        loopback_only: place.kind() == RedirectKind::Loopback,
        redirect_place: place.place(),
        redirect_kind: place.kind(),
        resources: resources.iter().map(Resource::as_str).collect(),
        scopes: Scope::ALL
            .into_iter()
            .filter(|scope| all.contains(*scope))
            .map(|scope| (scope, ticks.contains(scope)))
            .collect(),
        ask: Ask::OtherPerson {
            name: vouched.person.called(),
            provider: transaction.provider.as_str(),
            problem,
        },
        hidden: carried.pairs(&[]).collect(),
        transaction: transaction.id.as_str(),
        csrf: &csrf,
        flow: &flow,
    })
}

/// `POST /callback/<provider>`: their answer.
pub(super) async fn post<H>(
    host: &H,
    settings: &Settings,
    server: &ServerIdentity,
    request: &Request<Bytes>,
) -> Response<Bytes>
where
    H: Audit + Chain + Clock + Entropy,
{
    let bad = |reason: &dyn ToString| {
        super::refuse(host, StatusCode::BAD_REQUEST, &reason.to_string(), None)
    };
    let parameters = match form::from_our_page(request, server.issuer()) {
        Ok(parameters) => parameters,
        Err(reason) => return super::refuse(host, reason.status(), &reason, None),
    };
    let state = UpstreamState::returned(parameters.value("state").unwrap_or_default());
    let transaction = match super::returning(host, settings, server, (request, &state)) {
        Ok(transaction) => transaction,
        Err(reason) => return bad(&reason),
    };
    let vouched = vouched(settings, server, request, &transaction);
    match checked(host, server, &transaction, (vouched, &parameters)) {
        Ok(vouched) => {
            decide(
                host,
                settings,
                (server, request),
                (transaction, vouched, &parameters),
            )
            .await
        }
        Err(reason) => bad(&reason),
    }
}

/// Who came back, if this is the form that asked them.
fn checked<H: Clock>(
    host: &H,
    server: &ServerIdentity,
    transaction: &Transaction,
    (vouched, posted): (Option<Vouched>, &Parameters),
) -> Result<Vouched, ConsentRefused> {
    let vouched = vouched.ok_or(ConsentRefused::NotHere)?;
    let cookie = ConsentCookie::parse(Some(&vouched.form))?;
    cookie.check(&transaction.id, server.issuer(), posted, host.now())?;
    Ok(vouched)
}

async fn decide<H>(
    host: &H,
    settings: &Settings,
    (server, request): (&ServerIdentity, &Request<Bytes>),
    (transaction, vouched, posted): (Transaction, Vouched, &Parameters),
) -> Response<Bytes>
where
    H: Audit + Chain + Clock + Entropy,
{
    if posted.value("decision") == Some("deny") {
        return callback::ended(host, server, &transaction, ErrorCode::AccessDenied);
    }
    let all = shown(&transaction.scopes);
    match chosen(&all, posted) {
        Ok(scopes) => {
            host.record(Event {
                flow: Some(transaction.id.flow().to_string()),
                subject: Some(vouched.person.subject.to_string()),
                client: transaction.client_name.clone(),
                ..Event::new("consent.given")
            });
            let agreed = transaction.agreed_by_whoever_came(scopes);
            let came = Came {
                person: vouched.person,
                upstream: vouched.upstream,
            };
            let signed_in = (server, agreed, came);
            vouch::for_person(host, settings, request, signed_in).await
        }
        Err(reason @ ConsentRefused::NothingLeft) => {
            let (left, problem) = (left(&all, posted), reason.to_string());
            let left = (&left, Some(problem.as_str()));
            let mut page = page(server, &transaction, &vouched, left);
            *page.status_mut() = StatusCode::BAD_REQUEST;
            page
        }
        Err(reason) => super::refuse(
            host,
            StatusCode::BAD_REQUEST,
            &reason,
            Some(&transaction.id),
        ),
    }
}

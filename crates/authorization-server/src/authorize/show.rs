//! `GET /authorize`: the request's rules, then the consent page.

use bytes::Bytes;
use host::{Audit, Cache, Chain, Clock, Entropy, Event};
use http::{Request, Response, StatusCode};
use oauth::authorize::{self, AuthorizationRequest};
use oauth::consent::ConsentCookie;
use oauth::{Parameters, Resource, Scope, ServerIdentity, Source, TransactionId, dev};
use pages::{Advice, Consent, Provider};

use super::Settings;
use crate::answer::refusal;
use crate::cookies::CookieKind;

/// Shows the consent page, however often it is asked for.
pub(super) async fn get<H>(
    host: &H,
    settings: &Settings,
    server: &ServerIdentity,
    request: &Request<Bytes>,
) -> Response<Bytes>
where
    H: Audit + Cache + Chain + Clock + Entropy,
{
    let id = TransactionId::new(host.random());
    let query = request.uri().query().unwrap_or_default();
    let parameters = match Parameters::parse(query.as_bytes()) {
        Ok(parameters) => parameters,
        Err(reason) => {
            return refusal(
                StatusCode::BAD_REQUEST,
                &reason,
                &id.flow(),
                Advice::StartAgain,
            );
        }
    };
    match settings.check(host, &parameters, server).await {
        Ok(asked) => page(
            host,
            settings,
            server,
            Shown {
                id,
                parameters: &parameters,
                asked: &asked,
                request,
            },
        ),
        Err(refused) => {
            host.record(Event {
                flow: Some(id.flow().to_string()),
                ..Event::new("authorize.refused").because(&refused)
            });
            super::refuse(&refused, server, &id.flow())
        }
    }
}

struct Shown<'a> {
    id: TransactionId,
    parameters: &'a Parameters,
    asked: &'a AuthorizationRequest,
    request: &'a Request<Bytes>,
}

fn page<H>(
    host: &H,
    settings: &Settings,
    server: &ServerIdentity,
    shown: Shown<'_>,
) -> Response<Bytes>
where
    H: Clock + Entropy,
{
    let Shown {
        id,
        parameters,
        asked,
        request,
    } = shown;
    // The form carries our parameters and no others, and its MAC covers what it carries.
    let carried = parameters.only(&authorize::PARAMETERS);
    let cookie = ConsentCookie::new(host.random(), host.now());
    let csrf = cookie.token(&id, server.issuer(), &carried);
    let provider = |(source, _): &'_ (Source, _)| source.as_str().to_owned();
    let providers: Vec<String> = settings.providers.iter().map(provider).collect();
    let flow = id.flow().to_string();
    let mut answer = pages::consent(&Consent {
        client_name: asked.client.name(),
        known: asked.client.kind().clone(),
        loopback_only: asked.client.is_loopback_only(),
        redirect_place: asked.redirect.place(),
        redirect_kind: asked.redirect.kind(),
        resources: asked.resources.iter().map(Resource::as_str).collect(),
        scopes: agreed_to(asked)
            .map(|scope| (scope.as_str(), scope.in_words()))
            .collect(),
        providers: providers
            .iter()
            .map(|id| Provider {
                id,
                title: title(id),
            })
            .collect(),
        hidden: carried.pairs(&[]).collect(),
        transaction: id.as_str(),
        csrf: &csrf,
        flow: &flow,
    });
    let shown_at = |value: &str| {
        ConsentCookie::parse(Some(value))
            .ok()
            .map(|cookie| cookie.shown().as_millis())
    };
    for old in CookieKind::Csrf.surplus(request, server.issuer(), shown_at) {
        CookieKind::Csrf.clear(&mut answer, server.issuer(), &old);
    }
    CookieKind::Csrf.set(&mut answer, server.issuer(), &id, &cookie.value());
    answer
}

/// What a person agrees to. Every client gets a refresh token, so everybody is told that it stays
/// connected, whether or not it asked with `offline_access`.
pub(super) fn agreed_to(asked: &AuthorizationRequest) -> impl Iterator<Item = Scope> {
    let others = asked
        .scopes
        .iter()
        .filter(|scope| *scope != Scope::OfflineAccess);
    others.chain([Scope::OfflineAccess])
}

/// What a person reads on a provider's button.
fn title(id: &str) -> &str {
    if id == dev::PROVIDER {
        "a test person"
    } else {
        id
    }
}

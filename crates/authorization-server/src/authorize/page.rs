//! The consent page, as this request fills it: whole, or with one click for who agreed before.
//!
//! *Invariant:* what the form carries is what its MAC covers, but for the person's own choices.

use bytes::Bytes;
use host::{Clock, Entropy};
use http::{Request, Response};
use oauth::authorize::{self, AuthorizationRequest};
use oauth::consent::{self, ConsentCookie};
use oauth::{
    Parameters, Resource, Scope, Scopes, ServerIdentity, Source, Transaction, TransactionId,
};
use pages::{Ask, Consent, Provider};

use super::Settings;
use crate::cookies::CookieKind;
use crate::settings::Offered;

/// A request that is put to a person.
pub(super) struct Shown<'a> {
    pub(super) id: &'a TransactionId,
    pub(super) parameters: &'a Parameters,
    pub(super) asked: &'a AuthorizationRequest,
    pub(super) request: &'a Request<Bytes>,
}

/// What the person is asked, besides whether they agree.
pub(super) enum Question<'a> {
    /// Everything.
    All,
    /// Everything, with the account to be chosen at the provider.
    OtherAccount,
    /// Everything again: these were ticked, and that is not enough.
    Again(Scopes, &'a str),
    /// Whether to go on as the person whose browser this is.
    GoOn {
        name: &'a str,
        source: &'a Source,
        scopes: &'a Scopes,
    },
}

impl Shown<'_> {
    /// The page in a new form, with a cookie of its own.
    pub(super) fn first<H>(
        &self,
        host: &H,
        settings: &Settings,
        server: &ServerIdentity,
        question: &Question<'_>,
    ) -> Response<Bytes>
    where
        H: Clock + Entropy,
    {
        let cookie = ConsentCookie::new(host.random(), host.now());
        let issuer = server.issuer();
        let mut answer = self.page(settings, server, &cookie, question);
        let shown_at = |value: &str| {
            let cookie = ConsentCookie::parse(Some(value)).ok();
            cookie.map(|cookie| cookie.shown().as_millis())
        };
        for old in CookieKind::Csrf.surplus(self.request, issuer, shown_at) {
            CookieKind::Csrf.clear(&mut answer, issuer, &old);
        }
        CookieKind::Csrf.set(&mut answer, issuer, self.id, &cookie.value());
        answer
    }

    /// The page for the form that `cookie` belongs to.
    pub(super) fn page(
        &self,
        settings: &Settings,
        server: &ServerIdentity,
        cookie: &ConsentCookie,
        question: &Question<'_>,
    ) -> Response<Bytes> {
        // The form carries our parameters and no others, and its MAC covers what it carries.
        let carried = self.parameters.only(&authorize::PARAMETERS);
        let csrf = cookie.token(self.id, server.issuer(), &carried);
        let asked = self.asked;
        let flow = self.id.flow().to_string();
        let shown = match question {
            Question::GoOn { scopes, .. } => (*scopes).clone(),
            _ => consent::shown(&asked.scopes),
        };
        let is_ticked = |scope: Scope| match question {
            Question::Again(ticked, _) => ticked.contains(scope),
            _ => true,
        };
        pages::consent(&Consent {
            client_name: asked.client.name(),
            known: asked.client.kind().clone(),
            loopback_only: asked.client.is_loopback_only(),
            redirect_place: asked.redirect.place(),
            redirect_kind: asked.redirect.kind(),
            resources: asked.resources.iter().map(Resource::as_str).collect(),
            scopes: Scope::ALL
                .into_iter()
                .filter(|scope| shown.contains(*scope))
                .map(|scope| (scope, is_ticked(scope)))
                .collect(),
            ask: ask(settings, asked.prompting.login_hint.as_deref(), question),
            hidden: carried.pairs(&[]).collect(),
            transaction: self.id.as_str(),
            csrf: &csrf,
            flow: &flow,
        })
    }
}

fn ask<'a>(settings: &'a Settings, hint: Option<&str>, question: &'a Question<'_>) -> Ask<'a> {
    match question {
        Question::GoOn { name, source, .. } => Ask::GoOn {
            name,
            provider: source.as_str(),
        },
        Question::All | Question::OtherAccount | Question::Again(..) => Ask::All {
            providers: offered(settings, hint),
            other_account: matches!(question, Question::OtherAccount),
            problem: match question {
                Question::Again(_, problem) => Some(problem),
                _ => None,
            },
        },
    }
}

/// The ways to sign in, the one first that the client suggests.
fn offered<'a>(settings: &'a Settings, hint: Option<&str>) -> Vec<Provider<'a>> {
    let is_meant =
        |provider: &&Offered<Transaction>| hint.is_some_and(|hint| provider.is_meant_by(hint));
    let (meant, others): (Vec<_>, Vec<_>) = settings.providers.iter().partition(is_meant);
    let all = meant.into_iter().chain(others);
    all.map(|provider| Provider {
        id: provider.source.as_str(),
        title: &provider.title,
    })
    .collect()
}

//! `GET /login/<provider>`: on to the provider, for a sign-in that this browser consented to.
//!
//! *Invariant:* whoever has no such sign-in is sent nowhere.

use bytes::Bytes;
use host::{Audit, Cache, Clock, Entropy, Fetch};
use http::{Method, Request, Response, StatusCode};
use oauth::{Parameters, ServerIdentity, TransactionId};
use providers::Asking;

use super::Settings;
use super::exchange::Reached;
use super::failed::ProviderFailed;
use crate::answer;

/// Sends the browser on.
pub(super) async fn handle<H>(
    host: &H,
    settings: &Settings,
    (server, provider): (&ServerIdentity, &Reached),
    request: &Request<Bytes>,
) -> Response<Bytes>
where
    H: Audit + Cache + Clock + Entropy + Fetch,
{
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return answer::method_not_allowed("GET, HEAD");
    }
    let id = asked(request);
    let transaction = match super::transaction(host, settings, server, (request, id.as_ref())) {
        Ok(transaction) => transaction,
        Err(reason) => return super::refuse(host, StatusCode::BAD_REQUEST, &reason, id.as_ref()),
    };
    let known = match provider.discovered(host).await {
        Ok(known) => known,
        Err(reason) => return super::failed(host, server, &reason, &transaction.id),
    };
    let state = transaction.upstream_state();
    let asking = Asking {
        redirect_uri: &server.url(&transaction.callback()),
        state: state.as_str(),
        nonce: &transaction.upstream_nonce(),
        challenge: &transaction.upstream_verifier().challenge(),
        prompt: transaction.prompt,
        max_age: transaction.max_age,
        login_hint: transaction.login_hint.as_deref(),
    };
    match provider.upstream.authorization_url(&known, &asking) {
        Some(url) => answer::see_other(&url),
        None => {
            let reason = ProviderFailed::Address("authorization endpoint");
            super::failed(host, server, &reason, &transaction.id)
        }
    }
}

/// Which sign-in a link is of.
pub(super) fn asked(request: &Request<Bytes>) -> Option<TransactionId> {
    let query = request.uri().query().unwrap_or_default();
    let parameters = Parameters::parse(query.as_bytes()).ok()?;
    parameters
        .value("transaction")
        .and_then(TransactionId::parse)
}

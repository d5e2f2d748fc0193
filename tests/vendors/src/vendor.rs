//! A vendor, as a test holds it.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use serde_json::Value;
use tokio::sync::oneshot;

use crate::assertion::{self, About};
use crate::jwt::Signer;
use crate::keys::{Keys, Slot};
use crate::routes;
use crate::server::Door;
use crate::shape::{Place, Shape};
use crate::state::State;
use crate::{Algorithm, Endpoint, Kind, Person, Quirk, Seen};

/// A running vendor. It stops when this is dropped.
pub struct Vendor {
    kind: Kind,
    authority: String,
    base: String,
    certificate: String,
    state: Arc<Mutex<State>>,
    _open: oneshot::Sender<Infallible>,
}

impl Vendor {
    /// Starts a vendor at which [`Person::default`] signs in next.
    ///
    /// # Panics
    /// If loopback has no port, or no certificate can be made.
    #[must_use]
    pub fn start(kind: Kind) -> Self {
        let door = Door::open();
        let authority = format!("localhost:{}", door.address.port());
        let base = format!("https://{authority}");
        let state = Arc::new(Mutex::new(State::new(base.clone(), kind.shape())));
        Self {
            kind,
            authority,
            base,
            certificate: door.certificate.clone(),
            _open: door.serve(Arc::clone(&state)),
            state,
        }
    }

    /// Which vendor it is.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// Its host and port.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// The address of a path that starts with a slash.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// The address of an endpoint, if this vendor has it.
    #[must_use]
    pub fn endpoint(&self, endpoint: Endpoint) -> Option<String> {
        let path = self.shape().path(endpoint, self.shape().realm)?;
        Some(self.url(&path))
    }

    /// Its certificate, as PEM: the root to trust.
    #[must_use]
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// The issuer of its tokens, where nothing else is asked for.
    #[must_use]
    pub fn issuer(&self) -> String {
        (self.shape().issuer)(&self.base, self.shape().realm)
    }

    /// Where its keys are, if it publishes any.
    #[must_use]
    pub fn jwks_uri(&self) -> Option<String> {
        self.endpoint(Endpoint::Keys)
    }

    /// The client that it knows.
    #[must_use]
    pub fn client_id(&self) -> &'static str {
        self.shape().client_id
    }

    /// The secret of that client.
    #[must_use]
    pub fn client_secret(&self) -> &'static str {
        self.shape().client_secret
    }

    /// The variables that point the product at it: client, secret, hosts and addresses.
    #[must_use]
    pub fn variables(&self) -> Vec<(String, String)> {
        let place = Place {
            authority: &self.authority,
            base: &self.base,
        };
        let variables = (self.shape().variables)(&place).into_iter();
        variables
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    }

    /// Says who signs in next, and changes their account if they have one.
    ///
    /// # Panics
    /// If a test failed while it held the vendor.
    pub fn person(&self, person: Person) {
        self.state().sign_in_next(person);
    }

    /// Registers a redirect URI. As long as there is none, all are taken.
    ///
    /// # Panics
    /// If a test failed while it held the vendor.
    pub fn redirect_uri(&self, uri: impl Into<String>) {
        self.state().redirect_uris.push(uri.into());
    }

    /// Has it do one thing otherwise from now on, instead of the one before.
    ///
    /// # Panics
    /// If a test failed while it held the vendor.
    pub fn quirk(&self, quirk: Quirk) {
        self.state().set_quirk(Some((quirk, None)));
    }

    /// Has it do one thing otherwise as often as said, instead of the one before.
    ///
    /// # Panics
    /// If a test failed while it held the vendor.
    pub fn quirk_for(&self, quirk: Quirk, answers: usize) {
        self.state().set_quirk(Some((quirk, Some(answers))));
    }

    /// Has it do everything as it does.
    ///
    /// # Panics
    /// If a test failed while it held the vendor.
    pub fn behave(&self) {
        self.state().set_quirk(None);
    }

    /// Moves its clock, as that of a host on which time is told.
    ///
    /// # Panics
    /// If a test failed while it held the vendor.
    pub fn pass(&self, time: Duration) {
        self.state().pass(time.as_secs());
    }

    /// How often an endpoint was asked.
    ///
    /// # Panics
    /// If a test failed while it held the vendor.
    #[must_use]
    pub fn asked(&self, endpoint: Endpoint) -> usize {
        self.state().asked(endpoint)
    }

    /// What an endpoint was asked last.
    ///
    /// # Panics
    /// If a test failed while it held the vendor.
    #[must_use]
    pub fn seen(&self, endpoint: Endpoint) -> Option<Seen> {
        self.state().seen(endpoint).cloned()
    }

    /// A JWT with these claims and no others, signed with its key for an algorithm. Every such key
    /// is in the set of [`Kind::Oidc`]; with other vendors, the one that they sign with.
    ///
    /// # Panics
    /// If a test failed while it held the vendor.
    #[must_use]
    pub fn token(&self, claims: &Value, algorithm: Algorithm) -> String {
        let signer = Signer {
            algorithm,
            slot: Slot::Current,
            kid: Some(Keys::kid(algorithm, Slot::Current)),
        };
        signer.sign(&self.state().keys, &claims.to_string())
    }

    /// Cloudflare Access: what it sends to the self-hosted application with this AUD tag when the
    /// next person comes. Its issuer is [`url`](Self::url) of nothing.
    ///
    /// # Panics
    /// If a test failed while it held the vendor.
    #[must_use]
    pub fn assertion(&self, audience: &str) -> String {
        assertion::mint(&mut self.state(), audience, &About::Person)
    }

    /// Cloudflare Access: the same for a service token with this client id.
    ///
    /// # Panics
    /// If a test failed while it held the vendor.
    #[must_use]
    pub fn service_assertion(&self, audience: &str, client_id: &str) -> String {
        assertion::mint(&mut self.state(), audience, &About::Service(client_id))
    }

    /// Answers a browser that has no TLS, as it would answer over HTTPS, but for delays.
    ///
    /// # Panics
    /// If it is no address, or a test failed while it held the vendor.
    #[must_use]
    pub fn visit(&self, url: &str) -> Response<Bytes> {
        self.answer(Request::get(url).body(Bytes::new()).expect("a URL"))
    }

    /// Answers any request as it would over HTTPS, but for delays.
    ///
    /// # Panics
    /// If a test failed while it held the vendor.
    #[must_use]
    pub fn answer(&self, request: Request<Bytes>) -> Response<Bytes> {
        let (head, body) = request.into_parts();
        let seen = Seen::new(&head, &body);
        routes::answer(&mut self.state(), &seen).into_response()
    }

    fn shape(&self) -> &'static Shape {
        self.kind.shape()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("a vendor")
    }
}

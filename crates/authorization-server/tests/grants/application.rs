//! The product's token endpoint, with two clients, and people who sign in.
//!
//! *Invariant:* what goes in is a request and what is looked at is its answer, or the mark that
//! the gateway reads.

use bytes::Bytes;
use host::{Clock as _, Entropy as _, Grants as _, Marks as _};
use host_memory::MemoryHost;
use http::{Request, Response, header};
use jose::{SealKeys, Secret, SigningKeys, VerifyingKeys, derive};
use oauth::grant::{Grant, GrantId, Lifetimes, RefreshKeys};
use oauth::registration::{Registration, register};
use oauth::{
    Agreed, Client, Identities, Mark, Parameters, ServerIdentity, SignIn, Source, Timestamp,
    Transaction, TransactionId, WhoAsked, dev,
};
use std::collections::BTreeMap;

use postern_authorization_server::token::{self, Settings};
use serde_json::Value;
use url::form_urlencoded;

use crate::turns::Turns;

/// RFC 7636 appendix B.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
pub(crate) const REDIRECT: &str = "http://127.0.0.1:33418/callback";

/// An hour, and ten minutes without use.
const LIFETIMES: [(&str, &str); 2] = [("grant_seconds", "3600"), ("grant_idle_seconds", "600")];

/// The endpoint, and the keys of those who speak to it.
pub(crate) struct Application {
    pub(crate) host: Turns,
    settings: Settings,
    sign_ins: SealKeys<SignIn>,
    refresh_tokens: RefreshKeys,
    registrations: VerifyingKeys<Registration>,
    server: ServerIdentity,
    /// The ids of two clients.
    pub(crate) clients: [String; 2],
}

/// What there is of somebody who signed in.
pub(crate) struct Person {
    pub(crate) id: GrantId,
    pub(crate) code: String,
    /// What the provider vouched with.
    pub(crate) sealed: String,
    /// Every refresh token that anybody got, by its generation.
    pub(crate) tokens: BTreeMap<u64, String>,
    /// How often the code bought tokens.
    pub(crate) bought: usize,
    /// When the last access token ends.
    pub(crate) access_until: u64,
    /// When everything does.
    pub(crate) ends: u64,
    /// Whether the row is gone.
    pub(crate) is_swept: bool,
}

impl Application {
    pub(crate) fn new() -> Self {
        let host = Turns::new(MemoryHost::at(Timestamp::from_seconds(1_800_000_000)));
        let master = Secret::new(jose::sha256(b"the master of these tests"));
        let symmetric = |variable: &str, purpose: &str| {
            let key = derive::symmetric(&master, purpose);
            host.memory.set_variable(variable, &key);
            key
        };
        symmetric("dev_key", "dev");
        symmetric("code_key", "code");
        let refresh_key = symmetric("refresh_key", "refresh");
        let person_key = symmetric("person_dev", "person/dev");
        let (access_token_key, _) = derive::signing_pair(&master, "access-token");
        let (registration_key, registration_public) = derive::signing_pair(&master, "registration");
        host.memory
            .set_variable("access_token_key", &access_token_key);
        host.memory
            .set_variable("registration_public_key", &registration_public);
        let (session_key, _) = derive::signing_pair(&master, "session");
        host.memory.set_variable("session_key", &session_key);
        let nothing = "[[server]]\nname = \"toolbox\"\ntoolset = true\n";
        for (name, seconds) in LIFETIMES {
            host.memory.set_variable(name, seconds);
        }
        host.memory.set_file(configuration::PATH, nothing);
        let settings = Turns::run(vec![Settings::read(&host.memory)], &[]).remove(0);
        let registrations = SigningKeys::parse("registration_key", &registration_key).unwrap();
        let mut headers = http::HeaderMap::new();
        reach(&mut headers);
        let who = WhoAsked::read(&headers, None);
        Self {
            settings: settings.unwrap(),
            sign_ins: SealKeys::parse("person_dev", &person_key).unwrap(),
            refresh_tokens: RefreshKeys::parse("refresh_key", &refresh_key).unwrap(),
            registrations: VerifyingKeys::parse("registration_public_key", &registration_public)
                .unwrap(),
            server: Identities::Loopback.reached_by(&who).unwrap(),
            clients: [1, 2].map(|chance| client(&registrations, chance)),
            host,
        }
    }

    /// A person signs in for the first client.
    pub(crate) fn sign_in(&self) -> Person {
        let query = form(&[
            ("response_type", "code"),
            ("client_id", &self.clients[0]),
            ("redirect_uri", REDIRECT),
            ("scope", "mcp:tools offline_access"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ]);
        let parameters = Parameters::parse(query.as_bytes()).unwrap();
        let client = Client::registered(&self.clients[0], &self.registrations);
        let request = oauth::authorize::check(&parameters, client, &self.server).unwrap();
        let agreed = Agreed {
            request: &request,
            scopes: request.scopes.clone(),
            before: None,
        };
        let source = Source::parse(dev::PROVIDER).unwrap();
        let sign_in = SignIn {
            upstream: None,
            transaction: Transaction::consented(
                agreed,
                TransactionId::new(self.host.random()),
                source,
                self.server.issuer().clone(),
                (self.host.random(), self.host.now()),
            ),
            person: dev::person("ada").unwrap(),
            at: self.host.now(),
            session: None,
        };
        let sealed = self
            .sign_ins
            .seal(&sign_in, self.host.random(), "token/dev")
            .unwrap();
        let answer = Turns::run(vec![self.vouch(&sealed)], &[]).remove(0);
        let code = member(&answer, "code").unwrap();
        // A code is `kid.id.mac`; its id is the grant's.
        let id = GrantId::parse(code.split('.').nth(1).unwrap()).unwrap();
        let ends = self.host.now().plus(Self::lifetimes().grant);
        Person {
            id,
            code,
            sealed,
            tokens: BTreeMap::new(),
            bought: 0,
            access_until: 0,
            ends: ends.as_millis(),
            is_swept: false,
        }
    }

    /// A provider vouches for a person.
    pub(crate) async fn vouch(&self, sealed: &str) -> Response<Bytes> {
        let request = Request::post("/pend/dev").body(Bytes::from(sealed.to_owned()));
        token::handle(&self.host, &self.settings, request.unwrap()).await
    }

    /// A request to `/token` or `/revoke`.
    pub(crate) async fn ask(&self, path: &str, fields: &[(&str, &str)]) -> Response<Bytes> {
        let mut request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Bytes::from(form(fields)))
            .unwrap();
        reach(request.headers_mut());
        token::handle(&self.host, &self.settings, request).await
    }

    /// A refresh token of a generation that was never issued, as a restored database meets one.
    pub(crate) fn ahead(&self, id: &GrantId, generation: u64) -> Option<String> {
        Some(self.refresh_tokens.mint(&self.row(id)?, generation))
    }

    /// Whether the store still knows a grant.
    pub(crate) fn is_kept(&self, id: &GrantId) -> bool {
        self.row(id).is_some()
    }

    fn row(&self, id: &GrantId) -> Option<Grant> {
        Turns::run(vec![self.host.memory.find(id)], &[])
            .remove(0)
            .unwrap()
    }

    /// Which generation a refresh token is.
    pub(crate) fn generation(&self, token: &str) -> u64 {
        self.refresh_tokens.unverified(token).unwrap().generation
    }

    /// Whether the gateway refuses the access tokens of a grant.
    pub(crate) fn is_marked(&self, id: &GrantId) -> bool {
        let mark = Mark::Grant(id.clone());
        Turns::run(vec![self.host.memory.is_marked(&mark)], &[])
            .remove(0)
            .unwrap()
    }

    /// The lifetimes that operators get, but for a grant's, which is an hour.
    pub(crate) fn lifetimes() -> Lifetimes {
        let short = |name: &str| LIFETIMES.iter().find(|(known, _)| *known == name);
        Lifetimes::read(|name| short(name).map(|(_, seconds)| (*seconds).to_owned())).unwrap()
    }
}

/// A text member of an answer.
pub(crate) fn member(answer: &Response<Bytes>, name: &str) -> Option<String> {
    let body: Value = serde_json::from_slice(answer.body()).unwrap();
    body[name].as_str().map(str::to_owned)
}

/// The lifetime that an answer tells, in milliseconds.
pub(crate) fn expires_in(answer: &Response<Bytes>) -> u64 {
    let body: Value = serde_json::from_slice(answer.body()).unwrap();
    body["expires_in"].as_u64().unwrap() * 1000
}

fn reach(headers: &mut http::HeaderMap) {
    headers.insert(header::HOST, "localhost:3000".parse().unwrap());
    headers.insert("spin-client-addr", "127.0.0.1:50000".parse().unwrap());
}

fn client(keys: &SigningKeys<Registration>, chance: u8) -> String {
    let metadata = serde_json::json!({
        "redirect_uris": [REDIRECT],
        "token_endpoint_auth_method": "none",
    });
    let chance = ([chance; 9], Timestamp::from_seconds(1_800_000_000));
    let registered = register(metadata.to_string().as_bytes(), keys, chance).unwrap();
    let registered = serde_json::to_value(registered).unwrap();
    registered["client_id"].as_str().unwrap().to_owned()
}

fn form(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
}

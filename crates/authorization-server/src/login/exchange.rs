//! From a provider's code to a person.
//!
//! *Invariant:* nobody is a person before the provider's signature, or its own answer over TLS,
//! says so for this very sign-in.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use host::{Cache, Clock, Entropy, Fetch, FetchFailed};
use http::Request;
use jose::{ForeignKeys, SealKeys};
use oauth::{MaxAge, Parameters, Person, ServerIdentity, Subject, Transaction, UpstreamRefresh};
use providers::{
    Claims, Discovered, Expected, IdTokenRefused, TokenAnswer, TokenAnswerRefused, Told, Upstream,
    Userinfo,
};
use serde_json::{Map, Value};

use super::failed::ProviderFailed;
use super::published::{Published, send, send_for_list, succeeded};

/// All lists of one person together may take so long, and then one page more.
const PATIENCE: Duration = Duration::from_secs(20);

/// A provider that is on, and what is known of it.
#[derive(Debug)]
pub(super) struct Reached {
    pub(super) upstream: Upstream,
    pub(super) published: Published,
    /// For what it gives us of people, which nobody else reads.
    pub(super) refreshes: SealKeys<UpstreamRefresh>,
}

/// Who came, and what lets them be read anew, sealed.
pub(super) struct Came {
    pub(super) person: Person,
    pub(super) upstream: Option<String>,
}

/// Why somebody was not read anew.
pub(super) struct Unread {
    pub(super) reason: ProviderFailed,
    /// What the provider gave before its troubles, sealed. Where it rotates refresh tokens, the one
    /// that it was asked with is dead (RFC 9700 §4.14.2).
    pub(super) newer: Option<String>,
}

impl From<ProviderFailed> for Unread {
    fn from(reason: ProviderFailed) -> Self {
        Self {
            reason,
            newer: None,
        }
    }
}

/// What an ID token must say besides whom it is of.
struct Wanted<'a> {
    nonce: Option<&'a str>,
    max_age: Option<MaxAge>,
}

impl Reached {
    pub(super) async fn discovered<H>(&self, host: &H) -> Result<Arc<Discovered>, ProviderFailed>
    where
        H: Cache + Clock + Fetch,
    {
        self.published.discovered(host, &self.upstream).await
    }

    /// Whether an answer, be it a code or an error, is this provider's (RFC 9207 §2.4).
    pub(super) async fn check_answerer<H>(
        &self,
        host: &H,
        answer: &Parameters,
    ) -> Result<(), ProviderFailed>
    where
        H: Cache + Clock + Fetch,
    {
        let known = self.discovered(host).await?;
        if known.is_answerer(answer.value("iss")) {
            Ok(())
        } else {
            Err(ProviderFailed::Answerer)
        }
    }

    /// Who came back with this answer.
    pub(super) async fn person<H>(
        &self,
        host: &H,
        (server, transaction): (&ServerIdentity, &Transaction),
        answer: &Parameters,
    ) -> Result<Came, ProviderFailed>
    where
        H: Cache + Clock + Entropy + Fetch,
    {
        let known = self.discovered(host).await?;
        let code = answer.value("code").ok_or(ProviderFailed::Empty)?;
        let redirect_uri = server.url(&transaction.callback());
        let verifier = transaction.upstream_verifier();
        let request = self
            .upstream
            .code_request(&known, code, &redirect_uri, &verifier);
        let tokens = self.tokens(host, request).await?;
        let nonce = transaction.upstream_nonce();
        let wanted = Wanted {
            nonce: Some(&nonce),
            max_age: transaction.max_age,
        };
        self.told(host, &known, tokens, &wanted).await
    }

    /// The person `subject` again, by the refresh token that their sign-in left.
    pub(super) async fn anew<H>(
        &self,
        host: &H,
        subject: &Subject,
        refresh_token: &str,
    ) -> Result<Came, Unread>
    where
        H: Cache + Clock + Entropy + Fetch,
    {
        let known = self.discovered(host).await?;
        let request = self.upstream.refresh_request(&known, refresh_token);
        let tokens = self.tokens(host, request).await?;
        let newer = tokens.refresh_token.clone();
        let wanted = Wanted {
            nonce: None,
            max_age: None,
        };
        let told = self.told(host, &known, tokens, &wanted).await;
        told.map_err(|reason| Unread {
            reason,
            newer: newer.and_then(|token| self.sealed(host, subject, token)),
        })
    }

    fn sealed(&self, host: &impl Entropy, subject: &Subject, token: String) -> Option<String> {
        let context = UpstreamRefresh::context(subject);
        let refresh = UpstreamRefresh { token };
        self.refreshes.seal(&refresh, host.random(), &context)
    }

    /// The person with what lets them be read anew, where the operator wants that.
    fn kept<H: Entropy>(&self, host: &H, person: Person, refresh_token: Option<String>) -> Came {
        let wanted = self.upstream.wishes.refresh.is_some();
        let token = refresh_token.filter(|_| wanted);
        let upstream = token.and_then(|token| self.sealed(host, &person.subject, token));
        Came { person, upstream }
    }

    async fn tokens<H: Fetch>(
        &self,
        host: &H,
        request: Option<Request<Bytes>>,
    ) -> Result<TokenAnswer, ProviderFailed> {
        let (head, body) = send(host, "tokens", request).await?.into_parts();
        TokenAnswer::read(head.status, &body).map_err(|reason| {
            match (reason, self.upstream.provider.mistake) {
                (TokenAnswerRefused::Client, mistake) if !mistake.is_empty() => {
                    ProviderFailed::Client(mistake)
                }
                (reason, _) => reason.into(),
            }
        })
    }

    async fn told<H>(
        &self,
        host: &H,
        known: &Discovered,
        tokens: TokenAnswer,
        wanted: &Wanted<'_>,
    ) -> Result<Came, ProviderFailed>
    where
        H: Cache + Clock + Entropy + Fetch,
    {
        let provider = self.upstream.provider;
        let anew = wanted.nonce.is_none();
        let claims = match (provider.told, tokens.id_token()) {
            // OpenID Connect Core §12.2: a refreshed answer may come without one.
            (Told::IdToken, None) if anew && known.userinfo_endpoint().is_some() => {
                Claims::default()
            }
            (Told::IdToken, None) => return Err(IdTokenRefused::Missing.into()),
            (Told::IdToken, Some(token)) => {
                let expected = Expected {
                    nonce: wanted.nonce,
                    access_token: &tokens.access_token,
                    max_age: wanted.max_age,
                    now: host.now(),
                };
                let read =
                    |keys: &ForeignKeys| self.upstream.id_token(token, (known, keys), &expected);
                self.verified(host, known, read).await?
            }
            (Told::Userinfo, _) => Claims::default(),
            (Told::User, _) => Claims::of_user(&tokens),
        };
        let claims = if provider.access_token_claims && tokens.is_access_token_jwt() {
            let read = |keys: &ForeignKeys| {
                let token = (tokens.access_token.as_str(), (known, keys));
                self.upstream.access_token(token.0, token.1, host.now())
            };
            claims.with(self.verified(host, known, read).await?)?
        } else {
            claims
        };
        let claims = self.with_userinfo(host, known, &tokens, claims).await?;
        let claims = self.with_reads(host, &tokens, claims).await?;
        let person = self.upstream.person(&claims)?;
        Ok(self.kept(host, person, tokens.refresh_token))
    }

    /// What `read` finds with the provider's keys; newer ones are fetched where it needs them.
    async fn verified<H>(
        &self,
        host: &H,
        known: &Discovered,
        read: impl Fn(&ForeignKeys) -> Result<Map<String, Value>, IdTokenRefused>,
    ) -> Result<Claims, ProviderFailed>
    where
        H: Cache + Clock + Fetch,
    {
        let url = known.jwks_uri().ok_or(ProviderFailed::Address("keys"))?;
        let at = (&self.upstream, url);
        let keys = self.published.keys(host, at, false).await?;
        let verified = match read(&keys) {
            Err(reason) if reason.wants_newer_keys() => {
                read(self.published.keys(host, at, true).await?.as_ref())
            }
            verified => verified,
        };
        Ok(Claims::of_token(verified?))
    }

    async fn with_userinfo<H: Fetch>(
        &self,
        host: &H,
        known: &Discovered,
        tokens: &TokenAnswer,
        claims: Claims,
    ) -> Result<Claims, ProviderFailed> {
        let wanted = match self.upstream.provider.userinfo {
            Userinfo::Always => true,
            Userinfo::Lacking => claims.is_empty() || self.upstream.is_lacking(&claims),
            Userinfo::Never => false,
        };
        let Some(url) = known.userinfo_endpoint().filter(|_| wanted) else {
            return Ok(claims);
        };
        let request = self.upstream.bearer_request(url, &tokens.access_token);
        let body = succeeded("userinfo", send(host, "userinfo", request).await?)?;
        let more = Claims::of_answer(&body).ok_or(ProviderFailed::Malformed("userinfo"))?;
        Ok(claims.with(more)?)
    }

    async fn with_reads<H: Clock + Fetch>(
        &self,
        host: &H,
        tokens: &TokenAnswer,
        mut claims: Claims,
    ) -> Result<Claims, ProviderFailed> {
        let mut reads = self.upstream.reads(&claims);
        let until = host.now().plus(PATIENCE);
        while let Some(read) = reads.pop() {
            if host.now() > until {
                return Err(ProviderFailed::Fetch("lists", FetchFailed::Slow));
            }
            let request = self
                .upstream
                .bearer_request(&read.url, &tokens.access_token);
            let body = succeeded("lists", send_for_list(host, request).await?)?;
            let next = read.take(&mut claims, &body);
            reads.extend(next.ok_or(ProviderFailed::Malformed("lists"))?);
        }
        Ok(claims)
    }
}

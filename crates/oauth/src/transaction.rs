//! A pending sign-in: what a person consented to, on its way through their own browser.
//!
//! *Invariant:* it exists only after consent, sealed in a cookie of that browser, and nowhere
//! else; its id is unique among grants, so it becomes at most one.

use std::fmt;
use std::time::Duration;

use jose::Sealed;
use serde::{Deserialize, Serialize};

use crate::authorize::AuthorizationRequest;
use crate::client::{ClientHash, ClientKind};
use crate::identity::Issuer;
use crate::person::{Person, Source, Subject};
use crate::pkce::{CodeChallenge, CodeVerifier};
use crate::prompt::{MaxAge, Prompt};
use crate::redirect_uri::{RedirectUri, RegisteredRedirect};
use crate::resource::{Resource, Resources};
use crate::scope::Scopes;
use crate::timestamp::Timestamp;

/// The id of a sign-in: 16 random bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TransactionId(String);

/// A short name of a sign-in that pages, errors and audit rows share; it opens nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FlowId(String);

/// What travels in the cookie. Field names are short: cookies are small.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transaction {
    /// Which sign-in.
    #[serde(rename = "t")]
    pub id: TransactionId,
    /// Which provider the person chose.
    #[serde(rename = "p")]
    pub provider: Source,
    /// Which of our identities it began at.
    #[serde(rename = "i")]
    pub issuer: Issuer,
    /// Which client, as a hash.
    #[serde(rename = "c")]
    pub client: ClientHash,
    /// What the client calls itself.
    #[serde(rename = "n", default, skip_serializing_if = "Option::is_none")]
    pub client_name: Option<String>,
    /// Where the answer goes, checked against the client's registration.
    #[serde(rename = "r")]
    pub redirect: String,
    /// The client's own state.
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    pub client_state: Option<String>,
    /// What the person agreed to.
    #[serde(rename = "o")]
    pub scopes: Scopes,
    /// For which resources, by their paths: the issuer is above.
    #[serde(rename = "w")]
    paths: Vec<String>,
    /// What the client's verifier must answer.
    #[serde(rename = "h")]
    pub challenge: CodeChallenge,
    /// Whether the provider sends the browser back to the one callback without its name.
    #[serde(rename = "d", default, skip_serializing_if = "is_not")]
    shared_callback: bool,
    /// What state, nonce and verifier for the provider come from, each by its own name.
    #[serde(rename = "u")]
    secret: String,
    /// When the person agreed.
    #[serde(rename = "a")]
    at: Timestamp,
    /// How the provider is to ask.
    #[serde(rename = "q", default, skip_serializing_if = "Prompt::is_default")]
    pub prompt: Prompt,
    /// How long ago the person may have proved who they are.
    #[serde(rename = "g", default, skip_serializing_if = "Option::is_none")]
    pub max_age: Option<MaxAge>,
    /// Whom the provider may suggest.
    #[serde(rename = "l", default, skip_serializing_if = "Option::is_none")]
    pub login_hint: Option<String>,
    /// Who agreed before, if that is why the person was not asked everything again.
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    expected: Option<Expected>,
}

/// What is remembered of an earlier approval: whose it is, and how the client is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Expected {
    /// Half of the SHA-256 of the subject, which may be long.
    #[serde(rename = "s")]
    subject: String,
    #[serde(rename = "k", default, skip_serializing_if = "Option::is_none")]
    known: Option<Known>,
}

/// A kind of client that says more than that it registered itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Known {
    #[serde(rename = "c")]
    Configured,
    #[serde(rename = "d")]
    Document(String),
}

/// What a person agreed to, now or before.
#[derive(Clone, Debug)]
pub struct Agreed<'a> {
    /// What was asked.
    pub request: &'a AuthorizationRequest,
    /// What they left of it.
    pub scopes: Scopes,
    /// Who agreed, if the browser's session says so.
    pub before: Option<&'a Person>,
}

impl Sealed for Transaction {
    const PURPOSE: &'static str = "transaction";
}

/// The state we send to a provider: `<provider>.<transaction>.<nonce>`.
#[derive(Clone, PartialEq, Eq)]
pub struct UpstreamState(String);

// Whoever reads the state of a sign-in under way could end it: neither prints it.
impl fmt::Debug for Transaction {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Transaction")
            .field("flow", &self.id.flow())
            .field("provider", &self.provider)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for UpstreamState {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("UpstreamState(..)")
    }
}

/// Why a browser's return is not the end of a sign-in that this browser began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransactionRefused {
    /// More than ten minutes ago.
    #[error("this sign-in took longer than ten minutes: start again from your application")]
    Expired,
    /// Not this browser's, or altered, or already over.
    #[error(
        "this sign-in did not start in this browser, or is already over: start again from your application"
    )]
    NotHere,
    /// At a callback that its provider was not told. One provider's state at another's callback
    /// would take the other's code to the first (RFC 9700 §4.4).
    #[error("this sign-in was to come back to another address: start again from your application")]
    OtherCallback,
    /// `state` is not the one we sent.
    #[error("the parameter `state` is not the one this sign-in began with")]
    WrongState,
}

impl TransactionId {
    /// An id from random bytes.
    #[must_use]
    pub fn new(random: [u8; 16]) -> Self {
        Self(jose::encode(random))
    }

    /// Reads an id from a form, a link or a store.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        jose::decode(text)
            .filter(|bytes| bytes.len() == 16)
            .map(|_| Self(text.to_owned()))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name by which people and logs speak of this sign-in.
    #[must_use]
    pub fn flow(&self) -> FlowId {
        FlowId::of(self.0.as_bytes())
    }
}

impl FlowId {
    /// A name for what `bytes` identify.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let digest = jose::sha256(bytes);
        Self(
            digest
                .iter()
                .take(4)
                .map(|byte| format!("{byte:02x}"))
                .collect(),
        )
    }
}

impl fmt::Display for FlowId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Transaction {
    /// How long a person has between consent and the return from their provider.
    pub const LIFETIME: Duration = Duration::from_mins(10);

    /// What a person just agreed to.
    #[must_use]
    pub fn consented(
        agreed: Agreed<'_>,
        id: TransactionId,
        provider: Source,
        issuer: Issuer,
        chance: ([u8; 16], Timestamp),
    ) -> Self {
        let (secret, at) = chance;
        let Agreed {
            request,
            scopes,
            before,
        } = agreed;
        let paths = request.resources.iter().map(|resource| {
            let path = resource.as_str().strip_prefix(issuer.as_str());
            path.unwrap_or_default().to_owned()
        });
        let prompting = &request.prompting;
        // Who agreed before is whom a provider with several accounts should offer.
        let hint = prompting.login_hint.clone();
        Self {
            id,
            provider,
            client: request.client.id().hash(),
            client_name: request.client.name().map(|name| short(name).to_owned()),
            redirect: request.redirect.as_str().to_owned(),
            client_state: request.state.clone(),
            scopes,
            paths: paths.collect(),
            challenge: request.challenge.clone(),
            shared_callback: false,
            secret: jose::encode(secret),
            at,
            prompt: prompting.prompt,
            max_age: prompting.max_age,
            login_hint: hint.or_else(|| before.and_then(|person| person.email.clone())),
            expected: before.map(|person| Expected {
                subject: fingerprint(&person.subject),
                known: Known::of(request.client.kind()),
            }),
            issuer,
        }
    }

    /// The same, coming back to the one callback without the provider's name.
    #[must_use]
    pub fn at_shared_callback(self) -> Self {
        Self {
            shared_callback: true,
            ..self
        }
    }

    /// The path that the provider sends the browser back to.
    #[must_use]
    pub fn callback(&self) -> String {
        if self.shared_callback {
            "/callback".to_owned()
        } else {
            format!("/callback/{}", self.provider.as_str())
        }
    }

    /// Whether the browser came back to [`callback`](Self::callback): to the one that providers
    /// share, or to the provider's own.
    pub fn check_callback(&self, shared: bool) -> Result<(), TransactionRefused> {
        if self.shared_callback == shared {
            Ok(())
        } else {
            Err(TransactionRefused::OtherCallback)
        }
    }

    /// The same without what is only a suggestion, for where there is no room.
    #[must_use]
    pub fn without_hint(self) -> Self {
        Self {
            login_hint: None,
            ..self
        }
    }

    /// The same, now that whoever came back has agreed to these scopes for themselves.
    #[must_use]
    pub fn agreed_by_whoever_came(self, scopes: Scopes) -> Self {
        Self {
            scopes,
            expected: None,
            ..self
        }
    }

    /// Whether `subject` may come back: anybody who was asked, or only who agreed before.
    #[must_use]
    pub fn expects(&self, subject: &Subject) -> bool {
        let agreed_before = self.expected.as_ref();
        agreed_before.is_none_or(|expected| expected.subject == fingerprint(subject))
    }

    /// How the client is known, as far as there was room to remember it.
    #[must_use]
    pub fn client_kind(&self) -> ClientKind {
        match self
            .expected
            .as_ref()
            .and_then(|expected| expected.known.as_ref())
        {
            Some(Known::Configured) => ClientKind::Configured,
            Some(Known::Document(host)) => ClientKind::Document { host: host.clone() },
            None => ClientKind::RegisteredItself,
        }
    }

    /// For which resources; nothing if they are not this issuer's.
    #[must_use]
    pub fn resources(&self) -> Option<Resources> {
        let paths = self.paths.iter();
        let ours = paths.filter(|path| Resource::PATHS.contains(&path.as_str()));
        Resources::new(ours.map(|path| Resource::at(&self.issuer, path)).collect())
    }

    /// Where the answer goes, as a page shows it.
    #[must_use]
    pub fn place(&self) -> Option<RegisteredRedirect> {
        let registered = RedirectUri::configured(&self.redirect).ok()?;
        RegisteredRedirect::find(&[registered], None)
    }

    /// What the seal is bound to besides its key.
    #[must_use]
    pub fn context(&self) -> String {
        Self::context_of(&self.provider, &self.issuer)
    }

    /// What the seals of `provider`'s sign-ins at `issuer` are bound to.
    #[must_use]
    pub fn context_of(provider: &Source, issuer: &Issuer) -> String {
        format!("{}/{issuer}", provider.as_str())
    }

    /// When the person agreed.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        self.at
    }

    /// The state to send to the provider.
    #[must_use]
    pub fn upstream_state(&self) -> UpstreamState {
        UpstreamState(format!(
            "{}.{}.{}",
            self.provider.as_str(),
            self.id.0,
            self.named("state")
        ))
    }

    /// What the provider's ID token must repeat (OpenID Connect Core 1.0 §15.5.2).
    #[must_use]
    pub fn upstream_nonce(&self) -> String {
        self.named("nonce")
    }

    /// The verifier behind the challenge that is sent to the provider.
    #[must_use]
    pub fn upstream_verifier(&self) -> CodeVerifier {
        CodeVerifier::new(self.derived("verifier"))
    }

    fn named(&self, name: &str) -> String {
        let derived = self.derived(name);
        let (half, _) = derived.split_at(16);
        jose::encode(half)
    }

    /// A value for one use, of which nobody learns another.
    fn derived(&self, name: &str) -> [u8; 32] {
        jose::sha256(format!("upstream {name} {}", self.secret).as_bytes())
    }

    /// Whether the sign-in still lives at `now`.
    pub fn check_age(&self, now: Timestamp) -> Result<(), TransactionRefused> {
        if now.since(self.at) > Self::LIFETIME {
            Err(TransactionRefused::Expired)
        } else {
            Ok(())
        }
    }

    /// Whether `returned` is the state this sign-in began with.
    pub fn check_state(&self, returned: &UpstreamState) -> Result<(), TransactionRefused> {
        let ours = self.upstream_state();
        if jose::constant_time_eq(ours.0.as_bytes(), returned.0.as_bytes()) {
            Ok(())
        } else {
            Err(TransactionRefused::WrongState)
        }
    }

    /// The client's location with an answer, its state and our issuer (RFC 9207).
    #[must_use]
    pub fn answer(&self, parameters: &[(&str, &str)]) -> Option<String> {
        let state = self.client_state.as_deref();
        Some(self.place()?.answer(parameters, state, &self.issuer))
    }
}

impl Known {
    fn of(kind: &ClientKind) -> Option<Self> {
        match kind {
            ClientKind::Configured => Some(Self::Configured),
            // Who is not named is said to be unverified, which is true of everybody.
            ClientKind::Document { host } if host.len() > LONGEST_HOST => None,
            ClientKind::Document { host } => Some(Self::Document(host.clone())),
            ClientKind::RegisteredItself => None,
        }
    }
}

/// The longest host of a client's document that travels in the cookie.
const LONGEST_HOST: usize = 40;

/// As much of a client's name as travels in the cookie, as JSON.
fn short(name: &str) -> &str {
    let mut room = 48_usize;
    let mut fits = |letter: char| {
        let bytes = match letter {
            '"' | '\\' => 2,
            _ if letter.is_control() => 6,
            _ => letter.len_utf8(),
        };
        room.checked_sub(bytes).map(|left| room = left).is_some()
    };
    let end = name.char_indices().find(|(_, letter)| !fits(*letter));
    end.and_then(|(end, _)| name.get(..end)).unwrap_or(name)
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks with a reference"
)]
const fn is_not(flag: &bool) -> bool {
    !*flag
}

fn fingerprint(subject: &Subject) -> String {
    let digest = jose::sha256(subject.as_str().as_bytes());
    let (half, _) = digest.split_at(16);
    jose::encode(half)
}

impl UpstreamState {
    /// A state as it came back.
    #[must_use]
    pub fn returned(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The state as it travels.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Which provider it claims to come from.
    #[must_use]
    pub fn provider(&self) -> Option<Source> {
        Source::parse(self.0.split('.').next()?).ok()
    }

    /// Which sign-in it claims to belong to.
    #[must_use]
    pub fn transaction(&self) -> Option<TransactionId> {
        TransactionId::parse(self.0.split('.').nth(1)?)
    }
}

#[cfg(test)]
mod tests;

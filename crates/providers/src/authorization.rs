//! The request that sends a browser to a provider (OpenID Connect Core 1.0 §3.1.2.1).
//!
//! *Invariant:* each has its own state, nonce and challenge, and no parameter of a client's request
//! goes on but the hints that are meant for whoever signs people in.

use oauth::{CodeChallenge, MaxAge, Prompt};
use url::Url;

use crate::discovery::Discovered;
use crate::provider::{Offline, Quirk, Told};
use crate::upstream::Upstream;

/// What one sign-in asks of a provider.
#[derive(Clone, Copy, Debug)]
pub struct Asking<'a> {
    /// Where the browser comes back to.
    pub redirect_uri: &'a str,
    /// What it must bring along.
    pub state: &'a str,
    /// What its ID token must say.
    pub nonce: &'a str,
    /// What its code's verifier must answer.
    pub challenge: &'a CodeChallenge,
    /// How the person is to be asked.
    pub prompt: Prompt,
    /// How long ago they may have proved who they are.
    pub max_age: Option<MaxAge>,
    /// Whom to suggest.
    pub login_hint: Option<&'a str>,
}

impl Upstream {
    /// Where the browser goes; nothing if the provider's endpoint is no address.
    #[must_use]
    pub fn authorization_url(&self, known: &Discovered, asking: &Asking<'_>) -> Option<String> {
        let mut url = Url::parse(known.endpoints.authorization.as_deref()?).ok()?;
        let scopes = self.scopes();
        let prompt = self.prompt(asking.prompt);
        let max_age = asking.max_age.map(|age| age.seconds().to_string());
        let mut query = url.query_pairs_mut();
        query
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.client_id)
            .append_pair("redirect_uri", asking.redirect_uri)
            .append_pair("state", asking.state)
            .append_pair("code_challenge", asking.challenge.as_str())
            .append_pair("code_challenge_method", "S256");
        if !scopes.is_empty() {
            query.append_pair("scope", &scopes);
        }
        if self.provider.told == Told::IdToken {
            query.append_pair("nonce", asking.nonce);
        }
        if !prompt.is_empty() {
            query.append_pair("prompt", &prompt);
        }
        if let Some(max_age) = max_age {
            query.append_pair("max_age", &max_age);
        }
        if let Some(hint) = asking.login_hint {
            query.append_pair(self.provider.login_hint, hint);
        }
        if let (Offline::Parameter(name, value), true) = (self.provider.offline, self.stays()) {
            query.append_pair(name, value);
        }
        for (name, value) in &self.parameters {
            query.append_pair(name, value);
        }
        drop(query);
        Some(url.into())
    }

    /// Whether people are to be read anew after their sign-in.
    fn stays(&self) -> bool {
        self.wishes.refresh.is_some()
    }

    /// What is asked of the provider.
    pub(crate) fn scopes(&self) -> String {
        let mut scopes = match &self.wishes.scopes {
            // Whoever writes them down writes all of them.
            Some(scopes) => return scopes.clone(),
            None => vec![self.provider.scopes],
        };
        if let (Offline::Scope(scope) | Offline::ConsentedScope(scope), true) =
            (self.provider.offline, self.stays())
        {
            scopes.push(scope);
        }
        if self.provider.quirk == Quirk::GitHub && self.needs_roles() {
            scopes.push("read:org");
        }
        scopes.retain(|scope| !scope.is_empty());
        scopes.join(" ")
    }

    fn prompt(&self, asked: Prompt) -> String {
        let consented = matches!(self.provider.offline, Offline::ConsentedScope(_));
        let values = [
            ("none", asked.none),
            ("login", asked.login),
            (
                "consent",
                asked.consent || (consented && self.stays() && !asked.none),
            ),
            ("select_account", asked.select_account),
        ];
        let said: Vec<_> = values
            .iter()
            .filter(|(_, said)| *said)
            .map(|(name, _)| *name)
            .collect();
        said.join(" ")
    }
}

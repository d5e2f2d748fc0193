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
        let said = self.said(asking);
        let is_said = |name: &str| said.iter().any(|(known, _)| *known == name);
        // Whatever else an endpoint's own query has stays (RFC 6749 §3.1); no name stands twice.
        let kept = url.query_pairs().into_owned();
        let kept: Vec<_> = kept.filter(|(name, _)| !is_said(name)).collect();
        url.query_pairs_mut()
            .clear()
            .extend_pairs(kept)
            .extend_pairs(&said);
        Some(url.into())
    }

    /// What the provider is told.
    fn said(&self, asking: &Asking<'_>) -> Vec<(&'static str, String)> {
        let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let nonce = Some(asking.nonce).filter(|_| self.provider.told == Told::IdToken);
        let offline = match self.provider.offline {
            Offline::Parameter(name, value) if self.stays() => Some((name, value.to_owned())),
            _ => None,
        };
        let said = [
            ("response_type", text("code")),
            ("client_id", text(&self.client_id)),
            ("redirect_uri", text(asking.redirect_uri)),
            ("state", text(asking.state)),
            ("code_challenge", text(asking.challenge.as_str())),
            ("code_challenge_method", text("S256")),
            ("scope", text(&self.scopes())),
            ("nonce", nonce.and_then(text)),
            ("prompt", text(&self.prompt(asking.prompt))),
            (
                "max_age",
                asking.max_age.map(|age| age.seconds().to_string()),
            ),
            (self.provider.login_hint, asking.login_hint.and_then(text)),
        ];
        said.into_iter()
            .filter_map(|(name, value)| Some((name, value?)))
            .chain(offline)
            .chain(self.parameters.iter().cloned())
            .collect()
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

#[cfg(test)]
mod tests;

//! Redirect URIs: which may be registered, and which of those a request names.
//!
//! *Invariant:* only a [`RegisteredRedirect`] can be redirected to, and only a match against a
//! client's registration makes one.

use std::net::Ipv4Addr;

use url::{Host, Url};

use crate::dot_segment::is_dot_segment;
use crate::identity::Issuer;

/// The private-use schemes of editors that register them (RFC 8252 §7.1).
const PRIVATE_USE_SCHEMES: [&str; 4] = ["cursor", "vscode", "vscode-insiders", "windsurf"];

/// Schemes that run or read something instead of reaching an application.
const NEVER: [&str; 12] = [
    "about",
    "blob",
    "chrome",
    "data",
    "file",
    "filesystem",
    "ftp",
    "javascript",
    "mailto",
    "vbscript",
    "view-source",
    "ws",
];

const MAX_LENGTH: usize = 512;

/// What an answer adds to a redirect URI (RFC 6749 §4.1.2, RFC 9207 §2): one that is there already
/// would be a second, and a client may read the first.
const OF_ANSWERS: [&str; 6] = [
    "code",
    "error",
    "error_description",
    "error_uri",
    "iss",
    "state",
];

/// Why a redirect URI cannot be registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RedirectRefused {
    /// It would answer before we do.
    #[error("must not have a parameter of an answer (code, state, iss, error)")]
    AnswerParameter,
    /// RFC 6749 §3.1.2.
    #[error("must not have a fragment")]
    Fragment,
    /// Not an absolute URI, or one that browsers rewrite.
    #[error("is not an absolute URI in its normal form")]
    Malformed,
    /// Plain HTTP to another machine.
    #[error("must use https, or http to this machine (localhost, 127.0.0.1, [::1])")]
    PlainHttp,
    /// More than we sign into a client id.
    #[error("is longer than 512 characters")]
    TooLong,
    /// `javascript:` and its kin, or an application we do not know.
    #[error("has a scheme this server does not redirect to")]
    UnknownScheme,
    /// `https://user@host`: people read the wrong host.
    #[error("must not carry a user name")]
    UserInformation,
}

/// What kind of place a redirect URI is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RedirectKind {
    /// A port on the person's own machine: any local program may listen there.
    Loopback,
    /// A scheme that an application on the person's machine claims.
    PrivateUse,
    /// A web site.
    Web,
}

/// A redirect URI that may be registered; compared as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedirectUri {
    text: String,
    url: Url,
}

/// A redirect URI that belongs to the client that named it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisteredRedirect(RedirectUri);

impl RedirectUri {
    /// Reads a URI under the registration policy: of the applications on a person's machine, the
    /// editors that are known.
    pub fn parse(text: &str) -> Result<Self, RedirectRefused> {
        Self::allowed(text, |scheme| PRIVATE_USE_SCHEMES.contains(&scheme))
    }

    /// Reads a URI that the operator wrote down, who may name any application.
    pub fn configured(text: &str) -> Result<Self, RedirectRefused> {
        Self::allowed(text, |scheme| !NEVER.contains(&scheme))
    }

    fn allowed(text: &str, application: fn(&str) -> bool) -> Result<Self, RedirectRefused> {
        if text.len() > MAX_LENGTH {
            return Err(RedirectRefused::TooLong);
        }
        // Browsers drop tabs and newlines and turn backslashes: such text is not what it seems.
        if text
            .bytes()
            .any(|byte| byte <= b' ' || byte >= 0x7f || b"\\<>\"^`{|}".contains(&byte))
        {
            return Err(RedirectRefused::Malformed);
        }
        let url = Url::parse(text).map_err(|_| RedirectRefused::Malformed)?;
        if url.fragment().is_some() {
            return Err(RedirectRefused::Fragment);
        }
        let authority = authority(text, &url);
        if authority.contains('@') || !url.username().is_empty() || url.password().is_some() {
            return Err(RedirectRefused::UserInformation);
        }
        if matches!(url.scheme(), "http" | "https") && !is_plain(authority, &url) {
            return Err(RedirectRefused::Malformed);
        }
        // What is registered would not be where the browser goes.
        if text.split(['/', '?']).any(is_dot_segment) {
            return Err(RedirectRefused::Malformed);
        }
        if url
            .query_pairs()
            .any(|(name, _)| OF_ANSWERS.contains(&name.as_ref()))
        {
            return Err(RedirectRefused::AnswerParameter);
        }
        let uri = Self {
            text: text.to_owned(),
            url,
        };
        match uri.url.scheme() {
            "https" => Ok(uri),
            "http" if uri.kind() == RedirectKind::Loopback => Ok(uri),
            "http" => Err(RedirectRefused::PlainHttp),
            scheme if application(scheme) => Ok(uri),
            _ => Err(RedirectRefused::UnknownScheme),
        }
    }

    /// What kind of place this is.
    #[must_use]
    pub fn kind(&self) -> RedirectKind {
        match self.url.scheme() {
            "http" | "https" if is_loopback(&self.url) => RedirectKind::Loopback,
            "http" | "https" => RedirectKind::Web,
            _ => RedirectKind::PrivateUse,
        }
    }

    /// The URI as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The same place, with `asked` as its text, if `asked` names it.
    fn matched(&self, asked: &str) -> Option<RegisteredRedirect> {
        if self.text == asked {
            return Some(RegisteredRedirect(self.clone()));
        }
        // RFC 8252 §7.3: a native application cannot know its port when it registers. Everything
        // else is compared as it was written: what a parser makes alike need not be alike.
        if self.kind() != RedirectKind::Loopback {
            return None;
        }
        let other = Self::parse(asked).ok()?;
        (without_port(&self.text)? == without_port(asked)?).then_some(RegisteredRedirect(other))
    }
}

/// The host and what follows the port of a URI with plain HTTP.
fn without_port(text: &str) -> Option<(&str, &str)> {
    let rest = text.strip_prefix("http://")?;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(end)?;
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => {
            port.parse::<u16>().ok()?;
            host
        }
        _ => authority,
    };
    Some((host, path))
}

/// The authority as it was written; empty where it does not stand behind `://`, where some parsers
/// find one all the same.
fn authority<'a>(text: &'a str, url: &Url) -> &'a str {
    let rest = text.get(url.scheme().len()..).unwrap_or_default();
    let rest = rest.strip_prefix("://").unwrap_or_default();
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

/// Whether an authority reads alike to everybody: no other spelling of an address, nothing to
/// decode, no pattern.
fn is_plain(authority: &str, url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let end = authority.len().min(host.len());
    let same = authority
        .split_at_checked(end)
        .is_some_and(|(written, port)| {
            written.eq_ignore_ascii_case(host) && (port.is_empty() || port.starts_with(':'))
        });
    same && !host.contains('*')
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => Ipv4Addr::is_loopback(&address),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

impl RegisteredRedirect {
    /// The one of `registered` that a request names; a request may leave out the only one.
    #[must_use]
    pub fn find(registered: &[RedirectUri], asked: Option<&str>) -> Option<Self> {
        match (asked, registered) {
            (Some(asked), _) => registered.iter().find_map(|uri| uri.matched(asked)),
            (None, [only]) => Some(Self(only.clone())),
            (None, _) => None,
        }
    }

    /// What kind of place this is.
    #[must_use]
    pub fn kind(&self) -> RedirectKind {
        self.0.kind()
    }

    /// The URI as the request wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// What a person should compare: the host, or the scheme of an application.
    #[must_use]
    pub fn place(&self) -> String {
        match (self.kind(), self.0.url.host_str()) {
            (RedirectKind::Loopback, Some(host)) => host.to_owned(),
            (RedirectKind::Web, Some(host)) => match self.0.url.port() {
                Some(port) => format!("{host}:{port}"),
                None => host.to_owned(),
            },
            _ => format!("{}:", self.0.url.scheme()),
        }
    }

    /// The location with an answer, the client's state and our issuer (RFC 9207 §2); other
    /// parameters are kept.
    #[must_use]
    pub fn answer(&self, parameters: &[(&str, &str)], state: Option<&str>, by: &Issuer) -> String {
        let mut url = self.0.url.clone();
        url.query_pairs_mut()
            .extend_pairs(parameters)
            .extend_pairs(state.map(|state| ("state", state)))
            .append_pair("iss", by.as_str());
        url.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn issuer() -> Issuer {
        let identities = crate::Identities::read(Some("https://mcp.example.com"), None).unwrap();
        let server = identities.reached_by(&crate::WhoAsked::default());
        server.unwrap().issuer().clone()
    }

    #[expect(clippy::too_many_lines, reason = "a table of cases")]
    #[test]
    fn the_registration_policy_holds() {
        let cases = [
            (
                "http://127.0.0.1:6276/oauth/callback",
                Ok(RedirectKind::Loopback),
            ),
            ("http://127.0.0.1/", Ok(RedirectKind::Loopback)),
            ("http://[::1]:3000/cb", Ok(RedirectKind::Loopback)),
            (
                "http://localhost:3334/oauth/callback",
                Ok(RedirectKind::Loopback),
            ),
            (
                "https://claude.ai/api/mcp/auth_callback",
                Ok(RedirectKind::Web),
            ),
            (
                "cursor://anysphere.cursor-mcp/oauth/callback",
                Ok(RedirectKind::PrivateUse),
            ),
            ("http://example.com/cb", Err(RedirectRefused::PlainHttp)),
            (
                "http://localhost.example.com/cb",
                Err(RedirectRefused::PlainHttp),
            ),
            (
                "https://example.com/a/../cb",
                Err(RedirectRefused::Malformed),
            ),
            (
                "https://example.com/a/%2E%2e/cb",
                Err(RedirectRefused::Malformed),
            ),
            ("javascript:alert(1)", Err(RedirectRefused::UnknownScheme)),
            ("data:text/html,x", Err(RedirectRefused::UnknownScheme)),
            ("com.example.app:/cb", Err(RedirectRefused::UnknownScheme)),
            ("https://example.com/cb#x", Err(RedirectRefused::Fragment)),
            (
                "https://localhost@example.com/",
                Err(RedirectRefused::UserInformation),
            ),
            (
                "https://example.com\\@evil.example/",
                Err(RedirectRefused::Malformed),
            ),
            ("java\tscript:alert(1)", Err(RedirectRefused::Malformed)),
            (
                "https:good.example@evil.example/",
                Err(RedirectRefused::UserInformation),
            ),
            (
                "https:///good.example@evil.example/",
                Err(RedirectRefused::UserInformation),
            ),
            ("https:evil.example/", Err(RedirectRefused::Malformed)),
            ("https:/evil.example/", Err(RedirectRefused::Malformed)),
            ("https:///evil.example/", Err(RedirectRefused::Malformed)),
            ("https://%65vil.example/", Err(RedirectRefused::Malformed)),
            ("https://*.good.example/", Err(RedirectRefused::Malformed)),
            ("http://127.1/", Err(RedirectRefused::Malformed)),
            ("https://EXAMPLE.com:443/cb", Ok(RedirectKind::Web)),
            (
                "https://example.com/cb?a=1&%69ss=x",
                Err(RedirectRefused::AnswerParameter),
            ),
            ("/callback", Err(RedirectRefused::Malformed)),
        ];
        for (text, expected) in cases {
            assert_eq!(
                RedirectUri::parse(text).map(|uri| uri.kind()),
                expected,
                "{text}"
            );
        }
    }

    #[test]
    fn a_request_names_a_registered_uri_exactly_or_another_port_of_this_machine() {
        let registered = [
            "http://127.0.0.1:33418/cb",
            "http://localhost/cb",
            "https://example.com/cb",
        ]
        .map(|uri| RedirectUri::parse(uri).unwrap());
        for (asked, found) in [
            ("http://127.0.0.1:33418/cb", true),
            ("http://127.0.0.1:50000/cb", true),
            ("http://127.0.0.1/cb", true),
            ("http://localhost:8080/cb", true),
            ("https://example.com/cb", true),
            ("https://example.com:8443/cb", false),
            ("https://example.com/cb/", false),
            ("https://example.com/cb?x=1", false),
            ("HTTPS://example.com/cb", false),
            ("http://[::1]:33418/cb", false),
            ("http://127.0.0.2:33418/cb", false),
            ("http://127.0.0.1:33418/other", false),
            ("http://127.0.0.1:33418/cb?x=1", false),
            ("http://127.0.0.1:33418@evil.example/cb", false),
            ("http://127.0.0.1.evil.example/cb", false),
            ("http://127.1:33418/cb", false),
            ("http://0x7f.1:33418/cb", false),
            ("http://@127.0.0.1:33418/cb", false),
            ("http://127.0.0.1:33418/x/../cb", false),
            ("HTTP://127.0.0.1:33418/cb", false),
            ("http://127.0.0.1:/cb", false),
            ("http://127.0.0.1:99999/cb", false),
        ] {
            assert_eq!(
                RegisteredRedirect::find(&registered, Some(asked)).is_some(),
                found,
                "{asked}"
            );
        }
        assert!(RegisteredRedirect::find(&registered, None).is_none());
        assert!(RegisteredRedirect::find(&registered[..1], None).is_some());
    }

    #[test]
    fn the_answer_joins_the_query_that_is_there() {
        let registered = [RedirectUri::parse("https://example.com/cb?a=1").unwrap()];
        let redirect = RegisteredRedirect::find(&registered, None).unwrap();
        let location = redirect.answer(&[("code", "1")], Some("a&b=c#d"), &issuer());
        assert_eq!(
            location,
            "https://example.com/cb?a=1&code=1&state=a%26b%3Dc%23d&iss=https%3A%2F%2Fmcp.example.com"
        );
    }

    proptest! {
        #[test]
        fn whatever_matches_lands_on_the_registered_host_and_path(
            pieces in proptest::collection::vec(
                prop_oneof![
                    Just("http://"), Just("127.0.0.1"), Just("localhost"), Just(":"), Just("8080"),
                    Just("/cb"), Just("@"), Just(".evil.example"), Just("?"), Just("/"), Just("%2e"),
                ],
                0..4,
            ),
            port in proptest::option::of(1_u16..),
        ) {
            let registered = [RedirectUri::parse("http://127.0.0.1:1/cb").unwrap()];
            let port = port.map_or_else(String::new, |port| format!(":{port}"));
            let good = format!("http://127.0.0.1{port}/cb");
            prop_assert!(RegisteredRedirect::find(&registered, Some(&good)).is_some());
            let asked = format!("{good}{}", pieces.concat());
            prop_assert_eq!(RegisteredRedirect::find(&registered, Some(&asked)).is_some(), asked == good);
            let asked = format!("http://127.0.0.1{port}{}/cb", pieces.concat());
            if let Some(found) = RegisteredRedirect::find(&registered, Some(&asked)) {
                let url = Url::parse(&found.answer(&[], None, &issuer())).unwrap();
                prop_assert_eq!((url.host_str(), url.path()), (Some("127.0.0.1"), "/cb"));
            }
        }
    }
}

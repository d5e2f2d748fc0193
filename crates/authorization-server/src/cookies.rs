//! The cookies of one sign-in, each under a name of its own, so that tabs do not collide; and the
//! one that stays, of the browser's session.
//!
//! *Invariant:* over HTTPS a cookie has the `__Host-` prefix, so no sibling site can plant it;
//! over HTTP, which is loopback only, it has neither prefix nor `Secure`, which Safari refuses.

use bytes::Bytes;
use cookie::time::Duration;
use cookie::{Cookie, SameSite};
use http::{HeaderValue, Response, header};
use oauth::session::Session;
use oauth::{Issuer, TransactionId};

/// What a cookie is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CookieKind {
    /// A consent form that is open.
    Csrf,
    /// A sign-in that was consented to.
    Transaction,
    /// Who came back in place of whom the browser's session named.
    Vouched,
}

/// How many of a kind one browser may hold: enough for a few tabs, few enough for any proxy.
const MOST: usize = 3;

impl CookieKind {
    const fn word(self) -> &'static str {
        match self {
            Self::Csrf => "csrf",
            Self::Transaction => "tx",
            Self::Vouched => "who",
        }
    }

    fn prefix(self, issuer: &Issuer) -> String {
        named(issuer, &format!("{}-", self.word()))
    }

    /// The cookie of this kind and this sign-in, among what the browser sent.
    pub(crate) fn find(
        self,
        request: &http::Request<Bytes>,
        issuer: &Issuer,
        id: &TransactionId,
    ) -> Option<String> {
        let name = format!("{}{}", self.prefix(issuer), id.as_str());
        all(request)
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value)
    }

    /// The sign-ins whose cookies of this kind must go so that one more has room: the oldest, by `age`.
    pub(crate) fn surplus(
        self,
        request: &http::Request<Bytes>,
        issuer: &Issuer,
        age: impl Fn(&str) -> Option<u64>,
    ) -> Vec<TransactionId> {
        let prefix = self.prefix(issuer);
        let mut held: Vec<_> = all(request)
            .filter_map(|(name, value)| {
                Some((
                    TransactionId::parse(name.strip_prefix(&prefix)?)?,
                    age(&value),
                ))
            })
            .collect();
        // What does not read is oldest of all.
        held.sort_by_key(|(_, made)| *made);
        let surplus = (held.len() + 1).saturating_sub(MOST);
        held.into_iter().take(surplus).map(|(id, _)| id).collect()
    }

    /// Sets the cookie of this sign-in, for ten minutes.
    pub(crate) fn set(
        self,
        answer: &mut Response<Bytes>,
        issuer: &Issuer,
        id: &TransactionId,
        value: &str,
    ) {
        self.append(answer, issuer, (id, value), Duration::minutes(10));
    }

    /// Takes the cookie of this sign-in away.
    pub(crate) fn clear(self, answer: &mut Response<Bytes>, issuer: &Issuer, id: &TransactionId) {
        self.append(answer, issuer, (id, ""), Duration::ZERO);
    }

    fn append(
        self,
        answer: &mut Response<Bytes>,
        issuer: &Issuer,
        pair: (&TransactionId, &str),
        age: Duration,
    ) {
        let (id, value) = pair;
        let name = format!("{}{}", self.prefix(issuer), id.as_str());
        append(answer, issuer, (&name, value), age);
    }
}

/// The most characters of a session's cookie that are worth a look.
const LONGEST_SESSION: usize = 1000;

/// The session's cookie, among what the browser sent.
pub(crate) fn session(request: &http::Request<Bytes>, issuer: &Issuer) -> Option<String> {
    let name = named(issuer, "session");
    let mut found = all(request).filter(|(known, _)| *known == name);
    found
        .next()
        .map(|(_, value)| value)
        .filter(|value| value.len() <= LONGEST_SESSION)
}

/// Sets the session's cookie, for as long as a session lives.
pub(crate) fn set_session(answer: &mut Response<Bytes>, issuer: &Issuer, value: &str) {
    let lifetime = Duration::try_from(Session::LIFETIME).unwrap_or(Duration::ZERO);
    append(answer, issuer, (&named(issuer, "session"), value), lifetime);
}

fn named(issuer: &Issuer, word: &str) -> String {
    let host = if issuer.is_https() { "__Host-" } else { "" };
    format!("{host}{word}")
}

fn append(answer: &mut Response<Bytes>, issuer: &Issuer, pair: (&str, &str), age: Duration) {
    let cookie = Cookie::build(pair)
        .path("/")
        .http_only(true)
        .secure(issuer.is_https())
        // Lax, not Strict: the way back from a provider is a navigation from another site.
        .same_site(SameSite::Lax)
        .max_age(age)
        .build();
    if let Ok(value) = HeaderValue::from_str(&cookie.to_string()) {
        answer.headers_mut().append(header::SET_COOKIE, value);
    }
}

/// The pairs that a browser sent. Other applications of this host name set what they like: theirs
/// hide none of ours, and trimming a letter that is no ASCII would make one of theirs `__Host-`.
fn all(request: &http::Request<Bytes>) -> impl Iterator<Item = (String, String)> {
    let headers = request.headers().get_all(header::COOKIE).iter();
    let pairs = headers.flat_map(|value| value.as_bytes().split(|byte| *byte == b';'));
    let plain = pairs.filter(|pair| pair.is_ascii());
    plain.filter_map(|pair| {
        // RFC 6265, section 4.2.1: pairs, and none of the attributes that `Cookie::parse` reads.
        let (name, value) = std::str::from_utf8(pair).ok()?.split_once('=')?;
        let name = name.trim();
        (!name.is_empty()).then(|| (name.to_owned(), value.trim().to_owned()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use oauth::Identities;

    fn issuer(url: &str) -> Issuer {
        let Ok(Identities::Public(server)) = Identities::read(Some(url), None) else {
            panic!("{url}")
        };
        server.issuer().clone()
    }

    fn request(cookies: &str) -> http::Request<Bytes> {
        http::Request::builder()
            .header(header::COOKIE, cookies)
            .body(Bytes::new())
            .unwrap()
    }

    #[test]
    fn the_attributes_are_those_of_the_host_prefix_and_fall_back_on_loopback() {
        let id = TransactionId::new([1; 16]);
        let mut answer = Response::new(Bytes::new());
        CookieKind::Transaction.set(&mut answer, &issuer("https://a.example"), &id, "v");
        CookieKind::Csrf.clear(&mut answer, &issuer("http://localhost:3000"), &id);
        let set: Vec<_> = answer
            .headers()
            .get_all(header::SET_COOKIE)
            .iter()
            .map(|v| v.to_str().unwrap())
            .collect();
        let id = id.as_str();
        let mut kept = Response::new(Bytes::new());
        set_session(&mut kept, &issuer("https://a.example"), "v");
        set_session(&mut kept, &issuer("http://localhost:3000"), "v");
        let sessions = kept.headers().get_all(header::SET_COOKIE);
        assert_eq!(
            sessions.iter().collect::<Vec<_>>(),
            [
                "__Host-session=v; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=43200",
                "session=v; HttpOnly; SameSite=Lax; Path=/; Max-Age=43200",
            ]
        );
        assert_eq!(
            set,
            [
                format!("__Host-tx-{id}=v; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=600"),
                format!("csrf-{id}=; HttpOnly; SameSite=Lax; Path=/; Max-Age=0"),
            ]
        );
    }

    #[test]
    fn what_others_set_hides_nothing_and_is_nothing_of_ours() {
        let site = issuer("https://a.example");
        let id = TransactionId::new([1; 16]);
        let name = format!("__Host-tx-{}", id.as_str());
        let find = |cookies: &str| {
            let mut request = request("");
            let value = HeaderValue::from_bytes(cookies.as_bytes()).unwrap();
            request.headers_mut().insert(header::COOKIE, value);
            CookieKind::Transaction.find(&request, &site, &id)
        };
        for other in ["name=Zo\u{eb}", "=", "a", ";;", "\u{2000}x=1"] {
            let found = find(&format!("{other}; {name}=ours; {other}"));
            assert_eq!(found.as_deref(), Some("ours"), "{other}");
        }
        for space in ["\u{2000}", "\u{a0}", "\u{85}", "\u{3000}"] {
            assert_eq!(find(&format!("{space}{name}=theirs")), None, "{space:?}");
            assert_eq!(find(&format!("{name}{space}=theirs")), None, "{space:?}");
        }
    }

    #[test]
    fn the_oldest_make_room_and_other_cookies_stay() {
        let site = issuer("https://a.example");
        let id = |n| TransactionId::new([n; 16]).as_str().to_owned();
        let cookies = format!(
            "other=1; __Host-csrf-{}=9; __Host-csrf-{}=7; __Host-csrf-{}=x; __Host-csrf-{}=8; __Host-csrf-short=1; csrf-{}=1",
            id(9),
            id(7),
            id(0),
            id(8),
            id(5)
        );
        let surplus =
            CookieKind::Csrf.surplus(&request(&cookies), &site, |value| value.parse().ok());
        let ids: Vec<_> = surplus.iter().map(|id| id.as_str().to_owned()).collect();
        assert_eq!(ids, [id(0), id(7)]);
        let found = CookieKind::Csrf.find(&request(&cookies), &site, &TransactionId::new([8; 16]));
        assert_eq!(found.as_deref(), Some("8"));
    }
}

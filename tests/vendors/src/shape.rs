//! What tells one vendor from another, as data.

use serde_json::{Map, Value};

use crate::answer::Answer;
use crate::client::Method;
use crate::endpoint::Endpoint;
use crate::jwt::Algorithm;
use crate::person::Person;
use crate::pkce::Pkce;
use crate::refusal::Refusal;
use crate::seen::Seen;
use crate::view::View;

/// Claims, or the members of an answer.
pub(crate) type Claims = Map<String, Value>;

/// Whether the token request repeats the redirect URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Repeated {
    /// It must.
    Always,
    /// If it does, it is compared.
    IfGiven,
    /// It is never looked at.
    Never,
}

/// Who gets a refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refresh {
    /// Nobody.
    Never,
    /// Everybody.
    Always,
    /// Who asks for the scope `offline_access`.
    OfflineAccess,
    /// Who asks for it with `prompt=consent`.
    OfflineAccessWithConsent,
    /// Who asks for `access_type=offline`, at the first consent or with `prompt=consent`.
    OfflineAccessType,
}

/// What becomes of a refresh token that is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rotation {
    /// It goes on, and no other is given.
    Kept,
    /// Another is given, and it goes on.
    Renewed,
    /// Another is given, and using it again ends them all.
    Rotated,
}

/// A vendor.
pub(crate) struct Shape {
    pub(crate) client_id: &'static str,
    pub(crate) client_secret: &'static str,
    /// How a client may authenticate.
    pub(crate) methods: &'static [Method],
    /// Paths: `*` is any one segment, the realm.
    pub(crate) routes: &'static [(Endpoint, &'static str)],
    /// The realm where a test does not name one.
    pub(crate) realm: &'static str,
    /// The realm whose tokens somebody gets who was asked for in another.
    pub(crate) home: fn(&Person, &str) -> String,
    /// The issuer of a realm, if there is one, under a base without a trailing slash.
    pub(crate) issuer: fn(&str, &str) -> String,
    /// Signs ID tokens.
    pub(crate) algorithm: Algorithm,
    pub(crate) pkce: Pkce,
    /// Whether a token request without a grant type redeems a code.
    pub(crate) optional_grant_type: bool,
    /// Whether a token answer is a form where JSON is not asked for.
    pub(crate) forms: bool,
    pub(crate) repeated: Repeated,
    pub(crate) refresh: Refresh,
    pub(crate) rotation: Rotation,
    /// Whether the authorization response has `iss`, RFC 9207.
    pub(crate) issuer_parameter: bool,
    /// Whether there is an ID token for the scope `openid`.
    pub(crate) is_openid: bool,
    /// Whether ID tokens have `at_hash`.
    pub(crate) access_token_hash: bool,
    /// Whether `aud` is an array even of one.
    pub(crate) audience_is_list: bool,
    /// Why the authorization endpoint sends a request back, if it does: an error and its description.
    pub(crate) objection: fn(&Seen) -> Option<(&'static str, &'static str)>,
    /// What an ID token says of somebody.
    pub(crate) id_token: fn(&View<'_>) -> Claims,
    /// Whether the set has a key of every type, for tokens that are not ID tokens.
    pub(crate) lists_all_keys: bool,
    /// Whether keys in the set say `alg`.
    pub(crate) keys_name_algorithm: bool,
    /// Whether userinfo wants to know by `User-Agent` who asks.
    pub(crate) needs_user_agent: bool,
    /// Whether userinfo wants the scope `openid`.
    pub(crate) needs_openid: bool,
    /// What userinfo says to who bears nothing it knows.
    pub(crate) unknown_bearer: fn() -> Answer,
    /// What userinfo says of somebody.
    pub(crate) userinfo: fn(&View<'_>) -> Claims,
    /// What an access token says, if it is a JWT.
    pub(crate) access_token: fn(&View<'_>) -> Option<Claims>,
    /// Makes the token answer out of one as RFC 6749 section 5.1 has it.
    pub(crate) granted: fn(&View<'_>, &mut Claims),
    /// The token answer, refused.
    pub(crate) refuse: fn(Refusal, &Seen) -> Answer,
    /// The variables that point the product at it; see [`Place`].
    pub(crate) variables: fn(&Place<'_>) -> Vec<(&'static str, String)>,
}

/// Where a vendor is.
pub(crate) struct Place<'a> {
    /// `localhost:PORT`.
    pub(crate) authority: &'a str,
    /// `https://localhost:PORT`.
    pub(crate) base: &'a str,
}

/// What vendors do unless it is said otherwise: an OpenID provider as the specifications have it.
pub(crate) const PLAIN: Shape = Shape {
    client_id: "client",
    client_secret: "secret",
    methods: &[Method::Basic, Method::Post],
    routes: &[],
    realm: "",
    home: |_, realm| realm.to_owned(),
    issuer: |base, _| base.to_owned(),
    algorithm: Algorithm::Rs256,
    pkce: Pkce::Honoured,
    optional_grant_type: false,
    forms: false,
    repeated: Repeated::Always,
    refresh: Refresh::OfflineAccess,
    rotation: Rotation::Kept,
    issuer_parameter: false,
    is_openid: true,
    access_token_hash: true,
    audience_is_list: false,
    objection: |_| None,
    id_token: |view| view.standard(),
    lists_all_keys: false,
    keys_name_algorithm: true,
    needs_user_agent: false,
    needs_openid: true,
    unknown_bearer: crate::userinfo::unknown_bearer,
    userinfo: |view| view.standard(),
    access_token: |_| None,
    granted: |_, _| {},
    refuse: crate::refusal::standard,
    variables: |_| Vec::new(),
};

impl Shape {
    /// The path of an endpoint in a realm.
    pub(crate) fn path(&self, endpoint: Endpoint, realm: &str) -> Option<String> {
        let of = |(known, path): &&(Endpoint, &'static str)| (*known == endpoint).then_some(*path);
        let paths = || self.routes.iter().filter_map(|route| of(&route));
        // Without a realm, the path that has no place for one, if there are both.
        let fits = |path: &&str| path.contains('*') != realm.is_empty();
        let path = paths().find(fits).or_else(|| paths().next())?;
        Some(path.replace('*', realm))
    }

    /// Which endpoint a path is of, and in which realm.
    pub(crate) fn endpoint(&self, path: &str) -> Option<(Endpoint, String)> {
        self.routes.iter().find_map(|(endpoint, pattern)| {
            let realm = realm(pattern, path)?;
            Some((*endpoint, realm.to_owned()))
        })
    }
}

/// What stands for `*`, if a path is of a pattern.
fn realm<'a>(pattern: &str, path: &'a str) -> Option<&'a str> {
    let Some((before, after)) = pattern.split_once('*') else {
        return (pattern == path).then_some("");
    };
    let realm = path.strip_prefix(before)?.strip_suffix(after)?;
    (!realm.is_empty() && !realm.contains('/')).then_some(realm)
}

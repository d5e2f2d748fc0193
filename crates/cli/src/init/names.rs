//! The names that other servers' settings have, and what becomes of each here.
//!
//! *Invariant:* a name that is not in these tables is told as unknown; none is skipped.

/// What becomes of a setting.
#[derive(Clone, Copy)]
pub(super) enum Becomes {
    /// The list of API keys.
    ApiKeys,
    /// The variable, with the bare host of what stands there.
    Host(&'static str),
    /// The secret of HS256 tokens.
    JwtSecret,
    /// A secret of something that is still to come: it stays as it is.
    Kept(&'static str),
    /// The master of our keys.
    Master,
    /// Nothing, for a reason.
    Needless(&'static str),
    /// The address of this server.
    PublicUrl,
    /// The scopes that a provider is asked for.
    Scopes(&'static str),
    /// The variable, as it is.
    Variable(&'static str),
}

use super::providers;

use Becomes::{ApiKeys, Host, JwtSecret, Kept, Master, Needless, PublicUrl, Scopes, Variable};

const VAULT: &str = "the tools of that service are still to come";
const OTHER_PLATFORM: &str = "it deploys to another platform";
const DATABASE: &str = "nothing of the kind has to be made beforehand";
const PKCE: &str = "PKCE with S256 is always used";

/// The names that are not simply those of our variables.
const NAMES: &[(&str, Becomes)] = &[
    ("API_BASE_URL", Needless("no tool here calls that API")),
    ("API_KEYS", ApiKeys),
    ("AUTH0_DOMAIN", Host("auth0_domain")),
    ("AUTH0_SCOPE", Scopes("auth0")),
    (
        "AUTH_HEADER_SECRET",
        Needless("nobody signs in by a header that others know too"),
    ),
    ("AUTOTASK_CLIENT_ID", Kept(VAULT)),
    ("AUTOTASK_CLIENT_SECRET", Kept(VAULT)),
    ("BASE_URL", PublicUrl),
    (
        "CLERK_PUBLISHABLE_KEY",
        Needless("people sign in on pages of Clerk's"),
    ),
    (
        "CLERK_SECRET_KEY",
        Needless("the keys that Clerk publishes are enough to know its people"),
    ),
    ("CLOUDFLARE_ACCOUNT_ID", Needless(OTHER_PLATFORM)),
    ("CLOUDFLARE_API_TOKEN", Needless(OTHER_PLATFORM)),
    ("COOKIE_ENCRYPTION_KEY", Master),
    ("DESCOPE_BASE_URL", Host("descope_host")),
    ("DESCOPE_ENABLE_PKCE", Needless(PKCE)),
    ("DESCOPE_ISSUER_URL", Variable("oidc_issuer")),
    (
        "DESCOPE_MANAGEMENT_KEY",
        Needless(
            "it administers the whole Descope project, is no client secret, and a federated \
             sign-in works without it: keep it out of servers",
        ),
    ),
    (
        "DESCOPE_MCP_SERVER_ID",
        Needless("it is half of an issuer, and DESCOPE_PROJECT_ID is the other"),
    ),
    (
        "DESCOPE_RESOURCE",
        Needless("Descope's tokens end here, and ours are for this server's /mcp"),
    ),
    ("DESCOPE_SCOPES", Scopes("descope")),
    ("ENTRA_CLIENT_ID", Variable("microsoft_client_id")),
    ("ENTRA_CLIENT_SECRET", Variable("microsoft_client_secret")),
    ("ENTRA_TENANT_ID", Variable("microsoft_tenant_id")),
    ("HUBSPOT_CLIENT_ID", Kept(VAULT)),
    ("HUBSPOT_CLIENT_SECRET", Kept(VAULT)),
    ("JWT_SECRET", JwtSecret),
    ("NETSUITE_CLIENT_ID", Kept(VAULT)),
    ("NETSUITE_CLIENT_SECRET", Kept(VAULT)),
    (
        "NODE_ENV",
        Needless("what a server may is decided by its address"),
    ),
    (
        "OAUTH_ENABLED",
        Needless("whether one must sign in is `authentication` in postern.toml"),
    ),
    ("OAUTH_KV", Needless(DATABASE)),
    ("OIDC_SCOPES", Scopes("oidc")),
    ("PANDADOC_CLIENT_ID", Kept(VAULT)),
    ("PANDADOC_CLIENT_SECRET", Kept(VAULT)),
    (
        "PORT",
        Needless("choose a port with `postern up --listen 127.0.0.1:PORT`"),
    ),
    ("PUBLIC_URL", PublicUrl),
    (
        "SENTRY_DSN",
        Needless("errors and audit records go to the log of the host"),
    ),
    (
        "SENTRY_SAMPLE_RATE",
        Needless("errors and audit records go to the log of the host"),
    ),
    ("STYTCH_DOMAIN", Host("stytch_project_domain")),
    (
        "STYTCH_PROJECT_ID",
        Needless("the project's domain says which project it is"),
    ),
    (
        "STYTCH_PROJECT_SECRET",
        Needless(
            "it administers the whole Stytch project: make a Connected App, and set its client id",
        ),
    ),
    (
        "STYTCH_PUBLIC_TOKEN",
        Needless("people sign in on a page of yours, `stytch_authorization_url`"),
    ),
    (
        "STYTCH_SECRET",
        Needless(
            "it administers the whole Stytch project: make a Connected App, and set its client id",
        ),
    ),
    ("TENANT_ID", Variable("microsoft_tenant_id")),
    (
        "VITE_STYTCH_PUBLIC_TOKEN",
        Needless("people sign in on a page of yours, `stytch_authorization_url`"),
    ),
    ("WORKOS_API_KEY", Variable("workos_client_secret")),
    (
        "WORKOS_COOKIE_PASSWORD",
        Needless("keys are made for this server"),
    ),
    ("XERO_CLIENT_ID", Kept(VAULT)),
    ("XERO_CLIENT_SECRET", Kept(VAULT)),
    ("DATABASE_URL", Needless(DATABASE)),
];

/// Variables that hold a URL, and the one that holds its bare host.
pub(super) const HOSTS: [(&str, &str); 7] = [
    ("access_authorization_url", "access_host"),
    ("clerk_frontend_api", "clerk_host"),
    ("keycloak_issuer", "keycloak_host"),
    ("logto_endpoint", "logto_host"),
    ("oauth2_authorization_url", "oauth2_host"),
    ("oidc_issuer", "oidc_host"),
    ("okta_issuer", "okta_host"),
];

/// Our variables that an operator may set, besides those of providers.
const VARIABLES: [&str; 12] = [
    "access_token_seconds",
    "allowed_origins",
    "client_document_hosts",
    "code_repeat_seconds",
    "code_seconds",
    "grant_idle_seconds",
    "grant_seconds",
    "oauth_registered_clients",
    "policy_aud",
    "refresh_window_seconds",
    "stream_seconds",
    "team_domain",
];

/// What becomes of the setting called `name`, in upper case.
pub(super) fn becomes(name: &str) -> Option<Becomes> {
    let named = NAMES.iter().find(|(known, _)| *known == name);
    named.map(|(_, becomes)| *becomes).or_else(|| {
        let mut ours = VARIABLES.into_iter().chain(providers::names());
        ours.find(|variable| variable.eq_ignore_ascii_case(name))
            .map(Variable)
    })
}

/// Every variable that a setting may become.
#[cfg(test)]
pub(super) fn variables() -> impl Iterator<Item = &'static str> {
    let named = NAMES.iter().filter_map(|(_, becomes)| match becomes {
        Host(variable) | Variable(variable) => Some(*variable),
        ApiKeys => Some("api_keys"),
        JwtSecret => Some("jwt_secret"),
        Kept(_) | Master | Needless(_) | PublicUrl | Scopes(_) => None,
    });
    let hosts = HOSTS.into_iter().map(|(_, host)| host);
    named
        .chain(hosts)
        .chain(VARIABLES)
        .chain(providers::names())
}

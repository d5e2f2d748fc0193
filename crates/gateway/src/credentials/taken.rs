//! What this server takes besides its own access tokens, from `postern.toml` and variables.
//!
//! *Invariant:* a secret that is short or that everybody can read is refused by its variable, and
//! nothing opens because something is missing.

use configuration::{
    API_KEYS_VARIABLE, ApiKey, ApiKeysRefused, Authentication, Credentials, Issuer,
    api_keys_of_variable, is_well_known,
};
use host::{VariableRefused, Variables};
use jose::{Algorithm, SharedSecret, SharedSecretRefused};
use oauth::client_document::{DocumentHosts, DocumentUrlRefused, HostsRefused};
use oauth::{Source, SubjectRefused};

use super::foreign::Foreign;
use super::hs256::Sharing;

pub(crate) use configuration::Terms;

const SECRET: &str = "jwt_secret";
const TEAM: &str = "team_domain";
const AUDIENCE: &str = "policy_aud";

/// What is taken.
#[derive(Debug)]
pub(crate) struct Taken {
    pub(crate) authentication: Authentication,
    pub(crate) anonymous: Terms,
    pub(crate) api_keys: Vec<ApiKey>,
    pub(crate) shared: Option<Sharing>,
    pub(crate) issuers: Vec<Foreign>,
    pub(crate) access: Option<Foreign>,
}

/// Why that cannot be known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TakenRefused {
    /// One of the two variables of Access.
    #[error(
        "the variables `team_domain` and `policy_aud` belong together, and `{0}` is not set: \
         without the audience tag, every application of the team could open this server"
    )]
    AccessHalf(&'static str),
    /// Keys that protect nothing.
    #[error(transparent)]
    ApiKeys(#[from] ApiKeysRefused),
    /// The hosts that may be asked.
    #[error(transparent)]
    Hosts(#[from] HostsRefused),
    /// An issuer whose keys are not fetched.
    #[error(
        "postern.toml, issuer `{0}`: `jwks_uri` {1}; without the outbound guard of \
         runtime-config.toml, name its host in `client_document_hosts`"
    )]
    JwksUri(String, DocumentUrlRefused),
    /// The secret is short.
    #[error(transparent)]
    Secret(#[from] SharedSecretRefused),
    /// Not a name.
    #[error(transparent)]
    Source(#[from] SubjectRefused),
    /// Not a team.
    #[error(
        "the variable `team_domain` must be your team's https://TEAM.cloudflareaccess.com; \
         its keys are not fetched, since their address {0}"
    )]
    TeamDomain(DocumentUrlRefused),
    /// A variable cannot be read.
    #[error(transparent)]
    Variable(#[from] VariableRefused),
    /// An example of somebody's documentation.
    #[error(
        "the variable `{0}` holds an example that everybody can read: make one with \
         `openssl rand -base64 48`"
    )]
    WellKnown(&'static str),
}

impl Taken {
    /// Reads the variables; only where this machine alone calls, anything goes for a key.
    pub(crate) async fn read(
        host: &impl Variables,
        written: Credentials,
        local: bool,
    ) -> Result<Self, TakenRefused> {
        let guarded = host.optional("outbound_guard").await?.is_some();
        let listed = host.optional("client_document_hosts").await?;
        let hosts = DocumentHosts::read(guarded, &listed.unwrap_or_default())?;
        let api_keys = match host.optional(API_KEYS_VARIABLE).await? {
            Some(list) => api_keys_of_variable(written.api_keys, &list, local)?,
            None => written.api_keys,
        };
        let issuers = written.issuers.into_iter().map(|issuer| {
            let name = issuer.source.as_str().to_owned();
            Foreign::issuer(issuer, &hosts).map_err(|why| TakenRefused::JwksUri(name, why))
        });
        Ok(Self {
            authentication: written.authentication,
            anonymous: written.anonymous,
            api_keys,
            issuers: issuers.collect::<Result<_, _>>()?,
            shared: shared(host, written.jwt).await?,
            access: access(host, written.access, &hosts).await?,
        })
    }

    /// Whether only our own tokens are.
    pub(crate) fn only_ours(&self) -> bool {
        self.shared.is_none() && self.issuers.is_empty()
    }
}

async fn shared(
    host: &impl Variables,
    refined: configuration::Shared,
) -> Result<Option<Sharing>, TakenRefused> {
    let Some(text) = host.optional(SECRET).await? else {
        return Ok(None);
    };
    if is_well_known(&text) {
        return Err(TakenRefused::WellKnown(SECRET));
    }
    Ok(Some(Sharing {
        source: Source::parse("jwt")?,
        secret: SharedSecret::parse(SECRET, &text)?,
        refined,
    }))
}

async fn access(
    host: &impl Variables,
    terms: Terms,
    hosts: &DocumentHosts,
) -> Result<Option<Foreign>, TakenRefused> {
    let team = host.optional(TEAM).await?;
    let audience = host.optional(AUDIENCE).await?.unwrap_or_default();
    let tags = audience.split(',').map(str::trim);
    let audience: Vec<String> = tags
        .filter(|tag| !tag.is_empty())
        .map(str::to_owned)
        .collect();
    let team = match (team, audience.is_empty()) {
        (None, true) => return Ok(None),
        (None, false) => return Err(TakenRefused::AccessHalf(TEAM)),
        (Some(_), true) => return Err(TakenRefused::AccessHalf(AUDIENCE)),
        (Some(team), false) => team,
    };
    // People copy it with a scheme and without one.
    let team = team.trim().trim_end_matches('/');
    let issuer = if team.contains("://") {
        team.to_owned()
    } else {
        format!("https://{team}")
    };
    let written = Issuer {
        source: Source::parse("access-self-hosted")?,
        jwks_uri: format!("{issuer}/cdn-cgi/access/certs"),
        issuer,
        audience,
        algorithms: Algorithm::ALL.to_vec(),
        terms,
    };
    let access = Foreign::access(written, hosts).map_err(TakenRefused::TeamDomain)?;
    Ok(Some(access))
}

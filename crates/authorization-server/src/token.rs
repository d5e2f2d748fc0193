//! `POST /token`: a table of grants; and, privately, the place where a grant begins.
//!
//! *Invariant:* only this component mints a code or a token, and every check comes before the
//! first change.

mod anew;
mod authenticate;
mod authorization_code;
mod client_credentials;
mod introspection;
mod issue;
pub mod pend;
mod refresh_token;
mod revocation;
mod session;
mod sweep;

use std::time::Duration;

use bytes::Bytes;
use configuration::{Providers, SamePeople};
use host::{
    Audit, Cache, Chain, Clock, Entropy, Event, Grants, Marks, Replays, Sessions, Unavailable,
    Variables, Vault,
};
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use jose::{SigningKeys, VerifyingKeys};
use oauth::access_token::Claims;
use oauth::grant::{CodeKeys, Grant, Lifetimes, RefreshKeys};
use oauth::token::{TokenRefused, TokenResponse};
use oauth::{
    Client, Credential, ErrorCode, GrantType, Identities, Mark, Parameters, ServerIdentity, Source,
    Subject,
};

use crate::answer;
use crate::clients::Clients;
use crate::settings::{self, PersonKeys, SettingsRefused};

/// What the component `token` holds.
#[derive(Debug)]
pub struct Settings {
    identities: Identities,
    clients: Clients,
    access_tokens: SigningKeys<Claims>,
    /// What those keys signed.
    issued: VerifyingKeys<Claims>,
    codes: CodeKeys,
    refresh_tokens: RefreshKeys,
    people: Vec<People>,
    same_people: SamePeople,
    sessions: SigningKeys<oauth::session::Claims>,
    lifetimes: Lifetimes,
}

/// The people of one source.
#[derive(Debug)]
struct People {
    source: Source,
    keys: PersonKeys,
    /// How often they are read anew.
    every: Option<Duration>,
}

impl Settings {
    /// Reads its variables.
    pub async fn read<H>(host: &H) -> Result<Self, SettingsRefused>
    where
        H: host::Configuration + Variables,
    {
        let written = settings::configuration(host).await?;
        let access_tokens: SigningKeys<Claims> =
            settings::signing(host, "access_token_key").await?;
        Ok(Self {
            identities: settings::identities(host).await?,
            clients: Clients::read(host, written.clients).await?,
            issued: access_tokens.verifying(),
            access_tokens,
            codes: settings::handles(host, "code_key", CodeKeys::parse).await?,
            refresh_tokens: settings::handles(host, "refresh_key", RefreshKeys::parse).await?,
            people: people(host, &written.providers).await?,
            same_people: written.same_people,
            sessions: settings::signing(host, "session_key").await?,
            lifetimes: settings::lifetimes(host).await?,
        })
    }

    /// Whose people `subject` is of, and how often they are read anew, if they are.
    fn read_anew(&self, subject: &Subject) -> Option<(&People, Duration)> {
        let mut people = self.people.iter();
        let people = people.find(|people| subject.is_of(&people.source))?;
        Some((people, people.every?))
    }
}

async fn people(
    host: &impl Variables,
    written: &Providers,
) -> Result<Vec<People>, SettingsRefused> {
    let known = settings::person_keys(host).await?.into_iter();
    let people = known.map(|(source, keys)| People {
        // Test people are always who they are.
        every: providers::find(source.as_str())
            .and_then(|provider| written.wishes(provider.id).refresh),
        source,
        keys,
    });
    Ok(people.collect())
}

/// Answers one request.
pub async fn handle<H>(host: &H, settings: &Settings, request: Request<Bytes>) -> Response<Bytes>
where
    H: Audit + Cache + Chain + Clock + Entropy + Grants + Marks + Replays + Sessions + Vault,
{
    // No public route leads to this path, and what arrives there must open with a provider's key.
    if let Some(source) = request.uri().path().strip_prefix(pend::PATH) {
        return pend::handle(host, settings, source, &request).await;
    }
    if request.method() != Method::POST {
        return answer::other_method(request.method(), "POST, OPTIONS");
    }
    let server = match settings.identities.reached(&request) {
        Ok(server) => server,
        Err(reason) => return answer::misdirected(&reason),
    };
    match authenticated(host, settings, &server, &request).await {
        Ok(answer) => answer,
        Err(reason) => {
            host.record(Event::new("token.refused").because(&reason));
            refused(&reason, &request)
        }
    }
}

/// A request whose client is known.
struct Asked<'a> {
    server: &'a ServerIdentity,
    client: &'a Client,
    parameters: &'a Parameters,
}

/// Every endpoint here takes a form and knows its client before anything else.
async fn authenticated<H>(
    host: &H,
    settings: &Settings,
    server: &ServerIdentity,
    request: &Request<Bytes>,
) -> Result<Response<Bytes>, TokenRefused>
where
    H: Audit + Cache + Chain + Clock + Entropy + Grants + Marks + Replays + Sessions + Vault,
{
    if !answer::is_media_type(request, "application/x-www-form-urlencoded") {
        return Err(TokenRefused::MediaType);
    }
    let parameters = Parameters::parse(request.body())?;
    let client = authenticate::client(host, settings, (server, request), &parameters).await?;
    if matches!(client.credential(), Credential::Keys(_)) {
        // Its assertion became a row.
        sweep::now_and_then(host, settings).await;
    }
    let asked = Asked {
        server,
        client: &client,
        parameters: &parameters,
    };
    let path = request.uri().path();
    Ok(match path.strip_prefix("/oauth").unwrap_or(path) {
        "/revoke" => {
            revocation::revoke(host, settings, &asked).await?;
            answer::json(StatusCode::OK, &serde_json::Map::new())
        }
        "/introspect" => {
            let known = introspection::introspect(host, settings, &asked).await?;
            answer::json(StatusCode::OK, &known)
        }
        _ => {
            let issued = exchange(host, settings, &asked).await?;
            answer::json(StatusCode::OK, &issued)
        }
    })
}

/// The table of grants.
async fn exchange<H>(
    host: &H,
    settings: &Settings,
    asked: &Asked<'_>,
) -> Result<TokenResponse, TokenRefused>
where
    H: Audit + Chain + Clock + Entropy + Grants + Marks + Vault,
{
    let name = asked.parameters.value("grant_type");
    let name = name.ok_or(TokenRefused::Missing("grant_type"))?;
    let grant_type = GrantType::parse(name).ok_or(TokenRefused::GrantTypeUnsupported)?;
    if !asked.client.may_use(grant_type) {
        return Err(TokenRefused::UnauthorizedClient);
    }
    match grant_type {
        GrantType::AuthorizationCode => authorization_code::exchange(host, settings, asked).await,
        GrantType::ClientCredentials => client_credentials::exchange(host, settings, asked),
        GrantType::RefreshToken => refresh_token::exchange(host, settings, asked).await,
    }
}

fn refused(reason: &TokenRefused, request: &Request<Bytes>) -> Response<Bytes> {
    let code = ErrorCode::from(reason);
    let mut answer = answer::error(code, reason);
    // RFC 6749 §5.2: a client that tried the Authorization header is told which scheme failed.
    if code == ErrorCode::InvalidClient && request.headers().contains_key(header::AUTHORIZATION) {
        let challenge = HeaderValue::from_static("Basic realm=\"postern\"");
        answer
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, challenge);
    }
    answer
}

/// Ends a grant: the mark first, so that nobody sees the row revoked and a token still good.
async fn revoke<H>(host: &H, grant: &Grant, why: &'static str) -> Result<(), TokenRefused>
where
    H: Audit + Clock + Grants + Marks,
{
    let mark = Mark::Grant(grant.id.clone());
    host.mark(&mark).await.map_err(unavailable)?;
    host.revoke(&grant.id, host.now())
        .await
        .map_err(unavailable)?;
    host.record(Event {
        flow: Some(grant.transaction.flow().to_string()),
        subject: Some(grant.person.subject.to_string()),
        client: grant.client_name.clone(),
        ..Event::new("grant.revoked").because(&why)
    });
    Ok(())
}

const fn unavailable(_: Unavailable) -> TokenRefused {
    TokenRefused::Unavailable
}

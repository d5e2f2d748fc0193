//! `POST /token`: a table of grants; and, privately, the place where a grant begins.
//!
//! *Invariant:* only this component mints a code or a token, and every check comes before the
//! first change.

mod authorization_code;
pub mod pend;
mod refresh_token;

use bytes::Bytes;
use host::{Audit, Clock, Entropy, Event, Grants, Marks, Unavailable, Variables};
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use jose::{SealKeys, SigningKeys, VerifyingKeys};
use oauth::grant::{CodeKeys, Grant, Lifetimes, RefreshKeys};
use oauth::registration::Registration;
use oauth::token::{TokenRefused, TokenResponse, check_resource};
use oauth::{
    Client, ErrorCode, Identities, Parameters, Scopes, ServerIdentity, SignIn, Source, access_token,
};

use crate::answer;
use crate::settings::{self, SettingsRefused};

/// What the component `token` holds.
#[derive(Debug)]
pub struct Settings {
    identities: Identities,
    clients: VerifyingKeys<Registration>,
    access_tokens: SigningKeys<access_token::Claims>,
    codes: CodeKeys,
    refresh_tokens: RefreshKeys,
    people: Vec<(Source, SealKeys<SignIn>)>,
    lifetimes: Lifetimes,
}

impl Settings {
    /// Reads its variables.
    pub async fn read(host: &impl Variables) -> Result<Self, SettingsRefused> {
        Ok(Self {
            identities: settings::identities(host).await?,
            clients: settings::verifying(host, "registration_public_key").await?,
            access_tokens: settings::signing(host, "access_token_key").await?,
            codes: settings::handles(host, "code_key", CodeKeys::parse).await?,
            refresh_tokens: settings::handles(host, "refresh_key", RefreshKeys::parse).await?,
            people: settings::per_provider(host, "person").await?,
            lifetimes: settings::lifetimes(host).await?,
        })
    }
}

/// Answers one request.
pub async fn handle<H>(host: &H, settings: &Settings, request: Request<Bytes>) -> Response<Bytes>
where
    H: Audit + Clock + Entropy + Grants + Marks,
{
    // No public route leads to this path, and what arrives there must open with a provider's key.
    if let Some(source) = request.uri().path().strip_prefix(pend::PATH) {
        return pend::handle(host, settings, source, &request).await;
    }
    if request.method() != Method::POST {
        return answer::other_method(request.method(), "POST, OPTIONS");
    }
    let server = match answer::reached(&settings.identities, &request) {
        Ok(server) => server,
        Err(reason) => return answer::misdirected(&reason),
    };
    match exchange(host, settings, &server, &request).await {
        Ok(issued) => answer::json(StatusCode::OK, &issued),
        Err(reason) => {
            host.record(Event::new("token.refused").because(&reason));
            refused(&reason)
        }
    }
}

/// The table of grants.
async fn exchange<H>(
    host: &H,
    settings: &Settings,
    server: &ServerIdentity,
    request: &Request<Bytes>,
) -> Result<TokenResponse, TokenRefused>
where
    H: Audit + Clock + Entropy + Grants + Marks,
{
    if !answer::is_media_type(request, "application/x-www-form-urlencoded") {
        return Err(TokenRefused::MediaType);
    }
    let parameters = Parameters::parse(request.body())?;
    let client = authenticate(settings, request, &parameters)?;
    check_resource(&parameters, server)?;
    let asked = Asked {
        server,
        client: &client,
        parameters: &parameters,
    };
    match parameters.value("grant_type") {
        Some("authorization_code") => authorization_code::exchange(host, settings, &asked).await,
        Some("refresh_token") => refresh_token::exchange(host, settings, &asked).await,
        Some(_) => Err(TokenRefused::GrantTypeUnsupported),
        None => Err(TokenRefused::Missing("grant_type")),
    }
}

/// A token request whose client is known.
struct Asked<'a> {
    server: &'a ServerIdentity,
    client: &'a Client,
    parameters: &'a Parameters,
}

/// RFC 6749 §2.3: each client by the method it registered, which here is `none`.
fn authenticate(
    settings: &Settings,
    request: &Request<Bytes>,
    parameters: &Parameters,
) -> Result<Client, TokenRefused> {
    let presents = |name| parameters.value(name).is_some();
    if request.headers().contains_key(header::AUTHORIZATION)
        || presents("client_secret")
        || presents("client_assertion")
    {
        return Err(TokenRefused::ClientAuthentication);
    }
    Ok(Client::known_by(
        parameters.value("client_id"),
        &settings.clients,
    )?)
}

fn refused(reason: &TokenRefused) -> Response<Bytes> {
    let mut answer = answer::error(ErrorCode::from(reason), reason);
    // RFC 6749 §5.2: a client that tried the Authorization header is told which scheme failed.
    if matches!(reason, TokenRefused::ClientAuthentication) {
        let challenge = HeaderValue::from_static("Basic realm=\"postern\"");
        answer
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, challenge);
    }
    answer
}

/// The tokens of a grant: an access token, and the refresh token of `generation`.
fn issue<H>(
    host: &H,
    settings: &Settings,
    client: &Client,
    issued: (&Grant, u64, &Scopes),
) -> Result<TokenResponse, TokenRefused>
where
    H: Clock + Entropy,
{
    let (grant, generation, scopes) = issued;
    let lifetimes = &settings.lifetimes;
    let stamp = access_token::Stamp {
        jti: host.random(),
        now: host.now(),
        lifetimes,
    };
    let claims = access_token::Claims::for_grant(grant, client.id().as_str(), scopes, stamp);
    Ok(TokenResponse {
        access_token: settings
            .access_tokens
            .sign(&claims)
            .ok_or(TokenRefused::Unavailable)?,
        token_type: "Bearer",
        expires_in: stamp.expires_at(grant).since(stamp.now).as_secs(),
        refresh_token: settings.refresh_tokens.mint(grant, generation),
        scope: scopes.to_string(),
    })
}

/// Ends a grant: the mark first, so that nobody sees the row revoked and a token still good.
async fn revoke<H>(host: &H, grant: &Grant, why: &'static str) -> Result<(), TokenRefused>
where
    H: Audit + Clock + Grants + Marks,
{
    host.revoke_grant(&grant.id).await.map_err(unavailable)?;
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

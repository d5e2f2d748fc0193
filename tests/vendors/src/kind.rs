//! Which vendor it is.

use crate::shape::Shape;
use crate::shapes;

/// A vendor, one for each entry of the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Cloudflare Access, as an OIDC provider for SaaS applications.
    Access,
    /// Auth0.
    Auth0,
    /// Clerk.
    Clerk,
    /// Descope, an Inbound App.
    Descope,
    /// Descope, a federated application.
    DescopeFederated,
    /// GitHub, an OAuth App.
    GitHub,
    /// Google.
    Google,
    /// Keycloak.
    Keycloak,
    /// Logto.
    Logto,
    /// Microsoft Entra and Microsoft Graph.
    Microsoft,
    /// An authorization server without OpenID Connect.
    OAuth2,
    /// An OpenID provider of no name.
    Oidc,
    /// Okta: its org server and its custom ones.
    Okta,
    /// Sign in with Slack.
    Slack,
    /// Stytch Connected Apps.
    Stytch,
    /// WorkOS AuthKit.
    WorkOs,
    /// WorkOS Connect.
    WorkOsConnect,
}

impl Kind {
    /// Every vendor.
    pub const ALL: [Self; 17] = [
        Self::Access,
        Self::Auth0,
        Self::Clerk,
        Self::Descope,
        Self::DescopeFederated,
        Self::GitHub,
        Self::Google,
        Self::Keycloak,
        Self::Logto,
        Self::Microsoft,
        Self::OAuth2,
        Self::Oidc,
        Self::Okta,
        Self::Slack,
        Self::Stytch,
        Self::WorkOs,
        Self::WorkOsConnect,
    ];

    /// Its id in the catalogue.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Auth0 => "auth0",
            Self::Clerk => "clerk",
            Self::Descope => "descope",
            Self::DescopeFederated => "descope-federated",
            Self::GitHub => "github",
            Self::Google => "google",
            Self::Keycloak => "keycloak",
            Self::Logto => "logto",
            Self::Microsoft => "microsoft",
            Self::OAuth2 => "oauth2",
            Self::Oidc => "oidc",
            Self::Okta => "okta",
            Self::Slack => "slack",
            Self::Stytch => "stytch",
            Self::WorkOs => "workos",
            Self::WorkOsConnect => "workos-connect",
        }
    }

    pub(crate) const fn shape(self) -> &'static Shape {
        match self {
            Self::Access => &shapes::access::SHAPE,
            Self::Auth0 => &shapes::auth0::SHAPE,
            Self::Clerk => &shapes::clerk::SHAPE,
            Self::Descope => &shapes::descope::SHAPE,
            Self::DescopeFederated => &shapes::descope_federated::SHAPE,
            Self::GitHub => &shapes::github::SHAPE,
            Self::Google => &shapes::google::SHAPE,
            Self::Keycloak => &shapes::keycloak::SHAPE,
            Self::Logto => &shapes::logto::SHAPE,
            Self::Microsoft => &shapes::microsoft::SHAPE,
            Self::OAuth2 => &shapes::oauth2::SHAPE,
            Self::Oidc => &shapes::oidc::SHAPE,
            Self::Okta => &shapes::okta::SHAPE,
            Self::Slack => &shapes::slack::SHAPE,
            Self::Stytch => &shapes::stytch::SHAPE,
            Self::WorkOs => &shapes::workos::SHAPE,
            Self::WorkOsConnect => &shapes::workos_connect::SHAPE,
        }
    }
}

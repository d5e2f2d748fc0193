//! Which vendor it is.
//!
//! *Invariant:* a vendor is one line here and one shape; nothing else lists them.

use crate::shape::Shape;
use crate::shapes;

macro_rules! vendors {
    ($($(#[$says:meta])* $kind:ident $shape:ident $id:literal,)+) => {
        /// A vendor, one for each entry of the catalogue.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Kind {
            $($(#[$says])* $kind,)+
        }

        impl Kind {
            /// Every vendor.
            pub const ALL: [Self; [$(Self::$kind),+].len()] = [$(Self::$kind),+];

            /// Its id in the catalogue.
            #[must_use]
            pub const fn id(self) -> &'static str {
                match self {
                    $(Self::$kind => $id,)+
                }
            }

            pub(crate) const fn shape(self) -> &'static Shape {
                match self {
                    $(Self::$kind => &shapes::$shape::SHAPE,)+
                }
            }
        }
    };
}

vendors! {
    /// Cloudflare Access, as an OIDC provider for SaaS applications.
    Access access "access",
    /// Auth0.
    Auth0 auth0 "auth0",
    /// Clerk.
    Clerk clerk "clerk",
    /// Descope, an Inbound App.
    Descope descope "descope",
    /// Descope, a federated application.
    DescopeFederated descope_federated "descope-federated",
    /// GitHub, an OAuth App.
    GitHub github "github",
    /// Google.
    Google google "google",
    /// Keycloak.
    Keycloak keycloak "keycloak",
    /// Logto.
    Logto logto "logto",
    /// Microsoft Entra and Microsoft Graph.
    Microsoft microsoft "microsoft",
    /// An authorization server without OpenID Connect.
    OAuth2 oauth2 "oauth2",
    /// An OpenID provider of no name.
    Oidc oidc "oidc",
    /// Okta: its org server and its custom ones.
    Okta okta "okta",
    /// Sign in with Slack.
    Slack slack "slack",
    /// Stytch Connected Apps.
    Stytch stytch "stytch",
    /// WorkOS AuthKit.
    WorkOs workos "workos",
    /// WorkOS Connect.
    WorkOsConnect workos_connect "workos-connect",
}

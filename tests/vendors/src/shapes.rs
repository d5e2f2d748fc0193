//! The vendors, a file for each: what their documentation says, in data and a few functions.

pub(crate) mod access;
pub(crate) mod auth0;
pub(crate) mod clerk;
pub(crate) mod descope;
pub(crate) mod descope_federated;
pub(crate) mod github;
pub(crate) mod google;
pub(crate) mod keycloak;
pub(crate) mod logto;
pub(crate) mod microsoft;
pub(crate) mod oauth2;
pub(crate) mod oidc;
pub(crate) mod okta;
pub(crate) mod slack;
pub(crate) mod stytch;
pub(crate) mod workos;
pub(crate) mod workos_connect;

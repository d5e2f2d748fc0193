//! The providers, a file each.
//!
//! *Invariant:* an id is the source of people for ever: it is never changed and never used again.

use crate::provider::Provider;

macro_rules! catalogue {
    ($($file:ident),+ $(,)?) => {
        $(mod $file;)+

        /// Every provider, by id.
        pub static CATALOGUE: &[Provider] = &[$($file::PROVIDER),+];
    };
}

catalogue!(
    access,
    auth0,
    clerk,
    descope,
    descope_federated,
    github,
    google,
    keycloak,
    logto,
    microsoft,
    oauth2,
    oidc,
    okta,
    slack,
    stytch,
    workos,
    workos_connect,
);

/// The provider with this id.
#[must_use]
pub fn find(id: &str) -> Option<&'static Provider> {
    CATALOGUE.iter().find(|provider| provider.id == id)
}

/// Whether there is a provider with this id.
#[must_use]
pub fn is_known(id: &str) -> bool {
    find(id).is_some()
}

#[cfg(test)]
mod tests;
